/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shown.c: see shown.h.
 */
#include "enroll/shown.h"

#include "base/text.h"
#include "enroll/code.h"

/* What ends on a page of this server, as there is no way back to Windows or no need of one. */
static bool is_page(const char *reason)
{
	return text_starts(text_of(reason), TEXT("redirect_uri_")) ||
	       text_starts(text_of(reason), TEXT("pin_")) || !strcmp(reason, "query_malformed") ||
	       !strcmp(reason, "terms_state");
}

/* The Terms of Use answer Windows in words, not in codes; what it makes of them is its own, and
 * nowhere documented. */
static const char *terms_message(const char *reason)
{
	if (is_page(reason))
		return "A page of this server that says so, not an error of Windows.";
	return "Windows says that something went wrong; the code differs by version, often "
	       "0x80180030 or 0x8018002A.";
}

bool enroll_shown_of(struct arena *arena, const struct enrollment *attempt,
		     struct enroll_shown *ret)
{
	const struct enroll_code *code;

	*ret = (struct enroll_shown){.code = "", .name = "", .message = ""};
	if (attempt->outcome == OUTCOME_OK)
		return false;
	if (attempt->stage == STAGE_TERMS && strcmp(attempt->reason, "terms_declined") != 0) {
		ret->message = terms_message(attempt->reason);
		return true;
	}
	if (!attempt->error_code[0])
		return false;
	code = enroll_code_find(arena, text_of(attempt->error_code));
	ret->code = attempt->error_code;
	ret->name = code ? code->name : "";
	ret->message = code ? enroll_code_message(arena, code) : "";
	return true;
}
