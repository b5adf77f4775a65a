/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_world.c: keys, a good token of each version and channel, and the path a token takes.
 *
 * The look-up of the tenant hands out the one tenant whatever a token says, as a careless caller
 * might: the rules themselves have to notice that it is not the token's.
 */
#include "entra/test_world.h"

#include <stdlib.h>

#include "base/limits.h"

#define QUOTED(s)   "\"" s "\""
#define AT(seconds) #seconds

struct world {
	struct arena arena;
	struct evp_pkey_st *keys[WORLD_KEYS];
	struct evp_pkey_st *ec_key;
	struct jwks sets[2]; /* by enum world_version */
};

static const char *const key_ids[WORLD_KEYS] = {
    [KEY_CURRENT] = "current-Key_1",
    [KEY_TEMPLATED] = "templated",
    [KEY_PLAIN] = "plain",
    [KEY_CONSUMER] = "consumer",
    [KEY_OTHER_TENANT] = "foreign",
    [KEY_OTHER_CLOUD] = "cloud",
    [KEY_WEAK] = "weak",
    [KEY_LOW_EXPONENT] = "exponent",
    [KEY_UNPUBLISHED] = "unpublished",
};

static const char *const key_extras[WORLD_KEYS] = {
    [KEY_CURRENT] =
	",\"issuer\":\"" WORLD_V2_ISSUER "\",\"cloud_instance_name\":\"microsoftonline.com\"",
    [KEY_TEMPLATED] = ",\"issuer\":\"https://login.microsoftonline.com/{tenantid}/v2.0\"",
    [KEY_PLAIN] = "",
    [KEY_CONSUMER] = ",\"issuer\":\"https://login.microsoftonline.com/" WORLD_CONSUMER "/v2.0\"",
    [KEY_OTHER_TENANT] = ",\"issuer\":\"https://login.microsoftonline.com/" WORLD_FOREIGN "/v2.0\"",
    [KEY_OTHER_CLOUD] =
	",\"issuer\":\"" WORLD_V2_ISSUER "\",\"cloud_instance_name\":\"microsoftonline.us\"",
    [KEY_WEAK] = "",
    [KEY_LOW_EXPONENT] = "",
};

/* Keys that differ only in what is published about them share their numbers. */
static void make_keys(struct world *world)
{
	static const enum world_key same_as[WORLD_KEYS] = {
	    [KEY_TEMPLATED] = KEY_TEMPLATED,
	    [KEY_OTHER_CLOUD] = KEY_TEMPLATED,
	    [KEY_CONSUMER] = KEY_CONSUMER,
	    [KEY_OTHER_TENANT] = KEY_CONSUMER,
	};

	world->keys[KEY_CURRENT] = mint_rsa_key(2048, 65537);
	world->keys[KEY_TEMPLATED] = mint_rsa_key(2048, 65537);
	world->keys[KEY_CONSUMER] = mint_rsa_key(2048, 65537);
	world->keys[KEY_WEAK] = mint_rsa_key(1024, 65537);
	world->keys[KEY_LOW_EXPONENT] = mint_rsa_key(2048, 3);
	world->keys[KEY_UNPUBLISHED] = mint_rsa_key(2048, 65537);
	world->ec_key = mint_ec_key();
	for (size_t i = 0; i < WORLD_KEYS; i++)
		if (!world->keys[i])
			world->keys[i] = world->keys[same_as[i]];
}

static bool is_own_key(const struct world *world, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (world->keys[k] == world->keys[i])
			return false;
	return true;
}

/* Version 1.0 documents publish the same keys and say nothing about them. */
static void publish(struct world *world, enum world_version version)
{
	struct buf buf;

	buf_init(&buf, &world->arena);
	buf_add_c(&buf, "{\"keys\":[");
	for (size_t i = 0; i < KEY_UNPUBLISHED; i++) {
		buf_add_c(&buf, i > 0 ? "," : "");
		mint_jwk(&buf, &world->arena, key_ids[i], world->keys[i],
			 version == V2 ? key_extras[i] : "");
	}
	buf_add_c(&buf, "]}");
	if (jwks_read(&world->arena, buf_text(&buf), &world->sets[version]) != 0)
		abort();
}

struct world *world_new(void)
{
	struct world *world = heap_alloc(sizeof(*world));

	arena_init(&world->arena);
	make_keys(world);
	publish(world, V1);
	publish(world, V2);
	return world;
}

void world_free(struct world *world)
{
	jwks_done(&world->sets[V1]);
	jwks_done(&world->sets[V2]);
	for (size_t i = WORLD_KEYS; i-- > 0;)
		if (is_own_key(world, i))
			mint_key_free(world->keys[i]);
	mint_key_free(world->ec_key);
	arena_done(&world->arena);
	free(world);
}

