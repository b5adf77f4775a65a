/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attempt.h: the row every attempt to enrol leaves, also a refused one. An endpoint starts one,
 * fills in what it learns, and records it unless the use case did so in its own transaction.
 */
#ifndef MUSTER_EDGE_ATTEMPT_H
#define MUSTER_EDGE_ATTEMPT_H

#include "entra/tokens.h"
#include "http/message.h"
#include "model/device.h"
#include "model/op.h"

/* An attempt at this stage that has gone well so far. Strings are never NULL. */
void edge_attempt_init(struct op *op, const struct http_request *request,
		       enum enrollment_stage stage, struct enrollment *ret);

/* Who is asking, when a token proved it. */
void edge_attempt_principal(struct enrollment *attempt, const struct entra_principal *principal);

/* The same for any proof that enrols. */
void edge_attempt_enroller(struct enrollment *attempt, const struct enroll_principal *principal);

/* Refused because of the token. error_code is what Windows will show ("" at the Terms of Use).
 * Where the token's origin was proved before it was refused, its user is recorded too; else what
 * it says of its user, as a claim. */
void edge_attempt_token(struct op *op, struct enrollment *attempt, enum entra_verdict verdict,
			const struct entra_token_note *note, const char *error_code);

/* Add to the remedy of a refused attempt what was found in the place of what was expected. It may
 * be an attacker's: one that is long or not printable is not repeated. */
void edge_attempt_seen(struct op *op, struct enrollment *attempt, const char *what,
		       struct text value);

/* Find the joining the attempt belongs to (store/story.h), before it is written. That it cannot be
 * found is logged; the attempt then begins one. */
void edge_attempt_place(struct op *op, struct enrollment *attempt);

/* Write the row in a transaction of its own and set op->log_outcome when it was refused. One that
 * proves no tenant is left out where there are too many of them, see attempt_limit.h. A store
 * that fails is logged and does not change the answer. */
void edge_attempt_record(struct op *op, const struct enrollment *attempt);

/* The first session of a device was refused because it spoke for another one. */
void edge_attempt_first_session(struct op *op, const struct http_request *request,
				const struct device *device);

#endif
