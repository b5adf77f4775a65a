/* SPDX-License-Identifier: Apache-2.0 */
/*
 * provider_call.c: see provider_call.h: metadata, keys, and the exchange of a code.
 *
 * The metadata must state the issuer that the administrator typed, byte for byte, and https
 * addresses. Of Entra all addresses must be at its login host. The client secret leaves its seal
 * here and is wiped with the request.
 */
#include "oidc/provider_call.h"

#include "base/b64.h"
#include "base/json.h"
#include "base/limits.h"
#include "entra/cloud.h"
#include "http/client.h"

enum { CONNECT_MS = 2000, URL_MAX = 1024, ISSUER_MAX = 512, ERROR_MAX = 60, DESCRIPTION_MAX = 200 };

char *oidc_secret_place(struct arena *arena, const char *tenant_id)
{
	return arena_printf(arena, "identity_providers|%s", tenant_id);
}

/* https://host[:port] and what follows; nothing that would make another reader see another host. */
static bool is_address(struct text url, bool is_query_ok)
{
	struct text rest = text_from(url, sizeof("https://") - 1);
	struct text host;

	if (!text_starts(url, TEXT("https://")) || url.len > URL_MAX || !text_is_printable(url))
		return false;
	for (size_t i = 0; i < url.len; i++)
		if (memchr(" \"<>\\^`{|}#@", url.ptr[i], 12) || (url.ptr[i] == '?' && !is_query_ok))
			return false;
	host = text_cut(&rest, '/');
	host = text_cut(&host, '?');
	return cloud_base_url_is_ok(text_make(url.ptr, sizeof("https://") - 1 + host.len));
}

bool oidc_issuer_is_ok(struct text issuer)
{
	return issuer.len <= ISSUER_MAX && is_address(issuer, false);
}

bool oidc_provider_is_entra(const struct op *op, const struct tenant *tenant,
			    const struct identity_provider *provider)
{
	struct text issuer = text_of(provider->issuer);

	return cloud_issuer_is_ok(tenant, true, issuer) &&
	       (tenant->cloud != CLOUD_CUSTOM ||
		url_has_same_origin(issuer, text_of(tenant_login_url(op->arena, tenant))));
}

static bool lists(const struct json *tree, const char *name, const char *value)
{
	const struct json *list = json_get(tree, name);

	for (size_t i = 0; list && list->kind == JSON_ARRAY && i < list->count; i++)
		if (list->items[i].kind == JSON_STRING && text_eq_c(list->items[i].text, value))
			return true;
	return false;
}

int oidc_metadata_read(struct arena *arena, const char *issuer, struct text document,
		       struct oidc_metadata *ret, struct trail *trail)
{
	struct oidc_metadata metadata = {.takes_secret_in_body = false};
	const struct {
		const char *name;
		const char **field;
		bool is_query_ok;
	} rows[] = {
	    {"authorization_endpoint", &metadata.authorization_endpoint, true},
	    {"token_endpoint", &metadata.token_endpoint, true},
	    {"jwks_uri", &metadata.jwks_uri, true},
	};
	const struct json *tree;

	if (document.len > LIMIT_KEYS_METADATA ||
	    json_read(arena, document, LIMIT_JSON_DEPTH, &tree) != 0 || tree->kind != JSON_OBJECT)
		return ERR_FAIL(trail, OIDC_PROVIDER_E_UNAVAILABLE,
				"the metadata of %s is not JSON", issuer);
	if (!text_eq_c(json_text(tree, "issuer"), issuer))
		return ERR_FAIL(trail, OIDC_PROVIDER_E_UNAVAILABLE,
				"the metadata of %s states another issuer: \"%.*s\"", issuer,
				TEXT_ARG(text_take(json_text(tree, "issuer"), 200)));
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct text url = json_text(tree, rows[i].name);

		if (!url.ptr || !is_address(url, rows[i].is_query_ok))
			return ERR_FAIL(trail, OIDC_PROVIDER_E_UNAVAILABLE,
					"the metadata of %s has no usable %s", issuer,
					rows[i].name);
		*rows[i].field = arena_cstr(arena, url);
	}
	metadata.takes_secret_in_body =
	    lists(tree, "token_endpoint_auth_methods_supported", "client_secret_post");
	*ret = metadata;
	return 0;
}

