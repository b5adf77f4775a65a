/* SPDX-License-Identifier: Apache-2.0 */
/*
 * settings.c: see settings.h. The file may be missing; a line of it that is not understood is an
 * error, as a misspelt `ca` would silently mean another trust.
 */
#include "muster/settings.h"

#include <ini.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

enum { SETTING_URL, SETTING_TOKEN_FILE, SETTING_CA, SETTINGS };

static const struct {
	const char *option;
	const char *variable;
	const char *key;
} names[SETTINGS] = {
    [SETTING_URL] = {"--url", "MUSTER_URL", "url"},
    [SETTING_TOKEN_FILE] = {"--token-file", "MUSTER_TOKEN_FILE", "token_file"},
    [SETTING_CA] = {"--ca", "MUSTER_CA", "ca"},
};

struct file {
	struct arena *arena;
	const char *value[SETTINGS];
	bool is_seen[SETTINGS];
};

static int line_handle(void *user, const char *section, const char *key, const char *value)
{
	struct file *file = user;

	if (section[0])
		return 0;
	for (size_t i = 0; i < SETTINGS; i++) {
		if (strcmp(names[i].key, key) != 0)
			continue;
		if (file->is_seen[i])
			return 0;
		file->is_seen[i] = true;
		file->value[i] = arena_string(file->arena, value);
		return 1;
	}
	return 0;
}

/* "~/x" as a shell would read it: in a file nobody else does. */
static const char *home_expand(struct arena *arena, const char *path, const char *home)
{
	if (path && home && !strncmp(path, "~/", 2))
		return arena_printf(arena, "%s%s", home, path + 1);
	return path;
}

static int file_read(struct cli *cli, struct file *file)
{
	const char *home = getenv("HOME");
	const char *path;
	int r;

	if (!home || !home[0])
		return 0;
	path = arena_printf(&cli->arena, "%s/.config/muster/cli.conf", home);
	if (access(path, F_OK) != 0)
		return 0;
	r = ini_parse(path, line_handle, file);
	if (r > 0)
		return cli_fail(cli, CLI_E_FAILED,
				"%s line %d: expected one line each of url, token_file and ca, "
				"without a section",
				path, r);
	if (r < 0)
		return cli_fail(cli, CLI_E_FAILED, "cannot read %s", path);
	file->value[SETTING_TOKEN_FILE] =
	    home_expand(&cli->arena, file->value[SETTING_TOKEN_FILE], home);
	file->value[SETTING_CA] = home_expand(&cli->arena, file->value[SETTING_CA], home);
	return 0;
}

static const char *setting_choose(const struct file *file, size_t which, const char *given)
{
	const char *value = given;

	if (!value)
		value = getenv(names[which].variable);
	if (!value || !value[0])
		value = file->value[which];
	return value ? value : "";
}

/* People paste the API's address too. */
static const char *url_trim(struct arena *arena, const char *url)
{
	static const struct text ends[] = {{"/", 1}, {"/api/v1", 7}, {"/", 1}};
	struct text rest = text_of(url);

	for (size_t i = 0; i < ARRAY_LEN(ends); i++)
		if (text_ends(rest, ends[i]))
			rest = text_take(rest, rest.len - ends[i].len);
	return arena_cstr(arena, rest);
}

int cli_settings_read(struct cli *cli, const struct cli_args *args, struct cli_settings *ret)
{
	const char *const given[SETTINGS] = {
	    [SETTING_URL] = args->url,
	    [SETTING_TOKEN_FILE] = args->token_file,
	    [SETTING_CA] = args->ca,
	};
	struct file file = {.arena = &cli->arena};
	const char *value[SETTINGS];
	int r;

	r = file_read(cli, &file);
	if (r)
		return r;
	for (size_t i = 0; i < SETTINGS; i++)
		value[i] = setting_choose(&file, i, given[i]);
	for (size_t i = 0; i < SETTING_CA; i++)
		if (!value[i][0])
			return cli_fail(cli, CLI_E_USAGE,
					"give %s, %s or the line %s in ~/.config/muster/cli.conf",
					names[i].option, names[i].variable, names[i].key);
	*ret = (struct cli_settings){
	    .url = url_trim(&cli->arena, value[SETTING_URL]),
	    .token_file = value[SETTING_TOKEN_FILE],
	    .ca = value[SETTING_CA],
	};
	return 0;
}
