/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json.c: looking things up in a tree that was read.
 *
 * Every function takes NULL for "no such value" and answers "not there", so that callers check
 * once at the end of a chain. A member of another kind than asked for counts as absent: no value
 * is ever converted.
 */
#include "base/json.h"

const struct json *json_get(const struct json *object, const char *name)
{
	if (!object || object->kind != JSON_OBJECT)
		return NULL;
	for (size_t i = 0; i < object->count; i++) {
		if (text_eq_c(object->items[i].name, name))
			return &object->items[i];
	}
	return NULL;
}

bool json_has(const struct json *object, const char *name)
{
	return json_get(object, name) != NULL;
}

static const struct json *json_get_kind(const struct json *object, const char *name,
					enum json_kind kind)
{
	const struct json *value = json_get(object, name);

	return value && value->kind == kind ? value : NULL;
}

struct text json_text(const struct json *object, const char *name)
{
	const struct json *value = json_get_kind(object, name, JSON_STRING);

	return value ? value->text : text_make(NULL, 0);
}

bool json_int(const struct json *object, const char *name, int64_t *ret)
{
	const struct json *value = json_get_kind(object, name, JSON_INTEGER);

	if (value)
		*ret = value->integer;
	return value != NULL;
}

bool json_bool(const struct json *object, const char *name, bool *ret)
{
	const struct json *value = json_get_kind(object, name, JSON_BOOL);

	if (value)
		*ret = value->integer != 0;
	return value != NULL;
}
