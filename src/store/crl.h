/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crl.h: what a CA's certificate revocation list has to list, and the newest list of each CA. A CA
 * is named by its key identifier (hex, of the subjectKeyIdentifier): a CA certificate made again
 * for the same key goes on with the same list. Certificates of all tenants are in it, superseded
 * ones too.
 */
#ifndef MUSTER_STORE_CRL_H
#define MUSTER_STORE_CRL_H

#include "model/device.h"
#include "store/store.h"

/* A certificate that must not be believed any more. */
struct store_revoked {
	const char *serial; /* hex */
	enum certificate_state state;
	int64_t revoked_at;
};

/* Those of one CA that were still valid at valid_at, at most limit, in no order. */
MUST_CHECK int store_crl_list_revoked(struct db_conn *conn, struct arena *arena,
				      struct text issuer_key_id, int64_t valid_at, size_t limit,
				      struct store_revoked **ret, size_t *ret_n);
/* A text that is another one after every certificate of this CA that was revoked or superseded. */
MUST_CHECK int store_crl_mark(struct db_conn *conn, struct arena *arena, struct text issuer_key_id,
			      const char **ret);

/* Certificates of which it is not stored who issued them. */
MUST_CHECK int store_crl_list_unattributed(struct db_conn *conn, struct arena *arena, size_t limit,
					   struct device_certificate **ret, size_t *ret_n);
MUST_CHECK int store_crl_attribute(struct db_conn *tx, struct text tenant_id, struct text id,
				   struct text issuer_key_id);

struct store_crl {
	const char *issuer_key_id;
	const char *der;     /* base64 */
	const char *revoked; /* what store_crl_mark said before it was made */
	int64_t number;
	int64_t made_at;
	int64_t next_at;
};

/* STORE_E_NOT_FOUND. */
MUST_CHECK int store_crl_load(struct db_conn *conn, struct arena *arena, struct text issuer_key_id,
			      struct store_crl *ret);
/* The same with der "", for who only wants to know whether a new one is due. */
MUST_CHECK int store_crl_load_head(struct db_conn *conn, struct arena *arena,
				   struct text issuer_key_id, struct store_crl *ret);
/* Add, or replace one with a smaller number. STORE_E_NOT_FOUND: the stored one is newer. */
MUST_CHECK int store_crl_put(struct db_conn *tx, const struct store_crl *crl);

#endif
