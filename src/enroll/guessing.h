/* SPDX-License-Identifier: Apache-2.0 */
/*
 * guessing.h: how often a password may be guessed. After a few wrong ones about one account, or
 * from one address, the next has to wait, twice as long each time and at most a quarter of an hour;
 * nobody is ever locked out for good. Names that do not exist are counted like those that do.
 *
 * An address is the peer of the connection: no header is believed. Of an IPv6 address it is the
 * network, because one holder has all addresses of it.
 */
#ifndef MUSTER_ENROLL_GUESSING_H
#define MUSTER_ENROLL_GUESSING_H

#include "model/op.h"
#include "store/db.h"

enum {
	GUESSING_ACCOUNT_FREE = 3, /* failures that cost nothing */
	GUESSING_SOURCE_FREE = 20, /* an office behind one address mistypes more often */
	GUESSING_FIRST_WAIT_S = 5,
	GUESSING_LONGEST_WAIT_S = 15 * 60,
	GUESSING_ACCOUNT_FORGET_S = 24 * 3600, /* without a failure */
	GUESSING_SOURCE_FORGET_S = 3600
};

enum guessing_outcome { GUESSING_E_BLOCKED = 1 };

/* account: the name in lower case, whether or not it exists. GUESSING_E_BLOCKED: do not even look
 * at the password. */
MUST_CHECK int guessing_check(struct op *op, const char *tenant_id, const char *account);
/* It was wrong: count it for both. */
MUST_CHECK int guessing_failed(struct op *op, const char *tenant_id, const char *account);
/* It was right: the account's failures are forgotten; the address's are not, or whoever has one
 * good account could guess at others for ever. */
MUST_CHECK int guessing_forget(struct op *op, const char *tenant_id, const char *account);

/* Remove what no longer counts. */
MUST_CHECK int guessing_sweep(struct db_conn *tx, int64_t now);

/* How long to wait after so many failures. */
int64_t guessing_wait(int64_t failures, int64_t free);

#endif
