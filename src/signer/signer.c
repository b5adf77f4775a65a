/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signer.c: the interface of signer.h over its two implementations, and the in-process one.
 */
#include "signer/signer.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/rand.h"
#include "signer/core.h"
#include "signer/ops.h"

struct signer_local {
	struct signer signer;
	struct signer_core core;
	struct signer_issuers issuers;
};

static int local_sign(struct signer *signer, struct arena *arena,
		      const struct x509_leaf_request *request, struct text *ret_der,
		      struct trail *trail)
{
	struct signer_local *local = (struct signer_local *)signer;
	int r = signer_core_sign(&local->core, arena, request, clock_now(), ret_der,
				 &signer->refusal, trail);

	if (r == SIGNER_CORE_E_REFUSED)
		return SIGNER_E_REFUSED;
	return r < 0 ? ERR_TRACE(trail, r) : 0;
}

static int local_sign_crl(struct signer *signer, struct arena *arena, size_t issuer,
			  const struct x509_crl_request *request, struct text *ret_der,
			  struct trail *trail)
{
	struct signer_local *local = (struct signer_local *)signer;
	struct text signature;
	int r = signer_core_sign_crl(&local->core, arena, request, clock_now(), &signature,
				     &signer->crl_refusal, trail);

	if (r == SIGNER_CORE_E_REFUSED)
		return SIGNER_E_REFUSED;
	if (r < 0)
		return ERR_TRACE(trail, r);
	*ret_der = x509_leaf_assemble(arena, x509_crl_tbs(arena, request, &local->core.ca),
				      &local->core.ca, signature);
	return 0;
}

static void local_free(struct signer *signer)
{
	struct signer_local *local = (struct signer_local *)signer;

	signer_core_done(&local->core);
	free(local);
}

static const struct signer_ops local_ops = {
    .sign_leaf = local_sign,
    .sign_crl = local_sign_crl,
    .free = local_free,
};

int signer_new_local(struct signer **ret, struct text certificate_pem, struct text key_pem,
		     struct trail *trail)
{
	struct signer_local *local = heap_alloc(sizeof(*local));
	int r = signer_core_init(&local->core, certificate_pem, key_pem, trail);

	if (r < 0) {
		free(local);
		return ERR_TRACE(trail, r);
	}
	local->signer.ops = &local_ops;
	local->issuers.cas[0] = local->core.ca;
	local->issuers.has_key[0] = true;
	local->issuers.count = 1;
	local->signer.issuers = &local->issuers;
	*ret = &local->signer;
	return 0;
}

void signer_free(struct signer *signer)
{
	if (signer != NULL)
		signer->ops->free(signer);
}

const struct x509_cert *signer_ca(const struct signer *signer)
{
	return &signer->issuers->cas[0];
}

struct text signer_ca_der(const struct signer *signer)
{
	return signer->issuers->cas[0].der;
}

const struct x509_cert *signer_root(const struct signer *signer)
{
	return signer->issuers->has_root ? &signer->issuers->root : NULL;
}

size_t signer_issuer_count(const struct signer *signer)
{
	return signer->issuers->count;
}

const struct x509_cert *signer_issuer(const struct signer *signer, size_t i)
{
	return &signer->issuers->cas[i];
}

bool signer_is_failing(const struct signer *signer)
{
	return signer->is_failing != NULL && atomic_load(signer->is_failing);
}

bool signer_issuer_has_key(const struct signer *signer, size_t i)
{
	return signer->issuers->has_key[i];
}

const char *signer_seal_text(enum signer_seal seal)
{
	switch (seal) {
	case SIGNER_SEALED:
		return "the signing process is shut off";
	case SIGNER_TOKEN:
		return "a CA key is on a token: its library keeps access to files and sockets; "
		       "programs cannot be started";
	case SIGNER_UNFILTERED:
		break;
	}
	return "this system has no seccomp filters: the signing process is not shut off from files "
	       "and network";
}

enum x509_leaf_verdict signer_refusal(const struct signer *signer)
{
	return signer->refusal;
}

void signer_serial_make(uint8_t ret[X509_SERIAL_LEN])
{
	rand_bytes(ret, X509_SERIAL_LEN);
	x509_serial_shape(ret);
}

int signer_sign_leaf(struct signer *signer, struct arena *arena,
		     const struct x509_leaf_request *request, struct text *ret_der,
		     struct trail *trail)
{
	signer->refusal = X509_LEAF_OK;
	return signer->ops->sign_leaf(signer, arena, request, ret_der, trail);
}

enum x509_crl_verdict signer_crl_refusal(const struct signer *signer)
{
	return signer->crl_refusal;
}

int signer_sign_crl(struct signer *signer, struct arena *arena, size_t issuer,
		    const struct x509_crl_request *request, struct text *ret_der,
		    struct trail *trail)
{
	signer->crl_refusal = X509_CRL_OK;
	return signer->ops->sign_crl(signer, arena, issuer, request, ret_der, trail);
}
