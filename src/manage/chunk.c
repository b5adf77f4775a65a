/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chunk.c: putting a value together that a client sends in pieces (OMA DM large objects).
 *
 * One value at a time, of one Results item, kept in the session between messages and bounded by
 * LIMIT_SYNCML_OBJECT. The next message must begin with its next piece; when it does not, what was
 * kept is dropped and the client is told (Alert 1225). The pieces must add up to the size that the
 * first one announced.
 */
#include "base/limits.h"
#include "manage/alert.h"
#include "manage/step.h"
#include "syncml/locuri.h"

static const struct manage_partial none = {.uri = "", .ref = "", .data = ""};

bool step_has_partial(const struct step *step)
{
	return *step->out->session.partial.uri;
}

void step_drop_partial(struct step *step)
{
	step->out->session.partial = none;
}

static const char *reference(struct step *step, const struct syncml_command *results)
{
	struct text msg = results->msg_ref.ptr ? results->msg_ref : TEXT("1");
	struct text cmd = results->cmd_ref.ptr ? results->cmd_ref : TEXT("1");

	return arena_printf(step->arena, "%.*s/%.*s", TEXT_ARG(msg), TEXT_ARG(cmd));
}

static const char *address(struct step *step, const struct syncml_item *item)
{
	return locuri_normal(step->arena, item->source.ptr ? item->source : item->target);
}

static bool is_continuing(struct step *step, const struct syncml_command *results,
			  const struct syncml_item *item)
{
	const struct manage_partial *partial = &step->out->session.partial;

	/* Later pieces may leave their address out. */
	return *partial->uri && !strcmp(partial->ref, reference(step, results)) &&
	       ((!item->source.ptr && !item->target.ptr) ||
		!strcmp(partial->uri, address(step, item)));
}

void step_expect_chunk(struct step *step)
{
	const struct syncml *message = step->in->message;

	if (!step_has_partial(step))
		return;
	for (size_t i = 0; i < message->command_count; i++) {
		const struct syncml_command *command = &message->commands[i];

		if (command->verb == SYNCML_ALERT && command->code == ALERT_NO_END_OF_DATA)
			return;
		if (command->verb == SYNCML_RESULTS && command->item_count &&
		    is_continuing(step, command, &command->items[0]))
			return;
	}
	step_drop_partial(step);
	step->is_chunk_missing = true;
}

static enum chunk_result keep(struct step *step, const struct manage_partial *before,
			      const struct syncml_item *item, const char *ref)
{
	struct manage_partial *partial = &step->out->session.partial;
	size_t had = strlen(before->data);
	struct buf buf;

	if (item->data.len > LIMIT_SYNCML_OBJECT - had || before->size > LIMIT_SYNCML_OBJECT) {
		*partial = none;
		return CHUNK_TOO_LARGE;
	}
	buf_init(&buf, step->arena);
	buf_add_c(&buf, before->data);
	buf_add_text(&buf, item->data.ptr ? item->data : TEXT_EMPTY);
	*partial = (struct manage_partial){
	    .uri = *before->uri ? before->uri : address(step, item),
	    .ref = ref,
	    .size = before->size,
	    .data = buf.len ? buf.data : "",
	};
	return CHUNK_MORE;
}

enum chunk_result step_take_chunk(struct step *step, const struct syncml_command *results,
				  struct syncml_item *item)
{
	bool is_rest = is_continuing(step, results, item);
	struct manage_partial before =
	    is_rest ? step->out->session.partial
		    : (struct manage_partial){.uri = "", .data = "", .size = item->meta.size};
	enum chunk_result r;

	if (!is_rest && !item->is_more)
		return CHUNK_WHOLE;
	r = keep(step, &before, item, reference(step, results));
	if (r != CHUNK_MORE || item->is_more)
		return r;
	item->data = text_of(step->out->session.partial.data);
	item->source = text_of(step->out->session.partial.uri);
	step_drop_partial(step);
	if (before.size && (int64_t)item->data.len != before.size)
		return CHUNK_BAD_SIZE;
	return CHUNK_WHOLE;
}
