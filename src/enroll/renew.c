/* SPDX-License-Identifier: Apache-2.0 */
/*
 * renew.c: see renew.h. Checks in this order: the signature, for before it nothing said is
 * anybody's; then who it is and whether that one may; then what is asked for. After that as in
 * enroll.c: intent, signature, commit.
 *
 * The idempotency key of a renewal is the hash of the old certificate and the new public key, so
 * a lost answer can be asked for again and nothing else can.
 */
#include "enroll/renew.h"

#include "base/b64.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/json.h"
#include "base/limits.h"
#include "enroll/issue.h"
#include "enroll/reason.h"
#include "entra/cloud.h"
#include "signer/signer.h"
#include "store/audit.h"
#include "store/certificate.h"
#include "store/command.h"
#include "store/device.h"
#include "store/enrollment.h"
#include "store/tenant.h"
#include "x509/cms.h"
#include "x509/csr.h"

enum { DAY_S = 24 * 3600, OS_VERSION_MAX = 64 };
enum {
	WINDOW_SLACK_S = DAY_S,   /* the device's clock, and its time zone */
	YOUNG_PARTS = 10,         /* a tenth of its life makes a certificate old enough anyway */
	ORDER_GOOD_S = 14 * DAY_S /* how long RenewNow, once sent, allows it */
};

/* One renewal under way. */
struct renewal {
	struct op *op;
	const struct renew_request *request;
	struct enrollment *attempt;
	struct x509_cms cms;
	struct x509_csr csr;
	struct device_certificate old;
	struct x509_cert signer;
	struct device device;
	struct device_certificate certificate; /* the new row: found or intended */
	const char *token_sha256;
	bool is_key_known;
	struct text der;
	const char *sha256;
};

static int refuse(struct renewal *n, const char *reason)
{
	enroll_attempt_refuse_known(n->attempt, reason);
	return RENEW_E_REFUSED;
}

static int store_failed(struct renewal *n, int r)
{
	return ERR_FAIL(&n->op->trail, r < 0 ? r : ERR_STORE, "%s", db_error(n->op->db));
}

static int certificate_parse(struct renewal *n)
{
	struct arena *arena = n->op->arena;
	struct text der;

	if (b64_read(arena, text_of(n->old.der), &der) || x509_cert_read(arena, der, &n->signer))
		return ERR_FAIL(&n->op->trail, ERR_STORE, "certificate %s cannot be read",
				n->old.id);
	return 0;
}

/* Whose key signed the message. The certificate is ours, from the store; what the message brings
 * along is not looked at. */
static int signature_check(struct renewal *n)
{
	struct op *op = n->op;
	int r = x509_cms_read(op->arena, n->request->cms, &n->cms);

	if (r)
		return refuse(n, "renew_malformed");
	r = store_certificate_find_serial(db_reader(op->db), op->arena, text_of(n->cms.serial),
					  &n->old);
	if (r < 0)
		return store_failed(n, r);
	if (r)
		return refuse(n, "renew_unknown_certificate");
	r = certificate_parse(n);
	if (r == 0)
		r = x509_cms_verify(&n->cms, &n->signer, &op->trail);
	if (r < 0)
		return ERR_TRACE(&op->trail, r);
	return r ? refuse(n, "renew_signature") : 0;
}

/* From here on the sender is known. */
static void attempt_fill(struct renewal *n)
{
	struct text os = n->request->os_version;
	struct enrollment *attempt = n->attempt;
	const struct device *device = &n->device;

	os = os.ptr ? text_take(text_trim(os), OS_VERSION_MAX) : TEXT_EMPTY;
	attempt->tenant_id = device->tenant_id;
	attempt->device_id = device->id;
	attempt->entra_device_id = device->entra_device_id;
	attempt->user_principal_name = device->user_principal_name;
	attempt->user_object_id = device->user_object_id;
	attempt->device_name = device->name;
	attempt->os_version =
	    os.len > 0 && text_is_printable(os) ? arena_cstr(n->op->arena, os) : device->os_version;
	attempt->auth = enroll_auth_name(device->auth);
}

