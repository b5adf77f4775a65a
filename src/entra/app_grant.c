/* SPDX-License-Identifier: Apache-2.0 */
/*
 * app_grant.c: the form of the token request, and one table for what Entra's errors mean.
 *
 * The decision is taken from the HTTP status, the numbers in error_codes and the OAuth error word,
 * in that order; the description is prose for people and is never looked at. A number that is not
 * in the table is judged by its word. Of an answer only numbers, the word and the trace id, each of
 * a checked form, get into a message.
 *
 * Specification: protocol/entra.md 2.1-2.3.
 */
#include "entra/app_grant.h"

#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/uuid.h"
#include "entra/cloud.h"
#include "entra/reach.h"
#include "jwt/sign.h"

enum {
	ASSERTION_S = 600,
	ANSWER_DEPTH = 8,
	LIFETIME_MIN_S = 1,
	LIFETIME_MAX_S = 28 * 3600,
	RETRY_MIN_S = 5, /* where a throttled answer names no time */
	RETRY_MAX_S = 3600,
	BLOCKED_RETRY_S = 3600
};

#define REMEDY_SECRET                                                                              \
	"The client secret is wrong. Create a new one for the application in Entra ID and add it " \
	"here; the value is needed, not its ID."
#define REMEDY_EXPIRED                                                                             \
	"The client secret has expired. Create a new one for the application in Entra ID and add " \
	"it here."
#define REMEDY_CERTIFICATE                                                                         \
	"Entra ID does not accept the certificate. Upload it to the application, or add the one "  \
	"that is there."
#define REMEDY_CLOCK "The proof was out of its time. Check the clock of this server."
#define REMEDY_INSTALL                                                                             \
	"The application is not in this tenant. Check the client ID, or let an administrator of "  \
	"the tenant consent to it."
#define REMEDY_DISABLED                                                                            \
	"The application is disabled in the tenant. Enable its enterprise application."
#define REMEDY_CONSENT                                                                             \
	"An administrator of the tenant has not granted the application its permissions. Open "    \
	"the "                                                                                     \
	"tenant's consent link."
#define REMEDY_BLOCKED                                                                             \
	"A Conditional Access policy of the tenant blocks the application. Exclude it or allow "   \
	"this server's address."
#define REMEDY_CLOUD                                                                               \
	"Entra ID does not know the tenant or its Graph here. Check the tenant ID and which "      \
	"cloud "                                                                                   \
	"it is set to."
#define REMEDY_WAIT   "Entra ID cannot answer at present. It is tried again by itself."
#define REMEDY_DEFECT "Entra ID finds the request wrong. Please report this with the error code."

