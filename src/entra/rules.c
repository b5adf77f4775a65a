/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules.c: every rule for an Entra token, in the order they are applied, one line each.
 *
 * Versions 1.0 and 2.0 have separate rows that say where they differ; nothing is inferred from a
 * token's looks. The order matters twice: the tenant is settled before a key is looked for, and
 * the signature before any claim is believed. Names of users are labels and decide nothing, except
 * that a mark of a guest can only make the answer stricter.
 *
 * Each rule has a name by which a test build can switch it off (jwt/check.h).
 * Specification: protocol/entra.md 1.1, 1.3, 1.5; threats 1.5; abuse cases 1-7.
 */
#include "entra/rules.h"

#include "base/limits.h"
#include "base/uuid.h"
#include "jwt/check.h"

enum { LABEL_MAX = 320 };

static const struct text consumer_tenant = {"9188040d-6c67-4c5b-b112-36a304b66dad", UUID_TEXT_LEN};
static const struct text enrolment_scope = {"mdm_delegation", sizeof("mdm_delegation") - 1};

#define REFUSE_UNLESS(name, condition, verdict)                                                    \
	do {                                                                                       \
		if (check_is_on(name) && !(condition))                                             \
			return (verdict);                                                          \
	} while (0)

/* Where the two token versions differ. */
static const struct version_rules {
	struct text version;
	bool is_version_2;
	bool has_uri_audience; /* aud may be an application ID URI */
} versions[] = {
    {{"1.0", 3}, false, true},
    {{"2.0", 3}, true, false},
};

static const struct version_rules *find_version(const struct jwt *jwt)
{
	for (size_t i = 0; i < ARRAY_LEN(versions); i++)
		if (text_eq(jwt->claims.version, versions[i].version))
			return &versions[i];
	return NULL;
}

static const struct {
	enum jwt_outcome outcome;
	enum entra_verdict verdict;
} read_verdicts[] = {
    {JWT_E_TYPE, ENTRA_TOKEN_TYPE},
    {JWT_E_ALGORITHM, ENTRA_TOKEN_ALGORITHM},
    {JWT_E_CRITICAL, ENTRA_TOKEN_CRITICAL},
    {JWT_E_EMBEDDED_KEY, ENTRA_TOKEN_EMBEDDED_KEY},
    {JWT_E_NONCE, ENTRA_TOKEN_GRAPH},
    {JWT_E_KEY_ID, ENTRA_TOKEN_KEY_ID},
    {JWT_E_CLAIM_TWICE, ENTRA_TOKEN_DUPLICATE_CLAIM},
};

/* Entra's are in base64url, so that others do not even have keys looked for. */
static bool is_key_id(struct text t)
{
	for (size_t i = 0; i < t.len; i++) {
		char c = t.ptr[i];

		if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
		      c == '_' || c == '-'))
			return false;
	}
	return true;
}

enum entra_verdict entra_rules_read(struct arena *arena, struct text token, const struct jwt **ret)
{
	int r = jwt_read(arena, token, ret);

	if (r == 0)
		return check_is_on("key_id_form") && !is_key_id((*ret)->key_id) ? ENTRA_TOKEN_KEY_ID
										: ENTRA_TOKEN_OK;
	for (size_t i = 0; i < ARRAY_LEN(read_verdicts); i++)
		if ((int)read_verdicts[i].outcome == r)
			return read_verdicts[i].verdict;
	return ENTRA_TOKEN_MALFORMED;
}

/* A GUID in lower case; NULL when t is none. */
static const char *read_guid(struct arena *arena, struct text t)
{
	char lower[UUID_TEXT_LEN + 1];
	struct uuid id;

	if (!t.ptr || !uuid_read(t, &id))
		return NULL;
	uuid_write(id, lower);
	return arena_string(arena, lower);
}

const char *entra_rules_tenant_id(struct arena *arena, const struct jwt *jwt)
{
	return read_guid(arena, jwt->claims.tenant_id);
}

