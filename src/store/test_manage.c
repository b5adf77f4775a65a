/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_manage.c: sessions, commands and the outbox: the rows that several threads move along, where
 * each move must happen once and only from the state it starts in.
 */
#include <stdio.h>

#include "store/command.h"
#include "store/device.h"
#include "store/outbox.h"
#include "store/session.h"
#include "store/tenant.h"
#include "store/test_cases.h"

WRITE_CASE(session_begin, struct session_row, store_session_begin(tx, a))
WRITE_CASE(session_save, struct session_row, store_session_save(tx, a, a->client_msg_id - 1))
WRITE_CASE(session_end, struct call,
	   store_session_end(tx, text_of(a->tenant), text_of(a->device), text_of(a->id),
			     text_of(a->text), a->now))
WRITE_CASE(command_add, struct command, store_command_add(tx, a))
WRITE_CASE(command_sent, struct call,
	   store_command_mark_sent(tx, text_of(a->tenant), text_of(a->device), text_of(a->id),
				   text_of(a->text), a->n, a->m, a->now))
WRITE_CASE(command_answer, struct call,
	   store_command_answer(tx, text_of(a->tenant), text_of(a->device), text_of(a->id), a->n,
				text_of(a->text), a->now))
WRITE_CASE(command_cancel, struct call,
	   store_command_cancel(tx, text_of(a->tenant), text_of(a->device), text_of(a->id), a->now))
WRITE_CASE(command_cancel_all, struct call,
	   store_command_cancel_all(tx, text_of(a->tenant), text_of(a->device), a->now))
WRITE_CASE(command_requeue, struct call,
	   store_command_requeue_unanswered(tx, text_of(a->tenant), text_of(a->device)))
WRITE_CASE(command_drop, struct call,
	   store_command_drop_derived(tx, text_of(a->tenant), text_of(a->device), a->now))
WRITE_CASE(command_sweep, struct call, store_command_sweep(tx, a->now))
WRITE_CASE(owner_add, struct tenant, store_tenant_add(tx, a))
WRITE_CASE(machine_add, struct device, store_device_add(tx, a))
WRITE_CASE(outbox_put, struct outbox_row, store_outbox_put(tx, a))
WRITE_CASE(outbox_done, struct call,
	   store_outbox_done(tx, text_of(a->tenant), text_of(a->id), a->n, a->now))
WRITE_CASE(outbox_later, struct call,
	   store_outbox_retry_at(tx, text_of(a->tenant), text_of(a->id), a->n, a->m,
				 text_of(a->text), a->now))
WRITE_CASE(outbox_hold, struct call,
	   store_outbox_hold(tx, text_of(a->tenant), text_of(a->id), a->n, text_of(a->text),
			     a->now))
WRITE_CASE(outbox_release, struct call, store_outbox_release_tenant(tx, text_of(a->tenant), a->now))
WRITE_CASE(outbox_retry, struct call,
	   store_outbox_retry(tx, text_of(a->tenant), text_of(a->id), a->now))
WRITE_CASE(outbox_drop, struct call, store_outbox_drop(tx, text_of(a->tenant), text_of(a->id)))
WRITE_CASE(outbox_sweep, struct call, store_outbox_sweep(tx, a->now))
WRITE_CASE(tenant_pause, struct call, store_tenant_set_graph_pause(tx, text_of(a->tenant), a->now))

static struct session_row case_session(const char *id, const char *session_id)
{
	return (struct session_row){
	    .tenant_id = TENANT,
	    .device_id = DEVICE,
	    .id = id,
	    .session_id = session_id,
	    .client_msg_id = 1,
	    .server_msg_id = 1,
	    .state = "{\"a\":1}",
	    .user_object_id = "",
	    .login_status = "user",
	    .origin = "3,1",
	    .started_at = T0,
	    .updated_at = T0,
	    .end_reason = "",
	    .last_reply = "<SyncML/>",
	    .last_request_sha256 = "h1",
	};
}

static int session_find(struct store_fixture *f, const char *session_id, struct session_row *ret)
{
	return store_session_load(db_reader(f->db), &f->arena, text_of(TENANT), text_of(DEVICE),
				  text_of(session_id), ret);
}

