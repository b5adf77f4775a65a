/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graph_device.c: devices of the directory. entra.md sections 3.1, 3.2 and 8.3.
 *
 * An object id is never taken for a registration id or the other way round. isManaged and
 * isCompliant are written only by an approved MDM application and only on Windows devices; the
 * write marks the device with that application. A device younger than its replication lag does not
 * exist for Graph.
 */
#include "sim/entra/graph.h"

#include "base/clock.h"
#include "sim/entra/graph_error.h"
#include "sim/entra/odata.h"

/* A change that was read completely before any of it is applied. */
struct patch {
	enum device_fact managed;
	enum device_fact compliant;
	struct text extensions[STATE_EXTENSIONS];
	bool has_extension[STATE_EXTENSIONS];
	bool has_extensions;
};

static const char NOT_WINDOWS[] =
    "Properties other than ExtendedAttribute1..15 can be modified only on windows devices.";

static void add_fact(struct props *props, const char *name, enum device_fact fact)
{
	if (fact == FACT_UNSET)
		props_add_raw(props, name, TEXT("null"));
	else
		odata_add_bool(props, name, fact == FACT_TRUE);
}

static void add_extensions(struct props *props, const struct device *device)
{
	struct json_writer w;
	struct buf buf;

	buf_init(&buf, props->arena);
	json_writer_init(&w, &buf);
	json_begin_object(&w, NULL);
	for (size_t i = 0; i < STATE_EXTENSIONS; i++)
		json_add_c(&w, arena_printf(props->arena, "extensionAttribute%zu", i + 1),
			   device->extensions[i]);
	json_end_object(&w);
	props_add_raw(props, "extensionAttributes", buf_text(&buf));
}

void graph_device_props(struct props *props, const struct device *device)
{
	struct arena *arena = props->arena;

	odata_add(props, "id", call_uuid(arena, device->entity.id));
	odata_add(props, "deviceId", call_uuid(arena, device->device_id));
	odata_add(props, "displayName", device->entity.name);
	odata_add_bool(props, "accountEnabled", device->is_enabled);
	odata_add(props, "operatingSystem", device->os);
	odata_add(props, "operatingSystemVersion", device->os_version);
	odata_add(props, "trustType", device->trust_type);
	add_fact(props, "isManaged", device->managed);
	add_fact(props, "isCompliant", device->compliant);
	odata_add(props, "mdmAppId",
		  device->has_mdm_app ? call_uuid(arena, device->mdm_app) : NULL);
	odata_add(props, "createdDateTime", clock_text(arena, device->created_at));
	odata_add(props, "registrationDateTime", clock_text(arena, device->created_at));
	odata_add(props, "profileType", "RegisteredDevice");
	odata_add_bool(props, "isManagementRestricted", false);
	add_extensions(props, device);
}

static struct device *visible(const struct call *call, struct device *device)
{
	return device && device->visible_at <= call->now ? device : NULL;
}

static struct device *find_by_object(struct call *call)
{
	struct device *device = visible(call, state_device(call->tenant, call->captures[0]));

	if (device)
		return device;
	if (uuid_is(call->captures[0]))
		graph_fail_missing(call, call->captures[0]);
	else
		graph_fail(call, GRAPH_BAD_REQUEST,
			   arena_printf(call->arena, "Invalid object identifier '%.*s'.",
					TEXT_ARG(call->captures[0])));
	return NULL;
}

static struct device *find_by_device_id(struct call *call)
{
	struct device *device =
	    visible(call, state_device_by_device_id(call->tenant, call->captures[0]));

	if (!device)
		graph_fail_missing(call, call->captures[0]);
	return device;
}

static bool query_read(struct call *call, unsigned allowed, struct odata *ret)
{
	static const struct device empty;
	struct props sample;

	props_init(&sample, call->arena);
	graph_device_props(&sample, &empty);
	return odata_read(call, allowed, &sample, ret);
}

static void device_answer(struct call *call, const struct device *device)
{
	struct props props;
	struct json_writer w;
	struct odata odata;

	if (!query_read(call, ODATA_SELECT, &odata))
		return;
	props_init(&props, call->arena);
	graph_device_props(&props, device);
	json_writer_init(&w, call_json(call, 200));
	odata_write(&odata, &props, &w, odata_context(call, "devices/$entity"));
}

void graph_device_get(struct call *call)
{
	const struct device *device = find_by_object(call);

	if (device)
		device_answer(call, device);
}

void graph_device_get_by_device_id(struct call *call)
{
	const struct device *device = find_by_device_id(call);

	if (device)
		device_answer(call, device);
}

