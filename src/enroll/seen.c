/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seen.c: see seen.h. What cannot be looked up is left out: the refusal stands without it.
 */
#include "enroll/seen.h"

#include <inttypes.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "model/os_version.h"
#include "store/device.h"

#define HIDDEN "something that cannot be shown"

enum { SEEN_MAX = 256, QUOTED_MAX = 64, DEVICES_MAX = 3, DATE_LEN = 10 };

const char *enroll_seen(struct arena *arena, struct text value)
{
	if (!value.ptr || value.len == 0)
		return "nothing";
	return value.len <= SEEN_MAX && text_is_printable(value) ? arena_cstr(arena, value)
								 : HIDDEN;
}

static const char *quoted(struct arena *arena, struct text value)
{
	value = value.ptr ? text_trim(value) : TEXT_EMPTY;
	if (value.len == 0)
		return "nothing";
	if (value.len > QUOTED_MAX || !text_is_printable(value) || text_has_byte(value, '"'))
		return HIDDEN;
	return arena_printf(arena, "\"%.*s\"", TEXT_ARG(value));
}

static void fact_add(struct op *op, struct enrollment *attempt, const char *fact)
{
	attempt->remedy = arena_printf(op->arena, "%s %s", attempt->remedy, fact);
}

static void lookup_failed(struct op *op, const char *what)
{
	log_warn("fact_not_found", LOG_TEXT("trace_id", op->trace_id), LOG_TEXT("what", what),
		 LOG_TEXT("error", db_error(op->db)));
}

/* "101 (Home)": the numbers most devices have, by the names people know. */
static const char *edition_text(struct arena *arena, struct text written)
{
	static const struct {
		uint32_t number;
		const char *name;
	} names[] = {{4, "Enterprise"}, {48, "Pro"}, {101, "Home"}, {121, "Education"}};
	struct os_version edition;

	if (!os_version_read(written, &edition) || edition.count != 1)
		return quoted(arena, written);
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (names[i].number == edition.parts[0])
			return arena_printf(arena, "%" PRIu32 " (%s)", edition.parts[0],
					    names[i].name);
	return arena_printf(arena, "%" PRIu32, edition.parts[0]);
}

static const char *editions_text(struct op *op, struct text seen, const struct tenant *tenant)
{
	struct buf buf;

	buf_init(&buf, op->arena);
	buf_printf(&buf, "Edition of the device: %s; os_editions: ", edition_text(op->arena, seen));
	for (size_t i = 0; i < tenant->os_edition_count; i++)
		buf_printf(&buf, "%s%s", i > 0 ? ", " : "",
			   edition_text(op->arena, text_of(tenant->os_editions[i])));
	buf_add_byte(&buf, '.');
	return buf.data;
}

static const char *bound_text(struct arena *arena, const char *name, const char *bound)
{
	return bound[0] ? arena_printf(arena, "; %s: %s", name, bound) : "";
}

void enroll_seen_windows(struct op *op, struct enrollment *attempt, enum enroll_rule rule,
			 const struct tenant *tenant, const struct enroll_claims *claims)
{
	const char *least = "", *most = "";

	switch (rule) {
	case ENROLL_RULE_VERSION_UNKNOWN:
	case ENROLL_RULE_VERSION_OLD:
	case ENROLL_RULE_VERSION_NEW:
		break;
	case ENROLL_RULE_EDITION:
		fact_add(op, attempt, editions_text(op, claims->os_edition, tenant));
		return;
	case ENROLL_RULE_OK:
	case ENROLL_RULE_MAINTENANCE:
	case ENROLL_RULE_CLOSED:
	case ENROLL_RULE_LICENSE_UNKNOWN:
	case ENROLL_RULE_LICENSE:
	case ENROLL_RULE_PERSONAL:
		return;
	}
	if (rule != ENROLL_RULE_VERSION_NEW)
		least = bound_text(op->arena, "os_version_min", tenant->os_version_min);
	if (rule != ENROLL_RULE_VERSION_OLD)
		most = bound_text(op->arena, "os_version_max", tenant->os_version_max);
	fact_add(op, attempt,
		 arena_printf(op->arena, "Version of the device: %s%s%s.",
			      quoted(op->arena, claims->os_version), least, most));
}

/* `"PC-1" (id, last seen 2026-01-31)`. */
static void device_add(struct buf *buf, struct op *op, const struct device *device)
{
	if (device->name[0])
		buf_printf(buf, "%s ", quoted(op->arena, text_of(device->name)));
	buf_printf(buf, "(%s, ", device->id);
	if (device->last_seen_at > 0)
		buf_printf(buf, "last seen %.*s)", DATE_LEN,
			   clock_text(op->arena, device->last_seen_at));
	else
		buf_add_c(buf, "never seen)");
}

void enroll_seen_user_devices(struct op *op, struct enrollment *attempt,
			      const struct tenant *tenant, const char *user_key,
			      const char *except_id, int64_t count)
{
	struct device *devices = NULL;
	struct buf buf;
	size_t n = 0;
	int r;

	r = store_device_list_unseen(db_reader(op->db), op->arena, text_of(tenant->tenant_id),
				     text_of(user_key), text_of(except_id), DEVICES_MAX, &devices,
				     &n);
	if (r)
		lookup_failed(op, "devices of the user");
	buf_init(&buf, op->arena);
	buf_printf(&buf,
		   "Devices of the user besides this one: %" PRId64 "; device_limit: %" PRId64 ".",
		   count, (int64_t)tenant->device_limit);
	for (size_t i = 0; r == 0 && i < n; i++) {
		buf_add_c(&buf, i > 0 ? ", " : " Unseen for longest: ");
		device_add(&buf, op, &devices[i]);
	}
	if (r == 0 && n > 0)
		buf_add_byte(&buf, '.');
	fact_add(op, attempt, buf.data);
}

void enroll_seen_tenant_devices(struct op *op, struct enrollment *attempt,
				const struct tenant *tenant, int64_t count)
{
	fact_add(op, attempt,
		 arena_printf(op->arena,
			      "Devices of the tenant besides this one: %" PRId64
			      "; tenant_device_limit: %" PRId64 ".",
			      count, (int64_t)tenant->tenant_device_limit));
}

/* A key may be of an enrolment that was never completed, and of another tenant: administrators of
 * this server see all of them. */
static const char *owner_text(struct op *op, const struct device_certificate *certificate,
			      const struct device *device, const char *tenant_id)
{
	struct buf buf;

	buf_init(&buf, op->arena);
	if (device) {
		buf_add_c(&buf, device->state == DEVICE_ENROLLED ? "The other device: "
								 : "The other device, retired: ");
		device_add(&buf, op, device);
	} else {
		buf_printf(&buf, "The other enrolment was not completed (device id %s)",
			   certificate->device_id);
	}
	if (strcmp(certificate->tenant_id, tenant_id) != 0)
		buf_printf(&buf, " of tenant %s", certificate->tenant_id);
	buf_add_byte(&buf, '.');
	return buf.data;
}

void enroll_seen_key_owner(struct op *op, struct enrollment *attempt,
			   const struct device_certificate *certificate)
{
	struct device device;
	int r;

	r = store_device_load(db_reader(op->db), op->arena, text_of(certificate->tenant_id),
			      text_of(certificate->device_id), &device);
	if (r < 0)
		lookup_failed(op, "device of the key");
	else
		fact_add(op, attempt,
			 owner_text(op, certificate, r ? NULL : &device, attempt->tenant_id));
}
