/* SPDX-License-Identifier: Apache-2.0 */
/*
 * migrate.c: `musterd migrate`: bring the schema to what this program knows. A database made by a
 * newer program is left alone.
 */
#include <stdio.h>

#include "musterd/commands.h"
#include "store/db.h"

static int store_migrate(const char *url, struct trail *trail)
{
	struct db_store *store;
	int r;

	r = db_store_open(&store, url, trail);
	if (r)
		return r;
	r = db_store_migrate(store, trail);
	db_store_close(store);
	if (r == DB_E_NEWER_SCHEMA)
		return ERR_FAIL(trail, ERR_CONFIG,
				"the database was made by a newer Muster; run that program");
	return r;
}

int command_migrate(int argc, char **argv)
{
	struct config_file *file;
	struct trail trail;
	int status;

	status = command_config("migrate", argc, argv, &file);
	if (status != EXIT_DONE)
		return status;
	trail_reset(&trail);
	if (store_migrate(file->config.store_url, &trail))
		status = command_fail("migrate", &trail);
	else
		puts("the database has the schema of this program");
	config_free(file);
	return status;
}
