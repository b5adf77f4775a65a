/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_b64.c: the three base64 readers and the hexadecimal one on any bytes.
 *
 * A strict reader accepts one spelling of a value only, so writing what it read must give the
 * input back; and whatever a strict reader takes, the lenient one must read as the same bytes.
 */
#include <stdlib.h>

#include "base/b64.h"
#include "base/hex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void check_strict(struct arena *arena, struct text in, struct text out, const char *written)
{
	struct text lenient;

	check(text_eq_c(in, written));
	check(b64_read_lenient(arena, in, &lenient) == 0);
	check(text_eq(lenient, out));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text in = text_make(data, size);
	struct arena arena;
	struct text out;

	arena_init(&arena);
	if (b64_read(&arena, in, &out) == 0)
		check_strict(&arena, in, out, b64_write(&arena, out));
	if (b64url_read(&arena, in, &out) == 0)
		check_strict(&arena, in, out, b64url_write(&arena, out));
	if (b64_read_lenient(&arena, in, &out) == 0)
		check(out.len <= size);
	if (hex_read(&arena, in, &out) == 0)
		check(text_eq_nocase(in, text_of(hex_write(&arena, out))));
	arena_done(&arena);
	return 0;
}
