/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tenant_terms.c: what a tenant may say about its Terms of Use page: where Windows may be sent
 * back to, who may frame the page (it becomes part of a header), and the language of last resort;
 * whether its texts go with the latter.
 */
#include "admin/tenants.h"

#include "base/limits.h"
#include "store/terms.h"
#include "terms/document.h"
#include "terms/language.h"
#include "terms/redirect_uri.h"

enum { HOST_LEN_MAX = 253, LABEL_LEN_MAX = 63, SOURCES_MAX = 16, SOURCES_LEN_MAX = 1024 };

static int redirects_check(struct admin *admin, const struct tenant *tenant)
{
	for (size_t i = 0; i < tenant->redirect_uri_count; i++)
		if (!redirect_uri_is_rule(admin->op->arena, text_of(tenant->redirect_uris[i])))
			return admin_refuse(admin, ADMIN_E_INVALID,
					    "redirect_uris must be like ms-appx-web://host/path or "
					    "ms-aadj-redir://host/path, without a query");
	return 0;
}

/* A name of DNS with at least one dot; labels of letters, digits and inner dashes. */
static bool is_host(struct text host)
{
	size_t labels = 0;

	if (host.len > HOST_LEN_MAX)
		return false;
	while (host.ptr) {
		struct text label = text_cut(&host, '.');

		if (label.len == 0 || label.len > LABEL_LEN_MAX || label.ptr[0] == '-' ||
		    label.ptr[label.len - 1] == '-')
			return false;
		for (size_t i = 0; i < label.len; i++) {
			char c = label.ptr[i];

			if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			      (c >= '0' && c <= '9') || c == '-'))
				return false;
		}
		labels++;
	}
	return labels > 1;
}

/* A host, or all hosts below it, by https: nothing else can stand in the header, so nothing else
 * can end it or begin another. */
static bool is_source(struct text source)
{
	if (!text_starts(source, TEXT("https://")))
		return false;
	source = text_from(source, 8);
	if (text_starts(source, TEXT("*.")))
		source = text_from(source, 2);
	return is_host(source);
}

static int ancestors_check(struct admin *admin, const struct tenant *tenant)
{
	struct text rest = text_of(tenant->frame_ancestors);
	size_t n = 0;

	if (text_is_empty(rest))
		return 0;
	while (rest.ptr) {
		if (rest.len > SOURCES_LEN_MAX || ++n > SOURCES_MAX ||
		    !is_source(text_cut(&rest, ' ')))
			return admin_refuse(admin, ADMIN_E_INVALID,
					    "frame_ancestors must be up to %d of https://host or "
					    "https://*.host, with one space between",
					    SOURCES_MAX);
	}
	return 0;
}

static int locale_check(struct admin *admin, struct tenant *tenant)
{
	struct language language;

	if (!language_read_exact(text_of(tenant->default_locale), &language))
		return admin_refuse(admin, ADMIN_E_INVALID,
				    "default_locale must be a language like de, de-AT or "
				    "zh-Hant-TW");
	tenant->default_locale = language_write(admin->op->arena, &language);
	return 0;
}

int admin_tenant_check_terms(struct admin *admin, struct tenant *tenant)
{
	int r;

	r = redirects_check(admin, tenant);
	if (r == 0)
		r = ancestors_check(admin, tenant);
	return r ? r : locale_check(admin, tenant);
}

/* Texts for everybody there are, but none that comes up when all else does not fit. */
static bool ends_in_builtin(const struct terms_text *texts, size_t n, const struct tenant *tenant,
			    enum terms_mode mode, enum terms_audience audience)
{
	const struct terms_wish wish = {.mode = mode, .languages = ""};

	if (terms_text_choose(texts, n, &wish, tenant->default_locale))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!texts[i].group_id[0] &&
		    (texts[i].audience == audience || texts[i].audience == TERMS_FOR_ANY))
			return true;
	return false;
}

int admin_tenant_texts_probe(struct op *op, const struct tenant *tenant, struct tenant_finding *ret)
{
	struct terms_text *texts;
	bool is_missed;
	size_t n;
	int r =
	    store_terms_list(db_reader(op->db), op->arena, text_of(tenant->tenant_id), &texts, &n);

	if (r)
		return ERR_FAIL(&op->trail, ERR_STORE, "%s", db_conn_error(db_reader(op->db)));
	is_missed = ends_in_builtin(texts, n, tenant, TERMS_ORGANIZATION, TERMS_FOR_ORGANIZATION) ||
		    ends_in_builtin(texts, n, tenant, TERMS_PERSONAL, TERMS_FOR_PERSONAL);
	if (!is_missed)
		return 0;
	ret->state = FINDING_NOTICE;
	ret->detail = arena_printf(
	    op->arena,
	    "there are texts of the terms, but none in the default_locale %s: whoever reads "
	    "another language accepts the built-in English text; add one in %s, or change "
	    "default_locale",
	    tenant->default_locale, tenant->default_locale);
	return 0;
}
