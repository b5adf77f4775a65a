/* SPDX-License-Identifier: Apache-2.0 */
/*
 * graph_batch.c: POST /$batch. entra.md sections 3.5 and 8.3.
 *
 * The frame is checked as a whole before any item runs: at most 20, ids unique without regard to
 * case, a Content-Type wherever there is a body, dependencies on items that exist. Each item then
 * runs like a request of its own, with its own faults, throttling and journal row, and the answers
 * come back in random order unless a test asks for the order sent.
 */
#include "sim/entra/graph.h"

#include "base/rand.h"
#include "sim/entra/front.h"
#include "sim/entra/graph_error.h"
#include "sim/entra/odata.h"

enum { ITEMS_MAX = 20, STATUS_OK_END = 300 };

struct item {
	const struct json *json;
	struct text id;
	const struct json *depends; /* NULL: none */
	bool is_done;
	struct call *call;
};

struct batch {
	struct call *call;
	struct item items[ITEMS_MAX];
	size_t count;
};

static bool bad(struct batch *batch, const char *message)
{
	return graph_fail(batch->call, GRAPH_BAD_REQUEST, message);
}

static struct item *item_find(struct batch *batch, struct text id)
{
	for (size_t i = 0; i < batch->count; i++)
		if (text_eq_nocase(batch->items[i].id, id))
			return &batch->items[i];
	return NULL;
}

static struct text header_get(const struct json *headers, const char *name)
{
	for (size_t i = 0; headers && headers->kind == JSON_OBJECT && i < headers->count; i++)
		if (text_eq_nocase(headers->items[i].name, text_of(name)) &&
		    headers->items[i].kind == JSON_STRING)
			return headers->items[i].text;
	return (struct text){0};
}

static bool item_read(struct batch *batch, const struct json *json)
{
	struct item item = {.json = json, .id = json_text(json, "id")};
	struct text method = json_text(json, "method");
	struct text url = json_text(json, "url");
	enum http_method value;

	if (!item.id.ptr || text_is_empty(item.id))
		return bad(batch, "A batch item has no id.");
	if (item_find(batch, item.id))
		return bad(batch, "Every request in a batch must have a unique id.");
	if (!method.ptr || !method_read(method, &value) || !url.ptr || text_is_empty(url))
		return bad(batch, "A batch item has no method or no url.");
	if (json_has(json, "body") && !header_get(json_get(json, "headers"), "Content-Type").ptr)
		return bad(batch,
			   "A batch item with a body does not contain a Content-Type header.");
	item.depends = json_get(json, "dependsOn");
	batch->items[batch->count++] = item;
	return true;
}

/* A dependency must come earlier, which also keeps them from running in circles. */
static bool depends_check(struct batch *batch)
{
	for (size_t i = 0; i < batch->count; i++) {
		const struct json *depends = batch->items[i].depends;

		if (depends && depends->kind != JSON_ARRAY)
			return bad(batch, "dependsOn is not an array.");
		for (size_t k = 0; depends && k < depends->count; k++) {
			const struct item *other = depends->items[k].kind == JSON_STRING
						       ? item_find(batch, depends->items[k].text)
						       : NULL;

			if (!other || other >= &batch->items[i])
				return bad(batch, "dependsOn names no earlier item of the batch.");
		}
	}
	return true;
}

static bool batch_read(struct batch *batch)
{
	const struct json *body;
	const struct json *requests;

	if (!odata_body(batch->call, &body))
		return false;
	requests = json_get(body, "requests");
	if (!requests || requests->kind != JSON_ARRAY || requests->count == 0)
		return bad(batch, "The batch has no requests.");
	if (requests->count > ITEMS_MAX)
		return graph_fail(batch->call, GRAPH_BATCH_TOO_LARGE,
				  "Number of batch request steps exceeds the maximum value of 20.");
	for (size_t i = 0; i < requests->count; i++)
		if (!item_read(batch, &requests->items[i]))
			return false;
	return depends_check(batch);
}

static bool depends_failed(struct batch *batch, const struct item *item)
{
	for (size_t i = 0; item->depends && i < item->depends->count; i++) {
		const struct item *other = item_find(batch, item->depends->items[i].text);

		if (other->call->reply.status >= STATUS_OK_END)
			return true;
	}
	return false;
}

/* The url of an item is relative, without host and version. */
static bool item_target(struct call *call, struct text url)
{
	struct text query = url;
	struct text path = text_cut(&query, '?');

	if (!text_starts(path, TEXT("/")))
		path = text_of(arena_printf(call->arena, "/%.*s", TEXT_ARG(path)));
	if (!query.ptr)
		query = TEXT_EMPTY;
	return call_read_target(call, path, query) ||
	       graph_fail(call, GRAPH_BAD_REQUEST, "The url is malformed.");
}

static void item_run(struct batch *batch, struct item *item)
{
	const struct call *outer = batch->call;
	struct call *call = ARENA_NEW(outer->arena, struct call);
	const struct json *headers = json_get(item->json, "headers");
	const struct json *body = json_get(item->json, "body");
	struct buf buf;

	call_init(call, outer->sim, outer->arena, outer->trail, LISTENER_GRAPH);
	item->call = call;
	call->is_item = true;
	call->tenant = outer->tenant;
	call->token = outer->token;
	call->principal = outer->principal;
	call->client_id = outer->client_id;
	call->content_type = header_get(headers, "Content-Type");
	call->consistency = header_get(headers, "ConsistencyLevel");
	call->request_id = header_get(headers, "client-request-id");
	if (!method_read(json_text(item->json, "method"), &call->method))
		return;
	if (body) {
		buf_init(&buf, outer->arena);
		json_write(&buf, body);
		call->body = buf_text(&buf);
	}
	if (item_target(call, json_text(item->json, "url"))) {
		if (depends_failed(batch, item))
			graph_fail(call, GRAPH_DEPENDENCY_FAILED, "A dependency failed.");
		else
			front_run(call, graph_answer, graph_fail_status);
	}
	call_record(call);
}

static void item_write(const struct item *item, struct json_writer *w)
{
	const struct reply *reply = &item->call->reply;

	json_begin_object(w, NULL);
	json_add_text(w, "id", item->id);
	json_add_int(w, "status", reply->status);
	json_begin_object(w, "headers");
	if (reply->content_type)
		json_add_c(w, "Content-Type", reply->content_type);
	for (size_t i = 0; i < reply->header_count; i++)
		json_add_text(w, arena_cstr(item->call->arena, reply->headers[i].name),
			      reply->headers[i].value);
	json_end_object(w);
	if (reply->body.len)
		json_add_raw(w, "body", buf_text(&reply->body));
	json_end_object(w);
}

static void shuffle(struct batch *batch)
{
	for (size_t i = batch->count; i > 1; i--) {
		size_t k = (size_t)rand_below(i);
		struct item item = batch->items[i - 1];

		batch->items[i - 1] = batch->items[k];
		batch->items[k] = item;
	}
}

void graph_batch(struct call *call)
{
	struct batch *batch = ARENA_NEW(call->arena, struct batch);
	struct json_writer w;

	batch->call = call;
	if (!batch_read(batch))
		return;
	for (size_t i = 0; i < batch->count; i++)
		item_run(batch, &batch->items[i]);
	if (call->sim->settings.is_batch_shuffled)
		shuffle(batch);
	json_writer_init(&w, call_json(call, 200));
	json_begin_object(&w, NULL);
	json_begin_array(&w, "responses");
	for (size_t i = 0; i < batch->count; i++)
		item_write(&batch->items[i], &w);
	json_end_array(&w);
	json_end_object(&w);
}
