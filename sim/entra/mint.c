/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mint.c: see mint.h. entra.md sections 1.1, 3.6 and 8.2.
 *
 * Claims are made in the alphabetical order Entra uses after the standard ones, and only where
 * there is a value. A token for Graph has a nonce in its header and is signed with a key that is
 * never published, so that nobody but Graph can judge it. More than 200 groups turn into the
 * overage claims, whose address is the trap of the login listener.
 */
#include "sim/entra/mint.h"

#include "base/b64.h"
#include "base/digest.h"
#include "base/rand.h"
#include "base/uuid.h"
#include "sim/entra/props.h"

#define BROKER_CLIENT "29d9ed98-a469-4536-ade2-f981bc1d605e"
#define MDM_SCOPE     "mdm_delegation"

enum {
	OVERAGE = 200,
	LIFETIME_LOW = 3600,
	LIFETIME_SPAN = 1800,
	UTI_BYTES = 16,
	OPAQUE_BYTES = 48
};

/* What the claims of one token are made from. */
struct mint {
	struct sim *sim;
	struct arena *arena;
	const struct mint_request *request;
	int version;
	int64_t now;
	int64_t lifetime;
	struct props props;
};

bool mint_tamper_read(struct text name, enum mint_tamper *ret)
{
	static const char *const names[] = {
	    [MINT_TAMPER_NONE] = "none",
	    [MINT_TAMPER_SIGNATURE] = "signature",
	    [MINT_TAMPER_PAYLOAD] = "payload",
	    [MINT_TAMPER_EMPTY] = "empty-signature",
	    [MINT_TAMPER_SHORT] = "short-signature",
	    [MINT_TAMPER_TWO_PARTS] = "two-parts",
	};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (text_eq_c(name, names[i])) {
			*ret = (enum mint_tamper)i;
			return true;
		}
	return false;
}

static char *id_text(const struct mint *mint, struct uuid id)
{
	char text[UUID_TEXT_LEN + 1];

	uuid_write(id, text);
	return arena_string(mint->arena, text);
}

static const char *opaque_text(const struct mint *mint, size_t len)
{
	unsigned char *bytes = arena_alloc(mint->arena, len);

	rand_bytes(bytes, len);
	return b64url_write(mint->arena, text_make(bytes, len));
}

/* Pairwise: another value for each application. */
static const char *pairwise_subject(const struct mint *mint, struct text id)
{
	const struct app *app = mint->request->app;
	const char *joined = arena_printf(mint->arena, "%.*s|%s", TEXT_ARG(id),
					  app ? id_text(mint, app->client_id) : "graph");
	uint8_t digest[SHA256_LEN];

	digest_sha256(text_of(joined), digest);
	return b64url_write(mint->arena, text_make(digest, sizeof(digest)));
}

static const char *mint_audience(const struct mint *mint)
{
	const struct app *app = mint->request->app;

	if (!app)
		return mint->sim->urls[LISTENER_GRAPH];
	if (mint->version == 1 && app->uris.count)
		return app->uris.items[0];
	return id_text(mint, app->client_id);
}

static const char *mint_issuer(const struct mint *mint)
{
	const char *tenant = id_text(mint, mint->request->tenant->id);

	if (mint->version == 1)
		return arena_printf(mint->arena, SIM_V1_ISSUER "/%s/", tenant);
	return arena_printf(mint->arena, "%s/%s/v2.0", mint->sim->urls[LISTENER_LOGIN], tenant);
}

static void claims_begin(struct mint *mint)
{
	struct props *m = &mint->props;

	props_add_c(m, "aud", mint_audience(mint));
	props_add_c(m, "iss", mint_issuer(mint));
	props_add_int(m, "iat", mint->now);
	props_add_int(m, "nbf", mint->now);
	props_add_int(m, "exp", mint->now + mint->lifetime);
}

static void claims_end(struct mint *mint)
{
	struct props *m = &mint->props;

	props_add_c(m, "tid", id_text(mint, mint->request->tenant->id));
	props_add_c(m, "uti", opaque_text(mint, UTI_BYTES));
	props_add_c(m, "ver", mint->version == 1 ? "1.0" : "2.0");
}

static void claims_client(struct mint *mint, const char *client, const char *method)
{
	props_add_c(&mint->props, mint->version == 1 ? "appid" : "azp", client);
	props_add_c(&mint->props, mint->version == 1 ? "appidacr" : "azpacr", method);
}

static void claim_groups_over(struct mint *mint)
{
	struct props *m = &mint->props;

	props_add_raw(m, "_claim_names", TEXT("{\"groups\":\"src1\"}"));
	props_add_raw(
	    m, "_claim_sources",
	    text_of(arena_printf(
		mint->arena, "{\"src1\":{\"endpoint\":\"%s/trap/%s/users/%s/getMemberObjects\"}}",
		mint->sim->urls[LISTENER_LOGIN], id_text(mint, mint->request->tenant->id),
		id_text(mint, mint->request->user->entity.id))));
}

