/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pin.h: the one-time PIN before Accept: eight digits that IT gives a user. It is good once, for
 * the user it was made for or for anybody, and cannot be tried out: wrong ones are counted by user
 * and by source, and above a limit none is looked at for a while.
 */
#ifndef MUSTER_TERMS_PIN_H
#define MUSTER_TERMS_PIN_H

#include "base/secret.h"
#include "model/consent.h"
#include "model/op.h"
#include "store/guess.h"

enum { TERMS_PIN_DIGITS = 8 };

/* A PIN of random digits, in the arena; wipe it. */
char *terms_pin_make(struct arena *arena);
/* The keyed hash that is stored of a PIN of that tenant. */
const char *terms_pin_mac(struct arena *arena, const struct secret *key, const char *tenant_id,
			  struct text digits);

enum terms_pin_verdict {
	TERMS_PIN_OK,          /* used up now */
	TERMS_PIN_MISSING,     /* none was typed; counts for nothing */
	TERMS_PIN_WRONG,       /* unknown, used, revoked, expired, of another user */
	TERMS_PIN_BLOCKED_NOW, /* the same, and it was the last that is looked at for a while */
	TERMS_PIN_BLOCKED      /* not looked at */
};

struct terms_pin_try {
	struct op *op;
	const struct terms_consent *state; /* who */
	struct text typed;
	enum terms_pin_verdict verdict; /* set */
	const char *id;                 /* set with TERMS_PIN_OK: of the PIN */
};

/* Under which wrong ones of a tenant are counted. */
struct guess_key terms_pin_user_key(struct arena *arena, const char *tenant_id,
				    const char *object_id);
struct guess_key terms_pin_source_key(struct arena *arena, const char *tenant_id,
				      const char *address);
/* Remove counts that no longer matter. */
MUST_CHECK int terms_pin_sweep(struct db_conn *tx, int64_t now);

/* In the transaction that records what the PIN is for. */
MUST_CHECK int terms_pin_use(struct db_conn *tx, struct terms_pin_try *attempt);

#endif
