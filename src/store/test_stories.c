/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_stories.c: which attempts are one joining. A case is a list of attempts in the order they
 * come, each with the number of the step whose story it must be on in the end.
 */
#include "store/test_cases.h"

#include "base/uuid.h"
#include "store/enrollment.h"
#include "store/story.h"

WRITE_CASE(story_add, struct enrollment, store_enrollment_add(tx, a))

#define PAGE_1 "aaaaaaaa-0000-4000-8000-000000000001"
#define PAGE_2 "aaaaaaaa-0000-4000-8000-000000000002"
#define PC_1   "bbbbbbbb-0000-4000-8000-000000000001"
#define PC_2   "bbbbbbbb-0000-4000-8000-000000000002"
#define HERE   "192.0.2.1"
#define THERE  "192.0.2.2"

enum { STEPS_MAX = 8, MINUTE = 60 };

struct step {
	int story; /* the step whose story this one is on; -1 ends the list */
	enum enrollment_stage stage;
	int minute;
	const char *page;
	const char *pc;
	const char *device; /* ours */
	const char *auth;   /* NULL: entra */
	const char *source; /* NULL: HERE */
	enum enrollment_outcome outcome;
	const char *reason;
	const char *name;  /* NULL: anna */
	bool is_of_tenant; /* although nobody is proved */
};

#define END                                                                                        \
	{                                                                                          \
		.story = -1                                                                        \
	}
#define SHOWN(page_)        .stage = STAGE_TERMS, .page = (page_), .reason = "terms_shown"
#define TERMS(page_)        .stage = STAGE_TERMS, .page = (page_)
#define DECLINED(page_)     TERMS(page_), .outcome = OUTCOME_REFUSED
#define POLICY(pc_)         .stage = STAGE_POLICY, .pc = (pc_)
#define REQUEST(page_, pc_) .stage = STAGE_REQUEST, .page = (page_), .pc = (pc_)
#define SESSION(device_)    .stage = STAGE_SESSION, .device = (device_)
#define QUESTION            .stage = STAGE_DISCOVERY, .auth = ""
#define REFUSED             .outcome = OUTCOME_REFUSED

static const struct {
	const char *what;
	struct step steps[STEPS_MAX];
} cases_of_stories[] = {
    {"one joining",
     {{0, SHOWN(PAGE_1)},
      {0, TERMS(PAGE_1)},
      {0, QUESTION},
      {0, POLICY(PC_1)},
      {0, REQUEST(PAGE_1, PC_1), .device = DEVICE},
      {0, SESSION(DEVICE)},
      END}},
    {"the other page was declined",
     {{0, TERMS(PAGE_1)}, {1, DECLINED(PAGE_2)}, {0, POLICY(PC_1)}, END}},
    {"the other page was shown", {{0, TERMS(PAGE_1)}, {1, SHOWN(PAGE_2)}, {0, POLICY(PC_1)}, END}},
    {"two pages, and each request says which",
     {{0, TERMS(PAGE_1)},
      {1, TERMS(PAGE_2)},
      {1, POLICY(PC_2)},
      {0, POLICY(PC_1)},
      {0, REQUEST(PAGE_1, PC_1), .device = DEVICE},
      {1, REQUEST(PAGE_2, PC_2), .device = DEVICE_2},
      END}},
    {"two pages, and nothing says which",
     {{0, TERMS(PAGE_1)}, {1, TERMS(PAGE_2)}, {2, POLICY(PC_1)}, END}},
    {"a page that was left long ago is not meant",
     {{0, TERMS(PAGE_1)}, {1, TERMS(PAGE_2), .minute = 20}, {1, POLICY(PC_1), .minute = 21}, END}},
    {"the page from the same address is meant",
     {{0, TERMS(PAGE_1)},
      {1, TERMS(PAGE_2), .source = THERE},
      {1, POLICY(PC_1), .source = THERE},
      END}},
    {"another page than that of the story",
     {{0, TERMS(PAGE_1)}, {0, POLICY(PC_1)}, {2, REQUEST(PAGE_2, PC_1)}, END}},
    {"an id that comes again after the end",
     {{0, TERMS(PAGE_1)},
      {0, REQUEST(PAGE_1, PC_1), .device = DEVICE},
      {2, TERMS(PAGE_1)},
      {2, REQUEST(PAGE_1, PC_2), .device = DEVICE_2},
      END}},
    {"a second request after the certificate",
     {{0, POLICY(PC_1)},
      {0, REQUEST("", PC_1), .device = DEVICE},
      {2, REQUEST("", PC_1), REFUSED},
      {0, REQUEST("", PC_1), .device = DEVICE},
      END}},
    {"another way of proving",
     {{0, TERMS(PAGE_1)},
      {1, .stage = STAGE_SIGN_IN, .auth = "federated", .page = PAGE_2},
      {1, REQUEST(PAGE_2, ""), .auth = "federated"},
      END}},
    {"two passwords at once, and nothing says which",
     {{0, POLICY(""), .auth = "on-premises"},
      {1, POLICY(""), .auth = "on-premises"},
      {2, REQUEST("", ""), .auth = "on-premises"},
      END}},
    {"a try again after a refusal",
     {{0, QUESTION},
      {0, POLICY(PC_1), REFUSED},
      {2, QUESTION},
      {2, POLICY(PC_1)},
      {2, REQUEST("", PC_1)},
      END}},
    {"an hour later", {{0, TERMS(PAGE_1)}, {1, POLICY(PC_1), .minute = 61}, END}},
    {"the newest question only", {{0, QUESTION}, {1, QUESTION}, {1, POLICY(PC_1)}, END}},
    {"a question from before the page",
     {{0, QUESTION}, {1, TERMS(PAGE_1)}, {1, POLICY(PC_1)}, END}},
    {"a question long ago", {{0, QUESTION}, {1, POLICY(PC_1), .minute = 11}, END}},
    {"a question from elsewhere", {{0, QUESTION, .source = THERE}, {1, POLICY(PC_1)}, END}},
    {"a question by another name", {{0, QUESTION, .name = "bob"}, {1, POLICY(PC_1)}, END}},
    {"a claim goes on a question",
     {{0, QUESTION}, {0, POLICY(""), .auth = "", REFUSED}, {2, POLICY(PC_1)}, END}},
    {"another device of the user",
     {{0, TERMS(PAGE_1)}, {0, POLICY(PC_1)}, {2, REQUEST("", PC_2)}, END}},
    {"a certificate after a password",
     {{0, POLICY(""), .auth = "on-premises"}, {1, REQUEST("", ""), .auth = "certificate"}, END}},
    {"a claim that names the tenant",
     {{0, QUESTION},
      {0, POLICY(PC_1)},
      {2, REQUEST("", ""), .auth = "", REFUSED, .is_of_tenant = true},
      {0, REQUEST("", PC_1)},
      END}},
    {"a claim goes on nothing proved",
     {{0, TERMS(PAGE_1)},
      {0, QUESTION},
      {0, POLICY(PC_1)},
      {3, REQUEST(PAGE_1, PC_1), .auth = "", REFUSED},
      {0, REQUEST(PAGE_1, PC_1)},
      END}},
};

