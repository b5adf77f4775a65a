/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_session.c: which messages are taken, what each is answered, and what is believed of what a
 * client says. Numbers of rules are those of the protocol digest in the head of session.h; names
 * with a case number are abuse cases.
 */
#include "manage/test_world.h"

#include <stdio.h>
#include <stdlib.h>

#define PACKAGE_1 ALERT_1201 LOGIN("3", "user") FINAL
#define UNENROL                                                                                    \
	"<Alert><CmdID>4</CmdID><Data>1226</Data><Item><Meta>"                                     \
	"<Type xmlns=\"syncml:metinf\">com.microsoft:mdm.unenrollment.userrequest</Type>"          \
	"<Format xmlns=\"syncml:metinf\">int</Format><Mark "                                       \
	"xmlns=\"syncml:metinf\">critical</Mark>"                                                  \
	"</Meta><Data>1</Data></Item></Alert>"
#define EVENT(code, type)                                                                          \
	"<Alert><CmdID>4</CmdID><Data>" code "</Data><Item><Meta><Type>" type                      \
	"</Type></Meta><Data>1</Data></Item></Alert>"

static void answers_package_one(void **state)
{
	assert_string_equal(
	    world_post(
		1, ALERT_1201 LOGIN(
		       "3", "user") "<Replace><CmdID>4</CmdID><Item><Source>"
				    "<LocURI>./DevInfo/Man</LocURI></Source><Data>Maker</Data>"
				    "</Item><Item><Source><LocURI>./DevInfo/Mod</LocURI></Source>"
				    "<Data>Model 1</Data></Item></Replace>" FINAL),
	    "S0=200 S2=200 S3=200 S4=200 | inventory | F");
	assert_int_equal(w.mode, MANAGE_BEGIN);
	assert_string_equal(world_fact_value("manufacturer"), "Maker");
	assert_string_equal(world_fact_value("model"), "Model 1");
	assert_int_equal(w.session.login, MANAGE_LOGIN_USER);
	assert_int_equal(w.session.end, MANAGE_LIVE);
	/* from us to the device, with the client's own numbers */
	assert_true(text_eq_c(w.out.reply.header.target, "DEV"));
	assert_true(text_eq_c(w.out.reply.header.source, WORLD_URL));
	assert_true(text_eq_c(w.out.reply.header.session_id, "1"));
	assert_int_equal(w.out.reply.header.msg_id, 1);
}

static void numbers_statuses_and_references(void **state)
{
	const struct syncml_command *c;

	world_post(1, PACKAGE_1);
	c = w.out.reply.commands;
	assert_true(text_eq_c(c[0].cmd_id, "1"));
	assert_true(text_eq_c(c[0].cmd, "SyncHdr"));
	assert_true(text_eq_c(c[0].msg_ref, "1"));
	assert_true(text_eq_c(c[1].cmd_id, "2"));
	assert_true(text_eq_c(c[1].cmd, "Alert"));
	assert_true(text_eq_c(c[3].cmd_id, "4"));
	assert_int_equal(w.out.commands[0].cmd_id, 4);
	assert_int_equal(w.out.commands[0].msg_id, 1);
	assert_string_equal(w.out.commands[0].session_id, w.session.id);
	world_post(2, HEADER_OK FINAL);
	assert_true(text_eq_c(w.out.reply.commands[0].msg_ref, "2"));
}

static void ends_when_there_is_nothing_more(void **state)
{
	world_post(1, PACKAGE_1);
	assert_string_equal(world_post(2, HEADER_OK FINAL), "S0=200 | F");
	assert_int_equal(w.session.end, MANAGE_END_FINAL);
	assert_string_equal(world_post(3, HEADER_OK FINAL), "refused 3");
}

static void case14_takes_only_the_next_message(void **state)
{
	const char *first = world_document("1", 1, PACKAGE_1);
	const char *second = world_document("1", 2, HEADER_OK STATUS("1", "4", "200") FINAL);

	assert_string_equal(world_post(2, HEADER_OK FINAL), "refused 3");
	assert_string_equal(world_post(1, HEADER_OK FINAL), "refused 3");
	assert_string_equal(world_post_document(first), "S0=200 S2=200 S3=200 | inventory | F");
	assert_string_equal(world_post(3, HEADER_OK FINAL), "refused 3");
	assert_string_equal(world_post_document(world_document("2", 2, HEADER_OK FINAL)),
			    "refused 3");
	assert_string_equal(world_post_document(second), "S0=200 | F");
	/* an old one again, in and out of order */
	assert_string_equal(world_post(1, HEADER_OK FINAL), "refused 3");
	assert_string_equal(world_post(2, HEADER_OK FINAL), "refused 3");
	assert_string_equal(world_post_document(second), "replay");
}

