/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ep_manage.c: a message of a management session (MS-MDM 2.1). The device is whoever holds the key
 * of a certificate this server stored and has not taken back; nothing of the body is read before
 * that is known. A user token only ever adds a user to a proved device: a bad one is noted and the
 * session goes on without it.
 */
#include "edge/ep_manage.h"

#include "base/hex.h"
#include "base/log.h"
#include "edge/bearer.h"
#include "enroll/account.h"
#include "entra/tokens.h"
#include "manage/manage.h"
#include "store/device.h"
#include "syncml/syncml.h"

#define SYNCML_TYPE "application/vnd.syncml.dm+xml"

static void refuse(struct op *op, struct http_response *response, int status, const char *outcome)
{
	op->log_outcome = outcome;
	http_response_set(response, status, "text/plain; charset=utf-8");
	buf_printf(&response->body, "refused, trace id %s\n", op->trace_id);
}

/* 0: *ret is an enrolled device; 1: answered; negative: the store failed. */
static int device_authenticate(struct op *op, const struct http_request *request,
			       struct http_response *response, struct device *ret)
{
	struct device_certificate certificate;
	const char *sha256;
	int r;

	if (!request->peer.is_verified) {
		refuse(op, response, 403, "certificate_missing");
		return 1;
	}
	sha256 = hex_write(op->arena, text_make(request->peer.certificate_sha256, SHA256_LEN));
	r = store_device_by_certificate(db_reader(op->db), op->arena, text_of(sha256), ret,
					&certificate);
	if (r < 0)
		return ERR_FAIL(&op->trail, r, "%s", db_error(op->db));
	if (r) {
		refuse(op, response, 403, "certificate_unknown");
		return 1;
	}
	op->log_device = ret->id;
	if (certificate.state != CERTIFICATE_ACTIVE) {
		refuse(op, response, 403, "certificate_not_active");
		return 1;
	}
	if (op->now < certificate.not_before || op->now >= certificate.not_after) {
		refuse(op, response, 403, "certificate_expired");
		return 1;
	}
	if (ret->state != DEVICE_ENROLLED) {
		refuse(op, response, 403, "device_retired");
		return 1;
	}
	return 0;
}

/* A token that proves a user of the device's own tenant, on the device's own Entra identity.
 * True: *ret is set. */
static bool token_prove(struct op *op, const struct device *device, struct text token,
			struct entra_principal *ret)
{
	const char *why;
	int r;

	r = entra_token_check(op, ENTRA_SESSION, token, ret, NULL, NULL);
	if (r < 0)
		why = "failed";
	else if (r != ENTRA_TOKEN_OK)
		why = entra_verdict_name((enum entra_verdict)r);
	else if (strcmp(ret->tenant_id, device->tenant_id) != 0)
		why = "tenant_of_another_device";
	else if (ret->device_id[0] && strcmp(ret->device_id, device->entra_device_id) != 0)
		why = "device_id_of_another_device";
	else
		return true;
	log_warn("session_token", LOG_TEXT("trace_id", op->trace_id),
		 LOG_TEXT("device", device->id), LOG_TEXT("refused", why));
	return false;
}

/* The user of the session. Header and alert may both carry a token; when they name two users,
 * neither is believed. */
static void user_authenticate(struct op *op, const struct http_request *request,
			      struct manage_request *in)
{
	const struct device *device = in->device;
	struct entra_principal *users = ARENA_ARRAY(op->arena, 2, struct entra_principal);
	struct text tokens[] = {edge_bearer_token(request), manage_message_token(in->message)};

	for (size_t i = 0; i < ARRAY_LEN(tokens); i++) {
		if (!tokens[i].ptr || !token_prove(op, device, tokens[i], &users[i]))
			continue;
		if (in->user && strcmp(in->user->object_id, users[i].object_id) != 0) {
			log_warn("session_token", LOG_TEXT("trace_id", op->trace_id),
				 LOG_TEXT("device", device->id), LOG_TEXT("refused", "two_users"));
			in->user = NULL;
			in->is_user_disputed = true;
			return;
		}
		in->user = &users[i];
	}
}

/* False: answered. */
static bool message_read(struct op *op, const struct http_request *request,
			 struct http_response *response, struct syncml *ret)
{
	struct text type = http_request_header(request, "Content-Type");
	int r;

	if (!type.ptr || !text_starts_nocase(type, TEXT(SYNCML_TYPE))) {
		refuse(op, response, 415, "media_type");
		return false;
	}
	r = syncml_read(op->arena, request->body, ret);
	if (r == 0)
		return true;
	refuse(op, response, r == SYNCML_E_LIMIT ? 413 : 400, syncml_outcome_name(r));
	return false;
}

static int outcome_status(enum manage_outcome outcome)
{
	switch (outcome) {
	case MANAGE_E_SOURCE_MISMATCH:
	case MANAGE_E_TARGET_MISMATCH:
	case MANAGE_E_RETIRED:
		return 403;
	case MANAGE_E_SEQUENCE:
		break;
	}
	return 400;
}

int ep_manage(struct op *op, const struct http_request *request, struct http_response *response)
{
	struct text origin = http_request_header(request, "UserAgentOrigin");
	struct syncml message;
	struct device device;
	struct manage_request in = {.device = &device, .message = &message, .body = request->body};
	int r;

	r = device_authenticate(op, request, response, &device);
	if (r)
		return r < 0 ? r : 0;
	if (!message_read(op, request, response, &message))
		return 0;
	user_authenticate(op, request, &in);
	in.origin = origin.ptr ? text_take(origin, 64) : TEXT_EMPTY;
	in.url = arena_printf(op->arena, "%s" ENROLL_PATH_MANAGEMENT, op->config->manage.url);
	r = manage_message(op, &in, &response->body);
	if (r < 0) {
		buf_clear(&response->body);
		return ERR_TRACE(&op->trail, r);
	}
	if (r > 0) {
		buf_clear(&response->body);
		refuse(op, response, outcome_status((enum manage_outcome)r),
		       manage_outcome_name(r));
		return 0;
	}
	http_response_set(response, 200, SYNCML_TYPE);
	http_response_header(response, "Cache-Control", TEXT("no-store"));
	return 0;
}
