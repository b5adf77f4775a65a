/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_syncml_read.c: messages as Windows sends them, messages as an attacker would, and real
 * captures where MUSTER_CAPTURES names their folder. Names with a case number are abuse cases.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/limits.h"
#include "syncml/syncml.h"

#define HEADER(session, msg)                                                                       \
	"<SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto><SessionID>" session              \
	"</SessionID><MsgID>" msg "</MsgID><Target><LocURI>https://mdm.example/omadm</LocURI>"     \
	"</Target><Source><LocURI>DEV</LocURI></Source></SyncHdr>"
#define MESSAGE(body)                                                                              \
	"<SyncML xmlns=\"SYNCML:SYNCML1.2\">" HEADER("1", "1") "<SyncBody>" body                   \
							       "</SyncBody></SyncML>"

static struct arena arena;

static int setup(void **state)
{
	arena_init(&arena);
	return 0;
}

static int teardown(void **state)
{
	arena_done(&arena);
	return 0;
}

static struct syncml parse(const char *body)
{
	struct syncml message = {0};

	assert_int_equal(syncml_read(&arena, text_of(body), &message), 0);
	return message;
}

static void assert_text(struct text t, const char *want)
{
	if (!text_eq_c(t, want) || !t.ptr)
		fail_msg("'%.*s' is not '%s'", TEXT_ARG(t), want);
}

static void reads_package_one(void **state)
{
	struct syncml m = parse("<?xml version=\"1.0\" encoding=\"UTF-8\"?>" MESSAGE(
	    "<Alert><CmdID>2</CmdID><Data>1201</Data></Alert>"
	    "<Alert><CmdID>3</CmdID><Data>1224</Data><Item><Meta>"
	    "<Type xmlns=\"syncml:metinf\">com.microsoft/MDM/LoginStatus</Type></Meta>"
	    "<Data>user</Data></Item></Alert>"
	    "<Replace><CmdID>4</CmdID>"
	    "<Item><Source><LocURI>./DevInfo/DevId</LocURI></Source><Data>DEV</Data></Item>"
	    "<Item><Source><LocURI>./DevInfo/Man</LocURI></Source><Data>A &amp; B</Data></Item>"
	    "</Replace><Final/>"));

	assert_text(m.header.session_id, "1");
	assert_int_equal(m.header.msg_id, 1);
	assert_text(m.header.target, "https://mdm.example/omadm");
	assert_text(m.header.source, "DEV");
	assert_null(m.header.source_name.ptr);
	assert_true(m.is_final);
	assert_int_equal(m.command_count, 3);
	assert_int_equal(m.commands[0].verb, SYNCML_ALERT);
	assert_int_equal(m.commands[0].code, 1201);
	assert_text(m.commands[0].cmd_id, "2");
	assert_int_equal(m.commands[1].item_count, 1);
	assert_text(m.commands[1].items[0].meta.type, "com.microsoft/MDM/LoginStatus");
	assert_text(m.commands[1].items[0].data, "user");
	assert_int_equal(m.commands[2].verb, SYNCML_REPLACE);
	assert_int_equal(m.commands[2].item_count, 2);
	assert_text(m.commands[2].items[1].source, "./DevInfo/Man");
	assert_text(m.commands[2].items[1].data, "A & B");
	assert_null(m.commands[2].items[1].target.ptr);
}

static void keeps_document_order(void **state)
{
	static const enum syncml_verb want[] = {SYNCML_STATUS,  SYNCML_RESULTS, SYNCML_ALERT,
						SYNCML_UNKNOWN, SYNCML_STATUS,  SYNCML_ADD,
						SYNCML_EXEC};
	struct syncml m = parse(MESSAGE(
	    "<Status><CmdID>1</CmdID><MsgRef>1</MsgRef><CmdRef>0</CmdRef><Cmd>SyncHdr</Cmd>"
	    "<Data>200</Data></Status>"
	    "<Results><CmdID>2</CmdID><MsgRef>1</MsgRef><CmdRef>5</CmdRef><Cmd>Get</Cmd>"
	    "<Item><Source><LocURI>./DevDetail/SwV</LocURI></Source>"
	    "<Meta><Format>chr</Format></Meta><Data>10.0.26200.9278</Data></Item></Results>"
	    "<Alert><CmdID>3</CmdID><Data>1222</Data></Alert><Dance><CmdID>4</CmdID></Dance>"
	    "<Status><CmdID>5</CmdID></Status><Add><CmdID>6</CmdID></Add>"
	    "<Exec><CmdID>7</CmdID></Exec>"));

	assert_int_equal(m.command_count, ARRAY_LEN(want));
	for (size_t i = 0; i < ARRAY_LEN(want); i++)
		assert_int_equal(m.commands[i].verb, want[i]);
	assert_text(m.commands[3].name, "Dance");
	assert_text(m.commands[1].cmd_ref, "5");
	assert_text(m.commands[1].items[0].meta.format, "chr");
	assert_null(m.commands[4].msg_ref.ptr);
	assert_false(m.is_final);
}

