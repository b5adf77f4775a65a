/* SPDX-License-Identifier: Apache-2.0 */
/*
 * help.c: see help.h.
 */
#include "muster/help.h"

#include <string.h>

#include "muster/args.h"

enum { NAME_COLUMN = 22, OPTION_COLUMN = 37 };

static void option_add(struct buf *buf, const struct cli_option *option, const char *indent)
{
	size_t start = buf->len;

	buf_printf(buf, "%s--%s%s%s", indent, option->name, option->value ? " " : "",
		   option->value ? option->value : "");
	do
		buf_add_byte(buf, ' ');
	while (buf->len - start < OPTION_COLUMN);
	buf_printf(buf, " %s", option->help);
	if (option->alias)
		buf_printf(buf, "; also --%s", option->alias);
	buf_add_byte(buf, '\n');
}

static void common_add(struct buf *buf)
{
	buf_add_c(buf, "\nOptions of every command:\n");
	for (const struct cli_option *option = cli_common_options(); option->name; option++)
		option_add(buf, option, "  ");
}

static void verb_names_add(struct buf *buf, const struct cli_resource *resource)
{
	for (size_t i = 0; i < resource->verb_count; i++)
		buf_printf(buf, "%s%s", i > 0 ? " " : "", resource->verbs[i].name);
}

static void overview_add(struct buf *buf)
{
	size_t count;
	const struct cli_resource *resources = cli_resources(&count);

	buf_add_c(buf, "muster - the command line of the Muster server\n"
		       "\n"
		       "  muster [OPTION]... RESOURCE VERB [ID] [OPTION]...\n"
		       "  muster RESOURCE --help\n"
		       "\n"
		       "Resources and their verbs:\n");
	for (size_t i = 0; i < count; i++) {
		buf_printf(buf, "  %-*s ", NAME_COLUMN, resources[i].name);
		verb_names_add(buf, &resources[i]);
		buf_add_byte(buf, '\n');
	}
	common_add(buf);
	buf_add_c(
	    buf, "\n"
		 "Where --url, --token-file and --ca are not given, the variables MUSTER_URL,\n"
		 "MUSTER_TOKEN_FILE and MUSTER_CA count, else the lines url, token_file and ca of\n"
		 "~/.config/muster/cli.conf.\n"
		 "Exit status: 0 done, 2 wrong usage, 1 any other failure.\n");
}

static void verb_add(struct buf *buf, const struct cli_resource *resource,
		     const struct cli_verb *verb)
{
	buf_printf(buf, "\n  muster %s %s%s%s\n      %s%s\n", resource->name, verb->name,
		   cli_verb_has_id(verb) ? " " : "", cli_verb_has_id(verb) ? resource->id : "",
		   verb->help,
		   verb->warning ? "; asks first, without a terminal it needs --yes" : "");
	for (const struct cli_option *option = verb->options; option && option->name; option++)
		option_add(buf, option, "      ");
}

void cli_help(struct buf *buf, const struct cli_resource *resource)
{
	if (!resource) {
		overview_add(buf);
		return;
	}
	buf_printf(buf, "muster %s - %s\n", resource->name, resource->help);
	for (size_t i = 0; i < resource->verb_count; i++)
		verb_add(buf, resource, &resource->verbs[i]);
	common_add(buf);
}
