/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sign.c: see sign.h. The digest is of the message's canonical form without the signature; what is
 * signed is the exclusive canonical form of SignedInfo, which is written so from the start.
 */
#include "sim/device/sign.h"

#include <openssl/err.h>

#include "base/b64.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/uuid.h"
#include "sim/device/c14n.h"
#include "sim/device/soap_names.h"

#define DSIG "http://www.w3.org/2000/09/xmldsig#"

enum { VALIDITY_S = 5 * 60, SIGNATURE_MAX = 1024 };

static const char END[] = "</wsse:Security>";
static const char TOKEN_ID[] = "wsse:BinarySecurityToken u:Id=\"uuid-";

/* SignedInfo between its tags; %s: the digest. */
static const char SIGNED_INFO[] =
    "<CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\">"
    "</CanonicalizationMethod><SignatureMethod "
    "Algorithm=\"http://www.w3.org/2001/04/xmldsig-more#rsa-sha256\"></SignatureMethod>"
    "<Reference URI=\"\"><Transforms><Transform Algorithm=\"" DSIG "enveloped-signature\">"
    "</Transform></Transforms><DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\">"
    "</DigestMethod><DigestValue>%s</DigestValue></Reference>";

static int crypto_fail(struct trail *trail, const char *what)
{
	char why[256];

	ERR_error_string_n(ERR_get_error(), why, sizeof(why));
	ERR_clear_error();
	return ERR_FAIL(trail, ERR_CRYPTO, "%s: %s", what, why);
}

int sign_open(struct arena *arena, struct buf *buf, const struct sign_identity *identity,
	      const char *value_type, struct trail *trail)
{
	int64_t now = clock_now();
	char id[UUID_TEXT_LEN + 1];
	unsigned char *der = NULL;
	int len = i2d_X509(identity->certificate, &der);

	if (len <= 0)
		return crypto_fail(trail, "encode the client certificate");
	uuid_write(uuid_random(), id);
	buf_printf(buf,
		   "<wsse:Security s:mustUnderstand=\"1\"><u:Timestamp u:Id=\"_0\"><u:Created>%s"
		   "</u:Created><u:Expires>%s</u:Expires></u:Timestamp><%s%s-1\" ValueType=\"%s\" "
		   "EncodingType=\"" TYPE_BASE64 "\">%s</wsse:BinarySecurityToken>%s",
		   clock_text(arena, now), clock_text(arena, now + VALIDITY_S), TOKEN_ID, id,
		   value_type, b64_write(arena, text_make(der, (size_t)len)), END);
	OPENSSL_free(der);
	return 0;
}

static int value_make(struct arena *arena, EVP_PKEY *key, const char *signed_info, const char **ret,
		      struct trail *trail)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	unsigned char value[SIGNATURE_MAX];
	size_t len = sizeof(value);
	bool is_made;

	is_made = context && EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
		  EVP_DigestSign(context, value, &len, (const unsigned char *)signed_info,
				 strlen(signed_info)) == 1;
	EVP_MD_CTX_free(context);
	if (!is_made)
		return crypto_fail(trail, "sign with the client key");
	*ret = b64_write(arena, text_make(value, len));
	return 0;
}

/* The id of the token, without "uuid-": Windows refers to it so. */
static const char *token_id(struct arena *arena, const char *message)
{
	const char *id = strstr(message, TOKEN_ID);

	id = id ? id + strlen(TOKEN_ID) : "";
	return arena_cstr(arena, text_make(id, strcspn(id, "\"")));
}

static int signature_make(struct arena *arena, const char *message,
			  const struct sign_identity *identity, const char **ret,
			  struct trail *trail)
{
	const char *value, *info;
	uint8_t digest[SHA256_LEN];
	struct buf canonical;
	int r;

	buf_init(&canonical, arena);
	r = c14n_write(arena, text_of(message), &canonical, trail);
	if (r < 0)
		return ERR_TRACE(trail, r);
	digest_sha256(buf_text(&canonical), digest);
	info = arena_printf(arena, SIGNED_INFO, b64_write(arena, text_make(digest, SHA256_LEN)));
	r = value_make(arena, identity->key,
		       arena_printf(arena, "<SignedInfo xmlns=\"" DSIG "\">%s</SignedInfo>", info),
		       &value, trail);
	if (r < 0)
		return ERR_TRACE(trail, r);
	*ret = arena_printf(arena,
			    "<Signature xmlns=\"" DSIG "\"><SignedInfo>%s</SignedInfo>"
			    "<SignatureValue>%s</SignatureValue><KeyInfo>"
			    "<wsse:SecurityTokenReference><wsse:Reference URI=\"%s\" "
			    "ValueType=\"" TYPE_X509 "\"></wsse:Reference>"
			    "</wsse:SecurityTokenReference></KeyInfo></Signature>",
			    info, value, token_id(arena, message));
	return 0;
}

int sign_close(struct arena *arena, struct buf *buf, const struct sign_identity *identity,
	       struct trail *trail)
{
	const char *message = arena_cstr(arena, buf_text(buf));
	const char *end = strstr(message, END), *signature;
	int r;

	if (!end)
		return ERR_FAIL(trail, ERR_INTERNAL, "a message without its security header");
	r = signature_make(arena, message, identity, &signature, trail);
	if (r < 0)
		return ERR_TRACE(trail, r);
	buf_clear(buf);
	buf_add_text(buf, text_make(message, (size_t)(end - message)));
	buf_add_c(buf, signature);
	buf_add_c(buf, end);
	return 0;
}
