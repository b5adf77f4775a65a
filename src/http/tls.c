/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tls.c: TLS of one connection, over the socket that io.c reads and writes.
 *
 * OpenSSL does not see the socket but a BIO of ours that calls io.c, so that the read budget, the
 * edge-triggered readiness and MSG_NOSIGNAL hold for TLS as they do without. Nothing is read ahead:
 * what OpenSSL has taken from the socket it has also decrypted, or it waits for the rest.
 *
 * A resumed session carries the certificate of the handshake that made it. Its period of validity
 * is looked at again, because the session can outlive it.
 *
 * After a failure nothing more is sent than the alert OpenSSL has already sent.
 */
#include "http/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <pthread.h>

#include "base/clock.h"
#include "base/fatal.h"

static BIO_METHOD *tls_bio_method;
static pthread_once_t tls_once = PTHREAD_ONCE_INIT;

static int tls_bio_read(BIO *bio, char *ret, int len)
{
	ssize_t n = http_io_read_raw(BIO_get_data(bio), ret, (size_t)len);

	BIO_clear_retry_flags(bio);
	if (n == HTTP_IO_WAIT)
		BIO_set_retry_read(bio);
	return n < 0 ? -1 : (int)n;
}

static int tls_bio_write(BIO *bio, const char *data, int len)
{
	ssize_t n = http_io_write_raw(BIO_get_data(bio), data, (size_t)len);

	BIO_clear_retry_flags(bio);
	if (n == HTTP_IO_WAIT)
		BIO_set_retry_write(bio);
	return n < 0 ? -1 : (int)n;
}

static long tls_bio_ctrl(BIO *bio, int command, long number, void *ptr)
{
	const struct http_io *io = BIO_get_data(bio);

	if (command == BIO_CTRL_FLUSH)
		return 1;
	return command == BIO_CTRL_EOF && io->is_eof;
}

static void tls_start(void)
{
	BIO_METHOD *method =
	    BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "muster socket");

	if (!method || !BIO_meth_set_read(method, tls_bio_read) ||
	    !BIO_meth_set_write(method, tls_bio_write) || !BIO_meth_set_ctrl(method, tls_bio_ctrl))
		fatal_exit("OpenSSL cannot be set up");
	tls_bio_method = method;
}

bool http_tls_accept(struct http_tls *tls, struct http_io *io)
{
	SSL *ssl;
	BIO *bio;

	pthread_once(&tls_once, tls_start);
	ERR_clear_error();
	ssl = SSL_new(http_tls_context(tls));
	bio = ssl ? BIO_new(tls_bio_method) : NULL;
	if (!bio) {
		SSL_free(ssl);
		return false;
	}
	BIO_set_data(bio, io);
	BIO_set_init(bio, 1);
	SSL_set_bio(ssl, bio, bio);
	SSL_set_accept_state(ssl);
	io->ssl = ssl;
	return true;
}

static const struct {
	int reason;
	enum http_tls_verdict verdict;
} tls_verdicts[] = {
    {SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE, HTTP_TLS_NO_CERTIFICATE},
    {SSL_R_CERTIFICATE_VERIFY_FAILED, HTTP_TLS_BAD_CERTIFICATE},
    {SSL_R_UNSUPPORTED_PROTOCOL, HTTP_TLS_NO_COMMON_GROUND},
    {SSL_R_NO_SHARED_CIPHER, HTTP_TLS_NO_COMMON_GROUND},
    {SSL_R_NO_SUITABLE_KEY_SHARE, HTTP_TLS_NO_COMMON_GROUND},
    {SSL_R_NO_SUITABLE_GROUPS, HTTP_TLS_NO_COMMON_GROUND},
    {SSL_R_NO_APPLICATION_PROTOCOL, HTTP_TLS_NO_COMMON_GROUND},
};

static enum http_tls_verdict tls_failure(const struct http_io *io)
{
	int reason = ERR_GET_REASON(ERR_peek_last_error());

