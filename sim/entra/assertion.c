/* SPDX-License-Identifier: Apache-2.0 */
/*
 * assertion.c: see assertion.h. entra.md sections 2.2, 2.6 and 8.1.
 *
 * The order of checks: form, type and algorithm, key, signature, then claims. Nothing is read out
 * of an assertion for a decision before its signature is good, except which key it names and, to
 * tell the two kinds apart, its issuer. One assertion is good for one use here, although the real
 * service may be more patient: a client that signs a fresh one each time never notices.
 */
#include "sim/entra/assertion.h"

#include "base/b64.h"
#include "sim/entra/oauth.h"

#define FEDERATED_AUDIENCE "api://AzureADTokenExchange"

enum { SKEW_S = 300 };

static bool header_names(struct arena *arena, const struct json *header, const char *member,
			 const void *digest, size_t len)
{
	struct text value = json_text(header, member);
	struct text raw;

	/* Padded or not: libraries in the field emit both (entra.md 2.2). */
	while (value.ptr && text_ends(value, TEXT("=")))
		value.len--;
	return value.ptr && b64url_read(arena, value, &raw) == 0 &&
	       text_eq(raw, text_make(digest, len));
}

const struct credential *assertion_credential(struct arena *arena, const struct app *app,
					      const struct json *header)
{
	bool is_sha256 = json_has(header, "x5t#S256");

	LIST_EACH (pos, &app->credentials) {
		const struct credential *credential = LIST_OWNER(pos, struct credential, list);

		if (credential->kind != CREDENTIAL_CERTIFICATE)
			continue;
		if (is_sha256
			? header_names(arena, header, "x5t#S256", credential->hash, SHA256_LEN)
			: header_names(arena, header, "x5t", credential->sha1, SHA1_LEN))
			return credential;
	}
	return NULL;
}

const char *assertion_signature_problem(const struct jose *jose,
					const struct credential *credential, int64_t now)
{
	struct text alg = json_text(jose->header, "alg");
	enum jose_alg value;
	EVP_PKEY *key = credential->key ? credential->key : X509_get0_pubkey(credential->cert);

	if (!alg.ptr || !jose_alg_read(alg, &value) ||
	    (value != JOSE_ALG_RS256 && value != JOSE_ALG_PS256))
		return "The algorithm is not RS256 or PS256.";
	if (now < credential->not_before || now > credential->not_after)
		return "The key used is expired.";
	if (!key || !jose_verify(jose, value, key))
		return "The key was found, but the signature does not verify.";
	return NULL;
}

static bool times_check(struct call *call, const struct jose *jose)
{
	int64_t nbf;
	int64_t exp;

	if (!json_int(jose->payload, "nbf", &nbf) || !json_int(jose->payload, "exp", &exp))
		return oauth_fail(call, OAUTH_ASSERTION_MALFORMED,
				  TEXT("nbf and exp must be integers"));
	if (nbf > call->now + SKEW_S || exp <= call->now - SKEW_S || exp <= nbf)
		return oauth_fail(
		    call, OAUTH_ASSERTION_TIME,
		    text_of(arena_printf(call->arena, "now %lld, nbf %lld, exp %lld",
					 (long long)call->now, (long long)nbf, (long long)exp)));
	return true;
}

static bool replay_check(struct call *call, const struct jose *jose)
{
	struct text jti = json_text(jose->payload, "jti");

	if (!jti.ptr || text_is_empty(jti))
		return oauth_fail(call, OAUTH_ASSERTION_MALFORMED, TEXT("jti is missing"));
	if (throttle_see_assertion(&call->sim->throttle, jti,
				   arena_cstr(call->arena, call->path)) != 0)
		return oauth_fail(call, OAUTH_ASSERTION_REPLAYED, jti);
	return true;
}

/* The endpoint, spelled with the tenant's GUID or with its domain. */
static bool audience_check(struct call *call, const struct jose *jose)
{
	const char *login = call->sim->urls[LISTENER_LOGIN];
	struct text aud = json_text(jose->payload, "aud");
	const char *spellings[] = {call_uuid(call->arena, call->tenant->id), call->tenant->domain};

	for (size_t i = 0; i < ARRAY_LEN(spellings) && aud.ptr; i++)
		if (spellings[i] &&
		    text_eq_c(aud, arena_printf(call->arena, "%s/%s/oauth2/v2.0/token", login,
						spellings[i])))
			return true;
	return oauth_fail(call, OAUTH_ASSERTION_AUDIENCE, aud);
}

