/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decide.c: what becomes of a posted form, see terms.h. A page can be posted again: the same choice
 * is the same decision, another one is a decision of its own, and the last one counts. The rows of
 * a page's decisions have ids that follow from the page, so that they are found by them.
 */
#include "terms/terms.h"

#include "base/digest.h"
#include "base/json.h"
#include "base/limits.h"
#include "store/audit.h"
#include "store/enrollment.h"
#include "store/story.h"
#include "store/terms.h"
#include "terms/pin.h"

enum {
	USER_AGENT_MAX = 256,
	DECISIONS_MAX = 16, /* of one page */
	WRITE_TRIES = 3     /* when the same page is posted at the same moment */
};

/* The id of the n-th decision on one page: the same for whoever posts it, and in the place of the
 * time at which the page was made, in the order of the decisions, as ids are. */
static const char *decision_id(struct op *op, const struct terms_consent *state, unsigned n)
{
	const char *what = arena_printf(op->arena, "%s|%u", state->id, n);
	struct uuid id = uuid_ordered(state->made_at * 1000);
	char text[UUID_TEXT_LEN + 1];
	uint8_t digest[SHA256_LEN];

	digest_sha256(text_of(what), digest);
	/* Time and version are in the first seven bytes, the variant in two bits of the ninth. */
	id.bytes[6] = 0x70;
	id.bytes[7] = (uint8_t)n;
	id.bytes[8] = 0x80 | (digest[8] & 0x3f);
	for (size_t i = 9; i < sizeof(id.bytes); i++)
		id.bytes[i] = digest[i];
	uuid_write(id, text);
	return arena_string(op->arena, text);
}

/* A decision on its way into the store. */
struct decision_record {
	struct op *op;
	const struct terms_decision *decision;
	const struct enrollment *attempts;
	const char *user_agent;
	bool is_pin_asked;
	struct terms_pin_try pin;
	enum terms_ending ending; /* set */
	bool is_refused;          /* set: because of the PIN */
	bool is_used_up;          /* set: the page was decided on too often */
};

static const char *detail_of(const struct decision_record *record)
{
	struct op *op = record->op;
	const struct terms_consent *state = &record->decision->resumed.state;
	struct json_writer w;
	struct buf buf;

	buf_init(&buf, op->arena);
	json_writer_init(&w, &buf);
	json_begin_object(&w, NULL);
	json_add_c(&w, "user_principal_name", state->user_name);
	json_add_c(&w, "mode", terms_mode_name(state->mode));
	json_add_c(&w, "version", state->version);
	json_add_c(&w, "locale", record->decision->resumed.document.locale);
	json_add_c(&w, "client_request_id", state->client_request_id);
	json_add_c(&w, "redirect_uri",
		   terms_redirect_place(op->arena, &record->decision->resumed.redirect));
	if (record->is_pin_asked && record->pin.id[0])
		json_add_c(&w, "pin_id", record->pin.id);
	json_end_object(&w);
	return buf.data;
}

struct audit_words {
	const char *action;
	const char *object_kind;
	const char *object_id;
	const char *outcome;
};

static int audit_add(struct db_conn *tx, const struct decision_record *record, const char *id,
		     const struct audit_words *words)
{
	struct op *op = record->op;
	const struct terms_consent *state = &record->decision->resumed.state;
	const struct audit_entry entry = {
	    .tenant_id = state->tenant_id,
	    .id = id,
	    .at = op->now,
	    .actor = arena_printf(op->arena, "user:%s", state->object_id),
	    .action = words->action,
	    .object_kind = words->object_kind,
	    .object_id = words->object_id,
	    .outcome = words->outcome,
	    .source = op->source,
	    .trace_id = op->trace_id,
	    .detail = detail_of(record),
	};

	return store_audit_add(tx, &entry);
}

/* The PIN is not good: what is left of the try. */
static int refusal_write(struct db_conn *tx, struct decision_record *record)
{
	struct audit_words words = {"pin.refuse", "pin", "", "refused"};
	int r;

	record->is_refused = true;
	record->ending = TERMS_ENDED_PIN_WRONG;
	switch (record->pin.verdict) {
	case TERMS_PIN_MISSING:
		return 0;
	case TERMS_PIN_BLOCKED:
		record->ending = TERMS_ENDED_PIN_BLOCKED;
		return 0;
	case TERMS_PIN_BLOCKED_NOW:
		record->ending = TERMS_ENDED_PIN_BLOCKED;
		words.action = "pin.block";
		break;
	case TERMS_PIN_OK:
	case TERMS_PIN_WRONG:
		break;
	}
	r = audit_add(tx, record, store_new_id(record->op->arena), &words);
	return r ? r : store_enrollment_add(tx, &record->attempts[record->ending]);
}

