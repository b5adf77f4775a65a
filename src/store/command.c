/* SPDX-License-Identifier: Apache-2.0 */
/*
 * command.c: rows of the table commands, and the moves between their states. An answer finds its
 * command only by (device, session, message, command) and only once, so that nothing a device
 * sends can be booked on a command it was not sent (threats.md, case 14).
 */
#include "store/command.h"

#include "store/row.h"

#define COLUMNS                                                                                    \
	"tenant_id, device_id, id, verb, scope, user_object_id, locuri, format, data, origin,"     \
	" state, session_id, msg_id, cmd_id, status, original_error, created_at, sent_at,"         \
	" answered_at"

static int command_read(struct db_query *q, struct arena *arena, struct command *ret)
{
	struct command c = {0};
	struct row row;

	row_begin(&row, q, arena);
	c.tenant_id = row_text(&row);
	c.device_id = row_text(&row);
	c.id = row_text(&row);
	c.verb = ROW_ENUM(&row, command_verb);
	c.scope = ROW_ENUM(&row, scope);
	c.user_object_id = row_text(&row);
	c.locuri = row_text(&row);
	c.format = row_text(&row);
	c.data = row_text(&row);
	c.origin = row_text(&row);
	c.state = ROW_ENUM(&row, command_state);
	c.session_id = row_text(&row);
	c.msg_id = row_int(&row);
	c.cmd_id = row_int(&row);
	c.status = row_int(&row);
	c.original_error = row_text(&row);
	c.created_at = row_int(&row);
	c.sent_at = row_int(&row);
	c.answered_at = row_int(&row);
	if (row_end(&row))
		return row_end(&row);
	*ret = c;
	return 0;
}

static int command_read_list(struct db_query *q, struct arena *arena, struct command **ret,
			     size_t *ret_n)
{
	struct command *list = NULL;
	size_t n = 0;
	int r;

	while ((r = db_step(q)) == DB_ROW) {
		list = ROW_GROW(arena, list, n);
		r = command_read(q, arena, &list[n++]);
		if (r)
			return r;
	}
	if (r)
		return r;
	*ret = list;
	*ret_n = n;
	return 0;
}

int store_command_add(struct db_conn *tx, const struct command *command)
{
	struct row_binder b;
	struct db_query q;

	db_query_init(&q, tx,
		      "INSERT INTO commands (" COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8,"
		      " $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)");
	row_bind_begin(&b, &q);
	row_bind_c(&b, command->tenant_id);
	row_bind_c(&b, command->device_id);
	row_bind_c(&b, command->id);
	row_bind_c(&b, command_verb_name(command->verb));
	row_bind_c(&b, scope_name(command->scope));
	row_bind_c(&b, command->user_object_id);
	row_bind_c(&b, command->locuri);
	row_bind_c(&b, command->format);
	row_bind_c(&b, command->data);
	row_bind_c(&b, command->origin);
	row_bind_c(&b, command_state_name(command->state));
	row_bind_c(&b, command->session_id);
	row_bind_int(&b, command->msg_id);
	row_bind_int(&b, command->cmd_id);
	row_bind_int(&b, command->status);
	row_bind_c(&b, command->original_error);
	row_bind_int(&b, command->created_at);
	row_bind_int(&b, command->sent_at);
	row_bind_int(&b, command->answered_at);
	return row_write(&q);
}

int store_command_load(struct db_conn *conn, struct arena *arena, struct text tenant_id,
		       struct text device_id, struct text id, struct command *ret)
{
	struct db_query q CLEANUP(db_query_done);
	int r;

	db_query_init(&q, conn,
		      "SELECT " COLUMNS " FROM commands WHERE tenant_id = $1 AND device_id = $2"
		      " AND id = $3");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, device_id);
	db_bind_text(&q, 3, id);
	r = row_one(&q);
	return r ? r : command_read(&q, arena, ret);
}

/* state IN (...) beside the equality lets both databases use the index of open commands. */
int store_command_pending(struct db_conn *conn, struct arena *arena, struct text tenant_id,
			  struct text device_id, size_t limit, struct command **ret, size_t *ret_n)
{
	struct db_query q CLEANUP(db_query_done);

