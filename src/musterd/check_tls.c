/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check_tls.c: the certificate files of the listeners that devices use, as a Windows device sees
 * them before it is enrolled: it knows the public roots and nothing of this server.
 *
 * Where the host is one of this machine only, an untrusted certificate is what everybody starts
 * with, and no more than a notice.
 */
#include <fcntl.h>
#include <unistd.h>

#include "base/clock.h"
#include "musterd/check.h"
#include "x509/cert.h"
#include "x509/chain.h"

struct text check_file_read(struct checking *checking, const char *path, size_t max)
{
	char *data = arena_alloc(&checking->arena, max);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n = fd < 0 ? -1 : 1;

	while (n > 0 && len < max) {
		n = read(fd, data + len, max - len);
		len += n > 0 ? (size_t)n : 0;
	}
	if (fd >= 0)
		close(fd);
	return n < 0 ? (struct text){NULL, 0} : text_make(data, len);
}

bool check_host_is_local(const char *host)
{
	struct text t = text_of(host);

	return text_starts(t, TEXT("127.")) || text_eq(t, TEXT("localhost")) ||
	       text_eq(t, TEXT("[::1]")) || text_eq(t, TEXT("::1"));
}

const char *check_discovery_host(struct checking *checking, const char *domain)
{
	return arena_printf(&checking->arena, "enterpriseenrollment.%s", domain);
}

/* What is wrong with the chain, and what to do. */
static const char *chain_text(struct arena *arena, int outcome, const struct x509_chain *chain)
{
	switch ((enum x509_chain_outcome)outcome) {
	case X509_CHAIN_E_MALFORMED:
		return "holds no certificate that can be read";
	case X509_CHAIN_E_SELF_SIGNED:
		return "Windows will not trust it: it is signed by itself. Get one from an "
		       "authority that new devices trust";
	case X509_CHAIN_E_MISSING:
		return arena_printf(arena,
				    "Windows will not trust it: '%s' was issued by '%s', which is "
				    "neither in the file nor a known root. Add the missing "
				    "intermediate certificate to the file, after the server's own",
				    chain->subject, chain->issuer);
	case X509_CHAIN_E_ROOT_UNKNOWN:
		return arena_printf(arena,
				    "Windows will not trust it: its root '%s' is not one that new "
				    "devices know",
				    chain->subject);
	case X509_CHAIN_E_EXPIRED:
		return arena_printf(arena, "'%s' has expired; replace it", chain->subject);
	case X509_CHAIN_E_NOT_YET:
		return arena_printf(arena, "'%s' is not valid yet; check the clock",
				    chain->subject);
	case X509_CHAIN_E_WEAK:
		return arena_printf(
		    arena,
		    "'%s' has a key or signature that is too weak: RSA of 2048 bits "
		    "and SHA-256 are the least",
		    chain->subject);
	case X509_CHAIN_E_NOT_SERVER:
		return arena_printf(arena,
				    "'%s' is not for TLS servers: serverAuth is missing from its "
				    "extended key usage",
				    chain->subject);
	case X509_CHAIN_E_OTHER:
		return arena_printf(arena, "Windows will not trust it: %s", chain->reason);
	}
	return "";
}

static void chain_check(struct checking *checking, const char *name,
			const struct config_listener *listener, struct text pem, struct text roots)
{
	struct x509_chain chain;
	int r = x509_chain_check(&checking->arena, pem, roots, clock_now(), &chain);
	const char *text = chain_text(&checking->arena, r, &chain);

	if (r == 0)
		check_ok(checking, "chain of the %s certificate", name);
	else if (check_host_is_local(listener->host))
		check_notice(checking, "chain of the %s certificate: %s", name, text);
	else
		check_problem(checking, "chain of the %s certificate: %s", name, text);
}

static void name_check(struct checking *checking, const char *name, struct text pem,
		       const char *host)
{
	if (x509_chain_is_for(pem, host))
		check_ok(checking, "the %s certificate is for %s", name, host);
	else
		check_problem(checking,
			      "the %s certificate is not for %s: Windows compares the names in "
			      "subjectAltName. Get one with that name too",
			      name, host);
}

/* A tenant that enrols without Entra is found by its mail domains. */
static void domains_check(struct checking *checking, struct text pem, const struct tenant *tenants,
			  size_t n)
{
	for (size_t i = 0; i < n; i++) {
		for (size_t d = 0; d < tenants[i].domain_count; d++)
			name_check(checking, "public", pem,
				   check_discovery_host(checking, tenants[i].domains[d]));
	}
}

/* Every name the listener has but the pattern of autodiscovery. */
static void names_check(struct checking *checking, const char *name, struct text pem,
			const struct config_listener *listener)
{
	for (size_t i = 0; i < CONFIG_HOSTS && listener->hosts[i]; i++)
		if (!text_ends(text_of(listener->hosts[i]), TEXT("*")))
			name_check(checking, name, pem, listener->hosts[i]);
}

static struct text listener_file(struct checking *checking, const struct config_listener *listener)
{
	const char *own = listener->tls_certificate;

	return check_file_read(checking, own[0] ? own : checking->config->tls_certificate,
			       X509_PEM_MAX);
}

void check_tls(struct checking *checking, const struct tenant *tenants, size_t n)
{
	const struct config *config = checking->config;
	const struct {
		const char *name;
		const struct config_listener *listener;
	} listeners[] = {{"public", &config->public}, {"manage", &config->manage}};
	struct text roots = check_file_read(checking, checking->roots_file, X509_ROOTS_MAX);

	if (!roots.ptr) {
		check_notice(
		    checking,
		    "chains of certificates: %s cannot be read; install ca-certificates or "
		    "name another file with --roots",
		    checking->roots_file);
		roots = TEXT_EMPTY;
	}
	for (size_t i = 0; i < ARRAY_LEN(listeners); i++) {
		struct text pem = listener_file(checking, listeners[i].listener);

		/* That it cannot be read is a finding of the listener already. */
		if (!pem.ptr)
			continue;
		if (roots.len > 0)
			chain_check(checking, listeners[i].name, listeners[i].listener, pem, roots);
		names_check(checking, listeners[i].name, pem, listeners[i].listener);
		if (i == 0)
			domains_check(checking, pem, tenants, n);
	}
}
