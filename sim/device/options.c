/* SPDX-License-Identifier: Apache-2.0 */
/*
 * options.c: see options.h. contract.md sections 2 and 6.
 *
 * One table says for every option its kind, where its value goes and which commands take it. An
 * option that a command has no use for is wrong usage, so that no wish of a test is dropped
 * silently.
 */
#include "sim/device/options.h"

#include <getopt.h>
#include <stddef.h>

#include "base/text.h"

static const char USAGE[] =
    "Usage: muster-device COMMAND --dir DIR [OPTION]...\n"
    "A simulated Windows 10 or 11 device that checks what the server answers.\n"
    "\n"
    "Commands\n"
    "  enroll     accept the Terms of Use and enrol; DIR keeps the device\n"
    "  session    one management session; applies what the server sends to DIR/tree.json\n"
    "  renew      renew the certificate (ROBO)\n"
    "  unenroll   the user disconnects; the enrolment in DIR is removed\n"
    "  run        sessions by the poll schedule until a signal, an unenrolment or a wipe\n"
    "  load       many devices at once; throughput and latencies\n"
    "\n"
    "All commands\n"
    "  --dir DIR              state of the device (load: of all devices)\n"
    "  --ca FILE              PEM, trust for the server's TLS certificate\n"
    "  --verbose              print every step\n"
    "\n"
    "enroll, load\n"
    "  --join KIND            entra (default), work-account, on-premises, federated,\n"
    "                         certificate\n"
    "  --discovery-url URL    the server's discovery address\n"
    "  --terms-url URL        Terms of Use page; left out: none is shown\n"
    "  --entra-control URL    control interface of muster-entra\n"
    "  --entra-token-file F   its DIR/control.token\n"
    "  --tenant GUID --app CLIENT_ID --user UPN-OR-OBJECT-ID\n"
    "  --token-version 1|2    of the tokens; default: what the application asks for\n"
    "  --os-version A.B.C.D   default 10.0.22631.4460\n"
    "  --theme THEME          settings (default), oobe or oobe-light\n"
    "\n"
    "enroll\n"
    "  --decline              decline the Terms of Use (work-account)\n"
    "  --redirect-uri URI     where the Terms of Use page returns to\n"
    "  --device-id GUID       a device that the directory has already\n"
    "  --name NAME            computer name\n"
    "  --password-file F      on-premises\n"
    "  --client-certificate F --client-key F\n"
    "                         certificate: what signs the requests, PEM\n"
    "  --token-file F         this token instead of the directory's\n"
    "  --csr-file F           this PKCS#10 (DER) instead of a proper one\n"
    "  --key-file F           this private key (PEM) instead of a new one\n"
    "\n"
    "renew\n"
    "  --mde-type             the other spelling of the PKCS#7 type\n"
    "  --encode-twice         two layers of base64\n"
    "  --empty-password       a user name with an empty password in the header\n"
    "  --keep-key             ask with the old key, which a server must refuse\n"
    "\n"
    "session, run, unenroll\n"
    "  --login WHO            user (default), others or none is signed in\n"
    "  --mode MODE            maintenance (default) or machine\n"
    "  --fact LOCURI=VALUE    set what the device reports; may be repeated\n"
    "  --refuse LOCURI=STATUS answer that for the node; may be repeated\n"
    "  --user-token           send a token of the user; --user names another one\n"
    "  --user-token-file F    send this token\n"
    "  --device-token-file F  send this token in the DeviceToken header\n"
    "\n"
    "run\n"
    "  --time-scale N         N times faster (default 1)\n"
    "  --sessions N           stop after N sessions\n"
    "\n"
    "load\n"
    "  --devices N --concurrency C [--duration S] [--sessions K]\n"
    "  --enroll-only          no sessions\n"
    "  --users-file F         one user a line, taken in turn, instead of --user\n"
    "  --key-pool DIR         keep the RSA keys there and use them again\n"
    "  --json                 one JSON object instead of a table\n"
    "\n"
    "Exit status: 0 done, 2 wrong usage, 1 refused, failed, or the server broke a rule.\n";

#define BIT(command) (1U << (command))

enum {
	ON_ALL = BIT(COMMANDS) - 1,
	ON_ENROLL = BIT(COMMAND_ENROLL),
	ON_LOAD = BIT(COMMAND_LOAD),
	ON_JOIN = ON_ENROLL | ON_LOAD,
	ON_SESSION = BIT(COMMAND_SESSION) | BIT(COMMAND_RUN) | BIT(COMMAND_UNENROLL),
	ON_TOKEN = ON_JOIN | ON_SESSION
};

enum kind { KIND_STRING, KIND_FLAG, KIND_NUMBER, KIND_FACT, KIND_REFUSAL };

#define FIELD(field) offsetof(struct options, field)

