/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_manage.c: messages against a real database: what is durable after each, what is refused
 * without a trace, who wins a race, and what retiring leaves behind. Every case runs on SQLite, and
 * on PostgreSQL where MUSTER_TEST_POSTGRES names one. A case number in a name: an abuse case.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "manage/commit.h"
#include "manage/manage.h"
#include "manage/policy_seal.h"
#include "manage/unenrol.h"
#include "model/audit.h"
#include "store/applied.h"
#include "store/audit.h"
#include "store/certificate.h"
#include "store/command.h"
#include "store/compliance.h"
#include "store/device.h"
#include "store/fact.h"
#include "store/group.h"
#include "store/outbox.h"
#include "store/policy.h"
#include "store/tag.h"
#include "store/tenant.h"
#include "store/test_store.h"

#define TENANT  "11111111-1111-4111-8111-111111111111"
#define DEVICE  "22222222-2222-4222-8222-111111111111"
#define DEVICE2 "22222222-2222-4222-8222-222222222222"
#define ENTRA   "33333333-3333-4333-8333-111111111111"
#define ALICE   "55555555-5555-4555-8555-111111111111"
#define GROUP   "66666666-6666-4666-8666-111111111111"
#define URL     "https://manage.example/ManagementServer/MDM.svc"
#define NODE    "./Device/Vendor/MSFT/Policy/Config/A/B"

#define PACKAGE_1                                                                                  \
	"<Alert><CmdID>2</CmdID><Data>1201</Data></Alert><Alert><CmdID>3</CmdID><Data>1224</Data>" \
	"<Item><Meta><Type xmlns=\"syncml:metinf\">com.microsoft/MDM/LoginStatus</Type></Meta>"    \
	"<Data>user</Data></Item></Alert>"
#define STATUS(msg, cmd, code)                                                                     \
	"<Status><CmdID>9</CmdID><MsgRef>" msg "</MsgRef><CmdRef>" cmd "</CmdRef><Cmd>x</Cmd>"     \
	"<Data>" code "</Data></Status>"
#define HEADER_OK STATUS("1", "0", "200")
#define FINAL     "<Final/>"

enum { NOW = 1700000000 };

static enum store_fixture_kind kind;
static struct store_fixture f;
static struct server_keys keys;
static const struct config config;
static struct op op;
static struct device device;
static struct entra_principal alice = {.tenant_id = TENANT, .object_id = ALICE, .device_id = ""};
static const struct entra_principal *user;
static const char *certificate; /* what the next message comes with */
static const char *last_reply;

struct write {
	int (*fn)(struct db_conn *tx, const void *what);
	const void *what;
};

static int write_one(struct db_conn *tx, void *argument)
{
	const struct write *write = argument;

	return write->fn(tx, write->what);
}

#define WRITER(name, type, call)                                                                   \
	static int name(struct db_conn *tx, const void *what)                                      \
	{                                                                                          \
		const type *a = what;                                                              \
                                                                                                   \
		return call;                                                                       \
	}

WRITER(tenant_add, struct tenant, store_tenant_add(tx, a))
WRITER(device_add, struct device, store_device_add(tx, a))
WRITER(device_update, struct device, store_device_update(tx, a))
WRITER(certificate_add, struct device_certificate, store_certificate_add(tx, a))
WRITER(sealed_add, struct policy, store_policy_add(tx, a))
WRITER(policy_remove, char, store_policy_remove(tx, text_of(TENANT), text_of(a)))
WRITER(compliance_add, struct compliance_policy, store_compliance_add(tx, a))
WRITER(command_add, struct command, store_command_add(tx, a))
WRITER(command_cancel, char,
       store_command_cancel(tx, text_of(TENANT), text_of(DEVICE), text_of(a), NOW))
WRITER(tag_add, char, store_tag_add(tx, text_of(TENANT), text_of(DEVICE), text_of(a)))
WRITER(groups_set, struct text,
       store_group_replace(tx, text_of(TENANT), text_of(ALICE), a, a->len > 0, NOW, NOW))

