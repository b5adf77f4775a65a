/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.h: reading the configuration file. `key = value` lines in sections; an unknown section or
 * key, a repeated key and a value that does not fit are refused with the line's number. Nothing is
 * taken from the environment. The result is immutable.
 */
#ifndef MUSTER_MUSTERD_CONFIG_H
#define MUSTER_MUSTERD_CONFIG_H

#include "base/arena.h"
#include "base/err.h"
#include "model/config.h"

struct config_file {
	struct arena arena; /* owns every string of config */
	struct config config;
	const char *path; /* as given */
};

/* ERR_CONFIG with one sentence that names file, line and what to do. */
MUST_CHECK int config_load(struct config_file **ret, const char *path, struct trail *trail);
void config_free(struct config_file *file);
/* Read the files of the Terms of Use pages that the settings name; they live as long as file. */
MUST_CHECK int config_load_branding(struct config_file *file, struct trail *trail);

/* What differs between two configurations that only a restart can change; NULL: nothing. */
const char *config_needs_restart(const struct config *old, const struct config *new);
/* Whether every setting has the same value in both, and so have the files of the pages. */
bool config_is_same(const struct config *a, const struct config *b);

/* Host part of an https URL without path, in the arena; NULL when it is not one. */
const char *config_url_host(struct arena *arena, const char *url);

#endif