static void reads_status_details(void **state)
{
	struct syncml m = parse("<SyncML xmlns=\"SYNCML:SYNCML1.2\">" HEADER(
	    "1A",
	    "2") "<SyncBody xmlns:msft=\"http://schemas.microsoft.com/MobileDevice/MDM\">"
		 "<Status><CmdID>3</CmdID><MsgRef>1</MsgRef><CmdRef>6</CmdRef><Cmd>Replace</Cmd>"
		 "<TargetRef>./A</TargetRef><SourceRef>./B</SourceRef>"
		 "<Data msft:originalerror=\"0x86000002\"> 500 </Data></Status>"
		 "<Status><Data>abc</Data></Status><Status><Data>-5</Data></Status>"
		 "<Final/></SyncBody></SyncML>");

	assert_int_equal(m.commands[0].code, 500);
	assert_text(m.commands[0].original_error, "0x86000002");
	assert_text(m.commands[0].target_ref, "./A");
	assert_text(m.commands[0].source_ref, "./B");
	assert_null(m.commands[1].cmd_id.ptr);
	assert_int_equal(m.commands[1].code, -1);
	assert_int_equal(m.commands[2].code, -1);
}

static void is_lenient_where_windows_is(void **state)
{
	struct syncml m =
	    parse("<x:SyncML xmlns:x=\"SYNCML:SYNCML1.1\" xmlns:m=\"syncml:metinfo \">"
		  "<x:SyncHdr><x:MsgID> 7 </x:MsgID><x:SessionID>ff</x:SessionID></x:SyncHdr>"
		  "<x:SyncBody><x:Alert><x:Item><x:Data><![CDATA[<a]]>&gt;<![CDATA[ b]]></x:Data>"
		  "<x:Meta/><x:Type>com.microsoft.mdm.synctype</x:Type></x:Item>"
		  "<x:Data>1224</x:Data><x:CmdID>9</x:CmdID></x:Alert>"
		  "<x:Results><x:Item><x:Meta><m:Size>12</m:Size><m:Mark>critical</m:Mark></x:Meta>"
		  "<x:Data/><x:MoreData/></x:Item></x:Results></x:SyncBody></x:SyncML>");

	assert_int_equal(m.header.msg_id, 7);
	assert_text(m.commands[0].items[0].data, "<a> b");
	assert_text(m.commands[0].items[0].meta.type, "com.microsoft.mdm.synctype");
	assert_text(m.commands[0].cmd_id, "9");
	assert_int_equal(m.commands[1].items[0].meta.size, 12);
	assert_text(m.commands[1].items[0].meta.mark, "critical");
	assert_text(m.commands[1].items[0].data, "");
	assert_true(m.commands[1].items[0].is_more);
	assert_false(m.commands[0].items[0].is_more);
}

static void keeps_markup_in_data(void **state)
{
	struct syncml m = parse(MESSAGE(
	    "<Results><CmdID>1</CmdID><Item><Data>x &lt; y<App n=\"1\"><V>a&amp;b</V></App>z"
	    "</Data></Item><Item><Data>&lt;App/&gt;</Data></Item></Results>"));

	assert_true(m.commands[0].items[0].is_markup);
	assert_text(m.commands[0].items[0].data, "x &lt; y<App n=\"1\"><V>a&amp;b</V></App>z");
	assert_false(m.commands[0].items[1].is_markup);
	assert_text(m.commands[0].items[1].data, "<App/>");
}

