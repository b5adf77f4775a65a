/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_unblock.c: /api/v1/tenants/{}/pins/unblock and enrollment-accounts/unblock: the wait that
 * wrong guesses brought ends now.
 */
#include "edge/api_resources.h"

#include "admin/guesses.h"

static int guesser_fields(struct api_call *call, const char *user_field, struct guesser *ret)
{
	const char *const fields[] = {user_field, "source", NULL};

	*ret = (struct guesser){NULL, NULL};
	api_fields_known(call, fields);
	api_field_text(call, user_field, &ret->user);
	api_field_text(call, "source", &ret->source);
	return api_fields_done(call);
}

/* What was forgotten. */
static void forgotten_answer(struct api_call *call, const char *user_field,
			     const struct guesser *guesser, const struct guess *guess)
{
	struct json_writer *w = &call->json;

	api_begin(call, 202);
	json_begin_object(w, NULL);
	if (guesser->user)
		json_add_c(w, user_field, guesser->user);
	else
		json_add_c(w, "source", guesser->source);
	json_add_int(w, "failures", guess->failures);
	json_add_time(w, "blocked_until",
		      guess->blocked_until > call->op->now ? guess->blocked_until : 0);
	json_end_object(w);
}

int api_pin_unblock(struct api_call *call)
{
	static const char field[] = "user_object_id";
	struct guesser guesser;
	struct guess guess;
	int r = guesser_fields(call, field, &guesser);

	if (r == 0)
		r = admin_pin_unblock(&call->admin, call->args[0], &guesser, &guess);
	if (r == 0)
		forgotten_answer(call, field, &guesser, &guess);
	return r;
}

int api_account_unblock(struct api_call *call)
{
	static const char field[] = "user_name";
	struct guesser guesser;
	struct guess guess;
	int r = guesser_fields(call, field, &guesser);

	if (r == 0)
		r = admin_account_unblock(&call->admin, call->args[0], &guesser, &guess);
	if (r == 0)
		forgotten_answer(call, field, &guesser, &guess);
	return r;
}
