/* SPDX-License-Identifier: Apache-2.0 */
/*
 * file.c: see file.h. Nothing is synced to disk: a simulated device may lose its last session in a
 * crash of the machine, as long as what it finds is whole.
 */
#include "sim/device/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"

enum { FILE_PIECE = 64 * 1024, FILE_LIMIT = 16 * 1024 * 1024 };

static int fd_read(struct buf *buf, int fd)
{
	char piece[FILE_PIECE];

	for (;;) {
		ssize_t n = read(fd, piece, sizeof(piece));

		if (n == 0)
			return 0;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || buf->len + (size_t)n > FILE_LIMIT)
			return -1;
		buf_add(buf, piece, (size_t)n);
	}
}

int file_read(struct arena *arena, const char *path, struct text *ret, struct trail *trail)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct buf buf;
	int r;

	if (fd < 0 && errno == ENOENT)
		return FILE_E_NONE;
	if (fd < 0)
		return ERR_FAIL(trail, ERR_SYSTEM, "open %s: %s", path, strerror(errno));
	buf_init(&buf, arena);
	r = fd_read(&buf, fd);
	if (r < 0)
		r = ERR_FAIL(trail, ERR_SYSTEM, "read %s: %s", path,
			     errno ? strerror(errno) : "too large");
	close(fd);
	if (r == 0)
		*ret = buf.len > 0 ? buf_text(&buf) : TEXT_EMPTY;
	return r;
}

static int fd_write(int fd, struct text content)
{
	while (content.len > 0) {
		ssize_t n = write(fd, content.ptr, content.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		content = text_from(content, (size_t)n);
	}
	return 0;
}

int file_write(struct arena *arena, const char *path, mode_t mode, struct text content,
	       struct trail *trail)
{
	char *beside = arena_printf(arena, "%s.new", path);
	int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	int r;

	if (fd < 0)
		return ERR_FAIL(trail, ERR_SYSTEM, "write %s: %s", beside, strerror(errno));
	r = fd_write(fd, content);
	if (close(fd) < 0)
		r = -1;
	if (r < 0 || rename(beside, path) < 0)
		return ERR_FAIL(trail, ERR_SYSTEM, "write %s: %s", path, strerror(errno));
	return 0;
}

int file_remove(const char *path, struct trail *trail)
{
	if (unlink(path) < 0 && errno != ENOENT)
		return ERR_FAIL(trail, ERR_SYSTEM, "remove %s: %s", path, strerror(errno));
	return 0;
}

int file_make_dir(const char *path, struct trail *trail)
{
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return ERR_FAIL(trail, ERR_SYSTEM, "make directory %s: %s", path, strerror(errno));
	return 0;
}
