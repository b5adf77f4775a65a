/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log.h: one JSON object a line on standard error. Values are escaped, so that one event is one
 * line whatever it holds. Never pass a token, key, password or body.
 *
 *   log_info("listening", LOG_TEXT("listener", name), LOG_INT("port", port));
 */
#ifndef MUSTER_BASE_LOG_H
#define MUSTER_BASE_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

struct log_field {
	const char *name;
	struct text text; /* ptr NULL: a number */
	int64_t number;
};

#define LOG_TEXT(n, s)  ((struct log_field){.name = (n), .text = text_of(s)})
#define LOG_SLICE(n, t) ((struct log_field){.name = (n), .text = (t)})
#define LOG_INT(n, v)   ((struct log_field){.name = (n), .number = (int64_t)(v)})

void log_set_level(enum log_level level);
void log_event(enum log_level level, const char *event, const struct log_field *fields, size_t n);

#define LOG_FIELDS_(...) ((const struct log_field[]){{.name = NULL}, ##__VA_ARGS__})
#define LOG_COUNT_(...)  (sizeof(LOG_FIELDS_(__VA_ARGS__)) / sizeof(struct log_field))
#define LOG_AT_(level, event, ...)                                                                 \
	log_event((level), (event), LOG_FIELDS_(__VA_ARGS__) + 1, LOG_COUNT_(__VA_ARGS__) - 1)

#define log_debug(event, ...) LOG_AT_(LOG_DEBUG, event, ##__VA_ARGS__)
#define log_info(event, ...)  LOG_AT_(LOG_INFO, event, ##__VA_ARGS__)
#define log_warn(event, ...)  LOG_AT_(LOG_WARN, event, ##__VA_ARGS__)
#define log_error(event, ...) LOG_AT_(LOG_ERROR, event, ##__VA_ARGS__)

#endif
