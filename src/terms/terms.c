/* SPDX-License-Identifier: Apache-2.0 */
/*
 * terms.c: see terms.h. Section 4 of the seed's Terms of Use protocol: decision table, redirect
 * format, error redirects.
 */
#include "terms/terms.h"

#include "base/digest.h"
#include "base/json.h"
#include "store/audit.h"
#include "store/enrollment.h"
#include "store/store.h"
#include "store/story.h"
#include "store/tenant.h"

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

static void page_write(struct op *op, const struct terms_consent *about,
		       const struct terms_document *document, const char *organization,
		       bool is_changed, struct buf *page)
{
	struct terms_consent state = *about;
	char id[UUID_TEXT_LEN + 1];

	uuid_write(uuid_random(), id);
	state.id = id;
	state.version = document->version;
	state.made_at = op->now;
	state.expires_at = op->now + LIMIT_TERMS_STATE_S;
	terms_page_write(page, &(struct terms_page){
				   .document = document,
				   .mode = state.mode,
				   .look = {about->is_oobe, about->is_light_oobe},
				   .organization = organization,
				   .user_name = state.user_name,
				   .state = terms_state_seal(op->arena, &op->keys->terms, &state),
				   .notice = is_changed ? TERMS_NOTICE_CHANGED : TERMS_NOTICE_NONE,
			       });
}

void terms_show(struct op *op, const struct terms_request *request,
		const struct entra_principal *principal, const char *organization, struct buf *page)
{
	static const char *const no_pairs[] = {NULL};
	struct terms_document document = terms_document_current(op->arena, request->mode);
	struct terms_consent about = {
	    .tenant_id = principal->tenant_id,
	    .object_id = principal->object_id,
	    .user_name = principal->user_name,
	    .mode = request->mode,
	    .client_request_id = request->client_request_id,
	    .redirect_uri = redirect_uri_write(op->arena, &request->redirect, no_pairs),
	    .is_oobe = request->look.is_oobe,
	    .is_light_oobe = request->look.is_light_oobe,
	};

	page_write(op, &about, &document, organization, false, page);
}

/* The audit id of one choice on one page: the same however often the page is posted, and in the
 * place of the time at which the page was made, as ids are. */
static const char *decision_id(struct op *op, const struct terms_consent *state, bool is_accepted)
{
	const char *what = arena_printf(op->arena, "%s|%d", state->id, is_accepted);
	struct uuid id = uuid_ordered(state->made_at * 1000);
	char text[UUID_TEXT_LEN + 1];
	uint8_t digest[SHA256_LEN];

	digest_sha256(text_of(what), digest);
	/* Time and version are in the first seven bytes, the variant in two bits of the ninth. */
	id.bytes[6] = 0x70 | (digest[6] & 0x0f);
	id.bytes[7] = digest[7];
	id.bytes[8] = 0x80 | (digest[8] & 0x3f);
	for (size_t i = 9; i < sizeof(id.bytes); i++)
		id.bytes[i] = digest[i];
	uuid_write(id, text);
	return arena_string(op->arena, text);
}

struct decision_record {
	struct op *op;
	const struct terms_consent *state;
	const struct enrollment *attempt;
	bool is_accepted;
	const char *detail;
};

static int decision_record(struct db_conn *tx, void *argument)
{
	const struct decision_record *record = argument;
	const struct terms_consent *state = record->state;
	struct audit_entry entry = {
	    .tenant_id = state->tenant_id,
	    .id = decision_id(record->op, state, record->is_accepted),
	    .at = record->op->now,
	    .actor = arena_printf(record->op->arena, "user:%s", state->object_id),
	    .action = record->is_accepted ? "terms.accept" : "terms.decline",
	    .object_kind = "terms",
	    .object_id = state->version,
	    .outcome = "ok",
	    .source = record->op->source,
	    .trace_id = record->op->trace_id,
	    .detail = record->detail,
	};
	int r;

	r = store_audit_add(tx, &entry);
	if (r)
		return r;
	return store_enrollment_add(tx, record->attempt);
}

static const char *detail_of(struct op *op, const struct terms_consent *state)
{
	struct json_writer w;
	struct buf buf;

	buf_init(&buf, op->arena);
	json_writer_init(&w, &buf);
	json_begin_object(&w, NULL);
	json_add_c(&w, "user_principal_name", state->user_name);
	json_add_c(&w, "mode", terms_mode_name(state->mode));
	json_add_c(&w, "version", state->version);
	json_add_c(&w, "client_request_id", state->client_request_id);
	json_end_object(&w);
	return buf.data;
}

