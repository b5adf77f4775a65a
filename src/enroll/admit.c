/* SPDX-License-Identifier: Apache-2.0 */
/*
 * admit.c: who may enrol: see admit.h and enroll.h. Everything here is before anything is written,
 * but for the counting of devices, which the commit does again.
 */
#include "enroll/admit.h"

#include "base/digest.h"
#include "base/limits.h"
#include "enroll/context.h"
#include "enroll/issue.h"
#include "enroll/reason.h"
#include "enroll/seen.h"
#include "store/certificate.h"
#include "store/device.h"
#include "store/enrollment.h"
#include "store/story.h"

enum { DAY_S = 24 * 3600, LABEL_MAX = 256, DM_DEVICE_ID_MAX = 128 };

int enrolment_refuse(struct enrolment *e, int outcome, const char *reason)
{
	enroll_attempt_refuse_known(e->attempt, reason);
	return outcome;
}

int enrolment_store_failed(struct enrolment *e, int r)
{
	return ERR_FAIL(&e->op->trail, r < 0 ? r : ERR_STORE, "%s", db_error(e->op->db));
}

const char *enrolment_label(struct op *op, struct text t)
{
	t = t.ptr ? text_trim(t) : TEXT_EMPTY;
	if (!text_is_utf8(t))
		return "";
	t = text_take(t, LABEL_MAX);
	while (t.len > 0 && !text_is_utf8(t))
		t.len--;
	return arena_cstr(op->arena, t);
}

static int context_check(struct enrolment *e)
{
	static const struct {
		const char *name;
		enum enrollment_type type;
	} types[] = {{"Device", ENROLLMENT_DEVICE}, {"Full", ENROLLMENT_FULL}};
	struct text type = e->request->enrollment_type;
	struct text id = e->request->dm_device_id;
	bool is_known = false;

	for (size_t i = 0; type.ptr && i < ARRAY_LEN(types); i++) {
		if (text_eq_c(text_trim(type), types[i].name)) {
			e->type = types[i].type;
			is_known = true;
		}
	}
	if (!is_known)
		return enrolment_refuse(e, ENROLL_E_CONTEXT, "context_enrollment_type");
	id = id.ptr ? text_trim(id) : TEXT_EMPTY;
	if (id.len == 0 || id.len > DM_DEVICE_ID_MAX || !text_is_printable(id))
		return enrolment_refuse(e, ENROLL_E_CONTEXT, "context_device_id");
	return 0;
}

/* The server's own switch comes before what a tenant says. */
static int rule_refuse(struct enrolment *e, enum enroll_rule rule)
{
	if (e->op->config->is_in_maintenance)
		return enrolment_refuse(e, ENROLL_E_MAINTENANCE, "server_maintenance");
	switch (rule) {
	case ENROLL_RULE_OK:
		break;
	case ENROLL_RULE_MAINTENANCE:
		return enrolment_refuse(e, ENROLL_E_MAINTENANCE, "maintenance");
	case ENROLL_RULE_CLOSED:
		return enrolment_refuse(e, ENROLL_E_CLOSED, "closed");
	case ENROLL_RULE_LICENSE_UNKNOWN:
		return enrolment_refuse(e, ENROLL_E_LICENSE_UNKNOWN, "license_unknown");
	case ENROLL_RULE_LICENSE:
		return enrolment_refuse(e, ENROLL_E_LICENSE, "license_missing");
	case ENROLL_RULE_VERSION_UNKNOWN:
		return enrolment_refuse(e, ENROLL_E_DEVICE_NOT_SUPPORTED, "os_version_unknown");
	case ENROLL_RULE_VERSION_OLD:
		return enrolment_refuse(e, ENROLL_E_DEVICE_NOT_SUPPORTED, "os_version_old");
	case ENROLL_RULE_VERSION_NEW:
		return enrolment_refuse(e, ENROLL_E_DEVICE_NOT_SUPPORTED, "os_version_new");
	case ENROLL_RULE_EDITION:
		return enrolment_refuse(e, ENROLL_E_DEVICE_NOT_SUPPORTED, "os_edition");
	case ENROLL_RULE_PERSONAL:
		return enrolment_refuse(e, ENROLL_E_NOT_SUPPORTED, "personal_device");
	}
	return 0;
}

static int rules_check(struct enrolment *e)
{
	const struct enroll_claims claims = {
	    .auth = e->request->principal->auth,
	    .type = e->type,
	    .os_version = e->request->os_version,
	    .os_edition = e->request->os_edition,
	};
	const struct tenant *tenant = e->request->tenant;
	enum enroll_rule rule = enroll_rules_check(tenant, e->request->license, &claims);
	int r = rule_refuse(e, rule);

	if (r == ENROLL_E_DEVICE_NOT_SUPPORTED)
		enroll_seen_windows(e->op, e->attempt, rule, tenant, &claims);
	return r;
}

