/* SPDX-License-Identifier: Apache-2.0 */
/*
 * policies.c: see policies.h.
 */
#include "admin/policies.h"

#include "comply/comply.h"
#include "csp/csp.h"
#include "manage/policy_seal.h"
#include "store/compliance.h"
#include "store/policy.h"
#include "store/tenant.h"

enum { NAME_MAX_LEN = 128, SETTINGS_MAX = 500, RULES_MAX = 100, VALUE_MAX = 256 };
enum { GRACE_MAX_S = 90 * 24 * 3600 };

static int settings_check(struct admin *admin, const struct policy *policy)
{
	const char *why = "";

	if (policy->setting_count == 0 || policy->setting_count > SETTINGS_MAX)
		return admin_refuse(admin, ADMIN_E_INVALID, "settings must hold 1 to %d settings",
				    SETTINGS_MAX);
	for (size_t i = 0; i < policy->setting_count; i++) {
		const struct setting *setting = &policy->settings[i];

		if (csp_setting_check(setting, policy->scope, &why))
			return admin_refuse(admin, ADMIN_E_INVALID, "settings[%zu] %s: %s", i,
					    setting->locuri, why);
		for (size_t j = 0; j < i; j++)
			if (text_eq_nocase(text_of(setting->locuri),
					   text_of(policy->settings[j].locuri)))
				return admin_refuse(admin, ADMIN_E_INVALID,
						    "settings[%zu] repeats %s", i, setting->locuri);
	}
	return 0;
}

/* A foreign key would refuse it too, but not say why. */
static int tenant_check(struct admin *admin, const char **tenant_id)
{
	struct op *op = admin->op;
	struct tenant tenant;
	int r;

	r = admin_check_guid(admin, "tenant_id", *tenant_id);
	if (r)
		return r;
	*tenant_id = admin_lower(admin, *tenant_id);
	r = store_tenant_load(db_reader(op->db), op->arena, text_of(*tenant_id), &tenant);
	if (r == STORE_E_NOT_FOUND)
		return admin_refuse(admin, ADMIN_E_INVALID, "tenant_id: there is no such tenant");
	return admin_found(admin, "tenant", r);
}

static int policy_check(struct admin *admin, struct policy *policy)
{
	int r;

	r = tenant_check(admin, &policy->tenant_id);
	if (r == 0)
		r = admin_check_text(admin, "name", policy->name, 1, NAME_MAX_LEN);
	if (r == 0)
		r = settings_check(admin, policy);
	if (r == 0)
		r = admin_check_assignments(admin, policy->assignments, policy->assignment_count);
	return r;
}

static struct admin_record record_of(struct admin *admin, const char *tenant_id, const char *kind,
				     const char *id, const char *verb)
{
	return (struct admin_record){
	    .tenant_id = tenant_id,
	    .action = arena_printf(admin->op->arena, "%s.%s", kind, verb),
	    .object_kind = kind,
	    .object_id = id,
	};
}

static int policy_insert(struct db_conn *tx, void *argument)
{
	return store_policy_add(tx, argument);
}

static int policy_write(struct db_conn *tx, void *argument)
{
	return store_policy_update(tx, argument);
}

int admin_policy_add(struct admin *admin, struct policy *policy)
{
	struct admin_record record;
	struct policy sealed;
	int r;

	r = policy_check(admin, policy);
	if (r)
		return r;
	policy->id = store_new_id(admin->op->arena);
	policy->version = 1;
	policy->created_at = policy->updated_at = admin->op->now;
	sealed = policy_seal(admin->op->arena, admin->op->keys, policy);
	record = record_of(admin, policy->tenant_id, "policy", policy->id, "add");
	return admin_transact(admin, "policy", &record, policy_insert, &sealed);
}

int admin_policy_update(struct admin *admin, struct policy *policy)
{
	struct admin_record record;
	struct policy sealed;
	int r;

	r = policy_check(admin, policy);
	if (r)
		return r;
	policy->updated_at = admin->op->now;
	sealed = policy_seal(admin->op->arena, admin->op->keys, policy);
	record = record_of(admin, policy->tenant_id, "policy", policy->id, "update");
	r = admin_transact(admin, "policy", &record, policy_write, &sealed);
	if (r == 0)
		policy->version++;
	return r;
}

static int policy_delete(struct db_conn *tx, void *argument)
{
	const struct policy *policy = argument;

	return store_policy_remove(tx, text_of(policy->tenant_id), text_of(policy->id));
}

