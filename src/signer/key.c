/* SPDX-License-Identifier: Apache-2.0 */
/*
 * key.c: load a private key. The PEM text of a file lives in a struct secret and is wiped; what
 * OpenSSL makes of it stays in OpenSSL's memory until the key is freed.
 */
#define OPENSSL_SUPPRESS_DEPRECATED /* engines: the only way to a token on Debian 12 */
#include "signer/key.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/store.h>
#include <openssl/ui.h>
#ifndef OPENSSL_NO_ENGINE
#include <openssl/engine.h>
#endif

#include "base/secret.h"

/* Every prompt is answered with a refusal: there is nobody at the terminal of a server. */
static int no_password(char *buf, int size, int writing, void *arg)
{
	return -1;
}

bool signer_key_is_uri(const char *key)
{
	return text_starts_nocase(text_of(key), TEXT("pkcs11:"));
}

static int passphrase_give(char *buf, int size, int writing, void *arg)
{
	const struct text *passphrase = arg;

	if (passphrase->len == 0 || passphrase->len > (size_t)size)
		return -1;
	memcpy(buf, passphrase->ptr, passphrase->len);
	return (int)passphrase->len;
}

static int key_read(EVP_PKEY **ret, struct text pem, struct text passphrase, struct trail *trail)
{
	BIO *bio = pem.len <= SIGNER_KEY_FILE_MAX ? BIO_new_mem_buf(pem.ptr, (int)pem.len) : NULL;
	EVP_PKEY *key =
	    bio ? PEM_read_bio_PrivateKey(bio, NULL, passphrase_give, &passphrase) : NULL;

	BIO_free(bio);
	ERR_clear_error();
	if (key == NULL && passphrase.len > 0)
		return ERR_FAIL(trail, ERR_CONFIG,
				"not a private key in PEM, or not one with this passphrase");
	if (key == NULL)
		return ERR_FAIL(trail, ERR_CONFIG, "not an unencrypted private key in PEM");
	*ret = key;
	return 0;
}

int signer_key_read(EVP_PKEY **ret, struct text pem, struct trail *trail)
{
	return key_read(ret, pem, TEXT_EMPTY, trail);
}

static EVP_PKEY *key_from_store(const char *uri, UI_METHOD *ui)
{
	OSSL_STORE_CTX *ctx = OSSL_STORE_open(uri, ui, NULL, NULL, NULL);
	EVP_PKEY *key = NULL;

	if (ctx == NULL)
		return NULL;
	if (OSSL_STORE_expect(ctx, OSSL_STORE_INFO_PKEY) == 1) {
		while (key == NULL && !OSSL_STORE_eof(ctx)) {
			OSSL_STORE_INFO *info = OSSL_STORE_load(ctx);

			if (info == NULL)
				break;
			key = OSSL_STORE_INFO_get1_PKEY(info);
			OSSL_STORE_INFO_free(info);
		}
	}
	OSSL_STORE_close(ctx);
	return key;
}

/* The engine stays loaded: the key needs it for as long as it lives. */
static EVP_PKEY *key_from_engine(const char *uri, UI_METHOD *ui)
{
#ifndef OPENSSL_NO_ENGINE
	ENGINE *engine;
	EVP_PKEY *key = NULL;

	ENGINE_load_builtin_engines();
	engine = ENGINE_by_id("pkcs11");
	if (engine == NULL)
		return NULL;
	if (ENGINE_init(engine) == 1) {
		key = ENGINE_load_private_key(engine, uri, ui, NULL);
		if (key == NULL)
			ENGINE_finish(engine);
	}
	ENGINE_free(engine);
	return key;
#else
	return NULL;
#endif
}

static int key_from_token(EVP_PKEY **ret, const char *uri, struct trail *trail)
{
	UI_METHOD *ui = UI_UTIL_wrap_read_pem_callback(no_password, 0);
	EVP_PKEY *key = ui ? key_from_store(uri, ui) : NULL;

	if (key == NULL && ui != NULL)
		key = key_from_engine(uri, ui);
	UI_destroy_method(ui);
	if (key == NULL) {
		const char *why = ERR_reason_error_string(ERR_peek_last_error());
		int r = ERR_FAIL(trail, ERR_CONFIG, "no private key behind the pkcs11: URI (%s)",
				 why ? why : "no reason given");

		ERR_clear_error();
		return r;
	}
	ERR_clear_error();
	*ret = key;
	return 0;
}

int signer_key_load(EVP_PKEY **ret, const char *key, struct trail *trail)
{
	return signer_key_load_with(ret, key, TEXT_EMPTY, trail);
}

int signer_key_load_with(EVP_PKEY **ret, const char *key, struct text passphrase,
			 struct trail *trail)
{
	struct secret pem;
	int r;

	if (signer_key_is_uri(key))
		return key_from_token(ret, key, trail);
	secret_init(&pem);
	r = secret_read_file(&pem, key, SIGNER_KEY_FILE_MAX, trail);
	if (r < 0)
		return ERR_TRACE(trail, r);
	r = key_read(ret, secret_text(&pem), passphrase, trail);
	secret_done(&pem);
	return r < 0 ? ERR_FAIL(trail, r, "%s", key) : 0;
}