static void put(int (*fn)(struct db_conn *tx, const void *what), const void *what)
{
	struct write write = {fn, what};
	int r = db_transact(f.db, write_one, &write);

	if (r)
		fail_msg("write: %d %s", r, db_error(f.db));
}

static struct device make_device(const char *id, const char *dm_id, const char *entra)
{
	return (struct device){.tenant_id = TENANT,
			       .id = id,
			       .entra_device_id = entra,
			       .dm_device_id = dm_id,
			       .name = "PC",
			       .enrollment_type = ENROLLMENT_FULL,
			       .user_principal_name = "alice@example",
			       .user_object_id = ALICE,
			       .state = DEVICE_ENROLLED,
			       .os_version = "",
			       .os_edition = "",
			       .retired_reason = "",
			       .compliance_reasons = "[]",
			       .is_sync_wanted = true};
}

static void add_certificate(const char *sha256, const char *device_id, enum certificate_state state)
{
	struct device_certificate row = {.tenant_id = TENANT,
					 .id = sha256,
					 .device_id = device_id,
					 .serial = sha256,
					 .spki_sha256 = sha256,
					 .token_sha256 = "",
					 .sha256 = sha256,
					 .der = "",
					 .state = state};

	put(certificate_add, &row);
}

static int setup(void **state)
{
	struct tenant tenant = {.tenant_id = TENANT,
				.domain = "example",
				.login_url = "",
				.graph_url = "",
				.client_id = "c",
				.graph_error = "",
				.is_enabled = true};
	struct device other = make_device(DEVICE2, "DEVB", "");

	store_fixture_open(&f, kind);
	op = (struct op){.arena = &f.arena, .source = "192.0.2.1", .keys = &keys, .db = f.db};
	op.config = &config, op.now = NOW;
	snprintf(op.trace_id, sizeof(op.trace_id), "trace");
	secret_set(&keys.commands, TEXT("0123456789abcdef0123456789abcdef"));
	secret_set(&keys.policies, TEXT("fedcba9876543210fedcba9876543210"));
	device = make_device(DEVICE, "DEV", ENTRA);
	user = NULL;
	put(tenant_add, &tenant);
	put(device_add, &device);
	put(device_add, &other);
	certificate = "c";
	add_certificate("c", DEVICE, CERTIFICATE_ACTIVE);
	return 0;
}

static int teardown(void **state)
{
	store_fixture_close(&f);
	secret_done(&keys.commands);
	secret_done(&keys.policies);
	return 0;
}

static int post_as(const char *source, int msg, const char *body)
{
	char *document = arena_printf(
	    &f.arena,
	    "<SyncML xmlns=\"SYNCML:SYNCML1.2\"><SyncHdr><SessionID>1</SessionID><MsgID>%d</MsgID>"
	    "<Target><LocURI>" URL "</LocURI></Target><Source><LocURI>%s</LocURI></Source>"
	    "</SyncHdr><SyncBody>%s</SyncBody></SyncML>",
	    msg, source, body);
	struct syncml message;
	struct manage_request in = {.device = &device,
				    .certificate = certificate,
				    .message = &message,
				    .body = text_of(document),
				    .user = user,
				    .origin = TEXT("3"),
				    .url = URL};
	struct buf reply;
	int r;

	assert_int_equal(syncml_read(&f.arena, text_of(document), &message), 0);
	buf_init(&reply, &f.arena);
	trail_reset(&op.trail);
	r = manage_message(&op, &in, &reply);
	if (r < 0)
		fail_msg("%s", op.trail.text);
	last_reply = reply.len ? reply.data : "";
	return r;
}

static int post(int msg, const char *body)
{
	return post_as("DEV", msg, body);
}

