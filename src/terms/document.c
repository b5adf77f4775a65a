/* SPDX-License-Identifier: Apache-2.0 */
/*
 * document.c: see document.h. The built-in text, one for each kind of ownership, and the choice
 * among those of a tenant.
 */
#include "terms/document.h"

#include "base/buf.h"
#include "base/digest.h"
#include "store/terms.h"
#include "terms/language.h"

struct builtin {
	int64_t number;
	const char *title;
	const char *body;
};

static const struct builtin builtins[] = {
    [TERMS_ORGANIZATION] =
	{
	    .number = 1,
	    .title = "Your organization will manage this device",
	    .body = "<p>This device belongs to your organization. When you continue, your "
		    "organization can:</p>\n<ul>\n"
		    "<li>set and enforce security and configuration settings,</li>\n"
		    "<li>install, update and remove apps and certificates,</li>\n"
		    "<li>see the device's name, model, Windows version and security state,</li>\n"
		    "<li>lock, restart or reset the device.</li>\n</ul>\n"
		    "<p>Whether the device meets your organization's rules decides which work "
		    "resources it can reach.</p>\n",
	},
    [TERMS_PERSONAL] =
	{
	    .number = 1,
	    .title = "Let your organization manage this device",
	    .body = "<p>To use work resources on this device, your organization asks to manage it. "
		    "If you accept, your organization can:</p>\n<ul>\n"
		    "<li>set and enforce security settings,</li>\n"
		    "<li>install and remove work apps and certificates,</li>\n"
		    "<li>see the device's name, model, Windows version and security state,</li>\n"
		    "<li>remove work data and settings, or reset the device.</li>\n</ul>\n"
		    "<p>Your organization does not see your personal files, messages or browsing. "
		    "You can decline; the device is then not managed and may not reach work "
		    "resources.</p>\n",
	},
};

const char *terms_mode_name(enum terms_mode mode)
{
	return mode == TERMS_ORGANIZATION ? "organization" : "personal";
}

const char *terms_sha256(struct arena *arena, const char *title, const char *html)
{
	struct buf both;

	buf_init(&both, arena);
	buf_add_c(&both, title);
	buf_add_byte(&both, '\0');
	buf_add_c(&both, html);
	return digest_sha256_hex(arena, text_make(both.data, both.len));
}

const char *terms_version(struct arena *arena, int64_t number, const char *sha256)
{
	return arena_printf(arena, "%lld-%.16s", (long long)number, sha256);
}

struct terms_document terms_document_builtin(struct arena *arena, enum terms_mode mode)
{
	const struct builtin *builtin = &builtins[mode];
	const char *sha256 = terms_sha256(arena, builtin->title, builtin->body);

	return (struct terms_document){
	    .version = terms_version(arena, builtin->number, sha256),
	    .locale = "en",
	    .title = builtin->title,
	    .body = builtin->body,
	    .group = "",
	};
}

/* The choice */

static enum terms_audience audience_of(enum terms_mode mode)
{
	return mode == TERMS_ORGANIZATION ? TERMS_FOR_ORGANIZATION : TERMS_FOR_PERSONAL;
}

/* Of those for one group and audience, the one in a form of this language. */
static const struct terms_text *language_choose(const struct terms_text *texts, size_t n,
						const char *group, enum terms_audience audience,
						struct text wanted)
{
	struct language forms[LANGUAGE_FORMS_MAX];
	struct language language, of_text;
	size_t form_count;

	if (!language_read(wanted, &language))
		return NULL;
	form_count = language_forms(&language, forms);
	for (size_t f = 0; f < form_count; f++)
		for (size_t i = 0; i < n; i++)
			if (texts[i].audience == audience && !strcmp(texts[i].group_id, group) &&
			    language_read(text_of(texts[i].locale), &of_text) &&
			    language_is_same(&of_text, &forms[f]))
				return &texts[i];
	return NULL;
}

static const struct terms_text *audience_choose(const struct terms_text *texts, size_t n,
						const char *group, enum terms_audience audience,
						const char *languages, const char *default_locale)
{
	struct text rest = text_of(languages);
	const struct terms_text *found;

	while (rest.ptr) {
		found = language_choose(texts, n, group, audience, text_cut(&rest, ','));
		if (found)
			return found;
	}
	return language_choose(texts, n, group, audience, text_of(default_locale));
}

