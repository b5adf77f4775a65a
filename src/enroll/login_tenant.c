/* SPDX-License-Identifier: Apache-2.0 */
/*
 * login_tenant.c: see login_tenant.h.
 */
#include "enroll/login_tenant.h"

#include "entra/cloud.h"
#include "store/ldap_directory.h"
#include "store/tenant.h"

void login_name_split(struct text name, struct text *ret_user, struct text *ret_domain,
		      bool *ret_is_netbios)
{
	struct text rest = name, first;

	*ret_is_netbios = text_has_byte(name, '\\');
	first = text_cut(&rest, *ret_is_netbios ? '\\' : '@');
	rest = rest.ptr ? rest : TEXT_EMPTY;
	*ret_user = *ret_is_netbios ? rest : first;
	*ret_domain = *ret_is_netbios ? first : rest;
}

static const char *lower(struct arena *arena, struct text t)
{
	char *copy = arena_cstr(arena, t);

	for (char *c = copy; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	return copy;
}

/* 0, STORE_E_NOT_FOUND: it names no domain of ours; negative. */
static int by_domain(struct op *op, struct text name, struct tenant *ret)
{
	struct db_conn *conn = db_reader(op->db);
	struct text user, domain;
	const char *tenant_id;
	bool is_netbios;
	int r;

	login_name_split(name, &user, &domain, &is_netbios);
	if (domain.len == 0)
		return STORE_E_NOT_FOUND;
	if (!is_netbios)
		return store_tenant_by_domain(conn, op->arena, text_of(lower(op->arena, domain)),
					      ret);
	r = store_ldap_tenant_by_netbios(conn, op->arena, domain, &tenant_id);
	return r ? r : store_tenant_load(conn, op->arena, text_of(tenant_id), ret);
}

static bool is_offered(const struct op *op, const struct tenant *tenant,
		       enum enrollment_method method)
{
	const char *name = enrollment_method_name(method);

	if (!tenant_is_served(op->config, tenant))
		return false;
	for (size_t i = 0; i < tenant->enrollment_method_count; i++)
		if (!strcmp(tenant->enrollment_methods[i], name))
			return true;
	return false;
}

int login_tenant_find(struct op *op, struct text name, enum enrollment_method method,
		      struct tenant *ret)
{
	int r = by_domain(op, name, ret);

	if (r == STORE_E_NOT_FOUND)
		r = store_tenant_only_with_method(db_reader(op->db), op->arena, method, ret);
	if (r < 0)
		return ERR_FAIL(&op->trail, r, "%s", db_error(op->db));
	if (r == STORE_E_NOT_FOUND) {
		ret->tenant_id = "";
		return LOGIN_TENANT_E_NOT_OFFERED;
	}
	if (r)
		return LOGIN_TENANT_E_NONE;
	return is_offered(op, ret, method) ? 0 : LOGIN_TENANT_E_NOT_OFFERED;
}
