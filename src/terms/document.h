/* SPDX-License-Identifier: Apache-2.0 */
/*
 * document.h: the text a user is asked to accept, and its version.
 *
 * The version names the exact text (it ends in a part of its hash), so that consent to one text is
 * never taken for another.
 */
#ifndef MUSTER_TERMS_DOCUMENT_H
#define MUSTER_TERMS_DOCUMENT_H

#include "base/arena.h"
#include "base/text.h"
#include "model/consent.h"

struct terms_document {
	const char *version; /* "<number>-<first 16 digits of the SHA-256 of title and body>" */
	const char *locale;
	const char *title;
	const char *body; /* HTML made by us, not escaped again */
};

const char *terms_mode_name(enum terms_mode mode); /* organization | personal */

struct terms_document terms_document_current(struct arena *arena, enum terms_mode mode);

#endif
