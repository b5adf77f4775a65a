/* SPDX-License-Identifier: Apache-2.0 */
/*
 * page.h: the page that shows the Terms of Use, and its look.
 *
 * Server-rendered HTML that works without script, cookies or any other request, at 320 pixels and
 * up, in a frame too. Pure: everything it shows is in struct terms_page.
 */
#ifndef MUSTER_TERMS_PAGE_H
#define MUSTER_TERMS_PAGE_H

#include "base/buf.h"
#include "terms/document.h"

/* How the page is to look, from hints Windows sends. All untrusted; they choose among our styles.
 */
struct terms_look {
	bool is_oobe;       /* CXH-HOST FRX and its relatives: dark on blue */
	bool is_light_oobe; /* the same on Windows 11 */
};

/* What the page tells besides the text. */
enum terms_notice {
	TERMS_NOTICE_NONE,
	TERMS_NOTICE_CHANGED,    /* the text changed since it was shown */
	TERMS_NOTICE_PIN_WRONG,  /* or missing */
	TERMS_NOTICE_PIN_BLOCKED /* too many wrong ones: try again later */
};

struct terms_page {
	const struct terms_document *document;
	enum terms_mode mode; /* TERMS_ORGANIZATION: there is no Decline */
	struct terms_look look;
	const char *organization; /* "" for none, as user_name */
	const char *user_name;
	const char *state; /* posted back */
	enum terms_notice notice;
	bool is_pin_asked; /* a field `pin` before Accept */
};

struct terms_look terms_look_of(struct text cxh_host, struct text os_version_info);

/* The page with its form. */
void terms_page_write(struct buf *buf, const struct terms_page *page);
/* A page that only tells something went wrong, with the trace id an administrator can search for.
 */
void terms_error_write(struct buf *buf, const char *message, const char *trace_id);

/* The value of Content-Security-Policy for both pages. */
const char *terms_content_security_policy(void);

#endif
