/* SPDX-License-Identifier: Apache-2.0 */
/*
 * id.c: ids of rows that are listed in the order they were made, see store.h.
 */
#include "base/clock.h"
#include "base/uuid.h"
#include "store/store.h"

const char *store_new_id(struct arena *arena)
{
	char text[UUID_TEXT_LEN + 1];

	uuid_write(uuid_ordered(clock_now_ms()), text);
	return arena_string(arena, text);
}
