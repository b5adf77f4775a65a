/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graph_delta.c: /devices/delta, /users/delta and /groups/delta. entra.md section 3.6.
 *
 * A token is a cursor into the sequence of changes: everything changed after it comes, oldest
 * change first, so that an object that changes between two pages is seen again instead of missed.
 * Tombstones come only to those who may have seen the object. A token that is older than seven
 * days, or of an epoch a test has ended, is gone: 410 with the address to start again from.
 */
#include "sim/entra/graph.h"

#include <inttypes.h>
#include <stdlib.h>

#include "sim/entra/graph_error.h"
#include "sim/entra/odata.h"

enum { TOKEN_LIFE_S = 7 * 24 * 3600 };

struct delta {
	struct call *call;
	enum entity_kind kind;
	uint64_t since;     /* where the round began; 0: with nothing */
	uint64_t cursor;    /* where it is now */
	int64_t started_at; /* of the round, which ends with a delta link */
	struct text select; /* as given at the start */
	bool is_latest;     /* no objects, only a place to start from */
	struct json_writer w;
};

/* One change: an object, or where it is NULL a tombstone. */
struct change {
	uint64_t number;
	const struct entity *entity;
	const struct tombstone *tombstone;
};

static const char *const COLLECTIONS[ENTITY_KINDS] = {
    [ENTITY_USER] = "users",
    [ENTITY_GROUP] = "groups",
    [ENTITY_DEVICE] = "devices",
};

static char *delta_link(const struct delta *delta, const char *parameter, int64_t at)
{
	const struct call *call = delta->call;
	const char *plain =
	    arena_printf(call->arena, "%s|%" PRId64 "|%" PRId64 "|%" PRIu64 "|%" PRIu64 "|%.*s",
			 COLLECTIONS[delta->kind], call->sim->settings.delta_epoch, at,
			 delta->since, delta->cursor, TEXT_ARG(delta->select));

	return arena_printf(call->arena, "%s?%s=%s", odata_url(call), parameter,
			    odata_seal(call, plain));
}

static bool delta_gone(struct call *call)
{
	graph_fail(call, GRAPH_GONE, "The sync state is not found. Synchronize from the start.");
	call_header(call, "Location", odata_url(call));
	return false;
}

static bool token_read(struct delta *delta, struct text token)
{
	struct call *call = delta->call;
	struct text rest;
	int64_t epoch;

	if (!odata_open(call, token, &rest) ||
	    !text_eq_c(text_cut(&rest, '|'), COLLECTIONS[delta->kind]))
		return graph_fail(call, GRAPH_BAD_REQUEST, "Badly formed token.");
	if (!text_to_i64(text_cut(&rest, '|'), &epoch) ||
	    !text_to_i64(text_cut(&rest, '|'), &delta->started_at) ||
	    !text_to_u64(text_cut(&rest, '|'), &delta->since) ||
	    !text_to_u64(text_cut(&rest, '|'), &delta->cursor))
		return graph_fail(call, GRAPH_BAD_REQUEST, "Badly formed token.");
	delta->select = rest;
	if (epoch != call->sim->settings.delta_epoch ||
	    call->now - delta->started_at > TOKEN_LIFE_S)
		return delta_gone(call);
	return true;
}

/* Only $select and "latest" may begin a round; only a token may continue one. */
static bool query_read(struct delta *delta)
{
	struct call *call = delta->call;

	for (size_t i = 0; i < call->query_count; i++) {
		struct text name = call->query[i].name;
		struct text value = call->query[i].value;
		bool is_token = text_eq_nocase(name, TEXT("$deltatoken"));

		if (is_token && text_eq_c(value, "latest")) {
			delta->is_latest = true;
		} else if (is_token || text_eq_c(name, "$skiptoken")) {
			if (call->query_count != 1)
				return graph_fail(call, GRAPH_BAD_REQUEST,
						  "A token allows no other parameters.");
			return token_read(delta, value);
		} else if (text_eq_c(name, "$select")) {
			delta->select = value;
		} else {
			return graph_fail(call, GRAPH_UNSUPPORTED_QUERY,
					  "The query parameter is not supported with delta.");
		}
	}
	return true;
}

static int change_compare(const void *a, const void *b)
{
	uint64_t x = ((const struct change *)a)->number;
	uint64_t y = ((const struct change *)b)->number;

	return (x > y) - (x < y);
}

static bool is_visible(const struct delta *delta, const struct entity *entity)
{
	return delta->kind != ENTITY_DEVICE ||
	       ((const struct device *)entity)->visible_at <= delta->call->now;
}

