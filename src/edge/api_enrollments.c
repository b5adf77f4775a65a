/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_enrollments.c: why a device did not get in: /api/v1/enrollments, enrollment-stories and
 * error-codes. All of it is read; the words come from enroll/code.h, reason.h and story.h.
 */
#include "edge/api_resources.h"

#include "enroll/code.h"
#include "enroll/reason.h"
#include "enroll/shown.h"
#include "enroll/story.h"
#include "store/enrollment.h"
#include "store/story.h"

enum { EXPLAINED_MAX = 3 /* joinings of a user that are told */ };

/* The members of an attempt, into an object that is open. */
static void enrollment_members(struct json_writer *w, const struct enrollment *e)
{
	json_add_c(w, "id", e->id);
	json_add_c(w, "tenant_id", e->tenant_id);
	json_add_time(w, "at", e->at);
	json_add_c(w, "stage", enrollment_stage_name(e->stage));
	json_add_c(w, "outcome", enrollment_outcome_name(e->outcome));
	json_add_c(w, "error_code", e->error_code);
	json_add_c(w, "reason", e->reason);
	json_add_c(w, "remedy", e->remedy);
	json_add_c(w, "client_request_id", e->client_request_id);
	json_add_c(w, "trace_id", e->trace_id);
	json_add_c(w, "device_id", e->device_id);
	json_add_c(w, "entra_device_id", e->entra_device_id);
	json_add_c(w, "user_principal_name", e->user_principal_name);
	json_add_bool(w, "user_claimed", e->user_principal_name[0] && !e->auth[0]);
	json_add_c(w, "user_object_id", e->user_object_id);
	json_add_c(w, "device_name", e->device_name);
	json_add_c(w, "os_version", e->os_version);
	json_add_c(w, "source", e->source);
	json_add_c(w, "auth", e->auth);
	json_add_c(w, "story_id", e->story_id);
}

static void enrollment_write(struct json_writer *w, const struct enrollment *e)
{
	json_begin_object(w, NULL);
	enrollment_members(w, e);
	json_end_object(w);
}

/* What the user reads on the screen; null where nothing was refused. */
static void windows_shows_write(struct api_call *call, const struct enrollment *e)
{
	struct json_writer *w = &call->json;
	struct enroll_shown shown;

	if (!enroll_shown_of(call->op->arena, e, &shown)) {
		json_add_null(w, "windows_shows");
		return;
	}
	json_begin_object(w, "windows_shows");
	json_add_c(w, "code", shown.code);
	json_add_c(w, "name", shown.name);
	json_add_c(w, "message", shown.message);
	json_end_object(w);
}

static struct text filter_refuse(struct api_call *call, const char *why)
{
	if (!call->is_usage_wrong)
		call->admin.why = why;
	call->is_usage_wrong = true;
	return TEXT_EMPTY;
}

/* In any spelling; the rows have the one of the table. */
static struct text code_filter(struct api_call *call)
{
	struct text written = api_param(call, "error_code");
	const struct enroll_code *code = enroll_code_find(call->op->arena, written);

	if (written.len == 0 || code)
		return code ? text_of(code->code) : written;
	return filter_refuse(call, "error_code must be a code that muster error-codes list knows");
}

static struct text reason_filter(struct api_call *call)
{
	struct text reason = api_param(call, "reason");
	const char *name = arena_cstr(call->op->arena, reason);

	if (reason.len == 0 || enroll_reason_find(name) ||
	    enroll_reason_cause(call->op->arena, name, "")[0] || !strcmp(name, "terms_shown"))
		return reason;
	return filter_refuse(call, "reason must be one that attempts have, such as token_audience; "
				   "error-codes/{code} lists those of a code");
}

