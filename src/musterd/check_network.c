/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_network.c: what a joining needs of the network: names that resolve, a server that answers
 * under them, a clock that agrees with Entra's, and for each tenant its signing keys, a token for
 * the application, and Graph. Everything is bounded in time; nothing is changed.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <netdb.h>
#include <stdlib.h>
#include <time.h>

#include "admin/tenants.h"
#include "base/clock.h"
#include "base/log.h"
#include "entra/app_tokens.h"
#include "entra/cloud.h"
#include "entra/keys.h"
#include "http/client.h"
#include "musterd/check.h"
#include "store/tenant.h"

enum { RESOLVE_S = 5, ASK_MS = 5000, CLOCK_OFF_MAX = 60, TENANTS_MAX = 1000 };

/* 0: it resolves. What getaddrinfo says otherwise, or EAI_AGAIN after RESOLVE_S. */
static int name_resolve(const char *host)
{
	struct gaicb *query = heap_alloc(sizeof(*query));
	struct gaicb *list[] = {query};
	const struct timespec limit = {.tv_sec = RESOLVE_S};
	int r;

	*query = (struct gaicb){.ar_name = host};
	r = getaddrinfo_a(GAI_NOWAIT, list, 1, NULL);
	if (r == 0) {
		gai_suspend((const struct gaicb *const *)list, 1, &limit);
		r = gai_error(query);
	}
	/* The resolver still owns what it is busy with. */
	if (r == EAI_INPROGRESS && gai_cancel(query) != EAI_CANCELED)
		return EAI_AGAIN;
	if (r == 0)
		freeaddrinfo(query->ar_result);
	free(query);
	return r == EAI_INPROGRESS ? EAI_AGAIN : r;
}

static void name_check(struct checking *checking, const char *host)
{
	int r = name_resolve(host);

	if (r == 0)
		check_ok(checking, "%s resolves", host);
	else
		check_problem(checking,
			      "%s does not resolve (%s): add it to DNS, where devices ask, too",
			      host, gai_strerror(r));
}

/* Whether discovery answers at an address. The client trusts what the listener serves: whether
 * Windows does is a finding of its own. */
static void discovery_check(struct checking *checking, const char *base)
{
	const char *url = arena_printf(&checking->arena, "%s/EnrollmentServer/Discovery.svc", base);
	const struct http_client_request request = {
	    .method = "GET", .url = url, .timeout_ms = ASK_MS, .connect_ms = ASK_MS};
	struct http_client_response response;
	struct http_client *client;
	int r;

	if (http_client_new(&client,
			    checking->config->public.tls_certificate[0]
				? checking->config->public.tls_certificate
				: checking->config->tls_certificate,
			    &checking->trail))
		return;
	r = http_client_send(client, &checking->arena, &request, &response, &checking->trail);
	if (r == 0 && response.status == 200)
		check_ok(checking, "%s answers", url);
	else if (r == 0)
		check_problem(
		    checking,
		    "%s answers HTTP %d: something else is in front of this server, or it "
		    "runs with other settings",
		    url, response.status);
	else if (r == HTTP_CLIENT_E_UNTRUSTED)
		check_problem(checking,
			      "%s is answered with another certificate than this server's: a proxy "
			      "ends TLS before it",
			      url);
	else
		check_notice(checking, "%s is not answered from here; is the server running?", url);
	trail_reset(&checking->trail);
	http_client_free(client);
}

static void names_check(struct checking *checking, const struct tenant *tenants, size_t n)
{
	const struct config *config = checking->config;

	name_check(checking, config->public.host);
	if (strcmp(config->public.host, config->manage.host) != 0)
		name_check(checking, config->manage.host);
	for (size_t i = 0; i < n; i++)
		for (size_t d = 0; d < tenants[i].domain_count; d++)
			name_check(checking, check_discovery_host(checking, tenants[i].domains[d]));
	discovery_check(checking, config->public.url);
}

