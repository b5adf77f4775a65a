/* SPDX-License-Identifier: Apache-2.0 */
/*
 * values.c: see values.h. A table of kinds: each has a function that reads its shape and writes it.
 */
#include "muster/values.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/limits.h"
#include "base/secret.h"

#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

enum { FILE_BYTES = 1024 * 1024, SECRET_BYTES = 64 * 1024 };

struct value {
	struct cli *cli;
	const struct cli_option *option;
	const char *name;
	const char *text;
	struct json_writer *w;
};

static int refuse(const struct value *value, const char *wanted)
{
	return cli_fail(value->cli, CLI_E_USAGE, "--%s must be %s, not '%.128s'",
			value->option->name, wanted, value->text);
}

static int text_value(const struct value *value)
{
	json_add_c(value->w, value->name, value->text);
	return 0;
}

/* Empties an array, as "" clears a single value, which may well be called none. */
static bool is_nothing(const struct value *value)
{
	return !value->text[0] || !strcmp(value->text, "none");
}

static int list_value(const struct value *value)
{
	if (!is_nothing(value))
		json_add_c(value->w, NULL, value->text);
	return 0;
}

static int bool_value(const struct value *value)
{
	static const char *const yes[] = {"yes", "true"};
	static const char *const no[] = {"no", "false"};

	for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
		bool is_yes = !strcmp(value->text, yes[i]);

		if (!is_yes && strcmp(value->text, no[i]) != 0)
			continue;
		json_add_bool(value->w, value->name, is_yes);
		return 0;
	}
	return refuse(value, "yes or no");
}

static int flag_value(const struct value *value)
{
	json_add_bool(value->w, value->name, true);
	return 0;
}

static int int_value(const struct value *value)
{
	int64_t n;

	if (!text_to_i64(text_of(value->text), &n))
		return refuse(value, "a whole number");
	json_add_int(value->w, value->name, n);
	return 0;
}

bool cli_duration_read(struct text t, int64_t *ret)
{
	static const struct {
		const char *name;
		uint64_t seconds;
	} units[] = {{"", 1}, {"s", 1}, {"min", 60}, {"h", 3600}, {"d", 86400}};
	size_t digits = 0;
	uint64_t n;

	while (digits < t.len && t.ptr[digits] >= '0' && t.ptr[digits] <= '9')
		digits++;
	if (!text_to_u64(text_take(t, digits), &n))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		if (!text_eq_c(text_from(t, digits), units[i].name))
			continue;
		if (n > INT32_MAX / units[i].seconds)
			return false;
		*ret = (int64_t)(n * units[i].seconds);
		return true;
	}
	return false;
}

static int duration_value(const struct value *value)
{
	int64_t seconds;

	if (!cli_duration_read(text_of(value->text), &seconds))
		return refuse(value, "a time like 90s, 15min, 36h or 3d");
	json_add_int(value->w, value->name, seconds);
	return 0;
}

/* A point in time as it is, or how long from now. */
static int when_value(const struct value *value)
{
	struct text text = text_of(value->text);
	int64_t at;

	if (clock_read(text, &at)) {
		json_add_c(value->w, value->name, value->text);
		return 0;
	}
	if (!cli_duration_read(text, &at))
		return refuse(value,
			      "a time like 2027-01-31T00:00:00Z, or from now like 36h or 3d");
	json_add_time(value->w, value->name, clock_now() + at);
	return 0;
}

/* "./Vendor/...=int:3": the node ends at the first '=', the format at the first ':' after it. */
static int setting_value(const struct value *value)
{
	struct text data = text_of(value->text);
	struct text locuri, format;

	if (is_nothing(value))
		return 0;
	locuri = text_cut(&data, '=');
	if (!data.ptr)
		return refuse(value, "LOCURI=FORMAT:DATA");
	format = text_cut(&data, ':');
	if (!data.ptr || locuri.len == 0 || format.len == 0)
		return refuse(value, "LOCURI=FORMAT:DATA");
	json_begin_object(value->w, NULL);
	json_add_text(value->w, "locuri", locuri);
	json_add_text(value->w, "format", format);
	json_add_text(value->w, "data", data);
	json_end_object(value->w);
	return 0;
}

/* "os_version ge 10.0.19045": two words and the rest. "bitlocker exists" has no rest. */
static int rule_value(const struct value *value)
{
	struct text rest = text_trim(text_of(value->text));
	struct text fact, operator;

	if (is_nothing(value))
		return 0;
	fact = text_cut(&rest, ' ');
	rest = text_trim(rest.ptr ? rest : TEXT_EMPTY);
	operator= text_cut(&rest, ' ');
	if (fact.len == 0 || operator.len == 0)
		return refuse(value, "\"FACT OPERATOR VALUE\"");
	json_begin_object(value->w, NULL);
	json_add_text(value->w, "fact", fact);
	json_add_text(value->w, "operator", operator);
	json_add_text(value->w, "value", rest.ptr ? text_trim(rest) : TEXT_EMPTY);
	json_end_object(value->w);
	return 0;
}