	for (size_t i = 0; i < ARRAY_LEN(tls_verdicts); i++)
		if (reason == tls_verdicts[i].reason)
			return tls_verdicts[i].verdict;
	return io->is_eof || io->is_failed ? HTTP_TLS_CLOSED : HTTP_TLS_FAILED;
}

static bool tls_is_valid_now(const X509 *certificate)
{
	time_t now = (time_t)clock_now();

	return X509_cmp_time(X509_get0_notBefore(certificate), &now) < 0 &&
	       X509_cmp_time(X509_get0_notAfter(certificate), &now) > 0;
}

/* Fails closed: where a certificate is required it is there, verified, valid and digested. */
static bool tls_read_peer(SSL *ssl, struct http_tls_session *session)
{
	const X509 *certificate = SSL_get0_peer_certificate(ssl);
	unsigned len = 0;

	if (!(SSL_get_verify_mode(ssl) & SSL_VERIFY_FAIL_IF_NO_PEER_CERT))
		return true;
	if (!certificate || SSL_get_verify_result(ssl) != X509_V_OK ||
	    !tls_is_valid_now(certificate))
		return false;
	if (X509_digest(certificate, EVP_sha256(), session->certificate_sha256, &len) != 1 ||
	    len != SHA256_LEN)
		return false;
	session->is_verified = true;
	return true;
}

enum http_tls_verdict http_tls_handshake(struct http_io *io, struct http_tls_session *ret)
{
	struct http_tls_session session = {.is_verified = false};
	int r, error;

	ERR_clear_error();
	r = SSL_do_handshake(io->ssl);
	if (r != 1) {
		error = SSL_get_error(io->ssl, r);
		if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
			return HTTP_TLS_WAIT;
		enum http_tls_verdict verdict = tls_failure(io);

		io->is_failed = true;
		return verdict;
	}
	if (!tls_read_peer(io->ssl, &session)) {
		io->is_failed = true;
		return HTTP_TLS_BAD_CERTIFICATE;
	}
	session.is_resumed = SSL_session_reused(io->ssl) == 1;
	session.server_name = SSL_get_servername(io->ssl, TLSEXT_NAMETYPE_host_name);
	*ret = session;
	return HTTP_TLS_READY;
}

/* What a call that moved nothing means. */
static ssize_t tls_result(struct http_io *io, int r)
{
	int error = SSL_get_error(io->ssl, r);

	if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
		return HTTP_IO_WAIT;
	if (error == SSL_ERROR_ZERO_RETURN)
		return 0;
	io->is_failed = true;
	return HTTP_IO_FAILED;
}

ssize_t http_tls_read(struct http_io *io, void *ret, size_t len)
{
	size_t n = 0;
	int r;

	ERR_clear_error();
	r = SSL_read_ex(io->ssl, ret, len, &n);
	return r == 1 ? (ssize_t)n : tls_result(io, r);
}

ssize_t http_tls_write(struct http_io *io, const void *data, size_t len)
{
	size_t n = 0;
	ssize_t result;
	int r;

	ERR_clear_error();
	r = SSL_write_ex(io->ssl, data, len, &n);
	if (r == 1)
		return (ssize_t)n;
	result = tls_result(io, r);
	return result == 0 ? HTTP_IO_FAILED : result;
}

bool http_tls_has_pending(const struct http_io *io)
{
	return SSL_has_pending(io->ssl) == 1;
}

void http_tls_shutdown(struct http_io *io)
{
	ERR_clear_error();
	/* One way only. The result says whether the peer has answered, which nobody waits for. */
	if (SSL_shutdown(io->ssl) < 0)
		ERR_clear_error();
}

void http_tls_free(struct http_io *io)
{
	/* The session of a sound connection stays good even if the peer left without a word. */
	if (!io->is_failed)
		SSL_set_shutdown(io->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
	SSL_free(io->ssl);
	io->ssl = NULL;
	ERR_clear_error();
}
