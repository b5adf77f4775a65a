/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_durable.h: a tenant, two devices and a real database, so that messages can be posted and
 * what is durable after each can be seen. Every case runs on SQLite, and on PostgreSQL where
 * MUSTER_TEST_POSTGRES names one.
 */
#ifndef MUSTER_MANAGE_TEST_DURABLE_H
#define MUSTER_MANAGE_TEST_DURABLE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "manage/manage.h"
#include "model/policy.h"
#include "store/applied.h"
#include "store/certificate.h"
#include "store/command.h"
#include "store/device.h"
#include "store/fact.h"
#include "store/test_store.h"

#define TENANT  "11111111-1111-4111-8111-111111111111"
#define DEVICE  "22222222-2222-4222-8222-111111111111"
#define DEVICE2 "22222222-2222-4222-8222-222222222222"
#define ENTRA   "33333333-3333-4333-8333-111111111111"
#define ALICE   "55555555-5555-4555-8555-111111111111"
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

struct durable {
	enum store_fixture_kind kind;
	struct store_fixture store;
	struct server_keys keys;
	struct op op;
	struct device device; /* as the edge knows it */
	const struct entra_principal *user;
	const char *certificate; /* what the next message comes with */
	const char *reply;       /* to the last one */
};

extern struct durable d;

int durable_setup(void **state);
int durable_teardown(void **state);

/* A function for durable_put that makes one call to the store with what it is given, a. */
#define WRITER(name, type, call)                                                                   \
	static int name(struct db_conn *tx, const void *what)                                      \
	{                                                                                          \
		const type *a = what;                                                              \
                                                                                                   \
		return call;                                                                       \
	}
void durable_put(int (*fn)(struct db_conn *tx, const void *what), const void *what);
void durable_add_certificate(const char *sha256, const char *device_id,
			     enum certificate_state state);
/* Of one setting, NODE. */
struct policy durable_policy(struct assignment *assignments, size_t n);
extern struct assignment durable_for_all;
void durable_put_policy(const struct policy *policy);
void durable_queue(const char *id, enum command_verb verb, const char *uri);

/* Post a message from the device, or from what calls itself source. */
int durable_post(int msg, const char *body);
int durable_post_as(const char *source, int msg, const char *body);
/* CmdID of the command in the last reply that names this address; NULL: there is none. */
const char *durable_sent_id(const char *uri);

/* What is stored. */
int64_t durable_number(const char *sql);
const char *durable_fact(const char *name);
struct device durable_device(void);
struct applied_setting durable_row(void);
struct command durable_command(const char *id);

#define DURABLE_TEST(t) cmocka_unit_test_setup_teardown(t, durable_setup, durable_teardown)
/* On each database. The number of tests that failed. */
int durable_run(const struct CMUnitTest *tests, size_t n);

#endif
