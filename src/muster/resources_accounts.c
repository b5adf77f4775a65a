/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resources_accounts.c: the commands about enrolment with a user name and a password: accounts kept
 * by the server, and the LDAP directory of a tenant. Part of the table in resources.c.
 */
#include "muster/resource_rows.h"

#define SECRET(option, field, text)                                                                \
	{                                                                                          \
		.name = (option), .member = (field), .kind = CLI_SECRET_FILE, .value = "FILE",     \
		.help = (text)                                                                     \
	}

#define ACCOUNT_FIELDS                                                                             \
	TENANT_PATH,                                                                               \
	    FIELD("user-name", CLI_TEXT, "NAME", "what the user types, anna@contoso.com"),         \
	    FIELD("display-name", CLI_TEXT, "NAME", "for people"),                                 \
	    FIELD("enabled", CLI_BOOL, "YES|NO", "no refuses the account"),                        \
	    SECRET("password-file", "password", "holds the password, at least 12 characters"), END

static const struct cli_option tenant_only[] = {TENANT_PATH, END};
static const struct cli_option account_filters[] = {
    TENANT_PATH, FIELD("user-name", CLI_FILTER, "NAME", "only with this value"), END};
static const struct cli_option account_fields[] = {ACCOUNT_FIELDS};
static const struct cli_option account_unblock[] = {
    TENANT_PATH,
    FIELD("user-name", CLI_TEXT, "NAME", "that was typed, of an account or of the directory"),
    FIELD("source", CLI_TEXT, "ADDRESS", "that it was typed from"),
    END,
};

const struct cli_verb cli_account_verbs[CLI_ACCOUNT_VERBS] = {
    LIST("tenants/{tenant_id}/enrollment-accounts", account_filters,
	 COLUMNS("id", "user_name", "display_name", "enabled", "failures", "blocked_until",
		 "last_used_at"),
	 "list the accounts of a tenant"),
    {.name = "show",
     .method = "GET",
     .path = "tenants/{tenant_id}/enrollment-accounts/{id}",
     .options = tenant_only,
     .output = CLI_OUT_OBJECT,
     .help = "show an account, never its password"},
    ADD("tenants/{tenant_id}/enrollment-accounts", account_fields,
	"add an account that enrols with a password"),
    UPDATE("tenants/{tenant_id}/enrollment-accounts/{id}", account_fields,
	   "change the named fields of an account"),
    REMOVE("tenants/{tenant_id}/enrollment-accounts/{id}", tenant_only,
	   "Nobody enrols with it any more; its devices stay.", "remove an account"),
    ACTION("unblock", "tenants/{tenant_id}/enrollment-accounts/unblock", account_unblock,
	   "end the wait that wrong passwords brought on a name or an address"),
};

#define LDAP_FIELDS                                                                                \
	TENANT_PATH,                                                                               \
	    {.name = "ldap-url",                                                                   \
	     .member = "url",                                                                      \
	     .kind = CLI_TEXT,                                                                     \
	     .value = "URL",                                                                       \
	     .help = "ldaps://HOST[:PORT], or ldap:// with --start-tls"},                          \
	    FIELD("start-tls", CLI_BOOL, "YES|NO", "encrypt an ldap:// connection"),               \
	    FIELD("ca-certificate", CLI_FILE, "FILE", "PEM to trust instead of the system's"),     \
	    FIELD("bind-dn", CLI_TEXT, "DN", "the name the server searches with"),                 \
	    SECRET("bind-password-file", "bind_password", "holds its password"),                   \
	    FIELD("search-base", CLI_TEXT, "DN", "where users are looked for"),                    \
	    FIELD("user-filter", CLI_TEXT, "FILTER", "with {user} or {account} in it"),            \
	    FIELD("group-dn", CLI_TEXT, "DN", "only members of this group may enrol"),             \
	    FIELD("netbios-domain", CLI_TEXT, "NAME", "of names typed as NAME\\user"), END

static const struct cli_option ldap_fields[] = {LDAP_FIELDS};
static const struct cli_option ldap_check[] = {
    TENANT_PATH, FIELD("user-name", CLI_TEXT, "NAME", "look for this user too"), END};

const struct cli_verb cli_ldap_verbs[CLI_LDAP_VERBS] = {
    {.name = "show",
     .method = "GET",
     .path = "tenants/{tenant_id}/ldap-directory",
     .options = tenant_only,
     .output = CLI_OUT_OBJECT,
     .help = "show the directory of a tenant, never its bind password"},
    PUT("tenants/{tenant_id}/ldap-directory", ldap_fields,
	"add the directory whose users may enrol"),
    UPDATE("tenants/{tenant_id}/ldap-directory", ldap_fields, "change the named fields"),
    REMOVE("tenants/{tenant_id}/ldap-directory", tenant_only,
	   "Nobody enrols by it any more; its users' devices stay.", "remove the directory"),
    {.name = "check",
     .method = "POST",
     .path = "tenants/{tenant_id}/ldap-directory/check",
     .options = ldap_check,
     .output = CLI_OUT_FINDINGS,
     .help = "connect, bind and look for a user"},
};
