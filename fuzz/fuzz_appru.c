/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_appru.c: any bytes as an address to return to. What is accepted comes back as it was, and
 * holds nothing that could end an attribute or a line, or name another scheme.
 */
#include <stdlib.h>

#include "base/limits.h"
#include "oidc/appru.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text in = text_make(data, size);
	const char *made = NULL;
	struct arena arena;

	arena_init(&arena);
	if (oidc_appru_read(&arena, in, &made) == 0) {
		if (!text_eq_c(in, made) || in.len > LIMIT_APPRU ||
		    !text_starts(in, TEXT("ms-app://")))
			abort();
		for (size_t i = 0; i < in.len; i++)
			if (in.ptr[i] <= ' ' || in.ptr[i] >= 0x7f ||
			    memchr("\"'<>&?#@\\%", in.ptr[i], 10))
				abort();
	}
	arena_done(&arena);
	return 0;
}
