/* SPDX-License-Identifier: Apache-2.0 */
/*
 * request.c: see request.h. Members come in the order they were typed; options that share a
 * member (--assign and --exclude, --setting and --settings-file) fill one array in the order they
 * were typed.
 */
#include "muster/request.h"

#include <string.h>

#include "base/json.h"
#include "muster/values.h"

struct making {
	struct cli *cli;
	const struct cli_args *args;
};

static const struct cli_given *given_find(const struct cli_args *args,
					  const struct cli_option *option)
{
	for (size_t i = 0; i < args->given_count; i++)
		if (args->given[i].option == option)
			return &args->given[i];
	return NULL;
}

/* The value for {name} in a path. */
static int placeholder_value(const struct making *making, struct text name, const char **ret)
{
	const struct cli_args *args = making->args;
	const struct cli_option *option = args->verb->options;

	if (text_eq(name, TEXT("id"))) {
		*ret = args->id;
		return 0;
	}
	for (; option && option->name; option++) {
		const struct cli_given *given;

		if (option->kind != CLI_PATH ||
		    !text_eq_c(name, cli_option_member(&making->cli->arena, option)))
			continue;
		given = given_find(args, option);
		if (!given)
			return cli_fail(making->cli, CLI_E_USAGE, "muster %s %s needs --%s",
					args->resource->name, args->verb->name,
					option->alias ? option->alias : option->name);
		*ret = given->value;
		return 0;
	}
	return cli_fail(making->cli, CLI_E_FAILED, "no option fills {%.*s}", TEXT_ARG(name));
}

/* Escaped, so that no id can become another path. */
static int path_make(const struct making *making, const char **ret)
{
	struct text rest = text_of(making->args->verb->path);
	struct buf buf;

	buf_init(&buf, &making->cli->arena);
	buf_add_c(&buf, "/api/v1/");
	while (rest.ptr) {
		struct text plain = text_cut(&rest, '{');
		const char *value = NULL;
		int r;

		buf_add_text(&buf, plain);
		if (!rest.ptr)
			break;
		r = placeholder_value(making, text_cut(&rest, '}'), &value);
		if (r)
			return r;
		if (!value || !value[0] || !strcmp(value, ".") || !strcmp(value, ".."))
			return cli_fail(making->cli, CLI_E_USAGE, "'%s' is no id",
					value ? value : "");
		buf_add_url(&buf, text_of(value));
	}
	*ret = buf.data;
	return 0;
}

static const char *query_make(const struct making *making)
{
	struct arena *arena = &making->cli->arena;
	struct buf buf;

	buf_init(&buf, arena);
	for (size_t i = 0; i < making->args->given_count; i++) {
		const struct cli_given *given = &making->args->given[i];

		if (given->option->kind != CLI_FILTER)
			continue;
		buf_printf(&buf, "%s%s=", buf.len > 0 ? "&" : "",
			   cli_option_member(arena, given->option));
		buf_add_url(&buf, text_of(given->value));
	}
	return buf.len > 0 ? buf.data : "";
}

static bool is_in_body(const struct cli_option *option)
{
	return option->kind != CLI_FILTER && option->kind != CLI_PATH;
}

/* Everything given for an array's member, of whatever option. */
static int array_add(const struct making *making, const char *member, struct json_writer *w)
{
	struct cli *cli = making->cli;
	int r = 0;

	json_begin_array(w, member);
	for (size_t i = 0; i < making->args->given_count && r == 0; i++) {
		const struct cli_given *given = &making->args->given[i];

		if (is_in_body(given->option) &&
		    !strcmp(cli_option_member(&cli->arena, given->option), member))
			r = cli_value_add(cli, given->option, NULL, given->value, w);
	}
	json_end_array(w);
	return r;
}

static bool is_first_of_member(const struct making *making, size_t at)
{
	struct arena *arena = &making->cli->arena;
	const struct cli_given *given = making->args->given;
	const char *member = cli_option_member(arena, given[at].option);

	for (size_t i = 0; i < at; i++)
		if (is_in_body(given[i].option) &&
		    !strcmp(cli_option_member(arena, given[i].option), member))
			return false;
	return true;
}

static int member_add(const struct making *making, size_t at, struct json_writer *w)
{
	const struct cli_given *given = &making->args->given[at];
	const char *member = cli_option_member(&making->cli->arena, given->option);

	if (!is_first_of_member(making, at))
		return 0;
	if (cli_option_is_repeatable(given->option))
		return array_add(making, member, w);
	return cli_value_add(making->cli, given->option, member, given->value, w);
}

/* The member "kind", where the given options agree on one. */
static int kind_add(const struct making *making, struct json_writer *w)
{
	const struct cli_option *first = NULL;

	for (size_t i = 0; i < making->args->given_count; i++) {
		const struct cli_option *option = making->args->given[i].option;

		if (!option->implies)
			continue;
		if (first && strcmp(first->implies, option->implies) != 0)
			return cli_fail(making->cli, CLI_E_USAGE,
					"--%s and --%s exclude each other", first->name,
					option->name);
		if (!first)
			json_add_c(w, "kind", option->implies);
		first = option;
	}
	return 0;
}

static int body_make(const struct making *making, struct text *ret)
{
	struct json_writer w;
	struct buf buf;
	int r;

	buf_init(&buf, &making->cli->arena);
	json_writer_init(&w, &buf);
	json_begin_object(&w, NULL);
	r = kind_add(making, &w);
	for (size_t i = 0; i < making->args->given_count && r == 0; i++)
		if (is_in_body(making->args->given[i].option))
			r = member_add(making, i, &w);
	json_end_object(&w);
	if (r == 0)
		*ret = buf_text(&buf);
	return r;
}

static bool has_body(const struct cli_verb *verb)
{
	return !strcmp(verb->method, "POST") || !strcmp(verb->method, "PATCH") ||
	       !strcmp(verb->method, "PUT");
}

int cli_request_make(struct cli *cli, const struct cli_args *args, struct cli_request *ret)
{
	const struct making making = {cli, args};
	struct cli_request request = {.body = TEXT_EMPTY};
	int r;

	r = path_make(&making, &request.path);
	if (r)
		return r;
	request.query = query_make(&making);
	if (has_body(args->verb))
		r = body_make(&making, &request.body);
	if (r == 0)
		*ret = request;
	return r;
}
