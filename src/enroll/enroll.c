/* SPDX-License-Identifier: Apache-2.0 */
/*
 * enroll.c: see enroll.h; who may enrol is decided in admit.c. Three steps with a durable point
 * between them:
 *
 *   intent   the certificate row, INTENDED, keyed by the hash of the token
 *   sign     the CA key is used (signer/), outside any transaction
 *   commit   certificate ACTIVE, older ones SUPERSEDED, device row, audit, attempt: one transaction
 *
 * A crash after the intent leaves a row that an equal retry takes up again. A certificate whose
 * commit did not happen is worth nothing: sessions know devices by the hash of a stored
 * certificate.
 */
#include "enroll/admit.h"

#include "base/b64.h"
#include "base/json.h"
#include "csp/desired.h"
#include "csp/renew.h"
#include "enroll/context.h"
#include "enroll/issue.h"
#include "enroll/seen.h"
#include "store/applied.h"
#include "store/audit.h"
#include "store/certificate.h"
#include "store/command.h"
#include "store/device.h"
#include "store/enrollment.h"
#include "store/fact.h"
#include "store/group.h"
#include "store/outbox.h"
#include "store/session.h"

enum { COMMIT_TRIES = 3 };

static int intent_write(struct db_conn *tx, void *argument)
{
	struct enrolment *e = argument;
	struct device_certificate earlier;
	int r;

	e->is_key_used = e->is_consent_used = false;
	r = store_certificate_find_token(tx, e->op->arena, text_of(e->certificate.tenant_id),
					 text_of(e->proof_sha256), &earlier);
	if (r != STORE_E_NOT_FOUND)
		return r ? r : STORE_E_CONFLICT;
	r = store_certificate_consent_exists(tx, text_of(e->certificate.tenant_id),
					     text_of(e->certificate.consent_id),
					     &e->is_consent_used);
	if (r)
		return r;
	r = store_certificate_find_spki(
	    tx, e->op->arena, text_of(e->csr.spki_sha256), text_of(e->certificate.tenant_id),
	    text_of(e->has_previous ? e->previous.id : ""), &e->key_owner);
	if (r && r != STORE_E_NOT_FOUND)
		return r;
	e->is_key_used = r == 0;
	if (e->is_consent_used || e->is_key_used)
		return STORE_E_IN_USE;
	return store_certificate_add(tx, &e->certificate);
}

/* Make the intent durable. Another request with the same token may have been faster: then its row
 * is ours too if the key is the same. That no other device has the key and that the consent is
 * unused is settled in the same transaction: of two that bring one at the same moment, one gets it.
 */
static int intent_store(struct enrolment *e)
{
	struct op *op = e->op;
	char device_id[UUID_TEXT_LEN + 1];
	int r;

	uuid_write(uuid_random(), device_id);
	e->certificate = (struct device_certificate){
	    .tenant_id = e->request->principal->tenant_id,
	    .id = store_new_id(op->arena),
	    .device_id = e->has_previous ? e->previous.id : arena_string(op->arena, device_id),
	    .serial = "",
	    .spki_sha256 = e->csr.spki_sha256,
	    .token_sha256 = e->proof_sha256,
	    .consent_id = e->request->consent_state == CONSENT_VALID ? e->request->consent->id : "",
	    .sha256 = "",
	    .der = "",
	    .state = CERTIFICATE_INTENDED,
	    .created_at = op->now,
	};
	r = db_transact(op->db, intent_write, e);
	if (r < 0)
		return enrolment_store_failed(e, r);
	if (e->is_consent_used)
		return enrolment_refuse(e, ENROLL_E_TERMS, "terms_used");
	if (e->is_key_used) {
		r = enrolment_refuse(e, ENROLL_E_KEY_IN_USE, "key_in_use");
		enroll_seen_key_owner(op, e->attempt, &e->key_owner);
		return r;
	}
	if (r == 0)
		return 0;
	r = enrolment_token_check(e);
	if (r == 0 && !e->certificate.id)
		return enrolment_refuse(e, ENROLL_E_CONCURRENT, "concurrent");
	return r;
}

