/* SPDX-License-Identifier: Apache-2.0 */
/*
 * discovery.c: see discovery.h.
 *
 * A device that joins through Entra and one that does not ask the same question, often at the same
 * address. What tells them apart is the host: EnterpriseEnrollment.<domain> is looked for by the
 * second kind only, so there the tenant's own ways count, the best first. At the public address a
 * client that can do Federated gets Federated, because an Entra device takes nothing else; an
 * address with ?method= is for devices an administrator sends here otherwise.
 */
#include "enroll/discovery.h"

#include "base/limits.h"
#include "base/uuid.h"
#include "entra/cloud.h"
#include "store/identity_provider.h"
#include "store/store.h"
#include "store/tenant.h"

enum { DOMAIN_MAX = 253, MAIL_MAX = 320 };

/* Best first. */
static const enum enrollment_method methods[] = {METHOD_FEDERATED, METHOD_ON_PREMISES,
						 METHOD_CERTIFICATE};

static int store_failed(struct op *op, int r)
{
	return ERR_FAIL(&op->trail, r, "%s", db_conn_error(db_reader(op->db)));
}

/* What a read of a tenant came to; one that is not served is not there. */
static int tenant_found(struct op *op, int r, const struct tenant *tenant)
{
	if (r < 0)
		return store_failed(op, r);
	return r > 0 || !tenant_is_served(op->config, tenant) ? ENROLL_HOST_E_UNKNOWN : 0;
}