static size_t own_groups_write(struct mint *mint, struct buf *buf)
{
	const struct group **groups;
	size_t count = state_groups_of(mint->request->tenant, mint->arena,
				       mint->request->user->entity.id, &groups);
	struct json_writer w;

	json_writer_init(&w, buf);
	json_begin_array(&w, NULL);
	for (size_t i = 0; i < count; i++)
		json_add_c(&w, NULL, id_text(mint, groups[i]->entity.id));
	json_end_array(&w);
	return count;
}

static void claim_groups(struct mint *mint)
{
	const struct json *groups = mint->request->groups;
	struct buf buf;
	size_t count;

	if (!groups)
		return;
	buf_init(&buf, mint->arena);
	if (groups->kind == JSON_ARRAY) {
		json_write(&buf, groups);
		count = groups->count;
	} else {
		count = own_groups_write(mint, &buf);
	}
	if (count > OVERAGE)
		claim_groups_over(mint);
	else if (count)
		props_add_raw(&mint->props, "groups", buf_text(&buf));
}

/* An optional claim in v2 and therefore only where it says something. */
static void claims_guest(struct mint *mint)
{
	bool is_guest = mint->request->user->is_guest;
	struct props *m = &mint->props;

	if (is_guest || mint->version == 1)
		props_add_int(m, "acct", is_guest);
	if (is_guest)
		props_add_c(m, "idp",
			    arena_printf(mint->arena, SIM_V1_ISSUER "/%s/",
					 id_text(mint, mint->sim->keys.other_tenant)));
}

static void claims_user(struct mint *mint)
{
	const struct mint_request *request = mint->request;
	const struct user *user = request->user;
	struct props *m = &mint->props;
	const char *oid = id_text(mint, user->entity.id);

	claims_guest(mint);
	if (mint->version == 1)
		props_add_c(m, "acr", "1");
	props_add_c(m, "aio", opaque_text(mint, OPAQUE_BYTES));
	if (mint->version == 1)
		props_add_raw(m, "amr", TEXT("[\"pwd\",\"mfa\"]"));
	claims_client(mint,
		      request->client_app.ptr ? arena_cstr(mint->arena, request->client_app)
					      : BROKER_CLIENT,
		      "0");
	props_add_text(m, "deviceid", request->device_id);
	claim_groups(mint);
	props_add_c(m, "name", user->entity.name);
	props_add_c(m, "oid", oid);
	if (mint->version == 2)
		props_add_c(m, "preferred_username", user->upn);
	props_add_c(m, "rh", opaque_text(mint, OPAQUE_BYTES));
	props_add_text(m, "scp", request->scp.ptr ? request->scp : TEXT(MDM_SCOPE));
	props_add_c(m, "sub", pairwise_subject(mint, text_of(oid)));
	if (mint->version == 1) {
		props_add_c(m, "unique_name", user->upn);
		props_add_c(m, "upn", user->upn);
	}
}

/* An ID token of the v2.0 endpoint: no scope, no client. */
static void claims_id(struct mint *mint)
{
	const struct mint_request *request = mint->request;
	const struct user *user = request->user;
	struct props *m = &mint->props;
	const char *oid = id_text(mint, user->entity.id);

	claims_guest(mint);
	props_add_c(m, "name", user->entity.name);
	props_add_text(m, "nonce", request->nonce);
	props_add_c(m, "oid", oid);
	props_add_c(m, "preferred_username", user->upn);
	props_add_c(m, "rh", opaque_text(mint, OPAQUE_BYTES));
	props_add_c(m, "sub", pairwise_subject(mint, text_of(oid)));
}

static void claims_device(struct mint *mint)
{
	struct props *m = &mint->props;

	props_add_c(m, "aio", opaque_text(mint, OPAQUE_BYTES));
	claims_client(mint, BROKER_CLIENT, "0");
	props_add_text(m, "deviceid", mint->request->device_id);
	props_add_c(m, "idtyp", "device");
	props_add_c(m, "sub", pairwise_subject(mint, mint->request->device_id));
}

static struct text roles_of(struct mint *mint, const struct principal *client)
{
	struct json_writer w;
	struct buf buf;

	buf_init(&buf, mint->arena);
	if (mint->request->roles) {
		json_write(&buf, mint->request->roles);
		return buf_text(&buf);
	}
	json_writer_init(&w, &buf);
	json_begin_array(&w, NULL);
	for (size_t i = 0; client && !mint->request->app && i < client->roles.count; i++)
		json_add_c(&w, NULL, client->roles.items[i]);
	json_end_array(&w);
	return buf_text(&buf);
}

