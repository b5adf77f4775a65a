/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_terms.c: /api/v1/tenants/{}/terms, what was shown of them and what users decided.
 */
#include "edge/api_resources.h"

#include "admin/terms.h"
#include "store/tenant.h"
#include "store/terms.h"
#include "terms/document.h"

static const char *const no_filters[] = {NULL};

static void removed_write(struct json_writer *w, const struct html_clean *clean)
{
	json_begin_array(w, "removed");
	for (size_t i = 0; i < clean->removed_count; i++)
		json_add_c(w, NULL, clean->removed[i]);
	json_end_array(w);
}

/* clean NULL: in a list, without the text itself. */
static void terms_write(struct api_call *call, const struct terms_text *t,
			const struct html_clean *clean)
{
	struct json_writer *w = &call->json;

	json_begin_object(w, NULL);
	json_add_c(w, "id", t->id);
	json_add_c(w, "tenant_id", t->tenant_id);
	json_add_c(w, "locale", t->locale);
	json_add_c(w, "mode", terms_audience_name(t->audience));
	json_add_c(w, "entra_group", t->group_id);
	json_add_c(w, "title", t->title);
	json_add_int(w, "version", t->version);
	json_add_c(w, "sha256", t->sha256);
	json_add_c(w, "text_version", terms_version(call->op->arena, t->version, t->sha256));
	if (clean) {
		json_add_c(w, "body", t->body);
		json_add_c(w, "html", t->html);
		removed_write(w, clean);
	}
	json_add_time(w, "created_at", t->created_at);
	json_add_time(w, "updated_at", t->updated_at);
	json_end_object(w);
}

static int tenant_check(struct api_call *call)
{
	struct tenant tenant;

	return admin_found(&call->admin, "tenant",
			   store_tenant_load(db_reader(call->op->db), call->op->arena,
					     text_of(call->args[0]), &tenant));
}

static int terms_load(struct api_call *call, struct terms_text *ret)
{
	return admin_found(&call->admin, "text",
			   store_terms_load(db_reader(call->op->db), call->op->arena,
					    text_of(call->args[0]), text_of(call->args[1]), ret));
}

int api_terms_list(struct api_call *call)
{
	struct api_page page = API_PAGE_WHOLE;
	struct terms_text *list;
	int r;

	r = api_params_check(call, no_filters);
	if (r == 0)
		r = tenant_check(call);
	if (r == 0)
		r = admin_found(&call->admin, "text",
				store_terms_list(db_reader(call->op->db), call->op->arena,
						 text_of(call->args[0]), &list, &page.n));
	while (r == 0 && api_page_next(call, &page))
		terms_write(call, &list[page.i], NULL);
	return r;
}

int api_terms_show(struct api_call *call)
{
	struct html_clean clean;
	struct terms_text text;
	int r = terms_load(call, &text);

	if (r == 0)
		r = admin_terms_preview(&call->admin, text.body, &clean);
	if (r)
		return r;
	api_begin(call, 200);
	terms_write(call, &text, &clean);
	return 0;
}

static int terms_fields(struct api_call *call, struct terms_text *text)
{
	static const char *const fields[] = {"locale", "mode", "entra_group",
					     "title",  "body", NULL};
	static const char *const modes[] = {"organization", "personal", "any", NULL};
	int mode = text->audience;

	api_fields_known(call, fields);
	api_field_text(call, "locale", &text->locale);
	api_field_enum(call, "mode", modes, &mode);
	api_field_text(call, "entra_group", &text->group_id);
	api_field_text(call, "title", &text->title);
	api_field_text(call, "body", &text->body);
	text->audience = (enum terms_audience)mode;
	return api_fields_done(call);
}

int api_terms_add(struct api_call *call)
{
	struct terms_text text = {
	    .tenant_id = call->args[0],
	    .locale = "",
	    .audience = TERMS_FOR_ANY,
	    .group_id = "",
	    .title = "",
	    .body = "",
	};
	struct html_clean clean;
	int r = terms_fields(call, &text);

	if (r == 0)
		r = admin_terms_add(&call->admin, &text, &clean);
	if (r)
		return r;
	api_begin(call, 201);
	terms_write(call, &text, &clean);
	return 0;
}

static int terms_change(struct api_call *call, struct terms_text *ret, struct html_clean *clean)
{
	int r = terms_load(call, ret);

	if (r == 0)
		r = terms_fields(call, ret);
	return r ? r : admin_terms_update(&call->admin, ret, clean);
}

int api_terms_update(struct api_call *call)
{
	struct html_clean clean;
	struct terms_text text;
	int r = ADMIN_E_STALE;

	for (int i = 0; i < API_CHANGE_TRIES && r == ADMIN_E_STALE; i++)
		r = terms_change(call, &text, &clean);
	if (r)
		return r;
	api_begin(call, 200);
	terms_write(call, &text, &clean);
	return 0;
}

