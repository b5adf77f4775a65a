/* SPDX-License-Identifier: Apache-2.0 */
/*
 * csp.c: looking up the catalogue, and what to ask a device next.
 *
 * Rows are compared segment by segment against the normal form of a LocURI with its scope taken
 * out, so that one row serves ./Device, ./Vendor and ./User. The table is small and looked at a
 * few dozen times a session: a linear search is enough.
 */
#include "csp/csp.h"

#include "csp/catalogue.h"
#include "syncml/locuri.h"

/* '*' in a pattern is one segment, "**" at its end at least one. */
static bool row_matches(const char *pattern, struct text uri)
{
	size_t i = 0;

	for (; *pattern; pattern++) {
		if (*pattern != '*') {
			if (i == uri.len || uri.ptr[i++] != *pattern)
				return false;
			continue;
		}
		if (i == uri.len || pattern[1] == '*')
			return i < uri.len;
		while (i < uri.len && uri.ptr[i] != '/')
			i++;
	}
	return i == uri.len;
}

static const struct csp_node *find_row(struct text uri)
{
	for (size_t i = 0; i < csp_node_count; i++) {
		if (row_matches(csp_nodes[i].locuri, uri))
			return &csp_nodes[i];
	}
	return NULL;
}

const struct csp_node *csp_find(struct text locuri)
{
	const struct csp_node *found;
	struct arena arena;
	char *normal;

	/* Rows are normal; what matches one without an escape or a query is normal too. */
	if (!text_has_byte(locuri, '%') && !text_has_byte(locuri, '?')) {
		found = find_row(locuri);
		if (found)
			return found;
	}
	arena_init(&arena);
	normal = locuri_normal(&arena, locuri);
	if (locuri_scope(text_of(normal)) == SCOPE_USER)
		normal = arena_printf(&arena, "./Device%s", normal + strlen("./User"));
	found = find_row(text_of(normal));
	arena_done(&arena);
	return found;
}

const struct csp_node *csp_fact_node(struct text fact)
{
	if (text_is_empty(fact))
		return NULL;
	for (size_t i = 0; i < csp_node_count; i++) {
		if (text_eq_c(fact, csp_nodes[i].fact))
			return &csp_nodes[i];
	}
	return NULL;
}

const struct csp_node *csp_at(size_t i)
{
	return i < csp_node_count ? &csp_nodes[i] : NULL;
}

const char *csp_fact_meaning(struct arena *arena, const struct fact *fact)
{
	const struct csp_node *node = csp_fact_node(text_of(fact->name));
	struct text rest = text_of(node ? node->values : "");

	while (rest.ptr) {
		struct text meaning = text_cut(&rest, '|');
		struct text value = text_cut(&meaning, ' ');

		if (meaning.ptr && text_eq_c(value, fact->value))
			return arena_cstr(arena, meaning);
	}
	return fact->value;
}

int64_t csp_build(const char *os_version)
{
	struct text rest = text_of(os_version);
	int64_t build;

	(void)text_cut(&rest, '.');
	if (rest.ptr)
		(void)text_cut(&rest, '.');
	if (!rest.ptr || !text_to_i64(text_cut(&rest, '.'), &build) || build < 0)
		return 0;
	return build;
}

static const struct fact *find_fact(const struct fact *facts, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++) {
		if (!strcmp(facts[i].name, name))
			return &facts[i];
	}
	return NULL;
}

static bool is_due(const struct csp_node *node, const struct fact *fact, int64_t now)
{
	if (node->max_age < 0)
		return false;
	/* A fact from the future is one from before a clock step: ask. */
	return !fact || fact->at > now || now - fact->at >= node->max_age;
}

void csp_inventory(struct arena *arena, const struct fact *facts, size_t n, int64_t now,
		   const struct csp_node ***ret, size_t *ret_n)
{
	const struct csp_node **nodes = ARENA_ARRAY(arena, csp_node_count, const struct csp_node *);
	const struct fact *version = find_fact(facts, n, "os_version");
	int64_t build = version ? csp_build(version->value) : 0;
	size_t count = 0;

	for (size_t i = 0; i < csp_node_count; i++) {
		const struct csp_node *node = &csp_nodes[i];

		if (!*node->fact || node->min_build > build)
			continue;
		if (is_due(node, find_fact(facts, n, node->fact), now))
			nodes[count++] = node;
	}
	*ret = nodes;
	*ret_n = count;
}
