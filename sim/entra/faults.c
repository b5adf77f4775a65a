/* SPDX-License-Identifier: Apache-2.0 */
/*
 * faults.c: see faults.h. entra.md section 8.3, the paragraph on faults.
 *
 * A description is checked completely before it is added, so that a misspelt fault fails the test
 * that ordered it instead of silently never happening: unknown members are refused.
 */
#include "sim/entra/faults.h"

#include <inttypes.h>
#include <regex.h>
#include <stdlib.h>

#include "base/rand.h"

enum { FAULT_MS_MAX = 120000, PROBABILITY_STEPS = 1000000 };

struct fault {
	struct list list;
	uint64_t id;
	enum fault_kind kind;
	bool is_item;
	bool has_listener;
	enum listener listener;
	unsigned methods; /* 0: any */
	char *prefix;     /* NULL: any */
	char *pattern;    /* of `regex`; NULL: any */
	regex_t regex;
	bool has_tenant;
	struct uuid tenant;
	int64_t left; /* -1: without end */
	double probability;
	int64_t status;
	int64_t retry_after;
	int64_t delay_ms;
	char *location;
	bool is_applied;
	uint64_t hits;
};

static const char *const KINDS[] = {
    [FAULT_NONE] = "none",
    [FAULT_STATUS] = "status",
    [FAULT_SLOW] = "slow",
    [FAULT_RESET] = "reset",
    [FAULT_DROP] = "drop",
    [FAULT_TRUNCATE] = "truncate",
    [FAULT_CONTENT_TYPE] = "content-type",
    [FAULT_REDIRECT] = "redirect",
    [FAULT_NOT_JSON] = "not-json",
    [FAULT_HUGE] = "huge",
    [FAULT_EMPTY_KEYS] = "empty-keys",
    [FAULT_WRONG_ISSUER] = "wrong-issuer",
    [FAULT_FOREIGN_JWKS] = "foreign-jwks-uri",
};

static const char *const MEMBERS[] = {
    "kind",        "path",   "prefix",     "listener", "method",   "tenant",  "count",
    "probability", "status", "retryAfter", "delayMs",  "location", "applied", "item",
};

const char *fault_kind_name(enum fault_kind kind)
{
	return KINDS[kind];
}

void faults_init(struct faults *faults)
{
	*faults = (struct faults){.next_id = 1};
	list_init(&faults->rows);
}

static void fault_free(struct fault *fault)
{
	if (fault->pattern)
		regfree(&fault->regex);
	free(fault->pattern);
	free(fault->prefix);
	free(fault->location);
	free(fault);
}

void faults_clear(struct faults *faults)
{
	LIST_EACH_FREE (pos, &faults->rows)
		fault_free(LIST_OWNER(pos, struct fault, list));
	list_init(&faults->rows);
}

static const char *members_check(const struct json *json)
{
	for (size_t i = 0; i < json->count; i++) {
		bool is_known = false;

		for (size_t k = 0; k < ARRAY_LEN(MEMBERS) && !is_known; k++)
			is_known = text_eq_c(json->items[i].name, MEMBERS[k]);
		if (!is_known)
			return "a fault has a member that is not known";
	}
	return NULL;
}

static char *member_copy(const struct json *json, const char *name)
{
	struct text value = json_text(json, name);
	char *copy;

	if (!value.ptr)
		return NULL;
	copy = heap_alloc(value.len + 1);
	memcpy(copy, value.ptr, value.len);
	return copy;
}

static const char *kind_read(struct fault *fault, const struct json *json)
{
	struct text name = json_text(json, "kind");

	for (size_t i = FAULT_NONE + 1; i < ARRAY_LEN(KINDS); i++)
		if (name.ptr && text_eq_c(name, KINDS[i]))
			fault->kind = (enum fault_kind)i;
	return fault->kind == FAULT_NONE ? "kind is missing or not known" : NULL;
}

static const char *place_read(struct fault *fault, const struct json *json)
{
	struct text tenant = json_text(json, "tenant");
	struct text listener = json_text(json, "listener");
	struct text method = json_text(json, "method");
	enum http_method value;

	if (tenant.ptr && !(fault->has_tenant = uuid_read(tenant, &fault->tenant)))
		return "tenant is not a GUID";
	if (listener.ptr && !(fault->has_listener = listener_read(listener, &fault->listener)))
		return "listener is neither login nor graph";
	if (method.ptr) {
		if (!method_read(method, &value))
			return "method is not known";
		fault->methods = value;
	}
	fault->prefix = member_copy(json, "prefix");
	fault->pattern = member_copy(json, "path");
	if (fault->pattern && regcomp(&fault->regex, fault->pattern, REG_EXTENDED | REG_NOSUB)) {
		free(fault->pattern);
		fault->pattern = NULL;
		return "path is not a POSIX extended regular expression";
	}
	return NULL;
}

static const char *probability_read(struct fault *fault, const struct json *json)
{
	const struct json *value = json_get(json, "probability");

	if (!value)
		return NULL;
	if (value->kind == JSON_INTEGER)
		fault->probability = (double)value->integer;
	else if (value->kind == JSON_REAL)
		fault->probability = value->real;
	else
		return "probability is not a number";
	return fault->probability >= 0.0 && fault->probability <= 1.0
		   ? NULL
		   : "probability is not between 0 and 1";
}

