/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resources_terms.c: the commands about the Terms of Use and their PINs; see resources.c.
 */
#include "muster/resource_rows.h"

#define BODY_FILE                                                                                  \
	{                                                                                          \
		.name = "body-file", .member = "body", .kind = CLI_FILE, .value = "FILE",          \
		.help = "holds the text, HTML"                                                     \
	}
#define TERMS_FIELDS                                                                               \
	FIELD("locale", CLI_TEXT, "LANGUAGE", "of the text: de, de-AT"),                           \
	    FIELD("mode", CLI_TEXT, "MODE", "for devices: organization, personal or any"),         \
	    FIELD("entra-group", CLI_TEXT, "GUID", "only for members of this Entra group"),        \
	    FIELD("title", CLI_TEXT, "TEXT", "the heading of the page"), BODY_FILE

static const struct cli_option tenant_path[] = {TENANT_PATH, END};
static const struct cli_option terms_fields[] = {TENANT_PATH, TERMS_FIELDS, END};
static const struct cli_option terms_preview[] = {TENANT_PATH, BODY_FILE, END};

const struct cli_verb cli_terms_verbs[CLI_TERMS_VERBS] = {
    LIST("tenants/{tenant_id}/terms", tenant_path,
	 COLUMNS("id", "locale", "mode", "entra_group", "title", "text_version", "updated_at"),
	 "list the texts of a tenant"),
    {.name = "show",
     .method = "GET",
     .path = "tenants/{tenant_id}/terms/{id}",
     .options = tenant_path,
     .output = CLI_OUT_OBJECT,
     .help = "show a text, as written and as shown"},
    ADD("tenants/{tenant_id}/terms", terms_fields, "add a text"),
    UPDATE("tenants/{tenant_id}/terms/{id}", terms_fields,
	   "change the named fields; users are asked for the new text from now on"),
    REMOVE("tenants/{tenant_id}/terms/{id}", tenant_path,
	   "Users get the next text that fits, at last the built-in one.", "remove a text"),
    ACTION("preview", "tenants/{tenant_id}/terms/preview", terms_preview,
	   "show what would be shown of a text, and what is left out"),
};

const struct cli_verb cli_terms_text_verbs[CLI_TERMS_TEXT_VERBS] = {
    LIST("tenants/{tenant_id}/terms-texts", tenant_path,
	 COLUMNS("version", "locale", "title", "created_at"),
	 "list the texts that were shown to users"),
    {.name = "show",
     .method = "GET",
     .path = "tenants/{tenant_id}/terms-texts/{id}",
     .options = tenant_path,
     .output = CLI_OUT_OBJECT,
     .help = "show exactly what was shown"},
};

static const struct cli_option decision_filters[] = {
    TENANT_FILTER,
    FILTER("user-object-id"),
    FILTER("user-principal-name"),
    {.name = "text-version",
     .member = "version",
     .kind = CLI_FILTER,
     .value = "VERSION",
     .help = "only about this text"},
    CHOICE("decision", "accepted or declined"),
    FILTER("client-request-id"),
    END,
};

const struct cli_verb cli_terms_decision_verbs[CLI_TERMS_DECISION_VERBS] = {
    LIST("terms-decisions", decision_filters,
	 COLUMNS("id", "at", "user_principal_name", "decision", "version", "locale", "mode"),
	 "list who accepted or declined which text"),
    SHOW("terms-decisions/{id}", "show a decision with all that is known of it"),
};

static const struct cli_option pin_filters[] = {
    TENANT_PATH,
    CHOICE("state", "open, used or revoked"),
    FILTER("user-principal-name"),
    END,
};
static const struct cli_option pin_add[] = {
    TENANT_PATH,
    FIELD("user-principal-name", CLI_TEXT, "NAME", "good for this user only"),
    FIELD("label", CLI_TEXT, "TEXT", "what it is for"),
    FIELD("expires-at", CLI_WHEN, "TIME", "2027-01-31T00:00:00Z, or 3d from now; else never"),
    FIELD("count", CLI_INT, "N", "how many to make, 1"),
    END,
};

static const struct cli_option pin_unblock[] = {
    TENANT_PATH,
    FIELD("user-object-id", CLI_TEXT, "GUID", "the user who typed wrong ones"),
    FIELD("source", CLI_TEXT, "ADDRESS", "that they were typed from"),
    END,
};

const struct cli_verb cli_pin_verbs[CLI_PIN_VERBS] = {
    LIST("tenants/{tenant_id}/pins", pin_filters,
	 COLUMNS("id", "label", "user_principal_name", "state", "expires_at", "used_at", "used_by"),
	 "list one-time PINs, never their digits"),
    {.name = "show",
     .method = "GET",
     .path = "tenants/{tenant_id}/pins/{id}",
     .options = tenant_path,
     .output = CLI_OUT_OBJECT,
     .help = "show a one-time PIN, never its digits"},
    {.name = "add",
     .method = "POST",
     .path = "tenants/{tenant_id}/pins",
     .options = pin_add,
     .output = CLI_OUT_LIST,
     .columns = COLUMNS("id", "label", "user_principal_name", "expires_at", "pin"),
     .help = "make one-time PINs; they are shown once"},
    REMOVE("tenants/{tenant_id}/pins/{id}", tenant_path, "Whoever was given it needs another one.",
	   "revoke a one-time PIN"),
    ACTION("unblock", "tenants/{tenant_id}/pins/unblock", pin_unblock,
	   "end the wait that wrong PINs brought on a user or an address"),
};