/* 0 with the body of a 200. */
static int fetch(struct op *op, const char *url, size_t limit, struct text *ret)
{
	const struct http_client_request request = {
	    .method = "GET",
	    .url = url,
	    .headers = (const char *const[]){"Accept: application/json", NULL},
	    .body_limit = limit,
	    .timeout_ms = LIMIT_KEYS_FETCH_S * 1000L,
	    .connect_ms = CONNECT_MS,
	    .is_public_only = !op->config->allow_custom_cloud,
	};
	struct http_client_response response;
	int r = http_client_send(op->http, op->arena, &request, &response, &op->trail);

	if (r < 0)
		return ERR_TRACE(&op->trail, r);
	if (r > 0)
		return OIDC_PROVIDER_E_UNAVAILABLE;
	if (response.status != 200)
		return ERR_FAIL(&op->trail, OIDC_PROVIDER_E_UNAVAILABLE, "%s: status %d", url,
				response.status);
	*ret = response.body;
	return 0;
}

static int addresses_check(struct op *op, const struct tenant *tenant,
			   const struct identity_provider *provider,
			   const struct oidc_metadata *metadata)
{
	const char *urls[] = {metadata->authorization_endpoint, metadata->token_endpoint,
			      metadata->jwks_uri};

	if (!oidc_provider_is_entra(op, tenant, provider))
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(urls); i++)
		if (!url_has_same_origin(text_of(urls[i]), text_of(provider->issuer)))
			return ERR_FAIL(&op->trail, OIDC_PROVIDER_E_UNAVAILABLE,
					"the metadata of %s leads to another host",
					provider->issuer);
	return 0;
}

int oidc_documents_fetch(struct op *op, const struct tenant *tenant,
			 const struct identity_provider *provider, struct oidc_fetched *ret,
			 const char **ret_step)
{
	struct text issuer = text_of(provider->issuer);
	struct oidc_metadata metadata;
	struct oidc_fetched fetched;
	struct jwks set;
	int r;

	*ret_step = "metadata";
	if (text_ends(issuer, TEXT("/")))
		issuer.len--;
	r = fetch(
	    op, arena_printf(op->arena, "%.*s/.well-known/openid-configuration", TEXT_ARG(issuer)),
	    LIMIT_KEYS_METADATA, &fetched.metadata);
	if (r == 0)
		r = oidc_metadata_read(op->arena, provider->issuer, fetched.metadata, &metadata,
				       &op->trail);
	if (r == 0)
		r = addresses_check(op, tenant, provider, &metadata);
	if (r)
		return r;
	*ret_step = "signing keys";
	r = fetch(op, metadata.jwks_uri, LIMIT_KEYS_DOCUMENT, &fetched.jwks);
	if (r)
		return r;
	if (jwks_read(op->arena, fetched.jwks, &set))
		return ERR_FAIL(&op->trail, OIDC_PROVIDER_E_UNAVAILABLE,
				"%s holds no usable RSA key", metadata.jwks_uri);
	jwks_done(&set);
	*ret = fetched;
	return 0;
}

static void form_add(struct buf *buf, const char *name, struct text value)
{
	if (buf->len > 0)
		buf_add_byte(buf, '&');
	buf_printf(buf, "%s=", name);
	buf_add_url(buf, value);
}

/* RFC 6749 2.3.1: both halves are form-encoded before they are joined. */
static const char *basic_header(struct arena *arena, const char *client_id, struct text secret)
{
	struct buf buf;
	const char *header;

	buf_init(&buf, arena);
	buf_add_url(&buf, text_of(client_id));
	buf_add_byte(&buf, ':');
	buf_add_url(&buf, secret);
	header = arena_printf(arena, "Authorization: Basic %s", b64_write(arena, buf_text(&buf)));
	secret_wipe(buf.data, buf.len);
	return header;
}

/* What is not plain becomes a blank: it is shown on terminals and in tables. */
static void plain_add(struct buf *buf, struct text t, size_t max)
{
	t = text_trim(text_take(t.ptr ? t : TEXT_EMPTY, max));
	for (size_t i = 0; i < t.len; i++)
		buf_add_byte(buf, t.ptr[i] > ' ' && t.ptr[i] <= '~' ? t.ptr[i] : ' ');
}