static int choice_write(struct db_conn *tx, const struct decision_record *record, const char *id)
{
	struct op *op = record->op;
	const struct terms_consent *state = &record->decision->resumed.state;
	bool is_accepted = record->ending == TERMS_ENDED_ACCEPTED;
	const struct audit_words words = {is_accepted ? "terms.accept" : "terms.decline", "terms",
					  state->version, "ok"};
	const struct terms_record row = {
	    .tenant_id = state->tenant_id,
	    .id = id,
	    .at = op->now,
	    .user_object_id = state->object_id,
	    .user_principal_name = state->user_name,
	    .choice = is_accepted ? TERMS_ACCEPTED : TERMS_DECLINED,
	    .version = state->version,
	    .locale = record->decision->resumed.document.locale,
	    .mode = terms_mode_name(state->mode),
	    .client_request_id = state->client_request_id,
	    .redirect_uri = terms_redirect_place(op->arena, &record->decision->resumed.redirect),
	    .source = op->source,
	    .user_agent = record->user_agent,
	};
	int r;

	r = store_terms_record_add(tx, &row);
	if (r == 0)
		r = audit_add(tx, record, id, &words);
	return r ? r : store_enrollment_add(tx, &record->attempts[record->ending]);
}

/* What was decided on this page before. */
struct decisions {
	bool is_repeated;    /* the last one made this choice too */
	bool is_accepted;    /* some one accepted, and used its PIN */
	const char *next_id; /* of the one that follows; NULL: there may be none */
};

static int decisions_load(struct db_conn *tx, const struct decision_record *record,
			  struct decisions *ret)
{
	const struct terms_consent *state = &record->decision->resumed.state;
	enum terms_choice wanted =
	    record->decision->ending == TERMS_ENDED_ACCEPTED ? TERMS_ACCEPTED : TERMS_DECLINED;
	struct terms_record row;

	*ret = (struct decisions){0};
	for (unsigned n = 0; n < DECISIONS_MAX; n++) {
		const char *id = decision_id(record->op, state, n);
		int r = store_terms_record_load(tx, record->op->arena, text_of(id), &row);

		if (r == STORE_E_NOT_FOUND) {
			ret->next_id = id;
			return 0;
		}
		if (r)
			return r;
		ret->is_repeated = row.choice == wanted;
		ret->is_accepted = ret->is_accepted || row.choice == TERMS_ACCEPTED;
	}
	return 0;
}

/* Sets the verdict of record->pin. */
static int pin_spend(struct db_conn *tx, struct decision_record *record)
{
	int r = terms_pin_use(tx, &record->pin);

	if (r || record->pin.verdict != TERMS_PIN_OK)
		return r;
	return audit_add(tx, record, store_new_id(record->op->arena),
			 &(struct audit_words){"pin.use", "pin", record->pin.id, "ok"});
}

static int decision_write(struct db_conn *tx, void *argument)
{
	struct decision_record *record = argument;
	struct decisions before;
	int r;

	record->ending = record->decision->ending;
	record->is_refused = record->is_used_up = false;
	record->pin.id = "";
	r = decisions_load(tx, record, &before);
	if (r || before.is_repeated)
		return r;
	record->is_used_up = !before.next_id;
	if (record->is_used_up)
		return 0;
	if (record->is_pin_asked && !before.is_accepted) {
		r = pin_spend(tx, record);
		if (r)
			return r;
		if (record->pin.verdict != TERMS_PIN_OK)
			return refusal_write(tx, record);
	}
	return choice_write(tx, record, before.next_id);
}

static char *decision_location(struct op *op, const struct terms_decision *decision)
{
	const struct terms_consent *state = &decision->resumed.state;
	struct terms_consent blob = *state;
	const char *accepted[] = {
	    "IsAccepted", "true", "OpaqueBlob", NULL, "client-request-id", state->client_request_id,
	    NULL};
	const char *declined[] = {"IsAccepted", "false", "client-request-id",
				  state->client_request_id, NULL};

	if (decision->ending == TERMS_ENDED_DECLINED)
		return redirect_uri_write(op->arena, &decision->resumed.redirect, declined);
	blob.made_at = op->now;
	blob.expires_at = op->now + LIMIT_OPAQUE_BLOB_S;
	accepted[3] = terms_blob_seal(op->arena, &op->keys->terms, &blob);
	return redirect_uri_write(op->arena, &decision->resumed.redirect, accepted);
}

