/* SPDX-License-Identifier: Apache-2.0 */
/*
 * row.h: the few moves every entity file makes: reading columns in order into an arena, turning
 * the database's answers into the outcomes of store.h, growing a list. Private to src/store.
 */
#ifndef MUSTER_STORE_ROW_H
#define MUSTER_STORE_ROW_H

#include "store/store.h"

/* Reads the columns of the current row from left to right. A value that this program does not know
 * is latched; row_end tells. */
struct row {
	struct db_query *q;
	struct arena *arena;
	int column;
	int error;
};

void row_begin(struct row *row, struct db_query *q, struct arena *arena);
const char *row_text(struct row *row); /* copied; "" for NULL */
int64_t row_int(struct row *row);
bool row_bool(struct row *row);
void row_bad(struct row *row, const char *what);
MUST_CHECK int row_end(const struct row *row);

/* The next column as an enum of the model, by its name. */
#define ROW_ENUM(from, type)                                                                       \
	__extension__({                                                                            \
		struct row *row_ = (from);                                                         \
		enum type value_ = (enum type)0;                                                   \
		if (!type##_read(text_of(row_text(row_)), &value_))                                \
			row_bad(row_, #type);                                                      \
		value_;                                                                            \
	})

/* Binds the parameters from $1 upwards. NULL is "". */
struct row_binder {
	struct db_query *q;
	int index;
};

void row_bind_begin(struct row_binder *b, struct db_query *q);
void row_bind_c(struct row_binder *b, const char *value);
void row_bind_text(struct row_binder *b, struct text value); /* ptr NULL: "" */
void row_bind_int(struct row_binder *b, int64_t value);
void row_bind_bool(struct row_binder *b, bool value);

/* The first row of a query that names a key: 0 with the row current, STORE_E_NOT_FOUND, negative.
 */
MUST_CHECK int row_one(struct db_query *q);
/* Run a write. 0, STORE_E_CONFLICT, negative. The query is done. */
MUST_CHECK int row_write(struct db_query *q);
/* The same, and STORE_E_NOT_FOUND when it changed nothing. */
MUST_CHECK int row_write_one(struct db_query *q);
/* Why an UPDATE that names a version changed nothing; q counts the rows with its key.
 * STORE_E_STALE, STORE_E_NOT_FOUND, negative. */
MUST_CHECK int row_stale(struct db_query *q);
/* The one number a query answers with. */
MUST_CHECK int row_count(struct db_query *q, int64_t *ret);

/* A place for one more element at the end of a list that holds n; the list may move. */
void *row_grow(struct arena *arena, void *list, size_t n, size_t size);
#define ROW_GROW(arena, list, n) ((__typeof__(list))row_grow((arena), (list), (n), sizeof(*(list))))

/* The upper end for `id < $n` where ids are GUIDs in lower case and newest come first. */
struct text row_before(struct text after);

#endif
