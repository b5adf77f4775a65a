/* SPDX-License-Identifier: Apache-2.0 */
/*
 * metrics.c: the counters of the server in Prometheus' text form.
 *
 * One table names every family; a family is a run of counters in struct http_metrics with one
 * label for each. Names and labels are constants of this file and the names of the listeners, so
 * nothing from outside can appear here and the number of series is fixed.
 *
 * Specification: the Prometheus text exposition format 0.0.4.
 */
#include "http/metrics.h"

#include <stddef.h>

#include "http/core.h"

/* 0 takes what is not listed. */
static const int metrics_refusal_status[HTTP_REFUSALS] = {0,   400, 404, 405, 408, 413, 414,
							  415, 417, 421, 431, 501, 503};

static const int64_t metrics_bounds_us[HTTP_SECONDS_BUCKETS] = {
    500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 5000000};

void http_metrics_refusal(struct http_metrics *metrics, int status)
{
	size_t at = 0;

	for (size_t i = 1; i < HTTP_REFUSALS; i++)
		if (metrics_refusal_status[i] == status)
			at = i;
	http_metrics_add(&metrics->refusals[at], 1);
}

void http_metrics_response(struct http_metrics *metrics, int status)
{
	size_t class = (size_t)status / 100;

	http_metrics_add(&metrics->responses[class < HTTP_STATUS_CLASSES ? class : 0], 1);
}

void http_metrics_seconds(struct http_metrics *metrics, int64_t us)
{
	size_t at = 0;

	while (at < HTTP_SECONDS_BUCKETS && us > metrics_bounds_us[at])
		at++;
	http_metrics_add(&metrics->seconds[at], 1);
	http_metrics_add(&metrics->seconds_sum_us, (unsigned long long)us);
}

struct metrics_family {
	const char *name;
	const char *type;
	const char *help;
	const char *label; /* NULL: a single counter */
	const char *const *values;
	size_t count;
	size_t offset; /* in struct http_metrics */
};

static const char *const metrics_drops[HTTP_DROPS] = {"full", "source", "handshakes", "resources"};
static const char *const metrics_handshakes[] = {"full", "resumed"};
static const char *const metrics_failures[HTTP_TLS_VERDICTS] = {
    NULL, NULL, "no_certificate", "bad_certificate", "no_common_ground", "closed", "failed"};
static const char *const metrics_phases[HTTP_PHASES] = {"handshake", "headers", "body",
							"write",     "idle",    "linger"};
static const char *const metrics_classes[HTTP_STATUS_CLASSES] = {NULL,  NULL,  "2xx",
								 "3xx", "4xx", "5xx"};
static const char *const metrics_refusals[HTTP_REFUSALS] = {
    "other", "400", "404", "405", "408", "413", "414", "415", "417", "421", "431", "501", "503"};

#define METRICS_AT(member) offsetof(struct http_metrics, member)

static const struct metrics_family metrics_families[] = {
    {"muster_http_accepted_total", "counter", "Connections accepted.", NULL, NULL, 1,
     METRICS_AT(accepted)},
    {"muster_http_connections", "gauge", "Connections open now.", NULL, NULL, 1, METRICS_AT(open)},
    {"muster_http_dropped_total", "counter", "Connections dropped at once, by reason.", "reason",
     metrics_drops, ARRAY_LEN(metrics_drops), METRICS_AT(dropped)},
    {"muster_http_handshakes_total", "counter", "TLS handshakes that succeeded.", "kind",
     metrics_handshakes, ARRAY_LEN(metrics_handshakes), METRICS_AT(handshakes)},
    {"muster_http_handshake_failures_total", "counter", "TLS handshakes that failed, by reason.",
     "reason", metrics_failures, ARRAY_LEN(metrics_failures), METRICS_AT(failures)},
    {"muster_http_timeouts_total", "counter", "Time limits that ended something, by phase.",
     "phase", metrics_phases, ARRAY_LEN(metrics_phases), METRICS_AT(timeouts)},
    {"muster_http_responses_total", "counter", "Responses, by class of their status.", "status",
     metrics_classes, ARRAY_LEN(metrics_classes), METRICS_AT(responses)},
    {"muster_http_refusals_total", "counter", "Requests refused before a handler, by status.",
     "status", metrics_refusals, ARRAY_LEN(metrics_refusals), METRICS_AT(refusals)},
};

static unsigned long long metrics_get(const struct http_metrics *metrics, size_t offset, size_t i)
{
	const http_counter *counters = (const http_counter *)((const char *)metrics + offset);

	return atomic_load_explicit(&counters[i], memory_order_relaxed);
}

static void metrics_head(struct buf *buf, const char *name, const char *type, const char *help)
{
	buf_printf(buf, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void metrics_write_family(const struct http_server *server,
				 const struct metrics_family *family, struct buf *buf)
{
	metrics_head(buf, family->name, family->type, family->help);
	for (size_t l = 0; l < server->options.listener_count; l++) {
		const struct http_bound *bound = &server->bound[l];

		for (size_t i = 0; i < family->count; i++) {
			if (family->label && !family->values[i])
				continue;
			buf_printf(buf, "%s{listener=\"%s\"", family->name, bound->listener->name);
			if (family->label)
				buf_printf(buf, ",%s=\"%s\"", family->label, family->values[i]);
			buf_printf(buf, "} %llu\n",
				   metrics_get(&bound->metrics, family->offset, i));
		}
	}
}

static void metrics_write_seconds(const struct http_bound *bound, struct buf *buf)
{
	static const char name[] = "muster_http_request_seconds";
	const char *listener = bound->listener->name;
	unsigned long long sum;
	unsigned long long count = 0;

	for (size_t i = 0; i < HTTP_SECONDS_BUCKETS; i++) {
		count += metrics_get(&bound->metrics, METRICS_AT(seconds), i);
		buf_printf(buf, "%s_bucket{listener=\"%s\",le=\"%g\"} %llu\n", name, listener,
			   (double)metrics_bounds_us[i] / 1e6, count);
	}
	count += metrics_get(&bound->metrics, METRICS_AT(seconds), HTTP_SECONDS_BUCKETS);
	sum = metrics_get(&bound->metrics, METRICS_AT(seconds_sum_us), 0);
	buf_printf(buf, "%s_bucket{listener=\"%s\",le=\"+Inf\"} %llu\n", name, listener, count);
	buf_printf(buf, "%s_sum{listener=\"%s\"} %.6f\n", name, listener, (double)sum / 1e6);
	buf_printf(buf, "%s_count{listener=\"%s\"} %llu\n", name, listener, count);
}

void http_server_metrics(const struct http_server *server, struct buf *buf)
{
	for (size_t i = 0; i < ARRAY_LEN(metrics_families); i++)
		metrics_write_family(server, &metrics_families[i], buf);
	metrics_head(buf, "muster_http_request_seconds", "histogram",
		     "From a complete request to its response.");
	for (size_t i = 0; i < server->options.listener_count; i++)
		metrics_write_seconds(&server->bound[i], buf);
	metrics_head(buf, "muster_http_queue_length", "gauge", "Requests waiting for a worker.");
	buf_printf(buf, "muster_http_queue_length %zu\n", http_queue_length(server->queue));
	metrics_head(buf, "muster_http_buffered_bytes", "gauge",
		     "Memory of requests being read, beyond the first block of each.");
	buf_printf(buf, "muster_http_buffered_bytes %zu\n", atomic_load(&server->buffered));
}
