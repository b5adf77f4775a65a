/* SPDX-License-Identifier: Apache-2.0 */
/*
 * line.h: one connection to an LDAP server with one deadline over everything that is done on
 * it. Private to src/ldap: the only place that knows libldap.
 *
 * Options are set on the handle, all of them, so that no ldap.conf, .ldaprc or environment of the
 * machine weakens them. The socket does not block once it is connected: an answer that drips in is
 * waited for until the deadline and no longer, and is at most a megabyte.
 */
#ifndef MUSTER_LDAP_LINE_H
#define MUSTER_LDAP_LINE_H

#include <ldap.h>

#include "base/arena.h"
#include "base/err.h"
#include "model/account.h"

enum { LINE_TIME_MS = 10 * 1000 }; /* from opening to the last answer */

struct line {
	struct arena *arena;
	LDAP *ld;
	int64_t until_ms; /* monotonic */
	int ca_file;      /* -1: none */
	bool is_answered; /* the server has answered something */
	const char *why;  /* with every outcome: one sentence */
};

enum line_outcome {
	LINE_E_UNAVAILABLE = 1,
	LINE_E_REFUSED, /* the server said no; code and diagnostic are set */
	LINE_E_MANY     /* more entries than one */
};

/* What the server said. */
struct line_answer {
	int code;
	const char *diagnostic; /* in the arena */
};

/* An entry that was found; values in the arena, binary ones as they are. */
enum { LINE_ATTRIBUTES = 6 };
struct line_entry {
	bool is_found;
	const char *dn;
	struct text values[LINE_ATTRIBUTES]; /* the first of each asked for; empty: none */
};

struct line_query {
	const char *base;
	bool is_base_only; /* else the whole tree */
	const char *filter;
	const char *const *attributes; /* NULL terminated, at most LINE_ATTRIBUTES */
};

/* Connect lazily, with StartTLS now where the directory wants it. Close it whatever it returns. */
MUST_CHECK int line_open(struct line *line, struct arena *arena,
			 const struct ldap_directory *directory);
void line_close(struct line *line);

/* A simple bind. password must not be empty unless dn is. */
MUST_CHECK int line_bind(struct line *line, const char *dn, struct text password,
			 struct line_answer *ret);
/* The one entry, or none. */
MUST_CHECK int line_search(struct line *line, const struct line_query *search,
			   struct line_entry *ret, struct line_answer *ret_answer);

#endif
