/* SPDX-License-Identifier: Apache-2.0 */
/*
 * routes.h: every route of the server, in one table. What is not in it does not exist.
 */
#ifndef MUSTER_EDGE_ROUTES_H
#define MUSTER_EDGE_ROUTES_H

#include "edge/run.h"

const struct http_route *edge_routes(size_t *ret_count);

#endif
