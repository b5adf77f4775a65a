/* SPDX-License-Identifier: Apache-2.0 */
/*
 * password.h: who enrols with a user name and a password (MS-MDE2, OnPremise): an account kept
 * here, or a user of the tenant's LDAP directory. An account kept here is never looked for in the
 * directory.
 *
 * Whoever asks learns only that it was wrong; the attempt says why. Names that do not exist cost
 * the same time and the same waits as those that do. A password is never kept, logged or recorded,
 * and an empty one never gets as far as being compared.
 */
#ifndef MUSTER_ENROLL_PASSWORD_H
#define MUSTER_ENROLL_PASSWORD_H

#include "model/device.h"
#include "model/op.h"

enum enroll_password_outcome {
	ENROLL_PASSWORD_E_REFUSED = 1, /* not this user, or not now: one answer for all */
	ENROLL_PASSWORD_E_NOT_OFFERED, /* the tenant does not take passwords */
	ENROLL_PASSWORD_E_UNAVAILABLE  /* nobody could say; the client may try again */
};

/* On 0 *ret and *ret_tenant are set. On a positive outcome attempt has the reason, the name that
 * was claimed and the tenant it leads to, and is marked as claimed. */
MUST_CHECK int enroll_password_check(struct op *op, struct text user_name, struct text password,
				     struct enrollment *attempt, struct enroll_principal *ret,
				     struct tenant *ret_tenant);

#endif
