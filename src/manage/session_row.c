/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session_row.c: the session between two messages, as columns. What only the session step
 * understands, a value that has come in part, is JSON in the column `state`. A state that cannot
 * be read counts as none: the value is asked again in the next session.
 */
#include "manage/session_row.h"

#include "base/json.h"
#include "base/limits.h"

/* Indexed by enum manage_login. */
static const char *const logins[] = {"", "user", "others", "none", "disputed"};
/* Indexed by enum manage_end. */
static const char *const ends[] = {"", "final", "abort", "unenrolled", "wiped"};

static enum manage_login read_login(const char *text)
{
	for (size_t i = 0; i < ARRAY_LEN(logins); i++) {
		if (!strcmp(logins[i], text))
			return (enum manage_login)i;
	}
	return MANAGE_LOGIN_UNSAID;
}

/* Ended by the store ("replaced", "expired") is as good as given up. */
static enum manage_end read_end(const struct session_row *row)
{
	if (!row->ended_at)
		return MANAGE_LIVE;
	for (size_t i = 1; i < ARRAY_LEN(ends); i++) {
		if (!strcmp(ends[i], row->end_reason))
			return (enum manage_end)i;
	}
	return MANAGE_END_ABORT;
}

static const char *member(struct arena *arena, const struct json *object, const char *name)
{
	return arena_cstr(arena, json_text(object, name));
}

static struct manage_partial read_partial(struct arena *arena, const char *state)
{
	struct manage_partial partial = {.uri = "", .ref = "", .data = ""};
	const struct json *json = NULL;

	if (json_read(arena, text_of(state), LIMIT_JSON_DEPTH, &json) != 0 ||
	    !json_has(json, "uri"))
		return partial;
	partial.uri = member(arena, json, "uri");
	partial.ref = member(arena, json, "ref");
	partial.data = member(arena, json, "data");
	if (!json_int(json, "size", &partial.size))
		partial.size = 0;
	return partial;
}

static const char *write_partial(struct arena *arena, const struct manage_partial *partial)
{
	struct json_writer w;
	struct buf buf;

	if (!*partial->uri)
		return "{}";
	buf_init(&buf, arena);
	json_writer_init(&w, &buf);
	json_begin_object(&w, NULL);
	json_add_c(&w, "uri", partial->uri);
	json_add_c(&w, "ref", partial->ref);
	json_add_int(&w, "size", partial->size);
	json_add_c(&w, "data", partial->data);
	json_end_object(&w);
	return buf.data;
}

void manage_session_from_row(struct arena *arena, const struct session_row *row,
			     struct manage_session *ret)
{
	*ret = (struct manage_session){
	    .id = row->id,
	    .session_id = row->session_id,
	    .msg_id = row->client_msg_id,
	    .end = read_end(row),
	    .login = read_login(row->login_status),
	    .user_object_id = row->user_object_id,
	    .request_sha256 = row->last_request_sha256,
	    .partial = read_partial(arena, row->state),
	    .started_at = row->started_at,
	    .updated_at = row->updated_at,
	};
}

struct session_row manage_session_to_row(struct arena *arena, const struct device *device,
					 const struct manage_session *session)
{
	return (struct session_row){
	    .tenant_id = device->tenant_id,
	    .device_id = device->id,
	    .id = session->id,
	    .session_id = session->session_id,
	    .client_msg_id = session->msg_id,
	    .server_msg_id = session->msg_id,
	    .state = write_partial(arena, &session->partial),
	    .user_object_id = session->user_object_id,
	    .login_status = logins[session->login],
	    .origin = "",
	    .started_at = session->started_at,
	    .updated_at = session->updated_at,
	    .ended_at = session->end == MANAGE_LIVE ? 0 : session->updated_at,
	    .end_reason = ends[session->end],
	    .last_reply = "",
	    .last_request_sha256 = session->request_sha256,
	};
}
