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

enum { RESOLVE_S = 5, ASK_MS = CHECK_ASK_MS, CLOCK_OFF_MAX = 60, TENANTS_MAX = 1000 };

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

static void names_check(struct checking *checking, const struct tenant *tenants, size_t n)
{
	const struct config *config = checking->config;

	name_check(checking, config->public.host);
	if (strcmp(config->public.host, config->manage.host) != 0)
		name_check(checking, config->manage.host);
	for (size_t i = 0; i < n; i++)
		for (size_t d = 0; d < tenants[i].domain_count; d++)
			name_check(checking, check_discovery_host(checking, tenants[i].domains[d]));
	check_own(checking);
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

static void finding_print(struct checking *checking, const struct tenant *tenant,
			  const struct tenant_finding *finding)
{
	const char *text =
	    arena_printf(&checking->arena, "tenant %s: %s%s%s", tenant->tenant_id, finding->what,
			 finding->detail[0] ? ": " : "", finding->detail);

	switch (finding->state) {
	case FINDING_OK:
		check_ok(checking, "%s", text);
		break;
	case FINDING_NOTICE:
		check_notice(checking, "%s", text);
		break;
	case FINDING_PROBLEM:
		check_problem(checking, "%s", text);
		break;
	}
}

static void tenant_check(struct checking *checking, struct op *op, const struct tenant *tenant)
{
	const struct api_principal nobody = {"", "musterd check", ROLE_ADMINISTRATOR};
	struct tenant_findings findings;
	struct admin admin = {.op = op, .who = &nobody};
	int r;

	if (!tenant->is_enabled) {
		check_notice(checking, "tenant %s is disabled", tenant->tenant_id);
		return;
	}
	if (!tenant_cloud_is_allowed(op->config, tenant)) {
		check_problem(
		    checking,
		    "tenant %s has a custom cloud, and the configuration does not allow "
		    "one: all its devices are turned away. Set allow_custom_cloud = yes in "
		    "section [entra] if that is meant to be, or set the tenant's cloud",
		    tenant->tenant_id);
		return;
	}
	r = admin_tenant_check(&admin, tenant->tenant_id, &findings);
	if (r) {
		check_problem(checking, "tenant %s: %s", tenant->tenant_id,
			      r < 0 ? op->trail.cause : admin.why);
		trail_reset(&op->trail);
		return;
	}
	for (size_t i = 0; i < findings.count; i++)
		finding_print(checking, tenant, &findings.items[i]);
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
