/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resources.c: the commands of `muster`, as data. One row here for each row of the admin API
 * (tools/check_cli.py compares the two). Options carry the names of the API's fields, with dashes.
 */
#include "muster/resource_rows.h"

/* tenants */

#define TENANT_FIELDS                                                                              \
	FIELD("domain", CLI_TEXT, "NAME",                                                          \
	      "what the tenant is called, often its domain; not --mail-domain"),                   \
	    FIELD("mode", CLI_TEXT, "MODE", "on-premises or cloud"),                               \
	    FIELD("cloud", CLI_TEXT, "CLOUD", "global, usgov, china or custom"),                   \
	    FIELD("login-url", CLI_TEXT, "URL", "of a custom cloud"),                              \
	    FIELD("graph-url", CLI_TEXT, "URL", "of a custom cloud"),                              \
	    FIELD("client-id", CLI_TEXT, "GUID",                                                   \
		  "application (client) id of the MDM application"),                               \
	    {.name = "app-id-uris",                                                                \
	     .alias = "app-id-uri",                                                                \
	     .kind = CLI_LIST,                                                                     \
	     .value = "URI",                                                                       \
	     .help = "application id URI; repeatable"},                                            \
	    FIELD("v1-tokens-allowed", CLI_BOOL, "YES|NO", "accept version 1.0 tokens"),           \
	    FIELD("guests-allowed", CLI_BOOL, "YES|NO", "let guests enrol"),                       \
	    FIELD("enabled", CLI_BOOL, "YES|NO", "no stops everything of the tenant"),             \
	    FIELD("terms-required", CLI_BOOL, "YES|NO", "enrol only after the Terms of Use"),      \
	    FIELD("device-limit", CLI_INT, "N", "enrolled devices of one user"), TENANT_RULES

#define TENANT_RULES                                                                               \
	FIELD("tenant-device-limit", CLI_INT, "N", "enrolled devices of the tenant; 0: no limit"), \
	    {.name = "domains",                                                                    \
	     .alias = "mail-domain",                                                               \
	     .kind = CLI_LIST,                                                                     \
	     .value = "NAME",                                                                      \
	     .help = "domain of mail addresses that enrol here; repeatable"},                      \
	    {.name = "enrollment-methods",                                                         \
	     .alias = "enrollment-method",                                                         \
	     .kind = CLI_LIST,                                                                     \
	     .value = "METHOD",                                                                    \
	     .help = "without Entra: federated, on-premises, certificate; repeatable"},            \
	    FIELD("maintenance", CLI_BOOL, "YES|NO", "nobody can enrol for now"),                  \
	    FIELD("closed-message", CLI_TEXT, "TEXT", "nobody can enrol, and this is why"),        \
	    FIELD("os-version-min", CLI_TEXT, "VERSION", "oldest Windows, 10.0.19045"),            \
	    FIELD("os-version-max", CLI_TEXT, "VERSION", "newest Windows"),                        \
	    {.name = "os-editions",                                                                \
	     .alias = "os-edition",                                                                \
	     .kind = CLI_LIST,                                                                     \
	     .value = "CODE",                                                                      \
	     .help = "edition that may enrol, 48 is Pro; repeatable"},                             \
	    FIELD("license-group", CLI_TEXT, "GUID", "Entra group that users must be in"),         \
	    FIELD("personal-devices-allowed", CLI_BOOL, "YES|NO", "work accounts may enrol"),      \
	    FIELD("pin-required", CLI_BOOL, "YES|NO", "ask for a PIN on the Terms of Use"),        \
	    FIELD("winjs", CLI_BOOL, "YES|NO", "WinJS's style on the Terms of Use"),               \
	    {.name = "redirect-uris",                                                              \
	     .alias = "redirect-uri",                                                              \
	     .kind = CLI_LIST,                                                                     \
	     .value = "URI",                                                                       \
	     .help = "beginning that redirect_uri must have; repeatable"},                         \
	    FIELD("frame-ancestors", CLI_TEXT, "SOURCES", "who may frame the Terms of Use"),       \
	    FIELD("default-locale", CLI_TEXT, "LANGUAGE", "of the Terms of Use, en")

