/* SPDX-License-Identifier: Apache-2.0 */
/*
 * script.c: see script.h. Only what is compiled in here is ever served as a script: the policy of
 * the pages allows scripts of this server, and web views are told not to guess types.
 */
#include "terms/script.h"

#include "base/digest.h"

static const char script[] =
#include "terms/history.inc"
    ;

const struct terms_asset *terms_script(struct arena *arena)
{
	struct terms_asset *asset = ARENA_NEW(arena, struct terms_asset);

	asset->data = text_of(script);
	asset->type = "text/javascript; charset=utf-8";
	asset->path = arena_printf(arena, TERMS_ASSETS_PATH "%.32s/history.js",
				   digest_sha256_hex(arena, asset->data));
	return asset;
}