/* Against the Date of Entra's answer. True: it was compared. */
static bool clock_compare(struct checking *checking, struct op *op, const struct tenant *tenant)
{
	const struct http_client_request request = {
	    .method = "GET",
	    .url = arena_printf(op->arena, "%s/%s/v2.0/.well-known/openid-configuration",
				tenant_login_url(op->arena, tenant), tenant->tenant_id),
	    .timeout_ms = ASK_MS,
	    .connect_ms = ASK_MS,
	};
	struct http_client_response response;
	struct tm tm = {0};
	int64_t off;

	if (http_client_send(op->http, op->arena, &request, &response, &op->trail)) {
		trail_reset(&op->trail);
		return false;
	}
	if (!strptime(arena_cstr(op->arena, http_client_response_header(&response, "Date")),
		      "%a, %d %b %Y %H:%M:%S GMT", &tm))
		return false;
	off = clock_now() - (int64_t)timegm(&tm);
	if (llabs(off) > CLOCK_OFF_MAX)
		check_problem(
		    checking,
		    "clock: %lld s %s of Entra's; tokens will be refused. Let it follow a "
		    "time server",
		    (long long)llabs(off), off > 0 ? "ahead" : "behind");
	else
		check_ok(checking, "the clock agrees with Entra's");
	return true;
}

static void tenant_check(struct checking *checking, struct op *op, const struct tenant *tenant)
{
	const struct api_principal nobody = {"", "musterd check", ROLE_ADMINISTRATOR};
	struct tenant_finding findings[TENANT_FINDINGS];
	struct admin admin = {.op = op, .who = &nobody};
	int r;

	if (!tenant_is_served(op->config, tenant)) {
		check_notice(checking, "tenant %s is disabled", tenant->tenant_id);
		return;
	}
	r = admin_tenant_check(&admin, tenant->tenant_id, findings);
	if (r) {
		check_problem(checking, "tenant %s: %s", tenant->tenant_id,
			      r < 0 ? op->trail.cause : admin.why);
		trail_reset(&op->trail);
		return;
	}
	for (size_t i = 0; i < TENANT_FINDINGS; i++) {
		if (findings[i].is_ok)
			check_ok(checking, "tenant %s: %s%s%s", tenant->tenant_id, findings[i].what,
				 findings[i].detail[0] ? ": " : "", findings[i].detail);
		else
			check_problem(checking, "tenant %s: %s: %s", tenant->tenant_id,
				      findings[i].what, findings[i].detail);
	}
	if (tenant->is_in_maintenance)
		check_notice(checking,
			     "tenant %s is in maintenance: nobody can enrol until --maintenance no",
			     tenant->tenant_id);
}

void check_network(struct checking *checking, struct op *op, const struct tenant *tenants, size_t n)
{
	bool is_compared = false;

	names_check(checking, tenants, n);
	for (size_t i = 0; i < n && !is_compared; i++)
		is_compared = clock_compare(checking, op, &tenants[i]);
	for (size_t i = 0; i < n; i++)
		tenant_check(checking, op, &tenants[i]);
}

/* An operation of its own, without workers: what the checks of tenants need. */
static int op_open(struct checking *checking, struct op *op, struct db_store *store)
{
	int r = db_new(&op->db, store, &checking->trail);

	if (r == 0)
		r = http_client_new(&op->http, checking->config->entra_ca_bundle, &checking->trail);
	op->arena = &checking->arena;
	op->now = clock_now();
	op->source = "";
	op->config = checking->config;
	op->entra_keys = entra_keys_new(entra_fetch_https);
	op->entra_app_tokens = entra_app_tokens_new();
	trail_reset(&op->trail);
	return r;
}

static void op_close(struct op *op)
{
	entra_app_tokens_free(op->entra_app_tokens);
	entra_keys_free(op->entra_keys);
	http_client_free(op->http);
	db_free(op->db);
}

void check_outside(struct checking *checking, const struct server_keys *keys, bool is_usable)
{
	struct op op = {.keys = keys};
	struct tenant *tenants = NULL;
	struct db_store *store = NULL;
	size_t n = 0;
	int r =
	    is_usable ? db_store_open(&store, checking->config->store_url, &checking->trail) : 1;

	if (r == 0)
		r = op_open(checking, &op, store);
	if (r == 0)
		r = store_tenant_list(db_reader(op.db), &checking->arena, TEXT_EMPTY, TENANTS_MAX,
				      &tenants, &n);
	/* What would be a line of the log is a finding here. */
	log_set_level(LOG_ERROR);
	check_tls(checking, tenants, n);
	if (!checking->is_offline && r == 0)
		check_network(checking, &op, tenants, n);
	if (store) {
		op_close(&op);
		db_store_close(store);
	}
}
