/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_args.c: what the command line is read as, and the table of commands itself: every row must
 * be usable, whatever is added to it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "muster/args.h"
#include "muster/help.h"

enum { WORDS = 16 };

static int args_read(struct cli *cli, const char *const *words, struct cli_args *ret)
{
	char *argv[WORDS + 1] = {(char *)(uintptr_t) "muster"};
	int argc = 1;

	arena_init(&cli->arena);
	trail_reset(&cli->trail);
	cli->why = "";
	for (; words[argc - 1]; argc++)
		argv[argc] = (char *)(uintptr_t)words[argc - 1];
	return cli_args_read(cli, argc, argv, ret);
}

#define LINE(...) ((const char *const[]){__VA_ARGS__, NULL})

static void test_refused(void **state)
{
	static const struct {
		const char *words[WORDS];
		const char *why; /* a part of it */
	} cases[] = {
	    {{NULL}, "no command"},
	    {{"gadgets"}, "no 'gadgets'"},
	    {{"tenants"}, "what to do"},
	    {{"tenants", "wipe"}, "cannot 'wipe'"},
	    {{"tenants", "show"}, "needs TENANT_ID"},
	    {{"tenants", "list", "extra"}, "unexpected 'extra'"},
	    {{"devices", "show", "a", "b"}, "unexpected 'b'"},
	    {{"devices", "show", "a", "--name", "x"}, "no option --name"},
	    {{"--name", "x", "devices", "list"}, "no option --name"},
	    {{"devices", "rename", "a", "--name"}, "no value for --name"},
	    {{"devices", "rename", "a", "--name", "x", "--name", "y"}, "repeated option --name"},
	    {{"devices", "list", "--json", "--json"}, "repeated option --json"},
	    {{"devices", "list", "--url", "a", "--url", "b"}, "repeated option --url"},
	    {{"devices", "retire", "a", "--force=yes"}, "no value belongs to --force"},
	    {{"devices", "list", "--limit", "0"}, "--limit"},
	    {{"devices", "list", "--limit", "-1"}, "--limit"},
	    {{"devices", "list", "--limit", "1x"}, "--limit"},
	    {{"devices", "show", "a", "--all"}, "for lists"},
	    {{"devices", "show", "a", "--cursor", "b"}, "for lists"},
	};
	struct cli_args args;
	struct cli cli;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_int_equal(args_read(&cli, cases[i].words, &args), CLI_E_USAGE);
		if (!strstr(cli.why, cases[i].why))
			fail_msg("case %zu: %s", i, cli.why);
		arena_done(&cli.arena);
	}
}

static void test_read(void **state)
{
	struct cli_args args;
	struct cli cli;

	assert_int_equal(args_read(&cli,
				   LINE("--json", "device", "rename", "--name=a=b", "0190",
					"--url=https://x", "--yes"),
				   &args),
			 0);
	assert_string_equal(args.resource->name, "devices");
	assert_string_equal(args.verb->name, "rename");
	assert_string_equal(args.id, "0190");
	assert_string_equal(args.url, "https://x");
	assert_true(args.is_json);
	assert_true(args.is_yes);
	assert_false(args.is_all);
	assert_int_equal(args.given_count, 1);
	assert_string_equal(args.given[0].option->name, "name");
	assert_string_equal(args.given[0].value, "a=b");
	assert_null(args.token_file);
	arena_done(&cli.arena);
}

/* An id that looks like an option is no option behind "--". */
static void test_words_only(void **state)
{
	struct cli_args args;
	struct cli cli;

	assert_int_equal(args_read(&cli, LINE("devices", "show", "--", "--yes"), &args), 0);
	assert_string_equal(args.id, "--yes");
	assert_false(args.is_yes);
	arena_done(&cli.arena);
}

static void test_repeatable(void **state)
{
	struct cli_args args;
	struct cli cli;

	assert_int_equal(args_read(&cli,
				   LINE("policy", "add", "--tenant", "t", "--assign", "all",
					"--assign", "tag=x", "--exclude", "device=d"),
				   &args),
			 0);
	assert_int_equal(args.given_count, 4);
	assert_string_equal(args.given[0].option->name, "tenant-id");
	assert_string_equal(args.given[3].value, "device=d");
	arena_done(&cli.arena);
}

