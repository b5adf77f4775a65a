/* SPDX-License-Identifier: Apache-2.0 */
/*
 * directory.c: see directory.h. Plain HTTP on loopback with the token of the stand-in's
 * control.token. Tokens are passed on as they come: judging them is the server's business.
 */
#include "sim/device/directory.h"

#include "base/b64.h"
#include "base/json.h"
#include "sim/device/file.h"
#include "sim/device/wire.h"

enum { TOKEN_DEPTH = 8, STATUS_CREATED = 201 };

static int control_call(struct task *task, const struct directory *directory, const char *path,
			struct text body, int status, const struct json **ret)
{
	struct wire wire = {
	    .method = "POST",
	    .url = arena_printf(task->arena, "%s%s", directory->control_url, path),
	    .body = body,
	    .is_plain_allowed = true,
	};
	struct http_client_response response;
	struct text token;
	int r = file_read(task->arena, directory->token_file, &token, task->trail);

	if (r != 0)
		return ERR_FAIL(task->trail, ERR_CONFIG,
				"cannot read %s: start muster-entra and name its control.token",
				directory->token_file);
	wire_add(&wire, task->arena, "Content-Type", "application/json");
	wire_add(&wire, task->arena, "Authorization",
		 arena_printf(task->arena, "Bearer %.*s", TEXT_ARG(text_trim(token))));
	r = wire_send(task, &wire, &response);
	if (r != 0)
		return r;
	if (response.status != status ||
	    json_read(task->arena, response.body, TOKEN_DEPTH, ret) != 0)
		return ERR_FAIL(task->trail, ERR_CONFIG, "muster-entra %s: HTTP %d %.*s", path,
				response.status, TEXT_ARG(text_take(response.body, 120)));
	return 0;
}

int directory_token(struct task *task, const struct directory *directory, const char *user,
		    const char *device_id, struct text *ret)
{
	const struct json *answer;
	struct json_writer w;
	struct buf buf;
	int r;

	buf_init(&buf, task->arena);
	json_writer_init(&w, &buf);
	json_begin_object(&w, NULL);
	json_add_c(&w, "tenant", directory->tenant);
	json_add_c(&w, "app", directory->app);
	if (user)
		json_add_c(&w, "user", user);
	if (device_id)
		json_add_c(&w, "device", device_id);
	if (directory->version)
		json_add_int(&w, "ver", directory->version);
	json_end_object(&w);
	r = control_call(task, directory, "/_ctl/mint", buf_text(&buf), 200, &answer);
	if (r != 0)
		return r;
	*ret = json_text(answer, "token");
	if (!ret->ptr)
		return ERR_FAIL(task->trail, ERR_CONFIG, "muster-entra gave no token");
	return 0;
}

int directory_register(struct task *task, const struct directory *directory,
		       const struct device *device, const char **ret)
{
	const struct json *answer;
	struct json_writer w;
	struct text id;
	struct buf buf;
	int r;

	buf_init(&buf, task->arena);
	json_writer_init(&w, &buf);
	json_begin_object(&w, NULL);
	json_add_c(&w, "tenant", directory->tenant);
	json_add_c(&w, "displayName", device->name);
	json_add_c(&w, "operatingSystem", "Windows");
	json_add_c(&w, "operatingSystemVersion", device->os_version);
	json_add_c(&w, "trustType", device->join == JOIN_ENTRA ? "AzureAd" : "Workplace");
	json_end_object(&w);
	r = control_call(task, directory, "/_ctl/devices", buf_text(&buf), STATUS_CREATED, &answer);
	if (r != 0)
		return r;
	id = json_text(answer, "deviceId");
	if (!id.ptr)
		return ERR_FAIL(task->trail, ERR_CONFIG, "muster-entra gave no deviceId");
	*ret = arena_cstr(task->arena, id);
	task_step(task, "registered %s in the directory as %s", device->name, *ret);
	return 0;
}

const char *token_claim(struct arena *arena, struct text token, const char *name)
{
	const struct json *claims;
	struct text rest = token;
	struct text payload;
	struct text value;

	text_cut(&rest, '.');
	if (!rest.ptr || b64url_read(arena, text_cut(&rest, '.'), &payload) != 0 ||
	    json_read(arena, payload, TOKEN_DEPTH, &claims) != 0)
		return "";
	value = json_text(claims, name);
	return value.ptr ? arena_cstr(arena, value) : "";
}

const char *token_user_name(struct arena *arena, struct text token)
{
	const char *name = token_claim(arena, token, "upn");

	return name[0] ? name : token_claim(arena, token, "preferred_username");
}
