/* SPDX-License-Identifier: Apache-2.0 */
/*
 * csp.c: see csp.h. Statuses are those Windows gives: 404 for a node it lacks, 405 for a verb, a
 * format or a scope that does not fit, 415 for a value that is none of its format, 418 for Add on
 * what is there. management.md sections 2.4, 2.5, 4 and 5.
 */
#include "sim/device/csp.h"

#include "base/buf.h"
#include "sim/device/csp_facts.h"
#include "sim/device/csp_rules.h"

enum {
	STATUS_OK = 200,
	STATUS_QUEUED = 202,
	STATUS_MISSING = 404,
	STATUS_NOT_ALLOWED = 405,
	STATUS_BAD_VALUE = 415,
	STATUS_EXISTS = 418,
	MINUTES_MAX = 1440
};

static const char CONFIG[] = "/Vendor/MSFT/Policy/Config/";
static const char RESULT[] = "/Vendor/MSFT/Policy/Result/";

static bool is_user_scope(const char *uri)
{
	return strncmp(uri, "./User/", 7) == 0;
}

static int refused_by_test(const struct csp *csp, const char *uri)
{
	for (size_t i = 0; i < csp->refusal_count; i++)
		if (strcmp(csp->refusals[i].uri, uri) == 0)
			return csp->refusals[i].status;
	return 0;
}

static bool is_number(const char *data)
{
	int64_t number;

	return text_to_i64(text_of(data), &number);
}

static bool is_boolean(const char *data)
{
	return strcmp(data, "true") == 0 || strcmp(data, "false") == 0;
}

static bool is_minutes(const char *data)
{
	uint64_t minutes;

	return text_to_u64(text_of(data), &minutes) && minutes >= 1 && minutes <= MINUTES_MAX;
}

static bool format_is(const char *format, const char *wanted)
{
	return strcmp(format, wanted) == 0;
}

/* The value must be one of its own format, whatever the node takes. */
static int format_check(const char *format, const char *data)
{
	if (format_is(format, "int") && !is_number(data))
		return STATUS_BAD_VALUE;
	if (format_is(format, "bool") && !is_boolean(data))
		return STATUS_BAD_VALUE;
	return STATUS_OK;
}

static int one_way_check(const struct csp *csp, const char *uri, const char *format,
			 const char *data)
{
	const struct tree_node *node = tree_get(csp->tree, uri);

	if (!format_is(format, "bool"))
		return STATUS_NOT_ALLOWED;
	if (node && strcmp(node->data, "true") == 0 && strcmp(data, "true") != 0)
		return STATUS_NOT_ALLOWED;
	return STATUS_OK;
}

static int kind_check(const struct csp *csp, const struct csp_rule *rule, const char *uri,
		      const char *format, const char *data)
{
	const char *given = format[0] ? format : "chr";
	bool fits = true;

	switch (rule->kind) {
	case CSP_ANY:
		break;
	case CSP_CHR:
		fits = format_is(given, "chr") || format_is(given, "node");
		break;
	case CSP_INT:
		fits = format_is(given, "int");
		break;
	case CSP_BOOL:
		fits = format_is(given, "bool");
		break;
	case CSP_XML:
		fits = format_is(given, "xml") || !data[0];
		break;
	case CSP_ONE_WAY:
		fits = one_way_check(csp, uri, given, data) == STATUS_OK;
		break;
	case CSP_MINUTES:
		fits = format_is(given, "int") && is_minutes(data);
		break;
	}
	return fits ? format_check(given, data) : STATUS_NOT_ALLOWED;
}

static bool is_known(const struct csp *csp, const char *uri)
{
	struct csp_fact fact;

	return tree_has(csp->tree, uri) || csp_fact_get(csp->device, uri, &fact);
}

static int value_write(struct csp *csp, const struct csp_rule *rule, enum verb verb,
		       const char *uri, const char *format, const char *data)
{
	int status = kind_check(csp, rule, uri, format, data);

	if (status != STATUS_OK)
		return status;
	if (verb == VERB_ADD && is_known(csp, uri))
		return STATUS_EXISTS;
	tree_set(csp->tree, uri, format[0] ? format : "chr", data);
	return STATUS_OK;
}

static int node_run(struct csp *csp, struct arena *arena, const struct csp_rule *rule,
		    const char *uri, const char *format, const char *data)
{
	const char *slash = strrchr(uri, '/');

	if (rule->needs_node && !tree_has(csp->tree, uri)) {
		/* HostedInstall needs its package, DownloadInstall itself. */
		const char *parent = arena_printf(arena, "%.*s", (int)(slash - uri), uri);

		if (!tree_has(csp->tree, parent))
			return STATUS_MISSING;
	}
	if (rule->kind == CSP_XML && (!format_is(format, "xml") || !data[0]))
		return STATUS_NOT_ALLOWED;
	csp->actions |= rule->action;
	return rule->is_exec_queued ? STATUS_QUEUED : STATUS_OK;
}