static void a_session_lives_and_ends(void **state)
{
	struct store_fixture *f = *state;
	struct session_row session = case_session("s1", "A"), got;
	struct call call = {
	    .tenant = TENANT, .device = DEVICE, .id = "s1", .text = "final", .now = T0 + 9};

	assert_int_equal(session_find(f, "A", &got), STORE_E_NOT_FOUND);
	assert_ok(db_transact(f->db, session_begin, &session));
	assert_ok(session_find(f, "A", &got));
	assert_string_equal(got.state, "{\"a\":1}");
	assert_string_equal(got.last_reply, "<SyncML/>");
	assert_string_equal(got.origin, "3,1");
	assert_int_equal(session_find(f, "a", &got), STORE_E_NOT_FOUND);
	session.client_msg_id = 2;
	session.server_msg_id = 2;
	session.user_object_id = "u";
	session.last_reply = "two";
	assert_ok(db_transact(f->db, session_save, &session));
	/* The same message a second time: the first has moved the session on. */
	assert_int_equal(db_transact(f->db, session_save, &session), STORE_E_NOT_FOUND);
	assert_ok(session_find(f, "A", &got));
	assert_int_equal(got.client_msg_id, 2);
	assert_string_equal(got.user_object_id, "u");
	assert_string_equal(got.last_reply, "two");
	assert_ok(db_transact(f->db, session_end, &call));
	assert_int_equal(db_transact(f->db, session_end, &call), STORE_E_NOT_FOUND);
	session.client_msg_id = 3;
	assert_int_equal(db_transact(f->db, session_save, &session), STORE_E_NOT_FOUND);
	assert_int_equal(session_find(f, "A", &got), STORE_E_NOT_FOUND);
}

static void a_new_session_replaces_the_old(void **state)
{
	struct store_fixture *f = *state;
	struct session_row first = case_session("s1", "A"), second = case_session("s2", "A");
	struct session_row got, *list;
	size_t n;

	second.started_at = T0 + 5;
	second.state = "{}";
	assert_ok(db_transact(f->db, session_begin, &first));
	assert_ok(db_transact(f->db, session_begin, &second));
	assert_ok(session_find(f, "A", &got));
	assert_string_equal(got.id, "s2");
	assert_ok(store_session_list(db_reader(f->db), &f->arena, text_of(TENANT), text_of(DEVICE),
				     TEXT_EMPTY, 9, &list, &n));
	/* Ids of this test begin with 's', beyond every GUID: nothing is older than "g". */
	assert_int_equal(n, 0);
	assert_ok(store_session_list(db_reader(f->db), &f->arena, text_of(TENANT), text_of(DEVICE),
				     TEXT("t"), 9, &list, &n));
	assert_int_equal(n, 2);
	assert_string_equal(list[1].id, "s1");
	assert_string_equal(list[1].end_reason, "replaced");
	assert_int_equal(list[1].ended_at, T0 + 5);
	assert_string_equal(list[0].last_reply, "");
	first.device_id = DEVICE_2;
	assert_int_equal(db_transact(f->db, session_begin, &first), STORE_E_CONFLICT);
}

/* Ids follow the clock; after it was set back a new session has a lower id than an old one. */
static void a_clock_set_back_hides_no_session(void **state)
{
	struct store_fixture *f = *state;
	struct session_row session = case_session("09", "A"), got;

	assert_ok(db_transact(f->db, session_begin, &session));
	session = case_session("01", "B");
	assert_ok(db_transact(f->db, session_begin, &session));
	assert_ok(store_session_latest(db_reader(f->db), &f->arena, text_of(TENANT),
				       text_of(DEVICE), &got));
	assert_string_equal(got.id, "01");
	session.client_msg_id = 2;
	session.last_reply = "the end";
	session.ended_at = T0 + 3;
	session.end_reason = "final";
	assert_ok(db_transact(f->db, session_save, &session));
	assert_ok(store_session_latest(db_reader(f->db), &f->arena, text_of(TENANT),
				       text_of(DEVICE), &got));
	assert_string_equal(got.id, "01");
	assert_string_equal(got.last_reply, "the end");
}

