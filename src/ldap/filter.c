/* SPDX-License-Identifier: Apache-2.0 */
/*
 * filter.c: see filter.h. Letters, digits and a few signs pass; everything else becomes \xx, which
 * RFC 4515 allows for any byte.
 */
#include "ldap/filter.h"

#include "base/buf.h"

static bool byte_passes(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '@' || c == '.' || c == '-' || c == '_';
}

static void escape_add(struct buf *buf, struct text value)
{
	for (size_t i = 0; i < value.len; i++) {
		if (byte_passes(value.ptr[i]))
			buf_add_byte(buf, value.ptr[i]);
		else
			buf_printf(buf, "\\%02x", (unsigned char)value.ptr[i]);
	}
}

const char *filter_escape(struct arena *arena, struct text value)
{
	struct buf buf;

	buf_init(&buf, arena);
	buf_add_c(&buf, "");
	escape_add(&buf, value);
	return buf.data;
}

struct parts {
	struct text user;
	struct text account;
	struct text domain;
};

/* The placeholder at the start of t: its length, and what it stands for. 0: there is none. */
static size_t placeholder_read(struct text t, const struct parts *parts, struct text *ret)
{
	const struct {
		struct text name;
		struct text value;
	} names[] = {
	    {TEXT("{user}"), parts->user},
	    {TEXT("{account}"), parts->account},
	    {TEXT("{domain}"), parts->domain},
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (!text_starts(t, names[i].name))
			continue;
		*ret = names[i].value;
		return names[i].name.len;
	}
	return 0;
}

/* Parentheses close what they opened, and one pair is around everything. */
static bool is_balanced(struct text t)
{
	size_t depth = 0;

	for (size_t i = 0; i < t.len; i++) {
		if (t.ptr[i] == '(' && ++depth > FILTER_DEPTH_MAX)
			return false;
		if (t.ptr[i] == ')' && depth-- == 0)
			return false;
		if (depth == 0 && i + 1 < t.len)
			return false;
	}
	return t.len > 2 && depth == 0;
}

const char *filter_refusal(struct text template)
{
	const struct parts none = {TEXT_EMPTY, TEXT_EMPTY, TEXT_EMPTY};
	bool is_about_user = false;
	struct text value;

	if (template.len > FILTER_MAX || !text_is_printable(template))
		return "at most 1024 printable characters";
	if (!is_balanced(template))
		return "one filter in parentheses that match, like (uid={account})";
	for (size_t i = 0; i < template.len; i++) {
		struct text rest = text_from(template, i);

		if (template.ptr[i] != '{')
			continue;
		if (!placeholder_read(rest, &none, &value))
			return "without braces but for {user}, {account} and {domain}";
		is_about_user = is_about_user || !text_starts(rest, TEXT("{domain}"));
	}
	return is_about_user ? NULL : "a filter with {user} or {account} in it";
}

static struct parts parts_of(struct text name)
{
	struct parts parts = {.user = name};
	bool is_netbios = text_has_byte(name, '\\');
	struct text rest = name, first = text_cut(&rest, is_netbios ? '\\' : '@');

	rest = rest.ptr ? rest : TEXT_EMPTY;
	parts.account = is_netbios ? rest : first;
	parts.domain = is_netbios ? first : rest;
	return parts;
}

const char *filter_write(struct arena *arena, struct text template, struct text user_name)
{
	const struct parts parts = parts_of(user_name);
	struct text value;
	struct buf buf;

	if (user_name.len == 0 || user_name.len > FILTER_NAME_MAX || !text_is_utf8(user_name) ||
	    parts.account.len == 0)
		return NULL;
	buf_init(&buf, arena);
	while (template.len > 0) {
		size_t len = placeholder_read(template, &parts, &value);

		if (len > 0)
			escape_add(&buf, value);
		else
			buf_add_byte(&buf, template.ptr[0]);
		template = text_from(template, len > 0 ? len : 1);
	}
	return buf.data ? buf.data : "";
}