int api_terms_remove(struct api_call *call)
{
	int r = admin_terms_remove(&call->admin, call->args[0], call->args[1]);

	if (r)
		return r;
	api_no_content(call);
	return 0;
}

int api_terms_preview(struct api_call *call)
{
	static const char *const fields[] = {"body", NULL};
	const char *body = "";
	struct html_clean clean;
	int r = tenant_check(call);

	if (r)
		return r;
	api_fields_known(call, fields);
	api_field_text(call, "body", &body);
	r = api_fields_done(call);
	if (r == 0)
		r = admin_terms_preview(&call->admin, body, &clean);
	if (r)
		return r;
	api_begin(call, 202);
	json_begin_object(&call->json, NULL);
	json_add_text(&call->json, "html", clean.html);
	removed_write(&call->json, &clean);
	json_end_object(&call->json);
	return 0;
}

static void shown_write(struct json_writer *w, const struct terms_shown *s, bool with_text)
{
	json_begin_object(w, NULL);
	json_add_c(w, "version", s->version);
	json_add_c(w, "tenant_id", s->tenant_id);
	json_add_c(w, "locale", s->locale);
	json_add_c(w, "title", s->title);
	if (with_text)
		json_add_c(w, "html", s->html);
	json_add_time(w, "created_at", s->created_at);
	json_end_object(w);
}

int api_terms_text_list(struct api_call *call)
{
	struct api_page page = API_PAGE_WHOLE;
	struct terms_shown *list;
	int r;

	r = api_params_check(call, no_filters);
	if (r == 0)
		r = tenant_check(call);
	if (r == 0)
		r = admin_found(&call->admin, "text",
				store_terms_shown_list(db_reader(call->op->db), call->op->arena,
						       text_of(call->args[0]), &list, &page.n));
	while (r == 0 && api_page_next(call, &page))
		shown_write(&call->json, &list[page.i], false);
	return r;
}

int api_terms_text_show(struct api_call *call)
{
	struct terms_shown shown;
	int r = admin_found(&call->admin, "text",
			    store_terms_shown_load(db_reader(call->op->db), call->op->arena,
						   text_of(call->args[0]), text_of(call->args[1]),
						   &shown));

	if (r)
		return r;
	api_begin(call, 200);
	shown_write(&call->json, &shown, true);
	return 0;
}

static void record_write(struct json_writer *w, const struct terms_record *d)
{
	json_begin_object(w, NULL);
	json_add_c(w, "id", d->id);
	json_add_c(w, "tenant_id", d->tenant_id);
	json_add_time(w, "at", d->at);
	json_add_c(w, "user_object_id", d->user_object_id);
	json_add_c(w, "user_principal_name", d->user_principal_name);
	json_add_c(w, "decision", terms_choice_name(d->choice));
	json_add_c(w, "version", d->version);
	json_add_c(w, "locale", d->locale);
	json_add_c(w, "mode", d->mode);
	json_add_c(w, "client_request_id", d->client_request_id);
	json_add_c(w, "redirect_uri", d->redirect_uri);
	json_add_c(w, "source", d->source);
	json_add_c(w, "user_agent", d->user_agent);
	json_end_object(w);
}

int api_terms_decision_list(struct api_call *call)
{
	static const char *const filters[] = {"tenant_id", "user_object_id", "user_principal_name",
					      "version",   "decision",       "client_request_id",
					      NULL};
	const struct terms_record_filter filter = {
	    .tenant_id = api_param(call, "tenant_id"),
	    .user_object_id = api_param(call, "user_object_id"),
	    .user_principal_name = api_param(call, "user_principal_name"),
	    .version = api_param(call, "version"),
	    .decision = api_param_word(call, "decision", terms_choice_list()),
	    .client_request_id = api_param(call, "client_request_id"),
	};
	struct terms_record *list;
	struct api_page page;
	int r;

	r = api_page_read(call, filters, &page);
	if (r == 0)
		r = admin_found(&call->admin, "decision",
				store_terms_record_list(db_reader(call->op->db), call->op->arena,
							&filter, page.after, page.limit + 1, &list,
							&page.n));
	while (r == 0 && api_page_next(call, &page)) {
		record_write(&call->json, &list[page.i]);
		page.last_id = list[page.i].id;
	}
	return r;
}

int api_terms_decision_show(struct api_call *call)
{
	struct terms_record record;
	int r = admin_found(&call->admin, "decision",
			    store_terms_record_load(db_reader(call->op->db), call->op->arena,
						    text_of(call->args[0]), &record));

	if (r)
		return r;
	api_begin(call, 200);
	record_write(&call->json, &record);
	return 0;
}
