/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_server_tls.c: which TLS is spoken, which client certificates are believed, what a session is
 * good for, and how certificates are exchanged while the server runs.
 */
#include <openssl/err.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hex.h"
#include "http/test_serving.h"

static struct serving serving;

/* The device CA and what it, and others, have issued. */
static struct {
	struct cert ca, middle, other_ca;
	struct cert device, expired, future, server_use, below_middle, foreign, self_signed, large,
	    ca_client;
} certs;

enum { DAY = 86400 };

static void make_certs(void)
{
	static const struct cert_profile ca = {"device ca", 0, true, false, false, -DAY, DAY};
	static const struct cert_profile device = {"device", 2048, false, false, true, -60, DAY};
	static const struct cert_profile expired = {"device", 0, false, false, true, -DAY, -60};
	static const struct cert_profile future = {"device", 0, false, false, true, DAY, 2 * DAY};
	static const struct cert_profile server = {"device", 0, false, true, false, -60, DAY};
	static const struct cert_profile middle = {"middle", 0, true, false, false, -DAY, DAY};
	static const struct cert_profile ca_client = {"device", 0, true, false, true, -60, DAY};
	static const struct cert_profile large = {"device", 4104, false, false, true, -60, DAY};

	certs.ca = cert_make(&ca, NULL);
	certs.other_ca = cert_make(&ca, NULL); /* of the same name */
	certs.middle = cert_make(&middle, &certs.ca);
	certs.device = cert_make(&device, &certs.ca);
	certs.expired = cert_make(&expired, &certs.ca);
	certs.future = cert_make(&future, &certs.ca);
	certs.server_use = cert_make(&server, &certs.ca);
	certs.below_middle = cert_make(&device, &certs.middle);
	certs.foreign = cert_make(&device, &certs.other_ca);
	certs.self_signed = cert_make(&device, NULL);
	certs.large = cert_make(&large, &certs.ca);
	certs.ca_client = cert_make(&ca_client, &certs.ca);
}

static int start(void **state)
{
	make_certs();
	serving_start(&serving, NULL, 2, 2);
	cert_write(&certs.ca, serving.listeners[ON_MANAGE].client_ca_file, NULL);
	struct trail trail;

	trail_reset(&trail);
	assert_int_equal(
	    http_server_reload_tls(serving.server, serving.listeners, LISTENERS, &trail), 0);
	return 0;
}

static int stop(void **state)
{
	struct cert *all = (struct cert *)&certs;

	serving_stop(&serving);
	for (size_t i = 0; i < sizeof(certs) / sizeof(*all); i++)
		cert_free(&all[i]);
	return 0;
}

static SSL_CTX *client_context(const struct cert *cert, const struct cert *extra)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());

	assert_non_null(context);
	SSL_CTX_set_security_level(context, 0);
	if (cert) {
		assert_int_equal(SSL_CTX_use_certificate(context, cert->x509), 1);
		assert_int_equal(SSL_CTX_use_PrivateKey(context, cert->key), 1);
	}
	if (extra)
		assert_int_equal(SSL_CTX_add1_chain_cert(context, extra->x509), 1);
	return context;
}

/* False: the handshake did not succeed. */
static bool client_handshake(struct client *client, SSL_CTX *context, size_t listener,
			     SSL_SESSION *session)
{
	*client = client_connect(&serving, listener);
	client->ssl = SSL_new(context);
	SSL_set_fd(client->ssl, client->fd);
	if (session)
		SSL_set_session(client->ssl, session);
	ERR_clear_error();
	return SSL_connect(client->ssl) == 1;
}

/* Whether a request gets through: in TLS 1.3 the client does not wait for the server's opinion of
 * its certificate. 0: no. */
static int status_of(struct client *client, struct reply *reply)
{
	static const char request[] = "GET /peer HTTP/1.1\r\n" HOST "\r\n";

	memset(reply, 0, sizeof(*reply));
	if (!client_try_send(client, request, sizeof(request) - 1))
		return 0;
	client_read(client, reply, NULL);
	return reply->status;
}