static char *decision_location(struct op *op, const struct terms_decision *decision)
{
	const struct terms_consent *state = &decision->state;
	struct terms_consent blob = *state;
	const char *accepted[] = {
	    "IsAccepted", "true", "OpaqueBlob", NULL, "client-request-id", state->client_request_id,
	    NULL};
	const char *declined[] = {"IsAccepted", "false", "client-request-id",
				  state->client_request_id, NULL};

	if (!decision->is_accepted)
		return redirect_uri_write(op->arena, &decision->redirect, declined);
	blob.made_at = op->now;
	blob.expires_at = op->now + LIMIT_OPAQUE_BLOB_S;
	accepted[3] = terms_blob_seal(op->arena, &op->keys->terms, &blob);
	return redirect_uri_write(op->arena, &decision->redirect, accepted);
}

/* The state, authentic and of a tenant that is still served. */
static int state_read(struct op *op, struct text sealed, struct terms_decision *decision,
		      struct tenant *ret_tenant)
{
	int r, opened;

	opened = terms_state_open(op->arena, &op->keys->terms, sealed, op->now, &decision->state);
	if (opened == CONSENT_E_FORGED)
		return TERMS_E_STATE;
	r = redirect_uri_read(op->arena, text_of(decision->state.redirect_uri),
			      &decision->redirect);
	if (r)
		return TERMS_E_STATE;
	if (opened == CONSENT_E_EXPIRED)
		return TERMS_E_EXPIRED;
	r = store_tenant_load(db_reader(op->db), op->arena, text_of(decision->state.tenant_id),
			      ret_tenant);
	if (r < 0)
		return ERR_FAIL(&op->trail, r, "%s", db_error(op->db));
	if (r == STORE_E_NOT_FOUND || !ret_tenant->is_enabled)
		return TERMS_E_TENANT;
	return 0;
}

static void attempt_fill(struct enrollment *attempt, const struct terms_consent *state)
{
	attempt->tenant_id = state->tenant_id;
	attempt->user_object_id = state->object_id;
	attempt->user_principal_name = state->user_name;
	attempt->client_request_id = state->client_request_id;
}

int terms_decide(struct op *op, const struct http_param *params, size_t count,
		 struct enrollment *attempt, struct buf *page, struct terms_decision *ret)
{
	struct text choice = http_form_get(params, count, "decision", NULL);
	struct text sealed = http_form_get(params, count, "state", NULL);
	struct terms_document document;
	struct decision_record record;
	struct tenant tenant;
	int r;

	*ret = (struct terms_decision){.is_accepted = text_eq(choice, TEXT("accept"))};
	if (!sealed.ptr)
		return TERMS_E_STATE;
	r = state_read(op, sealed, ret, &tenant);
	if (ret->state.tenant_id)
		attempt_fill(attempt, &ret->state);
	if (r)
		return r;
	document = terms_document_current(op->arena, ret->state.mode);
	/* An organisation's device cannot decline, and nobody accepts a text they have not seen. */
	if (strcmp(document.version, ret->state.version) != 0 ||
	    (!ret->is_accepted &&
	     (ret->state.mode == TERMS_ORGANIZATION || !text_eq(choice, TEXT("decline"))))) {
		page_write(op, &ret->state, &document, tenant.domain,
			   strcmp(document.version, ret->state.version) != 0, page);
		return TERMS_E_SHOW_AGAIN;
	}
	if (!ret->is_accepted) {
		attempt->outcome = OUTCOME_REFUSED;
		attempt->reason = "terms_declined";
		attempt->error_code = "rejectedTermsOfUse";
		attempt->remedy =
		    "The user declined the Terms of Use. Ask them to join again and accept.";
	}
	record = (struct decision_record){op, &ret->state, attempt, ret->is_accepted,
					  detail_of(op, &ret->state)};
	r = store_story_place(db_reader(op->db), op->arena, attempt);
	if (r == 0)
		r = db_transact(op->db, decision_record, &record);
	/* STORE_E_CONFLICT: this page was posted before; it is recorded, and the answer the same.
	 */
	if (r && r != STORE_E_CONFLICT)
		return ERR_FAIL(&op->trail, r < 0 ? r : ERR_STORE, "%s", db_error(op->db));
	ret->location = decision_location(op, ret);
	return 0;
}
