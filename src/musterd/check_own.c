/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_own.c: this server's own addresses, asked as devices ask them: discovery, management, and
 * the CRL of the device CA. A device that cannot reach one of them has enrolled in vain, and
 * nothing of that would be seen here.
 */
#include "base/hex.h"
#include "http/client.h"
#include "musterd/check.h"
#include "x509/cert.h"
#include "x509/crl.h"

/* A client that trusts what a listener serves: whether Windows does is a finding of its own. */
static int listener_client(struct checking *checking, const struct config_listener *listener,
			   struct http_client **ret)
{
	int r = http_client_new(ret,
				listener->tls_certificate[0] ? listener->tls_certificate
							     : checking->config->tls_certificate,
				&checking->trail);

	if (r)
		check_problem(checking, "%s cannot be asked: %s", listener->url,
			      checking->trail.cause);
	trail_reset(&checking->trail);
	return r;
}

/* Whether discovery answers at an address. False: nobody does. */
static bool discovery_check(struct checking *checking, const char *base)
{
	const char *url = arena_printf(&checking->arena, "%s/EnrollmentServer/Discovery.svc", base);
	const struct http_client_request request = {
	    .method = "GET", .url = url, .timeout_ms = CHECK_ASK_MS, .connect_ms = CHECK_ASK_MS};
	struct http_client_response response;
	struct http_client *client;
	int r;

	if (listener_client(checking, &checking->config->public, &client))
		return false;
	r = http_client_send(client, &checking->arena, &request, &response, &checking->trail);
	if (r == 0 && response.status == 200)
		check_ok(checking, "%s answers", url);
	else if (r == 0)
		check_problem(
		    checking,
		    "%s answers HTTP %d: something else is in front of this server, or it "
		    "runs with other settings",
		    url, response.status);
	else if (r == HTTP_CLIENT_E_UNTRUSTED)
		check_problem(checking,
			      "%s is answered with another certificate than this server's: a proxy "
			      "ends TLS before it",
			      url);
	else
		check_notice(checking, "%s is not answered from here; is the server running?", url);
	trail_reset(&checking->trail);
	http_client_free(client);
	return r == 0 || r == HTTP_CLIENT_E_UNTRUSTED;
}

/* Where devices come to be managed. Only they have a certificate, so that the handshake ends when
 * the server has asked for one. is_running: the server answers elsewhere. */
static void manage_check(struct checking *checking, bool is_running)
{
	const char *url = checking->config->manage.url;
	bool wants_certificate = false;
	const struct http_client_request request = {
	    .method = "GET",
	    .url = url,
	    .timeout_ms = CHECK_ASK_MS,
	    .connect_ms = CHECK_ASK_MS,
	    .ret_wants_certificate = &wants_certificate,
	};
	struct http_client_response response;
	struct http_client *client;
	int r;

	if (listener_client(checking, &checking->config->manage, &client))
		return;
	r = http_client_send(client, &checking->arena, &request, &response, &checking->trail);
	if (wants_certificate)
		check_ok(checking, "%s asks for the device's certificate", url);
	else if (r == HTTP_CLIENT_E_UNTRUSTED)
		check_problem(checking,
			      "%s is answered with another certificate than this server's: a proxy "
			      "ends TLS before it, and no device can prove itself",
			      url);
	else if (r == 0 || r == HTTP_CLIENT_E_TLS)
		check_problem(checking,
			      "%s does not ask for the device's certificate: something else is in "
			      "front of this server, and no device can prove itself",
			      url);
	else if (is_running)
		check_problem(checking,
			      "%s cannot be reached from here: devices enrol and never come to be "
			      "managed. Open the port in the firewall, and compare manage_url with "
			      "manage_listen and with DNS",
			      url);
	else
		check_notice(checking, "%s is not answered from here; is the server running?", url);
	trail_reset(&checking->trail);
	http_client_free(client);
}

/* The server answered, with something else than the list. At its own address that is a server which
 * has not been restarted since the device CA was changed. */
static void crl_missed(struct checking *checking, const char *url, int status)
{
	const char *own =
	    arena_printf(&checking->arena, "%s" CONFIG_CRL_PATH "/", checking->config->public.url);

	if (status == 404 && text_starts(text_of(url), text_of(own)))
		check_notice(checking,
			     "CRL at %s: the running server has none of this device CA yet. "
			     "Restart it after a change of the CA; a list takes seconds to appear",
			     url);
	else
		check_problem(checking,
			      "CRL at %s: HTTP %d and no list of this device CA. crl_url in "
			      "section [ca] must lead to " CONFIG_CRL_PATH " of this server",
			      url, status);
}

/* The list of the device CA at the address that every certificate names. */
static void crl_check(struct checking *checking, bool is_running)
{
	const struct config *config = checking->config;
	struct http_client_response response;
	struct http_client *client;
	struct x509_cert ca;
	struct http_client_request request = {.method = "GET",
					      .timeout_ms = CHECK_ASK_MS,
					      .connect_ms = CHECK_ASK_MS,
					      .allow_plain = true};
	bool is_own = text_starts(text_of(config->ca_crl_url), text_of(config->public.url));
	int r;

	/* What is wrong with that file is a finding already. */
	if (x509_cert_read_pem(&checking->arena,
			       check_file_read(checking, config->ca_certificate, X509_PEM_MAX),
			       &ca) ||
	    !ca.subject_key_id.ptr)
		return;
	r = is_own ? listener_client(checking, &config->public, &client)
		   : http_client_new(&client, "", &checking->trail);
	if (r)
		return;
	request.url = arena_printf(&checking->arena, "%s/%s.crl", config->ca_crl_url,
				   hex_write(&checking->arena, ca.subject_key_id));
	r = http_client_send(client, &checking->arena, &request, &response, &checking->trail);
	if (r == 0 && response.status == 200 && x509_crl_is_of(response.body, &ca))
		check_ok(checking, "CRL at %s", request.url);
	else if (r == 0)
		crl_missed(checking, request.url, response.status);
	else if (is_running || !is_own)
		check_problem(
		    checking,
		    "CRL at %s cannot be fetched: %s. Correct crl_url in section [ca], or "
		    "DNS and the firewall",
		    request.url, checking->trail.cause);
	else
		check_notice(checking,
			     "CRL at %s is not answered from here; is the server running?",
			     request.url);
	trail_reset(&checking->trail);
	http_client_free(client);
}

void check_own(struct checking *checking)
{
	bool is_running = discovery_check(checking, checking->config->public.url);

	manage_check(checking, is_running);
	crl_check(checking, is_running);
}
