/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bearer.c: see bearer.h. Two Authorization headers are no header: which one another program on the
 * way would have checked cannot be known.
 */
#include "edge/bearer.h"

struct text edge_bearer_token(const struct http_request *request)
{
	struct text none = {NULL, 0};
	struct text value = http_request_header(request, "Authorization");

	if (!value.ptr || http_request_header_count(request, "Authorization") != 1)
		return none;
	if (!text_starts_nocase(value, TEXT("Bearer ")))
		return none;
	value = text_trim(text_from(value, 7));
	return value.len > 0 ? value : none;
}
