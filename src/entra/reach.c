/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reach.c: see reach.h.
 */
#include "entra/reach.h"

#include "http/client.h"

const char *entra_reach_remedy(int outcome)
{
	switch ((enum http_client_outcome)outcome) {
	case HTTP_CLIENT_E_UNREACHABLE:
		return "The login host cannot be reached: check DNS and firewall of this server. "
		       "It is "
		       "tried again by itself.";
	case HTTP_CLIENT_E_UNTRUSTED:
		return "The TLS certificate of the login host is not trusted: something in between "
		       "inspects TLS. Let it leave that host alone, or put its CA into ca_bundle.";
	case HTTP_CLIENT_E_TOO_LARGE:
		return ENTRA_REACH_FOREIGN;
	case HTTP_CLIENT_E_REFUSED:
		return "The address of the login host is not one to call: correct login_url of the "
		       "tenant.";
	case HTTP_CLIENT_E_TLS:
		return "TLS with the login host fails: something in between breaks or inspects "
		       "TLS. Let "
		       "it leave that host alone, or put its CA into ca_bundle.";
	}
	return "";
}
