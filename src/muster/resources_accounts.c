/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resources_accounts.c: the commands about enrolment with a user name and a password: accounts kept
 * by the server, and the LDAP directory of a tenant. Part of the table in resources.c.
 */
#include "muster/cli.h"

#define TENANT_PATH                                                                                \
	{                                                                                          \
		.name = "tenant-id", .alias = "tenant", .kind = CLI_PATH, .value = "GUID",         \
		.help = "the tenant"                                                               \
	}
#define FIELD(option, type, metavar, text)                                                         \
	{                                                                                          \
		.name = (option), .kind = (type), .value = (metavar), .help = (text)               \
	}
#define SECRET(option, field, text)                                                                \
	{                                                                                          \
		.name = (option), .member = (field), .kind = CLI_SECRET_FILE, .value = "FILE",     \
		.help = (text)                                                                     \
	}
#define END                                                                                        \
	{                                                                                          \
		.name = NULL                                                                       \
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
static const char *const account_columns[] = {"id",           "user_name", "display_name",
					      "enabled",      "failures",  "blocked_until",
					      "last_used_at", NULL};

const struct cli_verb cli_account_verbs[CLI_ACCOUNT_VERBS] = {
    {.name = "list",
     .method = "GET",
     .path = "tenants/{tenant_id}/enrollment-accounts",
     .options = account_filters,
     .output = CLI_OUT_LIST,
     .columns = account_columns,
     .help = "list the accounts of a tenant"},
    {.name = "show",
     .method = "GET",
     .path = "tenants/{tenant_id}/enrollment-accounts/{id}",
     .options = tenant_only,
     .output = CLI_OUT_OBJECT,
     .help = "show an account, never its password"},
    {.name = "add",
     .method = "POST",
     .path = "tenants/{tenant_id}/enrollment-accounts",
     .options = account_fields,
     .output = CLI_OUT_OBJECT,
     .help = "add an account that enrols with a password"},
    {.name = "update",
     .method = "PATCH",
     .path = "tenants/{tenant_id}/enrollment-accounts/{id}",
     .options = account_fields,
     .output = CLI_OUT_OBJECT,
     .help = "change the named fields of an account"},
    {.name = "remove",
     .method = "DELETE",
     .path = "tenants/{tenant_id}/enrollment-accounts/{id}",
     .options = tenant_only,
     .output = CLI_OUT_DONE,
     .warning = "Nobody enrols with it any more; its devices stay.",
     .help = "remove an account"},
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
    {.name = "add",
     .method = "POST",
     .path = "tenants/{tenant_id}/ldap-directory",
     .options = ldap_fields,
     .output = CLI_OUT_OBJECT,
     .help = "add the directory whose users may enrol"},
    {.name = "update",
     .method = "PATCH",
     .path = "tenants/{tenant_id}/ldap-directory",
     .options = ldap_fields,
     .output = CLI_OUT_OBJECT,
     .help = "change the named fields"},
    {.name = "remove",
     .method = "DELETE",
     .path = "tenants/{tenant_id}/ldap-directory",
     .options = tenant_only,
     .output = CLI_OUT_DONE,
     .warning = "Nobody enrols by it any more; its users' devices stay.",
     .help = "remove the directory"},
    {.name = "check",
     .method = "POST",
     .path = "tenants/{tenant_id}/ldap-directory/check",
     .options = ldap_check,
     .output = CLI_OUT_FINDINGS,
     .help = "connect, bind and look for a user"},
};
