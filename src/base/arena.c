/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena.c: blocks of memory with a common end of life.
 *
 * The head of the chain is the block that still has room. A request too large for a fresh block
 * gets one of exactly its size, linked behind the head so that the room in the head is not lost.
 * Every size computation is checked before it is made. Under AddressSanitizer every request is
 * "too large", which puts each object into a heap block of its own with red zones around it.
 * Nothing is ever handed back singly.
 */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fatal.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_SEPARATE 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define ARENA_SEPARATE 1
#endif

enum { ARENA_BLOCK = 8 * 1024, ARENA_ALIGN = alignof(max_align_t) };

#ifdef ARENA_SEPARATE
enum { ARENA_SHARED_MAX = 0 };
#else
enum { ARENA_SHARED_MAX = ARENA_BLOCK / 4 };
#endif

struct arena_block {
	struct arena_block *next;
	size_t cap;
	size_t pos;
	alignas(max_align_t) unsigned char data[];
};

void arena_init(struct arena *arena)
{
	arena->head = NULL;
	arena->used = 0;
}

void arena_reset(struct arena *arena)
{
	struct arena_block *block = arena->head;

	while (block) {
		struct arena_block *next = block->next;

		free(block);
		block = next;
	}
	arena_init(arena);
}

void arena_done(struct arena *arena)
{
	arena_reset(arena);
}

static struct arena_block *arena_block_new(size_t cap)
{
	struct arena_block *block;

	if (cap > SIZE_MAX - sizeof(*block))
		fatal_exit("an allocation size overflowed");
	block = heap_alloc(sizeof(*block) + cap);
	block->cap = cap;
	return block;
}

static void *arena_alloc_separate(struct arena *arena, size_t size)
{
	struct arena_block *block = arena_block_new(size);

	block->pos = block->cap;
	if (arena->head) {
		block->next = arena->head->next;
		arena->head->next = block;
	} else {
		arena->head = block;
	}
	return block->data;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	size_t need = size ? size : 1;
	struct arena_block *block = arena->head;
	void *ptr;

	arena->used += size;
	if (need > ARENA_SHARED_MAX)
		return arena_alloc_separate(arena, need);
	need = (need + ARENA_ALIGN - 1) / ARENA_ALIGN * ARENA_ALIGN;
	if (!block || block->cap - block->pos < need) {
		block = arena_block_new(ARENA_BLOCK);
		block->next = arena->head;
		arena->head = block;
	}
	ptr = block->data + block->pos;
	block->pos += need;
	return ptr;
}

void *arena_array(struct arena *arena, size_t n, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(n, size, &total))
		fatal_exit("an allocation size overflowed");
	return arena_alloc(arena, total);
}

char *arena_copy(struct arena *arena, const void *data, size_t len)
{
	size_t total;
	char *copy;

	if (__builtin_add_overflow(len, (size_t)1, &total))
		fatal_exit("an allocation size overflowed");
	copy = arena_alloc(arena, total);
	if (len)
		memcpy(copy, data, len);
	return copy;
}

char *arena_string(struct arena *arena, const char *s)
{
	return arena_copy(arena, s, strlen(s));
}

char *arena_cstr(struct arena *arena, struct text t)
{
	return arena_copy(arena, t.ptr, t.len);
}

struct text arena_text(struct arena *arena, struct text t)
{
	return text_make(arena_copy(arena, t.ptr, t.len), t.len);
}

char *arena_vprintf(struct arena *arena, const char *fmt, va_list args)
{
	va_list again;
	char *out;
	int len;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (len < 0)
		fatal_exit("a format could not be written");
	out = arena_alloc(arena, (size_t)len + 1);
	vsnprintf(out, (size_t)len + 1, fmt, args);
	return out;
}

char *arena_printf(struct arena *arena, const char *fmt, ...)
{
	va_list args;
	char *out;

	va_start(args, fmt);
	out = arena_vprintf(arena, fmt, args);
	va_end(args);
	return out;
}

void *heap_alloc(size_t size)
{
	void *ptr = calloc(1, size ? size : 1);

	if (!ptr)
		fatal_exit("out of memory");
	return ptr;
}

void *heap_grow(void *old, size_t n, size_t size)
{
	size_t total;
	void *ptr;

	if (__builtin_mul_overflow(n, size, &total))
		fatal_exit("an allocation size overflowed");
	ptr = realloc(old, total ? total : 1);
	if (!ptr)
		fatal_exit("out of memory");
	return ptr;
}

char *heap_string(const char *s)
{
	size_t len = strlen(s);
	char *copy = heap_alloc(len + 1);

	memcpy(copy, s, len);
	return copy;
}
