/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graph_people.c: users and groups. entra.md sections 3.6 and 8.3.
 *
 * Membership questions are transitive and answered in one piece, without pages, as the real
 * getMemberGroups does; the navigation with a cast is an advanced query and wants
 * `ConsistencyLevel: eventual` together with `$count=true`.
 */
#include "sim/entra/graph.h"

#include "sim/entra/graph_error.h"
#include "sim/entra/odata.h"

enum { CHECK_MAX = 20, LISTING = ODATA_SELECT | ODATA_FILTER | ODATA_TOP | ODATA_COUNT };

void graph_user_props(struct props *props, const struct user *user)
{
	odata_add(props, "id", call_uuid(props->arena, user->entity.id));
	odata_add(props, "displayName", user->entity.name);
	odata_add(props, "userPrincipalName", user->upn);
	odata_add(props, "mail", user->upn);
	odata_add_bool(props, "accountEnabled", user->is_enabled);
	odata_add(props, "userType", user->is_guest ? "Guest" : "Member");
}

void graph_group_props(struct props *props, const struct group *group)
{
	odata_add(props, "id", call_uuid(props->arena, group->entity.id));
	odata_add(props, "displayName", group->entity.name);
	odata_add_bool(props, "securityEnabled", group->is_security);
	odata_add_bool(props, "mailEnabled", !group->is_security);
}

static bool user_query(struct call *call, unsigned allowed, struct odata *ret)
{
	static const struct user empty;
	struct props sample;

	props_init(&sample, call->arena);
	graph_user_props(&sample, &empty);
	return odata_read(call, allowed, &sample, ret);
}

static bool group_query(struct call *call, unsigned allowed, struct odata *ret)
{
	static const struct group empty;
	struct props sample;

	props_init(&sample, call->arena);
	graph_group_props(&sample, &empty);
	return odata_read(call, allowed, &sample, ret);
}

static const struct user *user_find(struct call *call)
{
	const struct user *user = state_user(call->tenant, call->captures[0]);

	if (!user)
		graph_fail_missing(call, call->captures[0]);
	return user;
}

static const struct group *group_find(struct call *call)
{
	const struct group *group = state_group(call->tenant, call->captures[0]);

	if (!group)
		graph_fail_missing(call, call->captures[0]);
	return group;
}

void graph_user_get(struct call *call)
{
	const struct user *user = user_find(call);
	struct props props;
	struct json_writer w;
	struct odata odata;

	if (!user || !user_query(call, ODATA_SELECT, &odata))
		return;
	props_init(&props, call->arena);
	graph_user_props(&props, user);
	json_writer_init(&w, call_json(call, 200));
	odata_write(&odata, &props, &w, odata_context(call, "users/$entity"));
}

void graph_group_get(struct call *call)
{
	const struct group *group = group_find(call);
	struct props props;
	struct json_writer w;
	struct odata odata;

	if (!group || !group_query(call, ODATA_SELECT, &odata))
		return;
	props_init(&props, call->arena);
	graph_group_props(&props, group);
	json_writer_init(&w, call_json(call, 200));
	odata_write(&odata, &props, &w, odata_context(call, "groups/$entity"));
}

static void offer_group(struct odata_page *page, const struct group *group)
{
	struct props props;

	props_init(&props, page->call->arena);
	graph_group_props(&props, group);
	odata_offer(page, &props);
}

static void offer_user(struct odata_page *page, const struct user *user)
{
	struct props props;

	props_init(&props, page->call->arena);
	graph_user_props(&props, user);
	odata_offer(page, &props);
}

void graph_user_list(struct call *call)
{
	struct odata_page page;
	struct odata odata;

	if (!user_query(call, LISTING, &odata))
		return;
	odata_begin(&page, call, &odata, "users");
	LIST_EACH (pos, &call->tenant->entities[ENTITY_USER]) {
		const struct entity *entity = LIST_OWNER(pos, struct entity, list);

		offer_user(&page, (const struct user *)entity);
	}
	odata_end(&page);
}

void graph_group_list(struct call *call)
{
	struct odata_page page;
	struct odata odata;

	if (!group_query(call, LISTING, &odata))
		return;
	odata_begin(&page, call, &odata, "groups");
	LIST_EACH (pos, &call->tenant->entities[ENTITY_GROUP]) {
		const struct entity *entity = LIST_OWNER(pos, struct entity, list);

		offer_group(&page, (const struct group *)entity);
	}
	odata_end(&page);
}

static void offer_member(struct odata_page *page, const struct member *member)
{
	static const char *const types[ENTITY_KINDS] = {
	    [ENTITY_USER] = "#microsoft.graph.user",
	    [ENTITY_GROUP] = "#microsoft.graph.group",
	    [ENTITY_DEVICE] = "#microsoft.graph.device",
	};
	char *id = call_uuid(page->call->arena, member->id);
	const struct entity *entity = state_entity(page->call->tenant, member->kind, text_of(id));
	struct props props;

	if (!entity)
		return;
	props_init(&props, page->call->arena);
	props_add_c(&props, "@odata.type", types[member->kind]);
	props_add_c(&props, "id", id);
	odata_add(&props, "displayName", entity->name);
	odata_offer(page, &props);
}

