/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_world.h: the small world the token cases live in: one managed tenant, its published keys,
 * keys it does not publish, and the way a token takes through the rules. Part of no program.
 *
 * A case is written as what differs from a good token of its version and channel. It is minted once
 * and can then be judged any number of times, with any single check switched off.
 */
#ifndef MUSTER_ENTRA_TEST_WORLD_H
#define MUSTER_ENTRA_TEST_WORLD_H

#include "entra/rules.h"
#include "jwt/test_mint.h"

#define WORLD_TENANT    "5d1e7c0a-3b52-4e3f-9a86-6f0c2d1b7e44"
#define WORLD_FOREIGN   "c2a9e6f1-88d4-47b0-a1c5-0f3e9b7d6a21"
#define WORLD_CONSUMER  "9188040d-6c67-4c5b-b112-36a304b66dad"
#define WORLD_CLIENT    "b7f3d2c4-61aa-4b0e-8c9d-52e1f0a3d987"
#define WORLD_OTHER_APP "0d6f5c1e-97b2-4f1b-9a53-1c2b7e8d4f60"
#define WORLD_USER      "8e4b2f1d-0c6a-4d7e-b3f9-a5c1e2d07b68"
#define WORLD_DEVICE    "41f0c9b7-2d5e-4a83-96e1-7b3d8f2c0a15"
#define WORLD_URI       "https://mdm.contoso.com"
#define WORLD_API_URI   "api://" WORLD_CLIENT
#define WORLD_V1_ISSUER "https://sts.windows.net/" WORLD_TENANT "/"
#define WORLD_V2_ISSUER "https://login.microsoftonline.com/" WORLD_TENANT "/v2.0"
#define WORLD_NOW       1800000000

enum world_channel { TERMS = 1, ENROLL = 2, SESSION = 4, BOTH = 3, ALL = 7 };
enum world_version { V2, V1 };

/* What is different about the tenant or its key set; or-ed. */
enum world_setup {
	TENANT_IS_DISABLED = 1,
	TENANT_IS_V2_ONLY = 2,
	TENANT_ALLOWS_GUESTS = 4,
	ISSUER_IS_FOREIGN = 8, /* the key set was stored with another tenant's issuer */
	CLIENT_IS_UNSET = 16
};

enum world_key {
	KEY_CURRENT,      /* issuer of the tenant in full */
	KEY_TEMPLATED,    /* issuer with {tenantid} */
	KEY_PLAIN,        /* no issuer */
	KEY_CONSUMER,     /* issuer of personal accounts */
	KEY_OTHER_TENANT, /* issuer of another tenant */
	KEY_OTHER_CLOUD,  /* cloud_instance_name of another cloud */
	KEY_WEAK,         /* 1024 bits */
	KEY_LOW_EXPONENT, /* e = 3 */
	KEY_UNPUBLISHED,
	WORLD_KEYS
};

/* What is done to the finished token. */
enum world_damage {
	DAMAGE_NONE,
	DAMAGE_SIGNATURE_EMPTY,
	DAMAGE_TWO_SEGMENTS,
	DAMAGE_ONE_SEGMENT,
	DAMAGE_FOUR_SEGMENTS,
	DAMAGE_FIVE_SEGMENTS,
	DAMAGE_HEADER_PADDED,
	DAMAGE_SIGNATURE_PADDED,
	DAMAGE_PLAIN_ALPHABET,
	DAMAGE_BLANK_BEFORE,
	DAMAGE_BLANK_INSIDE,
	DAMAGE_NEWLINE_AFTER,
	DAMAGE_SIGNATURE_SHORT,
	DAMAGE_SIGNATURE_LONG,
	DAMAGE_SIGNATURE_ZERO_BEFORE,
	DAMAGE_SIGNATURE_TAIL_BITS,
	DAMAGE_SIGNATURE_REVERSED,
	DAMAGE_EMPTY
};

struct token_case {
	const char *name;
	enum world_channel channels;
	enum world_version version;
	enum entra_verdict expected;
	unsigned setup;
	enum world_key key;
	enum mint_algorithm algorithm;
	enum world_damage damage;
	struct mint_member header[5];
	struct mint_member claims[7];
};

/* A case for one channel, ready to be judged. */
struct minted_case {
	const char *name;
	enum entra_channel channel;
	enum entra_verdict expected;
	unsigned setup;
	const char *token;
};

struct world;

struct world *world_new(void);
void world_free(struct world *world);
/* Mint one case for one of its channels. The token lives as long as the world. */
void world_mint(struct world *world, const struct token_case *spec, enum entra_channel channel,
		struct minted_case *ret);
/* Everything entra_token_check does, without its loading and fetching. */
enum entra_verdict world_judge(struct world *world, struct arena *arena,
			       const struct minted_case *minted, struct entra_principal *ret);

/* The tables of cases, by the numbers of the abuse cases. */
struct case_table {
	const struct token_case *cases;
	size_t count;
};
extern const struct case_table refused_cases;
extern const struct case_table accepted_cases;

/* All cases, the written and the generated, for all their channels. In the arena. */
struct minted_case *mint_all_cases(struct world *world, struct arena *arena, size_t *ret_n);
/* The good token with each single bit flipped. */
struct minted_case *mint_bit_flips(struct world *world, struct arena *arena,
				   enum entra_channel channel, size_t *ret_n);

#endif