static int status_with(SSL_CTX *context, size_t listener, struct reply *reply)
{
	struct client client;
	int status = 0;

	memset(reply, 0, sizeof(*reply));
	if (client_handshake(&client, context, listener, NULL))
		status = status_of(&client, reply);
	client_close(&client);
	return status;
}

static const int versions[] = {TLS1_2_VERSION, TLS1_3_VERSION};

static void case12_the_digest_of_a_verified_certificate_is_known(void **state)
{
	uint8_t digest[SHA256_LEN];
	char expected[128];
	struct arena arena;

	arena_init(&arena);
	cert_sha256(&certs.device, digest);
	snprintf(expected, sizeof(expected), "127.0.0.1 %s",
		 hex_write(&arena, text_make(digest, sizeof(digest))));
	for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
		SSL_CTX *context = client_context(&certs.device, NULL);
		struct reply reply;

		SSL_CTX_set_min_proto_version(context, versions[i]);
		SSL_CTX_set_max_proto_version(context, versions[i]);
		assert_int_equal(status_with(context, ON_MANAGE, &reply), 200);
		assert_true(text_eq_c(reply.body, expected));
		reply_done(&reply);
		SSL_CTX_free(context);
	}
	arena_done(&arena);
}

static void case12_other_listeners_ask_for_no_certificate(void **state)
{
	SSL_CTX *context = client_context(&certs.device, NULL);
	struct reply reply;

	assert_int_equal(status_with(context, ON_PUBLIC, &reply), 200);
	assert_true(text_eq_c(reply.body, "127.0.0.1 nobody"));
	reply_done(&reply);
	SSL_CTX_free(context);
}

static void case12_unfit_client_certificates_are_refused(void **state)
{
	const struct {
		const char *name;
		const struct cert *cert;
		const struct cert *extra;
		bool is_good;
	} cases[] = {
	    {"good", &certs.device, NULL, true},
	    {"good with its anchor", &certs.device, &certs.ca, true},
	    {"good below a middle one", &certs.below_middle, &certs.middle, true},
	    {"none", NULL, NULL, false},
	    {"expired", &certs.expired, NULL, false},
	    {"not yet valid", &certs.future, NULL, false},
	    {"self-signed", &certs.self_signed, NULL, false},
	    {"foreign CA of the same name", &certs.foreign, NULL, false},
	    {"foreign with its CA", &certs.foreign, &certs.other_ca, false},
	    {"for servers", &certs.server_use, NULL, false},
	    {"the CA itself", &certs.ca, NULL, false},
	    {"a middle CA", &certs.middle, NULL, false},
	    {"a CA that may be a client", &certs.ca_client, NULL, false},
	    {"middle missing", &certs.below_middle, NULL, false},
	    {"key of 4104 bits", &certs.large, NULL, false},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		for (size_t v = 0; v < ARRAY_LEN(versions); v++) {
			SSL_CTX *context = client_context(cases[i].cert, cases[i].extra);
			struct reply reply;
			int status;

			SSL_CTX_set_min_proto_version(context, versions[v]);
			SSL_CTX_set_max_proto_version(context, versions[v]);
			status = status_with(context, ON_MANAGE, &reply);
			if (status != (cases[i].is_good ? 200 : 0))
				fail_msg("%s: %d", cases[i].name, status);
			reply_done(&reply);
			SSL_CTX_free(context);
		}
	}
	serving_wait_metric(&serving,
			    "muster_http_handshake_failures_total{"
			    "listener=\"manage\",reason=\"no_certificate\"}",
			    2);
	serving_wait_metric(&serving,
			    "muster_http_handshake_failures_total{"
			    "listener=\"manage\",reason=\"bad_certificate\"}",
			    22);
}

/* Windows chooses its certificate by these names. */
static void the_client_ca_is_named_in_the_handshake(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
		SSL_CTX *context = client_context(&certs.device, NULL);
		const STACK_OF(X509_NAME) * names;
		struct client client;

		SSL_CTX_set_max_proto_version(context, versions[i]);
		assert_true(client_handshake(&client, context, ON_MANAGE, NULL));
		names = SSL_get0_peer_CA_list(client.ssl);
		assert_int_equal(sk_X509_NAME_num(names), 1);
		assert_int_equal(X509_NAME_cmp(sk_X509_NAME_value(names, 0),
					       X509_get_subject_name(certs.ca.x509)),
				 0);
		client_close(&client);
		SSL_CTX_free(context);
	}
}

