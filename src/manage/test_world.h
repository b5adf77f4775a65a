/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_world.h: one device and what a store would keep for it, in memory, so that the pure session
 * step can be driven message by message. A reply is shown as one line:
 *
 *   S0=200 S2=200 | Get#3 ./DevDetail/SwV | Replace#4 ./A int 1 | F
 *
 * S is a Status by CmdRef, A an Alert, verbs carry their CmdID, F is Final. The questions the
 * server asks by itself are shown as one word, "inventory", unless a test wants to see them.
 */
#ifndef MUSTER_MANAGE_TEST_WORLD_H
#define MUSTER_MANAGE_TEST_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "manage/session.h"

#define WORLD_URL "https://manage.example/ManagementServer/MDM.svc"

enum { WORLD_MAX = 4000, WORLD_NOW = 1700000000 };

struct world {
	struct arena arena;
	struct device device;
	struct manage_session session;
	bool has_session;
	struct command commands[WORLD_MAX];
	size_t command_count;
	struct applied_setting applied[WORLD_MAX];
	size_t applied_count;
	struct fact facts[200];
	size_t fact_count;
	struct desired_setting wants[WORLD_MAX];
	size_t want_count;
	const char *token_user;
	const char *url;
	int64_t now;
	size_t ids;
	bool is_inventory_shown;
	enum manage_mode mode; /* of the last message */
	struct manage_output out;
};

extern struct world w;

int world_setup(void **state);
int world_teardown(void **state);

void world_fact(const char *name, const char *value, int64_t at);
const char *world_fact_value(const char *name); /* NULL: there is none */
void world_want(const char *policy, const char *user, const char *uri, const char *format,
		const char *data);
struct command *world_queue(enum command_verb verb, const char *uri, const char *origin);
struct applied_setting *world_row(const char *user, const char *uri); /* NULL: there is none */

/* Post a message and commit what comes of it; the reply as a line, or "refused N", or "replay". */
const char *world_post_document(const char *document);
const char *world_post(int msg, const char *body);
const char *world_document(const char *session, int msg, const char *body);
const char *world_show(const struct syncml *reply);

#define ALERT_1201 "<Alert><CmdID>2</CmdID><Data>1201</Data></Alert>"
#define LOGIN(id, who)                                                                             \
	"<Alert><CmdID>" id "</CmdID><Data>1224</Data><Item><Meta><Type xmlns=\"syncml:metinf\">"  \
	"com.microsoft/MDM/LoginStatus</Type></Meta><Data>" who "</Data></Item></Alert>"
#define FINAL "<Final/>"
#define HEADER_OK                                                                                  \
	"<Status><CmdID>1</CmdID><MsgRef>1</MsgRef><CmdRef>0</CmdRef><Cmd>SyncHdr</Cmd>"           \
	"<Data>200</Data></Status>"
#define STATUS(msg, cmd, code)                                                                     \
	"<Status><CmdID>9</CmdID><MsgRef>" msg "</MsgRef><CmdRef>" cmd "</CmdRef><Cmd>x</Cmd>"     \
	"<Data>" code "</Data></Status>"
#define RESULT(msg, cmd, uri, value)                                                               \
	"<Results><CmdID>8</CmdID><MsgRef>" msg "</MsgRef><CmdRef>" cmd "</CmdRef><Cmd>Get</Cmd>"  \
	"<Item><Source><LocURI>" uri "</LocURI></Source><Data>" value "</Data></Item></Results>"

#endif