int admin_policy_remove(struct admin *admin, const char *id)
{
	struct op *op = admin->op;
	struct admin_record record;
	struct policy policy;
	int r;

	r = admin_found(admin, "policy",
			store_policy_find(db_reader(op->db), op->arena, text_of(id), &policy));
	if (r)
		return r;
	record = record_of(admin, policy.tenant_id, "policy", policy.id, "remove");
	return admin_transact(admin, "policy", &record, policy_delete, &policy);
}

static int rule_check(struct admin *admin, size_t i, const struct compliance_rule *rule)
{
	if (!csp_fact_node(text_of(rule->fact)))
		return admin_refuse(admin, ADMIN_E_INVALID,
				    "rules[%zu].fact '%.64s' is not a fact devices report", i,
				    rule->fact);
	if (rule->operator!= RULE_EXISTS && !rule->value[0])
		return admin_refuse(admin, ADMIN_E_INVALID, "rules[%zu].value is missing", i);
	return admin_check_text(admin, "rules.value", rule->value, 0, VALUE_MAX);
}

static int compliance_check(struct admin *admin, struct compliance_policy *policy)
{
	int r;

	r = tenant_check(admin, &policy->tenant_id);
	if (r == 0)
		r = admin_check_text(admin, "name", policy->name, 1, NAME_MAX_LEN);
	if (r)
		return r;
	if (policy->rule_count == 0 || policy->rule_count > RULES_MAX)
		return admin_refuse(admin, ADMIN_E_INVALID, "rules must hold 1 to %d rules",
				    RULES_MAX);
	for (size_t i = 0; i < policy->rule_count; i++) {
		r = rule_check(admin, i, &policy->rules[i]);
		if (r)
			return r;
	}
	if (policy->grace < 0 || policy->grace > GRACE_MAX_S)
		return admin_refuse(admin, ADMIN_E_INVALID, "grace must be from 0 to %d seconds",
				    GRACE_MAX_S);
	return admin_check_assignments(admin, policy->assignments, policy->assignment_count);
}

static int compliance_insert(struct db_conn *tx, void *argument)
{
	const struct compliance_policy *policy = argument;
	int r = store_compliance_add(tx, policy);

	return r ? r : comply_tenant_changed(tx, policy->tenant_id);
}

static int compliance_write(struct db_conn *tx, void *argument)
{
	const struct compliance_policy *policy = argument;
	int r = store_compliance_update(tx, policy);

	return r ? r : comply_tenant_changed(tx, policy->tenant_id);
}

static int compliance_delete(struct db_conn *tx, void *argument)
{
	const struct compliance_policy *policy = argument;
	int r = store_compliance_remove(tx, text_of(policy->tenant_id), text_of(policy->id));

	return r ? r : comply_tenant_changed(tx, policy->tenant_id);
}

int admin_compliance_add(struct admin *admin, struct compliance_policy *policy)
{
	struct admin_record record;
	int r;

	r = compliance_check(admin, policy);
	if (r)
		return r;
	policy->id = store_new_id(admin->op->arena);
	policy->version = 1;
	policy->created_at = policy->updated_at = admin->op->now;
	record = record_of(admin, policy->tenant_id, "compliance_policy", policy->id, "add");
	return admin_transact(admin, "compliance policy", &record, compliance_insert, policy);
}

int admin_compliance_update(struct admin *admin, struct compliance_policy *policy)
{
	struct admin_record record;
	int r;

	r = compliance_check(admin, policy);
	if (r)
		return r;
	policy->updated_at = admin->op->now;
	record = record_of(admin, policy->tenant_id, "compliance_policy", policy->id, "update");
	r = admin_transact(admin, "compliance policy", &record, compliance_write, policy);
	if (r == 0)
		policy->version++;
	return r;
}

int admin_compliance_remove(struct admin *admin, const char *id)
{
	struct op *op = admin->op;
	struct compliance_policy policy;
	struct admin_record record;
	int r;

	r = admin_found(admin, "compliance policy",
			store_compliance_find(db_reader(op->db), op->arena, text_of(id), &policy));
	if (r)
		return r;
	record = record_of(admin, policy.tenant_id, "compliance_policy", policy.id, "remove");
	return admin_transact(admin, "compliance policy", &record, compliance_delete, &policy);
}
