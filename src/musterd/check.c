/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check.c: `musterd check`: everything the server needs to start, looked at without starting it,
 * and then what is outside and breaks joining (check_tls.c, check_network.c). Each finding is one
 * line, "ok", "notice" or "problem"; problems make the exit status 1. --offline asks nobody.
 */
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/server.h"
#include "musterd/check.h"
#include "musterd/commands.h"
#include "musterd/keys.h"
#include "musterd/listeners.h"
#include "musterd/options.h"
#include "musterd/startup.h"
#include "signer/signer.h"
#include "store/db.h"
#include "x509/cert.h"

/* 2026-01-01: a clock before this program was written is wrong. */
enum { CLOCK_FLOOR = 1767225600, EXPIRY_NOTICE_S = 30 * 24 * 3600, PEM_MAX = 64 * 1024 };

void check_ok(struct checking *checking, const char *fmt, ...)
{
	va_list args;

	(void)checking;
	va_start(args, fmt);
	printf("ok       ");
	vprintf(fmt, args);
	printf("\n");
	va_end(args);
}

void check_notice(struct checking *checking, const char *fmt, ...)
{
	va_list args;

	(void)checking;
	va_start(args, fmt);
	printf("notice   ");
	vprintf(fmt, args);
	printf("\n");
	va_end(args);
}

void check_problem(struct checking *checking, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	printf("problem  ");
	vprintf(fmt, args);
	printf("\n");
	va_end(args);
	checking->problems++;
}

static void finding(struct checking *checking, int r, const char *what)
{
	if (r == 0)
		check_ok(checking, "%s", what);
	else
		check_problem(checking, "%s: %s", what, checking->trail.cause);
	trail_reset(&checking->trail);
}

static int pem_load(struct checking *checking, const char *path, struct x509_cert *ret)
{
	char *pem = arena_alloc(&checking->arena, PEM_MAX);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : read(fd, pem, PEM_MAX);

	if (fd >= 0)
		close(fd);
	if (len < 0)
		return ERR_FAIL(&checking->trail, ERR_CONFIG, "cannot read %s", path);
	if (x509_cert_read_pem(&checking->arena, text_make(pem, (size_t)len), ret))
		return ERR_FAIL(&checking->trail, ERR_CONFIG, "%s holds no certificate", path);
	return 0;
}

static int certificate_check(struct checking *checking, const char *path)
{
	struct x509_cert cert;
	char until[CLOCK_TEXT_LEN + 1];
	int64_t now = clock_now();
	int r;

	r = pem_load(checking, path, &cert);
	if (r)
		return r;
	clock_write(cert.not_after, until);
	if (now < cert.not_before)
		return ERR_FAIL(&checking->trail, ERR_CONFIG, "%s is not valid yet", path);
	if (now >= cert.not_after)
		return ERR_FAIL(&checking->trail, ERR_CONFIG, "%s expired on %s; replace it", path,
				until);
	if (cert.not_after - now < EXPIRY_NOTICE_S)
		check_notice(checking, "%s expires on %s", path, until);
	return 0;
}

/* keys NULL: the master key could not be read, which is a finding of its own. */
static int store_check(struct checking *checking, const struct server_keys *keys)
{
	struct db_store *store;
	int r;

	r = startup_check_store_exists(checking->config, &checking->trail);
	if (r == 0)
		r = db_store_open(&store, checking->config->store_url, &checking->trail);
	if (r)
		return r;
	r = db_store_check(store, &checking->trail);
	if (r == 0 && keys)
		r = startup_check_master_key(store, keys, &checking->trail);
	db_store_close(store);
	if (r == DB_E_NOT_MIGRATED)
		return ERR_FAIL(&checking->trail, ERR_CONFIG, "older schema; run: musterd migrate");
	if (r == DB_E_NEWER_SCHEMA)
		return ERR_FAIL(&checking->trail, ERR_CONFIG,
				"made by a newer Muster; run that program");
	return r;
}

static int clock_check(struct checking *checking)
{
	if (clock_now() < CLOCK_FLOOR)
		return ERR_FAIL(
		    &checking->trail, ERR_CONFIG,
		    "the clock is before 2026; certificates and tokens cannot be judged");
	return 0;
}

static void previous_check(struct signer_process *process)
{
	for (size_t i = 1; i < signer_process_issuer_count(process); i++)
		if (!signer_process_issuer_has_key(process, i))
			printf(
			    "notice   there is no key for the previous CA '%.*s': its CRL is not "
			    "made any more; give previous_key in section [ca]\n",
			    TEXT_ARG(signer_process_issuer(process, i)->subject_cn));
}

