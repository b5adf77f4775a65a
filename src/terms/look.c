/* SPDX-License-Identifier: Apache-2.0 */
/*
 * look.c: see look.h. The table of hosts is the one Windows' own shell uses for its pages:
 * protocol, Terms of Use, themes and assets.
 */
#include "terms/look.h"

#include "base/json.h"
#include "html/locale.h"

enum { HINT_MAX = 2048, HINT_DEPTH = 4, BUILD_WINDOWS_11 = 22000, BUILD_MAX = 999999 };

static bool host_is_setup(struct text host)
{
	static const char *const prefixes[] = {"FRX", "NTH", "RDX"};

	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++)
		if (text_starts_nocase(host, text_of(prefixes[i])))
			return true;
	return false;
}

/* "10.0.22631.4460" is build 22631. */
static uint64_t version_build(struct text version)
{
	struct text rest = version;
	uint64_t build = 0;

	for (int i = 0; i < 3; i++)
		if (!rest.ptr || !text_to_u64(text_cut(&rest, '.'), &build))
			return 0;
	return build <= BUILD_MAX ? build : 0;
}

/* The shell sends an object; how it calls its members is not documented. A build is a number
 * under a name with "build" in it, or the third part of a version. */
static uint64_t member_build(const struct json *member)
{
	if (member->kind == JSON_STRING)
		return version_build(member->text);
	if (member->kind == JSON_INTEGER && text_starts_nocase(member->name, TEXT("build")) &&
	    member->integer >= 0 && member->integer <= BUILD_MAX)
		return (uint64_t)member->integer;
	return 0;
}

static bool is_windows_11(struct arena *arena, struct text info)
{
	const struct json *object;

	if (!info.ptr || info.len > HINT_MAX || json_read(arena, info, HINT_DEPTH, &object) ||
	    object->kind != JSON_OBJECT)
		return false;
	for (size_t i = 0; i < object->count; i++)
		if (member_build(&object->items[i]) >= BUILD_WINDOWS_11)
			return true;
	return false;
}

static enum terms_theme theme_of(struct arena *arena, const struct terms_hints *hints)
{
	if (!host_is_setup(hints->host))
		return THEME_SETTINGS;
	/* "CloudExperienceHost.Personality.LiteWhite", in the shell's own spelling. */
	if (text_ends(hints->personality, TEXT("LiteWhite")))
		return THEME_OOBE_LIGHT;
	if (text_ends(hints->personality, TEXT("InclusiveBlue")))
		return THEME_OOBE_INCLUSIVE;
	return is_windows_11(arena, hints->os_version_info) ? THEME_OOBE_LIGHT : THEME_OOBE_DARK;
}

struct terms_look terms_look_of(struct arena *arena, const struct terms_hints *hints)
{
	return (struct terms_look){
	    .theme = theme_of(arena, hints),
	    .locale = locale_wanted(hints->preferred_language, hints->accept_language),
	    .tenant_id = "",
	};
}
