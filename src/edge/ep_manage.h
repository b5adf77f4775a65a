/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ep_manage.h: POST /ManagementServer/MDM.svc, a message of a management session.
 */
#ifndef MUSTER_EDGE_EP_MANAGE_H
#define MUSTER_EDGE_EP_MANAGE_H

#include "edge/run.h"

MUST_CHECK int ep_manage(struct op *op, const struct http_request *request,
			 struct http_response *response);

#endif