/* CmdID of the command in the last reply that names this address. */
static const char *sent_id(const char *uri)
{
	const char *at = strstr(last_reply, arena_printf(&f.arena, "<LocURI>%s</LocURI>", uri));
	const char *id = NULL;

	if (!at)
		return NULL;
	for (const char *next = strstr(last_reply, "<CmdID>"); next && next < at;
	     next = strstr(next + 1, "<CmdID>"))
		id = next + strlen("<CmdID>");
	return id ? arena_cstr(&f.arena, text_make(id, strcspn(id, "<"))) : NULL;
}

static int64_t number(const char *sql)
{
	return store_fixture_number(f.db, sql);
}

static const char *fact_value(const char *name)
{
	struct fact *facts;
	size_t n;

	assert_int_equal(store_fact_list(db_reader(f.db), &f.arena, text_of(TENANT),
					 text_of(DEVICE), &facts, &n),
			 0);
	for (size_t i = 0; i < n; i++) {
		if (!strcmp(facts[i].name, name))
			return facts[i].value;
	}
	return NULL;
}

static struct device stored_device(void)
{
	struct device stored;

	assert_int_equal(
	    store_device_load(db_reader(f.db), &f.arena, text_of(TENANT), text_of(DEVICE), &stored),
	    0);
	return stored;
}

static struct applied_setting stored_row(void)
{
	struct applied_setting *rows;
	size_t n;

	assert_int_equal(store_applied_list(db_reader(f.db), &f.arena, text_of(TENANT),
					    text_of(DEVICE), &rows, &n),
			 0);
	assert_int_equal(n, 1);
	return rows[0];
}

static struct setting node_setting = {NODE, "int", "1"};
static struct assignment for_all = {.kind = ASSIGN_ALL, .value = ""};

static void put_policy(const struct policy *policy)
{
	struct policy sealed = policy_seal(&f.arena, &keys, policy);

	put(sealed_add, &sealed);
}

static struct policy make_policy(struct assignment *assignments, size_t n)
{
	return (struct policy){.tenant_id = TENANT,
			       .id = "policy-1",
			       .name = "One",
			       .scope = SCOPE_DEVICE,
			       .settings = &node_setting,
			       .setting_count = 1,
			       .assignments = assignments,
			       .assignment_count = n,
			       .version = 1};
}

static void queue(const char *id, enum command_verb verb, const char *uri)
{
	struct command command = {.tenant_id = TENANT,
				  .device_id = DEVICE,
				  .id = id,
				  .verb = verb,
				  .user_object_id = "",
				  .locuri = uri,
				  .format = "",
				  .data = "",
				  .origin = "action:test",
				  .session_id = "",
				  .original_error = "",
				  .created_at = NOW};

	put(command_add, &command);
}

static struct command stored_command(const char *id)
{
	struct command command;

	assert_int_equal(store_command_load(db_reader(f.db), &f.arena, text_of(TENANT),
					    text_of(DEVICE), text_of(id), &command),
			 0);
	return command;
}

