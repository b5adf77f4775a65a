/* SPDX-License-Identifier: Apache-2.0 */
/*
 * init.c: `musterd init`: a complete working directory. Nothing is overwritten: when any file of
 * the directory exists already, nothing is made at all. Keys and the token are readable by their
 * owner only.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/b64.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/hex.h"
#include "base/rand.h"
#include "base/secret.h"
#include "base/uuid.h"
#include "musterd/commands.h"
#include "musterd/keys.h"
#include "musterd/options.h"
#include "musterd/startup.h"
#include "signer/ceremony.h"
#include "signer/files.h"
#include "store/api_token.h"
#include "store/audit.h"
#include "x509/hierarchy.h"

enum {
	OPT_DIR,
	OPT_PUBLIC,
	OPT_MANAGE,
	OPT_CONSOLE,
	OPT_CERTIFICATE,
	OPT_KEY,
	OPT_STORE,
	OPT_ROOT,
	OPT_ROOT_KEY,
	OPT_PASSPHRASE,
	OPT_CA_KEY,
	OPTS
};

/* What is being made. Paths are absolute. */
struct plan {
	struct arena arena;
	struct trail trail;
	struct option_row opts[OPTS];
	const char *dir;
	const char *conf, *master_key, *ca_crt, *ca_key, *tls_crt, *tls_key, *token, *db;
	struct signer_root root;
	struct secret passphrase; /* of the root's key */
	const char *store_url;
	const char *token_text;
	bool is_dir_made;
	bool is_begun; /* none of the files existed: those that do now are ours */
};

static const char *const names[] = {
    "muster.conf", "master.key", "device-ca.crt", "device-ca.key",   "admin.token",
    "muster.db",   "tls.crt",    "tls.key",       "device-root.crt", "device-root.key"};

static int file_write(struct plan *plan, const char *path, const char *text, mode_t mode)
{
	size_t len = strlen(text);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	bool is_done;

	if (fd < 0)
		return ERR_FAIL(&plan->trail, ERR_SYSTEM, "cannot create %s: %s", path,
				strerror(errno));
	is_done = write(fd, text, len) == (ssize_t)len && fsync(fd) == 0;
	if (close(fd) != 0 || !is_done)
		return ERR_FAIL(&plan->trail, ERR_SYSTEM, "cannot write %s: %s", path,
				strerror(errno));
	return 0;
}

static int directory_make(struct plan *plan)
{
	const char *dir = plan->opts[OPT_DIR].value;
	char path[PATH_MAX];

	plan->is_dir_made = mkdir(dir, 0700) == 0;
	if (!plan->is_dir_made && errno != EEXIST)
		return ERR_FAIL(&plan->trail, ERR_SYSTEM, "cannot create directory %s: %s", dir,
				strerror(errno));
	if (!realpath(dir, path))
		return ERR_FAIL(&plan->trail, ERR_SYSTEM, "cannot use directory %s: %s", dir,
				strerror(errno));
	plan->dir = arena_string(&plan->arena, path);
	return 0;
}

static const char *in_dir(struct plan *plan, const char *name)
{
	return arena_printf(&plan->arena, "%s/%s", plan->dir, name);
}

static const char *absolute(struct plan *plan, const char *path)
{
	char real[PATH_MAX];

	return realpath(path, real) ? arena_string(&plan->arena, real) : path;
}

static int paths_plan(struct plan *plan)
{
	const char **made[] = {&plan->conf,    &plan->master_key, &plan->ca_crt,
			       &plan->ca_key,  &plan->token,      &plan->db,
			       &plan->tls_crt, &plan->tls_key,    &plan->root.certificate,
			       &plan->root.key};
	struct stat st;

	for (size_t i = 0; i < ARRAY_LEN(made); i++) {
		*made[i] = in_dir(plan, names[i]);
		if (stat(*made[i], &st) == 0)
			return ERR_FAIL(&plan->trail, ERR_CONFIG,
					"%s exists already; nothing was changed. Use an empty "
					"directory",
					*made[i]);
	}
	plan->is_begun = true;
	plan->store_url = plan->opts[OPT_STORE].value
			      ? plan->opts[OPT_STORE].value
			      : arena_printf(&plan->arena, "sqlite:%s", plan->db);
	return 0;
}

