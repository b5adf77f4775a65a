/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graph_auth.c: see graph_auth.h. entra.md section 8.3.
 *
 * A token is good when this stand-in signed it for Graph: with the Graph key, with a nonce in its
 * header, for this Graph's address, for a tenant that exists, and in time. Tokens of the server's
 * own API are signed with other keys and therefore never accepted here. The tenant a request works
 * in is the token's and nothing else's, so that writing across tenants is impossible by shape.
 */
#include "sim/entra/graph_auth.h"

#include "sim/entra/graph_error.h"
#include "sim/entra/jose.h"

enum { SKEW_S = 300 };

static const char DENIED[] = "Insufficient privileges to complete the operation.";

static const char *token_read(struct call *call, struct jose *ret)
{
	static const struct text scheme = {"Bearer ", 7};
	const struct signing_key *key = call->sim->keys.slots[KEY_GRAPH];
	struct text alg;
	struct text kid;

	if (!call->authorization.ptr || !text_starts_nocase(call->authorization, scheme))
		return "Access token is empty.";
	if (jose_read(call->arena, text_from(call->authorization, scheme.len), ret) != 0)
		return "CompactToken parsing failed with error code: 80049217";
	alg = json_text(ret->header, "alg");
	kid = json_text(ret->header, "kid");
	if (!alg.ptr || !text_eq_c(alg, "RS256") || !kid.ptr || !text_eq_c(kid, key->kid) ||
	    !json_has(ret->header, "nonce") || !jose_verify(ret, JOSE_ALG_RS256, key->key))
		return "Access token validation failure. Invalid signature.";
	return NULL;
}

static const char *claims_problem(const struct call *call, const struct json *claims)
{
	struct text aud = json_text(claims, "aud");
	int64_t nbf;
	int64_t exp;

	if (!aud.ptr || !text_eq_c(aud, call->sim->urls[LISTENER_GRAPH]))
		return "Access token validation failure. Invalid audience.";
	if (!json_int(claims, "nbf", &nbf) || !json_int(claims, "exp", &exp))
		return "Access token validation failure.";
	if (call->now >= exp)
		return "Lifetime validation failed, the token is expired.";
	if (call->now < nbf - SKEW_S)
		return "Lifetime validation failed, the token is not yet valid.";
	return NULL;
}

void graph_identify(struct call *call)
{
	const struct sim *sim = call->sim;
	struct text tid;
	struct jose jose;

	call->token_problem = token_read(call, &jose);
	if (!call->token_problem)
		call->token_problem = claims_problem(call, jose.payload);
	if (call->token_problem)
		return;
	tid = json_text(jose.payload, "tid");
	call->tenant = tid.ptr ? state_tenant(&sim->state, tid) : NULL;
	if (!call->tenant) {
		call->token_problem = "Access token validation failure. Invalid tenant.";
		return;
	}
	call->token = jose.payload;
	call->client_id = json_text(jose.payload, "appid");
	if (call->client_id.ptr)
		call->principal = state_principal_by_client(call->tenant, call->client_id);
}

static bool is_delegated(const struct call *call)
{
	return json_has(call->token, "scp");
}

bool graph_require_token(struct call *call)
{
	if (!call->token)
		return graph_fail(call, GRAPH_TOKEN_INVALID, call->token_problem);
	if (!call->principal && !is_delegated(call))
		return graph_fail(call, GRAPH_IDENTITY_NOT_FOUND,
				  "The identity of the calling application could not be "
				  "established.");
	return true;
}

static bool role_is_held(const struct json *roles, struct text role)
{
	for (size_t i = 0; roles && i < roles->count; i++)
		if (roles->items[i].kind == JSON_STRING && text_eq(roles->items[i].text, role))
			return true;
	return false;
}

static bool scope_is_held(struct text scopes, struct text scope)
{
	while (scopes.ptr)
		if (text_eq(text_cut(&scopes, ' '), scope))
			return true;
	return false;
}

static bool permission_is_held(const struct call *call, struct text name)
{
	struct text scopes = json_text(call->token, "scp");

	if (!is_delegated(call))
		return role_is_held(json_get(call->token, "roles"), name);
	return scope_is_held(scopes, name) ||
	       scope_is_held(scopes, TEXT("Directory.AccessAsUser.All"));
}

static bool alternative_is_held(const struct call *call, const char *alternative)
{
	struct text rest = text_of(alternative);

	while (rest.ptr)
		if (!permission_is_held(call, text_cut(&rest, '+')))
			return false;
	return true;
}

bool graph_require(struct call *call, const char *const *alternatives)
{
	if (!alternatives[0])
		return true;
	for (; *alternatives; alternatives++)
		if (alternative_is_held(call, *alternatives))
			return true;
	return graph_fail(call, GRAPH_DENIED, DENIED);
}

bool graph_require_delegated(struct call *call, const char *scope)
{
	if (is_delegated(call) && scope_is_held(json_text(call->token, "scp"), text_of(scope)))
		return true;
	return graph_fail(call, GRAPH_DENIED, DENIED);
}
