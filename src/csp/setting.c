/* SPDX-License-Identifier: Apache-2.0 */
/*
 * setting.c: whether a policy may hold a setting: address, scope, format, value.
 *
 * A wrong format is refused by the device with a status that says little, hours later and on
 * every device; so what can be known is refused while the administrator is still looking. A node
 * that is not in the catalogue is only held to the rules of its format. One function a format.
 */
#include <stdlib.h>

#include "base/b64.h"
#include "base/limits.h"
#include "csp/csp.h"
#include "syncml/locuri.h"
#include "syncml/syncml.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* 'd' in the pattern is a digit, everything else itself. */
static bool fits(struct text t, const char *pattern)
{
	if (t.len != strlen(pattern))
		return false;
	for (size_t i = 0; i < t.len; i++) {
		if (pattern[i] == 'd' ? !is_digit(t.ptr[i]) : t.ptr[i] != pattern[i])
			return false;
	}
	return true;
}

/* XML 1.0 has no way to carry these; the writer would replace them. */
static bool is_carriable(struct text t)
{
	for (size_t i = 0; i < t.len; i++) {
		unsigned char c = (unsigned char)t.ptr[i];

		if (c < 0x20 && c != '\t' && c != '\n' && c != '\r')
			return false;
	}
	return text_is_utf8(t);
}

static bool chr_check(struct arena *arena, struct text data)
{
	return true;
}

static bool int_check(struct arena *arena, struct text data)
{
	int64_t value;

	return text_to_i64(data, &value);
}

static bool bool_check(struct arena *arena, struct text data)
{
	return text_eq_c(data, "true") || text_eq_c(data, "false");
}

static bool b64_check(struct arena *arena, struct text data)
{
	struct text bytes;

	return !text_is_empty(data) && b64_read(arena, data, &bytes) == 0;
}

static bool xml_check(struct arena *arena, struct text data)
{
	struct text markup;

	return !text_is_empty(text_trim(data)) && syncml_markup_read(arena, data, &markup) == 0;
}

static bool empty_check(struct arena *arena, struct text data)
{
	return text_is_empty(data);
}

static bool float_check(struct arena *arena, struct text data)
{
	size_t digits = 0, dots = 0, i = data.len && data.ptr[0] == '-';

	for (; i < data.len; i++) {
		if (is_digit(data.ptr[i]))
			digits++;
		else if (data.ptr[i] == '.' && digits)
			dots++;
		else
			return false;
	}
	return digits && dots <= 1 && is_digit(data.ptr[data.len - 1]);
}

static bool date_check(struct arena *arena, struct text data)
{
	return fits(data, "dddddddd") || fits(data, "dddd-dd-dd");
}

static bool time_check(struct arena *arena, struct text data)
{
	return fits(data, "dddddd") || fits(data, "dd:dd:dd") || fits(data, "ddddddZ") ||
	       fits(data, "dd:dd:ddZ");
}

static const struct format {
	const char *name;
	bool (*check)(struct arena *arena, struct text data);
	const char *why;
} formats[] = {
    {"chr", chr_check, "the value is not text"},
    {"int", int_check, "an int is a decimal number without blanks or leading zeros"},
    {"bool", bool_check, "a bool is true or false, in lower case"},
    {"b64", b64_check, "the value is not base64 on one line"},
    {"xml", xml_check, "the value is not well-formed XML content"},
    {"node", empty_check, "a node has no value"},
    {"null", empty_check, "a null has no value"},
    {"float", float_check, "a float is digits with at most one point"},
    {"date", date_check, "a date is YYYYMMDD or YYYY-MM-DD"},
    {"time", time_check, "a time is hhmmss or hh:mm:ss"},
};

static const struct format *find_format(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
		if (!strcmp(formats[i].name, name))
			return &formats[i];
	}
	return NULL;
}

/* "0-3,65535"; the list is ours and well formed. */
static bool is_allowed(const char *allowed, struct text data)
{
	struct text rest = text_of(allowed);
	int64_t value;

	if (!*allowed)
		return true;
	if (!text_to_i64(data, &value))
		return false;
	while (rest.ptr) {
		struct text high = text_cut(&rest, ',');
		struct text low = text_cut(&high, '-');
		int64_t first, last;

		if (!text_to_i64(low, &first))
			return false;
		last = first;
		if (high.ptr && !text_to_i64(high, &last))
			return false;
		if (value >= first && value <= last)
			return true;
	}
	return false;
}

static int node_check(const struct csp_node *node, const struct setting *setting, enum scope scope,
		      const char **ret_why)
{
	if (node->is_reserved) {
		*ret_why = "this node is managed by the server itself";
		return CSP_E_NODE;
	}
	if (!(node->access & (CSP_ADD | CSP_REPLACE))) {
		*ret_why = node->access & CSP_EXEC ? "this node is an action, not a setting"
						   : "this node can only be read";
		return CSP_E_NODE;
	}
	if (scope == SCOPE_USER && !(node->scopes & CSP_USER)) {
		*ret_why = "this node exists for the device only";
		return CSP_E_SCOPE;
	}
	if (*node->format && strcmp(node->format, setting->format) != 0) {
		*ret_why = "this node has another format";
		return CSP_E_FORMAT;
	}
	if (!is_allowed(node->allowed, text_of(setting->data))) {
		*ret_why = "this node does not take that value";
		return CSP_E_DATA;
	}
	return 0;
}

static int data_check(const struct format *format, struct text data, const char **ret_why)
{
	struct arena arena;
	bool is_good;

	if (data.len > LIMIT_SETTING_DATA) {
		*ret_why = "the value is too long";
		return CSP_E_DATA;
	}
	if (!is_carriable(data)) {
		*ret_why = "the value has characters that cannot be sent";
		return CSP_E_DATA;
	}
	arena_init(&arena);
	is_good = format->check(&arena, data);
	arena_done(&arena);
	if (!is_good) {
		*ret_why = format->why;
		return CSP_E_DATA;
	}
	return 0;
}

int csp_setting_check(const struct setting *setting, enum scope scope, const char **ret_why)
{
	struct text uri = text_of(setting->locuri);
	const struct format *format = find_format(setting->format);
	const struct csp_node *node;
	int r = locuri_check(uri);

	if (r) {
		*ret_why = locuri_outcome_text(r);
		return CSP_E_LOCURI;
	}
	if (locuri_scope(uri) != scope) {
		*ret_why = scope == SCOPE_USER ? "a policy for users takes only ./User addresses"
					       : "a policy for devices takes no ./User address";
		return CSP_E_SCOPE;
	}
	if (!format) {
		*ret_why = "the format is one of chr int bool b64 xml node null float date time";
		return CSP_E_FORMAT;
	}
	r = data_check(format, text_of(setting->data), ret_why);
	if (r)
		return r;
	node = csp_find(uri);
	return node ? node_check(node, setting, scope, ret_why) : 0;
}
