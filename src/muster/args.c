/* SPDX-License-Identifier: Apache-2.0 */
/*
 * args.c: see args.h. One pass: words are resource, verb and id in turn, options are looked up
 * among the common ones and, once the verb is known, among its own. An option that stands before
 * the resource can only be a common one.
 */
#include "muster/args.h"

#include <string.h>

#include "base/text.h"

enum {
	COMMON_URL,
	COMMON_TOKEN_FILE,
	COMMON_CA,
	COMMON_LIMIT,
	COMMON_CURSOR,
	COMMON_JSON,
	COMMON_ALL,
	COMMON_YES,
	COMMON_HELP,
	COMMON_VERSION,
	COMMON_COUNT
};

static const struct cli_option common[COMMON_COUNT + 1] = {
    [COMMON_URL] = {.name = "url", .value = "URL", .help = "console_url of the server"},
    [COMMON_TOKEN_FILE] = {.name = "token-file", .value = "FILE", .help = "holds an API token"},
    [COMMON_CA] = {.name = "ca", .value = "FILE", .help = "trusted certificates, PEM"},
    [COMMON_LIMIT] = {.name = "limit", .value = "N", .help = "at most N of a list (50)"},
    [COMMON_CURSOR] = {.name = "cursor", .value = "CURSOR", .help = "go on where a list ended"},
    [COMMON_JSON] = {.name = "json", .kind = CLI_FLAG, .help = "print what the server answered"},
    [COMMON_ALL] = {.name = "all", .kind = CLI_FLAG, .help = "the whole list"},
    [COMMON_YES] = {.name = "yes", .kind = CLI_FLAG, .help = "do not ask"},
    [COMMON_HELP] = {.name = "help", .kind = CLI_FLAG, .help = "show help"},
    [COMMON_VERSION] = {.name = "version", .kind = CLI_FLAG, .help = "show the version"},
};

const struct cli_option *cli_common_options(void)
{
	return common;
}

struct reading {
	struct cli *cli;
	struct cli_args args;
	const char *common[COMMON_COUNT]; /* what each was given; "" for a flag */
	int argc;
	char **argv;
	int next;
};

static const struct cli_option *option_find(const struct cli_option *list, struct text name)
{
	for (; list && list->name; list++)
		if (text_eq_c(name, list->name) || (list->alias && text_eq_c(name, list->alias)))
			return list;
	return NULL;
}

static int usage(struct reading *reading, const char *what, struct text name)
{
	const struct cli_resource *resource = reading->args.resource;

	return cli_fail(reading->cli, CLI_E_USAGE, "%s --%.*s; see muster%s%s --help", what,
			TEXT_ARG(text_take(name, 64)), resource ? " " : "",
			resource ? resource->name : "");
}

static bool is_given(const struct cli_args *args, const struct cli_option *option)
{
	for (size_t i = 0; i < args->given_count; i++)
		if (args->given[i].option == option)
			return true;
	return false;
}

/* value.ptr NULL: it is in the next word. */
static int value_take(struct reading *reading, const struct cli_option *option, struct text name,
		      struct text value, const char **ret)
{
	if (option->kind == CLI_FLAG) {
		if (value.ptr)
			return usage(reading, "no value belongs to", name);
		*ret = "";
		return 0;
	}
	if (!value.ptr && reading->next >= reading->argc)
		return usage(reading, "no value for", name);
	*ret = value.ptr ? value.ptr : reading->argv[reading->next++];
	return 0;
}

static int option_read(struct reading *reading, const char *word)
{
	struct text value = text_of(word + 2);
	struct text name = text_cut(&value, '=');
	const struct cli_option *option = option_find(common, name);
	struct cli_args *args = &reading->args;
	const char *text = NULL;
	int r;

	if (option) {
		size_t at = (size_t)(option - common);

		r = value_take(reading, option, name, value, &text);
		if (r == 0 && reading->common[at])
			return usage(reading, "repeated option", name);
		reading->common[at] = text;
		return r;
	}
	option = args->verb ? option_find(args->verb->options, name) : NULL;
	if (!option)
		return usage(reading, "there is no option", name);
	if (is_given(args, option) && !cli_option_is_repeatable(option))
		return usage(reading, "repeated option", name);
	r = value_take(reading, option, name, value, &text);
	if (r == 0)
		args->given[args->given_count++] = (struct cli_given){option, text};
	return r;
}

