/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli.h: what the files of `muster` share: the run of one command, and the table that says which
 * commands there are. contract.md sections 2 and 5.
 *
 * Everything the program knows about the admin API is in that table (resources.c): a resource has
 * verbs, a verb has a method, a path and options, an option has a kind that says how its value
 * becomes a member of the body or a parameter of the query. No code asks for a resource by name.
 */
#ifndef MUSTER_MUSTER_CLI_H
#define MUSTER_MUSTER_CLI_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

/* Outcomes of every function here that takes a struct cli; each is the exit status it leads to. */
enum cli_outcome {
	CLI_E_FAILED = 1,
	CLI_E_USAGE = 2 /* wrong usage */
};

struct cli {
	struct arena arena;
	struct trail trail;
	const char *why; /* with every outcome: one line for the user, without the program's name */
};

/* Set why and give the outcome back. */
int cli_fail(struct cli *cli, enum cli_outcome outcome, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* After a negative return of the library: the cause in the trail is the line. */
int cli_fail_trail(struct cli *cli);

enum cli_kind {
	CLI_TEXT,
	CLI_BOOL,     /* yes, no, true, false */
	CLI_FLAG,     /* takes no value: true */
	CLI_INT,      /* a whole number */
	CLI_DURATION, /* 90, 90s, 15min, 36h, 3d: seconds */
	CLI_WHEN,     /* a point in time, or a duration from now */
	/* Repeatable, they add to one array. */
	CLI_LIST,          /* a string; "none" alone makes the array empty, here and below */
	CLI_SETTING,       /* LOCURI=FORMAT:DATA */
	CLI_SETTINGS_FILE, /* a JSON file with an array of settings */
	CLI_RULE,          /* "FACT OPERATOR VALUE" */
	CLI_ASSIGN,        /* all, entra_group=..., user=..., device=..., tag=... */
	CLI_EXCLUDE,       /* the same, to take away */
	/* The content of a file. */
	CLI_FILE,
	CLI_SECRET_FILE, /* refused when others may read it */
	/* Not in the body. */
	CLI_FILTER, /* a parameter of the query */
	CLI_PATH    /* stands for {name} in the path; required */
};

struct cli_option {
	const char *name;   /* without dashes; NULL ends a list */
	const char *alias;  /* a second name; NULL: none */
	const char *member; /* NULL: the name with '_' for '-' */
	enum cli_kind kind;
	const char *value; /* in the help, "GUID" */
	const char *help;
	const char *implies; /* the member "kind" gets this value; NULL: none */
};

enum cli_output {
	CLI_OUT_LIST,     /* {"items": [...], "next": ...} as a table */
	CLI_OUT_OBJECT,   /* one object as "name: value" lines */
	CLI_OUT_URL,      /* the member "url" alone */
	CLI_OUT_FINDINGS, /* {"findings": [...]}; one that is not ok fails the command */
	CLI_OUT_TELL,     /* a code or a joining, told in lines (tell.h) */
	CLI_OUT_DONE      /* no content: a line that says so */
};

struct cli_verb {
	const char *name;
	const char *method;
	const char *path;                 /* below /api/v1/; {id} is the argument after the verb */
	const struct cli_option *options; /* NULL: none */
	enum cli_output output;
	const char *const *columns; /* of CLI_OUT_LIST, NULL terminated */
	const char *warning;        /* not NULL: asks before it acts */
	const char *help;
};

struct cli_resource {
	const char *name;
	const char *singular; /* accepted too */
	const char *id;       /* what {id} is called in help and messages */
	const struct cli_verb *verbs;
	size_t verb_count;
	const char *help;
};

const struct cli_resource *cli_resources(size_t *ret_count);
/* NULL: there is none of that name. */
const struct cli_resource *cli_resource_find(const char *name);
const struct cli_verb *cli_verb_find(const struct cli_resource *resource, const char *name);

/* The member an option sets, in the arena or static. */
const char *cli_option_member(struct arena *arena, const struct cli_option *option);
bool cli_option_is_repeatable(const struct cli_option *option);
/* Does the verb's path have {id}? */
bool cli_verb_has_id(const struct cli_verb *verb);

#endif
