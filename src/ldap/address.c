/* SPDX-License-Identifier: Apache-2.0 */
/*
 * address.c: see address.h.
 */
#include "ldap/address.h"

#include <arpa/inet.h>

#include "base/text.h"

static bool host_is_loopback(struct text host)
{
	char name[INET_ADDRSTRLEN];
	struct in_addr address;

	if (text_eq_nocase(host, TEXT("localhost")) || text_eq(host, TEXT("[::1]")))
		return true;
	if (host.len >= sizeof(name))
		return false;
	memcpy(name, host.ptr, host.len);
	name[host.len] = '\0';
	return inet_pton(AF_INET, name, &address) == 1 && ntohl(address.s_addr) >> 24 == 127;
}

static bool host_is_ok(struct text host)
{
	if (text_starts(host, TEXT("[")) && !text_ends(host, TEXT("]")))
		return false;
	for (size_t i = 0; i < host.len; i++) {
		char c = host.ptr[i];
		bool is_name = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
			       (c >= '0' && c <= '9') || c == '.' || c == '-';

		if (!is_name && !(host.ptr[0] == '[' && (c == ':' || c == '[' || c == ']')))
			return false;
	}
	return host.len > 0;
}

/* host[:port] */
static bool authority_read(struct text t, struct text *ret_host)
{
	struct text port = t;
	uint64_t number;

	*ret_host = t;
	if (text_starts(t, TEXT("["))) {
		size_t end = 0;

		while (end < t.len && t.ptr[end] != ']')
			end++;
		*ret_host = text_take(t, end + 1);
		port = text_from(t, end + 1);
		if (port.len == 0)
			return host_is_ok(*ret_host);
		if (port.ptr[0] != ':')
			return false;
		port = text_from(port, 1);
	} else {
		*ret_host = text_cut(&port, ':');
		if (!port.ptr)
			return host_is_ok(*ret_host);
	}
	return host_is_ok(*ret_host) && text_to_u64(port, &number) && number >= 1 &&
	       number <= 65535;
}

const char *address_refusal(const char *url, bool is_start_tls)
{
	struct text t = text_of(url), host;
	bool is_tls = text_starts(t, TEXT("ldaps://"));

	if (!is_tls && !text_starts(t, TEXT("ldap://")))
		return "ldaps://host[:port] or ldap://host[:port]";
	t = text_from(t, is_tls ? strlen("ldaps://") : strlen("ldap://"));
	if (strlen(url) > ADDRESS_MAX || !authority_read(t, &host))
		return "ldaps://host[:port] or ldap://host[:port], without a path";
	if (is_tls && is_start_tls)
		return "ldap:// with start_tls, or ldaps:// without";
	if (!is_tls && !is_start_tls && !host_is_loopback(host))
		return "ldaps://, or ldap:// with start_tls: passwords are not sent in clear text";
	return NULL;
}
