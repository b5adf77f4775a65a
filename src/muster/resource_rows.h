/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resource_rows.h: the words the tables of commands are written in, and the tables that are in
 * files of their own. Only for resources.c and resources_*.c.
 */
#ifndef MUSTER_MUSTER_RESOURCE_ROWS_H
#define MUSTER_MUSTER_RESOURCE_ROWS_H

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
#define CHOICE(option, words)                                                                      \
	{                                                                                          \
		.name = (option), .kind = CLI_FILTER, .value = "WORD", .help = "only " words       \
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
/* Of what a tenant has at most one of, at an address of its own. */
#define PUT(where, fields, text)                                                                   \
	{                                                                                          \
		.name = "add", .method = "PUT", .path = (where), .options = (fields),              \
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

/* resources_accounts.c */
enum { CLI_ACCOUNT_VERBS = 6, CLI_LDAP_VERBS = 5 };
extern const struct cli_verb cli_account_verbs[CLI_ACCOUNT_VERBS];
extern const struct cli_verb cli_ldap_verbs[CLI_LDAP_VERBS];

/* resources_terms.c */
enum {
	CLI_TERMS_VERBS = 6,
	CLI_TERMS_TEXT_VERBS = 2,
	CLI_TERMS_DECISION_VERBS = 2,
	CLI_PIN_VERBS = 5
};
extern const struct cli_verb cli_terms_verbs[CLI_TERMS_VERBS];
extern const struct cli_verb cli_terms_text_verbs[CLI_TERMS_TEXT_VERBS];
extern const struct cli_verb cli_terms_decision_verbs[CLI_TERMS_DECISION_VERBS];
extern const struct cli_verb cli_pin_verbs[CLI_PIN_VERBS];

#endif
