/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_syncml_write.c: the exact bytes of replies, sizes that agree with them, and what becomes of
 * markup and of hostile text in Data.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "syncml/syncml.h"

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

static const struct syncml_header header = {
    .session_id = {"1A", 2},
    .msg_id = 2,
    .target = {"DEV", 3},
    .source = {"https://mdm.example/omadm", 25},
};

#define HEAD                                                                                       \
	"<SyncML xmlns=\"SYNCML:SYNCML1.2\"><SyncHdr><VerDTD>1.2</VerDTD>"                         \
	"<VerProto>DM/1.2</VerProto><SessionID>1A</SessionID><MsgID>2</MsgID>"                     \
	"<Target><LocURI>DEV</LocURI></Target>"                                                    \
	"<Source><LocURI>https://mdm.example/omadm</LocURI></Source></SyncHdr><SyncBody>"
#define TAIL "<Final/></SyncBody></SyncML>"

static void assert_writes(struct syncml_command *commands, size_t n, const char *body)
{
	struct syncml message = {
	    .header = header, .commands = commands, .command_count = n, .is_final = true};
	size_t size = syncml_envelope_size(&message);
	struct buf buf;

	buf_init(&buf, &arena);
	syncml_write(&buf, &message);
	assert_string_equal(buf.data, arena_printf(&arena, HEAD "%s" TAIL, body));
	for (size_t i = 0; i < n; i++)
		size += syncml_command_size(&commands[i]);
	assert_int_equal(size, buf.len);
}

static void writes_in_the_order_of_the_dtd(void **state)
{
	struct syncml_item item = {
	    .target = TEXT("./Device/A"),
	    .meta = {.format = TEXT("int"), .type = TEXT("text/plain")},
	    .data = TEXT("1"),
	};
	struct syncml_item full = {
	    .target = TEXT("./T"),
	    .source = TEXT("./S"),
	    .meta = {.format = TEXT("chr"), .type = TEXT("t"), .mark = TEXT("minor"), .size = 9},
	    .data = TEXT("d"),
	    .is_more = true,
	};
	struct syncml_command commands[] = {
	    {.verb = SYNCML_STATUS,
	     .cmd_id = TEXT("1"),
	     .msg_ref = TEXT("2"),
	     .cmd_ref = TEXT("0"),
	     .cmd = TEXT("SyncHdr"),
	     .target_ref = TEXT("./T"),
	     .source_ref = TEXT("./S"),
	     .data = TEXT("200")},
	    {.verb = SYNCML_ALERT, .cmd_id = TEXT("2"), .data = TEXT("1222")},
	    {.verb = SYNCML_REPLACE, .cmd_id = TEXT("3"), .items = &item, .item_count = 1},
	    {.verb = SYNCML_RESULTS,
	     .cmd_id = TEXT("4"),
	     .msg_ref = TEXT("1"),
	     .cmd_ref = TEXT("5"),
	     .cmd = TEXT("Get"),
	     .items = &full,
	     .item_count = 1},
	};

	assert_writes(
	    commands, ARRAY_LEN(commands),
	    "<Status><CmdID>1</CmdID><MsgRef>2</MsgRef><CmdRef>0</CmdRef><Cmd>SyncHdr</Cmd>"
	    "<TargetRef>./T</TargetRef><SourceRef>./S</SourceRef><Data>200</Data></Status>"
	    "<Alert><CmdID>2</CmdID><Data>1222</Data></Alert>"
	    "<Replace><CmdID>3</CmdID><Item><Target><LocURI>./Device/A</LocURI></Target>"
	    "<Meta><Format xmlns=\"syncml:metinf\">int</Format>"
	    "<Type xmlns=\"syncml:metinf\">text/plain</Type></Meta><Data>1</Data></Item></Replace>"
	    "<Results><CmdID>4</CmdID><MsgRef>1</MsgRef><CmdRef>5</CmdRef><Cmd>Get</Cmd>"
	    "<Item><Target><LocURI>./T</LocURI></Target><Source><LocURI>./S</LocURI></Source>"
	    "<Meta><Format xmlns=\"syncml:metinf\">chr</Format>"
	    "<Type xmlns=\"syncml:metinf\">t</Type><Mark xmlns=\"syncml:metinf\">minor</Mark>"
	    "<Size xmlns=\"syncml:metinf\">9</Size></Meta><Data>d</Data><MoreData/></Item>"
	    "</Results>");
}

