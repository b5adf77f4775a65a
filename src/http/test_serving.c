/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_serving.c: a server in this process and a client that can misbehave.
 *
 * The client reads with one long patience and expects an event, never a duration: a test is right
 * on a slow machine as well, and fails only when the event does not come at all.
 */
#include "http/test_serving.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hex.h"

static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool is_open;
	int entered;
} gate = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, true, 0};

void gate_shut(void)
{
	pthread_mutex_lock(&gate.lock);
	gate.is_open = false;
	gate.entered = 0;
	pthread_mutex_unlock(&gate.lock);
}

void gate_open(void)
{
	pthread_mutex_lock(&gate.lock);
	gate.is_open = true;
	pthread_cond_broadcast(&gate.changed);
	pthread_mutex_unlock(&gate.lock);
}

void gate_wait_for(int entered)
{
	pthread_mutex_lock(&gate.lock);
	while (gate.entered < entered)
		pthread_cond_wait(&gate.changed, &gate.lock);
	pthread_mutex_unlock(&gate.lock);
}

static void on_gate(void *worker, const struct http_request *request,
		    struct http_response *response)
{
	pthread_mutex_lock(&gate.lock);
	gate.entered++;
	pthread_cond_broadcast(&gate.changed);
	while (!gate.is_open)
		pthread_cond_wait(&gate.changed, &gate.lock);
	pthread_mutex_unlock(&gate.lock);
	http_response_set(response, 200, "text/plain");
	buf_add_c(&response->body, "through");
}

static void on_hello(void *worker, const struct http_request *request,
		     struct http_response *response)
{
	http_response_set(response, 200, "text/plain");
	buf_add_c(&response->body, "hello");
}

static void on_echo(void *worker, const struct http_request *request,
		    struct http_response *response)
{
	http_response_set(response, 200, "application/octet-stream");
	buf_add_text(&response->body, request->body);
}

static void on_big(void *worker, const struct http_request *request, struct http_response *response)
{
	http_response_set(response, 200, "text/plain");
	buf_printf(&response->body, "%zu", request->body.len);
}

static void on_large(void *worker, const struct http_request *request,
		     struct http_response *response)
{
	http_response_set(response, 200, "application/octet-stream");
	for (size_t i = 0; i < LARGE_BODY; i += 16)
		buf_add_c(&response->body, "0123456789abcdef");
}

static void on_peer(void *worker, const struct http_request *request,
		    struct http_response *response)
{
	const struct http_peer *peer = &request->peer;
	struct text digest = text_make(peer->certificate_sha256, SHA256_LEN);

	http_response_set(response, 200, "text/plain");
	buf_printf(&response->body, "%s %s", peer->address,
		   peer->is_verified ? hex_write(response->arena, digest) : "nobody");
}

static void on_close(void *worker, const struct http_request *request,
		     struct http_response *response)
{
	http_response_set(response, 200, "text/plain");
	response->is_closing = true;
}

static void on_broken(void *worker, const struct http_request *request,
		      struct http_response *response)
{
	http_response_set(response, 200, "text/plain");
	http_response_header(response, "Location", TEXT("/\r\nSet-Cookie: evil=1"));
	buf_add_c(&response->body, "must not be sent");
}

static void on_unset(void *worker, const struct http_request *request,
		     struct http_response *response)
{
}

static void on_empty(void *worker, const struct http_request *request,
		     struct http_response *response)
{
	http_response_set(response, 204, NULL);
}

static void on_wild(void *worker, const struct http_request *request,
		    struct http_response *response)
{
	http_response_set(response, 200, "text/plain");
	buf_add_text(&response->body, request->path);
}

static const struct http_route serving_routes[] = {
    {HTTP_GET | HTTP_HEAD, "/hello", 7, 0, on_hello, NULL},
    {HTTP_POST, "/echo", 7, ECHO_LIMIT, on_echo, NULL},
    {HTTP_POST, "/big", 7, BIG_LIMIT, on_big, NULL},
    {HTTP_POST, "/gate", 7, ECHO_LIMIT, on_gate, NULL},
    {HTTP_GET, "/large", 7, 0, on_large, NULL},
    {HTTP_GET, "/peer", 7, 0, on_peer, NULL},
    {HTTP_GET, "/close", 7, 0, on_close, NULL},
    {HTTP_GET, "/broken", 7, 0, on_broken, NULL},
    {HTTP_GET, "/unset", 7, 0, on_unset, NULL},
    {HTTP_DELETE, "/empty", 7, 0, on_empty, NULL},
    {HTTP_GET, "/wild/*", 7, 0, on_wild, NULL},
    {HTTP_GET, "/api/v1/thing", 7, 0, on_hello, NULL},
    {HTTP_POST, "/api/v1/big", 7, BIG_LIMIT, on_big, NULL},
    {HTTP_GET, "/public-only", 1 << ON_PUBLIC, 0, on_hello, NULL},
};

