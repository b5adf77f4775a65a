/* SPDX-License-Identifier: Apache-2.0 */
/*
 * soap_build.h: the three SOAP requests of enrolment, byte for byte in the shape of captured
 * Windows clients.
 */
#ifndef MUSTER_SIM_DEVICE_SOAP_BUILD_H
#define MUSTER_SIM_DEVICE_SOAP_BUILD_H

#include "base/buf.h"
#include "sim/device/device.h"
#include "sim/device/sign.h"

/* What goes into wsse:Security. */
struct soap_credential {
	struct text page_token; /* of the sign-in page; ptr NULL: none */
	struct text jwt;        /* ptr NULL: user name and password */
	const char *user;       /* NULL too: no security header at all (renewal) */
	const char *password;
	const struct sign_identity *signer; /* instead of both: a signed header; NULL: none */
};

/* url: as the device knows it; Windows puts the port into a:To of this one request. */
void soap_write_discover(struct buf *buf, const struct device *device, const char *url);
MUST_CHECK int soap_write_policies(struct arena *arena, struct buf *buf, const char *url,
				   const struct soap_credential *credential, struct trail *trail);

struct soap_request {
	const char *url;
	struct soap_credential credential;
	bool is_renewal;         /* PKCS#7 instead of PKCS#10 */
	bool is_mde_type;        /* PKCS#7: the other spelling of its type */
	bool is_encoded_twice;   /* two layers of base64 */
	struct text content;     /* DER */
	const char *opaque_blob; /* of the Terms of Use; NULL: none */
	const char *request_version;
};

MUST_CHECK int soap_write_request(struct arena *arena, struct buf *buf, const struct device *device,
				  const struct soap_request *request, struct trail *trail);

/* The highest version this build of Windows knows: "4.0", "5.0", ... */
const char *soap_request_version(const struct device *device);

#endif
