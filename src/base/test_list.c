/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_list.c: order of an intrusive list, and taking out nodes wherever they stand.
 */
#include "base/list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
struct item {
	int value;
	struct list link;
};

static int list_sum_of_digits(const struct list *head)
{
	int all = 0;

	LIST_EACH (pos, head)
		all = all * 10 + LIST_OWNER(pos, struct item, link)->value;
	return all;
}

static void order_and_removal(void **state)
{
	struct item items[4] = {{1}, {2}, {3}, {4}};
	struct list head;

	list_init(&head);
	assert_true(list_is_empty(&head));
	assert_null(list_take(&head));
	for (int i = 0; i < 4; i++)
		list_append(&head, &items[i].link);
	assert_int_equal(list_sum_of_digits(&head), 1234);
	list_remove(&items[1].link);
	assert_int_equal(list_sum_of_digits(&head), 134);
	list_remove(&items[1].link);
	assert_int_equal(list_sum_of_digits(&head), 134);
	assert_ptr_equal(list_take(&head), &items[0].link);
	list_append(&head, &items[1].link);
	assert_int_equal(list_sum_of_digits(&head), 342);
	while (list_take(&head))
		;
	assert_true(list_is_empty(&head));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(order_and_removal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