static int device_check(struct renewal *n)
{
	struct op *op = n->op;
	struct text tenant_id = text_of(n->old.tenant_id);
	struct tenant tenant;
	int r;

	r = store_device_load(db_reader(op->db), op->arena, tenant_id, text_of(n->old.device_id),
			      &n->device);
	if (r < 0)
		return store_failed(n, r);
	if (r)
		return refuse(n, "renew_unknown_certificate");
	attempt_fill(n);
	r = store_tenant_load(db_reader(op->db), op->arena, tenant_id, &tenant);
	if (r < 0)
		return store_failed(n, r);
	if (r || !tenant_is_served(op->config, &tenant))
		return refuse(n, "renew_tenant");
	return n->device.state == DEVICE_ENROLLED ? 0 : refuse(n, "renew_device_retired");
}

static int state_check(struct renewal *n)
{
	int64_t now = n->op->now;

	switch (n->old.state) {
	case CERTIFICATE_ACTIVE:
		break;
	case CERTIFICATE_SUPERSEDED:
		return refuse(n, "renew_superseded");
	case CERTIFICATE_INTENDED:
	case CERTIFICATE_REVOKED:
		return refuse(n, "renew_revoked");
	}
	if (now >= n->old.not_after + LIMIT_TOKEN_SKEW_S ||
	    now < n->old.not_before - LIMIT_TOKEN_SKEW_S)
		return refuse(n, "renew_expired");
	return 0;
}

/* What the sender says of itself must not contradict what it proved. */
static int sender_check(struct renewal *n)
{
	const char *peer = n->request->peer_sha256;
	struct text said = n->request->dm_device_id;

	if (peer && strcmp(peer, n->old.sha256) != 0)
		return refuse(n, "renew_tls_mismatch");
	if (said.ptr && !text_eq_nocase(text_trim(said), text_of(n->device.dm_device_id)))
		return refuse(n, "renew_other_device");
	return 0;
}

/* 0: RenewNow was sent to the device while it had this certificate; 1: not; negative. */
static int order_find(struct renewal *n)
{
	static const char *const origins[] = {"action:renew", "renewal"};
	struct op *op = n->op;

	for (size_t i = 0; i < ARRAY_LEN(origins); i++) {
		const struct command_filter filter = {.origin = text_of(origins[i])};
		struct command *list;
		size_t count;
		int r = store_command_list(db_reader(op->db), op->arena,
					   text_of(n->device.tenant_id), text_of(n->device.id),
					   &filter, TEXT_EMPTY, STORE_NO_LIMIT, &list, &count);

		if (r)
			return store_failed(n, r);
		for (size_t k = 0; k < count; k++)
			if (list[k].sent_at >= n->old.created_at &&
			    list[k].sent_at + ORDER_GOOD_S >= op->now)
				return 0;
	}
	return 1;
}

/* In its window, or old enough, or asked to: a key that is stolen on the first day shall not make
 * certificates as fast as it can. */
static int window_check(struct renewal *n)
{
	int64_t period = (int64_t)n->op->config->renew_days * DAY_S + WINDOW_SLACK_S;
	int64_t life = n->old.not_after - n->old.not_before;
	int r;

	if (n->op->now >= n->old.not_after - period ||
	    n->op->now >= n->old.not_before + life / YOUNG_PARTS)
		return 0;
	r = order_find(n);
	return r > 0 ? refuse(n, "renew_too_early") : r;
}

static int key_check(struct renewal *n)
{
	struct op *op = n->op;
	const char *name;
	int r = x509_csr_read(op->arena, n->cms.content, &n->csr, &op->trail);

	if (r < 0)
		return ERR_TRACE(&op->trail, r);
	if (r > 0) {
		name = x509_csr_outcome_name((enum x509_csr_outcome)r);
		return refuse(n, arena_printf(op->arena, "csr_%s", name));
	}
	if (!strcmp(n->csr.spki_sha256, n->signer.spki_sha256))
		return refuse(n, "renew_key_same");
	n->token_sha256 = digest_sha256_hex(
	    op->arena,
	    text_of(arena_printf(op->arena, "renewal|%s|%s", n->old.sha256, n->csr.spki_sha256)));
	return 0;
}