int csp_apply(struct csp *csp, struct arena *arena, enum verb verb, const char *uri,
	      const char *format, const char *data)
{
	const struct csp_rule *rule = csp_rule_find(uri);
	int refused = refused_by_test(csp, uri);

	if (refused)
		return refused;
	if (is_user_scope(uri) && !csp->has_user)
		return STATUS_NOT_ALLOWED;
	if (!rule)
		return csp_rule_is_interior(uri) ? STATUS_NOT_ALLOWED : STATUS_MISSING;
	if (!(rule->verbs & verb))
		return STATUS_NOT_ALLOWED;
	if (verb == VERB_EXEC)
		return node_run(csp, arena, rule, uri, format, data);
	if (verb == VERB_DELETE)
		return tree_remove(csp->tree, uri) > 0 ? STATUS_OK : STATUS_MISSING;
	return value_write(csp, rule, verb, uri, format, data);
}

/* Policy/Result shows what Policy/Config holds. */
static const char *source_of(struct arena *arena, const char *uri)
{
	const char *at = strstr(uri, RESULT);

	return at ? arena_printf(arena, "%.*s%s%s", (int)(at - uri), uri, CONFIG,
				 at + sizeof(RESULT) - 1)
		  : uri;
}

static bool leaf_get(const struct csp *csp, struct arena *arena, const char *uri,
		     struct csp_value *ret)
{
	const struct tree_node *node = tree_get(csp->tree, uri);
	struct csp_fact fact;

	if (node && !format_is(node->format, "node")) {
		ret->format = arena_string(arena, node->format);
		ret->data = arena_string(arena, node->data);
		return true;
	}
	if (!csp_fact_get(csp->device, uri, &fact))
		return false;
	ret->format = fact.format;
	ret->data = fact.data;
	return true;
}

/* Names of children seen so far, one after another with '/' between. */
static void name_add(struct buf *names, const char *below)
{
	struct text name = text_make(below, strcspn(below, "/"));
	struct text rest = names->len > 0 ? buf_text(names) : (struct text){0};

	while (rest.ptr)
		if (text_eq(text_cut(&rest, '/'), name))
			return;
	if (names->len > 0)
		buf_add_byte(names, '/');
	buf_add_text(names, name);
}

/* The part of address below uri; NULL: it is not below. */
static const char *part_below(const char *address, const char *uri)
{
	size_t len = strlen(uri);

	return strncmp(address, uri, len) == 0 && address[len] == '/' ? address + len + 1 : NULL;
}

static const char *children_list(const struct csp *csp, struct arena *arena, const char *uri)
{
	struct csp_fact fact;
	struct buf names;

	buf_init(&names, arena);
	for (size_t i = 0; csp_fact_at(arena, csp->device, i, &fact); i++)
		if (part_below(fact.uri, uri))
			name_add(&names, part_below(fact.uri, uri));
	for (size_t i = tree_below(csp->tree, uri); tree_is_below(csp->tree, i, uri); i++)
		name_add(&names, part_below(csp->tree->nodes[i].uri, uri));
	return names.len > 0 ? names.data : NULL;
}

static size_t subtree_get(const struct csp *csp, struct arena *arena, const char *asked,
			  const char *uri, struct csp_value ret[CSP_VALUES])
{
	struct csp_fact fact;
	size_t count = 0;

	for (size_t i = 0; csp_fact_at(arena, csp->device, i, &fact) && count < CSP_VALUES; i++)
		if (part_below(fact.uri, uri) && !tree_get(csp->tree, fact.uri))
			ret[count++] = (struct csp_value){
			    arena_printf(arena, "%s/%s", asked, part_below(fact.uri, uri)),
			    fact.format, fact.data};
	for (size_t i = tree_below(csp->tree, uri);
	     tree_is_below(csp->tree, i, uri) && count < CSP_VALUES; i++)
		ret[count++] = (struct csp_value){
		    arena_printf(arena, "%s/%s", asked, part_below(csp->tree->nodes[i].uri, uri)),
		    arena_string(arena, csp->tree->nodes[i].format),
		    arena_string(arena, csp->tree->nodes[i].data)};
	return count;
}

static int one_get(const struct csp *csp, struct arena *arena, const char *asked,
		   const char *source, struct csp_value *ret)
{
	ret->uri = asked;
	if (leaf_get(csp, arena, source, ret))
		return STATUS_OK;
	ret->format = "node";
	ret->data = children_list(csp, arena, source);
	return ret->data ? STATUS_OK : STATUS_MISSING;
}

int csp_get(const struct csp *csp, struct arena *arena, const char *asked, const char *uri,
	    struct text query, struct csp_value **ret, size_t *ret_count)
{
	const struct csp_rule *rule = csp_rule_find(uri);
	const char *source = source_of(arena, uri);
	int refused = refused_by_test(csp, uri);

	if (refused)
		return refused;
	if (is_user_scope(uri) && !csp->has_user)
		return STATUS_NOT_ALLOWED;
	if (rule && !(rule->verbs & VERB_GET))
		return STATUS_NOT_ALLOWED;
	if (text_eq_nocase(query, TEXT("list=StructData"))) {
		*ret = ARENA_ARRAY(arena, CSP_VALUES, struct csp_value);
		*ret_count = subtree_get(csp, arena, asked, source, *ret);
		return *ret_count > 0 ? STATUS_OK : STATUS_MISSING;
	}
	*ret = ARENA_NEW(arena, struct csp_value);
	*ret_count = 1;
	return one_get(csp, arena, asked, source, *ret);
}
