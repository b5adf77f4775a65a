/* SPDX-License-Identifier: Apache-2.0 */
/*
 * device.h: an enrolled device, its certificate, and the attempts to enrol one.
 */
#ifndef MUSTER_MODEL_DEVICE_H
#define MUSTER_MODEL_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "model/principal.h"
#include "model/tenant.h"

enum enrollment_type { ENROLLMENT_DEVICE, ENROLLMENT_FULL };
enum device_state { DEVICE_ENROLLED, DEVICE_RETIRED };
enum compliance_state {
	COMPLIANCE_UNKNOWN,
	COMPLIANCE_COMPLIANT,
	COMPLIANCE_NONCOMPLIANT,
	COMPLIANCE_GRACE
};

struct device {
	const char *tenant_id;
	const char *id;              /* ours: random GUID; certificate subject and EntDMID */
	const char *entra_device_id; /* from the token, never from the client; "" unknown */
	const char *dm_device_id;    /* what SyncML Source/LocURI must be (ContextItem DeviceID) */
	const char *name;
	enum enrollment_type enrollment_type;
	const char *user_principal_name;
	const char *user_object_id; /* who enrolled it, "" where Entra did not prove who */
	enum enroll_auth auth;      /* how they proved it */
	const char *user_key;       /* enroll_principal.user_key; limits count by it */
	const char *hw_device_id;   /* what the device says at enrolment: labels */
	const char *zero_touch_id;  /* Autopilot: ZeroTouchProvisioning */
	bool is_bulk;               /* BulkAADJ */
	const char *autopilot_correlator;
	const char *context; /* JSON array of {"name","value" or "bytes"}: all it said; NULL: [] */
	enum device_state state;
	const char *os_version;
	const char *os_edition;
	int64_t enrolled_at;
	int64_t last_seen_at;
	int64_t retired_at;
	const char *retired_reason;
	int64_t certificate_not_after;
	enum compliance_state compliance_state;
	const char *compliance_reasons; /* JSON array of text */
	int64_t compliance_changed_at;
	int64_t grace_until;
	int64_t compliance_reported_at;
	bool is_sync_wanted;
	bool is_evaluation_wanted; /* policies changed since the last verdict */
};

enum certificate_state {
	CERTIFICATE_INTENDED,
	CERTIFICATE_ACTIVE,
	CERTIFICATE_SUPERSEDED,
	CERTIFICATE_REVOKED
};

/* A device certificate. The row is written in state INTENDED before the CA key is used. */
struct device_certificate {
	const char *tenant_id;
	const char *id;
	const char *device_id;
	const char *serial;      /* hex */
	const char *spki_sha256; /* hex, of the public key */
	const char
	    *token_sha256; /* hex, of the token that asked for it: the idempotency key with spki */
	const char *consent_id; /* of the consent it was asked for with; "" or NULL: none */
	const char *sha256;     /* hex, of the certificate; "" while intended */
	const char *der;        /* base64; "" while intended */
	enum certificate_state state;
	int64_t not_before;
	int64_t not_after;
	int64_t created_at;
	const char *renews_id;     /* the certificate that asked for this one; "" or NULL: none */
	int64_t first_used_at;     /* the first message of a session under it; 0: none yet */
	const char *issuer_key_id; /* hex, of the CA; "" while intended. NULL is "" */
	int64_t revoked_at;        /* or superseded; 0: neither */
};

enum enrollment_stage {
	STAGE_TERMS,
	STAGE_DISCOVERY,
	STAGE_SIGN_IN, /* on the page of this server */
	STAGE_POLICY,
	STAGE_REQUEST,
	STAGE_RENEWAL,
	STAGE_SESSION /* the first one of a device */
};
enum { ENROLLMENT_STAGES = STAGE_SESSION + 1 };
enum enrollment_outcome { OUTCOME_OK, OUTCOME_REFUSED, OUTCOME_FAILED };
enum { ENROLLMENT_OUTCOMES = OUTCOME_FAILED + 1 };
enum story_state { STORY_OPEN, STORY_ENROLLED, STORY_JOINED, STORY_REFUSED, STORY_FAILED };

/* One attempt, also a refused one. tenant_id is "" where no known tenant was proved. */
struct enrollment {
	const char *tenant_id;
	const char *id;
	int64_t at;
	enum enrollment_stage stage;
	enum enrollment_outcome outcome;
	const char *error_code; /* 0x8018...; "" when it went well */
	const char *reason;     /* an enum name: "token_signature", "csr_key_size", ... */
	const char *remedy;     /* what the administrator can do, plain words */
	const char *client_request_id;
	const char *trace_id;
	const char *device_id;
	const char *entra_device_id;
	const char *user_principal_name;
	const char *user_object_id;
	const char *device_name;
	const char *os_version;
	const char *source; /* address */
	const char *auth;   /* enroll_auth_name; "" where nothing was proved: the user is a claim */
	const char *user_key; /* enroll_principal.user_key; "" or NULL: user_object_id */
	const char *story_id; /* the first attempt of the joining this one belongs to */
	/* Not stored: the attempt of nobody that turned out to belong to the same joining. */
	const char *discovery_id;
	/* Not stored: the name under which a user who is proved by another one had asked to join.
	 */
	const char *asked_name;
	/* Not stored: another story of the user that turned out to be part of this one. */
	const char *merged_id;
	/* Tenant and user are what somebody said, not what was proved. Not stored. */
	bool is_claimed;
};

ENUM_NAMES(enrollment_type);  /* device | full */
ENUM_NAMES(device_state);     /* enrolled | retired */
ENUM_NAMES(compliance_state); /* unknown | compliant | noncompliant | grace */
ENUM_NAMES(certificate_state);
ENUM_NAMES(enroll_auth);        /* entra | federated | on-premises | certificate */
ENUM_NAMES(enrollment_stage);   /* terms | discovery | sign-in | policy | ... | session */
ENUM_NAMES(enrollment_outcome); /* ok | refused | failed */
ENUM_NAMES(story_state);        /* open | enrolled | joined | refused | failed */

/* How far a joining came whose last attempt is such a one. */
enum story_state story_state_after(enum enrollment_stage stage, enum enrollment_outcome outcome);

#endif
