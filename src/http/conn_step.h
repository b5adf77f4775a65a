/* SPDX-License-Identifier: Apache-2.0 */
/*
 * conn_step.h: what happens inside a state of a connection. See conn_step.c.
 */
#ifndef MUSTER_HTTP_CONN_STEP_H
#define MUSTER_HTTP_CONN_STEP_H

#include "http/conn.h"

enum http_conn_step {
	HTTP_CONN_STEP_AGAIN, /* something moved: step again */
	HTTP_CONN_STEP_WAIT,  /* for the socket, a timer or a worker */
	HTTP_CONN_STEP_CLOSE
};

/* How often the progress of a body is looked at within its time limit. */
enum { HTTP_BODY_CHECKS = 6 };

MUST_CHECK enum http_conn_step http_conn_step(struct http_conn *conn);

/* Answer the request that is being read with this status and end the connection; run it next. */
void http_conn_refuse(struct http_conn *conn, int status);

/* Begin the time limit of a phase; it replaces the one before (conn.c). */
void http_conn_deadline(struct http_conn *conn, enum http_phase phase);

#endif