int api_enrollment_list(struct api_call *call)
{
	static const char *const filters[] = {"tenant_id",
					      "stage",
					      "outcome",
					      "error_code",
					      "reason",
					      "device_id",
					      "entra_device_id",
					      "client_request_id",
					      "trace_id",
					      "user_principal_name",
					      NULL};
	const struct enrollment_filter filter = {
	    .tenant_id = api_param(call, "tenant_id"),
	    .stage = api_param_word(call, "stage", enrollment_stage_list()),
	    .outcome = api_param_word(call, "outcome", enrollment_outcome_list()),
	    .error_code = code_filter(call),
	    .reason = reason_filter(call),
	    .user_principal_name = api_param(call, "user_principal_name"),
	    .device_id = api_param(call, "device_id"),
	    .entra_device_id = api_param(call, "entra_device_id"),
	    .client_request_id = api_param(call, "client_request_id"),
	    .trace_id = api_param(call, "trace_id"),
	};
	struct enrollment *list;
	struct api_page page;
	int r;

	r = api_page_read(call, filters, &page);
	if (r == 0)
		r = admin_found(&call->admin, "attempt",
				store_enrollment_list(db_reader(call->op->db), call->op->arena,
						      &filter, page.after, page.limit + 1, &list,
						      &page.n));
	while (r == 0 && api_page_next(call, &page)) {
		enrollment_write(&call->json, &list[page.i]);
		page.last_id = list[page.i].id;
	}
	return r;
}

int api_enrollment_show(struct api_call *call)
{
	struct enrollment enrollment;
	int r = admin_found(&call->admin, "attempt",
			    store_enrollment_load(db_reader(call->op->db), call->op->arena,
						  text_of(call->args[0]), &enrollment));

	if (r)
		return r;
	api_begin(call, 200);
	json_begin_object(&call->json, NULL);
	enrollment_members(&call->json, &enrollment);
	windows_shows_write(call, &enrollment);
	json_add_c(
	    &call->json, "cause",
	    enrollment.outcome == OUTCOME_OK
		? ""
		: enroll_reason_cause(call->op->arena, enrollment.reason, enrollment.error_code));
	json_end_object(&call->json);
	return 0;
}

/* The newest value of a member that any attempt of a story has. */
#define LAST_OF(list, n, member)                                                                   \
	__extension__({                                                                            \
		const char *found_ = "";                                                           \
		for (size_t i_ = (n); i_-- > 0 && !found_[0];)                                     \
			found_ = (list)[i_].member;                                                \
		found_;                                                                            \
	})

static void story_write(struct api_call *call, const struct enrollment *list, size_t n)
{
	const struct enroll_story_view view = {call->op->now, call->op->config->manage.url};
	struct enroll_story story = enroll_story_tell(call->op->arena, &view, list, n);
	struct json_writer *w = &call->json;

	json_begin_object(w, NULL);
	json_add_c(w, "id", list[0].story_id);
	json_add_c(w, "tenant_id", list[0].tenant_id);
	json_add_c(w, "state", story.state);
	json_add_c(w, "summary", story.summary);
	json_add_time(w, "started_at", list[0].at);
	json_add_time(w, "updated_at", list[n - 1].at);
	json_add_c(w, "user_principal_name", LAST_OF(list, n, user_principal_name));
	json_add_bool(w, "user_claimed",
		      LAST_OF(list, n, user_principal_name)[0] && !LAST_OF(list, n, auth)[0]);
	json_add_c(w, "device_id", LAST_OF(list, n, device_id));
	json_add_c(w, "entra_device_id", LAST_OF(list, n, entra_device_id));
	json_add_c(w, "device_name", LAST_OF(list, n, device_name));
	json_add_c(w, "client_request_id", LAST_OF(list, n, client_request_id));
	json_add_c(w, "error_code", story.telling->error_code);
	windows_shows_write(call, story.telling);
	json_add_c(w, "cause", story.cause);
	json_add_c(w, "remedy", story.remedy);
	json_begin_array(w, "attempts");
	for (size_t i = 0; i < n; i++)
		enrollment_write(w, &list[i]);
	json_end_array(w);
	json_end_object(w);
}

static int story_load(struct api_call *call, const char *tenant_id, const char *story_id,
		      struct enrollment **ret, size_t *ret_n)
{
	return admin_found(&call->admin, "story",
			   store_story_load(db_reader(call->op->db), call->op->arena,
					    text_of(tenant_id), text_of(story_id), ret, ret_n));
}

