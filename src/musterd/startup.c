/* SPDX-License-Identifier: Apache-2.0 */
/*
 * startup.c: see startup.h.
 */
#include "musterd/startup.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "store/server_value.h"
#include "x509/cert.h"

#define CHECK_NAME  "master_key_check"
#define CHECK_PLACE TEXT("server_values|master_key_check")

enum { BUNDLE_MAX = 4 * 1024 * 1024 };

struct signer_setup startup_signer_setup(const struct config *config)
{
	return (struct signer_setup){
	    .certificate = config->ca_certificate,
	    .key = config->ca_key,
	    .root = config->ca_root,
	    .previous = config->ca_previous.items,
	    .previous_count = config->ca_previous.count,
	    .previous_keys = config->ca_previous_keys.items,
	    .previous_key_count = config->ca_previous_keys.count,
	    .crl_url = config->ca_crl_url,
	};
}

int startup_check_store_exists(const struct config *config, struct trail *trail)
{
	struct text path = text_of(config->store_url);

	if (!text_starts(path, TEXT("sqlite:")))
		return 0;
	path = text_from(path, 7);
	if (access(path.ptr, R_OK | W_OK) == 0)
		return 0;
	return ERR_FAIL(
	    trail, ERR_CONFIG,
	    "the database %s cannot be used: %s; correct url in section [store], or make a "
	    "server with: musterd init",
	    path.ptr, strerror(errno));
}

int startup_check_ca_bundle(const struct config *config, struct trail *trail)
{
	const char *path = config->entra_ca_bundle;
	struct arena arena;
	struct text der;
	ssize_t len = -1;
	char *data;
	int fd, r = 0;

	if (!path[0])
		return 0;
	arena_init(&arena);
	data = arena_alloc(&arena, BUNDLE_MAX);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		len = read(fd, data, BUNDLE_MAX);
		close(fd);
	}
	if (len < 0)
		r = ERR_FAIL(trail, ERR_CONFIG,
			     "cannot read %s: %s; correct ca_bundle in section [entra]", path,
			     strerror(errno));
	else if (x509_pem_read(&arena, text_make(data, (size_t)len), &der))
		r = ERR_FAIL(trail, ERR_CONFIG,
			     "%s holds no certificate; correct ca_bundle in section [entra]", path);
	arena_done(&arena);
	return r;
}

static int check_write(struct db_conn *tx, void *argument)
{
	int r = store_server_value_add(tx, CHECK_NAME, argument);

	/* Another server on this database was faster; its value is read at the next start. */
	return r == STORE_E_CONFLICT ? 0 : r;
}

static int master_key_check(struct db *db, struct arena *arena, const struct server_keys *keys,
			    struct trail *trail)
{
	const char *sealed;
	struct text plain;
	int r;

	r = store_server_value_load(db_reader(db), arena, CHECK_NAME, &sealed);
	if (r == 0 && secret_open(arena, &keys->credentials, CHECK_PLACE, text_of(sealed), &plain))
		return ERR_FAIL(
		    trail, ERR_CONFIG,
		    "the master key is not the one this database was made with; restore "
		    "master_key_file from your backup");
	if (r == STORE_E_NOT_FOUND)
		r = db_transact(
		    db, check_write,
		    secret_seal(arena, &keys->credentials, CHECK_PLACE, TEXT("muster")));
	return r < 0 ? ERR_FAIL(trail, r, "%s", db_error(db)) : 0;
}

int startup_check_master_key(struct db_store *store, const struct server_keys *keys,
			     struct trail *trail)
{
	struct arena arena;
	struct db *db;
	int r;

	r = db_new(&db, store, trail);
	if (r)
		return r;
	arena_init(&arena);
	r = master_key_check(db, &arena, keys, trail);
	arena_done(&arena);
	db_free(db);
	return r;
}
