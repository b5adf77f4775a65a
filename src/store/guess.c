/* SPDX-License-Identifier: Apache-2.0 */
/*
 * guess.c: rows of the table guesses. They have no foreign key: what is guessed at may not exist.
 */
#include "store/guess.h"

#include <arpa/inet.h>

#include "store/row.h"

struct text guess_source(struct arena *arena, const char *address)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr in;

	if (inet_pton(AF_INET6, address, &in) != 1 || IN6_IS_ADDR_V4MAPPED(&in))
		return text_of(address);
	memset(in.s6_addr + 8, 0, 8);
	if (!inet_ntop(AF_INET6, &in, text, sizeof(text)))
		return text_of(address);
	return text_of(arena_printf(arena, "%s/64", text));
}

static void key_bind(struct row_binder *b, const struct guess_key *key)
{
	row_bind_text(b, key->tenant_id);
	row_bind_text(b, key->kind);
	row_bind_text(b, key->subject);
}

int store_guess_load(struct db_conn *conn, const struct guess_key *key, struct guess *ret)
{
	struct db_query q CLEANUP(db_query_done);
	struct row_binder b;
	int r;

	db_query_init(&q, conn,
		      "SELECT failures, blocked_until, updated_at FROM guesses"
		      " WHERE tenant_id = $1 AND kind = $2 AND subject = $3");
	row_bind_begin(&b, &q);
	key_bind(&b, key);
	r = row_one(&q);
	if (r < 0)
		return r;
	*ret = (struct guess){0};
	if (r == 0)
		*ret = (struct guess){.failures = db_column_int(&q, 0),
				      .blocked_until = db_column_int(&q, 1),
				      .updated_at = db_column_int(&q, 2)};
	return 0;
}

int store_guess_put(struct db_conn *tx, const struct guess_key *key, const struct guess *guess)
{
	struct row_binder b;
	struct db_query q;

	db_query_init(&q, tx,
		      "INSERT INTO guesses (tenant_id, kind, subject, failures, blocked_until,"
		      " updated_at) VALUES ($1, $2, $3, $4, $5, $6)"
		      " ON CONFLICT (tenant_id, kind, subject) DO UPDATE SET"
		      " failures = excluded.failures, blocked_until = excluded.blocked_until,"
		      " updated_at = excluded.updated_at");
	row_bind_begin(&b, &q);
	key_bind(&b, key);
	row_bind_int(&b, guess->failures);
	row_bind_int(&b, guess->blocked_until);
	row_bind_int(&b, guess->updated_at);
	return row_write(&q);
}

int store_guess_remove(struct db_conn *tx, const struct guess_key *key)
{
	struct row_binder b;
	struct db_query q;

	db_query_init(&q, tx,
		      "DELETE FROM guesses WHERE tenant_id = $1 AND kind = $2 AND subject = $3");
	row_bind_begin(&b, &q);
	key_bind(&b, key);
	return row_write(&q);
}

int store_guess_remove_old(struct db_conn *tx, struct text kind, int64_t before)
{
	struct db_query q;

	db_query_init(&q, tx, "DELETE FROM guesses WHERE kind = $1 AND updated_at < $2");
	db_bind_text(&q, 1, kind);
	db_bind_int(&q, 2, before);
	return row_write(&q);
}
