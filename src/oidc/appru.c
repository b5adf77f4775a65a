/* SPDX-License-Identifier: Apache-2.0 */
/*
 * appru.c: see appru.h. What is put together at the end is made of checked parts only; nothing of
 * the input is copied as a whole.
 */
#include "oidc/appru.h"

#include "base/limits.h"

#define SCHEME "ms-app://"

enum { HOST_MAX = 253 };

static bool is_alphanumeric(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_host(struct text host)
{
	if (host.len == 0 || host.len > HOST_MAX || !is_alphanumeric(host.ptr[0]) ||
	    !is_alphanumeric(host.ptr[host.len - 1]))
		return false;
	for (size_t i = 0; i < host.len; i++)
		if (!is_alphanumeric(host.ptr[i]) && host.ptr[i] != '.' && host.ptr[i] != '-')
			return false;
	return true;
}

static bool is_path(struct text path)
{
	for (size_t i = 0; i < path.len; i++)
		if (!is_alphanumeric(path.ptr[i]) && !memchr("-._~/", path.ptr[i], 5))
			return false;
	return true;
}

int oidc_appru_read(struct arena *arena, struct text in, const char **ret)
{
	static const struct text scheme = TEXT(SCHEME);
	struct text rest, host;

	if (text_is_empty(in))
		return OIDC_APPRU_E_MISSING;
	if (in.len > LIMIT_APPRU)
		return OIDC_APPRU_E_TOO_LONG;
	if (!text_starts(in, scheme))
		return OIDC_APPRU_E_SCHEME;
	rest = text_from(in, scheme.len);
	host = text_cut(&rest, '/');
	if (!is_host(host))
		return OIDC_APPRU_E_HOST;
	if (!rest.ptr) {
		*ret = arena_printf(arena, SCHEME "%.*s", TEXT_ARG(host));
		return 0;
	}
	if (!is_path(rest))
		return OIDC_APPRU_E_PATH;
	*ret = arena_printf(arena, SCHEME "%.*s/%.*s", TEXT_ARG(host), TEXT_ARG(rest));
	return 0;
}
