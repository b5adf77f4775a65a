/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check.c: the switch of check.h. Empty in the program; only a mutation build has it. It remembers
 * every name it was asked for, so that a test need not keep a list that could fall behind. The
 * switch is for a test that runs alone: it is not made for threads.
 */
#include "jwt/check.h"

#if defined(MUSTER_MUTATION)
#include <stdlib.h>
#include <string.h>

enum { CHECKS_MAX = 128 };

static const char *check_off;
static const char *check_names[CHECKS_MAX + 1];

static void check_remember(const char *name)
{
	size_t i = 0;

	while (check_names[i] && strcmp(check_names[i], name) != 0)
		i++;
	if (i == CHECKS_MAX)
		abort();
	check_names[i] = name;
}

bool check_is_on(const char *name)
{
	check_remember(name);
	return !check_off || strcmp(check_off, name) != 0;
}

void check_switch_off(const char *name)
{
	check_off = name;
}

const char *check_name_get(size_t i)
{
	return i < CHECKS_MAX ? check_names[i] : NULL;
}
#else
/* A file of nothing is not C. */
typedef int check_is_constant;
#endif
