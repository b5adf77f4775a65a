/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim.c: see sim.h. The life of the shared object: nothing here answers a request.
 *
 * sim_init starts with an empty directory and without keys; main makes the keys and the server.
 * A reset brings back exactly the state after start, except that signing keys keep their values,
 * because a server under test may go on caching them between two tests, and that old delta tokens
 * are gone.
 */
#include "sim/entra/sim.h"

#include <stdlib.h>

#include "base/b64.h"
#include "base/clock.h"
#include "base/rand.h"

enum { SIM_PAGE_SIZE = 100, SIM_TOKEN_BYTES = 32 };

void settings_init(struct settings *settings)
{
	*settings = (struct settings){
	    .page_size = SIM_PAGE_SIZE,
	    .is_batch_shuffled = true,
	    .delta_epoch = 1,
	};
}

void sim_init(struct sim *sim, const struct options *options)
{
	unsigned char bytes[SIM_TOKEN_BYTES];
	struct arena arena;

	*sim = (struct sim){.options = options};
	pthread_mutex_init(&sim->lock, NULL);
	settings_init(&sim->settings);
	state_init(&sim->state);
	faults_init(&sim->faults);
	throttle_init(&sim->throttle);
	journal_init(&sim->journal);
	codes_init(&sim->codes);
	rand_bytes(sim->page_key, sizeof(sim->page_key));
	rand_bytes(bytes, sizeof(bytes));
	arena_init(&arena);
	memcpy(sim->control_token, b64url_write(&arena, text_make(bytes, sizeof(bytes))),
	       SIM_TOKEN_LEN);
	arena_done(&arena);
}

void sim_done(struct sim *sim)
{
	for (size_t i = 0; i < LISTENERS; i++)
		free(sim->urls[i]);
	codes_clear(&sim->codes);
	journal_clear(&sim->journal);
	throttle_done(&sim->throttle);
	faults_clear(&sim->faults);
	keys_done(&sim->keys);
	state_done(&sim->state);
	pthread_mutex_destroy(&sim->lock);
}

int sim_reset(struct sim *sim, struct trail *trail)
{
	int64_t epoch = sim->settings.delta_epoch + 1;
	int r;

	sim->clock_offset = 0;
	r = keys_restore(&sim->keys, sim_now(sim), trail);
	if (r < 0)
		return ERR_TRACE(trail, r);
	settings_init(&sim->settings);
	sim->settings.delta_epoch = epoch;
	state_done(&sim->state);
	state_init(&sim->state);
	faults_clear(&sim->faults);
	throttle_done(&sim->throttle);
	throttle_init(&sim->throttle);
	journal_clear(&sim->journal);
	codes_clear(&sim->codes);
	return 0;
}

int64_t sim_now(const struct sim *sim)
{
	return clock_now() + sim->clock_offset;
}
