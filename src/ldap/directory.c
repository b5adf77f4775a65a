/* SPDX-License-Identifier: Apache-2.0 */
/*
 * directory.c: see directory.h. Four steps on one connection:
 *
 *   service   bind with the name the tenant set, or with none
 *   user      search for one entry; its id must be one that never changes
 *   group     where one is set: is the entry in it, as Active Directory or as others keep it
 *   password  bind as the entry's name; only its verdict decides before the group's
 *
 * For a user that is not there a bind is made all the same, with a name that cannot exist.
 */
#include "ldap/directory.h"

#include <stdatomic.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/secret.h"
#include "base/uuid.h"
#include "ldap/bind_error.h"
#include "ldap/filter.h"
#include "ldap/line.h"

enum { GUID_BYTES = 16, ENTRY_UUID_MAX = 64, VALUE_MAX = 256 };

/* In this order in line_entry.values. */
enum { AT_GUID, AT_UUID, AT_UPN, AT_MAIL, AT_NAME };
static const char *const attributes[] = {"objectGUID", "entryUUID",   "userPrincipalName",
					 "mail",       "displayName", NULL};
static const char *const no_attributes[] = {"1.1", NULL};

/* Questions under way in this process: each holds a worker until it is answered. */
static atomic_size_t places_taken;

struct asking {
	struct op *op;
	const struct ldap_directory *directory;
	struct line line;
	struct line_entry entry;
	bool is_in_group;
};

bool directory_dn_is_ok(const char *dn)
{
	LDAPDN parsed = NULL;
	bool is_ok = *dn && ldap_str2dn(dn, &parsed, LDAP_DN_FORMAT_LDAPV3) == 0;

	ldap_dnfree(parsed);
	return is_ok;
}

/* Steps. Each returns 0, an outcome, or negative. */

static int outcome_of(struct asking *a, int r)
{
	enum directory_outcome outcome = DIRECTORY_E_UNAVAILABLE;

	switch ((enum line_outcome)r) {
	case LINE_E_UNAVAILABLE:
		break;
	case LINE_E_REFUSED:
		outcome = DIRECTORY_E_SETTINGS;
		break;
	case LINE_E_MANY:
		outcome = DIRECTORY_E_AMBIGUOUS;
		break;
	}
	trail_add(&a->op->trail, __FILE__, __LINE__, __func__, ERR_NETWORK, "directory: %s",
		  a->line.why);
	return outcome;
}

/* The server is there but cannot serve now. */
static bool is_passing(const struct line_answer *answer)
{
	return answer->code == LDAP_BUSY || answer->code == LDAP_UNAVAILABLE ||
	       answer->code == LDAP_TIMELIMIT_EXCEEDED || answer->code == LDAP_ADMINLIMIT_EXCEEDED;
}

static int service_bind(struct asking *a)
{
	const struct ldap_directory *d = a->directory;
	struct op *op = a->op;
	struct text password = TEXT_EMPTY;
	struct line_answer answer;
	int r;

	if (d->bind_dn[0] &&
	    secret_open(op->arena, &op->keys->credentials,
			text_of(arena_printf(op->arena, "ldap_directories|%s", d->tenant_id)),
			text_of(d->sealed), &password))
		return ERR_FAIL(&op->trail, ERR_CONFIG,
				"the bind password of the directory cannot be opened: was the "
				"master key changed?");
	r = line_bind(&a->line, d->bind_dn, password, &answer);
	if (password.len > 0)
		secret_wipe((void *)(uintptr_t)password.ptr, password.len);
	if (r == LINE_E_REFUSED && is_passing(&answer))
		r = LINE_E_UNAVAILABLE;
	return r ? outcome_of(a, r) : 0;
}

static int user_search(struct asking *a, struct text user_name)
{
	const struct ldap_directory *d = a->directory;
	struct line_query search = {
	    .base = d->search_base,
	    .filter = filter_write(a->op->arena,
				   text_of(d->user_filter[0] ? d->user_filter : FILTER_DEFAULT),
				   user_name),
	    .attributes = attributes,
	};
	struct line_answer answer;
	int r;

	a->entry = (struct line_entry){.dn = ""};
	if (!search.filter)
		return 0;
	r = line_search(&a->line, &search, &a->entry, &answer);
	if (r == LINE_E_REFUSED && is_passing(&answer))
		r = LINE_E_UNAVAILABLE;
	return r ? outcome_of(a, r) : 0;
}