static const struct cli_option tenant_add[] = {TENANT_FIELD, TENANT_FIELDS, END};
static const struct cli_option tenant_update[] = {TENANT_FIELDS, END};

static const struct cli_verb tenant_verbs[] = {
    LIST("tenants", NULL,
	 COLUMNS("tenant_id", "domain", "mode", "cloud", "client_id", "enabled", "graph_state"),
	 "list tenants"),
    SHOW("tenants/{id}", "show a tenant"),
    ADD("tenants", tenant_add, "add a tenant"),
    UPDATE("tenants/{id}", tenant_update, "change the named fields of a tenant"),
    REMOVE("tenants/{id}", NULL,
	   "Its credentials and policies go with it; a tenant with enrolled devices is kept.",
	   "remove a tenant"),
    {.name = "check",
     .method = "POST",
     .path = "tenants/{id}/check",
     .output = CLI_OUT_FINDINGS,
     .help = "try signing keys, application token and Graph"},
    {.name = "consent-url",
     .method = "POST",
     .path = "tenants/{id}/consent-url",
     .output = CLI_OUT_URL,
     .help = "print the address for admin consent"},
};

/* credentials */

static const struct cli_option credential_path[] = {TENANT_PATH, END};
static const struct cli_option credential_add[] = {
    TENANT_PATH,
    {.name = "secret-file",
     .member = "secret",
     .kind = CLI_SECRET_FILE,
     .value = "FILE",
     .help = "holds a client secret",
     .implies = "secret"},
    {.name = "certificate",
     .kind = CLI_FILE,
     .value = "FILE",
     .help = "certificate, PEM; with --key",
     .implies = "certificate"},
    {.name = "key",
     .kind = CLI_SECRET_FILE,
     .value = "FILE",
     .help = "its private key, PEM",
     .implies = "certificate"},
    FIELD("not-after", CLI_WHEN, "TIME", "when a secret expires, 2027-01-31T00:00:00Z"),
    END,
};

static const struct cli_verb credential_verbs[] = {
    LIST("tenants/{tenant_id}/credentials", credential_path,
	 COLUMNS("id", "kind", "state", "not_after", "last_error"),
	 "list the credentials of a tenant"),
    {.name = "show",
     .method = "GET",
     .path = "tenants/{tenant_id}/credentials/{id}",
     .options = credential_path,
     .output = CLI_OUT_OBJECT,
     .help = "show a credential, never its secret part"},
    ADD("tenants/{tenant_id}/credentials", credential_add, "add a client secret or a certificate"),
    REMOVE("tenants/{tenant_id}/credentials/{id}", credential_path,
	   "Without another one reports to Microsoft Graph wait.", "remove a credential"),
    ACTION("rotate", "tenants/{tenant_id}/credentials/{id}/rotate", credential_path,
	   "use this credential and retire the others"),
};

/* trusted issuers */

static const struct cli_option issuer_add[] = {
    TENANT_PATH,
    FIELD("name", CLI_TEXT, "NAME", "what to call it; else its common name"),
    FIELD("certificate", CLI_FILE, "FILE", "certificate of the CA, PEM"),
    END,
};

static const struct cli_verb issuer_verbs[] = {
    LIST("tenants/{tenant_id}/trusted-issuers", credential_path,
	 COLUMNS("id", "name", "sha256", "not_after"), "list CAs whose certificates enrol devices"),
    {.name = "show",
     .method = "GET",
     .path = "tenants/{tenant_id}/trusted-issuers/{id}",
     .options = credential_path,
     .output = CLI_OUT_OBJECT,
     .help = "show a trusted CA"},
    ADD("tenants/{tenant_id}/trusted-issuers", issuer_add,
	"let certificates of a CA enrol devices of any user they name"),
    REMOVE("tenants/{tenant_id}/trusted-issuers/{id}", credential_path,
	   "Its certificates enrol no more devices; enrolled ones stay.", "trust a CA no longer"),
};

/* identity-provider */

