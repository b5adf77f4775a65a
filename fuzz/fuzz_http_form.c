/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_http_form.c: any bytes as a query string and as a form.
 *
 * What was read is UTF-8, no longer than what came in, and reads again to the same when it is
 * written: nothing is decoded twice and nothing is lost.
 */
#include <stdlib.h>

#include "http/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PARAMS = 16 };

static void check_again(struct arena *arena, const struct http_param *params, size_t count,
			bool plus_is_space)
{
	struct http_param again[PARAMS];
	size_t again_count;
	struct buf buf;

	buf_init(&buf, arena);
	for (size_t i = 0; i < count; i++) {
		buf_add_url(&buf, params[i].name);
		buf_add_byte(&buf, '=');
		buf_add_url(&buf, params[i].value);
		buf_add_byte(&buf, '&');
	}
	if (http_form_read(arena, buf_text(&buf), plus_is_space, again, PARAMS, &again_count) !=
		0 ||
	    again_count != count)
		abort();
	for (size_t i = 0; i < count; i++)
		if (!text_eq(params[i].name, again[i].name) ||
		    !text_eq(params[i].value, again[i].value))
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (int plus_is_space = 0; plus_is_space <= 1; plus_is_space++) {
		struct http_param params[PARAMS];
		size_t count, total = 0;
		struct arena arena;

		arena_init(&arena);
		if (http_form_read(&arena, text_make(data, size), plus_is_space, params, PARAMS,
				   &count) == 0) {
			for (size_t i = 0; i < count; i++) {
				total += params[i].name.len + params[i].value.len;
				if (!text_is_utf8(params[i].name) || !text_is_utf8(params[i].value))
					abort();
			}
			if (total > size)
				abort();
			check_again(&arena, params, count, plus_is_space);
		}
		arena_done(&arena);
	}
	return 0;
}
