/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_tiny.c: one thread that accepts, one for each connection, blocking reads. What cannot be
 * set up ends the test program: there is nothing to test without it.
 */
#include "http/test_tiny.h"

#include <arpa/inet.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 64, REQUEST_MAX = 64 * 1024 };

struct connection {
	struct tiny *tiny;
	pthread_t thread;
	int fd;
	size_t number;
};

struct tiny {
	struct tiny_options options;
	SSL_CTX *tls;
	char dir[64];
	char ca_file[96];
	char key_file[96];
	int fd;
	int port;
	pthread_t thread;
	pthread_mutex_t lock;
	atomic_bool is_stopping;
	atomic_size_t count;
	struct connection connections[CONNECTIONS_MAX];
};

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	abort();
}

static X509 *make_certificate(EVP_PKEY *key, const struct tiny_options *options)
{
	long valid_for = options->valid_for_s ? options->valid_for_s : 3600;
	X509 *x509 = X509_new();
	X509_NAME *name = X509_get_subject_name(x509);
	X509_EXTENSION *san;
	X509V3_CTX ctx;

	X509_set_version(x509, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"tiny", -1, -1,
				   0);
	X509_set_issuer_name(x509, name);
	X509_gmtime_adj(X509_getm_notBefore(x509), -7200);
	X509_gmtime_adj(X509_getm_notAfter(x509), valid_for);
	X509_set_pubkey(x509, key);
	X509V3_set_ctx(&ctx, x509, x509, NULL, NULL, 0);
	san = X509V3_EXT_conf_nid(NULL, &ctx, NID_subject_alt_name,
				  options->san ? options->san : "IP:127.0.0.1");
	must(san && X509_add_ext(x509, san, -1) == 1, "subject alternative name");
	X509_EXTENSION_free(san);
	must(X509_sign(x509, key, EVP_sha256()) > 0, "sign");
	return x509;
}

static void write_files(struct tiny *tiny, X509 *x509, EVP_PKEY *key)
{
	FILE *file;

	snprintf(tiny->dir, sizeof(tiny->dir), "/tmp/muster-tiny-XXXXXX");
	must(mkdtemp(tiny->dir) != NULL, "mkdtemp");
	snprintf(tiny->ca_file, sizeof(tiny->ca_file), "%s/ca.crt", tiny->dir);
	snprintf(tiny->key_file, sizeof(tiny->key_file), "%s/tls.key", tiny->dir);
	file = fopen(tiny->ca_file, "w");
	must(file && PEM_write_X509(file, x509) == 1, tiny->ca_file);
	fclose(file);
	file = fopen(tiny->key_file, "w");
	must(file && PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) == 1,
	     tiny->key_file);
	fclose(file);
}

static int accept_any(int ok UNUSED, X509_STORE_CTX *ctx UNUSED)
{
	return 1;
}

static void make_tls(struct tiny *tiny)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x509 = make_certificate(key, &tiny->options);

	write_files(tiny, x509, key);
	tiny->tls = SSL_CTX_new(TLS_server_method());
	must(SSL_CTX_use_certificate(tiny->tls, x509) == 1 &&
		 SSL_CTX_use_PrivateKey(tiny->tls, key) == 1,
	     "tls");
	SSL_CTX_set_session_id_context(tiny->tls, (const unsigned char *)"tiny", 4);
	if (tiny->options.wants_certificate)
		SSL_CTX_set_verify(tiny->tls, SSL_VERIFY_PEER, accept_any);
	X509_free(x509);
	EVP_PKEY_free(key);
}

static ssize_t receive(SSL *ssl, int fd, void *data, size_t len)
{
	return ssl ? SSL_read(ssl, data, (int)len) : recv(fd, data, len, 0);
}

