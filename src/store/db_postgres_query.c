/* SPDX-License-Identifier: Apache-2.0 */
/*
 * db_postgres_query.c: statements of the PostgreSQL driver.
 *
 * A statement is prepared once for each connection and each set of parameter types. The types come
 * from what is bound and are stated to the server: left to itself it would take the parameter in
 * `$1 = 0` for a 32-bit number. Values travel as text, never inside the SQL. A result is fetched
 * whole, so nothing is left open between steps.
 *
 * A read outside a transaction that finds its connection broken is run once more on a new one; in
 * a transaction everything before would be missing, so there it fails.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/db_postgres.h"

/* Type identifiers of the server's catalogue: fixed for ever. */
enum { OID_ANY = 0, OID_BIGINT = 20, OID_TEXT = 25 };

enum { NUMBER_MAX = 24, NAME_MAX_LEN = 16 };

struct postgres_statement {
	char name[NAME_MAX_LEN];
};

/* One bit each: what is not a number is a text, or missing, which no query survives. */
_Static_assert(DB_PARAMS_MAX <= 64, "the kinds of all parameters fit");

static uint64_t query_kinds(const struct db_query *q)
{
	uint64_t kinds = 0;

	for (int i = 0; i < q->param_count && i < DB_PARAMS_MAX; i++)
		kinds |= (uint64_t)(q->params[i].kind == DB_PARAM_INT) << i;
	return kinds;
}

static int postgres_prepare(struct postgres_conn *conn, const struct db_query *q,
			    struct postgres_statement **ret)
{
	static const Oid types[] = {
	    [DB_PARAM_NONE] = OID_ANY,
	    [DB_PARAM_TEXT] = OID_TEXT,
	    [DB_PARAM_INT] = OID_BIGINT,
	};
	uint64_t kinds = query_kinds(q);
	struct postgres_statement *s = db_cache_get(&conn->cache, q->sql, kinds);
	Oid oids[DB_PARAMS_MAX];
	PGresult *result;

	if (s) {
		*ret = s;
		return 0;
	}
	for (int i = 0; i < q->param_count; i++)
		oids[i] = types[q->params[i].kind];
	s = heap_alloc(sizeof(*s));
	snprintf(s->name, sizeof(s->name), "s%u", conn->statement_count++);
	result =
	    postgres_call(conn, PQsendPrepare(conn->handle, s->name, q->sql, q->param_count, oids));
	if (PQresultStatus(result) != PGRES_COMMAND_OK) {
		int r = postgres_conn_fail(conn, result);

		PQclear(result);
		free(s);
		return r;
	}
	PQclear(result);
	db_cache_add(&conn->cache, q->sql, kinds, s);
	*ret = s;
	return 0;
}

/* libpq takes C strings. Texts are slices, so each is copied with its end. */
static char *postgres_values(const struct db_query *q, const char *values[DB_PARAMS_MAX])
{
	size_t size = 1;
	char *memory, *at;

	for (int i = 0; i < q->param_count; i++)
		size += q->params[i].kind == DB_PARAM_INT ? NUMBER_MAX : q->params[i].text.len + 1;
	memory = at = heap_alloc(size);
	for (int i = 0; i < q->param_count; i++) {
		const struct db_param *p = &q->params[i];

		values[i] = at;
		if (p->kind == DB_PARAM_INT) {
			snprintf(at, NUMBER_MAX, "%" PRId64, p->number);
			at += NUMBER_MAX;
		} else if (p->kind == DB_PARAM_TEXT && p->text.ptr) {
			memcpy(at, p->text.ptr, p->text.len);
			at += p->text.len;
			*at++ = '\0';
		} else {
			values[i] = NULL;
		}
	}
	return memory;
}

static int postgres_execute(struct postgres_conn *conn, struct db_query *q)
{
	const char *values[DB_PARAMS_MAX];
	struct postgres_statement *s = NULL;
	PGresult *result;
	char *memory;
	int r = postgres_prepare(conn, q, &s);

	if (r)
		return r;
	memory = postgres_values(q, values);
	result = postgres_call(conn, PQsendQueryPrepared(conn->handle, s->name, q->param_count,
							 values, NULL, NULL, 0));
	free(memory);
	if (PQresultStatus(result) != PGRES_TUPLES_OK &&
	    PQresultStatus(result) != PGRES_COMMAND_OK) {
		r = postgres_conn_fail(conn, result);
		PQclear(result);
		return r;
	}
	q->rows = result;
	q->changes = strtoll(PQcmdTuples(result), NULL, 10);
	return 0;
}

static int postgres_start(struct postgres_conn *conn, struct db_query *q)
{
	int r;

	if (conn->is_in_transaction)
		return postgres_execute(conn, q);
	r = postgres_conn_ensure(conn);
	if (r)
		return r;
	r = postgres_execute(conn, q);
	if (r < 0 && PQstatus(conn->handle) == CONNECTION_BAD) {
		r = postgres_conn_ensure(conn);
		if (!r)
			r = postgres_execute(conn, q);
	}
	return r;
}

int postgres_step(struct db_query *q)
{
	int r;

	if (!q->is_started) {
		r = postgres_start((struct postgres_conn *)q->conn, q);
		if (r)
			return r;
		q->row = -1;
	}
	q->row++;
	return q->row < PQntuples(q->rows) ? DB_ROW : DB_DONE;
}

struct text postgres_column_text(struct db_query *q, int column)
{
	if (postgres_column_is_null(q, column))
		return (struct text){.ptr = NULL, .len = 0};
	return text_make(PQgetvalue(q->rows, (int)q->row, column),
			 (size_t)PQgetlength(q->rows, (int)q->row, column));
}

int64_t postgres_column_int(struct db_query *q, int column)
{
	if (postgres_column_is_null(q, column))
		return 0;
	return strtoll(PQgetvalue(q->rows, (int)q->row, column), NULL, 10);
}

bool postgres_column_is_null(struct db_query *q, int column)
{
	return PQgetisnull(q->rows, (int)q->row, column) != 0;
}

void postgres_done(struct db_query *q)
{
	PQclear(q->rows);
	q->rows = NULL;
}
