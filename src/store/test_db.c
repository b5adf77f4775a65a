/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_db.c: the promises of db.h that one thread can check: values go in and come out unchanged,
 * what is not text is refused, outcomes pass through, a transaction that failed leaves nothing.
 */
#include "store/test_cases.h"

static const char make_notes[] =
    "CREATE TABLE notes (id TEXT NOT NULL PRIMARY KEY, value BIGINT, label TEXT)";
static const char count_notes[] = "SELECT COUNT(*) FROM notes";

static int notes_setup(void **state)
{
	struct store_fixture *f;

	if (case_setup_empty(state))
		return -1;
	f = *state;
	return store_fixture_run(f->db, make_notes);
}

struct note {
	struct text id;
	int64_t value;
	struct text label;
	int result; /* what the transaction returns after the insert */
};

static int note_insert(struct db_conn *tx, const struct note *note)
{
	struct db_query q;

	db_query_init(&q, tx, "INSERT INTO notes (id, value, label) VALUES ($1, $2, $3)");
	db_bind_text(&q, 1, note->id);
	db_bind_int(&q, 2, note->value);
	db_bind_text(&q, 3, note->label);
	return db_run(&q);
}

static int note_add(struct db_conn *tx, void *argument)
{
	const struct note *note = argument;
	int r = note_insert(tx, note);

	return r ? r : note->result;
}

static void values_come_back(void **state)
{
	static const struct note notes[] = {
	    {TEXT("zero"), 0, TEXT("")},
	    {TEXT("most"), INT64_MAX, TEXT("x")},
	    {TEXT("least"), INT64_MIN, TEXT("caf\xc3\xa9 \xf0\x9f\x94\x92")},
	    {TEXT("32 bits and one"), INT64_C(4294967296), TEXT("'; DROP TABLE notes; --")},
	    {TEXT("lines"), -1, TEXT("a\r\n\tb\\\"%s%n$1?")},
	    {TEXT("null"), 7, {NULL, 0}},
	};
	struct store_fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(notes); i++) {
		struct note note = notes[i];
		struct db_query q;

		assert_ok(db_transact(f->db, note_add, &note));
		db_query_init(&q, db_reader(f->db),
			      "SELECT id, value, label FROM notes"
			      " WHERE id = $1 AND value = $2");
		db_bind_text(&q, 1, note.id);
		db_bind_int(&q, 2, note.value);
		assert_int_equal(db_step(&q), DB_ROW);
		assert_true(text_eq(db_column_text(&q, 0), note.id));
		assert_true(db_column_int(&q, 1) == note.value);
		assert_int_equal(db_column_is_null(&q, 2), !note.label.ptr);
		if (note.label.ptr)
			assert_true(text_eq(db_column_text(&q, 2), note.label));
		else
			assert_null(db_column_text(&q, 2).ptr);
		assert_int_equal(db_step(&q), DB_DONE);
		db_query_done(&q);
	}
}

static void what_is_not_text_is_refused(void **state)
{
	static const struct text bad[] = {
	    {"a\0b", 3}, {"\xff", 1}, {"\xc0\xaf", 2}, {"\xed\xa0\x80", 3}, {"caf\xc3", 4},
	};
	struct store_fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct note note = {.id = bad[i], .label = TEXT("")};

		assert_true(db_transact(f->db, note_add, &note) < 0);
		assert_non_null(strstr(db_error(f->db), "UTF-8"));
	}
	assert_int_equal(store_fixture_number(f->db, count_notes), 0);
}

static void outcomes_pass_through_and_roll_back(void **state)
{
	static const int results[] = {1, 2, 77, ERR_STORE, ERR_LIMIT, ERR_INTERNAL};
	struct store_fixture *f = *state;
	struct note note = {.id = TEXT("a"), .label = TEXT("")};

	for (size_t i = 0; i < ARRAY_LEN(results); i++) {
		note.result = results[i];
		assert_int_equal(db_transact(f->db, note_add, &note), results[i]);
		assert_int_equal(store_fixture_number(f->db, count_notes), 0);
	}
	note.result = 0;
	assert_ok(db_transact(f->db, note_add, &note));
	assert_int_equal(store_fixture_number(f->db, count_notes), 1);
}

static void a_second_row_is_a_conflict(void **state)
{
	struct store_fixture *f = *state;
	struct note note = {.id = TEXT("a"), .value = 1, .label = TEXT("first")};

	assert_ok(db_transact(f->db, note_add, &note));
	note.value = 2;
	assert_int_equal(db_transact(f->db, note_add, &note), DB_E_CONFLICT);
	assert_int_equal(store_fixture_number(f->db, "SELECT value FROM notes"), 1);
}