/* A label that a client chose. */
static const char *user_agent_of(struct op *op, struct text t)
{
	t = text_take(t.ptr ? t : TEXT_EMPTY, USER_AGENT_MAX);
	return text_is_printable(t) ? arena_cstr(op->arena, t) : "";
}

static int show_again(struct op *op, const struct terms_resumed *resumed, enum terms_notice notice,
		      struct buf *page)
{
	const struct terms_showing showing = {
	    .tenant = &resumed->tenant,
	    .about = &resumed->state,
	    .document = &resumed->document,
	    .notice = notice,
	};
	int r = terms_page_make(op, &showing, page);

	return r < 0 ? ERR_TRACE(&op->trail, r) : TERMS_E_SHOW_AGAIN;
}

/* Whatever ending it has, it is one step of one joining. */
static int attempts_place(struct op *op, struct enrollment attempts[TERMS_ENDINGS])
{
	int r = store_story_place(db_reader(op->db), op->arena, &attempts[0]);

	if (r)
		return ERR_FAIL(&op->trail, r < 0 ? r : ERR_STORE, "%s", db_error(op->db));
	for (size_t i = 1; i < TERMS_ENDINGS; i++) {
		attempts[i].story_id = attempts[0].story_id;
		attempts[i].discovery_id = attempts[0].discovery_id;
	}
	return 0;
}

/* A page that is posted twice at once asks for the same id twice: whoever comes second looks again.
 */
static int decision_store(struct decision_record *record)
{
	int r = STORE_E_CONFLICT;

	for (int i = 0; i < WRITE_TRIES && r == STORE_E_CONFLICT; i++)
		r = db_transact(record->op->db, decision_write, record);
	return r;
}

/* The text is the one that was shown, and the choice is one that can be made. */
static int choice_record(struct op *op, const struct terms_form *form,
			 struct enrollment attempts[TERMS_ENDINGS], struct buf *page,
			 struct terms_decision *ret)
{
	const struct terms_resumed *resumed = &ret->resumed;
	struct decision_record record = {
	    .op = op,
	    .decision = ret,
	    .attempts = attempts,
	    .user_agent = user_agent_of(op, form->user_agent),
	    .is_pin_asked = resumed->tenant.is_pin_required && ret->ending == TERMS_ENDED_ACCEPTED,
	    .pin = {.op = op,
		    .state = &resumed->state,
		    .typed = http_form_get(form->params, form->count, "pin", NULL)},
	};
	int r = attempts_place(op, attempts);

	if (r)
		return ERR_TRACE(&op->trail, r);
	r = decision_store(&record);
	if (r)
		return ERR_FAIL(&op->trail, r < 0 ? r : ERR_STORE, "%s", db_error(op->db));
	if (record.is_used_up)
		return TERMS_E_EXPIRED;
	if (record.is_refused) {
		ret->ending = record.ending;
		ret->is_refused = true;
		return show_again(op, resumed,
				  record.ending == TERMS_ENDED_PIN_BLOCKED
				      ? TERMS_NOTICE_PIN_BLOCKED
				      : TERMS_NOTICE_PIN_WRONG,
				  page);
	}
	ret->location = decision_location(op, ret);
	return 0;
}

int terms_decide(struct op *op, const struct terms_form *form,
		 struct enrollment attempts[TERMS_ENDINGS], struct buf *page,
		 struct terms_decision *ret)
{
	struct text choice = http_form_get(form->params, form->count, "decision", NULL);
	bool is_accepted = text_eq(choice, TEXT("accept"));
	const struct terms_resumed *resumed = &ret->resumed;
	int r;

	*ret = (struct terms_decision){.ending = is_accepted ? TERMS_ENDED_ACCEPTED
							     : TERMS_ENDED_DECLINED};
	r = terms_resume(op, form, attempts, TERMS_ENDINGS, &ret->resumed);
	if (r < 0)
		return ERR_TRACE(&op->trail, r);
	if (r)
		return r;
	/* An organisation's device cannot decline, and nobody accepts a text they have not seen. */
	if (resumed->is_changed || (!is_accepted && (resumed->state.mode == TERMS_ORGANIZATION ||
						     !text_eq(choice, TEXT("decline")))))
		return show_again(op, resumed,
				  resumed->is_changed ? TERMS_NOTICE_CHANGED : TERMS_NOTICE_NONE,
				  page);
	return choice_record(op, form, attempts, page, ret);
}