static bool subject_check(struct call *call, const struct app *app, const struct jose *jose)
{
	static const char *const members[] = {"iss", "sub"};

	for (size_t i = 0; i < ARRAY_LEN(members); i++) {
		struct text value = json_text(jose->payload, members[i]);

		if (!value.ptr ||
		    !text_eq_nocase(value, text_of(call_uuid(call->arena, app->client_id))))
			return oauth_fail(call, OAUTH_ASSERTION_SUBJECT, text_of(members[i]));
	}
	return true;
}

static bool header_check(struct call *call, const struct jose *jose)
{
	struct text typ = json_text(jose->header, "typ");

	if (json_has(jose->header, "typ") && (!typ.ptr || !text_eq_nocase(typ, TEXT("JWT"))))
		return oauth_fail(call, OAUTH_ASSERTION_MALFORMED, TEXT("typ is not JWT"));
	if (json_has(jose->header, "crit"))
		return oauth_fail(call, OAUTH_ASSERTION_MALFORMED, TEXT("crit is not supported"));
	return true;
}

static bool certificate_check(struct call *call, const struct app *app, const struct jose *jose)
{
	const struct credential *credential = assertion_credential(call->arena, app, jose->header);
	const char *problem;

	if (!credential)
		return oauth_fail(call, OAUTH_ASSERTION_UNSIGNED,
				  TEXT("The certificate is not registered on the application."));
	problem = assertion_signature_problem(jose, credential, call->now);
	if (problem)
		return oauth_fail(call, OAUTH_ASSERTION_UNSIGNED, text_of(problem));
	return audience_check(call, jose) && subject_check(call, app, jose) &&
	       times_check(call, jose) && replay_check(call, jose);
}

static const struct credential *federation_find(const struct app *app, const struct jose *jose,
						bool *ret_is_issuer)
{
	struct text iss = json_text(jose->payload, "iss");
	struct text sub = json_text(jose->payload, "sub");

	*ret_is_issuer = false;
	LIST_EACH (pos, &app->credentials) {
		const struct credential *credential = LIST_OWNER(pos, struct credential, list);

		if (credential->kind != CREDENTIAL_FEDERATED || !iss.ptr ||
		    !text_eq_c(iss, credential->issuer))
			continue;
		*ret_is_issuer = true;
		if (sub.ptr && text_eq_c(sub, credential->subject))
			return credential;
	}
	return NULL;
}

static bool federation_check(struct call *call, const struct credential *credential,
			     const struct jose *jose)
{
	struct text alg = json_text(jose->header, "alg");
	struct text aud = json_text(jose->payload, "aud");
	const char *problem;

	if (!credential)
		return oauth_fail(call, OAUTH_FEDERATION_UNKNOWN, TEXT("no such subject"));
	if (!aud.ptr || !text_eq_c(aud, FEDERATED_AUDIENCE))
		return oauth_fail(call, OAUTH_FEDERATION_UNKNOWN, TEXT("wrong audience"));
	if (!alg.ptr || !text_eq_c(alg, "RS256"))
		return oauth_fail(call, OAUTH_ASSERTION_UNSIGNED,
				  TEXT("A federated assertion is signed with RS256."));
	problem = assertion_signature_problem(jose, credential, call->now);
	if (problem)
		return oauth_fail(call, OAUTH_ASSERTION_UNSIGNED, text_of(problem));
	return times_check(call, jose);
}

bool assertion_check(struct call *call, const struct app *app, struct text assertion)
{
	const struct credential *credential;
	struct jose jose;
	bool is_federated;

	if (jose_read(call->arena, assertion, &jose) != 0)
		return oauth_fail(call, OAUTH_ASSERTION_MALFORMED, TEXT("not a compact JWT"));
	call->assertion_header = jose.header;
	call->assertion = jose.payload;
	if (!header_check(call, &jose))
		return false;
	credential = federation_find(app, &jose, &is_federated);
	return is_federated ? federation_check(call, credential, &jose)
			    : certificate_check(call, app, &jose);
}
