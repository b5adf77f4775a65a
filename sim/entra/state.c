/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state.c: see state.h. entra.md sections 3, 5 and 8.
 *
 * Lists are walked from the front: the stand-in holds thousands of objects, not millions. Object
 * ids and registration ids are looked up by functions of their own and never stand in for each
 * other, as in the real directory. A change of anything Graph can show goes through state_touch.
 */
#include "sim/entra/state.h"

#include <stdlib.h>

void state_init(struct state *state)
{
	*state = (struct state){0};
	list_init(&state->tenants);
	list_init(&state->apps);
}

void state_set(char **field, struct text value)
{
	char *copy = NULL;

	if (value.ptr) {
		copy = heap_alloc(value.len + 1);
		memcpy(copy, value.ptr, value.len);
	}
	free(*field);
	*field = copy;
}

void texts_clear(struct texts *strings)
{
	for (size_t i = 0; i < strings->count; i++)
		free(strings->items[i]);
	free(strings->items);
	*strings = (struct texts){0};
}

void texts_add(struct texts *strings, struct text value)
{
	strings->items = heap_grow(strings->items, strings->count + 1, sizeof(*strings->items));
	strings->items[strings->count] = NULL;
	state_set(&strings->items[strings->count++], value);
}

bool texts_has(const struct texts *strings, struct text value)
{
	for (size_t i = 0; i < strings->count; i++)
		if (text_eq_c(value, strings->items[i]))
			return true;
	return false;
}

bool state_same_id(struct uuid a, struct uuid b)
{
	return memcmp(a.bytes, b.bytes, sizeof(a.bytes)) == 0;
}

struct tenant *state_add_tenant(struct state *state, struct uuid id)
{
	struct tenant *tenant = heap_alloc(sizeof(*tenant));

	tenant->id = id;
	for (size_t i = 0; i < ENTITY_KINDS; i++)
		list_init(&tenant->entities[i]);
	list_init(&tenant->tombstones);
	list_init(&tenant->principals);
	list_append(&state->tenants, &tenant->list);
	return tenant;
}

struct app *state_add_app(struct state *state, struct uuid client_id, struct uuid home)
{
	struct app *app = heap_alloc(sizeof(*app));

	app->client_id = client_id;
	app->object_id = uuid_random();
	app->home = home;
	list_init(&app->credentials);
	state_set(&app->mdm_applies_to, TEXT("none"));
	list_append(&state->apps, &app->list);
	return app;
}

struct principal *state_add_principal(struct tenant *tenant, struct app *app)
{
	struct principal *principal = state_principal(tenant, app);

	if (principal)
		return principal;
	principal = heap_alloc(sizeof(*principal));
	principal->app = app;
	principal->id = uuid_random();
	principal->is_enabled = true;
	list_append(&tenant->principals, &principal->list);
	return principal;
}

struct credential *state_add_credential(struct app *app, enum credential_kind kind)
{
	struct credential *credential = heap_alloc(sizeof(*credential));

	credential->kind = kind;
	credential->id = uuid_random();
	list_append(&app->credentials, &credential->list);
	return credential;
}

static void entity_init(struct state *state, struct tenant *tenant, enum entity_kind kind,
			struct uuid id, struct entity *entity)
{
	entity->id = id;
	list_append(&tenant->entities[kind], &entity->list);
	state_touch(state, entity);
}

struct user *state_add_user(struct state *state, struct tenant *tenant, struct uuid id)
{
	struct user *user = heap_alloc(sizeof(*user));

	user->is_enabled = true;
	entity_init(state, tenant, ENTITY_USER, id, &user->entity);
	return user;
}

struct group *state_add_group(struct state *state, struct tenant *tenant, struct uuid id)
{
	struct group *group = heap_alloc(sizeof(*group));

	group->is_security = true;
	list_init(&group->members);
	entity_init(state, tenant, ENTITY_GROUP, id, &group->entity);
	return group;
}

struct device *state_add_device(struct state *state, struct tenant *tenant, struct uuid id)
{
	struct device *device = heap_alloc(sizeof(*device));

	device->is_enabled = true;
	entity_init(state, tenant, ENTITY_DEVICE, id, &device->entity);
	return device;
}

void state_touch(struct state *state, struct entity *entity)
{
	entity->changed = ++state->changes;
}

static void credential_free(struct credential *credential)
{
	free(credential->name);
	free(credential->issuer);
	free(credential->subject);
	X509_free(credential->cert);
	EVP_PKEY_free(credential->key);
	free(credential);
}

void state_remove_credential(struct credential *credential)
{
	list_remove(&credential->list);
	credential_free(credential);
}

static void principal_free(struct principal *principal)
{
	texts_clear(&principal->roles);
	free(principal);
}

void state_remove_principal(struct principal *principal)
{
	list_remove(&principal->list);
	principal_free(principal);
}

static void app_free(struct app *app)
{
	LIST_EACH_FREE (pos, &app->credentials)
		credential_free(LIST_OWNER(pos, struct credential, list));
	texts_clear(&app->uris);
	texts_clear(&app->redirect_uris);
	texts_clear(&app->roles);
	free(app->mdm_applies_to);
	for (size_t i = 0; i < ARRAY_LEN(app->mdm_urls); i++)
		free(app->mdm_urls[i]);
	free(app->name);
	free(app);
}

