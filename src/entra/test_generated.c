/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_generated.c: cases made by rule. Each claim a decision rests on is taken away and given
 * every wrong kind of value, in both versions; every bit of a good token is flipped. Together with
 * the written tables this is the list all tests of the rules run through.
 */
#include "entra/test_world.h"

enum { GENERATED_MAX = 512 };

struct wrong_value {
	const char *what;
	const char *raw; /* NULL: the claim is left out */
};

static const struct wrong_value wrong_texts[] = {
    {"missing", NULL}, {"null", "null"}, {"true", "true"},  {"number", "17"},
    {"array", "[]"},   {"object", "{}"}, {"empty", "\"\""}, {"other", "\"x\""},
};

static const struct wrong_value wrong_numbers[] = {
    {"missing", NULL}, {"null", "null"}, {"true", "true"},    {"text", "\"1800000000\""},
    {"array", "[]"},   {"object", "{}"}, {"fraction", "1.5"}, {"empty", "\"\""},
};

/* Left out, these are no fault. */
static const struct wrong_value wrong_optionals[] = {
    {"null", "null"}, {"true", "true"},  {"number", "17"},   {"array", "[\"user\"]"},
    {"object", "{}"}, {"empty", "\"\""}, {"other", "\"x\""},
};

#define VALUES(a) a, ARRAY_LEN(a)

static const struct {
	const char *claim;
	enum entra_verdict expected;
	const struct wrong_value *values;
	size_t value_count;
	const char *number; /* of the abuse case */
} claim_rows[] = {
    {"tid", ENTRA_TOKEN_TENANT_MALFORMED, VALUES(wrong_texts), "7"},
    {"ver", ENTRA_TOKEN_VERSION, VALUES(wrong_texts), "4"},
    {"iss", ENTRA_TOKEN_ISSUER, VALUES(wrong_texts), "1"},
    {"aud", ENTRA_TOKEN_AUDIENCE, VALUES(wrong_texts), "4"},
    {"exp", ENTRA_TOKEN_TIMES, VALUES(wrong_numbers), "5"},
    {"nbf", ENTRA_TOKEN_TIMES, VALUES(wrong_numbers), "5"},
    {"iat", ENTRA_TOKEN_TIMES, VALUES(wrong_numbers), "5"},
    {"scp", ENTRA_TOKEN_SCOPE, VALUES(wrong_texts), "7"},
    {"oid", ENTRA_TOKEN_OBJECT_ID, VALUES(wrong_texts), "7"},
    {"deviceid", ENTRA_TOKEN_DEVICE_ID_MALFORMED, VALUES(wrong_optionals), "7"},
    {"idtyp", ENTRA_TOKEN_CLASS, VALUES(wrong_optionals), "4"},
};

static const struct {
	enum world_channel bit;
	enum entra_channel channel;
} channels[] = {{TERMS, ENTRA_TERMS}, {ENROLL, ENTRA_ENROLL}, {SESSION, ENTRA_SESSION}};

static size_t generate_claims(struct arena *arena, enum world_version version,
			      struct token_case *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(claim_rows); i++)
		for (size_t k = 0; k < claim_rows[i].value_count; k++) {
			const struct wrong_value *value = &claim_rows[i].values[k];

			ret[n++] = (struct token_case){
			    .name = arena_printf(arena, "case%s_%s_%s_%s", claim_rows[i].number,
						 claim_rows[i].claim, value->what,
						 version == V2 ? "v2" : "v1"),
			    .channels = ALL,
			    .version = version,
			    .expected = claim_rows[i].expected,
			    .claims = {{claim_rows[i].claim, value->raw}},
			};
		}
	return n;
}

static size_t mint_table(struct world *world, struct case_table table, struct minted_case *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < table.count; i++)
		for (size_t k = 0; k < ARRAY_LEN(channels); k++)
			if (table.cases[i].channels & channels[k].bit)
				world_mint(world, &table.cases[i], channels[k].channel, &ret[n++]);
	return n;
}

struct minted_case *mint_all_cases(struct world *world, struct arena *arena, size_t *ret_n)
{
	struct token_case *generated = ARENA_ARRAY(arena, GENERATED_MAX, struct token_case);
	size_t made = generate_claims(arena, V2, generated);
	struct minted_case *all;
	size_t n = 0;

	made += generate_claims(arena, V1, generated + made);
	all = ARENA_ARRAY(arena,
			  (refused_cases.count + accepted_cases.count + made) * ARRAY_LEN(channels),
			  struct minted_case);
	n += mint_table(world, refused_cases, all + n);
	n += mint_table(world, (struct case_table){generated, made}, all + n);
	n += mint_table(world, accepted_cases, all + n);
	*ret_n = n;
	return all;
}

struct minted_case *mint_bit_flips(struct world *world, struct arena *arena,
				   enum entra_channel channel, size_t *ret_n)
{
	static const struct token_case good = {"case6_bit_flip", ALL, V2, ENTRA_TOKEN_SIGNATURE};
	struct minted_case base, *all;
	size_t bits;

	world_mint(world, &good, channel, &base);
	bits = strlen(base.token) * 8;
	all = ARENA_ARRAY(arena, bits, struct minted_case);
	for (size_t i = 0; i < bits; i++) {
		char *copy = arena_string(arena, base.token);

		copy[i / 8] ^= (char)(1 << i % 8);
		all[i] = base;
		all[i].token = copy;
	}
	*ret_n = bits;
	return all;
}