static size_t changes_find(const struct delta *delta, struct change **ret)
{
	const struct tenant *tenant = delta->call->tenant;
	const struct list *entities = &tenant->entities[delta->kind];
	struct change *changes;
	size_t count = 0;

	LIST_EACH (pos, entities)
		count++;
	LIST_EACH (pos, &tenant->tombstones)
		count++;
	changes = ARENA_ARRAY(delta->call->arena, count + 1, struct change);
	count = 0;
	LIST_EACH (pos, entities) {
		const struct entity *entity = LIST_OWNER(pos, struct entity, list);

		if (entity->changed > delta->cursor && is_visible(delta, entity))
			changes[count++] = (struct change){entity->changed, entity, NULL};
	}
	LIST_EACH (pos, &tenant->tombstones) {
		const struct tombstone *stone = LIST_OWNER(pos, struct tombstone, list);

		if (stone->kind == delta->kind && delta->cursor && stone->changed > delta->cursor)
			changes[count++] = (struct change){stone->changed, NULL, stone};
	}
	qsort(changes, count, sizeof(*changes), change_compare);
	*ret = changes;
	return count;
}

static bool select_has(const struct delta *delta, struct text name)
{
	struct text rest = delta->select;

	if (text_is_empty(rest))
		return true;
	while (rest.ptr)
		if (text_eq(text_trim(text_cut(&rest, ',')), name))
			return true;
	return text_eq_c(name, "id");
}

static void removed_write(struct json_writer *w, const char *id, const char *reason)
{
	json_begin_object(w, NULL);
	json_add_c(w, "id", id);
	json_begin_object(w, "@removed");
	json_add_c(w, "reason", reason);
	json_end_object(w);
	json_end_object(w);
}

static struct text members_delta(const struct delta *delta, const struct group *group)
{
	struct arena *arena = delta->call->arena;
	struct json_writer w;
	struct buf buf;

	buf_init(&buf, arena);
	json_writer_init(&w, &buf);
	json_begin_array(&w, NULL);
	LIST_EACH (pos, &group->members) {
		const struct member *member = LIST_OWNER(pos, struct member, list);

		if (member->changed <= delta->since || (member->is_removed && !delta->cursor))
			continue;
		if (member->is_removed) {
			removed_write(&w, call_uuid(arena, member->id), "deleted");
			continue;
		}
		json_begin_object(&w, NULL);
		json_add_c(&w, "id", call_uuid(arena, member->id));
		json_end_object(&w);
	}
	json_end_array(&w);
	return buf_text(&buf);
}

static void entity_props(const struct delta *delta, const struct entity *entity,
			 struct props *props)
{
	switch (delta->kind) {
	case ENTITY_USER:
		graph_user_props(props, (const struct user *)entity);
		break;
	case ENTITY_GROUP:
		graph_group_props(props, (const struct group *)entity);
		if (select_has(delta, TEXT("members")))
			props_add_raw(props, "members@delta",
				      members_delta(delta, (const struct group *)entity));
		break;
	case ENTITY_DEVICE:
		graph_device_props(props, (const struct device *)entity);
		break;
	}
}

static void change_write(struct delta *delta, const struct change *change)
{
	struct arena *arena = delta->call->arena;
	struct props props;

	if (change->tombstone) {
		removed_write(&delta->w, call_uuid(arena, change->tombstone->id), "deleted");
		return;
	}
	props_init(&props, arena);
	entity_props(delta, change->entity, &props);
	json_begin_object(&delta->w, NULL);
	for (size_t i = 0; i < props.count; i++)
		if (select_has(delta, props.rows[i].name) ||
		    text_eq_c(props.rows[i].name, "members@delta"))
			json_add_raw(&delta->w, arena_cstr(arena, props.rows[i].name),
				     props.rows[i].value);
	json_end_object(&delta->w);
}

static void delta_answer(struct call *call, enum entity_kind kind)
{
	struct delta delta = {
	    .call = call,
	    .kind = kind,
	    .started_at = call->now,
	    .select = TEXT_EMPTY,
	};
	size_t limit = (size_t)call->sim->settings.page_size;
	struct change *changes;
	uint64_t last;
	size_t count;

	if (!query_read(&delta))
		return;
	if (delta.is_latest)
		delta.cursor = call->sim->state.changes;
	count = changes_find(&delta, &changes);
	json_writer_init(&delta.w, call_json(call, 200));
	json_begin_object(&delta.w, NULL);
	json_add_c(&delta.w, "@odata.context", odata_context(call, COLLECTIONS[kind]));
	json_begin_array(&delta.w, "value");
	last = delta.cursor;
	for (size_t i = 0; i < count && i < limit; i++) {
		change_write(&delta, &changes[i]);
		last = changes[i].number;
	}
	json_end_array(&delta.w);
	delta.cursor = last;
	if (count > limit) {
		json_add_c(&delta.w, "@odata.nextLink",
			   delta_link(&delta, "$skiptoken", delta.started_at));
	} else {
		delta.since = delta.cursor;
		json_add_c(&delta.w, "@odata.deltaLink",
			   delta_link(&delta, "$deltatoken", call->now));
	}
	json_end_object(&delta.w);
}

void graph_device_delta(struct call *call)
{
	delta_answer(call, ENTITY_DEVICE);
}

void graph_user_delta(struct call *call)
{
	delta_answer(call, ENTITY_USER);
}

void graph_group_delta(struct call *call)
{
	delta_answer(call, ENTITY_GROUP);
}
