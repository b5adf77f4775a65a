/* SPDX-License-Identifier: Apache-2.0 */
/*
 * discovery.h: where a device that asks is sent: whose tenant it is, and by which of that tenant's
 * ways it may prove its user.
 *
 * All a device says here are claims, and the answer is no secret: it only chooses which proof will
 * be asked for. MS-MDE2 3.1, doc/decisions/0036.
 */
#ifndef MUSTER_ENROLL_DISCOVERY_H
#define MUSTER_ENROLL_DISCOVERY_H

#include "model/op.h"
#include "model/tenant.h"

/* The tenant that a host of the form EnterpriseEnrollment.<domain> stands for, in any case.
 * Positive: there is none, or it is not served. */
enum enroll_host_outcome { ENROLL_HOST_E_UNKNOWN = 1 };
MUST_CHECK int enroll_host_tenant(struct op *op, struct text host, struct tenant *ret);

/* The tenant whose domains hold that of the mail address. ENROLL_HOST_E_UNKNOWN. */
MUST_CHECK int enroll_mail_tenant(struct op *op, struct text mail, struct tenant *ret);

/* A set of ways: one bit for each enum enrollment_method. */
#define ENROLL_METHOD(method) (1u << (unsigned int)(method))

struct enroll_question {
	struct text mail;     /* empty, DOMAIN\user, or anything */
	unsigned int offered; /* ENROLL_METHOD of what the client can */
	/* Of the address the device was given. Texts may have ptr NULL: not there. */
	struct text tenant_id;
	struct text method;
	const struct tenant *host_tenant; /* of EnterpriseEnrollment.<domain>; NULL: another host */
};

struct enroll_way {
	struct tenant tenant; /* tenant_id NULL: not known yet */
	enum enrollment_method method;
	bool has_sign_in; /* METHOD_FEDERATED: this server has a page to sign in on */
	bool is_by_mail;  /* the mail address alone names the tenant */
};

enum enroll_way_outcome {
	ENROLL_WAY_E_TENANT = 1, /* nothing says whose device it is, and it cannot do Federated */
	ENROLL_WAY_E_NONE,       /* the tenant enrols through Entra only */
	ENROLL_WAY_E_PROVIDER,   /* it wants people to sign in, and has nowhere for that */
	ENROLL_WAY_E_METHOD      /* what the client can and the tenant wants do not meet */
};

/* *ret is set on 0; its tenant also on a positive outcome, where it is known. */
MUST_CHECK int enroll_way_choose(struct op *op, const struct enroll_question *question,
				 struct enroll_way *ret);
/* The reason of enroll/reason.h. */
const char *enroll_way_reason(enum enroll_way_outcome outcome);

#endif
