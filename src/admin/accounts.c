/* SPDX-License-Identifier: Apache-2.0 */
/*
 * accounts.c: see accounts.h; accounts that enrol with a password kept here.
 */
#include "admin/accounts.h"

#include "base/json.h"
#include "base/password.h"
#include "store/account.h"
#include "store/guess.h"
#include "store/tenant.h"

enum { USER_NAME_MAX = 256, DISPLAY_NAME_MAX = 256 };

struct account_change {
	struct enrollment_account *account;
	bool is_password_new;
};

static const char *detail_of(struct admin *admin, const struct account_change *change)
{
	struct json_writer w;
	struct buf buf;

	buf_init(&buf, admin->op->arena);
	json_writer_init(&w, &buf);
	json_begin_object(&w, NULL);
	json_add_c(&w, "user_name", change->account->user_name);
	json_add_bool(&w, "enabled", change->account->is_enabled);
	json_add_bool(&w, "password_changed", change->is_password_new);
	json_end_object(&w);
	return buf.data;
}

static struct admin_record record_of(struct admin *admin, const struct account_change *change,
				     const char *action)
{
	return (struct admin_record){
	    .tenant_id = change->account->tenant_id,
	    .action = action,
	    .object_kind = "enrollment_account",
	    .object_id = change->account->id,
	    .detail = detail_of(admin, change),
	};
}

static int account_check(struct admin *admin, struct enrollment_account *account)
{
	int r = admin_check_text(admin, "user_name", account->user_name, 1, USER_NAME_MAX);

	if (r == 0)
		r = admin_check_text(admin, "display_name", account->display_name, 0,
				     DISPLAY_NAME_MAX);
	if (r)
		return r;
	account->user_name = admin_lower(admin, account->user_name);
	if (!text_eq(text_trim(text_of(account->user_name)), text_of(account->user_name)))
		return admin_refuse(admin, ADMIN_E_INVALID,
				    "user_name must not begin or end with a space");
	return 0;
}

static int password_set(struct admin *admin, struct enrollment_account *account,
			struct text password)
{
	const char *refusal = password_refusal(password, text_of(account->user_name));
	char *hash;
	int r;

	if (refusal)
		return admin_refuse(admin, ADMIN_E_INVALID, "password %s", refusal);
	r = password_hash(admin->op->arena, password, &hash, &admin->op->trail);
	if (r < 0)
		return ERR_TRACE(&admin->op->trail, r);
	if (r == PASSWORD_E_BUSY)
		return admin_refuse(admin, ADMIN_E_STATE,
				    "too many passwords are being checked; try again");
	account->password_hash = hash;
	return 0;
}

/* Whoever sets a password may also want it to be taken at once. */
static int guesses_forget(struct db_conn *tx, const struct enrollment_account *account)
{
	const struct guess_key key = {text_of(account->tenant_id), TEXT(GUESS_PASSWORD_ACCOUNT),
				      text_of(account->user_name)};

	return store_guess_remove(tx, &key);
}

static int account_insert(struct db_conn *tx, void *argument)
{
	const struct account_change *change = argument;
	int r = store_account_add(tx, change->account);

	return r ? r : guesses_forget(tx, change->account);
}

int admin_account_add(struct admin *admin, const char *tenant_id,
		      struct enrollment_account *account, struct text password)
{
	struct account_change change = {account, true};
	struct op *op = admin->op;
	struct admin_record record;
	struct tenant tenant;
	int r;

	r = admin_found(admin, "tenant",
			store_tenant_load(db_reader(op->db), op->arena,
					  text_of(admin_lower(admin, tenant_id)), &tenant));
	if (r == 0)
		r = account_check(admin, account);
	if (r == 0 && !password.ptr)
		r = admin_refuse(admin, ADMIN_E_INVALID, "password must be given");
	if (r == 0)
		r = password_set(admin, account, password);
	if (r)
		return r;
	account->tenant_id = tenant.tenant_id;
	account->id = store_new_id(op->arena);
	account->version = 1;
	account->created_at = account->updated_at = op->now;
	record = record_of(admin, &change, "enrollment_account.add");
	return admin_transact(admin, "enrollment account", &record, account_insert, &change);
}

static int account_write(struct db_conn *tx, void *argument)
{
	const struct account_change *change = argument;
	int r = store_account_update(tx, change->account);

	return r || !change->is_password_new ? r : guesses_forget(tx, change->account);
}

int admin_account_update(struct admin *admin, struct enrollment_account *account,
			 struct text password)
{
	struct account_change change = {account, password.ptr != NULL};
	struct admin_record record;
	int r = account_check(admin, account);

	if (r == 0 && password.ptr)
		r = password_set(admin, account, password);
	if (r)
		return r;
	account->updated_at = admin->op->now;
	record = record_of(admin, &change, "enrollment_account.update");
	r = admin_transact(admin, "enrollment account", &record, account_write, &change);
	if (r == 0)
		account->version++;
	return r;
}

struct account_target {
	const char *tenant_id;
	const char *id;
};

static int account_delete(struct db_conn *tx, void *argument)
{
	const struct account_target *target = argument;

	return store_account_remove(tx, text_of(target->tenant_id), text_of(target->id));
}

int admin_account_remove(struct admin *admin, const char *tenant_id, const char *id)
{
	struct account_target target = {admin_lower(admin, tenant_id), id};
	const struct admin_record record = {
	    .tenant_id = target.tenant_id,
	    .action = "enrollment_account.remove",
	    .object_kind = "enrollment_account",
	    .object_id = id,
	};

	return admin_transact(admin, "enrollment account", &record, account_delete, &target);
}
