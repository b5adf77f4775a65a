/* SPDX-License-Identifier: Apache-2.0 */
/*
 * first.c: see first.h. The session went well when the device came, spoke for itself, and took the
 * settings that end its set-up; what it refused of them, or that it gave up, makes it a failed one.
 */
#include "manage/first.h"

#include "manage/setup.h"
#include "store/enrollment.h"
#include "store/story.h"

enum { REFUSED_MIN = 400, NOT_FOUND = 404 };

static struct enrollment attempt_of(const struct manage_commit *commit)
{
	const struct device *device = commit->device;
	const struct op *op = commit->op;

	return (struct enrollment){
	    .tenant_id = device->tenant_id,
	    .id = store_new_id(op->arena),
	    .at = op->now,
	    .stage = STAGE_SESSION,
	    .outcome = OUTCOME_OK,
	    .error_code = "",
	    .reason = "",
	    .remedy = "",
	    .client_request_id = "",
	    .trace_id = op->trace_id,
	    .device_id = device->id,
	    .entra_device_id = device->entra_device_id,
	    .user_principal_name = device->user_principal_name,
	    .user_object_id = device->user_object_id,
	    .device_name = device->name,
	    .os_version = device->os_version,
	    .source = op->source,
	    .auth = enroll_auth_name(device->auth),
	    .user_key = device->user_key,
	    .story_id = "",
	    .discovery_id = "",
	};
}

/* Set-up that the device would not take, NULL: none. A node that it does not have is no refusal:
 * older versions of Windows lack some. */
static const struct manage_answer *setup_refusal(const struct manage_output *out)
{
	for (size_t i = 0; i < out->answer_count; i++) {
		const struct manage_answer *answer = &out->answers[i];

		if (!strcmp(answer->command->origin, DESIRED_SETUP) &&
		    answer->status >= REFUSED_MIN && answer->status != NOT_FOUND)
			return answer;
	}
	return NULL;
}

/* What goes wrong with this message is written into the attempt. */
static void failure_fill(const struct manage_commit *commit, struct enrollment *attempt)
{
	const struct manage_answer *refused = setup_refusal(commit->out);

	if (commit->out->session.end == MANAGE_END_ABORT) {
		attempt->outcome = OUTCOME_FAILED;
		attempt->reason = "session_aborted";
		attempt->remedy = "The device gave its first session up. Look at its event log, "
				  "and at the sessions and commands of the device here.";
	} else if (refused) {
		attempt->outcome = OUTCOME_FAILED;
		attempt->reason = "session_setup_refused";
		attempt->remedy = arena_printf(
		    commit->op->arena,
		    "The device answered %d to %s, with which its set-up ends. Look at the "
		    "commands of the device for what else it refused.",
		    (int)refused->status, refused->command->locuri);
	}
}

int manage_first_prepare(const struct manage_commit *commit, const struct enrollment **ret)
{
	struct enrollment *attempt;
	int r = 0;

	*ret = NULL;
	if (commit->mode == MANAGE_BEGIN && commit->device->last_seen_at != 0)
		return 0;
	attempt = ARENA_ARRAY(commit->op->arena, 1, struct enrollment);
	*attempt = attempt_of(commit);
	failure_fill(commit, attempt);
	if (commit->mode == MANAGE_BEGIN)
		r = store_story_place(db_reader(commit->op->db), commit->op->arena, attempt);
	else
		attempt->at = commit->out->session.started_at;
	*ret = attempt;
	return r;
}

int manage_first_write(struct db_conn *tx, const struct manage_commit *commit,
		       const struct enrollment *attempt, bool is_first)
{
	if (!attempt)
		return 0;
	if (commit->mode == MANAGE_BEGIN)
		return is_first ? store_enrollment_add(tx, attempt) : 0;
	return attempt->outcome == OUTCOME_OK ? 0 : store_story_session_failed(tx, attempt);
}
