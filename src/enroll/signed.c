/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signed.c: see signed.h.
 *
 * A certificate is valid for months and proves its user again and again, so what makes a request
 * single is the certificate together with the key it asks a certificate for: the equal request
 * gets what it got before, and another one needs another signature.
 */
#include "enroll/signed.h"

#include "base/clock.h"
#include "base/digest.h"
#include "base/limits.h"
#include "enroll/reason.h"
#include "signer/signer.h"
#include "soap/signature.h"
#include "store/tenant.h"
#include "store/trusted_issuer.h"
#include "x509/client.h"
#include "xmldsig/xmldsig.h"

/* A proof under way. */
struct proof {
	struct op *op;
	struct enrollment *attempt;
	struct x509_client client;
	struct tenant tenant;
	const char *issuer_sha256; /* the CA that issued it */
	bool is_in_time;           /* certificate and CA are valid now */
	bool is_found;             /* tenant is one that trusts the CA */
	bool is_ambiguous;         /* several are, and the user's domain is of none of them */
	bool is_namesake;          /* a CA that is trusted has the issuer's name */
};

static int refuse(struct proof *proof, enum enroll_signed_outcome outcome, const char *reason)
{
	enroll_attempt_refuse_known(proof->attempt, reason);
	return (int)outcome;
}

static int store_failed(struct proof *proof, int r)
{
	return ERR_FAIL(&proof->op->trail, r < 0 ? r : ERR_STORE, "%s", db_error(proof->op->db));
}

bool enroll_method_is_offered(const struct tenant *tenant, enum enrollment_method method)
{
	for (size_t i = 0; i < tenant->enrollment_method_count; i++)
		if (!strcmp(tenant->enrollment_methods[i], enrollment_method_name(method)))
			return true;
	return false;
}

/* Is the message from these minutes? The window is short, so that a copy of it soon is worth
 * nothing; the skew is what clocks may differ by. */
static int time_check(struct proof *proof, const struct soap_signature *signature)
{
	int64_t created, expires, now = proof->op->now;

	if (!clock_read(signature->created, &created) || !clock_read(signature->expires, &expires))
		return refuse(proof, ENROLL_SIGNED_E_FORM, "signature_form");
	if (expires <= created || expires - created > LIMIT_SIGNED_WINDOW_S ||
	    created > now + LIMIT_TOKEN_SKEW_S || expires < now - LIMIT_TOKEN_SKEW_S)
		return refuse(proof, ENROLL_SIGNED_E_IDENTITY, "signature_time");
	return 0;
}

static int client_read(struct proof *proof, struct text der)
{
	struct op *op = proof->op;
	int r = x509_client_read(op->arena, der, &proof->client, &op->trail);

	if (r < 0)
		return ERR_TRACE(&op->trail, r);
	if (r == 0) {
		if (text_eq(proof->client.cert.issuer_der, signer_ca(op->signer)->subject_der))
			return refuse(proof, ENROLL_SIGNED_E_IDENTITY, "certificate_of_device");
		return 0;
	}
	switch ((enum x509_client_outcome)r) {
	case X509_CLIENT_E_MALFORMED:
		return refuse(proof, ENROLL_SIGNED_E_FORM, "certificate_malformed");
	case X509_CLIENT_E_CA:
		return refuse(proof, ENROLL_SIGNED_E_IDENTITY, "certificate_ca");
	case X509_CLIENT_E_KEY:
		return refuse(proof, ENROLL_SIGNED_E_IDENTITY, "certificate_key");
	case X509_CLIENT_E_USAGE:
		break;
	}
	return refuse(proof, ENROLL_SIGNED_E_IDENTITY, "certificate_usage");
}

/* Who the certificate says it is, the best name first. */
static const char *user_name(struct proof *proof)
{
	const struct x509_client *client = &proof->client;

	if (client->upn[0])
		return client->upn;
	return client->email[0] ? client->email
				: x509_label(proof->op->arena, client->cert.subject_cn);
}