static void case18_a_long_chain_is_refused(void **state)
{
	static const struct cert_profile filler = {"filler", 0, true, false, false, -60, DAY};
	static const size_t lengths[] = {3, 4, 100};

	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		SSL_CTX *context = client_context(&certs.device, NULL);
		struct reply reply;
		int status;

		for (size_t k = 0; k < lengths[i]; k++) {
			struct cert cert = cert_make(&filler, NULL);

			SSL_CTX_add1_chain_cert(context, cert.x509);
			cert_free(&cert);
		}
		status = status_with(context, ON_MANAGE, &reply);
		assert_int_equal(status, i ? 0 : 200);
		reply_done(&reply);
		SSL_CTX_free(context);
	}
}

static void case18_old_and_weak_tls_is_refused(void **state)
{
	static struct {
		int version;
		const char *ciphers; /* of TLS 1.2 */
		char groups[16];
		bool is_good;
	} cases[] = {
	    {TLS1_1_VERSION, "ALL:@SECLEVEL=0", "X25519:P-256", false},
	    {TLS1_2_VERSION, "ECDHE-ECDSA-AES128-GCM-SHA256", "X25519:P-256", true},
	    {TLS1_2_VERSION, "ECDHE-ECDSA-CHACHA20-POLY1305", "P-256", true},
	    {TLS1_2_VERSION, "ECDHE-ECDSA-AES128-SHA256", "X25519:P-256", false},
	    {TLS1_2_VERSION, "ECDHE-ECDSA-AES256-SHA", "X25519:P-256", false},
	    {TLS1_2_VERSION, "ECDHE-ECDSA-AES128-CCM", "X25519:P-256", false},
	    {TLS1_2_VERSION, "AES128-GCM-SHA256:DHE-RSA-AES128-GCM-SHA256", "X25519:P-256", false},
	    {TLS1_2_VERSION, "aNULL:@SECLEVEL=0", "X25519:P-256", false},
	    {TLS1_3_VERSION, NULL, "X25519", true},
	    {TLS1_3_VERSION, NULL, "P-256", true},
	    {TLS1_3_VERSION, NULL, "P-384", false},
	    {TLS1_3_VERSION, NULL, "X448", false},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		SSL_CTX *context = client_context(NULL, NULL);
		struct reply reply;
		int status;

		SSL_CTX_set_min_proto_version(context, cases[i].version);
		SSL_CTX_set_max_proto_version(context, cases[i].version);
		if (cases[i].ciphers)
			assert_int_equal(SSL_CTX_set_cipher_list(context, cases[i].ciphers), 1);
		assert_int_equal(SSL_CTX_set1_groups_list(context, cases[i].groups), 1);
		status = status_with(context, ON_PUBLIC, &reply);
		if (status != (cases[i].is_good ? 200 : 0))
			fail_msg("case %zu: %d", i, status);
		reply_done(&reply);
		SSL_CTX_free(context);
	}
}

static void case18_renegotiation_is_refused(void **state)
{
	SSL_CTX *context = client_context(NULL, NULL);
	struct client client;
	struct reply reply;

	SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
	assert_true(client_handshake(&client, context, ON_PUBLIC, NULL));
	assert_int_equal(SSL_renegotiate(client.ssl), 1);
	assert_int_equal(SSL_do_handshake(client.ssl) == 1 &&
			     !SSL_renegotiate_pending(client.ssl) &&
			     status_of(&client, &reply) == 200,
			 0);
	client_close(&client);
	SSL_CTX_free(context);
}

static void case18_no_tickets_and_no_early_data(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
		SSL_CTX *context = client_context(NULL, NULL);
		struct client client;
		struct reply reply;
		SSL_SESSION *session;

		SSL_CTX_set_max_proto_version(context, versions[i]);
		assert_true(client_handshake(&client, context, ON_PUBLIC, NULL));
		assert_int_equal(status_of(&client, &reply), 200);
		session = SSL_get0_session(client.ssl);
		assert_int_equal(SSL_SESSION_get_max_early_data(session), 0);
		if (versions[i] == TLS1_2_VERSION)
			assert_false(SSL_SESSION_has_ticket(session));
		reply_done(&reply);
		client_close(&client);
		SSL_CTX_free(context);
	}
}

