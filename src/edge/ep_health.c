/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ep_health.c: see ep_health.h. Alive means that a worker answers; ready means that the store
 * answers, the signing process lives and signs, and the server is not stopping. After the store has
 * failed (a full disk still answers questions) it has to take a write before the server is ready
 * again.
 */
#include "edge/ep_health.h"

#include "enroll/crl.h"
#include "entra/keys.h"
#include "signer/signer.h"
#include "store/db.h"
#include "store/device.h"
#include "store/outbox.h"

#define PLAIN "text/plain; charset=utf-8"

int ep_health_live(struct op *op, const struct http_request *request,
		   struct http_response *response)
{
	(void)op;
	(void)request;
	http_response_set(response, 200, PLAIN);
	buf_add_c(&response->body, "alive\n");
	return 0;
}

static bool store_is_writable(struct op *op)
{
	struct edge_context *context = edge_context_of(op);
	unsigned failures = atomic_load(&context->store_failures);

	if (failures == atomic_load(&context->store_failures_over))
		return true;
	if (db_store_probe(op->db))
		return false;
	atomic_store(&context->store_failures_over, failures);
	return true;
}

static const char *unready_reason(struct op *op)
{
	struct edge_context *context = edge_context_of(op);
	int64_t count;

	if (atomic_load(&context->is_stopping))
		return "the server is stopping";
	if (!signer_process_is_alive(context->signer))
		return "the signing process has ended";
	if (signer_process_is_failing(context->signer))
		return "a CA key does not sign";
	if (store_device_count(db_reader(op->db), TEXT_EMPTY, &count))
		return "the database does not answer";
	if (!store_is_writable(op))
		return "the database cannot be written";
	return NULL;
}

int ep_health_ready(struct op *op, const struct http_request *request,
		    struct http_response *response)
{
	const char *reason = unready_reason(op);

	(void)request;
	http_response_set(response, reason ? 503 : 200, PLAIN);
	buf_printf(&response->body, "%s\n", reason ? reason : "ready");
	return 0;
}

static void gauge(struct buf *buf, const char *name, const char *help, int64_t value)
{
	buf_printf(buf, "# HELP %s %s\n# TYPE %s gauge\n%s %lld\n", name, help, name, name,
		   (long long)value);
}

static void counter(struct buf *buf, const char *name, const char *help, uint64_t value)
{
	buf_printf(buf, "# HELP %s %s\n# TYPE %s counter\n%s %llu\n", name, help, name, name,
		   (unsigned long long)value);
}

static void store_metrics(struct op *op, struct buf *buf)
{
	struct outbox_counts outbox;
	int64_t devices;

	if (store_device_count(db_reader(op->db), TEXT_EMPTY, &devices) == 0)
		gauge(buf, "muster_devices_enrolled", "Enrolled devices.", devices);
	if (store_outbox_count(db_reader(op->db), &outbox))
		return;
	buf_add_c(buf, "# HELP muster_outbox_rows Reports to Microsoft Graph by state.\n"
		       "# TYPE muster_outbox_rows gauge\n");
	for (int state = OUTBOX_PENDING; state <= OUTBOX_DONE; state++)
		buf_printf(buf, "muster_outbox_rows{state=\"%s\"} %lld\n",
			   outbox_state_name((enum outbox_state)state),
			   (long long)outbox.by_state[state]);
}

int ep_metrics(struct op *op, const struct http_request *request, struct http_response *response)
{
	struct edge_context *context = edge_context_of(op);
	const struct http_server *server = atomic_load(&context->server);
	struct buf *buf = &response->body;
	struct entra_keys_stats keys;
	int64_t crl_remaining;

	(void)request;
	http_response_set(response, 200, "text/plain; version=0.0.4; charset=utf-8");
	if (server)
		http_server_metrics(server, buf);
	store_metrics(op, buf);
	entra_keys_stats_get(context->entra_keys, &keys);
	counter(buf, "muster_store_failures_total", "Operations that the database failed.",
		atomic_load(&context->store_failures));
	counter(buf, "muster_attempts_unrecorded_total",
		"Attempts that proved no tenant and were too many to store.",
		atomic_load(&context->attempt_limit.refused));
	gauge(buf, "muster_signing_key_sets", "Cached sets of Entra signing keys.",
	      (int64_t)keys.sets);
	counter(buf, "muster_signing_key_fetches_total", "Fetches of Entra signing keys.",
		keys.refreshes);
	counter(buf, "muster_signing_key_fetch_failures_total",
		"Fetches of Entra signing keys that failed.", keys.failures);
	counter(buf, "muster_signing_key_unknown_total", "Tokens that named an unknown key.",
		keys.unknown_key_ids);
	gauge(buf, "muster_signer_alive", "Whether the signing process lives.",
	      signer_process_is_alive(context->signer));
	gauge(buf, "muster_signer_failing", "Whether the last signature failed.",
	      signer_process_is_failing(context->signer));
	if (enroll_crl_remaining(op, &crl_remaining) == 0)
		gauge(buf, "muster_crl_remaining_seconds",
		      "Until the first CRL of a device CA ends.", crl_remaining);
	return 0;
}
