/* SPDX-License-Identifier: Apache-2.0 */
/*
 * look.h: how a page is to look and in which language its own words are, from hints that Windows'
 * host of the web view and the web view itself send.
 *
 * All hints are untrusted. They choose among our themes and languages and go no further: nothing
 * of a hint is ever written into a page.
 */
#ifndef MUSTER_TERMS_LOOK_H
#define MUSTER_TERMS_LOOK_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/text.h"
#include "model/consent.h"

struct terms_branding;

/* Header fields as received; ptr NULL where there was none. */
struct terms_hints {
	struct text host;               /* CXH-HOST */
	struct text os_version_info;    /* cxh-osVersionInfo: JSON */
	struct text personality;        /* cxh-personality */
	struct text preferred_language; /* cxh-preferredLanguage */
	struct text accept_language;    /* Accept-Language */
};

struct terms_look {
	enum terms_theme theme;
	struct text locale; /* of our words where there is no document; may be empty */
	/* What the administrator brought; NULL: nothing. Of which tenant, "" while unknown. */
	const struct terms_branding *branding;
	const char *tenant_id;
	bool is_winjs; /* the tenant wants WinJS's style sheets */
};

/* The theme and the locale; the rest is the caller's. */
struct terms_look terms_look_of(struct arena *arena, const struct terms_hints *hints);

#endif
