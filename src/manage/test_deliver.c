/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_deliver.c: what is sent, in which order, to whose scope, within which budget, and how values
 * that come in pieces are put together.
 */
#include "manage/test_world.h"

#include "base/limits.h"

#define P  "./Device/Vendor/MSFT/Policy/Config/A/"
#define UP "./User/Vendor/MSFT/Policy/Config/A/"
#define C  "./Device/Vendor/MSFT/DMClient/Provider/" DM_PROVIDER_ID "/"

/* Post package 1 with a login status; give the part of the reply behind its statuses. */
static const char *begin(const char *login)
{
	const char *body = arena_printf(&w.arena, ALERT_1201 LOGIN("3", "%s") FINAL, login);
	const char *reply, *bar;

	/* so long after the last one that it is not the same message once more */
	w.now += MANAGE_REPLAY_S + 1;
	reply = world_post(1, *login ? body : ALERT_1201 FINAL);
	bar = strchr(reply, '|');
	return bar ? bar : reply;
}

static void sends_settings_once(void **state)
{
	world_want("p1", "", P "One", "int", "1");
	world_want("p1", "", P "Two", "chr", "a<b");
	world_want("p1", "", "./Device/Vendor/MSFT/X/N", "node", "");
	assert_string_equal(begin("user"), "| Replace#4 " P "One int 1 | Replace#5 " P
					   "Two chr a<b | Add#6 ./Device/Vendor/MSFT/X/N node "
					   "| inventory | F");
	assert_string_equal(w.out.commands[0].origin, "policy:p1");
	assert_string_equal(w.out.commands[0].data, "");
	assert_int_equal(world_row("", P "One")->state, APPLIED_SENT);
	world_post(2, HEADER_OK STATUS("1", "4", "200") STATUS("1", "5", "202")
			  STATUS("1", "6", "418") FINAL);
	assert_int_equal(w.out.command_count, 0);
	assert_int_equal(world_row("", P "One")->state, APPLIED_OK);
	assert_int_equal(world_row("", P "Two")->state, APPLIED_OK);
	assert_int_equal(world_row("", "./Device/Vendor/MSFT/X/N")->state, APPLIED_OK);
	assert_string_equal(begin("user"), "| inventory | F");
}

static void settings_that_go_together(void **state)
{
	world_want("p1", "", P "One", "int", "1");
	world_want("setup", "", P "Two", "int", "60");
	world_want("setup", "", P "Three", "int", "4");
	world_want("p1", "", P "Four", "int", "5");
	w.wants[1].is_together = w.wants[2].is_together = true;
	assert_string_equal(begin("user"),
			    "| Replace#4 " P "One int 1 | Atomic#5 Replace#6 60 "
			    "Replace#7 4 | Replace#8 " P "Four int 5 | inventory | F");
	world_post(2, HEADER_OK STATUS("1", "4", "200") STATUS("1", "5", "200") STATUS(
			  "1", "6", "200") STATUS("1", "7", "200") STATUS("1", "8", "200") FINAL);
	assert_int_equal(world_row("", P "Two")->state, APPLIED_OK);
	assert_int_equal(world_row("", P "Three")->state, APPLIED_OK);
	assert_int_equal(world_row("", P "Four")->state, APPLIED_OK);
	assert_string_equal(begin("user"), "| inventory | F");
	/* one that changed goes in an Atomic too */
	w.wants[2].setting.data = "5";
	assert_string_equal(begin("user"), "| Atomic#4 Replace#5 5 | inventory | F");
	world_post(2, HEADER_OK STATUS("1", "4", "507") STATUS("1", "5", "216") FINAL);
	assert_int_equal(world_row("", P "Three")->state, APPLIED_FAILED);
}