static void repeats_the_last_reply(void **state)
{
	const char *first = world_document("1", 1, PACKAGE_1);
	const char *id;

	world_post_document(first);
	id = w.session.id;
	assert_string_equal(world_post_document(first), "replay");
	assert_string_equal(w.session.id, id);
	/* long after, the same bytes are a new session */
	w.now += MANAGE_REPLAY_S + 1;
	assert_string_equal(world_post_document(first), "S0=200 S2=200 S3=200 | inventory | F");
	assert_string_not_equal(w.session.id, id);
	/* and after the session came to its end */
	world_post(2, HEADER_OK FINAL);
	id = w.session.id;
	world_post_document(first);
	assert_int_equal(w.mode, MANAGE_BEGIN);
	assert_string_not_equal(w.session.id, id);
}

static void message_one_replaces_the_session(void **state)
{
	world_post(1, PACKAGE_1);
	world_post(2, HEADER_OK ALERT_1201);
	assert_int_equal(w.session.end, MANAGE_LIVE);
	assert_string_equal(world_post_document(world_document("9", 1, ALERT_1201 FINAL)),
			    "S0=200 S2=200 | inventory | F");
	assert_int_equal(w.session.login, MANAGE_LOGIN_UNSAID);
	assert_string_equal(w.session.session_id, "9");
	assert_string_equal(world_post_document(world_document("1", 3, HEADER_OK FINAL)),
			    "refused 3");
}

static void case13_believes_only_its_own_certificate(void **state)
{
	static const char *const sources[] = {
	    "<Source><LocURI>DEVB</LocURI></Source>",
	    "<Source><LocURI>dev</LocURI></Source>",
	    "<Source><LocURI> DEV</LocURI></Source>",
	    "<Source><LocURI>DEV\n</LocURI></Source>",
	    "<Source><LocURI>%44EV</LocURI></Source>",
	    "<Source><LocURI></LocURI></Source>",
	    "<Source><LocURI/></Source>",
	    "<Source/>",
	    "",
	};

	for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
		const char *got = world_post_document(arena_printf(
		    &w.arena,
		    "<SyncML xmlns=\"SYNCML:SYNCML1.2\"><SyncHdr><SessionID>1</SessionID>"
		    "<MsgID>1</MsgID><Target><LocURI>" WORLD_URL "</LocURI></Target>%s</SyncHdr>"
		    "<SyncBody>" PACKAGE_1 "</SyncBody></SyncML>",
		    sources[i]));

		if (strcmp(got, "refused 1") != 0)
			fail_msg("%s: %s", sources[i], got);
	}
	assert_false(w.has_session);
	/* a device whose id was never told matches nothing, not even an empty source */
	w.device.dm_device_id = "";
	assert_string_equal(world_post(1, PACKAGE_1), "refused 1");
}

