/* SPDX-License-Identifier: Apache-2.0 */
/*
 * credentials.c: see tenants.h. What a tenant's application proves itself with. The secret part is
 * sealed before it reaches the store, for its own row only; no function gives it back.
 */
#include "admin/tenants.h"

#include "base/json.h"
#include "entra/app_tokens.h"
#include "store/credential.h"
#include "store/tenant.h"
#include "x509/cert.h"
#include "x509/key.h"

enum { SECRET_MAX = 256, PEM_MAX = 16 * 1024 };

static int secret_check(struct admin *admin, const struct credential_input *input)
{
	if (!input->secret.ptr || input->secret.len == 0 || input->secret.len > SECRET_MAX ||
	    !text_is_printable(input->secret))
		return admin_refuse(admin, ADMIN_E_INVALID,
				    "secret must have 1 to %d printable characters", SECRET_MAX);
	return 0;
}

static int certificate_check(struct admin *admin, const struct credential_input *input,
			     struct x509_cert *ret)
{
	if (!input->certificate_pem.ptr || !input->key_pem.ptr ||
	    input->certificate_pem.len > PEM_MAX || input->key_pem.len > PEM_MAX)
		return admin_refuse(admin, ADMIN_E_INVALID,
				    "a certificate needs certificate and key, both as PEM");
	if (x509_cert_read_pem(admin->op->arena, input->certificate_pem, ret))
		return admin_refuse(admin, ADMIN_E_INVALID, "certificate is not a PEM certificate");
	if (ret->key_kind != X509_KEY_RSA)
		return admin_refuse(admin, ADMIN_E_INVALID, "the certificate's key must be RSA");
	if (ret->not_after <= admin->op->now)
		return admin_refuse(admin, ADMIN_E_INVALID, "the certificate has expired");
	if (!x509_key_matches(input->key_pem, ret))
		return admin_refuse(admin, ADMIN_E_INVALID,
				    "key is not the private key of the certificate");
	return 0;
}

static char *seal(struct admin *admin, const struct credential *credential, struct text plain)
{
	char *place = arena_printf(admin->op->arena, "credentials|%s|%s", credential->tenant_id,
				   credential->id);

	return secret_seal(admin->op->arena, &admin->op->keys->credentials, text_of(place), plain);
}

static int input_check(struct admin *admin, const struct credential_input *input,
		       struct credential *credential)
{
	struct x509_cert cert = {0};
	int r;

	switch (input->kind) {
	case CREDENTIAL_SECRET:
		r = secret_check(admin, input);
		if (r == 0)
			credential->sealed = seal(admin, credential, input->secret);
		credential->not_after = input->not_after;
		return r;
	case CREDENTIAL_CERTIFICATE:
		r = certificate_check(admin, input, &cert);
		if (r)
			return r;
		credential->sealed = seal(admin, credential, input->key_pem);
		credential->certificate = arena_cstr(admin->op->arena, input->certificate_pem);
		credential->not_after = cert.not_after;
		return 0;
	case CREDENTIAL_FEDERATED:
		break;
	}
	return admin_refuse(admin, ADMIN_E_INVALID, "kind must be secret or certificate");
}

static int credential_insert(struct db_conn *tx, void *argument)
{
	const struct credential *credential = argument;
	int r;

	r = store_credential_add(tx, credential);
	return r ? r : admin_tenant_release(tx, credential->tenant_id, credential->created_at);
}

static void token_drop(struct admin *admin, const char *tenant_id)
{
	struct op *op = admin->op;
	struct tenant tenant;

	if (store_tenant_load(db_reader(op->db), op->arena, text_of(tenant_id), &tenant) == 0)
		entra_app_token_drop(op, &tenant);
}

static struct admin_record record_of(const char *tenant_id, const char *id, const char *action,
				     const char *detail)
{
	return (struct admin_record){
	    .tenant_id = tenant_id,
	    .action = action,
	    .object_kind = "credential",
	    .object_id = id,
	    .detail = detail,
	};
}

int admin_credential_add(struct admin *admin, const char *tenant_id,
			 const struct credential_input *input, struct credential *ret)
{
	struct op *op = admin->op;
	struct credential credential = {
	    .id = store_new_id(admin->op->arena),
	    .kind = input->kind,
	    .state = CREDENTIAL_ACTIVE,
	    .certificate = "",
	    .last_error = "",
	    .created_at = op->now,
	};
	struct admin_record record;
	struct tenant tenant;
	int r;

	r = admin_found(
	    admin, "tenant",
	    store_tenant_load(db_reader(op->db), op->arena, text_of(tenant_id), &tenant));
	if (r)
		return r;
	credential.tenant_id = tenant.tenant_id;
	r = input_check(admin, input, &credential);
	if (r)
		return r;
	record = record_of(
	    credential.tenant_id, credential.id, "credential.add",
	    arena_printf(op->arena, "{\"kind\":\"%s\"}", credential_kind_name(input->kind)));
	r = admin_transact(admin, "credential", &record, credential_insert, &credential);
	if (r)
		return r;
	entra_app_token_drop(op, &tenant);
	*ret = credential;
	return 0;
}

struct target {
	const char *tenant_id;
	const char *id;
	int64_t now;
	struct arena *arena;
};

static int credential_delete(struct db_conn *tx, void *argument)
{
	const struct target *target = argument;

	return store_credential_remove(tx, text_of(target->tenant_id), text_of(target->id));
}

int admin_credential_remove(struct admin *admin, const char *tenant_id, const char *id)
{
	struct target target = {tenant_id, id, admin->op->now, admin->op->arena};
	struct admin_record record = record_of(tenant_id, id, "credential.remove", NULL);
	int r;

	r = admin_transact(admin, "credential", &record, credential_delete, &target);
	if (r == 0)
		token_drop(admin, tenant_id);
	return r;
}

static int credential_promote(struct db_conn *tx, void *argument)
{
	const struct target *target = argument;
	struct text tenant = text_of(target->tenant_id);
	struct credential *list;
	size_t n;
	int r;

	r = store_credential_set_state(tx, tenant, text_of(target->id), CREDENTIAL_ACTIVE,
				       TEXT_EMPTY);
	if (r == 0)
		r = store_credential_list(tx, target->arena, tenant, &list, &n);
	for (size_t i = 0; r == 0 && i < n; i++) {
		if (list[i].state != CREDENTIAL_ACTIVE || !strcmp(list[i].id, target->id))
			continue;
		r = store_credential_set_state(tx, tenant, text_of(list[i].id), CREDENTIAL_RETIRING,
					       TEXT_EMPTY);
	}
	return r ? r : admin_tenant_release(tx, target->tenant_id, target->now);
}

int admin_credential_rotate(struct admin *admin, const char *tenant_id, const char *id,
			    struct credential *ret)
{
	struct op *op = admin->op;
	struct target target = {tenant_id, id, op->now, op->arena};
	struct admin_record record = record_of(tenant_id, id, "credential.rotate", NULL);
	int r;

	r = admin_transact(admin, "credential", &record, credential_promote, &target);
	if (r)
		return r;
	token_drop(admin, tenant_id);
	return admin_found(admin, "credential",
			   store_credential_load(db_reader(op->db), op->arena, text_of(tenant_id),
						 text_of(id), ret));
}
