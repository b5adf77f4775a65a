/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crl.h: keeping the CRL of each device CA. The server itself asks the database about every
 * certificate, at every request; the list is for others that are shown one, such as a VPN gateway
 * or a RADIUS server.
 *
 * A list is made again within a few seconds after a certificate was revoked or superseded, and
 * twelve hours after it was made. It is good for two days, so that the server may be down for a
 * while. It lists a certificate until two days after that has expired.
 */
#ifndef MUSTER_ENROLL_CRL_H
#define MUSTER_ENROLL_CRL_H

#include "model/op.h"

enum { ENROLL_CRL_RENEW_S = 12 * 3600 };

/* One turn of the loop: whatever list is due is made and stored. */
MUST_CHECK int enroll_crl_turn(struct op *op);

/* How long the oldest of the lists that this server can make is still good, in seconds; negative:
 * it is over, or there is none. ERR_STORE. */
MUST_CHECK int enroll_crl_remaining(struct op *op, int64_t *ret);

#endif