static const char *const algorithm_names[] = {
    [MINT_RS256] = "\"RS256\"",         [MINT_RS384] = "\"RS384\"",
    [MINT_RS512] = "\"RS512\"",         [MINT_RS1] = "\"RS1\"",
    [MINT_PS256] = "\"PS256\"",         [MINT_ES256] = "\"ES256\"",
    [MINT_HS256_PEM] = "\"HS256\"",     [MINT_HS256_DER] = "\"HS256\"",
    [MINT_HS256_MODULUS] = "\"HS256\"", [MINT_HS256_EMPTY] = "\"HS256\"",
    [MINT_HS384_PEM] = "\"HS384\"",     [MINT_HS512_PEM] = "\"HS512\"",
    [MINT_NONE] = "\"none\"",           [MINT_GARBAGE] = "\"RS256\"",
};

static const struct mint_member good_v2[] = {
    {"aud", QUOTED(WORLD_CLIENT)},
    {"iss", QUOTED(WORLD_V2_ISSUER)},
    {"iat", AT(1799999940)},
    {"nbf", AT(1799999940)},
    {"exp", AT(1800004500)},
    {"aio", QUOTED("AVQAq/8TAAAA")},
    {"azp", QUOTED("29d9ed98-a469-4536-ade2-f981bc1d605e")},
    {"azpacr", QUOTED("0")},
    {"name", QUOTED("Ada Nov\303\241k")},
    {"oid", QUOTED(WORLD_USER)},
    {"preferred_username", QUOTED("ada@contoso.com")},
    {"rh", QUOTED("0.AXkA")},
    {"scp", QUOTED("mdm_delegation")},
    {"sub", QUOTED("Hn1p0vCkPq2z7Jx3")},
    {"tid", QUOTED(WORLD_TENANT)},
    {"uti", QUOTED("qW7yFh0tXkeE5cCu9mAdAA")},
    {"ver", QUOTED("2.0")},
    {NULL, NULL},
};

static const struct mint_member good_v1[] = {
    {"aud", QUOTED(WORLD_URI "/")},
    {"iss", QUOTED(WORLD_V1_ISSUER)},
    {"iat", AT(1799999940)},
    {"nbf", AT(1799999940)},
    {"exp", AT(1800004500)},
    {"acr", QUOTED("1")},
    {"amr", "[\"pwd\",\"mfa\"]"},
    {"appid", QUOTED("29d9ed98-a469-4536-ade2-f981bc1d605e")},
    {"appidacr", QUOTED("0")},
    {"name", QUOTED("Ada Nov\303\241k")},
    {"oid", QUOTED(WORLD_USER)},
    {"scp", QUOTED("mdm_delegation")},
    {"sub", QUOTED("Hn1p0vCkPq2z7Jx3")},
    {"tid", QUOTED(WORLD_TENANT)},
    {"unique_name", QUOTED("ada@contoso.com")},
    {"upn", QUOTED("ada@contoso.com")},
    {"uti", QUOTED("qW7yFh0tXkeE5cCu9mAdAA")},
    {"ver", QUOTED("1.0")},
    {NULL, NULL},
};

static const char *make_header(struct world *world, const struct token_case *spec)
{
	const char *kid = arena_printf(&world->arena, "\"%s\"", key_ids[spec->key]);
	struct mint_member base[] = {
	    {"typ", "\"JWT\""}, {"alg", algorithm_names[spec->algorithm]},
	    {"kid", kid},       {spec->version == V1 ? "x5t" : NULL, kid},
	    {NULL, NULL},
	};

	return mint_object(&world->arena, base, spec->header);
}

static const char *make_claims(struct world *world, const struct token_case *spec,
			       enum entra_channel channel)
{
	struct mint_member base[MINT_MEMBERS] = {{NULL, NULL}};
	const struct mint_member *good = spec->version == V1 ? good_v1 : good_v2;
	size_t n = 0;

	while (good[n].name) {
		base[n] = good[n];
		n++;
	}
	if (channel != ENTRA_TERMS)
		base[n] = (struct mint_member){"deviceid", QUOTED(WORLD_DEVICE)};
	return mint_object(&world->arena, base, spec->claims);
}

static char *swap_segments(struct arena *arena, const char *token)
{
	const char *payload = strchr(token, '.') + 1;
	size_t head = (size_t)(payload - token);

	return arena_printf(arena, "%s.%.*s", payload, (int)head - 1, token);
}

/* The last digit with one of its unused bits set. 256 bytes leave four of them. */
static char *set_tail_bit(struct arena *arena, const char *token)
{
	char *copy = arena_string(arena, token);

	copy[strlen(copy) - 1] += 1;
	return copy;
}

static char *cut_from_end(struct arena *arena, const char *token, size_t n)
{
	return arena_copy(arena, token, strlen(token) - n);
}

