/* SPDX-License-Identifier: Apache-2.0 */
/*
 * csp.h: the catalogue of configuration service provider nodes this server knows something about.
 *
 * It is not the DDF of Windows: a node that is not in it can still be set by a policy. It holds
 * the nodes the server asks for by itself and the fact each answer becomes, the nodes whose
 * format or values administrators often get wrong, and those a policy must not touch. Immutable.
 *
 * A fact holds the value exactly as the device said it ("1", "10.0.26200.9278"); what a number
 * stands for is in `values`. An empty fact says that the device has no such node.
 */
#ifndef MUSTER_CSP_CSP_H
#define MUSTER_CSP_CSP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/text.h"
#include "model/compliance.h"
#include "model/policy.h"

enum csp_access {
	CSP_ADD = 1 << 0,
	CSP_DELETE = 1 << 1,
	CSP_GET = 1 << 2,
	CSP_REPLACE = 1 << 3,
	CSP_EXEC = 1 << 4
};

enum csp_scope { CSP_DEVICE = 1 << 0, CSP_USER = 1 << 1, CSP_BOTH = CSP_DEVICE | CSP_USER };

struct csp_node {
	const char *locuri;  /* locuri_normal form of the device scope; "*" is any one segment, a
				final "**" is everything below */
	const char *format;  /* "": not the same for all nodes the row matches */
	const char *allowed; /* of an int: "0-3,65535"; "": any */
	const char *values;  /* what values mean: "0 off|1 on"; "" */
	const char *fact;    /* the fact its value becomes; "": none */
	unsigned access;     /* enum csp_access */
	unsigned scopes;     /* enum csp_scope */
	int64_t min_build;   /* first Windows build that has it; 0: all */
	int64_t max_age;     /* seconds until the fact is asked again; -1: never asked by us */
	bool is_reserved;    /* the server's own: no policy may set it */
};

/* The row that says most about a LocURI, in any spelling and scope; NULL: nothing known. */
const struct csp_node *csp_find(struct text locuri);
/* The row a fact comes from; NULL: no such fact. */
const struct csp_node *csp_fact_node(struct text fact);
/* The i-th row; NULL past the end. For lists in the console and in the manual. */
const struct csp_node *csp_at(size_t i);
/* What a fact's value stands for, in the arena; the value itself where nothing is known. */
const char *csp_fact_meaning(struct arena *arena, const struct fact *fact);

/* Third part of "10.0.26200.9278"; 0 when it is not of that form. */
int64_t csp_build(const char *os_version);

/* The nodes to Get now, in the order to ask: those without a fact and those whose fact is older
 * than max_age, as far as the device's build has them. */
void csp_inventory(struct arena *arena, const struct fact *facts, size_t n, int64_t now,
		   const struct csp_node ***ret, size_t *ret_n);

enum csp_outcome {
	CSP_E_LOCURI = 1, /* not an address */
	CSP_E_SCOPE = 2,  /* a user address in a device policy, or the other way round */
	CSP_E_FORMAT = 3, /* no such format, or not the node's */
	CSP_E_DATA = 4,   /* not a value of the format, or outside what the node takes */
	CSP_E_NODE = 5    /* read only, an action, or the server's own */
};

/* Whether a policy of this scope may hold the setting. *ret_why gets one sentence (static). */
MUST_CHECK int csp_setting_check(const struct setting *setting, enum scope scope,
				 const char **ret_why);

#endif
