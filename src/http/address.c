/* SPDX-License-Identifier: Apache-2.0 */
/*
 * address.c: see address.h. Tables of prefixes, after the special-purpose registries of IANA
 * (RFC 6890 and what was added since).
 */
#include "http/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

#include "base/attr.h"

static const struct {
	uint8_t bytes[4];
	unsigned int bits;
} special_v4[] = {
    {{0, 0, 0, 0}, 8},      {{10, 0, 0, 0}, 8},     {{100, 64, 0, 0}, 10}, {{127, 0, 0, 0}, 8},
    {{169, 254, 0, 0}, 16}, {{172, 16, 0, 0}, 12},  {{192, 0, 0, 0}, 24},  {{192, 0, 2, 0}, 24},
    {{192, 88, 99, 0}, 24}, {{192, 168, 0, 0}, 16}, {{198, 18, 0, 0}, 15}, {{198, 51, 100, 0}, 24},
    {{203, 0, 113, 0}, 24}, {{224, 0, 0, 0}, 3},
};

static bool has_prefix(const uint8_t *address, const uint8_t *prefix, unsigned int bits)
{
	unsigned int whole = bits / 8;
	unsigned int rest = bits % 8;
	uint8_t mask = (uint8_t)(0xff00u >> rest);

	if (memcmp(address, prefix, whole) != 0)
		return false;
	return rest == 0 || (address[whole] & mask) == (prefix[whole] & mask);
}

static bool is_public_v4(const uint8_t *bytes)
{
	for (size_t i = 0; i < ARRAY_LEN(special_v4); i++)
		if (has_prefix(bytes, special_v4[i].bytes, special_v4[i].bits))
			return false;
	return true;
}

/* Only 2000::/3 is given out, and of that not what is for documentation or carries IPv4. */
static bool is_public_v6(const uint8_t *bytes)
{
	static const struct {
		uint8_t bytes[4];
		unsigned int bits;
	} special[] = {
	    {{0x20, 0x01, 0x00, 0x00}, 23}, /* Teredo and other protocols */
	    {{0x20, 0x01, 0x0d, 0xb8}, 32}, /* documentation */
	    {{0x20, 0x02, 0x00, 0x00}, 16}, /* 6to4 */
	    {{0x3f, 0xff, 0x00, 0x00}, 20}, /* documentation */
	};
	static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
	static const uint8_t global[1] = {0x20};

	if (has_prefix(bytes, mapped, 96))
		return is_public_v4(bytes + 12);
	if (!has_prefix(bytes, global, 3))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(special); i++)
		if (has_prefix(bytes, special[i].bytes, special[i].bits))
			return false;
	return true;
}

bool http_address_is_public(const struct sockaddr *address)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (address->sa_family == AF_INET) {
		memcpy(&v4, address, sizeof(v4));
		return is_public_v4((const uint8_t *)&v4.sin_addr);
	}
	if (address->sa_family == AF_INET6) {
		memcpy(&v6, address, sizeof(v6));
		return is_public_v6(v6.sin6_addr.s6_addr);
	}
	return false;
}