static const struct {
	int64_t aadsts;
	enum entra_app_outcome outcome;
	const char *remedy;
} codes[] = {
    {7000215, ENTRA_APP_E_CREDENTIAL, REMEDY_SECRET},
    {7000222, ENTRA_APP_E_CREDENTIAL, REMEDY_EXPIRED},
    {700027, ENTRA_APP_E_CREDENTIAL, REMEDY_CERTIFICATE},
    {700030, ENTRA_APP_E_CREDENTIAL, REMEDY_CERTIFICATE},
    {700024, ENTRA_APP_E_CREDENTIAL, REMEDY_CLOCK},
    {500133, ENTRA_APP_E_CREDENTIAL, REMEDY_CLOCK},
    {50013, ENTRA_APP_E_CREDENTIAL, REMEDY_CERTIFICATE},
    {70021, ENTRA_APP_E_CREDENTIAL,
     "No federated credential of the application matches. A new one takes some minutes to work."},
    {700016, ENTRA_APP_E_NOT_INSTALLED, REMEDY_INSTALL},
    {700011, ENTRA_APP_E_NOT_INSTALLED, REMEDY_INSTALL},
    {7000112, ENTRA_APP_E_DISABLED, REMEDY_DISABLED},
    {65001, ENTRA_APP_E_CONSENT, REMEDY_CONSENT},
    {650056, ENTRA_APP_E_CONSENT, REMEDY_CONSENT},
    {90094, ENTRA_APP_E_CONSENT, REMEDY_CONSENT},
    {53003, ENTRA_APP_E_BLOCKED, REMEDY_BLOCKED},
    {530032, ENTRA_APP_E_BLOCKED, REMEDY_BLOCKED},
    {500011, ENTRA_APP_E_CONFIGURATION, REMEDY_CLOUD},
    {650052, ENTRA_APP_E_CONFIGURATION, REMEDY_CLOUD},
    {650057, ENTRA_APP_E_CONFIGURATION, REMEDY_CLOUD},
    {90002, ENTRA_APP_E_CONFIGURATION, REMEDY_CLOUD},
    {90038, ENTRA_APP_E_CONFIGURATION, REMEDY_CLOUD},
    {900382, ENTRA_APP_E_CONFIGURATION, REMEDY_CLOUD},
    {900432, ENTRA_APP_E_CONFIGURATION, REMEDY_CLOUD},
    {9001023, ENTRA_APP_E_CONFIGURATION, REMEDY_CLOUD},
    {90033, ENTRA_APP_E_TRANSIENT, REMEDY_WAIT},
    {90006, ENTRA_APP_E_TRANSIENT, REMEDY_WAIT},
    {90024, ENTRA_APP_E_TRANSIENT, REMEDY_WAIT},
    {90012, ENTRA_APP_E_TRANSIENT, REMEDY_WAIT},
    {50000, ENTRA_APP_E_TRANSIENT, REMEDY_WAIT},
    {90055, ENTRA_APP_E_TRANSIENT, REMEDY_WAIT},
    {50196, ENTRA_APP_E_REQUEST, REMEDY_DEFECT},
    {7000218, ENTRA_APP_E_REQUEST, REMEDY_DEFECT},
    {900144, ENTRA_APP_E_REQUEST, REMEDY_DEFECT},
    {70011, ENTRA_APP_E_REQUEST, REMEDY_DEFECT},
    {700022, ENTRA_APP_E_REQUEST, REMEDY_DEFECT},
    {700023, ENTRA_APP_E_REQUEST, REMEDY_DEFECT},
    {28002, ENTRA_APP_E_REQUEST, REMEDY_DEFECT},
};

static const struct {
	const char *word;
	enum entra_app_outcome outcome;
	const char *remedy;
} words[] = {
    {"invalid_client", ENTRA_APP_E_CREDENTIAL,
     "Entra ID does not accept the credential. Add a new one."},
    {"unauthorized_client", ENTRA_APP_E_NOT_INSTALLED, REMEDY_INSTALL},
    {"interaction_required", ENTRA_APP_E_BLOCKED, REMEDY_BLOCKED},
    {"temporarily_unavailable", ENTRA_APP_E_TRANSIENT, REMEDY_WAIT},
    {"invalid_tenant", ENTRA_APP_E_CONFIGURATION, REMEDY_CLOUD},
    {"invalid_resource", ENTRA_APP_E_CONFIGURATION, REMEDY_CLOUD},
    {"invalid_grant", ENTRA_APP_E_CONFIGURATION, REMEDY_CLOUD},
    {"invalid_request", ENTRA_APP_E_REQUEST, REMEDY_DEFECT},
    {"invalid_scope", ENTRA_APP_E_REQUEST, REMEDY_DEFECT},
    {"unsupported_grant_type", ENTRA_APP_E_REQUEST, REMEDY_DEFECT},
};

static const struct {
	const char *name;
	const char *remedy;
} outcomes[] = {
    [ENTRA_APP_E_NO_CREDENTIAL] = {"no_credential",
				   "Add a credential of the application: a client secret or a "
				   "certificate."},
    [ENTRA_APP_E_CREDENTIAL] = {"credential",
				"The stored credential cannot be used here. Remove it and add it "
				"again."},
    [ENTRA_APP_E_NOT_INSTALLED] = {"not_installed", REMEDY_INSTALL},
    [ENTRA_APP_E_DISABLED] = {"disabled", REMEDY_DISABLED},
    [ENTRA_APP_E_CONSENT] = {"consent", REMEDY_CONSENT},
    [ENTRA_APP_E_BLOCKED] = {"blocked", REMEDY_BLOCKED},
    [ENTRA_APP_E_CONFIGURATION] = {"configuration",
				   "Check the tenant's login address, allow_custom_cloud and "
				   "ca_bundle."},
    [ENTRA_APP_E_TRANSIENT] = {"transient", REMEDY_WAIT},
    [ENTRA_APP_E_REQUEST] = {"request", REMEDY_DEFECT},
};