	db_query_init(&q, conn,
		      "SELECT " COLUMNS " FROM commands WHERE tenant_id = $1 AND device_id = $2"
		      " AND state = 'queued' AND state IN ('queued', 'sent') ORDER BY id LIMIT $3");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, device_id);
	db_bind_int(&q, 3, (int64_t)limit);
	return command_read_list(&q, arena, ret, ret_n);
}

int store_command_count_pending(struct db_conn *conn, struct text tenant_id, struct text device_id,
				int64_t *ret)
{
	struct db_query q;

	db_query_init(&q, conn,
		      "SELECT COUNT(*) FROM commands WHERE tenant_id = $1 AND device_id = $2"
		      " AND state = 'queued' AND state IN ('queued', 'sent')");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, device_id);
	return row_count(&q, ret);
}

int store_command_find_sent(struct db_conn *conn, struct arena *arena, struct text tenant_id,
			    struct text device_id, struct text session_id, int64_t msg_id,
			    int64_t cmd_id, struct command *ret)
{
	struct db_query q CLEANUP(db_query_done);
	struct row_binder b;
	int r;

	db_query_init(&q, conn,
		      "SELECT " COLUMNS " FROM commands WHERE tenant_id = $1 AND device_id = $2"
		      " AND state = 'sent' AND state IN ('queued', 'sent') AND session_id = $3"
		      " AND msg_id = $4 AND cmd_id = $5");
	row_bind_begin(&b, &q);
	row_bind_text(&b, tenant_id);
	row_bind_text(&b, device_id);
	row_bind_text(&b, session_id);
	row_bind_int(&b, msg_id);
	row_bind_int(&b, cmd_id);
	r = row_one(&q);
	return r ? r : command_read(&q, arena, ret);
}

int store_command_mark_sent(struct db_conn *tx, struct text tenant_id, struct text device_id,
			    struct text id, struct text session_id, int64_t msg_id, int64_t cmd_id,
			    int64_t now)
{
	struct row_binder b;
	struct db_query q;

	db_query_init(&q, tx,
		      "UPDATE commands SET state = 'sent', session_id = $4, msg_id = $5,"
		      " cmd_id = $6, sent_at = $7 WHERE tenant_id = $1 AND device_id = $2"
		      " AND id = $3 AND state = 'queued'");
	row_bind_begin(&b, &q);
	row_bind_text(&b, tenant_id);
	row_bind_text(&b, device_id);
	row_bind_text(&b, id);
	row_bind_text(&b, session_id);
	row_bind_int(&b, msg_id);
	row_bind_int(&b, cmd_id);
	row_bind_int(&b, now);
	return row_write_one(&q);
}

int store_command_answer(struct db_conn *tx, struct text tenant_id, struct text device_id,
			 struct text id, int64_t status, struct text original_error, int64_t now)
{
	struct row_binder b;
	struct db_query q;

	db_query_init(&q, tx,
		      "UPDATE commands SET state = 'answered', status = $4, original_error = $5,"
		      " answered_at = $6 WHERE tenant_id = $1 AND device_id = $2 AND id = $3"
		      " AND state = 'sent'");
	row_bind_begin(&b, &q);
	row_bind_text(&b, tenant_id);
	row_bind_text(&b, device_id);
	row_bind_text(&b, id);
	row_bind_int(&b, status);
	row_bind_text(&b, original_error);
	row_bind_int(&b, now);
	return row_write_one(&q);
}

int store_command_cancel(struct db_conn *tx, struct text tenant_id, struct text device_id,
			 struct text id, int64_t now)
{
	struct row_binder b;
	struct db_query q;

	db_query_init(&q, tx,
		      "UPDATE commands SET state = 'cancelled', answered_at = $4"
		      " WHERE tenant_id = $1 AND device_id = $2 AND id = $3 AND state = 'queued'");
	row_bind_begin(&b, &q);
	row_bind_text(&b, tenant_id);
	row_bind_text(&b, device_id);
	row_bind_text(&b, id);
	row_bind_int(&b, now);
	return row_write_one(&q);
}