/* The last reply of a session that has ended is kept until the next one begins. */
static void a_message_that_comes_again_finds_its_reply(void **state)
{
	struct store_fixture *f = *state;
	struct session_row session = case_session("01", "A"), got;

	assert_int_equal(store_session_latest(db_reader(f->db), &f->arena, text_of(TENANT),
					      text_of(DEVICE), &got),
			 STORE_E_NOT_FOUND);
	assert_ok(db_transact(f->db, session_begin, &session));
	session.client_msg_id = 2;
	session.last_reply = "the end";
	session.ended_at = T0 + 3;
	session.end_reason = "final";
	assert_ok(db_transact(f->db, session_save, &session));
	assert_int_equal(session_find(f, "A", &got), STORE_E_NOT_FOUND);
	assert_ok(store_session_latest(db_reader(f->db), &f->arena, text_of(TENANT),
				       text_of(DEVICE), &got));
	assert_string_equal(got.last_reply, "the end");
	assert_int_equal(got.ended_at, T0 + 3);
	session = case_session("02", "A");
	session.started_at = T0 + 9;
	assert_ok(db_transact(f->db, session_begin, &session));
	assert_ok(store_session_latest(db_reader(f->db), &f->arena, text_of(TENANT),
				       text_of(DEVICE), &got));
	assert_string_equal(got.id, "02");
	assert_int_equal(store_fixture_number(f->db,
					      "SELECT COUNT(*) FROM sessions WHERE id = '01'"
					      " AND last_reply = '' AND ended_at = 1700000003"
					      " AND end_reason = 'final'"),
			 1);
}

static void ended_sessions_are_bounded(void **state)
{
	struct store_fixture *f = *state;
	struct session_row *list;
	size_t n;

	for (int i = 0; i < SESSION_HISTORY_KEPT + 10; i++) {
		struct session_row session = case_session(arena_printf(&f->arena, "%04d", i), "A");

		assert_ok(db_transact(f->db, session_begin, &session));
	}
	assert_ok(store_session_list(db_reader(f->db), &f->arena, text_of(TENANT), text_of(DEVICE),
				     TEXT_EMPTY, 1000, &list, &n));
	assert_int_equal(n, SESSION_HISTORY_KEPT + 1);
	assert_string_equal(list[0].id, "0059");
	assert_int_equal(list[0].ended_at, 0);
}

static struct command case_command(const char *id)
{
	return (struct command){
	    .tenant_id = TENANT,
	    .device_id = DEVICE,
	    .id = id,
	    .verb = VERB_REPLACE,
	    .scope = SCOPE_USER,
	    .user_object_id = "u",
	    .locuri = "./User/A",
	    .format = "chr",
	    .data = "<x/>",
	    .origin = "policy:p1",
	    .state = COMMAND_QUEUED,
	    .created_at = T0,
	};
}

static void add_commands(struct store_fixture *f, int n)
{
	for (int i = n; i > 0; i--) {
		struct command command = case_command(arena_printf(&f->arena, "%02d", i));

		assert_ok(db_transact(f->db, command_add, &command));
	}
}

static int find_sent(struct store_fixture *f, const char *device, const char *session, int64_t msg,
		     int64_t cmd, struct command *ret)
{
	return store_command_find_sent(db_reader(f->db), &f->arena, text_of(TENANT),
				       text_of(device), text_of(session), msg, cmd, ret);
}

static int64_t pending(struct store_fixture *f)
{
	int64_t n = -1;

	assert_ok(
	    store_command_count_pending(db_reader(f->db), text_of(TENANT), text_of(DEVICE), &n));
	return n;
}

