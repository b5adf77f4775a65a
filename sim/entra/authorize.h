/* SPDX-License-Identifier: Apache-2.0 */
/*
 * authorize.h: /{tenant}/oauth2/v2.0/authorize: a user signs in with a browser.
 */
#ifndef MUSTER_SIM_ENTRA_AUTHORIZE_H
#define MUSTER_SIM_ENTRA_AUTHORIZE_H

#include "sim/entra/call.h"

void authorize_answer(struct call *call);

#endif
