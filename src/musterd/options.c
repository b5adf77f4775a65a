/* SPDX-License-Identifier: Apache-2.0 */
/*
 * options.c: see options.h.
 */
#include "musterd/options.h"

#include <stdio.h>

#include "base/text.h"

static struct option_row *row_find(struct text name, struct option_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (text_eq_c(name, rows[i].name))
			return &rows[i];
	return NULL;
}

static bool usage(const char *command, const char *what, struct text name)
{
	fprintf(stderr, "musterd %s: %s --%.*s; see musterd --help\n", command, what,
		TEXT_ARG(name));
	return false;
}

bool options_read(const char *command, int argc, char **argv, struct option_row *rows, size_t n)
{
	for (int i = 0; i < argc; i++) {
		struct text rest = text_of(argv[i]);
		struct text name;
		struct option_row *row;

		if (!text_starts(rest, TEXT("--"))) {
			fprintf(stderr,
				"musterd %s: unexpected argument '%s'; see musterd --help\n",
				command, argv[i]);
			return false;
		}
		rest = text_from(rest, 2);
		name = text_cut(&rest, '=');
		row = row_find(name, rows, n);
		if (!row)
			return usage(command, "unknown option", name);
		if (row->value)
			return usage(command, "repeated option", name);
		if (row->is_flag) {
			if (rest.ptr)
				return usage(command, "no value belongs to option", name);
			row->value = "";
			continue;
		}
		if (!rest.ptr && i + 1 >= argc)
			return usage(command, "no value for option", name);
		row->value = rest.ptr ? rest.ptr : argv[++i];
	}
	for (size_t i = 0; i < n; i++)
		if (rows[i].is_required && !rows[i].value)
			return usage(command, "missing option", text_of(rows[i].name));
	return true;
}
