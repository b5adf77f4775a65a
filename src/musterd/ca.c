/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ca.c: `musterd ca`: the root above the device CA, and replacing the device CA by another one
 * below the same root. What is new is written to new files, never over old ones, and removed where
 * the rest fails. The configuration is changed last, as a whole, and only after the signing process
 * has been started with it: the new pair, the old CA as `previous` and its key as `previous_key`.
 * The server follows at its next start.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/rand.h"
#include "base/secret.h"
#include "musterd/ca_config.h"
#include "musterd/commands.h"
#include "musterd/options.h"
#include "musterd/startup.h"
#include "signer/ceremony.h"
#include "signer/files.h"
#include "signer/signer.h"
#include "x509/cert.h"
#include "x509/hierarchy.h"

enum {
	OPT_CONFIG,
	OPT_CERTIFICATE,
	OPT_KEY,
	OPT_ROOT,
	OPT_ROOT_KEY,
	OPT_ROOT_PASSPHRASE,
	OPT_PASSPHRASE,
	OPT_NAME,
	OPT_REQUEST,
	OPT_OUT,
	OPTS
};

static const char *const option_names[OPTS] = {"config",
					       "certificate",
					       "key",
					       "root-certificate",
					       "root-key",
					       "root-passphrase-file",
					       "passphrase-file",
					       "name",
					       "request",
					       "out"};

enum { MADE_MAX = 2 };

struct ceremony {
	struct arena arena;
	struct trail trail;
	const char *values[OPTS]; /* NULL: not given */
	struct config_file *file; /* where --config is taken */
	struct signer_root root;
	struct secret passphrase;
	const char *stem;           /* of new names: the day and something that makes it unique */
	const char *made[MADE_MAX]; /* files that are of no use unless all succeeds */
	size_t made_count;
};

static const char *absolute(struct ceremony *c, const char *path)
{
	char real[PATH_MAX];

	return realpath(path, real) ? arena_string(&c->arena, real) : path;
}

static int passphrase_take(struct ceremony *c, const char *path)
{
	int r;

	if (path == NULL)
		return 0;
	r = secret_read_file(&c->passphrase, path, X509_PASSPHRASE_MAX, &c->trail);
	c->root.passphrase = secret_text(&c->passphrase);
	return r;
}

static int root_take(struct ceremony *c)
{
	c->root.certificate = c->values[OPT_ROOT];
	if (c->root.certificate == NULL && c->file != NULL && c->file->config.ca_root[0])
		c->root.certificate = c->file->config.ca_root;
	if (c->root.certificate == NULL)
		return ERR_FAIL(&c->trail, ERR_CONFIG,
				"the configuration names no root; give --root-certificate (a root "
				"is made with: musterd ca new-root)");
	c->root.key = c->values[OPT_ROOT_KEY];
	return passphrase_take(c, c->values[OPT_ROOT_PASSPHRASE]);
}

static int config_take(struct ceremony *c)
{
	return config_load(&c->file, c->values[OPT_CONFIG], &c->trail);
}

static void stem_make(struct ceremony *c)
{
	char now[CLOCK_TEXT_LEN + 1];
	uint8_t random[2];

	clock_write(clock_now(), now);
	rand_bytes(random, sizeof(random));
	c->stem = arena_printf(&c->arena, "%.10s-%02x%02x", now, random[0], random[1]);
}

/* Beside the configuration. */
static const char *path_make(struct ceremony *c, const char *ending)
{
	const char *conf = absolute(c, c->values[OPT_CONFIG]);
	const char *slash = strrchr(conf, '/');
	struct text dir = slash ? text_make(conf, (size_t)(slash - conf)) : TEXT(".");

	return arena_printf(&c->arena, "%.*s/device-ca-%s.%s", TEXT_ARG(dir), c->stem, ending);
}

static const char *ca_name(struct ceremony *c)
{
	return arena_printf(&c->arena, "Muster Device CA %.30s %s", c->file->config.public.host,
			    c->stem);
}

static int file_exists(struct ceremony *c, int r, const char *path)
{
	if (r > 0)
		return ERR_FAIL(&c->trail, ERR_CONFIG, "%s exists already; it was left as it is",
				path);
	return r;
}

/* The key given, or a new file. */
static int key_take(struct ceremony *c, const char **ret)
{
	const char *path = path_make(c, "key");
	struct text pem;
	int r;

	if (c->values[OPT_KEY] != NULL) {
		*ret = absolute(c, c->values[OPT_KEY]);
		return 0;
	}
	r = x509_ca_key_create(&c->arena, &pem, &c->trail);
	if (r < 0)
		return r;
	r = signer_files_create_key(pem, path, &c->trail);
	secret_wipe((char *)(uintptr_t)pem.ptr, pem.len);
	*ret = path;
	if (r == 0)
		c->made[c->made_count++] = path;
	return file_exists(c, r, path);
}

