/* SPDX-License-Identifier: Apache-2.0 */
/*
 * renew.h: a device exchanges its certificate for a new one (MS-MDE2 3.6.5, ROBO).
 *
 * The proof is a CMS signature by the certificate that is renewed, and nothing else: no user, no
 * token, no name. The certificate must be one this server stored, still good, of a device that is
 * enrolled in a served tenant; the key must be new to this server. The old certificate stays good
 * until the new one was used in a session (manage/commit.c), so that an answer which is lost costs
 * nothing. The same request gets the same certificate again; another one from the same old
 * certificate takes the place of what was given before and not used. The intent is durable before
 * the CA key is used.
 */
#ifndef MUSTER_ENROLL_RENEW_H
#define MUSTER_ENROLL_RENEW_H

#include "model/device.h"
#include "model/op.h"

struct renew_request {
	struct text cms;          /* as soap_token_evidence gives it */
	struct text dm_device_id; /* ContextItem DeviceID; ptr NULL: not sent */
	struct text os_version;   /* a label; ptr NULL: not sent */
	/* SHA-256 of the certificate the connection is authenticated by, hex; NULL on a listener
	 * that asks for none. */
	const char *peer_sha256;
};

enum renew_outcome {
	RENEW_E_REFUSED = 1, /* not eligible; attempt->reason says why */
	RENEW_E_CONCURRENT   /* the device was changed under it; it may try again */
};

struct renew_result {
	struct device device;
	struct text certificate_der;
	bool is_repeated;     /* the certificate of an earlier, equal request */
	bool is_root_changed; /* the old one was issued by another CA than ours is now */
};

/* On 0 everything is durable, the attempt included. On a positive outcome nothing was written; the
 * caller records the attempt. */
MUST_CHECK int enroll_renew(struct op *op, const struct renew_request *request,
			    struct enrollment *attempt, struct renew_result *ret);

#endif
