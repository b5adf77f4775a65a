/* SPDX-License-Identifier: Apache-2.0 */
/*
 * listeners.h: from configuration to what the HTTP server listens on.
 */
#ifndef MUSTER_MUSTERD_LISTENERS_H
#define MUSTER_MUSTERD_LISTENERS_H

#include "edge/run.h"

/* Fill ret[EDGE_LISTENERS]; it points into config. */
void listeners_fill(const struct config *config, struct http_listener *ret);

#endif
