/* SPDX-License-Identifier: Apache-2.0 */
/*
 * renew.h: the settings by which a device renews its certificate by itself (CertificateStore CSP),
 * as enrolment gives them and sessions keep them.
 */
#ifndef MUSTER_CSP_RENEW_H
#define MUSTER_CSP_RENEW_H

#include "base/arena.h"
#include "model/config.h"
#include "model/policy.h"

#define CSP_RENEW_URI "./Device/Vendor/MSFT/CertificateStore/MY/WSTEP/Renew/"

enum { CSP_RENEW_SETTINGS = 3 };

/* Where a renewal begins: discovery on the listener that knows devices by their certificate. */
const char *csp_renew_url(struct arena *arena, const struct config *config);

/* They belong together: Windows refuses a RetryInterval above the RenewPeriod. */
void csp_renew_settings(struct arena *arena, const struct config *config,
			struct setting ret[CSP_RENEW_SETTINGS]);

#endif
