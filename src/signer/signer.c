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

static void local_free(struct signer *signer)
{
	struct signer_local *local = (struct signer_local *)signer;

	signer_core_done(&local->core);
	free(local);
}

static const struct signer_ops local_ops = {.sign_leaf = local_sign, .free = local_free};

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
	local->signer.ca = &local->core.ca;
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
	return signer->ca;
}

struct text signer_ca_der(const struct signer *signer)
{
	return signer->ca->der;
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
