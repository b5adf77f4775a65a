/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keys.h: the master key and the keys derived from it, one for each purpose.
 * The file holds 32 bytes in hexadecimal, readable by its owner only.
 */
#ifndef MUSTER_MUSTERD_KEYS_H
#define MUSTER_MUSTERD_KEYS_H

#include "model/op.h"

/* ERR_CONFIG with one sentence. The keys live until keys_done. */
MUST_CHECK int keys_load(struct server_keys *ret, const char *path, struct trail *trail);
void keys_done(struct server_keys *keys);

#endif
