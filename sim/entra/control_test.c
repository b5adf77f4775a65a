/* SPDX-License-Identifier: Apache-2.0 */
/*
 * control_test.c: the calls that steer a test instead of seeding it: keys, clock, faults, limits,
 * the log, violations, settings, certificates of the listeners, and starting over.
 */
#include "sim/entra/control.h"

#include "sim/entra/place.h"

enum { OFFSET_MAX = 10 * 365 * 24 * 3600, PAGE_MAX = 999, EXPIRES_MAX = 86400 };

static void show_ok(struct call *call)
{
	buf_add_c(call_json(call, 200), "{}");
}

void control_keys_list(struct call *call)
{
	keys_list(&call->sim->keys, call_json(call, 200));
}

void control_keys_operate(struct call *call)
{
	static const char *const also[] = {"key", NULL};
	enum key_role role = KEY_CURRENT;
	const struct json *body;
	struct text key;
	int r;

	if (!control_body(call, NULL, 0, also, &body))
		return;
	key = json_text(body, "key");
	if (json_has(body, "key") && (!key.ptr || !keys_role_read(key, &role))) {
		control_fail(call, 400, "key is not a known role");
		return;
	}
	r = keys_operate(&call->sim->keys, call->captures[0], role, call->now, call->trail);
	if (r == KEYS_E_UNKNOWN)
		control_fail(call, 404, "no such operation on keys");
	else if (r < 0)
		control_fail(call, 500, call->trail->cause);
	else
		control_keys_list(call);
}

void control_clock_show(struct call *call)
{
	struct json_writer w;

	json_writer_init(&w, call_json(call, 200));
	json_begin_object(&w, NULL);
	json_add_int(&w, "offset", call->sim->clock_offset);
	json_add_int(&w, "unix", sim_now(call->sim));
	json_add_time(&w, "now", sim_now(call->sim));
	json_end_object(&w);
}

void control_clock_set(struct call *call)
{
	int64_t offset = 0;
	const struct control_field fields[] = {{"offset", CONTROL_INTEGER, &offset}};
	const struct json *body;

	if (!control_body(call, fields, ARRAY_LEN(fields), NULL, &body))
		return;
	control_apply(body, fields, ARRAY_LEN(fields));
	if (offset < -OFFSET_MAX || offset > OFFSET_MAX) {
		control_fail(call, 400, "offset is more than ten years");
		return;
	}
	call->sim->clock_offset = offset;
	control_clock_show(call);
}

void control_fault_add(struct call *call)
{
	const struct json *body;
	struct json_writer w;
	const char *why;
	uint64_t id;

	if (json_read(call->arena, call->body, CALL_JSON_DEPTH, &body) != 0) {
		control_fail(call, 400, "the body is not JSON");
		return;
	}
	if (faults_add(&call->sim->faults, body, &id, &why) != 0) {
		control_fail(call, 400, why);
		return;
	}
	json_writer_init(&w, call_json(call, 201));
	json_begin_object(&w, NULL);
	json_add_int(&w, "id", (int64_t)id);
	json_end_object(&w);
}

void control_fault_list(struct call *call)
{
	faults_write(&call->sim->faults, call_json(call, 200));
}

void control_fault_clear(struct call *call)
{
	faults_clear(&call->sim->faults);
	call_empty(call, 204);
}

void control_fault_remove(struct call *call)
{
	uint64_t id;

	if (text_to_u64(call->captures[0], &id) && faults_remove(&call->sim->faults, id))
		call_empty(call, 204);
	else
		control_fail(call, 404, "no such fault");
}

void control_log_show(struct call *call)
{
	struct text after = call_query(call, "after");
	struct text listener = call_query(call, "listener");
	struct text prefix = call_query(call, "path");
	struct journal_filter filter = {.path_prefix = prefix.ptr ? prefix : TEXT_EMPTY};

	if (after.ptr && !text_to_u64(after, &filter.after)) {
		control_fail(call, 400, "after is a sequence number");
		return;
	}
	filter.has_listener = listener.ptr != NULL;
	if (listener.ptr && !listener_read(listener, &filter.listener)) {
		control_fail(call, 400, "listener is login or graph");
		return;
	}
	journal_write(&call->sim->journal, &filter, call_json(call, 200));
}

void control_log_clear(struct call *call)
{
	journal_clear(&call->sim->journal);
	call_empty(call, 204);
}

void control_violations_show(struct call *call)
{
	throttle_write(&call->sim->throttle, call_json(call, 200));
}

void control_violations_clear(struct call *call)
{
	throttle_clear(&call->sim->throttle);
	call_empty(call, 204);
}