/* Whether an entry fits a filter. A filter or attribute the server does not know fits nothing, and
 * an entry that is not there neither. */
static int entry_fits(struct asking *a, const char *dn, const char *filter, bool *ret)
{
	const struct line_query search = {
	    .base = dn, .is_base_only = true, .filter = filter, .attributes = no_attributes};
	struct line_entry entry = {.dn = ""};
	struct line_answer answer;
	int r = line_search(&a->line, &search, &entry, &answer);

	if (r == LINE_E_REFUSED && !is_passing(&answer))
		return 0;
	if (r)
		return outcome_of(a, r);
	*ret = *ret || entry.is_found;
	return 0;
}

/* As Active Directory keeps it (also by groups in the group), then as the group itself lists it. */
static int group_search(struct asking *a)
{
	struct arena *arena = a->op->arena;
	const char *group = filter_escape(arena, text_of(a->directory->group_dn));
	const char *user = filter_escape(arena, text_of(a->entry.dn));
	int r;

	a->is_in_group = !a->directory->group_dn[0];
	if (a->is_in_group || !a->entry.is_found)
		return 0;
	r = entry_fits(a, a->entry.dn,
		       arena_printf(arena, "(|(memberOf=%s)(memberOf:1.2.840.113556.1.4.1941:=%s))",
				    group, group),
		       &a->is_in_group);
	if (r || a->is_in_group)
		return r;
	return entry_fits(a, a->directory->group_dn,
			  arena_printf(arena, "(|(member=%s)(uniqueMember=%s))", user, user),
			  &a->is_in_group);
}

static int password_bind(struct asking *a, struct text password)
{
	struct arena *arena = a->op->arena;
	struct line_answer answer;
	char nobody[UUID_TEXT_LEN + 1];
	const char *dn = a->entry.dn;
	int r;

	uuid_write(uuid_random(), nobody);
	if (!a->entry.is_found)
		dn = arena_printf(arena, "cn=%s,%s", nobody, a->directory->search_base);
	r = line_bind(&a->line, dn, password, &answer);
	if (r == LINE_E_REFUSED && answer.code == LDAP_INVALID_CREDENTIALS)
		return a->entry.is_found ? (int)bind_error_read(text_of(answer.diagnostic))
					 : DIRECTORY_E_NO_USER;
	if (r == LINE_E_REFUSED && !is_passing(&answer))
		return a->entry.is_found ? DIRECTORY_E_PASSWORD : DIRECTORY_E_NO_USER;
	if (r)
		return outcome_of(a, LINE_E_UNAVAILABLE);
	return a->entry.is_found ? 0 : DIRECTORY_E_NO_USER;
}

/* A value people may read; "" where it is none. */
static const char *label(struct arena *arena, struct text value)
{
	if (value.len > VALUE_MAX || !text_is_utf8(value))
		return "";
	for (size_t i = 0; i < value.len; i++)
		if ((unsigned char)value.ptr[i] < 0x20 || value.ptr[i] == 0x7f)
			return "";
	return arena_cstr(arena, value);
}

static int user_fill(struct asking *a, struct directory_user *ret)
{
	struct arena *arena = a->op->arena;
	const struct text *values = a->entry.values;
	const char *key = "";

	if (values[AT_GUID].len == GUID_BYTES)
		key = hex_write(arena, values[AT_GUID]);
	else if (values[AT_UUID].len <= ENTRY_UUID_MAX && text_is_printable(values[AT_UUID]))
		key = arena_cstr(arena, values[AT_UUID]);
	if (!key[0]) {
		a->line.why = "the entry of the user has neither objectGUID nor entryUUID that "
			      "the bind name may read";
		return outcome_of(a, LINE_E_REFUSED);
	}
	*ret = (struct directory_user){
	    .key = key,
	    .user_principal_name = label(arena, values[AT_UPN]),
	    .display_name = label(arena, values[AT_NAME]),
	};
	if (!ret->user_principal_name[0])
		ret->user_principal_name = label(arena, values[AT_MAIL]);
	return 0;
}

