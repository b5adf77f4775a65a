/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema_closing.c: the third step of the schema: a tenant that is closed for enrolment and says
 * why.
 *
 * The conventions are those of schema_first.c.
 */
#include "base/attr.h"
#include "store/migrate.h"

static const char *const statements[] = {
    "ALTER TABLE tenants ADD COLUMN closed_message TEXT NOT NULL DEFAULT ''", /* '': open */
};

const struct migration migration_closing = {
    .name = "closing",
    .statements = statements,
    .count = ARRAY_LEN(statements),
};
