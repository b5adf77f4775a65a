/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_verdict.c: what each answer of Graph means, and how long a report waits after it.
 */
#include "graph/outbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { NEW = 60, OLD = 30 * 24 * 3600 };

static const struct {
	int status;
	int64_t age;
	enum graph_verdict verdict;
} answers[] = {
    {204, NEW, GRAPH_DONE},      {200, OLD, GRAPH_DONE},      {404, NEW, GRAPH_RETRY_FRESH},
    {404, OLD, GRAPH_GONE},      {400, NEW, GRAPH_REFUSED},   {401, OLD, GRAPH_TOKEN},
    {403, OLD, GRAPH_FORBIDDEN}, {409, NEW, GRAPH_CONFLICT},  {412, NEW, GRAPH_CONFLICT},
    {429, OLD, GRAPH_THROTTLED}, {503, OLD, GRAPH_THROTTLED}, {504, NEW, GRAPH_THROTTLED},
    {500, OLD, GRAPH_BROKEN},    {502, OLD, GRAPH_BROKEN},    {0, NEW, GRAPH_BROKEN},
    {302, NEW, GRAPH_BROKEN},    {418, NEW, GRAPH_BROKEN},
};

static void answers_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
		struct graph_answer answer = {answers[i].status, -1, ""};

		if (graph_verdict_of(&answer, answers[i].age) != answers[i].verdict)
			fail_msg("%d after %lld s", answers[i].status, (long long)answers[i].age);
	}
}

static void a_new_device_is_tried_at_1_5_15_60_minutes(void **state)
{
	static const int64_t minutes[] = {1, 5, 15, 60, 60, 60};
	struct graph_answer answer = {404, -1, ""};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(minutes); i++)
		assert_int_equal(graph_retry_delay(GRAPH_RETRY_FRESH, &answer, (int64_t)i, 500),
				 minutes[i] * 60);
	assert_int_equal(graph_retry_delay(GRAPH_GONE, &answer, 9, 0), 24 * 3600);
}

static void retry_after_is_obeyed_and_bounded(void **state)
{
	struct graph_answer answer = {429, 17, ""};

	(void)state;
	assert_true(graph_retry_delay(GRAPH_THROTTLED, &answer, 0, 0) >= 17);
	answer.retry_after_s = 1000000;
	assert_int_equal(graph_retry_delay(GRAPH_THROTTLED, &answer, 0, 999), 24 * 3600);
	answer.retry_after_s = 5000;
	assert_true(graph_retry_delay(GRAPH_THROTTLED, &answer, 0, 0) >= 5000);
	answer.retry_after_s = -1;
	assert_true(graph_retry_delay(GRAPH_THROTTLED, &answer, 0, 0) > 0);
	answer.retry_after_s = 0;
	assert_true(graph_retry_delay(GRAPH_THROTTLED, &answer, 0, 0) > 0);
}

static void back_off_doubles_up_to_an_hour(void **state)
{
	struct graph_answer answer = {500, -1, ""};
	int64_t last = 0;

	(void)state;
	for (int64_t tries = 0; tries < 64; tries++) {
		int64_t low = graph_retry_delay(GRAPH_BROKEN, &answer, tries, 0);
		int64_t high = graph_retry_delay(GRAPH_BROKEN, &answer, tries, 999);

		assert_true(low > 0 && low <= high && high <= 3600);
		assert_true(high >= last);
		last = high;
	}
	assert_int_equal(last, 3600);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(answers_table),
	    cmocka_unit_test(a_new_device_is_tried_at_1_5_15_60_minutes),
	    cmocka_unit_test(retry_after_is_obeyed_and_bounded),
	    cmocka_unit_test(back_off_doubles_up_to_an_hour),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
