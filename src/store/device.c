/* SPDX-License-Identifier: Apache-2.0 */
/*
 * device.c: rows of the table devices. Filters are compared in the statement, each switched off by
 * the empty text, so that the SQL is one constant whatever is asked for.
 */
#include "store/device.h"

#include "store/device_row.h"

#define COLUMNS                                                                                    \
	"d.tenant_id, d.id, d.entra_device_id, d.dm_device_id, d.name, d.enrollment_type,"         \
	" d.user_principal_name, d.user_object_id, d.state, d.os_version, d.os_edition,"           \
	" d.enrolled_at, d.last_seen_at, d.retired_at, d.retired_reason,"                          \
	" d.certificate_not_after, d.compliance_state, d.compliance_reasons,"                      \
	" d.compliance_changed_at, d.grace_until, d.compliance_reported_at, d.is_sync_wanted,"     \
	" d.is_evaluation_wanted, d.auth, d.user_key, d.hw_device_id, d.zero_touch_id, d.is_bulk," \
	" d.autopilot_correlator, d.context"

static void device_row_read(struct row *row, struct device *ret)
{
	ret->tenant_id = row_text(row);
	ret->id = row_text(row);
	ret->entra_device_id = row_text(row);
	ret->dm_device_id = row_text(row);
	ret->name = row_text(row);
	ret->enrollment_type = ROW_ENUM(row, enrollment_type);
	ret->user_principal_name = row_text(row);
	ret->user_object_id = row_text(row);
	ret->state = ROW_ENUM(row, device_state);
	ret->os_version = row_text(row);
	ret->os_edition = row_text(row);
	ret->enrolled_at = row_int(row);
	ret->last_seen_at = row_int(row);
	ret->retired_at = row_int(row);
	ret->retired_reason = row_text(row);
	ret->certificate_not_after = row_int(row);
	ret->compliance_state = ROW_ENUM(row, compliance_state);
	ret->compliance_reasons = row_text(row);
	ret->compliance_changed_at = row_int(row);
	ret->grace_until = row_int(row);
	ret->compliance_reported_at = row_int(row);
	ret->is_sync_wanted = row_bool(row);
	ret->is_evaluation_wanted = row_bool(row);
	ret->auth = ROW_ENUM(row, enroll_auth);
	ret->user_key = row_text(row);
	ret->hw_device_id = row_text(row);
	ret->zero_touch_id = row_text(row);
	ret->is_bulk = row_bool(row);
	ret->autopilot_correlator = row_text(row);
	ret->context = row_text(row);
}

static int device_read(struct db_query *q, struct arena *arena, struct device *ret)
{
	struct device device = {0};
	struct row row;

	row_begin(&row, q, arena);
	device_row_read(&row, &device);
	if (row_end(&row))
		return row_end(&row);
	*ret = device;
	return 0;
}

int store_device_load(struct db_conn *conn, struct arena *arena, struct text tenant_id,
		      struct text id, struct device *ret)
{
	struct db_query q CLEANUP(db_query_done);
	int r;

	db_query_init(&q, conn,
		      "SELECT " COLUMNS " FROM devices d WHERE d.tenant_id = $1 AND d.id = $2");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, id);
	r = row_one(&q);
	return r ? r : device_read(&q, arena, ret);
}

int store_device_find(struct db_conn *conn, struct arena *arena, struct text id, struct device *ret)
{
	struct db_query q CLEANUP(db_query_done);
	int r;

	db_query_init(&q, conn, "SELECT " COLUMNS " FROM devices d WHERE d.id = $1");
	db_bind_text(&q, 1, id);
	r = row_one(&q);
	return r ? r : device_read(&q, arena, ret);
}

int store_device_by_certificate(struct db_conn *conn, struct arena *arena, struct text sha256_hex,
				struct device *ret, struct device_certificate *ret_certificate)
{
	struct db_query q CLEANUP(db_query_done);
	struct device_certificate certificate = {0};
	struct device device = {0};
	struct row row;
	int r;

