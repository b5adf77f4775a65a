/* SPDX-License-Identifier: Apache-2.0 */
/*
 * props.c: see props.h.
 *
 * Unlike base/json's tree this list may hold a name twice, which is the point of props_extend:
 * a token with two `tid` members must be makeable. Values are kept as JSON text and written as
 * they are.
 */
#include "sim/entra/props.h"

void props_init(struct props *props, struct arena *arena)
{
	props->arena = arena;
	props->count = 0;
}

static void row_add(struct props *props, struct text name, struct text value)
{
	if (props->count == PROPS_MAX)
		return;
	props->rows[props->count].name = name;
	props->rows[props->count++].value = value;
}

static struct text value_of(struct props *props, const struct json *value)
{
	struct buf buf;

	buf_init(&buf, props->arena);
	json_write(&buf, value);
	return buf_text(&buf);
}

void props_add_text(struct props *props, const char *name, struct text value)
{
	struct json json = {.kind = JSON_STRING, .text = value};

	if (!value.ptr)
		return;
	row_add(props, text_of(name), value_of(props, &json));
}

void props_add_c(struct props *props, const char *name, const char *value)
{
	if (value)
		props_add_text(props, name, text_of(value));
}

void props_add_int(struct props *props, const char *name, int64_t value)
{
	row_add(props, text_of(name),
		text_of(arena_printf(props->arena, "%lld", (long long)value)));
}

void props_add_raw(struct props *props, const char *name, struct text value)
{
	row_add(props, text_of(name), value);
}

static void member_override(struct props *props, const struct json *member)
{
	size_t at = 0;

	while (at < props->count && !text_eq(props->rows[at].name, member->name))
		at++;
	if (member->kind != JSON_NULL) {
		if (at == props->count)
			row_add(props, member->name, value_of(props, member));
		else
			props->rows[at].value = value_of(props, member);
		return;
	}
	if (at == props->count)
		return;
	props->count--;
	for (; at < props->count; at++)
		props->rows[at] = props->rows[at + 1];
}

void props_override(struct props *props, const struct json *object)
{
	for (size_t i = 0; object && i < object->count; i++)
		member_override(props, &object->items[i]);
}

void props_extend(struct props *props, const struct json *object)
{
	for (size_t i = 0; object && i < object->count; i++)
		row_add(props, object->items[i].name, value_of(props, &object->items[i]));
}

struct text props_write(const struct props *props)
{
	struct json_writer w;
	struct buf buf;

	buf_init(&buf, props->arena);
	json_writer_init(&w, &buf);
	json_begin_object(&w, NULL);
	for (size_t i = 0; i < props->count; i++)
		json_add_raw(&w, arena_cstr(props->arena, props->rows[i].name),
			     props->rows[i].value);
	json_end_object(&w);
	return buf_text(&buf);
}
