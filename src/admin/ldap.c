/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ldap.c: see accounts.h; the LDAP directory whose users may enrol. Its bind password is sealed for
 * the row of its tenant. A changed address must come with the password again: whoever may name the
 * server could otherwise have it sent to one of their own.
 */
#include "admin/accounts.h"
#include "base/json.h"
#include "ldap/address.h"
#include "ldap/filter.h"
#include "store/ldap_directory.h"
#include "store/tenant.h"
#include "x509/cert.h"

enum { DN_MAX = 1024, PEM_MAX = 64 * 1024, NETBIOS_MAX = 15, BIND_PASSWORD_MAX = 256 };

static const char *detail_of(struct admin *admin, const struct ldap_directory *directory)
{
	struct json_writer w;
	struct buf buf;

	buf_init(&buf, admin->op->arena);
	json_writer_init(&w, &buf);
	json_begin_object(&w, NULL);
	json_add_c(&w, "url", directory->url);
	json_add_bool(&w, "start_tls", directory->is_start_tls);
	json_add_c(&w, "bind_dn", directory->bind_dn);
	json_add_c(&w, "search_base", directory->search_base);
	json_add_c(&w, "user_filter", directory->user_filter);
	json_add_c(&w, "group_dn", directory->group_dn);
	json_end_object(&w);
	return buf.data;
}

static struct admin_record record_of(struct admin *admin, const struct ldap_directory *directory,
				     const char *action)
{
	return (struct admin_record){
	    .tenant_id = directory->tenant_id,
	    .action = action,
	    .object_kind = "ldap_directory",
	    .object_id = directory->tenant_id,
	    .detail = detail_of(admin, directory),
	};
}

static int dn_check(struct admin *admin, const char *field, const char *value, bool is_required)
{
	int r = admin_check_text(admin, field, value, is_required ? 1 : 0, DN_MAX);

	if (r == 0 && *value && !directory_dn_is_ok(value))
		r = admin_refuse(admin, ADMIN_E_INVALID,
				 "%s must be a distinguished name like ou=People,dc=contoso,dc=com",
				 field);
	return r;
}

static int netbios_check(struct admin *admin, const char *value)
{
	if (strlen(value) > NETBIOS_MAX || !text_is_printable(text_of(value)) ||
	    strpbrk(value, "\\/:*?\"<>|@ "))
		return admin_refuse(admin, ADMIN_E_INVALID,
				    "netbios_domain must be a name like CONTOSO of at most 15 "
				    "characters");
	return 0;
}

static int certificate_check(struct admin *admin, const char *pem)
{
	struct x509_cert cert;

	if (!*pem)
		return 0;
	if (strlen(pem) > PEM_MAX || x509_cert_read_pem(admin->op->arena, text_of(pem), &cert))
		return admin_refuse(admin, ADMIN_E_INVALID,
				    "ca_certificate must be a certificate in PEM");
	return 0;
}

static int directory_check(struct admin *admin, const struct ldap_directory *directory)
{
	const char *why = address_refusal(directory->url, directory->is_start_tls);
	int r;

	if (why)
		return admin_refuse(admin, ADMIN_E_INVALID, "url must be %s", why);
	r = dn_check(admin, "bind_dn", directory->bind_dn, false);
	if (r == 0)
		r = dn_check(admin, "search_base", directory->search_base, true);
	if (r == 0)
		r = dn_check(admin, "group_dn", directory->group_dn, false);
	if (r == 0)
		r = netbios_check(admin, directory->netbios_domain);
	if (r == 0)
		r = certificate_check(admin, directory->ca_certificate);
	if (r)
		return r;
	why = filter_refusal(text_of(directory->user_filter));
	return why ? admin_refuse(admin, ADMIN_E_INVALID, "user_filter must be %s", why) : 0;
}

