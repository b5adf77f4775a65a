/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check.c: the switch of check.h. Empty in the program; only a mutation build has it. The switch
 * is for a test that runs alone: it is not made for threads.
 */
#include "jwt/check.h"

#if defined(MUSTER_MUTATION)
#include <stddef.h>
#include <string.h>

static const char *check_off;

bool check_is_on(const char *name)
{
	return !check_off || strcmp(check_off, name) != 0;
}

void check_switch_off(const char *name)
{
	check_off = name;
}
#endif
