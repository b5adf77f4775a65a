/* SPDX-License-Identifier: Apache-2.0 */
/*
 * check.h: the names of token checks, so that a test can prove each one matters.
 *
 * Every check of a token asks check_is_on(its name) first. In the program that is the constant
 * true and costs nothing. In a build with MUSTER_MUTATION, which is never installed, a test can
 * switch one check off by name and must then see a refused token accepted. A check that can be
 * switched off without any case noticing is not tested.
 */
#ifndef MUSTER_JWT_CHECK_H
#define MUSTER_JWT_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#if defined(MUSTER_MUTATION)
bool check_is_on(const char *name);
/* NULL: all are on again. */
void check_switch_off(const char *name);
/* The names asked for so far; NULL past the last. */
const char *check_name_get(size_t i);
#else
#define check_is_on(name) true
#endif

#endif
