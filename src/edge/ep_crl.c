/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ep_crl.c: GET and HEAD /EnrollmentServer/CRL/<key id>.crl: the newest CRL of a CA, for anybody.
 * The name is the CA's key identifier in lower-case hex and nothing else; a list stays at its
 * address after its CA is no longer in use, for as long as it is in the database. May be kept by
 * caches for a few minutes, and never beyond its own end.
 */
#include "edge/ep_crl.h"

#include <time.h>

#include "base/b64.h"
#include "store/crl.h"

#define ROUTE_PREFIX TEXT(CONFIG_CRL_PATH "/")

enum { KEY_ID_DIGITS_MIN = 8, KEY_ID_DIGITS_MAX = 128, CACHED_S = 300 };

/* ptr NULL: not a name that a list can have. */
static struct text key_id_of(struct text path)
{
	struct text none = {0}, name = path;

	if (!text_starts(name, ROUTE_PREFIX) || !text_ends(name, TEXT(".crl")))
		return none;
	name = text_from(name, ROUTE_PREFIX.len);
	if (name.len < 4)
		return none;
	name = text_take(name, name.len - 4);
	if (name.len < KEY_ID_DIGITS_MIN || name.len > KEY_ID_DIGITS_MAX)
		return none;
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];

		if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f'))
			return none;
	}
	return name;
}

static struct text http_date(struct arena *arena, int64_t at)
{
	static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
					 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	time_t seconds = (time_t)at;
	struct tm tm = {0};

	(void)gmtime_r(&seconds, &tm);
	return text_of(arena_printf(arena, "%s, %02d %s %04d %02d:%02d:%02d GMT",
				    days[tm.tm_wday % 7], tm.tm_mday, months[tm.tm_mon % 12],
				    tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec));
}

static void headers_add(struct op *op, const struct store_crl *crl, struct text tag,
			struct http_response *response)
{
	int64_t left = crl->next_at - op->now;

	if (left > CACHED_S)
		left = CACHED_S;
	if (left < 0)
		left = 0;
	http_response_header(response, "ETag", tag);
	http_response_header(response, "Last-Modified", http_date(op->arena, crl->made_at));
	http_response_header(
	    response, "Cache-Control",
	    text_of(arena_printf(op->arena, "public, max-age=%lld", (long long)left)));
}

static int not_found(struct op *op, struct http_response *response)
{
	op->log_outcome = "crl_unknown";
	http_response_set(response, 404, "text/plain; charset=utf-8");
	buf_add_c(&response->body, "no such list\n");
	return 0;
}

int ep_crl(struct op *op, const struct http_request *request, struct http_response *response)
{
	struct text key_id = key_id_of(request->path), der, tag;
	struct store_crl crl;
	int r;

	if (key_id.ptr == NULL)
		return not_found(op, response);
	r = store_crl_load_head(db_reader(op->db), op->arena, key_id, &crl);
	if (r < 0)
		return ERR_FAIL(&op->trail, r, "%s", db_error(op->db));
	if (r)
		return not_found(op, response);
	tag = text_of(arena_printf(op->arena, "\"%lld\"", (long long)crl.number));
	if (text_eq(http_request_header(request, "If-None-Match"), tag)) {
		http_response_set(response, 304, NULL);
		headers_add(op, &crl, tag, response);
		return 0;
	}
	r = store_crl_load(db_reader(op->db), op->arena, key_id, &crl);
	if (r)
		return ERR_FAIL(&op->trail, r < 0 ? r : ERR_STORE, "%s", db_error(op->db));
	if (b64_read(op->arena, text_of(crl.der), &der))
		return ERR_FAIL(&op->trail, ERR_INTERNAL, "a stored CRL is not base64");
	tag = text_of(arena_printf(op->arena, "\"%lld\"", (long long)crl.number));
	http_response_set(response, 200, "application/pkix-crl");
	headers_add(op, &crl, tag, response);
	buf_add_text(&response->body, der);
	return 0;
}
