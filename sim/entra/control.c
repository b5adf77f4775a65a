/* SPDX-License-Identifier: Apache-2.0 */
/*
 * control.c: see control.h. entra.md section 8.2, contract.md section 6.
 *
 * One table of routes. A call without the token of control.token is refused with 401; a body with
 * a member that is not known is refused with 400, so that a typing mistake in a test shows at once.
 * Errors are {"error": one sentence}.
 */
#include "sim/entra/control.h"

static const struct {
	unsigned methods;
	const char *pattern;
	void (*run)(struct call *call);
} ROUTES[] = {
    {HTTP_POST, "/_ctl/tenants", control_tenant_add},
    {HTTP_GET, "/_ctl/tenants", control_tenant_list},
    {HTTP_PATCH, "/_ctl/tenants/{}", control_tenant_change},
    {HTTP_DELETE, "/_ctl/tenants/{}", control_tenant_remove},
    {HTTP_POST, "/_ctl/apps", control_app_add},
    {HTTP_GET, "/_ctl/apps", control_app_list},
    {HTTP_GET, "/_ctl/apps/{}", control_app_show},
    {HTTP_PATCH, "/_ctl/apps/{}", control_app_change},
    {HTTP_DELETE, "/_ctl/apps/{}", control_app_remove},
    {HTTP_POST, "/_ctl/consents", control_consent_add},
    {HTTP_GET, "/_ctl/consents", control_consent_list},
    {HTTP_PATCH, "/_ctl/consents/{}/{}", control_consent_change},
    {HTTP_DELETE, "/_ctl/consents/{}/{}", control_consent_remove},
    {HTTP_POST, "/_ctl/secrets", control_secret_add},
    {HTTP_POST, "/_ctl/certs", control_cert_add},
    {HTTP_POST, "/_ctl/federated", control_federated_add},
    {HTTP_POST, "/_ctl/users", control_user_add},
    {HTTP_POST, "/_ctl/groups", control_group_add},
    {HTTP_POST, "/_ctl/groups/{}/members", control_group_member_add},
    {HTTP_DELETE, "/_ctl/groups/{}/members/{}", control_group_member_remove},
    {HTTP_POST, "/_ctl/devices", control_device_add},
    {HTTP_POST, "/_ctl/mint", control_mint},
    {HTTP_GET, "/_ctl/keys", control_keys_list},
    {HTTP_POST, "/_ctl/keys/{}", control_keys_operate},
    {HTTP_GET, "/_ctl/clock", control_clock_show},
    {HTTP_POST, "/_ctl/clock", control_clock_set},
    {HTTP_POST, "/_ctl/faults", control_fault_add},
    {HTTP_GET, "/_ctl/faults", control_fault_list},
    {HTTP_DELETE, "/_ctl/faults", control_fault_clear},
    {HTTP_DELETE, "/_ctl/faults/{}", control_fault_remove},
    {HTTP_GET, "/_ctl/log", control_log_show},
    {HTTP_DELETE, "/_ctl/log", control_log_clear},
    {HTTP_GET, "/_ctl/violations", control_violations_show},
    {HTTP_DELETE, "/_ctl/violations", control_violations_clear},
    {HTTP_POST, "/_ctl/limits", control_limits_set},
    {HTTP_GET, "/_ctl/settings", control_settings_show},
    {HTTP_PATCH, "/_ctl/settings", control_settings_change},
    {HTTP_POST, "/_ctl/delta/expire", control_delta_expire},
    {HTTP_POST, "/_ctl/tls", control_tls_set},
    {HTTP_POST, "/_ctl/reset", control_reset},
    /* Collections that share their code; captures[0] is the name. */
    {HTTP_GET, "/_ctl/{}", control_entity_list},
    {HTTP_GET, "/_ctl/{}/{}", control_entity_show},
    {HTTP_PATCH, "/_ctl/{}/{}", control_entity_change},
    {HTTP_DELETE, "/_ctl/{}/{}", control_entity_remove},
};

bool control_fail(struct call *call, int status, const char *message)
{
	struct json_writer w;

	json_writer_init(&w, call_json(call, status));
	json_begin_object(&w, NULL);
	json_add_c(&w, "error", message);
	json_end_object(&w);
	return false;
}

void control_run(struct call *call)
{
	bool is_known = false;

	for (size_t i = 0; i < ARRAY_LEN(ROUTES); i++) {
		if (!call_match(call, call->path, ROUTES[i].pattern))
			continue;
		is_known = true;
		if (ROUTES[i].methods & (unsigned)call->method) {
			ROUTES[i].run(call);
			return;
		}
	}
	control_fail(call, is_known ? 405 : 404, "no such call; see README.md of the stand-in");
}

