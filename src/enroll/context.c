/* SPDX-License-Identifier: Apache-2.0 */
/*
 * context.c: see context.h.
 */
#include "enroll/context.h"

#include "base/uuid.h"

#define PACKAGE_USER "package_"

static bool is_word(struct text t)
{
	for (size_t i = 0; i < t.len; i++) {
		char c = t.ptr[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') &&
		    c != '-')
			return false;
	}
	return true;
}

const char *enroll_zero_touch_id(struct arena *arena, struct text sent)
{
	struct text t = sent.ptr ? text_trim(sent) : TEXT_EMPTY;
	char *copy;

	/* With or without braces. */
	if (text_starts(t, TEXT("{")) && text_ends(t, TEXT("}")) && t.len > 2)
		t = text_make(t.ptr + 1, t.len - 2);
	if (!uuid_is(t))
		return "";
	copy = arena_cstr(arena, t);
	for (char *c = copy; *c; c++)
		if (*c >= 'A' && *c <= 'F')
			*c = (char)(*c - 'A' + 'a');
	return copy;
}

const char *enroll_autopilot_correlator(struct arena *arena, struct text sent)
{
	struct text t = sent.ptr ? text_trim(sent) : TEXT_EMPTY;

	return t.len > 0 && t.len <= CONTEXT_CORRELATOR_MAX && is_word(t) ? arena_cstr(arena, t)
									  : "";
}

bool enroll_is_bulk(const struct enroll_principal *who, bool is_claimed, enum enrollment_type type)
{
	struct text name = text_of(who->user_name), domain = name;

	if (!is_claimed || who->auth != ENROLL_AUTH_ENTRA || type != ENROLLMENT_DEVICE)
		return false;
	name = text_cut(&domain, '@');
	if (!domain.ptr || domain.len == 0 || !text_starts_nocase(name, TEXT(PACKAGE_USER)))
		return false;
	return uuid_is(text_from(name, strlen(PACKAGE_USER)));
}
