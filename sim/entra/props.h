/* SPDX-License-Identifier: Apache-2.0 */
/*
 * props.h: an ordered list of JSON members under construction, whose values are JSON text.
 * Used for JWT headers and payloads, which tests change member by member before they are signed.
 */
#ifndef MUSTER_SIM_ENTRA_PROPS_H
#define MUSTER_SIM_ENTRA_PROPS_H

#include "base/arena.h"
#include "base/json.h"
#include "base/text.h"

enum { PROPS_MAX = 96 };

struct props {
	struct arena *arena;
	struct {
		struct text name;
		struct text value;
	} rows[PROPS_MAX];
	size_t count;
};

void props_init(struct props *props, struct arena *arena);
/* Append; a value that is not there (NULL) and a member past the bound are left out. */
void props_add_text(struct props *props, const char *name, struct text value);
void props_add_c(struct props *props, const char *name, const char *value);
void props_add_int(struct props *props, const char *name, int64_t value);
void props_add_raw(struct props *props, const char *name, struct text value);
/* For each member of the object: null removes, anything else replaces or appends. NULL: nothing. */
void props_override(struct props *props, const struct json *object);
/* Append the object's members even where the names are there already. NULL: nothing. */
void props_extend(struct props *props, const struct json *object);
/* The JSON object, in the arena. */
struct text props_write(const struct props *props);

#endif
