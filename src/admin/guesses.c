/* SPDX-License-Identifier: Apache-2.0 */
/*
 * guesses.c: see guesses.h.
 */
#include "admin/guesses.h"

#include "base/json.h"
#include "store/tenant.h"
#include "terms/pin.h"

enum { USER_MAX = 256, SOURCE_MAX = 64 };

struct forgetting {
	struct guess_key key;
	struct guess guess; /* what there was */
};

static int guess_forget(struct db_conn *tx, void *argument)
{
	struct forgetting *f = argument;
	int r = store_guess_load(tx, &f->key, &f->guess);

	if (r)
		return r;
	return f->guess.failures > 0 ? store_guess_remove(tx, &f->key) : STORE_E_NOT_FOUND;
}

static int guesser_check(struct admin *admin, const char *tenant_id, const struct guesser *guesser,
			 const char *user_field)
{
	struct op *op = admin->op;
	struct tenant tenant;
	int r;

	if (!guesser->user == !guesser->source)
		return admin_refuse(admin, ADMIN_E_INVALID, "name one of %s and source",
				    user_field);
	r = guesser->user ? admin_check_text(admin, user_field, guesser->user, 1, USER_MAX)
			  : admin_check_text(admin, "source", guesser->source, 1, SOURCE_MAX);
	return r ? r
		 : admin_found(admin, "tenant",
			       store_tenant_load(db_reader(op->db), op->arena, text_of(tenant_id),
						 &tenant));
}

static const char *detail_of(struct admin *admin, const struct guesser *guesser,
			     const char *user_field)
{
	struct json_writer w;
	struct buf buf;

	buf_init(&buf, admin->op->arena);
	json_writer_init(&w, &buf);
	json_begin_object(&w, NULL);
	if (guesser->user)
		json_add_c(&w, user_field, guesser->user);
	else
		json_add_c(&w, "source", guesser->source);
	json_end_object(&w);
	return buf.data;
}

/* Whose count it is was checked. record: all but the detail. */
static int unblock(struct admin *admin, const struct guesser *guesser, const char *user_field,
		   struct admin_record *record, const struct guess_key *key, const char *what,
		   struct guess *ret)
{
	struct forgetting forgetting = {.key = *key};
	int r;

	record->object_id = "";
	record->detail = detail_of(admin, guesser, user_field);
	r = admin_transact(admin, what, record, guess_forget, &forgetting);
	if (r == 0)
		*ret = forgetting.guess;
	return r;
}

int admin_pin_unblock(struct admin *admin, const char *tenant_id, const struct guesser *guesser,
		      struct guess *ret)
{
	static const char field[] = "user_object_id";
	const char *tenant = admin_lower(admin, tenant_id);
	struct admin_record record = {
	    .tenant_id = tenant, .action = "pin.unblock", .object_kind = "pin"};
	struct guess_key key;
	int r = guesser_check(admin, tenant, guesser, field);

	if (r)
		return r;
	key = guesser->user
		  ? terms_pin_user_key(admin->op->arena, tenant, admin_lower(admin, guesser->user))
		  : terms_pin_source_key(admin->op->arena, tenant, guesser->source);
	return unblock(admin, guesser, field, &record, &key, "count of wrong PINs", ret);
}

int admin_account_unblock(struct admin *admin, const char *tenant_id, const struct guesser *guesser,
			  struct guess *ret)
{
	static const char field[] = "user_name";
	const char *tenant = admin_lower(admin, tenant_id);
	struct admin_record record = {.tenant_id = tenant,
				      .action = "enrollment_account.unblock",
				      .object_kind = "enrollment_account"};
	struct guess_key key = {TEXT_EMPTY, TEXT(GUESS_PASSWORD_SOURCE), TEXT_EMPTY};
	int r = guesser_check(admin, tenant, guesser, field);

	if (r)
		return r;
	if (guesser->user)
		key = (struct guess_key){text_of(tenant), TEXT(GUESS_PASSWORD_ACCOUNT),
					 text_of(admin_lower(admin, guesser->user))};
	else
		key.subject = guess_source(admin->op->arena, guesser->source);
	return unblock(admin, guesser, field, &record, &key, "count of wrong passwords", ret);
}
