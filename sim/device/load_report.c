/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load_report.c: see load_report.h. Rates are what succeeded, divided by the wall clock of its
 * phase; making keys and talking to the directory have their own times and are in no rate.
 */
#include "sim/device/load_report.h"

#include "base/json.h"

static const double PERCENTS[] = {50, 90, 99};
static const char *const PERCENT_NAMES[] = {"p50_ms", "p90_ms", "p99_ms"};

static double phase_seconds(const struct load_report *report, enum phase phase)
{
	const double seconds[PHASES] = {
	    [PHASE_TERMS] = report->enroll_seconds,
	    [PHASE_ENROLL] = report->enroll_seconds,
	    [PHASE_SESSION] = report->session_seconds,
	    [PHASE_PREPARE] = report->prepare_seconds,
	};

	return seconds[phase];
}

static double rate(uint64_t count, double seconds)
{
	return seconds > 0 ? (double)count / seconds : 0;
}

static double ms(uint64_t us)
{
	return (double)us / 1000.0;
}

static void phase_print(FILE *out, const struct load_report *report, enum phase phase)
{
	const struct latencies *latencies = &report->stats->phases[phase];

	fprintf(out, "%-8s %9llu %9.1f", phase_name(phase), (unsigned long long)latencies->count,
		rate(latencies->count, phase_seconds(report, phase)));
	for (size_t i = 0; i < ARRAY_LEN(PERCENTS); i++)
		fprintf(out, " %9.2f", ms(latency_at(latencies, PERCENTS[i])));
	fprintf(out, " %9.2f\n", ms(latencies->max_us));
}

void load_report_print(FILE *out, const struct load_report *report)
{
	const struct stats *stats = report->stats;

	fprintf(out, "%lld devices (%lld enrolled before), %lld at a time\n",
		(long long)report->devices, (long long)report->reused,
		(long long)report->concurrency);
	fprintf(out, "keys made: %llu in %.1f s; directory: %.1f s\n\n",
		(unsigned long long)report->keys.made, report->keys.seconds,
		report->prepare_seconds);
	fprintf(out, "%-8s %9s %9s %9s %9s %9s %9s\n", "", "done", "per s", "p50 ms", "p90 ms",
		"p99 ms", "max ms");
	for (size_t i = 0; i < PHASE_PREPARE; i++)
		if (stats->phases[i].count > 0)
			phase_print(out, report, (enum phase)i);
	fprintf(out, "\nsessions: %llu messages, %llu commands\n",
		(unsigned long long)stats->messages, (unsigned long long)stats->commands);
	for (size_t i = 0; i < stats->error_count; i++) {
		const struct error_row *row = &stats->errors[i];

		fprintf(out, "error: %llu x %s %s 0x%08X: %s\n", (unsigned long long)row->count,
			phase_name(row->phase), outcome_name(row->outcome), row->code,
			row->example);
	}
}

/* A member with two decimals. */
static void add_real(struct json_writer *w, struct arena *arena, const char *name, double value)
{
	json_add_raw(w, name, text_of(arena_printf(arena, "%.2f", value)));
}

static void phase_write(struct json_writer *w, struct arena *arena,
			const struct load_report *report, enum phase phase)
{
	const struct latencies *latencies = &report->stats->phases[phase];
	double seconds = phase_seconds(report, phase);

	json_begin_object(w, phase_name(phase));
	json_add_int(w, "count", (int64_t)latencies->count);
	add_real(w, arena, "seconds", seconds);
	add_real(w, arena, "per_second", rate(latencies->count, seconds));
	for (size_t i = 0; i < ARRAY_LEN(PERCENTS); i++)
		add_real(w, arena, PERCENT_NAMES[i], ms(latency_at(latencies, PERCENTS[i])));
	add_real(w, arena, "max_ms", ms(latencies->max_us));
	add_real(w, arena, "mean_ms",
		 latencies->count > 0 ? ms(latencies->sum_us) / (double)latencies->count : 0);
	json_end_object(w);
}

static void errors_write(struct json_writer *w, struct arena *arena, const struct stats *stats)
{
	json_begin_array(w, "errors");
	for (size_t i = 0; i < stats->error_count; i++) {
		const struct error_row *row = &stats->errors[i];

		json_begin_object(w, NULL);
		json_add_c(w, "phase", phase_name(row->phase));
		json_add_c(w, "kind", outcome_name(row->outcome));
		json_add_c(w, "code", arena_printf(arena, "0x%08X", row->code));
		json_add_int(w, "count", (int64_t)row->count);
		json_add_c(w, "example", row->example);
		json_end_object(w);
	}
	json_end_array(w);
}

void load_report_json(FILE *out, struct arena *arena, const struct load_report *report)
{
	struct json_writer w;
	struct buf buf;

	buf_init(&buf, arena);
	json_writer_init(&w, &buf);
	json_begin_object(&w, NULL);
	json_add_int(&w, "devices", report->devices);
	json_add_int(&w, "concurrency", report->concurrency);
	json_add_int(&w, "reused", report->reused);
	json_add_int(&w, "keys_made", (int64_t)report->keys.made);
	add_real(&w, arena, "keys_seconds", report->keys.seconds);
	for (size_t i = 0; i < PHASES; i++)
		phase_write(&w, arena, report, (enum phase)i);
	json_add_int(&w, "messages", (int64_t)report->stats->messages);
	json_add_int(&w, "commands", (int64_t)report->stats->commands);
	errors_write(&w, arena, report->stats);
	json_end_object(&w);
	fprintf(out, "%.*s\n", TEXT_ARG(buf_text(&buf)));
}
