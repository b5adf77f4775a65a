/* SPDX-License-Identifier: Apache-2.0 */
/*
 * device.h: enrolled and retired devices. Key: (tenant_id, id). At most one enrolled device of a
 * tenant has a given entra_device_id; retired ones stay as history.
 */
#ifndef MUSTER_STORE_DEVICE_H
#define MUSTER_STORE_DEVICE_H

#include "model/device.h"
#include "store/store.h"

/* Exact matches; the empty text leaves a field out. tenant_id empty: all tenants. The user's name
 * is compared without regard to ASCII case. */
struct device_filter {
	struct text tenant_id;
	struct text state;            /* device_state_name */
	struct text compliance_state; /* compliance_state_name */
	struct text user_principal_name;
	struct text user_object_id;
	struct text entra_device_id;
	struct text name;
	struct text id;
	struct text tag;
	struct text zero_touch_id;
	struct text is_bulk; /* "1" or "0" */
};

/* STORE_E_NOT_FOUND. */
MUST_CHECK int store_device_load(struct db_conn *conn, struct arena *arena, struct text tenant_id,
				 struct text id, struct device *ret);
/* By id alone, for the API, whose routes name no tenant. STORE_E_NOT_FOUND. */
MUST_CHECK int store_device_find(struct db_conn *conn, struct arena *arena, struct text id,
				 struct device *ret);
/* The device a certificate was issued to, by the SHA-256 of the certificate in lower-case hex.
 * Whatever states both are in: the caller judges. STORE_E_NOT_FOUND. */
MUST_CHECK int store_device_by_certificate(struct db_conn *conn, struct arena *arena,
					   struct text sha256_hex, struct device *ret,
					   struct device_certificate *ret_certificate);
/* The enrolled device, else the last retired one. STORE_E_NOT_FOUND. */
MUST_CHECK int store_device_by_entra_id(struct db_conn *conn, struct arena *arena,
					struct text tenant_id, struct text entra_device_id,
					struct device *ret);
/* The enrolled device without an Entra identity that this user enrolled under this DeviceID; an
 * empty user_key finds nothing. STORE_E_NOT_FOUND. */
MUST_CHECK int store_device_by_dm_id(struct db_conn *conn, struct arena *arena,
				     struct text tenant_id, struct text user_key,
				     struct text dm_device_id, struct device *ret);
/* STORE_E_CONFLICT: the id or an enrolled device of this entra_device_id exists, or the tenant
 * does not. */
MUST_CHECK int store_device_add(struct db_conn *tx, const struct device *device);
/* The whole row, by its key. STORE_E_NOT_FOUND, STORE_E_CONFLICT. */
MUST_CHECK int store_device_update(struct db_conn *tx, const struct device *device);
/* By id, after the device id `after`. */
MUST_CHECK int store_device_list(struct db_conn *conn, struct arena *arena,
				 const struct device_filter *filter, struct text after,
				 size_t limit, struct device **ret, size_t *ret_n);
/* Enrolled devices of the user with this user_key. */
MUST_CHECK int store_device_count_for_user(struct db_conn *conn, struct text tenant_id,
					   struct text user_key, int64_t *ret);
/* The same but except_id, those first that did not come for longest; one that never came counts
 * from its enrolment. */
MUST_CHECK int store_device_list_unseen(struct db_conn *conn, struct arena *arena,
					struct text tenant_id, struct text user_key,
					struct text except_id, size_t limit, struct device **ret,
					size_t *ret_n);
/* Enrolled devices of a tenant; empty: of all. */
MUST_CHECK int store_device_count(struct db_conn *conn, struct text tenant_id, int64_t *ret);
/* last_seen_at only, never backwards. STORE_E_NOT_FOUND. */
MUST_CHECK int store_device_touch(struct db_conn *tx, struct text tenant_id, struct text id,
				  int64_t now);
/* is_evaluation_wanted of every enrolled device of a tenant. */
MUST_CHECK int store_device_want_evaluation(struct db_conn *tx, struct text tenant_id);
/* The same for those that a user enrolled. */
MUST_CHECK int store_device_want_evaluation_for_user(struct db_conn *tx, struct text tenant_id,
						     struct text oid);
/* Enrolled devices, of all tenants, whose compliance must be judged again: is_evaluation_wanted;
 * GRACE with grace_until at or before now; UNKNOWN with reasons other than "[]" and
 * compliance_changed_at at or before undecided_before; COMPLIANT or GRACE and neither seen nor
 * enrolled after seen_before. */
MUST_CHECK int store_device_evaluation_due(struct db_conn *conn, struct arena *arena, int64_t now,
					   int64_t undecided_before, int64_t seen_before,
					   size_t limit, struct device **ret, size_t *ret_n);
/* compliance_reported_at only. STORE_E_NOT_FOUND. */
MUST_CHECK int store_device_set_reported(struct db_conn *tx, struct text tenant_id, struct text id,
					 int64_t now);

#endif
