/* SPDX-License-Identifier: Apache-2.0 */
/*
 * op.h: one operation: a request being served, or one turn of a background loop. Built by
 * edge/run (or the loop), passed down as the first argument of everything in layer 3.
 * It owns nothing; all it points to belongs to the worker and outlives it.
 */
#ifndef MUSTER_MODEL_OP_H
#define MUSTER_MODEL_OP_H

#include <stdatomic.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/secret.h"
#include "base/uuid.h"
#include "model/config.h"
#include "model/principal.h"

struct db;
struct signer;
struct http_client;
struct entra_keys;
struct entra_app_tokens;
struct oidc_providers;

/* Keys derived from the master key, one for each purpose. Immutable. */
struct server_keys {
	struct secret credentials; /* "muster credentials" : tenant credentials in the database */
	struct secret terms;       /* "muster terms": state and OpaqueBlob of the Terms of Use */
	struct secret policies;    /* "muster policies": values of settings in the database */
	struct secret commands;    /* "muster commands": what a session keeps between messages */
	struct secret pins;        /* "muster pins": the keyed hash of one-time PINs */
	struct secret federated; /* "muster federated": a sign-in, and the token that comes of it */
};

struct op {
	struct arena *arena;
	char trace_id[UUID_TEXT_LEN + 1];
	int64_t now;        /* wall clock at the start of the operation */
	const char *source; /* address of the caller, "" for a loop */
	const struct config *config;
	const struct server_keys *keys;
	struct db *db;
	struct signer *signer;
	struct http_client *http;
	struct entra_keys *entra_keys;             /* shared by all threads, own locks */
	struct entra_app_tokens *entra_app_tokens; /* shared by all threads, own locks */
	struct oidc_providers *oidc;               /* shared by all threads, own locks */
	const atomic_int *is_stopping;             /* the program's; NULL: it never stops */
	/* When requests to others must have ended, by the monotonic clock in milliseconds, because
	 * somebody waits; 0: each has its own time. */
	int64_t outbound_until;
	struct trail trail;
	/* For the one log line of a request that did not go well; set by the endpoint. */
	const char *log_outcome; /* an enum name: "token_signature", "unknown_device", ... */
	const char *log_device;  /* our id of the device, when it is known */
};

/* Loops look at this between two requests to others. */
static inline bool op_is_stopping(const struct op *op)
{
	return op->is_stopping && atomic_load(op->is_stopping);
}

/* The time a request to another may take that would have `most`; at least 1. */
static inline int64_t op_outbound_ms(const struct op *op, int64_t most)
{
	int64_t left = op->outbound_until ? op->outbound_until - clock_mono_ms() : most;

	return left < 1 ? 1 : left < most ? left : most;
}

#endif