const char *entra_app_outcome_name(enum entra_app_outcome outcome)
{
	return (size_t)outcome < ARRAY_LEN(outcomes) && outcomes[outcome].name
		   ? outcomes[outcome].name
		   : "";
}

const char *app_outcome_remedy(enum entra_app_outcome outcome)
{
	return (size_t)outcome < ARRAY_LEN(outcomes) && outcomes[outcome].remedy
		   ? outcomes[outcome].remedy
		   : "";
}

struct app_target app_target_make(struct arena *arena, const struct tenant *tenant)
{
	return (struct app_target){
	    .token_url = arena_printf(arena, "%s/%s/oauth2/v2.0/token",
				      tenant_login_url(arena, tenant), tenant->tenant_id),
	    .scope = arena_printf(arena, "%s/.default", tenant_graph_url(arena, tenant)),
	    .client_id = tenant->client_id,
	};
}

static void add_field(struct buf *buf, const char *name, struct text value)
{
	buf_printf(buf, "%s%s=", buf->len > 0 ? "&" : "", name);
	buf_add_url(buf, value);
}

struct text app_form_write(struct arena *arena, const struct app_target *target,
			   enum app_proof_kind kind, struct text proof)
{
	struct buf buf;

	buf_init(&buf, arena);
	add_field(&buf, "grant_type", TEXT("client_credentials"));
	add_field(&buf, "client_id", text_of(target->client_id));
	add_field(&buf, "scope", text_of(target->scope));
	switch (kind) {
	case APP_PROOF_SECRET:
		add_field(&buf, "client_secret", proof);
		break;
	case APP_PROOF_ASSERTION:
		add_field(&buf, "client_assertion_type",
			  TEXT("urn:ietf:params:oauth:client-assertion-type:jwt-bearer"));
		add_field(&buf, "client_assertion", proof);
		break;
	}
	return buf_text(&buf);
}

int app_assertion_write(struct arena *arena, const struct app_target *target,
			struct text certificate_pem, struct text key_pem, int64_t now, char **ret)
{
	char id[UUID_TEXT_LEN + 1];
	struct json_writer w;
	struct buf header, payload;
	char *thumbprint;
	int r = jwt_certificate_thumbprint(arena, certificate_pem, &thumbprint);

	if (r != 0)
		return r;
	uuid_write(uuid_random(), id);
	buf_init(&header, arena);
	json_writer_init(&w, &header);
	json_begin_object(&w, NULL);
	json_add_c(&w, "alg", "PS256");
	json_add_c(&w, "typ", "JWT");
	json_add_c(&w, "x5t#S256", thumbprint);
	json_end_object(&w);
	buf_init(&payload, arena);
	json_writer_init(&w, &payload);
	json_begin_object(&w, NULL);
	json_add_c(&w, "aud", target->token_url);
	json_add_c(&w, "iss", target->client_id);
	json_add_c(&w, "sub", target->client_id);
	json_add_c(&w, "jti", id);
	json_add_int(&w, "iat", now);
	json_add_int(&w, "nbf", now);
	json_add_int(&w, "exp", now + ASSERTION_S);
	json_end_object(&w);
	return jwt_sign(arena, buf_text(&header), buf_text(&payload), key_pem, ret);
}

