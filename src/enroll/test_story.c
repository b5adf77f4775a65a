/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_story.c: the sentence and the state of joinings that ended in each way.
 */
#include "enroll/story.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/attr.h"

static struct enrollment step(enum enrollment_stage stage, enum enrollment_outcome outcome,
			      const char *reason)
{
	return (struct enrollment){
	    .stage = stage,
	    .outcome = outcome,
	    .reason = reason,
	    .error_code = "",
	    .user_principal_name = stage == STAGE_DISCOVERY ? "" : "anna@contoso.com",
	    .user_object_id = "",
	    .auth = stage == STAGE_DISCOVERY ? "" : "entra",
	    .source = "192.0.2.1",
	};
}

#define OK(stage)              step(stage, OUTCOME_OK, "")
#define REFUSED(stage, reason) step(stage, OUTCOME_REFUSED, reason)

/* Nothing but a name somebody wrote. */
static struct enrollment claimed(enum enrollment_stage stage, enum enrollment_outcome outcome,
				 const char *reason)
{
	struct enrollment made = step(stage, outcome, reason);

	made.user_principal_name = "eve@contoso.com";
	made.auth = "";
	return made;
}

static const struct enroll_story_view at_once = {0, "https://manage.contoso.com:8443"};

static void each_ending_is_told(void **state)
{
	const struct {
		struct enrollment steps[5];
		size_t n;
		const char *state;
		const char *summary;
	} cases[] = {
	    {{step(STAGE_TERMS, OUTCOME_OK, "terms_shown")},
	     1,
	     "open",
	     "anna@contoso.com saw the terms, and has not decided yet."},
	    {{OK(STAGE_TERMS)},
	     1,
	     "open",
	     "anna@contoso.com accepted the terms, and the device has not asked to enrol yet."},
	    {{step(STAGE_TERMS, OUTCOME_OK, "terms_shown"), OK(STAGE_TERMS), OK(STAGE_DISCOVERY),
	      OK(STAGE_POLICY), OK(STAGE_REQUEST)},
	     5,
	     "enrolled",
	     "anna@contoso.com accepted the terms, got a certificate, and the device has not come "
	     "to a first session yet."},
	    {{OK(STAGE_TERMS), OK(STAGE_POLICY), OK(STAGE_REQUEST), OK(STAGE_SESSION)},
	     4,
	     "joined",
	     "anna@contoso.com accepted the terms, got a certificate and the device came to its "
	     "first session."},
	    {{OK(STAGE_TERMS), OK(STAGE_POLICY), REFUSED(STAGE_REQUEST, "device_cap")},
	     3,
	     "refused",
	     "anna@contoso.com accepted the terms, was let in to ask for a certificate, and was "
	     "refused at the step request: The user has as many enrolled devices as one user may "
	     "have."},
	    {{REFUSED(STAGE_POLICY, "maintenance")},
	     1,
	     "refused",
	     "anna@contoso.com was refused at the step policy: An administrator has put the "
	     "tenant into maintenance, so nobody can enrol."},
	    {{step(STAGE_REQUEST, OUTCOME_FAILED, "server_error")},
	     1,
	     "failed",
	     "anna@contoso.com met a failure of the server at the step request: The server or "
	     "something it "
	     "needs failed."},
	    {{OK(STAGE_DISCOVERY)},
	     1,
	     "open",
	     "Somebody at 192.0.2.1 found the server, and has not gone on yet."},
	    {{claimed(STAGE_DISCOVERY, OUTCOME_OK, "")},
	     1,
	     "open",
	     "Somebody who called themselves eve@contoso.com found the server, and has not gone on "
	     "yet."},
	    {{claimed(STAGE_DISCOVERY, OUTCOME_OK, ""),
	      claimed(STAGE_POLICY, OUTCOME_REFUSED, "certificate_untrusted")},
	     2,
	     "refused",
	     "Somebody who called themselves eve@contoso.com found the server, and was refused at "
	     "the step policy: The certificate was not issued by a CA that a tenant trusts."},
	    {{claimed(STAGE_DISCOVERY, OUTCOME_OK, ""), OK(STAGE_SIGN_IN)},
	     2,
	     "open",
	     "anna@contoso.com signed in, and has not gone on yet."},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct arena arena;
		struct enroll_story story;

		arena_init(&arena);
		story = enroll_story_tell(&arena, &at_once, cases[i].steps, cases[i].n);
		assert_string_equal(story.state, cases[i].state);
		assert_string_equal(story.summary, cases[i].summary);
		assert_int_equal(story.cause[0] != '\0', story.telling->outcome != OUTCOME_OK);
		assert_ptr_equal(story.telling, &cases[i].steps[cases[i].n - 1]);
		arena_done(&arena);
	}
}

static void a_device_that_does_not_come_is_a_fault(void **state)
{
	static const struct {
		enum enrollment_stage stage;
		int64_t wait;
		bool is_fault;
	} cases[] = {
	    {STAGE_REQUEST, 0, false},
	    {STAGE_REQUEST, ENROLL_STORY_WAIT_S - 1, false},
	    {STAGE_REQUEST, ENROLL_STORY_WAIT_S, true},
	    {STAGE_REQUEST, 30 * 86400, true},
	    {STAGE_REQUEST, -60, false}, /* the clock was set back */
	    {STAGE_POLICY, 86400, false},
	    {STAGE_RENEWAL, 86400, false},
	    {STAGE_SESSION, 86400, false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct enroll_story_view view = at_once;
		struct enrollment attempt = OK(cases[i].stage);
		struct enroll_story story;
		struct arena arena;

		arena_init(&arena);
		attempt.at = 1700000000;
		attempt.remedy = "";
		view.now = attempt.at + cases[i].wait;
		story = enroll_story_tell(&arena, &view, &attempt, 1);
		if ((story.cause[0] != '\0') != cases[i].is_fault)
			fail_msg("case %zu: %s", i, story.cause);
		if (cases[i].is_fault) {
			assert_string_equal(story.state, "enrolled");
			assert_non_null(strstr(story.cause, "more than 10 minutes"));
			assert_non_null(strstr(story.remedy, "https://manage.contoso.com:8443"));
			assert_non_null(strstr(story.remedy, "musterd check"));
		} else {
			assert_string_equal(story.remedy, "");
		}
		arena_done(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_ending_is_told),
	    cmocka_unit_test(a_device_that_does_not_come_is_a_fault),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