static void case13_compares_the_target(void **state)
{
	static const struct {
		const char *target;
		const char *want;
	} cases[] = {
	    {"https://manage.example/ManagementServer/MDM.svc", "S0=200 S2=200 | inventory | F"},
	    {"https://MANAGE.example:443/managementserver/mdm.svc",
	     "S0=200 S2=200 | inventory | F"},
	    {"https://manage.example/ManagementServer/MDM.svc?mode=Machine",
	     "S0=200 S2=200 | inventory | F"},
	    {"https://other.example/ManagementServer/MDM.svc", "refused 2"},
	    {"https://manage.example.evil/ManagementServer/MDM.svc", "refused 2"},
	    {"https://manage.example:8443/ManagementServer/MDM.svc", "refused 2"},
	    {"https://manage.example/Other", "refused 2"},
	    {"http://manage.example/ManagementServer/MDM.svc", "refused 2"},
	    {"https://", "refused 2"},
	    {"", "refused 2"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *got;

		w.has_session = false;
		got = world_post_document(arena_printf(
		    &w.arena,
		    "<SyncML xmlns=\"SYNCML:SYNCML1.2\"><SyncHdr><SessionID>1</SessionID>"
		    "<MsgID>1</MsgID><Target><LocURI>%s</LocURI></Target><Source><LocURI>DEV"
		    "</LocURI></Source></SyncHdr><SyncBody>" ALERT_1201 FINAL
		    "</SyncBody></SyncML>",
		    cases[i].target));
		if (strcmp(got, cases[i].want) != 0)
			fail_msg("%s: %s", cases[i].target, got);
	}
}

static void refuses_a_retired_device(void **state)
{
	w.device.state = DEVICE_RETIRED;
	assert_string_equal(world_post(1, PACKAGE_1), "refused 4");
}

static void asks_for_the_rest_of_a_package(void **state)
{
	world_queue(VERB_EXEC, "./Device/Vendor/MSFT/Reboot/RebootNow", "action:reboot");
	assert_string_equal(world_post(1, ALERT_1201), "S0=200 S2=200 | A1222 |");
	assert_int_equal(w.session.end, MANAGE_LIVE);
	assert_string_equal(world_post(2, HEADER_OK LOGIN("3", "user") FINAL),
			    "S0=200 S3=200 | Exec#3 ./Device/Vendor/MSFT/Reboot/RebootNow "
			    "| inventory | F");
	assert_int_equal(w.session.login, MANAGE_LOGIN_USER);
}

static void next_message_alert_gets_the_next_commands(void **state)
{
	world_post(1, PACKAGE_1);
	world_queue(VERB_EXEC, "./X", "action:x");
	assert_string_equal(
	    world_post(2, HEADER_OK "<Alert><CmdID>2</CmdID><Data>1222</Data></Alert>" FINAL),
	    "S0=200 S2=200 | Exec#3 ./X | F");
}

static void abort_keeps_commands(void **state)
{
	world_queue(VERB_EXEC, "./X", "action:x");
	world_post(1, PACKAGE_1);
	world_queue(VERB_EXEC, "./Y", "action:y");
	assert_string_equal(
	    world_post(2, HEADER_OK "<Alert><CmdID>2</CmdID><Data>1223</Data></Alert>" FINAL),
	    "S0=200 S2=200 | F");
	assert_int_equal(w.session.end, MANAGE_END_ABORT);
	assert_string_equal(world_post(3, HEADER_OK FINAL), "refused 3");
	assert_string_equal(world_post(1, ALERT_1201 FINAL),
			    "S0=200 S2=200 | Exec#3 ./X | Exec#4 ./Y | inventory | F");
}

static void header_refusal_ends_the_session(void **state)
{
	world_queue(VERB_EXEC, "./X", "action:x");
	world_post(1, PACKAGE_1);
	assert_string_equal(
	    world_post(2, "<Status><CmdID>1</CmdID><MsgRef>1</MsgRef><CmdRef>0</CmdRef>"
			  "<Cmd>SyncHdr</Cmd><Data>500</Data></Status>" FINAL),
	    "S0=200 | F");
	assert_int_equal(w.session.end, MANAGE_END_ABORT);
	assert_string_equal(world_post(1, ALERT_1201 FINAL),
			    "S0=200 S2=200 | Exec#3 ./X | inventory | F");
}

static void cancelled_by_the_client_waits_for_the_next_session(void **state)
{
	world_queue(VERB_EXEC, "./X", "action:x");
	world_queue(VERB_EXEC, "./Y", "action:y");
	world_post(1, PACKAGE_1);
	world_queue(VERB_EXEC, "./Z", "action:z");
	assert_string_equal(
	    world_post(2, HEADER_OK STATUS("1", "4", "200") STATUS("1", "5", "214") FINAL),
	    "S0=200 | F");
	assert_int_equal(w.commands[0].state, COMMAND_ANSWERED);
	assert_int_equal(w.commands[1].state, COMMAND_SENT);
	assert_string_equal(world_post(1, ALERT_1201 FINAL),
			    "S0=200 S2=200 | Exec#3 ./Y | Exec#4 ./Z | inventory | F");
}

static void acknowledges_every_kind_of_alert(void **state)
{
	static const char *const events[] = {
	    EVENT("1224", "Reversed-Domain-Name:com.microsoft.mdm.requestpending"),
	    EVENT("1224", "Reversed-Domain-Name:com.microsoft.mdm.win32csp_install"),
	    EVENT("1226", "Reversed-Domain-Name:com.microsoft.mdm.win32csp_install"),
	    EVENT("1226", "com.microsoft.mdm:HealthAttestation.Result"),
	    EVENT("1226", "something new"),
	    EVENT("1224", "com.microsoft/MDM/DevicePrepSync"),
	    EVENT("1999", "x"),
	    "<Alert><CmdID>4</CmdID><Data>1224</Data><Item><Meta/><Type>com.microsoft.mdm.synctype"
	    "</Type><Data>user</Data></Item></Alert>",
	};

	for (size_t i = 0; i < ARRAY_LEN(events); i++) {
		world_post(1, PACKAGE_1);
		assert_string_equal(
		    world_post(2, arena_printf(&w.arena, HEADER_OK "%s" FINAL, events[i])),
		    "S0=200 S4=200 | F");
		/* a heartbeat has no Final: the session stays open */
		world_post(1, ALERT_1201 FINAL);
		assert_string_equal(
		    world_post(2, arena_printf(&w.arena, HEADER_OK "%s", events[i])),
		    "S0=200 S4=200 | A1222 |");
		assert_int_equal(w.session.end, MANAGE_LIVE);
	}
}

static void refuses_what_a_client_may_not_do(void **state)
{
	assert_string_equal(
	    world_post(
		1, ALERT_1201
		"<Replace><CmdID>3</CmdID><Item><Source><LocURI>./DevInfo/Man</LocURI>"
		"</Source><Data>A</Data></Item><Item><Source><LocURI>./Device/X</LocURI>"
		"</Source><Data>B</Data></Item></Replace>"
		"<Get><CmdID>4</CmdID><Item><Target><LocURI>./X</LocURI></Target></Item></Get>"
		"<Exec><CmdID>5</CmdID></Exec><Add><CmdID>6</CmdID></Add>"
		"<Delete><CmdID>7</CmdID></Delete><Atomic><CmdID>8</CmdID><Add><CmdID>9"
		"</CmdID></Add></Atomic><Sequence><CmdID>10</CmdID></Sequence>"
		"<Alert><CmdID>11</CmdID><Data>abc</Data></Alert>" FINAL),
	    "S0=200 S2=200 S3=405 S4=406 S5=406 S6=406 S7=406 S8=406 S10=406 S11=400 "
	    "| inventory | F");
	assert_null(world_fact_value("manufacturer"));
}

static void answers_what_is_malformed(void **state)
{
	assert_string_equal(world_post(1,
				       ALERT_1201 "<Copy><CmdID>3</CmdID></Copy>"
						  "<Alert><Data>1224</Data></Alert><Dance/>" FINAL),
			    "S0=200 S2=200 S3=400 S=400 S=400 | inventory | F");
}

static void case14_books_answers_only_on_what_was_sent(void **state)
{
	world_queue(VERB_EXEC, "./X", "action:x");
	world_post(1, PACKAGE_1);
	assert_string_equal(world_post(2, HEADER_OK STATUS("1", "999", "200") STATUS(
					      "7", "4", "200") STATUS("x", "4", "200")
					      STATUS("1", "4x", "200") STATUS("1", "4", "x") FINAL),
			    "S0=200 | F");
	assert_int_equal(w.out.answer_count, 0);
	assert_int_equal(w.out.ignored, 5);
	assert_int_equal(w.commands[0].state, COMMAND_SENT);
}

static void first_answer_stands(void **state)
{
	world_queue(VERB_EXEC, "./X", "action:x");
	world_queue(VERB_EXEC, "./Y", "action:x");
	world_post(1, PACKAGE_1);
	world_post(2, HEADER_OK
		   "<Status><CmdID>2</CmdID><MsgRef>1</MsgRef><CmdRef>4</CmdRef><Cmd>Exec</Cmd>"
		   "<Data xmlns:msft=\"http://schemas.microsoft.com/MobileDevice/MDM\" "
		   "msft:originalerror=\"0x86000002\">500</Data></Status>" STATUS("1", "4", "200"));
	assert_int_equal(w.commands[0].status, 500);
	assert_string_equal(w.commands[0].original_error, "0x86000002");
	world_post(3, HEADER_OK STATUS("1", "4", "200") STATUS("1", "5", "202") FINAL);
	assert_int_equal(w.commands[0].status, 500);
	assert_int_equal(w.commands[1].status, 202);
	assert_int_equal(w.out.ignored, 0);
}

static void missing_references_mean_one(void **state)
{
	world_queue(VERB_EXEC, "./X", "action:x");
	world_post(1, ALERT_1201 FINAL);
	w.commands[0].cmd_id = 1;
	world_post(2, HEADER_OK
		   "<Status><CmdID>2</CmdID><Cmd>Exec</Cmd><Data>200</Data></Status>" FINAL);
	assert_int_equal(w.commands[0].state, COMMAND_ANSWERED);
}

static void values_become_facts(void **state)
{
	struct command *version;

	w.is_inventory_shown = true;
	world_post(1, PACKAGE_1);
	version = &w.commands[0];
	assert_string_equal(version->locuri, "./DevDetail/SwV");
	assert_int_equal(version->cmd_id, 4);
	world_post(2, HEADER_OK STATUS("1", "4", "200")
			  RESULT("1", "4", "./DevDetail/SwV", " 10.0.26200.9278 ") FINAL);
	assert_string_equal(world_fact_value("os_version"), "10.0.26200.9278");
	assert_int_equal(version->state, COMMAND_ANSWERED);
	/* the same once more in the next message changes nothing */
	world_post(3, HEADER_OK RESULT("1", "4", "./DevDetail/SwV", "10.0.26200.9278") FINAL);
	assert_string_equal(world_fact_value("os_version"), "10.0.26200.9278");
	assert_int_equal(w.out.ignored, 0);
}

static void case14_believes_values_only_where_asked(void **state)
{
	static const char *const results[] = {
	    RESULT("1", "999", "./DevDetail/SwV", "1"),
	    RESULT("9", "4", "./DevDetail/SwV", "1"),
	    /* the answer to one question is not the answer to another */
	    RESULT("1", "4", "./Vendor/MSFT/DeviceStatus/SecureBootState", "1"),
	    RESULT("1", "4", "./DevDetail", "1"),
	    RESULT("1", "4", "./DevDetail/SwVx", "1"),
	    /* that was an Exec */
	    RESULT("1", "5", "./DevDetail/SwV", "1"),
	};

	for (size_t i = 0; i < ARRAY_LEN(results); i++) {
		world_teardown(NULL);
		world_setup(NULL);
		world_queue(VERB_GET, "./DevDetail/SwV", "action:x");
		world_queue(VERB_EXEC, "./DevDetail/SwV", "action:x");
		world_post(1, PACKAGE_1);
		world_post(2, arena_printf(&w.arena, HEADER_OK "%s" FINAL, results[i]));
		if (w.out.fact_count || w.out.ignored != 1)
			fail_msg("case %zu: %zu facts, %zu ignored", i, w.out.fact_count,
				 w.out.ignored);
	}
}

static void absent_nodes_empty_their_fact(void **state)
{
	world_fact("secure_boot", "1", w.now - 100);
	world_queue(VERB_GET, "./Vendor/MSFT/DeviceStatus/SecureBootState", "action:x");
	world_queue(VERB_GET, "./Vendor/MSFT/DeviceStatus/Firewall/Status", "action:x");
	world_post(1, PACKAGE_1);
	world_post(2, HEADER_OK STATUS("1", "4", "404") STATUS("1", "5", "500") FINAL);
	assert_string_equal(world_fact_value("secure_boot"), "");
	assert_null(world_fact_value("firewall"));
}

static void long_values_are_not_kept(void **state)
{
	char *value = arena_alloc(&w.arena, 5000);

	memset(value, 'a', 4097);
	world_queue(VERB_GET, "./DevDetail/FwV", "action:x");
	world_post(1, PACKAGE_1);
	world_post(
	    2, arena_printf(&w.arena, HEADER_OK RESULT("1", "4", "./DevDetail/FwV", "%s"), value));
	assert_null(world_fact_value("firmware_version"));
	value[4096] = '\0';
	world_post(
	    3, arena_printf(&w.arena, HEADER_OK RESULT("1", "4", "./DevDetail/FwV", "%s"), value));
	assert_string_equal(world_fact_value("firmware_version"), value);
}

static void unenrolment_is_acknowledged_and_ends(void **state)
{
	world_queue(VERB_EXEC, "./X", "action:x");
	assert_string_equal(world_post(1, ALERT_1201 LOGIN("3", "user") UNENROL
				       "<Replace><CmdID>5</CmdID><Item><Source><LocURI>"
				       "./DevInfo/Man</LocURI></Source><Data>M</Data></Item>"
				       "</Replace>" FINAL),
			    "S0=200 S2=200 S3=200 S4=200 S5=200 | F");
	assert_int_equal(w.session.end, MANAGE_END_UNENROLLED);
	assert_int_equal(w.out.command_count, 0);
	/* the type is what counts, not the code's neighbour */
	world_post(1, ALERT_1201 FINAL);
	assert_int_equal(w.session.end, MANAGE_LIVE);
	world_post(2, HEADER_OK EVENT("1224", "com.microsoft:mdm.unenrollment.userrequest") FINAL);
	assert_int_equal(w.session.end, MANAGE_END_FINAL);
}

static void hands_out_the_user_token(void **state)
{
	struct syncml message;
	struct text token;

	assert_int_equal(
	    syncml_read(
		&w.arena,
		text_of(world_document(
		    "1", 1,
		    ALERT_1201 "<Alert><CmdID>3</CmdID><Data>1224</Data><Item><Meta><Type>"
			       "com.microsoft/MDM/AADUserToken</Type></Meta><Data> abc.def.g "
			       "</Data></Item></Alert>" FINAL)),
		&message),
	    0);
	token = manage_message_token(&message);
	assert_true(text_eq_c(token, "abc.def.g"));
	assert_int_equal(
	    syncml_read(&w.arena, text_of(world_document("1", 1, PACKAGE_1)), &message), 0);
	assert_null(manage_message_token(&message).ptr);
}

static void captured_session_runs_to_its_end(void **state)
{
	const char *dir = getenv("MUSTER_CAPTURES");
	static const char *const names[] = {"marcosd4h-mdm_09_req_syncml.wire-bytes.xml",
					    "marcosd4h-mdm_11_req_syncml.wire-bytes.xml"};
	char *documents[2];

	if (!dir)
		skip();
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		FILE *f = fopen(arena_printf(&w.arena, "%s/%s", dir, names[i]), "rb");

		assert_non_null(f);
		documents[i] = arena_alloc(&w.arena, 65536);
		assert_true(fread(documents[i], 1, 65535, f) > 0);
		fclose(f);
	}
	w.url = "";
	w.device.dm_device_id = "1E08C6E95D8BB843B1278FF45BC60CC6";
	world_queue(VERB_REPLACE, "./Vendor/MSFT/Personalization/DesktopImageUrl", "action:x");
	world_queue(VERB_REPLACE, "./Vendor/MSFT/Personalization/LockScreenImageUrl", "action:x");
	assert_string_equal(
	    world_post_document(documents[0]),
	    "S0=200 S2=200 S3=200 S4=200 | Replace#5 ./Vendor/MSFT/Personalization/DesktopImageUrl "
	    "| Replace#6 ./Vendor/MSFT/Personalization/LockScreenImageUrl | inventory | F");
	assert_string_equal(world_fact_value("model"), "VMware7,1");
	assert_true(text_eq_c(w.out.reply.header.source,
			      "https://mdmwindows.com/ManagementServer/MDM.svc"));
	assert_string_equal(world_post_document(documents[1]), "S0=200 | F");
	assert_int_equal(w.commands[0].status, 202);
	assert_int_equal(w.commands[1].status, 202);
	assert_int_equal(w.session.end, MANAGE_END_FINAL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(answers_package_one),
	    TEST(numbers_statuses_and_references),
	    TEST(ends_when_there_is_nothing_more),
	    TEST(case14_takes_only_the_next_message),
	    TEST(repeats_the_last_reply),
	    TEST(message_one_replaces_the_session),
	    TEST(case13_believes_only_its_own_certificate),
	    TEST(case13_compares_the_target),
	    TEST(refuses_a_retired_device),
	    TEST(asks_for_the_rest_of_a_package),
	    TEST(next_message_alert_gets_the_next_commands),
	    TEST(abort_keeps_commands),
	    TEST(header_refusal_ends_the_session),
	    TEST(cancelled_by_the_client_waits_for_the_next_session),
	    TEST(acknowledges_every_kind_of_alert),
	    TEST(refuses_what_a_client_may_not_do),
	    TEST(answers_what_is_malformed),
	    TEST(case14_books_answers_only_on_what_was_sent),
	    TEST(first_answer_stands),
	    TEST(missing_references_mean_one),
	    TEST(values_become_facts),
	    TEST(case14_believes_values_only_where_asked),
	    TEST(absent_nodes_empty_their_fact),
	    TEST(long_values_are_not_kept),
	    TEST(unenrolment_is_acknowledged_and_ends),
	    TEST(hands_out_the_user_token),
	    TEST(captured_session_runs_to_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