static int domain_tenant(struct op *op, struct text domain, struct tenant *ret)
{
	struct tenant tenant;
	char *lower;
	int r;

	if (domain.len == 0 || domain.len > DOMAIN_MAX || !text_is_printable(domain))
		return ENROLL_HOST_E_UNKNOWN;
	lower = arena_cstr(op->arena, domain);
	for (char *c = lower; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	r = store_tenant_by_domain(db_reader(op->db), op->arena, text_of(lower), &tenant);
	r = tenant_found(op, r, &tenant);
	if (r == 0)
		*ret = tenant;
	return r;
}

int enroll_host_tenant(struct op *op, struct text host, struct tenant *ret)
{
	static const struct text prefix = TEXT(CONFIG_AUTODISCOVERY_HOST);

	if (!text_starts_nocase(host, prefix))
		return ENROLL_HOST_E_UNKNOWN;
	return domain_tenant(op, text_from(host, prefix.len), ret);
}

int enroll_mail_tenant(struct op *op, struct text mail, struct tenant *ret)
{
	struct text domain = {.ptr = NULL};

	if (!mail.ptr || mail.len > MAIL_MAX)
		return ENROLL_HOST_E_UNKNOWN;
	for (size_t i = 0; i < mail.len; i++)
		if (mail.ptr[i] == '@')
			domain = text_from(mail, i + 1);
	return domain.ptr ? domain_tenant(op, domain, ret) : ENROLL_HOST_E_UNKNOWN;
}

static int named_tenant(struct op *op, struct text tenant_id, struct tenant *ret)
{
	struct tenant tenant;
	struct uuid id;
	char lower[UUID_TEXT_LEN + 1];
	int r;

	if (!tenant_id.ptr || !uuid_read(tenant_id, &id))
		return ENROLL_HOST_E_UNKNOWN;
	uuid_write(id, lower);
	r = store_tenant_load(db_reader(op->db), op->arena, text_of(lower), &tenant);
	r = tenant_found(op, r, &tenant);
	if (r == 0)
		*ret = tenant;
	return r;
}

/* Where a server has one tenant, it is that one. */
static int only_tenant(struct op *op, struct tenant *ret)
{
	struct tenant *list;
	size_t n;
	int r;

	r = store_tenant_list(db_reader(op->db), op->arena, TEXT_EMPTY, 2, &list, &n);
	if (r < 0)
		return store_failed(op, r);
	if (n != 1 || !tenant_is_served(op->config, &list[0]))
		return ENROLL_HOST_E_UNKNOWN;
	*ret = list[0];
	return 0;
}

/* By the mail address, else by the host, else as the address it was given says, else the only one.
 */
static int tenant_choose(struct op *op, const struct enroll_question *question, struct tenant *ret,
			 bool *ret_is_by_mail)
{
	int r = enroll_mail_tenant(op, question->mail, ret);

	*ret_is_by_mail = r == 0;
	if (r == ENROLL_HOST_E_UNKNOWN && question->host_tenant) {
		*ret = *question->host_tenant;
		return 0;
	}
	if (r == ENROLL_HOST_E_UNKNOWN)
		r = named_tenant(op, question->tenant_id, ret);
	return r == ENROLL_HOST_E_UNKNOWN ? only_tenant(op, ret) : r;
}

/* The ways of the tenant; Federated only where there is a provider to sign in at. */
static int ways_of(struct op *op, const struct tenant *tenant, unsigned int *ret,
		   bool *ret_lacks_provider)
{
	struct identity_provider provider;
	unsigned int ways = 0;
	int r;

	*ret_lacks_provider = false;
	for (size_t i = 0; i < tenant->enrollment_method_count; i++) {
		enum enrollment_method method;

		if (enrollment_method_read(text_of(tenant->enrollment_methods[i]), &method))
			ways |= ENROLL_METHOD(method);
	}
	*ret = ways;
	if (!(ways & ENROLL_METHOD(METHOD_FEDERATED)))
		return 0;
	r = store_identity_provider_load(db_reader(op->db), op->arena, text_of(tenant->tenant_id),
					 &provider);
	if (r < 0)
		return store_failed(op, r);
	if (r == STORE_E_NOT_FOUND) {
		*ret_lacks_provider = true;
		*ret = ways & ~ENROLL_METHOD(METHOD_FEDERATED);
	}
	return 0;
}

static bool best_of(unsigned int ways, enum enrollment_method *ret)
{
	for (size_t i = 0; i < ARRAY_LEN(methods); i++) {
		if (!(ways & ENROLL_METHOD(methods[i])))
			continue;
		*ret = methods[i];
		return true;
	}
	return false;
}

/* A tenant is known: what it wants, what the client can, what the address says. */
static int method_choose(const struct enroll_question *question, unsigned int ways,
			 bool lacks_provider, struct enroll_way *way)
{
	unsigned int common = ways & question->offered;
	enum enrollment_method asked;

	way->has_sign_in = ways & ENROLL_METHOD(METHOD_FEDERATED);
	if (question->method.ptr) {
		if (!enrollment_method_read(question->method, &asked))
			return ENROLL_WAY_E_METHOD;
		common &= ENROLL_METHOD(asked);
	} else if (!question->host_tenant && question->offered & ENROLL_METHOD(METHOD_FEDERATED)) {
		way->method = METHOD_FEDERATED;
		return 0;
	}
	if (best_of(common, &way->method))
		return 0;
	if (lacks_provider)
		return ENROLL_WAY_E_PROVIDER;
	return ways ? ENROLL_WAY_E_METHOD : ENROLL_WAY_E_NONE;
}

int enroll_way_choose(struct op *op, const struct enroll_question *question, struct enroll_way *ret)
{
	struct enroll_way way = {.has_sign_in = false};
	unsigned int ways = 0;
	bool lacks_provider = false;
	int r;

	r = tenant_choose(op, question, &way.tenant, &way.is_by_mail);
	if (r == 0)
		r = ways_of(op, &way.tenant, &ways, &lacks_provider);
	if (r < 0)
		return ERR_TRACE(&op->trail, r);
	if (r == 0) {
		r = method_choose(question, ways, lacks_provider, &way);
	} else if (!question->method.ptr && question->offered & ENROLL_METHOD(METHOD_FEDERATED)) {
		/* An Entra device brings a token that names its tenant. */
		way.method = METHOD_FEDERATED;
		r = 0;
	} else {
		r = ENROLL_WAY_E_TENANT;
	}
	*ret = way;
	return r;
}

const char *enroll_way_reason(enum enroll_way_outcome outcome)
{
	const char *reason = "discovery_method";

	switch (outcome) {
	case ENROLL_WAY_E_TENANT:
		reason = "discovery_tenant";
		break;
	case ENROLL_WAY_E_NONE:
		reason = "discovery_no_method";
		break;
	case ENROLL_WAY_E_PROVIDER:
		reason = "discovery_no_provider";
		break;
	case ENROLL_WAY_E_METHOD:
		break;
	}
	return reason;
}
