/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_redirect_uri.c: whatever is accepted must be written again as an address that is accepted,
 * begins with one of the two schemes, and holds no character that could end a header or attribute.
 */
#include <stdlib.h>

#include "terms/redirect_uri.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *pairs[] = {"IsAccepted", "true", NULL};
	const char *none[] = {NULL};
	struct redirect_uri uri, again;
	struct arena arena;
	char *out;

	arena_init(&arena);
	if (redirect_uri_read(&arena, text_make(data, size), &uri) == 0) {
		out = redirect_uri_write(&arena, &uri, none);
		if (redirect_uri_read(&arena, text_of(out), &again))
			abort();
		out = redirect_uri_write(&arena, &uri, pairs);
		if (strncmp(out, "ms-appx-web://", 14) != 0 &&
		    strncmp(out, "ms-aadj-redir://", 16) != 0)
			abort();
		for (const char *c = out; *c; c++)
			if (*c <= ' ' || *c == '"' || *c == '<' || *c == '\\' || *c == 0x7f)
				abort();
	}
	arena_done(&arena);
	return 0;
}
