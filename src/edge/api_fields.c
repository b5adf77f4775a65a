/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_fields.c: reading bodies and queries of the admin API and paging lists, see api.h. The first
 * refusal is latched with its sentence; what is read after it no longer matters.
 */
#include "edge/api.h"

#include "base/clock.h"

enum { LIST_MAX = 1000 };

static void refuse(struct api_call *call, const char *name, const char *expected)
{
	if (call->is_usage_wrong)
		return;
	call->is_usage_wrong = true;
	call->admin.why = arena_printf(call->op->arena, "%.64s must be %s", name, expected);
}

struct text api_param(const struct api_call *call, const char *name)
{
	struct text value = http_form_get(call->params, call->param_count, name, NULL);

	return value.ptr ? value : TEXT_EMPTY;
}

struct text api_param_word(struct api_call *call, const char *name, const char *const *words)
{
	struct text value = api_param(call, name);
	struct buf expected;

	buf_init(&expected, call->op->arena);
	buf_add_c(&expected, "one of");
	for (int i = 0; words[i]; i++) {
		if (value.len == 0 || text_eq_c(value, words[i]))
			return value;
		buf_printf(&expected, "%s %s", i > 0 ? "," : "", words[i]);
	}
	refuse(call, name, expected.data);
	return value;
}

static bool is_listed(struct text name, const char *const *list)
{
	for (; *list; list++)
		if (text_eq_c(name, *list))
			return true;
	return false;
}

int api_params_check(struct api_call *call, const char *const *allowed)
{
	static const char *const always[] = {"limit", "cursor", NULL};

	for (size_t i = 0; i < call->param_count; i++) {
		struct text name = call->params[i].name;
		size_t n;

		if (!is_listed(name, always) && !is_listed(name, allowed))
			return admin_refuse(&call->admin, ADMIN_E_INVALID,
					    "there is no filter '%.*s'",
					    TEXT_ARG(text_take(name, 64)));
		http_form_get(call->params, call->param_count, arena_cstr(call->op->arena, name),
			      &n);
		if (n > 1)
			return admin_refuse(&call->admin, ADMIN_E_INVALID, "'%.*s' is repeated",
					    TEXT_ARG(text_take(name, 64)));
	}
	return api_fields_done(call);
}

int api_page_read(struct api_call *call, const char *const *allowed, struct api_page *ret)
{
	struct text limit = http_form_get(call->params, call->param_count, "limit", NULL);
	struct text after = api_param(call, "cursor");
	uint64_t n = LIMIT_PAGE_DEFAULT;
	int r = api_params_check(call, allowed);

	if (r)
		return r;
	if (limit.ptr && (!text_to_u64(limit, &n) || n < 1 || n > LIMIT_PAGE_MAX))
		return admin_refuse(&call->admin, ADMIN_E_INVALID, "limit must be from 1 to %d",
				    LIMIT_PAGE_MAX);
	if (after.len > 0 && !uuid_is(after))
		return admin_refuse(&call->admin, ADMIN_E_INVALID,
				    "cursor must be what an earlier answer gave as next");
	*ret = (struct api_page){.limit = (size_t)n, .after = after};
	return 0;
}

bool api_page_next(struct api_call *call, struct api_page *page)
{
	if (!page->is_begun) {
		api_begin(call, 200);
		json_begin_object(&call->json, NULL);
		json_begin_array(&call->json, "items");
		page->is_begun = true;
	} else {
		page->i++;
	}
	if (page->i < page->n && page->i < page->limit)
		return true;
	json_end_array(&call->json);
	json_add_c(&call->json, "next", page->n > page->limit ? page->last_id : NULL);
	json_end_object(&call->json);
	return false;
}

void api_fields_known(struct api_call *call, const char *const *allowed)
{
	for (size_t i = 0; call->body && i < call->body->count; i++) {
		struct text name = call->body->items[i].name;

		if (!is_listed(name, allowed))
			refuse(call, arena_cstr(call->op->arena, text_take(name, 64)),
			       "left out: there is no such field");
	}
}

int api_fields_done(struct api_call *call)
{
	return call->is_usage_wrong ? ADMIN_E_INVALID : 0;
}

int api_fields_none(struct api_call *call)
{
	static const char *const none[] = {NULL};

	api_fields_known(call, none);
	return api_fields_done(call);
}

