/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_ldap_filter.c: whatever name is typed, the filter keeps the shape that the administrator
 * gave it; templates of any bytes are judged without a fault; and so are the messages in which a
 * directory says why it refuses. The first byte says which.
 */
#include <stdint.h>
#include <stdlib.h>

#include "ldap/bind_error.h"
#include "ldap/filter.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t count(const char *text, const char *set)
{
	size_t n = 0;

	for (; *text; text++)
		n += strchr(set, *text) != NULL;
	return n;
}

static void name_check(struct arena *arena, struct text name)
{
	static const char template[] = "(&(a={user})(|(b={account})(c={domain})))";
	const char *filter = filter_write(arena, text_of(template), name);

	if (!filter)
		return;
	/* The signs of the grammar are those of the template and no other. */
	if (count(filter, "()&|") != count(template, "()&|") || count(filter, "=") != 3 ||
	    count(filter, "*!<>~:{}") != 0)
		abort();
}

static void template_check(struct arena *arena, struct text template)
{
	if (filter_refusal(template))
		return;
	if (!filter_write(arena, template, TEXT("anna@contoso.test")))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text input = text_make(data + 1, size ? size - 1 : 0);
	struct arena arena;

	if (size == 0)
		return 0;
	arena_init(&arena);
	switch (data[0]) {
	case 't':
		template_check(&arena, input);
		break;
	case 'b':
		if (bind_error_read(input) < DIRECTORY_E_PASSWORD)
			abort();
		break;
	default:
		name_check(&arena, input);
	}
	arena_done(&arena);
	return 0;
}
