/* SPDX-License-Identifier: Apache-2.0 */
/*
 * db_cache.h: a connection's prepared statements, found by the address of their SQL text and by
 * the kinds of their parameters. Private to the drivers. SQL texts are literals of the program, so
 * the cache is bounded by the program and nothing is ever dropped before the connection is.
 */
#ifndef MUSTER_STORE_DB_CACHE_H
#define MUSTER_STORE_DB_CACHE_H

#include <stddef.h>
#include <stdint.h>

struct db_cache_slot {
	const char *sql; /* NULL: free */
	uint64_t kinds;
	void *statement;
};

struct db_cache {
	struct db_cache_slot *slots;
	size_t cap; /* a power of two */
	size_t used;
};

void db_cache_init(struct db_cache *cache);
/* Frees the table; the driver has released the statements in it. */
void db_cache_done(struct db_cache *cache);
/* NULL: not there. */
void *db_cache_get(const struct db_cache *cache, const char *sql, uint64_t kinds);
/* The pair must not be there. */
void db_cache_add(struct db_cache *cache, const char *sql, uint64_t kinds, void *statement);

#endif
