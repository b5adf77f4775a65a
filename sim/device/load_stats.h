/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load_stats.h: latencies and errors of a load, in bounded memory whatever its length. Each thread
 * has its own; they are merged at the end.
 */
#ifndef MUSTER_SIM_DEVICE_LOAD_STATS_H
#define MUSTER_SIM_DEVICE_LOAD_STATS_H

#include "sim/device/task.h"

enum phase { PHASE_TERMS, PHASE_ENROLL, PHASE_SESSION, PHASE_PREPARE };
enum {
	PHASES = PHASE_PREPARE + 1,
	STATS_SUB_BITS = 6, /* 64 steps for each power of two: 1.6 % */
	STATS_BUCKETS = (40 - STATS_SUB_BITS) << STATS_SUB_BITS,
	STATS_ERRORS = 32
};

struct latencies {
	uint64_t buckets[STATS_BUCKETS];
	uint64_t count;
	uint64_t max_us;
	uint64_t sum_us;
};

struct error_row {
	enum phase phase;
	int outcome;
	uint32_t code;
	uint64_t count;
	char example[160];
};

struct stats {
	struct latencies phases[PHASES];
	struct error_row errors[STATS_ERRORS]; /* the last row takes what finds no room */
	size_t error_count;
	uint64_t messages;
	uint64_t commands;
};

const char *phase_name(enum phase phase);
void stats_add(struct stats *stats, enum phase phase, int64_t us);
void stats_fail(struct stats *stats, enum phase phase, int outcome, const struct task *task);
void stats_merge(struct stats *into, const struct stats *from);
uint64_t stats_errors(const struct stats *stats);
/* The latency below which `percent` of all are, in microseconds; 0 without any. */
uint64_t latency_at(const struct latencies *latencies, double percent);

#endif
