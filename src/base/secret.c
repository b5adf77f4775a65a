/* SPDX-License-Identifier: Apache-2.0 */
/*
 * secret.c: key material in pages of its own, files that hold it, and sealing.
 *
 * Each secret has whole pages, so that locking one and leaving it out of core dumps touches
 * nothing else. Locking may be refused by the limits of the process; the secret is usable all the
 * same, since refusing to start would protect nothing. Bytes are wiped before their pages go
 * back. Opening gives one refusal whatever is wrong: not the reason, and never part of the plain
 * bytes.
 */
#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/b64.h"
#include "base/digest.h"
#include "base/fatal.h"
#include "base/rand.h"

enum {
	SEAL_VERSION = 1,
	SEAL_NONCE_LEN = 12,
	SEAL_TAG_LEN = 16,
	SEAL_KEY_LEN = 32,
	SEAL_OVERHEAD = 1 + SEAL_NONCE_LEN + SEAL_TAG_LEN,
	SEAL_PLAIN_MAX = 16 * 1024 * 1024
};

void secret_wipe(void *ptr, size_t len)
{
	if (len)
		OPENSSL_cleanse(ptr, len);
}

static size_t secret_pages(size_t len)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (len / page + 1) * page;
}

static unsigned char *secret_map(size_t len)
{
	size_t size = secret_pages(len);
	void *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (map == MAP_FAILED)
		fatal_exit("out of memory");
	(void)mlock(map, size);
	(void)madvise(map, size, MADV_DONTDUMP);
	return map;
}

void secret_init(struct secret *secret)
{
	*secret = (struct secret){.bytes = NULL};
}

void secret_done(struct secret *secret)
{
	if (secret->bytes) {
		size_t size = secret_pages(secret->len);

		secret_wipe(secret->bytes, secret->len);
		(void)munlock(secret->bytes, size);
		(void)munmap(secret->bytes, size);
	}
	secret_init(secret);
}

void secret_set(struct secret *secret, struct text bytes)
{
	unsigned char *copy = NULL;

	if (bytes.len) {
		copy = secret_map(bytes.len);
		memcpy(copy, bytes.ptr, bytes.len);
	}
	secret_done(secret);
	secret->bytes = copy;
	secret->len = bytes.len;
}

struct text secret_text(const struct secret *secret)
{
	return secret->bytes ? text_make(secret->bytes, secret->len) : TEXT_EMPTY;
}

static int secret_check_file(int fd, const char *path, size_t limit, struct trail *trail)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return ERR_FAIL(trail, ERR_SYSTEM, "%s: %m", path);
	if (!S_ISREG(st.st_mode))
		return ERR_FAIL(trail, ERR_CONFIG, "%s: not a regular file", path);
	if (st.st_mode & (S_IRWXG | S_IRWXO))
		return ERR_FAIL(trail, ERR_CONFIG,
				"%s: others than its owner may use it (mode %03o)", path,
				(unsigned)(st.st_mode & 0777));
	if (st.st_size < 0 || (uint64_t)st.st_size > limit)
		return ERR_FAIL(trail, ERR_CONFIG, "%s: larger than %zu bytes", path, limit);
	return 0;
}

