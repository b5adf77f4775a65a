/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tokens.c: see tokens.h. Tokens have 256 random bits, so their plain hash is enough to find and
 * to keep them.
 */
#include "admin/tokens.h"

#include "base/b64.h"
#include "base/digest.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/rand.h"
#include "store/api_token.h"

enum { NAME_MAX_LEN = 128, TOKEN_BYTES = 32, TOKEN_TEXT_MAX = 128, TOUCH_AFTER_S = 300 };

static int token_insert(struct db_conn *tx, void *argument)
{
	return store_api_token_add(tx, argument);
}

int admin_token_add(struct admin *admin, const char *name, enum api_role role, int64_t expires_at,
		    struct api_token *ret, const char **ret_secret)
{
	struct op *op = admin->op;
	unsigned char bytes[TOKEN_BYTES];
	struct admin_record record;
	struct api_token token;
	const char *secret;
	int r;

	r = admin_check_text(admin, "name", name, 1, NAME_MAX_LEN);
	if (r)
		return r;
	if (expires_at != 0 && expires_at <= op->now)
		return admin_refuse(admin, ADMIN_E_INVALID, "expires_at is in the past");
	rand_bytes(bytes, sizeof(bytes));
	secret = arena_printf(op->arena, "muster_%s",
			      b64url_write(op->arena, text_make(bytes, sizeof(bytes))));
	secret_wipe(bytes, sizeof(bytes));
	token = (struct api_token){
	    .id = store_new_id(admin->op->arena),
	    .name = name,
	    .sha256 = digest_sha256_hex(op->arena, text_of(secret)),
	    .role = role,
	    .created_at = op->now,
	    .expires_at = expires_at,
	};
	record = (struct admin_record){
	    .tenant_id = "",
	    .action = "token.add",
	    .object_kind = "token",
	    .object_id = token.id,
	    .detail = arena_printf(op->arena, "{\"role\":\"%s\"}", api_role_name(role)),
	};
	r = admin_transact(admin, "token", &record, token_insert, &token);
	if (r)
		return r;
	*ret = token;
	*ret_secret = secret;
	return 0;
}

static int token_delete(struct db_conn *tx, void *argument)
{
	return store_api_token_remove(tx, text_of(argument));
}

int admin_token_remove(struct admin *admin, const char *id)
{
	const struct admin_record record = {
	    .tenant_id = "",
	    .action = "token.remove",
	    .object_kind = "token",
	    .object_id = id,
	};

	if (!strcmp(id, admin->who->token_id))
		return admin_refuse(admin, ADMIN_E_STATE,
				    "this is the token you use; remove it with another one");
	return admin_transact(admin, "token", &record, token_delete, (void *)(uintptr_t)id);
}

struct touch {
	const char *id;
	int64_t now;
};

static int touch_write(struct db_conn *tx, void *argument)
{
	const struct touch *touch = argument;

	return store_api_token_touch(tx, text_of(touch->id), touch->now);
}

/* When it was last used is for people to look at: not being able to note it keeps nobody out, but
 * a token that is no longer there to be noted does. */
static enum admin_sign_in token_touch(struct op *op, const struct api_token *token)
{
	struct touch touch = {token->id, op->now};
	int r;

	if (op->now - token->last_used_at < TOUCH_AFTER_S)
		return SIGN_IN_OK;
	r = db_transact(op->db, touch_write, &touch);
	if (r < 0)
		log_warn("token_use_not_noted", LOG_TEXT("trace_id", op->trace_id),
			 LOG_TEXT("token", token->id), LOG_TEXT("error", db_error(op->db)));
	return r > 0 ? SIGN_IN_UNKNOWN : SIGN_IN_OK;
}

int admin_token_check(struct op *op, struct text token, struct api_principal *ret)
{
	struct api_token row;
	int r;

	if (!token.ptr || token.len > TOKEN_TEXT_MAX)
		return SIGN_IN_UNKNOWN;
	r = store_api_token_find(db_reader(op->db), op->arena,
				 text_of(digest_sha256_hex(op->arena, token)), &row);
	if (r < 0)
		return ERR_FAIL(&op->trail, r, "%s", db_error(op->db));
	if (r)
		return SIGN_IN_UNKNOWN;
	if (row.expires_at != 0 && op->now >= row.expires_at)
		return SIGN_IN_EXPIRED;
	r = token_touch(op, &row);
	if (r != SIGN_IN_OK)
		return r;
	*ret = (struct api_principal){row.id, row.name, row.role};
	return SIGN_IN_OK;
}
