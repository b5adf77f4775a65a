/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client.c: outbound HTTPS over one libcurl easy handle. The only file that knows curl.
 *
 * The handle is reset before each exchange, which drops every option and keeps the connections;
 * all options are then set again, so that nothing of one request can leak into the next. What is
 * on by default in curl and not wanted here is switched off by name: redirects, proxies from the
 * environment, .netrc, other schemes, HTTP/0.9. A response is kept only while it is below its
 * limit, so that a server cannot make this process grow; time is bounded as a whole, so that a slow
 * drip does not help either. Failures are sorted by one table into outcomes.
 *
 * Refuses: URLs with a user name, methods and header lines with anything but printable bytes.
 * Specification: threats 1.6 and abuse case 23 (outbound).
 */
#include "http/client.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "http/address.h"
#include "http/tls.h"

enum {
	CLIENT_CONNECTIONS = 8,
	CLIENT_CONNECT_MS = 10 * 1000,
	CLIENT_RESPONSE_HEADER_BYTES = 64 * 1024
};

struct http_client {
	CURL *curl;
	char *ca_bundle;               /* "": the system's */
	const atomic_int *is_stopping; /* NULL: never */
};

/* What the callbacks of one exchange see. */
struct exchange {
	struct buf body;
	size_t body_limit;
	size_t header_bytes;
	bool is_too_large;
	bool is_private; /* an address was not connected to: see is_public_only */
	const atomic_int *is_stopping;
	int64_t stop_seen_ms; /* 0: not yet */
};

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;
static CURLcode curl_ready;

static void curl_start(void)
{
	curl_ready = curl_global_init(CURL_GLOBAL_DEFAULT);
}

int http_client_new(struct http_client **ret, const char *ca_bundle, struct trail *trail)
{
	struct http_client *client;

	pthread_once(&curl_once, curl_start);
	if (curl_ready != CURLE_OK)
		return ERR_FAIL(trail, ERR_NETWORK, "libcurl: %s", curl_easy_strerror(curl_ready));
	client = heap_alloc(sizeof(*client));
	client->ca_bundle = heap_string(ca_bundle ? ca_bundle : "");
	client->curl = curl_easy_init();
	if (!client->curl) {
		http_client_free(client);
		return ERR_FAIL(trail, ERR_NETWORK, "libcurl gives no handle");
	}
	*ret = client;
	return 0;
}

void http_client_free(struct http_client *client)
{
	if (!client)
		return;
	curl_easy_cleanup(client->curl);
	free(client->ca_bundle);
	free(client);
}

void http_client_watch(struct http_client *client, const atomic_int *is_stopping)
{
	client->is_stopping = is_stopping;
}

/* Curl calls this at least once a second. An answer that is about to come is still awaited. */
static int watch(void *userdata, curl_off_t down_all UNUSED, curl_off_t down UNUSED,
		 curl_off_t up_all UNUSED, curl_off_t up UNUSED)
{
	struct exchange *exchange = userdata;
	int64_t now = clock_mono_ms();

	if (!exchange->is_stopping || !atomic_load(exchange->is_stopping))
		return 0;
	if (exchange->stop_seen_ms == 0)
		exchange->stop_seen_ms = now;
	return now - exchange->stop_seen_ms >= HTTP_CLIENT_STOP_MS;
}

/* Curl asks with the address it is about to connect to: after the name was resolved, so that a name
 * that suddenly means another address gains nothing. */
static curl_socket_t open_public(void *userdata, curlsocktype purpose UNUSED,
				 struct curl_sockaddr *address)
{
	struct exchange *exchange = userdata;