static int read_grant(const struct json *tree, struct app_grant *ret)
{
	struct text token = json_text(tree, "access_token");
	int64_t lifetime;

	if (!token.ptr || token.len == 0 || token.len > LIMIT_TOKEN || !text_is_printable(token) ||
	    text_has_byte(token, ' ') ||
	    !text_eq_nocase(json_text(tree, "token_type"), TEXT("Bearer")) ||
	    !json_int(tree, "expires_in", &lifetime) || lifetime < LIFETIME_MIN_S)
		return ENTRA_APP_E_TRANSIENT;
	*ret = (struct app_grant){
	    .token = token,
	    .lifetime_s = lifetime < LIFETIME_MAX_S ? lifetime : LIFETIME_MAX_S,
	};
	return 0;
}

static int64_t first_code(const struct json *tree)
{
	const struct json *list = json_get(tree, "error_codes");

	if (!list || list->kind != JSON_ARRAY || list->count == 0 ||
	    list->items[0].kind != JSON_INTEGER)
		return 0;
	return list->items[0].integer;
}

/* A word of the protocol: what is quoted of an answer has no other form. */
static const char *quote_word(struct arena *arena, struct text t)
{
	if (!t.ptr || t.len == 0 || t.len > 64)
		return "no error word";
	for (size_t i = 0; i < t.len; i++)
		if (t.ptr[i] != '_' && (t.ptr[i] < 'a' || t.ptr[i] > 'z'))
			return "an unknown error word";
	return arena_cstr(arena, t);
}

static const char *describe(struct arena *arena, int status, const struct json *tree)
{
	struct text trace = json_text(tree, "trace_id");
	int64_t code = first_code(tree);
	struct buf buf;

	buf_init(&buf, arena);
	buf_printf(&buf, "status %d", status);
	if (json_has(tree, "error"))
		buf_printf(&buf, ", %s", quote_word(arena, json_text(tree, "error")));
	if (code != 0)
		buf_printf(&buf, ", AADSTS%lld", (long long)code);
	if (trace.ptr && uuid_is(trace))
		buf_printf(&buf, ", trace %.*s", TEXT_ARG(trace));
	return buf.data;
}

static enum entra_app_outcome find_meaning(const struct json *tree, int64_t code,
					   const char **ret_remedy)
{
	for (size_t i = 0; i < ARRAY_LEN(codes); i++)
		if (code == codes[i].aadsts) {
			*ret_remedy = codes[i].remedy;
			return codes[i].outcome;
		}
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (text_eq_c(json_text(tree, "error"), words[i].word)) {
			*ret_remedy = words[i].remedy;
			return words[i].outcome;
		}
	/* Nothing Entra would say: a proxy, a captive portal, an outage. */
	*ret_remedy = REMEDY_WAIT;
	return ENTRA_APP_E_TRANSIENT;
}

static int64_t clamp_retry(int64_t seconds)
{
	if (seconds < RETRY_MIN_S)
		return RETRY_MIN_S;
	return seconds < RETRY_MAX_S ? seconds : RETRY_MAX_S;
}

int app_answer_read(struct arena *arena, const struct app_answer *answer, struct app_grant *ret,
		    struct entra_app_error *error)
{
	const struct json *tree = NULL;
	const char *remedy = REMEDY_WAIT;
	enum entra_app_outcome outcome = ENTRA_APP_E_TRANSIENT;
	bool is_json = json_read(arena, answer->body, ANSWER_DEPTH, &tree) == 0;

	if (!is_json)
		tree = NULL;
	if (answer->status == 200 && tree && read_grant(tree, ret) == 0)
		return 0;
	if (answer->status < 400)
		remedy = ENTRA_REACH_FOREIGN;
	if (answer->status >= 400 && answer->status < 500 && answer->status != 429)
		outcome = find_meaning(tree, first_code(tree), &remedy);
	*error = (struct entra_app_error){
	    .aadsts = first_code(tree),
	    .remedy = remedy,
	    .detail = describe(arena, answer->status, tree),
	};
	if (outcome == ENTRA_APP_E_TRANSIENT)
		error->retry_after_s = clamp_retry(answer->retry_after_s);
	if (outcome == ENTRA_APP_E_BLOCKED)
		error->retry_after_s = BLOCKED_RETRY_S;
	return (int)outcome;
}