static void deletes_and_changes(void **state)
{
	world_want("p1", "", P "One", "int", "1");
	world_want("p1", "", P "Two", "int", "1");
	begin("user");
	world_post(2, HEADER_OK STATUS("1", "4", "200") STATUS("1", "5", "200") FINAL);
	w.want_count = 0;
	world_want("p1", "", P "Two", "int", "2");
	assert_string_equal(begin("user"),
			    "| Delete#4 " P "One | Replace#5 " P "Two int 2 | inventory | F");
	world_post(2, HEADER_OK STATUS("1", "4", "200") STATUS("1", "5", "200") FINAL);
	assert_null(world_row("", P "One"));
	assert_string_equal(begin("user"), "| inventory | F");
}

static void never_sends_twice_in_one_session(void **state)
{
	world_want("p1", "", P "One", "int", "1");
	begin("user");
	/* neither without an answer nor after a failure that allows another try */
	assert_string_equal(world_post(2, HEADER_OK FINAL), "S0=200 | F");
	begin("user");
	assert_int_equal(world_row("", P "One")->tries, 2);
	world_queue(VERB_EXEC, "./X", "action:x");
	assert_string_equal(world_post(2, HEADER_OK STATUS("1", "4", "214") FINAL), "S0=200 | F");
	begin("user");
	assert_int_equal(world_row("", P "One")->tries, 3);
}

static void tries_an_add_where_there_is_no_node(void **state)
{
	world_want("p1", "", P "One", "int", "1");
	begin("user");
	assert_string_equal(world_post(2, HEADER_OK STATUS("1", "4", "404") FINAL),
			    "S0=200 | Add#2 " P "One int 1 | F");
	assert_string_equal(world_post(3, HEADER_OK STATUS("2", "2", "404") FINAL), "S0=200 | F");
	assert_string_equal(begin("user"), "| inventory | F");
	assert_int_equal(world_row("", P "One")->state, APPLIED_FAILED);
}

static void a_new_value_may_follow_in_the_same_session(void **state)
{
	world_want("p1", "", P "One", "int", "1");
	begin("user");
	w.wants[0].setting.data = "2";
	assert_string_equal(world_post(2, HEADER_OK FINAL),
			    "S0=200 | Replace#2 " P "One int 2 | F");
	/* a late answer to the old value is not the answer to the new one */
	world_post(3, HEADER_OK STATUS("1", "4", "425"));
	assert_int_equal(w.out.answer_count, 1);
	assert_int_equal(world_row("", P "One")->state, APPLIED_SENT);
	world_post(4, HEADER_OK STATUS("2", "2", "200") FINAL);
	assert_int_equal(world_row("", P "One")->state, APPLIED_OK);
	assert_int_equal(world_row("", P "One")->status, 200);
}

static void a_new_session_sends_what_was_lost(void **state)
{
	world_want("p1", "", P "One", "int", "1");
	world_queue(VERB_EXEC, "./X", "action:x");
	begin("user");
	assert_string_equal(begin("user"),
			    "| Exec#4 ./X | Replace#5 " P "One int 1 | inventory | F");
	/* what the device answers now is booked on the new commands only */
	world_post(2, HEADER_OK STATUS("1", "4", "200") STATUS("1", "5", "200") FINAL);
	assert_int_equal(w.commands[0].state, COMMAND_ANSWERED);
	assert_int_equal(world_row("", P "One")->state, APPLIED_OK);
}

static const struct {
	enum enrollment_type type;
	const char *login;
	const char *token;
	const char *want_user;
} scopes[] = {
    {ENROLLMENT_DEVICE, "user", "bob", "bob"}, {ENROLLMENT_DEVICE, "user", "", ""},
    {ENROLLMENT_DEVICE, "others", "bob", ""},  {ENROLLMENT_DEVICE, "none", "bob", ""},
    {ENROLLMENT_DEVICE, "", "bob", ""},        {ENROLLMENT_DEVICE, "rubbish", "bob", ""},
    {ENROLLMENT_FULL, "user", "", "alice"},    {ENROLLMENT_FULL, "user", "bob", "alice"},
    {ENROLLMENT_FULL, "others", "alice", ""},  {ENROLLMENT_FULL, "none", "", ""},
    {ENROLLMENT_FULL, "", "alice", ""},
};

