/* SPDX-License-Identifier: Apache-2.0 */
/*
 * db_sqlite_backup.c: a consistent copy of the database while others write to it, by SQLite's own
 * online backup. The copy is a new file that only its owner can read; a failed one is removed.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "store/db_sqlite.h"

static int copy(sqlite3 *from, sqlite3 *to)
{
	sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");

	if (!backup)
		return sqlite3_errcode(to);
	(void)sqlite3_backup_step(backup, -1);
	return sqlite3_backup_finish(backup);
}

static int copy_files(const char *from_path, const char *to_path)
{
	sqlite3 *from = NULL, *to = NULL;
	int code;

	code = sqlite3_open_v2(from_path, &from, SQLITE_OPEN_READONLY, NULL);
	if (code == SQLITE_OK)
		code = sqlite3_open_v2(to_path, &to, SQLITE_OPEN_READWRITE, NULL);
	if (code == SQLITE_OK)
		code = copy(from, to);
	sqlite3_close(from);
	if (sqlite3_close(to) != SQLITE_OK && code == SQLITE_OK)
		code = SQLITE_ERROR;
	return code;
}

int sqlite_backup(const char *from_path, const char *to_path, struct trail *trail)
{
	int fd = open(to_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int code;

	if (fd < 0)
		return ERR_FAIL(trail, ERR_CONFIG, "cannot create %s: %s", to_path,
				strerror(errno));
	close(fd);
	code = copy_files(from_path, to_path);
	if (code == SQLITE_OK)
		return 0;
	unlink(to_path);
	return ERR_FAIL(trail, ERR_STORE, "cannot copy the database to %s: %s", to_path,
			sqlite3_errstr(code));
}
