/* SPDX-License-Identifier: Apache-2.0 */
/*
 * locuri.c: checking and normalising LocURIs (OMA DM TND, MS-MDM 2.2, Windows URI rules).
 *
 * A character may stand for itself if RFC 3986 lets it stand in a path segment; everything else
 * has to come percent-encoded, as Windows compares encoded text. Only %00 is refused among the
 * encoded bytes. Decides nothing about whether a node exists.
 */
#include "syncml/locuri.h"

#include "base/buf.h"
#include "base/limits.h"

static bool is_unreserved(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.' || c == '_' || c == '~';
}

static bool is_path_char(unsigned char c)
{
	return is_unreserved(c) || (c && strchr("!$&'()*+,;=:@", c));
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The byte that t[i] = '%' and its two digits stand for; -1: not an encoding. */
static int decoded(struct text t, size_t i)
{
	int high, low;

	if (i + 2 >= t.len)
		return -1;
	high = hex_digit(t.ptr[i + 1]);
	low = hex_digit(t.ptr[i + 2]);
	return high < 0 || low < 0 ? -1 : high * 16 + low;
}

static int check_segment(struct text segment)
{
	if (text_is_empty(segment) || text_eq_c(segment, "*") || text_eq_c(segment, ".") ||
	    text_eq_c(segment, ".."))
		return LOCURI_E_SEGMENT;
	for (size_t i = 0; i < segment.len; i++) {
		if (segment.ptr[i] == '%') {
			if (decoded(segment, i) <= 0)
				return LOCURI_E_ENCODING;
			i += 2;
		} else if (!is_path_char((unsigned char)segment.ptr[i])) {
			return LOCURI_E_CHARACTER;
		}
	}
	return 0;
}

int locuri_check(struct text uri)
{
	struct text rest;

	if (text_is_empty(uri))
		return LOCURI_E_EMPTY;
	if (uri.len > LIMIT_SYNCML_LOCURI)
		return LOCURI_E_TOO_LONG;
	if (!text_starts(uri, TEXT("./")))
		return LOCURI_E_ROOT;
	rest = text_from(uri, 2);
	while (rest.ptr) {
		int r = check_segment(text_cut(&rest, '/'));

		if (r)
			return r;
	}
	return 0;
}

int locuri_check_get(struct text uri)
{
	struct text path = text_cut(&uri, '?');

	if (uri.ptr && !text_starts(uri, TEXT("list=")) && !text_starts(uri, TEXT("prop=")))
		return LOCURI_E_CHARACTER;
	for (size_t i = 0; uri.ptr && i < uri.len; i++) {
		if (!is_path_char((unsigned char)uri.ptr[i]))
			return LOCURI_E_CHARACTER;
	}
	return locuri_check(path);
}

const char *locuri_outcome_text(int outcome)
{
	static const char *const texts[] = {
	    [LOCURI_E_EMPTY] = "the LocURI is empty",
	    [LOCURI_E_TOO_LONG] = "the LocURI is too long",
	    [LOCURI_E_ROOT] = "a LocURI begins with ./",
	    [LOCURI_E_SEGMENT] = "a segment of the LocURI is empty, a dot or an asterisk",
	    [LOCURI_E_CHARACTER] = "the LocURI has a character that must be percent-encoded",
	    [LOCURI_E_ENCODING] = "a % in the LocURI is not followed by two hexadecimal digits",
	};

	if (outcome <= 0 || (size_t)outcome >= ARRAY_LEN(texts))
		return "";
	return texts[outcome];
}

static bool is_first_segment(struct text uri, struct text segment)
{
	return text_starts_nocase(uri, segment) &&
	       (uri.len == segment.len || uri.ptr[segment.len] == '/' ||
		uri.ptr[segment.len] == '?');
}

enum scope locuri_scope(struct text uri)
{
	return is_first_segment(uri, TEXT("./User")) ? SCOPE_USER : SCOPE_DEVICE;
}

/* Write the well-known beginning of uri in its one form and return what follows it. */
static struct text normal_prefix(struct buf *buf, struct text uri)
{
	static const struct {
		struct text any;
		const char *normal;
	} prefixes[] = {
	    {{"./User/Vendor/MSFT", 18}, "./User/Vendor/MSFT"},
	    {{"./Device/Vendor/MSFT", 20}, "./Device/Vendor/MSFT"},
	    {{"./Vendor/MSFT", 13}, "./Device/Vendor/MSFT"},
	    {{"./User", 6}, "./User"},
	    {{"./Device", 8}, "./Device"},
	};

	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++) {
		if (is_first_segment(uri, prefixes[i].any)) {
			buf_add_c(buf, prefixes[i].normal);
			return text_from(uri, prefixes[i].any.len);
		}
	}
	return uri;
}

char *locuri_normal(struct arena *arena, struct text uri)
{
	struct text path = uri;
	struct buf buf;

	path = text_cut(&path, '?');
	if (locuri_check(path) != 0)
		return arena_cstr(arena, uri);
	buf_init(&buf, arena);
	path = normal_prefix(&buf, path);
	for (size_t i = 0; i < path.len; i++) {
		int byte;

		if (path.ptr[i] != '%') {
			buf_add_byte(&buf, path.ptr[i]);
			continue;
		}
		byte = decoded(path, i);
		if (is_unreserved((unsigned char)byte))
			buf_add_byte(&buf, (char)byte);
		else
			buf_printf(&buf, "%%%02X", (unsigned)byte);
		i += 2;
	}
	return buf.len ? buf.data : arena_string(arena, "");
}

bool locuri_is_within(struct text uri, struct text root)
{
	return text_starts(uri, root) && (uri.len == root.len || uri.ptr[root.len] == '/');
}

char *locuri_segment(struct arena *arena, struct text name)
{
	struct buf buf;

	buf_init(&buf, arena);
	buf_add_url(&buf, name);
	return buf.len ? buf.data : arena_string(arena, "");
}