	if (!http_address_is_public(&address->addr)) {
		exchange->is_private = true;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static size_t receive_body(char *data, size_t size, size_t n, void *userdata)
{
	struct exchange *exchange = userdata;
	size_t len = size * n;

	if (len > exchange->body_limit - exchange->body.len) {
		exchange->is_too_large = true;
		return 0;
	}
	buf_add(&exchange->body, data, len);
	return len;
}

/* Curl keeps the fields itself (curl_easy_header); here they are only counted. */
static size_t receive_header(char *data UNUSED, size_t size, size_t n, void *userdata)
{
	struct exchange *exchange = userdata;
	size_t len = size * n;

	if (len > CLIENT_RESPONSE_HEADER_BYTES - exchange->header_bytes) {
		exchange->is_too_large = true;
		return 0;
	}
	exchange->header_bytes += len;
	return len;
}

static bool is_method(const char *method)
{
	size_t i;

	for (i = 0; method[i]; i++)
		if (method[i] < 'A' || method[i] > 'Z')
			return false;
	return i > 0;
}

/* A control byte in a line would start another line. */
static bool is_header_line(const char *line)
{
	if (!strchr(line, ':'))
		return false;
	for (size_t i = 0; line[i]; i++)
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
			return false;
	return true;
}

static bool is_url(const struct http_client_request *request)
{
	struct text url = text_of(request->url);

	if (!text_is_printable(url) || text_has_byte(url, ' '))
		return false;
	return text_starts(url, TEXT("https://")) ||
	       (request->allow_plain && text_starts(url, TEXT("http://")));
}

static bool is_request_ok(const struct http_client_request *request)
{
	if (!is_method(request->method) || !is_url(request))
		return false;
	for (size_t i = 0; request->headers && request->headers[i]; i++)
		if (!is_header_line(request->headers[i]))
			return false;
	return true;
}

static void free_headers(struct curl_slist **list)
{
	curl_slist_free_all(*list);
}

static int add_header(struct curl_slist **list, const char *line, struct trail *trail)
{
	struct curl_slist *grown = curl_slist_append(*list, line);

	if (!grown)
		return ERR_FAIL(trail, ERR_LIMIT, "no memory for a request header");
	*list = grown;
	return 0;
}

static int make_headers(const struct http_client_request *request, struct curl_slist **list,
			struct trail *trail)
{
	bool has_type = false;
	int r = 0;

	for (size_t i = 0; r == 0 && request->headers && request->headers[i]; i++) {
		if (text_starts_nocase(text_of(request->headers[i]), TEXT("content-type:")))
			has_type = true;
		r = add_header(list, request->headers[i], trail);
	}
	/* Named without a value: curl then leaves out what it would add by itself. */
	if (r == 0)
		r = add_header(list, "Expect:", trail);
	if (r == 0 && !has_type)
		r = add_header(list, "Content-Type:", trail);
	return r;
}

/* Curl's setters fail only when it was built without a feature or has no memory; the first failure
 * is kept, so that a request is never made with a protection silently missing. */
static void keep_first(CURLcode *first, CURLcode code)
{
	if (*first == CURLE_OK)
		*first = code;
}
#define SET(option, value) keep_first(&first, curl_easy_setopt(curl, (option), (value)))

static CURLcode set_safety(const struct http_client *client,
			   const struct http_client_request *request)
{
	CURL *curl = client->curl;
	CURLcode first = CURLE_OK;

	SET(CURLOPT_PROTOCOLS_STR, request->allow_plain ? "http,https" : "https");
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_PROXY, "");
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	SET(CURLOPT_HTTP09_ALLOWED, 0L);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	if (*client->ca_bundle) {
		SET(CURLOPT_CAINFO, client->ca_bundle);
		SET(CURLOPT_CAPATH, NULL);
	}
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_MAXCONNECTS, (long)CLIENT_CONNECTIONS);
	SET(CURLOPT_CONNECTTIMEOUT_MS,
	    request->connect_ms > 0 ? request->connect_ms : (long)CLIENT_CONNECT_MS);
	SET(CURLOPT_TIMEOUT_MS,
	    request->timeout_ms > 0 ? request->timeout_ms : LIMIT_OUTBOUND_S * 1000L);
	return first;
}

static CURLcode watch_certificate(CURL *curl UNUSED, void *context, void *wants)
{
	http_tls_note_request(context, wants);
	return CURLE_OK;
}

static CURLcode set_request(CURL *curl, const struct http_client_request *request,
			    struct curl_slist *headers, struct exchange *exchange)
{
	CURLcode first = CURLE_OK;
	bool is_get = text_eq_c(TEXT("GET"), request->method);
	bool is_head = text_eq_c(TEXT("HEAD"), request->method);
	bool is_delete = text_eq_c(TEXT("DELETE"), request->method);

