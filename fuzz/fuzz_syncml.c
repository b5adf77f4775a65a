/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_syncml.c: the SyncML reader on any bytes. What it took stays within its limits, its
 * addresses normalise to a fixed point, and written back it reads as the same message.
 */
#include <stdlib.h>

#include "base/limits.h"
#include "syncml/locuri.h"
#include "syncml/syncml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void check_uri(struct arena *arena, struct text uri)
{
	char *normal;

	if (!uri.ptr)
		return;
	check(uri.len <= LIMIT_SYNCML_LOCURI);
	normal = locuri_normal(arena, uri);
	check(!strcmp(locuri_normal(arena, text_of(normal)), normal));
	check(locuri_scope(text_of(normal)) == locuri_scope(uri));
	if (locuri_check(uri) == 0)
		check(locuri_check(text_of(normal)) == 0 || strlen(normal) > LIMIT_SYNCML_LOCURI);
}

/* How many commands and items there are. *known: none of them is SYNCML_UNKNOWN. */
static size_t check_commands(struct arena *arena, const struct syncml_command *commands, size_t n,
			     bool *known)
{
	size_t count = n;

	for (size_t i = 0; i < n; i++) {
		const struct syncml_command *command = &commands[i];

		*known = *known && command->verb != SYNCML_UNKNOWN;
		count += command->item_count;
		for (size_t k = 0; k < command->item_count; k++) {
			check_uri(arena, command->items[k].target);
			check_uri(arena, command->items[k].source);
		}
		count += check_commands(arena, command->members, command->member_count, known);
	}
	return count;
}

static void check_same_text(struct text a, struct text b)
{
	check(!a.ptr == !b.ptr && text_eq(a, b));
}

static void check_same(const struct syncml_command *a, const struct syncml_command *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		check(a[i].verb == b[i].verb && a[i].code == b[i].code);
		check(a[i].item_count == b[i].item_count);
		check(a[i].member_count == b[i].member_count);
		check_same_text(a[i].cmd_id, b[i].cmd_id);
		check_same_text(a[i].cmd_ref, b[i].cmd_ref);
		for (size_t k = 0; k < a[i].item_count; k++) {
			check(a[i].items[k].is_markup == b[i].items[k].is_markup);
			check(a[i].items[k].is_more == b[i].items[k].is_more);
			check_same_text(a[i].items[k].target, b[i].items[k].target);
			if (!a[i].items[k].is_markup)
				check_same_text(a[i].items[k].data, b[i].items[k].data);
		}
		check_same(a[i].members, b[i].members, a[i].member_count);
	}
}

static void round_trip(struct arena *arena, const struct syncml *message)
{
	struct syncml again;
	struct buf buf;
	int r;

	buf_init(&buf, arena);
	syncml_write(&buf, message);
	r = syncml_read(arena, buf_text(&buf), &again);
	/* Writing is wordier: the namespace of each Meta child counts as an attribute. */
	if (r == SYNCML_E_LIMIT)
		return;
	check(r == 0 && again.is_final == message->is_final);
	check(again.header.msg_id == message->header.msg_id);
	check_same_text(again.header.session_id, message->header.session_id);
	check_same_text(again.header.source, message->header.source);
	check(again.command_count == message->command_count);
	check_same(message->commands, again.commands, message->command_count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text body = text_make(data, size), markup;
	struct syncml message;
	struct arena arena;
	bool known = true;

	arena_init(&arena);
	if (syncml_read(&arena, body, &message) == 0) {
		check(message.header.msg_id >= 1 && message.header.session_id.len > 0);
		check(check_commands(&arena, message.commands, message.command_count, &known) <=
		      LIMIT_SYNCML_COMMANDS);
		if (known)
			round_trip(&arena, &message);
	}
	if (syncml_markup_read(&arena, body, &markup) == 0)
		check(syncml_markup_read(&arena, markup, &markup) == 0);
	arena_done(&arena);
	return 0;
}
