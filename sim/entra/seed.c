/* SPDX-License-Identifier: Apache-2.0 */
/*
 * seed.c: see seed.h. entra.md section 8: state is seedable from JSON.
 *
 * Calls go through the same table as the control API, so that a seed file can do whatever a test
 * can, in the same words.
 */
#include "sim/entra/seed.h"

#include <errno.h>
#include <stdio.h>

#include "sim/entra/control.h"

enum { SEED_LEN_MAX = 16 * 1024 * 1024, SEED_REFUSED = 300 };

static int file_load(const char *path, struct buf *buf, struct trail *trail)
{
	FILE *file = fopen(path, "re");
	char chunk[4096];
	size_t n;
	bool ok;

	if (!file)
		return ERR_FAIL(trail, ERR_CONFIG, "cannot open seed file %s: %s", path,
				strerror(errno));
	while ((n = fread(chunk, 1, sizeof(chunk), file)) > 0 && buf->len <= SEED_LEN_MAX)
		buf_add(buf, chunk, n);
	ok = !ferror(file) && buf->len <= SEED_LEN_MAX;
	fclose(file);
	return ok ? 0 : ERR_FAIL(trail, ERR_CONFIG, "cannot read seed file %s", path);
}

static int seed_call(struct sim *sim, struct arena *arena, const struct json *json, size_t number,
		     struct trail *trail)
{
	struct call *call = ARENA_NEW(arena, struct call);
	struct text name = json_text(json, "call");
	const struct json *body = json_get(json, "body");
	struct text method = name.ptr ? text_cut(&name, ' ') : name;
	struct buf buf;

	call_init(call, sim, arena, trail, LISTENER_CONTROL);
	if (!method.ptr || !name.ptr || !method_read(method, &call->method))
		return ERR_FAIL(trail, ERR_CONFIG,
				"seed: entry %zu has no call such as \"POST tenants\"", number);
	call->path = text_of(arena_printf(arena, "/_ctl/%.*s", TEXT_ARG(name)));
	if (body) {
		buf_init(&buf, arena);
		json_write(&buf, body);
		call->body = buf_text(&buf);
	}
	control_run(call);
	if (call->reply.status >= SEED_REFUSED)
		return ERR_FAIL(trail, ERR_CONFIG, "seed: entry %zu was refused: %.*s", number,
				TEXT_ARG(buf_text(&call->reply.body)));
	return 0;
}

int seed_run(struct sim *sim, struct arena *arena, struct trail *trail)
{
	const struct json *calls;
	struct buf buf;
	int r;

	if (!sim->options->seed)
		return 0;
	buf_init(&buf, arena);
	r = file_load(sim->options->seed, &buf, trail);
	if (r < 0)
		return ERR_TRACE(trail, r);
	if (json_read(arena, buf_text(&buf), CALL_JSON_DEPTH, &calls) != 0 ||
	    calls->kind != JSON_ARRAY)
		return ERR_FAIL(trail, ERR_CONFIG, "seed file %s is not a JSON array",
				sim->options->seed);
	for (size_t i = 0; i < calls->count; i++) {
		r = seed_call(sim, arena, &calls->items[i], i + 1, trail);
		if (r < 0)
			return ERR_TRACE(trail, r);
	}
	return 0;
}
