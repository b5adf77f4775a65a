/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_retire.c: how a device leaves, against a real database: what retiring takes back, what it
 * leaves behind, and that it happens once.
 */
#include "manage/test_durable.h"

#include "manage/unenrol.h"

static void assert_retired(const char *reason)
{
	struct device stored = durable_device();

	assert_int_equal(stored.state, DEVICE_RETIRED);
	assert_string_equal(stored.retired_reason, reason);
	assert_int_equal(stored.retired_at, d.op.now);
	assert_int_equal(
	    durable_number("SELECT COUNT(*) FROM certificates WHERE state = 'revoked'"), 1);
	assert_int_equal(
	    durable_number("SELECT COUNT(*) FROM commands WHERE state IN ('queued', 'sent')"), 0);
	assert_int_equal(durable_number("SELECT COUNT(*) FROM applied_settings"), 0);
	assert_int_equal(
	    durable_number("SELECT COUNT(*) FROM outbox WHERE state = 'pending'"
			   " AND is_managed = 0 AND is_compliant = 0 AND entra_device_id ="
			   " '" ENTRA "'"),
	    1);
	assert_int_equal(
	    durable_number("SELECT COUNT(*) FROM audit WHERE action = 'device.retire'"), 1);
}

static void leaving_retires_the_device(void **state)
{
	struct policy policy = durable_policy(&durable_for_all, 1);

	durable_put_policy(&policy);
	assert_int_equal(durable_post(1, PACKAGE_1 FINAL), 0);
	durable_queue("a", VERB_EXEC, "./X");
	d.op.now += 3600;
	assert_int_equal(durable_post(1, PACKAGE_1
				      "<Alert><CmdID>4</CmdID><Data>1226</Data><Item><Meta><Type>"
				      "com.microsoft:mdm.unenrollment.userrequest</"
				      "Type><Format>int</Format><Mark>critical"
				      "</Mark></Meta><Data>1</Data></Item></Alert>" FINAL),
			 0);
	/* this session still gets its answer */
	assert_non_null(strstr(d.reply, "<CmdRef>4</CmdRef><Cmd>Alert</Cmd><Data>200</Data>"));
	assert_non_null(strstr(d.reply, "<Final/>"));
	assert_null(strstr(d.reply, "<Exec>"));
	assert_null(strstr(d.reply, "<Get>"));
	assert_retired("unenrolled");
	assert_int_equal(
	    durable_number("SELECT COUNT(*) FROM sessions WHERE end_reason = 'unenrolled'"), 1);
	/* and no other: the edge's copy of the device may be old */
	d.op.now += 3600;
	assert_int_equal(durable_post(1, PACKAGE_1 FINAL), MANAGE_E_RETIRED);
	d.device = durable_device();
	assert_int_equal(durable_post(1, PACKAGE_1 FINAL), MANAGE_E_RETIRED);
	assert_int_equal(durable_number("SELECT COUNT(*) FROM outbox"), 1);
}

static int retire(struct db_conn *tx, void *argument)
{
	static const struct manage_retirement how = {.reason = "lost",
						     .actor = "token:a",
						     .source = "192.0.2.1",
						     .trace_id = "trace",
						     .now = NOW};

	return manage_retire(tx, &d.store.arena, argument, &how);
}

static void an_administrator_retires_a_device(void **state)
{
	struct device stored = durable_device();

	durable_queue("a", VERB_EXEC, "./X");
	assert_int_equal(db_transact(d.store.db, retire, &stored), 0);
	assert_retired("lost");
	assert_int_equal(durable_number("SELECT COUNT(*) FROM audit WHERE actor = 'token:a'"), 1);
	stored = durable_device();
	assert_int_equal(db_transact(d.store.db, retire, &stored), MANAGE_RETIRE_E_ALREADY);
	assert_int_equal(
	    durable_number("SELECT COUNT(*) FROM audit WHERE action = 'device.retire'"), 1);
	assert_int_equal(durable_device().retired_at, d.op.now);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    DURABLE_TEST(leaving_retires_the_device),
	    DURABLE_TEST(an_administrator_retires_a_device),
	};

	return durable_run(tests, ARRAY_LEN(tests));
}