static void follows_the_table_of_user_scope(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(scopes); i++) {
		const char *reply;

		world_teardown(NULL);
		world_setup(NULL);
		w.device.enrollment_type = scopes[i].type;
		w.token_user = scopes[i].token;
		world_want("p1", "", P "Dev", "int", "1");
		world_want("p2", "alice", UP "Usr", "int", "1");
		world_want("p2", "bob", UP "Usr", "int", "2");
		reply = begin(scopes[i].login);
		assert_non_null(strstr(reply, P "Dev int 1"));
		if (strcmp(w.session.user_object_id, scopes[i].want_user) != 0 ||
		    (strstr(reply, UP "Usr int 1") != NULL) !=
			!strcmp(scopes[i].want_user, "alice") ||
		    (strstr(reply, UP "Usr int 2") != NULL) != !strcmp(scopes[i].want_user, "bob"))
			fail_msg("case %zu: '%s' %s", i, w.session.user_object_id, reply);
	}
}

static void a_single_user_without_object_id_is_named(void **state)
{
	w.device.user_object_id = "";
	begin("user");
	assert_string_equal(w.session.user_object_id, "alice@example");
}

static void a_token_later_in_the_session_counts(void **state)
{
	w.device.enrollment_type = ENROLLMENT_DEVICE;
	world_want("p2", "bob", UP "Usr", "int", "2");
	begin("user");
	assert_string_equal(w.session.user_object_id, "");
	w.token_user = "bob";
	assert_non_null(strstr(world_post(2, HEADER_OK FINAL), UP "Usr int 2"));
	/* no token with this message: the session's user stays; another's: nobody's */
	w.token_user = "";
	world_post(3, HEADER_OK "<Alert><CmdID>2</CmdID><Data>1222</Data></Alert>");
	assert_string_equal(w.session.user_object_id, "bob");
	w.token_user = "carol";
	world_post(4, HEADER_OK FINAL);
	assert_string_equal(w.session.user_object_id, "");
}

static void queued_user_commands_wait_for_their_user(void **state)
{
	struct command *command = world_queue(VERB_EXEC, "./User/X", "action:x");

	command->scope = SCOPE_USER;
	command->user_object_id = "bob";
	command = world_queue(VERB_EXEC, "./User/Y", "action:y");
	command->scope = SCOPE_USER;
	world_queue(VERB_EXEC, "./Z", "action:z");
	assert_string_equal(begin("none"), "| Exec#4 ./Z | inventory | F");
	assert_string_equal(begin("user"), "| Exec#4 ./User/Y | Exec#5 ./Z | inventory | F");
	w.device.user_object_id = "bob";
	assert_string_equal(begin("user"), "| Exec#4 ./User/X | Exec#5 ./User/Y | Exec#6 ./Z "
					   "| inventory | F");
}

static void user_failures_are_tried_each_session(void **state)
{
	static const char *const codes[] = {"405", "500", "507"};

	world_want("p2", "alice", UP "Usr", "int", "1");
	for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
		assert_non_null(strstr(begin("user"), UP "Usr"));
		assert_string_equal(
		    world_post(2, arena_printf(&w.arena, HEADER_OK STATUS("1", "4", "%s") FINAL,
					       codes[i])),
		    "S0=200 | F");
	}
	assert_null(strstr(begin("others"), UP "Usr"));
	assert_non_null(strstr(begin("user"), UP "Usr"));
	world_post(2, HEADER_OK STATUS("1", "4", "200") FINAL);
	assert_null(strstr(begin("user"), UP "Usr"));
}

