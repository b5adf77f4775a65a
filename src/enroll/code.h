/* SPDX-License-Identifier: Apache-2.0 */
/*
 * code.h: every code a person may read on the screen of a Windows device that did not get in, or
 * in its event log: what Windows calls it, what it tells the user, who raises it, what is behind
 * it and what an administrator can do. MS-MDE2 2.2.9 and the error table of the Windows
 * documentation; the codes only Windows itself can raise are here too.
 *
 * Pure data. Which reason of this server leads to which code is in enroll/reason.h.
 */
#ifndef MUSTER_ENROLL_CODE_H
#define MUSTER_ENROLL_CODE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/text.h"

/* Who finds the fault. */
enum code_origin {
	CODE_SERVER, /* this server, with a fault or at the Terms of Use */
	CODE_DEVICE, /* Windows, whatever the server answered */
	CODE_ENTRA,  /* Windows while it registers with Entra ID, before it speaks to this server */
	CODE_EITHER  /* this server or Windows */
};

struct enroll_code {
	const char *code;       /* "0x80180018"; a word where Windows uses one */
	const char *name;       /* MENROLL_E_USERLICENSE; "" where it has none */
	const char *alias;      /* another spelling of the name that is in use; "" */
	const char *fault;      /* the subcode or ErrorType that causes it; "" */
	const char *message_id; /* Windows' id of what the user reads; "" where that is not known */
	enum code_origin origin;
	const char *cause;
	const char *remedy;
};

const struct enroll_code *enroll_codes(size_t *ret_count);

/* The row of a code as people write it: 0x80180018, 80180018, -2145910760, a name, an alias, a
 * fault's name; in any case. An HTTP status in a code (0x80190193) that has no row of its own
 * gets one made in the arena. NULL: unknown. */
const struct enroll_code *enroll_code_find(struct arena *arena, struct text written);

/* Whether people write codes so, known or not: 8 hexadecimal digits, or 10 decimal ones. */
bool enroll_code_is_number(struct arena *arena, struct text written);

/* What the user reads, the code in it: "" where only the code is shown. */
const char *enroll_code_message(struct arena *arena, const struct enroll_code *code);
const char *enroll_code_origin_name(enum code_origin origin); /* server | device | entra | either */

#endif
