/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fatal.c: the last log line of a process.
 *
 * It is written without the log module, because that allocates and running out of memory is one
 * of the reasons to come here. Exit handlers are skipped: they would run on a state that is
 * known to be broken.
 */
#include "base/fatal.h"

#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"

void fatal_exit(const char *what)
{
	char when[CLOCK_TEXT_LEN + 1];
	char line[256];
	int len;

	clock_write(clock_now(), when);
	len = snprintf(
	    line, sizeof(line),
	    "{\"event\":\"fatal\",\"level\":\"error\",\"time\":\"%s\",\"reason\":\"%.150s\"}\n",
	    when, what);
	if (len > 0) {
		ssize_t ignored UNUSED = write(STDERR_FILENO, line, (size_t)len);
	}
	_exit(FATAL_STATUS);
}
