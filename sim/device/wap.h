/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wap.h: the grammar of a provisioning document: characteristics with a type, parameters with a
 * name, a value and sometimes a data type. Names are case-sensitive.
 */
#ifndef MUSTER_SIM_DEVICE_WAP_H
#define MUSTER_SIM_DEVICE_WAP_H

#include "sim/device/task.h"
#include "sim/device/xml.h"

/* The child characteristic of that type; NULL when node is NULL or has none. */
const struct xml *wap_node(const struct xml *node, const char *type);
/* The next sibling of that type. */
const struct xml *wap_next(const struct xml *node, const char *type);
bool wap_is_node(const struct xml *x);
struct text wap_type(const struct xml *node);
/* The parm of that name; NULL when absent. */
const struct xml *wap_parm(const struct xml *node, const char *name);
/* Its value; ptr NULL when the parm is absent. A parm without a value has the empty one. */
struct text wap_value(const struct xml *node, const char *name);
/* The same as a string in the arena, "" when absent. */
const char *wap_string(struct arena *arena, const struct xml *node, const char *name);

/* The whole tree: only the two elements, types and names in place, datatypes known. */
MUST_CHECK int wap_check(struct task *task, const struct xml *root);
/* An integer with its datatype; absent gives `otherwise`. code: of the provider that refuses. */
MUST_CHECK int wap_integer(struct task *task, const struct xml *node, const char *name,
			   enum code code, int64_t otherwise, int64_t *ret);
/* Where it is there: true or false with its datatype. */
MUST_CHECK int wap_boolean(struct task *task, const struct xml *node, const char *name,
			   enum code code);

#endif
