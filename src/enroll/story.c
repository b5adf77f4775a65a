/* SPDX-License-Identifier: Apache-2.0 */
/*
 * story.c: see story.h. What happened is joined with commas in the order of the steps, each step
 * once however often it was tried; the last attempt ends the sentence.
 */
#include "enroll/story.h"

#include "base/buf.h"
#include "base/text.h"
#include "enroll/reason.h"

enum { PARTS_MAX = 6 };

struct parts {
	const char *items[PARTS_MAX];
	size_t count;
};

/* Who was proved, else who somebody said they were. */
static const char *who(struct arena *arena, const struct enrollment *attempts, size_t n)
{
	for (size_t i = n; i-- > 0;)
		if (attempts[i].user_principal_name[0] && attempts[i].auth[0])
			return attempts[i].user_principal_name;
	for (size_t i = n; i-- > 0;)
		if (attempts[i].user_object_id[0])
			return arena_printf(arena, "user %s", attempts[i].user_object_id);
	for (size_t i = n; i-- > 0;)
		if (attempts[i].user_principal_name[0])
			return arena_printf(arena, "Somebody who called themselves %s",
					    attempts[i].user_principal_name);
	return attempts[n - 1].source[0]
		   ? arena_printf(arena, "Somebody at %s", attempts[n - 1].source)
		   : "Somebody";
}

/* What a step that went well did. */
static const char *deed(const struct enrollment *attempt)
{
	switch (attempt->stage) {
	case STAGE_TERMS:
		return strcmp(attempt->reason, "terms_shown") != 0 ? "accepted the terms"
								   : "saw the terms";
	case STAGE_DISCOVERY:
		return "found the server";
	case STAGE_SIGN_IN:
		return "signed in";
	case STAGE_POLICY:
		return "was let in to ask for a certificate";
	case STAGE_REQUEST:
		return "got a certificate";
	case STAGE_RENEWAL:
		return "renewed the certificate";
	case STAGE_SESSION:
		return "the device came to its first session";
	}
	return "";
}

static void add(struct parts *parts, const char *item)
{
	if (parts->count < PARTS_MAX)
		parts->items[parts->count++] = item;
}

/* Steps that went well, each by its last attempt; a step that the next one implies is left out. */
static void deeds_add(struct parts *parts, const struct enrollment *attempts, size_t n)
{
	static const enum enrollment_stage order[] = {STAGE_TERMS,   STAGE_SIGN_IN, STAGE_POLICY,
						      STAGE_REQUEST, STAGE_RENEWAL, STAGE_SESSION};
	const struct enrollment *done[ENROLLMENT_STAGES] = {NULL};

	for (size_t i = 0; i < n; i++)
		if (attempts[i].outcome == OUTCOME_OK)
			done[attempts[i].stage] = &attempts[i];
	if (done[STAGE_REQUEST])
		done[STAGE_POLICY] = NULL;
	for (size_t i = 0; i < ARRAY_LEN(order); i++)
		if (done[order[i]])
			add(parts, deed(done[order[i]]));
	if (parts->count == 0 && done[STAGE_DISCOVERY])
		add(parts, deed(done[STAGE_DISCOVERY]));
}

/* What is still missing, or what stopped it. */
static const char *ending(struct arena *arena, const struct enrollment *last)
{
	const char *cause;

	if (last->outcome == OUTCOME_OK) {
		switch (last->stage) {
		case STAGE_TERMS:
			return strcmp(last->reason, "terms_shown") != 0
				   ? "and the device has not asked to enrol yet"
				   : "and has not decided yet";
		case STAGE_DISCOVERY:
		case STAGE_SIGN_IN:
			return "and has not gone on yet";
		case STAGE_POLICY:
			return "and has not asked for one yet";
		case STAGE_REQUEST:
			return "and the device has not come to a first session yet";
		case STAGE_RENEWAL:
		case STAGE_SESSION:
			return "";
		}
		return "";
	}
	cause = enroll_reason_cause(arena, last->reason, last->error_code);
	if (last->outcome == OUTCOME_FAILED && last->stage == STAGE_SESSION)
		return arena_printf(arena, "and the first session failed: %s", cause);
	return arena_printf(arena, "and %s at the step %s: %s",
			    last->outcome == OUTCOME_FAILED ? "met a failure of the server"
							    : "was refused",
			    enrollment_stage_name(last->stage), cause);
}

static const char *sentence(struct arena *arena, const char *subject, const struct parts *parts,
			    const char *end)
{
	struct buf buf;

	buf_init(&buf, arena);
	buf_add_c(&buf, subject);
	for (size_t i = 0; i < parts->count; i++) {
		bool is_last = i + 1 == parts->count && !end[0];

		buf_add_c(&buf, i == 0 ? " " : is_last ? " and " : ", ");
		buf_add_c(&buf, parts->items[i]);
	}
	if (end[0]) {
		/* "was refused" alone needs no "and" before it. */
		bool is_first = parts->count == 0 && text_starts(text_of(end), TEXT("and "));

		buf_add_c(&buf, parts->count > 0 ? ", " : " ");
		buf_add_c(&buf, is_first ? end + 4 : end);
	}
	if (buf.len == 0 || buf.data[buf.len - 1] != '.')
		buf_add_byte(&buf, '.');
	return buf.data;
}

/* Nothing was refused, and yet the device does not come: most often it cannot. */
static void waiting_tell(struct arena *arena, const struct enroll_story_view *view,
			 struct enroll_story *story)
{
	if (view->now - story->telling->at < ENROLL_STORY_WAIT_S)
		return;
	story->cause =
	    arena_printf(arena,
			 "The device has had its certificate for more than %d minutes and has not "
			 "come to its first session.",
			 ENROLL_STORY_WAIT_S / 60);
	story->remedy = arena_printf(
	    arena,
	    "Check that the device is on and reaches %s: the name in its DNS, the port in every "
	    "firewall, and no proxy on the way that ends TLS; musterd check asks that address from "
	    "the server. If it does reach it, the device's event log (DeviceManagement-Enterprise-"
	    "Diagnostics-Provider) says what it made of its certificate.",
	    view->manage_url);
}

struct enroll_story enroll_story_tell(struct arena *arena, const struct enroll_story_view *view,
				      const struct enrollment *attempts, size_t n)
{
	const struct enrollment *last = &attempts[n - 1];
	enum story_state state = story_state_after(last->stage, last->outcome);
	struct parts parts = {.count = 0};
	struct enroll_story story = {
	    .state = story_state_name(state),
	    .cause = "",
	    .remedy = last->remedy,
	    .telling = last,
	};

	deeds_add(&parts, attempts, n);
	story.summary = sentence(arena, who(arena, attempts, n), &parts, ending(arena, last));
	if (last->outcome != OUTCOME_OK)
		story.cause = enroll_reason_cause(arena, last->reason, last->error_code);
	else if (state == STORY_ENROLLED)
		waiting_tell(arena, view, &story);
	return story;
}