static void releases_the_status_page(void **state)
{
	const char *reply;

	w.device.enrollment_type = ENROLLMENT_DEVICE;
	assert_string_equal(begin("others"),
			    "| Replace#4 " C "FirstSyncStatus/SkipDeviceStatusPage bool true "
			    "| Replace#5 " C "FirstSyncStatus/SkipUserStatusPage bool true "
			    "| Replace#6 " C
			    "FirstSyncStatus/ServerHasFinishedProvisioning bool true "
			    "| inventory | F");
	assert_string_equal(w.out.commands[0].origin, "setup");
	world_post(2, HEADER_OK STATUS("1", "4", "200") STATUS("1", "5", "200")
			  STATUS("1", "6", "200") FINAL);
	assert_string_equal(begin("others"), "| inventory | F");
	/* the user's own, until it works */
	w.token_user = "bob";
	for (int i = 0; i < 3; i++) {
		reply = begin("user");
		assert_string_equal(reply,
				    "| Replace#4 ./User/Vendor/MSFT/DMClient/Provider/Muster/"
				    "FirstSyncStatus/ServerHasFinishedProvisioning bool true "
				    "| inventory | F");
		world_post(2, i < 2 ? HEADER_OK STATUS("1", "4", "405") FINAL
				    : HEADER_OK STATUS("1", "4", "200") FINAL);
	}
	assert_string_equal(begin("user"), "| inventory | F");
}

static void raises_the_session_version(void **state)
{
	static const struct {
		const char *max;
		const char *want;
	} cases[] = {{"1.0", NULL},  {"2.0", "2.0"}, {"3.0", "3.0"}, {"4.0", "4.0"},
		     {"5.0", "4.0"}, {"", NULL},     {"x", NULL},    {"12.0", NULL}};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *reply;

		world_teardown(NULL);
		world_setup(NULL);
		world_fact("dm_sync_version_max", cases[i].max, w.now);
		reply = strstr(begin("none"), "SyncApplicationVersion chr ");
		if (!cases[i].want) {
			assert_null(reply);
			continue;
		}
		assert_non_null(reply);
		assert_int_equal(
		    strncmp(reply + strlen("SyncApplicationVersion chr "), cases[i].want, 3), 0);
	}
}

static void asks_in_stages(void **state)
{
	w.is_inventory_shown = true;
	assert_non_null(strstr(begin("none"), "| Get#4 ./DevDetail/SwV "));
	assert_null(strstr(world_show(&w.out.reply), "SMBIOSSerialNumber"));
	/* the build is known now: ask what only newer ones have */
	assert_non_null(
	    strstr(world_post(2, HEADER_OK STATUS("1", "4", "200")
				     RESULT("1", "4", "./DevDetail/SwV", "10.0.26200.1") FINAL),
		   "SMBIOSSerialNumber"));
	assert_null(strstr(world_show(&w.out.reply), "SwV"));
	assert_string_equal(world_post(3, HEADER_OK FINAL), "S0=200 | F");
	/* live values again in the next session, slow ones not */
	world_fact("serial_number", "S1", w.now);
	assert_non_null(strstr(begin("none"), "SecureBootState"));
	assert_null(strstr(world_show(&w.out.reply), "SMBIOSSerialNumber"));
}

static void stays_within_the_count(void **state)
{
	size_t answered = 0;

	for (int i = 0; i < 250; i++)
		world_want("p1", "", arena_printf(&w.arena, P "%03d", i), "int", "1");
	begin("none");
	assert_int_equal(w.out.command_count, LIMIT_SYNCML_REPLY_COMMANDS);
	assert_true(w.out.reply.is_final);
	answered += w.out.command_count;
	for (int msg = 2; w.session.end == MANAGE_LIVE; msg++) {
		world_post(msg, HEADER_OK FINAL);
		answered += w.out.command_count;
		assert_true(w.out.command_count <= LIMIT_SYNCML_REPLY_COMMANDS);
	}
	/* each once, and what the server asks besides */
	assert_true(answered >= 250);
	for (int i = 0; i < 250; i++)
		assert_int_equal(world_row("", arena_printf(&w.arena, P "%03d", i))->tries, 1);
}

