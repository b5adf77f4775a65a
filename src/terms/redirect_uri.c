/* SPDX-License-Identifier: Apache-2.0 */
/*
 * redirect_uri.c: see redirect_uri.h. The grammar is a subset of RFC 3986: scheme "://" host,
 * an optional path, an optional query. No user, port or fragment; percent escapes are kept as they
 * are but must not hide control characters.
 */
#include "terms/redirect_uri.h"

#include "base/buf.h"
#include "base/limits.h"

/* Windows hands out the first to MDM pages; its own shell uses the second for the same purpose. */
static const char *const schemes[] = {"ms-appx-web", "ms-aadj-redir"};

static const char *const answer_names[] = {"IsAccepted", "OpaqueBlob", "error", "error_description",
					   "client-request-id"};

enum { HOST_MAX = 128, PARAMETERS_MAX = 32 };

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static int scheme_read(struct text *in, const char **ret)
{
	for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
		struct text scheme = text_of(schemes[i]);

		if (!text_starts_nocase(*in, scheme) ||
		    !text_starts(text_from(*in, scheme.len), TEXT("://")))
			continue;
		*in = text_from(*in, scheme.len + 3);
		*ret = schemes[i];
		return 0;
	}
	return REDIRECT_E_SCHEME;
}

static int host_read(struct text *in, struct text *ret)
{
	size_t n = 0;

	while (n < in->len && in->ptr[n] != '/' && in->ptr[n] != '?' && in->ptr[n] != '#') {
		char c = in->ptr[n];

		if (!is_alnum(c) && c != '.' && c != '_' && c != '-')
			return REDIRECT_E_HOST;
		n++;
	}
	if (n == 0 || n > HOST_MAX)
		return REDIRECT_E_HOST;
	*ret = text_take(*in, n);
	*in = text_from(*in, n);
	return 0;
}

/* %XX at t[i]: two digits that are not a control character. */
static bool is_escape(struct text t, size_t i)
{
	int hi, lo;

	if (i + 2 >= t.len)
		return false;
	hi = hex_value(t.ptr[i + 1]);
	lo = hex_value(t.ptr[i + 2]);
	if (hi < 0 || lo < 0)
		return false;
	return hi * 16 + lo >= 0x20 && hi * 16 + lo != 0x7f;
}

static int rest_check(struct text rest)
{
	static const char allowed[] = "-._~!$&'()*+,;=:@/?";

	for (size_t i = 0; i < rest.len; i++) {
		char c = rest.ptr[i];

		if (c == '#')
			return REDIRECT_E_FRAGMENT;
		if (c == '%') {
			if (!is_escape(rest, i))
				return REDIRECT_E_CHARACTER;
			i += 2;
			continue;
		}
		if (!is_alnum(c) && (c == '\0' || !strchr(allowed, c)))
			return REDIRECT_E_CHARACTER;
	}
	return 0;
}

static struct text unescape(struct arena *arena, struct text t)
{
	char *out = arena_alloc(arena, t.len + 1);
	size_t n = 0;

	for (size_t i = 0; i < t.len; i++) {
		if (t.ptr[i] == '%') {
			out[n++] = (char)(hex_value(t.ptr[i + 1]) * 16 + hex_value(t.ptr[i + 2]));
			i += 2;
		} else {
			out[n++] = t.ptr[i];
		}
	}
	return text_make(out, n);
}

static int parameters_check(struct arena *arena, struct text query)
{
	size_t count = 0;

	while (query.ptr && query.len > 0) {
		struct text pair = text_cut(&query, '&');
		struct text name = unescape(arena, text_cut(&pair, '='));

		if (++count > PARAMETERS_MAX)
			return REDIRECT_E_PARAMETER;
		for (size_t i = 0; i < ARRAY_LEN(answer_names); i++)
			if (text_eq_nocase(name, text_of(answer_names[i])))
				return REDIRECT_E_PARAMETER;
	}
	return 0;
}

int redirect_uri_read(struct arena *arena, struct text in, struct redirect_uri *ret)
{
	struct redirect_uri uri = {.query = TEXT_EMPTY};
	struct text rest = in;
	int r;

	if (text_is_empty(in))
		return REDIRECT_E_EMPTY;
	if (in.len > LIMIT_REDIRECT_URI)
		return REDIRECT_E_TOO_LONG;
	r = scheme_read(&rest, &uri.scheme);
	if (r)
		return r;
	r = host_read(&rest, &uri.host);
	if (r)
		return r;
	r = rest_check(rest);
	if (r)
		return r;
	uri.path = text_cut(&rest, '?');
	if (rest.ptr)
		uri.query = rest;
	r = parameters_check(arena, uri.query);
	if (r)
		return r;
	*ret = uri;
	return 0;
}

const char *redirect_uri_reason(int outcome)
{
	static const char *const reasons[] = {
	    [REDIRECT_E_EMPTY] = "redirect_uri_missing",
	    [REDIRECT_E_TOO_LONG] = "redirect_uri_too_long",
	    [REDIRECT_E_SCHEME] = "redirect_uri_scheme",
	    [REDIRECT_E_HOST] = "redirect_uri_host",
	    [REDIRECT_E_CHARACTER] = "redirect_uri_character",
	    [REDIRECT_E_FRAGMENT] = "redirect_uri_fragment",
	    [REDIRECT_E_PARAMETER] = "redirect_uri_parameter",
	};

	if (outcome <= 0 || (size_t)outcome >= ARRAY_LEN(reasons))
		return "redirect_uri";
	return reasons[outcome];
}

char *redirect_uri_write(struct arena *arena, const struct redirect_uri *uri,
			 const char *const *pairs)
{
	struct buf buf;
	bool has_query = !text_is_empty(uri->query);

	buf_init(&buf, arena);
	buf_printf(&buf, "%s://%.*s%.*s", uri->scheme, TEXT_ARG(uri->host), TEXT_ARG(uri->path));
	if (has_query)
		buf_printf(&buf, "?%.*s", TEXT_ARG(uri->query));
	for (; pairs[0]; pairs += 2) {
		if (pairs[1][0] == '\0')
			continue;
		buf_add_byte(&buf, has_query ? '&' : '?');
		buf_add_c(&buf, pairs[0]);
		buf_add_byte(&buf, '=');
		buf_add_url(&buf, text_of(pairs[1]));
		has_query = true;
	}
	return buf.data;
}

static bool has_dot_segment(struct arena *arena, struct text path)
{
	struct text rest = unescape(arena, path);

	while (rest.ptr) {
		struct text segment = text_cut(&rest, '/');

		if (text_eq(segment, TEXT(".")) || text_eq(segment, TEXT("..")))
			return true;
	}
	return false;
}

bool redirect_uri_is_rule(struct arena *arena, struct text rule)
{
	struct redirect_uri uri;

	return redirect_uri_read(arena, rule, &uri) == 0 && text_is_empty(uri.query) &&
	       !text_has_byte(rule, '?') && !has_dot_segment(arena, uri.path);
}

bool redirect_uri_begins(struct arena *arena, const struct redirect_uri *uri, struct text rule)
{
	struct redirect_uri want;

	if (!redirect_uri_is_rule(arena, rule) || redirect_uri_read(arena, rule, &want))
		return false;
	return !strcmp(uri->scheme, want.scheme) && text_eq_nocase(uri->host, want.host) &&
	       text_starts(uri->path, want.path) && !has_dot_segment(arena, uri->path);
}
