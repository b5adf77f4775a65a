/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_terms.c: the texts of the Terms of Use, what was shown and decided, and one-time PINs.
 */
#include "base/limits.h"
#include "store/pin.h"
#include "store/tenant.h"
#include "store/terms.h"
#include "store/test_cases.h"

#define ID(n) "55555555-5555-4555-8555-55555555555" #n
#define GROUP "66666666-6666-4666-8666-666666666666"
#define USER  "77777777-7777-4777-8777-777777777777"

WRITE_CASE(text_add, struct terms_text, store_terms_add(tx, a))
WRITE_CASE(text_update, struct terms_text, store_terms_update(tx, a))
WRITE_CASE(text_remove, struct call, store_terms_remove(tx, text_of(a->tenant), text_of(a->id)))
WRITE_CASE(shown_put, struct terms_shown, store_terms_shown_put(tx, a))
WRITE_CASE(record_add, struct terms_record, store_terms_record_add(tx, a))
WRITE_CASE(pin_add, struct pin, store_pin_add(tx, a))
WRITE_CASE(pin_revoke, struct call, store_pin_revoke(tx, text_of(a->tenant), text_of(a->id)))

static struct terms_text text_of_case(const char *id)
{
	return (struct terms_text){
	    .tenant_id = TENANT,
	    .id = id,
	    .locale = "de-AT",
	    .audience = TERMS_FOR_PERSONAL,
	    .group_id = GROUP,
	    .title = "Bedingungen \"x\"",
	    .body = "<p onclick=x>Text'; DROP TABLE terms; --</p>",
	    .html = "<p>Text</p>\n",
	    .sha256 = "00ff",
	    .created_at = T0,
	    .updated_at = T0 + 1,
	};
}

static void texts(void **state)
{
	struct store_fixture *f = *state;
	struct db_conn *reader = db_reader(f->db);
	struct terms_text text = text_of_case(ID(1)), other = text_of_case(ID(2)), got, *list;
	struct call call = {.tenant = TENANT, .id = ID(1)};
	int64_t count;
	size_t n;

	assert_ok(db_transact(f->db, text_add, &text));
	/* Another for the same place. */
	assert_int_equal(db_transact(f->db, text_add, &other), STORE_E_CONFLICT);
	other.group_id = "";
	assert_ok(db_transact(f->db, text_add, &other));
	assert_ok(store_terms_load(reader, &f->arena, text_of(TENANT), text_of(ID(1)), &got));
	assert_string_equal(got.locale, "de-AT");
	assert_int_equal(got.audience, TERMS_FOR_PERSONAL);
	assert_string_equal(got.group_id, GROUP);
	assert_string_equal(got.title, text.title);
	assert_string_equal(got.body, text.body);
	assert_string_equal(got.html, text.html);
	assert_string_equal(got.sha256, "00ff");
	assert_int_equal(got.version, 1);
	assert_int_equal(got.updated_at, T0 + 1);
	assert_ok(store_terms_list(reader, &f->arena, text_of(TENANT), &list, &n));
	assert_int_equal(n, 2);
	assert_string_equal(list[0].id, ID(2));
	assert_string_equal(list[0].body, "");
	assert_ok(store_terms_count(reader, text_of(TENANT), &count));
	assert_int_equal(count, 2);

	got.html = "<p>Neu</p>\n";
	assert_ok(db_transact(f->db, text_update, &got));
	assert_int_equal(db_transact(f->db, text_update, &got), STORE_E_STALE);
	got.version = 2;
	got.group_id = "";
	assert_int_equal(db_transact(f->db, text_update, &got), STORE_E_CONFLICT);
	assert_ok(db_transact(f->db, text_remove, &call));
	assert_int_equal(db_transact(f->db, text_remove, &call), STORE_E_NOT_FOUND);
	assert_int_equal(db_transact(f->db, text_update, &got), STORE_E_NOT_FOUND);
	assert_int_equal(store_terms_load(reader, &f->arena, text_of(TENANT), text_of(ID(1)), &got),
			 STORE_E_NOT_FOUND);
	text.tenant_id = TENANT_2;
	assert_int_equal(db_transact(f->db, text_add, &text), STORE_E_CONFLICT);
}

