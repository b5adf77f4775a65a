/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session.c: taking a message into a session: who it is from, which message it is, whose ./User
 * it can reach.
 *
 * The certificate decides which device it is; the header must only not contradict it, byte for
 * byte. A session begins with MsgID 1 and package 1 whatever there was before, because a client
 * that lost its session starts over with the same SessionID. Parallel sessions of one device (only
 * multi-session editions open them, when told to) are not kept: the newer replaces the older.
 */
#include "manage/session.h"

#include "comply/subject.h"
#include "manage/alert.h"
#include "syncml/locuri.h"

struct text manage_message_token(const struct syncml *message)
{
	const struct syncml_item *item =
	    manage_client_event(message, "com.microsoft/MDM/AADUserToken");

	return item && !text_is_empty(text_trim(item->data)) ? text_trim(item->data)
							     : (struct text){.ptr = NULL};
}

/* "https://host:443/path?query" -> host, port, path. False: not an https URL. */
static bool split_url(struct text url, struct text *host, struct text *port, struct text *path)
{
	const struct text scheme = TEXT("https://");
	struct text rest = url, authority;
	size_t slash = scheme.len;

	if (!text_starts_nocase(url, scheme))
		return false;
	rest = text_cut(&rest, '?');
	while (slash < rest.len && rest.ptr[slash] != '/')
		slash++;
	authority = text_from(text_take(rest, slash), scheme.len);
	*path = text_from(rest, slash);
	*port = authority;
	*host = text_cut(port, ':');
	if (!port->ptr)
		*port = TEXT("443");
	return host->len > 0;
}

bool manage_url_is_same(struct text a, struct text b)
{
	struct text host[2], port[2], path[2];

	return split_url(a, &host[0], &port[0], &path[0]) &&
	       split_url(b, &host[1], &port[1], &path[1]) && text_eq_nocase(host[0], host[1]) &&
	       text_eq(port[0], port[1]) && text_eq_nocase(path[0], path[1]);
}

/* Package 1 says by an alert who started the session. */
static bool is_package_one(const struct syncml *message)
{
	for (size_t i = 0; i < message->command_count; i++) {
		const struct syncml_command *command = &message->commands[i];

		if (command->verb == SYNCML_ALERT && (command->code == ALERT_SERVER_INITIATED ||
						      command->code == ALERT_CLIENT_INITIATED))
			return true;
	}
	return false;
}

static bool is_replay(const struct manage_opening *in)
{
	const struct manage_session *session = in->session;

	if (!session || !text_eq_c(in->message->header.session_id, session->session_id) ||
	    in->message->header.msg_id != session->msg_id ||
	    strcmp(in->request_sha256, session->request_sha256) != 0)
		return false;
	/* SessionIDs repeat, so an old package 1 and a new one can be equal to the byte. */
	return session->msg_id > 1 ||
	       (session->end == MANAGE_LIVE && in->now - session->updated_at <= MANAGE_REPLAY_S);
}

static bool is_next(const struct manage_opening *in)
{
	const struct manage_session *session = in->session;

	return session && session->end == MANAGE_LIVE &&
	       text_eq_c(in->message->header.session_id, session->session_id) &&
	       in->message->header.msg_id == session->msg_id + 1;
}

static enum manage_login read_login(const struct syncml *message, enum manage_login otherwise)
{
	static const struct {
		const char *text;
		enum manage_login login;
	} logins[] = {
	    {"user", MANAGE_LOGIN_USER},
	    {"others", MANAGE_LOGIN_OTHERS},
	    {"none", MANAGE_LOGIN_NONE},
	};
	const struct syncml_item *item =
	    manage_client_event(message, "com.microsoft/MDM/LoginStatus");

	for (size_t i = 0; item && i < ARRAY_LEN(logins); i++) {
		if (text_eq_nocase(text_trim(item->data), text_of(logins[i].text)))
			return logins[i].login;
	}
	return item ? MANAGE_LOGIN_UNSAID : otherwise;
}

/* Tokens that name two users, at once or one after the other, settle it for the rest of the
 * session: ./User may be either's. A single-user enrolment does not look at tokens. */
static bool is_disputed(const struct manage_opening *in, const struct manage_session *session)
{
	if (in->device->enrollment_type == ENROLLMENT_FULL)
		return false;
	return in->is_user_disputed || session->login == MANAGE_LOGIN_DISPUTED ||
	       (*in->token_user && *session->user_object_id &&
		strcmp(session->user_object_id, in->token_user) != 0);
}

/* The decision table of user scope: a device enrolment serves whoever proves to be signed in, a
 * single-user one only the user who enrolled it. A token never stands for more than its user. */
static const char *reachable_user(const struct manage_opening *in,
				  const struct manage_session *session)
{
	const struct device *device = in->device;

	if (session->login != MANAGE_LOGIN_USER)
		return "";
	if (device->enrollment_type == ENROLLMENT_FULL)
		return comply_device_user(device);
	return *in->token_user ? in->token_user : session->user_object_id;
}

static void begin(struct arena *arena, const struct manage_opening *in,
		  struct manage_session *session)
{
	*session = (struct manage_session){
	    .id = in->new_id,
	    .session_id = arena_cstr(arena, in->message->header.session_id),
	    .user_object_id = "",
	    .partial = {.uri = "", .ref = "", .data = ""},
	    .started_at = in->now,
	};
}

int manage_open(struct arena *arena, const struct manage_opening *in, struct manage_session *ret,
		enum manage_mode *ret_mode)
{
	const struct syncml_header *header = &in->message->header;
	struct manage_session session;
	enum manage_mode mode = MANAGE_CONTINUE;

	if (!*in->device->dm_device_id || !header->source.ptr ||
	    !text_eq_c(header->source, in->device->dm_device_id))
		return MANAGE_E_SOURCE_MISMATCH;
	if (*in->url && !manage_url_is_same(header->target, text_of(in->url)))
		return MANAGE_E_TARGET_MISMATCH;
	if (is_replay(in)) {
		*ret = *in->session;
		*ret_mode = MANAGE_REPLAY;
		return 0;
	}
	if (in->device->state != DEVICE_ENROLLED)
		return MANAGE_E_RETIRED;
	if (is_next(in)) {
		session = *in->session;
	} else if (header->msg_id == 1 && is_package_one(in->message)) {
		mode = MANAGE_BEGIN;
		begin(arena, in, &session);
	} else {
		return MANAGE_E_SEQUENCE;
	}
	session.msg_id = header->msg_id;
	session.request_sha256 = in->request_sha256;
	session.updated_at = in->now;
	session.login = is_disputed(in, &session) ? MANAGE_LOGIN_DISPUTED
						  : read_login(in->message, session.login);
	session.user_object_id = reachable_user(in, &session);
	*ret = session;
	*ret_mode = mode;
	return 0;
}
