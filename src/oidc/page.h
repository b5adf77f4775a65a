/* SPDX-License-Identifier: Apache-2.0 */
/*
 * page.h: the pages of the sign-in: the last one, whose form hands the token to Windows, and the
 * one that says in plain words what went wrong. In the language of a locale, as far as we speak it.
 */
#ifndef MUSTER_OIDC_PAGE_H
#define MUSTER_OIDC_PAGE_H

#include "base/buf.h"
#include "oidc/words.h"

/* One form, posted to appru (of oidc_appru_read) by itself, or by its button where no script runs.
 */
void sign_in_page_write(struct buf *buf, struct text locale, const char *appru,
			const char *wresult);
void sign_in_error_write(struct buf *buf, struct text locale, enum sign_in_say say,
			 const char *trace_id);

/* The value of Content-Security-Policy for both, in the arena. */
const char *sign_in_page_policy(struct arena *arena);

#endif
