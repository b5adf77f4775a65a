/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli.c: see cli.h. Finding things in the table, and the one line of a failure.
 */
#include "muster/cli.h"

#include <stdarg.h>
#include <string.h>

int cli_fail(struct cli *cli, enum cli_outcome outcome, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	cli->why = arena_vprintf(&cli->arena, fmt, args);
	va_end(args);
	return outcome;
}

int cli_fail_trail(struct cli *cli)
{
	return cli_fail(cli, CLI_E_FAILED, "%s", cli->trail.cause);
}

const struct cli_resource *cli_resource_find(const char *name)
{
	size_t count;
	const struct cli_resource *rows = cli_resources(&count);

	for (size_t i = 0; i < count; i++)
		if (!strcmp(rows[i].name, name) || !strcmp(rows[i].singular, name))
			return &rows[i];
	return NULL;
}

const struct cli_verb *cli_verb_find(const struct cli_resource *resource, const char *name)
{
	for (size_t i = 0; i < resource->verb_count; i++)
		if (!strcmp(resource->verbs[i].name, name))
			return &resource->verbs[i];
	return NULL;
}

const char *cli_option_member(struct arena *arena, const struct cli_option *option)
{
	char *member;

	if (option->member)
		return option->member;
	member = arena_string(arena, option->name);
	for (char *c = member; *c; c++)
		if (*c == '-')
			*c = '_';
	return member;
}

bool cli_option_is_repeatable(const struct cli_option *option)
{
	return option->kind >= CLI_LIST && option->kind <= CLI_EXCLUDE;
}

bool cli_verb_has_id(const struct cli_verb *verb)
{
	return strstr(verb->path, "{id}") != NULL;
}
