/* SPDX-License-Identifier: Apache-2.0 */
/*
 * password.c: see password.h.
 */
#include "enroll/password.h"

#include "base/limits.h"
#include "base/password.h"
#include "base/secret.h"
#include "enroll/guessing.h"
#include "enroll/login_tenant.h"
#include "enroll/reason.h"
#include "ldap/directory.h"
#include "store/account.h"
#include "store/ldap_directory.h"

/* An account that was used a moment ago need not be written again: each enrolment asks twice. */
enum { USED_AGAIN_S = 60 };

/* One check under way. */
struct check {
	struct op *op;
	struct enrollment *attempt;
	struct text password;
	const char *name; /* trimmed, lower case */
	struct tenant tenant;
	struct enrollment_account account;
	const char *rehashed; /* "": the stored one stays */
	struct enroll_principal who;
};

static int refuse(struct check *c, int outcome, const char *reason)
{
	enroll_attempt_refuse_known(c->attempt, reason);
	return outcome;
}

static int store_failed(struct check *c, int r)
{
	return ERR_FAIL(&c->op->trail, r < 0 ? r : ERR_STORE, "%s", db_error(c->op->db));
}

/* The name as it is compared; what cannot be a name is nobody's. */
static int name_read(struct check *c, struct text name)
{
	char *copy;

	name = text_trim(name);
	if (name.len == 0 || name.len > LOGIN_NAME_MAX_LEN || !text_is_utf8(name))
		return refuse(c, ENROLL_PASSWORD_E_REFUSED, "account_unknown");
	for (size_t i = 0; i < name.len; i++)
		if ((unsigned char)name.ptr[i] < 0x20 || name.ptr[i] == 0x7f)
			return refuse(c, ENROLL_PASSWORD_E_REFUSED, "account_unknown");
	copy = arena_cstr(c->op->arena, name);
	for (char *at = copy; *at; at++)
		if (*at >= 'A' && *at <= 'Z')
			*at = (char)(*at - 'A' + 'a');
	c->name = copy;
	c->attempt->user_principal_name = copy;
	return 0;
}

static int tenant_find(struct check *c)
{
	int r = login_tenant_find(c->op, text_of(c->name), METHOD_ON_PREMISES, &c->tenant);

	if (r < 0)
		return ERR_TRACE(&c->op->trail, r);
	switch ((enum login_tenant_outcome)r) {
	case LOGIN_TENANT_E_NONE:
		return refuse(c, ENROLL_PASSWORD_E_REFUSED, "account_no_tenant");
	case LOGIN_TENANT_E_NOT_OFFERED:
		c->attempt->tenant_id = c->tenant.tenant_id;
		return refuse(c, ENROLL_PASSWORD_E_NOT_OFFERED, "method_on_premises");
	}
	c->attempt->tenant_id = c->tenant.tenant_id;
	return 0;
}

/* Refuse for a failure that counts as a guess. */
static int guess_count(struct check *c, int refused)
{
	int r = guessing_failed(c->op, c->tenant.tenant_id, c->name);

	return r ? ERR_TRACE(&c->op->trail, r) : refused;
}

static int unknown_refuse(struct check *c)
{
	return guess_count(c, refuse(c, ENROLL_PASSWORD_E_REFUSED, "account_unknown"));
}

static int wrong_refuse(struct check *c)
{
	return guess_count(c, refuse(c, ENROLL_PASSWORD_E_REFUSED, "password_wrong"));
}

static int account_write(struct db_conn *tx, void *argument)
{
	const struct check *c = argument;

	return store_account_used(tx, &c->account, text_of(c->rehashed), c->op->now);
}

/* The password was right: note that, and keep it at today's cost. */
static int account_used(struct check *c)
{
	char *hash;
	int r = 0;

	c->rehashed = "";
	if (password_is_outdated(c->account.password_hash)) {
		r = password_hash(c->op->arena, c->password, &hash, &c->op->trail);
		if (r < 0)
			return ERR_TRACE(&c->op->trail, r);
		if (r == 0)
			c->rehashed = hash;
	}
	if (!c->rehashed[0] && c->account.last_used_at + USED_AGAIN_S > c->op->now)
		return 0;
	r = db_transact(c->op->db, account_write, c);
	/* Removed in this very moment: it was an account when it was asked. */
	return r && r != STORE_E_NOT_FOUND ? store_failed(c, r) : 0;
}

static int account_check(struct check *c)
{
	int r = password_check(c->password, c->account.password_hash, &c->op->trail);

	if (r < 0)
		return ERR_TRACE(&c->op->trail, r);
	if (r == PASSWORD_E_BUSY)
		return refuse(c, ENROLL_PASSWORD_E_UNAVAILABLE, "password_busy");
	if (r == PASSWORD_E_WRONG)
		return wrong_refuse(c);
	if (!c->account.is_enabled)
		return refuse(c, ENROLL_PASSWORD_E_REFUSED, "account_disabled");
	c->who.user_key = arena_printf(c->op->arena, "local:%s", c->account.id);
	c->who.user_name = c->account.user_name;
	return account_used(c);
}

