/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session.c: see session.h. One client, one connection and one session number for the whole
 * session; message numbers count up in step with the server's. The device goes on only while the
 * server has commands, and sends nothing after a message without any. management.md sections 1.1,
 * 2.3, 2.6 and 9.1.
 */
#include "sim/device/session.h"

#include "base/b64.h"
#include "base/rand.h"
#include "sim/device/session_apply.h"
#include "sim/device/wire.h"

enum { SESSION_MESSAGES = 200, SESSION_IDS = 9999, CV_BYTES = 16, CV_LEN = 22 };

struct session {
	struct task *task;
	struct device *device;
	const struct session_wish *wish;
	struct csp csp;
	const char *url;
	const char *session_id;
	const char *vector; /* MS-CV base */
	int64_t version;    /* major number of SyncApplicationVersion */
	struct syncml_out out;
	struct session_result result;
};

static const char *sync_version(struct session *session)
{
	struct arena *arena = session->task->arena;
	const char *uri =
	    arena_printf(arena, "./Device/Vendor/MSFT/DMClient/Provider/%s/SyncApplicationVersion",
			 session->device->provider_id);
	const struct tree_node *node = tree_get(session->csp.tree, uri);

	return node ? node->data : "1.0";
}

/* The user's own nodes: somebody is signed in whom the server can know. */
static bool can_reach_user(const struct session *session)
{
	return strcmp(session->wish->login, "user") == 0 &&
	       (device_is_full(session->device) || session->wish->user_token.ptr);
}

static void session_open(struct session *session)
{
	struct device *device = session->device;
	struct arena *arena = session->task->arena;
	char cv[CV_BYTES];
	int64_t number;

	rand_bytes(cv, sizeof(cv));
	number = device->sessions++ % SESSION_IDS + 1;
	session->version = sync_version(session)[0] - '0';
	session->session_id =
	    arena_printf(arena, session->version >= 2 ? "%X" : "%u", (unsigned)number);
	session->vector =
	    arena_printf(arena, "%.*s", CV_LEN, b64_write(arena, text_make(cv, sizeof(cv))));
	session->url = arena_printf(arena, "%s%cmode=%s&Platform=WoA", device->address,
				    strchr(device->address, '?') ? '&' : '?', session->wish->mode);
}

static void headers_add(struct session *session, struct wire *wire)
{
	struct arena *arena = session->task->arena;
	const struct session_wish *wish = session->wish;
	const char *dmid = session->device->ent_dmid;

	wire_add(wire, arena, "Content-Type", "application/vnd.syncml.dm+xml");
	wire_add(wire, arena, "Accept",
		 "application/vnd.syncml.dm+xml, application/vnd.syncml.dm+wbxml, "
		 "application/octet-stream");
	wire_add(wire, arena, "Accept-Charset", "UTF-8");
	wire_add(wire, arena, "User-Agent", "MSFT OMA DM Client/1.2.0.1");
	wire_add(wire, arena, "client-request-id", dmid[0] ? dmid : "0");
	wire_add(wire, arena, "MS-CV",
		 arena_printf(arena, "%s.0.0.%u", session->vector, session->out.msg_id - 1));
	if (wish->user_token.ptr)
		wire_add(wire, arena, "Authorization",
			 arena_printf(arena, "Bearer %.*s", TEXT_ARG(wish->user_token)));
	if (wish->device_token.ptr)
		wire_add(wire, arena, "DeviceToken",
			 arena_printf(arena, "%.*s", TEXT_ARG(wish->device_token)));
	if (wish->is_unenrolling)
		wire_add(wire, arena, "MDM-GenericAlert",
			 "<com.microsoft:mdm.unenrollment.userrequest>");
	if (session->version >= 4)
		wire_add(wire, arena, "UserAgentOrigin",
			 arena_printf(arena, "%d", (int)wish->origin));
}

static struct syncml_header next_header(const struct session *session, unsigned msg_id)
{
	return (struct syncml_header){
	    .session_id = session->session_id,
	    .msg_id = msg_id,
	    .target = session->device->address,
	    .source = session->device->device_id,
	};
}

/* Send what is in `out` and read the reply. */
static int message_exchange(struct session *session, struct syncml_reply *ret)
{
	const struct syncml_expected expected = {
	    .header = next_header(session, session->out.msg_id),
	    .sent = &session->out,
	};
	struct wire wire = {
	    .method = "POST",
	    .url = session->url,
	    .certificate_file = session->device->certificate_file,
	    .key_file = session->device->key_file,
	};
	struct http_client_response response;
	int r;

	syncml_end(&session->out);
	headers_add(session, &wire);
	wire.body = buf_text(&session->out.buf);
	r = wire_send(session->task, &wire, &response);
	session->result.messages++;
	return r == 0 ? syncml_read(session->task, &response, &expected, ret) : r;
}

static void message_begin(struct session *session, unsigned msg_id)
{
	const struct syncml_header header = next_header(session, msg_id);

	syncml_begin(&session->out, session->task->arena, &header, session->version >= 3);
}

static int session_talk(struct session *session)
{
	const struct syncml_package1 package = {
	    .login = session->wish->login,
	    .user_token = session->wish->user_token,
	    .is_unenrolling = session->wish->is_unenrolling,
	};
	struct syncml_reply reply;
	int r;

	message_begin(session, 1);
	syncml_add_package1(&session->out, session->device, &package);
	r = message_exchange(session, &reply);
	while (r == 0 && reply.command && !reply.is_abort && !session->wish->is_unenrolling) {
		if (session->out.msg_id == SESSION_MESSAGES)
			return TASK_BROKEN(session->task, CODE_NONE,
					   "the session does not end after %d messages",
					   SESSION_MESSAGES);
		message_begin(session, session->out.msg_id + 1);
		session_apply(session->task, &session->csp, &reply, &session->out,
			      &session->result);
		if (session->csp.actions & CSP_UNENROLL)
			return 0;
		r = message_exchange(session, &reply);
	}
	if (r == 0 && reply.command && session->wish->is_unenrolling)
		return TASK_BROKEN(session->task, CODE_NONE,
				   "the server sends commands to a device that leaves");
	return r;
}

int session_run(struct task *task, struct device *device, struct tree *tree,
		const struct session_wish *wish, struct session_result *ret)
{
	struct session *session = ARENA_NEW(task->arena, struct session);
	int r;

	session->task = task;
	session->device = device;
	session->wish = wish;
	session->csp = (struct csp){
	    .device = device,
	    .tree = tree,
	    .refusals = wish->refusals,
	    .refusal_count = wish->refusal_count,
	};
	session->csp.has_user = can_reach_user(session);
	session_open(session);
	r = session_talk(session);
	session->result.actions = session->csp.actions;
	*ret = session->result;
	return r;
}