#define PROVIDER_FIELDS                                                                            \
	FIELD("issuer", CLI_TEXT, "URL", "as the provider's metadata spells it"),                  \
	    FIELD("client-id", CLI_TEXT, "ID", "of this server at the provider"),                  \
	    {.name = "client-secret-file",                                                         \
	     .member = "client_secret",                                                            \
	     .kind = CLI_SECRET_FILE,                                                              \
	     .value = "FILE",                                                                      \
	     .help = "holds the client secret; without one a public client"},                      \
	    FIELD("scopes", CLI_TEXT, "WORDS", "what is asked for, openid profile email"),         \
	    FIELD("user-claim", CLI_TEXT, "NAME", "claim that holds the user's name"),             \
	    FIELD("required-claim", CLI_TEXT, "NAME=VALUE", "only users who have it may enrol")

static const struct cli_option provider_path[] = {TENANT_PATH, END};
static const struct cli_option provider_fields[] = {TENANT_PATH, PROVIDER_FIELDS, END};

static const struct cli_verb provider_verbs[] = {
    {.name = "show",
     .method = "GET",
     .path = "tenants/{tenant_id}/identity-provider",
     .options = provider_path,
     .output = CLI_OUT_OBJECT,
     .help = "show it, never its secret, and the redirect URI to register there"},
    PUT("tenants/{tenant_id}/identity-provider", provider_fields,
	"add the OpenID provider of a tenant"),
    UPDATE("tenants/{tenant_id}/identity-provider", provider_fields,
	   "change the named fields of it"),
    REMOVE("tenants/{tenant_id}/identity-provider", provider_path,
	   "Nobody can sign in for federated enrolment then.", "remove it"),
    {.name = "check",
     .method = "POST",
     .path = "tenants/{tenant_id}/identity-provider/check",
     .options = provider_path,
     .output = CLI_OUT_FINDINGS,
     .help = "try its metadata and signing keys"},
};

/* devices */

static const struct cli_option device_filters[] = {
    TENANT_FILTER,
    CHOICE("state", "enrolled or retired"),
    CHOICE("compliance-state", "unknown, compliant, noncompliant or grace"),
    FILTER("user-principal-name"),
    FILTER("user-object-id"),
    FILTER("entra-device-id"),
    FILTER("name"),
    FILTER("tag"),
    FILTER("zero-touch-id"),
    CHOICE("bulk-join", "true or false"),
    END,
};
static const struct cli_option command_filters[] = {
    CHOICE("state", "queued, sent, answered or cancelled"),
    FILTER("origin"),
    FILTER("session-id"),
    FILTER("locuri"),
    END,
};
static const struct cli_option device_rename[] = {
    FIELD("name", CLI_TEXT, "NAME", "the new computer name"), END};
static const struct cli_option device_retire[] = {
    FIELD("force", CLI_FLAG, NULL, "end the enrolment now, without waiting for the device"), END};
static const struct cli_option device_tag[] = {FIELD("tag", CLI_TEXT, "TEXT", "the tag"), END};