static const char *damage(struct arena *arena, const char *token, enum world_damage kind)
{
	const char *dot = strchr(token, '.');
	const char *last = strrchr(token, '.');
	int head = (int)(dot - token);

	switch (kind) {
	case DAMAGE_NONE:
		return token;
	case DAMAGE_SIGNATURE_EMPTY:
		return arena_copy(arena, token, (size_t)(last - token) + 1);
	case DAMAGE_TWO_SEGMENTS:
		return arena_copy(arena, token, (size_t)(last - token));
	case DAMAGE_ONE_SEGMENT:
		return arena_copy(arena, token, (size_t)(dot - token));
	case DAMAGE_FOUR_SEGMENTS:
		return arena_printf(arena, "%s.", token);
	case DAMAGE_FIVE_SEGMENTS:
		return arena_printf(arena, "%s.AAAA.AAAA", token);
	case DAMAGE_HEADER_PADDED:
		return arena_printf(arena, "%.*s==%s", head, token, dot);
	case DAMAGE_SIGNATURE_PADDED:
		return arena_printf(arena, "%s==", token);
	case DAMAGE_PLAIN_ALPHABET:
		return arena_printf(arena, "%.*s+/%s", head, token, dot);
	case DAMAGE_BLANK_BEFORE:
		return arena_printf(arena, " %s", token);
	case DAMAGE_BLANK_INSIDE:
		return arena_printf(arena, "%.*s. %s", head, token, dot + 1);
	case DAMAGE_NEWLINE_AFTER:
		return arena_printf(arena, "%s\n", token);
	case DAMAGE_SIGNATURE_SHORT:
		return cut_from_end(arena, token, 2);
	case DAMAGE_SIGNATURE_LONG:
		return arena_printf(arena, "%sAA", token);
	case DAMAGE_SIGNATURE_ZERO_BEFORE:
		return arena_printf(arena, "%.*s.AAAA%s", (int)(last - token), token, last + 1);
	case DAMAGE_SIGNATURE_TAIL_BITS:
		return set_tail_bit(arena, token);
	case DAMAGE_SIGNATURE_REVERSED:
		return swap_segments(arena, token);
	case DAMAGE_EMPTY:
		return "";
	}
	return token;
}

void world_mint(struct world *world, const struct token_case *spec, enum entra_channel channel,
		struct minted_case *ret)
{
	struct evp_pkey_st *key =
	    spec->algorithm == MINT_ES256 ? world->ec_key : world->keys[spec->key];
	const char *token = mint_token(&world->arena, make_header(world, spec),
				       make_claims(world, spec, channel), key, spec->algorithm);

	*ret = (struct minted_case){
	    .name = spec->name,
	    .channel = channel,
	    .expected = spec->expected,
	    .setup = spec->setup,
	    .token = damage(&world->arena, token, spec->damage),
	};
}

static struct tenant make_tenant(unsigned setup)
{
	return (struct tenant){
	    .tenant_id = WORLD_TENANT,
	    .cloud = CLOUD_GLOBAL,
	    .client_id = setup & CLIENT_IS_UNSET ? "" : WORLD_CLIENT,
	    .app_id_uris = {WORLD_URI, WORLD_API_URI "/"},
	    .app_id_uri_count = 2,
	    .is_v1_allowed = !(setup & TENANT_IS_V2_ONLY),
	    .is_guest_allowed = setup & TENANT_ALLOWS_GUESTS,
	    .is_enabled = !(setup & TENANT_IS_DISABLED),
	};
}

static struct text stored_issuer(unsigned setup, enum world_version version)
{
	if (setup & ISSUER_IS_FOREIGN)
		return version == V2
			   ? TEXT("https://login.microsoftonline.com/" WORLD_FOREIGN "/v2.0")
			   : TEXT("https://sts.windows.net/" WORLD_FOREIGN "/");
	return version == V2 ? TEXT(WORLD_V2_ISSUER) : TEXT(WORLD_V1_ISSUER);
}

enum entra_verdict world_judge(struct world *world, struct arena *arena,
			       const struct minted_case *minted, struct entra_principal *ret)
{
	struct tenant tenant = make_tenant(minted->setup);
	struct entra_judgement judgement = {
	    .tenant = &tenant, .channel = minted->channel, .now = WORLD_NOW};
	enum entra_verdict verdict;
	enum world_version version;

	verdict = entra_rules_read(arena, text_of(minted->token), &judgement.jwt);
	if (verdict != ENTRA_TOKEN_OK)
		return verdict;
	verdict = entra_rules_select(judgement.jwt, &tenant);
	if (verdict != ENTRA_TOKEN_OK)
		return verdict;
	version = entra_rules_is_version_2(judgement.jwt) ? V2 : V1;
	judgement.key = jwks_get(&world->sets[version], judgement.jwt->key_id);
	judgement.issuer = stored_issuer(minted->setup, version);
	judgement.cloud_instance = TEXT("microsoftonline.com");
	return entra_rules_judge(arena, &judgement, ret);
}
