/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_xml.c: the XML reader on any bytes under both sets of limits, and the writer on whatever it
 * read.
 *
 * The inside of a document, written back and read again inside an element of the same namespace,
 * must be the same tree; otherwise a setting's nested markup would change on its way through.
 */
#include <stdlib.h>

#include "base/limits.h"
#include "xml/xml_read.h"
#include "xml/xml_write.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static bool has_attr(const struct xml_node *node, const struct xml_attr *attr)
{
	for (size_t i = 0; i < node->attr_count; i++) {
		if (text_eq(node->attrs[i].name, attr->name) &&
		    text_eq(node->attrs[i].ns, attr->ns))
			return text_eq(node->attrs[i].value, attr->value);
	}
	return false;
}

static void check_same_inside(const struct xml_node *a, const struct xml_node *b)
{
	const struct xml_node *x = a->first, *y = b->first;

	check(text_eq(a->text, b->text) && a->child_count == b->child_count);
	for (; x && y; x = x->next, y = y->next) {
		check(text_eq(x->name, y->name) && text_eq(x->ns, y->ns));
		check(x->offset == y->offset && x->attr_count == y->attr_count);
		for (size_t i = 0; i < x->attr_count; i++)
			check(has_attr(y, &x->attrs[i]));
		check_same_inside(x, y);
	}
	check(!x && !y);
}

static void check_bounds(const struct xml_node *node, const struct xml_limits *limits, size_t depth)
{
	check(depth <= limits->depth && node->attr_count <= limits->attributes);
	check(node->text.len <= limits->text && node->name.len <= LIMIT_XML_NAME);
	check(text_is_utf8(node->text) && text_is_utf8(node->name) && text_is_utf8(node->ns));
	for (const struct xml_node *child = node->first; child; child = child->next)
		check_bounds(child, limits, depth + 1);
}

static void round_trip(struct arena *arena, const struct xml_node *root)
{
	/* Writing declares namespaces anew, so there may be more attributes than there were. */
	static const struct xml_limits wide = {XML_DEPTH_MAX, 1 << 16, 1 << 24, 1 << 24};
	const struct xml_node *again;
	struct xml_writer w;
	struct buf inner, whole;

	buf_init(&inner, arena);
	buf_init(&whole, arena);
	xml_inner_write(&inner, root);
	xml_writer_init(&w, &whole);
	xml_open(&w, "w");
	if (!text_is_empty(root->ns))
		xml_add_attr(&w, "xmlns", root->ns);
	xml_add_markup(&w, buf_text(&inner));
	xml_close(&w);
	check(xml_read(arena, buf_text(&whole), &wide, &again) == 0);
	check_same_inside(root, again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct xml_limits *const limits[] = {&xml_limits_soap, &xml_limits_syncml};
	const struct xml_limits small = {4, 3, 6, 8};
	struct text doc = text_make(data, size);
	const struct xml_node *root;
	struct arena arena;

	arena_init(&arena);
	for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
		if (xml_read(&arena, doc, limits[i], &root) == 0) {
			check_bounds(root, limits[i], 1);
			round_trip(&arena, root);
		}
	}
	if (xml_read(&arena, doc, &small, &root) == 0)
		check_bounds(root, &small, 1);
	arena_done(&arena);
	return 0;
}
