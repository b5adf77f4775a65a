/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_manage.c: messages of sessions against a real database: what is durable after each, what is
 * refused without a trace, and who wins a race. A case number in a name: an abuse case.
 */
#include "manage/test_durable.h"

#include "manage/commit.h"
#include "model/audit.h"
#include "store/audit.h"
#include "store/command.h"

WRITER(command_add, struct command, store_command_add(tx, a))
WRITER(command_cancel, char,
       store_command_cancel(tx, text_of(TENANT), text_of(DEVICE), text_of(a), NOW))

static void a_session_becomes_durable(void **state)
{
	struct policy policy = durable_policy(&durable_for_all, 1);
	const char *version, *node;

	durable_put_policy(&policy);
	durable_queue("a", VERB_EXEC, "./X");
	assert_int_equal(
	    durable_post(1,
			 PACKAGE_1 "<Replace><CmdID>4</CmdID><Item><Source><LocURI>./DevInfo/Mod"
				   "</LocURI></Source><Data>Model</Data></Item></Replace>" FINAL),
	    0);
	version = durable_sent_id("./DevDetail/SwV");
	node = durable_sent_id(NODE);
	assert_non_null(version);
	assert_non_null(node);
	assert_non_null(strstr(d.reply, "<Data>1</Data>"));
	assert_string_equal(durable_fact("model"), "Model");
	assert_int_equal(durable_row().state, APPLIED_SENT);
	assert_int_equal(durable_command("a").state, COMMAND_SENT);
	assert_false(durable_device().is_sync_wanted);
	assert_int_equal(durable_device().last_seen_at, NOW);
	assert_int_equal(durable_number("SELECT COUNT(*) FROM commands WHERE data <> ''"), 0);

	assert_int_equal(
	    durable_post(
		2,
		arena_printf(
		    &d.store.arena,
		    HEADER_OK STATUS("1", "%s", "200") STATUS("1", "%s", "200") STATUS(
			"1", "%s",
			"200") "<Results><CmdID>7</CmdID><MsgRef>1"
			       "</MsgRef><CmdRef>%s</CmdRef><Item><Source><LocURI>./DevDetail/SwV"
			       "</LocURI></Source><Data>10.0.26200.1</Data></Item></Results>" FINAL,
		    durable_sent_id("./X"), node, version, version)),
	    0);
	assert_string_equal(durable_device().os_version, "10.0.26200.1");
	assert_int_equal(durable_row().state, APPLIED_OK);
	assert_int_equal(durable_row().status, 200);
	assert_int_equal(durable_command("a").state, COMMAND_ANSWERED);
	/* the build is known now, so there is more to ask */
	assert_non_null(durable_sent_id("./DevDetail/Ext/Microsoft/SMBIOSSerialNumber"));
	assert_int_equal(durable_post(3, HEADER_OK FINAL), 0);
	assert_null(strstr(d.reply, "<Get>"));
	assert_int_equal(
	    durable_number("SELECT COUNT(*) FROM sessions WHERE ended_at <> 0 AND"
			   " end_reason = 'final' AND login_status = 'user' AND origin = '3'"),
	    1);
	/* the next session sends nothing again but questions, and keeps none of the old ones */
	d.op.now += 3600;
	assert_int_equal(durable_post(1, PACKAGE_1 FINAL), 0);
	assert_null(durable_sent_id(NODE));
	assert_null(durable_sent_id("./X"));
	assert_int_equal(durable_number("SELECT COUNT(DISTINCT session_id) FROM commands WHERE"
					" origin = 'inventory'"),
			 1);
}

static void the_same_message_gets_the_same_reply(void **state)
{
	const char *first;
	int64_t rows;

	durable_queue("a", VERB_EXEC, "./X");
	assert_int_equal(durable_post(1, PACKAGE_1 FINAL), 0);
	first = d.reply;
	rows = durable_number("SELECT COUNT(*) FROM commands");
	assert_int_equal(durable_post(1, PACKAGE_1 FINAL), 0);
	assert_string_equal(d.reply, first);
	assert_int_equal(durable_number("SELECT COUNT(*) FROM commands"), rows);
	assert_int_equal(durable_number("SELECT COUNT(*) FROM sessions"), 1);
	/* also the last one of a session that ended */
	assert_int_equal(durable_post(2, HEADER_OK FINAL), 0);
	first = d.reply;
	assert_int_equal(durable_post(2, HEADER_OK FINAL), 0);
	assert_string_equal(d.reply, first);
	/* another message under the same number is not it */
	assert_int_equal(durable_post(2, HEADER_OK STATUS("1", "4", "200") FINAL),
			 MANAGE_E_SEQUENCE);
	assert_string_equal(d.reply, "");
	/* replies are not kept in the clear */
	assert_int_equal(
	    durable_number("SELECT COUNT(*) FROM sessions WHERE last_reply LIKE '%SyncML%'"), 0);
	assert_int_equal(durable_number("SELECT COUNT(*) FROM sessions WHERE last_reply <> ''"), 1);
}

