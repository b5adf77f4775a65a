/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_arena.c: the arena's promises: zeroed, aligned, separate memory of any size; sizes that
 * overflow end the process instead of giving a short object.
 */
#include "base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdalign.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fatal.h"

static void alloc_is_zeroed_aligned_and_separate(void **state)
{
	static const size_t sizes[] = {0, 1, 7, 16, 17, 2047, 2048, 2049, 8192, 100000};
	unsigned char *seen[ARRAY_LEN(sizes) * 50];
	size_t lens[ARRAY_LEN(seen)];
	struct arena arena;
	size_t total = 0;

	arena_init(&arena);
	for (size_t i = 0; i < ARRAY_LEN(seen); i++) {
		lens[i] = sizes[i % ARRAY_LEN(sizes)];
		seen[i] = arena_alloc(&arena, lens[i]);
		total += lens[i];
		assert_int_equal((uintptr_t)seen[i] % alignof(max_align_t), 0);
		for (size_t k = 0; k < lens[i]; k++)
			assert_int_equal(seen[i][k], 0);
		memset(seen[i], (int)(i % 251) + 1, lens[i]);
	}
	for (size_t i = 0; i < ARRAY_LEN(seen); i++) {
		for (size_t k = 0; k < lens[i]; k++)
			assert_int_equal(seen[i][k], i % 251 + 1);
		for (size_t k = 0; k < i; k++)
			assert_ptr_not_equal(seen[i], seen[k]);
	}
	assert_int_equal(arena.used, total);
	arena_reset(&arena);
	assert_int_equal(arena.used, 0);
	assert_non_null(arena_alloc(&arena, 5));
	arena_done(&arena);
}

static void copies_are_terminated(void **state)
{
	struct arena arena;
	struct text copy;

	arena_init(&arena);
	assert_string_equal(arena_string(&arena, "abc"), "abc");
	assert_string_equal(arena_cstr(&arena, text_make("abcdef", 3)), "abc");
	assert_string_equal(arena_cstr(&arena, text_make(NULL, 0)), "");
	assert_string_equal(arena_copy(&arena, "xyz", 2), "xy");
	copy = arena_text(&arena, text_make("a\0b", 3));
	assert_int_equal(copy.len, 3);
	assert_memory_equal(copy.ptr, "a\0b", 4);
	assert_non_null(arena_text(&arena, text_make(NULL, 0)).ptr);
	assert_string_equal(arena_printf(&arena, "%d-%s", 7, "x"), "7-x");
	assert_int_equal(strlen(arena_printf(&arena, "%5000s", "x")), 5000);
	arena_done(&arena);
}

static void array_overflow(struct arena *arena)
{
	arena_array(arena, SIZE_MAX / 4, 8);
}

static void alloc_overflow(struct arena *arena)
{
	arena_alloc(arena, SIZE_MAX);
}

static void copy_overflow(struct arena *arena)
{
	arena_copy(arena, "x", SIZE_MAX);
}

static void heap_overflow(struct arena *arena)
{
	heap_grow(NULL, SIZE_MAX / 2, 3);
}

static void overflow_ends_the_process(void **state)
{
	static void (*const attempts[])(struct arena *) = {array_overflow, alloc_overflow,
							   copy_overflow, heap_overflow};

	for (size_t i = 0; i < ARRAY_LEN(attempts); i++) {
		int status;
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (pid == 0) {
			struct arena arena;

			close(STDERR_FILENO);
			arena_init(&arena);
			attempts[i](&arena);
			_exit(0);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), FATAL_STATUS);
	}
}

static void heap_helpers_work(void **state)
{
	unsigned char *zeroed = heap_alloc(100);
	char *copy = heap_string("hello");

	for (size_t i = 0; i < 100; i++)
		assert_int_equal(zeroed[i], 0);
	copy = heap_grow(copy, 1000, 2);
	assert_string_equal(copy, "hello");
	free(copy);
	free(zeroed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(alloc_is_zeroed_aligned_and_separate),
	    cmocka_unit_test(copies_are_terminated),
	    cmocka_unit_test(overflow_ends_the_process),
	    cmocka_unit_test(heap_helpers_work),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
