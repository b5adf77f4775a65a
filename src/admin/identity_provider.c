/* SPDX-License-Identifier: Apache-2.0 */
/*
 * identity_provider.c: see identity_provider.h. The client secret is sealed before it reaches the
 * store, for its own row only; no function gives it back.
 */
#include "admin/identity_provider.h"

#include "base/json.h"
#include "oidc/provider.h"
#include "oidc/rules.h"
#include "oidc/sign_in.h"
#include "store/identity_provider.h"
#include "store/tenant.h"

enum { CLIENT_ID_MAX = 255, SECRET_MAX = 512, SCOPES_MAX = 512, CLAIM_MAX = 255 };

static bool has_scope(const char *scopes, const char *wanted)
{
	struct text rest = text_of(scopes);

	while (rest.ptr)
		if (text_eq_c(text_cut(&rest, ' '), wanted))
			return true;
	return false;
}

static bool is_word(const char *value, size_t max)
{
	struct text t = text_of(value);

	return t.len > 0 && t.len <= max && text_is_printable(t) && !text_has_byte(t, ' ');
}

static int claims_check(struct admin *admin, const struct identity_provider *provider)
{
	struct text name, value, issuer = text_of(provider->issuer);

	if (provider->user_claim[0] && !is_word(provider->user_claim, CLAIM_MAX))
		return admin_refuse(admin, ADMIN_E_INVALID,
				    "user_claim must be the name of a claim");
	if (!provider->required_claim[0]) {
		/* It signs in everybody who has an account with Google. */
		if (text_eq_c(issuer, "https://accounts.google.com"))
			return admin_refuse(admin, ADMIN_E_INVALID,
					    "this issuer serves everybody: set required_claim, for "
					    "Google to hd=your-domain");
		return 0;
	}
	if (strlen(provider->required_claim) > CLAIM_MAX ||
	    !text_is_printable(text_of(provider->required_claim)) ||
	    !oidc_required_claim_read(text_of(provider->required_claim), &name, &value))
		return admin_refuse(admin, ADMIN_E_INVALID, "required_claim must be NAME=VALUE");
	return 0;
}

static int provider_check(struct admin *admin, const struct identity_provider *provider)
{
	if (!oidc_issuer_is_ok(text_of(provider->issuer)))
		return admin_refuse(
		    admin, ADMIN_E_INVALID,
		    "issuer must be https://host, with an optional port and path, as "
		    "the provider's metadata spells it");
	if (!is_word(provider->client_id, CLIENT_ID_MAX))
		return admin_refuse(admin, ADMIN_E_INVALID,
				    "client_id must have 1 to %d printable characters",
				    CLIENT_ID_MAX);
	if (strlen(provider->scopes) > SCOPES_MAX ||
	    !text_is_printable(text_of(provider->scopes)) || !has_scope(provider->scopes, "openid"))
		return admin_refuse(admin, ADMIN_E_INVALID,
				    "scopes must be words with blanks between, openid among them");
	return claims_check(admin, provider);
}

static int provider_secret_set(struct admin *admin, struct identity_provider *provider,
			       struct text secret)
{
	struct op *op = admin->op;

	if (!secret.ptr)
		return 0;
	if (secret.len > SECRET_MAX || !text_is_printable(secret))
		return admin_refuse(admin, ADMIN_E_INVALID,
				    "client_secret must have at most %d printable characters",
				    SECRET_MAX);
	provider->sealed = "";
	if (secret.len > 0)
		provider->sealed =
		    secret_seal(op->arena, &op->keys->credentials,
				text_of(oidc_secret_place(op->arena, provider->tenant_id)), secret);
	return 0;
}

static const char *detail_of(struct admin *admin, const struct identity_provider *provider)
{
	struct json_writer w;
	struct buf buf;

	buf_init(&buf, admin->op->arena);
	json_writer_init(&w, &buf);
	json_begin_object(&w, NULL);
	json_add_c(&w, "issuer", provider->issuer);
	json_add_c(&w, "client_id", provider->client_id);
	json_add_bool(&w, "has_client_secret", provider->sealed[0] != '\0');
	json_add_c(&w, "scopes", provider->scopes);
	json_add_c(&w, "user_claim", provider->user_claim);
	json_add_c(&w, "required_claim", provider->required_claim);
	json_end_object(&w);
	return buf.data;
}

static struct admin_record record_of(const char *tenant_id, const char *action, const char *detail)
{
	return (struct admin_record){
	    .tenant_id = tenant_id,
	    .action = action,
	    .object_kind = "identity_provider",
	    .object_id = tenant_id,
	    .detail = detail,
	};
}

static int provider_insert(struct db_conn *tx, void *argument)
{
	return store_identity_provider_add(tx, argument);
}

static int provider_write(struct db_conn *tx, void *argument)
{
	return store_identity_provider_update(tx, argument);
}

static int provider_delete(struct db_conn *tx, void *argument)
{
	return store_identity_provider_remove(tx, text_of(argument));
}

int admin_identity_provider_add(struct admin *admin, struct identity_provider *provider,
				struct text secret)
{
	struct op *op = admin->op;
	struct admin_record record;
	struct tenant tenant;
	int r;

