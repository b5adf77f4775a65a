/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main.c: the program muster-device. contract.md sections 2 and 6.
 *
 * Results go to standard output. Exit status 0: done; 2: wrong usage; 1: anything else, with one
 * line on standard error that says what is wrong and what Windows would show.
 */
#include <signal.h>
#include <stdlib.h>

#include "sim/device/commands.h"

static int (*const COMMANDS_RUN[COMMANDS])(struct task *task, const struct options *options) = {
    [COMMAND_ENROLL] = command_enroll, [COMMAND_SESSION] = command_session,
    [COMMAND_RENEW] = command_renew,   [COMMAND_UNENROLL] = command_unenroll,
    [COMMAND_RUN] = command_run,       [COMMAND_LOAD] = command_load,
};

static int main_fail(const struct options *options, const struct task *task)
{
	fprintf(stderr, "muster-device: %s: %s", command_name(options->command),
		task->trail->cause);
	if (task->code)
		fprintf(stderr, " (Windows shows 0x%08X: %s)", task->code, code_text(task->code));
	fputc('\n', stderr);
	return EXIT_FAILURE;
}

static int run(struct task *task, const struct options *options)
{
	int r = http_client_new(&task->client, options->ca, task->trail);

	if (r < 0)
		return ERR_TRACE(task->trail, r);
	r = COMMANDS_RUN[options->command](task, options);
	http_client_free(task->client);
	return r;
}

int main(int argc, char **argv)
{
	struct options options;
	struct trail trail;
	struct arena arena;
	struct task task = {.arena = &arena, .trail = &trail, .out = stdout};
	int r = options_read(&options, argc, argv, stdout, stderr);

	if (r != 0)
		return r == OPTIONS_E_DONE ? EXIT_SUCCESS : 2;
	signal(SIGPIPE, SIG_IGN);
	trail_reset(&trail);
	arena_init(&arena);
	task.is_verbose = options.is_verbose;
	r = run(&task, &options);
	if (r != 0)
		r = main_fail(&options, &task);
	arena_done(&arena);
	return r;
}
