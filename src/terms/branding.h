/* SPDX-License-Identifier: Apache-2.0 */
/*
 * branding.h: files that go with the Terms of Use pages: what an administrator put into the
 * branding directory, and WinJS's style sheets.
 *
 * They are read when the server starts or reloads, as a whole or not at all, and served from
 * memory: no request ever names a file. Names are a fixed list, sizes are bounded, links are not
 * followed. An address holds the hash of the content, so that what is behind it never changes.
 */
#ifndef MUSTER_TERMS_BRANDING_H
#define MUSTER_TERMS_BRANDING_H

#include "base/arena.h"
#include "base/err.h"
#include "model/consent.h"

#define TERMS_ASSETS_PATH "/TermsOfUse/assets/"

struct terms_asset {
	const char *path; /* TERMS_ASSETS_PATH <32 digits of its SHA-256> / <name> */
	const char *type; /* of the content */
	struct text data;
	const struct terms_asset *next;
};

/* What one tenant's pages get besides our own style; NULL where there is nothing. */
struct terms_brand {
	const char *tenant_id;                             /* "": of every other tenant */
	const struct terms_asset *templates[TERMS_THEMES]; /* Microsoft's, by the administrator */
	const struct terms_asset *colors;                  /* made from colors.conf */
	const struct terms_asset *style;                   /* branding.css */
	const struct terms_asset *logo;
};

struct terms_branding {
	const struct terms_asset *winjs_dark; /* both or none */
	const struct terms_asset *winjs_light;
	struct terms_brand *brands; /* the first is that of the server */
	size_t brand_count;
	const struct terms_asset *assets; /* all of them */
	const char *fingerprint;          /* differs when anything does */
};

/* Everything in the arena. "" for a directory: there is none. ERR_CONFIG with one sentence that
 * names the file. An assets directory without WinJS is not a failure. */
MUST_CHECK int terms_branding_load(struct arena *arena, const char *assets_dir,
				   const char *branding_dir, struct trail *trail,
				   const struct terms_branding **ret);

/* branding may be NULL; the result never is. */
const struct terms_brand *terms_brand_of(const struct terms_branding *branding,
					 const char *tenant_id);
/* NULL: there is no such path. */
const struct terms_asset *terms_asset_find(const struct terms_branding *branding, struct text path);

/* colors.conf to a style sheet: lines `accent = #rrggbb` and `background = #rrggbb`, comments after
 * ';'. The colour of text on each is chosen so that it can be read. NULL, with *ret_why, when a
 * line is something else. */
const char *terms_colors_read(struct arena *arena, struct text conf, const char **ret_why);

#endif
