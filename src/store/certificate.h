/* SPDX-License-Identifier: Apache-2.0 */
/*
 * certificate.h: device certificates. Key: (tenant_id, id). A row is added as INTENDED before the
 * CA key is used and becomes ACTIVE with the certificate itself. In one tenant a token (by its
 * hash, when there is one) can have one row only: of parallel attempts one wins, the others get
 * STORE_E_CONFLICT and look again.
 */
#ifndef MUSTER_STORE_CERTIFICATE_H
#define MUSTER_STORE_CERTIFICATE_H

#include "model/device.h"
#include "store/store.h"

/* STORE_E_CONFLICT: the id, this token_sha256 (not "") or this consent_id (not "") exists; or the
 * tenant does not. */
MUST_CHECK int store_certificate_add(struct db_conn *tx,
				     const struct device_certificate *certificate);
/* What an activation fills in. */
struct certificate_issue {
	struct text device_id; /* whom it names; may be another than the intent expected */
	struct text sha256;    /* hex, of the DER */
	struct text serial;    /* hex, as issued */
	struct text der;       /* base64 */
	int64_t not_before;
	int64_t not_after;
	struct text issuer_key_id; /* hex, of the CA that signed it */
};
/* INTENDED -> ACTIVE. STORE_E_NOT_FOUND: no such intent (any more); STORE_E_CONFLICT: sha256. */
MUST_CHECK int store_certificate_activate(struct db_conn *tx, struct text tenant_id, struct text id,
					  const struct certificate_issue *issue);
/* The row of this token and this key. STORE_E_NOT_FOUND. */
MUST_CHECK int store_certificate_find(struct db_conn *conn, struct arena *arena,
				      struct text tenant_id, struct text token_sha256,
				      struct text spki_sha256, struct device_certificate *ret);
/* The row of this token, whatever its key. STORE_E_NOT_FOUND; an empty hash finds nothing. */
MUST_CHECK int store_certificate_find_token(struct db_conn *conn, struct arena *arena,
					    struct text tenant_id, struct text token_sha256,
					    struct device_certificate *ret);
/* By the serial number of an issued certificate, in lower-case hex, of any tenant and in whatever
 * state. STORE_E_NOT_FOUND. */
MUST_CHECK int store_certificate_find_serial(struct db_conn *conn, struct arena *arena,
					     struct text serial, struct device_certificate *ret);
/* STORE_E_NOT_FOUND. */
MUST_CHECK int store_certificate_load(struct db_conn *conn, struct arena *arena,
				      struct text tenant_id, struct text id,
				      struct device_certificate *ret);
/* Of one device, newest first. */
MUST_CHECK int store_certificate_list(struct db_conn *conn, struct arena *arena,
				      struct text tenant_id, struct text device_id,
				      struct device_certificate **ret, size_t *ret_n);
/* The newest row with this public key, in whatever state, of a device other than (tenant_id,
 * device_id), of any tenant. STORE_E_NOT_FOUND. */
MUST_CHECK int store_certificate_find_spki(struct db_conn *conn, struct arena *arena,
					   struct text spki_sha256, struct text tenant_id,
					   struct text device_id, struct device_certificate *ret);
/* Whether a certificate was asked for with this consent already; never for an empty id. */
MUST_CHECK int store_certificate_consent_exists(struct db_conn *conn, struct text tenant_id,
						struct text consent_id, bool *ret);
/* ACTIVE -> SUPERSEDED, now, for all of a device but except_id (empty: all). */
MUST_CHECK int store_certificate_supersede_all(struct db_conn *tx, struct text tenant_id,
					       struct text device_id, struct text except_id,
					       int64_t now);
/* ACTIVE -> SUPERSEDED for those that renew renews_id and were never used, but except_id. */
MUST_CHECK int store_certificate_supersede_unused(struct db_conn *tx, struct text tenant_id,
						  struct text renews_id, struct text except_id,
						  int64_t now);
/* Note the first use of an ACTIVE one. STORE_E_NOT_FOUND: it is not, or was used before. */
MUST_CHECK int store_certificate_first_use(struct db_conn *tx, struct text tenant_id,
					   struct text id, int64_t now);
/* INTENDED, ACTIVE, SUPERSEDED -> REVOKED for all of a device; revoked_at of one that was
 * superseded stays what it was. */
MUST_CHECK int store_certificate_revoke_all(struct db_conn *tx, struct text tenant_id,
					    struct text device_id, int64_t now);
/* Removes intents that were created before older_than and never completed. */
MUST_CHECK int store_certificate_sweep_intended(struct db_conn *tx, int64_t older_than);

#endif