static void shown_texts_are_kept(void **state)
{
	struct store_fixture *f = *state;
	struct db_conn *reader = db_reader(f->db);
	struct terms_shown shown = {TENANT, "1-00", "de", "T", "<p>a</p>", T0}, got, *list;
	struct terms_shown again = {TENANT, "1-00", "en", "U", "<p>b</p>", T0 + 9};
	bool is_there;
	size_t n;

	assert_ok(store_terms_shown_exists(reader, text_of(TENANT), text_of("1-00"), &is_there));
	assert_false(is_there);
	assert_ok(db_transact(f->db, shown_put, &shown));
	assert_ok(db_transact(f->db, shown_put, &again));
	assert_ok(store_terms_shown_exists(reader, text_of(TENANT), text_of("1-00"), &is_there));
	assert_true(is_there);
	assert_ok(
	    store_terms_shown_load(reader, &f->arena, text_of(TENANT), text_of("1-00"), &got));
	assert_string_equal(got.html, "<p>a</p>");
	assert_string_equal(got.locale, "de");
	assert_int_equal(got.created_at, T0);
	again.version = "2-00";
	assert_ok(db_transact(f->db, shown_put, &again));
	assert_ok(store_terms_shown_list(reader, &f->arena, text_of(TENANT), &list, &n));
	assert_int_equal(n, 2);
	assert_string_equal(list[0].version, "2-00");
	assert_string_equal(list[0].html, "");
	assert_int_equal(
	    store_terms_shown_load(reader, &f->arena, text_of(TENANT_2), text_of("1-00"), &got),
	    STORE_E_NOT_FOUND);
}

static struct terms_record record_of(const char *id, enum terms_choice choice)
{
	return (struct terms_record){
	    .tenant_id = TENANT,
	    .id = id,
	    .at = T0,
	    .user_object_id = USER,
	    .user_principal_name = "anna@contoso.com",
	    .choice = choice,
	    .version = "1-00",
	    .locale = "de",
	    .mode = "personal",
	    .client_request_id = ID(9),
	    .redirect_uri = "ms-appx-web://x/y",
	    .source = "192.0.2.1",
	    .user_agent = "Edge",
	};
}

static void decisions(void **state)
{
	struct store_fixture *f = *state;
	struct db_conn *reader = db_reader(f->db);
	struct terms_record one = record_of(ID(1), TERMS_ACCEPTED);
	struct terms_record two = record_of(ID(2), TERMS_DECLINED);
	struct terms_record got, *list;
	struct terms_record_filter filter = {.tenant_id = text_of(TENANT)};
	size_t n;

	assert_ok(db_transact(f->db, record_add, &one));
	assert_int_equal(db_transact(f->db, record_add, &one), STORE_E_CONFLICT);
	assert_ok(db_transact(f->db, record_add, &two));
	assert_ok(store_terms_record_load(reader, &f->arena, text_of(ID(2)), &got));
	assert_int_equal(got.choice, TERMS_DECLINED);
	assert_string_equal(got.user_principal_name, "anna@contoso.com");
	assert_string_equal(got.redirect_uri, "ms-appx-web://x/y");
	assert_string_equal(got.user_agent, "Edge");
	assert_ok(store_terms_record_list(reader, &f->arena, &filter, TEXT_EMPTY, 9, &list, &n));
	assert_int_equal(n, 2);
	assert_string_equal(list[0].id, ID(2));
	assert_ok(
	    store_terms_record_list(reader, &f->arena, &filter, text_of(ID(2)), 9, &list, &n));
	assert_int_equal(n, 1);
	filter.decision = TEXT("declined");
	filter.user_object_id = text_of(USER);
	filter.version = TEXT("1-00");
	filter.client_request_id = text_of(ID(9));
	assert_ok(store_terms_record_list(reader, &f->arena, &filter, TEXT_EMPTY, 9, &list, &n));
	assert_int_equal(n, 1);
	filter.user_principal_name = TEXT("bert@contoso.com");
	assert_ok(store_terms_record_list(reader, &f->arena, &filter, TEXT_EMPTY, 9, &list, &n));
	assert_int_equal(n, 0);
}

struct using
{
	struct store_fixture *f;
	const char *mac, *name;
	int64_t now;
	const char *id;
};

