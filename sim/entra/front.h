/* SPDX-License-Identifier: Apache-2.0 */
/*
 * front.h: what happens around every request: the lock, faults, the watch over Retry-After, the
 * journal. One handler for each listener; the worker state of the HTTP server is struct sim.
 */
#ifndef MUSTER_SIM_ENTRA_FRONT_H
#define MUSTER_SIM_ENTRA_FRONT_H

#include "sim/entra/call.h"

void front_login(void *worker, const struct http_request *request, struct http_response *response);
void front_graph(void *worker, const struct http_request *request, struct http_response *response);
void front_control(void *worker, const struct http_request *request,
		   struct http_response *response);

/* Faults and the watch for one call, whole or item: ask, answer, spoil, note what it was told. */
void front_run(struct call *call, void (*answer)(struct call *call),
	       void (*fail)(struct call *call, int status));

#endif
