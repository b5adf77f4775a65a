/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls_context.c: what TLS may be on a listener, and whom a listener trusts.
 *
 * TLS 1.2 and 1.3, ECDHE with AEAD only, X25519 and P-256 only, no renegotiation, no compression,
 * no early data, HTTP/1.1 as the only protocol. Sessions are resumed from a bounded cache in this
 * process, never from tickets: a ticket key would outlive the certificate it was checked with, and
 * costs more. Each listener has its own context and its own session id context, so a session of one
 * is never good on another, and a reload begins with an empty cache.
 *
 * A client certificate is checked in two steps. Before any signature: how many certificates came,
 * how large their keys are, and that the first is no CA. Then by OpenSSL, for the purpose of a TLS
 * client, up to one of the given trust anchors and nothing else. Whether the device is still
 * enrolled is not known here.
 *
 * Specification: RFC 9325; threats, section 1.6 and abuse cases 12 and 18.
 */
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/limits.h"
#include "http/tls.h"

enum {
	TLS_CHAIN_BYTES = 32 * 1024,
	TLS_CHAIN_CERTIFICATES = LIMIT_CLIENT_CHAIN_DEPTH + 2, /* with the leaf and the anchor */
	TLS_SECURITY_LEVEL = 2,
	TLS_SESSION_S = 20 * 60 /* a new device comes back every 3 minutes for the first 15 */
};

struct http_tls {
	SSL_CTX *context;
};

static const char *tls_reason(void)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	return reason ? reason : "not readable";
}

static bool tls_is_key_bounded(X509 *certificate)
{
	const EVP_PKEY *key = X509_get0_pubkey(certificate);

	return key && EVP_PKEY_get_bits(key) <= LIMIT_RSA_BITS_MAX;
}

/* What can be said without a signature check, and so without being made to work. */
static int tls_check_presented(X509_STORE_CTX *store)
{
	STACK_OF(X509) *presented = X509_STORE_CTX_get0_untrusted(store);
	X509 *leaf = X509_STORE_CTX_get0_cert(store);

	if (!leaf || sk_X509_num(presented) > TLS_CHAIN_CERTIFICATES)
		return X509_V_ERR_CERT_CHAIN_TOO_LONG;
	for (int i = 0; i < sk_X509_num(presented); i++)
		if (!tls_is_key_bounded(sk_X509_value(presented, i)))
			return X509_V_ERR_CERT_REJECTED;
	if (X509_check_ca(leaf) != 0)
		return X509_V_ERR_INVALID_PURPOSE;
	return X509_V_OK;
}

static int tls_verify_client(X509_STORE_CTX *store, void *unused)
{
	int verdict = tls_check_presented(store);

	if (verdict != X509_V_OK) {
		X509_STORE_CTX_set_error(store, verdict);
		return 0;
	}
	X509_STORE_CTX_set_time(store, 0, (time_t)clock_now());
	return X509_verify_cert(store) == 1;
}

/* HTTP/1.1 or nothing: a client that only speaks another protocol is told so. */
static int tls_select_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_len,
			       const unsigned char *in, unsigned in_len, void *unused)
{
	static const unsigned char ours[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
	unsigned char *chosen;

	if (SSL_select_next_proto(&chosen, out_len, ours, sizeof(ours), in, in_len) !=
	    OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

/* A key under a passphrase is refused instead of asked for on a terminal. */
static int tls_no_passphrase(char *ret, int size, int is_writing, void *unused)
{
	return -1;
}

static int tls_set_protocol(SSL_CTX *context, size_t index, struct trail *trail)
{
	unsigned char session_id_context[16];
	char groups[] = "X25519:P-256"; /* OpenSSL's macro takes away const */

	memset(session_id_context, 0, sizeof(session_id_context));
	snprintf((char *)session_id_context, sizeof(session_id_context), "muster-%zu", index);
	SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
					 SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE |
					 SSL_OP_IGNORE_UNEXPECTED_EOF);
	SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_NO_AUTO_CHAIN |
				      SSL_MODE_ENABLE_PARTIAL_WRITE |
				      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_security_level(context, TLS_SECURITY_LEVEL);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_SERVER);
	SSL_CTX_sess_set_cache_size(context, LIMIT_HTTP_SESSION_CACHE);
	SSL_CTX_set_timeout(context, TLS_SESSION_S);
	SSL_CTX_set_max_cert_list(context, TLS_CHAIN_BYTES);
	SSL_CTX_set_alpn_select_cb(context, tls_select_protocol, NULL);
	SSL_CTX_set_default_passwd_cb(context, tls_no_passphrase);
	if (!SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) ||
	    !SSL_CTX_set_max_early_data(context, 0) || !SSL_CTX_set_num_tickets(context, 1) ||
	    !SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") ||
	    !SSL_CTX_set1_groups_list(context, groups) ||
	    !SSL_CTX_set_session_id_context(context, session_id_context,
					    sizeof(session_id_context)))
		return ERR_FAIL(trail, ERR_CRYPTO, "TLS: %s", tls_reason());
	return 0;
}

