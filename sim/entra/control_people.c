/* SPDX-License-Identifier: Apache-2.0 */
/*
 * control_people.c: users, groups and devices of the control API.
 *
 * They are shown with the members Graph shows plus what only a test may know: how often a device
 * was written, and when. A device is found by either of its two GUIDs here, which Graph never
 * does. The collections share list, show, change and removal; credentials join them by name.
 */
#include "sim/entra/control.h"

#include "base/clock.h"
#include "sim/entra/graph.h"

enum { ENTITY_FIELDS = 6 };

static const char *const COLLECTIONS[ENTITY_KINDS] = {
    [ENTITY_USER] = "users",
    [ENTITY_GROUP] = "groups",
    [ENTITY_DEVICE] = "devices",
};

static size_t user_fields(struct user *user, struct control_field *ret)
{
	ret[0] = (struct control_field){"displayName", CONTROL_STRING, &user->entity.name};
	ret[1] = (struct control_field){"userPrincipalName", CONTROL_STRING, &user->upn};
	ret[2] = (struct control_field){"enabled", CONTROL_BOOL, &user->is_enabled};
	ret[3] = (struct control_field){"guest", CONTROL_BOOL, &user->is_guest};
	return 4;
}

static size_t group_fields(struct group *group, struct control_field *ret)
{
	ret[0] = (struct control_field){"displayName", CONTROL_STRING, &group->entity.name};
	ret[1] = (struct control_field){"securityEnabled", CONTROL_BOOL, &group->is_security};
	return 2;
}

static size_t device_fields(struct device *device, struct control_field *ret)
{
	ret[0] = (struct control_field){"displayName", CONTROL_STRING, &device->entity.name};
	ret[1] = (struct control_field){"operatingSystem", CONTROL_STRING, &device->os};
	ret[2] =
	    (struct control_field){"operatingSystemVersion", CONTROL_STRING, &device->os_version};
	ret[3] = (struct control_field){"trustType", CONTROL_STRING, &device->trust_type};
	ret[4] = (struct control_field){"enabled", CONTROL_BOOL, &device->is_enabled};
	return 5;
}

static size_t entity_fields(enum entity_kind kind, struct entity *entity, struct control_field *ret)
{
	switch (kind) {
	case ENTITY_USER:
		return user_fields(LIST_OWNER(entity, struct user, entity), ret);
	case ENTITY_GROUP:
		return group_fields(LIST_OWNER(entity, struct group, entity), ret);
	case ENTITY_DEVICE:
		return device_fields(LIST_OWNER(entity, struct device, entity), ret);
	}
	return 0;
}

static void group_extras(struct props *props, const struct group *group)
{
	struct json_writer w;
	struct buf buf;

	buf_init(&buf, props->arena);
	json_writer_init(&w, &buf);
	json_begin_array(&w, NULL);
	LIST_EACH (pos, &group->members) {
		const struct member *member = LIST_OWNER(pos, struct member, list);

		if (!member->is_removed)
			json_add_c(&w, NULL, call_uuid(props->arena, member->id));
	}
	json_end_array(&w);
	props_add_raw(props, "members", buf_text(&buf));
}

static void device_extras(struct props *props, const struct device *device)
{
	props_add_int(props, "writes", (int64_t)device->writes);
	props_add_raw(props, "writtenAt",
		      device->written_at
			  ? text_of(arena_printf(props->arena, "\"%s\"",
						 clock_text(props->arena, device->written_at)))
			  : TEXT("null"));
}

static void entity_write(struct call *call, struct json_writer *w, const struct tenant *tenant,
			 enum entity_kind kind, struct entity *entity)
{
	struct props props;

	props_init(&props, call->arena);
	props_add_c(&props, "tenant", call_uuid(call->arena, tenant->id));
	switch (kind) {
	case ENTITY_USER:
		graph_user_props(&props, LIST_OWNER(entity, struct user, entity));
		break;
	case ENTITY_GROUP:
		graph_group_props(&props, LIST_OWNER(entity, struct group, entity));
		group_extras(&props, LIST_OWNER(entity, struct group, entity));
		break;
	case ENTITY_DEVICE:
		graph_device_props(&props, LIST_OWNER(entity, struct device, entity));
		device_extras(&props, LIST_OWNER(entity, struct device, entity));
		break;
	}
	json_add_raw(w, NULL, props_write(&props));
}

static void entity_answer(struct call *call, int status, const struct tenant *tenant,
			  enum entity_kind kind, struct entity *entity)
{
	struct json_writer w;

	json_writer_init(&w, call_json(call, status));
	entity_write(call, &w, tenant, kind, entity);
}