static void only_http_1_1_is_negotiated(void **state)
{
	static const unsigned char h2[] = "\x02h2", both[] = "\x02h2\x08http/1.1";
	SSL_CTX *context = client_context(NULL, NULL);
	const unsigned char *chosen;
	unsigned chosen_len;
	struct client client;

	SSL_CTX_set_alpn_protos(context, h2, sizeof(h2) - 1);
	assert_false(client_handshake(&client, context, ON_PUBLIC, NULL));
	client_close(&client);
	SSL_CTX_set_alpn_protos(context, both, sizeof(both) - 1);
	assert_true(client_handshake(&client, context, ON_PUBLIC, NULL));
	SSL_get0_alpn_selected(client.ssl, &chosen, &chosen_len);
	assert_true(text_eq_c(text_make(chosen, chosen_len), "http/1.1"));
	client_close(&client);
	SSL_CTX_free(context);
}

static void a_foreign_server_name_is_misdirected(void **state)
{
	static char names[][16] = {"A.test", "evil.test"};
	static const int expected[] = {200, 421};
	SSL_CTX *context = client_context(NULL, NULL);

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct client client = client_connect(&serving, ON_PUBLIC);
		struct reply reply;

		client.ssl = SSL_new(context);
		SSL_set_fd(client.ssl, client.fd);
		SSL_set_tlsext_host_name(client.ssl, names[i]);
		assert_int_equal(SSL_connect(client.ssl), 1);
		assert_int_equal(status_of(&client, &reply), expected[i]);
		reply_done(&reply);
		client_close(&client);
	}
	SSL_CTX_free(context);
}

/* A session of a first connection, after a request so that TLS 1.3 has delivered it. */
static SSL_SESSION *take_session(SSL_CTX *context, size_t listener)
{
	struct client client;
	struct reply reply;
	SSL_SESSION *session;

	assert_true(client_handshake(&client, context, listener, NULL));
	assert_int_equal(status_of(&client, &reply), 200);
	session = SSL_get1_session(client.ssl);
	SSL_shutdown(client.ssl);
	reply_done(&reply);
	client_close(&client);
	return session;
}

static void a_session_is_resumed_with_its_certificate(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
		SSL_CTX *context = client_context(&certs.device, NULL);
		struct client client;
		struct reply first, second;
		SSL_SESSION *session;

		SSL_CTX_set_max_proto_version(context, versions[i]);
		assert_int_equal(status_with(context, ON_MANAGE, &first), 200);
		session = take_session(context, ON_MANAGE);
		assert_true(client_handshake(&client, context, ON_MANAGE, session));
		assert_int_equal(SSL_session_reused(client.ssl), 1);
		assert_int_equal(status_of(&client, &second), 200);
		assert_true(text_eq(first.body, second.body));
		reply_done(&first);
		reply_done(&second);
		client_close(&client);
		SSL_SESSION_free(session);
		SSL_CTX_free(context);
	}
	serving_wait_metric(&serving,
			    "muster_http_handshakes_total{listener=\"manage\","
			    "kind=\"resumed\"}",
			    2);
}

/* The library keeps a session for as long as its own clock allows; the certificate in it may have
 * expired since. */
static void case12_a_session_does_not_outlive_its_certificate(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
		SSL_CTX *context = client_context(&certs.device, NULL);
		SSL_SESSION *session;
		struct client client;
		struct reply reply;
		int status = 0;

		SSL_CTX_set_max_proto_version(context, versions[i]);
		session = take_session(context, ON_MANAGE);
		memset(&reply, 0, sizeof(reply));
		clock_shift(2L * DAY);
		if (client_handshake(&client, context, ON_MANAGE, session))
			status = status_of(&client, &reply);
		clock_shift(0);
		assert_int_equal(status, 0);
		reply_done(&reply);
		client_close(&client);
		SSL_SESSION_free(session);
		SSL_CTX_free(context);
	}
}