/* Is the domain of the user's name one of the tenant's? */
static bool domain_belongs(struct proof *proof, const struct tenant *tenant)
{
	const char *at = strrchr(user_name(proof), '@');

	for (size_t i = 0; at && i < tenant->domain_count; i++)
		if (text_eq_nocase(text_of(at + 1), text_of(tenant->domains[i])))
			return true;
	return false;
}

/* Between two tenants that trust the CA: one that lets devices enrol so before one that does not,
 * then the one with the user's domain. */
static int tenant_rank(struct proof *proof, const struct tenant *tenant)
{
	bool is_open = tenant->is_enabled && enroll_method_is_offered(tenant, METHOD_CERTIFICATE);

	return (is_open ? 2 : 0) + (domain_belongs(proof, tenant) ? 1 : 0);
}

static int tenant_consider(struct proof *proof, const struct trusted_issuer *issuer,
			   bool is_in_time)
{
	struct op *op = proof->op;
	struct tenant tenant;
	int rank, best, r;

	r = store_tenant_load(db_reader(op->db), op->arena, text_of(issuer->tenant_id), &tenant);
	if (r)
		return r == STORE_E_NOT_FOUND ? 0 : store_failed(proof, r);
	if (proof->is_found && !strcmp(proof->tenant.tenant_id, tenant.tenant_id)) {
		proof->is_in_time = proof->is_in_time || is_in_time;
		return 0;
	}
	rank = tenant_rank(proof, &tenant);
	best = proof->is_found ? tenant_rank(proof, &proof->tenant) : -1;
	if (rank < best)
		return 0;
	proof->is_ambiguous = rank == best;
	proof->tenant = tenant;
	proof->issuer_sha256 = issuer->sha256;
	proof->is_in_time = is_in_time;
	proof->is_found = true;
	return 0;
}

/* One CA that a tenant trusts and that has the right name. */
static int issuer_try(struct proof *proof, const struct trusted_issuer *issuer)
{
	struct op *op = proof->op;
	struct x509_cert cert;
	int r;

	if (x509_cert_read_pem(op->arena, text_of(issuer->certificate), &cert))
		return ERR_FAIL(&op->trail, ERR_STORE, "trusted issuer %s is not a certificate",
				issuer->id);
	r = x509_client_check(&proof->client, &cert, op->now, &op->trail);
	if (r < 0)
		return ERR_TRACE(&op->trail, r);
	switch ((enum x509_chain_outcome)r) {
	case X509_CHAIN_E_UNTRUSTED:
		return 0;
	case X509_CHAIN_E_TIME:
		return tenant_consider(proof, issuer, false);
	}
	return tenant_consider(proof, issuer, true);
}

static int trust_check(struct proof *proof)
{
	struct op *op = proof->op;
	struct trusted_issuer *list;
	const char *subject;
	size_t n;
	int r;

	subject = digest_sha256_hex(op->arena, proof->client.cert.issuer_der);
	r = store_trusted_issuer_by_subject(db_reader(op->db), op->arena, text_of(subject),
					    LIMIT_TRUSTED_ISSUERS_TRIED, &list, &n);
	if (r)
		return store_failed(proof, r);
	proof->is_namesake = n > 0;
	for (size_t i = 0; i < n && r == 0; i++)
		r = issuer_try(proof, &list[i]);
	if (r)
		return r;
	if (!proof->is_found)
		return refuse(proof, ENROLL_SIGNED_E_IDENTITY, "certificate_untrusted");
	if (proof->is_ambiguous)
		return refuse(proof, ENROLL_SIGNED_E_IDENTITY, "certificate_tenant");
	return 0;
}

static int signature_check(struct proof *proof, struct text bytes)
{
	struct op *op = proof->op;
	int r = xmldsig_verify(bytes, proof->client.cert.der, &op->trail);

	if (r < 0)
		return ERR_TRACE(&op->trail, r);
	switch ((enum xmldsig_outcome)r) {
	case XMLDSIG_E_FORM:
		return refuse(proof, ENROLL_SIGNED_E_FORM, "signature_form");
	case XMLDSIG_E_INVALID:
		return refuse(proof, ENROLL_SIGNED_E_IDENTITY, "signature_invalid");
	}
	return 0;
}