void graph_device_list(struct call *call)
{
	struct odata_page page;
	struct odata odata;

	if (!query_read(call, ODATA_SELECT | ODATA_FILTER | ODATA_TOP | ODATA_COUNT, &odata))
		return;
	odata_begin(&page, call, &odata, "devices");
	LIST_EACH (pos, &call->tenant->entities[ENTITY_DEVICE]) {
		struct entity *entity = LIST_OWNER(pos, struct entity, list);
		struct device *device = LIST_OWNER(entity, struct device, entity);
		struct props props;

		if (!visible(call, device))
			continue;
		props_init(&props, call->arena);
		graph_device_props(&props, device);
		odata_offer(&page, &props);
	}
	odata_end(&page);
}

static bool value_fail(struct call *call, struct text name)
{
	return graph_fail(call, GRAPH_BAD_REQUEST,
			  arena_printf(call->arena,
				       "Invalid value specified for property '%.*s' "
				       "of resource 'Device'.",
				       TEXT_ARG(name)));
}

static bool extension_index(struct text name, size_t *ret)
{
	static const struct text prefix = {"extensionAttribute", 18};
	uint64_t number;

	if (!text_starts(name, prefix) || !text_to_u64(text_from(name, prefix.len), &number) ||
	    number < 1 || number > STATE_EXTENSIONS)
		return false;
	*ret = (size_t)number - 1;
	return true;
}

static bool extensions_read(struct call *call, const struct json *value, struct patch *patch)
{
	if (value->kind != JSON_OBJECT)
		return value_fail(call, value->name);
	for (size_t i = 0; i < value->count; i++) {
		const struct json *item = &value->items[i];
		size_t index;

		if (!extension_index(item->name, &index) ||
		    (item->kind != JSON_STRING && item->kind != JSON_NULL))
			return value_fail(call, item->name);
		patch->has_extension[index] = true;
		if (item->kind == JSON_STRING)
			patch->extensions[index] = item->text;
	}
	patch->has_extensions = true;
	return true;
}

static bool property_read(struct call *call, const struct json *property, struct patch *patch)
{
	bool is_managed = text_eq_c(property->name, "isManaged");

	if (text_eq_c(property->name, "extensionAttributes"))
		return extensions_read(call, property, patch);
	if (!is_managed && !text_eq_c(property->name, "isCompliant"))
		return graph_fail(call, GRAPH_BAD_REQUEST,
				  arena_printf(call->arena,
					       "Property '%.*s' cannot be updated by this "
					       "application.",
					       TEXT_ARG(property->name)));
	if (property->kind != JSON_BOOL)
		return value_fail(call, property->name);
	*(is_managed ? &patch->managed : &patch->compliant) =
	    property->integer ? FACT_TRUE : FACT_FALSE;
	return true;
}

static bool patch_read(struct call *call, struct patch *ret)
{
	const struct json *body;

	*ret = (struct patch){0};
	if (!odata_body(call, &body))
		return false;
	for (size_t i = 0; i < body->count; i++)
		if (!property_read(call, &body->items[i], ret))
			return false;
	return true;
}

static bool patch_is_allowed(struct call *call, const struct device *device,
			     const struct patch *patch)
{
	if (patch->managed == FACT_UNSET && patch->compliant == FACT_UNSET)
		return true;
	if (!device->os || !text_starts_nocase(text_of(device->os), TEXT("Windows")))
		return graph_fail(call, GRAPH_BAD_REQUEST, NOT_WINDOWS);
	if (!call->principal || !call->principal->is_approved_mdm)
		return graph_fail(call, GRAPH_DENIED,
				  "Insufficient privileges to complete the operation.");
	return true;
}

static void patch_apply(struct call *call, struct device *device, const struct patch *patch)
{
	if (patch->managed != FACT_UNSET)
		device->managed = patch->managed;
	if (patch->compliant != FACT_UNSET)
		device->compliant = patch->compliant;
	if (patch->managed != FACT_UNSET || patch->compliant != FACT_UNSET) {
		device->has_mdm_app = true;
		device->mdm_app = call->principal->app->client_id;
	}
	for (size_t i = 0; i < STATE_EXTENSIONS; i++)
		if (patch->has_extension[i])
			state_set(&device->extensions[i], patch->extensions[i]);
	device->written_at = call->now;
	device->writes++;
	state_touch(&call->sim->state, &device->entity);
}

static void device_patch(struct call *call, struct device *device)
{
	struct patch patch;

	if (!patch_read(call, &patch) || !patch_is_allowed(call, device, &patch))
		return;
	patch_apply(call, device, &patch);
	call_empty(call, 204);
}

void graph_device_patch(struct call *call)
{
	struct device *device = find_by_object(call);

	if (device)
		device_patch(call, device);
}

void graph_device_patch_by_device_id(struct call *call)
{
	struct device *device = find_by_device_id(call);

	if (device)
		device_patch(call, device);
}
