/* SPDX-License-Identifier: Apache-2.0 */
/*
 * assign.c: see assign.h.
 */
#include "model/assign.h"

#include "base/uuid.h"

static bool is_among(const char *value, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (text_eq_nocase(text_of(value), text_of(list[i])))
			return true;
	return false;
}

/* Only ids of Entra are the same in any case. */
static bool user_matches(const char *value, const char *user)
{
	if (!user[0])
		return false;
	return uuid_is(text_of(user)) ? text_eq_nocase(text_of(value), text_of(user))
				      : !strcmp(value, user);
}

static bool entry_matches(const struct assignment *entry, const struct assign_subject *subject)
{
	switch (entry->kind) {
	case ASSIGN_ALL:
		return true;
	case ASSIGN_GROUP:
		return is_among(entry->value, subject->groups, subject->group_count);
	case ASSIGN_USER:
		return user_matches(entry->value, subject->user_object_id);
	case ASSIGN_DEVICE:
		return is_among(entry->value, &subject->device_id, 1);
	case ASSIGN_TAG:
		for (size_t i = 0; i < subject->tag_count; i++)
			if (!strcmp(entry->value, subject->tags[i]))
				return true;
		return false;
	}
	return false;
}

bool assign_matches(const struct assignment *list, size_t n, const struct assign_subject *subject)
{
	bool is_included = false;

	for (size_t i = 0; i < n; i++) {
		if (!entry_matches(&list[i], subject))
			continue;
		if (list[i].is_exclude)
			return false;
		is_included = true;
	}
	return is_included;
}

/* Whether the list, without its group entries, includes or excludes; and which group entries are
 * left to decide. */
enum assign_verdict assign_judge(const struct assignment *list, size_t n,
				 const struct assign_subject *subject)
{
	bool has_include = false, has_exclude = false, is_included = false;

	if (subject->is_group_known)
		return assign_matches(list, n, subject) ? ASSIGN_YES : ASSIGN_NO;
	for (size_t i = 0; i < n; i++) {
		if (list[i].kind == ASSIGN_GROUP) {
			has_include |= !list[i].is_exclude;
			has_exclude |= list[i].is_exclude;
			continue;
		}
		if (!entry_matches(&list[i], subject))
			continue;
		if (list[i].is_exclude)
			return ASSIGN_NO;
		is_included = true;
	}
	if (is_included)
		return has_exclude ? ASSIGN_UNKNOWN : ASSIGN_YES;
	return has_include ? ASSIGN_UNKNOWN : ASSIGN_NO;
}