static int certificate_sign(struct enrolment *e)
{
	return enroll_certificate_issue(e->op, e->csr.spki_der, &e->certificate, &e->der,
					&e->sha256);
}

static void device_fill(struct enrolment *e)
{
	const struct enroll_request *request = e->request;
	struct op *op = e->op;

	e->device = (struct device){
	    .tenant_id = request->principal->tenant_id,
	    .id = e->certificate.device_id,
	    .entra_device_id = request->principal->device_id,
	    .dm_device_id = arena_cstr(op->arena, text_trim(request->dm_device_id)),
	    .name = enrolment_label(op, request->device_name),
	    .enrollment_type = e->type,
	    .user_principal_name = request->principal->user_name,
	    .user_object_id = request->principal->object_id,
	    .auth = request->principal->auth,
	    .user_key = request->principal->user_key,
	    .hw_device_id = enrolment_label(op, request->hw_device_id),
	    .zero_touch_id = enroll_zero_touch_id(op->arena, request->zero_touch_id),
	    .is_bulk = enrolment_is_bulk(e),
	    .autopilot_correlator =
		enroll_autopilot_correlator(op->arena, request->autopilot_correlator),
	    .context = request->context,
	    .state = DEVICE_ENROLLED,
	    .os_version = enrolment_label(op, request->os_version),
	    .os_edition = enrolment_label(op, request->os_edition),
	    .enrolled_at = op->now,
	    .retired_reason = "",
	    .certificate_not_after = e->certificate.not_after,
	    .compliance_state = COMPLIANCE_UNKNOWN,
	    .compliance_reasons = "[]",
	    .compliance_changed_at = op->now,
	};
}

static const char *audit_detail(struct enrolment *e)
{
	struct json_writer w;
	struct buf buf;

	buf_init(&buf, e->op->arena);
	json_writer_init(&w, &buf);
	json_begin_object(&w, NULL);
	json_add_c(&w, "name", e->device.name);
	json_add_c(&w, "enrollment_type", enrollment_type_name(e->type));
	json_add_c(&w, "auth", enroll_auth_name(e->device.auth));
	json_add_c(&w, "entra_device_id", e->device.entra_device_id);
	json_add_c(&w, "certificate_sha256", e->sha256);
	json_add_bool(&w, "superseded", e->has_previous);
	json_add_bool(&w, "csr_sha1", e->csr.is_sha1);
	if (e->has_previous)
		json_add_c(&w, "previous_user_key", e->previous.user_key);
	json_end_object(&w);
	return buf.data;
}

/* A session in the middle of which the device enrolled again never goes on. */
static int session_end(struct db_conn *tx, struct enrolment *e)
{
	struct text tenant = text_of(e->device.tenant_id);
	struct text id = text_of(e->device.id);
	struct session_row session;
	int r;

	r = store_session_latest(tx, e->op->arena, tenant, id, &session);
	if (r)
		return r == STORE_E_NOT_FOUND ? 0 : r;
	if (session.ended_at != 0)
		return 0;
	return store_session_end(tx, tenant, id, text_of(session.id), TEXT("replaced"), e->op->now);
}

/* The old life of a device that enrols again ends here. */
static int previous_clear(struct db_conn *tx, struct enrolment *e)
{
	struct text tenant = text_of(e->device.tenant_id);
	struct text id = text_of(e->device.id);
	int r;

	r = store_certificate_supersede_all(tx, tenant, id, text_of(e->certificate.id), e->op->now);
	if (r == 0)
		r = store_command_cancel_all(tx, tenant, id, e->op->now);
	if (r == 0)
		r = store_applied_remove_all(tx, tenant, id);
	if (r == 0)
		r = store_fact_remove_all(tx, tenant, id);
	if (r == 0)
		r = session_end(tx, e);
	return r;
}

/* Graph is told that the device is managed; compliant it is not before it has proved it, also when
 * an earlier life of it was. */