void state_remove_app(struct state *state, struct app *app)
{
	LIST_EACH (pos, &state->tenants) {
		struct principal *principal =
		    state_principal(LIST_OWNER(pos, struct tenant, list), app);

		if (principal)
			state_remove_principal(principal);
	}
	list_remove(&app->list);
	app_free(app);
}

static void group_clear(struct group *group)
{
	LIST_EACH_FREE (pos, &group->members)
		free(LIST_OWNER(pos, struct member, list));
}

static void device_clear(struct device *device)
{
	free(device->os);
	free(device->os_version);
	free(device->trust_type);
	for (size_t i = 0; i < STATE_EXTENSIONS; i++)
		free(device->extensions[i]);
}

/* The entity is the first member of its object, so that freeing it frees the object. */
static void entity_free(enum entity_kind kind, struct entity *entity)
{
	free(entity->name);
	switch (kind) {
	case ENTITY_USER:
		free(LIST_OWNER(entity, struct user, entity)->upn);
		break;
	case ENTITY_GROUP:
		group_clear(LIST_OWNER(entity, struct group, entity));
		break;
	case ENTITY_DEVICE:
		device_clear(LIST_OWNER(entity, struct device, entity));
		break;
	}
	free(entity);
}

void state_remove_entity(struct state *state, struct tenant *tenant, enum entity_kind kind,
			 struct entity *entity)
{
	struct tombstone *tombstone = heap_alloc(sizeof(*tombstone));

	LIST_EACH (pos, &tenant->entities[ENTITY_GROUP]) {
		struct entity *group = LIST_OWNER(pos, struct entity, list);

		if (group != entity)
			state_remove_member(state, LIST_OWNER(group, struct group, entity),
					    entity->id);
	}
	tombstone->kind = kind;
	tombstone->id = entity->id;
	tombstone->changed = ++state->changes;
	list_append(&tenant->tombstones, &tombstone->list);
	list_remove(&entity->list);
	entity_free(kind, entity);
}

static void tenant_free(struct tenant *tenant)
{
	for (size_t kind = 0; kind < ENTITY_KINDS; kind++)
		LIST_EACH_FREE (pos, &tenant->entities[kind])
			entity_free((enum entity_kind)kind, LIST_OWNER(pos, struct entity, list));
	LIST_EACH_FREE (pos, &tenant->principals)
		principal_free(LIST_OWNER(pos, struct principal, list));
	LIST_EACH_FREE (pos, &tenant->tombstones)
		free(LIST_OWNER(pos, struct tombstone, list));
	free(tenant->domain);
	free(tenant->name);
	free(tenant->signs_in);
	free(tenant);
}

void state_remove_tenant(struct state *state, struct tenant *tenant)
{
	LIST_EACH_FREE (pos, &state->apps) {
		struct app *app = LIST_OWNER(pos, struct app, list);

		if (state_same_id(app->home, tenant->id))
			state_remove_app(state, app);
	}
	list_remove(&tenant->list);
	tenant_free(tenant);
}

void state_done(struct state *state)
{
	LIST_EACH_FREE (pos, &state->tenants)
		tenant_free(LIST_OWNER(pos, struct tenant, list));
	LIST_EACH_FREE (pos, &state->apps)
		app_free(LIST_OWNER(pos, struct app, list));
}

struct tenant *state_tenant_by_id(const struct state *state, struct uuid id)
{
	LIST_EACH (pos, &state->tenants) {
		struct tenant *tenant = LIST_OWNER(pos, struct tenant, list);

		if (state_same_id(tenant->id, id))
			return tenant;
	}
	return NULL;
}

struct tenant *state_tenant(const struct state *state, struct text name)
{
	struct uuid id;

	if (uuid_read(name, &id))
		return state_tenant_by_id(state, id);
	LIST_EACH (pos, &state->tenants) {
		struct tenant *tenant = LIST_OWNER(pos, struct tenant, list);

		if (tenant->domain && text_eq_nocase(name, text_of(tenant->domain)))
			return tenant;
	}
	return NULL;
}

struct app *state_app(const struct state *state, struct text client_id)
{
	struct uuid id;

	if (!uuid_read(client_id, &id))
		return NULL;
	LIST_EACH (pos, &state->apps) {
		struct app *app = LIST_OWNER(pos, struct app, list);

		if (state_same_id(app->client_id, id))
			return app;
	}
	return NULL;
}

struct app *state_app_by_object(const struct state *state, struct text object_id)
{
	struct uuid id;

	if (!uuid_read(object_id, &id))
		return NULL;
	LIST_EACH (pos, &state->apps) {
		struct app *app = LIST_OWNER(pos, struct app, list);

		if (state_same_id(app->object_id, id))
			return app;
	}
	return NULL;
}

struct principal *state_principal(const struct tenant *tenant, const struct app *app)
{
	LIST_EACH (pos, &tenant->principals) {
		struct principal *principal = LIST_OWNER(pos, struct principal, list);

		if (principal->app == app)
			return principal;
	}
	return NULL;
}

