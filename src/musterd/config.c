/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.c: see config.h. The settings are one table; a new setting is a new row here, a field in
 * model/config.h and a line in doc/configuration.md (a check compares them).
 */
#include "musterd/config.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>

#include "terms/branding.h"

enum kind { KIND_TEXT, KIND_LIST, KIND_URL, KIND_URLS, KIND_LISTEN, KIND_NUMBER, KIND_BOOL };

struct setting_row {
	const char *section;
	const char *key;
	enum kind kind;
	size_t offset;
	const char *fallback; /* NULL: must be given */
};

#define ROW(section, key, kind, field, fallback)                                                   \
	{                                                                                          \
		section, key, kind, offsetof(struct config, field), fallback                       \
	}

static const struct setting_row rows[] = {
    ROW("server", "public_url", KIND_URL, public.url, NULL),
    ROW("server", "manage_url", KIND_URL, manage.url, NULL),
    ROW("server", "console_url", KIND_URL, console.url, NULL),
    ROW("server", "manage_previous_url", KIND_URLS, manage_previous, ""),
    ROW("server", "public_listen", KIND_LISTEN, public.listen, "0.0.0.0:443"),
    ROW("server", "manage_listen", KIND_LISTEN, manage.listen, "0.0.0.0:8443"),
    ROW("server", "console_listen", KIND_LISTEN, console.listen, "127.0.0.1:8444"),
    ROW("server", "metrics_listen", KIND_LISTEN, metrics.listen, "127.0.0.1:9464"),
    ROW("server", "public_tls_certificate", KIND_TEXT, public.tls_certificate, ""),
    ROW("server", "public_tls_key", KIND_TEXT, public.tls_key, ""),
    ROW("server", "manage_tls_certificate", KIND_TEXT, manage.tls_certificate, ""),
    ROW("server", "manage_tls_key", KIND_TEXT, manage.tls_key, ""),
    ROW("server", "console_tls_certificate", KIND_TEXT, console.tls_certificate, ""),
    ROW("server", "console_tls_key", KIND_TEXT, console.tls_key, ""),
    ROW("server", "tls_certificate", KIND_TEXT, tls_certificate, ""),
    ROW("server", "tls_key", KIND_TEXT, tls_key, ""),
    ROW("server", "workers", KIND_NUMBER, workers, "0"),
    ROW("server", "maintenance", KIND_BOOL, is_in_maintenance, "no"),
    ROW("store", "url", KIND_TEXT, store_url, NULL),
    ROW("secrets", "master_key_file", KIND_TEXT, master_key_file, NULL),
    ROW("ca", "certificate", KIND_TEXT, ca_certificate, NULL),
    ROW("ca", "key", KIND_TEXT, ca_key, NULL),
    ROW("ca", "certificate_days", KIND_NUMBER, certificate_days, "365"),
    ROW("ca", "renew_days", KIND_NUMBER, renew_days, "60"),
    ROW("ca", "retry_days", KIND_NUMBER, retry_days, "4"),
    ROW("ca", "root", KIND_TEXT, ca_root, ""),
    ROW("ca", "previous", KIND_LIST, ca_previous, ""),
    ROW("ca", "previous_key", KIND_LIST, ca_previous_keys, ""),
    ROW("ca", "crl_url", KIND_TEXT, ca_crl_url, ""),
    ROW("entra", "ca_bundle", KIND_TEXT, entra_ca_bundle, ""),
    ROW("entra", "allow_custom_cloud", KIND_BOOL, allow_custom_cloud, "no"),
    ROW("terms", "assets_dir", KIND_TEXT, terms_assets_dir, "/usr/local/share/muster/assets"),
    ROW("terms", "branding_dir", KIND_TEXT, terms_branding_dir, ""),
};

#define URL_EXPECTED "https://host or https://host:port, without a path"

enum { NUMBER_MAX = 1024, CERTIFICATE_DAYS_MAX = 397 };

struct reader {
	struct config_file *file;
	FILE *stream;
	int line;
	bool is_too_long;
	bool is_seen[ARRAY_LEN(rows)];
	char problem[256]; /* why the current line was refused */
};

