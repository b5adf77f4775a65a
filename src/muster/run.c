/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run.c: see run.h. A list follows `next` until it has what was asked for; with --json every answer
 * is printed as it came, one after the other.
 */
#include "muster/run.h"

#include <string.h>

#include "base/limits.h"
#include "muster/api.h"
#include "muster/output.h"
#include "muster/request.h"
#include "muster/tell.h"
#include "muster/term.h"

struct running {
	struct cli *cli;
	const struct cli_args *args;
	const struct cli_streams *streams;
	struct cli_api *api;
	struct cli_request request;
};

static void print_text(const struct running *running, const struct buf *buf)
{
	struct text text = buf_text(buf);

	(void)fwrite(text.ptr, 1, text.len, running->streams->out);
}

/* As it came; a line end is added where there is none. */
static void print_raw(const struct running *running, struct text body)
{
	if (body.len == 0)
		return;
	(void)fwrite(body.ptr, 1, body.len, running->streams->out);
	if (!text_ends(body, TEXT("\n")))
		(void)fputc('\n', running->streams->out);
}

/* 0: go on. */
static int confirm(const struct running *running)
{
	const struct cli_args *args = running->args;
	const struct cli_streams *streams = running->streams;
	struct buf question;
	char line[16];

	if (!args->verb->warning || args->is_yes)
		return 0;
	if (!streams->is_terminal)
		return cli_fail(running->cli, CLI_E_USAGE,
				"%s %s %s asks first; without a terminal give --yes",
				args->resource->name, args->verb->name, args->id);
	buf_init(&question, &running->cli->arena);
	term_add(&question, text_of(args->id));
	fprintf(streams->err, "%s %s %s? %s Type yes to go on: ", args->verb->name,
		args->resource->singular, question.data, args->verb->warning);
	fflush(streams->err);
	if (fgets(line, sizeof(line), streams->in) &&
	    text_eq(text_trim(text_of(line)), TEXT("yes")))
		return 0;
	return cli_fail(running->cli, CLI_E_FAILED, "nothing was changed");
}

static int exchange(struct running *running, const char *target, struct cli_answer *ret)
{
	const struct cli_verb *verb = running->args->verb;
	int r;

	r = cli_api_send(running->cli, running->api, verb->method, target, running->request.body,
			 ret);
	if (r)
		return r;
	if (running->args->is_json)
		print_raw(running, ret->body);
	return cli_answer_check(running->cli, ret);
}

/* A list as it grows over pages. */
struct listing {
	const struct json **items;
	size_t count;
	size_t cap;
	uint64_t wanted; /* 0: all */
	const char *cursor;
};

static const char *page_target(const struct running *running, const struct listing *listing)
{
	struct arena *arena = &running->cli->arena;
	uint64_t left = listing->wanted - listing->count;
	struct buf buf;

	buf_init(&buf, arena);
	buf_printf(
	    &buf, "%s?%s%slimit=%llu", running->request.path, running->request.query,
	    running->request.query[0] ? "&" : "",
	    (unsigned long long)(listing->wanted && left < LIMIT_PAGE_MAX ? left : LIMIT_PAGE_MAX));
	if (listing->cursor) {
		buf_add_c(&buf, "&cursor=");
		buf_add_url(&buf, text_of(listing->cursor));
	}
	return buf.data;
}

static int page_take(struct running *running, const struct cli_answer *answer,
		     struct listing *listing)
{
	const struct json *items = json_get(answer->json, "items");
	struct text next = json_text(answer->json, "next");

	if (!items || items->kind != JSON_ARRAY)
		return cli_fail(running->cli, CLI_E_FAILED,
				"the server's answer is no list; is this Muster?");
	if (listing->count + items->count > listing->cap) {
		const struct json **old = listing->items;

		listing->cap = 2 * (listing->count + items->count);
		listing->items =
		    ARENA_ARRAY(&running->cli->arena, listing->cap, const struct json *);
		for (size_t i = 0; i < listing->count; i++)
			listing->items[i] = old[i];
	}
	for (size_t i = 0; i < items->count; i++)
		listing->items[listing->count++] = &items->items[i];
	listing->cursor = next.ptr ? arena_cstr(&running->cli->arena, next) : NULL;
	return 0;
}

