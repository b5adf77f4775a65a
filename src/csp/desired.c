/* SPDX-License-Identifier: Apache-2.0 */
/*
 * desired.c: the difference between what is wanted and what was told.
 *
 * Settings and rows are joined through a sorted index by (user, normal LocURI); a few hundred of
 * each per device is the expected size, a few thousand must not hurt. When a row is tried again
 * is decided by the class of its last status (syncml/status.h).
 */
#include "csp/desired.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/digest.h"
#include "syncml/locuri.h"
#include "syncml/status.h"

struct entry {
	const char *user;
	const char *uri; /* normal */
	size_t i;        /* in wants or have */
	bool is_used;
};

static int entry_compare(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int r = strcmp(x->user, y->user);

	if (!r)
		r = strcmp(x->uri, y->uri);
	if (!r)
		r = x->i < y->i ? -1 : x->i > y->i;
	return r;
}

static int entry_key_compare(const void *key, const void *element)
{
	const struct entry *x = key, *y = element;
	int r = strcmp(x->user, y->user);

	return r ? r : strcmp(x->uri, y->uri);
}

char *desired_hash(struct arena *arena, const struct setting *setting)
{
	struct buf buf;

	buf_init(&buf, arena);
	buf_add(&buf, setting->format, strlen(setting->format) + 1);
	buf_add_c(&buf, setting->data);
	return digest_sha256_hex(arena, buf_text(&buf));
}

static struct entry *index_have(struct arena *arena, const struct desired_input *in)
{
	struct entry *index = ARENA_ARRAY(arena, in->have_count, struct entry);

	for (size_t i = 0; i < in->have_count; i++) {
		index[i].user = in->have[i].user_object_id;
		index[i].uri = locuri_normal(arena, text_of(in->have[i].locuri));
		index[i].i = i;
	}
	if (in->have_count)
		qsort(index, in->have_count, sizeof(*index), entry_compare);
	return index;
}

/* Sorted, so that of equal keys the one with the highest precedence comes first. */
static struct entry *index_wants(struct arena *arena, const struct desired_input *in)
{
	struct entry *index = ARENA_ARRAY(arena, in->want_count, struct entry);

	for (size_t i = 0; i < in->want_count; i++) {
		index[i].user = in->wants[i].user_object_id;
		index[i].uri = locuri_normal(arena, text_of(in->wants[i].setting.locuri));
		index[i].i = i;
	}
	if (in->want_count)
		qsort(index, in->want_count, sizeof(*index), entry_compare);
	return index;
}

static int by_position(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return x->i < y->i ? -1 : x->i > y->i;
}

static bool is_reachable(const char *user, const struct desired_input *in)
{
	return !*user || !strcmp(user, in->user_object_id);
}

static int64_t backoff(int64_t tries)
{
	int64_t wait = DESIRED_BACKOFF_S;

	for (; tries > 1; tries--)
		wait *= 4;
	return wait;
}

static bool is_retry_due(const struct applied_setting *row, enum command_verb verb, int64_t now)
{
	enum scope scope = *row->user_object_id ? SCOPE_USER : SCOPE_DEVICE;

	if (!row->status)
		return row->tries < DESIRED_TRIES || now - row->updated_at >= DESIRED_SILENCE_S;
	switch (status_class(row->status, verb, scope)) {
	case STATUS_NEXT_TIME:
		return true;
	case STATUS_NEEDS_ADD:
		return row->tries == 1;
	case STATUS_USER_LATER:
		return row->tries < DESIRED_USER_TRIES;
	case STATUS_RETRY:
		return row->tries < DESIRED_TRIES && now - row->updated_at >= backoff(row->tries);
	case STATUS_DONE:
	case STATUS_PROGRESS:
	case STATUS_PERMANENT:
		break;
	}
	return false;
}

static enum command_verb first_verb(const struct setting *setting)
{
	return strcmp(setting->format, "node") ? VERB_REPLACE : VERB_ADD;
}

/* Whether to send a wanted setting, and by which verb. */
static bool is_sending(const struct setting *setting, const char *hash,
		       const struct applied_setting *row, int64_t now, enum command_verb *ret_verb)
{
	enum command_verb verb = first_verb(setting);

	*ret_verb = verb;
	if (!row || strcmp(row->value_sha256, hash) != 0 || row->state == APPLIED_REMOVING)
		return true;
	if (row->state == APPLIED_OK || !is_retry_due(row, verb, now))
		return false;
	if (row->status && status_class(row->status, verb, SCOPE_DEVICE) == STATUS_NEEDS_ADD)
		*ret_verb = VERB_ADD;
	return true;
}

