/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_durable.c: see test_durable.h.
 */
#include "manage/test_durable.h"

#include <stdio.h>

#include "manage/manage.h"
#include "manage/policy_seal.h"
#include "store/certificate.h"
#include "store/policy.h"
#include "store/tenant.h"

struct durable d;

static const struct config config;
static struct setting durable_setting = {NODE, "int", "1"};
struct assignment durable_for_all = {.kind = ASSIGN_ALL, .value = ""};

struct write {
	int (*fn)(struct db_conn *tx, const void *what);
	const void *what;
};

static int write_one(struct db_conn *tx, void *argument)
{
	const struct write *write = argument;

	return write->fn(tx, write->what);
}

WRITER(tenant_add, struct tenant, store_tenant_add(tx, a))
WRITER(device_add, struct device, store_device_add(tx, a))
WRITER(certificate_add, struct device_certificate, store_certificate_add(tx, a))
WRITER(sealed_add, struct policy, store_policy_add(tx, a))
WRITER(command_add, struct command, store_command_add(tx, a))

void durable_put(int (*fn)(struct db_conn *tx, const void *what), const void *what)
{
	struct write write = {fn, what};
	int r = db_transact(d.store.db, write_one, &write);

	if (r)
		fail_msg("write: %d %s", r, db_error(d.store.db));
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

void durable_add_certificate(const char *sha256, const char *device_id,
			     enum certificate_state state)
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

	durable_put(certificate_add, &row);
}

int durable_setup(void **state)
{
	struct tenant tenant = {.tenant_id = TENANT,
				.domain = "example",
				.login_url = "",
				.graph_url = "",
				.client_id = "c",
				.graph_error = "",
				.is_enabled = true};
	struct device other = make_device(DEVICE2, "DEVB", "");

	store_fixture_open(&d.store, d.kind);
	d.op = (struct op){
	    .arena = &d.store.arena, .source = "192.0.2.1", .keys = &d.keys, .db = d.store.db};
	d.op.config = &config, d.op.now = NOW;
	snprintf(d.op.trace_id, sizeof(d.op.trace_id), "trace");
	secret_set(&d.keys.commands, TEXT("0123456789abcdef0123456789abcdef"));
	secret_set(&d.keys.policies, TEXT("fedcba9876543210fedcba9876543210"));
	d.device = make_device(DEVICE, "DEV", ENTRA);
	d.user = NULL;
	durable_put(tenant_add, &tenant);
	durable_put(device_add, &d.device);
	durable_put(device_add, &other);
	d.certificate = "c";
	durable_add_certificate("c", DEVICE, CERTIFICATE_ACTIVE);
	return 0;
}

int durable_teardown(void **state)
{
	store_fixture_close(&d.store);
	secret_done(&d.keys.commands);
	secret_done(&d.keys.policies);
	return 0;
}

int durable_post_as(const char *source, int msg, const char *body)
{
	char *document = arena_printf(
	    &d.store.arena,
	    "<SyncML xmlns=\"SYNCML:SYNCML1.2\"><SyncHdr><SessionID>1</SessionID><MsgID>%d</MsgID>"
	    "<Target><LocURI>" URL "</LocURI></Target><Source><LocURI>%s</LocURI></Source>"
	    "</SyncHdr><SyncBody>%s</SyncBody></SyncML>",
	    msg, source, body);
	struct syncml message;
	struct manage_request in = {.device = &d.device,
				    .certificate = d.certificate,
				    .message = &message,
				    .body = text_of(document),
				    .user = d.user,
				    .origin = TEXT("3"),
				    .url = URL};
	struct buf reply;
	int r;

	assert_int_equal(syncml_read(&d.store.arena, text_of(document), &message), 0);
	buf_init(&reply, &d.store.arena);
	trail_reset(&d.op.trail);
	r = manage_message(&d.op, &in, &reply);
	if (r < 0)
		fail_msg("%s", d.op.trail.text);
	d.reply = reply.len ? reply.data : "";
	return r;
}

int durable_post(int msg, const char *body)
{
	return durable_post_as("DEV", msg, body);
}

/* CmdID of the command in the last reply that names this address. */
const char *durable_sent_id(const char *uri)
{
	const char *at = strstr(d.reply, arena_printf(&d.store.arena, "<LocURI>%s</LocURI>", uri));
	const char *id = NULL;

	if (!at)
		return NULL;
	for (const char *next = strstr(d.reply, "<CmdID>"); next && next < at;
	     next = strstr(next + 1, "<CmdID>"))
		id = next + strlen("<CmdID>");
	return id ? arena_cstr(&d.store.arena, text_make(id, strcspn(id, "<"))) : NULL;
}

int64_t durable_number(const char *sql)
{
	return store_fixture_number(d.store.db, sql);
}

const char *durable_fact(const char *name)
{
	struct fact *facts;
	size_t n;

	assert_int_equal(store_fact_list(db_reader(d.store.db), &d.store.arena, text_of(TENANT),
					 text_of(DEVICE), &facts, &n),
			 0);
	for (size_t i = 0; i < n; i++) {
		if (!strcmp(facts[i].name, name))
			return facts[i].value;
	}
	return NULL;
}

struct device durable_device(void)
{
	struct device stored;

	assert_int_equal(store_device_load(db_reader(d.store.db), &d.store.arena, text_of(TENANT),
					   text_of(DEVICE), &stored),
			 0);
	return stored;
}

struct applied_setting durable_row(void)
{
	struct applied_setting *rows;
	size_t n;

	assert_int_equal(store_applied_list(db_reader(d.store.db), &d.store.arena, text_of(TENANT),
					    text_of(DEVICE), &rows, &n),
			 0);
	assert_int_equal(n, 1);
	return rows[0];
}

void durable_put_policy(const struct policy *policy)
{
	struct policy sealed = policy_seal(&d.store.arena, &d.keys, policy);

	durable_put(sealed_add, &sealed);
}

struct policy durable_policy(struct assignment *assignments, size_t n)
{
	return (struct policy){.tenant_id = TENANT,
			       .id = "policy-1",
			       .name = "One",
			       .scope = SCOPE_DEVICE,
			       .settings = &durable_setting,
			       .setting_count = 1,
			       .assignments = assignments,
			       .assignment_count = n,
			       .version = 1};
}

void durable_queue(const char *id, enum command_verb verb, const char *uri)
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

	durable_put(command_add, &command);
}

struct command durable_command(const char *id)
{
	struct command command;

	assert_int_equal(store_command_load(db_reader(d.store.db), &d.store.arena, text_of(TENANT),
					    text_of(DEVICE), text_of(id), &command),
			 0);
	return command;
}

int durable_run(const struct CMUnitTest *tests, size_t n)
{
	int failed;

	d.kind = FIXTURE_SQLITE;
	failed = _cmocka_run_group_tests("sqlite", tests, n, NULL, NULL);
	if (store_fixture_has_postgres()) {
		d.kind = FIXTURE_POSTGRES;
		failed += _cmocka_run_group_tests("postgres", tests, n, NULL, NULL);
	}
	return failed;
}