static void writes_groups(void **state)
{
	struct syncml_item a = {.target = TEXT("./A")};
	struct syncml_item b = {.target = TEXT("./B")};
	struct syncml_command members[] = {
	    {.verb = SYNCML_ADD, .cmd_id = TEXT("2"), .items = &a, .item_count = 1},
	    {.verb = SYNCML_EXEC, .cmd_id = TEXT("3"), .items = &b, .item_count = 1},
	};
	struct syncml_command atomic = {
	    .verb = SYNCML_ATOMIC, .cmd_id = TEXT("1"), .members = members, .member_count = 2};

	assert_writes(&atomic, 1,
		      "<Atomic><CmdID>1</CmdID><Add><CmdID>2</CmdID><Item><Target>"
		      "<LocURI>./A</LocURI></Target></Item></Add><Exec><CmdID>3</CmdID><Item>"
		      "<Target><LocURI>./B</LocURI></Target></Item></Exec></Atomic>");
}

static void writes_nothing_else_when_there_is_nothing(void **state)
{
	assert_writes(NULL, 0, "");
}

static void escapes_text_and_never_uses_cdata(void **state)
{
	struct syncml_item item = {.target = TEXT("./A"),
				   .data = TEXT("]]></Data><Final/>&\xef\x80\x80")};
	struct syncml_command command = {
	    .verb = SYNCML_REPLACE, .cmd_id = TEXT("1"), .items = &item, .item_count = 1};

	assert_writes(&command, 1,
		      "<Replace><CmdID>1</CmdID><Item><Target><LocURI>./A</LocURI></Target>"
		      "<Data>]]&gt;&lt;/Data&gt;&lt;Final/&gt;&amp;\xef\x80\x80</Data></Item>"
		      "</Replace>");
}

static void sends_markup_as_markup(void **state)
{
	struct syncml_item item = {.target = TEXT("./A"), .is_markup = true};
	struct syncml_command command = {
	    .verb = SYNCML_EXEC, .cmd_id = TEXT("1"), .items = &item, .item_count = 1};

	assert_int_equal(
	    syncml_markup_read(
		&arena, TEXT("<Job id=\"{1}\"><![CDATA[a<b]]><!-- c --><P xmlns=\"urn:p\"/></Job>"),
		&item.data),
	    0);
	assert_writes(
	    &command, 1,
	    "<Exec><CmdID>1</CmdID><Item><Target><LocURI>./A</LocURI></Target>"
	    "<Data><Job id=\"{1}\">a&lt;b<P xmlns=\"urn:p\"/></Job></Data></Item></Exec>");
}

static void refuses_markup_that_leaves_its_place(void **state)
{
	static const char *const bad[] = {
	    "</Data><Data>", "</Data></Item>", "<a>",   "<a></b>",  "&nbsp;",
	    "<?x y?>",       "<!DOCTYPE a>",   "a & b", "<a b=c/>", "<a><![CDATA[x</a>",
	    "</Data><!--",   "<p:a/>",         "\xff",
	};
	struct text got = {.ptr = NULL};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		if (syncml_markup_read(&arena, text_of(bad[i]), &got) != SYNCML_E_MALFORMED)
			fail_msg("'%s' was taken", bad[i]);
	}
	assert_null(got.ptr);
}

static void reads_back_what_it_writes(void **state)
{
	struct syncml_item item = {.target = TEXT("./Device/A"),
				   .meta = {.format = TEXT("chr")},
				   .data = TEXT("a<b>&\"'\r\n\xc3\xa4")};
	struct syncml_command command = {
	    .verb = SYNCML_ADD, .cmd_id = TEXT("7"), .items = &item, .item_count = 1};
	struct syncml message = {
	    .header = header, .commands = &command, .command_count = 1, .is_final = true};
	struct syncml again;
	struct buf buf;

	buf_init(&buf, &arena);
	syncml_write(&buf, &message);
	assert_int_equal(syncml_read(&arena, buf_text(&buf), &again), 0);
	assert_true(again.is_final);
	assert_int_equal(again.header.msg_id, 2);
	assert_true(text_eq(again.header.source, header.source));
	assert_int_equal(again.command_count, 1);
	assert_int_equal(again.commands[0].verb, SYNCML_ADD);
	assert_true(text_eq(again.commands[0].items[0].data, item.data));
	assert_true(text_eq(again.commands[0].items[0].target, item.target));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(writes_in_the_order_of_the_dtd, setup, teardown),
	    cmocka_unit_test_setup_teardown(writes_groups, setup, teardown),
	    cmocka_unit_test_setup_teardown(writes_nothing_else_when_there_is_nothing, setup,
					    teardown),
	    cmocka_unit_test_setup_teardown(escapes_text_and_never_uses_cdata, setup, teardown),
	    cmocka_unit_test_setup_teardown(sends_markup_as_markup, setup, teardown),
	    cmocka_unit_test_setup_teardown(refuses_markup_that_leaves_its_place, setup, teardown),
	    cmocka_unit_test_setup_teardown(reads_back_what_it_writes, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
