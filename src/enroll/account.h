/* SPDX-License-Identifier: Apache-2.0 */
/*
 * account.h: the management account an enrolled device gets, as a provisioning document.
 */
#ifndef MUSTER_ENROLL_ACCOUNT_H
#define MUSTER_ENROLL_ACCOUNT_H

#include "base/buf.h"
#include "enroll/enroll.h"
#include "enroll/renew.h"

/* Paths below the configured URLs that devices are told. */
#define ENROLL_PATH_POLICY     "/EnrollmentServer/Policy.svc"
#define ENROLL_PATH_ENROLLMENT "/EnrollmentServer/Enrollment.svc"
#define ENROLL_PATH_AUTH       "/EnrollmentServer/Auth"
#define ENROLL_PATH_MANAGEMENT "/ManagementServer/MDM.svc"

/* Write the document for a device that enroll_device has made durable. */
void enroll_provision_write(struct op *op, const struct enroll_request *request,
			    const struct enroll_result *result, struct buf *document);

/* The document of a renewal: the certificate, and the trust behind it only where it changed. */
void enroll_provision_write_renewal(struct op *op, const struct renew_result *result,
				    struct buf *document);

#endif
