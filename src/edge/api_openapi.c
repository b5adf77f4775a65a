/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_openapi.c: GET /api/v1/openapi.json, written from the table of rows, so that it cannot tell
 * of a path that does not exist or leave one out.
 */
#include "edge/api_resources.h"
#include "model/audit.h"

static const char *method_name(enum http_method method)
{
	switch (method) {
	case HTTP_GET:
		return "get";
	case HTTP_POST:
		return "post";
	case HTTP_PUT:
		return "put";
	case HTTP_PATCH:
		return "patch";
	case HTTP_DELETE:
		return "delete";
	case HTTP_HEAD:
	case HTTP_OPTIONS:
		break;
	}
	return "";
}

/* "tenants/{}/credentials/{}" -> "/tenants/{arg1}/credentials/{arg2}". */
static const char *path_text(struct arena *arena, const char *pattern, int *ret_args)
{
	struct buf buf;

	buf_init(&buf, arena);
	buf_add_byte(&buf, '/');
	*ret_args = 0;
	for (const char *c = pattern; *c; c++) {
		if (c[0] == '{' && c[1] == '}') {
			buf_printf(&buf, "{arg%d}", ++*ret_args);
			c++;
		} else {
			buf_add_byte(&buf, *c);
		}
	}
	return buf.data;
}

static void parameters_write(struct json_writer *w, struct arena *arena, int args)
{
	json_begin_array(w, "parameters");
	for (int i = 1; i <= args; i++) {
		json_begin_object(w, NULL);
		json_add_c(w, "name", arena_printf(arena, "arg%d", i));
		json_add_c(w, "in", "path");
		json_add_bool(w, "required", true);
		json_begin_object(w, "schema");
		json_add_c(w, "type", "string");
		json_end_object(w);
		json_end_object(w);
	}
	json_end_array(w);
}

static void response_write(struct json_writer *w, const char *status, const char *description)
{
	json_begin_object(w, status);
	json_add_c(w, "description", description);
	json_end_object(w);
}

static void operation_write(struct json_writer *w, struct arena *arena, const struct api_row *row,
			    int args)
{
	json_begin_object(w, method_name(row->method));
	json_add_c(w, "summary", row->summary);
	json_add_c(w, "x-role", api_role_name(row->role));
	if (args > 0)
		parameters_write(w, arena, args);
	json_begin_object(w, "responses");
	response_write(w, "default", "An error, as application/problem+json");
	response_write(w, "2XX", "Done");
	json_end_object(w);
	json_end_object(w);
}

static void paths_write(struct json_writer *w, struct arena *arena)
{
	size_t count;
	const struct api_row *rows = api_rows(&count);
	int args;

	json_begin_object(w, "paths");
	for (size_t i = 0; i < count; i++) {
		if (i == 0 || strcmp(rows[i].path, rows[i - 1].path) != 0)
			json_begin_object(w, path_text(arena, rows[i].path, &args));
		operation_write(w, arena, &rows[i], args);
		if (i + 1 == count || strcmp(rows[i].path, rows[i + 1].path) != 0)
			json_end_object(w);
	}
	json_end_object(w);
}

int api_openapi(struct api_call *call)
{
	struct json_writer *w = &call->json;

	api_begin(call, 200);
	json_begin_object(w, NULL);
	json_add_c(w, "openapi", "3.1.0");
	json_begin_object(w, "info");
	json_add_c(w, "title", "Muster admin API");
	json_add_c(w, "version", MUSTER_VERSION);
	json_end_object(w);
	json_begin_array(w, "servers");
	json_begin_object(w, NULL);
	json_add_c(w, "url",
		   arena_printf(call->op->arena, "%s/api/v1", call->op->config->console.url));
	json_end_object(w);
	json_end_array(w);
	paths_write(w, call->op->arena);
	json_begin_object(w, "components");
	json_begin_object(w, "securitySchemes");
	json_begin_object(w, "token");
	json_add_c(w, "type", "http");
	json_add_c(w, "scheme", "bearer");
	json_end_object(w);
	json_end_object(w);
	json_end_object(w);
	json_end_object(w);
	return 0;
}