static void case13_another_device_is_refused_and_recorded(void **state)
{
	struct audit_filter all = {.action = TEXT("device.session")};
	struct audit_entry *entries;
	size_t n;

	assert_int_equal(durable_post_as("DEVB", 1, PACKAGE_1 FINAL), MANAGE_E_SOURCE_MISMATCH);
	assert_string_equal(d.reply, "");
	assert_int_equal(durable_number("SELECT COUNT(*) FROM sessions"), 0);
	assert_int_equal(durable_number("SELECT COUNT(*) FROM commands"), 0);
	assert_int_equal(store_audit_list(db_reader(d.store.db), &d.store.arena, &all, TEXT_EMPTY,
					  10, &entries, &n),
			 0);
	assert_int_equal(n, 1);
	assert_string_equal(entries[0].actor, "device:" DEVICE);
	assert_string_equal(entries[0].object_id, DEVICE);
	assert_string_equal(entries[0].outcome, "refused");
	assert_string_equal(entries[0].source, "192.0.2.1");
	assert_string_equal(entries[0].detail,
			    "{\"reason\":\"source_mismatch\",\"claimed\":\"DEVB\"}");
}

static void case14_answers_reach_only_the_own_device(void **state)
{
	struct command other = {.tenant_id = TENANT,
				.device_id = DEVICE2,
				.id = "b",
				.verb = VERB_EXEC,
				.user_object_id = "",
				.locuri = "./X",
				.format = "",
				.data = "",
				.origin = "action:test",
				.state = COMMAND_SENT,
				.msg_id = 1,
				.cmd_id = 77,
				.original_error = ""};

	assert_int_equal(durable_post(1, PACKAGE_1 FINAL), 0);
	/* a command of another device that even names this device's session */
	other.session_id = arena_string(&d.store.arena, "");
	durable_put(command_add, &other);
	assert_int_equal(
	    store_fixture_run(d.store.db,
			      "UPDATE commands SET session_id = (SELECT id FROM sessions)"
			      " WHERE id = 'b'"),
	    0);
	assert_int_equal(durable_post(2, HEADER_OK STATUS("1", "77", "200") FINAL), 0);
	assert_int_equal(
	    durable_number("SELECT COUNT(*) FROM commands WHERE id = 'b' AND state = 'sent'"), 1);
}

static void unanswered_commands_come_again(void **state)
{
	durable_queue("a", VERB_EXEC, "./X");
	assert_int_equal(durable_post(1, PACKAGE_1 FINAL), 0);
	assert_non_null(durable_sent_id("./X"));
	d.op.now += 3600;
	durable_queue("b", VERB_EXEC, "./Y");
	assert_int_equal(durable_post(1, PACKAGE_1 FINAL), 0);
	assert_non_null(durable_sent_id("./X"));
	assert_non_null(durable_sent_id("./Y"));
	assert_true(strstr(d.reply, "./X") < strstr(d.reply, "./Y"));
	assert_int_equal(durable_command("a").state, COMMAND_SENT);
	assert_int_equal(durable_command("a").msg_id, 1);
	/* an administrator changed his mind about one that is not sent yet */
	durable_queue("c", VERB_EXEC, "./Z");
	durable_put(command_cancel, "c");
	assert_int_equal(durable_post(2, HEADER_OK FINAL), 0);
	assert_null(durable_sent_id("./Z"));
}

