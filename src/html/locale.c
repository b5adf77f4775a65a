/* SPDX-License-Identifier: Apache-2.0 */
/*
 * locale.c: see locale.h.
 */
#include "html/locale.h"

enum { LIST_MAX = 2048 };

const char *const locale_codes[LOCALES] = {
    "en", "ar", "cs", "da", "de", "es", "fi", "fr", "he", "it",      "ja",
    "ko", "nb", "nl", "pl", "pt", "ru", "sv", "tr", "uk", "zh-Hans", "zh-Hant",
};

/* Languages that are written from right to left whatever script a tag names. */
static const char *const rtl_languages[] = {"ar",  "ckb", "dv", "fa",  "he", "iw", "nqo",
					    "prs", "ps",  "sd", "syr", "ug", "ur", "yi"};
static const char *const rtl_scripts[] = {"Arab", "Hebr", "Nkoo", "Syrc", "Thaa"};

static struct text subtag_cut(struct text *rest)
{
	return text_cut(rest, '-');
}

static bool is_listed(struct text t, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (text_eq_nocase(t, text_of(list[i])))
			return true;
	return false;
}

/* Chinese is written in two ways, which tags name by script or by place. */
static const char *chinese_of(struct text rest)
{
	static const char *const traditional[] = {"Hant", "TW", "HK", "MO"};

	while (rest.ptr) {
		struct text subtag = subtag_cut(&rest);

		if (text_eq_nocase(subtag, TEXT("Hans")))
			break;
		if (is_listed(subtag, traditional, ARRAY_LEN(traditional)))
			return "zh-Hant";
	}
	return "zh-Hans";
}

int locale_spoken(struct text locale)
{
	static const char *const norwegian[] = {"no", "nn"};
	struct text rest = locale;
	struct text language;

	if (!locale.ptr)
		return -1;
	language = subtag_cut(&rest);
	if (text_eq_nocase(language, TEXT("zh")))
		language = text_of(chinese_of(rest));
	else if (is_listed(language, norwegian, ARRAY_LEN(norwegian)))
		language = TEXT("nb");
	else if (text_eq_nocase(language, TEXT("iw")))
		language = TEXT("he");
	for (int i = 0; i < LOCALES; i++)
		if (text_eq_nocase(language, text_of(locale_codes[i])))
			return i;
	return -1;
}

struct text locale_wanted(struct text preferred, struct text accept)
{
	struct text rest = text_take(accept, LIST_MAX);

	if (locale_spoken(preferred) >= 0)
		return preferred;
	while (accept.ptr && rest.ptr) {
		struct text item = text_cut(&rest, ',');
		struct text tag = text_trim(text_cut(&item, ';'));

		if (locale_spoken(tag) >= 0)
			return tag;
	}
	return TEXT_EMPTY;
}

bool locale_is_rtl(struct text locale)
{
	struct text rest = locale;

	if (!locale.ptr)
		return false;
	if (is_listed(subtag_cut(&rest), rtl_languages, ARRAY_LEN(rtl_languages))) {
		/* Some of them are also written in Latin or Cyrillic script, which a tag then
		 * names. */
		struct text script = subtag_cut(&rest);

		return script.ptr == NULL || script.len != 4 ||
		       is_listed(script, rtl_scripts, ARRAY_LEN(rtl_scripts));
	}
	while (rest.ptr)
		if (is_listed(subtag_cut(&rest), rtl_scripts, ARRAY_LEN(rtl_scripts)))
			return true;
	return false;
}
