/* SPDX-License-Identifier: Apache-2.0 */
/*
 * journal.h: the log of every request to the login and Graph listeners, kept as ready JSON rows.
 * It holds the newest rows up to a bound and counts what fell out. No token, secret or signature
 * is ever put into a row: only the parsed claims of assertions.
 */
#ifndef MUSTER_SIM_ENTRA_JOURNAL_H
#define MUSTER_SIM_ENTRA_JOURNAL_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/list.h"
#include "base/text.h"
#include "sim/entra/listener.h"

enum { JOURNAL_ROWS = 50000 };

struct journal {
	struct list rows;
	size_t count;
	uint64_t next; /* sequence number of the next row, from 1 */
	uint64_t dropped;
};

struct journal_filter {
	uint64_t after; /* rows with a higher sequence number only */
	bool has_listener;
	enum listener listener;
	struct text path_prefix; /* empty: any */
};

void journal_init(struct journal *journal);
void journal_clear(struct journal *journal); /* numbers go on */
/* json is one object without its sequence number, which the journal adds as "seq". */
void journal_add(struct journal *journal, enum listener listener, struct text path,
		 struct text json);
/* Append {"dropped": n, "items": [...]} in order. */
void journal_write(const struct journal *journal, const struct journal_filter *filter,
		   struct buf *buf);

#endif
