/* SPDX-License-Identifier: Apache-2.0 */
/*
 * token.h: the character classes of HTTP messages (RFC 9110 section 5), in one place for what is
 * read and what is written.
 */
#ifndef MUSTER_HTTP_TOKEN_H
#define MUSTER_HTTP_TOKEN_H

#include "base/text.h"

/* One or more tchar: methods and field names. */
bool http_token_is(struct text t);
/* A field value: visible bytes, blanks, tabs and bytes above 0x7f; no other control, may be empty.
 */
bool http_token_is_value(struct text t);
/* One or more visible ASCII bytes: a request target. */
bool http_token_is_target(struct text t);
/* Blanks and tabs at both ends cut off (the OWS of the grammar, nothing else). */
struct text http_token_trim(struct text t);

#endif
