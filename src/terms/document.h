/* SPDX-License-Identifier: Apache-2.0 */
/*
 * document.h: the text a user is asked to accept, and its version.
 *
 * The version names the exact text (it ends in a part of its hash), so that consent to one text is
 * never taken for another. Which text it is follows from the tenant's texts and a struct
 * terms_wish alone; a page and the consent carry the wish, so that at any later moment it can be
 * said which text is in force for them.
 *
 * Of the texts that fit, one for a group of the user comes before one for everybody (of several
 * groups the one with the lowest id), then one for the kind of ownership before one for any, then
 * the best language: each wanted one from the fullest to the shortest form, then likewise the
 * tenant's default. Where none fits the built-in text stands.
 */
#ifndef MUSTER_TERMS_DOCUMENT_H
#define MUSTER_TERMS_DOCUMENT_H

#include "base/arena.h"
#include "base/text.h"
#include "model/consent.h"
#include "model/op.h"
#include "model/tenant.h"
#include "model/terms.h"

struct terms_document {
	const char *version; /* "<number>-<first 16 digits of the SHA-256 of title and body>" */
	const char *locale;
	const char *title;
	const char *body;  /* HTML made by us, not escaped again */
	const char *group; /* the Entra group it is for; "" */
};

const char *terms_mode_name(enum terms_mode mode); /* organization | personal */

/* The built-in text. */
struct terms_document terms_document_builtin(struct arena *arena, enum terms_mode mode);

/* What decides which text a user gets. */
struct terms_wish {
	enum terms_mode mode;
	const char *languages;     /* of languages_wanted */
	const char *const *groups; /* of the user, lower case, as far as they are known */
	size_t group_count;
};

/* Pure: the one of texts that is right, or NULL. */
const struct terms_text *terms_text_choose(const struct terms_text *texts, size_t n,
					   const struct terms_wish *wish,
					   const char *default_locale);

/* Whether the choice for that kind of ownership depends on a group. */
MUST_CHECK int terms_wants_groups(struct op *op, const struct tenant *tenant, enum terms_mode mode,
				  bool *ret);
/* The text in force. */
MUST_CHECK int terms_document_load(struct op *op, const struct tenant *tenant,
				   const struct terms_wish *wish, struct terms_document *ret);
/* The same for a consent: by what it says of its page. */
MUST_CHECK int terms_document_of_consent(struct op *op, const struct tenant *tenant,
					 const struct terms_consent *consent,
					 struct terms_document *ret);

/* Of title, NUL, html: what a version ends in. */
const char *terms_sha256(struct arena *arena, const char *title, const char *html);
const char *terms_version(struct arena *arena, int64_t number, const char *sha256);

#endif
