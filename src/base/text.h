/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text.h: a borrowed run of bytes with a length, the type of everything that came from outside.
 *
 * A struct text never owns its bytes and need not be NUL-terminated; it may contain NUL. Nothing
 * that was received is ever treated as a C string before text_is_printable or a reader of its
 * grammar has accepted it. Comparison is by byte; only the functions that say so fold ASCII case.
 */
#ifndef MUSTER_BASE_TEXT_H
#define MUSTER_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/attr.h"

struct text {
	const char *ptr;
	size_t len;
};

#define TEXT_EMPTY ((struct text){.ptr = "", .len = 0})
/* A literal. */
#define TEXT(lit) ((struct text){.ptr = ("" lit), .len = sizeof(lit) - 1})
/* printf("%.*s", TEXT_ARG(t)) */
#define TEXT_ARG(t) (int)(t).len, (t).ptr

struct text text_of(const char *s); /* NULL gives the empty text */
struct text text_make(const void *ptr, size_t len);

bool text_is_empty(struct text t);
bool text_eq(struct text a, struct text b);
bool text_eq_c(struct text a, const char *b);
bool text_eq_nocase(struct text a, struct text b); /* ASCII */
bool text_starts(struct text t, struct text prefix);
bool text_starts_nocase(struct text t, struct text prefix);
bool text_ends(struct text t, struct text suffix);
bool text_has_byte(struct text t, char c);
/* Constant time for equal lengths; for comparing secrets. */
bool text_eq_secret(struct text a, struct text b);

struct text text_trim(struct text t);                /* XML white space at both ends */
struct text text_from(struct text t, size_t offset); /* the rest from offset; empty past the end */
struct text text_take(struct text t, size_t len);    /* at most len bytes */

/* Cut t at the first sep: the part before is returned, *t becomes the part after. Where there is
 * no sep the whole of *t is returned and *t becomes {NULL, 0}. Iterate while (t.ptr). */
struct text text_cut(struct text *t, char sep);

/* Every byte printable ASCII (0x20..0x7e). */
bool text_is_printable(struct text t);
/* Strict UTF-8: no overlong forms, surrogates, NUL, or code points above U+10FFFF. */
bool text_is_utf8(struct text t);
/* The character at the start of t: its length in bytes and, in *ret, its code point (NUL counts as
 * one). 0, with *ret untouched, when t is empty or does not start with well-formed UTF-8. */
size_t text_first_char(struct text t, uint32_t *ret);

/* Decimal integers with no sign prefix '+', no blanks, no leading zeros but "0" itself. */
MUST_CHECK bool text_to_u64(struct text t, uint64_t *ret);
MUST_CHECK bool text_to_i64(struct text t, int64_t *ret);

#endif
