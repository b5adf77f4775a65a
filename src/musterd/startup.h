/* SPDX-License-Identifier: Apache-2.0 */
/*
 * startup.h: what must hold before the server serves, for `serve` and `check` alike. Each failure
 * is ERR_CONFIG with one sentence that says what to do.
 */
#ifndef MUSTER_MUSTERD_STARTUP_H
#define MUSTER_MUSTERD_STARTUP_H

#include "base/err.h"
#include "model/op.h"
#include "signer/signer.h"

struct db_store;

/* What the signing process is told; borrows from the configuration. */
struct signer_setup startup_signer_setup(const struct config *config);

/* The database is there: a path with a slip in it must not become a second, empty server. */
MUST_CHECK int startup_check_store_exists(const struct config *config, struct trail *trail);

/* The file of trust anchors for Entra, when one is named, holds certificates. */
MUST_CHECK int startup_check_ca_bundle(const struct config *config, struct trail *trail);

/* The master key is the one this database was made with: it opens the value sealed then. A database
 * without one (made by `migrate`) gets it here. */
MUST_CHECK int startup_check_master_key(struct db_store *store, const struct server_keys *keys,
					struct trail *trail);

#endif
