/* SPDX-License-Identifier: Apache-2.0 */
/*
 * account.h: who may enrol devices with a user name and a password: local accounts, and a
 * directory that knows more of them.
 */
#ifndef MUSTER_MODEL_ACCOUNT_H
#define MUSTER_MODEL_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

struct enrollment_account {
	const char *tenant_id;
	const char *id;
	const char *user_name; /* lower case (ASCII): "anna@contoso.com" */
	const char *display_name;
	const char *password_hash; /* base/password.h */
	bool is_enabled;
	int64_t version; /* of what administrators set: +1 with each of their changes */
	int64_t created_at;
	int64_t updated_at;
	int64_t last_used_at;
};

/* At most one of a tenant. */
struct ldap_directory {
	const char *tenant_id;
	const char *url; /* ldaps://host[:port] or ldap://host[:port] */
	bool is_start_tls;
	const char *ca_certificate; /* PEM; "": the system's */
	const char *bind_dn;        /* "": the directory is searched without a name */
	const char *sealed;         /* the bind password, for "ldap_directories|<tenant>" */
	const char *search_base;
	const char *user_filter; /* with {user} and {account}, see ldap/filter.h */
	const char *group_dn;    /* users must be in it; "": all may enrol */
	const char *netbios_domain;
	int64_t version;
	int64_t created_at;
	int64_t updated_at;
};

#endif
