/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rules.h: the rules an Entra access token is judged by. Pure: the caller brings the tenant, the
 * key, the issuer and the time.
 *
 * Three steps, because the first two select what the third needs: entra_rules_read takes the token
 * apart, entra_rules_select decides whether the tenant it names is served at all, entra_rules_judge
 * proves and judges it. Only after the third has said ENTRA_TOKEN_OK is anything in it true.
 */
#ifndef MUSTER_ENTRA_RULES_H
#define MUSTER_ENTRA_RULES_H

#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"
#include "entra/verdict.h"
#include "jwt/jwt.h"
#include "model/principal.h"
#include "model/tenant.h"

enum entra_channel {
	ENTRA_TERMS,  /* Terms of Use: before the device is registered, so no deviceid */
	ENTRA_ENROLL, /* enrolment: deviceid required; it names the device */
	ENTRA_SESSION /* management session: deviceid, if there, is for the caller to compare */
};

struct entra_judgement {
	const struct jwt *jwt;
	const struct tenant *tenant; /* as accepted by entra_rules_select */
	const struct jwk *key;       /* found by kid in the key set of tenant and version */
	struct text issuer;          /* stated by the metadata of tenant and version */
	struct text cloud_instance;  /* of the metadata; ptr NULL: not stated */
	enum entra_channel channel;
	int64_t now;
};

/* *ret is set only on ENTRA_TOKEN_OK. */
MUST_CHECK enum entra_verdict entra_rules_read(struct arena *arena, struct text token,
					       const struct jwt **ret);
/* The tenant id as claimed, lower case, in the arena: for looking the tenant up. NULL when it is
 * not a GUID. */
const char *entra_rules_tenant_id(struct arena *arena, const struct jwt *jwt);
/* tenant NULL: there is no such tenant. */
MUST_CHECK enum entra_verdict entra_rules_select(const struct jwt *jwt,
						 const struct tenant *tenant);
/* Which key set and rules: true for "2.0". Only after entra_rules_select. */
bool entra_rules_is_version_2(const struct jwt *jwt);
/* *ret is set only on ENTRA_TOKEN_OK; its strings are in the arena. */
MUST_CHECK enum entra_verdict entra_rules_judge(struct arena *arena,
						const struct entra_judgement *judgement,
						struct entra_principal *ret);

#endif
