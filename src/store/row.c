/* SPDX-License-Identifier: Apache-2.0 */
/*
 * row.c: columns in, columns out. A row that holds what this program cannot read (an enum name it
 * does not know) is a failure of the store, never a guess.
 */
#include "store/row.h"

#include "store/db_driver.h"

enum { LIST_INITIAL = 8 };

void row_begin(struct row *row, struct db_query *q, struct arena *arena)
{
	*row = (struct row){.q = q, .arena = arena};
}

const char *row_text(struct row *row)
{
	struct text t = db_column_text(row->q, row->column++);

	return t.ptr ? arena_cstr(row->arena, t) : "";
}

int64_t row_int(struct row *row)
{
	return db_column_int(row->q, row->column++);
}

bool row_bool(struct row *row)
{
	return row_int(row) != 0;
}

void row_bad(struct row *row, const char *what)
{
	db_set_error(row->q->conn->error, "column %d of a row holds no valid %s", row->column,
		     what);
	row->error = ERR_STORE;
}

int row_end(const struct row *row)
{
	return row->error;
}

void row_bind_begin(struct row_binder *b, struct db_query *q)
{
	*b = (struct row_binder){.q = q};
}

void row_bind_c(struct row_binder *b, const char *value)
{
	db_bind_text(b->q, ++b->index, text_of(value));
}

void row_bind_text(struct row_binder *b, struct text value)
{
	db_bind_text(b->q, ++b->index, value.ptr ? value : TEXT_EMPTY);
}

void row_bind_int(struct row_binder *b, int64_t value)
{
	db_bind_int(b->q, ++b->index, value);
}

void row_bind_bool(struct row_binder *b, bool value)
{
	db_bind_int(b->q, ++b->index, value ? 1 : 0);
}

int row_one(struct db_query *q)
{
	int r = db_step(q);

	if (r == DB_ROW)
		return 0;
	return r == DB_DONE ? STORE_E_NOT_FOUND : r;
}

int row_write(struct db_query *q)
{
	int r = db_run(q);

	return r == DB_E_CONFLICT ? STORE_E_CONFLICT : r;
}

int row_write_one(struct db_query *q)
{
	int r = row_write(q);

	if (r)
		return r;
	return db_changes(q) ? 0 : STORE_E_NOT_FOUND;
}

int row_count(struct db_query *q, int64_t *ret)
{
	int r = db_step(q);

	if (r == DB_ROW)
		*ret = db_column_int(q, 0);
	db_query_done(q);
	if (r == DB_ROW)
		return 0;
	return r < 0 ? r : ERR_INTERNAL;
}

void *row_grow(struct arena *arena, void *list, size_t n, size_t size)
{
	void *larger;

	if (n == 0)
		return arena_array(arena, LIST_INITIAL, size);
	if (n < LIST_INITIAL || (n & (n - 1)))
		return list; /* capacities are powers of two */
	larger = arena_array(arena, n * 2, size);
	memcpy(larger, list, n * size);
	return larger;
}

struct text row_before(struct text after)
{
	return text_is_empty(after) ? TEXT("g") : after;
}

int row_stale(struct db_query *q)
{
	int64_t n = 0;
	int r = row_count(q, &n);

	if (r)
		return r;
	return n ? STORE_E_STALE : STORE_E_NOT_FOUND;
}
