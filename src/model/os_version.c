/* SPDX-License-Identifier: Apache-2.0 */
/*
 * os_version.c: see os_version.h.
 */
#include "model/os_version.h"

/* The digits at the start of *t, which moves behind them. False: none, or too many. */
static bool number_take(struct text *t, uint32_t *ret)
{
	uint32_t value = 0;
	size_t n = 0;

	while (n < t->len && t->ptr[n] >= '0' && t->ptr[n] <= '9' && n <= OS_VERSION_DIGITS)
		value = value * 10 + (uint32_t)(t->ptr[n++] - '0');
	if (n == 0 || n > OS_VERSION_DIGITS)
		return false;
	*t = text_from(*t, n);
	*ret = value;
	return true;
}

bool os_version_read(struct text t, struct os_version *ret)
{
	struct os_version version = {0};

	if (!t.ptr)
		return false;
	t = text_trim(t);
	while (version.count < OS_VERSION_PARTS) {
		if (!number_take(&t, &version.parts[version.count++]))
			return false;
		if (t.len == 0) {
			*ret = version;
			return true;
		}
		if (t.ptr[0] != '.')
			return false;
		t = text_from(t, 1);
	}
	return false;
}

int os_version_compare(const struct os_version *version, const struct os_version *bound)
{
	for (size_t i = 0; i < bound->count; i++) {
		if (version->parts[i] != bound->parts[i])
			return version->parts[i] < bound->parts[i] ? -1 : 1;
	}
	return 0;
}