static int word_read(struct reading *reading, const char *word)
{
	struct cli_args *args = &reading->args;

	if (!args->resource) {
		args->resource = cli_resource_find(word);
		return args->resource ? 0
				      : cli_fail(reading->cli, CLI_E_USAGE,
						 "there is no '%.64s'; see muster --help", word);
	}
	if (!args->verb) {
		args->verb = cli_verb_find(args->resource, word);
		return args->verb ? 0
				  : cli_fail(reading->cli, CLI_E_USAGE,
					     "%s cannot '%.64s'; see muster %s --help",
					     args->resource->name, word, args->resource->name);
	}
	if (args->id || !cli_verb_has_id(args->verb))
		return cli_fail(reading->cli, CLI_E_USAGE,
				"unexpected '%.64s'; see muster %s --help", word,
				args->resource->name);
	args->id = word;
	return 0;
}

static int limit_read(struct reading *reading, const char *value)
{
	if (!value)
		return 0;
	if (!text_to_u64(text_of(value), &reading->args.limit) || reading->args.limit == 0)
		return cli_fail(reading->cli, CLI_E_USAGE, "--limit must be a number from 1");
	return 0;
}

static int common_store(struct reading *reading)
{
	const char *const *value = reading->common;
	struct cli_args *args = &reading->args;

	args->url = value[COMMON_URL];
	args->token_file = value[COMMON_TOKEN_FILE];
	args->ca = value[COMMON_CA];
	args->cursor = value[COMMON_CURSOR];
	args->is_json = value[COMMON_JSON];
	args->is_all = value[COMMON_ALL];
	args->is_yes = value[COMMON_YES];
	args->is_help = value[COMMON_HELP];
	args->is_version = value[COMMON_VERSION];
	return limit_read(reading, value[COMMON_LIMIT]);
}

/* What cannot be seen before the last word. */
static int whole_check(struct reading *reading)
{
	const struct cli_args *args = &reading->args;
	struct cli *cli = reading->cli;

	if (args->is_help || args->is_version)
		return 0;
	if (!args->resource)
		return cli_fail(cli, CLI_E_USAGE, "no command given; see muster --help");
	if (!args->verb)
		return cli_fail(cli, CLI_E_USAGE, "what to do with %s? see muster %s --help",
				args->resource->name, args->resource->name);
	if (!args->id && cli_verb_has_id(args->verb))
		return cli_fail(cli, CLI_E_USAGE, "muster %s %s needs %s; see muster %s --help",
				args->resource->name, args->verb->name, args->resource->id,
				args->resource->name);
	if (args->verb->output != CLI_OUT_LIST && (args->limit || args->is_all || args->cursor))
		return cli_fail(cli, CLI_E_USAGE, "--limit, --all and --cursor are for lists");
	return 0;
}

int cli_args_read(struct cli *cli, int argc, char **argv, struct cli_args *ret)
{
	struct reading reading = {.cli = cli, .argc = argc, .argv = argv, .next = 1};
	bool is_word_only = false;
	int r = 0;

	reading.args.given = ARENA_ARRAY(&cli->arena, (size_t)argc + 1, struct cli_given);
	while (r == 0 && reading.next < argc) {
		const char *word = argv[reading.next++];

		if (is_word_only || strncmp(word, "--", 2) != 0)
			r = word_read(&reading, word);
		else if (!word[2])
			is_word_only = true;
		else
			r = option_read(&reading, word);
	}
	if (r == 0)
		r = common_store(&reading);
	if (r == 0)
		r = whole_check(&reading);
	if (r == 0)
		*ret = reading.args;
	return r;
}
