/* SPDX-License-Identifier: Apache-2.0 */
/*
 * method.h: the methods this server has, by name and by bit.
 */
#ifndef MUSTER_HTTP_METHOD_H
#define MUSTER_HTTP_METHOD_H

#include "http/message.h"

/* False: not a method of enum http_method. Names are case-sensitive. */
MUST_CHECK bool http_method_read(struct text name, enum http_method *ret);
/* NULL: bit is not one of enum http_method. */
const char *http_method_name(unsigned bit);

#endif
