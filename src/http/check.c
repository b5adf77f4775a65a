/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check.c: looking at a listener's TLS files without listening, for `musterd check`.
 */
#include "http/server.h"
#include "http/tls.h"

int http_server_check_tls(const struct http_listener *listener, struct trail *trail)
{
	struct http_tls *tls;
	int r;

	r = http_tls_new(&tls, listener, 0, trail);
	if (r)
		return r;
	http_tls_release(tls);
	return 0;
}
