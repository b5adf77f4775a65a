/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema_stories.c: the fourth step of the schema: the list of stories reads nothing else.
 *
 * The conventions are those of schema_first.c.
 */
#include "base/attr.h"
#include "store/migrate.h"

static const char *const statements[] = {
    /* One row of each story; the query of the list must say the same. */
    "CREATE INDEX enrollments_stories ON enrollments (id, tenant_id)"
    " WHERE story_id = id AND stage <> 'renewal'",
};

const struct migration migration_stories = {
    .name = "stories",
    .statements = statements,
    .count = ARRAY_LEN(statements),
};