/* Nobody of that name: that must not be quicker to say than that the password is wrong. */
static int nobody_check(struct check *c)
{
	int r = password_check(c->password, NULL, &c->op->trail);

	if (r < 0)
		return ERR_TRACE(&c->op->trail, r);
	if (r == PASSWORD_E_BUSY)
		return refuse(c, ENROLL_PASSWORD_E_UNAVAILABLE, "password_busy");
	return unknown_refuse(c);
}

static int directory_refuse(struct check *c, enum directory_outcome outcome)
{
	switch (outcome) {
	case DIRECTORY_E_NO_USER:
		return unknown_refuse(c);
	case DIRECTORY_E_PASSWORD:
		return wrong_refuse(c);
	case DIRECTORY_E_PASSWORD_EXPIRED:
		return refuse(c, ENROLL_PASSWORD_E_REFUSED, "password_expired");
	case DIRECTORY_E_MUST_CHANGE:
		return refuse(c, ENROLL_PASSWORD_E_REFUSED, "password_must_change");
	case DIRECTORY_E_DISABLED:
		return refuse(c, ENROLL_PASSWORD_E_REFUSED, "account_disabled");
	case DIRECTORY_E_ACCOUNT_EXPIRED:
		return refuse(c, ENROLL_PASSWORD_E_REFUSED, "account_expired");
	case DIRECTORY_E_LOCKED:
		return refuse(c, ENROLL_PASSWORD_E_REFUSED, "account_locked");
	case DIRECTORY_E_RESTRICTED:
		return refuse(c, ENROLL_PASSWORD_E_REFUSED, "account_restricted");
	case DIRECTORY_E_GROUP:
		return refuse(c, ENROLL_PASSWORD_E_REFUSED, "account_not_in_group");
	case DIRECTORY_E_AMBIGUOUS:
		return refuse(c, ENROLL_PASSWORD_E_REFUSED, "account_ambiguous");
	case DIRECTORY_E_BUSY:
		return refuse(c, ENROLL_PASSWORD_E_UNAVAILABLE, "password_busy");
	case DIRECTORY_E_UNAVAILABLE:
		return refuse(c, ENROLL_PASSWORD_E_UNAVAILABLE, "directory_unavailable");
	case DIRECTORY_E_SETTINGS:
		return refuse(c, ENROLL_PASSWORD_E_UNAVAILABLE, "directory_settings");
	}
	return ERR_FAIL(&c->op->trail, ERR_INTERNAL, "outcome %d of the directory", outcome);
}

static int directory_check(struct check *c, const struct ldap_directory *directory)
{
	struct op *op = c->op;
	const struct directory_question question = {
	    .directory = directory,
	    .user_name = text_of(c->name),
	    .password = c->password,
	};
	struct directory_user user;
	int r;

	r = directory_user_check(op, &question, &user);
	if (r < 0)
		return ERR_TRACE(&op->trail, r);
	if (r > 0)
		return directory_refuse(c, (enum directory_outcome)r);
	c->who.user_key = arena_printf(op->arena, "ldap:%s", user.key);
	c->who.user_name = user.user_principal_name[0] ? user.user_principal_name : c->name;
	return 0;
}

/* Whoever it is: here first, then in the directory. */
static int user_check(struct check *c)
{
	struct db_conn *conn = db_reader(c->op->db);
	struct ldap_directory directory;
	int r;

	r = store_account_by_name(conn, c->op->arena, text_of(c->tenant.tenant_id),
				  text_of(c->name), &c->account);
	if (r < 0)
		return store_failed(c, r);
	if (r == 0)
		return account_check(c);
	r = store_ldap_load(conn, c->op->arena, text_of(c->tenant.tenant_id), &directory);
	if (r < 0)
		return store_failed(c, r);
	return r == 0 ? directory_check(c, &directory) : nobody_check(c);
}

static int guesses_check(struct check *c)
{
	int r = guessing_check(c->op, c->tenant.tenant_id, c->name);

	if (r < 0)
		return ERR_TRACE(&c->op->trail, r);
	return r ? refuse(c, ENROLL_PASSWORD_E_REFUSED, "password_blocked") : 0;
}

int enroll_password_check(struct op *op, struct text user_name, struct text password,
			  struct enrollment *attempt, struct enroll_principal *ret,
			  struct tenant *ret_tenant)
{
	struct check c = {.op = op, .attempt = attempt, .password = password};
	int r;

	attempt->is_claimed = true;
	r = name_read(&c, user_name);
	if (r == 0)
		r = tenant_find(&c);
	/* A directory takes a bind without a password for one by nobody, and grants it. */
	if (r == 0 && password.len == 0)
		r = refuse(&c, ENROLL_PASSWORD_E_REFUSED, "password_missing");
	if (r == 0)
		r = guesses_check(&c);
	if (r == 0)
		r = user_check(&c);
	if (r == 0)
		r = guessing_forget(op, c.tenant.tenant_id, c.name);
	if (r)
		return r;
	attempt->is_claimed = false;
	c.who.auth = ENROLL_AUTH_ON_PREMISES;
	c.who.tenant_id = c.tenant.tenant_id;
	c.who.object_id = "";
	c.who.device_id = "";
	*ret = c.who;
	*ret_tenant = c.tenant;
	return 0;
}
