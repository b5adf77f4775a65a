/* SPDX-License-Identifier: Apache-2.0 */
/*
 * place.c: see place.h. contract.md section 6.
 *
 * Files appear whole: each is written beside its name and renamed. Private keys and the control
 * token are for their owner only. One server key serves all certificates, so that a test can swap
 * a certificate without anything else changing.
 */
#include "sim/entra/place.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "sim/entra/cert.h"

#define GOOD_NAMES                                                                                 \
	"IP:127.0.0.1,IP:0:0:0:0:0:0:0:1,DNS:localhost,DNS:login.muster.test,DNS:graph.muster."    \
	"test"

enum { DAY_S = 24 * 3600, CA_DAYS = 3650, SERVER_DAYS = 365 };

static const struct {
	const char *name;
	const char *alt_names;
	int from_days, to_days;
	bool is_untrusted;
} CERTIFICATES[] = {
    {"good", GOOD_NAMES, -1, SERVER_DAYS, false},
    {"wrong-name", "DNS:other.muster.test", -1, SERVER_DAYS, false},
    {"expired", GOOD_NAMES, -30, -1, false},
    {"untrusted", GOOD_NAMES, -1, SERVER_DAYS, true},
};

struct authority {
	EVP_PKEY *key;
	X509 *cert;
};

static void authority_done(struct authority *authority)
{
	EVP_PKEY_free(authority->key);
	X509_free(authority->cert);
}

static bool write_all(int fd, struct text data)
{
	while (!text_is_empty(data)) {
		ssize_t n = write(fd, data.ptr, data.len);

		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0)
			data = text_from(data, (size_t)n);
	}
	return true;
}

static int file_write(struct arena *arena, const char *path, mode_t mode, struct text data,
		      struct trail *trail)
{
	const char *temporary = arena_printf(arena, "%s.new", path);
	int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
	bool ok;

	if (fd < 0)
		return ERR_FAIL(trail, ERR_SYSTEM, "create %s: %s", temporary, strerror(errno));
	ok = fchmod(fd, mode) == 0 && write_all(fd, data);
	ok = close(fd) == 0 && ok;
	if (!ok || rename(temporary, path) != 0)
		return ERR_FAIL(trail, ERR_SYSTEM, "write %s: %s", path, strerror(errno));
	return 0;
}

static const char *file_name(struct arena *arena, const char *dir, const char *name,
			     const char *suffix)
{
	return arena_printf(arena, "%s/%s%s", dir, name, suffix);
}

static bool authority_load(struct authority *ret, const char *cert_file, const char *key_file)
{
	CLEANUP(ossl_bio_free) BIO *cert_bio = BIO_new_file(cert_file, "r");
	CLEANUP(ossl_bio_free) BIO *key_bio = BIO_new_file(key_file, "r");
	struct authority authority = {0};

	if (!cert_bio || !key_bio)
		return false;
	authority.cert = PEM_read_bio_X509(cert_bio, NULL, NULL, NULL);
	authority.key = PEM_read_bio_PrivateKey(key_bio, NULL, NULL, NULL);
	if (authority.cert && authority.key &&
	    X509_check_private_key(authority.cert, authority.key) == 1 &&
	    X509_cmp_time(X509_get0_notAfter(authority.cert), NULL) > 0) {
		*ret = authority;
		return true;
	}
	authority_done(&authority);
	return false;
}

static int authority_new(struct authority *ret, struct trail *trail)
{
	int64_t now = clock_now();
	const struct cert_profile profile = {
	    .common_name = "Muster stand-in test CA",
	    .is_ca = true,
	    .not_before = now - DAY_S,
	    .not_after = now + (int64_t)CA_DAYS * DAY_S,
	};
	struct authority authority = {0};
	int r = cert_key_new(&authority.key, 0, trail);

	if (r == 0)
		r = cert_new(&authority.cert, &profile, authority.key, NULL, NULL, trail);
	if (r < 0) {
		authority_done(&authority);
		return ERR_TRACE(trail, r);
	}
	*ret = authority;
	return 0;
}

static int authority_get(struct authority *ret, struct arena *arena, const char *dir,
			 struct trail *trail)
{
	const char *cert_file = file_name(arena, dir, "ca", ".crt");
	const char *key_file = file_name(arena, dir, "ca", ".key");
	struct text pem;
	int r;