static void reads_groups(void **state)
{
	struct syncml m = parse(
	    MESSAGE("<Atomic><CmdID>1</CmdID><Add><CmdID>2</CmdID></Add><Sequence><CmdID>3</CmdID>"
		    "<Delete><CmdID>4</CmdID></Delete><Wrong/></Sequence></Atomic>"));
	const struct syncml_command *atomic = &m.commands[0];

	assert_int_equal(m.command_count, 1);
	assert_int_equal(atomic->member_count, 2);
	assert_int_equal(atomic->members[1].verb, SYNCML_SEQUENCE);
	assert_int_equal(atomic->members[1].member_count, 2);
	assert_int_equal(atomic->members[1].members[1].verb, SYNCML_UNKNOWN);
}

static void case13_refuses_what_has_two_readings(void **state)
{
	static const char *const bodies[] = {
	    "<SyncML xmlns=\"SYNCML:SYNCML1.2\">" HEADER("1", "1")
		HEADER("1", "1") "<SyncBody/></SyncML>",
	    "<SyncML xmlns=\"SYNCML:SYNCML1.2\">" HEADER(
		"1", "1") "<SyncHdr xmlns=\"urn:other\"/><SyncBody/></SyncML>",
	    "<SyncML xmlns=\"SYNCML:SYNCML1.2\">" HEADER("1",
							 "1") "<SyncBody/><SyncBody/></SyncML>",
	    "<SyncML xmlns=\"SYNCML:SYNCML1.2\"><SyncHdr><SessionID>1</SessionID><MsgID>1</MsgID>"
	    "<Source><LocURI>A</LocURI></Source><Source><LocURI>B</LocURI></Source></SyncHdr>"
	    "<SyncBody/></SyncML>",
	    "<SyncML xmlns=\"SYNCML:SYNCML1.2\"><SyncHdr><SessionID>1</SessionID><MsgID>1</MsgID>"
	    "<Source><LocURI>A</LocURI><LocURI>B</LocURI></Source></SyncHdr><SyncBody/></SyncML>",
	    "<SyncML xmlns=\"SYNCML:SYNCML1.2\"><SyncHdr><SessionID>1</SessionID><MsgID>1</MsgID>"
	    "<MsgID>2</MsgID></SyncHdr><SyncBody/></SyncML>",
	    MESSAGE("<Alert><CmdID>1</CmdID><CmdID>2</CmdID></Alert>"),
	    MESSAGE("<Alert><CmdID>1</CmdID><Data>1201</Data><Data>1226</Data></Alert>"),
	    MESSAGE("<Status><CmdRef>1</CmdRef><CmdRef>2</CmdRef></Status>"),
	    MESSAGE("<Status><Data>200</Data><Data>500</Data></Status>"),
	    MESSAGE("<Results><MsgRef>1</MsgRef><MsgRef>2</MsgRef></Results>"),
	    MESSAGE("<Results><Item><Data>1</Data><Data>2</Data></Item></Results>"),
	    MESSAGE("<Results><Item><Source><LocURI>a</LocURI></Source><Source/></Item></Results>"),
	    MESSAGE("<Results><Item><Meta><Size>1</Size><Size>2</Size></Meta></Item></Results>"),
	    MESSAGE("<Final/><Final/>"),
	};

	for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
		struct syncml m;
		int r = syncml_read(&arena, text_of(bodies[i]), &m);

		if (r != SYNCML_E_DUPLICATE)
			fail_msg("body %zu: %s", i, syncml_outcome_name(r));
	}
}

