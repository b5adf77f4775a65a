/* SPDX-License-Identifier: Apache-2.0 */
/*
 * queue.c: the bounded queue of requests that wait for a worker.
 *
 * A ring under one lock, first in first out. It is one of the two queues of the program, so it
 * has a limit and never blocks the side that puts: a loop that finds it full answers 503 at once.
 * A sleeping worker is woken only when there is one, which keeps a busy server out of the kernel.
 */
#include "http/queue.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/arena.h"

struct http_queue {
	pthread_mutex_t lock;
	pthread_cond_t filled;
	void **items;
	size_t limit;
	size_t first;
	atomic_size_t count; /* changed under the lock, read without */
	size_t sleepers;
	bool is_closed;
};

struct http_queue *http_queue_new(size_t limit)
{
	struct http_queue *queue = heap_alloc(sizeof(*queue));

	queue->items = heap_grow(NULL, limit, sizeof(*queue->items));
	queue->limit = limit;
	pthread_mutex_init(&queue->lock, NULL);
	pthread_cond_init(&queue->filled, NULL);
	return queue;
}

void http_queue_free(struct http_queue *queue)
{
	if (!queue)
		return;
	pthread_cond_destroy(&queue->filled);
	pthread_mutex_destroy(&queue->lock);
	free(queue->items);
	free(queue);
}

bool http_queue_put(struct http_queue *queue, void *item)
{
	size_t count;
	bool is_in, is_waking;

	pthread_mutex_lock(&queue->lock);
	count = queue->count;
	is_in = !queue->is_closed && count < queue->limit;
	if (is_in) {
		queue->items[(queue->first + count) % queue->limit] = item;
		queue->count = count + 1;
	}
	is_waking = is_in && queue->sleepers;
	pthread_mutex_unlock(&queue->lock);
	if (is_waking)
		pthread_cond_signal(&queue->filled);
	return is_in;
}

void *http_queue_take(struct http_queue *queue)
{
	void *item = NULL;

	pthread_mutex_lock(&queue->lock);
	while (!queue->count && !queue->is_closed) {
		queue->sleepers++;
		pthread_cond_wait(&queue->filled, &queue->lock);
		queue->sleepers--;
	}
	if (queue->count) {
		item = queue->items[queue->first];
		queue->first = (queue->first + 1) % queue->limit;
		queue->count--;
	}
	pthread_mutex_unlock(&queue->lock);
	return item;
}

void http_queue_close(struct http_queue *queue)
{
	pthread_mutex_lock(&queue->lock);
	queue->is_closed = true;
	pthread_mutex_unlock(&queue->lock);
	pthread_cond_broadcast(&queue->filled);
}

size_t http_queue_length(struct http_queue *queue)
{
	return atomic_load_explicit(&queue->count, memory_order_relaxed);
}
