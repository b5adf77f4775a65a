/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xml_node.c: looking things up in a tree that xml_read made, and writing a part of it back.
 *
 * Names are compared by namespace and local name, never by prefix: prefixes are the sender's
 * choice. All functions accept NULL nodes. Recursion is bounded by the depth limit that the tree
 * was read under.
 */
#include "xml/xml_read.h"

#include "xml/xml_write.h"

bool xml_is(const struct xml_node *node, const char *ns, const char *name)
{
	return node && text_eq_c(node->name, name) && (!ns || text_eq_c(node->ns, ns));
}

static const struct xml_node *first_of(const struct xml_node *node, const char *ns,
				       const char *name)
{
	while (node && !xml_is(node, ns, name))
		node = node->next;
	return node;
}

const struct xml_node *xml_child(const struct xml_node *node, const char *ns, const char *name)
{
	return node ? first_of(node->first, ns, name) : NULL;
}

const struct xml_node *xml_child_any_ns(const struct xml_node *node, const char *name)
{
	return xml_child(node, NULL, name);
}

const struct xml_node *xml_next(const struct xml_node *node, const char *ns, const char *name)
{
	return node ? first_of(node->next, ns, name) : NULL;
}

size_t xml_count(const struct xml_node *node, const char *ns, const char *name)
{
	size_t count = 0;

	for (node = xml_child(node, ns, name); node; node = xml_next(node, ns, name))
		count++;
	return count;
}

struct text xml_attr(const struct xml_node *node, const char *name)
{
	struct text found = {.ptr = NULL};

	for (size_t i = 0; node && i < node->attr_count; i++) {
		const struct xml_attr *attr = &node->attrs[i];

		if (!text_eq_c(attr->name, name))
			continue;
		if (text_is_empty(attr->ns))
			return attr->value;
		if (!found.ptr)
			found = attr->value;
	}
	return found;
}

size_t xml_attr_count(const struct xml_node *node, const char *name)
{
	size_t count = 0;

	for (size_t i = 0; node && i < node->attr_count; i++)
		count += text_eq_c(node->attrs[i].name, name);
	return count;
}

struct text xml_text(const struct xml_node *node)
{
	return node ? node->text : (struct text){.ptr = NULL};
}

struct text xml_text_trimmed(const struct xml_node *node)
{
	return node ? text_trim(node->text) : (struct text){.ptr = NULL};
}

struct text xml_child_text(const struct xml_node *node, const char *ns, const char *name)
{
	return xml_text_trimmed(xml_child(node, ns, name));
}

static void attr_write(struct buf *buf, const struct xml_attr *attr, size_t number)
{
	if (text_eq_c(attr->ns, "http://www.w3.org/XML/1998/namespace")) {
		buf_add_c(buf, " xml:");
	} else if (text_is_empty(attr->ns)) {
		buf_add_c(buf, " ");
	} else {
		buf_printf(buf, " xmlns:n%zu=\"", number);
		xml_escape_attr(buf, attr->ns);
		buf_printf(buf, "\" n%zu:", number);
	}
	buf_add_text(buf, attr->name);
	buf_add_c(buf, "=\"");
	xml_escape_attr(buf, attr->value);
	buf_add_c(buf, "\"");
}

static void element_write(struct buf *buf, const struct xml_node *node, struct text scope)
{
	buf_add_c(buf, "<");
	buf_add_text(buf, node->name);
	if (!text_eq(node->ns, scope)) {
		buf_add_c(buf, " xmlns=\"");
		xml_escape_attr(buf, node->ns);
		buf_add_c(buf, "\"");
	}
	for (size_t i = 0; i < node->attr_count; i++)
		attr_write(buf, &node->attrs[i], i);
	if (!node->first && text_is_empty(node->text)) {
		buf_add_c(buf, "/>");
		return;
	}
	buf_add_c(buf, ">");
	xml_inner_write(buf, node);
	buf_add_c(buf, "</");
	buf_add_text(buf, node->name);
	buf_add_c(buf, ">");
}

void xml_inner_write(struct buf *buf, const struct xml_node *node)
{
	size_t done = 0;

	if (!node)
		return;
	for (const struct xml_node *child = node->first; child; child = child->next) {
		xml_escape_text(buf, text_take(text_from(node->text, done), child->offset - done));
		done = child->offset;
		element_write(buf, child, node->ns);
	}
	xml_escape_text(buf, text_from(node->text, done));
}
