/* SPDX-License-Identifier: Apache-2.0 */
/*
 * set.c: see set.h. Keys of earlier CAs find their certificate by the public key, so that nobody
 * has to keep two lists in one order; each pair is believed after a trial signature.
 */
#include "signer/set.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/hex.h"
#include "signer/key.h"

bool signer_setup_has_token(const struct signer_setup *setup)
{
	bool has_token = signer_key_is_uri(setup->key);

	for (size_t i = 0; i < setup->previous_key_count; i++)
		has_token |= signer_key_is_uri(setup->previous_keys[i]);
	return has_token;
}

/* Where the CRL of this CA is: part of the profile of what it issues. */
static void crl_url_set(struct signer_core *core, const char *base)
{
	const char *id;

	if (!base[0])
		return;
	id = hex_write(&core->arena, core->ca.subject_key_id);
	core->ca.crl_url = text_of(arena_printf(&core->arena, "%s/%s.crl", base, id));
}

static struct signer_core *core_of_key(struct signer_set *set, EVP_PKEY *key)
{
	struct signer_core *found = NULL;
	unsigned char *der = NULL;
	int len = i2d_PUBKEY(key, &der);

	for (size_t i = 1; i < set->count && len > 0; i++)
		if (text_eq(set->cores[i].ca.spki_der, text_make(der, (size_t)len)))
			found = &set->cores[i];
	OPENSSL_free(der);
	return found;
}

static int previous_key_load(struct signer_set *set, const char *path, struct trail *trail)
{
	struct signer_core *core;
	EVP_PKEY *key;
	int r = signer_key_load(&key, path, trail);

	if (r < 0)
		return ERR_TRACE(trail, r);
	core = core_of_key(set, key);
	if (core == NULL || core->key != NULL)
		r = ERR_FAIL(trail, ERR_CONFIG,
			     "the key %s belongs to no certificate in previous of section [ca]",
			     path);
	else
		r = signer_core_adopt(core, key, trail);
	if (r < 0)
		EVP_PKEY_free(key);
	return r;
}

static int previous_load(struct signer_set *set, const struct signer_setup *setup,
			 struct trail *trail)
{
	if (setup->previous_count > SIGNER_ISSUERS_MAX - 1)
		return ERR_FAIL(trail, ERR_CONFIG, "more than %d previous CAs",
				SIGNER_ISSUERS_MAX - 1);
	for (size_t i = 0; i < setup->previous_count; i++) {
		struct signer_core *core = &set->cores[set->count];
		int r = signer_core_load_certificate(core, setup->previous[i], trail);

		if (r < 0)
			return ERR_TRACE(trail, r);
		set->count++;
		for (size_t k = 0; k + 1 < set->count; k++)
			if (text_eq(set->cores[k].ca.subject_key_id, core->ca.subject_key_id))
				return ERR_FAIL(trail, ERR_CONFIG,
						"%s has the key of another CA in section [ca]",
						setup->previous[i]);
	}
	for (size_t i = 0; i < setup->previous_key_count; i++) {
		int r = previous_key_load(set, setup->previous_keys[i], trail);

		if (r < 0)
			return ERR_TRACE(trail, r);
	}
	return 0;
}

/* The root's key belongs nowhere near a network, and the root itself would pass for issued by the
 * root. */
static int below_root_check(const struct signer_set *set, const char *path, struct trail *trail)
{
	const struct x509_cert *ca = &set->cores[0].ca, *root = &set->root.ca;

	if (text_eq(ca->spki_der, root->spki_der) || x509_cert_is_signed_by(ca, ca))
		return ERR_FAIL(
		    trail, ERR_CONFIG,
		    "the CA certificate is one of a root; make a device CA below it: musterd ca "
		    "new-intermediate, or ca request and ca sign");
	if (!x509_cert_is_signed_by(ca, root))
		return ERR_FAIL(trail, ERR_CONFIG,
				"the CA certificate was not issued by the root %s; correct root in "
				"section [ca]",
				path);
	return 0;
}

static int root_load(struct signer_set *set, const char *path, struct trail *trail)
{
	int r;

	if (!path[0])
		return 0;
	r = signer_core_load_certificate(&set->root, path, trail);
	if (r < 0)
		return ERR_TRACE(trail, r);
	set->has_root = true;
	return below_root_check(set, path, trail);
}

int signer_set_load(struct signer_set *ret, const struct signer_setup *setup, struct trail *trail)
{
	struct signer_set set = {0};
	int r = signer_core_load(&set.cores[0], setup->certificate, setup->key, trail);

	if (r < 0)
		return ERR_TRACE(trail, r);
	set.count = 1;
	r = root_load(&set, setup->root, trail);
	if (r == 0)
		r = previous_load(&set, setup, trail);
	if (r < 0) {
		signer_set_done(&set);
		return ERR_TRACE(trail, r);
	}
	for (size_t i = 0; i < set.count; i++)
		crl_url_set(&set.cores[i], setup->crl_url);
	*ret = set;
	return 0;
}

void signer_set_done(struct signer_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		signer_core_done(&set->cores[i]);
	if (set->has_root)
		signer_core_done(&set->root);
	*set = (struct signer_set){0};
}
