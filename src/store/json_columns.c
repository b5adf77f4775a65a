/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_columns.c: lists inside a row, written and read with base/json. What is read came from the
 * writers here, but a database can be edited by hand, so shape and kinds are checked all the same.
 */
#include "store/json_columns.h"

#include "base/json.h"

enum { COLUMN_DEPTH = 4 };

/* By enum assignment_kind; "all" has no value. */
static const char *const assignment_members[] = {"all", "entra_group", "user", "device", "tag"};

static void column_begin(struct json_writer *w, struct buf *buf, struct arena *arena)
{
	buf_init(buf, arena);
	json_writer_init(w, buf);
	json_begin_array(w, NULL);
}

static char *column_end(struct json_writer *w, struct arena *arena)
{
	json_end_array(w);
	return arena_cstr(arena, buf_text(w->buf));
}

char *json_column_texts(struct arena *arena, const char *const *texts, size_t n)
{
	struct json_writer w;
	struct buf buf;

	column_begin(&w, &buf, arena);
	for (size_t i = 0; i < n; i++)
		json_add_c(&w, NULL, texts[i]);
	return column_end(&w, arena);
}

char *json_column_settings(struct arena *arena, const struct setting *settings, size_t n)
{
	struct json_writer w;
	struct buf buf;

	column_begin(&w, &buf, arena);
	for (size_t i = 0; i < n; i++) {
		json_begin_object(&w, NULL);
		json_add_c(&w, "locuri", settings[i].locuri);
		json_add_c(&w, "format", settings[i].format);
		json_add_text(&w, "data", text_of(settings[i].data));
		json_end_object(&w);
	}
	return column_end(&w, arena);
}

char *json_column_assignments(struct arena *arena, const struct assignment *list, size_t n)
{
	struct json_writer w;
	struct buf buf;

	column_begin(&w, &buf, arena);
	for (size_t i = 0; i < n; i++) {
		json_begin_object(&w, NULL);
		if (list[i].kind == ASSIGN_ALL)
			json_add_bool(&w, "all", true);
		else
			json_add_c(&w, assignment_members[list[i].kind], list[i].value);
		if (list[i].is_exclude)
			json_add_bool(&w, "exclude", true);
		json_end_object(&w);
	}
	return column_end(&w, arena);
}

char *json_column_rules(struct arena *arena, const struct compliance_rule *rules, size_t n)
{
	struct json_writer w;
	struct buf buf;

	column_begin(&w, &buf, arena);
	for (size_t i = 0; i < n; i++) {
		json_begin_object(&w, NULL);
		json_add_c(&w, "fact", rules[i].fact);
		json_add_c(&w, "operator", rule_operator_name(rules[i].operator));
		json_add_text(&w, "value", text_of(rules[i].value));
		json_end_object(&w);
	}
	return column_end(&w, arena);
}

/* The next column as an array; NULL, and latched, when it is none. */
static const struct json *row_array(struct row *row)
{
	const struct json *array;

	if (json_read(row->arena, text_of(row_text(row)), COLUMN_DEPTH, &array) ||
	    array->kind != JSON_ARRAY) {
		row_bad(row, "JSON array");
		return NULL;
	}
	return array;
}

/* A text member that must be there. */
static const char *row_member(struct row *row, const struct json *object, const char *name)
{
	struct text t = json_text(object, name);

	if (t.ptr)
		return arena_cstr(row->arena, t);
	row_bad(row, name);
	return "";
}

void row_texts(struct row *row, const char **ret, size_t cap, size_t *ret_n)
{
	const struct json *array = row_array(row);

	*ret_n = 0;
	if (!array)
		return;
	if (array->count > cap) {
		row_bad(row, "number of texts");
		return;
	}
	for (size_t i = 0; i < array->count; i++) {
		if (array->items[i].kind != JSON_STRING) {
			row_bad(row, "array of texts");
			return;
		}
		ret[i] = arena_cstr(row->arena, array->items[i].text);
	}
	*ret_n = array->count;
}

void row_settings(struct row *row, struct setting **ret, size_t *ret_n)
{
	const struct json *array = row_array(row);
	size_t n = array ? array->count : 0;

	*ret = ARENA_ARRAY(row->arena, n, struct setting);
	*ret_n = n;
	for (size_t i = 0; i < n; i++) {
		const struct json *item = &array->items[i];

		(*ret)[i].locuri = row_member(row, item, "locuri");
		(*ret)[i].format = row_member(row, item, "format");
		(*ret)[i].data = row_member(row, item, "data");
	}
}

static void row_assignment(struct row *row, const struct json *item, struct assignment *ret)
{
	size_t kind = 0;

	while (kind < ARRAY_LEN(assignment_members) && !json_has(item, assignment_members[kind]))
		kind++;
	if (kind == ARRAY_LEN(assignment_members)) {
		row_bad(row, "assignment");
		return;
	}
	ret->kind = (enum assignment_kind)kind;
	ret->value = ret->kind == ASSIGN_ALL ? "" : row_member(row, item, assignment_members[kind]);
	if (!json_bool(item, "exclude", &ret->is_exclude))
		ret->is_exclude = false;
}

void row_assignments(struct row *row, struct assignment **ret, size_t *ret_n)
{
	const struct json *array = row_array(row);
	size_t n = array ? array->count : 0;

	*ret = ARENA_ARRAY(row->arena, n, struct assignment);
	*ret_n = n;
	for (size_t i = 0; i < n; i++)
		row_assignment(row, &array->items[i], &(*ret)[i]);
}

void row_rules(struct row *row, struct compliance_rule **ret, size_t *ret_n)
{
	const struct json *array = row_array(row);
	size_t n = array ? array->count : 0;

	*ret = ARENA_ARRAY(row->arena, n, struct compliance_rule);
	*ret_n = n;
	for (size_t i = 0; i < n; i++) {
		const struct json *item = &array->items[i];
		struct text operator= json_text(item, "operator");

		(*ret)[i].fact = row_member(row, item, "fact");
		(*ret)[i].value = row_member(row, item, "value");
		if (!operator.ptr || !rule_operator_read(operator, &(*ret)[i].operator))
			row_bad(row, "operator");
	}
}