static char *serving_path(const struct serving *serving, const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", serving->dir, name);
	return heap_string(path);
}

static void serving_prepare(struct serving *serving)
{
	static const char *const hosts[] = {"a.test", "localhost"};
	static const char *const names[LISTENERS] = {"plain", "public", "manage"};

	snprintf(serving->dir, sizeof(serving->dir), "/tmp/muster-http-XXXXXX");
	assert_non_null(mkdtemp(serving->dir));
	for (size_t i = 0; i < LISTENERS; i++) {
		serving->listeners[i] = (struct http_listener){
		    .name = names[i],
		    .address = "127.0.0.1:0",
		    .hosts = hosts,
		    .host_count = ARRAY_LEN(hosts),
		    .is_plain = i == ON_PLAIN,
		    .client_auth = i == ON_MANAGE ? HTTP_CLIENT_REQUIRED : HTTP_CLIENT_NONE,
		    .certificate_file = serving_path(serving, "server.crt"),
		    .key_file = serving_path(serving, "server.key"),
		    .client_ca_file = serving_path(serving, "client-ca.crt"),
		};
	}
}

/* Certificates that are not there yet; a test may have put its own. */
static void serving_fill_files(const struct serving *serving)
{
	static const struct cert_profile server = {"a.test", 0, false, true, false, -60, 86400};
	static const struct cert_profile ca = {"device ca", 0, true, false, false, -60, 86400};
	const struct http_listener *listener = &serving->listeners[ON_MANAGE];
	struct cert cert;

	if (access(listener->certificate_file, R_OK) != 0) {
		cert = cert_make(&server, NULL);
		cert_write(&cert, listener->certificate_file, listener->key_file);
		cert_free(&cert);
	}
	if (access(listener->client_ca_file, R_OK) != 0) {
		cert = cert_make(&ca, NULL);
		cert_write(&cert, listener->client_ca_file, NULL);
		cert_free(&cert);
	}
}

void serving_start(struct serving *serving, const struct http_server_limits *limits, size_t loops,
		   size_t workers)
{
	struct trail trail;

	trail_reset(&trail);
	if (!serving->dir[0])
		serving_prepare(serving);
	serving_fill_files(serving);
	serving->options = (struct http_server_options){
	    .listeners = serving->listeners,
	    .listener_count = LISTENERS,
	    .routes = serving_routes,
	    .route_count = ARRAY_LEN(serving_routes),
	    .loops = loops,
	    .workers = workers,
	};
	if (limits)
		serving->options.limits = *limits;
	if (http_server_new(&serving->server, &serving->options, &trail) != 0)
		fail_msg("%s", trail.text);
}

static void serving_unlink(const char *path)
{
	union {
		const char *borrowed;
		char *owned;
	} name = {.borrowed = path};

	unlink(path);
	free(name.owned);
}

void serving_stop(struct serving *serving)
{
	http_server_free(serving->server);
	for (size_t i = 0; i < LISTENERS; i++) {
		serving_unlink(serving->listeners[i].certificate_file);
		serving_unlink(serving->listeners[i].key_file);
		serving_unlink(serving->listeners[i].client_ca_file);
	}
	rmdir(serving->dir);
	memset(serving, 0, sizeof(*serving));
}

long serving_metric(const struct serving *serving, const char *series)
{
	size_t len = strlen(series);
	long value = -1;
	struct buf buf;

	buf_init(&buf, NULL);
	http_server_metrics(serving->server, &buf);
	for (const char *line = buf.data; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, series, len) == 0 && line[len] == ' ')
			value = strtol(line + len, NULL, 10);
	}
	buf_done(&buf);
	return value;
}

void serving_wait_metric(const struct serving *serving, const char *series, long at_least)
{
	int64_t until = clock_mono_ms() + PATIENCE_MS;

	while (serving_metric(serving, series) < at_least) {
		if (clock_mono_ms() > until)
			fail_msg("%s stayed below %ld", series, at_least);
		usleep(2000);
	}
}