static void case18_a_session_is_not_good_on_another_listener(void **state)
{
	static const size_t pairs[][2] = {{ON_PUBLIC, ON_MANAGE}, {ON_MANAGE, ON_PUBLIC}};

	for (size_t i = 0; i < ARRAY_LEN(versions) * ARRAY_LEN(pairs); i++) {
		const size_t *pair = pairs[i % 2];
		SSL_CTX *with = client_context(&certs.device, NULL);
		SSL_CTX *without = client_context(NULL, NULL);
		SSL_SESSION *session;
		struct client client;
		struct reply reply;
		int status = 0;

		SSL_CTX_set_max_proto_version(with, versions[i / 2]);
		SSL_CTX_set_max_proto_version(without, versions[i / 2]);
		session = take_session(with, pair[0]);
		/* The same session, but no certificate to fall back on. */
		memset(&reply, 0, sizeof(reply));
		if (client_handshake(&client, without, pair[1], session)) {
			assert_int_equal(SSL_session_reused(client.ssl), 0);
			status = status_of(&client, &reply);
		}
		assert_int_equal(status, pair[1] == ON_MANAGE ? 0 : 200);
		if (status)
			assert_true(text_eq_c(reply.body, "127.0.0.1 nobody"));
		reply_done(&reply);
		client_close(&client);
		SSL_SESSION_free(session);
		SSL_CTX_free(with);
		SSL_CTX_free(without);
	}
}

static void case18_not_tls_and_huge_hellos_are_dropped(void **state)
{
	static const char hello[] = "\x16\x03\x01\x40\x00\x01\x7f\xff\xff\x03\x03";
	struct client client = client_connect(&serving, ON_PUBLIC);
	char *rest = heap_alloc(256 * 1024);

	client_send(&client, "GET /hello HTTP/1.1\r\n" HOST "\r\n");
	client_drain(&client);
	client_close(&client);
	client = client_connect(&serving, ON_PUBLIC);
	assert_true(client_try_send(&client, hello, sizeof(hello) - 1));
	(void)client_try_send(&client, rest, 256 * 1024);
	client_drain(&client);
	client_close(&client);
	free(rest);
	serving_wait_metric(&serving,
			    "muster_http_handshake_failures_total{"
			    "listener=\"public\",reason=\"failed\"}",
			    2);
}

enum { CROWD = 24 };

static void *join_crowd(void *arg)
{
	SSL_CTX *context = client_context(&certs.device, NULL);
	struct reply reply;
	uintptr_t served = 0;

	for (int i = 0; i < 4; i++) {
		served += status_with(context, ON_MANAGE, &reply) == 200;
		reply_done(&reply);
	}
	SSL_CTX_free(context);
	return (void *)served;
}

/* More than a loop takes in one turn. */
static void case18_handshakes_that_come_together_all_get_their_turn(void **state)
{
	pthread_t threads[CROWD];

	for (size_t i = 0; i < CROWD; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, join_crowd, NULL), 0);
	for (size_t i = 0; i < CROWD; i++) {
		void *served;

		pthread_join(threads[i], &served);
		assert_int_equal((uintptr_t)served, 4);
	}
}

static void large_messages_pass_through_tls(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
		SSL_CTX *context = client_context(NULL, NULL);
		char *body = heap_alloc(BIG_LIMIT);
		struct client client;
		struct reply reply;

		SSL_CTX_set_max_proto_version(context, versions[i]);
		assert_true(client_handshake(&client, context, ON_PUBLIC, NULL));
		for (int turn = 0; turn < 3; turn++) {
			client_send(&client, "POST /big HTTP/1.1\r\n" HOST
					     "Content-Length: 1048576\r\n\r\n");
			assert_true(client_try_send(&client, body, BIG_LIMIT));
			client_read(&client, &reply, NULL);
			assert_true(text_eq_c(reply.body, "1048576"));
			reply_done(&reply);
			client_send(&client, "GET /large HTTP/1.1\r\n" HOST "\r\n");
			client_read(&client, &reply, NULL);
			assert_int_equal(reply.body.len, LARGE_BODY);
			reply_done(&reply);
		}
		client_close(&client);
		SSL_CTX_free(context);
		free(body);
	}
}

