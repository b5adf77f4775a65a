/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_id_token.c: any bytes as the metadata of a provider and as an ID token. Usable metadata has
 * https addresses only; without a key no token is ever accepted, whatever it says.
 */
#include <stdlib.h>

#include "oidc/provider.h"
#include "oidc/rules.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void metadata_try(struct arena *arena, struct text in)
{
	struct oidc_metadata metadata;
	struct trail trail;

	trail_reset(&trail);
	if (oidc_metadata_read(arena, "https://i.test", in, &metadata, &trail))
		return;
	if (!text_starts(text_of(metadata.authorization_endpoint), TEXT("https://")) ||
	    !text_starts(text_of(metadata.token_endpoint), TEXT("https://")) ||
	    !text_starts(text_of(metadata.jwks_uri), TEXT("https://")))
		abort();
}

static void token_try(struct arena *arena, struct text in)
{
	static const struct tenant tenant = {.tenant_id = "11111111-1111-4111-8111-111111111111"};
	static const struct identity_provider provider = {
	    .issuer = "https://i.test",
	    .client_id = "muster",
	    .user_claim = "",
	    .required_claim = "",
	};
	struct oidc_judgement judgement = {
	    .tenant = &tenant,
	    .provider = &provider,
	    .nonce = TEXT("n"),
	    .now = 1700000000,
	};
	struct oidc_user user;

	if (oidc_rules_read(arena, in, &judgement.jwt) != OIDC_TOKEN_OK)
		return;
	if (oidc_rules_judge(arena, &judgement, &user) == OIDC_TOKEN_OK || user.user_key[0])
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena;

	arena_init(&arena);
	metadata_try(&arena, text_make(data, size));
	token_try(&arena, text_make(data, size));
	arena_done(&arena);
	return 0;
}
