/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resources.c: the commands of `muster`, as data. One row here for each row of the admin API
 * (tools/check_cli.py compares the two). Options carry the names of the API's fields, with dashes.
 */
#include "muster/cli.h"

#define TENANT_PATH                                                                                \
	{                                                                                          \
		.name = "tenant-id", .alias = "tenant", .kind = CLI_PATH, .value = "GUID",         \
		.help = "the tenant"                                                               \
	}
#define TENANT_FIELD                                                                               \
	{                                                                                          \
		.name = "tenant-id", .alias = "tenant", .kind = CLI_TEXT, .value = "GUID",         \
		.help = "the tenant's id in Microsoft Entra"                                       \
	}
#define FILTER(option)                                                                             \
	{                                                                                          \
		.name = (option), .kind = CLI_FILTER, .value = "TEXT",                             \
		.help = "only with this value"                                                     \
	}
#define TENANT_FILTER                                                                              \
	{                                                                                          \
		.name = "tenant-id", .alias = "tenant", .kind = CLI_FILTER, .value = "GUID",       \
		.help = "only of this tenant"                                                      \
	}
#define FIELD(option, type, metavar, text)                                                         \
	{                                                                                          \
		.name = (option), .kind = (type), .value = (metavar), .help = (text)               \
	}
#define ASSIGNMENTS                                                                                \
	{.name = "assign",                                                                         \
	 .member = "assignments",                                                                  \
	 .kind = CLI_ASSIGN,                                                                       \
	 .value = "WHOM",                                                                          \
	 .help = "all, entra_group=GUID, user=OBJECT-ID, device=ID, tag=TEXT; repeatable"},        \
	{                                                                                          \
		.name = "exclude", .member = "assignments", .kind = CLI_EXCLUDE, .value = "WHOM",  \
		.help = "the same, to take away; repeatable"                                       \
	}
#define END                                                                                        \
	{                                                                                          \
		.name = NULL                                                                       \
	}
#define COLUMNS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define VERBS(list)  .verbs = (list), .verb_count = ARRAY_LEN(list)

#define LIST(where, filters, cols, text)                                                           \
	{                                                                                          \
		.name = "list", .method = "GET", .path = (where), .options = (filters),            \
		.columns = (cols), .output = CLI_OUT_LIST, .help = (text)                          \
	}
#define SHOW(where, text)                                                                          \
	{                                                                                          \
		.name = "show", .method = "GET", .path = (where), .output = CLI_OUT_OBJECT,        \
		.help = (text)                                                                     \
	}
#define ADD(where, fields, text)                                                                   \
	{                                                                                          \
		.name = "add", .method = "POST", .path = (where), .options = (fields),             \
		.output = CLI_OUT_OBJECT, .help = (text)                                           \
	}
#define UPDATE(where, fields, text)                                                                \
	{                                                                                          \
		.name = "update", .method = "PATCH", .path = (where), .options = (fields),         \
		.output = CLI_OUT_OBJECT, .help = (text)                                           \
	}
#define REMOVE(where, fields, danger, text)                                                        \
	{                                                                                          \
		.name = "remove", .method = "DELETE", .path = (where), .options = (fields),        \
		.output = CLI_OUT_DONE, .warning = (danger), .help = (text)                        \
	}
#define ACTION(verb, where, fields, text)                                                          \
	{                                                                                          \
		.name = (verb), .method = "POST", .path = (where), .options = (fields),            \
		.output = CLI_OUT_OBJECT, .help = (text)                                           \
	}

/* tenants */

#define TENANT_FIELDS                                                                              \
	FIELD("domain", CLI_TEXT, "NAME", "a domain of the tenant, for people"),                   \
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
    FIELD("not-after", CLI_TEXT, "TIME", "when a secret expires, 2027-01-31T00:00:00Z"),
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

/* devices */

static const struct cli_option device_filters[] = {
    TENANT_FILTER,
    FILTER("state"),
    FILTER("compliance-state"),
    FILTER("user-principal-name"),
    FILTER("user-object-id"),
    FILTER("entra-device-id"),
    FILTER("name"),
    FILTER("tag"),
    END,
};
static const struct cli_option command_filters[] = {
    FILTER("state"), FILTER("origin"), FILTER("session-id"), FILTER("locuri"), END,
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
    FILTER("stage"),
    FILTER("outcome"),
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
     .path = "enrollments/{id}/explain",
     .output = CLI_OUT_TELL,
     .help = "explain a code such as 0x80180018, or what an attempt, a trace id or a device is "
	     "part of"},
};

static const struct cli_option story_filters[] = {
    TENANT_FILTER,
    FILTER("user-principal-name"),
    FILTER("device-id"),
    FILTER("entra-device-id"),
    FILTER("error-code"),
    FILTER("state"),
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
						   FILTER("state"), END};

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
    TENANT_FILTER,       FILTER("actor"),   FILTER("action"),   FILTER("object-kind"),
    FILTER("object-id"), FILTER("outcome"), FILTER("trace-id"), END,
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
    FIELD("expires-at", CLI_TEXT, "TIME", "2027-01-31T00:00:00Z; without it never"),
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