const char *oidc_said(struct arena *arena, struct text error, struct text description)
{
	struct buf buf;

	buf_init(&buf, arena);
	plain_add(&buf, error, ERROR_MAX);
	if (!text_is_empty(description)) {
		buf_add_c(&buf, ": ");
		plain_add(&buf, description, DESCRIPTION_MAX);
	}
	return buf.len > 0 ? buf.data : "";
}

/* RFC 6749 5.2. */
static int refusal_of(struct text error)
{
	if (text_eq_c(error, "invalid_client") || text_eq_c(error, "unauthorized_client"))
		return OIDC_PROVIDER_E_CLIENT;
	return text_eq_c(error, "invalid_grant") ? OIDC_PROVIDER_E_CODE : OIDC_PROVIDER_E_REFUSED;
}

static int answer_read(struct op *op, const struct identity_provider *provider,
		       const struct http_client_response *response, struct text *ret,
		       const char **ret_said)
{
	struct text error = {.ptr = NULL}, token = {.ptr = NULL};
	const struct json *tree;

	if (json_read(op->arena, response->body, LIMIT_JSON_DEPTH, &tree) == 0) {
		error = json_text(tree, "error");
		token = json_text(tree, "id_token");
	}
	if (response->status >= 400 && response->status < 500 && error.ptr) {
		*ret_said = oidc_said(op->arena, error, json_text(tree, "error_description"));
		return ERR_FAIL(&op->trail, refusal_of(error), "%s refuses the code: %s",
				provider->issuer, *ret_said);
	}
	if (response->status != 200)
		return ERR_FAIL(&op->trail, OIDC_PROVIDER_E_UNAVAILABLE,
				"%s answers the code with status %d", provider->issuer,
				response->status);
	if (!token.ptr)
		return ERR_FAIL(&op->trail, OIDC_PROVIDER_E_REFUSED,
				"%s gives no ID token for the code", provider->issuer);
	*ret = token;
	return 0;
}

static int secret_take(struct op *op, const struct identity_provider *provider, struct text *ret)
{
	char *place = oidc_secret_place(op->arena, provider->tenant_id);

	*ret = TEXT_EMPTY;
	if (!provider->sealed[0])
		return 0;
	if (secret_open(op->arena, &op->keys->credentials, text_of(place),
			text_of(provider->sealed), ret))
		return ERR_FAIL(&op->trail, ERR_CRYPTO,
				"the client secret of the identity provider of %s does not open "
				"with this master key",
				provider->tenant_id);
	return 0;
}

int oidc_code_send(struct op *op, const struct identity_provider *provider,
		   const struct oidc_metadata *metadata, const struct oidc_exchange *exchange,
		   struct text *ret, const char **ret_said)
{
	const char *headers[] = {"Accept: application/json",
				 "Content-Type: application/x-www-form-urlencoded", NULL, NULL};
	struct http_client_request request = {
	    .method = "POST",
	    .url = metadata->token_endpoint,
	    .headers = headers,
	    .timeout_ms = LIMIT_KEYS_FETCH_S * 1000L,
	    .connect_ms = CONNECT_MS,
	    .body_limit = LIMIT_KEYS_METADATA,
	    .is_public_only = !op->config->allow_custom_cloud,
	};
	struct http_client_response response;
	struct text secret;
	struct buf form;
	int r = secret_take(op, provider, &secret);

	if (r)
		return r;
	buf_init(&form, op->arena);
	form_add(&form, "grant_type", TEXT("authorization_code"));
	form_add(&form, "code", text_of(exchange->code));
	form_add(&form, "redirect_uri", text_of(exchange->redirect_uri));
	form_add(&form, "code_verifier", text_of(exchange->verifier));
	if (secret.len > 0 && !metadata->takes_secret_in_body) {
		headers[2] = basic_header(op->arena, provider->client_id, secret);
	} else {
		form_add(&form, "client_id", text_of(provider->client_id));
		if (secret.len > 0)
			form_add(&form, "client_secret", secret);
	}
	request.body = buf_text(&form);
	r = http_client_send(op->http, op->arena, &request, &response, &op->trail);
	secret_wipe(form.data, form.len);
	secret_wipe((char *)(uintptr_t)secret.ptr, secret.len);
	if (r)
		return r < 0 ? ERR_TRACE(&op->trail, r) : OIDC_PROVIDER_E_UNAVAILABLE;
	return answer_read(op, provider, &response, ret, ret_said);
}
