/* SPDX-License-Identifier: Apache-2.0 */
/*
 * page.h: the pages of the Terms of Use.
 *
 * Server-rendered HTML that works without script, cookies or any other request, at 320 pixels and
 * up, in a frame too, read from left or from right. Style sheets and a logo of the administrator,
 * and a script for the web view's history, are extras: a page is whole without them. Pure:
 * everything a page shows is in its structure.
 *
 * Every page of ours is written here: the terms, what went wrong, and the page below a redirect
 * for web views that do not follow it.
 */
#ifndef MUSTER_TERMS_PAGE_H
#define MUSTER_TERMS_PAGE_H

#include "base/buf.h"
#include "terms/document.h"
#include "terms/look.h"

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
	const char *state;  /* posted back */
	const char *script; /* address of history.js */
	enum terms_notice notice;
	bool is_pin_asked; /* a field `pin` before Accept */
};

enum terms_problem {
	TERMS_PROBLEM_NOT_JOINING, /* opened by something else than Windows while it joins */
	TERMS_PROBLEM_STATE        /* the form is not one of ours, or not any more */
};

/* The page with its form, in the language of its document. */
void terms_page_write(struct buf *buf, const struct terms_page *page);
/* A page that only tells something went wrong, with the trace id an administrator can search for.
 */
void terms_error_write(struct buf *buf, const struct terms_look *look, enum terms_problem problem,
		       const char *trace_id);
/* A page with a way forward to location, and back to the terms where there is a state ("" for
 * none). */
void terms_continue_write(struct buf *buf, const struct terms_look *look, const char *location,
			  struct text state);

enum terms_page_kind {
	TERMS_PAGE_FORM, /* of terms_page_write, which has a script */
	TERMS_PAGE_PLAIN /* of the others, where none may run */
};

/* The value of Content-Security-Policy. frame_ancestors as the tenant has it, "" for none: then
 * every page may frame ours, as Windows 11 does from an address that is not documented. */
const char *terms_content_security_policy(struct arena *arena, enum terms_page_kind kind,
					  const char *frame_ancestors);

#endif
