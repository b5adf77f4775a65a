/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attempt.c: see attempt.h.
 */
#include "edge/attempt.h"

#include "base/clock.h"
#include "base/log.h"
#include "edge/run.h"
#include "enroll/reason.h"
#include "enroll/seen.h"
#include "store/enrollment.h"
#include "store/story.h"

void edge_attempt_init(struct op *op, const struct http_request *request,
		       enum enrollment_stage stage, struct enrollment *ret)
{
	struct text client_request_id = http_request_header(request, "client-request-id");

	*ret = (struct enrollment){
	    .tenant_id = "",
	    .id = store_new_id(op->arena),
	    .at = op->now,
	    .stage = stage,
	    .outcome = OUTCOME_OK,
	    .error_code = "",
	    .reason = "",
	    .remedy = "",
	    .client_request_id = "",
	    .trace_id = op->trace_id,
	    .device_id = "",
	    .entra_device_id = "",
	    .user_principal_name = "",
	    .user_object_id = "",
	    .device_name = "",
	    .os_version = "",
	    .source = op->source,
	    .auth = "",
	    .user_key = "",
	    .story_id = "",
	    .discovery_id = "",
	    .merged_id = "",
	    .asked_name = "",
	};
	if (client_request_id.ptr && uuid_is(client_request_id))
		ret->client_request_id = arena_cstr(op->arena, client_request_id);
}

void edge_attempt_principal(struct enrollment *attempt, const struct entra_principal *principal)
{
	attempt->tenant_id = principal->tenant_id;
	attempt->entra_device_id = principal->device_id;
	attempt->user_principal_name = principal->user_name;
	attempt->user_object_id = principal->object_id;
	attempt->auth = enroll_auth_name(ENROLL_AUTH_ENTRA);
}

void edge_attempt_enroller(struct enrollment *attempt, const struct enroll_principal *principal)
{
	attempt->tenant_id = principal->tenant_id;
	attempt->entra_device_id = principal->device_id;
	attempt->user_principal_name = principal->user_name;
	attempt->user_object_id = principal->object_id;
	attempt->user_key = principal->user_key;
	attempt->auth = enroll_auth_name(principal->auth);
}

void edge_attempt_seen(struct op *op, struct enrollment *attempt, const char *what,
		       struct text value)
{
	attempt->remedy = arena_printf(op->arena, "%s %s %s", attempt->remedy, what,
				       enroll_seen(op->arena, value));
}

/* Whose token it says it is, for who has to find out where it came from. */
static void claims_tell(struct op *op, struct enrollment *attempt,
			const struct entra_token_note *note)
{
	if (note->claimed_tenant_id[0])
		attempt->remedy = arena_printf(op->arena, "%s The token calls its tenant %s.",
					       attempt->remedy, note->claimed_tenant_id);
	if (note->claimed_issuer[0])
		attempt->remedy = arena_printf(op->arena, "%s The token calls its issuer %s.",
					       attempt->remedy, note->claimed_issuer);
}

void edge_attempt_token(struct op *op, struct enrollment *attempt, enum entra_verdict verdict,
			const struct entra_token_note *note, const char *error_code)
{
	const char *reason = arena_printf(op->arena, "token_%s", entra_verdict_name(verdict));

	attempt->user_principal_name = note->claimed_name;
	if (note->is_proved) {
		attempt->auth = enroll_auth_name(ENROLL_AUTH_ENTRA);
		attempt->tenant_id = note->tenant_id;
		attempt->user_object_id = note->object_id;
		attempt->entra_device_id = note->device_id;
		attempt->user_principal_name = note->user_name;
	}
	enroll_attempt_refuse(attempt, reason, error_code, entra_verdict_remedy(verdict));
	claims_tell(op, attempt, note);
	if (verdict == ENTRA_TOKEN_AUDIENCE)
		edge_attempt_seen(op, attempt, "The token was made for", note->audience);
}

void edge_attempt_place(struct op *op, struct enrollment *attempt)
{
	int r = store_story_place(db_reader(op->db), op->arena, attempt);

	if (r)
		log_warn("attempt_not_placed", LOG_TEXT("trace_id", op->trace_id),
			 LOG_TEXT("error", db_error(op->db)));
}

static int attempt_write(struct db_conn *tx, void *argument)
{
	return store_enrollment_add(tx, argument);
}

/* Where the tenant is known, a command in the remedy can be typed as it stands there. */
static const char *remedy_of(struct op *op, const struct enrollment *attempt)
{
	static const char mark[] = "TENANT_ID";
	const char *rest = attempt->remedy, *at;
	struct buf buf;

	if (!attempt->tenant_id[0])
		return rest;
	buf_init(&buf, op->arena);
	buf_add_c(&buf, "");
	for (; (at = strstr(rest, mark)); rest = at + sizeof(mark) - 1) {
		buf_add(&buf, rest, (size_t)(at - rest));
		buf_add_c(&buf, attempt->tenant_id);
	}
	buf_add_c(&buf, rest);
	return buf.data;
}

void edge_attempt_record(struct op *op, const struct enrollment *attempt)
{
	struct enrollment row = *attempt;
	int r;

	row.remedy = remedy_of(op, attempt);
	if (attempt->outcome != OUTCOME_OK)
		op->log_outcome = attempt->reason;
	if ((!attempt->tenant_id[0] || attempt->is_claimed) &&
	    !attempt_limit_pass(&edge_context_of(op)->attempt_limit, op->source, clock_mono_ms())) {
		log_debug("attempt_not_stored", LOG_TEXT("trace_id", op->trace_id),
			  LOG_TEXT("reason", attempt->reason), LOG_TEXT("source", op->source));
		return;
	}
	edge_attempt_place(op, &row);
	r = db_transact(op->db, attempt_write, &row);
	if (r == ERR_STORE)
		edge_store_failed(edge_context_of(op));
	if (r)
		log_error("attempt_not_recorded", LOG_TEXT("trace_id", op->trace_id),
			  LOG_TEXT("reason", attempt->reason), LOG_TEXT("error", db_error(op->db)));
}

void edge_attempt_first_session(struct op *op, const struct http_request *request,
				const struct device *device)
{
	struct enrollment attempt;

	edge_attempt_init(op, request, STAGE_SESSION, &attempt);
	attempt.tenant_id = device->tenant_id;
	attempt.device_id = device->id;
	attempt.entra_device_id = device->entra_device_id;
	attempt.user_principal_name = device->user_principal_name;
	attempt.user_object_id = device->user_object_id;
	attempt.user_key = device->user_key;
	attempt.device_name = device->name;
	attempt.os_version = device->os_version;
	attempt.auth = enroll_auth_name(device->auth);
	enroll_attempt_refuse_known(&attempt, "session_source_mismatch");
	edge_attempt_record(op, &attempt);
}
