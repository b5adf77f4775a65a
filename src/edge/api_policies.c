/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_policies.c: /api/v1/policies and /api/v1/compliance-policies.
 */
#include "edge/api_resources.h"

#include "admin/policies.h"
#include "base/digest.h"
#include "manage/policy_seal.h"
#include "store/compliance.h"
#include "store/policy.h"

enum { ITEMS_MAX = 1000 };

static const char *const filters[] = {"tenant_id", NULL};

/* A value may be a secret: who may only read learns no more than whether it is the same one. */
static void policy_write(struct api_call *call, const struct policy *p)
{
	struct json_writer *w = &call->json;

	json_begin_object(w, NULL);
	json_add_c(w, "id", p->id);
	json_add_c(w, "tenant_id", p->tenant_id);
	json_add_c(w, "name", p->name);
	json_add_c(w, "scope", scope_name(p->scope));
	json_begin_array(w, "settings");
	for (size_t i = 0; i < p->setting_count; i++) {
		json_begin_object(w, NULL);
		json_add_c(w, "locuri", p->settings[i].locuri);
		json_add_c(w, "format", p->settings[i].format);
		if (call->who.role >= ROLE_ADMINISTRATOR)
			json_add_c(w, "data", p->settings[i].data);
		else
			json_add_c(
			    w, "data_sha256",
			    digest_sha256_hex(call->op->arena, text_of(p->settings[i].data)));
		json_end_object(w);
	}
	json_end_array(w);
	api_write_assignments(w, p->assignments, p->assignment_count);
	json_add_int(w, "version", p->version);
	json_add_time(w, "created_at", p->created_at);
	json_add_time(w, "updated_at", p->updated_at);
	json_end_object(w);
}

/* A member that must be a string, or may be left out where fallback is not NULL. */
static bool member_text(struct api_call *call, const struct json *item, const char *name,
			const char *fallback, const char **ret)
{
	const struct json *value = json_get(item, name);

	if (!value && fallback) {
		*ret = fallback;
		return true;
	}
	if (!value || value->kind != JSON_STRING)
		return false;
	*ret = arena_cstr(call->op->arena, value->text);
	return true;
}

static bool has_other_members(const struct json *item, const char *const names[3])
{
	size_t known = 0;

	for (size_t i = 0; i < 3; i++)
		known += json_has(item, names[i]);
	return item->count != known;
}

static int settings_read(struct api_call *call, struct policy *p)
{
	static const char *const members[3] = {"locuri", "format", "data"};
	const struct json *value = json_get(call->body, "settings");

	if (!value)
		return 0;
	if (value->kind != JSON_ARRAY || value->count > ITEMS_MAX)
		return admin_refuse(&call->admin, ADMIN_E_INVALID, "settings must be an array");
	p->settings = ARENA_ARRAY(call->op->arena, value->count + 1, struct setting);
	p->setting_count = value->count;
	for (size_t i = 0; i < value->count; i++) {
		const struct json *item = &value->items[i];
		struct setting *s = &p->settings[i];

		if (item->kind != JSON_OBJECT || has_other_members(item, members) ||
		    !member_text(call, item, "locuri", NULL, &s->locuri) ||
		    !member_text(call, item, "format", "chr", &s->format) ||
		    !member_text(call, item, "data", "", &s->data))
			return admin_refuse(&call->admin, ADMIN_E_INVALID,
					    "settings[%zu] must have locuri, format and data, all "
					    "strings, and nothing else",
					    i);
	}
	return 0;
}

static int policy_fields(struct api_call *call, struct policy *p, bool is_new)
{
	static const char *const fields[] = {"tenant_id", "name",        "scope",
					     "settings",  "assignments", NULL};
	static const char *const scopes[] = {"device", "user", NULL};
	const char *tenant = p->tenant_id;
	int scope = p->scope, r;

	api_fields_known(call, fields);
	api_field_text(call, "tenant_id", &tenant);
	api_field_text(call, "name", &p->name);
	api_field_enum(call, "scope", scopes, &scope);
	api_field_assignments(call, &p->assignments, &p->assignment_count);
	r = api_fields_done(call);
	if (r)
		return r;
	if (!is_new && strcmp(tenant, p->tenant_id) != 0)
		return admin_refuse(&call->admin, ADMIN_E_INVALID, "tenant_id cannot be changed");
	p->tenant_id = tenant;
	p->scope = (enum scope)scope;
	return settings_read(call, p);
}

