/* SPDX-License-Identifier: Apache-2.0 */
/*
 * token.c: which bytes may stand where in an HTTP message.
 *
 * One table of classes for all 256 bytes. Nothing here folds, decodes or repairs: a run of bytes
 * either belongs to a class from its first to its last byte or it does not.
 *
 * Specification: RFC 9110 sections 5.5 and 5.6.2, RFC 3986 for what a target can consist of.
 */
#include "http/token.h"

enum { CLASS_TOKEN = 1, CLASS_VALUE = 2, CLASS_TARGET = 4 };
enum { TCHAR = CLASS_TOKEN | CLASS_VALUE | CLASS_TARGET, DELIMITER = CLASS_VALUE | CLASS_TARGET };

/* clang-format off */
static const unsigned char token_class[256] = {
	['\t'] = CLASS_VALUE, [' '] = CLASS_VALUE,
	['!'] = TCHAR, ['"'] = DELIMITER, ['#' ... '\''] = TCHAR, ['(' ... ')'] = DELIMITER,
	['*' ... '+'] = TCHAR, [','] = DELIMITER, ['-' ... '.'] = TCHAR, ['/'] = DELIMITER,
	['0' ... '9'] = TCHAR, [':' ... '@'] = DELIMITER, ['A' ... 'Z'] = TCHAR,
	['[' ... ']'] = DELIMITER, ['^' ... '`'] = TCHAR, ['a' ... 'z'] = TCHAR,
	['{'] = DELIMITER, ['|'] = TCHAR, ['}'] = DELIMITER, ['~'] = TCHAR,
	[0x80 ... 0xff] = CLASS_VALUE,
};
/* clang-format on */

static bool token_all(struct text t, unsigned class)
{
	for (size_t i = 0; i < t.len; i++)
		if (!(token_class[(unsigned char)t.ptr[i]] & class))
			return false;
	return true;
}

bool http_token_is(struct text t)
{
	return t.len && token_all(t, CLASS_TOKEN);
}

bool http_token_is_value(struct text t)
{
	return token_all(t, CLASS_VALUE);
}

bool http_token_is_target(struct text t)
{
	return t.len && token_all(t, CLASS_TARGET);
}

static bool token_is_blank(char c)
{
	return c == ' ' || c == '\t';
}

struct text http_token_trim(struct text t)
{
	while (t.len && token_is_blank(t.ptr[0]))
		t = text_from(t, 1);
	while (t.len && token_is_blank(t.ptr[t.len - 1]))
		t.len--;
	return t;
}
