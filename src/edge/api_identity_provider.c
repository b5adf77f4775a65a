/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_identity_provider.c: /api/v1/tenants/{}/identity-provider: at most one of a tenant.
 */
#include "edge/api_resources.h"

#include "admin/identity_provider.h"
#include "store/identity_provider.h"

/* The secret part has no place here. */
static void provider_write(struct api_call *call, const struct identity_provider *p)
{
	struct json_writer *w = &call->json;

	json_begin_object(w, NULL);
	json_add_c(w, "tenant_id", p->tenant_id);
	json_add_c(w, "issuer", p->issuer);
	json_add_c(w, "client_id", p->client_id);
	json_add_bool(w, "has_client_secret", p->sealed[0] != '\0');
	json_add_c(w, "scopes", p->scopes);
	json_add_c(w, "user_claim", p->user_claim);
	json_add_c(w, "required_claim", p->required_claim);
	json_add_c(w, "redirect_uri", admin_identity_provider_redirect_uri(&call->admin));
	json_add_time(w, "created_at", p->created_at);
	json_add_time(w, "updated_at", p->updated_at);
	json_end_object(w);
}

static int provider_load(struct api_call *call, struct identity_provider *ret)
{
	return admin_found(
	    &call->admin, "identity provider",
	    store_identity_provider_load(db_reader(call->op->db), call->op->arena,
					 text_of(admin_lower(&call->admin, call->args[0])), ret));
}

static int provider_fields(struct api_call *call, struct identity_provider *p,
			   struct text *ret_secret)
{
	static const char *const fields[] = {
	    "issuer", "client_id", "client_secret", "scopes", "user_claim", "required_claim", NULL};
	const char *secret = NULL;

	api_fields_known(call, fields);
	api_field_text(call, "issuer", &p->issuer);
	api_field_text(call, "client_id", &p->client_id);
	api_field_text(call, "client_secret", &secret);
	api_field_text(call, "scopes", &p->scopes);
	api_field_text(call, "user_claim", &p->user_claim);
	api_field_text(call, "required_claim", &p->required_claim);
	*ret_secret = secret ? text_of(secret) : (struct text){.ptr = NULL};
	return api_fields_done(call);
}

int api_identity_provider_show(struct api_call *call)
{
	struct identity_provider provider;
	int r = provider_load(call, &provider);

	if (r)
		return r;
	api_begin(call, 200);
	provider_write(call, &provider);
	return 0;
}

int api_identity_provider_add(struct api_call *call)
{
	struct identity_provider provider = {
	    .tenant_id = call->args[0],
	    .issuer = "",
	    .client_id = "",
	    .scopes = "openid profile email",
	    .user_claim = "",
	    .required_claim = "",
	};
	struct text secret;
	int r = provider_fields(call, &provider, &secret);

	if (r == 0)
		r = admin_identity_provider_add(&call->admin, &provider, secret);
	if (r)
		return r;
	api_begin(call, 201);
	provider_write(call, &provider);
	return 0;
}

static int provider_change(struct api_call *call, struct identity_provider *ret)
{
	struct text secret;
	int r = provider_load(call, ret);

	if (r == 0)
		r = provider_fields(call, ret, &secret);
	return r ? r : admin_identity_provider_update(&call->admin, ret, secret);
}

int api_identity_provider_update(struct api_call *call)
{
	struct identity_provider provider;
	int r = ADMIN_E_STALE;

	for (int i = 0; i < API_CHANGE_TRIES && r == ADMIN_E_STALE; i++)
		r = provider_change(call, &provider);
	if (r)
		return r;
	api_begin(call, 200);
	provider_write(call, &provider);
	return 0;
}

int api_identity_provider_remove(struct api_call *call)
{
	int r = admin_identity_provider_remove(&call->admin, call->args[0]);

	if (r)
		return r;
	api_no_content(call);
	return 0;
}

int api_identity_provider_check(struct api_call *call)
{
	struct provider_finding findings[PROVIDER_FINDINGS];
	int r = api_fields_none(call);

	if (r == 0)
		r = admin_identity_provider_check(&call->admin, call->args[0], findings);
	if (r)
		return r;
	api_begin(call, 202);
	json_begin_object(&call->json, NULL);
	json_begin_array(&call->json, "findings");
	for (size_t i = 0; i < PROVIDER_FINDINGS; i++) {
		json_begin_object(&call->json, NULL);
		json_add_c(&call->json, "what", findings[i].what);
		json_add_bool(&call->json, "ok", findings[i].is_ok);
		json_add_c(&call->json, "detail", findings[i].detail);
		json_end_object(&call->json);
	}
	json_end_array(&call->json);
	json_end_object(&call->json);
	return 0;
}