static void a_session_becomes_durable(void **state)
{
	struct policy policy = make_policy(&for_all, 1);
	const char *version, *node;

	put_policy(&policy);
	queue("a", VERB_EXEC, "./X");
	assert_int_equal(post(1, PACKAGE_1
			      "<Replace><CmdID>4</CmdID><Item><Source><LocURI>./DevInfo/Mod"
			      "</LocURI></Source><Data>Model</Data></Item></Replace>" FINAL),
			 0);
	version = sent_id("./DevDetail/SwV");
	node = sent_id(NODE);
	assert_non_null(version);
	assert_non_null(node);
	assert_non_null(strstr(last_reply, "<Data>1</Data>"));
	assert_string_equal(fact_value("model"), "Model");
	assert_int_equal(stored_row().state, APPLIED_SENT);
	assert_int_equal(stored_command("a").state, COMMAND_SENT);
	assert_false(stored_device().is_sync_wanted);
	assert_int_equal(stored_device().last_seen_at, NOW);
	assert_int_equal(number("SELECT COUNT(*) FROM commands WHERE data <> ''"), 0);

	assert_int_equal(
	    post(
		2,
		arena_printf(
		    &f.arena,
		    HEADER_OK STATUS("1", "%s", "200") STATUS("1", "%s", "200") STATUS(
			"1", "%s",
			"200") "<Results><CmdID>7</CmdID><MsgRef>1"
			       "</MsgRef><CmdRef>%s</CmdRef><Item><Source><LocURI>./DevDetail/SwV"
			       "</LocURI></Source><Data>10.0.26200.1</Data></Item></Results>" FINAL,
		    sent_id("./X"), node, version, version)),
	    0);
	assert_string_equal(stored_device().os_version, "10.0.26200.1");
	assert_int_equal(stored_row().state, APPLIED_OK);
	assert_int_equal(stored_row().status, 200);
	assert_int_equal(stored_command("a").state, COMMAND_ANSWERED);
	/* the build is known now, so there is more to ask */
	assert_non_null(sent_id("./DevDetail/Ext/Microsoft/SMBIOSSerialNumber"));
	assert_int_equal(post(3, HEADER_OK FINAL), 0);
	assert_null(strstr(last_reply, "<Get>"));
	assert_int_equal(number("SELECT COUNT(*) FROM sessions WHERE ended_at <> 0 AND"
				" end_reason = 'final' AND login_status = 'user' AND origin = '3'"),
			 1);
	/* the next session sends nothing again but questions, and keeps none of the old ones */
	op.now += 3600;
	assert_int_equal(post(1, PACKAGE_1 FINAL), 0);
	assert_null(sent_id(NODE));
	assert_null(sent_id("./X"));
	assert_int_equal(number("SELECT COUNT(DISTINCT session_id) FROM commands WHERE"
				" origin = 'inventory'"),
			 1);
}

static void the_same_message_gets_the_same_reply(void **state)
{
	const char *first;
	int64_t rows;

	queue("a", VERB_EXEC, "./X");
	assert_int_equal(post(1, PACKAGE_1 FINAL), 0);
	first = last_reply;
	rows = number("SELECT COUNT(*) FROM commands");
	assert_int_equal(post(1, PACKAGE_1 FINAL), 0);
	assert_string_equal(last_reply, first);
	assert_int_equal(number("SELECT COUNT(*) FROM commands"), rows);
	assert_int_equal(number("SELECT COUNT(*) FROM sessions"), 1);
	/* also the last one of a session that ended */
	assert_int_equal(post(2, HEADER_OK FINAL), 0);
	first = last_reply;
	assert_int_equal(post(2, HEADER_OK FINAL), 0);
	assert_string_equal(last_reply, first);
	/* another message under the same number is not it */
	assert_int_equal(post(2, HEADER_OK STATUS("1", "4", "200") FINAL), MANAGE_E_SEQUENCE);
	assert_string_equal(last_reply, "");
	/* replies are not kept in the clear */
	assert_int_equal(number("SELECT COUNT(*) FROM sessions WHERE last_reply LIKE '%SyncML%'"),
			 0);
	assert_int_equal(number("SELECT COUNT(*) FROM sessions WHERE last_reply <> ''"), 1);
}

static void case13_another_device_is_refused_and_recorded(void **state)
{
	struct audit_filter all = {.action = TEXT("device.session")};
	struct audit_entry *entries;
	size_t n;

	assert_int_equal(post_as("DEVB", 1, PACKAGE_1 FINAL), MANAGE_E_SOURCE_MISMATCH);
	assert_string_equal(last_reply, "");
	assert_int_equal(number("SELECT COUNT(*) FROM sessions"), 0);
	assert_int_equal(number("SELECT COUNT(*) FROM commands"), 0);
	assert_int_equal(
	    store_audit_list(db_reader(f.db), &f.arena, &all, TEXT_EMPTY, 10, &entries, &n), 0);
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

	assert_int_equal(post(1, PACKAGE_1 FINAL), 0);
	/* a command of another device that even names this device's session */
	other.session_id = arena_string(&f.arena, "");
	put(command_add, &other);
	assert_int_equal(
	    store_fixture_run(f.db, "UPDATE commands SET session_id = (SELECT id FROM sessions)"
				    " WHERE id = 'b'"),
	    0);
	assert_int_equal(post(2, HEADER_OK STATUS("1", "77", "200") FINAL), 0);
	assert_int_equal(number("SELECT COUNT(*) FROM commands WHERE id = 'b' AND state = 'sent'"),
			 1);
}

