/* SPDX-License-Identifier: Apache-2.0 */
/*
 * key_pool.c: see key_pool.h. One file a key, found again in the next run. A key is written under
 * another name first, so that an interrupted run leaves no half key behind.
 */
#include "sim/device/key_pool.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "sim/device/file.h"
#include "sim/device/keys.h"

enum { POOL_BITS = 2048, POOL_THREADS_MAX = 64 };

struct filling {
	const char *dir;
	size_t count;
	_Atomic size_t next;
	_Atomic uint64_t made;
	_Atomic int failed;
	pthread_mutex_t lock; /* of the trail */
	struct trail *trail;
};

char *key_pool_path(struct arena *arena, const char *dir, size_t i)
{
	return arena_printf(arena, "%s/%06zu.pem", dir, i + 1);
}

static int key_make(const struct filling *filling, struct arena *arena, const char *path,
		    struct trail *trail)
{
	CLEANUP(key_free) EVP_PKEY *key = NULL;
	char *beside = arena_printf(arena, "%s.new", path);
	int r = key_new(&key, POOL_BITS, trail);

	if (r == 0)
		r = key_write(key, beside, trail);
	if (r == 0 && rename(beside, path) < 0)
		r = ERR_FAIL(trail, ERR_SYSTEM, "rename %s in %s", beside, filling->dir);
	return r;
}

static void *filling_thread(void *context)
{
	struct filling *filling = context;
	struct trail trail;
	struct arena arena;

	trail_reset(&trail);
	arena_init(&arena);
	for (;;) {
		size_t i = atomic_fetch_add(&filling->next, 1);
		const char *path;

		if (i >= filling->count || filling->failed)
			break;
		path = key_pool_path(&arena, filling->dir, i);
		if (access(path, R_OK) == 0)
			continue;
		if (key_make(filling, &arena, path, &trail) < 0) {
			pthread_mutex_lock(&filling->lock);
			*filling->trail = trail;
			filling->failed = 1;
			pthread_mutex_unlock(&filling->lock);
			break;
		}
		atomic_fetch_add(&filling->made, 1);
		arena_reset(&arena);
	}
	arena_done(&arena);
	return NULL;
}

int key_pool_fill(const char *dir, size_t count, struct key_pool_result *ret, struct trail *trail)
{
	struct filling filling = {.dir = dir, .count = count, .trail = trail};
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	pthread_t threads[POOL_THREADS_MAX];
	int64_t begin = clock_mono_us();
	size_t started = 0;
	int r = file_make_dir(dir, trail);

	if (r < 0)
		return ERR_TRACE(trail, r);
	pthread_mutex_init(&filling.lock, NULL);
	while (started < POOL_THREADS_MAX && (long)started < processors &&
	       pthread_create(&threads[started], NULL, filling_thread, &filling) == 0)
		started++;
	if (started == 0)
		filling_thread(&filling);
	for (size_t i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	pthread_mutex_destroy(&filling.lock);
	if (filling.failed)
		return ERR_TRACE(trail, ERR_CRYPTO);
	ret->made = filling.made;
	ret->seconds = (double)(clock_mono_us() - begin) / 1e6;
	return 0;
}
