/* SPDX-License-Identifier: Apache-2.0 */
/*
 * err.c: the bounded trail of a failure.
 *
 * Entries are separated by "; ". Once the buffer is full further entries are dropped: the first
 * ones, nearest to the cause, are those worth keeping. Paths are cut to what follows "src/" so
 * that a trail reads the same whatever directory the build ran in.
 */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
	int code;
	const char *name;
} err_names[] = {
    {ERR_SYSTEM, "system"},     {ERR_STORE, "store"},   {ERR_NETWORK, "network"},
    {ERR_CRYPTO, "crypto"},     {ERR_CONFIG, "config"}, {ERR_LIMIT, "limit"},
    {ERR_INTERNAL, "internal"},
};

const char *err_name(int code)
{
	for (size_t i = 0; i < ARRAY_LEN(err_names); i++) {
		if (err_names[i].code == code)
			return err_names[i].name;
	}
	return "unknown";
}

void trail_reset(struct trail *trail)
{
	trail->text[0] = '\0';
	trail->cause[0] = '\0';
	trail->len = 0;
}

static PRINTF_LIKE(2, 0) void trail_vappend(struct trail *trail, const char *fmt, va_list args)
{
	size_t room = sizeof(trail->text) - trail->len;
	int n = vsnprintf(trail->text + trail->len, room, fmt, args);

	if (n < 0)
		trail->text[trail->len] = '\0';
	else
		trail->len += (size_t)n < room ? (size_t)n : room - 1;
}

static PRINTF_LIKE(2, 3) void trail_append(struct trail *trail, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	trail_vappend(trail, fmt, args);
	va_end(args);
}

static const char *trail_short_path(const char *file)
{
	const char *src = strstr(file, "src/");

	return src ? src + 4 : file;
}

int trail_add(struct trail *trail, const char *file, int line, const char *func, int code,
	      const char *fmt, ...)
{
	va_list args;

	if (!trail)
		return code;
	if (trail->len == 0) {
		va_start(args, fmt);
		vsnprintf(trail->cause, sizeof(trail->cause), fmt, args);
		va_end(args);
	}
	trail_append(trail, "%s%s:%d %s: ", trail->len ? "; " : "", trail_short_path(file), line,
		     func);
	/* Forwarding has no name of its own; a positive outcome is named by its function only. */
	if (code < 0 && strcmp(fmt, "%s") != 0)
		trail_append(trail, "%s: ", err_name(code));
	va_start(args, fmt);
	trail_vappend(trail, fmt, args);
	va_end(args);
	return code;
}