static const char *numbers_read(struct fault *fault, const struct json *json)
{
	const struct {
		const char *name;
		int64_t *field;
		int64_t low, high;
	} rows[] = {
	    {"count", &fault->left, -1, INT64_MAX},
	    {"status", &fault->status, 200, 599},
	    {"retryAfter", &fault->retry_after, 0, 86400},
	    {"delayMs", &fault->delay_ms, 0, FAULT_MS_MAX},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (!json_has(json, rows[i].name))
			continue;
		if (!json_int(json, rows[i].name, rows[i].field) || *rows[i].field < rows[i].low ||
		    *rows[i].field > rows[i].high)
			return "count, status, retryAfter or delayMs is not an integer in its "
			       "range";
	}
	return probability_read(fault, json);
}

static const char *flags_read(struct fault *fault, const struct json *json)
{
	if ((json_has(json, "item") && !json_bool(json, "item", &fault->is_item)) ||
	    (json_has(json, "applied") && !json_bool(json, "applied", &fault->is_applied)))
		return "item and applied are true or false";
	fault->location = member_copy(json, "location");
	if (fault->kind == FAULT_REDIRECT && !fault->location)
		return "a redirect needs a location";
	if (fault->kind == FAULT_STATUS && fault->status == 0)
		return "a status fault needs a status";
	if (fault->is_item && fault->kind != FAULT_STATUS)
		return "an item of a batch can only have a status fault";
	return NULL;
}

int faults_add(struct faults *faults, const struct json *json, uint64_t *ret_id,
	       const char **ret_why)
{
	struct fault *fault;
	const char *why;

	if (!json || json->kind != JSON_OBJECT) {
		*ret_why = "a fault is a JSON object";
		return FAULTS_E_INVALID;
	}
	fault = heap_alloc(sizeof(*fault));
	fault->left = -1;
	fault->retry_after = -1;
	fault->probability = 1.0;
	why = members_check(json);
	if (!why)
		why = kind_read(fault, json);
	if (!why)
		why = place_read(fault, json);
	if (!why)
		why = numbers_read(fault, json);
	if (!why)
		why = flags_read(fault, json);
	if (why) {
		fault_free(fault);
		*ret_why = why;
		return FAULTS_E_INVALID;
	}
	*ret_id = fault->id = faults->next_id++;
	list_append(&faults->rows, &fault->list);
	return 0;
}

bool faults_remove(struct faults *faults, uint64_t id)
{
	LIST_EACH (pos, &faults->rows) {
		struct fault *fault = LIST_OWNER(pos, struct fault, list);

		if (fault->id != id)
			continue;
		list_remove(&fault->list);
		fault_free(fault);
		return true;
	}
	return false;
}

static bool fault_matches(const struct fault *fault, struct arena *arena,
			  const struct fault_question *question)
{
	if (fault->left == 0 || fault->is_item != question->is_item)
		return false;
	if (fault->has_listener && fault->listener != question->listener)
		return false;
	if (fault->methods && !(fault->methods & (unsigned)question->method))
		return false;
	if (fault->has_tenant &&
	    (!question->tenant || memcmp(fault->tenant.bytes, question->tenant->bytes,
					 sizeof(fault->tenant.bytes)) != 0))
		return false;
	if (fault->prefix && !text_starts(question->path, text_of(fault->prefix)))
		return false;
	if (fault->pattern &&
	    regexec(&fault->regex, arena_cstr(arena, question->path), 0, NULL, 0) != 0)
		return false;
	return fault->probability >= 1.0 ||
	       (double)rand_below(PROBABILITY_STEPS) < fault->probability * PROBABILITY_STEPS;
}

void faults_ask(struct faults *faults, struct arena *arena, const struct fault_question *question,
		struct fault_hit *ret)
{
	*ret = (struct fault_hit){.kind = FAULT_NONE, .retry_after = -1};
	LIST_EACH (pos, &faults->rows) {
		struct fault *fault = LIST_OWNER(pos, struct fault, list);

		if (!fault_matches(fault, arena, question))
			continue;
		fault->hits++;
		if (fault->left > 0)
			fault->left--;
		*ret = (struct fault_hit){
		    .kind = fault->kind,
		    .status = (int)fault->status,
		    .retry_after = fault->retry_after,
		    .delay_ms = fault->delay_ms,
		    .location = fault->location ? arena_string(arena, fault->location) : NULL,
		    .is_applied = fault->is_applied,
		};
		return;
	}
}

void faults_write(const struct faults *faults, struct buf *buf)
{
	struct json_writer w;

	json_writer_init(&w, buf);
	json_begin_array(&w, NULL);
	LIST_EACH (pos, &faults->rows) {
		const struct fault *fault = LIST_OWNER(pos, struct fault, list);

		json_begin_object(&w, NULL);
		json_add_int(&w, "id", (int64_t)fault->id);
		json_add_c(&w, "kind", KINDS[fault->kind]);
		json_add_c(&w, "path", fault->pattern);
		json_add_c(&w, "prefix", fault->prefix);
		json_add_int(&w, "left", fault->left);
		json_add_int(&w, "hits", (int64_t)fault->hits);
		json_end_object(&w);
	}
	json_end_array(&w);
}
