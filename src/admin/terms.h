/* SPDX-License-Identifier: Apache-2.0 */
/*
 * terms.h: the Terms of Use a tenant writes, and the PINs it gives.
 */
#ifndef MUSTER_ADMIN_TERMS_H
#define MUSTER_ADMIN_TERMS_H

#include "admin/admin.h"
#include "html/clean.h"
#include "model/terms.h"

/* Checks every field, cleans body into html, and stores. *ret_clean tells what was left out.
 * A change that changes nothing writes nothing and keeps the version. */
MUST_CHECK int admin_terms_add(struct admin *admin, struct terms_text *text,
			       struct html_clean *ret_clean);
MUST_CHECK int admin_terms_update(struct admin *admin, struct terms_text *text,
				  struct html_clean *ret_clean);
MUST_CHECK int admin_terms_remove(struct admin *admin, const char *tenant_id, const char *id);
/* What would be shown of a body; stores nothing. */
MUST_CHECK int admin_terms_preview(struct admin *admin, const char *body,
				   struct html_clean *ret_clean);

struct pins_wanted {
	const char *tenant_id;
	const char *label;
	const char *user_principal_name; /* "": of anybody */
	int64_t expires_at;              /* 0: never */
	int64_t count;
};
/* Makes them; secrets[i] is the PIN of pins[i], shown once. */
MUST_CHECK int admin_pins_add(struct admin *admin, const struct pins_wanted *wanted,
			      struct pin **ret, const char ***ret_secrets);
MUST_CHECK int admin_pin_revoke(struct admin *admin, const char *tenant_id, const char *id);

#endif