bool enrolment_is_bulk(const struct enrolment *e)
{
	return enroll_is_bulk(e->request->principal, e->request->is_bulk, e->type);
}

/* The consent must be this user's, for this kind of device, to the text in force. */
static int consent_check(struct enrolment *e)
{
	const struct enroll_request *request = e->request;
	const struct terms_consent *consent = request->consent;
	enum terms_mode mode = e->type == ENROLLMENT_DEVICE ? TERMS_ORGANIZATION : TERMS_PERSONAL;

	/* Only Entra shows a page before it lets a device enrol. */
	if (request->principal->auth != ENROLL_AUTH_ENTRA)
		return 0;
	switch (request->consent_state) {
	case CONSENT_ABSENT:
		/* No page is shown to a provisioning package. */
		return request->tenant->is_terms_required && !enrolment_is_bulk(e)
			   ? enrolment_refuse(e, ENROLL_E_TERMS, "terms_missing")
			   : 0;
	case CONSENT_FORGED:
		return enrolment_refuse(e, ENROLL_E_TERMS, "terms_forged");
	case CONSENT_EXPIRED:
		return enrolment_refuse(e, ENROLL_E_TERMS, "terms_expired");
	case CONSENT_VALID:
		break;
	}
	if (strcmp(consent->tenant_id, request->principal->tenant_id) != 0 ||
	    strcmp(consent->object_id, request->principal->object_id) != 0)
		return enrolment_refuse(e, ENROLL_E_TERMS, "terms_user");
	/* One id through the whole joining. Which page led to this request only the consent proves.
	 */
	if (consent->client_request_id[0])
		e->attempt->client_request_id = consent->client_request_id;
	if (consent->mode != mode)
		return enrolment_refuse(e, ENROLL_E_TERMS, "terms_mode");
	if (strcmp(consent->version, request->terms_version) != 0)
		return enrolment_refuse(e, ENROLL_E_TERMS, "terms_version");
	return 0;
}

/* Before any transaction, see store/story.h. An equal request is of the device that has its
 * certificate. */
static int story_place(struct enrolment *e)
{
	int r;

	if (e->certificate.id && e->certificate.state == CERTIFICATE_ACTIVE)
		e->attempt->device_id = e->certificate.device_id;
	r = store_story_place(db_reader(e->op->db), e->op->arena, e->attempt);

	return r ? enrolment_store_failed(e, r) : 0;
}

static int csr_check(struct enrolment *e)
{
	const char *name;
	int r;

	r = x509_csr_read(e->op->arena, e->request->csr_der, &e->csr, &e->op->trail);
	if (r < 0)
		return ERR_TRACE(&e->op->trail, r);
	if (r == 0)
		return 0;
	name = x509_csr_outcome_name((enum x509_csr_outcome)r);
	return enrolment_refuse(e, ENROLL_E_CSR, arena_printf(e->op->arena, "csr_%s", name));
}

/* A token is good for one enrolment. What proves a user again and again, a password or a
 * certificate, is good for one enrolment with each key: the equal request is answered as before. */
static void proof_set(struct enrolment *e)
{
	const struct enroll_principal *who = e->request->principal;

	switch (who->auth) {
	case ENROLL_AUTH_ENTRA:
	case ENROLL_AUTH_FEDERATED:
		e->proof_sha256 = who->proof_sha256;
		return;
	case ENROLL_AUTH_ON_PREMISES:
	case ENROLL_AUTH_CERTIFICATE:
		break;
	}
	e->proof_sha256 = digest_sha256_hex(
	    e->op->arena,
	    text_of(arena_printf(e->op->arena, "%s\n%s\n%s\n%s", enroll_auth_name(who->auth),
				 who->user_key, who->proof_sha256 ? who->proof_sha256 : "",
				 e->csr.spki_sha256)));
}

int enrolment_token_check(struct enrolment *e)
{
	int r = enroll_certificate_repeat(e->op, e->request->principal->tenant_id, e->proof_sha256,
					  &e->certificate);

	if (r < 0)
		return ERR_TRACE(&e->op->trail, r);
	if (r == ENROLL_REPEAT_E_SPENT ||
	    (e->certificate.id && strcmp(e->certificate.spki_sha256, e->csr.spki_sha256) != 0))
		return enrolment_refuse(e, ENROLL_E_TOKEN_USED, "token_used");
	return 0;
}