static int tls_set_identity(SSL_CTX *context, const struct http_listener *listener,
			    struct trail *trail)
{
	if (access(listener->certificate_file, R_OK) != 0)
		return ERR_FAIL(trail, ERR_CONFIG,
				"cannot read the TLS certificate %s: %s; correct tls_certificate",
				listener->certificate_file, strerror(errno));
	if (access(listener->key_file, R_OK) != 0)
		return ERR_FAIL(trail, ERR_CONFIG,
				"cannot read the TLS key %s: %s; correct tls_key",
				listener->key_file, strerror(errno));
	if (SSL_CTX_use_certificate_chain_file(context, listener->certificate_file) != 1)
		return ERR_FAIL(trail, ERR_CONFIG, "the TLS certificate %s cannot be used: %s",
				listener->certificate_file, tls_reason());
	if (SSL_CTX_use_PrivateKey_file(context, listener->key_file, SSL_FILETYPE_PEM) != 1)
		return ERR_FAIL(trail, ERR_CONFIG, "the TLS key %s cannot be used: %s",
				listener->key_file, tls_reason());
	if (SSL_CTX_check_private_key(context) != 1)
		return ERR_FAIL(trail, ERR_CONFIG, "the TLS key %s does not belong to %s",
				listener->key_file, listener->certificate_file);
	return 0;
}

static int tls_name_compare(const X509_NAME *const *a, const X509_NAME *const *b)
{
	return X509_NAME_cmp(*a, *b);
}

static int tls_trust(X509_STORE *store, STACK_OF(X509_NAME) * names, const char *file,
		     struct trail *trail)
{
	if (SSL_add_file_cert_subjects_to_stack(names, file) == 1 &&
	    X509_STORE_load_file(store, file) == 1)
		return 0;
	return ERR_FAIL(trail, ERR_CONFIG, "the client CA %s cannot be used: %s", file,
			tls_reason());
}

static int tls_set_client_auth(SSL_CTX *context, const struct http_listener *listener,
			       struct trail *trail)
{
	STACK_OF(X509_NAME) *names = sk_X509_NAME_new(tls_name_compare);
	X509_STORE *store = X509_STORE_new();
	int r = 0;

	if (!names || !store)
		r = ERR_FAIL(trail, ERR_CRYPTO, "TLS: %s", tls_reason());
	if (r == 0)
		r = tls_trust(store, names, listener->client_ca_file, trail);
	for (size_t i = 0; r == 0 && i < listener->client_ca_more_count; i++)
		r = tls_trust(store, names, listener->client_ca_more[i], trail);
	if (r < 0) {
		sk_X509_NAME_pop_free(names, X509_NAME_free);
		X509_STORE_free(store);
		return ERR_TRACE(trail, r);
	}
	/* What is in the files is trusted as it stands, be it a root or not; nothing above it. So a
	 * leaf below an intermediate costs one check of a signature, whatever the device sends. */
	X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
	SSL_CTX_set_cert_store(context, store);
	SSL_CTX_set_client_CA_list(context, names);
	SSL_CTX_set_purpose(context, X509_PURPOSE_SSL_CLIENT);
	SSL_CTX_set_verify_depth(context, LIMIT_CLIENT_CHAIN_DEPTH);
	SSL_CTX_set_cert_verify_callback(context, tls_verify_client, NULL);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	return 0;
}

static int tls_configure(SSL_CTX *context, const struct http_listener *listener, size_t index,
			 struct trail *trail)
{
	int r = tls_set_protocol(context, index, trail);

	if (r < 0)
		return ERR_TRACE(trail, r);
	r = tls_set_identity(context, listener, trail);
	if (r < 0)
		return ERR_TRACE(trail, r);
	if (listener->client_auth == HTTP_CLIENT_NONE)
		return 0;
	r = tls_set_client_auth(context, listener, trail);
	return r < 0 ? ERR_TRACE(trail, r) : 0;
}

int http_tls_new(struct http_tls **ret, const struct http_listener *listener, size_t index,
		 struct trail *trail)
{
	struct http_tls *tls;
	SSL_CTX *context;
	int r;

	ERR_clear_error();
	context = SSL_CTX_new(TLS_server_method());
	if (!context)
		return ERR_FAIL(trail, ERR_CRYPTO, "TLS: %s", tls_reason());
	r = tls_configure(context, listener, index, trail);
	if (r < 0) {
		SSL_CTX_free(context);
		return ERR_TRACE(trail, r);
	}
	tls = heap_alloc(sizeof(*tls));
	tls->context = context;
	*ret = tls;
	return 0;
}

void http_tls_release(struct http_tls *tls)
{
	if (!tls)
		return;
	SSL_CTX_free(tls->context);
	free(tls);
}

struct ssl_ctx_st *http_tls_context(const struct http_tls *tls)
{
	return tls->context;
}

/* OpenSSL calls this only when the server asked. */
static int certificate_wanted(SSL *ssl, X509 **certificate UNUSED, EVP_PKEY **key UNUSED)
{
	bool *is_wanted = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));

	*is_wanted = true;
	return 0;
}

void http_tls_note_request(struct ssl_ctx_st *context, bool *ret)
{
	SSL_CTX_set_app_data(context, ret);
	SSL_CTX_set_client_cert_cb(context, certificate_wanted);
}
