/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check.h: what the files of `musterd check` share. A finding is one line: what is so, and where it
 * is a problem what to do. Whatever asks somebody else is bounded in time.
 */
#ifndef MUSTER_MUSTERD_CHECK_H
#define MUSTER_MUSTERD_CHECK_H

#include "base/arena.h"
#include "base/err.h"
#include "model/op.h"
#include "model/tenant.h"

/* The roots that this system trusts stand for those a new Windows device trusts. */
#define CHECK_ROOTS_FILE "/etc/ssl/certs/ca-certificates.crt"

enum { CHECK_ASK_MS = 5000 };

struct checking {
	const struct config *config;
	const char *roots_file;
	bool is_offline;
	struct arena arena;
	struct trail trail;
	int problems;
};

void check_ok(struct checking *checking, const char *fmt, ...) PRINTF_LIKE(2, 3);
void check_notice(struct checking *checking, const char *fmt, ...) PRINTF_LIKE(2, 3);
void check_problem(struct checking *checking, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* The content of a file of at most max bytes; ptr NULL when it cannot be read. */
struct text check_file_read(struct checking *checking, const char *path, size_t max);
/* Nobody but this machine can reach such a name. */
bool check_host_is_local(const char *host);
/* The name that Windows makes of the domain of a mail address. */
const char *check_discovery_host(struct checking *checking, const char *domain);

/* The certificates as Windows sees them, for the hosts and the domains of the tenants. */
void check_tls(struct checking *checking, const struct tenant *tenants, size_t n);
/* Whether this server answers at its own addresses. */
void check_own(struct checking *checking);
/* Names, the own addresses, the clock, and each tenant's Entra and Graph. */
void check_network(struct checking *checking, struct op *op, const struct tenant *tenants,
		   size_t n);
/* All of the above; is_usable: database and master key are good. */
void check_outside(struct checking *checking, const struct server_keys *keys, bool is_usable);

#endif