/* What every creation begins with: body, tenant, a free object id. */
static bool add_begin(struct call *call, enum entity_kind kind, const char *const *also,
		      const struct json **ret_body, struct tenant **ret_tenant, struct uuid *ret_id)
{
	static struct user no_user;
	static struct group no_group;
	static struct device no_device;
	struct entity *const none[ENTITY_KINDS] = {&no_user.entity, &no_group.entity,
						   &no_device.entity};
	struct control_field fields[ENTITY_FIELDS];

	if (!control_body(call, fields, entity_fields(kind, none[kind], fields), also, ret_body) ||
	    !control_tenant(call, *ret_body, ret_tenant) ||
	    !control_id(call, *ret_body, "id", ret_id))
		return false;
	if (state_entity(*ret_tenant, kind, text_of(call_uuid(call->arena, *ret_id))))
		return control_fail(call, 409, "there is an object with that id");
	return true;
}

static void add_end(struct call *call, const struct tenant *tenant, enum entity_kind kind,
		    struct entity *entity, const struct json *body)
{
	struct control_field fields[ENTITY_FIELDS];

	control_apply(body, fields, entity_fields(kind, entity, fields));
	entity_answer(call, 201, tenant, kind, entity);
}

void control_user_add(struct call *call)
{
	static const char *const also[] = {"tenant", "id", NULL};
	const struct json *body;
	struct tenant *tenant;
	struct uuid id;

	if (add_begin(call, ENTITY_USER, also, &body, &tenant, &id))
		add_end(call, tenant, ENTITY_USER,
			&state_add_user(&call->sim->state, tenant, id)->entity, body);
}

/* The entity of any kind with that id; false: none. */
static bool member_kind(const struct tenant *tenant, struct text id, enum entity_kind *ret)
{
	for (size_t kind = 0; kind < ENTITY_KINDS; kind++)
		if (state_entity(tenant, (enum entity_kind)kind, id)) {
			*ret = (enum entity_kind)kind;
			return true;
		}
	return false;
}

static bool member_add(struct call *call, const struct tenant *tenant, struct group *group,
		       struct text id)
{
	enum entity_kind kind;
	struct uuid uuid;

	if (!uuid_read(id, &uuid) || !member_kind(tenant, id, &kind))
		return control_fail(call, 404, "a member is not an object of the tenant");
	state_add_member(&call->sim->state, group, uuid, kind);
	return true;
}

static bool members_check(struct call *call, const struct tenant *tenant,
			  const struct json *members)
{
	enum entity_kind kind;

	if (members && members->kind != JSON_ARRAY)
		return control_fail(call, 400, "members is not an array");
	for (size_t i = 0; members && i < members->count; i++)
		if (members->items[i].kind != JSON_STRING ||
		    !member_kind(tenant, members->items[i].text, &kind))
			return control_fail(call, 404, "a member is not an object of the tenant");
	return true;
}

void control_group_add(struct call *call)
{
	static const char *const also[] = {"tenant", "id", "members", NULL};
	const struct json *members;
	const struct json *body;
	struct tenant *tenant;
	struct group *group;
	struct uuid id;

	if (!add_begin(call, ENTITY_GROUP, also, &body, &tenant, &id))
		return;
	members = json_get(body, "members");
	if (!members_check(call, tenant, members))
		return;
	group = state_add_group(&call->sim->state, tenant, id);
	for (size_t i = 0; members && i < members->count; i++)
		if (!member_add(call, tenant, group, members->items[i].text))
			return;
	add_end(call, tenant, ENTITY_GROUP, &group->entity, body);
}

void control_device_add(struct call *call)
{
	static const char *const also[] = {"tenant", "id", "deviceId", "visibleIn", NULL};
	int64_t visible_in = call->sim->settings.replication_lag;
	const struct json *body;
	struct tenant *tenant;
	struct device *device;
	struct uuid device_id;
	struct uuid id;

	if (!add_begin(call, ENTITY_DEVICE, also, &body, &tenant, &id) ||
	    !control_id(call, body, "deviceId", &device_id))
		return;
	if (json_has(body, "visibleIn") && !json_int(body, "visibleIn", &visible_in)) {
		control_fail(call, 400, "visibleIn is a number of seconds");
		return;
	}
	if (state_device_by_device_id(tenant, text_of(call_uuid(call->arena, device_id)))) {
		control_fail(call, 409, "there is a device with that deviceId");
		return;
	}
	device = state_add_device(&call->sim->state, tenant, id);
	device->device_id = device_id;
	device->created_at = call->now;
	device->visible_at = call->now + visible_in;
	state_set(&device->os, TEXT("Windows"));
	state_set(&device->os_version, TEXT("10.0.22631.2506"));
	state_set(&device->trust_type, TEXT("AzureAd"));
	add_end(call, tenant, ENTITY_DEVICE, &device->entity, body);
}

