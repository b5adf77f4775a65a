/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_crl.c: any bytes as the list the signing process gave for one request. The one that was
 * asked for is taken; whatever else is taken holds the very bytes that were to be signed.
 */
#include <stdlib.h>
#include <string.h>

#include "base/b64.h"
#include "x509/crl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A CA whose key is gone, and its signature on the list of corpus/crl/good. */
static const char ca_pem[] = "-----BEGIN CERTIFICATE-----\n"
			     "MIIBbDCCARGgAwIBAgICEmcwCgYIKoZIzj0EAwIwGzEZMBcGA1UEAwwQRnV6emVk\n"
			     "IGRldmljZSBDQTAeFw0yNjA4MjgxMDQwMDBaFw0zNjA4MjYxMDQwMDBaMBsxGTAX\n"
			     "BgNVBAMMEEZ1enplZCBkZXZpY2UgQ0EwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC\n"
			     "AATu+zVm6mapLjLG1Omg1gE5bB7vh0FoE32nb2VFO0zA5QbIP/f4/pR9wBB+/KiZ\n"
			     "TPi5LmdZRcCAEsGTCz45K6MSo0UwQzASBgNVHRMBAf8ECDAGAQH/AgEAMA4GA1Ud\n"
			     "DwEB/wQEAwIBBjAdBgNVHQ4EFgQUz9/I6OQNsfkxgbhXPexDTxAVLk4wCgYIKoZI\n"
			     "zj0EAwIDSQAwRgIhAN4WmYw69IGqYdPOC+o9SFfTMDIS2RMgAnPvXrPJskSHAiEA\n"
			     "iVBLG8bEt08CWZkh6/Xn9Io3p7B0ces/L/5EbVeLcvo=\n"
			     "-----END CERTIFICATE-----\n";
static const char signature[] =
    "MEUCIQCrOD7zp0rp-hUSoMuKo6EnOOmpVUrXIbmNo5bvcKZuDgIgLHB6f7021F6z1FegSjC0XCMfv_iLSVX7Wtdm"
    "PFjrnvE";

static const int64_t now = 1788000000;

static void request_make(struct x509_crl_entry entries[2], struct x509_crl_request *ret)
{
	static const uint32_t reasons[] = {X509_CRL_SUPERSEDED, X509_CRL_CESSATION};

	for (size_t i = 0; i < 2; i++)
		entries[i] = (struct x509_crl_entry){
		    .serial = {0x40, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14,
			       (uint8_t)(8 + i)},
		    .revoked_at = now - 1 + (int64_t)i,
		    .reason = reasons[i],
		};
	*ret = (struct x509_crl_request){.entries = entries, .count = 2};
	x509_crl_times(ret, now, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text in = text_make(data, size), tbs, signed_by_ca, good;
	struct x509_crl_request request;
	struct x509_crl_entry entries[2];
	struct x509_cert ca;
	struct trail trail;
	struct arena arena;
	int r;

	arena_init(&arena);
	trail_reset(&trail);
	request_make(entries, &request);
	if (x509_cert_read_pem(&arena, text_of(ca_pem), &ca) ||
	    b64url_read(&arena, text_of(signature), &signed_by_ca) ||
	    x509_crl_check(&request, &ca, now) != X509_CRL_OK)
		abort();
	tbs = x509_crl_tbs(&arena, &request, &ca);
	good = x509_leaf_assemble(&arena, tbs, &ca, signed_by_ca);
	r = x509_crl_lint(in, &request, &ca, &trail);
	if (r != 0 && r != X509_CRL_E_DIFFERS)
		abort();
	if (text_eq(in, good) ? r != 0 : r == 0 && !memmem(in.ptr, in.len, tbs.ptr, tbs.len))
		abort();
	arena_done(&arena);
	return 0;
}
