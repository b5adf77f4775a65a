/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim.h: the whole stand-in as one object, shared by all workers under one lock. There is no
 * finer locking on purpose: what a test sees must be explainable by the order of the log.
 */
#ifndef MUSTER_SIM_ENTRA_SIM_H
#define MUSTER_SIM_ENTRA_SIM_H

#include <pthread.h>

#include "http/server.h"
#include "sim/entra/code.h"
#include "sim/entra/faults.h"
#include "sim/entra/journal.h"
#include "sim/entra/keys.h"
#include "sim/entra/options.h"
#include "sim/entra/state.h"
#include "sim/entra/throttle.h"

#define SIM_V1_ISSUER  "https://sts.muster.test"
#define SIM_CLOUD_NAME "muster.test"

enum { SIM_TOKEN_LEN = 43 };

/* What tests may set while it runs; settings_init gives the values a real tenant shows. */
struct settings {
	int64_t expires_in;      /* seconds a token lasts; 0: random, 3600 to 5399 */
	int64_t page_size;       /* of collections, where the request does not say */
	int64_t replication_lag; /* seconds until a new device is visible to Graph */
	int64_t delta_epoch;     /* a delta token of an older epoch is gone */
	bool is_batch_shuffled;
	bool names_cloud; /* keys and metadata carry cloud_instance_name */
	bool has_common_tenant;
	struct uuid common_tenant; /* chosen at /common/adminconsent */
};

struct sim {
	pthread_mutex_t lock;
	const struct options *options;
	struct arena *arena; /* for what lives as long as the program */
	struct http_server *server;
	struct http_listener listeners[LISTENERS];
	char *urls[LISTENERS]; /* "https://127.0.0.1:1234", no slash at the end */
	char control_token[SIM_TOKEN_LEN + 1];
	unsigned char page_key[32]; /* protects paging tokens */
	int64_t clock_offset;
	struct settings settings;
	struct state state;
	struct keys keys;
	struct faults faults;
	struct throttle throttle;
	struct journal journal;
	struct codes codes;
};

void sim_init(struct sim *sim, const struct options *options);
void sim_done(struct sim *sim);
void settings_init(struct settings *settings);
/* Forget everything tests have made; keys stay. */
MUST_CHECK int sim_reset(struct sim *sim, struct trail *trail);
/* Its own wall clock, Unix seconds. */
int64_t sim_now(const struct sim *sim);

#endif
