/* SPDX-License-Identifier: Apache-2.0 */
/*
 * story_place.c: which story an attempt about to be added goes on, see story.h.
 *
 * The stories of the same user (or, where nobody is proved, of the same claim from the same
 * address) are read whole and judged one by one; what they say must agree in every id, and where
 * two are left between which nothing decides, the attempt begins one of its own rather than be
 * told as another device's. doc/decisions/0057, 0058.
 */
#include "store/story.h"

#include "base/uuid.h"
#include "store/enrollment_row.h"
#include "store/row.h"

enum {
	NEWEST = 20, /* attempts that lead to the stories looked at */
	ROWS_MAX = 500
};

/* Attempts of stories: story after story, newest first; in each from first to last. */
struct stories {
	struct enrollment *list;
	size_t n;
};

/* One of them. */
struct story {
	const struct enrollment *list;
	size_t n;
};

static bool is_set(const char *text)
{
	return text && text[0];
}

static bool agree(const char *a, const char *b)
{
	return !is_set(a) || !is_set(b) || !strcmp(a, b);
}

static bool is_same(const char *a, const char *b)
{
	return is_set(a) && is_set(b) && !strcmp(a, b);
}

static const char *user_of(const struct enrollment *attempt)
{
	return is_set(attempt->user_key) ? attempt->user_key : attempt->user_object_id;
}

/* Whoever is not proved is not let into what is. */
static bool is_proved(const struct enrollment *attempt)
{
	return is_set(attempt->auth) && is_set(attempt->tenant_id) && is_set(user_of(attempt));
}

static const struct enrollment *last_of(const struct story *story)
{
	return &story->list[story->n - 1];
}

static bool has_stage(const struct story *story, enum enrollment_stage stage)
{
	for (size_t i = 0; i < story->n; i++)
		if (story->list[i].stage == stage)
			return true;
	return false;
}

/* The story that begins at *at, which moves on to the next. */
static bool story_next(const struct stories *stories, size_t *at, struct story *ret)
{
	size_t begin = *at;

	if (begin >= stories->n)
		return false;
	while (*at < stories->n &&
	       !strcmp(stories->list[*at].story_id, stories->list[begin].story_id))
		++*at;
	*ret = (struct story){&stories->list[begin], *at - begin};
	return true;
}

static const char *since_id(struct arena *arena, int64_t at)
{
	char text[UUID_TEXT_LEN + 1];

	uuid_write(uuid_ordered(at * 1000), text);
	return arena_string(arena, text);
}

static int stories_read(struct db_query *q, struct arena *arena, struct stories *ret)
{
	int r;

	*ret = (struct stories){NULL, 0};
	r = story_rows_read(q, arena, &ret->list, &ret->n);
	if (r || ret->n < ROWS_MAX)
		return r;
	/* The last may not be whole: how it ended is not known. */
	for (const char *cut = ret->list[ret->n - 1].story_id;
	     ret->n > 0 && !strcmp(ret->list[ret->n - 1].story_id, cut);)
		ret->n--;
	return 0;
}

#define STORIES_OF                                                                                 \
	"SELECT " ENROLLMENT_COLUMNS " FROM enrollments WHERE tenant_id = $1 AND story_id IN ("
#define STORIES_END ") ORDER BY story_id DESC, at, id LIMIT $5"

/* Those of the user: with this client-request-id, or all of them. */
static int stories_of_user(struct db_conn *conn, struct arena *arena,
			   const struct enrollment *attempt, bool is_by_request,
			   struct stories *ret)
{
	static const char by_request[] =
	    STORIES_OF "SELECT story_id FROM enrollments WHERE tenant_id = $1 AND user_key = $2"
		       " AND at >= $3 AND client_request_id = $6"
		       " ORDER BY id DESC LIMIT $4" STORIES_END;
	static const char by_user[] =
	    STORIES_OF "SELECT story_id FROM enrollments WHERE tenant_id = $1 AND user_key = $2"
		       " AND at >= $3 ORDER BY at DESC, id DESC LIMIT $4" STORIES_END;
	struct db_query q CLEANUP(db_query_done);
	struct row_binder b;

