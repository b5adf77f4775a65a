/* SPDX-License-Identifier: Apache-2.0 */
/*
 * files.c: create the two files of a pair. An exclusive open follows no symbolic link at the
 * end of the path, so that nobody can redirect the key to a place of theirs.
 */
#include "signer/files.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static int write_all(int fd, struct text data)
{
	while (data.len > 0) {
		ssize_t n = write(fd, data.ptr, data.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		data = text_from(data, (size_t)n);
	}
	return 0;
}

static int file_create(const char *path, mode_t mode, struct text data, struct trail *trail)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode), r = 0;

	if (fd < 0 && errno == EEXIST)
		return SIGNER_FILES_E_EXISTS;
	if (fd < 0)
		return ERR_FAIL(trail, ERR_SYSTEM, "%s: %m", path);
	/* the umask may have taken bits away; a key's mode never gains any */
	if (fchmod(fd, mode) != 0 || write_all(fd, data) != 0 || fsync(fd) != 0)
		r = ERR_FAIL(trail, ERR_SYSTEM, "%s: %m", path);
	if (close(fd) != 0 && r == 0)
		r = ERR_FAIL(trail, ERR_SYSTEM, "%s: %m", path);
	if (r < 0)
		(void)unlink(path);
	return r;
}

int signer_files_create(const struct x509_pair *pair, const char *certificate_path,
			const char *key_path, struct trail *trail)
{
	int r = file_create(key_path, 0600, pair->key_pem, trail);

	if (r != 0)
		return r < 0 ? ERR_TRACE(trail, r) : SIGNER_FILES_E_EXISTS;
	r = file_create(certificate_path, 0644, pair->certificate_pem, trail);
	if (r != 0) {
		(void)unlink(key_path);
		return r < 0 ? ERR_TRACE(trail, r) : SIGNER_FILES_E_EXISTS;
	}
	return 0;
}

int signer_files_create_key(struct text pem, const char *path, struct trail *trail)
{
	return file_create(path, 0600, pem, trail);
}

int signer_files_create_certificate(struct text pem, const char *path, struct trail *trail)
{
	return file_create(path, 0644, pem, trail);
}
