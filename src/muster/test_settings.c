/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_settings.c: where the address, the token file and the trust come from, and in which order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "muster/settings.h"

struct home {
	char dir[32];
	char config[48];
	char muster[64];
	char file[96];
};

static int home_make(void **state)
{
	struct home *home = heap_alloc(sizeof(*home));

	snprintf(home->dir, sizeof(home->dir), "/tmp/test_muster_XXXXXX");
	if (!mkdtemp(home->dir))
		return -1;
	snprintf(home->config, sizeof(home->config), "%s/.config", home->dir);
	snprintf(home->muster, sizeof(home->muster), "%s/muster", home->config);
	snprintf(home->file, sizeof(home->file), "%s/cli.conf", home->muster);
	unsetenv("MUSTER_URL");
	unsetenv("MUSTER_TOKEN_FILE");
	unsetenv("MUSTER_CA");
	setenv("HOME", home->dir, 1);
	*state = home;
	return mkdir(home->config, 0700) || mkdir(home->muster, 0700);
}

static int home_drop(void **state)
{
	struct home *home = *state;

	unlink(home->file);
	rmdir(home->muster);
	rmdir(home->config);
	rmdir(home->dir);
	free(home);
	return 0;
}

static void file_write(const struct home *home, const char *content)
{
	FILE *file = fopen(home->file, "w");

	assert_non_null(file);
	assert_true(fputs(content, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static int settings_read(struct cli *cli, const struct cli_args *args, struct cli_settings *ret)
{
	arena_init(&cli->arena);
	trail_reset(&cli->trail);
	cli->why = "";
	return cli_settings_read(cli, args, ret);
}

static void test_order(void **state)
{
	const struct cli_args none = {0};
	const struct cli_args given = {.url = "https://option", .token_file = "o", .ca = "oc"};
	struct cli_settings settings;
	struct cli cli;

	file_write(*state, "; mine\nurl = https://file\ntoken_file = ~/t\nca = /c\n");
	assert_int_equal(settings_read(&cli, &none, &settings), 0);
	assert_string_equal(settings.url, "https://file");
	assert_string_equal(settings.token_file,
			    arena_printf(&cli.arena, "%s/t", ((struct home *)*state)->dir));
	assert_string_equal(settings.ca, "/c");
	arena_done(&cli.arena);

	setenv("MUSTER_URL", "https://variable", 1);
	setenv("MUSTER_TOKEN_FILE", "", 1);
	assert_int_equal(settings_read(&cli, &none, &settings), 0);
	assert_string_equal(settings.url, "https://variable");
	assert_string_equal(settings.ca, "/c");
	arena_done(&cli.arena);

	assert_int_equal(settings_read(&cli, &given, &settings), 0);
	assert_string_equal(settings.url, "https://option");
	assert_string_equal(settings.token_file, "o");
	assert_string_equal(settings.ca, "oc");
	arena_done(&cli.arena);
}

static void test_missing(void **state)
{
	const struct cli_args none = {0};
	const struct cli_args url = {.url = "https://x"};
	const struct cli_args both = {.url = "https://x", .token_file = "t"};
	struct cli_settings settings;
	struct cli cli;

	assert_int_equal(settings_read(&cli, &none, &settings), CLI_E_USAGE);
	assert_non_null(strstr(cli.why, "MUSTER_URL"));
	arena_done(&cli.arena);
	assert_int_equal(settings_read(&cli, &url, &settings), CLI_E_USAGE);
	assert_non_null(strstr(cli.why, "MUSTER_TOKEN_FILE"));
	arena_done(&cli.arena);
	/* No file and no CA: the system's trust. */
	assert_int_equal(settings_read(&cli, &both, &settings), 0);
	assert_string_equal(settings.ca, "");
	arena_done(&cli.arena);
}

static void test_url_forms(void **state)
{
	static const struct {
		const char *in;
		const char *out;
	} cases[] = {
	    {"https://x", "https://x"},
	    {"https://x/", "https://x"},
	    {"https://x:1/api/v1", "https://x:1"},
	    {"https://x:1/api/v1/", "https://x:1"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct cli_args args = {.url = cases[i].in, .token_file = "t"};
		struct cli_settings settings;
		struct cli cli;

		assert_int_equal(settings_read(&cli, &args, &settings), 0);
		assert_string_equal(settings.url, cases[i].out);
		arena_done(&cli.arena);
	}
}

static void test_bad_file(void **state)
{
	static const struct {
		const char *content;
		const char *why;
	} cases[] = {
	    {"uri = https://x\n", "line 1"},
	    {"url = https://x\nurl = https://y\n", "line 2"},
	    {"[cli]\nurl = https://x\n", "line 2"},
	    {"url = https://x\nnonsense\n", "line 2"},
	};
	const struct cli_args args = {.url = "https://x", .token_file = "t"};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct cli_settings settings;
		struct cli cli;

		file_write(*state, cases[i].content);
		assert_int_equal(settings_read(&cli, &args, &settings), CLI_E_FAILED);
		if (!strstr(cli.why, cases[i].why))
			fail_msg("case %zu: %s", i, cli.why);
		arena_done(&cli.arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_order, home_make, home_drop),
	    cmocka_unit_test_setup_teardown(test_missing, home_make, home_drop),
	    cmocka_unit_test_setup_teardown(test_url_forms, home_make, home_drop),
	    cmocka_unit_test_setup_teardown(test_bad_file, home_make, home_drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