/* A key that no configuration names, or one that the root has certified, is nothing to leave. */
static void made_remove(struct ceremony *c)
{
	for (size_t i = 0; i < c->made_count; i++)
		(void)unlink(c->made[i]);
}

/* Before anything is made: the CA of now becomes a previous one. */
static int room_check(struct ceremony *c)
{
	const struct config *config = &c->file->config;

	if (config->ca_previous.count < SIGNER_ISSUERS_MAX - 1 &&
	    config->ca_previous_keys.count < SIGNER_ISSUERS_MAX - 1)
		return 0;
	return ERR_FAIL(
	    &c->trail, ERR_CONFIG,
	    "section [ca] of %s has %d previous CAs already, the most there can be: remove "
	    "the lines previous and previous_key of the oldest, once the certificates it "
	    "issued have ended",
	    c->values[OPT_CONFIG], SIGNER_ISSUERS_MAX - 1);
}

/* Whether it can issue today; the rest is found when the signing process is tried with it. */
static int certificate_check(struct ceremony *c, const char *path)
{
	struct x509_cert cert;
	struct text pem;
	int64_t now = clock_now();
	int r = signer_pem_load(&c->arena, path, &pem, &c->trail);

	if (r)
		return r;
	if (x509_cert_read_pem(&c->arena, pem, &cert) != 0)
		return ERR_FAIL(&c->trail, ERR_CONFIG, "%s holds no certificate", path);
	if (now < cert.not_before)
		return ERR_FAIL(&c->trail, ERR_CONFIG, "%s is not valid yet", path);
	if (now >= cert.not_after)
		return ERR_FAIL(&c->trail, ERR_CONFIG,
				"%s has expired: nothing that it issues would be valid", path);
	return 0;
}

/* The new configuration is tried as the server would use it before it takes the old one's place. */
static int switch_over(struct ceremony *c, const char *certificate, const char *key)
{
	const struct config *config = &c->file->config;
	struct ca_change change = {
	    .certificate = certificate,
	    .key = key,
	    .root = c->values[OPT_ROOT] ? absolute(c, c->values[OPT_ROOT]) : config->ca_root,
	    .previous = config->ca_certificate,
	    .previous_key = config->ca_key,
	};
	int r = ca_config_write(&c->arena, absolute(c, c->values[OPT_CONFIG]), &change, &c->trail);

	if (r < 0)
		return r;
	printf("Device CA:    %s\nIts key:      %s\nPrevious CA:  %s\n"
	       "The configuration is changed; restart the server to use it: devices of the "
	       "previous CA stay accepted and change over with their next renewal.\n",
	       certificate, key, config->ca_certificate);
	return 0;
}

static int run_new_root(struct ceremony *c)
{
	const char *name = c->values[OPT_NAME] ? c->values[OPT_NAME] : "Muster Device Root";
	struct x509_pair pair;
	int r = passphrase_take(c, c->values[OPT_PASSPHRASE]);

	if (r == 0)
		r = x509_root_create(&c->arena, name, clock_now(), c->root.passphrase, &pair,
				     &c->trail);
	if (r > 0)
		return ERR_FAIL(&c->trail, ERR_CONFIG, "'%s' cannot be the name of a CA", name);
	if (r < 0)
		return r;
	r = signer_files_create(&pair, c->values[OPT_CERTIFICATE], c->values[OPT_KEY], &c->trail);
	secret_wipe((char *)(uintptr_t)pair.key_pem.ptr, pair.key_pem.len);
	if (r == 0)
		printf("Root:     %s\nIts key:  %s%s\n", c->values[OPT_CERTIFICATE],
		       c->values[OPT_KEY],
		       c->root.passphrase.len ? "" : " (not encrypted: keep it offline)");
	return file_exists(c, r, c->values[OPT_CERTIFICATE]);
}

static int run_new_intermediate(struct ceremony *c)
{
	const char *certificate, *key;
	struct text pem;
	int r = config_take(c);

	if (r == 0)
		r = room_check(c);
	if (r == 0)
		r = root_take(c);
	if (r == 0)
		r = key_take(c, &key);
	if (r == 0)
		r = signer_ceremony_certify(&c->arena, &c->root, key, ca_name(c), clock_now(), &pem,
					    &c->trail);
	if (r)
		return r;
	certificate = path_make(c, "crt");
	r = file_exists(c, signer_files_create_certificate(pem, certificate, &c->trail),
			certificate);
	if (r)
		return r;
	c->made[c->made_count++] = certificate;
	return switch_over(c, certificate, key);
}

