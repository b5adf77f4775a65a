/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_devices.c: /api/v1/devices, what they were sent and answered, and what can be done with them.
 */
#include "edge/api_resources.h"

#include "admin/devices.h"
#include "csp/csp.h"
#include "store/command.h"
#include "store/device.h"
#include "store/fact.h"
#include "store/session.h"
#include "store/tag.h"

static void device_write(struct json_writer *w, const struct device *d, const char *const *tags,
			 size_t tag_count)
{
	json_begin_object(w, NULL);
	json_add_c(w, "id", d->id);
	json_add_c(w, "tenant_id", d->tenant_id);
	json_add_c(w, "entra_device_id", d->entra_device_id);
	json_add_c(w, "name", d->name);
	json_add_c(w, "enrollment_type", enrollment_type_name(d->enrollment_type));
	json_add_c(w, "user_principal_name", d->user_principal_name);
	json_add_c(w, "user_object_id", d->user_object_id);
	json_add_c(w, "auth", enroll_auth_name(d->auth));
	json_add_c(w, "user_key", d->user_key);
	json_add_c(w, "hw_device_id", d->hw_device_id);
	json_add_c(w, "zero_touch_id", d->zero_touch_id);
	json_add_bool(w, "bulk_join", d->is_bulk);
	json_add_c(w, "autopilot_correlator", d->autopilot_correlator);
	json_add_c(w, "state", device_state_name(d->state));
	json_add_c(w, "os_version", d->os_version);
	json_add_c(w, "os_edition", d->os_edition);
	json_add_time(w, "enrolled_at", d->enrolled_at);
	json_add_time(w, "last_seen_at", d->last_seen_at);
	json_add_time(w, "retired_at", d->retired_at);
	json_add_c(w, "retired_reason", d->retired_reason);
	json_add_time(w, "certificate_not_after", d->certificate_not_after);
	json_add_c(w, "compliance_state", compliance_state_name(d->compliance_state));
	json_add_raw(w, "compliance_reasons", text_of(d->compliance_reasons));
	json_add_time(w, "compliance_changed_at", d->compliance_changed_at);
	json_add_time(w, "grace_until", d->grace_until);
	json_add_time(w, "compliance_reported_at", d->compliance_reported_at);
	if (tags) {
		json_begin_array(w, "tags");
		for (size_t i = 0; i < tag_count; i++)
			json_add_c(w, NULL, tags[i]);
		json_end_array(w);
	}
	json_end_object(w);
}

static int device_load(struct api_call *call, struct device *ret)
{
	return admin_found(&call->admin, "device",
			   store_device_find(db_reader(call->op->db), call->op->arena,
					     text_of(call->args[0]), ret));
}

static int device_answer(struct api_call *call, int status)
{
	const char **tags;
	struct device device;
	size_t n;
	int r;

	r = device_load(call, &device);
	if (r == 0)
		r = admin_found(&call->admin, "device",
				store_tag_list(db_reader(call->op->db), call->op->arena,
					       text_of(device.tenant_id), text_of(device.id), &tags,
					       &n));
	if (r)
		return r;
	api_begin(call, status);
	device_write(&call->json, &device, n > 0 ? tags : (const char *const[]){NULL}, n);
	return 0;
}

/* bulk_join=true or false, as the store compares it. */
static struct text bulk_filter(struct api_call *call)
{
	static const char *const words[] = {"true", "false", NULL};
	struct text value = api_param_word(call, "bulk_join", words);

	return value.len == 0 ? value : text_eq(value, TEXT("true")) ? TEXT("1") : TEXT("0");
}

int api_device_list(struct api_call *call)
{
	static const char *const filters[] = {"tenant_id",
					      "state",
					      "compliance_state",
					      "user_principal_name",
					      "user_object_id",
					      "entra_device_id",
					      "name",
					      "tag",
					      "zero_touch_id",
					      "bulk_join",
					      NULL};
	const struct device_filter filter = {
	    .tenant_id = api_param(call, "tenant_id"),
	    .state = api_param_word(call, "state", device_state_list()),
	    .compliance_state = api_param_word(call, "compliance_state", compliance_state_list()),
	    .user_principal_name = api_param(call, "user_principal_name"),
	    .user_object_id = api_param(call, "user_object_id"),
	    .entra_device_id = api_param(call, "entra_device_id"),
	    .name = api_param(call, "name"),
	    .id = TEXT_EMPTY,
	    .tag = api_param(call, "tag"),
	    .zero_touch_id = api_param(call, "zero_touch_id"),
	    .is_bulk = bulk_filter(call),
	};
	struct device *list;
	struct api_page page;
	int r;

	r = api_page_read(call, filters, &page);
	if (r == 0)
		r = admin_found(&call->admin, "device",
				store_device_list(db_reader(call->op->db), call->op->arena, &filter,
						  page.after, page.limit + 1, &list, &page.n));
	while (r == 0 && api_page_next(call, &page)) {
		device_write(&call->json, &list[page.i], NULL, 0);
		page.last_id = list[page.i].id;
	}
	return r;
}

int api_device_show(struct api_call *call)
{
	return device_answer(call, 200);
}