static void unanswered_commands_come_again(void **state)
{
	queue("a", VERB_EXEC, "./X");
	assert_int_equal(post(1, PACKAGE_1 FINAL), 0);
	assert_non_null(sent_id("./X"));
	op.now += 3600;
	queue("b", VERB_EXEC, "./Y");
	assert_int_equal(post(1, PACKAGE_1 FINAL), 0);
	assert_non_null(sent_id("./X"));
	assert_non_null(sent_id("./Y"));
	assert_true(strstr(last_reply, "./X") < strstr(last_reply, "./Y"));
	assert_int_equal(stored_command("a").state, COMMAND_SENT);
	assert_int_equal(stored_command("a").msg_id, 1);
	/* an administrator changed his mind about one that is not sent yet */
	queue("c", VERB_EXEC, "./Z");
	put(command_cancel, "c");
	assert_int_equal(post(2, HEADER_OK FINAL), 0);
	assert_null(sent_id("./Z"));
}

static void a_lost_race_writes_nothing(void **state)
{
	struct manage_output out = {.session = {.id = "x",
						.session_id = "1",
						.msg_id = 2,
						.user_object_id = "",
						.request_sha256 = "h",
						.partial = {"", "", 0, ""}}};
	struct manage_commit commit = {
	    .op = &op, .device = &device, .certificate = "c", .mode = MANAGE_CONTINUE, .out = &out};
	struct fact fact = {"model", "Wrong", NOW};
	struct session_row row;

	assert_int_equal(post(1, PACKAGE_1 FINAL), 0);
	assert_int_equal(
	    store_session_latest(db_reader(f.db), &f.arena, text_of(TENANT), text_of(DEVICE), &row),
	    0);
	out.session.id = row.id;
	out.facts = &fact;
	out.fact_count = 1;
	commit.row = manage_session_to_row(&f.arena, &device, &out.session);
	commit.expected_msg_id = 5;
	assert_int_equal(manage_commit(&commit), MANAGE_STALE);
	assert_null(fact_value("model"));
	/* a command that is no longer queued */
	commit.expected_msg_id = 1;
	out.commands = &(struct command){.id = "gone", .session_id = row.id};
	out.command_count = 1;
	assert_int_equal(manage_commit(&commit), MANAGE_STALE);
	assert_null(fact_value("model"));
	out.command_count = 0;
	assert_int_equal(manage_commit(&commit), 0);
	assert_string_equal(fact_value("model"), "Wrong");
}

/* The edge saw it active; by the time of the write the device may have enrolled again. */
static void a_certificate_taken_back_meanwhile_writes_nothing(void **state)
{
	static const char *const sha256[] = {"old", "gone", "of-another", "not-yet", "nowhere"};

	add_certificate("old", DEVICE, CERTIFICATE_SUPERSEDED);
	add_certificate("gone", DEVICE, CERTIFICATE_REVOKED);
	add_certificate("of-another", DEVICE2, CERTIFICATE_ACTIVE);
	add_certificate("not-yet", DEVICE, CERTIFICATE_INTENDED);
	for (size_t i = 0; i < ARRAY_LEN(sha256); i++) {
		certificate = sha256[i];
		if (post(1, PACKAGE_1 FINAL) != MANAGE_E_RETIRED)
			fail_msg("%s", sha256[i]);
		assert_string_equal(last_reply, "");
	}
	assert_int_equal(stored_device().last_seen_at, 0);
	assert_int_equal(number("SELECT COUNT(*) FROM sessions"), 0);
	assert_int_equal(number("SELECT COUNT(*) FROM commands"), 0);
	certificate = "c";
	assert_int_equal(post(1, PACKAGE_1 FINAL), 0);
	certificate = "old"; /* and in the middle of a session */
	assert_int_equal(post(2, HEADER_OK FINAL), MANAGE_E_RETIRED);
	assert_int_equal(number("SELECT MAX(client_msg_id) FROM sessions"), 1);
}

