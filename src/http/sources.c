/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sources.c: how many connections each source address has open.
 *
 * A hash table with linear probing and a fixed number of slots, twice as many as there can be
 * connections, so that it never grows and always has a free slot. A source whose last connection
 * has gone leaves no mark: the entries behind it move up. Slots are chosen with a random key, so
 * that nobody can aim addresses at one slot. One lock; held for a few dozen instructions at each
 * accept and close.
 *
 * An IPv6 source is a /64: within it addresses cost nothing.
 */
#include "http/sources.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/rand.h"

struct source_slot {
	struct http_source source;
	uint32_t count; /* 0: free */
};

struct http_sources {
	pthread_mutex_t lock;
	struct source_slot *slots;
	size_t mask;
	size_t per_source;
	uint64_t key[2];
};

struct http_source http_source_of(const struct sockaddr_storage *address)
{
	struct http_source source = {.network = 0};

	if (address->ss_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)address;

		source.is_ipv6 = !IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr);
		if (source.is_ipv6)
			memcpy(&source.network, in6->sin6_addr.s6_addr, sizeof(source.network));
		else
			memcpy(&source.network, in6->sin6_addr.s6_addr + 12, 4);
	} else if (address->ss_family == AF_INET) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)address;

		memcpy(&source.network, &in->sin_addr, sizeof(in->sin_addr));
	}
	return source;
}

struct http_sources *http_sources_new(size_t connections, size_t per_source)
{
	struct http_sources *sources = heap_alloc(sizeof(*sources));
	size_t slots = 2;

	while (slots < connections * 2)
		slots *= 2;
	sources->slots = heap_grow(NULL, slots, sizeof(*sources->slots));
	memset(sources->slots, 0, slots * sizeof(*sources->slots));
	sources->mask = slots - 1;
	sources->per_source = per_source;
	rand_bytes(sources->key, sizeof(sources->key));
	pthread_mutex_init(&sources->lock, NULL);
	return sources;
}

void http_sources_free(struct http_sources *sources)
{
	if (!sources)
		return;
	pthread_mutex_destroy(&sources->lock);
	free(sources->slots);
	free(sources);
}

/* Multiply and fold with a secret key; a slot, not a digest. */
static size_t source_slot_of(const struct http_sources *sources, struct http_source source)
{
	unsigned __int128 product =
	    (unsigned __int128)(source.network ^ sources->key[0]) * (sources->key[1] | 1);
	uint64_t folded = (uint64_t)product ^ (uint64_t)(product >> 64);

	return (size_t)(folded ^ source.is_ipv6) & sources->mask;
}

/* The slot of the source, or the free one where it would go. */
static struct source_slot *source_find(struct http_sources *sources, struct http_source source)
{
	size_t at = source_slot_of(sources, source);

	for (;;) {
		struct source_slot *slot = &sources->slots[at];

		if (!slot->count || (slot->source.network == source.network &&
				     slot->source.is_ipv6 == source.is_ipv6))
			return slot;
		at = (at + 1) & sources->mask;
	}
}

bool http_sources_enter(struct http_sources *sources, struct http_source source)
{
	struct source_slot *slot;
	bool is_in;

	pthread_mutex_lock(&sources->lock);
	slot = source_find(sources, source);
	is_in = slot->count < sources->per_source;
	if (is_in) {
		slot->source = source;
		slot->count++;
	}
	pthread_mutex_unlock(&sources->lock);
	return is_in;
}

/* Free a slot and close the gap: an entry that was pushed past it moves up. */
static void source_remove(struct http_sources *sources, size_t gap)
{
	size_t mask = sources->mask;

	sources->slots[gap].count = 0;
	for (size_t at = (gap + 1) & mask; sources->slots[at].count; at = (at + 1) & mask) {
		size_t home = source_slot_of(sources, sources->slots[at].source);

		if (((at - home) & mask) < ((at - gap) & mask))
			continue;
		sources->slots[gap] = sources->slots[at];
		sources->slots[at].count = 0;
		gap = at;
	}
}

void http_sources_leave(struct http_sources *sources, struct http_source source)
{
	struct source_slot *slot;

	pthread_mutex_lock(&sources->lock);
	slot = source_find(sources, source);
	if (slot->count && !--slot->count)
		source_remove(sources, (size_t)(slot - sources->slots));
	pthread_mutex_unlock(&sources->lock);
}