static int urls_check(struct plan *plan, const char *hosts[3])
{
	for (size_t i = 0; i < 3; i++) {
		const struct option_row *row = &plan->opts[OPT_PUBLIC + i];

		hosts[i] = config_url_host(&plan->arena, row->value);
		if (!hosts[i])
			return ERR_FAIL(&plan->trail, ERR_CONFIG,
					"--%s must be https://host or https://host:port, without a "
					"path",
					row->name);
	}
	return 0;
}

static int master_key_make(struct plan *plan)
{
	unsigned char key[32];
	char *text;
	int r;

	rand_bytes(key, sizeof(key));
	text = hex_write(&plan->arena, text_make(key, sizeof(key)));
	r = file_write(plan, plan->master_key, arena_printf(&plan->arena, "%s\n", text), 0600);
	secret_wipe(key, sizeof(key));
	return r;
}

static int pair_make(struct plan *plan, const struct x509_pair *pair, const char *certificate,
		     const char *key)
{
	int r = signer_files_create(pair, certificate, key, &plan->trail);

	secret_wipe((char *)(uintptr_t)pair->key_pem.ptr, pair->key_pem.len);
	if (r > 0)
		return ERR_FAIL(&plan->trail, ERR_CONFIG, "%s exists already", certificate);
	return r;
}

/* The root above the device CA: given, or made here to be carried away. */
static int root_make(struct plan *plan, const char *host)
{
	const char *name = arena_printf(&plan->arena, "Muster Device Root %.30s", host);
	struct x509_pair pair;
	int r = 0;

	if (plan->opts[OPT_PASSPHRASE].value)
		r = secret_read_file(&plan->passphrase, plan->opts[OPT_PASSPHRASE].value,
				     X509_PASSPHRASE_MAX, &plan->trail);
	if (r)
		return r;
	plan->root.passphrase = secret_text(&plan->passphrase);
	if (plan->opts[OPT_ROOT].value) {
		plan->root.certificate = absolute(plan, plan->opts[OPT_ROOT].value);
		plan->root.key = plan->opts[OPT_ROOT_KEY].value;
		return 0;
	}
	r = x509_root_create(&plan->arena, name, clock_now(), plan->root.passphrase, &pair,
			     &plan->trail);
	if (r > 0)
		return ERR_FAIL(&plan->trail, ERR_INTERNAL, "root name refused");
	return r ? r : pair_make(plan, &pair, plan->root.certificate, plan->root.key);
}

static int ca_make(struct plan *plan, const char *host)
{
	char now[CLOCK_TEXT_LEN + 1];
	const char *name;
	struct text pem;
	int r = 0;

	clock_write(clock_now(), now);
	name = arena_printf(&plan->arena, "Muster Device CA %.30s %.10s", host, now);
	if (plan->opts[OPT_CA_KEY].value) {
		plan->ca_key = absolute(plan, plan->opts[OPT_CA_KEY].value);
	} else {
		r = x509_ca_key_create(&plan->arena, &pem, &plan->trail);
		if (r == 0) {
			r = signer_files_create_key(pem, plan->ca_key, &plan->trail);
			secret_wipe((char *)(uintptr_t)pem.ptr, pem.len);
		}
	}
	if (r == 0)
		r = signer_ceremony_certify(&plan->arena, &plan->root, plan->ca_key, name,
					    clock_now(), &pem, &plan->trail);
	if (r == 0)
		r = signer_files_create_certificate(pem, plan->ca_crt, &plan->trail);
	return r > 0 ? ERR_FAIL(&plan->trail, ERR_CONFIG, "%s exists already", plan->ca_crt) : r;
}

static int certificates_make(struct plan *plan, const char *hosts[3])
{
	struct x509_pair pair;
	int r;

	r = root_make(plan, hosts[0]);
	if (r == 0)
		r = ca_make(plan, hosts[0]);
	if (r)
		return r;
	if (plan->opts[OPT_CERTIFICATE].value) {
		plan->tls_crt = absolute(plan, plan->opts[OPT_CERTIFICATE].value);
		plan->tls_key = absolute(plan, plan->opts[OPT_KEY].value);
		return 0;
	}
	r = x509_tls_create(&plan->arena, hosts, 3, clock_now(), &pair, &plan->trail);
	if (r > 0)
		return ERR_FAIL(&plan->trail, ERR_CONFIG,
				"a URL's host cannot be in a certificate");
	if (r == 0)
		r = pair_make(plan, &pair, plan->tls_crt, plan->tls_key);
	return r;
}

