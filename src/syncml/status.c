/* SPDX-License-Identifier: Apache-2.0 */
/*
 * status.c: the table of SyncML status codes (OMA SyncML RepPro, MS-MDM 2.2.8, with what Windows
 * is known to mean by them). Codes that are not in the table are taken by their hundreds.
 */
#include "syncml/status.h"

struct status {
	int64_t code;
	enum status_class class;
	const char *text;
};

static const struct status statuses[] = {
    {200, STATUS_DONE, "done"},
    {202, STATUS_PROGRESS, "accepted, still running on the device"},
    {204, STATUS_DONE, "done, nothing to return"},
    {212, STATUS_DONE, "credentials accepted"},
    {213, STATUS_PROGRESS, "part of a large object accepted"},
    {214, STATUS_NEXT_TIME, "not run: the device ended the session"},
    {215, STATUS_PERMANENT, "not run: the user refused"},
    {216, STATUS_RETRY, "rolled back together with its group"},
    {400, STATUS_PERMANENT, "the command is malformed"},
    {401, STATUS_PERMANENT, "credentials refused"},
    {403, STATUS_PERMANENT, "forbidden"},
    {404, STATUS_PERMANENT, "no such node on this device"},
    {405, STATUS_PERMANENT, "not allowed on this node, or a wrong format"},
    {406, STATUS_PERMANENT, "feature not supported by this device"},
    {407, STATUS_PERMANENT, "credentials missing"},
    {408, STATUS_RETRY, "timed out on the device"},
    {409, STATUS_RETRY, "conflict on the device"},
    {410, STATUS_PERMANENT, "gone"},
    {411, STATUS_PERMANENT, "size missing"},
    {412, STATUS_PERMANENT, "the command is incomplete"},
    {413, STATUS_PERMANENT, "too large"},
    {414, STATUS_PERMANENT, "LocURI too long"},
    {415, STATUS_PERMANENT, "type or format not supported"},
    {417, STATUS_RETRY, "busy, try again"},
    {418, STATUS_PERMANENT, "exists already"},
    {420, STATUS_RETRY, "no space on the device"},
    {424, STATUS_RETRY, "size of a large object does not match"},
    {425, STATUS_PERMANENT, "access denied on the device"},
    {426, STATUS_PERMANENT, "item not accepted in part"},
    {500, STATUS_RETRY, "failed on the device"},
    {501, STATUS_PERMANENT, "not implemented by this device"},
    {503, STATUS_RETRY, "device busy"},
    {505, STATUS_PERMANENT, "DTD version not supported"},
    {506, STATUS_RETRY, "processing error on the device"},
    {507, STATUS_RETRY, "the group failed as a whole"},
    {508, STATUS_RETRY, "refresh required"},
    {510, STATUS_RETRY, "data store failure on the device"},
    {511, STATUS_RETRY, "failure of the device"},
    {513, STATUS_PERMANENT, "protocol version not supported"},
    {516, STATUS_RETRY, "rolling back failed: the state is not known"},
    {517, STATUS_PERMANENT, "answer too large for the device to send"},
};

/* Where the verb or the scope changes what a code means. */
static const struct {
	int64_t code;
	enum command_verb verb;
	enum status_class class;
} by_verb[] = {
    {418, VERB_ADD, STATUS_DONE},
    {404, VERB_DELETE, STATUS_DONE},
    {410, VERB_DELETE, STATUS_DONE},
    {404, VERB_REPLACE, STATUS_NEEDS_ADD},
};

static const struct status *find(int64_t code)
{
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		if (statuses[i].code == code)
			return &statuses[i];
	}
	return NULL;
}

static bool is_without_user(int64_t code)
{
	return code == 405 || code == 500 || code == 507 || code == 216;
}

static enum status_class by_hundreds(int64_t code)
{
	if (code >= 100 && code < 200)
		return STATUS_PROGRESS;
	if (code >= 200 && code < 300)
		return STATUS_DONE;
	return code >= 500 && code < 600 ? STATUS_RETRY : STATUS_PERMANENT;
}

enum status_class status_class(int64_t code, enum command_verb verb, enum scope scope)
{
	const struct status *status = find(code);

	if (scope == SCOPE_USER && is_without_user(code))
		return STATUS_USER_LATER;
	for (size_t i = 0; i < sizeof(by_verb) / sizeof(by_verb[0]); i++) {
		if (by_verb[i].code == code && by_verb[i].verb == verb)
			return by_verb[i].class;
	}
	return status ? status->class : by_hundreds(code);
}

const char *status_text(int64_t code)
{
	const struct status *status = find(code);

	if (!code)
		return "no answer yet";
	return status ? status->text : "unknown status";
}