struct client client_connect(const struct serving *serving, size_t listener)
{
	struct sockaddr_in address = {
	    .sin_family = AF_INET,
	    .sin_port = htons((uint16_t)http_server_port(serving->server, listener)),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	struct client client = {.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};

	assert_true(client.fd >= 0);
	assert_int_equal(connect(client.fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	return client;
}

void client_close(struct client *client)
{
	SSL_free(client->ssl);
	if (client->fd >= 0)
		close(client->fd);
	*client = (struct client){.fd = -1};
}

bool client_try_send(struct client *client, const void *data, size_t len)
{
	while (len) {
		ssize_t n = client->ssl ? SSL_write(client->ssl, data, (int)len)
					: send(client->fd, data, len, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		data = (const char *)data + n;
		len -= (size_t)n;
	}
	return true;
}

void client_send(struct client *client, const char *text)
{
	assert_true(client_try_send(client, text, strlen(text)));
}

/* 0: the end, however it came. */
static size_t client_receive(struct client *client, char *ret, size_t size)
{
	struct pollfd poller = {.fd = client->fd, .events = POLLIN};
	ssize_t n;

	if (!client->ssl || !SSL_pending(client->ssl)) {
		int ready = poll(&poller, 1, PATIENCE_MS);

		if (ready == 0)
			fail_msg("nothing came from the server, not even an end");
		assert_int_equal(ready, 1);
	}
	n = client->ssl ? SSL_read(client->ssl, ret, (int)size) : recv(client->fd, ret, size, 0);
	ERR_clear_error();
	return n > 0 ? (size_t)n : 0;
}

size_t client_drain(struct client *client)
{
	char scratch[65536];
	size_t total = 0, n;

	while ((n = client_receive(client, scratch, sizeof(scratch))))
		total += n;
	return total;
}

static bool client_read_line_end(struct client *client, struct buf *all)
{
	while (all->len < 4 || memcmp(all->data + all->len - 4, "\r\n\r\n", 4) != 0) {
		char byte;

		if (!client_receive(client, &byte, 1))
			return false;
		buf_add_byte(all, byte);
	}
	return true;
}

static size_t client_read_status(const struct buf *all, struct reply *ret)
{
	const char *length = strstr(all->data, "\r\nContent-Length: ");

	assert_int_equal(strncmp(all->data, "HTTP/1.1 ", 9), 0);
	ret->status = (int)strtol(all->data + 9, NULL, 10);
	ret->is_closing = strstr(all->data, "\r\nConnection: close\r\n") != NULL;
	assert_null(strcasestr(all->data, "\r\nTransfer-Encoding:"));
	assert_null(strcasestr(all->data, "\r\nServer:"));
	if (ret->status == 100 || ret->status == 204)
		return 0;
	assert_non_null(length);
	return strtoul(length + 18, NULL, 10);
}

static void client_read_reply(struct client *client, struct reply *ret, bool has_body,
			      int *ret_continues)
{
	size_t body_len = 0, head_len;
	char chunk[65536];

	memset(ret, 0, sizeof(*ret));
	buf_init(&ret->all, NULL);
	for (;;) {
		buf_clear(&ret->all);
		if (!client_read_line_end(client, &ret->all)) {
			ret->status = 0;
			return;
		}
		body_len = client_read_status(&ret->all, ret);
		if (ret->status != 100)
			break;
		if (ret_continues)
			++*ret_continues;
	}
	head_len = ret->all.len;
	while (has_body && ret->all.len - head_len < body_len) {
		size_t left = body_len - (ret->all.len - head_len);
		size_t n =
		    client_receive(client, chunk, left < sizeof(chunk) ? left : sizeof(chunk));

		assert_true(n > 0);
		buf_add(&ret->all, chunk, n);
	}
	ret->body = text_make(ret->all.data + head_len, ret->all.len - head_len);
}

void client_read(struct client *client, struct reply *ret, int *ret_continues)
{
	client_read_reply(client, ret, true, ret_continues);
}

void client_read_head(struct client *client, struct reply *ret)
{
	client_read_reply(client, ret, false, NULL);
}

void reply_done(struct reply *reply)
{
	buf_done(&reply->all);
}

bool reply_has(const struct reply *reply, const char *line)
{
	return reply->all.data && strstr(reply->all.data, line);
}
