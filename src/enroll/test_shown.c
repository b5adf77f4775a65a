/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_shown.c: what the user saw, for each way an attempt can end.
 */
#include "enroll/shown.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/attr.h"

#define PAGE "A page of this server that says so, not an error of Windows."
#define UNSURE                                                                                     \
	"Windows says that something went wrong; the code differs by version, often 0x80180030 "   \
	"or 0x8018002A."

static void each_ending_is_shown(void **state)
{
	static const struct {
		enum enrollment_stage stage;
		enum enrollment_outcome outcome;
		const char *reason;
		const char *error_code;
		const char *code; /* NULL: nothing is known */
		const char *message;
	} cases[] = {
	    {STAGE_TERMS, OUTCOME_OK, "terms_shown", "", NULL, NULL},
	    {STAGE_TERMS, OUTCOME_REFUSED, "token_audience", "", "", UNSURE},
	    {STAGE_TERMS, OUTCOME_REFUSED, "terms_page_expired", "", "", UNSURE},
	    /* The page has no faults: the reason's code is for the other steps. */
	    {STAGE_TERMS, OUTCOME_FAILED, "server_error", "0x80180005", "", UNSURE},
	    {STAGE_TERMS, OUTCOME_REFUSED, "redirect_uri_host", "", "", PAGE},
	    {STAGE_TERMS, OUTCOME_REFUSED, "query_malformed", "", "", PAGE},
	    {STAGE_TERMS, OUTCOME_REFUSED, "terms_state", "", "", PAGE},
	    {STAGE_TERMS, OUTCOME_REFUSED, "pin_wrong", "", "", PAGE},
	    {STAGE_TERMS, OUTCOME_REFUSED, "terms_declined", "rejectedTermsOfUse",
	     "rejectedTermsOfUse",
	     "Your organization requires that you agree to the Terms of Use. Please try again or "
	     "ask your support person for more information."},
	    {STAGE_POLICY, OUTCOME_REFUSED, "maintenance", "0x80180017", "0x80180017",
	     "The service is in maintenance. You can try to do this again later or contact your "
	     "system administrator with the error code 0x80180017."},
	    {STAGE_POLICY, OUTCOME_REFUSED, "unheard_of", "0x80189999", "0x80189999", ""},
	    {STAGE_SIGN_IN, OUTCOME_REFUSED, "sign_in_client", "", NULL, NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct enrollment attempt = {
		    .stage = cases[i].stage,
		    .outcome = cases[i].outcome,
		    .reason = cases[i].reason,
		    .error_code = cases[i].error_code,
		};
		struct enroll_shown shown;
		struct arena arena;

		arena_init(&arena);
		if (enroll_shown_of(&arena, &attempt, &shown) != (cases[i].code != NULL))
			fail_msg("%s", cases[i].reason);
		if (cases[i].code) {
			assert_string_equal(shown.code, cases[i].code);
			assert_string_equal(shown.message, cases[i].message);
		}
		arena_done(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(each_ending_is_shown)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
