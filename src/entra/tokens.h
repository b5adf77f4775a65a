/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tokens.h: the one way in for an Entra token. Every channel that takes one calls
 * entra_token_check; the rules themselves are pure and in entra/rules.h.
 */
#ifndef MUSTER_ENTRA_TOKENS_H
#define MUSTER_ENTRA_TOKENS_H

#include "base/attr.h"
#include "entra/rules.h"
#include "entra/verdict.h"
#include "model/op.h"
#include "model/principal.h"
#include "model/tenant.h"

/* What may be recorded about a token, also a refused one. Nothing here is proved unless
 * is_proved says so. Strings are in op->arena, never NULL. */
struct entra_token_note {
	const char *tenant_id; /* the configured tenant the token names, else "" */
	struct text audience;  /* whom it was made for, where it was refused for that; else empty */
	const char *key_id;
	const char *token_id;
	bool is_proved; /* accepted, or refused after signature, issuer and audience were proved */
	const char *object_id; /* when is_proved: what the token says of its user; else "" */
	const char *device_id;
	const char *user_name;
	/* When not is_proved: what a token that could be read says of itself. Anybody can write
	 * such a token. "" where it says nothing usable. */
	const char *claimed_name;
	const char *claimed_tenant_id;
	const char *claimed_issuer;
};

/*
 * Decide whether token (the compact form, no "Bearer ") is acceptable on channel at op->now.
 * Returns an enum entra_verdict, or negative when this program failed. On ENTRA_TOKEN_OK *ret and,
 * when not NULL, *ret_tenant are set (strings in op->arena). note may be NULL; otherwise it is
 * written for every verdict.
 */
MUST_CHECK int entra_token_check(struct op *op, enum entra_channel channel, struct text token,
				 struct entra_principal *ret, struct tenant *ret_tenant,
				 struct entra_token_note *note);

#endif