static bool send_all(SSL *ssl, int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n =
		    ssl ? SSL_write(ssl, data, (int)len) : send(fd, data, len, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return true;
}

static size_t content_length(const struct tiny_request *request)
{
	uint64_t n = 0;

	return text_to_u64(tiny_header(request, "Content-Length"), &n) ? (size_t)n : 0;
}

/* One whole request into buf; false at the end of the connection. */
static bool read_request(SSL *ssl, int fd, struct buf *buf, struct tiny_request *ret)
{
	char chunk[4096];
	size_t head = 0;

	buf_clear(buf);
	while (buf->len < REQUEST_MAX) {
		ssize_t n = receive(ssl, fd, chunk, sizeof(chunk));
		const char *end;

		if (n <= 0)
			return false;
		buf_add(buf, chunk, (size_t)n);
		end = strstr(buf->data, "\r\n\r\n");
		if (!end)
			continue;
		head = (size_t)(end - buf->data) + 4;
		ret->head = text_make(buf->data, head);
		if (buf->len < head + content_length(ret))
			continue;
		ret->body = text_make(buf->data + head, buf->len - head);
		return true;
	}
	return false;
}

static bool send_answer(SSL *ssl, int fd, const struct buf *answer, int pause_ms)
{
	if (pause_ms <= 0)
		return send_all(ssl, fd, answer->data ? answer->data : "", answer->len) &&
		       pause_ms == 0;
	for (size_t i = 0; i < answer->len; i++) {
		if (!send_all(ssl, fd, answer->data + i, 1))
			return false;
		usleep((useconds_t)pause_ms * 1000);
	}
	return true;
}

static void serve(struct connection *c, SSL *ssl)
{
	const struct tiny_options *options = &c->tiny->options;
	struct buf received, answer;
	bool is_open = true;

	buf_init(&received, NULL);
	buf_init(&answer, NULL);
	while (is_open && !c->tiny->is_stopping) {
		struct tiny_request request = {.connection = c->number};
		int pause_ms;

		if (!read_request(ssl, c->fd, &received, &request))
			break;
		request.has_certificate = ssl && SSL_get0_peer_certificate(ssl);
		buf_clear(&answer);
		pause_ms = options->answer(options->context, &request, &answer);
		is_open = send_answer(ssl, c->fd, &answer, pause_ms);
	}
	buf_done(&received);
	buf_done(&answer);
}

static void *run_connection(void *argument)
{
	struct connection *c = argument;
	SSL *ssl = NULL;

	if (!c->tiny->options.is_plain) {
		ssl = SSL_new(c->tiny->tls);
		SSL_set_fd(ssl, c->fd);
	}
	if (!ssl || SSL_accept(ssl) == 1)
		serve(c, ssl);
	if (ssl)
		SSL_shutdown(ssl);
	SSL_free(ssl);
	shutdown(c->fd, SHUT_RDWR);
	return NULL;
}

static void *run_accept(void *argument)
{
	struct tiny *tiny = argument;

	for (;;) {
		int fd = accept(tiny->fd, NULL, NULL);
		struct connection *c;

		if (fd < 0)
			return NULL;
		pthread_mutex_lock(&tiny->lock);
		must(tiny->count < CONNECTIONS_MAX, "too many connections for the test server");
		c = &tiny->connections[tiny->count];
		*c = (struct connection){.tiny = tiny, .fd = fd, .number = tiny->count + 1};
		must(pthread_create(&c->thread, NULL, run_connection, c) == 0, "thread");
		tiny->count++;
		pthread_mutex_unlock(&tiny->lock);
	}
}

struct tiny *tiny_start(const struct tiny_options *options)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t len = sizeof(address);
	struct tiny *tiny = heap_alloc(sizeof(*tiny));

	signal(SIGPIPE, SIG_IGN);
	tiny->options = *options;
	make_tls(tiny);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	tiny->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	must(tiny->fd >= 0 && bind(tiny->fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
		 listen(tiny->fd, 64) == 0 &&
		 getsockname(tiny->fd, (struct sockaddr *)&address, &len) == 0,
	     "listen");
	tiny->port = ntohs(address.sin_port);
	pthread_mutex_init(&tiny->lock, NULL);
	must(pthread_create(&tiny->thread, NULL, run_accept, tiny) == 0, "thread");
	return tiny;
}

void tiny_stop(struct tiny *tiny)
{
	tiny->is_stopping = true;
	shutdown(tiny->fd, SHUT_RDWR);
	pthread_join(tiny->thread, NULL);
	for (size_t i = 0; i < tiny->count; i++) {
		shutdown(tiny->connections[i].fd, SHUT_RDWR);
		pthread_join(tiny->connections[i].thread, NULL);
		close(tiny->connections[i].fd);
	}
	close(tiny->fd);
	SSL_CTX_free(tiny->tls);
	unlink(tiny->ca_file);
	unlink(tiny->key_file);
	rmdir(tiny->dir);
	pthread_mutex_destroy(&tiny->lock);
	free(tiny);
}

int tiny_port(const struct tiny *tiny)
{
	return tiny->port;
}

size_t tiny_connections(const struct tiny *tiny)
{
	return tiny->count;
}

const char *tiny_ca_file(const struct tiny *tiny)
{
	return tiny->ca_file;
}

const char *tiny_key_file(const struct tiny *tiny)
{
	return tiny->key_file;
}

void tiny_reply(struct buf *buf, int status, const char *headers, struct text body)
{
	buf_printf(buf, "HTTP/1.1 %d Test\r\nContent-Length: %zu\r\n%s\r\n", status, body.len,
		   headers);
	buf_add_text(buf, body);
}

struct text tiny_header(const struct tiny_request *request, const char *name)
{
	struct text rest = request->head;

	while (rest.ptr) {
		struct text line = text_cut(&rest, '\n');
		struct text field = text_cut(&line, ':');

		if (line.ptr && text_eq_nocase(field, text_of(name)))
			return text_trim(line);
	}
	return (struct text){0};
}
