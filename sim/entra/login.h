/* SPDX-License-Identifier: Apache-2.0 */
/*
 * login.h: the login listener: metadata, keys, tokens, admin consent, and the trap.
 */
#ifndef MUSTER_SIM_ENTRA_LOGIN_H
#define MUSTER_SIM_ENTRA_LOGIN_H

#include "sim/entra/call.h"

/* Set call->tenant from the path, as far as it names one. */
void login_identify(struct call *call);
void login_answer(struct call *call);

#endif
