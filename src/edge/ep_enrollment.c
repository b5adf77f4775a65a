/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ep_enrollment.c: POST /EnrollmentServer/Enrollment.svc (MS-WSTEP): decode, prove the token, open
 * the consent, enrol, and answer with the provisioning document.
 */
#include "edge/ep_enrollment.h"

#include "base/json.h"
#include "edge/refusal.h"
#include "edge/renewal.h"
#include "edge/soap_call.h"
#include "enroll/account.h"
#include "enroll/enroll.h"
#include "soap/wstep.h"
#include "terms/consent.h"
#include "terms/document.h"

/* The request and its kind. Renewal and recovery come without a user's token, so this is looked at
 * before the credential. False: answered. */
static bool request_read(struct soap_call *call, struct soap_token_request *ret)
{
	if (soap_token_read(call->op->arena, &call->message, ret)) {
		soap_call_refuse(call, SOAP_FAULT_MESSAGE_FORMAT, "message_malformed");
		return false;
	}
	switch (ret->kind) {
	case SOAP_TOKEN_ISSUE:
	case SOAP_TOKEN_RENEW:
		return true;
	case SOAP_TOKEN_RECOVERY:
		soap_call_refuse(call, SOAP_FAULT_NOT_SUPPORTED, "request_type");
		return false;
	}
	return false;
}

/* The certificate request itself. False: answered. */
static bool evidence_read(struct soap_call *call, const struct soap_token_request *request,
			  struct text *ret)
{
	if (soap_token_evidence(call->op->arena, request, ret) == 0)
		return true;
	soap_call_refuse(call, SOAP_FAULT_CERTIFICATE_REQUEST, "csr_malformed");
	return false;
}

/* 0 when a credential has been proved, else the call is answered (see soap_call_authenticate). */
static int credential_check(struct soap_call *call, struct enroll_principal *principal,
			    struct tenant *tenant)
{
	struct soap_security security;

	if (!soap_call_security(call, &security))
		return 1;
	return soap_call_authenticate(call, &security, principal, tenant);
}

static enum consent_state consent_open(struct op *op, struct text blob, struct terms_consent *ret)
{
	/* Windows sends "null" where the page gave nothing. */
	if (!blob.ptr || blob.len == 0 || text_eq_nocase(blob, TEXT("null")))
		return CONSENT_ABSENT;
	if (blob.len > LIMIT_OPAQUE_BLOB)
		return CONSENT_FORGED;
	switch (terms_blob_open(op->arena, &op->keys->terms, blob, op->now, ret)) {
	case 0:
		return CONSENT_VALID;
	case CONSENT_E_EXPIRED:
		return CONSENT_EXPIRED;
	default:
		return CONSENT_FORGED;
	}
}

/* Everything the device said of itself, also under names we do not know, but for the consent. Of a
 * long value (proofs of a TPM) only that it was there. */
static const char *context_write(struct op *op, const struct soap_token_request *from)
{
	struct json_writer w;
	struct buf buf;

	buf_init(&buf, op->arena);
	json_writer_init(&w, &buf);
	json_begin_array(&w, NULL);
	for (size_t i = 0; i < from->item_count; i++) {
		const struct soap_context_item *item = &from->items[i];

		if (text_eq_c(item->name, "EnrollmentData") || !text_is_utf8(item->name) ||
		    !text_is_utf8(item->value))
			continue;
		json_begin_object(&w, NULL);
		json_add_text(&w, "name", item->name);
		if (item->value.len <= LIMIT_SOAP_VALUE)
			json_add_text(&w, "value", text_trim(item->value));
		else
			json_add_int(&w, "bytes", (int64_t)item->value.len);
		json_end_object(&w);
	}
	json_end_array(&w);
	return buf.data;
}

static void request_fill(struct op *op, const struct soap_token_request *from,
			 struct terms_consent *consent, struct enroll_request *ret)
{
	ret->enrollment_type = soap_context_get(from, "EnrollmentType");
	ret->dm_device_id = soap_context_get(from, "DeviceID");
	ret->device_name = soap_context_get(from, "DeviceName");
	ret->os_version = soap_context_get(from, "OSVersion");
	ret->os_edition = soap_context_get(from, "OSEdition");
	ret->hw_device_id = soap_context_get(from, "HWDevID");
	ret->zero_touch_id = soap_context_get(from, "ZeroTouchProvisioning");
	ret->autopilot_correlator = soap_context_get(from, "OfflineAutoPilotEnrollmentCorrelator");
	ret->is_bulk = soap_context_is_true(from, "BulkAADJ");
	ret->context = context_write(op, from);
	ret->consent_state = consent_open(op, soap_context_get(from, "EnrollmentData"), consent);
	ret->consent = consent;
	ret->terms_version = "";
}

/* The text in force for the consent, if there is one. */
static int terms_load(struct op *op, struct enroll_request *request)
{
	struct terms_document document;
	int r;

	if (request->consent_state != CONSENT_VALID)
		return 0;
	r = terms_document_of_consent(op, request->tenant, request->consent, &document);
	if (r)
		return ERR_TRACE(&op->trail, r);
	request->terms_version = document.version;
	return 0;
}

/* license_why: as edge_license_find tells. */
static int enroll_and_answer(struct soap_call *call, const struct enroll_request *request,
			     const char *license_why)
{
	struct op *op = call->op;
	struct enroll_result result;
	struct buf document;
	int r;

	r = enroll_device(op, request, &call->attempt, &result);
	if (r < 0)
		return soap_call_failed(call, ERR_TRACE(&op->trail, r));
	if (r > 0) {
		edge_license_tell(op, &call->attempt, license_why);
		edge_refuse(call, (enum enroll_outcome)r, request->tenant);
		return 0;
	}
	op->log_device = result.device.id;
	buf_init(&document, op->arena);
	enroll_provision_write(op, request, &result, &document);
	soap_token_write(op->arena, &call->response->body, &call->reply, buf_text(&document),
			 op->now);
	soap_call_answer(call);
	return 0;
}

int ep_enrollment(struct op *op, const struct http_request *request, struct http_response *response)
{
	struct soap_token_request token_request;
	struct enroll_principal principal;
	struct terms_consent consent;
	struct enroll_request enroll = {.principal = &principal};
	const char *license_why;
	struct soap_call call;
	struct tenant tenant;
	int r;

	if (!soap_call_open(&call, op, request, response, SOAP_TOKEN, STAGE_REQUEST))
		return 0;
	if (!request_read(&call, &token_request))
		return 0;
	if (token_request.kind == SOAP_TOKEN_RENEW)
		return edge_renew(&call, &token_request);
	/* Nothing more of the body matters before the credential is proved. */
	r = credential_check(&call, &principal, &tenant);
	if (r)
		return r < 0 ? r : 0;
	if (!evidence_read(&call, &token_request, &enroll.csr_der))
		return 0;
	enroll.tenant = &tenant;
	r = edge_license_find(op, &principal, &tenant, &enroll.license, &license_why);
	if (r)
		return soap_call_failed(&call, r);
	request_fill(op, &token_request, &consent, &enroll);
	r = terms_load(op, &enroll);
	if (r)
		return soap_call_failed(&call, ERR_TRACE(&op->trail, r));
	return enroll_and_answer(&call, &enroll, license_why);
}
