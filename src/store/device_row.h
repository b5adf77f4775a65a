/* SPDX-License-Identifier: Apache-2.0 */
/*
 * device_row.h: the columns of a device and of a certificate, for the files that select them
 * together. Private to src/store.
 */
#ifndef MUSTER_STORE_DEVICE_ROW_H
#define MUSTER_STORE_DEVICE_ROW_H

#include "model/device.h"
#include "store/row.h"

#define CERTIFICATE_COLUMNS                                                                        \
	"c.tenant_id, c.id, c.device_id, c.serial, c.spki_sha256, c.token_sha256,"                 \
	" c.consent_id, c.sha256, c.der, c.state, c.not_before, c.not_after, c.created_at,"        \
	" c.renews_id, c.first_used_at, c.issuer_key_id, c.revoked_at"

/* Reads CERTIFICATE_COLUMNS from where the row stands; errors are latched in it. */
void certificate_row_read(struct row *row, struct device_certificate *ret);

#endif
