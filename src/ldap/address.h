/* SPDX-License-Identifier: Apache-2.0 */
/*
 * address.h: which addresses of a directory are taken, where an administrator types one and again
 * before it is connected to: passwords go over TLS, or stay on this machine.
 */
#ifndef MUSTER_LDAP_ADDRESS_H
#define MUSTER_LDAP_ADDRESS_H

#include <stdbool.h>

enum { ADDRESS_MAX = 255 };

/* NULL, or what the url must be: ldaps://, or ldap:// with StartTLS, or without to this machine. */
const char *address_refusal(const char *url, bool is_start_tls);

#endif