static void a_missing_parent_is_a_conflict(void **state)
{
	struct store_fixture *f = *state;

	assert_ok(store_fixture_run(f->db, "CREATE TABLE leaves (id TEXT NOT NULL PRIMARY KEY,"
					   " note TEXT NOT NULL REFERENCES notes (id))"));
	assert_int_equal(store_fixture_run(f->db, "INSERT INTO leaves VALUES ('l', 'no note')"),
			 DB_E_CONFLICT);
	assert_int_equal(store_fixture_number(f->db, "SELECT COUNT(*) FROM leaves"), 0);
}

/* Other broken rules are failures, not outcomes somebody might handle. */
static void a_null_where_none_may_be_is_a_failure(void **state)
{
	struct store_fixture *f = *state;

	assert_int_equal(store_fixture_run(f->db, "INSERT INTO notes (value) VALUES (1)"),
			 ERR_STORE);
}

static int add_twice_and_say_nothing(struct db_conn *tx, void *argument)
{
	const struct note *note = argument;
	int first = note_insert(tx, note);
	int second = note_insert(tx, note);

	return first == 0 && second == DB_E_CONFLICT ? 0 : ERR_INTERNAL;
}

static void an_ignored_failure_does_not_commit(void **state)
{
	struct store_fixture *f = *state;
	struct note note = {.id = TEXT("a"), .label = TEXT("")};

	assert_true(db_transact(f->db, add_twice_and_say_nothing, &note) < 0);
	assert_int_equal(store_fixture_number(f->db, count_notes), 0);
	assert_ok(db_transact(f->db, note_add, &note));
}

struct nested {
	struct db *db;
	int inner;
};

static int begin_another(struct db_conn *tx, void *argument)
{
	struct nested *nested = argument;
	struct note note = {.id = TEXT("inner"), .label = TEXT("")};

	(void)tx;
	nested->inner = db_transact(nested->db, note_add, &note);
	return 0;
}

static void transactions_do_not_nest(void **state)
{
	struct store_fixture *f = *state;
	struct nested nested = {.db = f->db};

	assert_ok(db_transact(f->db, begin_another, &nested));
	assert_int_equal(nested.inner, ERR_INTERNAL);
	assert_int_equal(store_fixture_number(f->db, count_notes), 0);
}

static void a_reader_cannot_write(void **state)
{
	static const char *const writes[] = {
	    "INSERT INTO notes (id) VALUES ('a')",
	    "DELETE FROM notes",
	    "CREATE TABLE more (id TEXT)",
	    "DROP TABLE notes",
	};
	struct store_fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(writes); i++) {
		struct db_query q;

		db_query_init(&q, db_reader(f->db), writes[i]);
		assert_int_equal(db_run(&q), ERR_STORE);
		assert_true(db_conn_error(db_reader(f->db))[0] != '\0');
	}
	assert_int_equal(store_fixture_number(f->db, count_notes), 0);
}

static void a_wrong_statement_says_why(void **state)
{
	struct store_fixture *f = *state;

	assert_int_equal(store_fixture_run(f->db, "SELECT one FROM nowhere"), ERR_STORE);
	assert_non_null(strstr(db_error(f->db), "nowhere"));
	assert_null(strchr(db_error(f->db), '\n'));
}

static void a_query_inside_its_own_query(void **state)
{
	static const char numbers[] = "SELECT value FROM notes WHERE value >= $1 ORDER BY value";
	struct store_fixture *f = *state;
	struct db_query outer, inner;
	int64_t sum = 0;

	for (int i = 1; i <= 3; i++) {
		struct note note = {
		    .id = text_of(arena_printf(&f->arena, "%d", i)), .value = i, .label = TEXT("")};

		assert_ok(db_transact(f->db, note_add, &note));
	}
	db_query_init(&outer, db_reader(f->db), numbers);
	db_bind_int(&outer, 1, 1);
	while (db_step(&outer) == DB_ROW) {
		db_query_init(&inner, db_reader(f->db), numbers);
		db_bind_int(&inner, 1, db_column_int(&outer, 0));
		while (db_step(&inner) == DB_ROW)
			sum += db_column_int(&inner, 0);
		db_query_done(&inner);
	}
	db_query_done(&outer);
	assert_int_equal(sum, (1 + 2 + 3) + (2 + 3) + 3);
}

