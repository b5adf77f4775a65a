/* SPDX-License-Identifier: Apache-2.0 */
/*
 * metrics.h: what the server counts. Counters are atomic and never reset; any thread adds.
 */
#ifndef MUSTER_HTTP_METRICS_H
#define MUSTER_HTTP_METRICS_H

#include <stdatomic.h>
#include <stdint.h>

#include "http/tls.h"

enum http_drop { HTTP_DROP_FULL, HTTP_DROP_SOURCE, HTTP_DROP_HANDSHAKES, HTTP_DROP_RESOURCES };
enum { HTTP_DROPS = HTTP_DROP_RESOURCES + 1 };

/* What a connection can be too slow at; also the names of its time limits. */
enum http_phase {
	HTTP_PHASE_HANDSHAKE,
	HTTP_PHASE_HEADERS,
	HTTP_PHASE_BODY,
	HTTP_PHASE_WRITE,
	HTTP_PHASE_IDLE,
	HTTP_PHASE_LINGER
};
enum { HTTP_PHASES = HTTP_PHASE_LINGER + 1 };

enum { HTTP_STATUS_CLASSES = 6, HTTP_REFUSALS = 16, HTTP_SECONDS_BUCKETS = 12 };

typedef atomic_ullong http_counter;

struct http_metrics {
	http_counter accepted;
	http_counter open; /* goes down again */
	http_counter dropped[HTTP_DROPS];
	http_counter handshakes[2]; /* full, resumed */
	http_counter failures[HTTP_TLS_VERDICTS];
	http_counter timeouts[HTTP_PHASES];
	http_counter responses[HTTP_STATUS_CLASSES]; /* by hundreds; the refusals included */
	http_counter refusals[HTTP_REFUSALS]; /* by the loop, see metrics.c for the statuses */
	http_counter seconds[HTTP_SECONDS_BUCKETS + 1];
	http_counter seconds_sum_us;
};

static inline void http_metrics_add(http_counter *counter, unsigned long long n)
{
	atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

static inline void http_metrics_take(http_counter *counter, unsigned long long n)
{
	atomic_fetch_sub_explicit(counter, n, memory_order_relaxed);
}

void http_metrics_refusal(struct http_metrics *metrics, int status);
void http_metrics_response(struct http_metrics *metrics, int status);
/* From the complete request to the response handed to the kernel. */
void http_metrics_seconds(struct http_metrics *metrics, int64_t us);

#endif
