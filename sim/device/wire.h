/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire.h: one HTTP exchange as Windows makes it, and the check of how the reply is framed.
 */
#ifndef MUSTER_SIM_DEVICE_WIRE_H
#define MUSTER_SIM_DEVICE_WIRE_H

#include "sim/device/task.h"

enum { WIRE_HEADERS = 24 };

struct wire {
	const char *method;
	const char *url;
	const char *headers[WIRE_HEADERS + 1]; /* "Name: value", NULL ended */
	size_t header_count;
	struct text body;
	const char *certificate_file; /* NULL: no client certificate */
	const char *key_file;
	bool is_plain_allowed; /* http:// too: the control interface on loopback */
};

/* A header line; the value may not hold line ends. */
void wire_add(struct wire *wire, struct arena *arena, const char *name, const char *value);

/* 0 or OUTCOME_UNREACHABLE, OUTCOME_UNTRUSTED, OUTCOME_BROKEN (too large). */
MUST_CHECK int wire_send(struct task *task, const struct wire *wire,
			 struct http_client_response *ret);

/* One Content-Length that equals the body, no transfer or content coding. what: "GetPolicies". */
MUST_CHECK int wire_check_framing(struct task *task, const struct http_client_response *response,
				  const char *what);
/* The media type without parameters equals `type`; a charset, when given, is UTF-8. */
MUST_CHECK int wire_check_type(struct task *task, const struct http_client_response *response,
			       const char *type, const char *what);

#endif
