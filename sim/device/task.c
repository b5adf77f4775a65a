/* SPDX-License-Identifier: Apache-2.0 */
/*
 * task.c: see task.h. Output goes line by line to one stream; nothing here decides anything, and
 * no line holds a token, a key or a password.
 */
#include "sim/device/task.h"

#include <stdarg.h>

static void line_print(FILE *out, const char *prefix, const char *fmt, va_list args)
{
	fputs(prefix, out);
	vfprintf(out, fmt, args);
	fputc('\n', out);
	fflush(out);
}

void task_step(const struct task *task, const char *fmt, ...)
{
	va_list args;

	if (!task->out || !task->is_verbose)
		return;
	va_start(args, fmt);
	line_print(task->out, "  ", fmt, args);
	va_end(args);
}

void task_tell(const struct task *task, const char *fmt, ...)
{
	va_list args;

	if (!task->out)
		return;
	va_start(args, fmt);
	line_print(task->out, "", fmt, args);
	va_end(args);
}

const char *outcome_name(int r)
{
	static const char *const names[] = {
	    [0] = "ok",
	    [OUTCOME_BROKEN] = "protocol",
	    [OUTCOME_REFUSED] = "refused",
	    [OUTCOME_UNREACHABLE] = "unreachable",
	    [OUTCOME_UNTRUSTED] = "untrusted",
	};

	if (r < 0)
		return err_name(r);
	return (size_t)r < ARRAY_LEN(names) ? names[r] : "other";
}
