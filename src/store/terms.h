/* SPDX-License-Identifier: Apache-2.0 */
/*
 * terms.h: the Terms of Use of tenants: the texts in force, those that were ever shown, and what
 * users decided. Keys: (tenant_id, id), (tenant_id, version), (tenant_id, id).
 */
#ifndef MUSTER_STORE_TERMS_H
#define MUSTER_STORE_TERMS_H

#include "model/terms.h"
#include "store/store.h"

/* All texts of a tenant by locale, audience, group; without body and html, which are "". */
MUST_CHECK int store_terms_list(struct db_conn *conn, struct arena *arena, struct text tenant_id,
				struct terms_text **ret, size_t *ret_n);
/* STORE_E_NOT_FOUND. */
MUST_CHECK int store_terms_load(struct db_conn *conn, struct arena *arena, struct text tenant_id,
				struct text id, struct terms_text *ret);
/* At version 1. STORE_E_CONFLICT: one for the same locale, audience and group, or no tenant. */
MUST_CHECK int store_terms_add(struct db_conn *tx, const struct terms_text *text);
/* All but id, tenant_id and created_at; raises version. STORE_E_STALE, STORE_E_NOT_FOUND,
 * STORE_E_CONFLICT. */
MUST_CHECK int store_terms_update(struct db_conn *tx, const struct terms_text *text);
MUST_CHECK int store_terms_remove(struct db_conn *tx, struct text tenant_id, struct text id);
MUST_CHECK int store_terms_count(struct db_conn *conn, struct text tenant_id, int64_t *ret);

/* Keep a text that is shown; one that is kept already stays as it is. */
MUST_CHECK int store_terms_shown_put(struct db_conn *tx, const struct terms_shown *shown);
MUST_CHECK int store_terms_shown_exists(struct db_conn *conn, struct text tenant_id,
					struct text version, bool *ret);
MUST_CHECK int store_terms_shown_load(struct db_conn *conn, struct arena *arena,
				      struct text tenant_id, struct text version,
				      struct terms_shown *ret);
/* Newest first; html is "". */
MUST_CHECK int store_terms_shown_list(struct db_conn *conn, struct arena *arena,
				      struct text tenant_id, struct terms_shown **ret,
				      size_t *ret_n);

/* STORE_E_CONFLICT: recorded before. */
MUST_CHECK int store_terms_record_add(struct db_conn *tx, const struct terms_record *record);
MUST_CHECK int store_terms_record_load(struct db_conn *conn, struct arena *arena, struct text id,
				       struct terms_record *ret);
/* Empty texts match everything. Newest first. */
struct terms_record_filter {
	struct text tenant_id;
	struct text user_object_id;
	struct text user_principal_name;
	struct text version;
	struct text decision;
	struct text client_request_id;
};
MUST_CHECK int store_terms_record_list(struct db_conn *conn, struct arena *arena,
				       const struct terms_record_filter *filter, struct text after,
				       size_t limit, struct terms_record **ret, size_t *ret_n);

#endif
