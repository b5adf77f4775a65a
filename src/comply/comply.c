/* SPDX-License-Identifier: Apache-2.0 */
/*
 * comply.c: see comply.h.
 */
#include "comply/comply.h"

#include "base/json.h"
#include "comply/rules.h"
#include "comply/subject.h"
#include "store/audit.h"
#include "store/compliance.h"
#include "store/device.h"
#include "store/fact.h"
#include "store/outbox.h"

enum { DEVICES_PER_TURN = 200 };

/* The policies that apply to the device, or may. */
static int policies_load(struct db_conn *tx, struct arena *arena, const struct device *device,
			 struct rules_policy **ret, size_t *ret_n)
{
	struct assign_subject subject;
	struct compliance_policy *all;
	size_t n;
	int r;

	r = store_compliance_list(tx, arena, text_of(device->tenant_id), TEXT_EMPTY, STORE_NO_LIMIT,
				  &all, &n);
	if (r == 0)
		r = comply_subject_load(tx, arena, device, comply_device_user(device), &subject);
	if (r)
		return r;
	*ret = ARENA_ARRAY(arena, n, struct rules_policy);
	*ret_n = 0;
	for (size_t i = 0; i < n; i++) {
		enum assign_verdict verdict =
		    assign_judge(all[i].assignments, all[i].assignment_count, &subject);

		if (verdict != ASSIGN_NO)
			(*ret)[(*ret_n)++] =
			    (struct rules_policy){&all[i], verdict == ASSIGN_UNKNOWN};
	}
	return 0;
}

static int outbox_put(struct db_conn *tx, struct arena *arena, int64_t now,
		      const struct device *device, bool is_managed, bool is_compliant)
{
	const struct outbox_row row = {
	    .tenant_id = device->tenant_id,
	    .id = store_new_id(arena),
	    .device_id = device->id,
	    .entra_device_id = device->entra_device_id,
	    .is_managed = is_managed,
	    .is_compliant = is_compliant,
	    .state = OUTBOX_PENDING,
	    .next_try_at = now,
	    .last_error = "",
	    .created_at = now,
	    .updated_at = now,
	};

	/* A device that Entra does not know cannot be reported. */
	return device->entra_device_id[0] ? store_outbox_put(tx, &row) : 0;
}

static int change_audit(struct db_conn *tx, struct arena *arena, int64_t now,
			const struct device *before, const struct device *after)
{
	static const char *const states[] = {"unknown", "compliant", "noncompliant", "grace"};
	struct json_writer w;
	struct buf buf;
	struct audit_entry entry = {
	    .tenant_id = after->tenant_id,
	    .id = store_new_id(arena),
	    .at = now,
	    .actor = "server",
	    .action = "device.compliance",
	    .object_kind = "device",
	    .object_id = after->id,
	    .outcome = "ok",
	    .source = "",
	    .trace_id = "",
	};

	buf_init(&buf, arena);
	json_writer_init(&w, &buf);
	json_begin_object(&w, NULL);
	json_add_c(&w, "from", states[before->compliance_state]);
	json_add_c(&w, "to", states[after->compliance_state]);
	json_add_raw(&w, "reasons", text_of(after->compliance_reasons));
	json_end_object(&w);
	entry.detail = buf.data;
	return store_audit_add(tx, &entry);
}

/* No policy applies any more, to a device that Graph may have been told to be compliant. */
static bool is_withdrawn(const struct device *before, const struct rules_result *result)
{
	if (result->policies > 0 || before->compliance_state == COMPLIANCE_NONCOMPLIANT)
		return false;
	return before->compliance_state != COMPLIANCE_UNKNOWN ||
	       strcmp(before->compliance_reasons, "[]") != 0;
}

/* The new state, stored; with its report and audit entry when it is another one. */
static int verdict_store(struct db_conn *tx, struct arena *arena, int64_t now,
			 const struct device *before, struct device *after, bool is_withdrawing)
{
	bool is_change = after->compliance_state != before->compliance_state;
	int report = is_withdrawing ? 0 : compliance_report(after->compliance_state);
	int r;

	after->is_evaluation_wanted = false;
	if (is_change)
		after->compliance_changed_at = now;
	r = store_device_update(tx, after);
	if (r == 0 && is_change)
		r = change_audit(tx, arena, now, before, after);
	if (r == 0 && report >= 0 && (is_change || is_withdrawing))
		r = outbox_put(tx, arena, now, after, true, report == 1);
	return r;
}

int comply_evaluate(struct db_conn *tx, struct arena *arena, int64_t now,
		    const struct device *device)
{
	struct rules_policy *policies;
	struct device after = *device;
	struct rules_result result;
	struct fact *facts;
	size_t policy_count, fact_count;
	int r;

	if (device->state != DEVICE_ENROLLED)
		return 0;
	r = policies_load(tx, arena, device, &policies, &policy_count);
	if (r == 0)
		r = store_fact_list(tx, arena, text_of(device->tenant_id), text_of(device->id),
				    &facts, &fact_count);
	if (r)
		return r;
	rules_judge(arena, policies, policy_count, facts, fact_count, &result);
	rules_silence(device, now, &result);
	after.compliance_state = compliance_next(device, &result, now, &after.grace_until);
	after.compliance_reasons = result.reasons;
	if (after.compliance_state == device->compliance_state &&
	    after.grace_until == device->grace_until && !device->is_evaluation_wanted &&
	    !strcmp(after.compliance_reasons, device->compliance_reasons))
		return 0;
	return verdict_store(tx, arena, now, device, &after, is_withdrawn(device, &result));
}

int comply_report_retired(struct db_conn *tx, int64_t now, const struct device *device)
{
	struct arena arena;
	int r;

	arena_init(&arena);
	r = outbox_put(tx, &arena, now, device, false, false);
	arena_done(&arena);
	return r;
}

int comply_tenant_changed(struct db_conn *tx, const char *tenant_id)
{
	return store_device_want_evaluation(tx, text_of(tenant_id));
}

struct due {
	struct op *op;
	const struct device *devices;
	size_t n;
};

static int due_judge(struct db_conn *tx, void *argument)
{
	const struct due *due = argument;
	struct device device;
	int r = 0;

	for (size_t i = 0; i < due->n && r == 0; i++) {
		r = store_device_load(tx, due->op->arena, text_of(due->devices[i].tenant_id),
				      text_of(due->devices[i].id), &device);
		if (r == 0)
			r = comply_evaluate(tx, due->op->arena, due->op->now, &device);
	}
	return r;
}

int comply_turn(struct op *op)
{
	struct due due = {.op = op};
	struct device *devices;
	int r;

	r = store_device_evaluation_due(
	    db_reader(op->db), op->arena, op->now, op->now - COMPLIANCE_UNDECIDED_S,
	    op->now - COMPLIANCE_SILENT_S, DEVICES_PER_TURN, &devices, &due.n);
	if (r)
		return ERR_FAIL(&op->trail, r < 0 ? r : ERR_STORE, "%s", db_error(op->db));
	if (due.n == 0)
		return 0;
	due.devices = devices;
	r = db_transact(op->db, due_judge, &due);
	return r ? ERR_FAIL(&op->trail, r < 0 ? r : ERR_STORE, "%s", db_error(op->db)) : 0;
}
