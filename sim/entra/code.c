/* SPDX-License-Identifier: Apache-2.0 */
/*
 * code.c: see code.h. Codes stay until the stand-in is reset, so that a late second use is seen.
 */
#include "sim/entra/code.h"

#include <stdlib.h>

#include "base/b64.h"
#include "base/rand.h"

enum { CODE_BYTES = 96 };

void codes_init(struct codes *codes)
{
	list_init(&codes->rows);
}

void codes_clear(struct codes *codes)
{
	LIST_EACH_FREE (pos, &codes->rows) {
		struct code *code = LIST_OWNER(pos, struct code, list);

		free(code->text);
		free(code->redirect_uri);
		free(code->nonce);
		free(code->challenge);
		free(code->scope);
		free(code);
	}
	list_init(&codes->rows);
}

/* As Entra's look: a version, a dot, and a long opaque part. */
struct code *codes_add(struct codes *codes)
{
	struct code *code = heap_alloc(sizeof(*code));
	unsigned char bytes[CODE_BYTES];
	struct arena arena;

	rand_bytes(bytes, sizeof(bytes));
	arena_init(&arena);
	code->text = heap_string(
	    arena_printf(&arena, "1.%s", b64url_write(&arena, text_make(bytes, sizeof(bytes)))));
	arena_done(&arena);
	list_append(&codes->rows, &code->list);
	return code;
}

struct code *codes_get(const struct codes *codes, struct text text)
{
	LIST_EACH (pos, &codes->rows) {
		struct code *code = LIST_OWNER(pos, struct code, list);

		if (text_eq_c(text, code->text))
			return code;
	}
	return NULL;
}
