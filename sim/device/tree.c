/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tree.c: see tree.h. A sorted array: a device has some hundred nodes, and what is below an address
 * is a run of neighbours. '/' sorts before all characters addresses are made of but '%', '-', '.'
 * and the like, so the order compares '/' as the lowest.
 */
#include "sim/device/tree.h"

#include <stdlib.h>

#include "base/json.h"
#include "sim/device/file.h"

enum { TREE_FIRST_ROOM = 32, TREE_JSON_DEPTH = 4 };

void tree_init(struct tree *tree)
{
	*tree = (struct tree){0};
}

static void node_done(struct tree_node *node)
{
	free(node->uri);
	free(node->format);
	free(node->data);
}

void tree_done(struct tree *tree)
{
	for (size_t i = 0; i < tree->count; i++)
		node_done(&tree->nodes[i]);
	free(tree->nodes);
	tree_init(tree);
}

static int order(unsigned char c)
{
	return c == '/' ? 1 : c == 0 ? 0 : c + 1;
}

static int uri_compare(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return order((unsigned char)*a) - order((unsigned char)*b);
}

/* The first node that is not before uri. */
static size_t lower_bound(const struct tree *tree, const char *uri)
{
	size_t from = 0;
	size_t to = tree->count;

	while (from < to) {
		size_t middle = from + (to - from) / 2;

		if (uri_compare(tree->nodes[middle].uri, uri) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	return from;
}

const struct tree_node *tree_get(const struct tree *tree, const char *uri)
{
	size_t i = lower_bound(tree, uri);

	return i < tree->count && strcmp(tree->nodes[i].uri, uri) == 0 ? &tree->nodes[i] : NULL;
}

bool tree_is_below(const struct tree *tree, size_t i, const char *uri)
{
	size_t len = strlen(uri);

	return i < tree->count && strncmp(tree->nodes[i].uri, uri, len) == 0 &&
	       tree->nodes[i].uri[len] == '/';
}

size_t tree_below(const struct tree *tree, const char *uri)
{
	size_t i = lower_bound(tree, uri);

	return i < tree->count && strcmp(tree->nodes[i].uri, uri) == 0 ? i + 1 : i;
}

bool tree_has(const struct tree *tree, const char *uri)
{
	return tree_get(tree, uri) || tree_is_below(tree, tree_below(tree, uri), uri);
}

static void string_replace(char **field, const char *value)
{
	char *copy = heap_string(value);

	free(*field);
	*field = copy;
}

static struct tree_node *node_insert(struct tree *tree, size_t at, const char *uri)
{
	if (tree->count == tree->room) {
		tree->room = tree->room ? 2 * tree->room : TREE_FIRST_ROOM;
		tree->nodes = heap_grow(tree->nodes, tree->room, sizeof(*tree->nodes));
	}
	memmove(&tree->nodes[at + 1], &tree->nodes[at], (tree->count - at) * sizeof(*tree->nodes));
	tree->count++;
	tree->nodes[at] = (struct tree_node){.uri = heap_string(uri)};
	return &tree->nodes[at];
}

void tree_set(struct tree *tree, const char *uri, const char *format, const char *data)
{
	size_t i = lower_bound(tree, uri);
	struct tree_node *node = i < tree->count && strcmp(tree->nodes[i].uri, uri) == 0
				     ? &tree->nodes[i]
				     : node_insert(tree, i, uri);

	string_replace(&node->format, format);
	string_replace(&node->data, data);
}

size_t tree_remove(struct tree *tree, const char *uri)
{
	size_t from = lower_bound(tree, uri);
	size_t to = from;

	while (to < tree->count &&
	       (strcmp(tree->nodes[to].uri, uri) == 0 || tree_is_below(tree, to, uri)))
		node_done(&tree->nodes[to++]);
	if (to == from)
		return 0;
	memmove(&tree->nodes[from], &tree->nodes[to], (tree->count - to) * sizeof(*tree->nodes));
	tree->count -= to - from;
	return to - from;
}

void tree_copy(struct tree *ret, const struct tree *from)
{
	tree_init(ret);
	for (size_t i = 0; i < from->count; i++)
		tree_set(ret, from->nodes[i].uri, from->nodes[i].format, from->nodes[i].data);
}

static int nodes_load(struct tree *tree, struct arena *arena, const struct json *json)
{
	if (json->kind != JSON_OBJECT)
		return -1;
	for (size_t i = 0; i < json->count; i++) {
		struct text format = json_text(&json->items[i], "format");
		struct text data = json_text(&json->items[i], "data");

		if (!format.ptr || !data.ptr)
			return -1;
		tree_set(tree, arena_cstr(arena, json->items[i].name), arena_cstr(arena, format),
			 arena_cstr(arena, data));
	}
	return 0;
}

int tree_load(struct tree *tree, const char *path, struct trail *trail)
{
	const struct json *json;
	struct arena arena;
	struct text content;
	int r;

	tree_init(tree);
	arena_init(&arena);
	r = file_read(&arena, path, &content, trail);
	if (r == 0 && (json_read(&arena, content, TREE_JSON_DEPTH, &json) != 0 ||
		       nodes_load(tree, &arena, json) != 0))
		r = ERR_FAIL(trail, ERR_CONFIG, "%s is damaged: remove it", path);
	arena_done(&arena);
	return r == FILE_E_NONE ? 0 : r;
}

int tree_save(const struct tree *tree, const char *path, struct trail *trail)
{
	struct json_writer w;
	struct arena arena;
	struct buf buf;
	int r;

	arena_init(&arena);
	buf_init(&buf, &arena);
	json_writer_init(&w, &buf);
	json_begin_object(&w, NULL);
	for (size_t i = 0; i < tree->count; i++) {
		json_begin_object(&w, tree->nodes[i].uri);
		json_add_c(&w, "format", tree->nodes[i].format);
		json_add_c(&w, "data", tree->nodes[i].data);
		json_end_object(&w);
	}
	json_end_object(&w);
	buf_add_byte(&buf, '\n');
	r = file_write(&arena, path, 0600, buf_text(&buf), trail);
	arena_done(&arena);
	return r < 0 ? ERR_TRACE(trail, r) : 0;
}

static const struct {
	struct text prefix;
	const char *canonical;
} PREFIXES[] = {
    {TEXT("./Device/"), "./Device/"},
    {TEXT("./User/"), "./User/"},
    {TEXT("./Vendor/"), "./Device/Vendor/"},
};

static const char *segments_problem(struct text address)
{
	struct text rest = address;
	bool is_first = true;

	while (rest.ptr) {
		struct text segment = text_cut(&rest, '/');

		if (text_is_empty(segment))
			return "has an empty segment";
		if (text_eq_c(segment, "*") || (!is_first && text_eq_c(segment, ".")))
			return "has a segment that is no name";
		is_first = false;
	}
	return NULL;
}

int locuri_read(struct arena *arena, struct text in, const char **ret, struct text *ret_query,
		const char **ret_why)
{
	struct text rest = in;
	struct text address = text_cut(&rest, '?');
	const char *why = NULL;

	if (!text_starts(address, TEXT("./")))
		why = "does not begin with ./";
	else if (!text_is_printable(address) || text_has_byte(address, ' '))
		why = "has characters that must be escaped";
	else
		why = segments_problem(address);
	if (why) {
		*ret_why = why;
		return LOCURI_E_MALFORMED;
	}
	*ret_query = rest.ptr ? rest : TEXT_EMPTY;
	*ret = arena_cstr(arena, address);
	for (size_t i = 0; i < ARRAY_LEN(PREFIXES); i++)
		if (text_starts_nocase(address, PREFIXES[i].prefix))
			*ret = arena_printf(arena, "%s%.*s", PREFIXES[i].canonical,
					    TEXT_ARG(text_from(address, PREFIXES[i].prefix.len)));
	return 0;
}