int api_story_list(struct api_call *call)
{
	static const char *const filters[] = {"tenant_id",  "user_principal_name",
					      "device_id",  "entra_device_id",
					      "error_code", "state",
					      NULL};
	const struct story_filter filter = {
	    .tenant_id = api_param(call, "tenant_id"),
	    .user_principal_name = api_param(call, "user_principal_name"),
	    .device_id = api_param(call, "device_id"),
	    .entra_device_id = api_param(call, "entra_device_id"),
	    .error_code = code_filter(call),
	    .state = api_param_word(call, "state", story_state_list()),
	};
	struct enrollment *heads, *list;
	struct api_page page;
	size_t count;
	int r;

	r = api_page_read(call, filters, &page);
	if (r == 0)
		r = admin_found(&call->admin, "story",
				store_story_list(db_reader(call->op->db), call->op->arena, &filter,
						 page.after, page.limit + 1, &heads, &page.n));
	while (r == 0 && api_page_next(call, &page)) {
		const struct enrollment *head = &heads[page.i];

		r = story_load(call, head->tenant_id, head->id, &list, &count);
		if (r == 0)
			story_write(call, list, count);
		r = r > 0 ? 0 : r; /* gone meanwhile */
		page.last_id = head->id;
	}
	return r;
}

static int story_answer(struct api_call *call, const char *id)
{
	const char *tenant_id, *story_id;
	struct enrollment *list;
	size_t n;
	int r;

	r = admin_found(&call->admin, "story",
			store_story_find(db_reader(call->op->db), call->op->arena,
					 text_of(admin_lower(&call->admin, id)), &tenant_id,
					 &story_id));
	if (r == 0)
		r = story_load(call, tenant_id, story_id, &list, &n);
	if (r)
		return r;
	api_begin(call, 200);
	story_write(call, list, n);
	return 0;
}

/* By any id that belongs to it. */
int api_story_show(struct api_call *call)
{
	return story_answer(call, call->args[0]);
}

/* The reasons of this server that lead to a code. */
static void reasons_write(struct json_writer *w, const struct enroll_code *code)
{
	size_t n;
	const struct enroll_reason *reasons = enroll_reasons(&n);

	json_begin_array(w, "reasons");
	for (size_t i = 0; i < n; i++) {
		if (strcmp(reasons[i].error_code, code->code) != 0)
			continue;
		json_begin_object(w, NULL);
		json_add_c(w, "reason", reasons[i].name);
		json_add_c(w, "cause", reasons[i].cause ? reasons[i].cause : code->cause);
		json_add_c(w, "remedy", reasons[i].remedy);
		json_end_object(w);
	}
	json_end_array(w);
}

static void code_write(struct api_call *call, const struct enroll_code *code)
{
	struct json_writer *w = &call->json;

	json_begin_object(w, NULL);
	json_add_c(w, "code", code->code);
	json_add_c(w, "name", code->name);
	json_add_c(w, "alias", code->alias);
	json_add_c(w, "message", enroll_code_message(call->op->arena, code));
	json_add_c(w, "message_id", code->message_id);
	json_add_c(w, "raised_by", enroll_code_origin_name(code->origin));
	json_add_c(w, "fault", code->fault);
	json_add_c(w, "cause", code->cause);
	json_add_c(w, "remedy", code->remedy);
	reasons_write(w, code);
	json_end_object(w);
}

int api_code_list(struct api_call *call)
{
	static const char *const filters[] = {NULL};
	const struct enroll_code *codes;
	struct api_page page;
	int r = api_page_read(call, filters, &page);

	page.limit = STORE_NO_LIMIT;
	codes = enroll_codes(&page.n);
	while (r == 0 && api_page_next(call, &page))
		code_write(call, &codes[page.i]);
	return r;
}