static const struct cli_verb device_verbs[] = {
    LIST("devices", device_filters,
	 COLUMNS("id", "name", "user_principal_name", "os_version", "state", "compliance_state",
		 "last_seen_at"),
	 "list devices"),
    SHOW("devices/{id}", "show a device"),
    ACTION("sync", "devices/{id}/sync", NULL,
	   "note that a session is wanted; the device decides when"),
    ACTION("reboot", "devices/{id}/reboot", NULL, "restart the device"),
    ACTION("lock", "devices/{id}/lock", NULL, "lock the device's screen"),
    ACTION("renew", "devices/{id}/renew", NULL, "have the device renew its certificate now"),
    {.name = "certificates",
     .method = "GET",
     .path = "devices/{id}/certificates",
     .output = CLI_OUT_LIST,
     .columns =
	 COLUMNS("serial", "state", "not_before", "not_after", "first_used_at", "thumbprint"),
     .help = "list the device's certificates"},
    ACTION("rename", "devices/{id}/rename", device_rename, "give the device another name"),
    {.name = "wipe",
     .method = "POST",
     .path = "devices/{id}/wipe",
     .output = CLI_OUT_OBJECT,
     .warning = "Everything on the device is erased.",
     .help = "reset the device and erase what is on it"},
    {.name = "retire",
     .method = "POST",
     .path = "devices/{id}/retire",
     .options = device_retire,
     .output = CLI_OUT_OBJECT,
     .warning = "The device leaves management and takes back what management set.",
     .help = "end the enrolment"},
    {.name = "context",
     .method = "GET",
     .path = "devices/{id}/context",
     .output = CLI_OUT_LIST,
     .columns = COLUMNS("name", "value"),
     .help = "list what the device said of itself at enrolment"},
    {.name = "commands",
     .method = "GET",
     .path = "devices/{id}/commands",
     .options = command_filters,
     .output = CLI_OUT_LIST,
     .columns = COLUMNS("id", "verb", "locuri", "scope", "origin", "state", "status",
			"original_error", "answered_at"),
     .help = "list what was sent, with each answer"},
    {.name = "sessions",
     .method = "GET",
     .path = "devices/{id}/sessions",
     .output = CLI_OUT_LIST,
     .columns = COLUMNS("id", "session_id", "messages", "login_status", "origin", "started_at",
			"ended_at", "end_reason"),
     .help = "list management sessions"},
    {.name = "facts",
     .method = "GET",
     .path = "devices/{id}/facts",
     .output = CLI_OUT_LIST,
     .columns = COLUMNS("name", "value", "meaning", "at"),
     .help = "list what the device reported"},
    ACTION("tag", "devices/{id}/tag", device_tag, "put a tag on a device"),
    ACTION("untag", "devices/{id}/untag", device_tag, "take a tag from a device"),
};

/* enrollments */

static const struct cli_option enrollment_filters[] = {
    TENANT_FILTER,
    CHOICE("stage", "terms, discovery, sign-in, policy, request, renewal or session"),
    CHOICE("outcome", "ok, refused or failed"),
    FILTER("error-code"),
    FILTER("reason"),
    FILTER("device-id"),
    FILTER("entra-device-id"),
    FILTER("client-request-id"),
    FILTER("trace-id"),
    FILTER("user-principal-name"),
    END,
};

static const struct cli_verb enrollment_verbs[] = {
    LIST("enrollments", enrollment_filters,
	 COLUMNS("id", "at", "stage", "outcome", "error_code", "reason", "user_principal_name",
		 "device_name"),
	 "list attempts to enrol, also those that failed"),
    SHOW("enrollments/{id}", "show an attempt, why it failed and what to do"),
    {.name = "explain",
     .method = "GET",
     .path = "enrollments/explain?about={id}",
     .output = CLI_OUT_TELL,
     .help = "explain a code such as 0x80180018, what an attempt, a trace id or a device is part "
	     "of, or the newest joinings of a mail address"},
};

static const struct cli_option story_filters[] = {
    TENANT_FILTER,
    FILTER("user-principal-name"),
    FILTER("device-id"),
    FILTER("entra-device-id"),
    FILTER("error-code"),
    CHOICE("state", "open, enrolled, joined, refused or failed"),
    END,
};

static const struct cli_verb story_verbs[] = {
    LIST("enrollment-stories", story_filters,
	 COLUMNS("id", "started_at", "state", "error_code", "user_principal_name", "device_name",
		 "summary"),
	 "list joinings, newest first"),
    {.name = "show",
     .method = "GET",
     .path = "enrollment-stories/{id}",
     .output = CLI_OUT_TELL,
     .help = "show a joining, by any of its ids"},
};

static const struct cli_verb code_verbs[] = {
    LIST("error-codes", NULL, COLUMNS("code", "name", "raised_by", "cause"),
	 "list the codes Windows shows"),
    {.name = "show",
     .method = "GET",
     .path = "error-codes/{id}",
     .output = CLI_OUT_TELL,
     .help = "show what a code means and what to do"},
};

/* policies */

static const struct cli_option tenant_filter[] = {TENANT_FILTER, END};

#define POLICY_FIELDS                                                                              \
	FIELD("name", CLI_TEXT, "NAME", "its name"),                                               \
	    FIELD("scope", CLI_TEXT, "SCOPE", "device or user"),                                   \
	    {.name = "setting",                                                                    \
	     .member = "settings",                                                                 \
	     .kind = CLI_SETTING,                                                                  \
	     .value = "LOCURI=FORMAT:DATA",                                                        \
	     .help = "a node and its value; repeatable"},                                          \
	    {.name = "settings-file",                                                              \
	     .member = "settings",                                                                 \
	     .kind = CLI_SETTINGS_FILE,                                                            \
	     .value = "FILE",                                                                      \
	     .help = "JSON array of {locuri, format, data}"},                                      \
	    ASSIGNMENTS

