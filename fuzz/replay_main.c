/* SPDX-License-Identifier: Apache-2.0 */
/*
 * replay_main.c: run one fuzz target over files instead of over a fuzzer's inputs.
 *
 * Each argument is a directory whose regular files are inputs, or one file. An input is copied
 * to a heap block of exactly its size, so that under AddressSanitizer reading one byte too many is
 * seen. The empty input always runs too. A directory without any input is an error: a replay that
 * ran nothing must not look like a passed one.
 */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { REPLAY_MAX = 16 * 1024 * 1024 };

static int replay_fail(const char *path, const char *why)
{
	fprintf(stderr, "%s: %s\n", path, why);
	return -1;
}

/* Run the target on one file. */
static int replay_file(const char *path, size_t size)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = malloc(size ? size : 1);
	int r = -1;

	if (!file || !data)
		replay_fail(path, strerror(errno));
	else if (fread(data, 1, size, file) != size)
		replay_fail(path, "changed while it was read");
	else
		r = LLVMFuzzerTestOneInput(data, size);
	if (file)
		fclose(file);
	free(data);
	return r;
}

static int replay_path(const char *path, size_t *count);

static int replay_dir(const char *path, size_t *count)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int r = 0;

	if (!dir)
		return replay_fail(path, strerror(errno));
	while (r == 0 && (entry = readdir(dir))) {
		char child[4096];

		if (entry->d_name[0] == '.')
			continue;
		if (snprintf(child, sizeof(child), "%s/%s", path, entry->d_name) >=
		    (int)sizeof(child))
			r = replay_fail(path, "a path is too long");
		else
			r = replay_path(child, count);
	}
	closedir(dir);
	return r;
}

static int replay_path(const char *path, size_t *count)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return replay_fail(path, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return replay_dir(path, count);
	if (!S_ISREG(st.st_mode) || st.st_size > REPLAY_MAX)
		return replay_fail(path, "not a regular file of reasonable size");
	++*count;
	return replay_file(path, (size_t)st.st_size);
}

int main(int argc, char **argv)
{
	uint8_t *nothing = calloc(1, 1);
	int r = nothing ? LLVMFuzzerTestOneInput(nothing, 0) : -1;

	free(nothing);
	for (int i = 1; i < argc && r == 0; i++) {
		size_t count = 0;

		r = replay_path(argv[i], &count);
		if (r == 0 && count == 0)
			r = replay_fail(argv[i], "holds no input");
		else if (r == 0)
			printf("%s: %zu inputs\n", argv[i], count);
	}
	if (argc < 2)
		r = replay_fail(argv[0], "needs a directory of inputs");
	return r == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
