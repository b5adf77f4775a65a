/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_read.c: from bytes to a tree in the arena, by way of jansson.
 *
 * Encoding and depth are checked before jansson sees a byte, so that neither its recursion nor
 * ours is ever deeper than the caller said. jansson then refuses duplicate members, escaped NULs,
 * integers that do not fit and bytes after the value. Its own tree never leaves this file.
 * Depth counts open arrays and objects: a bare number has depth 0.
 */
#include "base/json.h"

#include "base/fatal.h"

/* jansson calls its kinds by the names of ours. */
#define JSON_OBJECT  JANSSON_OBJECT
#define JSON_ARRAY   JANSSON_ARRAY
#define JSON_STRING  JANSSON_STRING
#define JSON_INTEGER JANSSON_INTEGER
#define JSON_REAL    JANSSON_REAL
#define JSON_NULL    JANSSON_NULL
#include <jansson.h>
#undef JSON_OBJECT
#undef JSON_ARRAY
#undef JSON_STRING
#undef JSON_INTEGER
#undef JSON_REAL
#undef JSON_NULL

/* Strings are skipped by their quotes and backslashes; whether the rest is JSON is not decided
 * here. */
static size_t json_depth(struct text in)
{
	size_t depth = 0, deepest = 0;
	bool quoted = false;

	for (size_t i = 0; i < in.len; i++) {
		char c = in.ptr[i];

		if (quoted) {
			if (c == '\\')
				i++;
			else if (c == '"')
				quoted = false;
		} else if (c == '"') {
			quoted = true;
		} else if (c == '[' || c == '{') {
			depth++;
			if (depth > deepest)
				deepest = depth;
		} else if ((c == ']' || c == '}') && depth) {
			depth--;
		}
	}
	return deepest;
}

static void json_convert(struct arena *arena, json_t *from, struct json *to);

static void json_convert_array(struct arena *arena, json_t *from, struct json *to)
{
	to->kind = JSON_ARRAY;
	to->count = json_array_size(from);
	to->items = ARENA_ARRAY(arena, to->count, struct json);
	for (size_t i = 0; i < to->count; i++)
		json_convert(arena, json_array_get(from, i), &to->items[i]);
}

static void json_convert_object(struct arena *arena, json_t *from, struct json *to)
{
	struct json *item;
	json_t *value;
	const char *key;

	to->kind = JSON_OBJECT;
	to->count = json_object_size(from);
	to->items = item = ARENA_ARRAY(arena, to->count, struct json);
	json_object_foreach(from, key, value)
	{
		item->name = arena_text(arena, text_of(key));
		json_convert(arena, value, item++);
	}
}

static void json_convert(struct arena *arena, json_t *from, struct json *to)
{
	switch (json_typeof(from)) {
	case JANSSON_OBJECT:
		json_convert_object(arena, from, to);
		break;
	case JANSSON_ARRAY:
		json_convert_array(arena, from, to);
		break;
	case JANSSON_STRING:
		to->kind = JSON_STRING;
		to->text =
		    arena_text(arena, text_make(json_string_value(from), json_string_length(from)));
		break;
	case JANSSON_INTEGER:
		to->kind = JSON_INTEGER;
		to->integer = json_integer_value(from);
		break;
	case JANSSON_REAL:
		to->kind = JSON_REAL;
		to->real = json_real_value(from);
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		to->kind = JSON_BOOL;
		to->integer = json_is_true(from);
		break;
	case JANSSON_NULL:
		to->kind = JSON_NULL;
		break;
	}
}

int json_read(struct arena *arena, struct text in, size_t max_depth, const struct json **ret)
{
	json_error_t error;
	struct json *tree;
	json_t *root;

	if (in.len == 0 || !text_is_utf8(in))
		return JSON_E_MALFORMED;
	if (json_depth(in) > max_depth)
		return JSON_E_TOO_DEEP;
	root = json_loadb(in.ptr, in.len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	if (!root) {
		if (json_error_code(&error) == json_error_out_of_memory)
			fatal_exit("out of memory");
		return JSON_E_MALFORMED;
	}
	tree = ARENA_NEW(arena, struct json);
	json_convert(arena, root, tree);
	json_decref(root);
	*ret = tree;
	return 0;
}