/* The root certifies any device CA: whoever takes this server must not find its key here. */
static void root_key_check(struct checking *checking)
{
	const struct config *config = checking->config;
	struct text root = text_of(config->ca_root), name = TEXT("device-root.key");
	struct text stem = text_ends(root, TEXT(".crt")) ? text_take(root, root.len - 4) : root;
	const char *slash = strrchr(config->ca_certificate, '/');
	const char *const places[] = {
	    arena_printf(&checking->arena, "%.*s.key", TEXT_ARG(stem)),
	    arena_printf(&checking->arena, "%.*s%.*s",
			 slash ? (int)(slash - config->ca_certificate) + 1 : 0,
			 config->ca_certificate, TEXT_ARG(name)),
	};

	for (size_t i = 0; root.len > 0 && i < ARRAY_LEN(places); i++) {
		if (access(places[i], R_OK) != 0 || (i > 0 && strcmp(places[0], places[1]) == 0))
			continue;
		check_notice(
		    checking,
		    "%s, the key of the root, can be read on this server: move it to where "
		    "no network is, it is needed only to replace the device CA",
		    places[i]);
	}
}

static int ca_check(struct checking *checking)
{
	struct signer_setup setup = startup_signer_setup(checking->config);
	struct signer_process *process;
	enum signer_seal seal;
	int r;

	r = signer_process_start(&process, &setup, &checking->trail);
	if (r)
		return r;
	seal = signer_process_seal(process);
	if (seal != SIGNER_SEALED)
		printf("notice   %s\n", signer_seal_text(seal));
	previous_check(process);
	signer_process_stop(process);
	return 0;
}

static int key_check(struct checking *checking, const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return ERR_FAIL(&checking->trail, ERR_CONFIG, "cannot read %s", path);
	if (st.st_mode & (S_IROTH | S_IWOTH))
		return ERR_FAIL(&checking->trail, ERR_CONFIG,
				"everybody on this machine can read %s; run: chmod o= %s", path,
				path);
	return 0;
}

static void listeners_check(struct checking *checking)
{
	struct http_listener listeners[EDGE_LISTENERS];

	listeners_fill(checking->config, listeners);
	for (size_t i = 0; i < EDGE_LISTENERS; i++) {
		if (listeners[i].is_plain)
			continue;
		finding(
		    checking, http_server_check_tls(&listeners[i], &checking->trail),
		    arena_printf(&checking->arena, "TLS of the %s listener", listeners[i].name));
		finding(checking, certificate_check(checking, listeners[i].certificate_file),
			arena_printf(&checking->arena, "certificate %s",
				     listeners[i].certificate_file));
		finding(checking, key_check(checking, listeners[i].key_file),
			arena_printf(&checking->arena, "key %s", listeners[i].key_file));
	}
}

static void run(struct checking *checking, struct config_file *file)
{
	const struct config *config = checking->config;
	struct server_keys keys = {0};
	int r, stored;

	check_ok(checking, "configuration");
	if (config->is_in_maintenance)
		check_notice(checking, "the server is in maintenance: nobody can enrol until "
				       "maintenance = no");
	finding(checking, clock_check(checking), "clock");
	r = keys_load(&keys, config->master_key_file, &checking->trail);
	finding(checking, r, "master key");
	finding(checking, ca_check(checking), "device CA");
	finding(checking, certificate_check(checking, config->ca_certificate),
		"device CA certificate");
	root_key_check(checking);
	listeners_check(checking);
	finding(checking, config_load_branding(file, &checking->trail),
		"style sheets and logos of the Terms of Use");
	finding(checking, startup_check_ca_bundle(config, &checking->trail),
		"trust anchors for Entra");
	stored = store_check(checking, r == 0 ? &keys : NULL);
	finding(checking, stored, "database");
	check_outside(checking, &keys, r == 0 && stored == 0);
	keys_done(&keys);
}

int command_check(int argc, char **argv)
{
	struct option_row rows[] = {{.name = "config", .is_required = true},
				    {.name = "offline", .is_flag = true},
				    {.name = "roots"}};
	struct checking checking = {0};
	struct config_file *file;

	trail_reset(&checking.trail);
	if (!options_read("check", argc, argv, rows, ARRAY_LEN(rows)))
		return EXIT_USAGE;
	if (config_load(&file, rows[0].value, &checking.trail))
		return command_fail("check", &checking.trail);
	checking.config = &file->config;
	checking.is_offline = rows[1].value != NULL;
	checking.roots_file = rows[2].value ? rows[2].value : CHECK_ROOTS_FILE;
	arena_init(&checking.arena);
	run(&checking, file);
	arena_done(&checking.arena);
	config_free(file);
	return checking.problems ? EXIT_FAILED : EXIT_DONE;
}
