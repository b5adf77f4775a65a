/* SPDX-License-Identifier: Apache-2.0 */
/*
 * catalogue.h: the table itself, for csp.c. Others ask through csp.h.
 */
#ifndef MUSTER_CSP_CATALOGUE_H
#define MUSTER_CSP_CATALOGUE_H

#include "csp/csp.h"

extern const struct csp_node csp_nodes[];
extern const size_t csp_node_count;

#endif