static void user_scope_needs_a_token_of_this_tenant_and_device(void **state)
{
	static const struct {
		const char *tenant;
		const char *entra_device;
		bool is_user;
	} cases[] = {
	    {TENANT, "", true},
	    {TENANT, ENTRA, true},
	    {TENANT, "33333333-3333-4333-8333-999999999999", false},
	    {"11111111-1111-4111-8111-999999999999", ENTRA, false},
	};
	struct policy policy = make_policy(&for_all, 1);
	struct setting setting = {"./User/Vendor/MSFT/Policy/Config/A/B", "int", "1"};

	policy.scope = SCOPE_USER;
	policy.settings = &setting;
	put_policy(&policy);
	device.enrollment_type = ENROLLMENT_DEVICE;
	put(device_update, &device);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct entra_principal principal = alice;

		op.now += 3600;
		principal.tenant_id = cases[i].tenant;
		principal.device_id = cases[i].entra_device;
		user = &principal;
		assert_int_equal(post(1, PACKAGE_1 FINAL), 0);
		if ((sent_id(setting.locuri) != NULL) != cases[i].is_user)
			fail_msg("case %zu", i);
	}
	assert_int_equal(number("SELECT COUNT(*) FROM applied_settings WHERE user_object_id ="
				" '" ALICE "' AND policy_id = 'policy-1'"),
			 1);
}

static void a_setting_of_the_wrong_scope_is_not_sent(void **state)
{
	struct policy policy = make_policy(&for_all, 1);
	struct setting setting = {"./user/Vendor/MSFT/Policy/Config/A/B", "int", "1"};

	policy.settings = &setting;
	put_policy(&policy);
	assert_int_equal(post(1, PACKAGE_1 FINAL), 0);
	assert_null(sent_id(setting.locuri));
}

/* Whether the setting went out, in a new session whose settings are all answered well. */
static const char *settle(void)
{
	const char *id, *verb = "nothing";

	op.now += 3600;
	assert_int_equal(post(1, PACKAGE_1 FINAL), 0);
	id = sent_id(NODE);
	if (!id)
		return verb;
	verb = strstr(last_reply, "<Delete>") ? "delete" : "replace";
	assert_int_equal(
	    post(2, arena_printf(&f.arena, HEADER_OK STATUS("1", "%s", "200") FINAL, id)), 0);
	return verb;
}

static void groups_decide_when_they_are_known(void **state)
{
	struct assignment group = {.kind = ASSIGN_GROUP, .value = GROUP};
	struct policy policy = make_policy(&group, 1);
	struct text member = text_of(GROUP), none = TEXT_EMPTY;

	put_policy(&policy);
	assert_string_equal(settle(), "nothing");
	put(groups_set, &none);
	assert_string_equal(settle(), "nothing");
	put(groups_set, &member);
	assert_string_equal(settle(), "replace");
	assert_string_equal(settle(), "nothing");
	/* forgetting what Graph told takes nothing away; being told otherwise does */
	assert_int_equal(store_fixture_run(f.db, "DELETE FROM users"), 0);
	assert_string_equal(settle(), "nothing");
	assert_int_equal(stored_row().state, APPLIED_OK);
	put(groups_set, &none);
	assert_string_equal(settle(), "delete");
	assert_int_equal(number("SELECT COUNT(*) FROM applied_settings"), 0);
}