static bool kind_read(const struct call *call, enum entity_kind *ret)
{
	for (size_t i = 0; i < ENTITY_KINDS; i++)
		if (text_eq_c(call->captures[0], COLLECTIONS[i])) {
			*ret = (enum entity_kind)i;
			return true;
		}
	return false;
}

static struct entity *entity_in(const struct tenant *tenant, enum entity_kind kind, struct text id)
{
	struct device *device;
	struct user *user;

	switch (kind) {
	case ENTITY_USER:
		user = state_user(tenant, id);
		return user ? &user->entity : NULL;
	case ENTITY_GROUP:
		return state_entity(tenant, kind, id);
	case ENTITY_DEVICE:
		device = state_device_by_device_id(tenant, id);
		return device ? &device->entity : state_entity(tenant, kind, id);
	}
	return NULL;
}

static struct entity *entity_find(struct call *call, enum entity_kind kind, struct text id,
				  struct tenant **ret_tenant)
{
	LIST_EACH (pos, &call->sim->state.tenants) {
		struct tenant *tenant = LIST_OWNER(pos, struct tenant, list);
		struct entity *entity = entity_in(tenant, kind, id);

		if (!entity || !control_wants_tenant(call, tenant))
			continue;
		*ret_tenant = tenant;
		return entity;
	}
	control_fail(call, 404, "no object with that id");
	return NULL;
}

/* Collection and object of the address. False: answered. */
static bool address_read(struct call *call, enum entity_kind *ret_kind, struct entity **ret_entity,
			 struct tenant **ret_tenant)
{
	if (!kind_read(call, ret_kind)) {
		control_fail(call, 404, "no such call; see README.md of the stand-in");
		return false;
	}
	*ret_entity = entity_find(call, *ret_kind, call->captures[1], ret_tenant);
	return *ret_entity != NULL;
}

void control_entity_list(struct call *call)
{
	enum entity_kind kind;
	struct json_writer w;

	if (control_credential_list(call))
		return;
	if (!kind_read(call, &kind)) {
		control_fail(call, 404, "no such call; see README.md of the stand-in");
		return;
	}
	json_writer_init(&w, call_json(call, 200));
	json_begin_array(&w, NULL);
	LIST_EACH (pos, &call->sim->state.tenants) {
		const struct tenant *tenant = LIST_OWNER(pos, struct tenant, list);

		if (!control_wants_tenant(call, tenant))
			continue;
		LIST_EACH (inner, &tenant->entities[kind])
			entity_write(call, &w, tenant, kind,
				     LIST_OWNER(inner, struct entity, list));
	}
	json_end_array(&w);
}

void control_entity_show(struct call *call)
{
	enum entity_kind kind;
	struct entity *entity;
	struct tenant *tenant;

	if (address_read(call, &kind, &entity, &tenant))
		entity_answer(call, 200, tenant, kind, entity);
}

void control_entity_change(struct call *call)
{
	struct control_field fields[ENTITY_FIELDS];
	const struct json *body;
	enum entity_kind kind;
	struct entity *entity;
	struct tenant *tenant;
	size_t count;

	if (!address_read(call, &kind, &entity, &tenant))
		return;
	count = entity_fields(kind, entity, fields);
	if (!control_body(call, fields, count, NULL, &body))
		return;
	control_apply(body, fields, count);
	state_touch(&call->sim->state, entity);
	entity_answer(call, 200, tenant, kind, entity);
}

void control_entity_remove(struct call *call)
{
	enum entity_kind kind;
	struct entity *entity;
	struct tenant *tenant;

	if (control_credential_remove(call) || !address_read(call, &kind, &entity, &tenant))
		return;
	state_remove_entity(&call->sim->state, tenant, kind, entity);
	call_empty(call, 204);
}

void control_group_member_add(struct call *call)
{
	static const char *const also[] = {"id", NULL};
	const struct json *body;
	struct tenant *tenant;
	struct entity *entity = entity_find(call, ENTITY_GROUP, call->captures[0], &tenant);
	struct text id;

	if (!entity || !control_body(call, NULL, 0, also, &body))
		return;
	id = json_text(body, "id");
	if (member_add(call, tenant, LIST_OWNER(entity, struct group, entity), id))
		entity_answer(call, 201, tenant, ENTITY_GROUP, entity);
}

void control_group_member_remove(struct call *call)
{
	struct tenant *tenant;
	struct entity *entity = entity_find(call, ENTITY_GROUP, call->captures[0], &tenant);
	struct uuid id;

	if (!entity)
		return;
	if (!uuid_read(call->captures[1], &id) ||
	    !state_remove_member(&call->sim->state, LIST_OWNER(entity, struct group, entity), id)) {
		control_fail(call, 404, "no such member");
		return;
	}
	call_empty(call, 204);
}
