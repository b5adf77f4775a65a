/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graph_error.h: the error replies of Graph.
 */
#ifndef MUSTER_SIM_ENTRA_GRAPH_ERROR_H
#define MUSTER_SIM_ENTRA_GRAPH_ERROR_H

#include "sim/entra/call.h"

enum graph_error {
	GRAPH_TOKEN_INVALID,       /* 401 */
	GRAPH_IDENTITY_NOT_FOUND,  /* 401: the application is gone from the tenant */
	GRAPH_DENIED,              /* 403 */
	GRAPH_NOT_FOUND,           /* 404 */
	GRAPH_BAD_REQUEST,         /* 400 */
	GRAPH_UNSUPPORTED_QUERY,   /* 400 */
	GRAPH_METHOD_NOT_ALLOWED,  /* 405 */
	GRAPH_BAD_MEDIA_TYPE,      /* 415 */
	GRAPH_TOO_MANY_REQUESTS,   /* 429 */
	GRAPH_GONE,                /* 410: a delta token that is too old */
	GRAPH_DEPENDENCY_FAILED,   /* 424: in a batch */
	GRAPH_BATCH_TOO_LARGE,     /* 400 */
	GRAPH_CREDENTIAL_NOT_FOUND /* 400: no credential with that key id, or a bad proof */
};

/* Answer with that error. Always returns false, so that a check can `return graph_fail(...)`. */
bool graph_fail(struct call *call, enum graph_error error, const char *message);
/* 404 with the text the directory uses. */
bool graph_fail_missing(struct call *call, struct text id);
/* The reply of an injected status fault. */
void graph_fail_status(struct call *call, int status);

#endif