static void tags_and_removal_decide(void **state)
{
	struct assignment tag = {.kind = ASSIGN_TAG, .value = "lab"};
	struct policy policy = make_policy(&tag, 1);

	put_policy(&policy);
	assert_string_equal(settle(), "nothing");
	put(tag_add, "lab");
	assert_string_equal(settle(), "replace");
	put(policy_remove, "policy-1");
	assert_string_equal(settle(), "delete");
	assert_string_equal(settle(), "nothing");
}

static void facts_are_judged_in_the_same_transaction(void **state)
{
	struct compliance_rule rule = {.fact = "firewall", .operator= RULE_EQ, .value = "0"};
	struct compliance_policy policy = {.tenant_id = TENANT,
					   .id = "c1",
					   .name = "Safe",
					   .rules = &rule,
					   .rule_count = 1,
					   .assignments = &for_all,
					   .assignment_count = 1};
	const char *uri = "./Device/Vendor/MSFT/DeviceStatus/Firewall/Status";
	static const char *const values[] = {"0", "1"};

	put(compliance_add, &policy);
	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		const char *id;

		op.now += 3600;
		assert_int_equal(post(1, PACKAGE_1 FINAL), 0);
		id = sent_id(uri);
		assert_non_null(id);
		assert_int_equal(
		    post(2, arena_printf(
				&f.arena,
				HEADER_OK STATUS(
				    "1", "%s",
				    "200") "<Results><CmdID>7</CmdID><MsgRef>1</MsgRef><CmdRef>%s"
					   "</CmdRef><Item><Source><LocURI>%s</LocURI></Source>"
					   "<Data>%s</Data></Item></Results>" FINAL,
				id, id, uri, values[i])),
		    0);
		assert_int_equal(stored_device().compliance_state,
				 i ? COMPLIANCE_NONCOMPLIANT : COMPLIANCE_COMPLIANT);
		assert_int_equal(number("SELECT is_compliant FROM outbox WHERE state = 'pending'"),
				 !i);
	}
}

static void chunks_survive_between_messages(void **state)
{
	const char *id;

	assert_int_equal(post(1, PACKAGE_1 FINAL), 0);
	id = sent_id("./DevDetail/FwV");
	assert_non_null(id);
	assert_int_equal(
	    post(2, arena_printf(&f.arena,
				 HEADER_OK
				 "<Results><CmdID>7</CmdID><MsgRef>1</MsgRef><CmdRef>%s"
				 "</CmdRef><Item><Source><LocURI>./DevDetail/FwV</LocURI></Source>"
				 "<Meta><Size>6</Size></Meta><Data>ab\"</Data><MoreData/></Item>"
				 "</Results>",
				 id)),
	    0);
	assert_non_null(strstr(last_reply, "<Data>213</Data>"));
	assert_non_null(strstr(last_reply, "<Data>1222</Data>"));
	assert_null(strstr(last_reply, "<Final/>"));
	assert_int_equal(
	    post(3, arena_printf(&f.arena,
				 HEADER_OK
				 "<Results><CmdID>7</CmdID><MsgRef>1</MsgRef><CmdRef>%s"
				 "</CmdRef><Item><Source><LocURI>./DevDetail/FwV</LocURI></Source>"
				 "<Data>def</Data></Item></Results>" FINAL,
				 id)),
	    0);
	assert_string_equal(fact_value("firmware_version"), "ab\"def");
}

static void assert_retired(const char *reason)
{
	struct device stored = stored_device();

	assert_int_equal(stored.state, DEVICE_RETIRED);
	assert_string_equal(stored.retired_reason, reason);
	assert_int_equal(stored.retired_at, op.now);
	assert_int_equal(number("SELECT COUNT(*) FROM certificates WHERE state = 'revoked'"), 1);
	assert_int_equal(number("SELECT COUNT(*) FROM commands WHERE state IN ('queued', 'sent')"),
			 0);
	assert_int_equal(number("SELECT COUNT(*) FROM applied_settings"), 0);
	assert_int_equal(number("SELECT COUNT(*) FROM outbox WHERE state = 'pending'"
				" AND is_managed = 0 AND is_compliant = 0 AND entra_device_id ="
				" '" ENTRA "'"),
			 1);
	assert_int_equal(number("SELECT COUNT(*) FROM audit WHERE action = 'device.retire'"), 1);
}

