/* SPDX-License-Identifier: Apache-2.0 */
/*
 * app_grant.h: one request of the client credentials grant: the form, and what the answer means.
 * Pure; app_tokens.c sends it and keeps the result.
 */
#ifndef MUSTER_ENTRA_APP_GRANT_H
#define MUSTER_ENTRA_APP_GRANT_H

#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/text.h"
#include "entra/app_tokens.h"

struct app_target {
	const char *token_url; /* {login}/{tenant}/oauth2/v2.0/token */
	const char *scope;     /* {graph}/.default */
	const char *client_id;
};

/* Everything in the arena. */
struct app_target app_target_make(struct arena *arena, const struct tenant *tenant);

enum app_proof_kind { APP_PROOF_SECRET, APP_PROOF_ASSERTION };

/* The body of the request, with the proof in it: wipe it after use. */
struct text app_form_write(struct arena *arena, const struct app_target *target,
			   enum app_proof_kind kind, struct text proof);

/* The assertion of a certificate credential, valid for ten minutes from now. Positive: enum
 * jwt_sign_outcome. */
MUST_CHECK int app_assertion_write(struct arena *arena, const struct app_target *target,
				   struct text certificate_pem, struct text key_pem, int64_t now,
				   char **ret);

struct app_answer {
	int status;
	struct text body;
	int64_t retry_after_s; /* -1: none */
};

struct app_grant {
	struct text token; /* borrowed from the arena */
	int64_t lifetime_s;
};

/* 0 with *ret, or an enum entra_app_outcome with *error. */
MUST_CHECK int app_answer_read(struct arena *arena, const struct app_answer *answer,
			       struct app_grant *ret, struct entra_app_error *error);

/* The sentence for an outcome that comes from us and not from an answer. */
const char *app_outcome_remedy(enum entra_app_outcome outcome);

#endif
