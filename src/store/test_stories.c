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
WRITE_CASE(old_sweep, struct call, store_enrollment_sweep(tx, a->now))

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
    {"a used consent from another device",
     {{0, TERMS(PAGE_1)},
      {0, POLICY(PC_1)},
      {0, REQUEST(PAGE_1, PC_1), .device = DEVICE},
      {3, POLICY(PC_2)},
      {3, REQUEST(PAGE_1, PC_2), REFUSED},
      {0, SESSION(DEVICE)},
      END}},
    {"a used consent from a device Entra does not know",
     {{0, TERMS(PAGE_1)},
      {0, REQUEST(PAGE_1, PC_1), .device = DEVICE},
      {2, REQUEST(PAGE_1, ""), REFUSED},
      {0, SESSION(DEVICE)},
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

/* A story of one attempt for each way that one can end, and of two for the order of the last. */
static size_t endings_add(struct store_fixture *f)
{
	size_t n = 0;

	for (int i = 0; i < ENROLLMENT_STAGES * ENROLLMENT_OUTCOMES; i++) {
		const struct step step = {
		    .stage = (enum enrollment_stage)(i / ENROLLMENT_OUTCOMES),
		    .outcome = (enum enrollment_outcome)(i % ENROLLMENT_OUTCOMES),
		    .pc = PC_1,
		};
		struct enrollment attempt = attempt_of(f, &step, i);

		assert_ok(db_transact(f->db, story_add, &attempt));
		n += step.stage != STAGE_RENEWAL;
		if (step.stage != STAGE_POLICY)
			continue;
		/* At the same second: the later id is the later one. */
		attempt = attempt_of(f, &step, 100 + i);
		attempt.stage = STAGE_REQUEST;
		attempt.outcome = OUTCOME_OK;
		attempt.story_id = attempt_of(f, &step, i).id;
		assert_ok(db_transact(f->db, story_add, &attempt));
	}
	return n;
}

static size_t listed(struct store_fixture *f, const char *state, struct enrollment **ret)
{
	const struct story_filter filter = {.state = text_of(state)};
	size_t n = 0;

	assert_ok(store_story_list(db_reader(f->db), &f->arena, &filter, TEXT_EMPTY, 100, ret, &n));
	return n;
}

static void a_state_is_found_as_it_is_told(void **state)
{
	struct store_fixture *f = *state;
	struct enrollment *heads, *list;
	size_t all = endings_add(f), found = 0, n;

	for (const char *const *name = story_state_list(); *name; name++) {
		size_t count = listed(f, *name, &heads);

		assert_true(count > 0);
		found += count;
		for (size_t i = 0; i < count; i++) {
			const struct enrollment *last;

			assert_int_not_equal(heads[i].stage, STAGE_RENEWAL);
			assert_ok(store_story_load(db_reader(f->db), &f->arena,
						   text_of(heads[i].tenant_id),
						   text_of(heads[i].id), &list, &n));
			last = &list[n - 1];
			assert_string_equal(
			    story_state_name(story_state_after(last->stage, last->outcome)), *name);
		}
	}
	assert_int_equal(found, all);
	assert_int_equal(listed(f, "", &heads), all);
	assert_int_equal(listed(f, "unheard-of", &heads), 0);
}

/* Its last attempts tell how it ended, however many there are. */
static void a_long_story_keeps_its_end(void **state)
{
	struct store_fixture *f = *state;
	const char *head = NULL;
	struct enrollment *list;
	size_t n;

	for (int i = 0; i <= STORY_MAX; i++) {
		const struct step step = {.stage = i < STORY_MAX ? STAGE_POLICY : STAGE_REQUEST};
		struct enrollment attempt = attempt_of(f, &step, i);

		head = head ? head : attempt.id;
		attempt.story_id = head;
		assert_ok(db_transact(f->db, story_add, &attempt));
	}
	assert_ok(
	    store_story_load(db_reader(f->db), &f->arena, TEXT(TENANT), text_of(head), &list, &n));
	assert_int_equal(n, STORY_MAX);
	assert_int_equal(list[n - 1].stage, STAGE_REQUEST);
	assert_int_equal(list[0].stage, STAGE_POLICY);
}

static const char *found_by(struct store_fixture *f, const char *id)
{
	const char *tenant_id, *story_id;

	assert_ok(
	    store_story_find(db_reader(f->db), &f->arena, text_of(id), &tenant_id, &story_id));
	return story_id;
}

static void a_device_is_found_as_it_joined(void **state)
{
	static const struct step steps[] = {
	    {REQUEST("", PC_1), .device = DEVICE},
	    {.stage = STAGE_RENEWAL, .pc = PC_1, .device = DEVICE, .minute = 1},
	    {.stage = STAGE_RENEWAL, .pc = PC_1, .device = DEVICE, .minute = 2},
	};
	struct store_fixture *f = *state;
	const char *ids[ARRAY_LEN(steps)];
	struct call joining = {.tenant = TENANT};

	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		struct enrollment attempt = attempt_of(f, &steps[i], (int)i);

		ids[i] = attempt.id;
		assert_ok(db_transact(f->db, story_add, &attempt));
	}
	assert_string_equal(found_by(f, DEVICE), ids[0]);
	assert_string_equal(found_by(f, PC_1), ids[0]);
	assert_string_equal(found_by(f, ids[1]), ids[1]);
	/* The joining is long ago and swept. */
	joining.now = T0 + 1;
	assert_ok(db_transact(f->db, old_sweep, &joining));
	assert_string_equal(found_by(f, DEVICE), ids[2]);
	assert_string_equal(found_by(f, PC_1), ids[2]);
}

static const struct CMUnitTest cases[] = {
    CASE(attempts_find_their_story),
    CASE(a_state_is_found_as_it_is_told),
    CASE(a_long_story_keeps_its_end),
    CASE_DEVICE(a_device_is_found_as_it_joined),
};

const struct case_table story_cases = {cases, ARRAY_LEN(cases)};
