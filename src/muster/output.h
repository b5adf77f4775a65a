/* SPDX-License-Identifier: Apache-2.0 */
/*
 * output.h: what the API answered, for people: lists as aligned columns, objects as "name: value"
 * lines. Absent, null and empty values are "-". Everything goes through term.h.
 */
#ifndef MUSTER_MUSTER_OUTPUT_H
#define MUSTER_MUSTER_OUTPUT_H

#include "base/json.h"
#include "muster/cli.h"

/* A header line and one line an item. columns: NULL terminated names of members. */
void output_table(struct buf *buf, struct arena *arena, const char *const *columns,
		  const struct json *const *items, size_t n);
/* Every member in the order it came. */
void output_object(struct buf *buf, struct arena *arena, const struct json *object);
/* {"findings": [{"what", "ok", "detail"}]} as lines; the result is how many are not ok. */
size_t output_findings(struct buf *buf, const struct json *answer);

#endif