int store_command_cancel_all(struct db_conn *tx, struct text tenant_id, struct text device_id,
			     int64_t now)
{
	struct row_binder b;
	struct db_query q;

	db_query_init(&q, tx,
		      "UPDATE commands SET state = 'cancelled', answered_at = $3"
		      " WHERE tenant_id = $1 AND device_id = $2 AND state IN ('queued', 'sent')");
	row_bind_begin(&b, &q);
	row_bind_text(&b, tenant_id);
	row_bind_text(&b, device_id);
	row_bind_int(&b, now);
	return row_write(&q);
}

int store_command_requeue_unanswered(struct db_conn *tx, struct text tenant_id,
				     struct text device_id)
{
	struct db_query q;

	db_query_init(&q, tx,
		      "UPDATE commands SET state = 'queued', session_id = '', msg_id = 0,"
		      " cmd_id = 0, sent_at = 0 WHERE tenant_id = $1 AND device_id = $2"
		      " AND state = 'sent' AND state IN ('queued', 'sent')");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, device_id);
	return row_write(&q);
}

static int settings_cancel(struct db_conn *tx, struct text tenant_id, struct text device_id,
			   int64_t now)
{
	struct row_binder b;
	struct db_query q;

	db_query_init(&q, tx,
		      "UPDATE commands SET state = 'cancelled', answered_at = $3"
		      " WHERE tenant_id = $1 AND device_id = $2 AND state = 'sent'"
		      " AND state IN ('queued', 'sent')"
		      " AND (origin = 'setup' OR origin LIKE 'policy:%')");
	row_bind_begin(&b, &q);
	row_bind_text(&b, tenant_id);
	row_bind_text(&b, device_id);
	row_bind_int(&b, now);
	return row_write(&q);
}

int store_command_drop_derived(struct db_conn *tx, struct text tenant_id, struct text device_id,
			       int64_t now)
{
	struct db_query q;
	int r = settings_cancel(tx, tenant_id, device_id, now);

	if (r)
		return r;
	db_query_init(&q, tx,
		      "DELETE FROM commands WHERE tenant_id = $1 AND device_id = $2"
		      " AND origin = 'inventory'");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, device_id);
	return row_write(&q);
}

int store_command_list_session(struct db_conn *conn, struct arena *arena, struct text tenant_id,
			       struct text device_id, struct text session_id, struct command **ret,
			       size_t *ret_n)
{
	struct db_query q CLEANUP(db_query_done);

	db_query_init(&q, conn,
		      "SELECT " COLUMNS " FROM commands WHERE tenant_id = $1 AND device_id = $2"
		      " AND session_id = $3 ORDER BY msg_id, cmd_id");
	db_bind_text(&q, 1, tenant_id);
	db_bind_text(&q, 2, device_id);
	db_bind_text(&q, 3, session_id);
	return command_read_list(&q, arena, ret, ret_n);
}

int store_command_list(struct db_conn *conn, struct arena *arena, struct text tenant_id,
		       struct text device_id, const struct command_filter *filter,
		       struct text after, size_t limit, struct command **ret, size_t *ret_n)
{
	struct db_query q CLEANUP(db_query_done);
	struct row_binder b;

	db_query_init(&q, conn,
		      "SELECT " COLUMNS " FROM commands WHERE tenant_id = $1 AND device_id = $2"
		      " AND id < $3 AND ($5 = '' OR state = $5) AND ($6 = '' OR origin = $6)"
		      " AND ($7 = '' OR session_id = $7) AND ($8 = '' OR locuri = $8)"
		      " ORDER BY id DESC LIMIT $4");
	row_bind_begin(&b, &q);
	row_bind_text(&b, tenant_id);
	row_bind_text(&b, device_id);
	row_bind_text(&b, row_before(after));
	row_bind_int(&b, (int64_t)limit);
	row_bind_text(&b, filter->state);
	row_bind_text(&b, filter->origin);
	row_bind_text(&b, filter->session_id);
	row_bind_text(&b, filter->locuri);
	return command_read_list(&q, arena, ret, ret_n);
}

int store_command_sweep(struct db_conn *tx, int64_t created_before)
{
	struct db_query q;

	db_query_init(&q, tx,
		      "DELETE FROM commands WHERE created_at < $1"
		      " AND state IN ('answered', 'cancelled')");
	db_bind_int(&q, 1, created_before);
	return row_write(&q);
}
