/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ep_manage.c: a message of a management session (MS-MDM 2.1). The device is whoever holds the key
 * of a certificate this server stored and has not taken back, in a tenant that is served; nothing
 * of the body is read before that is known. A user token only ever adds a user to a proved device:
 * a bad one is noted and the session goes on without it.
 */
#include "edge/ep_manage.h"

#include "base/hex.h"
#include "base/log.h"
#include "edge/attempt.h"
#include "edge/bearer.h"
#include "enroll/account.h"
#include "entra/cloud.h"
#include "entra/tokens.h"
#include "manage/manage.h"
#include "store/device.h"
#include "store/tenant.h"
#include "syncml/syncml.h"

#define SYNCML_TYPE "application/vnd.syncml.dm+xml"

static void refuse(struct op *op, struct http_response *response, int status, const char *outcome)
{
	op->log_outcome = outcome;
	http_response_set(response, status, "text/plain; charset=utf-8");
	buf_printf(&response->body, "refused, trace id %s\n", op->trace_id);
}

/* 0: served; 1: answered; negative: the store failed. */
static int tenant_check(struct op *op, const char *tenant_id, struct http_response *response)
{
	struct tenant tenant;
	int r;

	r = store_tenant_load(db_reader(op->db), op->arena, text_of(tenant_id), &tenant);
	if (r < 0)
		return ERR_FAIL(&op->trail, r, "%s", db_error(op->db));
	if (r == 0 && tenant_is_served(op->config, &tenant))
		return 0;
	refuse(op, response, 403, "tenant_disabled");
	return 1;
}

/* 0: *ret is an enrolled device of a tenant that is served, by the certificate *ret_sha256 (hex);
 * 1: answered; negative: the store failed. */
static int device_authenticate(struct op *op, const struct http_request *request,
			       struct http_response *response, struct device *ret,
			       const char **ret_sha256)
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
	*ret_sha256 = sha256;
	return tenant_check(op, ret->tenant_id, response);
}

/* A token that proves a user of the device's own tenant, on the device's own Entra identity.
 * 0: *ret is set; 1: it proves nothing; negative: nobody can say, as this program failed. */
static int token_prove(struct op *op, const struct device *device, struct text token,
		       struct entra_principal *ret)
{
	const char *why;
	int r;

	r = entra_token_check(op, ENTRA_SESSION, token, ret, NULL, NULL);
	if (r < 0)
		return ERR_TRACE(&op->trail, r);
	if (r != ENTRA_TOKEN_OK)
		why = entra_verdict_name((enum entra_verdict)r);
	else if (strcmp(ret->tenant_id, device->tenant_id) != 0)
		why = "tenant_of_another_device";
	else if (ret->device_id[0] && strcmp(ret->device_id, device->entra_device_id) != 0)
		why = "device_id_of_another_device";
	else
		return 0;
	log_warn("session_token", LOG_TEXT("trace_id", op->trace_id),
		 LOG_TEXT("device", device->id), LOG_TEXT("refused", why));
	return 1;
}

/* The user of the session. Header and alert may both carry a token; when they name two users,
 * neither is believed. 0, or negative. */
static int user_authenticate(struct op *op, const struct http_request *request,
			     struct manage_request *in)
{
	const struct device *device = in->device;
	struct entra_principal *users = ARENA_ARRAY(op->arena, 2, struct entra_principal);
	struct text tokens[] = {edge_bearer_token(request), manage_message_token(in->message)};

	for (size_t i = 0; i < ARRAY_LEN(tokens); i++) {
		int r = tokens[i].ptr ? token_prove(op, device, tokens[i], &users[i]) : 1;

		if (r < 0)
			return r;
		if (r)
			continue;
		if (in->user && strcmp(in->user->object_id, users[i].object_id) != 0) {
			log_warn("session_token", LOG_TEXT("trace_id", op->trace_id),
				 LOG_TEXT("device", device->id), LOG_TEXT("refused", "two_users"));
			in->user = NULL;
			in->is_user_disputed = true;
			return 0;
		}
		in->user = &users[i];
	}
	return 0;
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

/* The endpoint as this device knows it: it may have been enrolled when it had another name. */
static const char *endpoint_url(struct op *op, const struct syncml *message)
{
	const struct config_list *previous = &op->config->manage_previous;

	for (size_t i = 0; i < previous->count; i++) {
		const char *url =
		    arena_printf(op->arena, "%s" ENROLL_PATH_MANAGEMENT, previous->items[i]);

		if (manage_url_is_same(message->header.target, text_of(url)))
			return url;
	}
	return arena_printf(op->arena, "%s" ENROLL_PATH_MANAGEMENT, op->config->manage.url);
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

	r = device_authenticate(op, request, response, &device, &in.certificate);
	if (r)
		return r < 0 ? r : 0;
	if (!message_read(op, request, response, &message))
		return 0;
	r = user_authenticate(op, request, &in);
	if (r)
		return ERR_TRACE(&op->trail, r);
	in.origin = origin.ptr ? text_take(origin, 64) : TEXT_EMPTY;
	in.url = endpoint_url(op, &message);
	r = manage_message(op, &in, &response->body);
	if (r < 0) {
		buf_clear(&response->body);
		return ERR_TRACE(&op->trail, r);
	}
	if (r > 0) {
		buf_clear(&response->body);
		/* A device that never got as far as a session: its joining ends here. */
		if (r == MANAGE_E_SOURCE_MISMATCH && device.last_seen_at == 0)
			edge_attempt_first_session(op, request, &device);
		refuse(op, response, outcome_status((enum manage_outcome)r),
		       manage_outcome_name(r));
		return 0;
	}
	http_response_set(response, 200, SYNCML_TYPE);
	http_response_header(response, "Cache-Control", TEXT("no-store"));
	return 0;
}