const char *config_url_host(struct arena *arena, const char *url)
{
	struct text rest = text_of(url);
	struct text host;
	uint64_t port;

	if (!text_starts(rest, TEXT("https://")))
		return NULL;
	rest = text_from(rest, 8);
	host = text_cut(&rest, ':');
	if (rest.ptr && (!text_to_u64(rest, &port) || port == 0 || port > 65535))
		return NULL;
	for (size_t i = 0; i < host.len; i++) {
		char c = host.ptr[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      c == '.' || c == '-'))
			return NULL;
	}
	return host.len > 0 && host.len <= 253 ? arena_cstr(arena, host) : NULL;
}

/* What the listeners take: a numeric address, in brackets for IPv6, and a port. */
static bool listen_is_ok(struct arena *arena, const char *value)
{
	const char *colon = strrchr(value, ':');
	unsigned char address[16];
	struct text host;
	uint64_t port;

	if (!colon || !text_to_u64(text_of(colon + 1), &port) || port > 65535)
		return false;
	host = text_make(value, (size_t)(colon - value));
	if (text_starts(host, TEXT("[")) && text_ends(host, TEXT("]")))
		return inet_pton(AF_INET6,
				 arena_cstr(arena, text_take(text_from(host, 1), host.len - 2)),
				 address) == 1;
	return inet_pton(AF_INET, arena_cstr(arena, host), address) == 1;
}

static bool bool_read(const char *value, bool *ret)
{
	static const char *const yes[] = {"yes", "true", "on", "1"};
	static const char *const no[] = {"no", "false", "off", "0"};

	for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
		if (!strcmp(value, yes[i]) || !strcmp(value, no[i])) {
			*ret = !strcmp(value, yes[i]);
			return true;
		}
	}
	return false;
}

static const char *list_add(struct arena *arena, struct config_list *list, const char *value)
{
	if (!value[0])
		return NULL;
	if (list->count == CONFIG_LIST_MAX)
		return "at most 4 such lines";
	list->items[list->count++] = arena_string(arena, value);
	return NULL;
}

/* NULL when the value was stored, else what is expected instead. */
static const char *row_store(struct config_file *file, const struct setting_row *row,
			     const char *value)
{
	void *slot = (char *)&file->config + row->offset;
	uint64_t number;

	switch (row->kind) {
	case KIND_URL:
		if (!config_url_host(&file->arena, value))
			return URL_EXPECTED;
		*(const char **)slot = arena_string(&file->arena, value);
		return NULL;
	case KIND_TEXT:
		*(const char **)slot = arena_string(&file->arena, value);
		return NULL;
	case KIND_URLS:
		if (value[0] && !config_url_host(&file->arena, value))
			return URL_EXPECTED;
		return list_add(&file->arena, slot, value);
	case KIND_LIST:
		return list_add(&file->arena, slot, value);
	case KIND_LISTEN:
		if (!listen_is_ok(&file->arena, value))
			return "an address and port like 0.0.0.0:443 or [::1]:443";
		*(const char **)slot = arena_string(&file->arena, value);
		return NULL;
	case KIND_NUMBER:
		if (!text_to_u64(text_of(value), &number) || number > NUMBER_MAX)
			return "a whole number from 0 to 1024";
		*(size_t *)slot = (size_t)number;
		return NULL;
	case KIND_BOOL:
		return bool_read(value, slot) ? NULL : "yes or no";
	}
	return "a value this program knows";
}

static int line_handle(void *user, const char *section, const char *key, const char *value)
{
	struct reader *reader = user;
	bool is_section = false;

	if (reader->problem[0])
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *expected;

		if (strcmp(rows[i].section, section) != 0)
			continue;
		is_section = true;
		if (strcmp(rows[i].key, key) != 0)
			continue;
		expected =
		    reader->is_seen[i] && rows[i].kind != KIND_LIST && rows[i].kind != KIND_URLS
			? "only one such line"
			: row_store(reader->file, &rows[i], value);
		reader->is_seen[i] = true;
		if (expected)
			snprintf(reader->problem, sizeof(reader->problem), "%s: expected %s", key,
				 expected);
		return expected ? 0 : 1;
	}
	snprintf(reader->problem, sizeof(reader->problem), "unknown %s '%s'",
		 is_section ? "setting" : "section", is_section ? key : section);
	return 0;
}

