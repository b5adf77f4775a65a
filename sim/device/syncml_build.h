/* SPDX-License-Identifier: Apache-2.0 */
/*
 * syncml_build.h: the messages of a management session, in the shape of captured Windows clients.
 *
 * A message is written in one go: begin, commands, end. It notes which commands it holds, because
 * the server owes a Status for each.
 */
#ifndef MUSTER_SIM_DEVICE_SYNCML_BUILD_H
#define MUSTER_SIM_DEVICE_SYNCML_BUILD_H

#include "base/buf.h"
#include "sim/device/csp.h"

enum { SYNCML_SENT = 16 };

/* A command the server has to answer. */
struct syncml_sent {
	unsigned cmd_id;
	const char *name;
};

struct syncml_out {
	struct buf buf;
	unsigned msg_id;
	unsigned next_cmd;
	struct syncml_sent sent[SYNCML_SENT]; /* Alert and Replace; not Status, not Results */
	size_t sent_count;
	bool tells_errors; /* msft:originalerror, from version 3.0 of the session on */
};

struct syncml_header {
	const char *session_id;
	unsigned msg_id;
	const char *target; /* the server's address */
	const char *source; /* the device's id */
};

void syncml_begin(struct syncml_out *out, struct arena *arena, const struct syncml_header *header,
		  bool tells_errors);
void syncml_end(struct syncml_out *out);

struct syncml_package1 {
	const char *login;      /* user, others, none */
	struct text user_token; /* ptr NULL: none */
	bool is_unenrolling;
};

/* Alert 1201, LoginStatus, what else there is to tell, DevInfo. */
void syncml_add_package1(struct syncml_out *out, const struct device *device,
			 const struct syncml_package1 *package);
/* cmd_ref "0" and SyncHdr for the header. target_ref NULL: none. */
void syncml_add_status(struct syncml_out *out, struct text cmd_ref, const char *name,
		       const char *target_ref, int status);
void syncml_add_results(struct syncml_out *out, struct text cmd_ref, const struct csp_value *values,
			size_t count);

#endif
