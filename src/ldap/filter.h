/* SPDX-License-Identifier: Apache-2.0 */
/*
 * filter.h: the search filter for a user (RFC 4515), made from what an administrator wrote and what
 * somebody typed. In the administrator's text {user} stands for the whole name, {account} for the
 * part before '@' or behind '\', {domain} for the other part. What was typed is escaped byte by
 * byte, so it is a value and never a part of the filter.
 */
#ifndef MUSTER_LDAP_FILTER_H
#define MUSTER_LDAP_FILTER_H

#include "base/arena.h"
#include "base/text.h"

enum { FILTER_MAX = 1024, FILTER_NAME_MAX = 256, FILTER_DEPTH_MAX = 16 };

/* For Active Directory and for most others. */
#define FILTER_DEFAULT                                                                             \
	"(|(userPrincipalName={user})(sAMAccountName={account})(mail={user})(uid={account}))"

/* NULL, or what a template must be: balanced, one filter, with {user} or {account} in it. */
const char *filter_refusal(struct text template);

/* The filter in the arena; NULL when the name is empty, too long or not UTF-8. */
const char *filter_write(struct arena *arena, struct text template, struct text user_name);

/* A value with every byte escaped that could mean something. */
const char *filter_escape(struct arena *arena, struct text value);

#endif