	r = admin_found(admin, "tenant",
			store_tenant_load(db_reader(op->db), op->arena,
					  text_of(admin_lower(admin, provider->tenant_id)),
					  &tenant));
	if (r)
		return r;
	provider->tenant_id = tenant.tenant_id;
	provider->sealed = "";
	r = provider_check(admin, provider);
	if (r == 0)
		r = provider_secret_set(admin, provider, secret);
	if (r)
		return r;
	provider->version = 1;
	provider->created_at = provider->updated_at = op->now;
	record =
	    record_of(provider->tenant_id, "identity_provider.add", detail_of(admin, provider));
	return admin_transact(admin, "identity provider", &record, provider_insert, provider);
}

int admin_identity_provider_update(struct admin *admin, struct identity_provider *provider,
				   struct text secret)
{
	struct admin_record record;
	int r = provider_check(admin, provider);

	if (r == 0)
		r = provider_secret_set(admin, provider, secret);
	if (r)
		return r;
	provider->updated_at = admin->op->now;
	record =
	    record_of(provider->tenant_id, "identity_provider.update", detail_of(admin, provider));
	r = admin_transact(admin, "identity provider", &record, provider_write, provider);
	if (r == 0)
		provider->version++;
	return r;
}

int admin_identity_provider_remove(struct admin *admin, const char *tenant_id)
{
	const char *id = admin_lower(admin, tenant_id);
	const struct admin_record record = record_of(id, "identity_provider.remove", NULL);

	return admin_transact(admin, "identity provider", &record, provider_delete,
			      (void *)(uintptr_t)id);
}

const char *admin_identity_provider_redirect_uri(struct admin *admin)
{
	return arena_printf(admin->op->arena, "%s" SIGN_IN_PATH_RETURN,
			    admin->op->config->public.url);
}

/* Documents that could be had. */
static int documents_find(struct admin *admin, const struct tenant *tenant,
			  const struct identity_provider *provider, struct provider_finding *ret)
{
	struct op *op = admin->op;
	const char *step;
	int r = oidc_provider_probe(op, tenant, provider, &step);

	if (r <= 0)
		return r < 0 ? ERR_TRACE(&op->trail, r) : 0;
	for (size_t i = 0; i < 2; i++) {
		if (strcmp(ret[i].what, step) != 0)
			continue;
		ret[i].is_ok = false;
		ret[i].detail = arena_string(op->arena, op->trail.cause);
	}
	if (!ret[0].is_ok)
		ret[1] =
		    (struct provider_finding){"signing keys", false, "needs the metadata first"};
	return 0;
}

/* Client id and secret, where the metadata says whom to ask. */
static int client_find(struct admin *admin, const struct tenant *tenant,
		       const struct identity_provider *provider, struct provider_finding *ret)
{
	struct op *op = admin->op;
	int r =
	    oidc_client_probe(op, tenant, provider, admin_identity_provider_redirect_uri(admin));

	if (r <= 0)
		return r < 0 ? ERR_TRACE(&op->trail, r) : 0;
	ret->detail = arena_string(op->arena, op->trail.cause);
	switch ((enum oidc_provider_outcome)r) {
	case OIDC_PROVIDER_E_CODE:
	case OIDC_PROVIDER_E_REFUSED:
		ret->detail =
		    arena_printf(op->arena, "the provider's answer does not tell: %s", ret->detail);
		return 0;
	case OIDC_PROVIDER_E_CLIENT:
	case OIDC_PROVIDER_E_UNAVAILABLE:
		break;
	}
	ret->is_ok = false;
	return 0;
}

int admin_identity_provider_check(struct admin *admin, const char *tenant_id,
				  struct provider_finding ret[PROVIDER_FINDINGS])
{
	struct op *op = admin->op;
	struct identity_provider provider;
	struct tenant tenant;
	int r;

	r = admin_found(admin, "tenant",
			store_tenant_load(db_reader(op->db), op->arena,
					  text_of(admin_lower(admin, tenant_id)), &tenant));
	if (r == 0)
		r = admin_found(admin, "identity provider",
				store_identity_provider_load(db_reader(op->db), op->arena,
							     text_of(tenant.tenant_id), &provider));
	if (r)
		return r;
	ret[0] = (struct provider_finding){"metadata", true, ""};
	ret[1] = (struct provider_finding){"signing keys", true, ""};
	ret[2] = (struct provider_finding){"enrolment method", sign_in_is_offered(&tenant), ""};
	if (!ret[2].is_ok)
		ret[2].detail = "add federated to enrollment_methods of the tenant, or nobody is "
				"sent to this provider";
	ret[3] = (struct provider_finding){"client id and secret", true, ""};
	r = documents_find(admin, &tenant, &provider, ret);
	if (r)
		return r;
	if (ret[0].is_ok && ret[1].is_ok)
		return client_find(admin, &tenant, &provider, &ret[3]);
	ret[3] = (struct provider_finding){"client id and secret", false,
					   "needs metadata and keys first"};
	return 0;
}
