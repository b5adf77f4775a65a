/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check.c: `musterd check`: everything the server needs to start, looked at without starting it.
 * Each finding is one line, "ok" or "problem"; problems make the exit status 1.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "http/server.h"
#include "musterd/commands.h"
#include "musterd/keys.h"
#include "musterd/listeners.h"
#include "musterd/startup.h"
#include "signer/signer.h"
#include "store/db.h"
#include "x509/cert.h"

/* 2026-01-01: a clock before this program was written is wrong. */
enum { CLOCK_FLOOR = 1767225600, EXPIRY_NOTICE_S = 30 * 24 * 3600, PEM_MAX = 64 * 1024 };

struct checking {
	const struct config *config;
	struct arena arena;
	struct trail trail;
	int problems;
};

static void finding(struct checking *checking, int r, const char *what)
{
	if (r == 0) {
		printf("ok       %s\n", what);
		return;
	}
	printf("problem  %s: %s\n", what, checking->trail.cause);
	trail_reset(&checking->trail);
	checking->problems++;
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
		printf("notice   %s expires on %s\n", path, until);
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

int command_check(int argc, char **argv)
{
	struct checking checking = {0};
	struct server_keys keys = {0};
	struct config_file *file;
	int status, r;

	status = command_config("check", argc, argv, &file);
	if (status != EXIT_DONE)
		return status;
	checking.config = &file->config;
	arena_init(&checking.arena);
	trail_reset(&checking.trail);
	finding(&checking, 0, "configuration");
	finding(&checking, clock_check(&checking), "clock");
	r = keys_load(&keys, file->config.master_key_file, &checking.trail);
	finding(&checking, r, "master key");
	finding(&checking, ca_check(&checking), "device CA");
	finding(&checking, certificate_check(&checking, file->config.ca_certificate),
		"device CA certificate");
	listeners_check(&checking);
	finding(&checking, startup_check_ca_bundle(&file->config, &checking.trail),
		"trust anchors for Entra");
	finding(&checking, store_check(&checking, r == 0 ? &keys : NULL), "database");
	keys_done(&keys);
	arena_done(&checking.arena);
	config_free(file);
	return checking.problems ? EXIT_FAILED : EXIT_DONE;
}
