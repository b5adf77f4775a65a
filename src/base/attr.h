/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attr.h: the compiler attributes and tiny macros every file uses.
 *
 * MUST_CHECK     the returned verdict or error may not be dropped
 * PRINTF_LIKE    format string checking
 * CLEANUP(fn)    run fn(&variable) when the variable leaves its scope
 * steal(&p)      take the value out of p and leave NULL behind: the only way an owned
 *                pointer leaves a function that declared it with CLEANUP
 */
#ifndef MUSTER_BASE_ATTR_H
#define MUSTER_BASE_ATTR_H

#include <stddef.h>

#define MUST_CHECK             __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define CLEANUP(fn)            __attribute__((cleanup(fn)))
#define NORETURN               __attribute__((noreturn))
#define UNUSED                 __attribute__((unused))

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#define steal(pp)                                                                                  \
	__extension__({                                                                            \
		__typeof__(*(pp)) stolen_ = *(pp);                                                 \
		*(pp) = NULL;                                                                      \
		stolen_;                                                                           \
	})

#endif