static int report_owe(struct db_conn *tx, const struct enrolment *e)
{
	const struct outbox_row row = {
	    .tenant_id = e->device.tenant_id,
	    .id = store_new_id(e->op->arena),
	    .device_id = e->device.id,
	    .entra_device_id = e->device.entra_device_id,
	    .is_managed = true,
	    .is_compliant = false,
	    .state = OUTBOX_PENDING,
	    .next_try_at = e->op->now,
	    .last_error = "",
	    .created_at = e->op->now,
	    .updated_at = e->op->now,
	};

	return store_outbox_put(tx, &row);
}

static int records_add(struct db_conn *tx, struct enrolment *e)
{
	const struct audit_entry entry = {
	    .tenant_id = e->device.tenant_id,
	    .id = store_new_id(e->op->arena),
	    .at = e->op->now,
	    .actor = arena_printf(e->op->arena, "user:%s", e->device.user_key),
	    .action = e->has_previous ? "device.enroll_again" : "device.enroll",
	    .object_kind = "device",
	    .object_id = e->device.id,
	    .outcome = "ok",
	    .source = e->op->source,
	    .trace_id = e->op->trace_id,
	    .detail = audit_detail(e),
	};
	int r;

	r = store_audit_add(tx, &entry);
	if (r == 0 && e->device.entra_device_id[0])
		r = report_owe(tx, e);
	return r ? r : store_enrollment_add(tx, e->attempt);
}

/* What the provisioning document sets need not be sent again in the first session. */
static int renewal_settings_note(struct db_conn *tx, const struct enrolment *e)
{
	const struct config *config = e->op->config;
	struct setting settings[CSP_RENEW_SETTINGS];
	int r = 0;

	if (config->renew_days == 0)
		return 0;
	csp_renew_settings(e->op->arena, config, settings);
	for (size_t i = 0; i < CSP_RENEW_SETTINGS && r == 0; i++) {
		const struct applied_setting row = {
		    .tenant_id = e->device.tenant_id,
		    .device_id = e->device.id,
		    .user_object_id = "",
		    .locuri = settings[i].locuri,
		    .policy_id = DESIRED_SETUP,
		    .value_sha256 = desired_hash(e->op->arena, &settings[i]),
		    .state = APPLIED_OK,
		    .status = 200,
		    .tries = 1,
		    .updated_at = e->op->now,
		};

		r = store_applied_put(tx, &row);
	}
	return r;
}

static int commit_write(struct db_conn *tx, void *argument)
{
	struct enrolment *e = argument;
	const struct certificate_issue issue = {
	    .device_id = text_of(e->device.id),
	    .sha256 = text_of(e->sha256),
	    .serial = text_of(e->certificate.serial),
	    .der = text_of(b64_write(e->op->arena, e->der)),
	    .not_before = e->certificate.not_before,
	    .not_after = e->certificate.not_after,
	    .issuer_key_id = text_of(e->certificate.issuer_key_id),
	};
	int r;

	r = enrolment_cap_count(e, tx);
	if (r)
		return r;
	if (e->is_over_cap || e->is_tenant_full)
		return STORE_E_IN_USE;
	/* What there is to replace must still be what the certificate names. */
	if (e->has_previous && strcmp(e->previous.id, e->device.id) != 0)
		return STORE_E_CONFLICT;
	r = store_certificate_activate(tx, text_of(e->device.tenant_id), text_of(e->certificate.id),
				       &issue);
	if (r)
		return r;
	r = e->has_previous ? store_device_update(tx, &e->device)
			    : store_device_add(tx, &e->device);
	if (r)
		return r;
	if (e->has_previous) {
		r = previous_clear(tx, e);
		if (r)
			return r;
	}
	r = renewal_settings_note(tx, e);
	/* Graph is asked for the user's groups before the first session. */
	if (r == 0 && e->device.user_object_id[0])
		r = store_group_want(tx, text_of(e->device.tenant_id),
				     text_of(e->device.user_object_id), e->op->now);
	return r ? r : records_add(tx, e);
}

