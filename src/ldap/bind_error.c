/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bind_error.c: see bind_error.h. Numbers: Windows system error codes, in hexadecimal.
 */
#include "ldap/bind_error.h"

enum { DIAGNOSTIC_MAX = 1024 };

/* What follows ", data " up to the next comma. */
static struct text data_find(struct text t)
{
	struct text mark = TEXT(", data ");

	t = text_take(t, DIAGNOSTIC_MAX);
	for (; t.len >= mark.len; t = text_from(t, 1)) {
		struct text rest = text_from(t, mark.len);

		if (text_starts(t, mark))
			return text_cut(&rest, ',');
	}
	return TEXT_EMPTY;
}

enum directory_outcome bind_error_read(struct text diagnostic)
{
	static const struct {
		const char *data;
		enum directory_outcome outcome;
	} errors[] = {
	    {"530", DIRECTORY_E_RESTRICTED}, /* not at this time */
	    {"531", DIRECTORY_E_RESTRICTED}, /* not from this workstation */
	    {"532", DIRECTORY_E_PASSWORD_EXPIRED}, {"533", DIRECTORY_E_DISABLED},
	    {"701", DIRECTORY_E_ACCOUNT_EXPIRED},  {"773", DIRECTORY_E_MUST_CHANGE},
	    {"775", DIRECTORY_E_LOCKED},
	};
	struct text data = data_find(diagnostic);

	for (size_t i = 0; i < ARRAY_LEN(errors); i++)
		if (text_eq_c(data, errors[i].data))
			return errors[i].outcome;
	return DIRECTORY_E_PASSWORD;
}
