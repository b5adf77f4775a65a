/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_assign.c: assignment lists, with the groups of the user known and not known.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "model/assign.h"

#define ALL                                                                                        \
	{                                                                                          \
		.kind = ASSIGN_ALL, .value = ""                                                    \
	}
#define NOT_ALL                                                                                    \
	{                                                                                          \
		.kind = ASSIGN_ALL, .value = "", .is_exclude = true                                \
	}
#define IN(g)                                                                                      \
	{                                                                                          \
		.kind = ASSIGN_GROUP, .value = (g)                                                 \
	}
#define NOT(g)                                                                                     \
	{                                                                                          \
		.kind = ASSIGN_GROUP, .value = (g), .is_exclude = true                             \
	}
#define USER(u)                                                                                    \
	{                                                                                          \
		.kind = ASSIGN_USER, .value = (u)                                                  \
	}
#define NOT_U(u)                                                                                   \
	{                                                                                          \
		.kind = ASSIGN_USER, .value = (u), .is_exclude = true                              \
	}
#define DEV(d)                                                                                     \
	{                                                                                          \
		.kind = ASSIGN_DEVICE, .value = (d)                                                \
	}
#define TAG(t)                                                                                     \
	{                                                                                          \
		.kind = ASSIGN_TAG, .value = (t)                                                   \
	}
#define NOT_T(t)                                                                                   \
	{                                                                                          \
		.kind = ASSIGN_TAG, .value = (t), .is_exclude = true                               \
	}

static const struct {
	struct assignment list[4];
	size_t n;
	enum assign_verdict known;
	enum assign_verdict unknown;
} cases[] = {
    {{ALL}, 0, ASSIGN_NO, ASSIGN_NO},
    {{ALL}, 1, ASSIGN_YES, ASSIGN_YES},
    {{IN("g1")}, 1, ASSIGN_YES, ASSIGN_UNKNOWN},
    {{IN("G1")}, 1, ASSIGN_YES, ASSIGN_UNKNOWN},
    {{IN("g2")}, 1, ASSIGN_NO, ASSIGN_UNKNOWN},
    {{ALL, NOT("g1")}, 2, ASSIGN_NO, ASSIGN_UNKNOWN},
    {{ALL, NOT("g2")}, 2, ASSIGN_YES, ASSIGN_UNKNOWN},
    {{NOT("g2")}, 1, ASSIGN_NO, ASSIGN_NO},
    {{IN("g1"), NOT("g2")}, 2, ASSIGN_YES, ASSIGN_UNKNOWN},
    {{IN("g1"), NOT_U("alice")}, 2, ASSIGN_NO, ASSIGN_NO},
    {{USER("alice")}, 1, ASSIGN_YES, ASSIGN_YES},
    {{USER("alice"), IN("g2")}, 2, ASSIGN_YES, ASSIGN_YES},
    {{USER("alice"), NOT("g2")}, 2, ASSIGN_YES, ASSIGN_UNKNOWN},
    {{USER("bob")}, 1, ASSIGN_NO, ASSIGN_NO},
    {{DEV("dev")}, 1, ASSIGN_YES, ASSIGN_YES},
    {{DEV("other")}, 1, ASSIGN_NO, ASSIGN_NO},
    {{TAG("lab")}, 1, ASSIGN_YES, ASSIGN_YES},
    {{TAG("Lab")}, 1, ASSIGN_NO, ASSIGN_NO},
    {{ALL, NOT_T("lab")}, 2, ASSIGN_NO, ASSIGN_NO},
    {{ALL, NOT_ALL}, 2, ASSIGN_NO, ASSIGN_NO},
};

static void judges_assignments(void **state)
{
	static const char *const groups[] = {"g1"};
	static const char *const tags[] = {"lab"};
	struct assign_subject known = {"dev", "alice", groups, 1, tags, 1, true};
	struct assign_subject unknown = {"dev", "alice", NULL, 0, tags, 1, false};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		enum assign_verdict a = assign_judge(cases[i].list, cases[i].n, &known);
		enum assign_verdict b = assign_judge(cases[i].list, cases[i].n, &unknown);

		if (a != cases[i].known || b != cases[i].unknown)
			fail_msg("case %zu: known %d, unknown %d", i, a, b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(judges_assignments)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