static void command_write(struct json_writer *w, const struct command *c)
{
	json_begin_object(w, NULL);
	json_add_c(w, "id", c->id);
	json_add_c(w, "locuri", c->locuri);
	json_add_c(w, "verb", command_verb_name(c->verb));
	json_add_c(w, "scope", scope_name(c->scope));
	json_add_c(w, "user_object_id", c->user_object_id);
	json_add_c(w, "origin", c->origin);
	json_add_c(w, "state", command_state_name(c->state));
	json_add_int(w, "status", c->status);
	json_add_c(w, "original_error", c->original_error);
	json_add_time(w, "created_at", c->created_at);
	json_add_time(w, "sent_at", c->sent_at);
	json_add_time(w, "answered_at", c->answered_at);
	json_end_object(w);
}

int api_device_act(struct api_call *call)
{
	static const char *const fields[] = {"name", "force", NULL};
	const char *name = NULL;
	struct command command;
	bool is_forced = false;
	int r;

	api_fields_known(call, fields);
	api_field_text(call, "name", &name);
	api_field_bool(call, "force", &is_forced);
	r = api_fields_done(call);
	if (r == 0)
		r = admin_device_act(&call->admin, call->args[0], call->args[1],
				     name ? text_of(name) : (struct text){NULL, 0}, is_forced,
				     &command);
	if (r)
		return r;
	if (!command.id[0])
		return device_answer(call, 202);
	api_begin(call, 202);
	command_write(&call->json, &command);
	return 0;
}

int api_device_facts(struct api_call *call)
{
	struct api_page page = API_PAGE_WHOLE;
	struct device device;
	struct fact *facts;
	int r;

	r = device_load(call, &device);
	if (r == 0)
		r = admin_found(&call->admin, "device",
				store_fact_list(db_reader(call->op->db), call->op->arena,
						text_of(device.tenant_id), text_of(device.id),
						&facts, &page.n));
	while (r == 0 && api_page_next(call, &page)) {
		const struct fact *fact = &facts[page.i];

		json_begin_object(&call->json, NULL);
		json_add_c(&call->json, "name", fact->name);
		json_add_c(&call->json, "value", fact->value);
		json_add_c(&call->json, "meaning", csp_fact_meaning(call->op->arena, fact));
		json_add_time(&call->json, "at", fact->at);
		json_end_object(&call->json);
	}
	return r;
}

int api_device_commands(struct api_call *call)
{
	static const char *const filters[] = {"state", "origin", "session_id", "locuri", NULL};
	const struct command_filter filter = {
	    .state = api_param_word(call, "state", command_state_list()),
	    .origin = api_param(call, "origin"),
	    .session_id = api_param(call, "session_id"),
	    .locuri = api_param(call, "locuri"),
	};
	struct command *list;
	struct device device;
	struct api_page page;
	int r;

	r = api_page_read(call, filters, &page);
	if (r == 0)
		r = device_load(call, &device);
	if (r == 0)
		r = admin_found(&call->admin, "device",
				store_command_list(db_reader(call->op->db), call->op->arena,
						   text_of(device.tenant_id), text_of(device.id),
						   &filter, page.after, page.limit + 1, &list,
						   &page.n));
	while (r == 0 && api_page_next(call, &page)) {
		command_write(&call->json, &list[page.i]);
		page.last_id = list[page.i].id;
	}
	return r;
}

static void session_write(struct json_writer *w, const struct session_row *s)
{
	json_begin_object(w, NULL);
	json_add_c(w, "id", s->id);
	json_add_c(w, "session_id", s->session_id);
	json_add_int(w, "messages", s->client_msg_id);
	json_add_c(w, "user_object_id", s->user_object_id);
	json_add_c(w, "login_status", s->login_status);
	json_add_c(w, "origin", s->origin);
	json_add_time(w, "started_at", s->started_at);
	json_add_time(w, "updated_at", s->updated_at);
	json_add_time(w, "ended_at", s->ended_at);
	json_add_c(w, "end_reason", s->end_reason);
	json_end_object(w);
}

int api_device_sessions(struct api_call *call)
{
	static const char *const filters[] = {NULL};
	struct session_row *list;
	struct device device;
	struct api_page page;
	int r;

	r = api_page_read(call, filters, &page);
	if (r == 0)
		r = device_load(call, &device);
	if (r == 0)
		r = admin_found(&call->admin, "device",
				store_session_list(db_reader(call->op->db), call->op->arena,
						   text_of(device.tenant_id), text_of(device.id),
						   page.after, page.limit + 1, &list, &page.n));
	while (r == 0 && api_page_next(call, &page)) {
		session_write(&call->json, &list[page.i]);
		page.last_id = list[page.i].id;
	}
	return r;
}

static int tag_change(struct api_call *call, bool is_added)
{
	static const char *const fields[] = {"tag", NULL};
	const char *tag = NULL;
	int r;

	api_fields_known(call, fields);
	api_field_text(call, "tag", &tag);
	r = api_fields_done(call);
	if (r == 0)
		r = admin_device_tag(&call->admin, call->args[0],
				     tag ? text_of(tag) : (struct text){NULL, 0}, is_added);
	return r ? r : device_answer(call, 202);
}

int api_device_tag_add(struct api_call *call)
{
	return tag_change(call, true);
}

int api_device_tag_remove(struct api_call *call)
{
	return tag_change(call, false);
}
