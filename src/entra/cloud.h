/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cloud.h: the Microsoft clouds: their login and Graph addresses and the issuers their tokens
 * name. A custom cloud brings its own addresses and its issuers are what its metadata states.
 */
#ifndef MUSTER_ENTRA_CLOUD_H
#define MUSTER_ENTRA_CLOUD_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/text.h"
#include "model/config.h"
#include "model/tenant.h"

/* Bases without path or trailing slash; "" for CLOUD_CUSTOM. */
const char *cloud_login_url(enum cloud cloud);
const char *cloud_graph_url(enum cloud cloud);

/* Where a tenant's requests go: the cloud's address, or the tenant's own for a custom cloud. In the
 * arena, without a trailing slash. */
const char *tenant_login_url(struct arena *arena, const struct tenant *tenant);
const char *tenant_graph_url(struct arena *arena, const struct tenant *tenant);

/* A custom cloud sends secrets and trust where a row says: the configuration has to allow it, and
 * can take that back. */
bool tenant_cloud_is_allowed(const struct config *config, const struct tenant *tenant);

/* Whether anything is done for this tenant and its devices at all: it is enabled, and its cloud
 * allowed. */
bool tenant_is_served(const struct config *config, const struct tenant *tenant);

/* May metadata of this tenant and token version state this issuer? */
bool cloud_issuer_is_ok(const struct tenant *tenant, bool is_version_2, struct text issuer);

/* An https URL of the form the tenant settings take: host, optional port, no path, query or user.
 * For checking login_url and graph_url of a custom cloud. */
bool cloud_base_url_is_ok(struct text url);

/* Both are https URLs and name the same host and port. */
bool url_has_same_origin(struct text a, struct text b);

#endif
