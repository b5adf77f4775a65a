/* SPDX-License-Identifier: Apache-2.0 */
/*
 * values.h: one option's value as JSON, by its kind. What the API can judge better (ids, names of
 * facts, LocURIs) is left to it; here only the shape is read.
 */
#ifndef MUSTER_MUSTER_VALUES_H
#define MUSTER_MUSTER_VALUES_H

#include "base/json.h"
#include "muster/cli.h"

/* Write value as the member `name`; name NULL inside an array, where nothing or more than one item
 * may be written. CLI_E_USAGE names the option and what it wants. */
MUST_CHECK int cli_value_add(struct cli *cli, const struct cli_option *option, const char *name,
			     const char *value, struct json_writer *w);

/* "90", "90s", "15min", "36h", "3d" as seconds; false when it is not one or too long. */
MUST_CHECK bool cli_duration_read(struct text t, int64_t *ret);

#endif
