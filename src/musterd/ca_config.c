/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ca_config.c: see ca_config.h.
 */
#include "musterd/ca_config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "musterd/config.h"
#include "musterd/startup.h"
#include "signer/ceremony.h"
#include "signer/signer.h"

/* The name before '=' of a line that sets something; empty otherwise. */
static struct text line_key(struct text line)
{
	struct text key = text_trim(line);

	if (key.len == 0 || key.ptr[0] == ';' || key.ptr[0] == '#' || key.ptr[0] == '[')
		return TEXT_EMPTY;
	return text_trim(text_cut(&key, '='));
}

static void change_write(struct buf *out, const struct ca_change *change)
{
	buf_printf(out, "certificate     = %s\nkey             = %s\n", change->certificate,
		   change->key);
	if (change->root[0])
		buf_printf(out, "root            = %s\n", change->root);
	buf_printf(out, "previous        = %s\nprevious_key    = %s\n", change->previous,
		   change->previous_key);
}

struct text ca_config_edit(struct arena *arena, struct text old, const struct ca_change *change)
{
	bool is_ca = false;
	struct buf out;

	buf_init(&out, arena);
	while (old.len > 0) {
		const char *end = memchr(old.ptr, '\n', old.len);
		size_t len = end ? (size_t)(end - old.ptr) + 1 : old.len;
		struct text line = text_take(old, len), trimmed = text_trim(line);
		struct text key = line_key(line);

		old = text_from(old, len);
		if (trimmed.len > 0 && trimmed.ptr[0] == '[') {
			is_ca = text_starts(trimmed, TEXT("[ca]"));
			buf_add_text(&out, line);
			if (is_ca)
				change_write(&out, change);
			continue;
		}
		if (is_ca && (text_eq_c(key, "certificate") || text_eq_c(key, "key") ||
			      text_eq_c(key, "root")))
			continue;
		buf_add_text(&out, line);
	}
	return buf_text(&out);
}

static int file_write(const char *path, mode_t mode, struct text data, struct trail *trail)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	bool is_done;

	if (fd < 0)
		return ERR_FAIL(trail, ERR_SYSTEM, "cannot create %s: %m", path);
	is_done = write(fd, data.ptr, data.len) == (ssize_t)data.len && fchmod(fd, mode) == 0 &&
		  fsync(fd) == 0;
	if (close(fd) != 0 || !is_done) {
		(void)unlink(path);
		return ERR_FAIL(trail, ERR_SYSTEM, "cannot write %s", path);
	}
	return 0;
}

/* What is wrong with a file that nobody will find is said of the one it would have replaced. */
static int misfit(const char *path, const char *fresh, int r, struct trail *trail)
{
	const struct trail told = *trail;
	size_t len = strlen(fresh);

	if (strncmp(told.cause, fresh, len) != 0)
		return r;
	trail_reset(trail);
	return ERR_FAIL(trail, r, "%s, changed so, would not do:%s; it stays as it is", path,
			told.cause + len);
}

/* Would the server start with it? */
static int trial(const char *path, struct trail *trail)
{
	struct signer_process *process;
	struct signer_setup setup;
	struct config_file *file;
	int r = config_load(&file, path, trail);

	if (r)
		return r;
	setup = startup_signer_setup(&file->config);
	r = signer_process_start(&process, &setup, trail);
	if (r == 0)
		signer_process_stop(process);
	config_free(file);
	return r;
}

int ca_config_write(struct arena *arena, const char *path, const struct ca_change *change,
		    struct trail *trail)
{
	const char *fresh = arena_printf(arena, "%s.new", path);
	struct text old;
	struct stat st;
	int r = signer_pem_load(arena, path, &old, trail);

	if (r)
		return r;
	if (stat(path, &st) != 0)
		return ERR_FAIL(trail, ERR_SYSTEM, "%s: %m", path);
	r = file_write(fresh, st.st_mode & 0777, ca_config_edit(arena, old, change), trail);
	if (r)
		return r;
	r = trial(fresh, trail);
	if (r)
		r = misfit(path, fresh, r, trail);
	/* the owner is kept where that is allowed: a server that cannot read it would not start */
	if (r == 0 && (st.st_uid != geteuid() || st.st_gid != getegid()) &&
	    chown(fresh, st.st_uid, st.st_gid) != 0)
		r = ERR_FAIL(trail, ERR_SYSTEM, "cannot give %s its owner: %m", fresh);
	if (r == 0 && rename(fresh, path) != 0)
		r = ERR_FAIL(trail, ERR_SYSTEM, "cannot replace %s: %m", path);
	if (r)
		(void)unlink(fresh);
	return r;
}