	db_query_init(&q, conn,
		      "SELECT " COLUMNS ", " CERTIFICATE_COLUMNS
		      " FROM certificates c JOIN devices d"
		      " ON d.tenant_id = c.tenant_id AND d.id = c.device_id"
		      " WHERE c.sha256 = $1 AND c.sha256 <> ''");
	db_bind_text(&q, 1, sha256_hex);
	r = row_one(&q);
	if (r)
		return r;
	row_begin(&row, &q, arena);
	device_row_read(&row, &device);
	certificate_row_read(&row, &certificate);
	if (row_end(&row))
		return row_end(&row);
	*ret = device;
	*ret_certificate = certificate;
	return 0;
}

int store_device_by_entra_id(struct db_conn *conn, struct arena *arena, struct text tenant_id,
			     struct text entra_device_id, struct device *ret)
{
	struct db_query q CLEANUP(db_query_done);
	int r;

	db_query_init(&q, conn,
		      "SELECT " COLUMNS " FROM devices d"
		      " WHERE d.tenant_id = $1 AND d.entra_device_id = $2 AND $2 <> ''"
		      " ORDER BY CASE WHEN d.state = 'enrolled' THEN 0 ELSE 1 END,"
		      " d.enrolled_at DESC, d.id DESC LIMIT 1");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, entra_device_id);
	r = row_one(&q);
	return r ? r : device_read(&q, arena, ret);
}

int store_device_by_dm_id(struct db_conn *conn, struct arena *arena, struct text tenant_id,
			  struct text user_key, struct text dm_device_id, struct device *ret)
{
	struct db_query q CLEANUP(db_query_done);
	int r;

	db_query_init(&q, conn,
		      "SELECT " COLUMNS " FROM devices d"
		      " WHERE d.tenant_id = $1 AND d.user_key = $2 AND d.dm_device_id = $3"
		      " AND d.user_key <> '' AND d.entra_device_id = '' AND d.state = 'enrolled'"
		      " ORDER BY d.enrolled_at DESC, d.id DESC LIMIT 1");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, user_key);
	db_bind_text(&q, 3, dm_device_id);
	r = row_one(&q);
	return r ? r : device_read(&q, arena, ret);
}

static void device_bind(struct row_binder *b, const struct device *device)
{
	row_bind_c(b, device->tenant_id);
	row_bind_c(b, device->id);
	row_bind_c(b, device->entra_device_id);
	row_bind_c(b, device->dm_device_id);
	row_bind_c(b, device->name);
	row_bind_c(b, enrollment_type_name(device->enrollment_type));
	row_bind_c(b, device->user_principal_name);
	row_bind_c(b, device->user_object_id);
	row_bind_c(b, device_state_name(device->state));
	row_bind_c(b, device->os_version);
	row_bind_c(b, device->os_edition);
	row_bind_int(b, device->enrolled_at);
	row_bind_int(b, device->last_seen_at);
	row_bind_int(b, device->retired_at);
	row_bind_c(b, device->retired_reason);
	row_bind_int(b, device->certificate_not_after);
	row_bind_c(b, compliance_state_name(device->compliance_state));
	row_bind_c(b, device->compliance_reasons ? device->compliance_reasons : "[]");
	row_bind_int(b, device->compliance_changed_at);
	row_bind_int(b, device->grace_until);
	row_bind_int(b, device->compliance_reported_at);
	row_bind_bool(b, device->is_sync_wanted);
	row_bind_bool(b, device->is_evaluation_wanted);
	row_bind_c(b, enroll_auth_name(device->auth));
	row_bind_c(b, device->user_key);
	row_bind_c(b, device->hw_device_id);
	row_bind_c(b, device->zero_touch_id);
	row_bind_bool(b, device->is_bulk);
	row_bind_c(b, device->autopilot_correlator);
	row_bind_c(b, device->context ? device->context : "[]");
}

int store_device_add(struct db_conn *tx, const struct device *device)
{
	struct row_binder b;
	struct db_query q;

	db_query_init(
	    &q, tx,
	    "INSERT INTO devices (tenant_id, id, entra_device_id, dm_device_id, name,"
	    " enrollment_type, user_principal_name, user_object_id, state, os_version,"
	    " os_edition, enrolled_at, last_seen_at, retired_at, retired_reason,"
	    " certificate_not_after, compliance_state, compliance_reasons,"
	    " compliance_changed_at, grace_until, compliance_reported_at,"
	    " is_sync_wanted, is_evaluation_wanted, auth, user_key, hw_device_id, zero_touch_id,"
	    " is_bulk, autopilot_correlator, context) VALUES ($1, $2, $3, $4, $5, $6, $7,"
	    " $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,"
	    " $24, $25, $26, $27, $28, $29, $30)");
	row_bind_begin(&b, &q);
	device_bind(&b, device);
	return row_write(&q);
}