static void a_lost_race_writes_nothing(void **state)
{
	struct manage_output out = {.session = {.id = "x",
						.session_id = "1",
						.msg_id = 2,
						.user_object_id = "",
						.request_sha256 = "h",
						.partial = {"", "", 0, ""}}};
	struct manage_commit commit = {.op = &d.op,
				       .device = &d.device,
				       .certificate = "c",
				       .mode = MANAGE_CONTINUE,
				       .out = &out};
	struct fact fact = {"model", "Wrong", NOW};
	struct session_row row;

	assert_int_equal(durable_post(1, PACKAGE_1 FINAL), 0);
	assert_int_equal(store_session_latest(db_reader(d.store.db), &d.store.arena,
					      text_of(TENANT), text_of(DEVICE), &row),
			 0);
	out.session.id = row.id;
	out.facts = &fact;
	out.fact_count = 1;
	commit.row = manage_session_to_row(&d.store.arena, &d.device, &out.session);
	commit.expected_msg_id = 5;
	assert_int_equal(manage_commit(&commit), MANAGE_STALE);
	assert_null(durable_fact("model"));
	/* a command that is no longer queued */
	commit.expected_msg_id = 1;
	out.commands = &(struct command){.id = "gone", .session_id = row.id};
	out.command_count = 1;
	assert_int_equal(manage_commit(&commit), MANAGE_STALE);
	assert_null(durable_fact("model"));
	out.command_count = 0;
	assert_int_equal(manage_commit(&commit), 0);
	assert_string_equal(durable_fact("model"), "Wrong");
}

/* The edge saw it active; by the time of the write the device may have enrolled again. */
static void a_certificate_taken_back_meanwhile_writes_nothing(void **state)
{
	static const char *const sha256[] = {"old", "gone", "of-another", "not-yet", "nowhere"};

	durable_add_certificate("old", DEVICE, CERTIFICATE_SUPERSEDED);
	durable_add_certificate("gone", DEVICE, CERTIFICATE_REVOKED);
	durable_add_certificate("of-another", DEVICE2, CERTIFICATE_ACTIVE);
	durable_add_certificate("not-yet", DEVICE, CERTIFICATE_INTENDED);
	for (size_t i = 0; i < ARRAY_LEN(sha256); i++) {
		d.certificate = sha256[i];
		if (durable_post(1, PACKAGE_1 FINAL) != MANAGE_E_RETIRED)
			fail_msg("%s", sha256[i]);
		assert_string_equal(d.reply, "");
	}
	assert_int_equal(durable_device().last_seen_at, 0);
	assert_int_equal(durable_number("SELECT COUNT(*) FROM sessions"), 0);
	assert_int_equal(durable_number("SELECT COUNT(*) FROM commands"), 0);
	d.certificate = "c";
	assert_int_equal(durable_post(1, PACKAGE_1 FINAL), 0);
	d.certificate = "old"; /* and in the middle of a session */
	assert_int_equal(durable_post(2, HEADER_OK FINAL), MANAGE_E_RETIRED);
	assert_int_equal(durable_number("SELECT MAX(client_msg_id) FROM sessions"), 1);
}

static void chunks_survive_between_messages(void **state)
{
	const char *id;

	assert_int_equal(durable_post(1, PACKAGE_1 FINAL), 0);
	id = durable_sent_id("./DevDetail/FwV");
	assert_non_null(id);
	assert_int_equal(
	    durable_post(
		2, arena_printf(&d.store.arena,
				HEADER_OK
				"<Results><CmdID>7</CmdID><MsgRef>1</MsgRef><CmdRef>%s"
				"</CmdRef><Item><Source><LocURI>./DevDetail/FwV</LocURI></Source>"
				"<Meta><Size>6</Size></Meta><Data>ab\"</Data><MoreData/></Item>"
				"</Results>",
				id)),
	    0);
	assert_non_null(strstr(d.reply, "<Data>213</Data>"));
	assert_non_null(strstr(d.reply, "<Data>1222</Data>"));
	assert_null(strstr(d.reply, "<Final/>"));
	assert_int_equal(
	    durable_post(
		3, arena_printf(&d.store.arena,
				HEADER_OK
				"<Results><CmdID>7</CmdID><MsgRef>1</MsgRef><CmdRef>%s"
				"</CmdRef><Item><Source><LocURI>./DevDetail/FwV</LocURI></Source>"
				"<Data>def</Data></Item></Results>" FINAL,
				id)),
	    0);
	assert_string_equal(durable_fact("firmware_version"), "ab\"def");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    DURABLE_TEST(a_session_becomes_durable),
	    DURABLE_TEST(the_same_message_gets_the_same_reply),
	    DURABLE_TEST(case13_another_device_is_refused_and_recorded),
	    DURABLE_TEST(case14_answers_reach_only_the_own_device),
	    DURABLE_TEST(unanswered_commands_come_again),
	    DURABLE_TEST(a_lost_race_writes_nothing),
	    DURABLE_TEST(a_certificate_taken_back_meanwhile_writes_nothing),
	    DURABLE_TEST(chunks_survive_between_messages),
	};

	return durable_run(tests, ARRAY_LEN(tests));
}
