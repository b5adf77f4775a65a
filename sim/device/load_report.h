/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load_report.h: what a load measured, for people or as one JSON object.
 */
#ifndef MUSTER_SIM_DEVICE_LOAD_REPORT_H
#define MUSTER_SIM_DEVICE_LOAD_REPORT_H

#include "sim/device/key_pool.h"
#include "sim/device/load_stats.h"

struct load_report {
	int64_t devices;
	int64_t concurrency;
	int64_t reused; /* devices that were enrolled already */
	struct key_pool_result keys;
	double prepare_seconds;
	double enroll_seconds; /* terms and enrolment */
	double session_seconds;
	const struct stats *stats;
};

void load_report_print(FILE *out, const struct load_report *report);
void load_report_json(FILE *out, struct arena *arena, const struct load_report *report);

#endif
