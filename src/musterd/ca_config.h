/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ca_config.h: put another device CA into a configuration file.
 */
#ifndef MUSTER_MUSTERD_CA_CONFIG_H
#define MUSTER_MUSTERD_CA_CONFIG_H

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"

struct ca_change {
	const char *certificate;
	const char *key;
	const char *root;         /* "": there is none */
	const char *previous;     /* certificate and key until now */
	const char *previous_key; /* */
};

/* The text of a configuration with the change in its section [ca]: certificate, key and root are
 * replaced, previous and previous_key are added; every other line stays as it is. */
struct text ca_config_edit(struct arena *arena, struct text old, const struct ca_change *change);

/* Edit the file, try what came out (settings, signing process), and put it in the old one's place
 * with its owner's mode. ERR_CONFIG: it would not work, and the file is as it was; ERR_SYSTEM. */
MUST_CHECK int ca_config_write(struct arena *arena, const char *path,
			       const struct ca_change *change, struct trail *trail);

#endif
