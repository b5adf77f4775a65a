/* SPDX-License-Identifier: Apache-2.0 */
/*
 * listeners.c: see listeners.h. Only `manage` asks for a client certificate, and it trusts nothing
 * but the device CA, the ones before it and the root above it; metrics are plain and for the
 * loopback.
 */
#include "musterd/listeners.h"

static size_t host_count(const struct config_listener *from)
{
	size_t n = 0;

	while (n < CONFIG_HOSTS && from->hosts[n])
		n++;
	return n;
}

static struct http_listener tls_listener(const char *name, const struct config_listener *from)
{
	return (struct http_listener){
	    .name = name,
	    .address = from->listen,
	    .hosts = from->hosts,
	    .host_count = host_count(from),
	    .certificate_file = from->tls_certificate,
	    .key_file = from->tls_key,
	};
}

void listeners_fill(const struct config *config, struct http_listener *ret)
{
	ret[EDGE_PUBLIC] = tls_listener("public", &config->public);
	ret[EDGE_MANAGE] = tls_listener("manage", &config->manage);
	ret[EDGE_MANAGE].client_auth = HTTP_CLIENT_REQUIRED;
	ret[EDGE_MANAGE].client_ca_file = config->ca_certificate;
	ret[EDGE_MANAGE].client_ca_more = config->ca_trusted;
	ret[EDGE_MANAGE].client_ca_more_count = config->ca_trusted_count;
	ret[EDGE_CONSOLE] = tls_listener("console", &config->console);
	ret[EDGE_METRICS] = (struct http_listener){
	    .name = "metrics",
	    .address = config->metrics.listen,
	    .is_plain = true,
	};
}
