/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_signed.c: a whole signed message in, a verdict out: what the server does with the bytes of
 * certificate authentication, but for the clock and the CAs a tenant trusts.
 *
 * Beyond not failing: a message that verifies still does when it is read again, what was read of
 * it is what was signed, and one more byte in the signed part makes it another message.
 */
#include <stdlib.h>

#include "base/limits.h"
#include "soap/signature.h"
#include "soap/wsse.h"
#include "x509/client.h"
#include "xmldsig/xmldsig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

/* A text in the action, which is signed, makes another message of it. */
static void check_changed(struct arena *arena, struct text bytes, struct text der)
{
	struct trail trail = {0};
	char *copy = arena_cstr(arena, bytes);
	char *at = strstr(copy, "</");
	struct buf buf;

	if (!at)
		return;
	buf_init(&buf, arena);
	buf_add_text(&buf, text_make(copy, (size_t)(at - copy)));
	buf_add_c(&buf, "x");
	buf_add_c(&buf, at);
	check(xmldsig_verify(buf_text(&buf), der, &trail) != 0);
}

static void judge(struct arena *arena, struct text bytes, const struct soap_message *message)
{
	struct soap_signature signature;
	struct soap_security security;
	struct x509_client client;
	struct trail trail = {0};
	int r;

	if (soap_security_read(arena, message, &security) || security.kind != SOAP_SECURITY_X509 ||
	    soap_signature_read(arena, message, &signature))
		return;
	check(signature.created.len <= LIMIT_SOAP_VALUE && signature.expires.ptr);
	if (x509_client_read(arena, security.token, &client, &trail))
		return;
	r = xmldsig_verify(bytes, client.cert.der, &trail);
	check(r >= 0);
	if (r == 0) {
		check(xmldsig_verify(bytes, client.cert.der, &trail) == 0);
		check_changed(arena, bytes, client.cert.der);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text bytes = text_make(data, size);
	struct soap_message message;
	struct arena arena;

	arena_init(&arena);
	if (size <= LIMIT_BODY_SOAP && soap_envelope_read(&arena, bytes, &message) == 0)
		judge(&arena, bytes, &message);
	arena_done(&arena);
	return 0;
}