static void commands_are_delivered_in_order(void **state)
{
	struct store_fixture *f = *state;
	struct command *list, got;
	struct call call = {.tenant = TENANT,
			    .device = DEVICE,
			    .id = "01",
			    .text = "s1",
			    .n = 2,
			    .m = 5,
			    .now = T0 + 1};
	size_t n;

	add_commands(f, 3);
	assert_ok(store_command_pending(db_reader(f->db), &f->arena, text_of(TENANT),
					text_of(DEVICE), 2, &list, &n));
	assert_int_equal(n, 2);
	assert_string_equal(list[0].id, "01");
	assert_string_equal(list[1].id, "02");
	assert_int_equal(list[0].verb, VERB_REPLACE);
	assert_int_equal(list[0].scope, SCOPE_USER);
	assert_string_equal(list[0].data, "<x/>");
	assert_int_equal(pending(f), 3);
	assert_ok(db_transact(f->db, command_sent, &call));
	assert_int_equal(db_transact(f->db, command_sent, &call), STORE_E_NOT_FOUND);
	assert_int_equal(pending(f), 2);
	assert_ok(store_command_load(db_reader(f->db), &f->arena, text_of(TENANT), text_of(DEVICE),
				     TEXT("01"), &got));
	assert_int_equal(got.state, COMMAND_SENT);
	assert_string_equal(got.session_id, "s1");
	assert_int_equal(got.sent_at, T0 + 1);
}

static void case14_an_answer_needs_its_command(void **state)
{
	static const struct {
		const char *device;
		const char *session;
		int64_t msg, cmd;
	} wrong[] = {
	    {DEVICE_2, "s1", 2, 5}, {DEVICE, "s2", 2, 5}, {DEVICE, "", 2, 5},
	    {DEVICE, "s1", 1, 5},   {DEVICE, "s1", 2, 4}, {DEVICE, "s1", 5, 2},
	};
	struct store_fixture *f = *state;
	struct call sent = {
	    .tenant = TENANT, .device = DEVICE, .id = "01", .text = "s1", .n = 2, .m = 5};
	struct call answer = {.tenant = TENANT,
			      .device = DEVICE,
			      .id = "01",
			      .n = 405,
			      .text = "0x86000011",
			      .now = T0 + 2};
	struct command got;

	add_commands(f, 2);
	assert_int_equal(db_transact(f->db, command_answer, &answer), STORE_E_NOT_FOUND);
	assert_ok(db_transact(f->db, command_sent, &sent));
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		assert_int_equal(find_sent(f, wrong[i].device, wrong[i].session, wrong[i].msg,
					   wrong[i].cmd, &got),
				 STORE_E_NOT_FOUND);
	assert_ok(find_sent(f, DEVICE, "s1", 2, 5, &got));
	assert_string_equal(got.id, "01");
	assert_ok(db_transact(f->db, command_answer, &answer));
	assert_int_equal(db_transact(f->db, command_answer, &answer), STORE_E_NOT_FOUND);
	assert_int_equal(find_sent(f, DEVICE, "s1", 2, 5, &got), STORE_E_NOT_FOUND);
	assert_ok(store_command_load(db_reader(f->db), &f->arena, text_of(TENANT), text_of(DEVICE),
				     TEXT("01"), &got));
	assert_int_equal(got.state, COMMAND_ANSWERED);
	assert_int_equal(got.status, 405);
	assert_string_equal(got.original_error, "0x86000011");
	assert_int_equal(got.answered_at, T0 + 2);
}

