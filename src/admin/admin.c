/* SPDX-License-Identifier: Apache-2.0 */
/*
 * admin.c: see admin.h.
 */
#include "admin/admin.h"

#include "model/policy.h"
#include "store/audit.h"

enum { ASSIGNMENTS_MAX = 256, TAG_MAX = 64, USER_KEY_MAX = 512 };

int admin_refuse(struct admin *admin, enum admin_outcome outcome, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	admin->why = arena_vprintf(admin->op->arena, fmt, args);
	va_end(args);
	return outcome;
}

struct change {
	struct admin *admin;
	const struct admin_record *record;
	admin_change change;
	void *argument;
};

static int change_write(struct db_conn *tx, void *argument)
{
	const struct change *c = argument;
	struct op *op = c->admin->op;
	const struct audit_entry entry = {
	    .tenant_id = c->record->tenant_id,
	    .id = store_new_id(op->arena),
	    .at = op->now,
	    .actor = arena_printf(op->arena, "token:%s", c->admin->who->name),
	    .action = c->record->action,
	    .object_kind = c->record->object_kind,
	    .object_id = c->record->object_id,
	    .outcome = "ok",
	    .source = op->source,
	    .trace_id = op->trace_id,
	    .detail = c->record->detail ? c->record->detail : "{}",
	};
	int r;

	r = c->change(tx, c->argument);
	return r ? r : store_audit_add(tx, &entry);
}

static const char *article_of(const char *what)
{
	return strchr("aeio", what[0]) ? "an" : "a";
}

int admin_found(struct admin *admin, const char *what, int r)
{
	struct op *op = admin->op;

	if (r < 0)
		return ERR_FAIL(&op->trail, r, "%s", db_error(op->db));
	if (r == 0)
		return 0;
	switch ((enum store_outcome)r) {
	case STORE_E_NOT_FOUND:
		return admin_refuse(admin, ADMIN_E_NOT_FOUND, "there is no such %s", what);
	case STORE_E_CONFLICT:
		return admin_refuse(admin, ADMIN_E_CONFLICT,
				    "there is already %s %s with this name or id", article_of(what),
				    what);
	case STORE_E_IN_USE:
		return admin_refuse(admin, ADMIN_E_STATE, "the %s is still in use", what);
	case STORE_E_STALE:
		return admin_refuse(admin, ADMIN_E_STALE,
				    "the %s was changed by others meanwhile; try again", what);
	}
	return ERR_FAIL(&op->trail, ERR_INTERNAL, "%s: outcome %d has no name here", what, r);
}

int admin_transact(struct admin *admin, const char *what, const struct admin_record *record,
		   admin_change change, void *argument)
{
	struct change c = {admin, record, change, argument};

	return admin_found(admin, what, db_transact(admin->op->db, change_write, &c));
}

int admin_check_text(struct admin *admin, const char *field, const char *value, size_t min,
		     size_t max)
{
	size_t len = strlen(value);

	if (len < min || len > max)
		return admin_refuse(admin, ADMIN_E_INVALID, "%s must have %zu to %zu characters",
				    field, min, max);
	if (!text_is_utf8(text_of(value)))
		return admin_refuse(admin, ADMIN_E_INVALID, "%s is not valid UTF-8", field);
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)value[i] < 0x20 || value[i] == 0x7f)
			return admin_refuse(admin, ADMIN_E_INVALID,
					    "%s must not hold control characters", field);
	return 0;
}

int admin_check_guid(struct admin *admin, const char *field, const char *value)
{
	if (uuid_is(text_of(value)))
		return 0;
	return admin_refuse(admin, ADMIN_E_INVALID,
			    "%s must be a GUID like 11111111-2222-3333-4444-555555555555", field);
}

const char *admin_lower(struct admin *admin, const char *text)
{
	char *copy = arena_string(admin->op->arena, text);

	for (char *c = copy; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	return copy;
}

/* An Entra object id, or the user_key of a device that enrolled without Entra. */
static int user_check(struct admin *admin, const char *value)
{
	static const char *const kinds[] = {"local:", "ldap:", "oidc:", "x509:"};

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (text_starts(text_of(value), text_of(kinds[i])))
			return admin_check_text(admin, "assignments.user", value,
						strlen(kinds[i]) + 1, USER_KEY_MAX);
	return admin_check_guid(admin, "assignments.user", value);
}

int admin_check_assignments(struct admin *admin, const struct assignment *list, size_t n)
{
	int r = 0;

	if (n > ASSIGNMENTS_MAX)
		return admin_refuse(admin, ADMIN_E_INVALID, "at most %d assignments",
				    ASSIGNMENTS_MAX);
	for (size_t i = 0; i < n && r == 0; i++) {
		switch (list[i].kind) {
		case ASSIGN_ALL:
			break;
		case ASSIGN_GROUP:
			r = admin_check_guid(admin, "assignments.entra_group", list[i].value);
			break;
		case ASSIGN_USER:
			r = user_check(admin, list[i].value);
			break;
		case ASSIGN_DEVICE:
			r = admin_check_guid(admin, "assignments.device", list[i].value);
			break;
		case ASSIGN_TAG:
			r = admin_check_text(admin, "assignments.tag", list[i].value, 1, TAG_MAX);
			break;
		}
	}
	return r;
}
