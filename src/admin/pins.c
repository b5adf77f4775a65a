/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pins.c: one-time PINs, see terms.h. A PIN leaves this server once, in the answer that made it;
 * the store has a keyed hash, so that a copy of the database alone does not tell eight digits.
 */
#include "admin/terms.h"

#include "base/json.h"
#include "base/limits.h"
#include "store/pin.h"
#include "store/tenant.h"
#include "terms/pin.h"

enum { LABEL_MAX = 128, NAME_LEN_MAX = 256, MAKE_TRIES = 10 };

struct making {
	struct pin *pins;
	size_t n;
};

static int wanted_check(struct admin *admin, const struct pins_wanted *wanted)
{
	struct op *op = admin->op;
	struct tenant tenant;
	int r;

	r = admin_found(
	    admin, "tenant",
	    store_tenant_load(db_reader(op->db), op->arena, text_of(wanted->tenant_id), &tenant));
	if (r == 0)
		r = admin_check_text(admin, "label", wanted->label, 0, LABEL_MAX);
	if (r == 0)
		r = admin_check_text(admin, "user_principal_name", wanted->user_principal_name, 0,
				     NAME_LEN_MAX);
	if (r)
		return r;
	if (wanted->user_principal_name[0] &&
	    !text_has_byte(text_of(wanted->user_principal_name), '@'))
		return admin_refuse(admin, ADMIN_E_INVALID,
				    "user_principal_name must be like anna@contoso.com");
	if (wanted->expires_at != 0 && wanted->expires_at <= op->now)
		return admin_refuse(admin, ADMIN_E_INVALID, "expires_at is in the past");
	if (wanted->count < 1 || wanted->count > LIMIT_PINS_AT_ONCE)
		return admin_refuse(admin, ADMIN_E_INVALID, "count must be from 1 to %d",
				    LIMIT_PINS_AT_ONCE);
	return 0;
}

static void pins_make(struct admin *admin, const struct pins_wanted *wanted, struct pin *pins,
		      const char **secrets)
{
	struct op *op = admin->op;

	for (int64_t i = 0; i < wanted->count; i++) {
		secrets[i] = terms_pin_make(op->arena);
		pins[i] = (struct pin){
		    .tenant_id = wanted->tenant_id,
		    .id = store_new_id(op->arena),
		    .label = wanted->label,
		    .user_principal_name = admin_lower(admin, wanted->user_principal_name),
		    .mac = terms_pin_mac(op->arena, &op->keys->pins, wanted->tenant_id,
					 text_of(secrets[i])),
		    .state = PIN_OPEN,
		    .created_at = op->now,
		    .expires_at = wanted->expires_at,
		    .used_by = "",
		};
	}
}

static int pins_insert(struct db_conn *tx, void *argument)
{
	const struct making *making = argument;
	int64_t open;
	int r;

	r = store_pin_count_open(tx, text_of(making->pins[0].tenant_id), &open);
	if (r == 0 && open + (int64_t)making->n > LIMIT_PINS_OPEN)
		return STORE_E_IN_USE;
	for (size_t i = 0; i < making->n && r == 0; i++)
		r = store_pin_add(tx, &making->pins[i]);
	return r;
}

static const char *detail_of(struct admin *admin, const struct pins_wanted *wanted)
{
	struct json_writer w;
	struct buf buf;

	buf_init(&buf, admin->op->arena);
	json_writer_init(&w, &buf);
	json_begin_object(&w, NULL);
	json_add_c(&w, "label", wanted->label);
	json_add_c(&w, "user_principal_name", wanted->user_principal_name);
	json_add_int(&w, "count", wanted->count);
	json_add_time(&w, "expires_at", wanted->expires_at);
	json_end_object(&w);
	return buf.data;
}

int admin_pins_add(struct admin *admin, const struct pins_wanted *wanted, struct pin **ret,
		   const char ***ret_secrets)
{
	struct admin_record record = {
	    .tenant_id = wanted->tenant_id,
	    .action = "pin.add",
	    .object_kind = "pin",
	};
	struct making making;
	const char **secrets;
	int r;

	r = wanted_check(admin, wanted);
	if (r)
		return r;
	making.n = (size_t)wanted->count;
	making.pins = ARENA_ARRAY(admin->op->arena, making.n, struct pin);
	secrets = ARENA_ARRAY(admin->op->arena, making.n, const char *);
	/* Two open PINs of a tenant are never the same; one that is open already is made anew. */
	r = ADMIN_E_CONFLICT;
	for (int i = 0; i < MAKE_TRIES && r == ADMIN_E_CONFLICT; i++) {
		pins_make(admin, wanted, making.pins, secrets);
		record.object_id = making.pins[0].id;
		record.detail = detail_of(admin, wanted);
		r = admin_transact(admin, "PIN", &record, pins_insert, &making);
	}
	if (r == ADMIN_E_STATE)
		return admin_refuse(admin, ADMIN_E_STATE,
				    "a tenant has at most %d open PINs; revoke some",
				    LIMIT_PINS_OPEN);
	if (r)
		return r;
	*ret = making.pins;
	*ret_secrets = secrets;
	return 0;
}

static int pin_close(struct db_conn *tx, void *argument)
{
	const struct pin *pin = argument;

	return store_pin_revoke(tx, text_of(pin->tenant_id), text_of(pin->id));
}

int admin_pin_revoke(struct admin *admin, const char *tenant_id, const char *id)
{
	struct pin pin = {.tenant_id = tenant_id, .id = id};
	const struct admin_record record = {
	    .tenant_id = tenant_id,
	    .action = "pin.revoke",
	    .object_kind = "pin",
	    .object_id = id,
	};
	int r = admin_transact(admin, "PIN", &record, pin_close, &pin);

	if (r == ADMIN_E_STATE)
		return admin_refuse(admin, ADMIN_E_STATE, "the PIN is used or revoked already");
	return r;
}
