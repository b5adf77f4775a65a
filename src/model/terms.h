/* SPDX-License-Identifier: Apache-2.0 */
/*
 * terms.h: the Terms of Use that a tenant wrote, what became of them, and one-time PINs.
 */
#ifndef MUSTER_MODEL_TERMS_H
#define MUSTER_MODEL_TERMS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

/* Which devices a text is for. The first two are those of enum terms_mode. */
enum terms_audience { TERMS_FOR_ORGANIZATION, TERMS_FOR_PERSONAL, TERMS_FOR_ANY };

/* A text for one language, audience and group. Strings are never NULL. */
struct terms_text {
	const char *tenant_id;
	const char *id;
	const char *locale; /* "de", "de-AT", "zh-Hant-TW" */
	enum terms_audience audience;
	const char *group_id; /* Entra group, lower case; "": everybody */
	const char *title;
	const char *body;   /* as the administrator wrote it */
	const char *html;   /* body, cleaned: what is shown */
	const char *sha256; /* of title, NUL, html */
	int64_t version;    /* +1 with each change */
	int64_t created_at;
	int64_t updated_at;
};

/* A text that was shown for acceptance; kept. */
struct terms_shown {
	const char *tenant_id;
	const char *version; /* "<number>-<first 16 digits of the hash>" */
	const char *locale;
	const char *title;
	const char *html;
	int64_t created_at;
};

enum terms_choice { TERMS_ACCEPTED, TERMS_DECLINED };

/* What a user decided about a text; kept. */
struct terms_record {
	const char *tenant_id;
	const char *id;
	int64_t at;
	const char *user_object_id;
	const char *user_principal_name;
	enum terms_choice choice;
	const char *version; /* of a struct terms_shown */
	const char *locale;
	const char *mode; /* organization | personal */
	const char *client_request_id;
	const char *redirect_uri; /* where Windows was to go back to, without the query */
	const char *source;
	const char *user_agent;
};

enum pin_state { PIN_OPEN, PIN_USED, PIN_REVOKED };

struct pin {
	const char *tenant_id;
	const char *id;
	const char *label;
	const char *user_principal_name; /* lower case; "": of anybody */
	const char *mac;                 /* keyed hash; the PIN itself is nowhere */
	enum pin_state state;
	int64_t created_at;
	int64_t expires_at; /* 0: never */
	int64_t used_at;
	const char *used_by; /* user_object_id */
};

#define ENUM_NAMES(type)                                                                           \
	const char *const *type##_list(void); /* ends with NULL */                                 \
	const char *type##_name(enum type value);                                                  \
	MUST_CHECK bool type##_read(struct text t, enum type *ret)

ENUM_NAMES(terms_audience); /* organization | personal | any */
ENUM_NAMES(terms_choice);   /* accepted | declined */
ENUM_NAMES(pin_state);      /* open | used | revoked */

#endif
