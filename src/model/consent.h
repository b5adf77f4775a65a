/* SPDX-License-Identifier: Apache-2.0 */
/*
 * consent.h: what a user agreed to on the Terms of Use page, as it travels between the page, its
 * form and the enrolment request.
 */
#ifndef MUSTER_MODEL_CONSENT_H
#define MUSTER_MODEL_CONSENT_H

#include <stdbool.h>
#include <stdint.h>

enum terms_mode {
	TERMS_ORGANIZATION, /* mode=azureadjoin: the organisation owns the device */
	TERMS_PERSONAL      /* no mode: a work account on a personal device */
};

struct terms_consent {
	const char *id; /* random, made with the page; one consent is good for one enrolment */
	const char *tenant_id;
	const char *object_id;
	const char *user_name; /* a label */
	enum terms_mode mode;
	const char *version;
	const char *languages;         /* that were wanted, "de-AT,en"; "" */
	const char *group;             /* Entra group the text is for; "" */
	const char *client_request_id; /* GUID or "" */
	int64_t made_at;               /* state: page shown; blob: accepted */
	int64_t expires_at;
	const char *redirect_uri; /* state only */
	bool is_oobe;             /* state only: the look of the page, should it be shown again */
	bool is_light_oobe;
};

/* What the enrolment request brought, after the blob was opened. */
enum consent_state { CONSENT_ABSENT, CONSENT_VALID, CONSENT_FORGED, CONSENT_EXPIRED };

#endif