/* Where to listen for a URL: its own port, on loopback when the host is. */
static const char *listen_of(struct plan *plan, const char *url, const char *host,
			     const char *address, int port)
{
	struct text rest = text_from(text_of(url), 8 + strlen(host));

	if (!strcmp(host, "localhost") || text_starts(text_of(host), TEXT("127.")))
		address = "127.0.0.1";
	if (text_starts(rest, TEXT(":")))
		return arena_printf(&plan->arena, "%s%.*s", address, TEXT_ARG(rest));
	return arena_printf(&plan->arena, "%s:%d", address, port);
}

static int configuration_make(struct plan *plan, const char *hosts[3])
{
	const char *public = plan->opts[OPT_PUBLIC].value;
	const char *manage = plan->opts[OPT_MANAGE].value;
	const char *console = plan->opts[OPT_CONSOLE].value;
	const char *text = arena_printf(
	    &plan->arena,
	    "; Muster configuration. Every setting is described in doc/configuration.md.\n"
	    "[server]\n"
	    "public_url      = %s\nmanage_url      = %s\nconsole_url     = %s\n"
	    "public_listen   = %s\nmanage_listen   = %s\nconsole_listen  = %s\n"
	    "metrics_listen  = 127.0.0.1:9464\n"
	    "tls_certificate = %s\ntls_key         = %s\n"
	    "[store]\nurl             = %s\n"
	    "[secrets]\nmaster_key_file = %s\n"
	    "[ca]\ncertificate     = %s\nkey             = %s\nroot            = %s\n",
	    public, manage, console, listen_of(plan, public, hosts[0], "0.0.0.0", 443),
	    listen_of(plan, manage, hosts[1], "0.0.0.0", 8443),
	    listen_of(plan, console, hosts[2], "127.0.0.1", 8444), plan->tls_crt, plan->tls_key,
	    plan->store_url, plan->master_key, plan->ca_crt, plan->ca_key, plan->root.certificate);

	return file_write(plan, plan->conf, text, 0600);
}

static int token_insert(struct db_conn *tx, void *argument)
{
	struct plan *plan = argument;
	const struct api_token token = {
	    .id = store_new_id(&plan->arena),
	    .name = "first administrator",
	    .sha256 = digest_sha256_hex(&plan->arena, text_of(plan->token_text)),
	    .role = ROLE_ADMINISTRATOR,
	    .created_at = clock_now(),
	};
	char trace_id[UUID_TEXT_LEN + 1];
	const struct audit_entry entry = {
	    .tenant_id = "",
	    .id = store_new_id(&plan->arena),
	    .at = token.created_at,
	    .actor = "server",
	    .action = "token.add",
	    .object_kind = "token",
	    .object_id = token.id,
	    .outcome = "ok",
	    .source = "",
	    .trace_id = trace_id,
	    .detail = "{\"name\":\"first administrator\",\"role\":\"administrator\"}",
	};
	int r;

	uuid_write(uuid_random(), trace_id);
	r = store_api_token_add(tx, &token);
	return r ? r : store_audit_add(tx, &entry);
}

static int database_fill(struct plan *plan, struct db_store *store)
{
	unsigned char bytes[32];
	struct db *db;
	int r;

	r = db_store_migrate(store, &plan->trail);
	if (r == DB_E_NEWER_SCHEMA)
		return ERR_FAIL(&plan->trail, ERR_CONFIG,
				"the database was made by a newer Muster; use that program");
	if (r == 0)
		r = db_new(&db, store, &plan->trail);
	if (r)
		return r < 0 ? r : ERR_FAIL(&plan->trail, ERR_STORE, "the schema was not made");
	rand_bytes(bytes, sizeof(bytes));
	plan->token_text = arena_printf(
	    &plan->arena, "muster_%s", b64url_write(&plan->arena, text_make(bytes, sizeof(bytes))));
	secret_wipe(bytes, sizeof(bytes));
	r = db_transact(db, token_insert, plan);
	if (r > 0)
		r = ERR_FAIL(&plan->trail, ERR_CONFIG,
			     "the database has a first administrator already; use an empty one");
	else if (r < 0)
		r = ERR_FAIL(&plan->trail, r, "cannot write to the database: %s", db_error(db));
	db_free(db);
	return r;
}

