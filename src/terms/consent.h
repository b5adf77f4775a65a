/* SPDX-License-Identifier: Apache-2.0 */
/*
 * consent.h: the two sealed values of the Terms of Use.
 *
 * The state travels in the page's form between showing and deciding: the web view sends its bearer
 * token only with the first request, so what was proved then is sealed into the form. The blob
 * (OpaqueBlob) travels through Windows to the enrolment request and is the proof of consent there.
 * Both are authenticated encryption under a key derived from the master key, bound to their
 * purpose, and expire. Neither can be made, read or moved to another user outside this server.
 */
#ifndef MUSTER_TERMS_CONSENT_H
#define MUSTER_TERMS_CONSENT_H

#include "base/secret.h"
#include "model/consent.h"

enum terms_consent_outcome {
	CONSENT_E_FORGED = 1, /* not made by this server for this purpose, or damaged */
	CONSENT_E_EXPIRED
};

char *terms_state_seal(struct arena *arena, const struct secret *key,
		       const struct terms_consent *consent);
MUST_CHECK int terms_state_open(struct arena *arena, const struct secret *key, struct text sealed,
				int64_t now, struct terms_consent *ret);
/* On CONSENT_E_EXPIRED *ret is filled as well: an authentic state still says where to go. */

char *terms_blob_seal(struct arena *arena, const struct secret *key,
		      const struct terms_consent *consent);
MUST_CHECK int terms_blob_open(struct arena *arena, const struct secret *key, struct text sealed,
			       int64_t now, struct terms_consent *ret);

#endif
