/* SPDX-License-Identifier: Apache-2.0 */
/*
 * alert.c: finding alerts by code and type. Types are compared without regard to ASCII case and
 * surrounding white space, both of which differ between samples.
 */
#include "manage/alert.h"

const struct syncml_item *manage_alert_item(const struct syncml_command *command, int64_t code,
					    const char *type)
{
	if (command->verb != SYNCML_ALERT || command->code != code)
		return NULL;
	for (size_t i = 0; i < command->item_count; i++) {
		struct text have = command->items[i].meta.type;

		if (have.ptr && text_eq_nocase(text_trim(have), text_of(type)))
			return &command->items[i];
	}
	return NULL;
}

const struct syncml_item *manage_client_event(const struct syncml *message, const char *type)
{
	for (size_t i = 0; i < message->command_count; i++) {
		const struct syncml_item *item =
		    manage_alert_item(&message->commands[i], ALERT_CLIENT_EVENT, type);

		if (item)
			return item;
	}
	return NULL;
}
