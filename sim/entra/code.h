/* SPDX-License-Identifier: Apache-2.0 */
/*
 * code.h: the authorization codes that were given out. One is good once, for ten minutes, for the
 * application, address and PKCE challenge it was asked with; a second use is told from a code that
 * never was.
 */
#ifndef MUSTER_SIM_ENTRA_CODE_H
#define MUSTER_SIM_ENTRA_CODE_H

#include "base/list.h"
#include "base/text.h"
#include "base/uuid.h"

enum { CODE_LIFETIME_S = 600 };

struct code {
	struct list list;
	char *text;
	struct uuid tenant;
	struct uuid client_id;
	struct uuid user;
	char *redirect_uri;
	char *nonce;     /* NULL: none was asked for */
	char *challenge; /* NULL: no PKCE */
	bool is_plain;   /* code_challenge_method */
	char *scope;
	int64_t expires_at;
	bool is_used;
};

struct codes {
	struct list rows;
};

void codes_init(struct codes *codes);
void codes_clear(struct codes *codes);
/* A new code with a text of its own; the caller fills in the rest. */
struct code *codes_add(struct codes *codes);
/* NULL: there never was such a code. */
struct code *codes_get(const struct codes *codes, struct text text);

#endif
