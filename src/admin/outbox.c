/* SPDX-License-Identifier: Apache-2.0 */
/*
 * outbox.c: see devices.h: what an administrator may do with a report that waits.
 */
#include "store/outbox.h"
#include "admin/devices.h"
#include "store/tenant.h"

struct target {
	struct outbox_row row;
	int64_t now;
};

static int row_retry(struct db_conn *tx, void *argument)
{
	const struct target *target = argument;
	struct text tenant = text_of(target->row.tenant_id);
	int r;

	r = store_outbox_retry(tx, tenant, text_of(target->row.id), target->now);
	/* The administrator has seen to the cause: the tenant is asked again too. */
	if (r == 0)
		r = store_tenant_set_graph_state(tx, tenant, GRAPH_UNKNOWN, TEXT_EMPTY,
						 target->now);
	return r ? r : store_tenant_set_graph_pause(tx, tenant, 0);
}

static int row_drop(struct db_conn *tx, void *argument)
{
	const struct target *target = argument;

	return store_outbox_drop(tx, text_of(target->row.tenant_id), text_of(target->row.id));
}

static int outbox_act(struct admin *admin, const char *id, const char *action, admin_change change)
{
	struct op *op = admin->op;
	struct target target = {.now = op->now};
	struct admin_record record;
	int r;

	r = admin_found(admin, "report",
			store_outbox_load(db_reader(op->db), op->arena, text_of(id), &target.row));
	if (r)
		return r;
	if (target.row.state == OUTBOX_DONE)
		return admin_refuse(admin, ADMIN_E_STATE, "the report has been delivered");
	record = (struct admin_record){
	    .tenant_id = target.row.tenant_id,
	    .action = action,
	    .object_kind = "outbox",
	    .object_id = target.row.id,
	};
	return admin_transact(admin, "report", &record, change, &target);
}

int admin_outbox_retry(struct admin *admin, const char *id)
{
	return outbox_act(admin, id, "outbox.retry", row_retry);
}

int admin_outbox_drop(struct admin *admin, const char *id)
{
	return outbox_act(admin, id, "outbox.drop", row_drop);
}
