/* SPDX-License-Identifier: Apache-2.0 */
/*
 * enrollment.c: rows of the table enrollments.
 *
 * Rows of no tenant are counted down every PRUNE_EVERY additions, to PRUNE_EVERY below the limit,
 * so that the limit holds between two counts and most additions cost one insert.
 */
#include "store/enrollment.h"

#include <stdatomic.h>

#include "base/limits.h"
#include "store/enrollment_row.h"
#include "store/row.h"

enum { PRUNE_EVERY = 100 };

int enrollment_read(struct db_query *q, struct arena *arena, struct enrollment *ret)
{
	struct enrollment e = {0};
	struct row row;

	row_begin(&row, q, arena);
	e.tenant_id = row_text(&row);
	e.id = row_text(&row);
	e.at = row_int(&row);
	e.stage = ROW_ENUM(&row, enrollment_stage);
	e.outcome = ROW_ENUM(&row, enrollment_outcome);
	e.error_code = row_text(&row);
	e.reason = row_text(&row);
	e.remedy = row_text(&row);
	e.client_request_id = row_text(&row);
	e.trace_id = row_text(&row);
	e.device_id = row_text(&row);
	e.entra_device_id = row_text(&row);
	e.user_principal_name = row_text(&row);
	e.user_object_id = row_text(&row);
	e.device_name = row_text(&row);
	e.os_version = row_text(&row);
	e.source = row_text(&row);
	e.auth = row_text(&row);
	e.user_key = row_text(&row);
	e.story_id = row_text(&row);
	e.discovery_id = e.merged_id = "";
	if (row_end(&row))
		return row_end(&row);
	*ret = e;
	return 0;
}

static const char *or_else(const char *value, const char *otherwise)
{
	return value && value[0] ? value : otherwise;
}

static int enrollment_insert(struct db_conn *tx, const struct enrollment *enrollment)
{
	struct row_binder b;
	struct db_query q;

	db_query_init(&q, tx,
		      "INSERT INTO enrollments (" ENROLLMENT_COLUMNS
		      ") VALUES ($1, $2, $3, $4, $5, $6, $7,"
		      " $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)");
	row_bind_begin(&b, &q);
	row_bind_c(&b, enrollment->tenant_id);
	row_bind_c(&b, enrollment->id);
	row_bind_int(&b, enrollment->at);
	row_bind_c(&b, enrollment_stage_name(enrollment->stage));
	row_bind_c(&b, enrollment_outcome_name(enrollment->outcome));
	row_bind_c(&b, enrollment->error_code);
	row_bind_c(&b, enrollment->reason);
	row_bind_c(&b, enrollment->remedy);
	row_bind_c(&b, enrollment->client_request_id);
	row_bind_c(&b, enrollment->trace_id);
	row_bind_c(&b, enrollment->device_id);
	row_bind_c(&b, enrollment->entra_device_id);
	row_bind_c(&b, enrollment->user_principal_name);
	row_bind_c(&b, enrollment->user_object_id);
	row_bind_c(&b, enrollment->device_name);
	row_bind_c(&b, enrollment->os_version);
	row_bind_c(&b, enrollment->source);
	row_bind_c(&b, enrollment->auth);
	row_bind_c(&b, or_else(enrollment->user_key, enrollment->user_object_id));
	row_bind_c(&b, or_else(enrollment->story_id, enrollment->id));
	return row_write(&q);
}

/* Those that went well are questions that anybody may ask; they leave room for the others. */
static int enrollment_prune(struct db_conn *tx)
{
	struct db_query q;
	int r;

	db_query_init(&q, tx,
		      "DELETE FROM enrollments WHERE tenant_id = '' AND outcome = 'ok' AND id <="
		      " (SELECT id FROM enrollments WHERE tenant_id = '' AND outcome = 'ok'"
		      " ORDER BY id DESC LIMIT 1 OFFSET $1)");
	db_bind_int(&q, 1, LIMIT_QUESTIONS_KEPT - PRUNE_EVERY);
	r = row_write(&q);
	if (r)
		return r;
	db_query_init(&q, tx,
		      "DELETE FROM enrollments WHERE tenant_id = '' AND id <="
		      " (SELECT id FROM enrollments WHERE tenant_id = ''"
		      " ORDER BY id DESC LIMIT 1 OFFSET $1)");
	db_bind_int(&q, 1, LIMIT_REFUSED_ATTEMPTS_KEPT - PRUNE_EVERY);
	return row_write(&q);
}

/* An attempt of nobody becomes one of the joining it belongs to; gone by now is no matter. */
static int discovery_adopt(struct db_conn *tx, const struct enrollment *by)
{
	struct row_binder b;
	struct db_query q;

	db_query_init(&q, tx,
		      "UPDATE enrollments SET tenant_id = $2, story_id = $3, user_object_id = $4,"
		      " user_key = $5 WHERE tenant_id = '' AND id = $1");
	row_bind_begin(&b, &q);
	row_bind_c(&b, by->discovery_id);
	row_bind_c(&b, by->tenant_id);
	row_bind_c(&b, or_else(by->story_id, by->id));
	row_bind_c(&b, by->user_object_id);
	row_bind_c(&b, or_else(by->user_key, by->user_object_id));
	return row_write(&q);
}