static void refuses_what_is_not_a_message(void **state)
{
	static const struct {
		const char *body;
		int want;
	} cases[] = {
	    {"", SYNCML_E_MALFORMED},
	    {"no", SYNCML_E_MALFORMED},
	    {"<SyncML", SYNCML_E_MALFORMED},
	    {"<!DOCTYPE x><SyncML/>", SYNCML_E_MALFORMED},
	    {"<SyncML xmlns=\"SYNCML:SYNCML1.2\"/>", SYNCML_E_SHAPE},
	    {"<SyncML xmlns=\"urn:x\">" HEADER("1", "1") "<SyncBody/></SyncML>", SYNCML_E_SHAPE},
	    {"<SyncML>" HEADER("1", "1") "<SyncBody/></SyncML>", SYNCML_E_SHAPE},
	    {"<Other xmlns=\"SYNCML:SYNCML1.2\">" HEADER("1", "1") "<SyncBody/></Other>",
	     SYNCML_E_SHAPE},
	    {"<SyncML xmlns=\"SYNCML:SYNCML1.2\">" HEADER("1", "1") "</SyncML>", SYNCML_E_SHAPE},
	    {"<SyncML xmlns=\"SYNCML:SYNCML1.2\"><SyncBody/></SyncML>", SYNCML_E_SHAPE},
	    {"<SyncML xmlns=\"SYNCML:SYNCML1.2\">" HEADER("", "1") "<SyncBody/></SyncML>",
	     SYNCML_E_HEADER},
	    {"<SyncML xmlns=\"SYNCML:SYNCML1.2\">" HEADER("12345678901234567",
							  "1") "<SyncBody/></SyncML>",
	     SYNCML_E_HEADER},
	    {"<SyncML xmlns=\"SYNCML:SYNCML1.2\">" HEADER("\xc3\xa4", "1") "<SyncBody/></SyncML>",
	     SYNCML_E_HEADER},
	    {"<SyncML xmlns=\"SYNCML:SYNCML1.2\">" HEADER("1", "0") "<SyncBody/></SyncML>",
	     SYNCML_E_HEADER},
	    {"<SyncML xmlns=\"SYNCML:SYNCML1.2\">" HEADER("1", "-1") "<SyncBody/></SyncML>",
	     SYNCML_E_HEADER},
	    {"<SyncML xmlns=\"SYNCML:SYNCML1.2\">" HEADER("1", "1x") "<SyncBody/></SyncML>",
	     SYNCML_E_HEADER},
	    {"<SyncML xmlns=\"SYNCML:SYNCML1.2\">" HEADER("1", "1000001") "<SyncBody/></SyncML>",
	     SYNCML_E_HEADER},
	    {"<SyncML xmlns=\"SYNCML:SYNCML1.2\">" HEADER("1", "") "<SyncBody/></SyncML>",
	     SYNCML_E_HEADER},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct syncml m = {.is_final = true, .command_count = 77};
		int r = syncml_read(&arena, text_of(cases[i].body), &m);

		if (r != cases[i].want)
			fail_msg("case %zu: %s", i, syncml_outcome_name(r));
		assert_int_equal(m.command_count, 77);
	}
}

static struct text repeated(const char *head, const char *part, size_t n, const char *tail)
{
	struct buf buf;

	buf_init(&buf, &arena);
	buf_add_c(&buf, head);
	for (size_t i = 0; i < n; i++)
		buf_add_c(&buf, part);
	buf_add_c(&buf, tail);
	return buf_text(&buf);
}

static void case14_bounds_commands_and_items(void **state)
{
	const char *head = "<SyncML xmlns=\"SYNCML:SYNCML1.2\">" HEADER("1", "1") "<SyncBody>";
	const char *tail = "</SyncBody></SyncML>";
	struct syncml m;

	assert_int_equal(
	    syncml_read(&arena, repeated(head, "<Status/>", LIMIT_SYNCML_COMMANDS, tail), &m), 0);
	assert_int_equal(m.command_count, LIMIT_SYNCML_COMMANDS);
	assert_int_equal(
	    syncml_read(&arena, repeated(head, "<Status/>", LIMIT_SYNCML_COMMANDS + 1, tail), &m),
	    SYNCML_E_LIMIT);
	/* two things each: half as many fit */
	assert_int_equal(syncml_read(&arena,
				     repeated(head, "<Results><Item/></Results>",
					      LIMIT_SYNCML_COMMANDS / 2 + 1, tail),
				     &m),
			 SYNCML_E_LIMIT);
	assert_int_equal(syncml_read(&arena,
				     repeated("<SyncML xmlns=\"SYNCML:SYNCML1.2\">" HEADER(
						  "1", "1") "<SyncBody><Replace>",
					      "<Item/>", 10000, "</Replace></SyncBody></SyncML>"),
				     &m),
			 SYNCML_E_LIMIT);
	assert_int_equal(
	    syncml_read(&arena,
			repeated(head, "<Atomic>", 10,
				 "</Atomic></Atomic></Atomic></Atomic></Atomic></Atomic>"
				 "</Atomic></Atomic></Atomic></Atomic></SyncBody></SyncML>"),
			&m),
	    0);
	assert_int_equal(syncml_read(&arena, repeated(head, "<Atomic>", 100000, ""), &m),
			 SYNCML_E_LIMIT);
}