static int policy_unseal(struct api_call *call, struct policy *policy)
{
	int r = policy_open(call->op->arena, call->op->keys, policy);

	return r ? ERR_FAIL(&call->op->trail, r, "the values of policy %s do not open", policy->id)
		 : 0;
}

static int policy_load(struct api_call *call, struct policy *ret)
{
	int r = admin_found(&call->admin, "policy",
			    store_policy_find(db_reader(call->op->db), call->op->arena,
					      text_of(call->args[0]), ret));

	return r ? r : policy_unseal(call, ret);
}

int api_policy_list(struct api_call *call)
{
	struct policy *list;
	struct api_page page;
	int r;

	r = api_page_read(call, filters, &page);
	if (r == 0)
		r = admin_found(&call->admin, "policy",
				store_policy_list(db_reader(call->op->db), call->op->arena,
						  api_param(call, "tenant_id"), page.after,
						  page.limit + 1, &list, &page.n));
	for (size_t i = 0; r == 0 && i < page.n; i++)
		r = policy_unseal(call, &list[i]);
	while (r == 0 && api_page_next(call, &page)) {
		policy_write(call, &list[page.i]);
		page.last_id = list[page.i].id;
	}
	return r;
}

int api_policy_show(struct api_call *call)
{
	struct policy policy;
	int r = policy_load(call, &policy);

	if (r)
		return r;
	api_begin(call, 200);
	policy_write(call, &policy);
	return 0;
}

int api_policy_add(struct api_call *call)
{
	struct policy policy = {.tenant_id = "", .name = ""};
	int r;

	r = policy_fields(call, &policy, true);
	if (r == 0)
		r = admin_policy_add(&call->admin, &policy);
	if (r)
		return r;
	api_begin(call, 201);
	policy_write(call, &policy);
	return 0;
}

/* What the row holds now, with what the call changes put over it. */
static int policy_change(struct api_call *call, struct policy *ret)
{
	int r = policy_load(call, ret);

	if (r == 0)
		r = policy_fields(call, ret, false);
	return r ? r : admin_policy_update(&call->admin, ret);
}

int api_policy_update(struct api_call *call)
{
	struct policy policy;
	int r = ADMIN_E_STALE;

	for (int i = 0; i < API_CHANGE_TRIES && r == ADMIN_E_STALE; i++)
		r = policy_change(call, &policy);
	if (r)
		return r;
	api_begin(call, 200);
	policy_write(call, &policy);
	return 0;
}

int api_policy_remove(struct api_call *call)
{
	int r = admin_policy_remove(&call->admin, call->args[0]);

	if (r)
		return r;
	api_no_content(call);
	return 0;
}

static void compliance_write(struct json_writer *w, const struct compliance_policy *p)
{
	json_begin_object(w, NULL);
	json_add_c(w, "id", p->id);
	json_add_c(w, "tenant_id", p->tenant_id);
	json_add_c(w, "name", p->name);
	json_begin_array(w, "rules");
	for (size_t i = 0; i < p->rule_count; i++) {
		json_begin_object(w, NULL);
		json_add_c(w, "fact", p->rules[i].fact);
		json_add_c(w, "operator", rule_operator_name(p->rules[i].operator));
		json_add_c(w, "value", p->rules[i].value);
		json_end_object(w);
	}
	json_end_array(w);
	json_add_int(w, "grace", p->grace);
	api_write_assignments(w, p->assignments, p->assignment_count);
	json_add_time(w, "created_at", p->created_at);
	json_add_time(w, "updated_at", p->updated_at);
	json_end_object(w);
}

static bool rule_read(struct api_call *call, const struct json *item, struct compliance_rule *ret)
{
	static const char *const members[3] = {"fact", "operator", "value"};
	struct text operator= json_text(item, "operator");

	return item->kind == JSON_OBJECT && !has_other_members(item, members) &&
	       member_text(call, item, "fact", NULL, &ret->fact) &&
	       operator.ptr && rule_operator_read(operator, & ret->operator) &&
	       member_text(call, item, "value", "", &ret->value);
}