static int ask(struct asking *a, const struct directory_question *question,
	       struct directory_user *ret)
{
	int r = line_open(&a->line, a->op->arena, a->directory);

	r = r ? outcome_of(a, r) : service_bind(a);
	if (r == 0)
		r = user_search(a, question->user_name);
	if (r == 0)
		r = group_search(a);
	if (r == 0)
		r = password_bind(a, question->password);
	if (r == 0 && !a->is_in_group)
		r = DIRECTORY_E_GROUP;
	return r ? r : user_fill(a, ret);
}

/* At most half of the workers wait for directories. */
static size_t places_count(const struct op *op)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	if (op->config->workers > 0)
		return op->config->workers / 2 > 0 ? op->config->workers / 2 : 1;
	return processors > 0 ? (size_t)processors : 1;
}

static bool place_take(const struct op *op)
{
	if (atomic_fetch_add(&places_taken, 1) < places_count(op))
		return true;
	atomic_fetch_sub(&places_taken, 1);
	return false;
}

int directory_user_check(struct op *op, const struct directory_question *question,
			 struct directory_user *ret)
{
	struct asking asking = {.op = op, .directory = question->directory};
	int r;

	if (question->password.len == 0)
		return DIRECTORY_E_PASSWORD;
	if (!place_take(op))
		return DIRECTORY_E_BUSY;
	r = ask(&asking, question, ret);
	line_close(&asking.line);
	atomic_fetch_sub(&places_taken, 1);
	return r;
}

/* The user, or where none is named that there is something to search in. */
static int probe_search(struct asking *a, struct text user_name, bool *ret_is_found)
{
	int r;

	if (!text_is_empty(user_name)) {
		r = user_search(a, user_name);
		*ret_is_found = r == 0 && a->entry.is_found;
		a->line.why = r ? a->line.why : "no entry fits user_filter for this name";
		return r;
	}
	r = entry_fits(a, a->directory->search_base, "(objectClass=*)", ret_is_found);
	a->line.why = r ? a->line.why : "there is no entry at search_base, or it may not be read";
	return r;
}

/* Everything but the password. The findings so far stand; the first that fails has the cause. */
static int probe(struct asking *a, struct text user_name, struct directory_finding *ret)
{
	int r = line_open(&a->line, a->op->arena, a->directory);

	r = r ? outcome_of(a, r) : service_bind(a);
	if (r < 0)
		return r;
	ret[0].is_ok = r == 0 || a->line.is_answered;
	ret[1].is_ok = r == 0;
	if (r) {
		ret[ret[0].is_ok ? 1 : 0].detail = a->line.why;
		return 0;
	}
	r = probe_search(a, user_name, &ret[2].is_ok);
	if (r < 0)
		return r;
	if (!ret[2].is_ok) {
		ret[2].detail = a->line.why;
		return 0;
	}
	r = group_search(a);
	if (r < 0)
		return r;
	ret[3].is_ok = r == 0 && (a->is_in_group || text_is_empty(user_name));
	if (!ret[3].is_ok)
		ret[3].detail = r ? a->line.why : "the user is not in group_dn";
	return 0;
}

int directory_probe(struct op *op, const struct ldap_directory *directory, struct text user_name,
		    struct directory_finding ret[DIRECTORY_FINDINGS])
{
	static const char *const names[] = {"connection", "bind name", "user", "group"};
	struct asking asking = {.op = op, .directory = directory};
	int r;

	for (size_t i = 0; i < DIRECTORY_FINDINGS; i++)
		ret[i] = (struct directory_finding){names[i], false, "needs the one before first"};
	if (!place_take(op)) {
		ret[0].detail = "too many wait for directories already; try again";
		return 0;
	}
	r = probe(&asking, user_name, ret);
	for (size_t i = 0; i < DIRECTORY_FINDINGS; i++)
		if (ret[i].is_ok)
			ret[i].detail = "";
	line_close(&asking.line);
	atomic_fetch_sub(&places_taken, 1);
	return r;
}