/* A question and what is only claimed prove no tenant. */
static struct enrollment attempt_of(struct store_fixture *f, const struct step *step, int number)
{
	bool is_proved = !step->auth || step->auth[0];
	int64_t at = T0 + step->minute * MINUTE;
	char id[UUID_TEXT_LEN + 1];

	uuid_write(uuid_ordered(at * 1000 + number), id);
	return (struct enrollment){
	    .tenant_id = is_proved || step->is_of_tenant ? TENANT : "",
	    .id = arena_string(&f->arena, id),
	    .at = at,
	    .stage = step->stage,
	    .outcome = step->outcome,
	    .reason = step->reason ? step->reason : "",
	    .client_request_id = step->page ? step->page : "",
	    .entra_device_id = is_proved && step->pc ? step->pc : "",
	    .device_id = step->device ? step->device : "",
	    .user_object_id = is_proved ? "anna" : "",
	    .user_principal_name = step->name ? step->name : "anna",
	    .source = step->source ? step->source : HERE,
	    .auth = step->auth ? step->auth : "entra",
	};
}

static void attempts_find_their_story(void **state)
{
	struct store_fixture *f = *state;
	const char *ids[STEPS_MAX];

	for (size_t i = 0; i < ARRAY_LEN(cases_of_stories); i++) {
		const struct step *steps = cases_of_stories[i].steps;
		size_t n = 0;

		assert_ok(store_fixture_run(f->db, "DELETE FROM enrollments"));
		for (; steps[n].story >= 0; n++) {
			struct enrollment attempt = attempt_of(f, &steps[n], (int)n);

			ids[n] = attempt.id;
			assert_ok(store_story_place(db_reader(f->db), &f->arena, &attempt));
			assert_ok(db_transact(f->db, story_add, &attempt));
		}
		for (size_t k = 0; k < n; k++) {
			struct enrollment got, head;

			assert_ok(store_enrollment_load(db_reader(f->db), &f->arena,
							text_of(ids[k]), &got));
			assert_ok(store_enrollment_load(db_reader(f->db), &f->arena,
							text_of(ids[steps[k].story]), &head));
			if (strcmp(got.story_id, head.story_id) != 0 ||
			    strcmp(got.tenant_id, head.tenant_id) != 0)
				fail_msg("%s: step %zu", cases_of_stories[i].what, k);
			/* And of no other. */
			for (size_t m = 0; m < k; m++) {
				assert_ok(store_enrollment_load(db_reader(f->db), &f->arena,
								text_of(ids[m]), &head));
				if (steps[m].story != steps[k].story &&
				    !strcmp(got.story_id, head.story_id))
					fail_msg("%s: steps %zu and %zu", cases_of_stories[i].what,
						 m, k);
			}
		}
	}
}

static const struct CMUnitTest cases[] = {
    CASE(attempts_find_their_story),
};

const struct case_table story_cases = {cases, ARRAY_LEN(cases)};