static int database_make(struct plan *plan)
{
	struct server_keys keys = {0};
	struct db_store *store;
	int r;

	r = db_store_open(&store, plan->store_url, &plan->trail);
	if (r)
		return r;
	r = database_fill(plan, store);
	if (r == 0)
		r = keys_load(&keys, plan->master_key, &plan->trail);
	if (r == 0)
		r = startup_check_master_key(store, &keys, &plan->trail);
	keys_done(&keys);
	db_store_close(store);
	if (r == 0)
		r = file_write(plan, plan->token,
			       arena_printf(&plan->arena, "%s\n", plan->token_text), 0600);
	return r;
}

static int all_make(struct plan *plan)
{
	const char *hosts[3];
	int r;

	r = urls_check(plan, hosts);
	if (r == 0)
		r = directory_make(plan);
	if (r == 0)
		r = paths_plan(plan);
	if (r == 0)
		r = master_key_make(plan);
	if (r == 0)
		r = certificates_make(plan, hosts);
	if (r == 0)
		r = database_make(plan);
	if (r == 0)
		r = configuration_make(plan, hosts);
	return r;
}

/* So that the command can be given again with the mistake mended. */
static void all_undo(struct plan *plan)
{
	static const char *const beside[] = {"muster.db-wal", "muster.db-shm"};

	for (size_t i = 0; plan->is_begun && i < ARRAY_LEN(names); i++)
		(void)unlink(in_dir(plan, names[i]));
	for (size_t i = 0; plan->is_begun && i < ARRAY_LEN(beside); i++)
		(void)unlink(in_dir(plan, beside[i]));
	if (plan->is_dir_made)
		(void)rmdir(plan->opts[OPT_DIR].value);
}

static void success_print(const struct plan *plan)
{
	if (!plan->opts[OPT_CERTIFICATE].value)
		fputs(
		    "musterd init: NOTE: the TLS certificate is self-signed. Windows devices join "
		    "only where they trust the certificate: put a publicly trusted one into "
		    "tls_certificate and tls_key before real devices use this server.\n",
		    stderr);
	if (!plan->opts[OPT_ROOT].value)
		fprintf(
		    stderr,
		    "musterd init: NOTE: %s is the key of the root above the device CA%s. Move it "
		    "to a medium that is kept offline, with a copy, and delete it here: the "
		    "server never uses it. It is needed to replace the device CA (musterd ca).\n",
		    plan->root.key,
		    plan->opts[OPT_PASSPHRASE].value ? "" : ", and it is not encrypted");
	printf("Root:                %s\nDevice CA:           %s\n", plan->root.certificate,
	       plan->ca_crt);
	printf("Made %s.\nStart the server:   musterd serve --config %s\n"
	       "Administrator token: %s\n",
	       plan->dir, plan->conf, plan->token);
}

int command_init(int argc, char **argv)
{
	struct plan plan = {
	    .opts = {[OPT_DIR] = {.name = "dir", .is_required = true},
		     [OPT_PUBLIC] = {.name = "public-url", .is_required = true},
		     [OPT_MANAGE] = {.name = "manage-url", .is_required = true},
		     [OPT_CONSOLE] = {.name = "console-url", .is_required = true},
		     [OPT_CERTIFICATE] = {.name = "tls-certificate"},
		     [OPT_KEY] = {.name = "tls-key"},
		     [OPT_STORE] = {.name = "store"},
		     [OPT_ROOT] = {.name = "root-certificate"},
		     [OPT_ROOT_KEY] = {.name = "root-key"},
		     [OPT_PASSPHRASE] = {.name = "root-passphrase-file"},
		     [OPT_CA_KEY] = {.name = "ca-key"}},
	};
	int status = EXIT_DONE;

	if (!options_read("init", argc, argv, plan.opts, OPTS))
		return EXIT_USAGE;
	if (!plan.opts[OPT_CERTIFICATE].value != !plan.opts[OPT_KEY].value) {
		fputs("musterd init: --tls-certificate and --tls-key go together\n", stderr);
		return EXIT_USAGE;
	}
	if (!plan.opts[OPT_ROOT].value != !plan.opts[OPT_ROOT_KEY].value) {
		fputs("musterd init: --root-certificate and --root-key go together\n", stderr);
		return EXIT_USAGE;
	}
	trail_reset(&plan.trail);
	arena_init(&plan.arena);
	secret_init(&plan.passphrase);
	if (all_make(&plan)) {
		all_undo(&plan);
		status = command_fail("init", &plan.trail);
	} else {
		success_print(&plan);
	}
	secret_done(&plan.passphrase);
	arena_done(&plan.arena);
	return status;
}