static void commands_go_back_or_away(void **state)
{
	struct store_fixture *f = *state;
	struct command_filter filter = {.state = TEXT("cancelled")};
	struct call call = {.tenant = TENANT, .device = DEVICE, .text = "s1", .now = T0 + 7};
	struct command *list, got;
	size_t n;

	add_commands(f, 4);
	call.id = "01";
	assert_ok(db_transact(f->db, command_sent, &call));
	call.id = "02";
	assert_ok(db_transact(f->db, command_sent, &call));
	assert_ok(db_transact(f->db, command_answer, &call));
	assert_int_equal(pending(f), 2);
	assert_ok(db_transact(f->db, command_requeue, &call));
	assert_int_equal(pending(f), 3);
	assert_ok(store_command_load(db_reader(f->db), &f->arena, text_of(TENANT), text_of(DEVICE),
				     TEXT("01"), &got));
	assert_string_equal(got.session_id, "");
	call.id = "04";
	assert_ok(db_transact(f->db, command_cancel, &call));
	assert_int_equal(db_transact(f->db, command_cancel, &call), STORE_E_NOT_FOUND);
	call.id = "01";
	assert_ok(db_transact(f->db, command_sent, &call));
	assert_ok(db_transact(f->db, command_cancel_all, &call));
	assert_int_equal(pending(f), 0);
	assert_ok(store_command_list(db_reader(f->db), &f->arena, text_of(TENANT), text_of(DEVICE),
				     &filter, TEXT_EMPTY, 9, &list, &n));
	assert_int_equal(n, 3);
	assert_string_equal(list[0].id, "04");
	filter = (struct command_filter){.origin = TEXT("policy:p1")};
	assert_ok(store_command_list(db_reader(f->db), &f->arena, text_of(TENANT), text_of(DEVICE),
				     &filter, TEXT("03"), 1, &list, &n));
	assert_int_equal(n, 1);
	assert_string_equal(list[0].id, "02");
	assert_int_equal(list[0].state, COMMAND_ANSWERED);
	call.now = T0;
	assert_ok(db_transact(f->db, command_sweep, &call));
	assert_int_equal(store_fixture_number(f->db, "SELECT COUNT(*) FROM commands"), 4);
	call.now = T0 + 1;
	assert_ok(db_transact(f->db, command_sweep, &call));
	assert_int_equal(store_fixture_number(f->db, "SELECT COUNT(*) FROM commands"), 0);
}

/* What the server sends by itself is not repeated from an earlier session, orders are. */
static void what_is_derived_is_made_anew(void **state)
{
	static const struct {
		const char *id;
		const char *origin;
		bool is_sent;
		int after; /* enum command_state; -1: gone */
	} table[] = {
	    {"01", "policy:p1", true, COMMAND_CANCELLED},
	    {"02", "policy:p1", false, COMMAND_QUEUED},
	    {"03", "setup", true, COMMAND_CANCELLED},
	    {"04", "inventory", true, -1},
	    {"05", "inventory", false, -1},
	    {"06", "action:wipe", true, COMMAND_SENT},
	    {"07", "action:lock", false, COMMAND_QUEUED},
	};
	struct store_fixture *f = *state;
	struct call call = {.tenant = TENANT, .device = DEVICE, .text = "s1", .now = T0 + 7};
	struct command *list, got;
	size_t n;

	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct command command = case_command(table[i].id);

		command.origin = table[i].origin;
		assert_ok(db_transact(f->db, command_add, &command));
		call.id = table[i].id;
		call.n = 1;
		call.m = 10 - (int64_t)i;
		if (table[i].is_sent)
			assert_ok(db_transact(f->db, command_sent, &call));
	}
	assert_ok(store_command_list_session(db_reader(f->db), &f->arena, text_of(TENANT),
					     text_of(DEVICE), TEXT("s1"), &list, &n));
	assert_int_equal(n, 4);
	assert_string_equal(list[0].id, "06");
	assert_ok(db_transact(f->db, command_drop, &call));
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		int r = store_command_load(db_reader(f->db), &f->arena, text_of(TENANT),
					   text_of(DEVICE), text_of(table[i].id), &got);

		assert_int_equal(r, table[i].after < 0 ? STORE_E_NOT_FOUND : 0);
		if (!r)
			assert_int_equal(got.state, table[i].after);
	}
}

static struct outbox_row case_report(const char *id, bool is_compliant)
{
	return (struct outbox_row){
	    .tenant_id = TENANT,
	    .id = id,
	    .device_id = DEVICE,
	    .entra_device_id = ENTRA_DEVICE,
	    .is_managed = true,
	    .is_compliant = is_compliant,
	    .created_at = T0,
	};
}

static struct outbox_row outbox_only(struct store_fixture *f, int64_t now)
{
	struct outbox_row *list;
	size_t n = 0;

	assert_ok(store_outbox_due(db_reader(f->db), &f->arena, now, 9, &list, &n));
	assert_int_equal(n, 1);
	return list[0];
}