static int using(struct db_conn *tx, void *argument)
{
	struct using *u = argument;

	u->id = NULL;
	return store_pin_use(tx, &u->f->arena, text_of(TENANT), text_of(u->mac), text_of(u->name),
			     text_of(USER), u->now, &u->id);
}

static int use(struct store_fixture *f, const char *mac, const char *name, int64_t now,
	       const char **ret)
{
	struct using u = {f, mac, name, now, NULL};
	int r = db_transact(f->db, using, &u);

	*ret = u.id;
	return r;
}

static void pins(void **state)
{
	struct store_fixture *f = *state;
	struct db_conn *reader = db_reader(f->db);
	struct pin pin = {TENANT, ID(1), "desk 3", "", "aa", PIN_OPEN, T0, 0, 0, ""}, got, *list;
	struct pin_filter filter = {.tenant_id = text_of(TENANT)};
	struct call call = {.tenant = TENANT, .id = ID(2)};
	const char *id;
	int64_t open;
	size_t n;

	assert_ok(db_transact(f->db, pin_add, &pin));
	pin.id = ID(2);
	assert_int_equal(db_transact(f->db, pin_add, &pin), STORE_E_CONFLICT);
	pin.mac = "bb";
	pin.user_principal_name = "anna@contoso.com";
	pin.expires_at = T0 + 10;
	assert_ok(db_transact(f->db, pin_add, &pin));
	assert_ok(store_pin_count_open(reader, text_of(TENANT), &open));
	assert_int_equal(open, 2);

	/* Of its user only, and in its time. */
	assert_int_equal(use(f, "bb", "bert@contoso.com", T0, &id), STORE_E_NOT_FOUND);
	assert_int_equal(use(f, "bb", "", T0, &id), STORE_E_NOT_FOUND);
	assert_int_equal(use(f, "bb", "anna@contoso.com", T0 + 10, &id), STORE_E_NOT_FOUND);
	assert_int_equal(use(f, "cc", "anna@contoso.com", T0, &id), STORE_E_NOT_FOUND);
	/* Once. */
	assert_ok(use(f, "aa", "", T0 + 5, &id));
	assert_string_equal(id, ID(1));
	assert_int_equal(use(f, "aa", "", T0 + 5, &id), STORE_E_NOT_FOUND);
	assert_ok(store_pin_load(reader, &f->arena, text_of(TENANT), text_of(ID(1)), &got));
	assert_int_equal(got.state, PIN_USED);
	assert_int_equal(got.used_at, T0 + 5);
	assert_string_equal(got.used_by, USER);
	assert_string_equal(got.label, "desk 3");

	assert_ok(db_transact(f->db, pin_revoke, &call));
	assert_int_equal(db_transact(f->db, pin_revoke, &call), STORE_E_IN_USE);
	call.id = ID(1);
	assert_int_equal(db_transact(f->db, pin_revoke, &call), STORE_E_IN_USE);
	call.id = ID(3);
	assert_int_equal(db_transact(f->db, pin_revoke, &call), STORE_E_NOT_FOUND);
	assert_int_equal(use(f, "bb", "anna@contoso.com", T0, &id), STORE_E_NOT_FOUND);
	/* The digits of one that is closed may come again. */
	pin.id = ID(3);
	assert_ok(db_transact(f->db, pin_add, &pin));

	assert_ok(store_pin_list(reader, &f->arena, &filter, TEXT_EMPTY, 9, &list, &n));
	assert_int_equal(n, 3);
	assert_string_equal(list[0].id, ID(3));
	filter.state = TEXT("revoked");
	filter.user_principal_name = TEXT("anna@contoso.com");
	assert_ok(store_pin_list(reader, &f->arena, &filter, TEXT_EMPTY, 9, &list, &n));
	assert_int_equal(n, 1);
	assert_string_equal(list[0].id, ID(2));
}

static const struct CMUnitTest cases[] = {
    CASE_DEVICE(texts),
    CASE_DEVICE(shown_texts_are_kept),
    CASE_DEVICE(decisions),
    CASE_DEVICE(pins),
};

const struct case_table terms_cases = {cases, ARRAY_LEN(cases)};
