/* SPDX-License-Identifier: Apache-2.0 */
/*
 * device.c: see device.h. The fields that are kept are listed once, in two tables, which loading,
 * saving and forgetting all walk.
 */
#include "sim/device/device.h"

#include <stddef.h>

#include "base/hex.h"
#include "base/json.h"
#include "base/rand.h"
#include "base/uuid.h"
#include "sim/device/file.h"

static const char DEFAULT_OS_VERSION[] = "10.0.22631.4460";

enum { JSON_DEPTH = 4, NAME_SUFFIX = 7, EDITION_ENTERPRISE = 4 };

enum field_life { FIELD_IDENTITY, FIELD_ENROLMENT };

#define STRING_FIELD(name, life)                                                                   \
	{                                                                                          \
#name, offsetof(struct device, name), life                                         \
	}
static const struct {
	const char *name;
	size_t offset;
	enum field_life life;
} STRINGS[] = {
    STRING_FIELD(device_id, FIELD_IDENTITY),
    STRING_FIELD(hardware_id, FIELD_IDENTITY),
    STRING_FIELD(name, FIELD_IDENTITY),
    STRING_FIELD(maker, FIELD_IDENTITY),
    STRING_FIELD(model, FIELD_IDENTITY),
    STRING_FIELD(os_version, FIELD_IDENTITY),
    STRING_FIELD(locale, FIELD_IDENTITY),
    STRING_FIELD(mac, FIELD_IDENTITY),
    STRING_FIELD(serial, FIELD_IDENTITY),
    STRING_FIELD(user, FIELD_IDENTITY),
    STRING_FIELD(upn, FIELD_IDENTITY),
    STRING_FIELD(tenant, FIELD_IDENTITY),
    STRING_FIELD(app, FIELD_IDENTITY),
    STRING_FIELD(entra_device_id, FIELD_IDENTITY),
    STRING_FIELD(entra_control, FIELD_IDENTITY),
    STRING_FIELD(entra_token_file, FIELD_IDENTITY),
    STRING_FIELD(discovery_url, FIELD_ENROLMENT),
    STRING_FIELD(provider_id, FIELD_ENROLMENT),
    STRING_FIELD(server_name, FIELD_ENROLMENT),
    STRING_FIELD(address, FIELD_ENROLMENT),
    STRING_FIELD(ent_dmid, FIELD_ENROLMENT),
    STRING_FIELD(aad_resource_id, FIELD_ENROLMENT),
    STRING_FIELD(renew_url, FIELD_ENROLMENT),
    STRING_FIELD(renew_period, FIELD_ENROLMENT),
    STRING_FIELD(retry_interval, FIELD_ENROLMENT),
    STRING_FIELD(renew_status, FIELD_ENROLMENT),
    STRING_FIELD(renew_error, FIELD_ENROLMENT),
    STRING_FIELD(thumbprint, FIELD_ENROLMENT),
    STRING_FIELD(pool_key, FIELD_ENROLMENT),
};

static const struct {
	const char *name;
	size_t offset;
	enum field_life life;
} NUMBERS[] = {
    STRING_FIELD(os_edition, FIELD_IDENTITY),
    STRING_FIELD(renew_tried_at, FIELD_ENROLMENT),
    STRING_FIELD(retry_count, FIELD_ENROLMENT),
    STRING_FIELD(retry_first_ms, FIELD_ENROLMENT),
    STRING_FIELD(retry_max_ms, FIELD_ENROLMENT),
    STRING_FIELD(poll.first_count, FIELD_ENROLMENT),
    STRING_FIELD(poll.first_interval, FIELD_ENROLMENT),
    STRING_FIELD(poll.second_count, FIELD_ENROLMENT),
    STRING_FIELD(poll.second_interval, FIELD_ENROLMENT),
    STRING_FIELD(poll.rest_count, FIELD_ENROLMENT),
    STRING_FIELD(poll.rest_interval, FIELD_ENROLMENT),
    STRING_FIELD(sessions, FIELD_ENROLMENT),
};

static const char *const JOINS[] = {
    [JOIN_ENTRA] = "entra",
    [JOIN_WORK_ACCOUNT] = "work-account",
    [JOIN_ON_PREMISES] = "on-premises",
    [JOIN_FEDERATED] = "federated",
    [JOIN_CERTIFICATE] = "certificate",
};

static const char *const FILES[] = {"key.pem", "certificate.pem", "root.pem", "provisioning.xml",
				    "tree.json"};

static const char **string_at(const struct device *device, size_t row)
{
	return (const char **)(uintptr_t)((const char *)device + STRINGS[row].offset);
}

static int64_t *number_at(const struct device *device, size_t row)
{
	return (int64_t *)(uintptr_t)((const char *)device + NUMBERS[row].offset);
}

bool join_read(const char *word, enum join *ret)
{
	for (size_t i = 0; i < ARRAY_LEN(JOINS); i++)
		if (strcmp(JOINS[i], word) == 0) {
			*ret = (enum join)i;
			return true;
		}
	return false;
}

static const char *random_hex(struct arena *arena, size_t bytes)
{
	char raw[64];

	rand_bytes(raw, bytes);
	return hex_write_upper(arena, text_make(raw, bytes));
}

static const char *random_name(struct arena *arena)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	char suffix[NAME_SUFFIX + 1] = "";

	for (size_t i = 0; i < NAME_SUFFIX; i++)
		suffix[i] = alphabet[rand_below(sizeof(alphabet) - 1)];
	return arena_printf(arena, "DESKTOP-%s", suffix);
}