static const struct terms_text *group_choose(const struct terms_text *texts, size_t n,
					     const char *group, const struct terms_wish *wish,
					     const char *default_locale)
{
	const struct terms_text *found = audience_choose(texts, n, group, audience_of(wish->mode),
							 wish->languages, default_locale);

	return found ? found
		     : audience_choose(texts, n, group, TERMS_FOR_ANY, wish->languages,
				       default_locale);
}

static bool is_member(const struct terms_wish *wish, const char *group)
{
	for (size_t i = 0; i < wish->group_count; i++)
		if (!strcmp(wish->groups[i], group))
			return true;
	return false;
}

/* The lowest id above `after` of a group that a text is for and the user is in; NULL: none. */
static const char *next_group(const struct terms_text *texts, size_t n,
			      const struct terms_wish *wish, const char *after)
{
	const char *best = NULL;

	for (size_t i = 0; i < n; i++) {
		const char *group = texts[i].group_id;

		if (strcmp(group, after) <= 0 || (best && strcmp(group, best) >= 0))
			continue;
		if (is_member(wish, group))
			best = group;
	}
	return best;
}

const struct terms_text *terms_text_choose(const struct terms_text *texts, size_t n,
					   const struct terms_wish *wish,
					   const char *default_locale)
{
	const char *group = "";

	while ((group = next_group(texts, n, wish, group)) != NULL) {
		const struct terms_text *found =
		    group_choose(texts, n, group, wish, default_locale);

		if (found)
			return found;
	}
	return group_choose(texts, n, "", wish, default_locale);
}

static int store_failed(struct op *op, int r)
{
	return ERR_FAIL(&op->trail, r < 0 ? r : ERR_STORE, "%s", db_error(op->db));
}

static int texts_load(struct op *op, const struct tenant *tenant, struct terms_text **ret,
		      size_t *ret_n)
{
	int r =
	    store_terms_list(db_reader(op->db), op->arena, text_of(tenant->tenant_id), ret, ret_n);

	return r ? store_failed(op, r) : 0;
}

int terms_wants_groups(struct op *op, const struct tenant *tenant, enum terms_mode mode, bool *ret)
{
	struct terms_text *texts;
	size_t n;
	int r = texts_load(op, tenant, &texts, &n);

	if (r)
		return ERR_TRACE(&op->trail, r);
	*ret = false;
	for (size_t i = 0; i < n; i++)
		if (texts[i].group_id[0] &&
		    (texts[i].audience == audience_of(mode) || texts[i].audience == TERMS_FOR_ANY))
			*ret = true;
	return 0;
}

static void document_fill(struct op *op, const struct terms_text *text, struct terms_document *ret)
{
	*ret = (struct terms_document){
	    .version = terms_version(op->arena, text->version, text->sha256),
	    .locale = text->locale,
	    .title = text->title,
	    .body = text->html,
	    .group = text->group_id,
	};
}

enum { CHOICE_TRIES = 5 };

int terms_document_load(struct op *op, const struct tenant *tenant, const struct terms_wish *wish,
			struct terms_document *ret)
{
	const struct terms_text *choice;
	struct terms_text *texts, text;
	size_t n;
	int r;

	/* A text may be removed after it was listed: then the choice is made again. */
	for (int i = 0; i < CHOICE_TRIES; i++) {
		r = texts_load(op, tenant, &texts, &n);
		if (r)
			return ERR_TRACE(&op->trail, r);
		choice = terms_text_choose(texts, n, wish, tenant->default_locale);
		if (!choice) {
			*ret = terms_document_builtin(op->arena, wish->mode);
			return 0;
		}
		r = store_terms_load(db_reader(op->db), op->arena, text_of(tenant->tenant_id),
				     text_of(choice->id), &text);
		if (r == 0) {
			document_fill(op, &text, ret);
			return 0;
		}
		if (r != STORE_E_NOT_FOUND)
			return store_failed(op, r);
	}
	return ERR_FAIL(&op->trail, ERR_STORE, "texts are removed all the time");
}

int terms_document_of_consent(struct op *op, const struct tenant *tenant,
			      const struct terms_consent *consent, struct terms_document *ret)
{
	const struct terms_wish wish = {
	    .mode = consent->mode,
	    .languages = consent->languages,
	    .groups = &consent->group,
	    .group_count = consent->group[0] ? 1 : 0,
	};

	return terms_document_load(op, tenant, &wish, ret);
}
