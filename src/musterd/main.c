/* SPDX-License-Identifier: Apache-2.0 */
/*
 * main.c: musterd's commands, as a table.
 */
#include <stdio.h>
#include <string.h>

#include "musterd/commands.h"

static const char help[] =
    "musterd - the Muster server: Windows device management with Microsoft Entra ID\n"
    "\n"
    "  musterd init --dir DIR --public-url URL --manage-url URL --console-url URL\n"
    "               [--tls-certificate F --tls-key F] [--store URL]\n"
    "               [--root-certificate F --root-key F] [--root-passphrase-file F]\n"
    "               [--ca-key F-or-pkcs11-URI]\n"
    "      make a complete working directory: configuration, master key, a root and the\n"
    "      device CA below it, database and the first administrator's token\n"
    "  musterd serve --config F\n"
    "      run the server; SIGHUP reloads configuration and certificates, SIGTERM stops\n"
    "  musterd check --config F [--offline] [--roots FILE]\n"
    "      look at configuration, files, database and clock, and print each finding\n"
    "  musterd migrate --config F\n"
    "      bring the database to the schema of this program\n"
    "  musterd backup --config F --to F2\n"
    "      write a consistent copy of an SQLite database while the server runs\n"
    "  musterd ca new-root --certificate F --key F [--passphrase-file F] [--name NAME]\n"
    "      make a root for device CAs; keep its key offline\n"
    "  musterd ca new-intermediate --config F --root-key F [--root-certificate F]\n"
    "               [--root-passphrase-file F] [--key F-or-pkcs11-URI]\n"
    "      make a new device CA and put it into the configuration, the old one as previous\n"
    "  musterd ca request --config F --out F [--key F-or-pkcs11-URI]\n"
    "  musterd ca sign --root-certificate F --root-key F [--root-passphrase-file F]\n"
    "               --request F --out F\n"
    "  musterd ca install --config F --certificate F --key F-or-pkcs11-URI\n"
    "               [--root-certificate F]\n"
    "      the same in three steps, when the root's key is on another machine\n"
    "  musterd --help | --version\n"
    "\n"
    "Exit status: 0 done, 2 wrong usage, 1 any other failure.\n";

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} commands[] = {
    {"init", command_init},       {"serve", command_serve},   {"check", command_check},
    {"migrate", command_migrate}, {"backup", command_backup}, {"ca", command_ca},
};

int main(int argc, char **argv)
{
	if (argc < 2) {
		fputs("musterd: no command given; see musterd --help\n", stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[argc - 1], "--help")) {
		fputs(help, stdout);
		return EXIT_DONE;
	}
	if (!strcmp(argv[1], "--version")) {
		puts("musterd " MUSTER_VERSION);
		return EXIT_DONE;
	}
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].run(argc - 2, argv + 2);
	fprintf(stderr, "musterd: unknown command '%s'; see musterd --help\n", argv[1]);
	return EXIT_USAGE;
}
