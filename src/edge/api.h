/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api.h: the frame of the admin API: one table of rows, each with the role it needs; the caller is
 * known before anything else of the request is looked at; errors are application/problem+json.
 */
#ifndef MUSTER_EDGE_API_H
#define MUSTER_EDGE_API_H

#include "admin/admin.h"
#include "base/json.h"
#include "edge/run.h"
#include "model/compliance.h"

enum { API_SEGMENTS = 8, API_PARAMS = 32 };

/* How often a change starts again because somebody else was faster. */
enum { API_CHANGE_TRIES = 5 };

struct api_call {
	struct op *op;
	const struct http_request *request;
	struct http_response *response;
	struct api_principal who;
	struct admin admin;
	const char *args[API_SEGMENTS]; /* what stood for each {} of the path */
	struct http_param params[API_PARAMS];
	size_t param_count;
	const struct json *body; /* an object; NULL where the request has none */
	struct json_writer json; /* into the response's body */
	bool is_usage_wrong;     /* a field was refused while reading */
};

/* Fills the response. Negative: the program failed. Positive: enum admin_outcome, with
 * call->admin.why set; the frame answers. */
typedef int (*api_handler)(struct api_call *call);

struct api_row {
	enum http_method method;
	const char *path; /* below /api/v1/, with {} for one segment */
	enum api_role role;
	api_handler handler;
	const char *summary; /* for openapi.json */
};

/* The table, for the frame and for openapi.json. */
const struct api_row *api_rows(size_t *ret_count);

/* The endpoint of every route below /api/v1/. */
MUST_CHECK int ep_api(struct op *op, const struct http_request *request,
		      struct http_response *response);

/* Answer with JSON: write with call->json between the two. */
void api_begin(struct api_call *call, int status);
void api_no_content(struct api_call *call);

/* A list, {"items": [...], "next": ...}. It is read from the query, filled by the store, and
 *written one row for each true of api_page_next, which opens the answer and closes it:
 *
 *	while (r == 0 && api_page_next(call, &page)) {
 *		device_write(&call->json, &list[page.i]);
 *		page.last_id = list[page.i].id;
 *	}
 */
struct api_page {
	size_t limit;        /* ask the store for one more, which tells whether there are more */
	struct text after;   /* an id; empty: from the beginning */
	size_t n;            /* what the store gave */
	size_t i;            /* the row to write now */
	const char *last_id; /* of the row written last; not needed where the list is whole */
	bool is_begun;
};
/* A list that is never cut. */
#define API_PAGE_WHOLE                                                                             \
	{                                                                                          \
		.limit = STORE_NO_LIMIT                                                            \
	}
/* Check the parameters as api_params_check does, and read limit and cursor. ADMIN_E_INVALID. */
MUST_CHECK int api_page_read(struct api_call *call, const char *const *allowed,
			     struct api_page *ret);
bool api_page_next(struct api_call *call, struct api_page *page);

/* A filter parameter; the empty text when absent. */
struct text api_param(const struct api_call *call, const char *name);
/* The same where only some words can be meant: another one is refused by api_page_read, with those
 * words, as it would only make an empty list. words ends with NULL. */
struct text api_param_word(struct api_call *call, const char *name, const char *const *words);
/* Refuse any query parameter that is not in the NULL-terminated list (limit and cursor always
 * are). ADMIN_E_INVALID. */
MUST_CHECK int api_params_check(struct api_call *call, const char *const *allowed);

/* Fields of the body. Absent leaves *ret as it is (so an update keeps what it does not name); a
 * value of another kind is refused: check call->is_usage_wrong once after all of them. */
void api_field_text(struct api_call *call, const char *name, const char **ret);
void api_field_bool(struct api_call *call, const char *name, bool *ret);
void api_field_int(struct api_call *call, const char *name, int64_t *ret);
void api_field_time(struct api_call *call, const char *name, int64_t *ret);
void api_field_texts(struct api_call *call, const char *name, const char **ret, size_t cap,
		     size_t *ret_n);
/* index into names, which end with NULL */
void api_field_enum(struct api_call *call, const char *name, const char *const *names, int *ret);
void api_field_assignments(struct api_call *call, struct assignment **ret, size_t *ret_n);
/* Refuse fields that are not in the NULL-terminated list. */
void api_fields_known(struct api_call *call, const char *const *allowed);
/* For what takes no fields at all. ADMIN_E_INVALID. */
MUST_CHECK int api_fields_none(struct api_call *call);
/* 0, or ADMIN_E_INVALID when any of the above refused something. */
MUST_CHECK int api_fields_done(struct api_call *call);

void api_write_assignments(struct json_writer *w, const struct assignment *list, size_t n);

/* Answer a problem (RFC 9457). */
void api_problem(struct api_call *call, int status, const char *title, const char *detail);

#endif