void api_field_text(struct api_call *call, const char *name, const char **ret)
{
	const struct json *value = json_get(call->body, name);

	if (!value)
		return;
	if (value->kind != JSON_STRING)
		refuse(call, name, "a string");
	else
		*ret = arena_cstr(call->op->arena, value->text);
}

void api_field_bool(struct api_call *call, const char *name, bool *ret)
{
	if (json_has(call->body, name) && !json_bool(call->body, name, ret))
		refuse(call, name, "true or false");
}

void api_field_int(struct api_call *call, const char *name, int64_t *ret)
{
	if (json_has(call->body, name) && !json_int(call->body, name, ret))
		refuse(call, name, "a whole number");
}

void api_field_time(struct api_call *call, const char *name, int64_t *ret)
{
	const struct json *value = json_get(call->body, name);

	if (!value)
		return;
	if (value->kind == JSON_NULL)
		*ret = 0;
	else if (value->kind != JSON_STRING || !clock_read(value->text, ret))
		refuse(call, name, "a time like 2026-01-31T12:00:00Z");
}

void api_field_texts(struct api_call *call, const char *name, const char **ret, size_t cap,
		     size_t *ret_n)
{
	const struct json *value = json_get(call->body, name);

	if (!value)
		return;
	if (value->kind != JSON_ARRAY || value->count > cap) {
		refuse(call, name, "an array of strings, not too many");
		return;
	}
	*ret_n = 0;
	for (size_t i = 0; i < value->count; i++) {
		if (value->items[i].kind != JSON_STRING)
			refuse(call, name, "an array of strings");
		else
			ret[(*ret_n)++] = arena_cstr(call->op->arena, value->items[i].text);
	}
}

void api_field_enum(struct api_call *call, const char *name, const char *const *names, int *ret)
{
	const struct json *value = json_get(call->body, name);
	struct buf expected;

	if (!value)
		return;
	buf_init(&expected, call->op->arena);
	buf_add_c(&expected, "one of");
	for (int i = 0; names[i]; i++) {
		if (value->kind == JSON_STRING && text_eq_c(value->text, names[i])) {
			*ret = i;
			return;
		}
		buf_printf(&expected, " %s", names[i]);
	}
	refuse(call, name, expected.data);
}

static bool assignment_read(struct api_call *call, const struct json *item, struct assignment *ret)
{
	static const struct {
		const char *name;
		enum assignment_kind kind;
	} kinds[] = {{"entra_group", ASSIGN_GROUP},
		     {"user", ASSIGN_USER},
		     {"device", ASSIGN_DEVICE},
		     {"tag", ASSIGN_TAG}};
	size_t named = 0, members = json_has(item, "exclude") ? 2 : 1;
	bool is_all = false;

	*ret = (struct assignment){.value = ""};
	if (item->kind != JSON_OBJECT || item->count != members)
		return false;
	if (json_has(item, "exclude") && !json_bool(item, "exclude", &ret->is_exclude))
		return false;
	if (json_has(item, "all"))
		return json_bool(item, "all", &is_all) && is_all;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		struct text value = json_text(item, kinds[i].name);

		if (!value.ptr)
			continue;
		ret->kind = kinds[i].kind;
		ret->value = arena_cstr(call->op->arena, value);
		named++;
	}
	return named == 1;
}

void api_field_assignments(struct api_call *call, struct assignment **ret, size_t *ret_n)
{
	const struct json *value = json_get(call->body, "assignments");

	if (!value)
		return;
	if (value->kind != JSON_ARRAY || value->count > LIST_MAX) {
		refuse(call, "assignments", "an array");
		return;
	}
	*ret = ARENA_ARRAY(call->op->arena, value->count + 1, struct assignment);
	*ret_n = value->count;
	for (size_t i = 0; i < value->count; i++)
		if (!assignment_read(call, &value->items[i], &(*ret)[i]))
			refuse(call, "assignments",
			       "objects with one of all, entra_group, user, device, tag, and "
			       "perhaps exclude");
}

void api_write_assignments(struct json_writer *w, const struct assignment *list, size_t n)
{
	static const char *const names[] = {"all", "entra_group", "user", "device", "tag"};

	json_begin_array(w, "assignments");
	for (size_t i = 0; i < n; i++) {
		json_begin_object(w, NULL);
		if (list[i].kind == ASSIGN_ALL)
			json_add_bool(w, "all", true);
		else
			json_add_c(w, names[list[i].kind], list[i].value);
		if (list[i].is_exclude)
			json_add_bool(w, "exclude", true);
		json_end_object(w);
	}
	json_end_array(w);
}
