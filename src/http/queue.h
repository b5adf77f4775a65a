/* SPDX-License-Identifier: Apache-2.0 */
/*
 * queue.h: the bounded queue of requests that wait for a worker. See queue.c.
 */
#ifndef MUSTER_HTTP_QUEUE_H
#define MUSTER_HTTP_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

struct http_queue;

struct http_queue *http_queue_new(size_t limit);
void http_queue_free(struct http_queue *queue);

/* False: full or closed; the item is still the caller's. */
MUST_CHECK bool http_queue_put(struct http_queue *queue, void *item);
/* Wait for an item. NULL: the queue is closed and empty. */
void *http_queue_take(struct http_queue *queue);
/* No more puts; what is in the queue is still handed out. */
void http_queue_close(struct http_queue *queue);

/* A moment's view, for early refusal and metrics. */
size_t http_queue_length(struct http_queue *queue);

#endif
