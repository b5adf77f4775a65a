/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tenant_application.c: see tenant_application.h. A version 1 token is for an application ID URI, a
 * version 2 token for the client id; version 1 is what an application asks for that says nothing.
 */
#include "admin/tenant_application.h"

#include "base/json.h"
#include "base/limits.h"
#include "entra/cloud.h"
#include "http/client.h"

static bool is_ours(const struct tenant *tenant, struct text uri)
{
	for (size_t i = 0; i < tenant->app_id_uri_count; i++)
		if (text_eq_nocase(uri, text_of(tenant->app_id_uris[i])))
			return true;
	return false;
}

/* The first address of the application that the tenant here does not have. */
static struct text foreign_uri(const struct tenant *tenant, const struct json *uris)
{
	for (size_t i = 0; uris && uris->kind == JSON_ARRAY && i < uris->count; i++)
		if (uris->items[i].kind == JSON_STRING && !is_ours(tenant, uris->items[i].text))
			return uris->items[i].text;
	return TEXT_EMPTY;
}

static void judge(struct op *op, const struct tenant *tenant, const struct json *application,
		  struct tenant_finding *ret)
{
	struct text uri = foreign_uri(tenant, json_get(application, "identifierUris"));
	int64_t version;

	if (!json_int(json_get(application, "api"), "requestedAccessTokenVersion", &version))
		version = 1;
	if (version == 2) {
		ret->detail = "asks for version 2 tokens";
		return;
	}
	ret->detail = "asks for version 1 tokens";
	if (!tenant->is_v1_allowed || uri.len > 0)
		ret->state = FINDING_PROBLEM;
	if (!tenant->is_v1_allowed)
		ret->detail = "asks for version 1 tokens, which the tenant does not take: set "
			      "requestedAccessTokenVersion of the application to 2";
	else if (uri.len > 0)
		ret->detail = arena_printf(
		    op->arena,
		    "version 1 tokens may be for %.*s, which is not in app_id_uris of the tenant",
		    TEXT_ARG(uri));
}

void tenant_application_probe(struct op *op, const struct tenant *tenant, const char *token,
			      struct tenant_finding *ret)
{
	const char *headers[] = {arena_printf(op->arena, "Authorization: Bearer %s", token),
				 "Accept: application/json", NULL};
	const struct http_client_request request = {
	    .method = "GET",
	    .url = arena_printf(op->arena,
				"%s/v1.0/applications(appId='%s')?$select=appId,identifierUris,api",
				tenant_graph_url(op->arena, tenant), tenant->client_id),
	    .headers = headers,
	};
	struct http_client_response response;
	const struct json *application;

	ret->state = FINDING_NOTICE;
	if (http_client_send(op->http, op->arena, &request, &response, &op->trail)) {
		ret->detail = "token version and audience were not checked: Graph does not answer";
	} else if (response.status == 403) {
		ret->detail = "token version and audience were not checked: grant the application "
			      "permission Application.Read.All to have them checked";
	} else if (response.status == 404) {
		ret->detail = "token version and audience were not checked: it is registered in "
			      "another tenant, look there at requestedAccessTokenVersion";
	} else if (response.status != 200 ||
		   json_read(op->arena, response.body, LIMIT_JSON_DEPTH, &application) != 0) {
		ret->detail = arena_printf(op->arena,
					   "token version and audience were not checked: Graph "
					   "answered HTTP %d; try again later",
					   response.status);
	} else {
		ret->state = FINDING_OK;
		judge(op, tenant, application, ret);
	}
}