bool entra_rules_is_version_2(const struct jwt *jwt)
{
	const struct version_rules *version = find_version(jwt);

	return version && version->is_version_2;
}

static bool is_version_ok(const struct jwt *jwt, const struct tenant *tenant)
{
	const struct version_rules *version = find_version(jwt);

	return version && (version->is_version_2 || tenant->is_v1_allowed);
}

enum entra_verdict entra_rules_select(const struct jwt *jwt, const struct tenant *tenant)
{
	struct text tenant_id = jwt->claims.tenant_id;

	REFUSE_UNLESS("tenant_form", tenant_id.ptr && uuid_is(tenant_id),
		      ENTRA_TOKEN_TENANT_MALFORMED);
	REFUSE_UNLESS("tenant_consumer", !text_eq_nocase(tenant_id, consumer_tenant),
		      ENTRA_TOKEN_TENANT_CONSUMER);
	if (!tenant)
		return ENTRA_TOKEN_TENANT_UNKNOWN;
	REFUSE_UNLESS("tenant", text_eq_nocase(tenant_id, text_of(tenant->tenant_id)),
		      ENTRA_TOKEN_TENANT_UNKNOWN);
	REFUSE_UNLESS("tenant_enabled", tenant->is_enabled, ENTRA_TOKEN_TENANT_DISABLED);
	REFUSE_UNLESS("version", is_version_ok(jwt, tenant), ENTRA_TOKEN_VERSION);
	return ENTRA_TOKEN_OK;
}

/* The issuer a key is published for, "{tenantid}" standing for whichever tenant asked. */
static bool is_key_issuer_ok(const struct jwk *key, struct text issuer, struct text tenant_id)
{
	static const struct text mark = {"{tenantid}", sizeof("{tenantid}") - 1};
	struct text of_key = key->issuer;
	size_t at = 0;

	if (!of_key.ptr)
		return true;
	while (at < of_key.len && !text_starts(text_from(of_key, at), mark))
		at++;
	if (at == of_key.len)
		return text_eq(of_key, issuer);
	return issuer.len == of_key.len - mark.len + tenant_id.len &&
	       text_eq(text_take(of_key, at), text_take(issuer, at)) &&
	       text_starts(text_from(issuer, at), tenant_id) &&
	       text_eq(text_from(of_key, at + mark.len), text_from(issuer, at + tenant_id.len));
}

static bool is_key_cloud_ok(const struct jwk *key, struct text cloud_instance)
{
	return !key->cloud_instance.ptr || !cloud_instance.ptr ||
	       text_eq(key->cloud_instance, cloud_instance);
}

/* The tenant id as a whole path segment. */
static bool has_tenant_segment(struct text issuer, struct text tenant_id)
{
	struct text rest = issuer;

	while (rest.ptr)
		if (text_eq(text_cut(&rest, '/'), tenant_id))
			return true;
	return false;
}

static struct text without_slash(struct text t)
{
	return text_ends(t, TEXT("/")) ? text_take(t, t.len - 1) : t;
}

static bool is_audience_ok(const struct entra_judgement *j, const struct version_rules *version)
{
	const struct tenant *tenant = j->tenant;
	struct text audience = j->jwt->claims.audience;

	if (!audience.ptr || audience.len == 0)
		return false;
	if (uuid_is(text_of(tenant->client_id)) &&
	    text_eq_nocase(audience, text_of(tenant->client_id)))
		return true;
	if (!version->has_uri_audience)
		return false;
	for (size_t i = 0; i < tenant->app_id_uri_count; i++) {
		struct text uri = without_slash(text_of(tenant->app_id_uris[i]));

		if (uri.len > 0 && text_eq(without_slash(audience), uri))
			return true;
	}
	return false;
}

