/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tenant_check.c: what an administrator set for a tenant, tried against Entra and Graph. Nothing
 * there is changed. What could not be looked at is never called good: it is a notice, or a problem
 * where joining depends on it.
 */
#include "admin/tenant_application.h"
#include "admin/tenant_license.h"
#include "admin/tenants.h"
#include "base/secret.h"
#include "entra/app_tokens.h"
#include "entra/cloud.h"
#include "entra/keys.h"
#include "http/client.h"
#include "store/tenant.h"

const char *tenant_finding_state_name(enum tenant_finding_state state)
{
	switch (state) {
	case FINDING_OK:
		return "ok";
	case FINDING_NOTICE:
		return "notice";
	case FINDING_PROBLEM:
		return "problem";
	}
	return "";
}

static struct tenant_finding *finding_add(struct tenant_findings *findings, const char *what)
{
	struct tenant_finding *finding = &findings->items[findings->count++];

	*finding = (struct tenant_finding){.what = what, .state = FINDING_OK, .detail = ""};
	return finding;
}

/* Write to a device that cannot exist: 404 when the application may write devices, 403 when not. It
 * changes nothing. Whether Entra takes it for an approved MDM application shows only with a real
 * report, in graph_state. */
static void graph_probe(struct op *op, const struct tenant *tenant, const char *token,
			struct tenant_finding *ret)
{
	struct http_client_response response;
	const char *headers[] = {arena_printf(op->arena, "Authorization: Bearer %s", token),
				 "Accept: application/json", "Content-Type: application/json",
				 NULL};
	const struct http_client_request request = {
	    .method = "PATCH",
	    .url = arena_printf(op->arena,
				"%s/v1.0/devices(deviceId='00000000-0000-0000-0000-000000000000')",
				tenant_graph_url(op->arena, tenant)),
	    .headers = headers,
	    .body = TEXT("{\"isManaged\":true}"),
	};

	ret->state = FINDING_PROBLEM;
	if (http_client_send(op->http, op->arena, &request, &response, &op->trail))
		ret->detail = "Graph does not answer; check the network and graph_url";
	else if (response.status == 403)
		ret->detail =
		    "Graph refuses: grant Device.ReadWrite.All to the application and let "
		    "an administrator consent";
	else if (response.status != 404)
		ret->detail = arena_printf(op->arena, "Graph answered HTTP %d", response.status);
	else
		ret->state = FINDING_OK;
}

static int tenant_start(struct db_conn *tx, void *argument)
{
	const struct tenant *tenant = argument;

	return admin_tenant_release(tx, tenant->tenant_id, tenant->updated_at);
}

/* All is well with Entra and Graph: reports that were stopped need not wait for the next probe. */
static int checked_release(struct admin *admin, struct tenant *tenant)
{
	const struct admin_record record = {
	    .tenant_id = tenant->tenant_id,
	    .action = "tenant.release",
	    .object_kind = "tenant",
	    .object_id = tenant->tenant_id,
	};

	if (tenant->graph_state == GRAPH_OK || tenant->graph_state == GRAPH_UNKNOWN)
		return 0;
	tenant->updated_at = admin->op->now;
	return admin_transact(admin, "tenant", &record, tenant_start, tenant);
}

static int keys_check(struct op *op, const struct tenant *tenant, struct tenant_finding *ret)
{
	int r = entra_keys_probe(op, tenant);

	if (r < 0)
		return ERR_TRACE(&op->trail, r);
	if (r) {
		ret->state = FINDING_PROBLEM;
		ret->detail = arena_string(op->arena, op->trail.cause);
		trail_reset(&op->trail);
	}
	return 0;
}

/* *ret_token NULL: none can be had, which the finding says. */
static int token_check(struct op *op, const struct tenant *tenant, struct tenant_finding *ret,
		       char **ret_token)
{
	struct entra_app_error error = {0};
	int r;

	/* A token kept from before carries the permissions of before. */
	entra_app_token_drop(op, tenant);
	*ret_token = NULL;
	r = entra_app_token(op, tenant, ret_token, &error);
	if (r < 0)
		return ERR_TRACE(&op->trail, r);
	if (r) {
		*ret_token = NULL;
		ret->state = FINDING_PROBLEM;
		ret->detail =
		    error.remedy ? error.remedy : entra_app_outcome_name((enum entra_app_outcome)r);
	}
	return 0;
}

/* What is asked of Graph, with the token or, without one, not at all. */
static void graph_check(struct op *op, const struct tenant *tenant, const char *token,
			struct tenant_findings *findings)
{
	struct tenant_finding *access = finding_add(findings, "Graph access");
	struct tenant_finding *application = finding_add(findings, "application");
	struct tenant_finding *license =
	    tenant->license_group[0] ? finding_add(findings, "licence group") : NULL;

	if (token) {
		graph_probe(op, tenant, token, access);
		tenant_application_probe(op, tenant, token, application);
		if (license)
			tenant_license_probe(op, tenant, token, license);
		trail_reset(&op->trail);
		return;
	}
	for (size_t i = (size_t)(access - findings->items); i < findings->count; i++) {
		findings->items[i].state = FINDING_PROBLEM;
		findings->items[i].detail = "needs an application token first";
	}
	application->state = FINDING_NOTICE;
}

int admin_tenant_check(struct admin *admin, const char *tenant_id, struct tenant_findings *ret)
{
	struct tenant_findings findings = {.count = 0};
	struct op *op = admin->op;
	struct tenant_finding *keys, *access;
	struct tenant tenant;
	char *token;
	int r;

	r = admin_found(admin, "tenant",
			store_tenant_load(db_reader(op->db), op->arena,
					  text_of(admin_lower(admin, tenant_id)), &tenant));
	if (r)
		return r;
	keys = finding_add(&findings, "signing keys");
	r = keys_check(op, &tenant, keys);
	if (r == 0)
		r = token_check(op, &tenant, finding_add(&findings, "application token"), &token);
	if (r)
		return r;
	access = &findings.items[findings.count];
	graph_check(op, &tenant, token, &findings);
	if (token)
		secret_wipe(token, strlen(token));
	r = admin_tenant_texts_probe(op, &tenant, finding_add(&findings, "texts"));
	if (r)
		return ERR_TRACE(&op->trail, r);
	*ret = findings;
	if (!token)
		return 0;
	if (access->state != FINDING_OK)
		entra_app_token_drop(op, &tenant);
	return keys->state == FINDING_OK && access->state == FINDING_OK
		   ? checked_release(admin, &tenant)
		   : 0;
}
