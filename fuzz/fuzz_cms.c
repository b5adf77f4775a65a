/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_cms.c: signed messages from any bytes. What is read must be rebuilt so that the library
 * reads the same content and signer from it; and the normal form of BER must be one: normal again,
 * and no longer to be changed.
 */
#include <openssl/cms.h>
#include <openssl/err.h>
#include <stdlib.h>

#include "base/limits.h"
#include "x509/ber.h"
#include "x509/cms.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool ok)
{
	if (!ok)
		abort();
}

static void library_compare(const struct x509_cms *cms)
{
	const unsigned char *p = (const unsigned char *)cms->bare.ptr;
	CMS_ContentInfo *info = d2i_CMS_ContentInfo(NULL, &p, (long)cms->bare.len);
	ASN1_OCTET_STRING **content;

	/* The library may refuse what lies in parts we step over, such as the issuer's name. */
	if (info) {
		require(p == (const unsigned char *)cms->bare.ptr + cms->bare.len);
		require(sk_CMS_SignerInfo_num(CMS_get0_SignerInfos(info)) == 1);
		require(CMS_get1_certs(info) == NULL);
		content = CMS_get0_content(info);
		require(content && *content);
		require(text_eq(cms->content, text_make(ASN1_STRING_get0_data(*content),
							(size_t)ASN1_STRING_length(*content))));
	}
	CMS_ContentInfo_free(info);
	ERR_clear_error();
}

/* No input is signed by this one. */
static void verify(const struct x509_cms *cms)
{
	struct x509_cert stranger = {
	    .der = cms->bare, .issuer_der = cms->issuer_der, .serial = cms->serial};
	struct trail trail;

	trail_reset(&trail);
	require(x509_cms_verify(cms, &stranger, &trail) != 0);
	ERR_clear_error();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text in = text_make(data, size), normal, again;
	struct arena arena;
	struct x509_cms cms;

	arena_init(&arena);
	if (x509_ber_normal(&arena, in, &normal)) {
		require(normal.len <= in.len);
		require(x509_ber_normal(&arena, normal, &again) && text_eq(normal, again));
	}
	if (x509_cms_read(&arena, in, &cms) == 0) {
		require(in.len <= LIMIT_CMS && cms.content.len > 0);
		require(x509_cms_outcome_name((enum x509_cms_outcome)0)[0] == '\0');
		library_compare(&cms);
		verify(&cms);
	}
	arena_done(&arena);
	return 0;
}