static bool are_times_ok(const struct jwt_claims *c)
{
	return c->has_expires_at && c->has_not_before && c->has_issued_at && c->not_before >= 0 &&
	       c->issued_at >= 0 && c->expires_at > c->not_before &&
	       c->expires_at - c->not_before <= LIMIT_TOKEN_LIFETIME_S &&
	       c->expires_at - c->issued_at <= LIMIT_TOKEN_LIFETIME_S;
}

/* An application's own token carries roles or names the same object twice, and has no scope. */
static bool is_app_only(const struct jwt_claims *c)
{
	return !c->has_scope &&
	       (c->has_roles || (c->object_id.ptr && text_eq(c->object_id, c->subject)));
}

static bool is_device_only(const struct jwt_claims *c)
{
	return c->has_device_id && !c->object_id.ptr && !c->upn.ptr && !c->has_scope;
}

static bool has_scope(struct text scope)
{
	while (scope.ptr)
		if (text_eq(text_cut(&scope, ' '), enrolment_scope))
			return true;
	return false;
}

static bool is_home_issuer(const struct entra_judgement *j, struct text provider)
{
	return provider.ptr && text_starts(provider, TEXT("https://")) &&
	       has_tenant_segment(provider, text_of(j->tenant->tenant_id));
}

static bool has_guest_mark(struct text name)
{
	static const struct text mark = {"#EXT#", 5};

	for (size_t i = 0; i + mark.len <= name.len; i++)
		if (text_eq_nocase(text_take(text_from(name, i), mark.len), mark))
			return true;
	return false;
}

static bool is_guest(const struct entra_judgement *j)
{
	const struct jwt_claims *c = &j->jwt->claims;

	return (c->has_account_kind && c->account_kind != 0) ||
	       (c->has_identity_provider && !is_home_issuer(j, c->identity_provider)) ||
	       has_guest_mark(c->upn);
}

/* Who signed it, and for whom. */
static enum entra_verdict judge_origin(const struct entra_judgement *j,
				       const struct version_rules *version)
{
	const struct jwt_claims *c = &j->jwt->claims;
	struct text tenant_id = text_of(j->tenant->tenant_id);

	if (!j->key)
		return ENTRA_TOKEN_KEY_UNKNOWN;
	REFUSE_UNLESS("key_weak", !j->key->is_weak, ENTRA_TOKEN_KEY_WEAK);
	REFUSE_UNLESS("key_issuer", is_key_issuer_ok(j->key, j->issuer, tenant_id),
		      ENTRA_TOKEN_KEY_ISSUER);
	REFUSE_UNLESS("key_cloud", is_key_cloud_ok(j->key, j->cloud_instance),
		      ENTRA_TOKEN_KEY_CLOUD);
	if (jwt_verify(j->jwt, j->key) != JWT_VERIFIED)
		return ENTRA_TOKEN_SIGNATURE;
	REFUSE_UNLESS("issuer", c->issuer.ptr && text_eq(c->issuer, j->issuer), ENTRA_TOKEN_ISSUER);
	REFUSE_UNLESS("issuer_tenant", has_tenant_segment(c->issuer, tenant_id),
		      ENTRA_TOKEN_ISSUER);
	REFUSE_UNLESS("audience", is_audience_ok(j, version), ENTRA_TOKEN_AUDIENCE);
	return ENTRA_TOKEN_OK;
}

/* Expressed as differences from now: a claim may be as large as an integer gets. */
static enum entra_verdict judge_time(const struct jwt_claims *c, int64_t now)
{
	REFUSE_UNLESS("times", are_times_ok(c), ENTRA_TOKEN_TIMES);
	REFUSE_UNLESS("expired", now - LIMIT_TOKEN_SKEW_S < c->expires_at, ENTRA_TOKEN_EXPIRED);
	REFUSE_UNLESS("not_before", c->not_before <= now + LIMIT_TOKEN_SKEW_S, ENTRA_TOKEN_NOT_YET);
	REFUSE_UNLESS("issued_at", c->issued_at <= now + LIMIT_TOKEN_SKEW_S, ENTRA_TOKEN_NOT_YET);
	return ENTRA_TOKEN_OK;
}