static void leaving_retires_the_device(void **state)
{
	struct policy policy = make_policy(&for_all, 1);

	put_policy(&policy);
	assert_int_equal(post(1, PACKAGE_1 FINAL), 0);
	queue("a", VERB_EXEC, "./X");
	op.now += 3600;
	assert_int_equal(post(1,
			      PACKAGE_1 "<Alert><CmdID>4</CmdID><Data>1226</Data><Item><Meta><Type>"
					"com.microsoft:mdm.unenrollment.userrequest</"
					"Type><Format>int</Format><Mark>critical"
					"</Mark></Meta><Data>1</Data></Item></Alert>" FINAL),
			 0);
	/* this session still gets its answer */
	assert_non_null(strstr(last_reply, "<CmdRef>4</CmdRef><Cmd>Alert</Cmd><Data>200</Data>"));
	assert_non_null(strstr(last_reply, "<Final/>"));
	assert_null(strstr(last_reply, "<Exec>"));
	assert_null(strstr(last_reply, "<Get>"));
	assert_retired("unenrolled");
	assert_int_equal(number("SELECT COUNT(*) FROM sessions WHERE end_reason = 'unenrolled'"),
			 1);
	/* and no other: the edge's copy of the device may be old */
	op.now += 3600;
	assert_int_equal(post(1, PACKAGE_1 FINAL), MANAGE_E_RETIRED);
	device = stored_device();
	assert_int_equal(post(1, PACKAGE_1 FINAL), MANAGE_E_RETIRED);
	assert_int_equal(number("SELECT COUNT(*) FROM outbox"), 1);
}

static int retire(struct db_conn *tx, void *argument)
{
	static const struct manage_retirement how = {.reason = "lost",
						     .actor = "token:a",
						     .source = "192.0.2.1",
						     .trace_id = "trace",
						     .now = NOW};

	return manage_retire(tx, &f.arena, argument, &how);
}

static void an_administrator_retires_a_device(void **state)
{
	struct device stored = stored_device();

	queue("a", VERB_EXEC, "./X");
	assert_int_equal(db_transact(f.db, retire, &stored), 0);
	assert_retired("lost");
	assert_int_equal(number("SELECT COUNT(*) FROM audit WHERE actor = 'token:a'"), 1);
	stored = stored_device();
	assert_int_equal(db_transact(f.db, retire, &stored), MANAGE_RETIRE_E_ALREADY);
	assert_int_equal(number("SELECT COUNT(*) FROM audit WHERE action = 'device.retire'"), 1);
	assert_int_equal(stored_device().retired_at, op.now);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_session_becomes_durable),
	    TEST(the_same_message_gets_the_same_reply),
	    TEST(case13_another_device_is_refused_and_recorded),
	    TEST(case14_answers_reach_only_the_own_device),
	    TEST(unanswered_commands_come_again),
	    TEST(a_lost_race_writes_nothing),
	    TEST(a_certificate_taken_back_meanwhile_writes_nothing),
	    TEST(user_scope_needs_a_token_of_this_tenant_and_device),
	    TEST(a_setting_of_the_wrong_scope_is_not_sent),
	    TEST(groups_decide_when_they_are_known),
	    TEST(tags_and_removal_decide),
	    TEST(facts_are_judged_in_the_same_transaction),
	    TEST(chunks_survive_between_messages),
	    TEST(leaving_retires_the_device),
	    TEST(an_administrator_retires_a_device),
	};
	int failed;

	kind = FIXTURE_SQLITE;
	failed = cmocka_run_group_tests_name("sqlite", tests, NULL, NULL);
	if (store_fixture_has_postgres()) {
		kind = FIXTURE_POSTGRES;
		failed += cmocka_run_group_tests_name("postgres", tests, NULL, NULL);
	}
	return failed;
}
