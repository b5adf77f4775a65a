/* SPDX-License-Identifier: Apache-2.0 */
/*
 * listener.c: see listener.h. Two tables of names. Method names are upper case only, as HTTP has
 * them; a $batch item or a fault that spells one otherwise is refused by its reader.
 */
#include "sim/entra/listener.h"

static const char *const LISTENER_NAMES[LISTENERS] = {
    [LISTENER_LOGIN] = "login",
    [LISTENER_GRAPH] = "graph",
    [LISTENER_CONTROL] = "control",
};

static const struct {
	enum http_method method;
	const char *name;
} METHODS[] = {
    {HTTP_GET, "GET"},     {HTTP_HEAD, "HEAD"},     {HTTP_POST, "POST"},       {HTTP_PUT, "PUT"},
    {HTTP_PATCH, "PATCH"}, {HTTP_DELETE, "DELETE"}, {HTTP_OPTIONS, "OPTIONS"},
};

const char *listener_name(enum listener listener)
{
	return LISTENER_NAMES[listener];
}

bool listener_read(struct text name, enum listener *ret)
{
	for (size_t i = 0; i < LISTENERS; i++)
		if (text_eq_c(name, LISTENER_NAMES[i])) {
			*ret = (enum listener)i;
			return true;
		}
	return false;
}

const char *method_name(enum http_method method)
{
	for (size_t i = 0; i < ARRAY_LEN(METHODS); i++)
		if (METHODS[i].method == method)
			return METHODS[i].name;
	return "?";
}

bool method_read(struct text name, enum http_method *ret)
{
	for (size_t i = 0; i < ARRAY_LEN(METHODS); i++)
		if (text_eq_c(name, METHODS[i].name)) {
			*ret = METHODS[i].method;
			return true;
		}
	return false;
}