	db_query_init(&q, conn, is_by_request ? by_request : by_user);
	row_bind_begin(&b, &q);
	row_bind_c(&b, attempt->tenant_id);
	row_bind_c(&b, user_of(attempt));
	row_bind_int(&b, attempt->at - (is_by_request ? STORY_REQUEST_S : STORY_S));
	row_bind_int(&b, NEWEST);
	row_bind_int(&b, ROWS_MAX);
	if (is_by_request)
		row_bind_c(&b, attempt->client_request_id);
	return stories_read(&q, arena, ret);
}

/* Those of nobody proved, from the same address, by the same client-request-id or name. */
static int stories_of_claim(struct db_conn *conn, struct arena *arena,
			    const struct enrollment *attempt, struct stories *ret)
{
	struct db_query q CLEANUP(db_query_done);
	struct row_binder b;

	db_query_init(&q, conn,
		      STORIES_OF
		      "SELECT story_id FROM enrollments WHERE tenant_id = $1 AND id >= $2"
		      " AND source = $3 AND auth = ''"
		      " AND (($6 <> '' AND client_request_id = $6)"
		      " OR ($7 <> '' AND lower(user_principal_name) = lower($7)))"
		      " ORDER BY id DESC LIMIT $4" STORIES_END);
	row_bind_begin(&b, &q);
	row_bind_c(&b, attempt->tenant_id);
	row_bind_c(&b, since_id(arena, attempt->at - STORY_DISCOVERY_S));
	row_bind_c(&b, attempt->source);
	row_bind_int(&b, NEWEST);
	row_bind_int(&b, ROWS_MAX);
	row_bind_c(&b, attempt->client_request_id);
	row_bind_c(&b, attempt->user_principal_name);
	return stories_read(&q, arena, ret);
}

/* Nothing the attempt says is against its being of this story. One with a certificate is over: only
 * the equal request, answered with the same certificate, is of it still. */
static bool fits(const struct story *story, const struct enrollment *attempt)
{
	for (size_t i = 0; i < story->n; i++) {
		const struct enrollment *one = &story->list[i];

		if (!agree(user_of(one), user_of(attempt)) || !agree(one->auth, attempt->auth) ||
		    !agree(one->client_request_id, attempt->client_request_id) ||
		    !agree(one->entra_device_id, attempt->entra_device_id) ||
		    one->stage >= STAGE_RENEWAL)
			return false;
		if (one->stage == STAGE_REQUEST && one->outcome == OUTCOME_OK &&
		    (attempt->stage != STAGE_REQUEST ||
		     !is_same(one->device_id, attempt->device_id)))
			return false;
	}
	return story->n < STORY_MAX;
}

static bool is_of_device(const struct story *story, const char *entra_device_id)
{
	for (size_t i = 0; i < story->n; i++)
		if (is_same(story->list[i].entra_device_id, entra_device_id))
			return true;
	return false;
}

/* Whether the attempt can be the next step of a story of its user. The Terms of Use have a
 * client-request-id, and a sign-in begins: neither goes on what only the user is known of. */
static bool follows(const struct story *story, const struct enrollment *attempt)
{
	const struct enrollment *last = last_of(story);

	if (attempt->stage <= STAGE_SIGN_IN)
		return false;
	if (is_of_device(story, attempt->entra_device_id))
		return attempt->stage > last->stage ||
		       (attempt->stage == last->stage && last->outcome == OUTCOME_OK);
	return last->outcome == OUTCOME_OK && attempt->stage > last->stage &&
	       strcmp(last->reason, "terms_shown") != 0;
}

static bool is_lately(const struct story *story, const struct enrollment *attempt)
{
	return last_of(story)->at >= attempt->at - STORY_DISCOVERY_S;
}

static bool is_from(const struct story *story, const struct enrollment *attempt)
{
	return !strcmp(last_of(story)->source, attempt->source);
}

/* How much speaks for the story; more is better. */
static int weight(const struct story *story, const struct enrollment *attempt)
{
	if (is_of_device(story, attempt->entra_device_id))
		return 4;
	return (is_lately(story, attempt) ? 2 : 0) + (is_from(story, attempt) ? 1 : 0);
}

/* The one for which most speaks. Of two equals with the device's own id the newer; without one
 * neither: it would be a guess which of the user's devices this is. */