static int code_answer(struct api_call *call, const char *written)
{
	const struct enroll_code *code = enroll_code_find(call->op->arena, text_of(written));

	if (!code)
		return admin_refuse(
		    &call->admin, ADMIN_E_NOT_FOUND,
		    "no such code is known: neither this server raises it nor the parts of Windows "
		    "and Entra that enrol. Look at the device's event log (DeviceManagement-"
		    "Enterprise-Diagnostics-Provider) for what is around it; muster error-codes "
		    "list "
		    "has those that are known");
	api_begin(call, 200);
	code_write(call, code);
	return 0;
}

int api_code_show(struct api_call *call)
{
	return code_answer(call, call->args[0]);
}

/* The newest joinings of whoever is called so, also of those who only called themselves so. */
static int user_answer(struct api_call *call, const char *name)
{
	const struct story_filter filter = {.user_principal_name = text_of(name)};
	struct enrollment *heads, *list;
	size_t n, count;
	int r;

	r = admin_found(&call->admin, "story",
			store_story_list(db_reader(call->op->db), call->op->arena, &filter,
					 TEXT_EMPTY, EXPLAINED_MAX, &heads, &n));
	if (r)
		return r;
	if (n == 0)
		return admin_refuse(&call->admin, ADMIN_E_NOT_FOUND,
				    "nobody called %s has tried to join here lately. Compare the "
				    "spelling with muster enrollment-stories list; if it is right, "
				    "the device never reached this server",
				    name);
	api_begin(call, 200);
	json_begin_object(&call->json, NULL);
	json_add_c(&call->json, "user_principal_name", name);
	json_begin_array(&call->json, "items");
	for (size_t i = 0; i < n; i++) {
		r = story_load(call, heads[i].tenant_id, heads[i].id, &list, &count);
		if (r < 0)
			return r;
		if (r == 0)
			story_write(call, list, count);
	}
	json_end_array(&call->json);
	json_end_object(&call->json);
	return 0;
}

/* What a word out of a sentence may be. */
enum explained { EXPLAINED_NOTHING, EXPLAINED_CODE, EXPLAINED_ID, EXPLAINED_USER };

static enum explained word_judge(struct api_call *call, const char *word)
{
	if (enroll_code_is_number(call->op->arena, text_of(word)))
		return EXPLAINED_CODE;
	if (uuid_is(text_of(word)))
		return EXPLAINED_ID;
	return strchr(word, '@') && word[0] != '@' ? EXPLAINED_USER : EXPLAINED_NOTHING;
}

/* The first word that says something; people paste what is on the screen. */
static enum explained sentence_judge(struct api_call *call, struct text about, const char **ret)
{
	static const char between[] = " \t\r\n\"'(),;:=<>[]";
	const char *at = arena_cstr(call->op->arena, about);

	while (*(at += strspn(at, between))) {
		size_t len = strcspn(at, between);
		struct text word = text_make(at, len);
		enum explained judged;

		while (word.len > 0 && word.ptr[word.len - 1] == '.')
			word.len--;
		*ret = arena_cstr(call->op->arena, word);
		judged = word_judge(call, *ret);
		if (judged != EXPLAINED_NOTHING)
			return judged;
		at += len;
	}
	return EXPLAINED_NOTHING;
}

/* Whatever a person has in hand: a code, an id of a joining, a mail address, or a sentence with one
 * of these. */
int api_enrollment_explain(struct api_call *call)
{
	static const char *const params[] = {"about", NULL};
	struct text about = text_trim(api_param(call, "about"));
	const char *word = arena_cstr(call->op->arena, about);
	int r = api_params_check(call, params);

	if (r)
		return r;
	if (about.len == 0)
		return admin_refuse(
		    &call->admin, ADMIN_E_INVALID,
		    "about must hold a code, an id of a joining, or a mail address");
	if (enroll_code_find(call->op->arena, about))
		return code_answer(call, word);
	switch (sentence_judge(call, about, &word)) {
	case EXPLAINED_CODE:
		return code_answer(call, word);
	case EXPLAINED_USER:
		return user_answer(call, word);
	case EXPLAINED_ID:
		return story_answer(call, word);
	case EXPLAINED_NOTHING:
		break;
	}
	return admin_refuse(&call->admin, ADMIN_E_NOT_FOUND,
			    "this is no code that is known, and neither an id nor a mail address");
}
