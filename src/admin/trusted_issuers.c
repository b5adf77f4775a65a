/* SPDX-License-Identifier: Apache-2.0 */
/*
 * trusted_issuers.c: see trusted_issuers.h. Whoever holds a key of such a CA can enrol devices as
 * any user of the tenant, so a mistake is refused here rather than found out later.
 */
#include "admin/trusted_issuers.h"

#include "base/digest.h"
#include "base/json.h"
#include "base/limits.h"
#include "signer/signer.h"
#include "store/tenant.h"
#include "store/trusted_issuer.h"
#include "x509/cert.h"
#include "x509/client.h"

enum { NAME_MAX_LEN = 128, PEM_MAX = 16 * 1024 };

static int certificate_read(struct admin *admin, struct text pem, struct x509_cert *ret)
{
	struct op *op = admin->op;

	if (!pem.ptr || pem.len == 0 || pem.len > PEM_MAX ||
	    x509_cert_read_pem(op->arena, pem, ret))
		return admin_refuse(admin, ADMIN_E_INVALID,
				    "certificate is not the PEM certificate of a CA");
	if (!x509_is_issuer(ret))
		return admin_refuse(admin, ADMIN_E_INVALID,
				    "the certificate is not of a CA that may issue certificates, "
				    "with an RSA key of at least %d bits or one on P-256 or P-384",
				    LIMIT_RSA_BITS_MIN);
	if (ret->not_after <= op->now || ret->not_before > op->now)
		return admin_refuse(admin, ADMIN_E_INVALID, "the certificate is not valid now");
	if (!strcmp(ret->spki_sha256, signer_ca(op->signer)->spki_sha256))
		return admin_refuse(admin, ADMIN_E_INVALID,
				    "this is the device CA of this server: its certificates must "
				    "not enrol further devices");
	return 0;
}

static int issuer_fill(struct admin *admin, const char *name, struct text pem,
		       struct trusted_issuer *issuer)
{
	struct op *op = admin->op;
	struct x509_cert cert = {0};
	int r = certificate_read(admin, pem, &cert);

	if (r)
		return r;
	if (!name || !name[0])
		name = x509_label(
		    op->arena,
		    text_take(cert.subject_cn.ptr ? cert.subject_cn : TEXT_EMPTY, NAME_MAX_LEN));
	if (!name[0])
		name = arena_cstr(op->arena, text_take(text_of(cert.sha256), 16));
	r = admin_check_text(admin, "name", name, 1, NAME_MAX_LEN);
	issuer->name = name;
	issuer->certificate = x509_pem_write(op->arena, cert.der).ptr;
	issuer->sha256 = cert.sha256;
	issuer->subject_sha256 = digest_sha256_hex(op->arena, cert.subject_der);
	issuer->not_after = cert.not_after;
	return r;
}

static int issuer_insert(struct db_conn *tx, void *argument)
{
	return store_trusted_issuer_add(tx, argument);
}

static const char *detail_write(struct op *op, const struct trusted_issuer *issuer)
{
	struct json_writer w;
	struct buf buf;

	buf_init(&buf, op->arena);
	json_writer_init(&w, &buf);
	json_begin_object(&w, NULL);
	json_add_c(&w, "name", issuer->name);
	json_add_c(&w, "sha256", issuer->sha256);
	json_end_object(&w);
	return buf.data;
}

static struct admin_record record_of(const char *tenant_id, const char *id, const char *action,
				     const char *detail)
{
	return (struct admin_record){
	    .tenant_id = tenant_id,
	    .action = action,
	    .object_kind = "trusted-issuer",
	    .object_id = id,
	    .detail = detail,
	};
}

/* The tenant exists and may name one CA more. */
static int room_check(struct admin *admin, const char *tenant_id)
{
	struct op *op = admin->op;
	struct trusted_issuer *list;
	struct tenant tenant;
	size_t n;
	int r;

	r = admin_found(
	    admin, "tenant",
	    store_tenant_load(db_reader(op->db), op->arena, text_of(tenant_id), &tenant));
	if (r == 0)
		r = admin_found(admin, "trusted issuer",
				store_trusted_issuer_list(db_reader(op->db), op->arena,
							  text_of(tenant_id), &list, &n));
	if (r)
		return r;
	if (n >= LIMIT_TRUSTED_ISSUERS)
		return admin_refuse(admin, ADMIN_E_STATE, "a tenant trusts at most %d issuers",
				    LIMIT_TRUSTED_ISSUERS);
	return 0;
}

int admin_trusted_issuer_add(struct admin *admin, const char *tenant_id, const char *name,
			     struct text certificate_pem, struct trusted_issuer *ret)
{
	struct op *op = admin->op;
	struct trusted_issuer issuer = {
	    .tenant_id = tenant_id,
	    .id = store_new_id(op->arena),
	    .created_at = op->now,
	};
	struct admin_record record;
	int r;

	r = room_check(admin, tenant_id);
	if (r == 0)
		r = issuer_fill(admin, name, certificate_pem, &issuer);
	if (r)
		return r;
	record = record_of(tenant_id, issuer.id, "trusted-issuer.add", detail_write(op, &issuer));
	r = admin_transact(admin, "trusted issuer", &record, issuer_insert, &issuer);
	if (r)
		return r;
	*ret = issuer;
	return 0;
}

struct target {
	const char *tenant_id;
	const char *id;
};

static int issuer_delete(struct db_conn *tx, void *argument)
{
	const struct target *target = argument;

	return store_trusted_issuer_remove(tx, text_of(target->tenant_id), text_of(target->id));
}

int admin_trusted_issuer_remove(struct admin *admin, const char *tenant_id, const char *id)
{
	struct target target = {tenant_id, id};
	struct admin_record record = record_of(tenant_id, id, "trusted-issuer.remove", NULL);

	return admin_transact(admin, "trusted issuer", &record, issuer_delete, &target);
}
