/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_columns.h: the lists that are kept as JSON inside a row. Private to src/store.
 * The forms are those of the admin API (contract: settings, assignments, rules). Reading latches
 * into the row: JSON that is not of the form is a failure of the store.
 */
#ifndef MUSTER_STORE_JSON_COLUMNS_H
#define MUSTER_STORE_JSON_COLUMNS_H

#include "model/compliance.h"
#include "store/row.h"

char *json_column_texts(struct arena *arena, const char *const *texts, size_t n);
char *json_column_settings(struct arena *arena, const struct setting *settings, size_t n);
char *json_column_assignments(struct arena *arena, const struct assignment *list, size_t n);
char *json_column_rules(struct arena *arena, const struct compliance_rule *rules, size_t n);

/* At most cap texts. */
void row_texts(struct row *row, const char **ret, size_t cap, size_t *ret_n);
void row_settings(struct row *row, struct setting **ret, size_t *ret_n);
void row_assignments(struct row *row, struct assignment **ret, size_t *ret_n);
void row_rules(struct row *row, struct compliance_rule **ret, size_t *ret_n);

#endif