/* Every byte in a TLS record of its own, and key updates in between. */
static void records_of_one_byte_are_no_stall(void **state)
{
	static const char request[] =
	    "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhello";
	SSL_CTX *context = client_context(NULL, NULL);
	struct client client;
	struct reply reply;

	assert_true(client_handshake(&client, context, ON_PUBLIC, NULL));
	for (int turn = 0; turn < 5; turn++) {
		for (size_t i = 0; i < sizeof(request) - 1; i++) {
			assert_true(client_try_send(&client, request + i, 1));
			if (i % 10 == 0)
				SSL_key_update(client.ssl, SSL_KEY_UPDATE_REQUESTED);
		}
		client_read(&client, &reply, NULL);
		assert_int_equal(reply.status, 200);
		assert_true(text_eq_c(reply.body, "hello"));
		reply_done(&reply);
	}
	client_close(&client);
	SSL_CTX_free(context);
}

static void expect_server_certificate(const struct cert *expected)
{
	SSL_CTX *context = client_context(NULL, NULL);
	struct client client;

	assert_true(client_handshake(&client, context, ON_PUBLIC, NULL));
	assert_int_equal(X509_cmp(SSL_get0_peer_certificate(client.ssl), expected->x509), 0);
	client_close(&client);
	SSL_CTX_free(context);
}

static void write_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void a_reload_takes_everything_or_nothing(void **state)
{
	static const struct cert_profile profile = {"a.test", 0, false, true, false, -60, DAY};
	struct http_listener *manage = &serving.listeners[ON_MANAGE];
	struct http_listener *public = &serving.listeners[ON_PUBLIC];
	struct http_listener partly_bad[LISTENERS];
	SSL_CTX *context = client_context(NULL, NULL);
	struct cert fresh = cert_make(&profile, NULL), newer = cert_make(&profile, NULL);
	struct client running;
	struct reply reply;
	struct trail trail;

	cert_write(&fresh, public->certificate_file, public->key_file);
	trail_reset(&trail);
	assert_int_equal(
	    http_server_reload_tls(serving.server, serving.listeners, LISTENERS, &trail), 0);
	expect_server_certificate(&fresh);
	assert_true(client_handshake(&running, context, ON_PUBLIC, NULL));
	/* The public files are good, those of manage are not: nothing changes. */
	cert_write(&newer, public->certificate_file, public->key_file);
	write_text(manage->client_ca_file, "not a certificate\n");
	assert_true(http_server_reload_tls(serving.server, serving.listeners, LISTENERS, &trail) <
		    0);
	assert_non_null(strstr(trail.text, manage->client_ca_file));
	expect_server_certificate(&fresh);
	/* Key and certificate that do not match. */
	cert_write(&certs.ca, manage->client_ca_file, NULL);
	cert_write(&newer, public->certificate_file, NULL);
	cert_write(&fresh, "/dev/null", public->key_file);
	trail_reset(&trail);
	assert_true(http_server_reload_tls(serving.server, serving.listeners, LISTENERS, &trail) <
		    0);
	assert_non_null(strstr(trail.text, public->key_file));
	expect_server_certificate(&fresh);
	/* Only one listener has a fault, and the ones behind it have none. */
	memcpy(partly_bad, serving.listeners, sizeof(partly_bad));
	partly_bad[ON_PUBLIC].certificate_file = "/nonexistent/tls.crt";
	cert_write(&newer, public->certificate_file, public->key_file);
	trail_reset(&trail);
	assert_int_equal(http_server_reload_tls(serving.server, partly_bad, LISTENERS, &trail),
			 ERR_CONFIG);
	expect_server_certificate(&fresh);
	/* A connection that was there all the time goes on. */
	assert_int_equal(status_of(&running, &reply), 200);
	reply_done(&reply);
	client_close(&running);
	cert_write(&newer, public->certificate_file, public->key_file);
	trail_reset(&trail);
	assert_int_equal(
	    http_server_reload_tls(serving.server, serving.listeners, LISTENERS, &trail), 0);
	expect_server_certificate(&newer);
	SSL_CTX_free(context);
	cert_free(&fresh);
	cert_free(&newer);
}