static bool rate_read(struct call *call, const struct json *body, const char *name,
		      struct throttle_rate *ret)
{
	const struct json *rate = json_get(body, name);
	struct throttle_rate read = {0};

	if (!rate)
		return true;
	if (!json_int(rate, "count", &read.count) || !json_int(rate, "seconds", &read.seconds) ||
	    read.count < 0 || read.seconds < 1)
		return control_fail(call, 400,
				    "a limit is {\"count\": 0 or more, \"seconds\": 1 or more}");
	*ret = read;
	return true;
}

void control_limits_set(struct call *call)
{
	static const char *const also[] = {"requests", "writes", NULL};
	struct throttle_rate rates[THROTTLE_LIMITS];
	const struct json *body;

	memcpy(rates, call->sim->throttle.rates, sizeof(rates));
	if (!control_body(call, NULL, 0, also, &body) ||
	    !rate_read(call, body, "requests", &rates[THROTTLE_REQUESTS]) ||
	    !rate_read(call, body, "writes", &rates[THROTTLE_WRITES]))
		return;
	throttle_set_rates(&call->sim->throttle, rates);
	show_ok(call);
}

void control_settings_show(struct call *call)
{
	const struct settings *settings = &call->sim->settings;
	struct json_writer w;

	json_writer_init(&w, call_json(call, 200));
	json_begin_object(&w, NULL);
	json_add_int(&w, "expiresIn", settings->expires_in);
	json_add_int(&w, "pageSize", settings->page_size);
	json_add_int(&w, "replicationLag", settings->replication_lag);
	json_add_bool(&w, "batchShuffled", settings->is_batch_shuffled);
	json_add_bool(&w, "namesCloud", settings->names_cloud);
	json_add_c(&w, "commonTenant",
		   settings->has_common_tenant ? call_uuid(call->arena, settings->common_tenant)
					       : NULL);
	json_end_object(&w);
}

void control_settings_change(struct call *call)
{
	static const char *const also[] = {"commonTenant", NULL};
	struct settings changed = call->sim->settings;
	const struct control_field fields[] = {
	    {"expiresIn", CONTROL_INTEGER, &changed.expires_in},
	    {"pageSize", CONTROL_INTEGER, &changed.page_size},
	    {"replicationLag", CONTROL_INTEGER, &changed.replication_lag},
	    {"batchShuffled", CONTROL_BOOL, &changed.is_batch_shuffled},
	    {"namesCloud", CONTROL_BOOL, &changed.names_cloud},
	};
	const struct json *body;

	if (!control_body(call, fields, ARRAY_LEN(fields), also, &body))
		return;
	control_apply(body, fields, ARRAY_LEN(fields));
	if (json_has(body, "commonTenant")) {
		if (!control_id(call, body, "commonTenant", &changed.common_tenant))
			return;
		changed.has_common_tenant = true;
	}
	if (changed.expires_in < 0 || changed.expires_in > EXPIRES_MAX || changed.page_size < 1 ||
	    changed.page_size > PAGE_MAX || changed.replication_lag < 0) {
		control_fail(call, 400, "a setting is out of its range");
		return;
	}
	call->sim->settings = changed;
	control_settings_show(call);
}

void control_delta_expire(struct call *call)
{
	call->sim->settings.delta_epoch++;
	show_ok(call);
}

void control_tls_set(struct call *call)
{
	static const char *const also[] = {"listener", "certificate", NULL};
	struct sim *sim = call->sim;
	const char *before;
	const char *file = NULL;
	const struct json *body;
	enum listener listener;
	struct text name;
	struct text which;

	if (!control_body(call, NULL, 0, also, &body))
		return;
	name = json_text(body, "listener");
	which = json_text(body, "certificate");
	if (which.ptr)
		file = place_certificate(sim->arena, sim->options->dir, which);
	if (!name.ptr || !listener_read(name, &listener) || listener == LISTENER_CONTROL || !file) {
		control_fail(call, 400,
			     "listener is login or graph; certificate is good, wrong-name, expired "
			     "or untrusted");
		return;
	}
	before = sim->listeners[listener].certificate_file;
	sim->listeners[listener].certificate_file = file;
	if (http_server_reload_tls(sim->server, sim->listeners, LISTENERS, call->trail) < 0) {
		sim->listeners[listener].certificate_file = before;
		control_fail(call, 500, call->trail->cause);
		return;
	}
	show_ok(call);
}

void control_reset(struct call *call)
{
	if (sim_reset(call->sim, call->trail) < 0)
		control_fail(call, 500, call->trail->cause);
	else
		show_ok(call);
}