/* The user for ever: by a name that a renewed certificate will hold as well, where there is one. */
static const char *user_key(struct proof *proof)
{
	const struct x509_client *client = &proof->client;
	struct arena *arena = proof->op->arena;
	char *key;

	if (client->upn[0])
		key = arena_printf(arena, "x509:upn:%s", client->upn);
	else if (client->email[0])
		key = arena_printf(arena, "x509:email:%s", client->email);
	else
		key = arena_printf(arena, "x509:%s:%s", proof->issuer_sha256, client->cert.serial);
	for (char *c = key; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	return key;
}

static void principal_fill(struct proof *proof, struct enroll_principal *ret)
{
	*ret = (struct enroll_principal){
	    .auth = ENROLL_AUTH_CERTIFICATE,
	    .tenant_id = proof->tenant.tenant_id,
	    .user_key = user_key(proof),
	    .object_id = "",
	    .device_id = "",
	    .user_name = user_name(proof),
	    .proof_sha256 = proof->client.cert.sha256,
	};
}

/* The signature is good: may its owner enrol? */
static int permission_check(struct proof *proof)
{
	if (!proof->is_in_time)
		return refuse(proof, ENROLL_SIGNED_E_IDENTITY, "certificate_expired");
	if (!proof->tenant.is_enabled)
		return refuse(proof, ENROLL_SIGNED_E_PERMISSION, "certificate_tenant_disabled");
	if (!enroll_method_is_offered(&proof->tenant, METHOD_CERTIFICATE))
		return refuse(proof, ENROLL_SIGNED_E_NOT_OFFERED, "method_not_enabled");
	return 0;
}

/* What the certificate says of itself, which anybody can write, for who has to find it. */
static void claim_tell(struct proof *proof, struct text der)
{
	struct enrollment *attempt = proof->attempt;
	struct op *op = proof->op;
	const struct x509_cert *cert = &proof->client.cert;
	int r = x509_client_read(op->arena, der, &proof->client, &op->trail);

	if (r < 0 || r == X509_CLIENT_E_MALFORMED)
		return;
	attempt->is_claimed = true;
	attempt->user_principal_name = user_name(proof);
	if (proof->is_namesake && !proof->is_found)
		attempt->remedy = arena_printf(op->arena,
					       "%s A CA that is trusted has the same name as the "
					       "issuer, and another key.",
					       attempt->remedy);
	attempt->remedy = arena_printf(
	    op->arena,
	    "%s The certificate calls itself \"%s\", its issuer \"%s\"; its SHA-256 is %s.",
	    attempt->remedy, x509_name_text(op->arena, cert->subject_der),
	    x509_name_text(op->arena, cert->issuer_der), cert->sha256);
}

int enroll_signed_prove(struct op *op, struct text bytes, const struct soap_message *message,
			const struct soap_security *security, struct enrollment *attempt,
			struct enroll_principal *ret, struct tenant *ret_tenant)
{
	struct proof proof = {.op = op, .attempt = attempt};
	struct soap_signature signature;
	int r;

	*ret = (struct enroll_principal){.tenant_id = NULL};
	if (soap_signature_read(op->arena, message, &signature))
		r = refuse(&proof, ENROLL_SIGNED_E_FORM, "signature_form");
	else
		r = time_check(&proof, &signature);
	if (r == 0)
		r = client_read(&proof, security->token);
	if (r == 0)
		r = trust_check(&proof);
	if (r == 0)
		r = signature_check(&proof, bytes);
	if (r > 0)
		claim_tell(&proof, security->token);
	if (r)
		return r;
	principal_fill(&proof, ret);
	*ret_tenant = proof.tenant;
	return permission_check(&proof);
}