int store_device_update(struct db_conn *tx, const struct device *device)
{
	struct row_binder b;
	struct db_query q;

	db_query_init(&q, tx,
		      "UPDATE devices SET entra_device_id = $3, dm_device_id = $4, name = $5,"
		      " enrollment_type = $6, user_principal_name = $7, user_object_id = $8,"
		      " state = $9, os_version = $10, os_edition = $11, enrolled_at = $12,"
		      " last_seen_at = $13, retired_at = $14, retired_reason = $15,"
		      " certificate_not_after = $16, compliance_state = $17,"
		      " compliance_reasons = $18, compliance_changed_at = $19, grace_until = $20,"
		      " compliance_reported_at = $21, is_sync_wanted = $22,"
		      " is_evaluation_wanted = $23, auth = $24, user_key = $25, hw_device_id = $26,"
		      " zero_touch_id = $27, is_bulk = $28, autopilot_correlator = $29,"
		      " context = $30"
		      " WHERE tenant_id = $1 AND id = $2");
	row_bind_begin(&b, &q);
	device_bind(&b, device);
	return row_write_one(&q);
}

static void device_bind_filter(struct row_binder *b, const struct device_filter *filter)
{
	row_bind_text(b, filter->tenant_id);
	row_bind_text(b, filter->state);
	row_bind_text(b, filter->compliance_state);
	row_bind_text(b, filter->user_principal_name);
	row_bind_text(b, filter->user_object_id);
	row_bind_text(b, filter->entra_device_id);
	row_bind_text(b, filter->name);
	row_bind_text(b, filter->id);
	row_bind_text(b, filter->tag);
	row_bind_text(b, filter->zero_touch_id);
	row_bind_text(b, filter->is_bulk);
}

static int device_read_list(struct db_query *q, struct arena *arena, struct device **ret,
			    size_t *ret_n)
{
	struct device *list = NULL;
	size_t n = 0;
	int r;

	while ((r = db_step(q)) == DB_ROW) {
		list = ROW_GROW(arena, list, n);
		r = device_read(q, arena, &list[n++]);
		if (r)
			return r;
	}
	if (r)
		return r;
	*ret = list;
	*ret_n = n;
	return 0;
}

int store_device_list(struct db_conn *conn, struct arena *arena, const struct device_filter *filter,
		      struct text after, size_t limit, struct device **ret, size_t *ret_n)
{
	struct db_query q CLEANUP(db_query_done);
	struct row_binder b;

	db_query_init(&q, conn,
		      "SELECT " COLUMNS " FROM devices d WHERE d.id > $1"
		      " AND ($3 = '' OR d.tenant_id = $3) AND ($4 = '' OR d.state = $4)"
		      " AND ($5 = '' OR d.compliance_state = $5)"
		      " AND ($6 = '' OR lower(d.user_principal_name) = lower($6))"
		      " AND ($7 = '' OR d.user_object_id = $7)"
		      " AND ($8 = '' OR d.entra_device_id = $8) AND ($9 = '' OR d.name = $9)"
		      " AND ($10 = '' OR d.id = $10) AND ($11 = '' OR EXISTS"
		      " (SELECT 1 FROM device_tags t WHERE t.tenant_id = d.tenant_id"
		      " AND t.device_id = d.id AND t.tag = $11))"
		      " AND ($12 = '' OR lower(d.zero_touch_id) = lower($12))"
		      " AND ($13 = '' OR CAST(d.is_bulk AS TEXT) = $13) ORDER BY d.id LIMIT $2");
	row_bind_begin(&b, &q);
	row_bind_text(&b, after);
	row_bind_int(&b, (int64_t)limit);
	device_bind_filter(&b, filter);
	return device_read_list(&q, arena, ret, ret_n);
}

int store_device_count_for_user(struct db_conn *conn, struct text tenant_id, struct text user_key,
				int64_t *ret)
{
	struct db_query q;

	db_query_init(&q, conn,
		      "SELECT COUNT(*) FROM devices WHERE tenant_id = $1 AND user_key = $2"
		      " AND state = 'enrolled'");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, user_key);
	return row_count(&q, ret);
}