static int rules_read(struct api_call *call, struct compliance_policy *p)
{
	const struct json *value = json_get(call->body, "rules");

	if (!value)
		return 0;
	if (value->kind != JSON_ARRAY || value->count > ITEMS_MAX)
		return admin_refuse(&call->admin, ADMIN_E_INVALID, "rules must be an array");
	p->rules = ARENA_ARRAY(call->op->arena, value->count + 1, struct compliance_rule);
	p->rule_count = value->count;
	for (size_t i = 0; i < value->count; i++)
		if (!rule_read(call, &value->items[i], &p->rules[i]))
			return admin_refuse(
			    &call->admin, ADMIN_E_INVALID,
			    "rules[%zu] must have fact, operator (eq ne ge le gt lt "
			    "in exists) and value, and nothing else",
			    i);
	return 0;
}

static int compliance_fields(struct api_call *call, struct compliance_policy *p, bool is_new)
{
	static const char *const fields[] = {"tenant_id", "name",        "rules",
					     "grace",     "assignments", NULL};
	const char *tenant = p->tenant_id;
	int r;

	api_fields_known(call, fields);
	api_field_text(call, "tenant_id", &tenant);
	api_field_text(call, "name", &p->name);
	api_field_int(call, "grace", &p->grace);
	api_field_assignments(call, &p->assignments, &p->assignment_count);
	r = api_fields_done(call);
	if (r)
		return r;
	if (!is_new && strcmp(tenant, p->tenant_id) != 0)
		return admin_refuse(&call->admin, ADMIN_E_INVALID, "tenant_id cannot be changed");
	p->tenant_id = tenant;
	return rules_read(call, p);
}

static int compliance_load(struct api_call *call, struct compliance_policy *ret)
{
	return admin_found(&call->admin, "compliance policy",
			   store_compliance_find(db_reader(call->op->db), call->op->arena,
						 text_of(call->args[0]), ret));
}

int api_compliance_list(struct api_call *call)
{
	struct compliance_policy *list;
	struct api_page page;
	int r;

	r = api_page_read(call, filters, &page);
	if (r == 0)
		r = admin_found(&call->admin, "compliance policy",
				store_compliance_list(db_reader(call->op->db), call->op->arena,
						      api_param(call, "tenant_id"), page.after,
						      page.limit + 1, &list, &page.n));
	while (r == 0 && api_page_next(call, &page)) {
		compliance_write(&call->json, &list[page.i]);
		page.last_id = list[page.i].id;
	}
	return r;
}

int api_compliance_show(struct api_call *call)
{
	struct compliance_policy policy;
	int r = compliance_load(call, &policy);

	if (r)
		return r;
	api_begin(call, 200);
	compliance_write(&call->json, &policy);
	return 0;
}

int api_compliance_add(struct api_call *call)
{
	struct compliance_policy policy = {.tenant_id = "", .name = ""};
	int r;

	r = compliance_fields(call, &policy, true);
	if (r == 0)
		r = admin_compliance_add(&call->admin, &policy);
	if (r)
		return r;
	api_begin(call, 201);
	compliance_write(&call->json, &policy);
	return 0;
}

/* What the row holds now, with what the call changes put over it. */
static int compliance_change(struct api_call *call, struct compliance_policy *ret)
{
	int r = compliance_load(call, ret);

	if (r == 0)
		r = compliance_fields(call, ret, false);
	return r ? r : admin_compliance_update(&call->admin, ret);
}

int api_compliance_update(struct api_call *call)
{
	struct compliance_policy policy;
	int r = ADMIN_E_STALE;

	for (int i = 0; i < API_CHANGE_TRIES && r == ADMIN_E_STALE; i++)
		r = compliance_change(call, &policy);
	if (r)
		return r;
	api_begin(call, 200);
	compliance_write(&call->json, &policy);
	return 0;
}

int api_compliance_remove(struct api_call *call)
{
	int r = admin_compliance_remove(&call->admin, call->args[0]);

	if (r)
		return r;
	api_no_content(call);
	return 0;
}