static const struct cli_option policy_add[] = {TENANT_FIELD, POLICY_FIELDS, END};
static const struct cli_option policy_update[] = {POLICY_FIELDS, END};

static const struct cli_verb policy_verbs[] = {
    LIST("policies", tenant_filter,
	 COLUMNS("id", "name", "scope", "version", "assignments", "updated_at"), "list policies"),
    SHOW("policies/{id}", "show a policy with its settings"),
    ADD("policies", policy_add, "add a policy"),
    UPDATE("policies/{id}", policy_update, "change the named fields of a policy"),
    REMOVE("policies/{id}", NULL, "Its settings are taken back from the devices.",
	   "remove a policy"),
};

/* compliance-policies */

#define COMPLIANCE_FIELDS                                                                          \
	FIELD("name", CLI_TEXT, "NAME", "its name"),                                               \
	    {.name = "rule",                                                                       \
	     .alias = "rules",                                                                     \
	     .member = "rules",                                                                    \
	     .kind = CLI_RULE,                                                                     \
	     .value = "RULE",                                                                      \
	     .help = "\"os_version ge 10.0.19045\"; repeatable"},                                  \
	    FIELD("grace", CLI_DURATION, "TIME", "how long a breach is tolerated, 3d"),            \
	    ASSIGNMENTS

static const struct cli_option compliance_add[] = {TENANT_FIELD, COMPLIANCE_FIELDS, END};
static const struct cli_option compliance_update[] = {COMPLIANCE_FIELDS, END};

static const struct cli_verb compliance_verbs[] = {
    LIST("compliance-policies", tenant_filter,
	 COLUMNS("id", "name", "rules", "grace", "assignments", "updated_at"),
	 "list compliance policies"),
    SHOW("compliance-policies/{id}", "show a compliance policy with its rules"),
    ADD("compliance-policies", compliance_add, "add a compliance policy"),
    UPDATE("compliance-policies/{id}", compliance_update,
	   "change the named fields of a compliance policy"),
    REMOVE("compliance-policies/{id}", NULL, "Devices are judged again without it.",
	   "remove a compliance policy"),
};

/* outbox */

static const struct cli_option outbox_filters[] = {TENANT_FILTER, FILTER("device-id"),
						   CHOICE("state", "pending, held or done"), END};

static const struct cli_verb outbox_verbs[] = {
    LIST("outbox", outbox_filters,
	 COLUMNS("id", "device_id", "payload", "state", "tries", "next_try_at", "last_error"),
	 "list reports to Microsoft Graph"),
    SHOW("outbox/{id}", "show a report"),
    ACTION("retry", "outbox/{id}/retry", NULL, "send a waiting report now"),
    ACTION("drop", "outbox/{id}/drop", NULL, "drop a waiting report"),
};

/* audit */

static const struct cli_option audit_filters[] = {
    TENANT_FILTER,       FILTER("actor"),
    FILTER("action"),    FILTER("object-kind"),
    FILTER("object-id"), CHOICE("outcome", "ok or refused"),
    FILTER("trace-id"),  END,
};

static const struct cli_verb audit_verbs[] = {
    LIST("audit", audit_filters,
	 COLUMNS("id", "at", "actor", "action", "object_kind", "object_id", "outcome", "source"),
	 "list who did what"),
    SHOW("audit/{id}", "show an entry with its details"),
};

/* tokens */

static const struct cli_option token_add[] = {
    FIELD("name", CLI_TEXT, "NAME", "who or what uses it"),
    FIELD("role", CLI_TEXT, "ROLE", "reader or administrator"),
    FIELD("expires-at", CLI_WHEN, "TIME", "2027-01-31T00:00:00Z, or 3d from now; else never"),
    END,
};