static void reload_client_ca(const struct cert *ca)
{
	struct trail trail;

	trail_reset(&trail);
	cert_write(ca, serving.listeners[ON_MANAGE].client_ca_file, NULL);
	assert_int_equal(
	    http_server_reload_tls(serving.server, serving.listeners, LISTENERS, &trail), 0);
}

/* The anchor need not be a root, and what is above it is not trusted for its sake. */
static void case12_only_the_given_ca_is_trusted(void **state)
{
	SSL_CTX *below = client_context(&certs.below_middle, &certs.ca);
	SSL_CTX *beside = client_context(&certs.device, &certs.ca);
	struct reply reply;

	reload_client_ca(&certs.middle);
	assert_int_equal(status_with(below, ON_MANAGE, &reply), 200);
	reply_done(&reply);
	assert_int_equal(status_with(beside, ON_MANAGE, &reply), 0);
	reply_done(&reply);
	reload_client_ca(&certs.ca);
	assert_int_equal(status_with(beside, ON_MANAGE, &reply), 200);
	reply_done(&reply);
	SSL_CTX_free(below);
	SSL_CTX_free(beside);
}

static void a_reload_forgets_sessions(void **state)
{
	SSL_CTX *context = client_context(&certs.device, NULL);
	SSL_SESSION *session = take_session(context, ON_MANAGE);
	struct client client;
	struct trail trail;

	trail_reset(&trail);
	assert_int_equal(
	    http_server_reload_tls(serving.server, serving.listeners, LISTENERS, &trail), 0);
	assert_true(client_handshake(&client, context, ON_MANAGE, session));
	assert_int_equal(SSL_session_reused(client.ssl), 0);
	client_close(&client);
	SSL_SESSION_free(session);
	SSL_CTX_free(context);
}

static void unusable_files_are_named(void **state)
{
	const struct http_listener good = serving.listeners[ON_MANAGE];
	struct http_listener bad[3] = {good, good, good};
	static const char *const names[] = {"/nonexistent/tls.crt", "/nonexistent/tls.key",
					    "/nonexistent/ca.crt"};

	bad[0].certificate_file = names[0];
	bad[1].key_file = names[1];
	bad[2].client_ca_file = names[2];
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct http_server_options options = serving.options;
		struct http_server *server;
		struct trail trail;

		options.listeners = &bad[i];
		options.listener_count = 1;
		trail_reset(&trail);
		assert_int_equal(http_server_new(&server, &options, &trail), ERR_CONFIG);
		assert_non_null(strstr(trail.text, names[i]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(case12_the_digest_of_a_verified_certificate_is_known),
	    cmocka_unit_test(case12_other_listeners_ask_for_no_certificate),
	    cmocka_unit_test(case12_unfit_client_certificates_are_refused),
	    cmocka_unit_test(the_client_ca_is_named_in_the_handshake),
	    cmocka_unit_test(case18_a_long_chain_is_refused),
	    cmocka_unit_test(case18_old_and_weak_tls_is_refused),
	    cmocka_unit_test(case18_renegotiation_is_refused),
	    cmocka_unit_test(case18_no_tickets_and_no_early_data),
	    cmocka_unit_test(only_http_1_1_is_negotiated),
	    cmocka_unit_test(a_foreign_server_name_is_misdirected),
	    cmocka_unit_test(a_session_is_resumed_with_its_certificate),
	    cmocka_unit_test(case12_a_session_does_not_outlive_its_certificate),
	    cmocka_unit_test(case18_a_session_is_not_good_on_another_listener),
	    cmocka_unit_test(case18_not_tls_and_huge_hellos_are_dropped),
	    cmocka_unit_test(case18_handshakes_that_come_together_all_get_their_turn),
	    cmocka_unit_test(large_messages_pass_through_tls),
	    cmocka_unit_test(records_of_one_byte_are_no_stall),
	    cmocka_unit_test(a_reload_takes_everything_or_nothing),
	    cmocka_unit_test(case12_only_the_given_ca_is_trusted),
	    cmocka_unit_test(a_reload_forgets_sessions),
	    cmocka_unit_test(unusable_files_are_named),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
