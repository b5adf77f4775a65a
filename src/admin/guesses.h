/* SPDX-License-Identifier: Apache-2.0 */
/*
 * guesses.h: ending the wait that wrong PINs and passwords brought, before its time. Who was
 * counted is named by the user or by the address, as the attempts to enrol show both; one that was
 * not counted is ADMIN_E_NOT_FOUND.
 */
#ifndef MUSTER_ADMIN_GUESSES_H
#define MUSTER_ADMIN_GUESSES_H

#include "admin/admin.h"
#include "store/guess.h"

/* One of the two; NULL: not named. */
struct guesser {
	const char *user;   /* of PINs the Entra object id, of passwords the user name */
	const char *source; /* an address */
};

/* ret: what is forgotten now. */
MUST_CHECK int admin_pin_unblock(struct admin *admin, const char *tenant_id,
				 const struct guesser *guesser, struct guess *ret);
/* Passwords are counted by address over all tenants, so an address is free for all of them. */
MUST_CHECK int admin_account_unblock(struct admin *admin, const char *tenant_id,
				     const struct guesser *guesser, struct guess *ret);

#endif