/* A tenant with many reports does not hide that of another. */
static void tenants_take_turns(void **state)
{
	struct store_fixture *f = *state;
	struct tenant other = case_tenant(TENANT_2);
	struct outbox_row *list, report;
	struct device device;
	size_t n = 0;

	for (int i = 0; i < 40; i++) {
		const char *id = arena_printf(&f->arena, "m%02d", i);

		device = case_device(TENANT, id, "");
		assert_ok(db_transact(f->db, machine_add, &device));
		report = case_report(id, true);
		report.device_id = id;
		assert_ok(db_transact(f->db, outbox_put, &report));
	}
	assert_ok(db_transact(f->db, owner_add, &other));
	device = case_device(TENANT_2, "z", "");
	assert_ok(db_transact(f->db, machine_add, &device));
	report = case_report("z", true);
	report.tenant_id = TENANT_2;
	report.device_id = "z";
	report.created_at = T0 + 9;
	assert_ok(db_transact(f->db, outbox_put, &report));
	assert_ok(store_outbox_due(db_reader(f->db), &f->arena, T0 + 9, 99, &list, &n));
	assert_int_equal(n, OUTBOX_TENANT_ROWS + 1);
	assert_string_equal(list[0].id, "m00");
	assert_string_equal(list[1].id, "z");
}

static void the_last_verdict_wins(void **state)
{
	struct store_fixture *f = *state;
	struct outbox_row report = case_report("o1", true), got;
	struct call call = {
	    .tenant = TENANT, .id = "o1", .n = 1, .m = T0 + 60, .text = "503", .now = T0 + 1};

	assert_ok(db_transact(f->db, outbox_put, &report));
	got = outbox_only(f, T0);
	assert_int_equal(got.seq, 1);
	assert_true(got.is_managed && got.is_compliant);
	assert_string_equal(got.entra_device_id, ENTRA_DEVICE);
	assert_ok(db_transact(f->db, outbox_later, &call));
	report = case_report("o2", false);
	report.created_at = T0 + 2;
	assert_ok(db_transact(f->db, outbox_put, &report));
	got = outbox_only(f, T0 + 2);
	assert_string_equal(got.id, "o1");
	assert_int_equal(got.seq, 2);
	assert_false(got.is_compliant);
	assert_int_equal(got.tries, 0);
	assert_string_equal(got.last_error, "");
	/* What was on its way when the newer verdict came must not close the row. */
	assert_int_equal(db_transact(f->db, outbox_done, &call), STORE_E_NOT_FOUND);
	assert_int_equal(db_transact(f->db, outbox_later, &call), STORE_E_NOT_FOUND);
	assert_int_equal(db_transact(f->db, outbox_hold, &call), STORE_E_NOT_FOUND);
	call.n = 2;
	assert_ok(db_transact(f->db, outbox_done, &call));
	assert_int_equal(db_transact(f->db, outbox_done, &call), STORE_E_NOT_FOUND);
	report = case_report("o3", true);
	assert_ok(db_transact(f->db, outbox_put, &report));
	assert_string_equal(outbox_only(f, T0).id, "o3");
	assert_int_equal(store_fixture_number(f->db, "SELECT COUNT(*) FROM outbox"), 2);
	report.device_id = DEVICE_2;
	report.id = "o4";
	assert_int_equal(db_transact(f->db, outbox_put, &report), STORE_E_CONFLICT);
}

