/* SPDX-License-Identifier: Apache-2.0 */
/*
 * listener.h: the three addresses of the stand-in, and how methods are called on the wire.
 * Login and Graph are separate origins as in the real service; control is plain HTTP on loopback.
 */
#ifndef MUSTER_SIM_ENTRA_LISTENER_H
#define MUSTER_SIM_ENTRA_LISTENER_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/text.h"
#include "http/message.h"

enum listener { LISTENER_LOGIN, LISTENER_GRAPH, LISTENER_CONTROL };
enum { LISTENERS = LISTENER_CONTROL + 1 };

const char *listener_name(enum listener listener); /* "login", "graph", "control" */
MUST_CHECK bool listener_read(struct text name, enum listener *ret);
const char *method_name(enum http_method method);
MUST_CHECK bool method_read(struct text name, enum http_method *ret);

#endif