static int repeat_write(struct db_conn *tx, void *argument)
{
	const struct enrolment *e = argument;

	return store_enrollment_add(tx, e->attempt);
}

/* What an equal request got before. */
static int repeat(struct enrolment *e, struct enroll_result *ret)
{
	struct op *op = e->op;
	int r;

	r = store_device_load(db_reader(op->db), op->arena, text_of(e->certificate.tenant_id),
			      text_of(e->certificate.device_id), &e->device);
	if (r < 0)
		return enrolment_store_failed(e, r);
	if (r == STORE_E_NOT_FOUND || e->device.state != DEVICE_ENROLLED)
		return enrolment_refuse(e, ENROLL_E_TOKEN_USED, "token_used");
	if (b64_read(op->arena, text_of(e->certificate.der), &e->der))
		return ERR_FAIL(&op->trail, ERR_STORE, "certificate %s is not base64",
				e->certificate.id);
	e->attempt->device_id = e->device.id;
	r = db_transact(op->db, repeat_write, e);
	if (r)
		return enrolment_store_failed(e, r);
	*ret = (struct enroll_result){e->device, e->der, true};
	return 0;
}

/* The id the device will have: that of the device it replaces, else a new one. The intent's may be
 * that of a device that was retired since, or of none while one has enrolled since. */
static int identity_choose(struct enrolment *e)
{
	char device_id[UUID_TEXT_LEN + 1];
	int r = enrolment_previous_load(e, db_reader(e->op->db));

	if (r)
		return enrolment_store_failed(e, r);
	uuid_write(uuid_random(), device_id);
	e->certificate.device_id =
	    e->has_previous ? e->previous.id : arena_string(e->op->arena, device_id);
	return 0;
}

/* Sign and commit once. STORE_E_CONFLICT: another enrolment of the device came between. */
static int issue_once(struct enrolment *e)
{
	int r = identity_choose(e);

	if (r == 0)
		r = certificate_sign(e);
	if (r)
		return r;
	device_fill(e);
	e->attempt->device_id = e->device.id;
	r = db_transact(e->op->db, commit_write, e);
	if (r)
		e->attempt->device_id = "";
	return r < 0 ? enrolment_store_failed(e, r) : r;
}

static int issue(struct enrolment *e, struct enroll_result *ret)
{
	int r = STORE_E_CONFLICT;

	for (int i = 0; i < COMMIT_TRIES && r == STORE_E_CONFLICT; i++)
		r = issue_once(e);
	if (r < 0)
		return r;
	if (e->is_over_cap || e->is_tenant_full)
		return enrolment_cap_refuse(e);
	if (r == STORE_E_NOT_FOUND) {
		/* A parallel request with the same token activated it first. */
		r = enrolment_token_check(e);
		if (r)
			return r;
		if (e->certificate.id && e->certificate.state == CERTIFICATE_ACTIVE)
			return repeat(e, ret);
		r = STORE_E_CONFLICT;
	}
	if (r)
		return enrolment_refuse(e, ENROLL_E_CONCURRENT, "concurrent");
	*ret = (struct enroll_result){e->device, e->der, false};
	return 0;
}

int enroll_device(struct op *op, const struct enroll_request *request, struct enrollment *attempt,
		  struct enroll_result *ret)
{
	struct enrolment e = {.op = op, .request = request, .attempt = attempt};
	int r;

	attempt->device_name = enrolment_label(op, request->device_name);
	attempt->os_version = enrolment_label(op, request->os_version);
	r = enrolment_admit(&e);
	if (r)
		return r;
	if (e.certificate.id && e.certificate.state == CERTIFICATE_ACTIVE)
		return repeat(&e, ret);
	r = enrolment_cap_check(&e);
	if (r == 0 && !e.certificate.id)
		r = intent_store(&e);
	if (r)
		return r;
	return e.certificate.state == CERTIFICATE_ACTIVE ? repeat(&e, ret) : issue(&e, ret);
}