	SET(CURLOPT_URL, request->url);
	SET(CURLOPT_HTTPHEADER, headers);
	SET(CURLOPT_USERAGENT, "muster/" MUSTER_VERSION);
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	if (request->body.len > 0 || !(is_get || is_head || is_delete)) {
		SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.len);
		SET(CURLOPT_POSTFIELDS, request->body.len > 0 ? request->body.ptr : "");
	}
	if (is_head)
		SET(CURLOPT_NOBODY, 1L);
	else
		SET(CURLOPT_CUSTOMREQUEST, request->method);
	if (request->certificate_file)
		SET(CURLOPT_SSLCERT, request->certificate_file);
	if (request->key_file)
		SET(CURLOPT_SSLKEY, request->key_file);
	if (request->is_public_only) {
		SET(CURLOPT_OPENSOCKETFUNCTION, open_public);
		SET(CURLOPT_OPENSOCKETDATA, exchange);
	}
	if (request->ret_wants_certificate) {
		SET(CURLOPT_SSL_CTX_FUNCTION, watch_certificate);
		SET(CURLOPT_SSL_CTX_DATA, request->ret_wants_certificate);
	}
	if (request->is_fresh || request->is_public_only || request->ret_wants_certificate) {
		SET(CURLOPT_FRESH_CONNECT, 1L);
		SET(CURLOPT_FORBID_REUSE, 1L);
	}
	SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)exchange->body_limit);
	SET(CURLOPT_WRITEFUNCTION, receive_body);
	SET(CURLOPT_WRITEDATA, exchange);
	SET(CURLOPT_HEADERFUNCTION, receive_header);
	SET(CURLOPT_HEADERDATA, exchange);
	SET(CURLOPT_NOPROGRESS, 0L);
	SET(CURLOPT_XFERINFOFUNCTION, watch);
	SET(CURLOPT_XFERINFODATA, exchange);
	return first;
}

static const struct {
	CURLcode code;
	int result;
} failures[] = {
    {CURLE_COULDNT_RESOLVE_HOST, HTTP_CLIENT_E_UNREACHABLE},
    {CURLE_COULDNT_CONNECT, HTTP_CLIENT_E_UNREACHABLE},
    {CURLE_ABORTED_BY_CALLBACK, HTTP_CLIENT_E_UNREACHABLE},
    {CURLE_OPERATION_TIMEDOUT, HTTP_CLIENT_E_UNREACHABLE},
    {CURLE_SEND_ERROR, HTTP_CLIENT_E_UNREACHABLE},
    {CURLE_RECV_ERROR, HTTP_CLIENT_E_UNREACHABLE},
    {CURLE_GOT_NOTHING, HTTP_CLIENT_E_UNREACHABLE},
    {CURLE_PARTIAL_FILE, HTTP_CLIENT_E_UNREACHABLE},
    {CURLE_WEIRD_SERVER_REPLY, HTTP_CLIENT_E_UNREACHABLE},
    {CURLE_UNSUPPORTED_PROTOCOL, HTTP_CLIENT_E_UNREACHABLE}, /* HTTP/0.9; schemes are is_url's */
    {CURLE_URL_MALFORMAT, HTTP_CLIENT_E_REFUSED},
    {CURLE_LOGIN_DENIED, HTTP_CLIENT_E_REFUSED},
    {CURLE_SSL_CONNECT_ERROR, HTTP_CLIENT_E_TLS},
    {CURLE_SSL_SHUTDOWN_FAILED, HTTP_CLIENT_E_TLS},
    {CURLE_PEER_FAILED_VERIFICATION, HTTP_CLIENT_E_UNTRUSTED},
    {CURLE_SSL_ISSUER_ERROR, HTTP_CLIENT_E_UNTRUSTED},
    {CURLE_FILESIZE_EXCEEDED, HTTP_CLIENT_E_TOO_LARGE},
    {CURLE_SSL_CERTPROBLEM, ERR_CONFIG},
    {CURLE_SSL_CACERT_BADFILE, ERR_CONFIG},
};

static int sort_failure(const struct exchange *exchange, CURLcode code, const char *why,
			const char *url, struct trail *trail)
{
	int result = ERR_NETWORK;

	for (size_t i = 0; i < ARRAY_LEN(failures); i++)
		if (failures[i].code == code)
			result = failures[i].result;
	if (exchange->is_too_large)
		result = HTTP_CLIENT_E_TOO_LARGE;
	if (exchange->is_private) {
		result = HTTP_CLIENT_E_REFUSED;
		why = "it is at an address of a private network";
	}
	/* Without the query: it may carry what belongs in no log. */
	return ERR_FAIL(trail, result, "%.*s: %s", (int)strcspn(url, "?"), url,
			why && *why ? why : curl_easy_strerror(code));
}

