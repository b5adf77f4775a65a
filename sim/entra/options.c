/* SPDX-License-Identifier: Apache-2.0 */
/*
 * options.c: see options.h. contract.md sections 2 and 6.
 *
 * Every listener is for loopback only and anything else is refused: the stand-in mints tokens for
 * whoever asks, and its certificates are worth nothing. Port 0, the default, picks a free port and
 * is told in endpoints.json.
 */
#include "sim/entra/options.h"

#include <getopt.h>
#include <string.h>

enum { OPTION_DIR = 256, OPTION_LISTEN, OPTION_GRAPH, OPTION_CONTROL, OPTION_SEED };

static const char USAGE[] =
    "Usage: muster-entra --dir DIR [OPTION]...\n"
    "A local stand-in for Microsoft Entra ID and Microsoft Graph, for tests and demonstrations.\n"
    "\n"
    "  --dir DIR              where ca.crt, control.token and endpoints.json are written;\n"
    "                         made when it does not exist\n"
    "  --listen ADDRESS       login endpoints over TLS (default 127.0.0.1:0)\n"
    "  --graph-listen ADDRESS Graph over TLS (default 127.0.0.1:0)\n"
    "  --control-listen ADDR  control API, plain HTTP (default 127.0.0.1:0)\n"
    "  --seed FILE            JSON array of control calls to run at start\n"
    "  --help                 show this text\n"
    "  --version              show the version\n"
    "\n"
    "ADDRESS is 127.0.0.1:PORT or [::1]:PORT; port 0 picks a free one. When everything listens,\n"
    "a line that begins with 'ready' is printed. SIGTERM or SIGINT ends the program.\n";

static bool address_is_loopback(const char *address)
{
	return strncmp(address, "127.0.0.1:", 10) == 0 || strncmp(address, "[::1]:", 6) == 0;
}

static int usage_fail(FILE *err, const char *what, const char *value)
{
	fprintf(err, "muster-entra: %s%s; see muster-entra --help\n", what, value);
	return OPTIONS_E_USAGE;
}

static int options_check(const struct options *options, FILE *err)
{
	if (!options->dir || !options->dir[0])
		return usage_fail(err, "--dir is missing: name a directory for its files", "");
	for (size_t i = 0; i < LISTENERS; i++)
		if (!address_is_loopback(options->addresses[i]))
			return usage_fail(err, "listens on 127.0.0.1:PORT or [::1]:PORT only, not ",
					  options->addresses[i]);
	return 0;
}

int options_read(struct options *ret, int argc, char **argv, FILE *out, FILE *err)
{
	static const struct option table[] = {
	    {"dir", required_argument, NULL, OPTION_DIR},
	    {"listen", required_argument, NULL, OPTION_LISTEN},
	    {"graph-listen", required_argument, NULL, OPTION_GRAPH},
	    {"control-listen", required_argument, NULL, OPTION_CONTROL},
	    {"seed", required_argument, NULL, OPTION_SEED},
	    {"help", no_argument, NULL, 'h'},
	    {"version", no_argument, NULL, 'v'},
	    {NULL, 0, NULL, 0},
	};
	struct options options = {.addresses = {"127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0"}};
	const struct {
		int option;
		const char **field;
	} fields[] = {
	    {OPTION_DIR, &options.dir},
	    {OPTION_SEED, &options.seed},
	    {OPTION_LISTEN, &options.addresses[LISTENER_LOGIN]},
	    {OPTION_GRAPH, &options.addresses[LISTENER_GRAPH]},
	    {OPTION_CONTROL, &options.addresses[LISTENER_CONTROL]},
	};
	int option;
	int r;

	opterr = 0;
	optind = 1;
	while ((option = getopt_long(argc, argv, "", table, NULL)) != -1) {
		if (option == 'h' || option == 'v') {
			fputs(option == 'h' ? USAGE : "muster-entra " MUSTER_VERSION "\n", out);
			return OPTIONS_E_DONE;
		}
		if (option == '?')
			return usage_fail(err,
					  "unknown option or missing value: ", argv[optind - 1]);
		for (size_t i = 0; i < ARRAY_LEN(fields); i++)
			if (fields[i].option == option)
				*fields[i].field = optarg;
	}
	if (optind < argc)
		return usage_fail(err, "takes no arguments, found ", argv[optind]);
	r = options_check(&options, err);
	if (r == 0)
		*ret = options;
	return r;
}