/* The same request before. On 0 certificate.id is set when there was one. */
static int repeat_find(struct renewal *n)
{
	int r =
	    enroll_certificate_repeat(n->op, n->old.tenant_id, n->token_sha256, &n->certificate);

	if (r < 0)
		return ERR_TRACE(&n->op->trail, r);
	return r == ENROLL_REPEAT_E_SPENT ? refuse(n, "renew_replayed") : 0;
}

static int intent_write(struct db_conn *tx, void *argument)
{
	struct renewal *n = argument;
	struct text tenant_id = text_of(n->old.tenant_id);
	struct device_certificate earlier;
	int r;

	n->is_key_known = false;
	r = store_certificate_find_token(tx, n->op->arena, tenant_id, text_of(n->token_sha256),
					 &earlier);
	if (r != STORE_E_NOT_FOUND)
		return r ? r : STORE_E_CONFLICT;
	/* No device is left out: it must be new for this one too. */
	r = store_certificate_find_spki(tx, n->op->arena, text_of(n->csr.spki_sha256), tenant_id,
					TEXT_EMPTY, &earlier);
	if (r && r != STORE_E_NOT_FOUND)
		return r;
	n->is_key_known = r == 0;
	return n->is_key_known ? STORE_E_IN_USE : store_certificate_add(tx, &n->certificate);
}

static int intent_store(struct renewal *n)
{
	struct op *op = n->op;
	int r;

	n->certificate = (struct device_certificate){
	    .tenant_id = n->old.tenant_id,
	    .id = store_new_id(op->arena),
	    .device_id = n->device.id,
	    .serial = "",
	    .spki_sha256 = n->csr.spki_sha256,
	    .token_sha256 = n->token_sha256,
	    .consent_id = "",
	    .sha256 = "",
	    .der = "",
	    .state = CERTIFICATE_INTENDED,
	    .created_at = op->now,
	    .renews_id = n->old.id,
	};
	r = db_transact(op->db, intent_write, n);
	if (r < 0)
		return store_failed(n, r);
	if (n->is_key_known)
		return refuse(n, "renew_key_known");
	return r ? repeat_find(n) : 0;
}

static const char *audit_detail(struct renewal *n)
{
	struct json_writer w;
	struct buf buf;

	buf_init(&buf, n->op->arena);
	json_writer_init(&w, &buf);
	json_begin_object(&w, NULL);
	json_add_c(&w, "certificate_sha256", n->sha256);
	json_add_c(&w, "previous_sha256", n->old.sha256);
	json_add_time(&w, "not_after", n->certificate.not_after);
	json_add_bool(&w, "tls_authenticated", n->request->peer_sha256 != NULL);
	json_add_bool(&w, "cms_sha1", n->cms.is_sha1);
	json_add_bool(&w, "csr_sha1", n->csr.is_sha1);
	json_end_object(&w);
	return buf.data;
}

static int records_add(struct db_conn *tx, struct renewal *n)
{
	const struct audit_entry entry = {
	    .tenant_id = n->device.tenant_id,
	    .id = store_new_id(n->op->arena),
	    .at = n->op->now,
	    .actor = arena_printf(n->op->arena, "device:%s", n->device.id),
	    .action = "device.renew",
	    .object_kind = "device",
	    .object_id = n->device.id,
	    .outcome = "ok",
	    .source = n->op->source,
	    .trace_id = n->op->trace_id,
	    .detail = audit_detail(n),
	};
	int r = store_audit_add(tx, &entry);

	return r ? r : store_enrollment_add(tx, n->attempt);
}

/* What was checked before must still hold: the device may have been retired, or used a newer
 * certificate, since. */
