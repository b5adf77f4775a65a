/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sign.h: the signed security header of certificate authentication (enrollment.md section 2.5),
 * made with OpenSSL and c14n.h, without a library for XML signatures.
 */
#ifndef MUSTER_SIM_DEVICE_SIGN_H
#define MUSTER_SIM_DEVICE_SIGN_H

#include "base/buf.h"
#include "sim/device/keys.h"

/* The certificate on the device that the provisioning package names, and its key. */
struct sign_identity {
	X509 *certificate;
	EVP_PKEY *key;
};

/* Append the header to a message that is being written, but for the signature. value_type: of the
 * token, which differs between the two requests. */
MUST_CHECK int sign_open(struct arena *arena, struct buf *buf, const struct sign_identity *identity,
			 const char *value_type, struct trail *trail);
/* Sign the finished message that holds such a header: the signature becomes its last element. */
MUST_CHECK int sign_close(struct arena *arena, struct buf *buf,
			  const struct sign_identity *identity, struct trail *trail);

#endif