/* A parameter's type is what is bound, not what the text around it suggests. */
static void types_follow_what_is_bound(void **state)
{
	static const char sql[] = "SELECT CASE WHEN $1 = 0 THEN 'zero' ELSE 'other' END";
	static const int64_t values[] = {0, 1, INT64_C(1) << 40, INT64_MIN};
	struct store_fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		struct db_query q;

		db_query_init(&q, db_reader(f->db), sql);
		db_bind_int(&q, 1, values[i]);
		assert_int_equal(db_step(&q), DB_ROW);
		assert_true(text_eq_c(db_column_text(&q, 0), values[i] ? "other" : "zero"));
		db_query_done(&q);
	}
}

static void parameters_may_stand_in_any_order(void **state)
{
	struct store_fixture *f = *state;
	struct db_query q;

	db_query_init(&q, db_reader(f->db), "SELECT $2 || $1 || $2");
	db_bind_c(&q, 2, "b");
	db_bind_c(&q, 1, "a");
	assert_int_equal(db_step(&q), DB_ROW);
	assert_true(text_eq_c(db_column_text(&q, 0), "bab"));
	db_query_done(&q);
}

static void one_parameter_too_many(void **state)
{
	static const int bad[] = {0, -1, DB_PARAMS_MAX + 1};
	struct store_fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct db_query q;

		db_query_init(&q, db_reader(f->db), count_notes);
		db_bind_int(&q, bad[i], 1);
		assert_true(db_step(&q) < 0);
		assert_true(db_step(&q) < 0);
		db_query_done(&q);
	}
}

static void changes_are_counted(void **state)
{
	struct store_fixture *f = *state;
	struct note note = {.label = TEXT("")};

	for (int i = 0; i < 5; i++) {
		note.id = text_of(arena_printf(&f->arena, "%d", i));
		note.value = i;
		assert_ok(db_transact(f->db, note_add, &note));
	}
	assert_int_equal(store_fixture_number(f->db, count_notes), 5);
	assert_ok(store_fixture_run(f->db, "DELETE FROM notes WHERE value < 3"));
	assert_int_equal(store_fixture_number(f->db, count_notes), 2);
}

static int expect_no_row(struct db_conn *tx, void *argument)
{
	struct db_query q;

	(void)argument;
	db_query_init(&q, tx, "INSERT INTO notes (id, value) VALUES ('a', 1) RETURNING value");
	return db_run(&q);
}

static void a_row_where_none_was_expected(void **state)
{
	struct store_fixture *f = *state;

	assert_int_equal(db_transact(f->db, expect_no_row, NULL), ERR_INTERNAL);
	assert_int_equal(store_fixture_number(f->db, count_notes), 0);
}

static void bad_urls(void **state)
{
	static const char *const urls[] = {
	    "",
	    "sqlite",
	    "sqlite:",
	    "sqlite::memory:",
	    "mysql://host/db",
	    "postgres",
	    "/tmp/x.db",
	    "sqlite:/nonexistent-directory/muster.db",
	    "postgresql://h:port:port/x?=",
	};
	struct db_store *store = NULL;
	struct trail trail;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
		trail_reset(&trail);
		assert_true(db_store_open(&store, urls[i], &trail) < 0);
		assert_null(store);
		assert_true(trail.len > 0);
	}
}

#define NOTES(function) cmocka_unit_test_setup_teardown(function, notes_setup, case_teardown)

static const struct CMUnitTest cases[] = {
    NOTES(values_come_back),
    NOTES(what_is_not_text_is_refused),
    NOTES(outcomes_pass_through_and_roll_back),
    NOTES(a_second_row_is_a_conflict),
    NOTES(a_missing_parent_is_a_conflict),
    NOTES(a_null_where_none_may_be_is_a_failure),
    NOTES(an_ignored_failure_does_not_commit),
    NOTES(transactions_do_not_nest),
    NOTES(a_reader_cannot_write),
    NOTES(a_wrong_statement_says_why),
    NOTES(a_query_inside_its_own_query),
    NOTES(types_follow_what_is_bound),
    NOTES(parameters_may_stand_in_any_order),
    NOTES(one_parameter_too_many),
    NOTES(changes_are_counted),
    NOTES(a_row_where_none_was_expected),
    cmocka_unit_test(bad_urls),
};

const struct case_table db_cases = {cases, ARRAY_LEN(cases)};