static int standing_check(struct db_conn *tx, struct renewal *n)
{
	struct device_certificate old;
	struct device device;
	int r = store_certificate_load(tx, n->op->arena, text_of(n->old.tenant_id),
				       text_of(n->old.id), &old);

	if (r == 0)
		r = store_device_load(tx, n->op->arena, text_of(n->old.tenant_id),
				      text_of(n->device.id), &device);
	if (r)
		return r < 0 ? r : STORE_E_CONFLICT;
	return old.state == CERTIFICATE_ACTIVE && device.state == DEVICE_ENROLLED
		   ? 0
		   : STORE_E_CONFLICT;
}

static int commit_write(struct db_conn *tx, void *argument)
{
	struct renewal *n = argument;
	struct text tenant_id = text_of(n->old.tenant_id);
	const struct certificate_issue issue = {
	    .device_id = text_of(n->device.id),
	    .sha256 = text_of(n->sha256),
	    .serial = text_of(n->certificate.serial),
	    .der = text_of(b64_write(n->op->arena, n->der)),
	    .not_before = n->certificate.not_before,
	    .not_after = n->certificate.not_after,
	    .issuer_key_id = text_of(n->certificate.issuer_key_id),
	};
	int r = standing_check(tx, n);

	if (r == 0)
		r = store_certificate_activate(tx, tenant_id, text_of(n->certificate.id), &issue);
	if (r == 0)
		r = store_certificate_supersede_unused(tx, tenant_id, text_of(n->old.id),
						       text_of(n->certificate.id), n->op->now);
	return r ? r : records_add(tx, n);
}

static int repeat_write(struct db_conn *tx, void *argument)
{
	const struct renewal *n = argument;

	return store_enrollment_add(tx, n->attempt);
}

static void result_set(struct renewal *n, bool is_repeated, struct renew_result *ret)
{
	*ret = (struct renew_result){
	    .device = n->device,
	    .certificate_der = n->der,
	    .is_repeated = is_repeated,
	    .is_root_changed = !x509_cert_is_signed_by(&n->signer, signer_ca(n->op->signer)),
	};
}

static int repeat(struct renewal *n, struct renew_result *ret)
{
	int r;

	if (b64_read(n->op->arena, text_of(n->certificate.der), &n->der))
		return ERR_FAIL(&n->op->trail, ERR_STORE, "certificate %s is not base64",
				n->certificate.id);
	r = db_transact(n->op->db, repeat_write, n);
	if (r)
		return store_failed(n, r);
	result_set(n, true, ret);
	return 0;
}

static int issue(struct renewal *n, struct renew_result *ret)
{
	int r =
	    enroll_certificate_issue(n->op, n->csr.spki_der, &n->certificate, &n->der, &n->sha256);

	if (r < 0)
		return ERR_TRACE(&n->op->trail, r);
	r = db_transact(n->op->db, commit_write, n);
	if (r < 0)
		return store_failed(n, r);
	if (r == 0) {
		result_set(n, false, ret);
		return 0;
	}
	if (r == STORE_E_NOT_FOUND) {
		/* An equal request was faster. */
		r = repeat_find(n);
		if (r)
			return r;
		if (n->certificate.id && n->certificate.state == CERTIFICATE_ACTIVE)
			return repeat(n, ret);
	}
	enroll_attempt_refuse_known(n->attempt, "concurrent");
	return RENEW_E_CONCURRENT;
}

static int checks(struct renewal *n)
{
	static int (*const all[])(struct renewal *) = {
	    signature_check, device_check, state_check, sender_check, key_check, repeat_find,
	};
	int r = 0;

	for (size_t i = 0; i < ARRAY_LEN(all) && r == 0; i++)
		r = all[i](n);
	/* What was granted once is not looked at again. */
	if (r == 0 && !n->certificate.id)
		r = window_check(n);
	return r;
}

int enroll_renew(struct op *op, const struct renew_request *request, struct enrollment *attempt,
		 struct renew_result *ret)
{
	struct renewal n = {.op = op, .request = request, .attempt = attempt};
	int r = checks(&n);

	if (r == 0 && !n.certificate.id)
		r = intent_store(&n);
	if (r)
		return r;
	return n.certificate.state == CERTIFICATE_ACTIVE ? repeat(&n, ret) : issue(&n, ret);
}
