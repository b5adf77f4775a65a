/* SPDX-License-Identifier: Apache-2.0 */
/*
 * enroll.h: turning a proved user and device, a consent and a public key into an enrolled device.
 *
 * Identity comes from the proof alone: tenant, user, and the Entra device a token names. What the
 * client says of itself (ids, names, versions) is kept as labels and decides nothing but the
 * certificate store the client asked for. The intent is durable before the CA key is used; the
 * device, its certificate, what it replaces, the audit entry and the attempt become durable
 * together. The same proof with the same key gets the same certificate again; with another key it
 * is refused.
 */
#ifndef MUSTER_ENROLL_ENROLL_H
#define MUSTER_ENROLL_ENROLL_H

#include "enroll/rules.h"
#include "model/consent.h"
#include "model/device.h"
#include "model/op.h"
#include "model/policy.h"

/* A request as the edge has decoded and authenticated it. Texts may have ptr NULL: not sent. */
struct enroll_request {
	const struct enroll_principal *principal;
	const struct tenant *tenant;
	struct text csr_der;
	struct text enrollment_type; /* Device | Full */
	struct text dm_device_id;    /* DeviceID: what SyncML's Source/LocURI will be */
	struct text device_name;
	struct text os_version;
	struct text os_edition;
	struct text hw_device_id;
	struct text zero_touch_id;        /* ZeroTouchProvisioning */
	struct text autopilot_correlator; /* OfflineAutoPilotEnrollmentCorrelator */
	bool is_bulk;                     /* BulkAADJ */
	const char *context;              /* JSON array of all context items; NULL: none */
	enum enroll_license license;      /* where the tenant names a license_group */
	enum consent_state consent_state;
	const struct terms_consent *consent; /* when CONSENT_VALID */
	const char *terms_version;           /* in force for that consent */
};

enum enroll_outcome {
	ENROLL_E_CONTEXT = 1, /* EnrollmentType or DeviceID missing or not usable */
	ENROLL_E_TERMS, /* no valid consent: forged, expired, used, another user's, mode or text */
	ENROLL_E_CSR,   /* the certificate request is refused */
	ENROLL_E_KEY_IN_USE, /* another device has this key */
	ENROLL_E_TOKEN_USED, /* this proof was used with another key, or what it gave is revoked */
	ENROLL_E_DEVICE_CAP, /* user or tenant have as many devices as allowed */
	ENROLL_E_CONCURRENT, /* another enrolment of the same device won; the client may retry */
	ENROLL_E_MAINTENANCE,
	ENROLL_E_CLOSED,               /* the tenant's closed_message says why */
	ENROLL_E_DEVICE_NOT_SUPPORTED, /* version or edition of Windows */
	ENROLL_E_NOT_SUPPORTED,        /* a kind of enrolment the tenant does not offer */
	ENROLL_E_LICENSE,
	ENROLL_E_LICENSE_UNKNOWN /* it could not be found out; the client may retry */
};

struct enroll_result {
	struct device device;
	struct text certificate_der;
	bool is_repeated; /* the certificate of an earlier, equal request */
};

/* On 0 everything is durable, the attempt included. On a positive outcome nothing was written and
 * attempt->reason, error_code and remedy say why; the caller records the attempt. */
MUST_CHECK int enroll_device(struct op *op, const struct enroll_request *request,
			     struct enrollment *attempt, struct enroll_result *ret);

/* What a request of this user would be refused for whatever the device says of itself: so that the
 * user learns it early. Outcomes and attempt as above; 0 promises nothing. */
MUST_CHECK int enroll_foresee(struct op *op, const struct enroll_principal *principal,
			      const struct tenant *tenant, enum enroll_license license,
			      struct enrollment *attempt);

#endif
