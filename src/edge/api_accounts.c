/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_accounts.c: /api/v1/tenants/{}/enrollment-accounts and ldap-directory. Passwords are fields
 * that are taken and never given.
 */
#include "edge/api_resources.h"

#include "admin/accounts.h"
#include "ldap/filter.h"
#include "store/account.h"
#include "store/guess.h"
#include "store/ldap_directory.h"
#include "store/tenant.h"

/* A password field: ptr NULL where there is none. */
static struct text field_password(struct api_call *call, const char *name)
{
	const char *value = NULL;

	api_field_text(call, name, &value);
	return value ? text_of(value) : (struct text){NULL, 0};
}

static int tenant_find(struct api_call *call)
{
	struct tenant tenant;

	return admin_found(&call->admin, "tenant",
			   store_tenant_load(db_reader(call->op->db), call->op->arena,
					     text_of(call->args[0]), &tenant));
}

/* With what wrong passwords have brought on it. */
static int account_write(struct api_call *call, const struct enrollment_account *a)
{
	const struct guess_key key = {text_of(a->tenant_id), TEXT(GUESS_PASSWORD_ACCOUNT),
				      text_of(a->user_name)};
	struct json_writer *w = &call->json;
	struct guess guess;
	int r;

	r = admin_found(&call->admin, "account",
			store_guess_load(db_reader(call->op->db), &key, &guess));
	if (r)
		return r;
	json_begin_object(w, NULL);
	json_add_c(w, "id", a->id);
	json_add_c(w, "tenant_id", a->tenant_id);
	json_add_c(w, "user_name", a->user_name);
	json_add_c(w, "display_name", a->display_name);
	json_add_bool(w, "enabled", a->is_enabled);
	json_add_int(w, "failures", guess.failures);
	json_add_time(w, "blocked_until",
		      guess.blocked_until > call->op->now ? guess.blocked_until : 0);
	json_add_time(w, "last_used_at", a->last_used_at);
	json_add_time(w, "created_at", a->created_at);
	json_add_time(w, "updated_at", a->updated_at);
	json_end_object(w);
	return 0;
}

int api_account_list(struct api_call *call)
{
	static const char *const filters[] = {"user_name", NULL};
	struct enrollment_account *list;
	struct api_page page;
	int r;

	r = api_page_read(call, filters, &page);
	if (r == 0)
		r = tenant_find(call);
	if (r == 0)
		r = admin_found(
		    &call->admin, "account",
		    store_account_list(
			db_reader(call->op->db), call->op->arena, text_of(call->args[0]),
			text_of(
			    admin_lower(&call->admin,
					arena_cstr(call->op->arena, api_param(call, "user_name")))),
			page.after, page.limit + 1, &list, &page.n));
	while (r == 0 && api_page_next(call, &page)) {
		r = account_write(call, &list[page.i]);
		page.last_id = list[page.i].id;
	}
	return r;
}

static int account_load(struct api_call *call, struct enrollment_account *ret)
{
	return admin_found(&call->admin, "account",
			   store_account_load(db_reader(call->op->db), call->op->arena,
					      text_of(call->args[0]), text_of(call->args[1]), ret));
}

static int account_answer(struct api_call *call, const struct enrollment_account *account,
			  int status)
{
	api_begin(call, status);
	return account_write(call, account);
}

int api_account_show(struct api_call *call)
{
	struct enrollment_account account;
	int r = account_load(call, &account);

	return r ? r : account_answer(call, &account, 200);
}

static int account_fields(struct api_call *call, struct enrollment_account *account,
			  struct text *ret_password)
{
	static const char *const fields[] = {"user_name", "display_name", "enabled", "password",
					     NULL};

	api_fields_known(call, fields);
	api_field_text(call, "user_name", &account->user_name);
	api_field_text(call, "display_name", &account->display_name);
	api_field_bool(call, "enabled", &account->is_enabled);
	*ret_password = field_password(call, "password");
	return api_fields_done(call);
}

int api_account_add(struct api_call *call)
{
	struct enrollment_account account = {
	    .user_name = "", .display_name = "", .is_enabled = true};
	struct text password;
	int r = account_fields(call, &account, &password);

	if (r == 0)
		r = admin_account_add(&call->admin, call->args[0], &account, password);
	return r ? r : account_answer(call, &account, 201);
}

static int account_change(struct api_call *call, struct enrollment_account *ret)
{
	struct text password;
	int r = account_load(call, ret);

	if (r == 0)
		r = account_fields(call, ret, &password);
	return r ? r : admin_account_update(&call->admin, ret, password);
}

int api_account_update(struct api_call *call)
{
	struct enrollment_account account;
	int r = ADMIN_E_STALE;

	for (int i = 0; i < API_CHANGE_TRIES && r == ADMIN_E_STALE; i++)
		r = account_change(call, &account);
	return r ? r : account_answer(call, &account, 200);
}