static const struct {
	const char *name;
	enum kind kind;
	size_t offset;
	unsigned commands;
} OPTIONS[] = {
    {"dir", KIND_STRING, FIELD(dir), ON_ALL},
    {"ca", KIND_STRING, FIELD(ca), ON_ALL},
    {"verbose", KIND_FLAG, FIELD(is_verbose), ON_ALL},
    {"theme", KIND_STRING, FIELD(theme), ON_JOIN},
    {"os-version", KIND_STRING, FIELD(os_version), ON_JOIN},
    {"join", KIND_STRING, FIELD(join), ON_JOIN},
    {"discovery-url", KIND_STRING, FIELD(discovery_url), ON_JOIN},
    {"terms-url", KIND_STRING, FIELD(terms_url), ON_JOIN},
    {"entra-control", KIND_STRING, FIELD(entra_control), ON_TOKEN},
    {"entra-token-file", KIND_STRING, FIELD(entra_token_file), ON_TOKEN},
    {"tenant", KIND_STRING, FIELD(tenant), ON_TOKEN},
    {"app", KIND_STRING, FIELD(app), ON_TOKEN},
    {"user", KIND_STRING, FIELD(user), ON_TOKEN},
    {"token-version", KIND_NUMBER, FIELD(token_version), ON_TOKEN},
    {"redirect-uri", KIND_STRING, FIELD(redirect_uri), ON_ENROLL},
    {"decline", KIND_FLAG, FIELD(is_declined), ON_ENROLL},
    {"device-id", KIND_STRING, FIELD(device_id), ON_ENROLL},
    {"name", KIND_STRING, FIELD(name), ON_ENROLL},
    {"password-file", KIND_STRING, FIELD(password_file), ON_ENROLL},
    {"client-certificate", KIND_STRING, FIELD(client_certificate), ON_ENROLL},
    {"client-key", KIND_STRING, FIELD(client_key), ON_ENROLL},
    {"token-file", KIND_STRING, FIELD(token_file), ON_ENROLL},
    {"csr-file", KIND_STRING, FIELD(csr_file), ON_ENROLL},
    {"key-file", KIND_STRING, FIELD(key_file), ON_ENROLL},
    {"mde-type", KIND_FLAG, FIELD(is_mde_type), BIT(COMMAND_RENEW)},
    {"encode-twice", KIND_FLAG, FIELD(is_encoded_twice), BIT(COMMAND_RENEW)},
    {"empty-password", KIND_FLAG, FIELD(is_password_empty), BIT(COMMAND_RENEW)},
    {"keep-key", KIND_FLAG, FIELD(is_key_kept), BIT(COMMAND_RENEW)},
    {"login", KIND_STRING, FIELD(login), ON_SESSION},
    {"mode", KIND_STRING, FIELD(mode), ON_SESSION},
    {"fact", KIND_FACT, 0, ON_SESSION},
    {"refuse", KIND_REFUSAL, 0, ON_SESSION},
    {"user-token", KIND_FLAG, FIELD(is_user_token), ON_SESSION},
    {"user-token-file", KIND_STRING, FIELD(user_token_file), ON_SESSION},
    {"device-token-file", KIND_STRING, FIELD(device_token_file), ON_SESSION},
    {"time-scale", KIND_NUMBER, FIELD(time_scale), BIT(COMMAND_RUN)},
    {"sessions", KIND_NUMBER, FIELD(sessions), BIT(COMMAND_RUN) | ON_LOAD},
    {"devices", KIND_NUMBER, FIELD(devices), ON_LOAD},
    {"concurrency", KIND_NUMBER, FIELD(concurrency), ON_LOAD},
    {"duration", KIND_NUMBER, FIELD(duration), ON_LOAD},
    {"enroll-only", KIND_FLAG, FIELD(is_enroll_only), ON_LOAD},
    {"key-pool", KIND_STRING, FIELD(key_pool), ON_LOAD},
    {"users-file", KIND_STRING, FIELD(users_file), ON_LOAD},
    {"json", KIND_FLAG, FIELD(is_json), ON_LOAD},
};

enum { OPTION_FIRST = 256, OPTION_HELP = 1000, OPTION_VERSION };

static const char *const COMMAND_NAMES[COMMANDS] = {
    [COMMAND_ENROLL] = "enroll",     [COMMAND_SESSION] = "session", [COMMAND_RENEW] = "renew",
    [COMMAND_UNENROLL] = "unenroll", [COMMAND_RUN] = "run",         [COMMAND_LOAD] = "load",
};

const char *command_name(enum command command)
{
	return COMMAND_NAMES[command];
}

static int usage_fail(FILE *err, const char *what, const char *value)
{
	fprintf(err, "muster-device: %s%s; see muster-device --help\n", what, value);
	return OPTIONS_E_USAGE;
}

static int command_read(const char *word, enum command *ret, FILE *err)
{
	for (size_t i = 0; word && i < COMMANDS; i++)
		if (strcmp(COMMAND_NAMES[i], word) == 0) {
			*ret = (enum command)i;
			return 0;
		}
	return word ? usage_fail(err, "no such command: ", word)
		    : usage_fail(err, "a command is missing", "");
}

