/* SPDX-License-Identifier: Apache-2.0 */
/*
 * file.h: whole files of a device's directory, read at once and replaced atomically.
 */
#ifndef MUSTER_SIM_DEVICE_FILE_H
#define MUSTER_SIM_DEVICE_FILE_H

#include <sys/types.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"

enum file_outcome { FILE_E_NONE = 1 };

/* FILE_E_NONE: not there, without a word in the trail. */
MUST_CHECK int file_read(struct arena *arena, const char *path, struct text *ret,
			 struct trail *trail);
/* Written beside and renamed, so that a reader sees the old or the new one. */
MUST_CHECK int file_write(struct arena *arena, const char *path, mode_t mode, struct text content,
			  struct trail *trail);
/* A file that is not there is no failure. */
MUST_CHECK int file_remove(const char *path, struct trail *trail);
/* Make a directory, 0700; one that exists is fine. */
MUST_CHECK int file_make_dir(const char *path, struct trail *trail);

#endif
