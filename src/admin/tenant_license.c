/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tenant_license.c: see tenant_license.h. Two questions, as they want different permissions: the
 * group itself, and the groups of a user that cannot exist, which is the question of a joining:
 * 404 where it may be asked, 403 where not.
 */
#include "admin/tenant_license.h"

#include "base/json.h"
#include "base/limits.h"
#include "entra/cloud.h"
#include "http/client.h"

#define NOBODY "00000000-0000-0000-0000-000000000000"

/* The status; 0: no answer. */
static int graph_ask(struct op *op, const struct tenant *tenant, const char *token,
		     const char *method, const char *path, struct text body,
		     struct http_client_response *ret)
{
	const char *headers[] = {arena_printf(op->arena, "Authorization: Bearer %s", token),
				 "Accept: application/json", "Content-Type: application/json",
				 NULL};
	const struct http_client_request request = {
	    .method = method,
	    .url = arena_printf(op->arena, "%s/v1.0%s", tenant_graph_url(op->arena, tenant), path),
	    .headers = headers,
	    .body = body,
	};

	if (http_client_send(op->http, op->arena, &request, ret, &op->trail))
		return 0;
	return ret->status;
}

/* Memberships are asked with securityEnabledOnly: another group has no members in that answer. */
static bool is_security_group(struct op *op, struct text body)
{
	const struct json *group;
	bool is_security = true;

	if (json_read(op->arena, body, LIMIT_JSON_DEPTH, &group) == 0 &&
	    json_has(group, "securityEnabled") &&
	    !json_bool(group, "securityEnabled", &is_security))
		is_security = false;
	return is_security;
}

static const char *unanswered(struct op *op, int status)
{
	if (status == 0)
		return "Graph does not answer; while it does not, nobody can enrol";
	return arena_printf(op->arena, "Graph answered HTTP %d; while it does, nobody can enrol",
			    status);
}

/* NULL: the group can be read and has members that count. */
static const char *group_fault(struct op *op, const struct tenant *tenant, const char *token)
{
	struct http_client_response response;
	int status = graph_ask(
	    op, tenant, token, "GET",
	    arena_printf(op->arena, "/groups/%s?$select=id,securityEnabled", tenant->license_group),
	    TEXT_EMPTY, &response);

	if (status == 200 && is_security_group(op, response.body))
		return NULL;
	if (status == 200)
		return arena_printf(
		    op->arena,
		    "%s is no security group, so nobody counts as a member: name a "
		    "security group with muster tenants update %s --license-group GUID",
		    tenant->license_group, tenant->tenant_id);
	if (status == 403)
		return "the group cannot be read, so nobody can enrol: grant the application "
		       "permission GroupMember.Read.All and let an administrator consent";
	if (status == 404)
		return arena_printf(
		    op->arena,
		    "there is no group %s in the tenant, so nobody can enrol: name "
		    "another with muster tenants update %s --license-group GUID, or "
		    "end the rule with --license-group \"\"",
		    tenant->license_group, tenant->tenant_id);
	return unanswered(op, status);
}

/* NULL: memberships can be asked. */
static const char *membership_fault(struct op *op, const struct tenant *tenant, const char *token)
{
	struct http_client_response response;
	int status = graph_ask(op, tenant, token, "POST", "/users/" NOBODY "/getMemberGroups",
			       TEXT("{\"securityEnabledOnly\":true}"), &response);

	if (status == 404 || status == 200)
		return NULL;
	if (status == 403)
		return "the group can be read and the groups of users cannot, so nobody can enrol: "
		       "grant the application permission User.Read.All beside "
		       "GroupMember.Read.All and let an administrator consent";
	return unanswered(op, status);
}

void tenant_license_probe(struct op *op, const struct tenant *tenant, const char *token,
			  struct tenant_finding *ret)
{
	const char *fault = group_fault(op, tenant, token);

	if (!fault)
		fault = membership_fault(op, tenant, token);
	ret->state = fault ? FINDING_PROBLEM : FINDING_OK;
	ret->detail = fault ? fault : "";
}