/* The steps of another story become steps of this one. */
static int story_merge(struct db_conn *tx, const struct enrollment *by)
{
	struct row_binder b;
	struct db_query q;

	db_query_init(
	    &q, tx, "UPDATE enrollments SET story_id = $3 WHERE tenant_id = $1 AND story_id = $2");
	row_bind_begin(&b, &q);
	row_bind_c(&b, by->tenant_id);
	row_bind_c(&b, by->merged_id);
	row_bind_c(&b, or_else(by->story_id, by->id));
	return row_write(&q);
}

int store_enrollment_add(struct db_conn *tx, const struct enrollment *enrollment)
{
	static atomic_uint additions;
	int r = enrollment_insert(tx, enrollment);

	if (r == 0 && enrollment->discovery_id && enrollment->discovery_id[0])
		r = discovery_adopt(tx, enrollment);
	if (r == 0 && enrollment->merged_id && enrollment->merged_id[0])
		r = story_merge(tx, enrollment);
	if (r || !text_is_empty(text_of(enrollment->tenant_id)))
		return r;
	return atomic_fetch_add(&additions, 1) % PRUNE_EVERY ? 0 : enrollment_prune(tx);
}

int store_enrollment_load(struct db_conn *conn, struct arena *arena, struct text id,
			  struct enrollment *ret)
{
	struct db_query q CLEANUP(db_query_done);
	int r;

	db_query_init(&q, conn, "SELECT " ENROLLMENT_COLUMNS " FROM enrollments WHERE id = $1");
	db_bind_text(&q, 1, id);
	r = row_one(&q);
	return r ? r : enrollment_read(&q, arena, ret);
}

static void enrollment_bind_filter(struct row_binder *b, const struct enrollment_filter *filter)
{
	row_bind_text(b, filter->tenant_id);
	row_bind_text(b, filter->stage);
	row_bind_text(b, filter->outcome);
	row_bind_text(b, filter->error_code);
	row_bind_text(b, filter->reason);
	row_bind_text(b, filter->user_principal_name);
	row_bind_text(b, filter->device_id);
	row_bind_text(b, filter->entra_device_id);
	row_bind_text(b, filter->client_request_id);
	row_bind_text(b, filter->trace_id);
}

int store_enrollment_list(struct db_conn *conn, struct arena *arena,
			  const struct enrollment_filter *filter, struct text after, size_t limit,
			  struct enrollment **ret, size_t *ret_n)
{
	struct db_query q CLEANUP(db_query_done);
	struct enrollment *list = NULL;
	struct row_binder b;
	size_t n = 0;
	int r;

	db_query_init(&q, conn,
		      "SELECT " ENROLLMENT_COLUMNS " FROM enrollments WHERE id < $1"
		      " AND ($3 = '' OR tenant_id = $3) AND ($4 = '' OR stage = $4)"
		      " AND ($5 = '' OR outcome = $5) AND ($6 = '' OR error_code = $6)"
		      " AND ($7 = '' OR reason = $7)"
		      " AND ($8 = '' OR lower(user_principal_name) = lower($8))"
		      " AND ($9 = '' OR device_id = $9) AND ($10 = '' OR entra_device_id = $10)"
		      " AND ($11 = '' OR client_request_id = $11)"
		      " AND ($12 = '' OR trace_id = $12) ORDER BY id DESC LIMIT $2");
	row_bind_begin(&b, &q);
	row_bind_text(&b, row_before(after));
	row_bind_int(&b, (int64_t)limit);
	enrollment_bind_filter(&b, filter);
	while ((r = db_step(&q)) == DB_ROW) {
		list = ROW_GROW(arena, list, n);
		r = enrollment_read(&q, arena, &list[n++]);
		if (r)
			return r;
	}
	if (r)
		return r;
	*ret = list;
	*ret_n = n;
	return 0;
}

int store_enrollment_count_for_user(struct db_conn *conn, struct text tenant_id,
				    struct text user_key, enum enrollment_stage stage,
				    enum enrollment_outcome outcome, int64_t since, int64_t *ret)
{
	struct row_binder b;
	struct db_query q;

	db_query_init(&q, conn,
		      "SELECT COUNT(*) FROM enrollments WHERE tenant_id = $1"
		      " AND user_key = $2 AND at >= $3 AND stage = $4 AND outcome = $5");
	row_bind_begin(&b, &q);
	row_bind_text(&b, tenant_id);
	row_bind_text(&b, user_key);
	row_bind_int(&b, since);
	row_bind_c(&b, enrollment_stage_name(stage));
	row_bind_c(&b, enrollment_outcome_name(outcome));
	return row_count(&q, ret);
}

int store_enrollment_sweep(struct db_conn *tx, int64_t before)
{
	struct db_query q;

	db_query_init(&q, tx, "DELETE FROM enrollments WHERE at < $1");
	db_bind_int(&q, 1, before);
	return row_write(&q);
}