static int number_set(int64_t *field, const char *value, const char *name, FILE *err)
{
	uint64_t number;

	if (!text_to_u64(text_of(value), &number) || number == 0 || number > INT32_MAX)
		return usage_fail(err, "needs a number above 0: --", name);
	*field = (int64_t)number;
	return 0;
}

static int pair_add(const char **pairs, size_t *count, const char *value, FILE *err)
{
	if (!strchr(value, '='))
		return usage_fail(err, "needs LOCURI=VALUE: ", value);
	if (*count == OPTIONS_FACTS)
		return usage_fail(err, "too many of them: ", value);
	pairs[(*count)++] = value;
	return 0;
}

static int value_set(struct options *options, size_t row, const char *value, FILE *err)
{
	char *field = (char *)options + OPTIONS[row].offset;

	if (!(OPTIONS[row].commands & BIT(options->command)))
		return usage_fail(err, "this command does not take --", OPTIONS[row].name);
	switch (OPTIONS[row].kind) {
	case KIND_STRING:
		*(const char **)field = value;
		return 0;
	case KIND_FLAG:
		*(bool *)field = true;
		return 0;
	case KIND_NUMBER:
		return number_set((int64_t *)field, value, OPTIONS[row].name, err);
	case KIND_FACT:
		return pair_add(options->facts, &options->fact_count, value, err);
	case KIND_REFUSAL:
		break;
	}
	return pair_add(options->refusals, &options->refusal_count, value, err);
}

static void table_make(struct option ret[ARRAY_LEN(OPTIONS) + 3])
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(OPTIONS); i++)
		ret[i] = (struct option){
		    OPTIONS[i].name,
		    OPTIONS[i].kind == KIND_FLAG ? no_argument : required_argument,
		    NULL,
		    OPTION_FIRST + (int)i,
		};
	ret[i++] = (struct option){"help", no_argument, NULL, OPTION_HELP};
	ret[i++] = (struct option){"version", no_argument, NULL, OPTION_VERSION};
	ret[i] = (struct option){NULL, 0, NULL, 0};
}

static int words_check(const struct options *options, FILE *err)
{
	const struct {
		const char *value;
		const char *name;
		const char *words[4];
	} rows[] = {
	    {options->theme, "--theme", {"settings", "oobe", "oobe-light"}},
	    {options->login, "--login", {"user", "others", "none"}},
	    {options->mode, "--mode", {"maintenance", "machine"}},
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		bool is_known = !rows[i].value;

		for (size_t j = 0; rows[i].words[j]; j++)
			is_known = is_known || strcmp(rows[i].words[j], rows[i].value) == 0;
		if (!is_known)
			return usage_fail(err, "not one of its words: ", rows[i].name);
	}
	if (options->token_version > 2)
		return usage_fail(err, "--token-version is 1 or 2", "");
	return 0;
}

static int options_check(const struct options *options, FILE *err)
{
	if (!options->dir || !options->dir[0])
		return usage_fail(err, "--dir is missing: name a directory for the device", "");
	if ((BIT(options->command) & ON_JOIN) && !options->discovery_url)
		return usage_fail(err, "--discovery-url is missing", "");
	if (options->command == COMMAND_LOAD && (!options->devices || !options->concurrency))
		return usage_fail(err, "load needs --devices and --concurrency", "");
	return words_check(options, err);
}

static int info_print(int option, FILE *out)
{
	fputs(option == OPTION_HELP ? USAGE : "muster-device " MUSTER_VERSION "\n", out);
	return OPTIONS_E_DONE;
}

int options_read(struct options *ret, int argc, char **argv, FILE *out, FILE *err)
{
	struct option table[ARRAY_LEN(OPTIONS) + 3];
	struct options options = {.login = "user", .mode = "maintenance", .time_scale = 1};
	const char *word = argc > 1 ? argv[1] : NULL;
	int option;
	int r;

	if (word && (strcmp(word, "--help") == 0 || strcmp(word, "--version") == 0))
		return info_print(word[2] == 'h' ? OPTION_HELP : OPTION_VERSION, out);
	r = command_read(word, &options.command, err);
	if (r != 0)
		return r;
	table_make(table);
	opterr = 0;
	optind = 2;
	while ((option = getopt_long(argc, argv, "+", table, NULL)) != -1) {
		if (option == OPTION_HELP || option == OPTION_VERSION)
			return info_print(option, out);
		if (option == '?')
			return usage_fail(err,
					  "unknown option or missing value: ", argv[optind - 1]);
		r = value_set(&options, (size_t)(option - OPTION_FIRST), optarg, err);
		if (r != 0)
			return r;
	}
	if (optind < argc)
		return usage_fail(err, "not an option: ", argv[optind]);
	r = options_check(&options, err);
	if (r == 0)
		*ret = options;
	return r;
}