static void stays_within_the_bytes(void **state)
{
	char *big = arena_alloc(&w.arena, 150001);
	struct buf buf;

	memset(big, '<', 60000);
	for (int i = 0; i < 4; i++)
		world_want("p1", "", arena_printf(&w.arena, P "%d", i), "chr", big);
	/* an escaped '<' is four bytes: one of them in a message */
	begin("none");
	assert_int_equal(w.out.command_count, 1);
	buf_init(&buf, &w.arena);
	syncml_write(&buf, &w.out.reply);
	assert_true(buf.len <= LIMIT_SYNCML_REPLY);
	world_post(2, HEADER_OK FINAL);
	assert_int_equal(w.out.command_count, 1);
	assert_string_equal(w.out.commands[0].locuri, P "1");
	/* one that is larger than the budget goes alone */
	memset(big, '<', 150000);
	world_post(3, HEADER_OK FINAL);
	assert_int_equal(w.out.command_count, 1);
	buf_clear(&buf);
	syncml_write(&buf, &w.out.reply);
	assert_true(buf.len > LIMIT_SYNCML_REPLY);
}

static void keeps_an_add_with_its_exec(void **state)
{
	for (int i = 0; i < LIMIT_SYNCML_REPLY_COMMANDS - 1; i++)
		world_queue(VERB_EXEC, "./X", "action:x");
	world_queue(VERB_ADD, "./M", "action:app");
	world_queue(VERB_EXEC, "./M", "action:app");
	begin("none");
	assert_int_equal(w.out.command_count, LIMIT_SYNCML_REPLY_COMMANDS - 1);
	assert_non_null(strstr(world_post(2, HEADER_OK FINAL), "| Add#2 ./M | Exec#3 ./M "));
}

static void unenrols_last_and_alone(void **state)
{
	struct command *unenrol;

	world_want("p1", "", P "One", "int", "1");
	world_queue(VERB_EXEC, "./X", "action:x");
	unenrol = world_queue(VERB_EXEC, "./Vendor/MSFT/DMClient/Provider/Muster/Unenroll",
			      "action:retire");
	unenrol->format = "chr";
	unenrol->data = "Muster";
	world_queue(VERB_EXEC, "./Y", "action:y");
	assert_string_equal(begin("none"), "| Exec#4 ./X | F");
	assert_string_equal(world_post(2, HEADER_OK STATUS("1", "4", "200") FINAL),
			    "S0=200 | Exec#2 ./Vendor/MSFT/DMClient/Provider/Muster/Unenroll chr "
			    "Muster | F");
	assert_string_equal(world_post(3, HEADER_OK FINAL), "S0=200 | F");
}

static void a_wipe_that_is_accepted_ends_all(void **state)
{
	static const struct {
		const char *status;
		enum manage_end end;
	} cases[] = {
	    {"200", MANAGE_END_WIPED}, {"202", MANAGE_END_WIPED}, {"204", MANAGE_LIVE},
	    {"214", MANAGE_END_FINAL}, {"215", MANAGE_LIVE},      {"405", MANAGE_LIVE},
	    {"500", MANAGE_LIVE},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		world_queue(VERB_EXEC, "./Vendor/MSFT/RemoteWipe/doWipe", "action:wipe");
		begin("none");
		world_queue(VERB_EXEC, "./X", "action:x");
		world_post(2, arena_printf(&w.arena, HEADER_OK STATUS("1", "4", "%s") FINAL,
					   cases[i].status));
		assert_int_equal(w.session.end, cases[i].end);
		assert_int_equal(w.out.command_count, cases[i].end == MANAGE_LIVE ? 1 : 0);
		world_teardown(NULL);
		world_setup(NULL);
	}
	/* an Exec of another origin is no wipe, whatever it is called */
	world_queue(VERB_EXEC, "./Vendor/MSFT/RemoteWipe/doWipe", "action:x");
	begin("none");
	world_post(2, HEADER_OK STATUS("1", "4", "200") FINAL);
	assert_int_equal(w.session.end, MANAGE_END_FINAL);
}

