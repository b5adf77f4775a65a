/* SPDX-License-Identifier: Apache-2.0 */
/*
 * address.h: which addresses are of the public internet. Pure.
 */
#ifndef MUSTER_HTTP_ADDRESS_H
#define MUSTER_HTTP_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

/* False for loopback, private, link-local, shared, multicast, reserved and unspecified addresses,
 * for IPv6 addresses that carry such an IPv4 one, and for other families. */
bool http_address_is_public(const struct sockaddr *address);

#endif
