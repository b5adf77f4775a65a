/* SPDX-License-Identifier: Apache-2.0 */
/*
 * migrate.h: a numbered step of the schema. Private to src/store.
 *
 * A step that was released is never edited: a new one is added. Each runs in one transaction. The
 * text is the common subset of SQLite and PostgreSQL, and all columns are TEXT or BIGINT.
 */
#ifndef MUSTER_STORE_MIGRATE_H
#define MUSTER_STORE_MIGRATE_H

#include <stddef.h>

struct migration {
	const char *name;
	const char *const *statements;
	size_t count;
};

extern const struct migration migration_first;
extern const struct migration migration_joining;
extern const struct migration migration_closing;
extern const struct migration migration_stories;

#endif
