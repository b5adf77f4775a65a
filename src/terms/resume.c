/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resume.c: a page that comes back with its sealed state, by its form or by its address, see
 * terms.h. Whatever comes with a state is judged here and nowhere else.
 */
#include "terms/terms.h"

#include "store/tenant.h"

/* The state, authentic and of a tenant that is still served. */
static int state_read(struct op *op, struct text sealed, struct terms_resumed *resumed)
{
	const struct terms_consent *state = &resumed->state;
	int r, opened;

	opened = terms_state_open(op->arena, &op->keys->terms, sealed, op->now, &resumed->state);
	if (opened == CONSENT_E_FORGED)
		return TERMS_E_STATE;
	r = redirect_uri_read(op->arena, text_of(state->redirect_uri), &resumed->redirect);
	if (r)
		return TERMS_E_STATE;
	if (opened == CONSENT_E_EXPIRED)
		return TERMS_E_EXPIRED;
	r = store_tenant_load(db_reader(op->db), op->arena, text_of(state->tenant_id),
			      &resumed->tenant);
	if (r < 0)
		return ERR_FAIL(&op->trail, r, "%s", db_error(op->db));
	if (r == STORE_E_NOT_FOUND || !resumed->tenant.is_enabled)
		return TERMS_E_TENANT;
	/* The rule may have become narrower while the page was open. */
	if (!terms_redirect_is_allowed(op, &resumed->tenant, &resumed->redirect))
		return TERMS_E_REDIRECT_URI;
	return 0;
}

static void attempts_fill(struct enrollment *attempts, size_t count,
			  const struct terms_consent *state)
{
	for (size_t i = 0; i < count; i++) {
		attempts[i].tenant_id = state->tenant_id;
		attempts[i].user_object_id = state->object_id;
		attempts[i].user_principal_name = state->user_name;
		attempts[i].client_request_id = state->client_request_id;
		attempts[i].auth = enroll_auth_name(ENROLL_AUTH_ENTRA);
	}
}

int terms_resume(struct op *op, const struct terms_form *form, struct enrollment *attempts,
		 size_t count, struct terms_resumed *ret)
{
	struct text sealed;
	size_t states;
	int r;

	*ret = (struct terms_resumed){.frame_ancestors = ""};
	sealed = http_form_get(form->params, form->count, "state", &states);
	if (states != 1)
		return TERMS_E_STATE;
	r = state_read(op, sealed, ret);
	if (ret->state.tenant_id)
		attempts_fill(attempts, count, &ret->state);
	if (r)
		return r;
	ret->sealed = sealed;
	ret->frame_ancestors = ret->tenant.frame_ancestors;
	r = terms_document_of_consent(op, &ret->tenant, &ret->state, &ret->document);
	if (r)
		return ERR_TRACE(&op->trail, r);
	ret->is_changed = strcmp(ret->document.version, ret->state.version) != 0;
	return 0;
}

int terms_show_again(struct op *op, const struct terms_form *form, bool is_trial,
		     struct enrollment *attempt, struct buf *page, struct terms_resumed *ret)
{
	struct terms_showing showing = {.tenant = &ret->tenant,
					.about = &ret->state,
					.document = &ret->document,
					.is_trial = is_trial};
	int r;

	*ret = (struct terms_resumed){.frame_ancestors = ""};
	/* Which of two ways back to Windows would be meant? */
	if (form->count != 1)
		return TERMS_E_STATE;
	r = terms_resume(op, form, attempt, 1, ret);
	if (r < 0)
		return ERR_TRACE(&op->trail, r);
	if (r)
		return r;
	if (ret->is_changed)
		showing.notice = TERMS_NOTICE_CHANGED;
	else
		showing.sealed = ret->sealed;
	r = terms_page_make(op, &showing, page);
	return r ? ERR_TRACE(&op->trail, r) : TERMS_E_SHOW_AGAIN;
}
