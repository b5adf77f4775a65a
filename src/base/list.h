/* SPDX-License-Identifier: Apache-2.0 */
/*
 * list.h: an intrusive doubly linked list. Embed struct list in an object; a struct list of its
 * own is the head. The list owns nothing.
 */
#ifndef MUSTER_BASE_LIST_H
#define MUSTER_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list {
	struct list *prev;
	struct list *next;
};

#define LIST_OWNER(node, type, member) ((type *)((char *)(node)-offsetof(type, member)))

#define LIST_EACH(pos, head) for (struct list *pos = (head)->next; pos != (head); pos = pos->next)
/* The same where the body may unlink or free the node. After freeing without unlinking the head is
 * stale: it is freed too or initialised again. */
#define LIST_EACH_FREE(pos, head)                                                                  \
	for (struct list *pos = (head)->next, *pos##_next = pos->next; pos != (head);              \
	     pos = pos##_next, pos##_next = pos->next)

static inline void list_init(struct list *head)
{
	head->prev = head->next = head;
}

static inline bool list_is_empty(const struct list *head)
{
	return head->next == head;
}

static inline void list_append(struct list *head, struct list *node)
{
	node->prev = head->prev;
	node->next = head;
	head->prev->next = node;
	head->prev = node;
}

/* Harmless on a node that is initialised and not linked. */
static inline void list_remove(struct list *node)
{
	node->prev->next = node->next;
	node->next->prev = node->prev;
	node->prev = node->next = node;
}

/* The first node, unlinked; NULL when empty. */
static inline struct list *list_take(struct list *head)
{
	struct list *node = head->next;

	if (node == head)
		return NULL;
	list_remove(node);
	return node;
}

#endif