static int assign_value(const struct value *value)
{
	static const char *const whom[] = {"entra_group", "user", "device", "tag"};
	struct text rest = text_of(value->text);
	struct text name = text_cut(&rest, '=');
	bool is_all = text_eq(name, TEXT("all")) && !rest.ptr;
	const char *member = NULL;

	if (is_nothing(value))
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(whom); i++)
		if (text_eq_c(name, whom[i]) && rest.len > 0)
			member = whom[i];
	if (!is_all && !member)
		return refuse(value,
			      "all, entra_group=GUID, user=OBJECT-ID, device=ID or tag=TEXT");
	json_begin_object(value->w, NULL);
	if (is_all)
		json_add_bool(value->w, "all", true);
	else
		json_add_text(value->w, member, rest);
	if (value->option->kind == CLI_EXCLUDE)
		json_add_bool(value->w, "exclude", true);
	json_end_object(value->w);
	return 0;
}

static int file_load(const struct value *value, struct text *ret)
{
	char *bytes = arena_alloc(&value->cli->arena, FILE_BYTES + 1);
	FILE *file = fopen(value->text, "re");
	size_t len;
	bool is_read;

	if (!file)
		return cli_fail(value->cli, CLI_E_FAILED, "cannot read %s: %s", value->text,
				strerror(errno));
	len = fread(bytes, 1, FILE_BYTES + 1, file);
	is_read = !ferror(file) && len <= FILE_BYTES;
	fclose(file);
	if (!is_read)
		return cli_fail(value->cli, CLI_E_FAILED,
				"%s cannot be read or is larger than %d bytes", value->text,
				FILE_BYTES);
	*ret = text_make(bytes, len);
	if (!text_is_utf8(*ret))
		return cli_fail(value->cli, CLI_E_FAILED,
				"%s is not text in UTF-8; save it in this encoding", value->text);
	/* Editors of Windows begin with one. */
	if (text_starts(*ret, TEXT(BYTE_ORDER_MARK)))
		*ret = text_from(*ret, strlen(BYTE_ORDER_MARK));
	return 0;
}

static int file_value(const struct value *value)
{
	struct text content = TEXT_EMPTY;
	int r = file_load(value, &content);

	if (r == 0)
		json_add_text(value->w, value->name, content);
	return r;
}

static int secret_file_value(const struct value *value)
{
	struct secret secret;
	int r;

	secret_init(&secret);
	r = secret_read_file(&secret, value->text, SECRET_BYTES, &value->cli->trail);
	if (r)
		return cli_fail_trail(value->cli);
	if (text_is_utf8(secret_text(&secret)))
		json_add_text(value->w, value->name, secret_text(&secret));
	else
		r = cli_fail(value->cli, CLI_E_FAILED, "%s is not text", value->text);
	secret_done(&secret);
	return r;
}

/* The settings themselves, or an object as `policies show --json` prints it. */
static int settings_file_value(const struct value *value)
{
	const struct json *json;
	struct text content = TEXT_EMPTY;
	int r = file_load(value, &content);

	if (r)
		return r;
	if (json_read(&value->cli->arena, content, LIMIT_JSON_DEPTH, &json))
		return cli_fail(value->cli, CLI_E_FAILED, "%s is not JSON", value->text);
	if (json->kind == JSON_OBJECT)
		json = json_get(json, "settings");
	if (!json || json->kind != JSON_ARRAY)
		return cli_fail(value->cli, CLI_E_FAILED, "%s holds no array of settings",
				value->text);
	for (size_t i = 0; i < json->count; i++) {
		struct buf item;

		buf_init(&item, &value->cli->arena);
		json_write(&item, &json->items[i]);
		json_add_raw(value->w, NULL, buf_text(&item));
	}
	return 0;
}

static const struct {
	enum cli_kind kind;
	int (*add)(const struct value *value);
} kinds[] = {
    {CLI_TEXT, text_value},
    {CLI_BOOL, bool_value},
    {CLI_FLAG, flag_value},
    {CLI_INT, int_value},
    {CLI_DURATION, duration_value},
    {CLI_WHEN, when_value},
    {CLI_LIST, list_value},
    {CLI_SETTING, setting_value},
    {CLI_SETTINGS_FILE, settings_file_value},
    {CLI_RULE, rule_value},
    {CLI_ASSIGN, assign_value},
    {CLI_EXCLUDE, assign_value},
    {CLI_FILE, file_value},
    {CLI_SECRET_FILE, secret_file_value},
};

int cli_value_add(struct cli *cli, const struct cli_option *option, const char *name,
		  const char *value, struct json_writer *w)
{
	const struct value one = {cli, option, name, value, w};

	/* What is written must be UTF-8, whatever the shell passed on. */
	if (!text_is_utf8(text_of(value)))
		return cli_fail(cli, CLI_E_USAGE, "--%s is not valid UTF-8", option->name);
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (kinds[i].kind == option->kind)
			return kinds[i].add(&one);
	return cli_fail(cli, CLI_E_FAILED, "--%s cannot be in a body", option->name);
}
