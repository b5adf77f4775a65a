/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load_stats.c: see load_stats.h. A histogram whose steps grow with the value keeps 1.6 % precision
 * from a microsecond to days in a fixed number of counters. Errors are counted by phase, outcome
 * and code; each kind keeps the sentence of its first.
 */
#include "sim/device/load_stats.h"

enum { SUB = 1 << STATS_SUB_BITS, SINGLE = 2 * SUB }; /* below SINGLE a bucket each */

static const char *const PHASE_NAMES[PHASES] = {
    [PHASE_TERMS] = "terms",
    [PHASE_ENROLL] = "enroll",
    [PHASE_SESSION] = "session",
    [PHASE_PREPARE] = "prepare",
};

const char *phase_name(enum phase phase)
{
	return PHASE_NAMES[phase];
}

/* Values below 2 * SUB have a bucket each; above, each power of two has SUB. */
static size_t bucket_of(uint64_t us)
{
	unsigned shift = 0;
	size_t bucket;

	while (us >> shift >= SINGLE)
		shift++;
	bucket = ((size_t)shift << STATS_SUB_BITS) + (size_t)(us >> shift);
	return bucket < STATS_BUCKETS ? bucket : STATS_BUCKETS - 1;
}

/* The middle of a bucket. */
static uint64_t bucket_value(size_t bucket)
{
	size_t shift = bucket < SINGLE ? 0 : (bucket >> STATS_SUB_BITS) - 1;
	uint64_t low = (uint64_t)(bucket - (shift << STATS_SUB_BITS)) << shift;

	return low + ((1ULL << shift) >> 1);
}

void stats_add(struct stats *stats, enum phase phase, int64_t us)
{
	struct latencies *latencies = &stats->phases[phase];
	uint64_t value = us < 0 ? 0 : (uint64_t)us;

	latencies->buckets[bucket_of(value)]++;
	latencies->count++;
	latencies->sum_us += value;
	if (value > latencies->max_us)
		latencies->max_us = value;
}

static struct error_row *row_find(struct stats *stats, enum phase phase, int outcome, uint32_t code)
{
	for (size_t i = 0; i < stats->error_count; i++) {
		struct error_row *row = &stats->errors[i];

		if (row->phase == phase && row->outcome == outcome && row->code == code)
			return row;
	}
	if (stats->error_count == STATS_ERRORS)
		return &stats->errors[STATS_ERRORS - 1];
	stats->errors[stats->error_count] =
	    (struct error_row){.phase = phase, .outcome = outcome, .code = code};
	return &stats->errors[stats->error_count++];
}

void stats_fail(struct stats *stats, enum phase phase, int outcome, const struct task *task)
{
	struct error_row *row = row_find(stats, phase, outcome, task->code);

	row->count++;
	if (!row->example[0])
		snprintf(row->example, sizeof(row->example), "%.*s", (int)sizeof(row->example) - 1,
			 task->trail->cause);
}

static void latencies_merge(struct latencies *into, const struct latencies *from)
{
	for (size_t i = 0; i < STATS_BUCKETS; i++)
		into->buckets[i] += from->buckets[i];
	into->count += from->count;
	into->sum_us += from->sum_us;
	if (from->max_us > into->max_us)
		into->max_us = from->max_us;
}

void stats_merge(struct stats *into, const struct stats *from)
{
	for (size_t i = 0; i < PHASES; i++)
		latencies_merge(&into->phases[i], &from->phases[i]);
	for (size_t i = 0; i < from->error_count; i++) {
		const struct error_row *row = &from->errors[i];
		struct error_row *mine = row_find(into, row->phase, row->outcome, row->code);

		mine->count += row->count;
		if (!mine->example[0])
			snprintf(mine->example, sizeof(mine->example), "%s", row->example);
	}
	into->messages += from->messages;
	into->commands += from->commands;
}

uint64_t stats_errors(const struct stats *stats)
{
	uint64_t count = 0;

	for (size_t i = 0; i < stats->error_count; i++)
		count += stats->errors[i].count;
	return count;
}

uint64_t latency_at(const struct latencies *latencies, double percent)
{
	uint64_t seen = 0;

	if (latencies->count == 0)
		return 0;
	for (size_t i = 0; i < STATS_BUCKETS; i++) {
		seen += latencies->buckets[i];
		if ((double)seen * 100.0 >= percent * (double)latencies->count)
			return bucket_value(i) < latencies->max_us ? bucket_value(i)
								   : latencies->max_us;
	}
	return latencies->max_us;
}