static void reports_wait_and_are_released(void **state)
{
	struct store_fixture *f = *state;
	struct db_conn *reader = db_reader(f->db);
	struct outbox_row report = case_report("o1", true), got, *list;
	struct call call = {
	    .tenant = TENANT, .id = "o1", .n = 1, .m = T0 + 60, .text = "429", .now = T0 + 1};
	struct outbox_counts counts;
	size_t n;

	assert_ok(store_outbox_count(reader, &counts));
	assert_int_equal(counts.next_due_at, 0);
	assert_ok(db_transact(f->db, outbox_put, &report));
	assert_ok(db_transact(f->db, outbox_later, &call));
	assert_ok(store_outbox_due(reader, &f->arena, T0 + 59, 9, &list, &n));
	assert_int_equal(n, 0);
	got = outbox_only(f, T0 + 60);
	assert_int_equal(got.tries, 1);
	assert_string_equal(got.last_error, "429");
	assert_ok(store_outbox_count(reader, &counts));
	assert_int_equal(counts.by_state[OUTBOX_PENDING], 1);
	assert_int_equal(counts.next_due_at, T0 + 60);
	assert_ok(db_transact(f->db, outbox_hold, &call));
	assert_ok(store_outbox_due(reader, &f->arena, T0 + 99, 9, &list, &n));
	assert_int_equal(n, 0);
	assert_ok(store_outbox_load(reader, &f->arena, TEXT("o1"), &got));
	assert_int_equal(got.state, OUTBOX_HELD);
	call.now = T0 + 100;
	assert_ok(db_transact(f->db, outbox_release, &call));
	assert_int_equal(outbox_only(f, T0 + 100).tries, 0);
	assert_ok(db_transact(f->db, outbox_hold, &call));
	assert_ok(db_transact(f->db, outbox_retry, &call));
	assert_int_equal(outbox_only(f, T0 + 100).state, OUTBOX_PENDING);
	call.now = T0 + 500;
	assert_ok(db_transact(f->db, tenant_pause, &call));
	assert_ok(store_outbox_due(reader, &f->arena, T0 + 499, 9, &list, &n));
	assert_int_equal(n, 0);
	assert_int_equal(outbox_only(f, T0 + 500).seq, 1);
}

static void reports_are_listed_and_dropped(void **state)
{
	struct store_fixture *f = *state;
	struct db_conn *reader = db_reader(f->db);
	struct outbox_row report = case_report("01", true), *list;
	struct call call = {.tenant = TENANT, .id = "01", .n = 1, .now = T0 + 1};
	struct outbox_filter filter = {.tenant_id = TEXT(TENANT), .device_id = TEXT(DEVICE)};
	size_t n;

	assert_ok(db_transact(f->db, outbox_put, &report));
	assert_ok(db_transact(f->db, outbox_done, &call));
	report.id = "02";
	assert_ok(db_transact(f->db, outbox_put, &report));
	assert_ok(store_outbox_list(reader, &f->arena, &filter, TEXT_EMPTY, 9, &list, &n));
	assert_int_equal(n, 2);
	assert_string_equal(list[0].id, "02");
	assert_int_equal(list[1].done_at, T0 + 1);
	filter.state = TEXT("done");
	assert_ok(store_outbox_list(reader, &f->arena, &filter, TEXT_EMPTY, 9, &list, &n));
	assert_int_equal(n, 1);
	assert_int_equal(db_transact(f->db, outbox_drop, &call), STORE_E_NOT_FOUND);
	assert_int_equal(db_transact(f->db, outbox_retry, &call), STORE_E_NOT_FOUND);
	call.now = T0 + 2;
	assert_ok(db_transact(f->db, outbox_sweep, &call));
	assert_int_equal(store_fixture_number(f->db, "SELECT COUNT(*) FROM outbox"), 1);
	call.id = "02";
	assert_ok(db_transact(f->db, outbox_drop, &call));
	assert_int_equal(store_fixture_number(f->db, "SELECT COUNT(*) FROM outbox"), 0);
}

static const struct CMUnitTest cases[] = {
    CASE_DEVICE(a_session_lives_and_ends),
    CASE_DEVICE(a_new_session_replaces_the_old),
    CASE_DEVICE(a_clock_set_back_hides_no_session),
    CASE_DEVICE(a_message_that_comes_again_finds_its_reply),
    CASE_DEVICE(ended_sessions_are_bounded),
    CASE_DEVICE(commands_are_delivered_in_order),
    CASE_DEVICE(case14_an_answer_needs_its_command),
    CASE_DEVICE(commands_go_back_or_away),
    CASE_DEVICE(what_is_derived_is_made_anew),
    CASE_DEVICE(tenants_take_turns),
    CASE_DEVICE(the_last_verdict_wins),
    CASE_DEVICE(reports_wait_and_are_released),
    CASE_DEVICE(reports_are_listed_and_dropped),
};

const struct case_table manage_cases = {cases, ARRAY_LEN(cases)};
