/* SPDX-License-Identifier: Apache-2.0 */
/*
 * key.h: whether a private key an administrator gives belongs to the certificate beside it.
 */
#ifndef MUSTER_X509_KEY_H
#define MUSTER_X509_KEY_H

#include "x509/cert.h"

/* False also when the PEM cannot be read; an encrypted key cannot. */
bool x509_key_matches(struct text key_pem, const struct x509_cert *certificate);

#endif
