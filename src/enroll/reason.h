/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reason.h: why an attempt to enrol did not succeed, in the words an administrator needs.
 * One table: the reason's name (what the store and the API show), the code Windows shows to the
 * user, what to do about it, and what had happened. What a code means on its own is in code.h.
 */
#ifndef MUSTER_ENROLL_REASON_H
#define MUSTER_ENROLL_REASON_H

#include "base/arena.h"
#include "model/device.h"

struct enroll_reason {
	const char *name;
	const char *error_code; /* "0x8018...", "" where Windows shows none */
	const char *remedy;
	const char *cause; /* one sentence about what happened; NULL: what the code says */
};

const struct enroll_reason *enroll_reasons(size_t *ret_count);
/* NULL when there is no such reason. */
const struct enroll_reason *enroll_reason_find(const char *name);
/* What had happened, in a sentence: of the reason, also a verdict on a token ("token_audience"),
 * else of the code; "" where neither is known. */
const char *enroll_reason_cause(struct arena *arena, const char *name, const char *error_code);

/* Fill reason, error code and remedy of a refused attempt. A name that is not in the table (a token
 * verdict, say) keeps the error code and remedy that are passed. */
void enroll_attempt_refuse(struct enrollment *attempt, const char *reason, const char *error_code,
			   const char *remedy);
/* The same, with code and remedy from the table. */
void enroll_attempt_refuse_known(struct enrollment *attempt, const char *reason);
/* The server failed, not the one who asked. */
void enroll_attempt_fail(struct enrollment *attempt);

#endif