void graph_group_members(struct call *call)
{
	const struct group *group = group_find(call);
	struct props sample;
	struct odata_page page;
	struct odata odata;

	props_init(&sample, call->arena);
	odata_add(&sample, "@odata.type", NULL);
	odata_add(&sample, "id", NULL);
	odata_add(&sample, "displayName", NULL);
	if (!group || !odata_read(call, ODATA_SELECT | ODATA_TOP | ODATA_COUNT, &sample, &odata))
		return;
	odata_begin(&page, call, &odata, "directoryObjects");
	LIST_EACH (pos, &group->members) {
		const struct member *member = LIST_OWNER(pos, struct member, list);

		if (!member->is_removed)
			offer_member(&page, member);
	}
	odata_end(&page);
}

static void ids_begin(struct call *call, struct json_writer *w)
{
	json_writer_init(w, call_json(call, 200));
	json_begin_object(w, NULL);
	json_add_c(w, "@odata.context", odata_context(call, "Collection(Edm.String)"));
	json_begin_array(w, "value");
}

static void ids_end(struct json_writer *w)
{
	json_end_array(w);
	json_end_object(w);
}

void graph_user_member_groups(struct call *call)
{
	const struct user *user = user_find(call);
	const struct group **groups;
	const struct json *body;
	struct json_writer w;
	bool security_only;
	size_t count;

	if (!user || !odata_body(call, &body))
		return;
	if (body->count != 1 || !json_bool(body, "securityEnabledOnly", &security_only)) {
		graph_fail(call, GRAPH_BAD_REQUEST,
			   "The parameter securityEnabledOnly is missing or not a Boolean.");
		return;
	}
	count = state_groups_of(call->tenant, call->arena, user->entity.id, &groups);
	ids_begin(call, &w);
	for (size_t i = 0; i < count; i++)
		if (!security_only || groups[i]->is_security)
			json_add_c(&w, NULL, call_uuid(call->arena, groups[i]->entity.id));
	ids_end(&w);
}

static bool is_in(const struct json *ids, const char *id)
{
	for (size_t i = 0; i < ids->count; i++)
		if (text_eq_nocase(ids->items[i].text, text_of(id)))
			return true;
	return false;
}

static bool ids_are_guids(const struct json *ids)
{
	if (!ids || ids->kind != JSON_ARRAY || ids->count == 0 || ids->count > CHECK_MAX)
		return false;
	for (size_t i = 0; i < ids->count; i++)
		if (ids->items[i].kind != JSON_STRING || !uuid_is(ids->items[i].text))
			return false;
	return true;
}

void graph_user_check_groups(struct call *call)
{
	const struct user *user = user_find(call);
	const struct group **groups;
	const struct json *body;
	const struct json *ids;
	struct json_writer w;
	size_t count;

	if (!user || !odata_body(call, &body))
		return;
	ids = json_get(body, "groupIds");
	if (body->count != 1 || !ids_are_guids(ids)) {
		graph_fail(call, GRAPH_BAD_REQUEST, "groupIds must hold 1 to 20 object ids.");
		return;
	}
	count = state_groups_of(call->tenant, call->arena, user->entity.id, &groups);
	ids_begin(call, &w);
	for (size_t i = 0; i < count; i++) {
		const char *id = call_uuid(call->arena, groups[i]->entity.id);

		if (is_in(ids, id))
			json_add_c(&w, NULL, id);
	}
	ids_end(&w);
}

static void transitive_answer(struct call *call, unsigned allowed)
{
	const struct user *user = user_find(call);
	const struct group **groups;
	struct odata_page page;
	struct odata odata;
	size_t count;

	if (!user || !group_query(call, allowed, &odata))
		return;
	count = state_groups_of(call->tenant, call->arena, user->entity.id, &groups);
	odata_begin(&page, call, &odata, "groups");
	for (size_t i = 0; i < count; i++)
		offer_group(&page, groups[i]);
	odata_end(&page);
}

void graph_user_transitive(struct call *call)
{
	transitive_answer(call, ODATA_SELECT | ODATA_TOP);
}

void graph_user_transitive_cast(struct call *call)
{
	struct text count = call_query(call, "$count");

	if (!call->consistency.ptr || !text_eq_nocase(call->consistency, TEXT("eventual")) ||
	    !count.ptr || !text_eq_c(count, "true")) {
		graph_fail(
		    call, GRAPH_UNSUPPORTED_QUERY,
		    "This query needs the header ConsistencyLevel: eventual and $count=true.");
		return;
	}
	transitive_answer(call, LISTING);
}
