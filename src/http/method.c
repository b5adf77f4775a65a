/* SPDX-License-Identifier: Apache-2.0 */
/*
 * method.c: the methods this server has. One table, read in both directions.
 *
 * TRACE and CONNECT are left out on purpose: the one echoes credentials, the other makes a proxy.
 * A method that is not here gets 501 before anything else of the request is looked at.
 *
 * Specification: RFC 9110 section 9.
 */
#include "http/method.h"

static const struct {
	const char *name;
	enum http_method method;
} method_table[] = {
    {"GET", HTTP_GET},     {"HEAD", HTTP_HEAD},     {"POST", HTTP_POST},       {"PUT", HTTP_PUT},
    {"PATCH", HTTP_PATCH}, {"DELETE", HTTP_DELETE}, {"OPTIONS", HTTP_OPTIONS},
};

bool http_method_read(struct text name, enum http_method *ret)
{
	for (size_t i = 0; i < ARRAY_LEN(method_table); i++) {
		if (text_eq_c(name, method_table[i].name)) {
			*ret = method_table[i].method;
			return true;
		}
	}
	return false;
}

const char *http_method_name(unsigned bit)
{
	for (size_t i = 0; i < ARRAY_LEN(method_table); i++)
		if ((unsigned)method_table[i].method == bit)
			return method_table[i].name;
	return NULL;
}
