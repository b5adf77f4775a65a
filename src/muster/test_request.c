/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_request.c: what a command line sends: path, query and body, byte for byte; and which values
 * are refused before anything is sent.
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

#include "muster/request.h"
#include "muster/run.h"
#include "muster/values.h"

enum { WORDS = 20 };

static int request_make(struct cli *cli, const char *const *words, struct cli_request *ret)
{
	char *argv[WORDS + 1] = {(char *)(uintptr_t) "muster"};
	struct cli_args args;
	int argc = 1;

	arena_init(&cli->arena);
	trail_reset(&cli->trail);
	cli->why = "";
	for (; words[argc - 1]; argc++)
		argv[argc] = (char *)(uintptr_t)words[argc - 1];
	assert_int_equal(cli_args_read(cli, argc, argv, &args), 0);
	return cli_request_make(cli, &args, ret);
}

#define LINE(...)                                                                                  \
	{                                                                                          \
		__VA_ARGS__, NULL                                                                  \
	}

static void test_sent(void **state)
{
	static const struct {
		const char *words[WORDS];
		const char *path;
		const char *query;
		const char *body;
	} cases[] = {
	    {LINE("tenants", "list"), "/api/v1/tenants", "", ""},
	    {LINE("devices", "list", "--compliance-state", "noncompliant", "--name", "a b&c=d"),
	     "/api/v1/devices", "compliance_state=noncompliant&name=a%20b%26c%3Dd", ""},
	    {LINE("devices", "show", "0190"), "/api/v1/devices/0190", "", ""},
	    /* An id cannot reach another resource. */
	    {LINE("devices", "show", "x/../../tokens"), "/api/v1/devices/x%2F..%2F..%2Ftokens", "",
	     ""},
	    {LINE("devices", "sync", "0190"), "/api/v1/devices/0190/sync", "", "{}"},
	    {LINE("devices", "retire", "0190", "--force"), "/api/v1/devices/0190/retire", "",
	     "{\"force\":true}"},
	    {LINE("devices", "rename", "0190", "--name", "PC-\"1\""), "/api/v1/devices/0190/rename",
	     "", "{\"name\":\"PC-\\\"1\\\"\"}"},
	    {LINE("credentials", "list", "--tenant", "t1"), "/api/v1/tenants/t1/credentials", "",
	     ""},
	    {LINE("credentials", "remove", "c1", "--tenant-id", "t1"),
	     "/api/v1/tenants/t1/credentials/c1", "", ""},
	    {LINE("tenants", "add", "--tenant-id", "t", "--client-id", "c", "--app-id-uris",
		  "https://a", "--app-id-uri", "api://b", "--enabled", "no", "--device-limit", "3"),
	     "/api/v1/tenants", "",
	     "{\"tenant_id\":\"t\",\"client_id\":\"c\",\"app_id_uris\":[\"https://a\","
	     "\"api://b\"],\"enabled\":false,\"device_limit\":3}"},
	    {LINE("tenants", "update", "t", "--app-id-uris", "none"), "/api/v1/tenants/t", "",
	     "{\"app_id_uris\":[]}"},
	    {LINE("tenants", "update", "t", "--mail-domain", "contoso.com", "--mail-domain",
		  "fabrikam.com"),
	     "/api/v1/tenants/t", "", "{\"domains\":[\"contoso.com\",\"fabrikam.com\"]}"},
	    {LINE("tenants", "update", "t", "--license-group", ""), "/api/v1/tenants/t", "",
	     "{\"license_group\":\"\"}"},
	    {LINE("pins", "add", "--tenant", "t", "--expires-at", "2027-01-31T00:00:00Z"),
	     "/api/v1/tenants/t/pins", "", "{\"expires_at\":\"2027-01-31T00:00:00Z\"}"},
	    {LINE("policies", "add", "--tenant", "t", "--setting",
		  "./Device/Vendor/MSFT/Policy/Config/Camera/AllowCamera=int:0", "--name", "n",
		  "--setting", "./x=chr:a=b:c", "--exclude", "tag=x", "--assign", "all"),
	     "/api/v1/policies", "",
	     "{\"tenant_id\":\"t\",\"settings\":[{\"locuri\":"
	     "\"./Device/Vendor/MSFT/Policy/Config/Camera/AllowCamera\",\"format\":\"int\","
	     "\"data\":\"0\"},{\"locuri\":\"./x\",\"format\":\"chr\",\"data\":\"a=b:c\"}],"
	     "\"name\":\"n\",\"assignments\":[{\"tag\":\"x\",\"exclude\":true},{\"all\":true}]}"},
	    {LINE("policies", "update", "p", "--assign", "none"), "/api/v1/policies/p", "",
	     "{\"assignments\":[]}"},
	    {LINE("compliance-policies", "add", "--rule", "os_version ge 10.0.19045", "--rule",
		  " bitlocker  exists ", "--rule", "name in a b c", "--grace", "3d"),
	     "/api/v1/compliance-policies", "",
	     "{\"rules\":[{\"fact\":\"os_version\",\"operator\":\"ge\",\"value\":\"10.0.19045\"},"
	     "{\"fact\":\"bitlocker\",\"operator\":\"exists\",\"value\":\"\"},"
	     "{\"fact\":\"name\",\"operator\":\"in\",\"value\":\"a b c\"}],\"grace\":259200}"},
	    {LINE("outbox", "retry", "o"), "/api/v1/outbox/o/retry", "", "{}"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct cli_request request;
		struct cli cli;

		if (request_make(&cli, cases[i].words, &request))
			fail_msg("case %zu: %s", i, cli.why);
		assert_string_equal(request.path, cases[i].path);
		assert_string_equal(request.query, cases[i].query);
		assert_string_equal(arena_cstr(&cli.arena, request.body), cases[i].body);
		arena_done(&cli.arena);
	}
}

static void test_refused(void **state)
{
	static const struct {
		const char *words[WORDS];
		int outcome;
		const char *why;
	} cases[] = {
	    {LINE("credentials", "list"), CLI_E_USAGE, "needs --tenant"},
	    {LINE("devices", "show", ""), CLI_E_USAGE, "no id"},
	    {LINE("devices", "show", ".."), CLI_E_USAGE, "no id"},
	    {LINE("tenants", "add", "--enabled", "maybe"), CLI_E_USAGE, "yes or no"},
	    {LINE("tenants", "add", "--device-limit", "3.5"), CLI_E_USAGE, "whole number"},
	    {LINE("tenants", "add", "--domain", "\xff"), CLI_E_USAGE, "UTF-8"},
	    {LINE("policies", "add", "--setting", "./x"), CLI_E_USAGE, "LOCURI=FORMAT:DATA"},
	    {LINE("policies", "add", "--setting", "./x=1"), CLI_E_USAGE, "LOCURI=FORMAT:DATA"},
	    {LINE("policies", "add", "--setting", "=int:1"), CLI_E_USAGE, "LOCURI=FORMAT:DATA"},
	    {LINE("policies", "add", "--setting", "./x=:1"), CLI_E_USAGE, "LOCURI=FORMAT:DATA"},
	    {LINE("policies", "add", "--assign", "everybody"), CLI_E_USAGE, "--assign"},
	    {LINE("policies", "add", "--assign", "all=x"), CLI_E_USAGE, "--assign"},
	    {LINE("policies", "add", "--assign", "tag="), CLI_E_USAGE, "--assign"},
	    {LINE("policies", "add", "--exclude", "group=x"), CLI_E_USAGE, "--exclude"},
	    {LINE("policies", "add", "--settings-file", "/nonexistent"), CLI_E_FAILED,
	     "/nonexistent"},
	    {LINE("compliance-policies", "add", "--rule", "os_version"), CLI_E_USAGE, "--rule"},
	    {LINE("compliance-policies", "add", "--grace", "3 d"), CLI_E_USAGE, "--grace"},
	    {LINE("pins", "add", "--tenant", "t", "--expires-at", "3 d"), CLI_E_USAGE, "3d"},
	    {LINE("pins", "add", "--tenant", "t", "--expires-at", "tomorrow"), CLI_E_USAGE,
	     "--expires-at"},
	    {LINE("credentials", "add", "--tenant", "t", "--secret-file", "/nonexistent"),
	     CLI_E_FAILED, "/nonexistent"},
	    {LINE("credentials", "add", "--tenant", "t", "--secret-file", "a", "--certificate",
		  "b"),
	     CLI_E_USAGE, "exclude each other"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct cli_request request;
		struct cli cli;

		if (request_make(&cli, cases[i].words, &request) != cases[i].outcome ||
		    !strstr(cli.why, cases[i].why))
			fail_msg("case %zu: %s", i, cli.why);
		arena_done(&cli.arena);
	}
}

/* A file of the given mode and content; the caller frees and unlinks. */
static char *file_make(const char *content, mode_t mode)
{
	char *path = heap_string("/tmp/test_muster_XXXXXX");
	int fd = mkstemp(path);
	size_t len = strlen(content);

	assert_true(fd >= 0);
	assert_int_equal(fchmod(fd, mode), 0);
	assert_int_equal(write(fd, content, len), (ssize_t)len);
	close(fd);
	return path;
}

static void file_drop(char *path)
{
	unlink(path);
	free(path);
}

static void test_files(void **state)
{
	char *secret = file_make("s3cret\n", 0600);
	char *open_secret = file_make("s3cret\n", 0644);
	char *pem = file_make("-----BEGIN\n", 0644);
	char *array = file_make("[{\"locuri\":\"./a\",\"format\":\"int\",\"data\":\"1\"}]", 0644);
	char *object = file_make("{\"name\":\"x\",\"settings\":[{\"locuri\":\"./b\"}]}", 0644);
	char *other = file_make("{\"name\":\"x\"}", 0644);
	const struct {
		const char *words[WORDS];
		const char *body; /* NULL: refused */
	} cases[] = {
	    {LINE("credentials", "add", "--tenant", "t", "--secret-file", secret),
	     "{\"kind\":\"secret\",\"secret\":\"s3cret\"}"},
	    {LINE("credentials", "add", "--tenant", "t", "--secret-file", open_secret), NULL},
	    {LINE("credentials", "add", "--tenant", "t", "--certificate", pem, "--key", secret),
	     "{\"kind\":\"certificate\",\"certificate\":\"-----BEGIN\\n\",\"key\":\"s3cret\"}"},
	    {LINE("credentials", "add", "--tenant", "t", "--certificate", pem, "--key",
		  open_secret),
	     NULL},
	    {LINE("policies", "add", "--settings-file", array, "--setting",
		  "./c=chr:", "--settings-file", object),
	     "{\"settings\":[{\"locuri\":\"./a\",\"format\":\"int\",\"data\":\"1\"},"
	     "{\"locuri\":\"./c\",\"format\":\"chr\",\"data\":\"\"},{\"locuri\":\"./b\"}]}"},
	    {LINE("policies", "add", "--settings-file", other), NULL},
	    {LINE("policies", "add", "--settings-file", secret), NULL},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct cli_request request;
		struct cli cli;
		int r = request_make(&cli, cases[i].words, &request);

		assert_int_equal(r, cases[i].body ? 0 : CLI_E_FAILED);
		if (cases[i].body)
			assert_string_equal(arena_cstr(&cli.arena, request.body), cases[i].body);
		else
			assert_null(strstr(cli.why, "s3cret"));
		arena_done(&cli.arena);
	}
	file_drop(secret);
	file_drop(open_secret);
	file_drop(pem);
	file_drop(array);
	file_drop(object);
	file_drop(other);
}

static void test_durations(void **state)
{
	static const struct {
		const char *text;
		int64_t seconds; /* -1: refused */
	} cases[] = {
	    {"0", 0},
	    {"90", 90},
	    {"90s", 90},
	    {"15min", 900},
	    {"36h", 129600},
	    {"3d", 259200},
	    {"", -1},
	    {"d", -1},
	    {"-1d", -1},
	    {"3 d", -1},
	    {"3D", -1},
	    {"3w", -1},
	    {"1.5h", -1},
	    {"03d", -1},
	    {"24856d", -1},
	    {"24855d", 2147472000},
	    {"99999999999999999999", -1},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int64_t seconds = -1;
		bool is_read = cli_duration_read(text_of(cases[i].text), &seconds);

		assert_int_equal(is_read, cases[i].seconds >= 0);
		assert_int_equal(seconds, cases[i].seconds);
	}
}

/* What destroys asks a person, and where there is none it does not go on by itself. Nothing listens
 * at the address: an answer other than these would mean that something was sent. */
static void test_confirmation(void **state)
{
	static const struct {
		bool is_terminal;
		const char *answer;
		int outcome;
		const char *why;
	} cases[] = {
	    {false, "yes\n", CLI_E_USAGE, "give --yes"},
	    {true, "no\n", CLI_E_FAILED, "nothing was changed"},
	    {true, "", CLI_E_FAILED, "nothing was changed"},
	    {true, "YES\n", CLI_E_FAILED, "nothing was changed"},
	    {true, "yes, of course\n", CLI_E_FAILED, "nothing was changed"},
	    {true, "yes\n", CLI_E_FAILED, "token file"},
	};
	char *argv[] = {
	    (char *)(uintptr_t) "muster",       (char *)(uintptr_t) "devices",
	    (char *)(uintptr_t) "wipe",         (char *)(uintptr_t) "0190",
	    (char *)(uintptr_t) "--url",        (char *)(uintptr_t) "https://127.0.0.1:1",
	    (char *)(uintptr_t) "--token-file", (char *)(uintptr_t) "/nonexistent"};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char answer[32];
		char asked[512] = "";
		struct cli_streams streams = {.is_terminal = cases[i].is_terminal};
		struct cli cli = {.why = ""};
		struct cli_args args;

		snprintf(answer, sizeof(answer), "%s", cases[i].answer);
		streams.in = cases[i].answer[0] ? fmemopen(answer, strlen(answer), "r")
						: fopen("/dev/null", "r");
		streams.out = fopen("/dev/null", "w");
		streams.err = fmemopen(asked, sizeof(asked), "w");
		assert_true(streams.in && streams.out && streams.err);
		arena_init(&cli.arena);
		trail_reset(&cli.trail);
		assert_int_equal(cli_args_read(&cli, ARRAY_LEN(argv), argv, &args), 0);
		assert_int_equal(cli_run(&cli, &args, &streams), cases[i].outcome);
		if (!strstr(cli.why, cases[i].why))
			fail_msg("case %zu: %s", i, cli.why);
		fclose(streams.in);
		fclose(streams.out);
		fclose(streams.err);
		assert_true(!strstr(asked, "erased") == !cases[i].is_terminal);
		arena_done(&cli.arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_sent),         cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_files),        cmocka_unit_test(test_durations),
	    cmocka_unit_test(test_confirmation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
