/* SPDX-License-Identifier: Apache-2.0 */
/*
 * terms.c: see terms.h. What an administrator wrote is kept as it is, and what is shown is made
 * from it by html/clean. What that leaves out is no error: text pasted from elsewhere is full of
 * it. It is told, and what is shown can be seen, so that nobody is surprised.
 */
#include "admin/terms.h"

#include "base/json.h"
#include "base/limits.h"
#include "store/tenant.h"
#include "store/terms.h"
#include "terms/document.h"
#include "terms/language.h"

int admin_terms_preview(struct admin *admin, const char *body, struct html_clean *ret_clean)
{
	struct html_clean clean;

	switch (html_clean(admin->op->arena, text_of(body), &clean)) {
	case 0:
		break;
	case HTML_E_TOO_LARGE:
		return admin_refuse(admin, ADMIN_E_INVALID, "body must be at most %d bytes",
				    LIMIT_HTML);
	case HTML_E_TOO_DEEP:
		return admin_refuse(admin, ADMIN_E_INVALID,
				    "body nests more than %d elements in each other",
				    LIMIT_HTML_DEPTH);
	case HTML_E_TOO_MANY:
		return admin_refuse(admin, ADMIN_E_INVALID, "body has more than %d elements",
				    LIMIT_HTML_ELEMENTS);
	default:
		return admin_refuse(admin, ADMIN_E_INVALID, "body is not valid UTF-8");
	}
	if (!clean.has_text)
		return admin_refuse(admin, ADMIN_E_INVALID,
				    "body has nothing to read once it is cleaned");
	*ret_clean = clean;
	return 0;
}

static int text_check(struct admin *admin, struct terms_text *text, struct html_clean *ret_clean)
{
	struct op *op = admin->op;
	struct language language;
	int r;

	if (!language_read_exact(text_of(text->locale), &language))
		return admin_refuse(admin, ADMIN_E_INVALID,
				    "locale must be a language like de, de-AT or zh-Hant-TW");
	text->locale = language_write(op->arena, &language);
	r = admin_check_text(admin, "title", text->title, 1, LIMIT_TERMS_TITLE);
	if (r == 0 && text->group_id[0])
		r = admin_check_guid(admin, "entra_group", text->group_id);
	if (r == 0)
		r = admin_terms_preview(admin, text->body, ret_clean);
	if (r)
		return r;
	text->group_id = admin_lower(admin, text->group_id);
	text->html = arena_cstr(op->arena, ret_clean->html);
	text->sha256 = terms_sha256(op->arena, text->title, text->html);
	return 0;
}

/* What changed, not the text itself: that is kept where it was shown. */
static const char *detail_of(struct admin *admin, const struct terms_text *text)
{
	struct json_writer w;
	struct buf buf;

	buf_init(&buf, admin->op->arena);
	json_writer_init(&w, &buf);
	json_begin_object(&w, NULL);
	json_add_c(&w, "locale", text->locale);
	json_add_c(&w, "mode", terms_audience_name(text->audience));
	json_add_c(&w, "entra_group", text->group_id);
	json_add_c(&w, "title", text->title);
	json_add_c(&w, "sha256", text->sha256);
	json_end_object(&w);
	return buf.data;
}

static struct admin_record record_of(struct admin *admin, const struct terms_text *text,
				     const char *action)
{
	return (struct admin_record){
	    .tenant_id = text->tenant_id,
	    .action = action,
	    .object_kind = "terms",
	    .object_id = text->id,
	    .detail = detail_of(admin, text),
	};
}

static int terms_insert(struct db_conn *tx, void *argument)
{
	const struct terms_text *text = argument;
	int64_t n;
	int r = store_terms_count(tx, text_of(text->tenant_id), &n);

	if (r)
		return r;
	return n >= LIMIT_TERMS ? STORE_E_IN_USE : store_terms_add(tx, text);
}

/* The store's outcomes in words that fit a text. */
static int told(struct admin *admin, int r)
{
	if (r == ADMIN_E_CONFLICT)
		return admin_refuse(admin, ADMIN_E_CONFLICT,
				    "there is a text for this locale, mode and entra_group "
				    "already; change that one");
	if (r == ADMIN_E_STATE)
		return admin_refuse(admin, ADMIN_E_STATE, "a tenant has at most %d texts",
				    LIMIT_TERMS);
	return r;
}

int admin_terms_add(struct admin *admin, struct terms_text *text, struct html_clean *ret_clean)
{
	struct op *op = admin->op;
	struct admin_record record;
	struct tenant tenant;
	int r;

	r = text_check(admin, text, ret_clean);
	if (r)
		return r;
	r = admin_found(
	    admin, "tenant",
	    store_tenant_load(db_reader(op->db), op->arena, text_of(text->tenant_id), &tenant));
	if (r)
		return r;
	text->id = store_new_id(op->arena);
	text->version = 1;
	text->created_at = text->updated_at = op->now;
	record = record_of(admin, text, "terms.add");
	return told(admin, admin_transact(admin, "text", &record, terms_insert, text));
}

static int terms_write(struct db_conn *tx, void *argument)
{
	return store_terms_update(tx, argument);
}

static bool is_same(const struct terms_text *a, const struct terms_text *b)
{
	return !strcmp(a->locale, b->locale) && a->audience == b->audience &&
	       !strcmp(a->group_id, b->group_id) && !strcmp(a->title, b->title) &&
	       !strcmp(a->body, b->body) && !strcmp(a->html, b->html);
}

int admin_terms_update(struct admin *admin, struct terms_text *text, struct html_clean *ret_clean)
{
	struct op *op = admin->op;
	struct admin_record record;
	struct terms_text old;
	int r;

	r = text_check(admin, text, ret_clean);
	if (r == 0)
		r = admin_found(admin, "text",
				store_terms_load(db_reader(op->db), op->arena,
						 text_of(text->tenant_id), text_of(text->id),
						 &old));
	if (r)
		return r;
	/* Users would be asked again for nothing. */
	if (old.version == text->version && is_same(&old, text))
		return 0;
	text->updated_at = op->now;
	record = record_of(admin, text, "terms.update");
	r = told(admin, admin_transact(admin, "text", &record, terms_write, text));
	if (r == 0)
		text->version++;
	return r;
}

static int terms_delete(struct db_conn *tx, void *argument)
{
	const struct terms_text *text = argument;

	return store_terms_remove(tx, text_of(text->tenant_id), text_of(text->id));
}

int admin_terms_remove(struct admin *admin, const char *tenant_id, const char *id)
{
	struct op *op = admin->op;
	struct admin_record record;
	struct terms_text text;
	int r;

	r = admin_found(
	    admin, "text",
	    store_terms_load(db_reader(op->db), op->arena, text_of(tenant_id), text_of(id), &text));
	if (r)
		return r;
	record = record_of(admin, &text, "terms.remove");
	return admin_transact(admin, "text", &record, terms_delete, &text);
}
