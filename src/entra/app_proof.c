/* SPDX-License-Identifier: Apache-2.0 */
/*
 * app_proof.c: the three kinds of credential, and the request.
 *
 * A secret is sent as it is; a certificate and its key make an assertion; a federated credential is
 * the path of a file that another system keeps filled with an assertion, read anew each time. What
 * was sealed is opened only for the moment of the request and wiped with the request body.
 * Specification: protocol/entra.md 2.1, 2.2, 2.6.
 */
#include "entra/app_proof.h"

#include "base/limits.h"
#include "base/secret.h"
#include "entra/reach.h"
#include "http/client.h"

static int fail_here(struct op *op, enum entra_app_outcome outcome, const char *why,
		     struct entra_app_error *error)
{
	*error = (struct entra_app_error){
	    .remedy = app_outcome_remedy(outcome),
	    .detail = arena_string(op->arena, why),
	};
	return (int)outcome;
}

/* The proof is the caller's to wipe. */
static int make_proof(struct op *op, const struct app_target *target,
		      const struct credential *credential, struct text plain, struct text *ret,
		      const char **ret_why)
{
	struct secret file = {0};
	char *assertion;
	int r;

	switch (credential->kind) {
	case CREDENTIAL_SECRET:
		*ret = arena_text(op->arena, plain);
		return 0;
	case CREDENTIAL_CERTIFICATE:
		r = app_assertion_write(op->arena, target, text_of(credential->certificate), plain,
					op->now, &assertion);
		*ret_why = "the certificate or its key cannot be read";
		if (r == 0)
			*ret = text_of(assertion);
		return r == 0 ? 0 : ENTRA_APP_E_CREDENTIAL;
	case CREDENTIAL_FEDERATED:
		r = secret_read_file(&file, arena_cstr(op->arena, plain), LIMIT_TOKEN, &op->trail);
		*ret_why = "the file with the assertion cannot be read";
		if (r == 0)
			*ret = arena_text(op->arena, secret_text(&file));
		secret_done(&file);
		return r == 0 ? 0 : ENTRA_APP_E_CREDENTIAL;
	}
	return ENTRA_APP_E_CREDENTIAL;
}

enum { CONNECT_MS = 4000, EXCHANGE_MS = 10 * 1000 };

/* No answer came: r is why. */
static int unreached(struct op *op, int r, struct entra_app_error *error)
{
	const char *remedy = entra_reach_remedy(r);

	if (r == HTTP_CLIENT_E_UNTRUSTED || r == HTTP_CLIENT_E_REFUSED) {
		r = fail_here(op, ENTRA_APP_E_CONFIGURATION,
			      "the login host's certificate or address is not accepted", error);
	} else {
		r = fail_here(op, ENTRA_APP_E_TRANSIENT, "the login host cannot be reached", error);
		error->retry_after_s = 30;
	}
	error->remedy = remedy;
	return r;
}

static int send_form(struct op *op, const struct app_target *target, struct text form,
		     struct app_grant *ret, struct entra_app_error *error)
{
	struct http_client_request request = {
	    .method = "POST",
	    .url = target->token_url,
	    .headers = (const char *const[]){"Content-Type: application/x-www-form-urlencoded",
					     "Accept: application/json", NULL},
	    .body = form,
	    .body_limit = LIMIT_KEYS_METADATA,
	    .connect_ms = (long)op_outbound_ms(op, CONNECT_MS),
	    .timeout_ms = (long)op_outbound_ms(op, EXCHANGE_MS),
	};
	struct http_client_response response;
	struct app_answer answer;
	int r = http_client_send(op->http, op->arena, &request, &response, &op->trail);

	if (r < 0)
		return ERR_TRACE(&op->trail, r);
	if (r > 0)
		return unreached(op, r, error);
	answer = (struct app_answer){response.status, response.body, response.retry_after_s};
	return app_answer_read(op->arena, &answer, ret, error);
}

static void wipe(struct text t)
{
	if (t.len > 0)
		secret_wipe((void *)(uintptr_t)t.ptr, t.len);
}

int app_proof_send(struct op *op, const struct tenant *tenant, const struct credential *credential,
		   struct app_grant *ret, struct entra_app_error *error)
{
	struct app_target target = app_target_make(op->arena, tenant);
	char *place =
	    arena_printf(op->arena, "credentials|%s|%s", tenant->tenant_id, credential->id);
	struct text plain, proof, form;
	const char *why = "";
	int r = secret_open(op->arena, &op->keys->credentials, text_of(place),
			    text_of(credential->sealed), &plain);

	if (r < 0)
		return ERR_FAIL(&op->trail, r, "a credential cannot be opened");
	if (r > 0)
		return fail_here(op, ENTRA_APP_E_CREDENTIAL,
				 "the credential was not sealed with this server's master key",
				 error);
	r = make_proof(op, &target, credential, plain, &proof, &why);
	wipe(plain);
	if (r != 0)
		return fail_here(op, ENTRA_APP_E_CREDENTIAL, why, error);
	form = app_form_write(
	    op->arena, &target,
	    credential->kind == CREDENTIAL_SECRET ? APP_PROOF_SECRET : APP_PROOF_ASSERTION, proof);
	wipe(proof);
	r = send_form(op, &target, form, ret, error);
	wipe(form);
	return r < 0 ? ERR_TRACE(&op->trail, r) : r;
}