static void device_clear(struct device *device)
{
	memset(device, 0, sizeof(*device));
	arena_init(&device->arena);
	device->dir = "";
	device->certificate_file = "";
	device->key_file = "";
	for (size_t i = 0; i < ARRAY_LEN(STRINGS); i++)
		*string_at(device, i) = "";
}

void device_init(struct device *device, const char *os_version)
{
	struct arena *arena = &device->arena;
	unsigned char mac[3];

	device_clear(device);
	rand_bytes(mac, sizeof(mac));
	device->device_id = random_hex(arena, 16);
	device->hardware_id = random_hex(arena, 32);
	device->name = random_name(arena);
	device->maker = "Contoso Devices";
	device->model = "Simulated PC 1";
	device->os_version = arena_string(arena, os_version ? os_version : DEFAULT_OS_VERSION);
	device->locale = "en-US";
	device->mac = arena_printf(arena, "02-15-5D-%02X-%02X-%02X", mac[0], mac[1], mac[2]);
	device->serial = random_hex(arena, 6);
	device->os_edition = EDITION_ENTERPRISE;
}

void device_done(struct device *device)
{
	arena_done(&device->arena);
}

bool device_is_full(const struct device *device)
{
	return device->join != JOIN_ENTRA;
}

uint64_t device_build(const struct device *device)
{
	struct text rest = text_of(device->os_version);
	uint64_t build = 0;

	text_cut(&rest, '.');
	text_cut(&rest, '.');
	if (!rest.ptr || !text_to_u64(text_cut(&rest, '.'), &build))
		return 0;
	return build;
}

const char *device_keep(struct device *device, const char *s)
{
	return arena_string(&device->arena, s);
}

char *device_path(struct arena *arena, const struct device *device, const char *name)
{
	return arena_printf(arena, "%s/%s", device->dir, name);
}

void device_set_files(struct device *device)
{
	device->certificate_file = device_path(&device->arena, device, "certificate.pem");
	device->key_file =
	    device->pool_key[0] ? device->pool_key : device_path(&device->arena, device, "key.pem");
}

static int flags_load(struct device *device, const struct json *json)
{
	struct text join = json_text(json, "join");

	if (!json_bool(json, "is_enrolled", &device->is_enrolled) ||
	    !json_bool(json, "is_wiped", &device->is_wiped) || !join.ptr)
		return -1;
	return join_read(arena_cstr(&device->arena, join), &device->join) ? 0 : -1;
}

static int fields_load(struct device *device, const struct json *json)
{
	for (size_t i = 0; i < ARRAY_LEN(STRINGS); i++) {
		struct text value = json_text(json, STRINGS[i].name);

		if (value.ptr)
			*string_at(device, i) = arena_cstr(&device->arena, value);
	}
	for (size_t i = 0; i < ARRAY_LEN(NUMBERS); i++)
		if (json_has(json, NUMBERS[i].name) &&
		    !json_int(json, NUMBERS[i].name, number_at(device, i)))
			return -1;
	return flags_load(device, json);
}

int device_load(struct device *device, const char *dir, struct trail *trail)
{
	const struct json *json;
	struct text content;
	int r;

	device_clear(device);
	device->dir = device_keep(device, dir);
	r = file_read(&device->arena, device_path(&device->arena, device, "device.json"), &content,
		      trail);
	if (r == FILE_E_NONE)
		return DEVICE_E_NONE;
	if (r < 0)
		return ERR_TRACE(trail, r);
	if (json_read(&device->arena, content, JSON_DEPTH, &json) != 0 ||
	    fields_load(device, json) != 0)
		return ERR_FAIL(trail, ERR_CONFIG, "%s/device.json is damaged: remove it", dir);
	device_set_files(device);
	return 0;
}

int device_save(const struct device *device, struct trail *trail)
{
	struct json_writer w;
	struct arena arena;
	struct buf buf;
	int r;

	arena_init(&arena);
	buf_init(&buf, &arena);
	json_writer_init(&w, &buf);
	json_begin_object(&w, NULL);
	json_add_c(&w, "join", JOINS[device->join]);
	json_add_bool(&w, "is_enrolled", device->is_enrolled);
	json_add_bool(&w, "is_wiped", device->is_wiped);
	for (size_t i = 0; i < ARRAY_LEN(STRINGS); i++)
		json_add_c(&w, STRINGS[i].name, *string_at(device, i));
	for (size_t i = 0; i < ARRAY_LEN(NUMBERS); i++)
		json_add_int(&w, NUMBERS[i].name, *number_at(device, i));
	json_end_object(&w);
	buf_add_byte(&buf, '\n');
	r = file_make_dir(device->dir, trail);
	if (r == 0)
		r = file_write(&arena, device_path(&arena, device, "device.json"), 0600,
			       buf_text(&buf), trail);
	arena_done(&arena);
	return r < 0 ? ERR_TRACE(trail, r) : 0;
}

int device_forget(struct device *device, struct trail *trail)
{
	struct arena arena;
	int r = 0;

	device->is_enrolled = false;
	for (size_t i = 0; i < ARRAY_LEN(STRINGS); i++)
		if (STRINGS[i].life == FIELD_ENROLMENT)
			*string_at(device, i) = "";
	for (size_t i = 0; i < ARRAY_LEN(NUMBERS); i++)
		if (NUMBERS[i].life == FIELD_ENROLMENT)
			*number_at(device, i) = 0;
	arena_init(&arena);
	for (size_t i = 0; i < ARRAY_LEN(FILES) && r == 0; i++)
		r = file_remove(device_path(&arena, device, FILES[i]), trail);
	arena_done(&arena);
	if (r == 0)
		r = device_save(device, trail);
	return r < 0 ? ERR_TRACE(trail, r) : 0;
}
