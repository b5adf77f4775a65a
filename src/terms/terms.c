/* SPDX-License-Identifier: Apache-2.0 */
/*
 * terms.c: see terms.h. Section 4 of the seed's Terms of Use protocol: decision table, redirect
 * format, error redirects.
 */
#include "terms/terms.h"

#include "base/limits.h"
#include "store/terms.h"
#include "terms/script.h"

static const struct {
	const char *error;
	const char *description;
} errors[] = {
    [TERMS_ERROR_VERSION] = {"invalid_request", "unsupported version"},
    [TERMS_ERROR_MODE] = {"invalid_request", "unsupported mode"},
    [TERMS_ERROR_TOKEN] = {"unauthorized_client", "unauthorized_client"},
    [TERMS_ERROR_PREREQUISITE] = {"unauthorized_client", "unauthorized user or tenant"},
    [TERMS_ERROR_INTERNAL] = {"server_error", "internal service error"},
};

char *terms_error_location(struct arena *arena, const struct redirect_uri *redirect,
			   enum terms_error error, const char *client_request_id)
{
	const char *pairs[] = {"error",
			       errors[error].error,
			       "error_description",
			       errors[error].description,
			       "client-request-id",
			       client_request_id,
			       NULL};

	return redirect_uri_write(arena, redirect, pairs);
}

static const char *client_request_id_of(struct arena *arena, struct text given)
{
	char made[UUID_TEXT_LEN + 1];
	struct uuid id;

	if (!given.ptr || !uuid_read(text_trim(given), &id))
		id = uuid_random();
	uuid_write(id, made);
	return arena_string(arena, made);
}

/* Parameter names are matched as Windows writes them; a repeated one is a different request. */
static int mode_read(const struct http_param *params, size_t count, enum terms_mode *ret)
{
	size_t n;
	struct text mode = http_form_get(params, count, "mode", &n);

	if (n == 0)
		*ret = TERMS_PERSONAL;
	else if (n == 1 && text_eq(mode, TEXT("azureadjoin")))
		*ret = TERMS_ORGANIZATION;
	else
		return TERMS_E_MODE;
	return 0;
}

int terms_request_read(struct op *op, const struct http_param *params, size_t count,
		       struct terms_request *ret, const char **ret_reason)
{
	struct terms_request request = {0};
	struct text redirect, version;
	size_t n;
	int r;

	redirect = http_form_get(params, count, "redirect_uri", &n);
	r = n == 1 ? redirect_uri_read(op->arena, redirect, &request.redirect) : REDIRECT_E_EMPTY;
	if (r) {
		*ret_reason = n > 1 ? "redirect_uri_repeated" : redirect_uri_reason(r);
		return TERMS_E_REDIRECT_URI;
	}
	request.client_request_id = client_request_id_of(
	    op->arena, http_form_get(params, count, "client-request-id", NULL));
	*ret = request;
	version = http_form_get(params, count, "api-version", &n);
	if (n != 1 || !text_eq(version, TEXT("1.0")))
		return TERMS_E_VERSION;
	return mode_read(params, count, &ret->mode);
}

bool terms_redirect_is_allowed(struct op *op, const struct tenant *tenant,
			       const struct redirect_uri *redirect)
{
	for (size_t i = 0; i < tenant->redirect_uri_count; i++)
		if (redirect_uri_begins(op->arena, redirect, text_of(tenant->redirect_uris[i])))
			return true;
	return tenant->redirect_uri_count == 0;
}

const char *terms_redirect_place(struct arena *arena, const struct redirect_uri *redirect)
{
	static const char *const no_pairs[] = {NULL};
	struct redirect_uri place = *redirect;

	place.query = TEXT_EMPTY;
	return redirect_uri_write(arena, &place, no_pairs);
}

static int shown_write(struct db_conn *tx, void *argument)
{
	return store_terms_shown_put(tx, argument);
}

/* A text is kept before anybody can accept it. */
static int document_keep(struct op *op, const char *tenant_id,
			 const struct terms_document *document)
{
	struct terms_shown shown = {
	    .tenant_id = tenant_id,
	    .version = document->version,
	    .locale = document->locale,
	    .title = document->title,
	    .html = document->body,
	    .created_at = op->now,
	};
	bool is_kept;
	int r;

	r = store_terms_shown_exists(db_reader(op->db), text_of(tenant_id),
				     text_of(document->version), &is_kept);
	if (r == 0 && !is_kept)
		r = db_transact(op->db, shown_write, &shown);
	return r ? ERR_FAIL(&op->trail, r < 0 ? r : ERR_STORE, "%s", db_error(op->db)) : 0;
}

/* Another page, so another consent. */
static const char *state_new(struct op *op, const struct terms_showing *showing)
{
	struct terms_consent state = *showing->about;
	char id[UUID_TEXT_LEN + 1];

	uuid_write(uuid_random(), id);
	state.id = id;
	state.version = showing->document->version;
	state.group = showing->document->group;
	state.made_at = op->now;
	state.expires_at = op->now + LIMIT_TERMS_STATE_S;
	return terms_state_seal(op->arena, &op->keys->terms, &state);
}

int terms_page_make(struct op *op, const struct terms_showing *showing, struct buf *page)
{
	const struct terms_consent *about = showing->about;
	int r;

	if (!showing->is_trial) {
		r = document_keep(op, showing->tenant->tenant_id, showing->document);
		if (r)
			return ERR_TRACE(&op->trail, r);
	}
	terms_page_write(page,
			 &(struct terms_page){
			     .document = showing->document,
			     .mode = about->mode,
			     .look = {.theme = about->theme,
				      .branding = op->config->branding,
				      .tenant_id = showing->tenant->tenant_id,
				      .is_winjs = showing->tenant->is_winjs},
			     .organization = showing->tenant->domain,
			     .user_name = about->user_name,
			     .state = showing->sealed.len ? arena_cstr(op->arena, showing->sealed)
							  : state_new(op, showing),
			     .script = terms_script(op->arena)->path,
			     .notice = showing->notice,
			     .is_pin_asked = showing->tenant->is_pin_required,
			 });
	return 0;
}

int terms_show(struct op *op, const struct terms_request *request,
	       const struct entra_principal *principal, const struct tenant *tenant, bool is_trial,
	       struct buf *page)
{
	static const char *const no_pairs[] = {NULL};
	const struct terms_wish wish = {request->mode, request->languages, request->groups,
					request->group_count};
	struct terms_document document;
	struct terms_consent about = {
	    .tenant_id = principal->tenant_id,
	    .object_id = principal->object_id,
	    .user_name = principal->user_name,
	    .mode = request->mode,
	    .languages = request->languages,
	    .client_request_id = request->client_request_id,
	    .redirect_uri = redirect_uri_write(op->arena, &request->redirect, no_pairs),
	    .theme = request->look.theme,
	};
	const struct terms_showing showing = {
	    .tenant = tenant, .about = &about, .document = &document, .is_trial = is_trial};
	int r;

	r = terms_document_load(op, tenant, &wish, &document);
	if (r == 0)
		r = terms_page_make(op, &showing, page);
	return r ? ERR_TRACE(&op->trail, r) : 0;
}
