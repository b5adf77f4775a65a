/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tenant_joining.c: see tenant_joining.h. A domain decides which organisation a stranger's mail
 * address leads to, so it has one spelling and one owner.
 */
#include "admin/tenant_joining.h"

#include "store/tenant.h"

enum { DOMAIN_MAX = 253, LABEL_MAX = 63 };

static bool is_label(struct text label)
{
	if (label.len == 0 || label.len > LABEL_MAX || label.ptr[0] == '-' ||
	    label.ptr[label.len - 1] == '-')
		return false;
	for (size_t i = 0; i < label.len; i++) {
		char c = label.ptr[i];

		if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'))
			return false;
	}
	return true;
}

static bool is_domain(struct text domain)
{
	size_t labels = 0;
	struct text last = TEXT_EMPTY;

	if (domain.len > DOMAIN_MAX)
		return false;
	while (domain.ptr) {
		last = text_cut(&domain, '.');
		if (!is_label(last))
			return false;
		labels++;
	}
	/* The last label of an IP address is a number, and of a name never. */
	return labels >= 2 && !(last.ptr[0] >= '0' && last.ptr[0] <= '9');
}

static bool is_named_before(const char *const *names, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (!strcmp(names[k], names[i]))
			return true;
	return false;
}

int admin_tenant_ways_check(struct admin *admin, struct tenant *tenant)
{
	enum enrollment_method method;

	for (size_t i = 0; i < tenant->domain_count; i++) {
		tenant->domains[i] = admin_lower(admin, tenant->domains[i]);
		if (!is_domain(text_of(tenant->domains[i])))
			return admin_refuse(
			    admin, ADMIN_E_INVALID,
			    "domains must be names like contoso.com (one with other "
			    "letters in its xn-- form)");
		if (is_named_before(tenant->domains, i))
			return admin_refuse(admin, ADMIN_E_INVALID, "domains names %s twice",
					    tenant->domains[i]);
	}
	for (size_t i = 0; i < tenant->enrollment_method_count; i++) {
		if (!enrollment_method_read(text_of(tenant->enrollment_methods[i]), &method))
			return admin_refuse(admin, ADMIN_E_INVALID,
					    "enrollment_methods must be federated, on-premises or "
					    "certificate");
		if (is_named_before(tenant->enrollment_methods, i))
			return admin_refuse(admin, ADMIN_E_INVALID,
					    "enrollment_methods names %s twice",
					    tenant->enrollment_methods[i]);
	}
	return 0;
}

int admin_tenant_domain_taken(struct db_conn *tx, const struct tenant *tenant, int *ret)
{
	struct arena arena CLEANUP(arena_done);
	struct tenant other;

	*ret = -1;
	arena_init(&arena);
	for (size_t i = 0; i < tenant->domain_count; i++) {
		int r = store_tenant_by_domain(tx, &arena, text_of(tenant->domains[i]), &other);

		if (r < 0)
			return r;
		if (r == 0 && strcmp(other.tenant_id, tenant->tenant_id) != 0) {
			*ret = (int)i;
			return 0;
		}
	}
	return 0;
}