static void want_diff(struct arena *arena, const struct desired_input *in, const struct entry *want,
		      struct entry *have, struct desired_change *changes, size_t *n)
{
	const struct desired_setting *desired = &in->wants[want->i];
	const struct applied_setting *row = have ? &in->have[have->i] : NULL;
	char *hash = desired_hash(arena, &desired->setting);
	enum command_verb verb;

	if (desired->is_held || !is_reachable(want->user, in) ||
	    !is_sending(&desired->setting, hash, row, in->now, &verb))
		return;
	changes[(*n)++] = (struct desired_change){
	    .kind = DESIRED_SEND,
	    .verb = verb,
	    .setting = &desired->setting,
	    .have = row,
	    .policy_id = desired->policy_id,
	    .user_object_id = want->user,
	    .locuri = want->uri,
	    .value_sha256 = hash,
	    .is_together = desired->is_together,
	};
}

static void unwanted_diff(const struct desired_input *in, const struct entry *have,
			  struct desired_change *changes, size_t *n)
{
	const struct applied_setting *row = &in->have[have->i];
	bool is_setup = !strcmp(row->policy_id, DESIRED_SETUP);

	if (!is_reachable(have->user, in))
		return;
	if (!is_setup && row->state == APPLIED_REMOVING && !is_retry_due(row, VERB_DELETE, in->now))
		return;
	changes[(*n)++] = (struct desired_change){
	    .kind = is_setup ? DESIRED_FORGET : DESIRED_SEND,
	    .verb = VERB_DELETE,
	    .have = row,
	    .policy_id = row->policy_id,
	    .user_object_id = row->user_object_id,
	    .locuri = row->locuri,
	    .value_sha256 = row->value_sha256,
	};
}

static struct entry *find_have(struct entry *index, size_t n, const struct entry *want)
{
	return n ? bsearch(want, index, n, sizeof(*index), entry_key_compare) : NULL;
}

void desired_diff(struct arena *arena, const struct desired_input *in, struct desired_change **ret,
		  size_t *ret_n)
{
	struct entry *have = index_have(arena, in);
	struct entry *wants = index_wants(arena, in);
	struct desired_change *changes =
	    ARENA_ARRAY(arena, in->want_count + in->have_count, struct desired_change);
	size_t kept = 0, n = 0;

	for (size_t i = 0; i < in->want_count; i++) {
		struct entry *row = find_have(have, in->have_count, &wants[i]);

		if (row)
			row->is_used = true;
		if (!kept || entry_key_compare(&wants[kept - 1], &wants[i]) != 0)
			wants[kept++] = wants[i];
	}
	for (size_t i = 0; i < in->have_count; i++) {
		if (!have[i].is_used)
			unwanted_diff(in, &have[i], changes, &n);
	}
	if (kept)
		qsort(wants, kept, sizeof(*wants), by_position);
	for (size_t i = 0; i < kept; i++)
		want_diff(arena, in, &wants[i], find_have(have, in->have_count, &wants[i]), changes,
			  &n);
	*ret = changes;
	*ret_n = n;
}

struct applied_setting desired_sent(const struct desired_change *change, const char *tenant_id,
				    const char *device_id, int64_t now)
{
	const struct applied_setting *have = change->have;
	bool is_delete = change->verb == VERB_DELETE;
	bool is_same = have && !strcmp(have->value_sha256, change->value_sha256) &&
		       is_delete == (have->state == APPLIED_REMOVING);

	return (struct applied_setting){
	    .tenant_id = tenant_id,
	    .device_id = device_id,
	    .user_object_id = change->user_object_id,
	    .locuri = change->locuri,
	    .policy_id = change->policy_id,
	    .value_sha256 = change->value_sha256,
	    .state = is_delete ? APPLIED_REMOVING : APPLIED_SENT,
	    .status = 0,
	    .tries = is_same ? have->tries + 1 : 1,
	    .updated_at = now,
	};
}

bool desired_answered(struct applied_setting *row, enum command_verb verb, int64_t status,
		      int64_t now)
{
	enum scope scope = *row->user_object_id ? SCOPE_USER : SCOPE_DEVICE;
	enum status_class class = status_class(status, verb, scope);
	bool is_reached = class == STATUS_DONE || class == STATUS_PROGRESS;

	row->status = status;
	row->updated_at = now;
	if (row->state == APPLIED_REMOVING)
		return !is_reached;
	row->state = is_reached ? APPLIED_OK : APPLIED_FAILED;
	return true;
}
