/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graph.c: see graph.h. entra.md sections 3 and 8.3.
 *
 * The order of refusals is the real one as far as it is known: token, throttling, address, method,
 * permission, and only then the request itself. Permissions are the least ones documented and the
 * broader ones that include them.
 */
#include "sim/entra/graph.h"

#include "sim/entra/graph_auth.h"
#include "sim/entra/graph_error.h"

enum { PERMISSIONS = 6, THROTTLE_GRACE_MS = 500 };

#define DIRECTORY_READ  "Directory.Read.All", "Directory.ReadWrite.All"
#define DIRECTORY_WRITE "Directory.ReadWrite.All"
#define DEVICE_READ     "Device.Read.All", "Device.ReadWrite.All", DIRECTORY_READ
#define USER_READ       "User.Read.All", DIRECTORY_READ
#define GROUP_READ      "GroupMember.Read.All", "Group.Read.All", DIRECTORY_READ
#define MEMBERSHIP_READ "GroupMember.Read.All+User.Read.All", DIRECTORY_READ

static const struct route {
	unsigned methods;
	const char *pattern;
	void (*answer)(struct call *call);
	const char *permissions[PERMISSIONS];
} ROUTES[] = {
    {HTTP_GET, "/devices", graph_device_list, {DEVICE_READ}},
    {HTTP_GET, "/devices/delta", graph_device_delta, {DEVICE_READ}},
    {HTTP_GET, "/devices(deviceId='{}')", graph_device_get_by_device_id, {DEVICE_READ}},
    {HTTP_PATCH,
     "/devices(deviceId='{}')",
     graph_device_patch_by_device_id,
     {"Device.ReadWrite.All", DIRECTORY_WRITE}},
    {HTTP_GET, "/devices/{}", graph_device_get, {DEVICE_READ}},
    {HTTP_PATCH, "/devices/{}", graph_device_patch, {"Device.ReadWrite.All", DIRECTORY_WRITE}},
    {HTTP_GET, "/users", graph_user_list, {USER_READ}},
    {HTTP_GET, "/users/delta", graph_user_delta, {USER_READ}},
    {HTTP_GET, "/users/{}", graph_user_get, {USER_READ}},
    {HTTP_POST, "/users/{}/getMemberGroups", graph_user_member_groups, {MEMBERSHIP_READ}},
    {HTTP_POST, "/users/{}/checkMemberGroups", graph_user_check_groups, {MEMBERSHIP_READ}},
    {HTTP_GET, "/users/{}/transitiveMemberOf", graph_user_transitive, {USER_READ}},
    {HTTP_GET,
     "/users/{}/transitiveMemberOf/microsoft.graph.group",
     graph_user_transitive_cast,
     {USER_READ}},
    {HTTP_GET, "/groups", graph_group_list, {GROUP_READ}},
    {HTTP_GET, "/groups/delta", graph_group_delta, {GROUP_READ}},
    {HTTP_GET, "/groups/{}", graph_group_get, {GROUP_READ}},
    {HTTP_GET, "/groups/{}/members", graph_group_members, {GROUP_READ}},
    {HTTP_GET,
     "/applications(appId='{}')",
     graph_app_get_by_client,
     {"Application.Read.All", "Application.ReadWrite.All", DIRECTORY_READ}},
    {HTTP_POST, "/applications/{}/{}", graph_app_action, {NULL}},
    {HTTP_POST, "/applications(appId='{}')/{}", graph_app_action_by_client, {NULL}},
    {HTTP_GET, "/policies/mobileDeviceManagementPolicies/{}", graph_mobility_get, {NULL}},
    {HTTP_PATCH, "/policies/mobileDeviceManagementPolicies/{}", graph_mobility_patch, {NULL}},
    {HTTP_POST, "/$batch", graph_batch, {NULL}},
};

/* Without the version, which an item of a batch does not have. ptr NULL: not a known one. */
static struct text versionless(const struct call *call)
{
	static const char *const versions[] = {"/v1.0/", "/beta/"};

	if (call->is_item)
		return call->path;
	for (size_t i = 0; i < ARRAY_LEN(versions); i++)
		if (text_starts(call->path, text_of(versions[i])))
			return text_from(call->path, strlen(versions[i]) - 1);
	return (struct text){0};
}

static bool throttle_pass(struct call *call)
{
	struct throttle *throttle = &call->sim->throttle;
	const char *tenant = call_uuid(call->arena, call->tenant->id);
	const char *key =
	    arena_printf(call->arena, "graph %s %.*s", tenant, TEXT_ARG(call->client_id));
	bool is_write = call->method != HTTP_GET;
	int64_t wait = 0;

	throttle_check(throttle, key, call->now_ms, arena_cstr(call->arena, call->path));
	if (throttle_take(throttle, THROTTLE_REQUESTS, key, call->now_ms, &wait) == 0 &&
	    (!is_write || throttle_take(throttle, THROTTLE_WRITES, key, call->now_ms, &wait) == 0))
		return true;
	throttle_wait(throttle, key, call->now_ms, wait, THROTTLE_GRACE_MS);
	graph_fail(call, GRAPH_TOO_MANY_REQUESTS, "Too many requests.");
	call_retry_after(call, wait);
	call_header(call, "x-ms-throttle-scope",
		    arena_printf(call->arena, "Tenant_Application/%s/%.*s/%s",
				 is_write ? "ReadWrite" : "Read", TEXT_ARG(call->client_id),
				 tenant));
	call_header(call, "x-ms-throttle-information",
		    is_write ? "WriteLimitExceeded" : "ResourceUnitLimitExceeded");
	return false;
}

static const struct route *route_find(struct call *call, struct text path, bool *ret_is_known)
{
	*ret_is_known = false;
	for (size_t i = 0; i < ARRAY_LEN(ROUTES); i++) {
		if (!call_match(call, path, ROUTES[i].pattern))
			continue;
		*ret_is_known = true;
		if (ROUTES[i].methods & (unsigned)call->method)
			return &ROUTES[i];
	}
	return NULL;
}

void graph_answer(struct call *call)
{
	struct text path = versionless(call);
	bool is_batch = path.ptr && text_eq_c(path, "/$batch");
	const struct route *route;
	bool is_known;

	if (!graph_require_token(call))
		return;
	if (!is_batch && !throttle_pass(call))
		return;
	if (!path.ptr) {
		graph_fail(call, GRAPH_BAD_REQUEST, "Invalid version.");
		return;
	}
	route = route_find(call, path, &is_known);
	if (!is_known || (is_batch && call->is_item)) {
		graph_fail(call, GRAPH_BAD_REQUEST, "Resource not found for the segment.");
		return;
	}
	if (!route) {
		graph_fail(call, GRAPH_METHOD_NOT_ALLOWED,
			   "Specified HTTP method is not allowed for the request target.");
		return;
	}
	if (graph_require(call, route->permissions))
		route->answer(call);
}
