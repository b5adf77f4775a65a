/* SPDX-License-Identifier: Apache-2.0 */
/*
 * log.c: one event, one line, one write.
 *
 * The line is composed first and handed to the kernel in a single write(2), so that lines of
 * several threads or processes do not mix. A line that cannot be written is lost: logging never
 * fails a request and never waits for more than the pipe. The event comes first in each line,
 * then level and time, then the fields in the order given.
 */
#include "base/log.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"

static const char *const log_level_names[] = {
    [LOG_DEBUG] = "debug", [LOG_INFO] = "info", [LOG_WARN] = "warn", [LOG_ERROR] = "error"};

static _Atomic int log_least = LOG_INFO;

void log_set_level(enum log_level level)
{
	atomic_store(&log_least, (int)level);
}

static void log_add_time(struct json_writer *w)
{
	enum { SECONDS_LEN = CLOCK_TEXT_LEN - 1 }; /* without the Z */
	char seconds[CLOCK_TEXT_LEN + 1];
	char text[CLOCK_TEXT_LEN + 8];
	int64_t now = clock_now_ms();

	clock_write(now / 1000, seconds);
	snprintf(text, sizeof(text), "%.*s.%03uZ", SECONDS_LEN, seconds,
		 (unsigned)(now % 1000) % 1000);
	json_add_c(w, "time", text);
}

static void log_put(struct text line)
{
	while (line.len) {
		ssize_t n = write(STDERR_FILENO, line.ptr, line.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		line = text_from(line, (size_t)n);
	}
}

void log_event(enum log_level level, const char *event, const struct log_field *fields, size_t n)
{
	struct buf buf CLEANUP(buf_done);
	struct json_writer w;
	int saved = errno;

	buf_init(&buf, NULL);
	if ((int)level < atomic_load(&log_least))
		return;
	json_writer_init(&w, &buf);
	json_begin_object(&w, NULL);
	json_add_c(&w, "event", event);
	json_add_c(&w, "level", log_level_names[level]);
	log_add_time(&w);
	for (size_t i = 0; i < n; i++) {
		if (fields[i].text.ptr)
			json_add_text(&w, fields[i].name, fields[i].text);
		else
			json_add_int(&w, fields[i].name, fields[i].number);
	}
	json_end_object(&w);
	buf_add_byte(&buf, '\n');
	log_put(buf_text(&buf));
	errno = saved;
}
