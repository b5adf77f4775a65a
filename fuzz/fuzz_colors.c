/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_colors.c: any bytes as colors.conf. What is refused comes with a reason; of what is taken
 * only colours get into the style sheet: without its #rrggbb it is one of the four there are.
 */
#include <stdlib.h>

#include "terms/branding.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/* The same sheet with every colour black, and the number of them. */
static const char *without_colors(struct arena *arena, const char *sheet, size_t *ret_n)
{
	char *copy = arena_string(arena, sheet);

	*ret_n = 0;
	for (char *c = copy; *c; c++) {
		size_t digits = 0;

		if (*c != '#')
			continue;
		while (is_hex(c[1 + digits]))
			digits++;
		if (digits != 3 && digits != 6)
			abort();
		memset(c + 1, '0', digits);
		++*ret_n;
	}
	return copy;
}

static void check_sheet(struct arena *arena, const char *sheet)
{
	static const char *const confs[] = {"", "accent=#000000", "background=#000000",
					    "accent=#000000\nbackground=#000000"};
	const char *got, *expected, *why;
	size_t n, m;

	got = without_colors(arena, sheet, &n);
	for (size_t i = 0; i < ARRAY_LEN(confs); i++) {
		expected = terms_colors_read(arena, text_of(confs[i]), &why);
		if (!expected)
			abort();
		expected = without_colors(arena, expected, &m);
		if (n == m && !strcmp(got, expected))
			return;
	}
	abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *why = NULL, *sheet;
	struct arena arena;

	arena_init(&arena);
	sheet = terms_colors_read(&arena, text_make(data, size), &why);
	if (sheet)
		check_sheet(&arena, sheet);
	else if (!why || !*why)
		abort();
	arena_done(&arena);
	return 0;
}
