/* SPDX-License-Identifier: Apache-2.0 */
/*
 * guess.h: wrong guesses at secrets, counted by whom or what they were about. Key: (tenant_id,
 * kind, subject); tenant_id is "" for what is counted over all tenants. What a count means is
 * decided above.
 */
#ifndef MUSTER_STORE_GUESS_H
#define MUSTER_STORE_GUESS_H

#include "store/store.h"

/* Kinds: passwords at enrolment, by the name that was tried and by the address it came from; PINs
 * of the Terms of Use, by both (terms/pin.h). */
#define GUESS_PASSWORD_ACCOUNT "password_account"
#define GUESS_PASSWORD_SOURCE  "password_source"
#define GUESS_PIN              "pin"

struct guess_key {
	struct text tenant_id;
	struct text kind;
	struct text subject;
};

/* What an address is counted as: an IPv4 address, or the /64 an IPv6 address is in, because one
 * holder has all addresses of it. */
struct text guess_source(struct arena *arena, const char *address);

struct guess {
	int64_t failures;
	int64_t blocked_until;
	int64_t updated_at; /* of the last failure */
};

/* All zero where nothing was counted. */
MUST_CHECK int store_guess_load(struct db_conn *conn, const struct guess_key *key,
				struct guess *ret);
MUST_CHECK int store_guess_put(struct db_conn *tx, const struct guess_key *key,
			       const struct guess *guess);
/* Also when there is none. */
MUST_CHECK int store_guess_remove(struct db_conn *tx, const struct guess_key *key);
/* Counts of one kind, of all tenants, that were last raised before a time. */
MUST_CHECK int store_guess_remove_old(struct db_conn *tx, struct text kind, int64_t before);

#endif
