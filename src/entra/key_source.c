/* SPDX-License-Identifier: Apache-2.0 */
/*
 * key_source.c: fetching, saving and loading the documents a key set is made of.
 *
 * Documents are saved as received and read again by the same code, so that a row changed in the
 * database has to pass the same checks as an answer from the network. A row without documents
 * means that the keys were purged. Specification: protocol/entra.md 1.2, 1.4; threats 3.2.
 */
#include "entra/key_source.h"

#include "base/buf.h"
#include "base/limits.h"
#include "base/log.h"
#include "entra/cloud.h"
#include "entra/reach.h"
#include "http/client.h"
#include "store/signing_keys.h"

enum { CONNECT_MS = 2000 };

/* The words for people first: how much of a sentence is shown is bounded. */
static int fetch_failed(struct op *op, int r)
{
	const char *why = arena_string(op->arena, op->trail.cause);

	trail_reset(&op->trail);
	return ERR_FAIL(&op->trail, ENTRA_FETCH_E_FAILED, "%s (%s)", entra_reach_remedy(r), why);
}

int entra_fetch_https(struct op *op, const char *url, size_t limit, struct text *ret)
{
	struct http_client_request request = {
	    .method = "GET",
	    .url = url,
	    .headers = (const char *const[]){"Accept: application/json", NULL},
	    .body_limit = limit,
	    .timeout_ms = LIMIT_KEYS_FETCH_S * 1000L,
	    .connect_ms = CONNECT_MS,
	};
	struct http_client_response response;
	int r = http_client_send(op->http, op->arena, &request, &response, &op->trail);

	if (r < 0)
		return ERR_TRACE(&op->trail, r);
	if (r > 0)
		return fetch_failed(op, r);
	if (response.status != 200)
		return ERR_FAIL(
		    &op->trail, ENTRA_FETCH_E_FAILED,
		    "%s: status %d. Check the tenant's id and cloud; where Entra ID itself "
		    "fails, it is tried again",
		    url, response.status);
	*ret = response.body;
	return 0;
}

static int save_documents(struct db_conn *tx, void *argument)
{
	return store_signing_keys_save(tx, argument);
}

static int save_row(struct op *op, const char *tenant_id, bool is_version_2,
		    const struct key_documents *documents)
{
	struct signing_keys_row row = {
	    .tenant_id = tenant_id,
	    .version = is_version_2 ? 2 : 1,
	    .metadata = arena_cstr(op->arena, documents->metadata),
	    .jwks = arena_cstr(op->arena, documents->jwks),
	    .fetched_at = documents->fetched_at,
	};

	return db_transact(op->db, save_documents, &row);
}

static int fetch_documents(struct op *op, entra_fetch fetch, const struct tenant *tenant,
			   bool is_version_2, struct key_documents *ret)
{
	const char *url = arena_printf(op->arena, "%s/%s%s/.well-known/openid-configuration",
				       tenant_login_url(op->arena, tenant), tenant->tenant_id,
				       is_version_2 ? "/v2.0" : "");
	struct key_documents documents = {.fetched_at = op->now};
	struct key_metadata metadata;
	int r;

	r = fetch(op, url, LIMIT_KEYS_METADATA, &documents.metadata);
	if (r != 0)
		return r < 0 ? ERR_TRACE(&op->trail, r) : KEY_SOURCE_E_NONE;
	r = key_metadata_read(op->arena, tenant, is_version_2, documents.metadata, &metadata,
			      &op->trail);
	if (r != 0)
		return r < 0 ? ERR_TRACE(&op->trail, r) : KEY_SOURCE_E_NONE;
	r = fetch(op, arena_cstr(op->arena, metadata.jwks_uri), LIMIT_KEYS_DOCUMENT,
		  &documents.jwks);
	if (r != 0)
		return r < 0 ? ERR_TRACE(&op->trail, r) : KEY_SOURCE_E_NONE;
	*ret = documents;
	return 0;
}

int key_source_fetch(struct op *op, entra_fetch fetch, const struct tenant *tenant,
		     bool is_version_2, const struct entra_key_set *old, struct entra_key_set **ret)
{
	struct key_documents documents;
	struct entra_key_set *set;
	int r;

	r = fetch_documents(op, fetch, tenant, is_version_2, &documents);
	if (r != 0)
		return r;
	r = key_set_new(&set, tenant, is_version_2, &documents, old, &op->trail);
	if (r != 0)
		return r < 0 ? ERR_TRACE(&op->trail, r) : KEY_SOURCE_E_NONE;
	r = save_row(op, tenant->tenant_id, is_version_2, &documents);
	if (r < 0)
		log_warn("signing keys not saved", LOG_TEXT("tenant", tenant->tenant_id),
			 LOG_TEXT("error", db_error(op->db)));
	*ret = set;
	return 0;
}

int key_source_load(struct op *op, const struct tenant *tenant, bool is_version_2,
		    struct entra_key_set **ret)
{
	struct signing_keys_row row;
	struct key_documents documents;
	int r = store_signing_keys_load(db_reader(op->db), op->arena, text_of(tenant->tenant_id),
					is_version_2 ? 2 : 1, &row);

	if (r < 0)
		return ERR_FAIL(&op->trail, r, "signing keys: %s",
				db_conn_error(db_reader(op->db)));
	if (r == STORE_E_NOT_FOUND || row.jwks[0] == '\0' ||
	    op->now - row.fetched_at >= LIMIT_KEYS_TTL_S)
		return KEY_SOURCE_E_NONE;
	documents = (struct key_documents){
	    .metadata = text_of(row.metadata),
	    .jwks = text_of(row.jwks),
	    /* A row from the future, after the clock was set back, must not live longer for it. */
	    .fetched_at = row.fetched_at < op->now ? row.fetched_at : op->now,
	};
	r = key_set_new(ret, tenant, is_version_2, &documents, NULL, &op->trail);
	if (r < 0)
		return ERR_TRACE(&op->trail, r);
	return r > 0 ? KEY_SOURCE_E_NONE : 0;
}

int key_source_forget(struct op *op, const char *tenant_id)
{
	static const struct key_documents nothing = {{"", 0}, {"", 0}, 0};

	for (int version = 1; version <= 2; version++) {
		int r = save_row(op, tenant_id, version == 2, &nothing);

		/* No such tenant: then there is nothing saved either. */
		if (r < 0)
			return ERR_FAIL(&op->trail, r, "signing keys: %s", db_error(op->db));
	}
	return 0;
}
