/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json.h: JSON in and out. The only place that knows jansson.
 *
 * Reading gives an immutable tree in the arena. It is strict: UTF-8 only, duplicate members
 * refused, depth and size bounded by the caller, nothing after the value. Numbers with a fraction
 * or exponent are JSON_REAL, never silently an integer. Lookups on NULL or on a value of another
 * kind give "not there", so that a chain of them needs one check at its end.
 *
 * Writing appends to a buf; commas are placed by the writer.
 */
#ifndef MUSTER_BASE_JSON_H
#define MUSTER_BASE_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"

enum json_kind {
	JSON_NULL,
	JSON_BOOL,
	JSON_INTEGER,
	JSON_REAL,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT
};

enum json_outcome {
	JSON_E_MALFORMED = 1, /* not JSON, not UTF-8, a duplicate member, bytes after the end */
	JSON_E_TOO_DEEP = 2
};

struct json {
	enum json_kind kind;
	struct text name; /* as a member of an object */
	struct text text; /* JSON_STRING (may contain no NUL: such input is malformed) */
	int64_t integer;  /* JSON_INTEGER; JSON_BOOL as 0 or 1 */
	double real;      /* JSON_REAL */
	struct json
	    *items; /* JSON_ARRAY, JSON_OBJECT: count consecutive nodes, in document order */
	size_t count;
};

MUST_CHECK int json_read(struct arena *arena, struct text in, size_t max_depth,
			 const struct json **ret);

const struct json *json_get(const struct json *object, const char *name); /* NULL: not there */
bool json_has(const struct json *object, const char *name);
/* The value of a string member; ptr NULL when it is absent or not a string. */
struct text json_text(const struct json *object, const char *name);
/* False when absent or of another kind; *ret is then untouched. */
MUST_CHECK bool json_int(const struct json *object, const char *name, int64_t *ret);
MUST_CHECK bool json_bool(const struct json *object, const char *name, bool *ret);

struct json_writer {
	struct buf *buf;
	bool comma;
};

void json_writer_init(struct json_writer *w, struct buf *buf);
/* name NULL inside arrays and at the top. */
void json_begin_object(struct json_writer *w, const char *name);
void json_end_object(struct json_writer *w);
void json_begin_array(struct json_writer *w, const char *name);
void json_end_array(struct json_writer *w);
void json_add_text(struct json_writer *w, const char *name, struct text value); /* ptr NULL: null */
void json_add_c(struct json_writer *w, const char *name, const char *value);    /* NULL: null */
void json_add_int(struct json_writer *w, const char *name, int64_t value);
void json_add_bool(struct json_writer *w, const char *name, bool value);
void json_add_null(struct json_writer *w, const char *name);
void json_add_time(struct json_writer *w, const char *name, int64_t t); /* RFC 3339; 0: null */
/* A value that is JSON already (from json_write or a column that holds JSON). */
void json_add_raw(struct json_writer *w, const char *name, struct text json);
/* Write a tree back. */
void json_write(struct buf *buf, const struct json *value);

#endif
