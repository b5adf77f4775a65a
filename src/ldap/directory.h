/* SPDX-License-Identifier: Apache-2.0 */
/*
 * directory.h: asking a tenant's LDAP directory (RFC 4511) who a user is and whether a password is
 * right: search with the service's name, then bind as what was found. Active Directory and others.
 *
 * What goes over the network is encrypted and the server's certificate checked, or the directory is
 * on this machine. No referral is followed, no second entry looked at, no answer waited for beyond
 * the time that is left. What a user typed reaches a filter only escaped; an empty password reaches
 * nothing. Blocking; any thread.
 */
#ifndef MUSTER_LDAP_DIRECTORY_H
#define MUSTER_LDAP_DIRECTORY_H

#include "model/account.h"
#include "model/op.h"

enum directory_outcome {
	DIRECTORY_E_NO_USER = 1,
	DIRECTORY_E_PASSWORD,
	DIRECTORY_E_PASSWORD_EXPIRED,
	DIRECTORY_E_MUST_CHANGE, /* at the next sign-in */
	DIRECTORY_E_DISABLED,
	DIRECTORY_E_ACCOUNT_EXPIRED,
	DIRECTORY_E_LOCKED,
	DIRECTORY_E_RESTRICTED,  /* not at this time, or not from here */
	DIRECTORY_E_GROUP,       /* the right password, but not in the group */
	DIRECTORY_E_AMBIGUOUS,   /* the filter finds more than one */
	DIRECTORY_E_BUSY,        /* too many wait for directories already */
	DIRECTORY_E_UNAVAILABLE, /* no answer, no TLS, or not in time */
	DIRECTORY_E_SETTINGS     /* it answers, but not to what is set: bind name, base, filter */
};

struct directory_question {
	const struct ldap_directory *directory;
	struct text user_name;
	struct text password;
};

struct directory_user {
	const char *key;                 /* objectGUID in hex, or entryUUID: the same for ever */
	const char *user_principal_name; /* else mail, else "" */
	const char *display_name;
};

/* With DIRECTORY_E_UNAVAILABLE and _SETTINGS op->trail.cause says what was wrong. */
MUST_CHECK int directory_user_check(struct op *op, const struct directory_question *question,
				    struct directory_user *ret);

/* For whoever sets one up: each thing that must work, as far as it got. user_name may be empty. */
struct directory_finding {
	const char *what;
	bool is_ok;
	const char *detail;
};
enum { DIRECTORY_FINDINGS = 4 };
MUST_CHECK int directory_probe(struct op *op, const struct ldap_directory *directory,
			       struct text user_name,
			       struct directory_finding ret[DIRECTORY_FINDINGS]);

/* Whether a text is a distinguished name. */
bool directory_dn_is_ok(const char *dn);

#endif
