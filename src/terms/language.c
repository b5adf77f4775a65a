/* SPDX-License-Identifier: Apache-2.0 */
/*
 * language.c: see language.h.
 */
#include "terms/language.h"

#include <stdint.h>

#include "base/buf.h"

enum { HEADER_MAX = 512, RANGES_MAX = 16 };

static bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_all(struct text t, bool (*is_it)(char), size_t min, size_t max)
{
	if (t.len < min || t.len > max)
		return false;
	for (size_t i = 0; i < t.len; i++)
		if (!is_it(t.ptr[i]))
			return false;
	return true;
}

/* Copy with letters in one case, but the first in the other when is_title. */
static void part_copy(char *to, struct text t, bool is_upper, bool is_title)
{
	for (size_t i = 0; i < t.len; i++) {
		bool up = is_upper || (is_title && i == 0);
		char c = t.ptr[i];

		if (up && c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		else if (!up && c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		to[i] = c;
	}
	to[t.len] = '\0';
}

/* rest: what was not read, ptr NULL for nothing. */
static bool parts_read(struct text t, struct language *ret, struct text *rest)
{
	struct language language = {0};
	struct text part = text_cut(&t, '-');

	if (!is_all(part, is_alpha, 2, 3))
		return false;
	part_copy(language.language, part, false, false);
	*rest = t;
	part = t.ptr ? text_cut(&t, '-') : TEXT_EMPTY;
	if (is_all(part, is_alpha, 4, 4)) {
		part_copy(language.script, part, false, true);
		*rest = t;
		part = t.ptr ? text_cut(&t, '-') : TEXT_EMPTY;
	}
	if (is_all(part, is_alpha, 2, 2) || is_all(part, is_digit, 3, 3)) {
		part_copy(language.region, part, true, false);
		*rest = t;
	}
	*ret = language;
	return true;
}

bool language_read(struct text t, struct language *ret)
{
	struct text rest;

	return t.ptr && parts_read(text_trim(t), ret, &rest);
}

bool language_read_exact(struct text t, struct language *ret)
{
	struct language language;
	struct text rest;

	if (!parts_read(t, &language, &rest) || rest.ptr)
		return false;
	*ret = language;
	return true;
}

const char *language_write(struct arena *arena, const struct language *language)
{
	return arena_printf(arena, "%s%s%s%s%s", language->language, language->script[0] ? "-" : "",
			    language->script, language->region[0] ? "-" : "", language->region);
}

static bool is_listed(const char *what, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(what, list[i]))
			return true;
	return false;
}

/* What is wanted */

struct range {
	struct language language;
	unsigned weight; /* thousandths */
};

/* "0.8", "1", "1.000" in thousandths. False: not a weight. */
static bool weight_read(struct text t, unsigned *ret)
{
	unsigned weight, place = 100;

	t = text_trim(t);
	if (t.len == 0 || t.len > 5 || (t.ptr[0] != '0' && t.ptr[0] != '1'))
		return false;
	weight = t.ptr[0] == '1' ? 1000 : 0;
	if (t.len > 1 && t.ptr[1] != '.')
		return false;
	for (size_t i = 2; i < t.len; i++, place /= 10) {
		if (!is_digit(t.ptr[i]))
			return false;
		weight += (unsigned)(t.ptr[i] - '0') * place;
	}
	*ret = weight;
	return weight <= 1000;
}

static bool range_read(struct text t, struct range *ret)
{
	struct text tag = text_cut(&t, ';');

	if (!language_read(tag, &ret->language))
		return false;
	ret->weight = 1000;
	if (!t.ptr)
		return true;
	t = text_trim(t);
	return text_starts_nocase(t, TEXT("q=")) && weight_read(text_from(t, 2), &ret->weight) &&
	       ret->weight > 0;
}

/* Insert before the first that weighs less, so that equals keep their order. */
static void range_insert(struct range *ranges, size_t *n, const struct range *range)
{
	size_t at = *n;

	while (at > 0 && ranges[at - 1].weight < range->weight) {
		ranges[at] = ranges[at - 1];
		at--;
	}
	ranges[at] = *range;
	(*n)++;
}

struct wanted {
	struct language list[LANGUAGES_MAX];
	size_t n;
};

static void wanted_add(struct wanted *wanted, const struct language *language)
{
	if (wanted->n == LANGUAGES_MAX)
		return;
	for (size_t i = 0; i < wanted->n; i++)
		if (language_is_same(&wanted->list[i], language))
			return;
	wanted->list[wanted->n++] = *language;
}

static void accept_read(struct text accept, struct wanted *wanted)
{
	struct range ranges[RANGES_MAX];
	struct range range;
	size_t n = 0;

	while (accept.ptr && n < RANGES_MAX) {
		struct text item = text_cut(&accept, ',');

		if (range_read(item, &range))
			range_insert(ranges, &n, &range);
	}
	for (size_t i = 0; i < n; i++)
		wanted_add(wanted, &ranges[i].language);
}

const char *languages_wanted(struct arena *arena, struct text preferred, struct text accept)
{
	struct wanted wanted = {0};
	struct language language;
	struct buf buf;

	if (language_read(text_take(preferred, HEADER_MAX), &language))
		wanted_add(&wanted, &language);
	if (accept.ptr && accept.len <= HEADER_MAX)
		accept_read(accept, &wanted);
	buf_init(&buf, arena);
	for (size_t i = 0; i < wanted.n; i++)
		buf_printf(&buf, "%s%s", i ? "," : "", language_write(arena, &wanted.list[i]));
	return buf.data ? buf.data : "";
}

/* What there is */

bool language_is_same(const struct language *a, const struct language *b)
{
	return !strcmp(a->language, b->language) && !strcmp(a->script, b->script) &&
	       !strcmp(a->region, b->region);
}

/* Chinese is told apart by script, and named by region as often. "" for other languages. */
static const char *usual_script(const struct language *wanted)
{
	static const char *const traditional[] = {"TW", "HK", "MO"};

	if (strcmp(wanted->language, "zh") != 0 || !wanted->region[0])
		return "";
	return is_listed(wanted->region, traditional, ARRAY_LEN(traditional)) ? "Hant" : "Hans";
}

static void form_add(const struct language *wanted, const char *script, const char *region,
		     struct language *ret, size_t *n)
{
	struct language form = *wanted;

	/* Both are parts of a language, so they have room. */
	memmove(form.script, script, strlen(script) + 1);
	memmove(form.region, region, strlen(region) + 1);
	for (size_t i = 0; i < *n; i++)
		if (language_is_same(&ret[i], &form))
			return;
	ret[(*n)++] = form;
}

size_t language_forms(const struct language *wanted, struct language ret[LANGUAGE_FORMS_MAX])
{
	const char *usual = usual_script(wanted);
	const char *script = wanted->script[0] ? wanted->script : usual;
	size_t n = 0;

	form_add(wanted, wanted->script, wanted->region, ret, &n);
	/* A script that goes without saying for the region may be said or not. */
	if (usual[0] && !strcmp(script, usual)) {
		form_add(wanted, usual, wanted->region, ret, &n);
		form_add(wanted, "", wanted->region, ret, &n);
	}
	if (script[0])
		form_add(wanted, script, "", ret, &n);
	form_add(wanted, "", "", ret, &n);
	return n;
}
