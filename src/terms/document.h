/* SPDX-License-Identifier: Apache-2.0 */
/*
 * document.h: the text a user is asked to accept, its version, and the page that shows it.
 *
 * The version names the exact text (it ends in a part of its hash), so that consent to one text is
 * never taken for another. The page is server-rendered HTML that works without script, cookies or
 * any other request, at 320 pixels and up, in a frame too.
 */
#ifndef MUSTER_TERMS_DOCUMENT_H
#define MUSTER_TERMS_DOCUMENT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/text.h"
#include "model/consent.h"

struct terms_document {
	const char *version; /* "<number>-<first 16 digits of the SHA-256 of title and body>" */
	const char *locale;
	const char *title;
	const char *body; /* HTML made by us, not escaped again */
};

/* How the page is to look, from hints Windows sends. All untrusted; they choose among our styles.
 */
struct terms_look {
	bool is_oobe;       /* CXH-HOST FRX and its relatives: dark on blue */
	bool is_light_oobe; /* the same on Windows 11 */
};

const char *terms_mode_name(enum terms_mode mode); /* organization | personal */

struct terms_document terms_document_current(struct arena *arena, enum terms_mode mode);

struct terms_look terms_look_of(struct text cxh_host, struct text os_version_info);

/* The page with its form. state is posted back; is_changed adds a notice that the text changed.
 * In TERMS_ORGANIZATION there is no Decline. */
void terms_page_write(struct buf *buf, const struct terms_document *document, enum terms_mode mode,
		      struct terms_look look, const char *organization, const char *user_name,
		      const char *state, bool is_changed);
/* A page that only tells something went wrong, with the trace id an administrator can search for.
 */
void terms_error_write(struct buf *buf, const char *message, const char *trace_id);

/* The value of Content-Security-Policy for both pages. */
const char *terms_content_security_policy(void);

#endif
