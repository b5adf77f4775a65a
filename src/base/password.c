/* SPDX-License-Identifier: Apache-2.0 */
/*
 * password.c: see password.h. The costs are those OWASP names for Argon2id (19 MiB, two passes, one
 * lane). The places for computing are counted by the process, because memory is the process's.
 */
#include "base/password.h"

#include <argon2.h>
#include <pthread.h>
#include <time.h>

#include "base/clock.h"
#include "base/rand.h"
#include "base/secret.h"

enum {
	SALT_LEN = 16,
	HASH_LEN = 32,
	ENCODED_MAX = 128,
	PLACES = 2,
	WAITING_MAX = 16,
	WAIT_MS = 3000,
	/* What a stored hash may cost. */
	MEMORY_MAX_KIB = 256 * 1024,
	PASSES_MAX = 16,
	LANES_MAX = 4
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t freed = PTHREAD_COND_INITIALIZER;
static int computing, waiting;

struct costs {
	uint64_t memory, passes, lanes;
};

static int place_wait(void)
{
	struct timespec until = clock_deadline(WAIT_MS);

	while (computing >= PLACES)
		if (pthread_cond_clockwait(&freed, &lock, CLOCK_MONOTONIC, &until))
			return computing >= PLACES ? PASSWORD_E_BUSY : 0;
	return 0;
}

static int place_take(void)
{
	int r = PASSWORD_E_BUSY;

	pthread_mutex_lock(&lock);
	if (waiting < WAITING_MAX) {
		waiting++;
		r = place_wait();
		waiting--;
		if (r == 0)
			computing++;
	}
	pthread_mutex_unlock(&lock);
	return r;
}

static void place_leave(void)
{
	pthread_mutex_lock(&lock);
	computing--;
	pthread_cond_signal(&freed);
	pthread_mutex_unlock(&lock);
}

/* "m=19456" with its name before it. */
static bool cost_read(struct text t, struct text name, uint64_t *ret)
{
	return text_starts(t, name) && text_to_u64(text_from(t, name.len), ret);
}

static bool costs_read(const char *hash, struct costs *ret)
{
	struct text rest = text_of(hash), costs;

	if (!text_starts(rest, TEXT("$argon2id$v=19$")))
		return false;
	rest = text_from(rest, strlen("$argon2id$v=19$"));
	costs = text_cut(&rest, '$');
	return rest.ptr && cost_read(text_cut(&costs, ','), TEXT("m="), &ret->memory) &&
	       costs.ptr && cost_read(text_cut(&costs, ','), TEXT("t="), &ret->passes) &&
	       costs.ptr && cost_read(text_cut(&costs, ','), TEXT("p="), &ret->lanes) &&
	       !costs.ptr && ret->memory <= MEMORY_MAX_KIB && ret->passes <= PASSES_MAX &&
	       ret->lanes >= 1 && ret->lanes <= LANES_MAX;
}

/* The number of characters; -1 where it holds what a password may not. */
static long characters_count(struct text t)
{
	uint32_t c = 0, first = 0;
	bool is_varied = false;
	long count = 0;

	if (!text_is_utf8(t))
		return -1;
	while (t.len > 0) {
		size_t len = text_first_char(t, &c);

		if (len == 0 || c < 0x20 || (c >= 0x7f && c < 0xa0))
			return -1;
		if (count++ == 0)
			first = c;
		is_varied = is_varied || c != first;
		t = text_from(t, len);
	}
	return is_varied ? count : 0;
}

static bool text_holds_nocase(struct text t, struct text part)
{
	for (size_t i = 0; part.len > 0 && i + part.len <= t.len; i++)
		if (text_eq_nocase(text_make(t.ptr + i, part.len), part))
			return true;
	return false;
}

const char *password_refusal(struct text password, struct text user_name)
{
	struct text rest = user_name, name = text_cut(&rest, '@');
	long count = characters_count(password);

	if (count < 0)
		return "must be valid UTF-8 without control characters";
	if (count < PASSWORD_MIN || password.len > PASSWORD_MAX)
		return "must have at least 12 characters that are not all the same, and at most "
		       "128 bytes";
	if (name.len >= 3 && text_holds_nocase(password, name))
		return "must not hold the user's name";
	return NULL;
}

int password_hash(struct arena *arena, struct text password, char **ret, struct trail *trail)
{
	char encoded[ENCODED_MAX];
	uint8_t salt[SALT_LEN];
	int r = place_take();

	if (r)
		return r;
	rand_bytes(salt, sizeof(salt));
	r = argon2id_hash_encoded(PASSWORD_PASSES, PASSWORD_MEMORY_KIB, PASSWORD_LANES,
				  password.ptr, password.len, salt, sizeof(salt), HASH_LEN, encoded,
				  sizeof(encoded));
	place_leave();
	if (r != ARGON2_OK)
		return ERR_FAIL(trail, ERR_CRYPTO, "argon2id: %s", argon2_error_message(r));
	*ret = arena_string(arena, encoded);
	return 0;
}

/* As much work as a check, for a user that is not there. */
static int nobody_check(struct text password)
{
	static const uint8_t salt[SALT_LEN] = "nobody's salt.";
	uint8_t hash[HASH_LEN];
	int r =
	    argon2id_hash_raw(PASSWORD_PASSES, PASSWORD_MEMORY_KIB, PASSWORD_LANES, password.ptr,
			      password.len, salt, sizeof(salt), hash, sizeof(hash));

	secret_wipe(hash, sizeof(hash));
	return r == ARGON2_OK ? ARGON2_VERIFY_MISMATCH : r;
}

int password_check(struct text password, const char *hash, struct trail *trail)
{
	struct costs costs;
	int r;

	if (hash && !costs_read(hash, &costs))
		return ERR_FAIL(trail, ERR_STORE, "a stored password has an unknown form");
	if (password.len > PASSWORD_MAX) {
		hash = NULL; /* no stored one is so long */
		password = text_take(password, PASSWORD_MAX);
	}
	r = place_take();
	if (r)
		return r;
	r = hash ? argon2id_verify(hash, password.ptr, password.len) : nobody_check(password);
	place_leave();
	switch (r) {
	case ARGON2_OK:
		return 0;
	case ARGON2_VERIFY_MISMATCH:
		return PASSWORD_E_WRONG;
	case ARGON2_DECODING_FAIL:
	case ARGON2_DECODING_LENGTH_FAIL:
		return ERR_FAIL(trail, ERR_STORE, "a stored password cannot be read");
	default:
		return ERR_FAIL(trail, ERR_CRYPTO, "argon2id: %s", argon2_error_message(r));
	}
}

bool password_is_outdated(const char *hash)
{
	struct costs costs;

	return !costs_read(hash, &costs) || costs.memory < PASSWORD_MEMORY_KIB ||
	       costs.passes < PASSWORD_PASSES;
}