static enum entra_verdict judge_subject(const struct entra_judgement *j)
{
	const struct jwt_claims *c = &j->jwt->claims;

	REFUSE_UNLESS("class_kind", !c->has_kind || text_eq(c->kind, TEXT("user")),
		      ENTRA_TOKEN_CLASS);
	REFUSE_UNLESS("class_id_token", !c->has_nonce, ENTRA_TOKEN_CLASS);
	REFUSE_UNLESS("class_app", !is_app_only(c), ENTRA_TOKEN_CLASS);
	REFUSE_UNLESS("class_device", !is_device_only(c), ENTRA_TOKEN_CLASS);
	REFUSE_UNLESS("scope", has_scope(c->scope), ENTRA_TOKEN_SCOPE);
	REFUSE_UNLESS("object_id", c->object_id.ptr && uuid_is(c->object_id),
		      ENTRA_TOKEN_OBJECT_ID);
	REFUSE_UNLESS("device_id_form",
		      !c->has_device_id || (c->device_id.ptr && uuid_is(c->device_id)),
		      ENTRA_TOKEN_DEVICE_ID_MALFORMED);
	REFUSE_UNLESS("device_id", j->channel != ENTRA_ENROLL || c->has_device_id,
		      ENTRA_TOKEN_DEVICE_ID_MISSING);
	REFUSE_UNLESS("guest", j->tenant->is_guest_allowed || !is_guest(j), ENTRA_TOKEN_GUEST);
	return ENTRA_TOKEN_OK;
}

/* A label is shown and stored, so it is bounded and has no control bytes; else it is dropped. */
static const char *read_label(struct arena *arena, struct text t)
{
	if (!t.ptr || t.len > LABEL_MAX)
		return "";
	for (size_t i = 0; i < t.len; i++)
		if ((unsigned char)t.ptr[i] < 0x20 || t.ptr[i] == 0x7f)
			return "";
	return arena_cstr(arena, t);
}

static const char *guid_or_empty(struct arena *arena, struct text t)
{
	const char *guid = read_guid(arena, t);

	return guid ? guid : "";
}

static void read_principal(struct arena *arena, const struct entra_judgement *j,
			   const struct version_rules *version, struct entra_principal *ret)
{
	const struct jwt_claims *c = &j->jwt->claims;
	struct text app = version->is_version_2 ? c->app_v2 : c->app_v1;

	*ret = (struct entra_principal){
	    .tenant_id = guid_or_empty(arena, c->tenant_id),
	    .object_id = guid_or_empty(arena, c->object_id),
	    .device_id = guid_or_empty(arena, c->device_id),
	    .user_name = read_label(arena, c->upn.ptr ? c->upn : c->preferred_username),
	    .client_app = guid_or_empty(arena, app),
	    .token_id = read_label(arena, c->token_id),
	    .expires_at = c->expires_at,
	    .is_version_2 = version->is_version_2,
	    .is_guest = is_guest(j),
	};
}

enum entra_verdict entra_rules_judge(struct arena *arena, const struct entra_judgement *judgement,
				     struct entra_principal *ret)
{
	const struct version_rules *version = find_version(judgement->jwt);
	enum entra_verdict verdict;

	if (!version)
		return ENTRA_TOKEN_VERSION;
	verdict = judge_origin(judgement, version);
	if (verdict == ENTRA_TOKEN_OK)
		verdict = judge_time(&judgement->jwt->claims, judgement->now);
	if (verdict == ENTRA_TOKEN_OK)
		verdict = judge_subject(judgement);
	if (verdict != ENTRA_TOKEN_OK)
		return verdict;
	read_principal(arena, judgement, version, ret);
	return ENTRA_TOKEN_OK;
}