static void bounds_locuris(void **state)
{
	const char *head = "<SyncML xmlns=\"SYNCML:SYNCML1.2\">" HEADER(
	    "1", "1") "<SyncBody><Replace><Item><Source><LocURI>";
	const char *tail = "</LocURI></Source></Item></Replace></SyncBody></SyncML>";
	struct syncml m;

	assert_int_equal(syncml_read(&arena, repeated(head, "a", LIMIT_SYNCML_LOCURI, tail), &m),
			 0);
	assert_int_equal(
	    syncml_read(&arena, repeated(head, "a", LIMIT_SYNCML_LOCURI + 1, tail), &m),
	    SYNCML_E_LIMIT);
}

static void case15_refuses_bombs(void **state)
{
	struct syncml m;

	assert_int_equal(
	    syncml_read(&arena,
			TEXT("<!DOCTYPE a [<!ENTITY x \"y\">]><SyncML xmlns=\"SYNCML:SYNCML1.2\">"
			     "<SyncHdr/><SyncBody>&x;</SyncBody></SyncML>"),
			&m),
	    SYNCML_E_MALFORMED);
	assert_int_equal(syncml_read(&arena, repeated("", "<a>", 100000, ""), &m), SYNCML_E_LIMIT);
	assert_int_equal(
	    syncml_read(&arena,
			repeated("<SyncML xmlns=\"SYNCML:SYNCML1.2\">", "<a/>", 40000, "</SyncML>"),
			&m),
	    SYNCML_E_LIMIT);
	assert_int_equal(
	    syncml_read(&arena, TEXT("<SyncML xmlns=\"SYNCML:SYNCML1.2\">\xc0\x80</SyncML>"), &m),
	    SYNCML_E_MALFORMED);
}

static char *read_capture(const char *name)
{
	const char *dir = getenv("MUSTER_CAPTURES");
	char *path, *bytes;
	size_t n;
	FILE *f;

	if (!dir)
		return NULL;
	path = arena_printf(&arena, "%s/%s", dir, name);
	f = fopen(path, "rb");
	if (!f)
		fail_msg("%s is not there", path);
	bytes = arena_alloc(&arena, 65536);
	n = fread(bytes, 1, 65535, f);
	fclose(f);
	bytes[n] = '\0';
	return bytes;
}

static void reads_captured_package_one(void **state)
{
	char *body = read_capture("marcosd4h-mdm_09_req_syncml.wire-bytes.xml");
	struct syncml m;

	if (!body)
		skip();
	m = parse(body);
	assert_text(m.header.source, "1E08C6E95D8BB843B1278FF45BC60CC6");
	assert_int_equal(m.command_count, 3);
	assert_int_equal(m.commands[0].code, 1201);
	assert_text(m.commands[1].items[0].data, "user");
	assert_int_equal(m.commands[2].item_count, 5);
	assert_text(m.commands[2].items[1].data, "VMware, Inc.");
	assert_true(m.is_final);
}

static void reads_captured_statuses(void **state)
{
	char *body = read_capture("marcosd4h-mdm_11_req_syncml.wire-bytes.xml");
	struct syncml m;

	if (!body)
		skip();
	m = parse(body);
	assert_int_equal(m.header.msg_id, 2);
	assert_int_equal(m.command_count, 3);
	assert_text(m.commands[0].cmd, "SyncHdr");
	assert_text(m.commands[2].cmd_ref, "6");
	assert_int_equal(m.commands[2].code, 202);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(reads_package_one, setup, teardown),
	    cmocka_unit_test_setup_teardown(keeps_document_order, setup, teardown),
	    cmocka_unit_test_setup_teardown(reads_status_details, setup, teardown),
	    cmocka_unit_test_setup_teardown(is_lenient_where_windows_is, setup, teardown),
	    cmocka_unit_test_setup_teardown(keeps_markup_in_data, setup, teardown),
	    cmocka_unit_test_setup_teardown(reads_groups, setup, teardown),
	    cmocka_unit_test_setup_teardown(case13_refuses_what_has_two_readings, setup, teardown),
	    cmocka_unit_test_setup_teardown(refuses_what_is_not_a_message, setup, teardown),
	    cmocka_unit_test_setup_teardown(case14_bounds_commands_and_items, setup, teardown),
	    cmocka_unit_test_setup_teardown(bounds_locuris, setup, teardown),
	    cmocka_unit_test_setup_teardown(case15_refuses_bombs, setup, teardown),
	    cmocka_unit_test_setup_teardown(reads_captured_package_one, setup, teardown),
	    cmocka_unit_test_setup_teardown(reads_captured_statuses, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
