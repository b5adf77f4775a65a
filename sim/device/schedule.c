/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schedule.c: see schedule.h. A count of 0 with an interval means for ever, an interval of 0 means
 * that the set is off. enrollment.md section 5.4, management.md section 8.1.
 */
#include "sim/device/schedule.h"

#include <stddef.h>

enum { DAY_MINUTES = 1440 };

struct poll schedule_poll(const struct device *device, const struct tree *tree)
{
	struct poll poll = device->poll;
	const struct {
		const char *name;
		int64_t *field;
	} rows[] = {
	    {"NumberOfFirstRetries", &poll.first_count},
	    {"IntervalForFirstSetOfRetries", &poll.first_interval},
	    {"NumberOfSecondRetries", &poll.second_count},
	    {"IntervalForSecondSetOfRetries", &poll.second_interval},
	    {"NumberOfRemainingScheduledRetries", &poll.rest_count},
	    {"IntervalForRemainingScheduledRetries", &poll.rest_interval},
	};
	struct arena arena;

	arena_init(&arena);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct tree_node *node = tree_get(
		    tree, arena_printf(&arena, "./Device/Vendor/MSFT/DMClient/Provider/%s/Poll/%s",
				       device->provider_id, rows[i].name));
		uint64_t number;

		if (node && text_to_u64(text_of(node->data), &number) && number <= INT32_MAX)
			*rows[i].field = (int64_t)number;
	}
	arena_done(&arena);
	return poll;
}

int64_t schedule_next(const struct poll *poll, int64_t done)
{
	const struct {
		int64_t count;
		int64_t interval;
	} sets[] = {
	    {poll->first_count, poll->first_interval},
	    {poll->second_count, poll->second_interval},
	    {poll->rest_count, poll->rest_interval},
	};

	for (size_t i = 0; i < ARRAY_LEN(sets); i++) {
		if (sets[i].interval == 0)
			continue;
		if (sets[i].count == 0 || done < sets[i].count)
			return sets[i].interval;
		done -= sets[i].count;
	}
	return DAY_MINUTES;
}

bool schedule_is_same(const struct poll *a, const struct poll *b)
{
	return a->first_count == b->first_count && a->first_interval == b->first_interval &&
	       a->second_count == b->second_count && a->second_interval == b->second_interval &&
	       a->rest_count == b->rest_count && a->rest_interval == b->rest_interval;
}
