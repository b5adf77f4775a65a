/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_records.c: what happened and what is owed: /api/v1/outbox, audit, tokens.
 */
#include "edge/api_resources.h"

#include "admin/devices.h"
#include "admin/tokens.h"
#include "store/api_token.h"
#include "store/audit.h"
#include "store/outbox.h"

static void outbox_write(struct json_writer *w, const struct outbox_row *o)
{
	json_begin_object(w, NULL);
	json_add_c(w, "id", o->id);
	json_add_c(w, "tenant_id", o->tenant_id);
	json_add_c(w, "device_id", o->device_id);
	json_add_c(w, "entra_device_id", o->entra_device_id);
	json_begin_object(w, "payload");
	json_add_bool(w, "isManaged", o->is_managed);
	json_add_bool(w, "isCompliant", o->is_compliant);
	json_end_object(w);
	json_add_c(w, "state", outbox_state_name(o->state));
	json_add_int(w, "tries", o->tries);
	json_add_time(w, "next_try_at", o->state == OUTBOX_PENDING ? o->next_try_at : 0);
	json_add_c(w, "last_error", o->last_error);
	json_add_time(w, "created_at", o->created_at);
	json_add_time(w, "updated_at", o->updated_at);
	json_add_time(w, "done_at", o->done_at);
	json_end_object(w);
}

int api_outbox_list(struct api_call *call)
{
	static const char *const filters[] = {"tenant_id", "device_id", "state", NULL};
	const struct outbox_filter filter = {
	    .tenant_id = api_param(call, "tenant_id"),
	    .device_id = api_param(call, "device_id"),
	    .state = api_param_word(call, "state", outbox_state_list()),
	};
	struct outbox_row *list;
	struct api_page page;
	int r;

	r = api_page_read(call, filters, &page);
	if (r == 0)
		r = admin_found(&call->admin, "report",
				store_outbox_list(db_reader(call->op->db), call->op->arena, &filter,
						  page.after, page.limit + 1, &list, &page.n));
	while (r == 0 && api_page_next(call, &page)) {
		outbox_write(&call->json, &list[page.i]);
		page.last_id = list[page.i].id;
	}
	return r;
}

static int outbox_answer(struct api_call *call, int status)
{
	struct outbox_row row;
	int r = admin_found(&call->admin, "report",
			    store_outbox_load(db_reader(call->op->db), call->op->arena,
					      text_of(call->args[0]), &row));

	if (r)
		return r;
	api_begin(call, status);
	outbox_write(&call->json, &row);
	return 0;
}

int api_outbox_show(struct api_call *call)
{
	return outbox_answer(call, 200);
}

int api_outbox_retry(struct api_call *call)
{
	int r = api_fields_none(call);

	if (r == 0)
		r = admin_outbox_retry(&call->admin, call->args[0]);
	return r ? r : outbox_answer(call, 202);
}

int api_outbox_drop(struct api_call *call)
{
	int r = api_fields_none(call);

	if (r == 0)
		r = admin_outbox_drop(&call->admin, call->args[0]);
	if (r)
		return r;
	api_begin(call, 202);
	json_begin_object(&call->json, NULL);
	json_add_c(&call->json, "id", call->args[0]);
	json_add_bool(&call->json, "dropped", true);
	json_end_object(&call->json);
	return 0;
}

static void audit_write(struct json_writer *w, const struct audit_entry *a)
{
	json_begin_object(w, NULL);
	json_add_c(w, "id", a->id);
	json_add_c(w, "tenant_id", a->tenant_id);
	json_add_time(w, "at", a->at);
	json_add_c(w, "actor", a->actor);
	json_add_c(w, "action", a->action);
	json_add_c(w, "object_kind", a->object_kind);
	json_add_c(w, "object_id", a->object_id);
	json_add_c(w, "outcome", a->outcome);
	json_add_c(w, "source", a->source);
	json_add_c(w, "trace_id", a->trace_id);
	json_add_raw(w, "detail", text_of(a->detail));
	json_end_object(w);
}

