/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_log.c: one event is one line of valid JSON, whatever its values hold; levels hold back
 * what is below them; a process that must end says why in the same form.
 */
#include "base/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fatal.h"
#include "base/json.h"

/* What emit() writes to standard error, up to cap - 1 bytes. */
static struct text capture(void (*emit)(void), char *out, size_t cap)
{
	char path[] = "/tmp/test_log_XXXXXX";
	int kept = dup(STDERR_FILENO);
	int fd = mkstemp(path);
	ssize_t n;

	assert_true(kept >= 0 && fd >= 0);
	unlink(path);
	assert_true(dup2(fd, STDERR_FILENO) >= 0);
	emit();
	assert_true(dup2(kept, STDERR_FILENO) >= 0);
	n = pread(fd, out, cap, 0);
	assert_in_range(n, 0, cap - 1);
	close(kept);
	close(fd);
	return text_make(out, (size_t)n);
}

static void emit_hostile(void)
{
	log_warn("test", LOG_SLICE("value", TEXT("a\n{\"event\":\"forged\"}\r\n\x1b[31m\0%n\xff")),
		 LOG_INT("number", INT64_MIN), LOG_TEXT("none", NULL));
}

static void case20_one_event_is_one_line(void **state)
{
	char out[4096];
	struct text line = capture(emit_hostile, out, sizeof(out));
	const struct json *tree;
	struct arena arena;
	int64_t number, at;
	struct text when;

	arena_init(&arena);
	assert_true(text_ends(line, TEXT("\n")));
	line.len--;
	assert_false(text_has_byte(line, '\n'));
	assert_false(text_has_byte(line, '\x1b'));
	assert_true(text_starts(line, TEXT("{\"event\":\"test\",\"level\":\"warn\",\"time\":\"")));
	assert_int_equal(json_read(&arena, line, 1, &tree), 0);
	assert_true(
	    text_eq(json_text(tree, "value"),
		    TEXT("a\n{\"event\":\"forged\"}\r\n\x1b[31m\xef\xbf\xbd%n\xef\xbf\xbd")));
	assert_true(json_int(tree, "number", &number));
	assert_true(number == INT64_MIN);
	assert_true(text_eq_c(json_text(tree, "none"), ""));
	when = json_text(tree, "time");
	assert_int_equal(when.len, sizeof("2026-01-31T12:00:00.000Z") - 1);
	assert_true(clock_read(when, &at));
	assert_in_range(clock_now() - at, 0, 5);
	arena_done(&arena);
}

static void emit_all_levels(void)
{
	log_debug("d");
	log_info("i");
	log_warn("w");
	log_error("e");
}

static void levels(void **state)
{
	static const struct {
		enum log_level least;
		size_t lines;
	} rows[] = {{LOG_DEBUG, 4}, {LOG_INFO, 3}, {LOG_WARN, 2}, {LOG_ERROR, 1}};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		char out[4096];
		struct text all;
		size_t lines = 0;

		log_set_level(rows[i].least);
		all = capture(emit_all_levels, out, sizeof(out));
		while (all.len) {
			text_cut(&all, '\n');
			lines++;
		}
		assert_int_equal(lines, rows[i].lines);
	}
	log_set_level(LOG_INFO);
}

static void emit_fatal(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		fatal_exit("nothing is left");
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), FATAL_STATUS);
}

static void fatal_says_why(void **state)
{
	char out[4096];
	struct text line = capture(emit_fatal, out, sizeof(out));
	const struct json *tree;
	struct arena arena;

	arena_init(&arena);
	assert_true(text_starts(line, TEXT("{\"event\":\"fatal\",")));
	assert_int_equal(json_read(&arena, line, 1, &tree), 0);
	assert_true(text_eq_c(json_text(tree, "reason"), "nothing is left"));
	arena_done(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(case20_one_event_is_one_line),
	    cmocka_unit_test(levels),
	    cmocka_unit_test(fatal_says_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