static void by_user_choose(const struct stories *stories, struct enrollment *attempt)
{
	const char *best = NULL;
	struct story story;
	int best_weight = -1;
	size_t at = 0;

	while (story_next(stories, &at, &story)) {
		int found;

		if (!fits(&story, attempt) || !follows(&story, attempt))
			continue;
		found = weight(&story, attempt);
		if (found > best_weight) {
			best = story.list[0].story_id;
			best_weight = found;
		} else if (found == best_weight && found < 4) {
			best = NULL;
		}
	}
	if (best)
		attempt->story_id = best;
}

/* The newest that the client-request-id leads to. */
static void by_request_choose(const struct stories *stories, struct enrollment *attempt)
{
	struct story story;
	size_t at = 0;

	while (!is_set(attempt->story_id) && story_next(stories, &at, &story))
		if (fits(&story, attempt))
			attempt->story_id = story.list[0].story_id;
}

/* The certificate policy was asked for when nothing said for which of the user's pages: now the
 * consent says so, and the device's id leads to that step. */
static void loose_choose(const struct stories *stories, struct enrollment *attempt)
{
	struct story story;
	size_t at = 0;

	while (!is_set(attempt->merged_id) && story_next(stories, &at, &story))
		if (strcmp(story.list[0].story_id, attempt->story_id) != 0 &&
		    !has_stage(&story, STAGE_TERMS) && !has_stage(&story, STAGE_REQUEST) &&
		    is_of_device(&story, attempt->entra_device_id) && fits(&story, attempt))
			attempt->merged_id = story.list[0].story_id;
}

/* The story an attempt is on now, of those that were looked at. */
static bool story_of(const struct stories *stories, const char *id, struct story *ret)
{
	size_t at = 0;

	while (is_set(id) && story_next(stories, &at, ret))
		if (!strcmp(ret->list[0].story_id, id))
			return true;
	return false;
}

/* The newest discovery from the same address, lately, by the same client-request-id or by the name
 * of the user, when nothing has followed it. */
static int discovery_find(struct db_conn *conn, struct arena *arena, struct enrollment *attempt,
			  const struct story *story)
{
	const char *name =
	    is_set(attempt->asked_name) ? attempt->asked_name : attempt->user_principal_name;
	struct db_query q CLEANUP(db_query_done);
	struct enrollment *list = NULL;
	struct row_binder b;
	size_t n = 0;
	int r;

	db_query_init(&q, conn,
		      "SELECT " ENROLLMENT_COLUMNS
		      " FROM enrollments WHERE tenant_id = '' AND story_id ="
		      " (SELECT story_id FROM enrollments WHERE tenant_id = '' AND id >= $1"
		      " AND stage = 'discovery' AND source = $2 AND"
		      " (($3 <> '' AND client_request_id = $3)"
		      " OR ($4 <> '' AND lower(user_principal_name) = lower($4)))"
		      " ORDER BY id DESC LIMIT 1) LIMIT 2");
	row_bind_begin(&b, &q);
	row_bind_c(&b, since_id(arena, attempt->at - STORY_DISCOVERY_S));
	row_bind_c(&b, attempt->source);
	row_bind_c(&b, attempt->client_request_id);
	row_bind_c(&b, name);
	r = story_rows_read(&q, arena, &list, &n);
	if (r || n != 1 || list[0].stage != STAGE_DISCOVERY || list[0].outcome != OUTCOME_OK ||
	    !agree(list[0].client_request_id, attempt->client_request_id))
		return r;
	/* One from before the last step is of an earlier try. */
	if (story && (strcmp(list[0].id, last_of(story)->id) < 0 ||
		      !agree(list[0].client_request_id, last_of(story)->client_request_id)))
		return 0;
	attempt->discovery_id = list[0].id;
	return 0;
}

static bool wants_discovery(const struct enrollment *attempt, const struct story *story)
{
	if (attempt->stage != STAGE_SIGN_IN && attempt->stage != STAGE_POLICY &&
	    attempt->stage != STAGE_REQUEST)
		return false;
	return !story || (!has_stage(story, STAGE_DISCOVERY) && !has_stage(story, STAGE_SIGN_IN) &&
			  !has_stage(story, STAGE_POLICY) && !has_stage(story, STAGE_REQUEST));
}