/* Fill map, of cap bytes, to the end of the file; the length or a negative error. */
static ssize_t secret_read_all(int fd, unsigned char *map, size_t cap)
{
	size_t len = 0;

	while (len < cap) {
		ssize_t n = read(fd, map + len, cap - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

static size_t secret_without_newline(const unsigned char *bytes, size_t len)
{
	if (len && bytes[len - 1] == '\n')
		len--;
	if (len && bytes[len - 1] == '\r')
		len--;
	return len;
}

static int secret_load(struct secret *ret, int fd, const char *path, size_t limit,
		       struct trail *trail)
{
	struct secret whole;
	ssize_t len;
	int r;

	r = secret_check_file(fd, path, limit, trail);
	if (r < 0)
		return ERR_TRACE(trail, r);
	/* One byte more than allowed, to notice a file that grew since it was looked at. */
	whole.bytes = secret_map(limit + 1);
	whole.len = limit + 1;
	len = secret_read_all(fd, whole.bytes, whole.len);
	if (len < 0)
		r = ERR_FAIL(trail, ERR_SYSTEM, "%s: %m", path);
	else if ((size_t)len > limit)
		r = ERR_FAIL(trail, ERR_CONFIG, "%s: larger than %zu bytes", path, limit);
	else if (secret_without_newline(whole.bytes, (size_t)len) == 0)
		r = ERR_FAIL(trail, ERR_CONFIG, "%s: empty", path);
	else
		secret_set(
		    ret, text_make(whole.bytes, secret_without_newline(whole.bytes, (size_t)len)));
	secret_done(&whole);
	return r;
}

int secret_read_file(struct secret *ret, const char *path, size_t limit, struct trail *trail)
{
	/* A FIFO put in the file's place must not hang the start. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int r;

	if (fd < 0)
		return ERR_FAIL(trail, ERR_CONFIG, "%s: %m", path);
	r = secret_load(ret, fd, path, limit, trail);
	close(fd);
	return r < 0 ? ERR_TRACE(trail, r) : 0;
}

void secret_derive(struct secret *ret, const struct secret *master, struct text purpose)
{
	uint8_t key[SHA256_LEN];

	if (master->len == 0)
		fatal_exit("a key was to be derived from an empty secret");
	digest_derive(secret_text(master), purpose, key);
	secret_set(ret, text_make(key, sizeof(key)));
	secret_wipe(key, sizeof(key));
}

static const unsigned char *seal_bytes(struct text t)
{
	return (const unsigned char *)(t.len ? t.ptr : "");
}

static void seal_check(const struct secret *key, struct text place, struct text data)
{
	if (key->len != SEAL_KEY_LEN)
		fatal_exit("a sealing key does not have 32 bytes");
	if (place.len > SEAL_PLAIN_MAX || data.len > SEAL_PLAIN_MAX)
		fatal_exit("more bytes were to be sealed than ever should be");
}

char *secret_seal(struct arena *arena, const struct secret *key, struct text place,
		  struct text plain)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	unsigned char *out, *nonce, *body;
	int n = 0, rest = 0;
	bool ok;

	seal_check(key, place, plain);
	out = arena_alloc(arena, SEAL_OVERHEAD + plain.len);
	nonce = out + 1;
	body = nonce + SEAL_NONCE_LEN;
	out[0] = SEAL_VERSION;
	rand_bytes(nonce, SEAL_NONCE_LEN);
	ok = ctx && EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key->bytes, nonce) == 1 &&
	     EVP_EncryptUpdate(ctx, NULL, &n, seal_bytes(place), (int)place.len) == 1 &&
	     EVP_EncryptUpdate(ctx, body, &n, seal_bytes(plain), (int)plain.len) == 1 &&
	     EVP_EncryptFinal_ex(ctx, body + n, &rest) == 1 &&
	     EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, SEAL_TAG_LEN, body + plain.len) == 1;
	EVP_CIPHER_CTX_free(ctx);
	if (!ok || n + rest != (int)plain.len)
		fatal_exit("the cryptographic library cannot encrypt");
	return b64url_write(arena, text_make(out, SEAL_OVERHEAD + plain.len));
}

/* Decrypt into out; false when the tag does not fit. */
static bool seal_decrypt(const struct secret *key, struct text place, struct text raw,
			 unsigned char *out)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	const unsigned char *nonce = seal_bytes(text_from(raw, 1));
	const unsigned char *body = nonce + SEAL_NONCE_LEN;
	size_t len = raw.len - SEAL_OVERHEAD;
	unsigned char tag[SEAL_TAG_LEN];
	int n = 0, rest = 0;
	bool ok;

	if (!ctx)
		fatal_exit("out of memory");
	memcpy(tag, body + len, sizeof(tag));
	ok = EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key->bytes, nonce) == 1 &&
	     EVP_DecryptUpdate(ctx, NULL, &n, seal_bytes(place), (int)place.len) == 1 &&
	     EVP_DecryptUpdate(ctx, out, &n, body, (int)len) == 1 &&
	     EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, SEAL_TAG_LEN, tag) == 1 &&
	     EVP_DecryptFinal_ex(ctx, out + n, &rest) == 1;
	EVP_CIPHER_CTX_free(ctx);
	return ok && n + rest == (int)len;
}

int secret_open(struct arena *arena, const struct secret *key, struct text place,
		struct text sealed, struct text *ret)
{
	unsigned char *out;
	struct text raw;
	size_t len;

	if (b64url_read(arena, sealed, &raw) != 0)
		return SECRET_E_FORGED;
	if (raw.len < SEAL_OVERHEAD || raw.len - SEAL_OVERHEAD > SEAL_PLAIN_MAX ||
	    raw.ptr[0] != SEAL_VERSION)
		return SECRET_E_FORGED;
	seal_check(key, place, TEXT_EMPTY);
	len = raw.len - SEAL_OVERHEAD;
	out = arena_alloc(arena, len + SEAL_TAG_LEN);
	if (!seal_decrypt(key, place, raw, out)) {
		secret_wipe(out, len);
		return SECRET_E_FORGED;
	}
	*ret = text_make(out, len);
	return 0;
}
