/* SPDX-License-Identifier: Apache-2.0 */
/*
 * db_cache.c: an open-addressing table keyed by a pointer and a word. Grows at half full, never
 * shrinks and never removes: entries live as long as the connection.
 */
#include "store/db_cache.h"

#include <stdlib.h>

#include "base/arena.h"

enum { CACHE_INITIAL = 128 };

void db_cache_init(struct db_cache *cache)
{
	cache->cap = CACHE_INITIAL;
	cache->used = 0;
	cache->slots = heap_alloc(cache->cap * sizeof(*cache->slots));
}

void db_cache_done(struct db_cache *cache)
{
	free(cache->slots);
	cache->slots = NULL;
	cache->cap = cache->used = 0;
}

static struct db_cache_slot *cache_slot(const struct db_cache *cache, const char *sql,
					uint64_t kinds)
{
	uint64_t hash = ((uint64_t)(uintptr_t)sql ^ kinds) * UINT64_C(0x9e3779b97f4a7c15);
	size_t i = (size_t)(hash >> 32) & (cache->cap - 1);

	while (cache->slots[i].sql &&
	       (cache->slots[i].sql != sql || cache->slots[i].kinds != kinds))
		i = (i + 1) & (cache->cap - 1);
	return &cache->slots[i];
}

void *db_cache_get(const struct db_cache *cache, const char *sql, uint64_t kinds)
{
	return cache_slot(cache, sql, kinds)->statement;
}

static void cache_grow(struct db_cache *cache)
{
	struct db_cache old = *cache;

	cache->cap = old.cap * 2;
	cache->slots = heap_alloc(cache->cap * sizeof(*cache->slots));
	for (size_t i = 0; i < old.cap; i++) {
		if (old.slots[i].sql)
			*cache_slot(cache, old.slots[i].sql, old.slots[i].kinds) = old.slots[i];
	}
	free(old.slots);
}

void db_cache_add(struct db_cache *cache, const char *sql, uint64_t kinds, void *statement)
{
	if (2 * (cache->used + 1) > cache->cap)
		cache_grow(cache);
	*cache_slot(cache, sql, kinds) =
	    (struct db_cache_slot){.sql = sql, .kinds = kinds, .statement = statement};
	cache->used++;
}
