/* SPDX-License-Identifier: Apache-2.0 */
/*
 * consent.h: what a user agreed to on the Terms of Use page, as it travels between the page, its
 * form and the enrolment request.
 */
#ifndef MUSTER_MODEL_CONSENT_H
#define MUSTER_MODEL_CONSENT_H

#include <stdint.h>

enum terms_mode {
	TERMS_ORGANIZATION, /* mode=azureadjoin: the organisation owns the device */
	TERMS_PERSONAL      /* no mode: a work account on a personal device */
};

/* Where Windows shows the page, which decides how it looks. */
enum terms_theme {
	THEME_SETTINGS,      /* light, in the Settings app and wherever is not known */
	THEME_OOBE_DARK,     /* set-up of Windows 10: dark on blue */
	THEME_OOBE_LIGHT,    /* set-up of Windows 11 */
	THEME_OOBE_INCLUSIVE /* set-up of Windows 10 that calls itself inclusive */
};
enum { TERMS_THEMES = THEME_OOBE_INCLUSIVE + 1 };

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
	enum terms_theme theme;   /* state only: the look of the page, should it be shown again */
};

/* What the enrolment request brought, after the blob was opened. */
enum consent_state { CONSENT_ABSENT, CONSENT_VALID, CONSENT_FORGED, CONSENT_EXPIRED };

#endif