int api_account_remove(struct api_call *call)
{
	int r = admin_account_remove(&call->admin, call->args[0], call->args[1]);

	if (r)
		return r;
	api_no_content(call);
	return 0;
}

static void ldap_answer(struct api_call *call, const struct ldap_directory *d, int status)
{
	struct json_writer *w = &call->json;

	api_begin(call, status);
	json_begin_object(w, NULL);
	json_add_c(w, "tenant_id", d->tenant_id);
	json_add_c(w, "url", d->url);
	json_add_bool(w, "start_tls", d->is_start_tls);
	json_add_c(w, "ca_certificate", d->ca_certificate);
	json_add_c(w, "bind_dn", d->bind_dn);
	json_add_c(w, "search_base", d->search_base);
	json_add_c(w, "user_filter", d->user_filter);
	json_add_c(w, "group_dn", d->group_dn);
	json_add_c(w, "netbios_domain", d->netbios_domain);
	json_add_time(w, "created_at", d->created_at);
	json_add_time(w, "updated_at", d->updated_at);
	json_end_object(w);
}

static int ldap_load(struct api_call *call, struct ldap_directory *ret)
{
	return admin_found(
	    &call->admin, "LDAP directory",
	    store_ldap_load(db_reader(call->op->db), call->op->arena, text_of(call->args[0]), ret));
}

int api_ldap_show(struct api_call *call)
{
	struct ldap_directory directory;
	int r = ldap_load(call, &directory);

	if (r == 0)
		ldap_answer(call, &directory, 200);
	return r;
}

static int ldap_fields(struct api_call *call, struct ldap_directory *d, struct text *ret_password)
{
	static const char *const fields[] = {
	    "url",         "start_tls",   "ca_certificate", "bind_dn",        "bind_password",
	    "search_base", "user_filter", "group_dn",       "netbios_domain", NULL};

	api_fields_known(call, fields);
	api_field_text(call, "url", &d->url);
	api_field_bool(call, "start_tls", &d->is_start_tls);
	api_field_text(call, "ca_certificate", &d->ca_certificate);
	api_field_text(call, "bind_dn", &d->bind_dn);
	*ret_password = field_password(call, "bind_password");
	api_field_text(call, "search_base", &d->search_base);
	api_field_text(call, "user_filter", &d->user_filter);
	api_field_text(call, "group_dn", &d->group_dn);
	api_field_text(call, "netbios_domain", &d->netbios_domain);
	return api_fields_done(call);
}

int api_ldap_add(struct api_call *call)
{
	struct ldap_directory directory = {
	    .url = "",
	    .ca_certificate = "",
	    .bind_dn = "",
	    .search_base = "",
	    .user_filter = FILTER_DEFAULT,
	    .group_dn = "",
	    .netbios_domain = "",
	};
	struct text password;
	int r = ldap_fields(call, &directory, &password);

	if (r == 0)
		r = admin_ldap_add(&call->admin, call->args[0], &directory, password);
	if (r == 0)
		ldap_answer(call, &directory, 201);
	return r;
}

static int ldap_change(struct api_call *call, struct ldap_directory *ret)
{
	struct text password;
	int r = ldap_load(call, ret);

	if (r == 0)
		r = ldap_fields(call, ret, &password);
	return r ? r : admin_ldap_update(&call->admin, ret, password);
}

int api_ldap_update(struct api_call *call)
{
	struct ldap_directory directory;
	int r = ADMIN_E_STALE;

	for (int i = 0; i < API_CHANGE_TRIES && r == ADMIN_E_STALE; i++)
		r = ldap_change(call, &directory);
	if (r == 0)
		ldap_answer(call, &directory, 200);
	return r;
}

int api_ldap_remove(struct api_call *call)
{
	int r = admin_ldap_remove(&call->admin, call->args[0]);

	if (r)
		return r;
	api_no_content(call);
	return 0;
}

int api_ldap_check(struct api_call *call)
{
	static const char *const fields[] = {"user_name", NULL};
	struct directory_finding findings[DIRECTORY_FINDINGS];
	const char *user_name = "";
	int r;

	api_fields_known(call, fields);
	api_field_text(call, "user_name", &user_name);
	r = api_fields_done(call);
	if (r == 0)
		r = admin_ldap_check(&call->admin, call->args[0], user_name, findings);
	if (r)
		return r;
	api_begin(call, 202);
	json_begin_object(&call->json, NULL);
	json_begin_array(&call->json, "findings");
	for (size_t i = 0; i < DIRECTORY_FINDINGS; i++) {
		json_begin_object(&call->json, NULL);
		json_add_c(&call->json, "what", findings[i].what);
		json_add_bool(&call->json, "ok", findings[i].is_ok);
		json_add_c(&call->json, "detail", findings[i].detail);
		json_end_object(&call->json);
	}
	json_end_array(&call->json);
	json_end_object(&call->json);
	return 0;
}