static struct text response_header(CURL *curl, struct arena *arena, const char *name)
{
	struct curl_header *header;

	if (curl_easy_header(curl, name, 0, CURLH_HEADER, -1, &header) != CURLHE_OK)
		return (struct text){0};
	return arena_text(arena, text_of(header->value));
}

static void read_headers(CURL *curl, struct arena *arena, struct http_client_response *ret)
{
	struct curl_header *header = NULL;
	struct http_header *headers;
	size_t count = 0;

	while ((header = curl_easy_nextheader(curl, CURLH_HEADER, -1, header)))
		count++;
	headers = ARENA_ARRAY(arena, count, struct http_header);
	for (size_t i = 0; i < count; i++) {
		header = curl_easy_nextheader(curl, CURLH_HEADER, -1, header);
		headers[i].name = arena_text(arena, text_of(header->name));
		headers[i].value = arena_text(arena, text_of(header->value));
	}
	ret->headers = headers;
	ret->header_count = count;
}

struct text http_client_response_header(const struct http_client_response *response,
					const char *name)
{
	for (size_t i = 0; i < response->header_count; i++)
		if (text_eq_nocase(response->headers[i].name, text_of(name)))
			return response->headers[i].value;
	return (struct text){0};
}

static int64_t read_retry_after(CURL *curl, struct arena *arena)
{
	struct text value = text_trim(response_header(curl, arena, "Retry-After"));
	struct text date = response_header(curl, arena, "Date");
	uint64_t seconds;
	int64_t at, from;

	if (text_is_empty(value))
		return -1;
	if (text_to_u64(value, &seconds))
		return seconds > INT32_MAX ? INT32_MAX : (int64_t)seconds;
	at = curl_getdate(arena_cstr(arena, value), NULL);
	if (at < 0)
		return -1;
	/* Against the server's own clock where it tells it: ours may be off. */
	from = date.ptr ? curl_getdate(arena_cstr(arena, date), NULL) : -1;
	if (from < 0)
		from = clock_now();
	return at > from ? at - from : 0;
}

static void read_response(CURL *curl, struct arena *arena, const struct exchange *exchange,
			  struct http_client_response *ret)
{
	long status = 0;

	(void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	ret->status = (int)status;
	ret->content_type = response_header(curl, arena, "Content-Type");
	if (!ret->content_type.ptr)
		ret->content_type = TEXT_EMPTY;
	ret->body = exchange->body.len > 0 ? buf_text(&exchange->body) : TEXT_EMPTY;
	ret->location = response_header(curl, arena, "Location");
	ret->request_id = response_header(curl, arena, "request-id");
	ret->retry_after_s = read_retry_after(curl, arena);
	read_headers(curl, arena, ret);
}

int http_client_send(struct http_client *client, struct arena *arena,
		     const struct http_client_request *request, struct http_client_response *ret,
		     struct trail *trail)
{
	CLEANUP(free_headers) struct curl_slist *headers = NULL;
	char why[CURL_ERROR_SIZE] = "";
	struct exchange exchange = {.body_limit = request->body_limit ? request->body_limit
								      : LIMIT_OUTBOUND_BODY,
				    .is_stopping = client->is_stopping};
	CURL *curl = client->curl;
	CURLcode code;
	int r;

	if (!is_request_ok(request))
		return ERR_FAIL(trail, HTTP_CLIENT_E_REFUSED,
				"a method, URL or header this client does not send");
	r = make_headers(request, &headers, trail);
	if (r < 0)
		return ERR_TRACE(trail, r);
	buf_init(&exchange.body, arena);
	curl_easy_reset(curl);
	code = set_safety(client, request);
	if (code == CURLE_OK)
		code = set_request(curl, request, headers, &exchange);
	if (code == CURLE_OK)
		code = curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, why);
	if (code != CURLE_OK)
		return ERR_FAIL(trail, ERR_NETWORK, "libcurl: %s", curl_easy_strerror(code));
	code = curl_easy_perform(curl);
	if (code == CURLE_OK)
		read_response(curl, arena, &exchange, ret);
	/* What curl still points to ends with this call. */
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, NULL);
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, NULL);
	if (code != CURLE_OK)
		return sort_failure(&exchange, code, why, request->url, trail);
	return 0;
}