static void sends_xml_as_markup_and_null_without_data(void **state)
{
	struct command *command = world_queue(VERB_EXEC, "./X", "action:x");
	const struct syncml_item *item;

	command->format = "xml";
	command->data = "<Job id=\"1\"/>";
	command = world_queue(VERB_EXEC, "./Y", "action:y");
	command->format = "null";
	command = world_queue(VERB_EXEC, "./Z", "action:z");
	command->format = "xml";
	command->data = "</Data>";
	command = world_queue(VERB_REPLACE, "./E", "action:e");
	command->format = "chr";
	begin("none");
	item = w.out.reply.commands[3].items;
	assert_true(item->is_markup);
	assert_true(text_eq_c(item->meta.type, "text/plain"));
	item = w.out.reply.commands[4].items;
	assert_null(item->data.ptr);
	assert_null(item->meta.type.ptr);
	assert_true(text_eq_c(item->meta.format, "null"));
	item = w.out.reply.commands[5].items;
	assert_false(item->is_markup);
	assert_true(text_eq_c(item->data, "</Data>"));
	/* an empty text is a value */
	item = w.out.reply.commands[6].items;
	assert_non_null(item->data.ptr);
}

#define CHUNK(cmd, size, data, more)                                                               \
	"<Results><CmdID>8</CmdID><MsgRef>1</MsgRef><CmdRef>" cmd                                  \
	"</CmdRef><Cmd>Get</Cmd><Item><Source><LocURI>./DevDetail/FwV</LocURI></Source>"           \
	"<Meta>" size "</Meta><Data>" data "</Data>" more "</Item></Results>"
#define SIZE(n) "<Size xmlns=\"syncml:metinf\">" n "</Size>"
#define MORE    "<MoreData/>"

static void begin_chunks(void)
{
	world_queue(VERB_GET, "./DevDetail/FwV", "action:x");
	world_queue(VERB_GET, "./DevDetail/HwV", "action:x");
	begin("none");
}

static void puts_chunks_together(void **state)
{
	begin_chunks();
	assert_string_equal(
	    world_post(2, HEADER_OK STATUS("1", "4", "200") CHUNK("4", SIZE("9"), "abc", MORE)),
	    "S0=200 S8=213 | A1222 |");
	assert_null(world_fact_value("firmware_version"));
	assert_string_equal(world_post(3, HEADER_OK CHUNK("4", "", "def", MORE)),
			    "S0=200 S8=213 | A1222 |");
	assert_string_equal(world_post(4, HEADER_OK CHUNK("4", "", "ghi", "") FINAL), "S0=200 | F");
	assert_string_equal(world_fact_value("firmware_version"), "abcdefghi");
	assert_string_equal(w.session.partial.uri, "");
}

static void a_final_with_more_data_still_asks_for_it(void **state)
{
	begin_chunks();
	assert_string_equal(world_post(2, HEADER_OK CHUNK("4", SIZE("6"), "abc", MORE) FINAL),
			    "S0=200 S8=213 | A1222 |");
}

static void drops_a_value_of_the_wrong_size(void **state)
{
	static const char *const last[] = {"de", "defg"};

	for (size_t i = 0; i < ARRAY_LEN(last); i++) {
		world_teardown(NULL);
		world_setup(NULL);
		begin_chunks();
		world_post(2, HEADER_OK CHUNK("4", SIZE("6"), "abc", MORE));
		assert_string_equal(
		    world_post(3, arena_printf(&w.arena, HEADER_OK CHUNK("4", "", "%s", "") FINAL,
					       last[i])),
		    "S0=200 S8=424 | F");
		assert_null(world_fact_value("firmware_version"));
	}
}

