/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_json.c: the JSON reader on any bytes, and the writer on whatever it read.
 *
 * What is read must be written as JSON that is read again, and writing that second tree must give
 * the same text: otherwise the two disagree about what a document says.
 */
#include <stdlib.h>

#include "base/json.h"
#include "base/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct json *first, *second;
	struct buf one, two;
	struct arena arena;

	arena_init(&arena);
	buf_init(&one, &arena);
	buf_init(&two, &arena);
	if (json_read(&arena, text_make(data, size), LIMIT_JSON_DEPTH, &first) == 0) {
		json_write(&one, first);
		if (json_read(&arena, buf_text(&one), LIMIT_JSON_DEPTH, &second) != 0)
			abort();
		json_write(&two, second);
		if (!text_eq(buf_text(&one), buf_text(&two)))
			abort();
		(void)json_text(json_get(first, "a"), "b");
	}
	arena_done(&arena);
	return 0;
}