static int proved_place(struct db_conn *conn, struct arena *arena, struct enrollment *attempt)
{
	struct stories by_request = {NULL, 0}, by_user = {NULL, 0};
	struct story story;
	bool is_found;
	int r = 0;

	if (is_set(attempt->client_request_id)) {
		r = stories_of_user(conn, arena, attempt, true, &by_request);
		if (r)
			return r;
		by_request_choose(&by_request, attempt);
	}
	is_found = story_of(&by_request, attempt->story_id, &story);
	if (attempt->stage == STAGE_REQUEST || (!is_found && attempt->stage > STAGE_SIGN_IN))
		r = stories_of_user(conn, arena, attempt, false, &by_user);
	if (r)
		return r;
	if (is_found)
		loose_choose(&by_user, attempt);
	else
		by_user_choose(&by_user, attempt);
	is_found = is_found || story_of(&by_user, attempt->story_id, &story);
	if (is_set(attempt->merged_id) || !wants_discovery(attempt, is_found ? &story : NULL))
		return 0;
	return discovery_find(conn, arena, attempt, is_found ? &story : NULL);
}

static bool is_same_request(const struct story *story, const struct enrollment *attempt)
{
	for (size_t i = 0; i < story->n; i++)
		if (is_same(story->list[i].client_request_id, attempt->client_request_id))
			return true;
	return false;
}

static bool is_unproved(const struct story *story)
{
	for (size_t i = 0; i < story->n; i++)
		if (is_set(story->list[i].auth))
			return false;
	return true;
}

/* What nobody proved goes only on what nobody proved. */
static int claim_place(struct db_conn *conn, struct arena *arena, struct enrollment *attempt)
{
	struct stories stories;
	struct story story;
	size_t at = 0;
	int r = stories_of_claim(conn, arena, attempt, &stories);

	if (r)
		return r;
	while (!is_set(attempt->story_id) && story_next(&stories, &at, &story))
		if (is_unproved(&story) && fits(&story, attempt) &&
		    (is_same_request(&story, attempt) || attempt->stage > last_of(&story)->stage))
			attempt->story_id = story.list[0].story_id;
	/* With a tenant's name on it the discovery comes to this attempt, else this one to it. */
	if (is_set(attempt->story_id) || !is_set(attempt->tenant_id) ||
	    !wants_discovery(attempt, NULL))
		return 0;
	return discovery_find(conn, arena, attempt, NULL);
}

/* The story in which the device got its certificate. */
static int by_device(struct db_conn *conn, struct arena *arena, struct enrollment *attempt)
{
	struct db_query q CLEANUP(db_query_done);
	struct enrollment *list = NULL;
	size_t n = 0;
	int r;

	db_query_init(&q, conn,
		      "SELECT " ENROLLMENT_COLUMNS " FROM enrollments WHERE tenant_id = $1"
		      " AND device_id = $2 AND stage = 'request' AND outcome = 'ok'"
		      " ORDER BY at DESC, id DESC LIMIT 1");
	db_bind_text(&q, 1, text_of(attempt->tenant_id));
	db_bind_text(&q, 2, text_of(attempt->device_id));
	r = story_rows_read(&q, arena, &list, &n);
	if (r == 0 && n == 1)
		attempt->story_id = list[0].story_id;
	return r;
}

int store_story_place(struct db_conn *conn, struct arena *arena, struct enrollment *attempt)
{
	int r = 0;

	if (is_set(attempt->story_id))
		return 0;
	attempt->discovery_id = attempt->merged_id = "";
	/* A renewal belongs to no joining. */
	if (attempt->stage == STAGE_SESSION && is_set(attempt->device_id))
		r = by_device(conn, arena, attempt);
	else if (attempt->stage < STAGE_RENEWAL && is_proved(attempt))
		r = proved_place(conn, arena, attempt);
	else if (attempt->stage < STAGE_RENEWAL && !is_set(attempt->auth))
		r = claim_place(conn, arena, attempt);
	if (r == 0 && !is_set(attempt->story_id))
		attempt->story_id = attempt->id;
	return r;
}