struct principal *state_principal_by_client(const struct tenant *tenant, struct text client_id)
{
	struct uuid id;

	if (!uuid_read(client_id, &id))
		return NULL;
	LIST_EACH (pos, &tenant->principals) {
		struct principal *principal = LIST_OWNER(pos, struct principal, list);

		if (state_same_id(principal->app->client_id, id))
			return principal;
	}
	return NULL;
}

struct principal *state_resource(const struct tenant *tenant, struct text name)
{
	static const struct text scheme = {"api://", 6};
	struct text id = text_starts(name, scheme) ? text_from(name, scheme.len) : name;
	struct principal *principal = state_principal_by_client(tenant, id);

	if (principal)
		return principal;
	LIST_EACH (pos, &tenant->principals) {
		principal = LIST_OWNER(pos, struct principal, list);
		if (texts_has(&principal->app->uris, name))
			return principal;
	}
	return NULL;
}

static struct entity *entity_by_id(const struct tenant *tenant, enum entity_kind kind,
				   struct uuid id)
{
	LIST_EACH (pos, &tenant->entities[kind]) {
		struct entity *entity = LIST_OWNER(pos, struct entity, list);

		if (state_same_id(entity->id, id))
			return entity;
	}
	return NULL;
}

struct entity *state_entity(const struct tenant *tenant, enum entity_kind kind, struct text id)
{
	struct uuid uuid;

	return uuid_read(id, &uuid) ? entity_by_id(tenant, kind, uuid) : NULL;
}

struct user *state_user(const struct tenant *tenant, struct text id_or_upn)
{
	struct entity *entity = state_entity(tenant, ENTITY_USER, id_or_upn);

	if (entity)
		return LIST_OWNER(entity, struct user, entity);
	LIST_EACH (pos, &tenant->entities[ENTITY_USER]) {
		struct user *user =
		    LIST_OWNER(LIST_OWNER(pos, struct entity, list), struct user, entity);

		if (user->upn && text_eq_nocase(id_or_upn, text_of(user->upn)))
			return user;
	}
	return NULL;
}

struct group *state_group(const struct tenant *tenant, struct text id)
{
	struct entity *entity = state_entity(tenant, ENTITY_GROUP, id);

	return entity ? LIST_OWNER(entity, struct group, entity) : NULL;
}

struct device *state_device(const struct tenant *tenant, struct text object_id)
{
	struct entity *entity = state_entity(tenant, ENTITY_DEVICE, object_id);

	return entity ? LIST_OWNER(entity, struct device, entity) : NULL;
}

struct device *state_device_by_device_id(const struct tenant *tenant, struct text device_id)
{
	struct uuid id;

	if (!uuid_read(device_id, &id))
		return NULL;
	LIST_EACH (pos, &tenant->entities[ENTITY_DEVICE]) {
		struct device *device =
		    LIST_OWNER(LIST_OWNER(pos, struct entity, list), struct device, entity);

		if (state_same_id(device->device_id, id))
			return device;
	}
	return NULL;
}

static struct member *member_find(const struct group *group, struct uuid id)
{
	LIST_EACH (pos, &group->members) {
		struct member *member = LIST_OWNER(pos, struct member, list);

		if (state_same_id(member->id, id))
			return member;
	}
	return NULL;
}

void state_add_member(struct state *state, struct group *group, struct uuid id,
		      enum entity_kind kind)
{
	struct member *member = member_find(group, id);

	if (member && !member->is_removed)
		return;
	if (!member) {
		member = heap_alloc(sizeof(*member));
		member->id = id;
		member->kind = kind;
		list_append(&group->members, &member->list);
	}
	member->is_removed = false;
	state_touch(state, &group->entity);
	member->changed = group->entity.changed;
}

bool state_remove_member(struct state *state, struct group *group, struct uuid id)
{
	struct member *member = member_find(group, id);

	if (!member || member->is_removed)
		return false;
	member->is_removed = true;
	state_touch(state, &group->entity);
	member->changed = group->entity.changed;
	return true;
}

size_t state_groups_of(const struct tenant *tenant, struct arena *arena, struct uuid id,
		       const struct group ***ret)
{
	const struct list *groups = &tenant->entities[ENTITY_GROUP];
	const struct group **found;
	size_t total = 0;
	size_t count = 0;

	LIST_EACH (pos, groups)
		total++;
	found = ARENA_ARRAY(arena, total + 1, const struct group *);
	/* found[] is both the result and the queue: step i looks for groups that hold found[i-1].
	 */
	for (size_t step = 0; step <= count; step++) {
		struct uuid wanted = step == 0 ? id : found[step - 1]->entity.id;

		LIST_EACH (pos, groups) {
			const struct group *group =
			    LIST_OWNER(LIST_OWNER(pos, struct entity, list), struct group, entity);
			const struct member *member = member_find(group, wanted);
			bool is_known = !member || member->is_removed;

			for (size_t i = 0; i < count && !is_known; i++)
				is_known = found[i] == group;
			if (!is_known)
				found[count++] = group;
		}
	}
	*ret = found;
	return count;
}