static int run_request(struct ceremony *c)
{
	const char *key;
	struct text pem;
	int r = config_take(c);

	if (r == 0)
		r = key_take(c, &key);
	if (r == 0)
		r = signer_ceremony_request(&c->arena, key, ca_name(c), &pem, &c->trail);
	if (r)
		return r;
	r = file_exists(c, signer_files_create_certificate(pem, c->values[OPT_OUT], &c->trail),
			c->values[OPT_OUT]);
	if (r == 0)
		printf("Request:  %s\nIts key:  %s\nHave it signed with: musterd ca sign\n",
		       c->values[OPT_OUT], key);
	return r;
}

static int run_sign(struct ceremony *c)
{
	struct text pem;
	int r = root_take(c);

	if (r == 0)
		r = signer_ceremony_sign(&c->arena, &c->root, c->values[OPT_REQUEST], clock_now(),
					 &pem, &c->trail);
	if (r)
		return r;
	r = file_exists(c, signer_files_create_certificate(pem, c->values[OPT_OUT], &c->trail),
			c->values[OPT_OUT]);
	if (r == 0)
		printf("Certificate:  %s\n", c->values[OPT_OUT]);
	return r;
}

static int run_install(struct ceremony *c)
{
	int r = config_take(c);

	if (r == 0)
		r = room_check(c);
	if (r == 0)
		r = certificate_check(c, c->values[OPT_CERTIFICATE]);
	if (r)
		return r;
	return switch_over(c, absolute(c, c->values[OPT_CERTIFICATE]),
			   absolute(c, c->values[OPT_KEY]));
}

#define BIT(option) (1u << (option))

static const struct {
	const char *name;
	int (*run)(struct ceremony *c);
	unsigned required;
	unsigned allowed; /* besides */
} commands[] = {
    {"new-root", run_new_root, BIT(OPT_CERTIFICATE) | BIT(OPT_KEY),
     BIT(OPT_PASSPHRASE) | BIT(OPT_NAME)},
    {"new-intermediate", run_new_intermediate, BIT(OPT_CONFIG) | BIT(OPT_ROOT_KEY),
     BIT(OPT_ROOT) | BIT(OPT_ROOT_PASSPHRASE) | BIT(OPT_KEY)},
    {"request", run_request, BIT(OPT_CONFIG) | BIT(OPT_OUT), BIT(OPT_KEY)},
    {"sign", run_sign, BIT(OPT_ROOT) | BIT(OPT_ROOT_KEY) | BIT(OPT_REQUEST) | BIT(OPT_OUT),
     BIT(OPT_ROOT_PASSPHRASE)},
    {"install", run_install, BIT(OPT_CONFIG) | BIT(OPT_CERTIFICATE) | BIT(OPT_KEY), BIT(OPT_ROOT)},
};

static int command_run(size_t at, int argc, char **argv)
{
	const char *name;
	struct option_row rows[OPTS];
	size_t of_row[OPTS], n = 0;
	struct ceremony c = {0};
	int status = EXIT_DONE;

	for (size_t i = 0; i < OPTS; i++) {
		if (!((commands[at].required | commands[at].allowed) & BIT(i)))
			continue;
		of_row[n] = i;
		rows[n++] = (struct option_row){
		    .name = option_names[i],
		    .is_required = (commands[at].required & BIT(i)) != 0,
		};
	}
	trail_reset(&c.trail);
	arena_init(&c.arena);
	secret_init(&c.passphrase);
	stem_make(&c);
	name = arena_printf(&c.arena, "ca %s", commands[at].name);
	if (!options_read(name, argc, argv, rows, n)) {
		arena_done(&c.arena);
		return EXIT_USAGE;
	}
	for (size_t i = 0; i < n; i++)
		c.values[of_row[i]] = rows[i].value;
	if (commands[at].run(&c)) {
		made_remove(&c);
		status = command_fail(name, &c.trail);
	}
	secret_done(&c.passphrase);
	config_free(c.file);
	arena_done(&c.arena);
	return status;
}

int command_ca(int argc, char **argv)
{
	for (size_t i = 0; argc > 0 && i < ARRAY_LEN(commands); i++)
		if (strcmp(argv[0], commands[i].name) == 0)
			return command_run(i, argc - 1, argv + 1);
	fputs("musterd ca: new-root, new-intermediate, request, sign or install; see musterd "
	      "--help\n",
	      stderr);
	return EXIT_USAGE;
}