int api_audit_list(struct api_call *call)
{
	static const char *const outcomes[] = {"ok", "refused", NULL};
	static const char *const filters[] = {"tenant_id", "actor",   "action",   "object_kind",
					      "object_id", "outcome", "trace_id", NULL};
	const struct audit_filter filter = {
	    .tenant_id = api_param(call, "tenant_id"),
	    .actor = api_param(call, "actor"),
	    .action = api_param(call, "action"),
	    .object_kind = api_param(call, "object_kind"),
	    .object_id = api_param(call, "object_id"),
	    .outcome = api_param_word(call, "outcome", outcomes),
	    .trace_id = api_param(call, "trace_id"),
	};
	struct audit_entry *list;
	struct api_page page;
	int r;

	r = api_page_read(call, filters, &page);
	if (r == 0)
		r = admin_found(&call->admin, "entry",
				store_audit_list(db_reader(call->op->db), call->op->arena, &filter,
						 page.after, page.limit + 1, &list, &page.n));
	while (r == 0 && api_page_next(call, &page)) {
		audit_write(&call->json, &list[page.i]);
		page.last_id = list[page.i].id;
	}
	return r;
}

int api_audit_show(struct api_call *call)
{
	struct audit_entry entry;
	int r = admin_found(&call->admin, "entry",
			    store_audit_load(db_reader(call->op->db), call->op->arena,
					     text_of(call->args[0]), &entry));

	if (r)
		return r;
	api_begin(call, 200);
	audit_write(&call->json, &entry);
	return 0;
}

/* secret: shown once, when the token is made; else NULL. */
static void token_write(struct json_writer *w, const struct api_token *t, const char *secret)
{
	json_begin_object(w, NULL);
	json_add_c(w, "id", t->id);
	json_add_c(w, "name", t->name);
	json_add_c(w, "role", api_role_name(t->role));
	json_add_time(w, "created_at", t->created_at);
	json_add_time(w, "expires_at", t->expires_at);
	json_add_time(w, "last_used_at", t->last_used_at);
	if (secret)
		json_add_c(w, "token", secret);
	json_end_object(w);
}

int api_token_list(struct api_call *call)
{
	static const char *const filters[] = {NULL};
	struct api_token *list;
	struct api_page page;
	int r;

	r = api_page_read(call, filters, &page);
	if (r == 0)
		r = admin_found(&call->admin, "token",
				store_api_token_list(db_reader(call->op->db), call->op->arena,
						     page.after, page.limit + 1, &list, &page.n));
	while (r == 0 && api_page_next(call, &page)) {
		token_write(&call->json, &list[page.i], NULL);
		page.last_id = list[page.i].id;
	}
	return r;
}

int api_token_show(struct api_call *call)
{
	struct api_token token;
	int r = admin_found(&call->admin, "token",
			    store_api_token_load(db_reader(call->op->db), call->op->arena,
						 text_of(call->args[0]), &token));

	if (r)
		return r;
	api_begin(call, 200);
	token_write(&call->json, &token, NULL);
	return 0;
}

int api_token_add(struct api_call *call)
{
	static const char *const fields[] = {"name", "role", "expires_at", NULL};
	static const char *const roles[] = {"reader", "administrator", NULL};
	const char *name = "", *secret;
	struct api_token token;
	int64_t expires_at = 0;
	int role = ROLE_READER, r;

	api_fields_known(call, fields);
	api_field_text(call, "name", &name);
	api_field_enum(call, "role", roles, &role);
	api_field_time(call, "expires_at", &expires_at);
	r = api_fields_done(call);
	if (r == 0)
		r = admin_token_add(&call->admin, name, (enum api_role)role, expires_at, &token,
				    &secret);
	if (r)
		return r;
	api_begin(call, 201);
	token_write(&call->json, &token, secret);
	return 0;
}

int api_token_remove(struct api_call *call)
{
	int r = admin_token_remove(&call->admin, call->args[0]);

	if (r)
		return r;
	api_no_content(call);
	return 0;
}