static void test_help_needs_no_command(void **state)
{
	struct cli_args args;
	struct cli cli;

	assert_int_equal(args_read(&cli, LINE("--help"), &args), 0);
	assert_true(args.is_help);
	assert_null(args.resource);
	arena_done(&cli.arena);
	assert_int_equal(args_read(&cli, LINE("tokens", "--help"), &args), 0);
	assert_string_equal(args.resource->name, "tokens");
	arena_done(&cli.arena);
	assert_int_equal(args_read(&cli, LINE("--version"), &args), 0);
	assert_true(args.is_version);
	arena_done(&cli.arena);
}

static void option_check(const struct cli_option *option, const char *where)
{
	const struct cli_option *common = cli_common_options();

	for (; common->name; common++)
		if (!strcmp(common->name, option->name) ||
		    (option->alias && !strcmp(common->name, option->alias)))
			fail_msg("%s: --%s hides a common option", where, option->name);
	if (!option->help || !option->help[0])
		fail_msg("%s: --%s has no help", where, option->name);
	if (!option->value != (option->kind == CLI_FLAG))
		fail_msg("%s: --%s: a flag has no value, all others have", where, option->name);
}

static void verb_check(const struct cli_resource *resource, const struct cli_verb *verb)
{
	static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
	bool is_method = false;

	for (size_t i = 0; i < ARRAY_LEN(methods); i++)
		is_method = is_method || !strcmp(verb->method, methods[i]);
	assert_true(is_method);
	assert_ptr_equal(cli_verb_find(resource, verb->name), verb);
	assert_true(verb->help && verb->help[0]);
	/* A list has columns, and nothing else has. */
	assert_true((verb->output == CLI_OUT_LIST) == (verb->columns != NULL));
	assert_true((verb->output == CLI_OUT_DONE) == !strcmp(verb->method, "DELETE"));
	/* What takes something away for good asks first. */
	if (!strcmp(verb->method, "DELETE") || !strcmp(verb->name, "wipe") ||
	    !strcmp(verb->name, "retire"))
		assert_non_null(verb->warning);
	for (const struct cli_option *option = verb->options; option && option->name; option++)
		option_check(option, verb->path);
}

static void test_table(void **state)
{
	size_t count;
	const struct cli_resource *resources = cli_resources(&count);

	assert_true(count > 0);
	for (size_t i = 0; i < count; i++) {
		assert_ptr_equal(cli_resource_find(resources[i].name), &resources[i]);
		assert_ptr_equal(cli_resource_find(resources[i].singular), &resources[i]);
		for (size_t k = 0; k < resources[i].verb_count; k++)
			verb_check(&resources[i], &resources[i].verbs[k]);
	}
}

/* Documents use the second names; --mail-domain is the one for `domains`. */
static void aliases_check(const struct cli_verb *verb, const char *help)
{
	for (const struct cli_option *option = verb->options; option && option->name; option++) {
		char named[64];

		snprintf(named, sizeof(named), "also --%s\n", option->alias ? option->alias : "");
		if (option->alias && !strstr(help, named))
			fail_msg("%s: the help does not name --%s", verb->path, option->alias);
	}
}

static void test_help_names_everything(void **state)
{
	size_t count;
	const struct cli_resource *resources = cli_resources(&count);

	for (size_t i = 0; i < count; i++) {
		const struct cli_resource *resource = &resources[i];
		struct buf all, own;

		buf_init(&all, NULL);
		buf_init(&own, NULL);
		cli_help(&all, NULL);
		cli_help(&own, resource);
		assert_non_null(strstr(all.data, resource->name));
		for (size_t k = 0; k < resource->verb_count; k++) {
			assert_non_null(strstr(own.data, resource->verbs[k].help));
			assert_non_null(strstr(all.data, resource->verbs[k].name));
			aliases_check(&resource->verbs[k], own.data);
		}
		buf_done(&all);
		buf_done(&own);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_read),
	    cmocka_unit_test(test_words_only),
	    cmocka_unit_test(test_repeatable),
	    cmocka_unit_test(test_help_needs_no_command),
	    cmocka_unit_test(test_table),
	    cmocka_unit_test(test_help_names_everything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