int store_device_list_unseen(struct db_conn *conn, struct arena *arena, struct text tenant_id,
			     struct text user_key, struct text except_id, size_t limit,
			     struct device **ret, size_t *ret_n)
{
	struct db_query q CLEANUP(db_query_done);
	struct row_binder b;

	db_query_init(&q, conn,
		      "SELECT " COLUMNS " FROM devices d WHERE d.tenant_id = $1 AND d.user_key = $2"
		      " AND d.state = 'enrolled' AND d.id <> $3"
		      " ORDER BY CASE WHEN d.last_seen_at > 0 THEN d.last_seen_at"
		      " ELSE d.enrolled_at END, d.id LIMIT $4");
	row_bind_begin(&b, &q);
	row_bind_text(&b, tenant_id);
	row_bind_text(&b, user_key);
	row_bind_text(&b, except_id);
	row_bind_int(&b, (int64_t)limit);
	return device_read_list(&q, arena, ret, ret_n);
}

int store_device_count(struct db_conn *conn, struct text tenant_id, int64_t *ret)
{
	struct db_query q;

	db_query_init(&q, conn,
		      "SELECT COUNT(*) FROM devices WHERE ($1 = '' OR tenant_id = $1)"
		      " AND state = 'enrolled'");
	db_bind_text(&q, 1, tenant_id);
	return row_count(&q, ret);
}

int store_device_touch(struct db_conn *tx, struct text tenant_id, struct text id, int64_t now)
{
	struct db_query q;

	db_query_init(&q, tx,
		      "UPDATE devices SET last_seen_at ="
		      " CASE WHEN last_seen_at < $3 THEN $3 ELSE last_seen_at END"
		      " WHERE tenant_id = $1 AND id = $2");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, id);
	db_bind_int(&q, 3, now);
	return row_write_one(&q);
}

int store_device_want_evaluation(struct db_conn *tx, struct text tenant_id)
{
	struct db_query q;

	db_query_init(&q, tx,
		      "UPDATE devices SET is_evaluation_wanted = 1 WHERE tenant_id = $1"
		      " AND state = 'enrolled' AND is_evaluation_wanted = 0");
	db_bind_text(&q, 1, tenant_id);
	return row_write(&q);
}

int store_device_want_evaluation_for_user(struct db_conn *tx, struct text tenant_id,
					  struct text oid)
{
	struct db_query q;

	db_query_init(&q, tx,
		      "UPDATE devices SET is_evaluation_wanted = 1 WHERE tenant_id = $1"
		      " AND user_object_id = $2 AND state = 'enrolled'"
		      " AND is_evaluation_wanted = 0");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, oid);
	return row_write(&q);
}

int store_device_evaluation_due(struct db_conn *conn, struct arena *arena, int64_t now,
				int64_t undecided_before, int64_t seen_before, size_t limit,
				struct device **ret, size_t *ret_n)
{
	struct db_query q CLEANUP(db_query_done);

	db_query_init(&q, conn,
		      "SELECT " COLUMNS " FROM devices d WHERE d.state = 'enrolled'"
		      " AND (d.is_evaluation_wanted = 1"
		      " OR (d.compliance_state = 'grace' AND d.grace_until <= $1)"
		      " OR (d.compliance_state = 'unknown' AND d.compliance_reasons <> '[]'"
		      " AND d.compliance_changed_at <= $2)"
		      " OR (d.compliance_state IN ('compliant', 'grace')"
		      " AND d.last_seen_at <= $3 AND d.enrolled_at <= $3))"
		      " ORDER BY d.id LIMIT $4");
	db_bind_int(&q, 1, now);
	db_bind_int(&q, 2, undecided_before);
	db_bind_int(&q, 3, seen_before);
	db_bind_int(&q, 4, (int64_t)limit);
	return device_read_list(&q, arena, ret, ret_n);
}

int store_device_set_reported(struct db_conn *tx, struct text tenant_id, struct text id,
			      int64_t now)
{
	struct db_query q;

	db_query_init(&q, tx,
		      "UPDATE devices SET compliance_reported_at = $3"
		      " WHERE tenant_id = $1 AND id = $2");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, id);
	db_bind_int(&q, 3, now);
	return row_write_one(&q);
}
