/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tell.c: see tell.h. The order is that of the questions: what happened, what the user saw, why,
 * what to do, and then the details.
 */
#include "muster/tell.h"

#include "muster/output.h"
#include "muster/term.h"

static struct text member(const struct json *object, const char *name)
{
	struct text text = json_text(object, name);

	return text.ptr ? text : TEXT_EMPTY;
}

/* A line "label value", left out where there is no value. */
static void line_add(struct buf *buf, const char *label, struct text value)
{
	if (value.len == 0)
		return;
	buf_printf(buf, "%-15s ", label);
	term_add(buf, value);
	buf_add_byte(buf, '\n');
}

/* "There was an error with your license. (...) the error code 0x80180018." */
static void shown_add(struct buf *buf, struct arena *arena, struct text code, struct text message)
{
	struct buf line;

	buf_init(&line, arena);
	buf_add_text(&line, message);
	if (code.len > 0 && !strstr(arena_cstr(arena, message), arena_cstr(arena, code)))
		buf_printf(&line, "%s(%.*s)", message.len > 0 ? " " : "", (int)code.len, code.ptr);
	line_add(buf, "Windows shows:", buf_text(&line));
}

static void reason_add(struct buf *buf, const struct json *reason)
{
	buf_add_c(buf, "  ");
	term_add(buf, member(reason, "reason"));
	buf_add_c(buf, ": ");
	term_add(buf, member(reason, "cause"));
	buf_add_byte(buf, ' ');
	term_add(buf, member(reason, "remedy"));
	buf_add_byte(buf, '\n');
}

static const char *raiser(struct text origin)
{
	if (text_eq(origin, TEXT("server")))
		return "this server";
	if (text_eq(origin, TEXT("device")))
		return "Windows itself, whatever the server says";
	if (text_eq(origin, TEXT("entra")))
		return "Windows and Entra ID, before this server is asked";
	return "this server or Windows";
}

static void code_tell(struct buf *buf, struct arena *arena, const struct json *code)
{
	const struct json *reasons = json_get(code, "reasons");

	term_add(buf, member(code, "code"));
	buf_add_byte(buf, ' ');
	term_add(buf, member(code, "name"));
	buf_add_byte(buf, '\n');
	shown_add(buf, arena, TEXT_EMPTY, member(code, "message"));
	line_add(buf, "Raised by:", text_of(raiser(member(code, "raised_by"))));
	line_add(buf, "What happened:", member(code, "cause"));
	line_add(buf, "What to do:", member(code, "remedy"));
	if (!reasons || reasons->count == 0)
		return;
	buf_add_c(buf,
		  "\nThe reason of the attempt tells more (muster enrollments list --error-code ");
	term_add(buf, member(code, "code"));
	buf_add_c(buf, "):\n");
	for (size_t i = 0; i < reasons->count; i++)
		reason_add(buf, &reasons->items[i]);
}

static void attempts_tell(struct buf *buf, struct arena *arena, const struct json *attempts)
{
	static const char *const columns[] = {"at",     "stage",  "outcome",  "error_code",
					      "reason", "source", "trace_id", NULL};
	const struct json **items = ARENA_ARRAY(arena, attempts->count, const struct json *);

	for (size_t i = 0; i < attempts->count; i++)
		items[i] = &attempts->items[i];
	buf_add_byte(buf, '\n');
	output_table(buf, arena, columns, items, attempts->count);
}

/* As the last attempt that says so has it. */
static struct text version_of(const struct json *attempts)
{
	struct text version = TEXT_EMPTY;

	for (size_t i = attempts->count; i-- > 0 && version.len == 0;)
		version = member(&attempts->items[i], "os_version");
	return version;
}

static void story_tell(struct buf *buf, struct arena *arena, const struct json *story)
{
	const struct json *shows = json_get(story, "windows_shows");
	const struct json *attempts = json_get(story, "attempts");

	term_add(buf, member(story, "summary"));
	buf_add_byte(buf, '\n');
	if (shows && shows->kind == JSON_OBJECT)
		shown_add(buf, arena, member(shows, "code"), member(shows, "message"));
	line_add(buf, "What happened:", member(story, "cause"));
	line_add(buf, "What to do:", member(story, "remedy"));
	line_add(buf, "Device name:", member(story, "device_name"));
	line_add(buf, "Windows:", version_of(attempts));
	line_add(buf, "Device:", member(story, "device_id"));
	line_add(buf, "Entra device:", member(story, "entra_device_id"));
	line_add(buf, "Story:", member(story, "id"));
	attempts_tell(buf, arena, attempts);
}

/* The newest joinings of a user. */
static void stories_tell(struct buf *buf, struct arena *arena, const struct json *object,
			 const struct json *items)
{
	for (size_t i = 0; i < items->count; i++) {
		story_tell(buf, arena, &items->items[i]);
		buf_add_byte(buf, '\n');
	}
	buf_add_c(buf, "All of them: muster enrollment-stories list --user-principal-name ");
	term_add(buf, member(object, "user_principal_name"));
	buf_add_byte(buf, '\n');
}

void tell_object(struct buf *buf, struct arena *arena, const struct json *object)
{
	const struct json *attempts = json_get(object, "attempts");
	const struct json *items = json_get(object, "items");

	if (items && items->kind == JSON_ARRAY)
		stories_tell(buf, arena, object, items);
	else if (attempts && attempts->kind == JSON_ARRAY)
		story_tell(buf, arena, object);
	else
		code_tell(buf, arena, object);
}