int enrolment_previous_load(struct enrolment *e, struct db_conn *conn)
{
	const struct enroll_principal *who = e->request->principal;
	int r;

	if (who->auth == ENROLL_AUTH_ENTRA)
		r = store_device_by_entra_id(conn, e->op->arena, text_of(who->tenant_id),
					     text_of(who->device_id), &e->previous);
	else
		r = store_device_by_dm_id(conn, e->op->arena, text_of(who->tenant_id),
					  text_of(who->user_key),
					  text_trim(e->request->dm_device_id), &e->previous);
	e->has_previous = r == 0 && e->previous.state == DEVICE_ENROLLED;
	return r == STORE_E_NOT_FOUND ? 0 : r;
}

/* Whether the tenant may have one device more. */
static int tenant_count(struct enrolment *e, struct db_conn *conn)
{
	const struct tenant *tenant = e->request->tenant;
	int64_t count;
	int r;

	e->is_tenant_full = false;
	if (tenant->tenant_device_limit == 0)
		return 0;
	r = store_device_count(conn, text_of(tenant->tenant_id), &count);
	if (r)
		return r;
	e->tenant_devices = count - e->has_previous;
	e->is_tenant_full = e->tenant_devices >= tenant->tenant_device_limit;
	return 0;
}

int enrolment_cap_count(struct enrolment *e, struct db_conn *conn)
{
	const struct enroll_principal *who = e->request->principal;
	int64_t count;
	int r;

	r = enrolment_previous_load(e, conn);
	if (r)
		return r;
	r = store_device_count_for_user(conn, text_of(who->tenant_id), text_of(who->user_key),
					&count);
	if (r)
		return r;
	if (e->has_previous && !strcmp(e->previous.user_key, who->user_key))
		count--;
	e->user_devices = count;
	/* All devices of a provisioning package have one user, who is nobody. */
	e->is_over_cap = !enrolment_is_bulk(e) && count >= e->request->tenant->device_limit;
	return tenant_count(e, conn);
}

int enrolment_cap_refuse(struct enrolment *e)
{
	const struct enroll_request *request = e->request;
	int r = 0;

	if (e->is_over_cap) {
		r = enrolment_refuse(e, ENROLL_E_DEVICE_CAP, "device_cap");
		enroll_seen_user_devices(e->op, e->attempt, request->tenant,
					 request->principal->user_key,
					 e->has_previous ? e->previous.id : "", e->user_devices);
	} else if (e->is_tenant_full) {
		r = enrolment_refuse(e, ENROLL_E_DEVICE_CAP, "tenant_device_cap");
		enroll_seen_tenant_devices(e->op, e->attempt, request->tenant, e->tenant_devices);
	}
	return r;
}

/* Enrolling and retiring in turn never reaches the limit of devices, so that is counted by itself.
 * Only before anything is written: a few more at the same moment do no harm. */
static int daily_check(struct enrolment *e)
{
	const struct enroll_principal *who = e->request->principal;
	int64_t limit = 2 * e->request->tenant->device_limit, count;
	int r;

	if (enrolment_is_bulk(e))
		return 0;
	if (limit < LIMIT_ENROLLMENTS_PER_DAY)
		limit = LIMIT_ENROLLMENTS_PER_DAY;
	r = store_enrollment_count_for_user(db_reader(e->op->db), text_of(who->tenant_id),
					    text_of(who->user_key), STAGE_REQUEST, OUTCOME_OK,
					    e->op->now - DAY_S, &count);
	if (r)
		return enrolment_store_failed(e, r);
	return count >= limit ? enrolment_refuse(e, ENROLL_E_DEVICE_CAP, "daily_cap") : 0;
}

int enrolment_cap_check(struct enrolment *e)
{
	int r = enrolment_cap_count(e, db_reader(e->op->db));

	r = r ? enrolment_store_failed(e, r) : enrolment_cap_refuse(e);
	return r ? r : daily_check(e);
}

int enrolment_admit(struct enrolment *e)
{
	int r = context_check(e);

	if (r == 0)
		r = rules_check(e);
	if (r == 0)
		r = consent_check(e);
	if (r == 0)
		r = csr_check(e);
	if (r == 0) {
		proof_set(e);
		r = enrolment_token_check(e);
	}
	return r ? r : story_place(e);
}

int enroll_foresee(struct op *op, const struct enroll_principal *principal,
		   const struct tenant *tenant, enum enroll_license license,
		   struct enrollment *attempt)
{
	const struct enroll_request request = {
	    .principal = principal, .tenant = tenant, .license = license};
	struct enrolment e = {.op = op, .request = &request, .attempt = attempt};
	int r = rule_refuse(&e, enroll_rules_early(tenant, license));

	/* Only Entra names the device, and so what it may replace, before the request. */
	if (r || principal->auth != ENROLL_AUTH_ENTRA)
		return r;
	return enrolment_cap_check(&e);
}
