/* SPDX-License-Identifier: Apache-2.0 */
/*
 * script.h: the one script of the pages, history.js, built into the server and served like the
 * files of terms/branding.h, from an address that holds the hash of its content.
 */
#ifndef MUSTER_TERMS_SCRIPT_H
#define MUSTER_TERMS_SCRIPT_H

#include "terms/branding.h"

const struct terms_asset *terms_script(struct arena *arena);

#endif