/* The parser would take the rest of a longer line for a line of its own. */
static char *line_read(char *into, int size, void *user)
{
	struct reader *reader = user;
	size_t len;

	if (reader->is_too_long || !fgets(into, size, reader->stream))
		return NULL;
	reader->line++;
	len = strlen(into);
	reader->is_too_long = (int)len == size - 1 && into[len - 1] != '\n';
	return reader->is_too_long ? NULL : into;
}

static int config_parse(struct reader *reader, const char *path, struct trail *trail)
{
	int r;

	reader->stream = fopen(path, "re");
	if (!reader->stream)
		return ERR_FAIL(trail, ERR_CONFIG, "cannot read configuration file %s: %s", path,
				strerror(errno));
	r = ini_parse_stream(line_read, reader, line_handle, reader);
	fclose(reader->stream);
	if (reader->is_too_long)
		return ERR_FAIL(trail, ERR_CONFIG, "%s line %d: longer than %d characters", path,
				reader->line, INI_MAX_LINE - 2);
	if (r > 0)
		return ERR_FAIL(trail, ERR_CONFIG, "%s line %d: %s", path, r,
				reader->problem[0] ? reader->problem : "not a 'key = value' line");
	return r ? ERR_FAIL(trail, ERR_CONFIG, "%s: out of memory", path) : 0;
}

static void listener_finish(struct arena *arena, struct config_listener *listener,
			    const struct config *config)
{
	listener->host = listener->hosts[0] = config_url_host(arena, listener->url);
	if (!listener->tls_certificate[0] && !listener->tls_key[0]) {
		listener->tls_certificate = config->tls_certificate;
		listener->tls_key = config->tls_key;
	}
}

/* Windows refuses a RetryInterval above the RenewPeriod, and a period as long as the certificate
 * would make it renew without end. */
static int renewal_check(const struct config *config, const char *path, struct trail *trail)
{
	if (config->certificate_days < 2 || config->certificate_days > CERTIFICATE_DAYS_MAX)
		return ERR_FAIL(trail, ERR_CONFIG, "%s: certificate_days must be from 2 to %d",
				path, CERTIFICATE_DAYS_MAX);
	if (config->renew_days < 1 || config->renew_days >= config->certificate_days)
		return ERR_FAIL(trail, ERR_CONFIG,
				"%s: renew_days must be at least 1 and less than certificate_days",
				path);
	if (config->retry_days < 1 || config->retry_days > config->renew_days)
		return ERR_FAIL(trail, ERR_CONFIG,
				"%s: retry_days must be at least 1 and at most renew_days", path);
	return 0;
}

/* It goes into certificates as it stands. */
static int crl_url_finish(struct reader *reader, const char *path, struct trail *trail)
{
	struct config *config = &reader->file->config;
	struct text url = text_of(config->ca_crl_url);

	if (url.len == 0) {
		config->ca_crl_url =
		    arena_printf(&reader->file->arena, "%s" CONFIG_CRL_PATH, config->public.url);
		return 0;
	}
	if (!text_starts(url, TEXT("http://")) && !text_starts(url, TEXT("https://")))
		url.len = 0;
	for (size_t i = 0; i < url.len; i++)
		if (url.ptr[i] <= ' ' || url.ptr[i] > '~')
			url.len = 0;
	if (url.len < 12 || url.ptr[url.len - 1] == '/')
		return ERR_FAIL(trail, ERR_CONFIG,
				"%s: crl_url in section [ca] must be http:// or https://, a host "
				"and perhaps a path, without a slash at the end",
				path);
	return 0;
}

static int config_finish(struct reader *reader, const char *path, struct trail *trail)
{
	struct config *config = &reader->file->config;
	struct config_listener *listeners[] = {&config->public, &config->manage, &config->console};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (reader->is_seen[i])
			continue;
		if (!rows[i].fallback)
			return ERR_FAIL(trail, ERR_CONFIG,
					"%s: section [%s] needs a line '%s = ...'", path,
					rows[i].section, rows[i].key);
		if (row_store(reader->file, &rows[i], rows[i].fallback))
			return ERR_FAIL(trail, ERR_INTERNAL, "default of %s", rows[i].key);
	}
	for (size_t i = 0; i < ARRAY_LEN(listeners); i++) {
		listener_finish(&reader->file->arena, listeners[i], config);
		if (!listeners[i]->tls_certificate[0] || !listeners[i]->tls_key[0])
			return ERR_FAIL(trail, ERR_CONFIG,
					"%s: section [server] needs tls_certificate and tls_key",
					path);
	}
	config->public.hosts[1] = CONFIG_AUTODISCOVERY_HOST "*";
	for (size_t i = 0; i < config->manage_previous.count; i++)
		config->manage.hosts[1 + i] =
		    config_url_host(&reader->file->arena, config->manage_previous.items[i]);
	config->metrics.url = config->metrics.host = "";
	if (config->ca_root[0])
		config->ca_trusted[config->ca_trusted_count++] = config->ca_root;
	for (size_t i = 0; i < config->ca_previous.count; i++)
		config->ca_trusted[config->ca_trusted_count++] = config->ca_previous.items[i];
	if (crl_url_finish(reader, path, trail))
		return ERR_CONFIG;
	return renewal_check(config, path, trail);
}

