/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_secret.c: files that others may read are refused; sealed bytes open only under their key,
 * at their place, and unchanged.
 */
#include "base/secret.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/b64.h"

struct fixture {
	struct arena arena;
	struct secret master;
	struct secret key;
};

static int setup(void **state)
{
	static struct fixture fixture;

	arena_init(&fixture.arena);
	secret_init(&fixture.master);
	secret_init(&fixture.key);
	secret_set(&fixture.master, TEXT("a master key for tests"));
	secret_derive(&fixture.key, &fixture.master, TEXT("test"));
	*state = &fixture;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	secret_done(&f->master);
	secret_done(&f->key);
	arena_done(&f->arena);
	return 0;
}

static void holding(void **state)
{
	struct secret secret;
	char big[10000];

	secret_init(&secret);
	assert_int_equal(secret_text(&secret).len, 0);
	secret_set(&secret, TEXT("one"));
	assert_true(text_eq_c(secret_text(&secret), "one"));
	secret_set(&secret, text_take(secret_text(&secret), 2));
	assert_true(text_eq_c(secret_text(&secret), "on"));
	memset(big, 'x', sizeof(big));
	secret_set(&secret, text_make(big, sizeof(big)));
	assert_true(text_eq(secret_text(&secret), text_make(big, sizeof(big))));
	secret_set(&secret, TEXT_EMPTY);
	assert_null(secret.bytes);
	secret_done(&secret);
	secret_done(&secret);
	secret_wipe(big, sizeof(big));
	for (size_t i = 0; i < sizeof(big); i++)
		assert_int_equal(big[i], 0);
}

static void derived_keys_differ_by_purpose(void **state)
{
	struct fixture *f = *state;
	struct secret other;

	secret_init(&other);
	secret_derive(&other, &f->master, TEXT("test"));
	assert_true(text_eq(secret_text(&other), secret_text(&f->key)));
	assert_int_equal(other.len, 32);
	secret_derive(&other, &f->master, TEXT("tesu"));
	assert_false(text_eq(secret_text(&other), secret_text(&f->key)));
	secret_done(&other);
}

static void sealing(void **state)
{
	static const char zeros[5000];
	const struct text plains[] = {TEXT(""), TEXT("x"), TEXT("a\0b"),
				      text_make(zeros, sizeof(zeros))};
	struct fixture *f = *state;
	struct text place = TEXT("credential|secret|17");

	for (size_t i = 0; i < ARRAY_LEN(plains); i++) {
		char *one = secret_seal(&f->arena, &f->key, place, plains[i]);
		char *two = secret_seal(&f->arena, &f->key, place, plains[i]);
		struct text out;

		assert_string_not_equal(one, two);
		assert_int_equal(secret_open(&f->arena, &f->key, place, text_of(one), &out), 0);
		assert_true(text_eq(out, plains[i]));
	}
}

static void check_forged(struct fixture *f, const struct secret *key, const char *place,
			 struct text sealed)
{
	struct text out = TEXT("untouched");

	assert_int_equal(secret_open(&f->arena, key, text_of(place), sealed, &out),
			 SECRET_E_FORGED);
	assert_true(text_eq_c(out, "untouched"));
}

static void sealed_bytes_do_not_move(void **state)
{
	static const char *const others[] = {"t|c|2", "t|d|1", "", "t|c|1 ", "t|c|"};
	struct fixture *f = *state;
	struct text sealed = text_of(secret_seal(&f->arena, &f->key, TEXT("t|c|1"), TEXT("x")));
	struct secret other;

	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		check_forged(f, &f->key, others[i], sealed);
	secret_init(&other);
	secret_derive(&other, &f->master, TEXT("another purpose"));
	check_forged(f, &other, "t|c|1", sealed);
	secret_done(&other);
}

static void sealed_bytes_do_not_change(void **state)
{
	struct fixture *f = *state;
	char *sealed = secret_seal(&f->arena, &f->key, TEXT("p"), TEXT("plain bytes"));
	struct text raw;

	assert_int_equal(b64url_read(&f->arena, text_of(sealed), &raw), 0);
	for (size_t bit = 0; bit < raw.len * 8; bit++) {
		char *copy = arena_copy(&f->arena, raw.ptr, raw.len);

		copy[bit / 8] = (char)(copy[bit / 8] ^ 1 << bit % 8);
		check_forged(f, &f->key, "p",
			     text_of(b64url_write(&f->arena, text_make(copy, raw.len))));
	}
	for (size_t len = 0; len < raw.len; len++)
		check_forged(f, &f->key, "p",
			     text_of(b64url_write(&f->arena, text_take(raw, len))));
	check_forged(f, &f->key, "p", text_of(arena_printf(&f->arena, "%sAAAA", sealed)));
	check_forged(f, &f->key, "p", text_of(arena_printf(&f->arena, "%s=", sealed)));
	check_forged(f, &f->key, "p", TEXT("not base64 !"));
}

static void write_file(const char *path, struct text content, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, content.ptr, content.len), content.len);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void reading_files(void **state)
{
	static const struct {
		struct text content;
		mode_t mode;
		int r;
		const char *bytes;
	} rows[] = {
	    {TEXT("0123456789"), 0600, 0, "0123456789"},
	    {TEXT("012345678\n"), 0400, 0, "012345678"},
	    {TEXT("01234567\r\n"), 0600, 0, "01234567"},
	    {TEXT("0123456\n\n"), 0600, 0, "0123456\n"},
	    {TEXT("0123456789\n"), 0600, ERR_CONFIG, NULL}, /* one past the limit */
	    {TEXT("0"), 0640, ERR_CONFIG, NULL},
	    {TEXT("0"), 0604, ERR_CONFIG, NULL},
	    {TEXT("0"), 0620, ERR_CONFIG, NULL},
	    {TEXT("0"), 0610, ERR_CONFIG, NULL},
	    {TEXT(""), 0600, ERR_CONFIG, NULL},
	    {TEXT("\n"), 0600, ERR_CONFIG, NULL},
	};
	char dir[] = "/tmp/test_secret_XXXXXX";
	char path[64];

	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/key", dir);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct secret secret;
		struct trail trail;

		secret_init(&secret);
		trail_reset(&trail);
		write_file(path, rows[i].content, rows[i].mode);
		if (secret_read_file(&secret, path, 10, &trail) != rows[i].r)
			fail_msg("row %zu: %s", i, trail.text);
		if (rows[i].bytes)
			assert_true(text_eq_c(secret_text(&secret), rows[i].bytes));
		else
			assert_null(secret.bytes);
		assert_true((trail.len != 0) == (rows[i].r != 0));
		secret_done(&secret);
	}
	unlink(path);
	rmdir(dir);
}

static void reading_what_is_no_file(void **state)
{
	char dir[] = "/tmp/test_secret_XXXXXX";
	struct secret secret;
	struct trail trail;
	char path[64];

	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/key", dir);
	secret_init(&secret);
	trail_reset(&trail);
	assert_int_equal(secret_read_file(&secret, path, 10, &trail), ERR_CONFIG);
	assert_int_equal(secret_read_file(&secret, dir, 10, &trail), ERR_CONFIG);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(secret_read_file(&secret, path, 10, &trail), ERR_CONFIG);
	assert_null(secret.bytes);
	unlink(path);
	rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(holding),
	    cmocka_unit_test(derived_keys_differ_by_purpose),
	    cmocka_unit_test(sealing),
	    cmocka_unit_test(sealed_bytes_do_not_move),
	    cmocka_unit_test(sealed_bytes_do_not_change),
	    cmocka_unit_test(reading_files),
	    cmocka_unit_test(reading_what_is_no_file),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
