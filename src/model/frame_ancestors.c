/* SPDX-License-Identifier: Apache-2.0 */
/*
 * frame_ancestors.c: see frame_ancestors.h; the grammar is a part of CSP 3's host-source.
 */
#include "model/frame_ancestors.h"

static bool label_is_ok(struct text label)
{
	for (size_t i = 0; i < label.len; i++) {
		char c = label.ptr[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      c == '-'))
			return false;
	}
	return label.len > 0 && label.len <= 63;
}

static bool source_is_ok(struct text source)
{
	struct text rest, host;
	uint64_t port;

	if (!text_starts(source, TEXT("https://")))
		return false;
	rest = text_from(source, 8);
	host = text_cut(&rest, ':');
	if (rest.ptr && (!text_to_u64(rest, &port) || port == 0 || port > 65535))
		return false;
	if (text_starts(host, TEXT("*.")))
		host = text_from(host, 2);
	do {
		if (!label_is_ok(text_cut(&host, '.')))
			return false;
	} while (host.ptr);
	return true;
}

bool frame_ancestors_is_ok(struct text value)
{
	struct text rest = value;

	if (text_is_empty(value))
		return true;
	if (value.len > FRAME_ANCESTORS_MAX)
		return false;
	while (rest.ptr)
		if (!source_is_ok(text_cut(&rest, ' ')))
			return false;
	return true;
}