static const struct cli_verb token_verbs[] = {
    LIST("tokens", NULL, COLUMNS("id", "name", "role", "created_at", "expires_at", "last_used_at"),
	 "list API tokens"),
    SHOW("tokens/{id}", "show an API token, never the token itself"),
    ADD("tokens", token_add, "add an API token; it is shown once"),
    REMOVE("tokens/{id}", NULL, "Whoever uses it is locked out at once.", "remove an API token"),
};

static const struct cli_resource resources[] = {
    {.name = "tenants",
     .singular = "tenant",
     .id = "TENANT_ID",
     VERBS(tenant_verbs),
     .help = "organisations of Microsoft Entra that enrol here"},
    {.name = "credentials",
     .singular = "credential",
     .id = "ID",
     VERBS(credential_verbs),
     .help = "what a tenant's application proves itself with"},
    {.name = "terms",
     .singular = "terms-text",
     .id = "ID",
     .verbs = cli_terms_verbs,
     .verb_count = CLI_TERMS_VERBS,
     .help = "Terms of Use that a tenant writes"},
    {.name = "terms-texts",
     .singular = "shown-text",
     .id = "VERSION",
     .verbs = cli_terms_text_verbs,
     .verb_count = CLI_TERMS_TEXT_VERBS,
     .help = "every text that was shown to users"},
    {.name = "terms-decisions",
     .singular = "terms-decision",
     .id = "ID",
     .verbs = cli_terms_decision_verbs,
     .verb_count = CLI_TERMS_DECISION_VERBS,
     .help = "who accepted or declined which text"},
    {.name = "pins",
     .singular = "pin",
     .id = "ID",
     .verbs = cli_pin_verbs,
     .verb_count = CLI_PIN_VERBS,
     .help = "one-time PINs for the Terms of Use page"},
    {.name = "enrollment-accounts",
     .singular = "enrollment-account",
     .id = "ID",
     .verbs = cli_account_verbs,
     .verb_count = CLI_ACCOUNT_VERBS,
     .help = "who enrols with a password kept here"},
    {.name = "ldap-directory",
     .singular = "ldap",
     .id = "ID",
     .verbs = cli_ldap_verbs,
     .verb_count = CLI_LDAP_VERBS,
     .help = "the LDAP directory whose users may enrol"},
    {.name = "trusted-issuers",
     .singular = "trusted-issuer",
     .id = "ID",
     VERBS(issuer_verbs),
     .help = "CAs whose certificates enrol devices without Entra"},
    {.name = "identity-providers",
     .singular = "identity-provider",
     .id = "ID",
     VERBS(provider_verbs),
     .help = "where users of a tenant sign in who enrol without Entra's join"},
    {.name = "devices",
     .singular = "device",
     .id = "ID",
     VERBS(device_verbs),
     .help = "enrolled and retired devices"},
    {.name = "enrollments",
     .singular = "enrollment",
     .id = "ID",
     VERBS(enrollment_verbs),
     .help = "every attempt to enrol"},
    {.name = "enrollment-stories",
     .singular = "enrollment-story",
     .id = "ID",
     VERBS(story_verbs),
     .help = "joinings, each with all its attempts"},
    {.name = "error-codes",
     .singular = "error-code",
     .id = "CODE",
     VERBS(code_verbs),
     .help = "the codes Windows shows, and what to do"},
    {.name = "policies",
     .singular = "policy",
     .id = "ID",
     VERBS(policy_verbs),
     .help = "settings for devices and users"},
    {.name = "compliance-policies",
     .singular = "compliance-policy",
     .id = "ID",
     VERBS(compliance_verbs),
     .help = "rules that devices are judged by"},
    {.name = "outbox",
     .singular = "report",
     .id = "ID",
     VERBS(outbox_verbs),
     .help = "reports to Microsoft Graph"},
    {.name = "audit",
     .singular = "audit-entry",
     .id = "ID",
     VERBS(audit_verbs),
     .help = "who did what, when, from where"},
    {.name = "tokens",
     .singular = "token",
     .id = "ID",
     VERBS(token_verbs),
     .help = "API tokens of people and programs"},
};

const struct cli_resource *cli_resources(size_t *ret_count)
{
	*ret_count = ARRAY_LEN(resources);
	return resources;
}