	if (authority_load(ret, cert_file, key_file))
		return 0;
	r = authority_new(ret, trail);
	if (r == 0)
		r = cert_key_pem(arena, ret->key, &pem, trail);
	if (r == 0)
		r = file_write(arena, key_file, 0600, pem, trail);
	if (r == 0)
		r = cert_pem(arena, ret->cert, &pem, trail);
	if (r == 0)
		r = file_write(arena, cert_file, 0644, pem, trail);
	return r < 0 ? ERR_TRACE(trail, r) : 0;
}

static int server_cert_write(struct arena *arena, const char *dir, size_t row, EVP_PKEY *key,
			     const struct authority *authority, struct trail *trail)
{
	CLEANUP(ossl_x509_free) X509 *cert = NULL;
	int64_t now = clock_now();
	const struct cert_profile profile = {
	    .common_name = "muster-entra",
	    .alt_names = CERTIFICATES[row].alt_names,
	    .not_before = now + (int64_t)CERTIFICATES[row].from_days * DAY_S,
	    .not_after = now + (int64_t)CERTIFICATES[row].to_days * DAY_S,
	};
	struct text pem;
	int r = cert_new(&cert, &profile, key, authority->cert, authority->key, trail);

	if (r == 0)
		r = cert_pem(arena, cert, &pem, trail);
	if (r == 0)
		r = file_write(arena, file_name(arena, dir, CERTIFICATES[row].name, "-server.crt"),
			       0644, pem, trail);
	return r < 0 ? ERR_TRACE(trail, r) : 0;
}

static int server_write(struct arena *arena, const char *dir, const struct authority *authority,
			const struct authority *stranger, struct trail *trail)
{
	CLEANUP(ossl_pkey_free) EVP_PKEY *key = NULL;
	struct text pem;
	int r = cert_key_new(&key, 0, trail);

	if (r == 0)
		r = cert_key_pem(arena, key, &pem, trail);
	if (r == 0)
		r = file_write(arena, place_key(arena, dir), 0600, pem, trail);
	for (size_t i = 0; i < ARRAY_LEN(CERTIFICATES) && r == 0; i++)
		r = server_cert_write(arena, dir, i, key,
				      CERTIFICATES[i].is_untrusted ? stranger : authority, trail);
	return r < 0 ? ERR_TRACE(trail, r) : 0;
}

int place_init(struct arena *arena, const char *dir, struct trail *trail)
{
	struct authority authority = {0};
	struct authority stranger = {0};
	int r;

	if (mkdir(dir, 0755) != 0 && errno != EEXIST)
		return ERR_FAIL(trail, ERR_SYSTEM, "make directory %s: %s", dir, strerror(errno));
	r = authority_get(&authority, arena, dir, trail);
	if (r == 0)
		r = authority_new(&stranger, trail);
	if (r == 0)
		r = server_write(arena, dir, &authority, &stranger, trail);
	authority_done(&authority);
	authority_done(&stranger);
	return r < 0 ? ERR_TRACE(trail, r) : 0;
}

const char *place_certificate(struct arena *arena, const char *dir, struct text name)
{
	for (size_t i = 0; i < ARRAY_LEN(CERTIFICATES); i++)
		if (text_eq_c(name, CERTIFICATES[i].name))
			return file_name(arena, dir, CERTIFICATES[i].name, "-server.crt");
	return NULL;
}

const char *place_key(struct arena *arena, const char *dir)
{
	return file_name(arena, dir, "server", ".key");
}

int place_tell(struct arena *arena, const struct sim *sim, struct trail *trail)
{
	const char *dir = sim->options->dir;
	struct json_writer w;
	struct buf buf;
	int r;

	buf_init(&buf, arena);
	json_writer_init(&w, &buf);
	json_begin_object(&w, NULL);
	json_add_c(&w, "login_url", sim->urls[LISTENER_LOGIN]);
	json_add_c(&w, "graph_url", sim->urls[LISTENER_GRAPH]);
	json_add_c(&w, "control_url", sim->urls[LISTENER_CONTROL]);
	json_add_c(&w, "ca", file_name(arena, dir, "ca", ".crt"));
	json_add_c(&w, "control_token_file", file_name(arena, dir, "control", ".token"));
	json_end_object(&w);
	buf_add_byte(&buf, '\n');
	r = file_write(arena, file_name(arena, dir, "control", ".token"), 0600,
		       text_of(arena_printf(arena, "%s\n", sim->control_token)), trail);
	if (r == 0)
		r = file_write(arena, file_name(arena, dir, "endpoints", ".json"), 0644,
			       buf_text(&buf), trail);
	return r < 0 ? ERR_TRACE(trail, r) : 0;
}
