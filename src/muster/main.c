/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main.c: the program `muster`: read the line, do the command, say in one line what went wrong.
 * contract.md section 2: exit status 0 done, 2 wrong usage, 1 any other failure.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "muster/help.h"
#include "muster/run.h"
#include "muster/term.h"

/* The line may quote the server, a file or another library. */
static void why_print(struct cli *cli)
{
	struct buf buf;

	buf_init(&buf, &cli->arena);
	term_add(&buf, text_of(cli->why));
	fprintf(stderr, "muster: %.*s\n", TEXT_ARG(buf_text(&buf)));
}

static int command_run(struct cli *cli, int argc, char **argv)
{
	const struct cli_streams streams = {
	    .in = stdin,
	    .out = stdout,
	    .err = stderr,
	    .is_terminal = isatty(STDIN_FILENO) && isatty(STDERR_FILENO),
	};
	struct cli_args args;
	struct buf buf;
	int r;

	r = cli_args_read(cli, argc, argv, &args);
	if (r)
		return r;
	buf_init(&buf, &cli->arena);
	if (args.is_help) {
		cli_help(&buf, args.resource);
		fputs(buf.data, stdout);
		return 0;
	}
	if (args.is_version) {
		puts("muster " MUSTER_VERSION);
		return 0;
	}
	return cli_run(cli, &args, &streams);
}

int main(int argc, char **argv)
{
	struct cli cli = {.why = ""};
	bool is_lost;
	int r;

	/* A reader that goes away is a failed write; it must not end a request half-way. */
	signal(SIGPIPE, SIG_IGN);
	arena_init(&cli.arena);
	trail_reset(&cli.trail);
	r = command_run(&cli, argc, argv);
	is_lost = fflush(stdout) != 0 || ferror(stdout);
	if (is_lost && r == 0)
		r = cli_fail(&cli, CLI_E_FAILED, "cannot write the result: %s", strerror(errno));
	/* A reader that has seen enough (`muster ... | head`) needs no word about it. */
	if (r && !(is_lost && errno == EPIPE))
		why_print(&cli);
	arena_done(&cli.arena);
	return r;
}
