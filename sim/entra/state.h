/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state.h: make, find, change and free the objects of directory.h. All of it is in memory and
 * owned by struct state; every pointer handed out is borrowed and valid while the stand-in's lock
 * is held. Lookups take text as it came from outside and answer NULL for anything that is not
 * exactly such an identifier.
 */
#ifndef MUSTER_SIM_ENTRA_STATE_H
#define MUSTER_SIM_ENTRA_STATE_H

#include "base/arena.h"
#include "base/text.h"
#include "sim/entra/directory.h"

void state_init(struct state *state);
void state_done(struct state *state); /* frees everything; usable again after state_init */

/* Replace a heap string; ptr NULL leaves NULL. */
void state_set(char **field, struct text value);
void texts_clear(struct texts *strings);
void texts_add(struct texts *strings, struct text value);
bool texts_has(const struct texts *strings, struct text value);

struct tenant *state_add_tenant(struct state *state, struct uuid id);
struct app *state_add_app(struct state *state, struct uuid client_id, struct uuid home);
/* The app in that tenant; an existing one is returned as it is. */
struct principal *state_add_principal(struct tenant *tenant, struct app *app);
struct credential *state_add_credential(struct app *app, enum credential_kind kind);
struct user *state_add_user(struct state *state, struct tenant *tenant, struct uuid id);
struct group *state_add_group(struct state *state, struct tenant *tenant, struct uuid id);
struct device *state_add_device(struct state *state, struct tenant *tenant, struct uuid id);
/* Count a change of the entity, for deltas. */
void state_touch(struct state *state, struct entity *entity);

void state_remove_tenant(struct state *state, struct tenant *tenant);
void state_remove_app(struct state *state, struct app *app); /* also from every tenant */
void state_remove_principal(struct principal *principal);
void state_remove_credential(struct credential *credential);
/* Leaves a tombstone; memberships of the entity go with it. */
void state_remove_entity(struct state *state, struct tenant *tenant, enum entity_kind kind,
			 struct entity *entity);

/* NULL: not there. state_tenant takes a GUID or a domain. */
struct tenant *state_tenant(const struct state *state, struct text name);
struct tenant *state_tenant_by_id(const struct state *state, struct uuid id);
struct app *state_app(const struct state *state, struct text client_id);
struct app *state_app_by_object(const struct state *state, struct text object_id);
struct principal *state_principal(const struct tenant *tenant, const struct app *app);
struct principal *state_principal_by_client(const struct tenant *tenant, struct text client_id);
/* The principal whose app answers to that resource name: an App ID URI, api://{client id} or the
 * client id. */
struct principal *state_resource(const struct tenant *tenant, struct text name);
struct entity *state_entity(const struct tenant *tenant, enum entity_kind kind, struct text id);
struct user *state_user(const struct tenant *tenant, struct text id_or_upn);
struct group *state_group(const struct tenant *tenant, struct text id);
struct device *state_device(const struct tenant *tenant, struct text object_id);
struct device *state_device_by_device_id(const struct tenant *tenant, struct text device_id);

/* Both bump the group's change number. Adding a member twice is one membership. */
void state_add_member(struct state *state, struct group *group, struct uuid id,
		      enum entity_kind kind);
bool state_remove_member(struct state *state, struct group *group, struct uuid id);

/* The groups the object is in, directly or through groups, once each; the array is in the arena. */
size_t state_groups_of(const struct tenant *tenant, struct arena *arena, struct uuid id,
		       const struct group ***ret);
bool state_same_id(struct uuid a, struct uuid b);

#endif