/* Sealed for its row, or none where nobody binds. */
static int password_set(struct admin *admin, struct ldap_directory *directory, struct text password)
{
	struct op *op = admin->op;

	if (!directory->bind_dn[0]) {
		if (password.ptr)
			return admin_refuse(admin, ADMIN_E_INVALID,
					    "bind_password goes with bind_dn");
		directory->sealed = "";
		return 0;
	}
	if (!password.ptr)
		return directory->sealed[0]
			   ? 0
			   : admin_refuse(admin, ADMIN_E_INVALID,
					  "bind_password must be given with bind_dn");
	if (password.len == 0 || password.len > BIND_PASSWORD_MAX)
		return admin_refuse(admin, ADMIN_E_INVALID, "bind_password must have 1 to %d bytes",
				    BIND_PASSWORD_MAX);
	directory->sealed = secret_seal(
	    op->arena, &op->keys->credentials,
	    text_of(arena_printf(op->arena, "ldap_directories|%s", directory->tenant_id)),
	    password);
	return 0;
}

static int directory_insert(struct db_conn *tx, void *argument)
{
	return store_ldap_add(tx, argument);
}

int admin_ldap_add(struct admin *admin, const char *tenant_id, struct ldap_directory *directory,
		   struct text password)
{
	struct op *op = admin->op;
	struct admin_record record;
	struct tenant tenant;
	int r;

	r = admin_found(admin, "tenant",
			store_tenant_load(db_reader(op->db), op->arena,
					  text_of(admin_lower(admin, tenant_id)), &tenant));
	if (r)
		return r;
	directory->tenant_id = tenant.tenant_id;
	directory->sealed = "";
	r = directory_check(admin, directory);
	if (r == 0)
		r = password_set(admin, directory, password);
	if (r)
		return r;
	directory->version = 1;
	directory->created_at = directory->updated_at = op->now;
	record = record_of(admin, directory, "ldap_directory.add");
	return admin_transact(admin, "LDAP directory", &record, directory_insert, directory);
}

static int directory_write(struct db_conn *tx, void *argument)
{
	return store_ldap_update(tx, argument);
}

/* Whether the sealed password would go where it went before, as securely. */
static bool is_same_server(const struct ldap_directory *a, const struct ldap_directory *b)
{
	return !strcmp(a->url, b->url) && a->is_start_tls == b->is_start_tls &&
	       !strcmp(a->ca_certificate, b->ca_certificate) && !strcmp(a->bind_dn, b->bind_dn);
}

int admin_ldap_update(struct admin *admin, struct ldap_directory *directory, struct text password)
{
	struct op *op = admin->op;
	struct ldap_directory old;
	struct admin_record record;
	int r;

	r = admin_found(
	    admin, "LDAP directory",
	    store_ldap_load(db_reader(op->db), op->arena, text_of(directory->tenant_id), &old));
	if (r == 0)
		r = directory_check(admin, directory);
	if (r == 0 && directory->bind_dn[0] && !password.ptr && !is_same_server(&old, directory))
		r = admin_refuse(admin, ADMIN_E_INVALID,
				 "bind_password must be given again with another url, start_tls, "
				 "ca_certificate or bind_dn");
	if (r == 0)
		r = password_set(admin, directory, password);
	if (r)
		return r;
	directory->updated_at = op->now;
	record = record_of(admin, directory, "ldap_directory.update");
	r = admin_transact(admin, "LDAP directory", &record, directory_write, directory);
	if (r == 0)
		directory->version++;
	return r;
}

static int directory_delete(struct db_conn *tx, void *argument)
{
	return store_ldap_remove(tx, text_of(argument));
}

int admin_ldap_remove(struct admin *admin, const char *tenant_id)
{
	const char *id = admin_lower(admin, tenant_id);
	const struct admin_record record = {
	    .tenant_id = id,
	    .action = "ldap_directory.remove",
	    .object_kind = "ldap_directory",
	    .object_id = id,
	};

	return admin_transact(admin, "LDAP directory", &record, directory_delete,
			      (void *)(uintptr_t)id);
}

int admin_ldap_check(struct admin *admin, const char *tenant_id, const char *user_name,
		     struct directory_finding ret[DIRECTORY_FINDINGS])
{
	struct op *op = admin->op;
	struct ldap_directory directory;
	int r;

	r = admin_found(admin, "LDAP directory",
			store_ldap_load(db_reader(op->db), op->arena,
					text_of(admin_lower(admin, tenant_id)), &directory));
	if (r == 0)
		r = admin_check_text(admin, "user_name", user_name, 0, FILTER_NAME_MAX);
	if (r)
		return r;
	r = directory_probe(op, &directory, text_of(user_name), ret);
	return r ? ERR_TRACE(&op->trail, r) : 0;
}
