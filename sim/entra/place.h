/* SPDX-License-Identifier: Apache-2.0 */
/*
 * place.h: the files in --dir: the CA, the server certificates (one right, several wrong ones for
 * tests), the control token and the list of endpoints.
 */
#ifndef MUSTER_SIM_ENTRA_PLACE_H
#define MUSTER_SIM_ENTRA_PLACE_H

#include "base/arena.h"
#include "base/err.h"
#include "sim/entra/sim.h"

/* Make the directory and its certificates. An existing ca.crt and ca.key are used again, so that a
 * restarted stand-in is still trusted. */
MUST_CHECK int place_init(struct arena *arena, const char *dir, struct trail *trail);

/* The certificate file of that name: "good", "wrong-name", "expired", "untrusted"; NULL unknown. */
const char *place_certificate(struct arena *arena, const char *dir, struct text name);
const char *place_key(struct arena *arena, const char *dir);

/* control.token and endpoints.json, once the ports are known. */
MUST_CHECK int place_tell(struct arena *arena, const struct sim *sim, struct trail *trail);

#endif
