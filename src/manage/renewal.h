/* SPDX-License-Identifier: Apache-2.0 */
/*
 * renewal.h: what a session has to do with the renewal of certificates: the settings by which a
 * device renews by itself, and the order to do it now for one that should have and did not
 * (CertificateStore CSP; enrolment 6.1).
 */
#ifndef MUSTER_MANAGE_RENEWAL_H
#define MUSTER_MANAGE_RENEWAL_H

#include "csp/desired.h"
#include "csp/renew.h"
#include "model/config.h"
#include "model/device.h"
#include "model/policy.h"

#define MANAGE_RENEW_NOW_URI CSP_RENEW_URI "RenewNow"
#define MANAGE_RENEW_ORIGIN  "renewal" /* of the server's own orders */

/* What a device is to have, into ret; how many. */
size_t manage_renewal_wants(struct arena *arena, const struct config *config,
			    struct desired_setting ret[CSP_RENEW_SETTINGS]);

/* Whether a device that uses this certificate is to be told to renew: it is past the date at which
 * it should have, by as many days as it waits between two tries of its own, and the last such
 * order (0: none) is a day old. */
bool manage_renewal_is_due(const struct config *config,
			   const struct device_certificate *certificate, int64_t ordered_at,
			   int64_t now);

#endif
