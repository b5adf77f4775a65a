/* SPDX-License-Identifier: Apache-2.0 */
/*
 * err.h: the error contract of the whole program, and the trail that explains a failure.
 *
 * A function that can fail returns int and is MUST_CHECK:
 *   0         success; only then are its out parameters (ret_...) written
 *   negative  the program or its surroundings failed (enum err below). Never matched on, always
 *             forwarded unchanged with ERR_TRACE, so that the one log line of the request tells
 *             the path it took
 *   positive  a documented outcome of this one function, from the enum in its header. The caller
 *             handles it on the spot and never passes it on
 *
 * struct trail is the caller-owned place where the text of a negative failure is collected. It is
 * bounded, never allocates, and silently stops when it is full. Never write a secret, token, key
 * or body into it.
 */
#ifndef MUSTER_BASE_ERR_H
#define MUSTER_BASE_ERR_H

#include "base/attr.h"

enum err {
	ERR_SYSTEM = -1,  /* an operating system call failed */
	ERR_STORE = -2,   /* the database failed or cannot be reached */
	ERR_NETWORK = -3, /* an outbound request could not be made */
	ERR_CRYPTO = -4,  /* the cryptographic library failed (not: a signature did not verify) */
	ERR_CONFIG = -5,  /* a setting, key or file that must be there is not usable */
	ERR_LIMIT = -6,   /* one of our own bounds was reached */
	ERR_INTERNAL = -7 /* an invariant of the program does not hold */
};

struct trail {
	char text[1024]; /* always terminated */
	size_t len;
	char cause[256]; /* the first message alone: one sentence for people */
};

void trail_reset(struct trail *trail);

/* Append "file:line function: message" and return code. Use through the macros below. */
int trail_add(struct trail *trail, const char *file, int line, const char *func, int code,
	      const char *fmt, ...) PRINTF_LIKE(6, 7);

/* The name of a negative code, for logs: "store", "network", ... */
const char *err_name(int code);

/* Where a failure is first seen: `return ERR_FAIL(trail, ERR_STORE, "open %s: %s", path, why);`
 * The value is the code itself, so that a reader and a static analyser see that it is negative. */
#define ERR_FAIL(trail, code, ...)                                                                 \
	__extension__({                                                                            \
		int code_ = (code);                                                                \
		trail_add((trail), __FILE__, __LINE__, __func__, code_, __VA_ARGS__);              \
		code_;                                                                             \
	})

/* Where a negative code is forwarded: `if (r < 0) return ERR_TRACE(trail, r);` */
#define ERR_TRACE(trail, code) ERR_FAIL((trail), (code), "%s", "")

#endif
