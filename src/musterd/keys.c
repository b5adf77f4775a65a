/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keys.c: see keys.h. The master key itself is wiped as soon as the derived keys exist.
 */
#include "musterd/keys.h"

#include "base/hex.h"

enum { MASTER_KEY_LEN = 32, FILE_MAX = 256 };

int keys_load(struct server_keys *ret, const char *path, struct trail *trail)
{
	struct secret file, master;
	struct arena arena;
	struct text bytes;
	int r;

	secret_init(&file);
	r = secret_read_file(&file, path, FILE_MAX, trail);
	if (r)
		return r;
	arena_init(&arena);
	if (hex_read(&arena, text_trim(secret_text(&file)), &bytes) ||
	    bytes.len != MASTER_KEY_LEN) {
		r = ERR_FAIL(trail, ERR_CONFIG,
			     "%s is not a master key (64 hexadecimal digits); restore it from your "
			     "backup",
			     path);
	} else {
		secret_init(&master);
		secret_set(&master, bytes);
		secret_wipe((char *)(uintptr_t)bytes.ptr, bytes.len);
		secret_derive(&ret->credentials, &master, TEXT("muster credentials"));
		secret_derive(&ret->terms, &master, TEXT("muster terms"));
		secret_derive(&ret->policies, &master, TEXT("muster policies"));
		secret_derive(&ret->commands, &master, TEXT("muster commands"));
		secret_derive(&ret->pins, &master, TEXT("muster pins"));
		secret_derive(&ret->federated, &master, TEXT("muster federated"));
		secret_done(&master);
		r = 0;
	}
	arena_done(&arena);
	secret_done(&file);
	return r;
}

void keys_done(struct server_keys *keys)
{
	secret_done(&keys->credentials);
	secret_done(&keys->terms);
	secret_done(&keys->policies);
	secret_done(&keys->commands);
	secret_done(&keys->pins);
	secret_done(&keys->federated);
}