static void tells_when_the_end_does_not_come(void **state)
{
	static const char *const others[] = {
	    HEADER_OK FINAL,
	    HEADER_OK CHUNK("5", "", "def", "") FINAL,
	};

	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		world_teardown(NULL);
		world_setup(NULL);
		begin_chunks();
		world_post(2, HEADER_OK CHUNK("4", SIZE("6"), "abc", MORE));
		assert_string_equal(world_post(3, others[i]), "S0=200 | A1225 | F");
		assert_string_equal(w.session.partial.uri, "");
		assert_null(world_fact_value("firmware_version"));
		assert_int_equal(w.session.end, MANAGE_LIVE);
		assert_string_equal(world_post(4, HEADER_OK FINAL), "S0=200 | F");
	}
}

static void the_client_may_give_a_value_up(void **state)
{
	begin_chunks();
	world_post(2, HEADER_OK CHUNK("4", SIZE("6"), "abc", MORE));
	assert_string_equal(
	    world_post(3, HEADER_OK "<Alert><CmdID>2</CmdID><Data>1225</Data></Alert>" FINAL),
	    "S0=200 S2=200 | F");
	assert_string_equal(w.session.partial.uri, "");
}

static void bounds_what_is_put_together(void **state)
{
	char *data = arena_alloc(&w.arena, 300001);

	memset(data, 'a', 300000);
	begin_chunks();
	assert_string_equal(world_post(2, HEADER_OK CHUNK("4", SIZE("999999999"), "abc", MORE)),
			    "S0=200 S8=413 | A1222 |");
	assert_string_equal(
	    world_post(3, arena_printf(&w.arena, HEADER_OK CHUNK("4", "", "%s", MORE), data)),
	    "S0=200 S8=213 | A1222 |");
	assert_string_equal(
	    world_post(4, arena_printf(&w.arena, HEADER_OK CHUNK("4", "", "%s", MORE), data)),
	    "S0=200 S8=413 | A1222 |");
	assert_string_equal(w.session.partial.uri, "");
}

static void pieces_of_nothing_asked_are_not_kept(void **state)
{
	begin_chunks();
	assert_string_equal(world_post(2, HEADER_OK CHUNK("77", SIZE("6"), "abc", MORE) FINAL),
			    "S0=200 | F");
	assert_int_equal(w.out.ignored, 1);
	assert_string_equal(w.session.partial.uri, "");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(sends_settings_once),
	    TEST(settings_that_go_together),
	    TEST(deletes_and_changes),
	    TEST(never_sends_twice_in_one_session),
	    TEST(tries_an_add_where_there_is_no_node),
	    TEST(a_new_value_may_follow_in_the_same_session),
	    TEST(a_new_session_sends_what_was_lost),
	    TEST(follows_the_table_of_user_scope),
	    TEST(a_single_user_without_object_id_is_named),
	    TEST(a_token_later_in_the_session_counts),
	    TEST(queued_user_commands_wait_for_their_user),
	    TEST(user_failures_are_tried_each_session),
	    TEST(releases_the_status_page),
	    TEST(raises_the_session_version),
	    TEST(asks_in_stages),
	    TEST(stays_within_the_count),
	    TEST(stays_within_the_bytes),
	    TEST(keeps_an_add_with_its_exec),
	    TEST(unenrols_last_and_alone),
	    TEST(a_wipe_that_is_accepted_ends_all),
	    TEST(sends_xml_as_markup_and_null_without_data),
	    TEST(puts_chunks_together),
	    TEST(a_final_with_more_data_still_asks_for_it),
	    TEST(drops_a_value_of_the_wrong_size),
	    TEST(tells_when_the_end_does_not_come),
	    TEST(the_client_may_give_a_value_up),
	    TEST(bounds_what_is_put_together),
	    TEST(pieces_of_nothing_asked_are_not_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