static bool is_complete(const struct listing *listing)
{
	return !listing->cursor || (listing->wanted && listing->count >= listing->wanted);
}

/* A few short lists of the API are not paged and take no parameters they do not need. */
static const char *first_target(const struct running *running, const struct listing *listing)
{
	const struct cli_args *args = running->args;

	if (args->limit || args->is_all || args->cursor)
		return page_target(running, listing);
	return running->request.query[0]
		   ? arena_printf(&running->cli->arena, "%s?%s", running->request.path,
				  running->request.query)
		   : running->request.path;
}

static int list_run(struct running *running)
{
	const struct cli_args *args = running->args;
	struct listing listing = {
	    .wanted = args->is_all  ? args->limit
		      : args->limit ? args->limit
				    : LIMIT_PAGE_DEFAULT,
	    .cursor = args->cursor,
	};
	const char *target = first_target(running, &listing);
	struct buf buf;
	int r;

	do {
		struct cli_answer answer;

		r = exchange(running, target, &answer);
		if (r == 0)
			r = page_take(running, &answer, &listing);
		if (r)
			return r;
		target = page_target(running, &listing);
	} while (!is_complete(&listing));
	if (args->is_json)
		return 0;
	buf_init(&buf, &running->cli->arena);
	output_table(&buf, &running->cli->arena, args->verb->columns, listing.items, listing.count);
	print_text(running, &buf);
	if (listing.cursor)
		fprintf(running->streams->err,
			"there is more: use --all, --limit N or --cursor %s\n", listing.cursor);
	return 0;
}

static int findings_print(const struct running *running, const struct cli_answer *answer)
{
	size_t problems;
	struct buf buf;

	buf_init(&buf, &running->cli->arena);
	problems = output_findings(&buf, answer->json);
	if (!running->args->is_json)
		print_text(running, &buf);
	if (problems > 0)
		return cli_fail(running->cli, CLI_E_FAILED, "%zu of these need your attention",
				problems);
	return 0;
}

static int answer_print(const struct running *running, const struct cli_answer *answer)
{
	const struct cli_args *args = running->args;
	struct buf buf;

	buf_init(&buf, &running->cli->arena);
	switch (args->verb->output) {
	case CLI_OUT_LIST:
		break;
	case CLI_OUT_OBJECT:
		if (answer->json)
			output_object(&buf, &running->cli->arena, answer->json);
		break;
	case CLI_OUT_URL:
		term_add(&buf, json_text(answer->json, "url"));
		buf_add_byte(&buf, '\n');
		break;
	case CLI_OUT_FINDINGS:
		return findings_print(running, answer);
	case CLI_OUT_TELL:
		if (answer->json)
			tell_object(&buf, &running->cli->arena, answer->json);
		break;
	case CLI_OUT_DONE:
		buf_printf(&buf, "%sd ", args->verb->name);
		term_add(&buf, text_of(args->id));
		buf_add_byte(&buf, '\n');
		break;
	}
	if (!args->is_json)
		print_text(running, &buf);
	return 0;
}

static int one_run(struct running *running)
{
	struct cli_answer answer;
	int r;

	r = exchange(running, running->request.path, &answer);
	return r ? r : answer_print(running, &answer);
}

int cli_run(struct cli *cli, const struct cli_args *args, const struct cli_streams *streams)
{
	struct running running = {.cli = cli, .args = args, .streams = streams};
	struct cli_settings settings;
	int r;

	r = cli_request_make(cli, args, &running.request);
	if (r == 0)
		r = cli_settings_read(cli, args, &settings);
	if (r == 0)
		r = confirm(&running);
	if (r == 0)
		r = cli_api_open(cli, &settings, &running.api);
	if (r)
		return r;
	r = args->verb->output == CLI_OUT_LIST ? list_run(&running) : one_run(&running);
	cli_api_close(running.api);
	return r;
}