static void claims_app(struct mint *mint)
{
	const struct mint_request *request = mint->request;
	const struct principal *client = request->client;
	struct props *m = &mint->props;
	struct text roles;
	const char *oid;

	if (!client && request->app)
		client = state_principal(request->tenant, request->app);
	oid = id_text(mint, client ? client->id : uuid_random());
	props_add_c(m, "aio", opaque_text(mint, OPAQUE_BYTES));
	claims_client(mint,
		      client ? id_text(mint, client->app->client_id)
			     : arena_cstr(mint->arena, request->client_app),
		      request->is_secret ? "1" : "2");
	props_add_c(m, "idp", mint_issuer(mint));
	if (!request->app)
		props_add_c(m, "idtyp", "app");
	props_add_c(m, "oid", oid);
	props_add_c(m, "rh", opaque_text(mint, OPAQUE_BYTES));
	roles = roles_of(mint, client);
	if (!text_eq_c(roles, "[]"))
		props_add_raw(m, "roles", roles);
	props_add_c(m, "sub", oid);
}

static struct text payload_make(struct mint *mint)
{
	props_init(&mint->props, mint->arena);
	claims_begin(mint);
	if (mint->request->is_id_token)
		claims_id(mint);
	else if (mint->request->user)
		claims_user(mint);
	else if (mint->request->device_id.ptr)
		claims_device(mint);
	else
		claims_app(mint);
	claims_end(mint);
	props_override(&mint->props, mint->request->overrides);
	props_extend(&mint->props, mint->request->extra);
	return props_write(&mint->props);
}

static struct text header_make(struct mint *mint, const struct signing_key *key)
{
	struct props *m = &mint->props;

	props_init(m, mint->arena);
	props_add_c(m, "typ", "JWT");
	if (!mint->request->app)
		props_add_c(m, "nonce", opaque_text(mint, SHA256_LEN));
	props_add_c(m, "alg", jose_alg_name(mint->request->alg));
	if (mint->version == 1)
		props_add_c(m, "x5t", key->kid);
	props_add_c(m, "kid", key->kid);
	props_override(m, mint->request->header_overrides);
	props_extend(m, mint->request->header_extra);
	return props_write(m);
}

/* Flip the highest bit of what a base64url character stands for: the spelling stays canonical. */
static void character_flip(char *at)
{
	static const char alphabet[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	const char *found = strchr(alphabet, *at);

	if (found && *found)
		*at = alphabet[(size_t)(found - alphabet) ^ 0x20];
}

/* The same header and signature around a payload that has one claim more. */
static struct text payload_swap(struct arena *arena, struct text token, struct text payload)
{
	struct text rest = token;
	struct text header = text_cut(&rest, '.');
	struct text open = text_take(payload, payload.len ? payload.len - 1 : 0);
	const char *changed = arena_printf(arena, "%.*s,\"xms_cc\":[\"cp1\"]}", TEXT_ARG(open));

	text_cut(&rest, '.');
	return text_of(arena_printf(arena, "%.*s.%s.%.*s", TEXT_ARG(header),
				    b64url_write(arena, text_of(changed)), TEXT_ARG(rest)));
}

static struct text token_tamper(struct arena *arena, struct text token, struct text payload,
				enum mint_tamper tamper)
{
	char *copy = arena_cstr(arena, token);
	char *last = strrchr(copy, '.');

	switch (tamper) {
	case MINT_TAMPER_NONE:
		break;
	case MINT_TAMPER_SIGNATURE:
		character_flip(last + 1);
		break;
	case MINT_TAMPER_PAYLOAD:
		return payload_swap(arena, token, payload);
	case MINT_TAMPER_EMPTY:
		last[1] = '\0';
		break;
	case MINT_TAMPER_SHORT:
		if (strlen(last) > 8)
			last[strlen(last) - 4] = '\0';
		break;
	case MINT_TAMPER_TWO_PARTS:
		*last = '\0';
		break;
	}
	return text_of(copy);
}

int mint_token(struct sim *sim, struct arena *arena, const struct mint_request *request,
	       struct text *ret, struct trail *trail)
{
	struct mint mint = {
	    .sim = sim,
	    .arena = arena,
	    .request = request,
	    .version = request->version,
	    .now = sim_now(sim),
	    .lifetime = request->lifetime,
	};
	const struct signing_key *key;
	struct text header;
	struct text payload;
	struct text token;
	int r = keys_get(&sim->keys, request->key, mint.now, &key, trail);

	if (r < 0)
		return ERR_TRACE(trail, r);
	if (!mint.version)
		mint.version = request->app && request->app->token_version == 2 ? 2 : 1;
	if (!mint.lifetime)
		mint.lifetime = LIFETIME_LOW + (int64_t)rand_below(LIFETIME_SPAN);
	payload = request->raw_payload.ptr ? request->raw_payload : payload_make(&mint);
	header = request->raw_header.ptr ? request->raw_header : header_make(&mint, key);
	r = jose_sign(arena, request->alg, key->key, header, payload, &token, trail);
	if (r < 0)
		return ERR_TRACE(trail, r);
	*ret = token_tamper(arena, token, payload, request->tamper);
	return 0;
}
