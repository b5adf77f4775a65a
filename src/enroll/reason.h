/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reason.h: why an attempt to enrol did not succeed, in the words an administrator needs.
 * One table: the reason's name (what the store and the API show), the code Windows shows to the
 * user, and what to do about it.
 */
#ifndef MUSTER_ENROLL_REASON_H
#define MUSTER_ENROLL_REASON_H

#include "model/device.h"

struct enroll_reason {
	const char *name;
	const char *error_code; /* "0x8018...", "" where Windows shows none */
	const char *remedy;
};

/* NULL when there is no such reason. */
const struct enroll_reason *enroll_reason_find(const char *name);

/* Fill reason, error code and remedy of a refused attempt. A name that is not in the table (a token
 * verdict, say) keeps the error code and remedy that are passed. */
void enroll_attempt_refuse(struct enrollment *attempt, const char *reason, const char *error_code,
			   const char *remedy);
/* The same, with code and remedy from the table. */
void enroll_attempt_refuse_known(struct enrollment *attempt, const char *reason);
/* The server failed, not the one who asked. */
void enroll_attempt_fail(struct enrollment *attempt);

#endif
