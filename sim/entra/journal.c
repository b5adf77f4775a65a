/* SPDX-License-Identifier: Apache-2.0 */
/*
 * journal.c: see journal.h. entra.md section 8.2, `GET /_ctl/log`.
 *
 * A row is serialised once, when its request is answered; reading the log only copies. The oldest
 * row goes when the bound is reached, and a test that might run into it checks `dropped`.
 */
#include "sim/entra/journal.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/arena.h"

struct row {
	struct list list;
	uint64_t seq;
	enum listener listener;
	char *path;
	char *json;
};

static char *copy_of(struct text text)
{
	char *copy = heap_alloc(text.len + 1);

	memcpy(copy, text.ptr, text.len);
	return copy;
}

static void row_free(struct row *row)
{
	free(row->path);
	free(row->json);
	free(row);
}

void journal_init(struct journal *journal)
{
	*journal = (struct journal){.next = 1};
	list_init(&journal->rows);
}

void journal_clear(struct journal *journal)
{
	LIST_EACH_FREE (pos, &journal->rows)
		row_free(LIST_OWNER(pos, struct row, list));
	list_init(&journal->rows);
	journal->count = 0;
	journal->dropped = 0;
}

void journal_add(struct journal *journal, enum listener listener, struct text path,
		 struct text json)
{
	struct row *row = heap_alloc(sizeof(*row));

	row->seq = journal->next++;
	row->listener = listener;
	row->path = copy_of(path);
	row->json = copy_of(json);
	list_append(&journal->rows, &row->list);
	if (journal->count < JOURNAL_ROWS) {
		journal->count++;
		return;
	}
	row_free(LIST_OWNER(list_take(&journal->rows), struct row, list));
	journal->dropped++;
}

static bool row_is_wanted(const struct row *row, const struct journal_filter *filter)
{
	if (row->seq <= filter->after)
		return false;
	if (filter->has_listener && row->listener != filter->listener)
		return false;
	return text_starts(text_of(row->path), filter->path_prefix);
}

void journal_write(const struct journal *journal, const struct journal_filter *filter,
		   struct buf *buf)
{
	const char *separator = "";

	buf_printf(buf, "{\"dropped\":%" PRIu64 ",\"last\":%" PRIu64 ",\"items\":[",
		   journal->dropped, journal->next - 1);
	LIST_EACH (pos, &journal->rows) {
		const struct row *row = LIST_OWNER(pos, struct row, list);

		if (!row_is_wanted(row, filter))
			continue;
		buf_printf(buf, "%s{\"seq\":%" PRIu64 ",%s", separator, row->seq, row->json + 1);
		separator = ",";
	}
	buf_add_c(buf, "]}");
}
