/* SPDX-License-Identifier: Apache-2.0 */
/*
 * redirect_uri.h: the address in Windows that the Terms of Use page hands the user back to.
 *
 * Anybody can put anything into ?redirect_uri=, and the answer carries a sealed consent, so the
 * reader is an allow-list: two schemes that only Windows handles, a plain host, a path and a query
 * of harmless characters. What is sent back is written from the parsed parts, never the input.
 */
#ifndef MUSTER_TERMS_REDIRECT_URI_H
#define MUSTER_TERMS_REDIRECT_URI_H

#include "base/arena.h"
#include "base/text.h"

struct redirect_uri {
	const char *scheme; /* from the allow-list, lower case */
	struct text host;
	struct text path;  /* "" or begins with '/' */
	struct text query; /* without '?'; empty when there is none */
};

enum redirect_uri_outcome {
	REDIRECT_E_EMPTY = 1,
	REDIRECT_E_TOO_LONG,
	REDIRECT_E_SCHEME,    /* not one that Windows handles for an MDM */
	REDIRECT_E_HOST,      /* absent, or with user, port or characters outside [A-Za-z0-9._-] */
	REDIRECT_E_CHARACTER, /* a character or %XX that has no place in a path or query */
	REDIRECT_E_FRAGMENT,
	REDIRECT_E_PARAMETER /* already carries a parameter that we answer with */
};

/* in: the decoded parameter value. *ret borrows from in. */
MUST_CHECK int redirect_uri_read(struct arena *arena, struct text in, struct redirect_uri *ret);
const char *redirect_uri_reason(int outcome);

/* The address with name=value pairs added to its query, values percent-encoded (RFC 3986).
 * pairs: name, value, name, value, ..., NULL. A pair whose value is "" is left out. */
char *redirect_uri_write(struct arena *arena, const struct redirect_uri *uri,
			 const char *const *pairs);

/* Whether the address begins like one of a tenant's own rule: the same scheme and host, and a path
 * that begins with the rule's. Both are compared as parsed; a path with "." or ".." begins like
 * none. rule: what redirect_uri_is_rule accepts. */
bool redirect_uri_begins(struct arena *arena, const struct redirect_uri *uri, struct text rule);
/* An allowed address without a query. */
bool redirect_uri_is_rule(struct arena *arena, struct text rule);

#endif
