/* SPDX-License-Identifier: Apache-2.0 */
/*
 * backup.c: `musterd backup`: a consistent copy of an SQLite database, taken while the server runs.
 * The copy holds what the database holds: sealed secrets stay sealed, and are of no use without the
 * master key, which is not in it. PostgreSQL has its own tools for this.
 */
#include <stdio.h>

#include "musterd/commands.h"
#include "musterd/options.h"
#include "store/db.h"

static int store_copy(const char *url, const char *path, struct trail *trail)
{
	struct db_store *store;
	int r;

	r = db_store_open(&store, url, trail);
	if (r)
		return r;
	r = db_store_backup(store, path, trail);
	db_store_close(store);
	return r;
}

int command_backup(int argc, char **argv)
{
	struct option_row rows[] = {{.name = "config", .is_required = true},
				    {.name = "to", .is_required = true}};
	struct config_file *file;
	struct trail trail;
	int status = EXIT_DONE;

	trail_reset(&trail);
	if (!options_read("backup", argc, argv, rows, ARRAY_LEN(rows)))
		return EXIT_USAGE;
	if (config_load(&file, rows[0].value, &trail))
		return command_fail("backup", &trail);
	if (store_copy(file->config.store_url, rows[1].value, &trail))
		status = command_fail("backup", &trail);
	else
		printf("wrote %s\n", rows[1].value);
	config_free(file);
	return status;
}