void control_answer(struct call *call)
{
	static const struct text scheme = {"Bearer ", 7};
	struct text given = call->authorization;

	if (!given.ptr || !text_starts(given, scheme) ||
	    !text_eq_secret(text_from(given, scheme.len), text_of(call->sim->control_token))) {
		control_fail(call, 401, "send the token of control.token as a bearer token");
		return;
	}
	control_run(call);
}

static bool value_is_good(const struct json *value, enum control_kind kind)
{
	switch (kind) {
	case CONTROL_STRING:
		return value->kind == JSON_STRING || value->kind == JSON_NULL;
	case CONTROL_BOOL:
		return value->kind == JSON_BOOL;
	case CONTROL_INTEGER:
		return value->kind == JSON_INTEGER;
	case CONTROL_STRINGS:
		break;
	}
	if (value->kind != JSON_ARRAY)
		return false;
	for (size_t i = 0; i < value->count; i++)
		if (value->items[i].kind != JSON_STRING)
			return false;
	return true;
}

static bool name_is_in(struct text name, const char *const *names)
{
	for (; names && *names; names++)
		if (text_eq_c(name, *names))
			return true;
	return false;
}

static bool member_check(struct call *call, const struct json *member,
			 const struct control_field *fields, size_t count, const char *const *also)
{
	for (size_t i = 0; i < count; i++) {
		if (!text_eq_c(member->name, fields[i].name))
			continue;
		return value_is_good(member, fields[i].kind)
			   ? true
			   : control_fail(call, 400,
					  arena_printf(call->arena, "%.*s is of the wrong kind",
						       TEXT_ARG(member->name)));
	}
	if (name_is_in(member->name, also))
		return true;
	return control_fail(
	    call, 400,
	    arena_printf(call->arena, "%.*s is not a member of this call", TEXT_ARG(member->name)));
}

bool control_body(struct call *call, const struct control_field *fields, size_t count,
		  const char *const *also, const struct json **ret)
{
	struct text text = text_is_empty(call->body) ? TEXT("{}") : call->body;
	const struct json *body;

	if (json_read(call->arena, text, CALL_JSON_DEPTH, &body) != 0 || body->kind != JSON_OBJECT)
		return control_fail(call, 400, "the body is not a JSON object");
	for (size_t i = 0; i < body->count; i++)
		if (!member_check(call, &body->items[i], fields, count, also))
			return false;
	*ret = body;
	return true;
}

static void field_set(const struct control_field *field, const struct json *value)
{
	switch (field->kind) {
	case CONTROL_STRING:
		state_set(field->target,
			  value->kind == JSON_STRING ? value->text : (struct text){0});
		break;
	case CONTROL_BOOL:
		*(bool *)field->target = value->integer != 0;
		break;
	case CONTROL_INTEGER:
		*(int64_t *)field->target = value->integer;
		break;
	case CONTROL_STRINGS:
		texts_clear(field->target);
		for (size_t i = 0; i < value->count; i++)
			texts_add(field->target, value->items[i].text);
		break;
	}
}

void control_apply(const struct json *body, const struct control_field *fields, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct json *value = json_get(body, fields[i].name);

		if (value)
			field_set(&fields[i], value);
	}
}

bool control_id(struct call *call, const struct json *body, const char *name, struct uuid *ret)
{
	struct text value = json_text(body, name);

	if (!json_has(body, name)) {
		*ret = uuid_random();
		return true;
	}
	return (value.ptr && uuid_read(value, ret)) ||
	       control_fail(call, 400, arena_printf(call->arena, "%s is not a GUID", name));
}

bool control_tenant(struct call *call, const struct json *body, struct tenant **ret)
{
	struct text name = json_text(body, "tenant");
	struct tenant *tenant = name.ptr ? state_tenant(&call->sim->state, name) : NULL;

	if (!tenant)
		return control_fail(call, 404, "tenant is missing or not known");
	*ret = tenant;
	return true;
}

bool control_app(struct call *call, const struct json *body, struct app **ret)
{
	struct text name = json_text(body, "app");
	struct app *app = name.ptr ? state_app(&call->sim->state, name) : NULL;

	if (!app)
		return control_fail(call, 404, "app is missing or not a known client id");
	*ret = app;
	return true;
}

bool control_wants_tenant(const struct call *call, const struct tenant *tenant)
{
	struct text wanted = call_query(call, "tenant");

	return !wanted.ptr || state_tenant(&call->sim->state, wanted) == tenant;
}

void control_strings(struct json_writer *w, const char *name, const struct texts *strings)
{
	json_begin_array(w, name);
	for (size_t i = 0; i < strings->count; i++)
		json_add_c(w, NULL, strings->items[i]);
	json_end_array(w);
}