int config_load_branding(struct config_file *file, struct trail *trail)
{
	struct config *config = &file->config;

	return terms_branding_load(&file->arena, config->terms_assets_dir,
				   config->terms_branding_dir, trail, &config->branding);
}

int config_load(struct config_file **ret, const char *path, struct trail *trail)
{
	struct config_file *file = heap_alloc(sizeof(*file));
	struct reader reader = {.file = file};
	int r;

	arena_init(&file->arena);
	file->path = arena_string(&file->arena, path);
	r = config_parse(&reader, path, trail);
	if (r == 0)
		r = config_finish(&reader, path, trail);
	if (r) {
		config_free(file);
		return r;
	}
	*ret = file;
	return 0;
}

void config_free(struct config_file *file)
{
	if (!file)
		return;
	arena_done(&file->arena);
	free(file);
}

static bool list_is_same(const struct config_list *a, const struct config_list *b)
{
	if (a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (strcmp(a->items[i], b->items[i]) != 0)
			return false;
	return true;
}

const char *config_needs_restart(const struct config *old, const struct config *new)
{
	const struct {
		const char *name;
		const char *old;
		const char *new;
	} fixed[] = {
	    {"public_listen", old->public.listen, new->public.listen},
	    {"manage_listen", old->manage.listen, new->manage.listen},
	    {"console_listen", old->console.listen, new->console.listen},
	    {"metrics_listen", old->metrics.listen, new->metrics.listen},
	    {"public_url", old->public.url, new->public.url},
	    {"manage_url", old->manage.url, new->manage.url},
	    {"console_url", old->console.url, new->console.url},
	    {"store url", old->store_url, new->store_url},
	    {"master_key_file", old->master_key_file, new->master_key_file},
	    {"ca certificate", old->ca_certificate, new->ca_certificate},
	    {"ca key", old->ca_key, new->ca_key},
	    {"ca root", old->ca_root, new->ca_root},
	    {"ca crl_url", old->ca_crl_url, new->ca_crl_url},
	    {"entra ca_bundle", old->entra_ca_bundle, new->entra_ca_bundle},
	};

	if (!list_is_same(&old->manage_previous, &new->manage_previous))
		return "manage_previous_url";
	if (!list_is_same(&old->ca_previous, &new->ca_previous))
		return "ca previous";
	if (!list_is_same(&old->ca_previous_keys, &new->ca_previous_keys))
		return "ca previous_key";
	for (size_t i = 0; i < ARRAY_LEN(fixed); i++)
		if (strcmp(fixed[i].old, fixed[i].new) != 0)
			return fixed[i].name;
	return old->workers != new->workers ? "workers" : NULL;
}

static bool row_is_same(const struct setting_row *row, const struct config *a,
			const struct config *b)
{
	const void *left = (const char *)a + row->offset;
	const void *right = (const char *)b + row->offset;

	switch (row->kind) {
	case KIND_URL:
	case KIND_LISTEN:
	case KIND_TEXT:
		return strcmp(*(const char *const *)left, *(const char *const *)right) == 0;
	case KIND_LIST:
	case KIND_URLS:
		return list_is_same(left, right);
	case KIND_NUMBER:
		return *(const size_t *)left == *(const size_t *)right;
	case KIND_BOOL:
		break;
	}
	return *(const bool *)left == *(const bool *)right;
}

bool config_is_same(const struct config *a, const struct config *b)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (!row_is_same(&rows[i], a, b))
			return false;
	return !a->branding || !b->branding ||
	       strcmp(a->branding->fingerprint, b->branding->fingerprint) == 0;
}
