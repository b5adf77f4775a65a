/* SPDX-License-Identifier: Apache-2.0 */
/*
 * renew.h: the settings by which a device renews its certificate by itself (CertificateStore CSP),
 * as enrolment gives them and sessions keep them.
 */
#ifndef MUSTER_CSP_RENEW_H
#define MUSTER_CSP_RENEW_H

#include <stddef.h>

#include "base/arena.h"
#include "model/policy.h"

#define CSP_RENEW_URI "./Device/Vendor/MSFT/CertificateStore/MY/WSTEP/Renew/"

enum { CSP_RENEW_SETTINGS = 2 };

/* They belong together: Windows refuses a RetryInterval above the RenewPeriod. */
void csp_renew_settings(struct arena *arena, size_t renew_days, size_t retry_days,
			struct setting ret[CSP_RENEW_SETTINGS]);

#endif
