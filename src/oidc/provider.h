/* SPDX-License-Identifier: Apache-2.0 */
/*
 * provider.h: what an identity provider publishes (its metadata and its signing keys), cached for
 * each tenant and shared by all threads, and the one call that exchanges a code for an ID token.
 *
 * Only https is spoken, no redirect is followed, answers are bounded in size and time, and unless
 * the configuration allows custom clouds only addresses of the public internet are connected to. A
 * provider that is slow holds up one worker, not all: fetches run one at a time, exchanges a few at
 * a time, and whoever would have to wait longer than a moment is told to try again. OpenID Connect
 * Discovery 4; abuse case 23.
 */
#ifndef MUSTER_OIDC_PROVIDER_H
#define MUSTER_OIDC_PROVIDER_H

#include "jwt/jwks.h"
#include "model/identity_provider.h"
#include "model/op.h"
#include "model/tenant.h"

/* workers: how many there are, so that some are always left for others. */
struct oidc_providers *oidc_providers_new(size_t workers);
void oidc_providers_free(struct oidc_providers *providers);

struct oidc_metadata {
	const char *authorization_endpoint;
	const char *token_endpoint;
	const char *jwks_uri;
	bool takes_secret_in_body; /* client_secret_post */
};

enum oidc_provider_outcome {
	OIDC_PROVIDER_E_UNAVAILABLE = 1, /* no usable answer, or too many are waiting; why is in the
					    trail */
	/* The exchange: the provider said no to ... */
	OIDC_PROVIDER_E_CLIENT, /* ... client id or secret */
	OIDC_PROVIDER_E_CODE,   /* ... the code */
	OIDC_PROVIDER_E_REFUSED /* ... something else, or gave no ID token */
};

/* Whether the provider is Entra's own issuer of this tenant: then users have object ids. */
bool oidc_provider_is_entra(const struct op *op, const struct tenant *tenant,
			    const struct identity_provider *provider);

/* May be looked at while metadata is read and where an administrator types one: https://host, an
 * optional port and path, nothing else. */
bool oidc_issuer_is_ok(struct text issuer);

MUST_CHECK int oidc_metadata_get(struct op *op, const struct tenant *tenant,
				 const struct identity_provider *provider,
				 struct oidc_metadata *ret);
/* The provider's keys, and in *ret_key that of the id, NULL when it has none. A key that is not
 * there may cause one fetch in LIMIT_KEYS_FORCED_REFRESH_S. On 0 end with jwks_done. */
MUST_CHECK int oidc_key_get(struct op *op, const struct tenant *tenant,
			    const struct identity_provider *provider, struct text key_id,
			    struct jwks *ret, const struct jwk **ret_key);

/* Metadata as it was read from a document that states this issuer. Pure, for tests and fuzzing.
 * OIDC_PROVIDER_E_UNAVAILABLE with the reason in the trail. */
MUST_CHECK int oidc_metadata_read(struct arena *arena, const char *issuer, struct text document,
				  struct oidc_metadata *ret, struct trail *trail);

struct oidc_exchange {
	const char *code;
	const char *redirect_uri;
	const char *verifier; /* PKCE */
};
/* *ret: the ID token, unchecked, in the arena. *ret_said: the provider's own error, see
 * oidc_said; "" where it gave none. */
MUST_CHECK int oidc_code_exchange(struct op *op, const struct tenant *tenant,
				  const struct identity_provider *provider,
				  const struct oidc_exchange *exchange, struct text *ret,
				  const char **ret_said);

/* Foreign words, made short and printable: "invalid_client: AADSTS7000215: ...". */
const char *oidc_said(struct arena *arena, struct text error, struct text description);

/* Fetch both documents anew, whatever is cached, and keep them. For the check of settings.
 * *ret_step names what went wrong: "metadata" or "signing keys". */
MUST_CHECK int oidc_provider_probe(struct op *op, const struct tenant *tenant,
				   const struct identity_provider *provider, const char **ret_step);

/* Whether the provider takes this server's client id and secret: it is asked for the token of a
 * code that nobody has, and looks at who asks first. 0, or oidc_provider_outcome;
 * OIDC_PROVIDER_E_REFUSED: its answer does not tell. Why is in the trail. */
MUST_CHECK int oidc_client_probe(struct op *op, const struct tenant *tenant,
				 const struct identity_provider *provider,
				 const char *redirect_uri);

/* Where the client secret is sealed for. */
char *oidc_secret_place(struct arena *arena, const char *tenant_id);

#endif
