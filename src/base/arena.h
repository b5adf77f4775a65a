/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena.h: memory that lives as long as one request and is freed at once.
 *
 * Allocation never returns NULL: when the system has no memory left the process says so in one
 * line and exits (nothing uncommitted can be half-written, see store/). Sizes are checked for
 * overflow. Under AddressSanitizer every allocation gets its own block, so that a write past an
 * arena object is seen. An arena is used by one thread at a time.
 */
#ifndef MUSTER_BASE_ARENA_H
#define MUSTER_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/text.h"

struct arena_block;

struct arena {
	struct arena_block *head;
	size_t used; /* bytes handed out since the last reset, for metrics and tests */
};

void arena_init(struct arena *arena);
/* Free everything. The arena may be used again. */
void arena_reset(struct arena *arena);
void arena_done(struct arena *arena);

/* Zeroed memory, aligned for any object. size 0 gives a valid unique pointer. */
void *arena_alloc(struct arena *arena, size_t size);
/* Zeroed array; exits on n * size overflow. */
void *arena_array(struct arena *arena, size_t n, size_t size);
/* Copies; the results are NUL-terminated even where a length is given. */
char *arena_copy(struct arena *arena, const void *data, size_t len);
char *arena_string(struct arena *arena, const char *s);
char *arena_cstr(struct arena *arena, struct text t);
struct text arena_text(struct arena *arena, struct text t);
char *arena_printf(struct arena *arena, const char *fmt, ...) PRINTF_LIKE(2, 3);
char *arena_vprintf(struct arena *arena, const char *fmt, va_list args) PRINTF_LIKE(2, 0);

#define ARENA_NEW(arena, type)      ((type *)arena_alloc((arena), sizeof(type)))
#define ARENA_ARRAY(arena, n, type) ((type *)arena_array((arena), (n), sizeof(type)))

/* Heap helpers with the same no-NULL contract, for objects that outlive a request. */
void *heap_alloc(size_t size); /* zeroed; free() it */
void *heap_grow(void *old, size_t n, size_t size);
char *heap_string(const char *s);

#endif
