/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seed.h: control calls from a file, run before the stand-in says it is ready.
 */
#ifndef MUSTER_SIM_ENTRA_SEED_H
#define MUSTER_SIM_ENTRA_SEED_H

#include "sim/entra/sim.h"

/* Run the file of --seed, a JSON array of {"call": "POST tenants", "body": {...}}; without one
 * nothing happens. A call that is refused stops the start. */
MUST_CHECK int seed_run(struct sim *sim, struct arena *arena, struct trail *trail);

#endif
