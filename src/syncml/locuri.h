/* SPDX-License-Identifier: Apache-2.0 */
/*
 * locuri.h: the addresses of nodes in a device's management tree ("./Device/Vendor/MSFT/...").
 *
 * Two spellings can name one node: the case of ./User and ./Device does not matter, ./Vendor/MSFT
 * is ./Device/Vendor/MSFT, and what is percent-encoded without need is the same as the character.
 * locuri_normal brings all of them to one text, which is what rows are keyed and compared by.
 */
#ifndef MUSTER_SYNCML_LOCURI_H
#define MUSTER_SYNCML_LOCURI_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/attr.h"
#include "base/text.h"
#include "model/policy.h"

enum locuri_outcome {
	LOCURI_E_EMPTY = 1,
	LOCURI_E_TOO_LONG = 2,  /* more than LIMIT_SYNCML_LOCURI bytes */
	LOCURI_E_ROOT = 3,      /* does not begin with "./" */
	LOCURI_E_SEGMENT = 4,   /* a segment is empty, "*", "." or ".." */
	LOCURI_E_CHARACTER = 5, /* a character that must be percent-encoded */
	LOCURI_E_ENCODING = 6   /* a '%' without two hexadecimal digits, or %00 */
};

/* 0 when uri can address one node, or an enum locuri_outcome. A query is not accepted here. */
MUST_CHECK int locuri_check(struct text uri);
/* The same for what a Get may name: ?list=... or ?prop=... may follow. */
MUST_CHECK int locuri_check_get(struct text uri);
/* One sentence for the person who typed it. */
const char *locuri_outcome_text(int outcome);

/* SCOPE_USER for ./User, in any case; everything else is the device. */
enum scope locuri_scope(struct text uri);

/* The one spelling, in the arena; a query is dropped. What is not valid is copied unchanged. */
char *locuri_normal(struct arena *arena, struct text uri);
/* Below root or root itself; both normal. */
bool locuri_is_within(struct text uri, struct text root);

/* Percent-encode one segment. */
char *locuri_segment(struct arena *arena, struct text name);

#endif
