/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tree.h: the nodes a server has set on a device, or a test: leaves by their full address, in
 * order. Interior nodes exist when something is below them, or when they were added on their own.
 * The tree owns its strings; replacing a value frees the old one.
 */
#ifndef MUSTER_SIM_DEVICE_TREE_H
#define MUSTER_SIM_DEVICE_TREE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"

struct tree_node {
	char *uri; /* canonical, see locuri_read */
	char *format;
	char *data;
};

struct tree {
	struct tree_node *nodes; /* sorted by uri */
	size_t count;
	size_t room;
};

void tree_init(struct tree *tree);
void tree_done(struct tree *tree);
void tree_copy(struct tree *ret, const struct tree *from);

/* The node at exactly that address; NULL: none. */
const struct tree_node *tree_get(const struct tree *tree, const char *uri);
/* The node or anything below it. */
bool tree_has(const struct tree *tree, const char *uri);
void tree_set(struct tree *tree, const char *uri, const char *format, const char *data);
/* The node and all below it; how many there were. */
size_t tree_remove(struct tree *tree, const char *uri);
/* The first node below `uri` ("./A" has "./A/b"); the nodes below are consecutive from there. */
size_t tree_below(const struct tree *tree, const char *uri);
/* nodes[i] is below uri. */
bool tree_is_below(const struct tree *tree, size_t i, const char *uri);

/* tree.json: {"<address>": {"format": ..., "data": ...}}. A file that is not there is no tree. */
MUST_CHECK int tree_load(struct tree *tree, const char *path, struct trail *trail);
MUST_CHECK int tree_save(const struct tree *tree, const char *path, struct trail *trail);

/* An address as one spelling: ./Vendor is ./Device/Vendor, the case of Device and User does not
 * matter, a query (?list=StructData) is cut off. Not an address: *ret_why says why. */
enum locuri_outcome { LOCURI_E_MALFORMED = 1 };
MUST_CHECK int locuri_read(struct arena *arena, struct text in, const char **ret,
			   struct text *ret_query, const char **ret_why);

#endif
