/* SPDX-License-Identifier: Apache-2.0 */
/*
 * odata.c: see odata.h. entra.md sections 3.5 to 3.7 and 8.3.
 *
 * A page token holds the number of matching objects to skip, under a MAC, so that clients have to
 * follow @odata.nextLink instead of making their own. nextLink repeats the query it came from.
 */
#include "sim/entra/odata.h"

#include "base/b64.h"
#include "sim/entra/graph_error.h"

enum { TOP_MAX = 999, MAC_LEN = 16 };

void odata_add(struct props *props, const char *name, const char *value)
{
	if (value)
		props_add_c(props, name, value);
	else
		props_add_raw(props, name, TEXT("null"));
}

void odata_add_bool(struct props *props, const char *name, bool value)
{
	props_add_raw(props, name, value ? TEXT("true") : TEXT("false"));
}

char *odata_seal(const struct call *call, const char *plain)
{
	uint8_t mac[SHA256_LEN];
	struct buf buf;

	digest_hmac_sha256(text_make(call->sim->page_key, sizeof(call->sim->page_key)),
			   text_of(plain), mac);
	buf_init(&buf, call->arena);
	buf_add(&buf, mac, MAC_LEN);
	buf_add_c(&buf, plain);
	return b64url_write(call->arena, buf_text(&buf));
}

bool odata_open(const struct call *call, struct text sealed, struct text *ret)
{
	uint8_t mac[SHA256_LEN];
	struct text raw;

	if (b64url_read(call->arena, sealed, &raw) != 0 || raw.len < MAC_LEN)
		return false;
	digest_hmac_sha256(text_make(call->sim->page_key, sizeof(call->sim->page_key)),
			   text_from(raw, MAC_LEN), mac);
	if (!text_eq_secret(text_take(raw, MAC_LEN), text_make(mac, MAC_LEN)))
		return false;
	*ret = text_from(raw, MAC_LEN);
	return true;
}

char *odata_url(const struct call *call)
{
	return arena_printf(call->arena, "%s%s%.*s", call->sim->urls[LISTENER_GRAPH],
			    call->is_item ? "/v1.0" : "", TEXT_ARG(call->path));
}

char *odata_context(const struct call *call, const char *name)
{
	return arena_printf(call->arena, "%s/v1.0/$metadata#%s", call->sim->urls[LISTENER_GRAPH],
			    name);
}

static bool name_is_known(const struct props *sample, struct text name)
{
	for (size_t i = 0; i < sample->count; i++)
		if (text_eq(sample->rows[i].name, name))
			return true;
	return false;
}

static bool name_fail(struct call *call, struct text name)
{
	return graph_fail(
	    call, GRAPH_BAD_REQUEST,
	    arena_printf(call->arena, "Could not find a property named '%.*s'.", TEXT_ARG(name)));
}

static bool select_read(struct call *call, struct text value, const struct props *sample,
			struct odata *odata)
{
	while (value.ptr) {
		struct text name = text_trim(text_cut(&value, ','));

		if (!name_is_known(sample, name) || odata->select_count == ODATA_SELECT_MAX)
			return name_fail(call, name);
		odata->select[odata->select_count++] = name;
	}
	return true;
}

/* 'it''s' -> it's */
static bool literal_read(struct call *call, struct text literal, struct text *ret)
{
	struct buf buf;

	if (literal.len < 2 || literal.ptr[0] != '\'' || literal.ptr[literal.len - 1] != '\'')
		return false;
	literal = text_take(text_from(literal, 1), literal.len - 2);
	buf_init(&buf, call->arena);
	for (size_t i = 0; i < literal.len; i++) {
		if (literal.ptr[i] == '\'' && (++i == literal.len || literal.ptr[i] != '\''))
			return false;
		buf_add_byte(&buf, literal.ptr[i]);
	}
	*ret = buf_text(&buf);
	return true;
}

static bool prefix_filter_read(struct call *call, struct text value, struct odata *odata)
{
	value = text_trim(value);
	if (value.len == 0 || value.ptr[value.len - 1] != ')')
		return false;
	value.len--;
	odata->filter_name = text_trim(text_cut(&value, ','));
	odata->filter_is_prefix = true;
	return value.ptr && literal_read(call, text_trim(value), &odata->filter_value);
}

static bool equal_filter_read(struct call *call, struct text value, struct odata *odata)
{
	struct text literal;
	struct json json = {.kind = JSON_STRING};
	struct buf buf;

	odata->filter_name = text_cut(&value, ' ');
	if (!value.ptr || !text_eq_c(text_cut(&value, ' '), "eq") || !value.ptr)
		return false;
	literal = text_trim(value);
	if (text_eq_c(literal, "true") || text_eq_c(literal, "false")) {
		odata->filter_value = literal;
		return true;
	}
	if (!literal_read(call, literal, &json.text))
		return false;
	buf_init(&buf, call->arena);
	json_write(&buf, &json);
	odata->filter_value = buf_text(&buf);
	return true;
}

static bool filter_read(struct call *call, struct text value, const struct props *sample,
			struct odata *odata)
{
	static const struct text prefix = {"startswith(", 11};
	bool ok = text_starts(value, prefix)
		      ? prefix_filter_read(call, text_from(value, prefix.len), odata)
		      : equal_filter_read(call, text_trim(value), odata);

	if (!ok)
		return graph_fail(call, GRAPH_UNSUPPORTED_QUERY,
				  "Unsupported or invalid query filter clause specified.");
	return name_is_known(sample, odata->filter_name) ? true
							 : name_fail(call, odata->filter_name);
}

static bool top_read(struct call *call, struct text value, struct odata *odata)
{
	if (text_to_i64(value, &odata->top) && odata->top >= 1 && odata->top <= TOP_MAX)
		return true;
	return graph_fail(call, GRAPH_BAD_REQUEST, "Invalid page size specified.");
}

static bool skip_read(struct call *call, struct text value, struct odata *odata)
{
	struct text plain;

	if (odata_open(call, value, &plain) && text_to_i64(plain, &odata->skip))
		return true;
	return graph_fail(call, GRAPH_BAD_REQUEST, "Invalid $skiptoken.");
}

static bool count_read(struct call *call, struct text value, struct odata *odata)
{
	odata->has_count = text_eq_c(value, "true");
	return odata->has_count || text_eq_c(value, "false")
		   ? true
		   : graph_fail(call, GRAPH_BAD_REQUEST, "Invalid $count.");
}

static bool param_read(struct call *call, const struct http_param *param, unsigned allowed,
		       const struct props *sample, struct odata *odata)
{
	if (text_eq_c(param->name, "$select") && (allowed & ODATA_SELECT))
		return select_read(call, param->value, sample, odata);
	if (text_eq_c(param->name, "$filter") && (allowed & ODATA_FILTER))
		return filter_read(call, param->value, sample, odata);
	if (text_eq_c(param->name, "$top") && (allowed & ODATA_TOP))
		return top_read(call, param->value, odata);
	if (text_eq_c(param->name, "$count") && (allowed & ODATA_COUNT))
		return count_read(call, param->value, odata);
	if (text_eq_c(param->name, "$skiptoken") && (allowed & ODATA_TOP))
		return skip_read(call, param->value, odata);
	return graph_fail(call, GRAPH_BAD_REQUEST,
			  arena_printf(call->arena, "The query parameter '%.*s' is not supported.",
				       TEXT_ARG(param->name)));
}

bool odata_read(struct call *call, unsigned allowed, const struct props *sample, struct odata *ret)
{
	struct odata odata = {.top = call->sim->settings.page_size};

	for (size_t i = 0; i < call->query_count; i++) {
		size_t count = 0;

		http_form_get(call->query, call->query_count,
			      arena_cstr(call->arena, call->query[i].name), &count);
		if (count > 1)
			return graph_fail(call, GRAPH_BAD_REQUEST,
					  "A query parameter is specified more than once.");
		if (!param_read(call, &call->query[i], allowed, sample, &odata))
			return false;
	}
	*ret = odata;
	return true;
}

bool odata_matches(const struct odata *odata, const struct props *props)
{
	if (!odata->filter_name.ptr)
		return true;
	for (size_t i = 0; i < props->count; i++) {
		struct text value = props->rows[i].value;

		if (!text_eq(props->rows[i].name, odata->filter_name))
			continue;
		return odata->filter_is_prefix
			   ? text_starts_nocase(text_from(value, 1), odata->filter_value)
			   : text_eq_nocase(value, odata->filter_value);
	}
	return false;
}

static bool is_selected(const struct odata *odata, struct text name)
{
	if (!odata->select_count)
		return true;
	for (size_t i = 0; i < odata->select_count; i++)
		if (text_eq(odata->select[i], name))
			return true;
	return false;
}

void odata_write(const struct odata *odata, const struct props *props, struct json_writer *w,
		 const char *context)
{
	json_begin_object(w, NULL);
	if (context)
		json_add_c(w, "@odata.context", context);
	for (size_t i = 0; i < props->count; i++)
		if (is_selected(odata, props->rows[i].name))
			json_add_raw(w, arena_cstr(props->arena, props->rows[i].name),
				     props->rows[i].value);
	json_end_object(w);
}

void odata_begin(struct odata_page *page, struct call *call, const struct odata *odata,
		 const char *context)
{
	*page = (struct odata_page){.call = call, .odata = odata};
	json_writer_init(&page->w, call_json(call, 200));
	json_begin_object(&page->w, NULL);
	json_add_c(&page->w, "@odata.context", odata_context(call, context));
	json_begin_array(&page->w, "value");
}

void odata_offer(struct odata_page *page, const struct props *props)
{
	if (!odata_matches(page->odata, props))
		return;
	page->matched++;
	if (page->matched <= page->odata->skip || page->written == page->odata->top)
		return;
	page->written++;
	odata_write(page->odata, props, &page->w, NULL);
}

static char *next_link(const struct odata_page *page)
{
	const struct call *call = page->call;
	struct buf buf;

	buf_init(&buf, call->arena);
	buf_add_c(&buf, odata_url(call));
	buf_add_byte(&buf, '?');
	for (size_t i = 0; i < call->query_count; i++) {
		if (text_eq_c(call->query[i].name, "$skiptoken"))
			continue;
		buf_add_text(&buf, call->query[i].name);
		buf_add_byte(&buf, '=');
		buf_add_url(&buf, call->query[i].value);
		buf_add_byte(&buf, '&');
	}
	buf_add_c(&buf, "$skiptoken=");
	buf_add_c(&buf, odata_seal(call, arena_printf(call->arena, "%lld",
						      (long long)page->odata->skip +
							  (long long)page->written)));
	return buf.data;
}

void odata_end(struct odata_page *page)
{
	json_end_array(&page->w);
	if (page->odata->has_count)
		json_add_int(&page->w, "@odata.count", page->matched);
	if (page->matched > page->odata->skip + page->written)
		json_add_c(&page->w, "@odata.nextLink", next_link(page));
	json_end_object(&page->w);
}

bool odata_body(struct call *call, const struct json **ret)
{
	struct text type = call->content_type;

	if (!type.ptr || !text_eq_nocase(text_trim(text_cut(&type, ';')), TEXT("application/json")))
		return graph_fail(call, GRAPH_BAD_MEDIA_TYPE,
				  "Write requests must contain the Content-Type application/json.");
	if (text_is_empty(call->body))
		return graph_fail(call, GRAPH_BAD_REQUEST, "Empty Payload. JSON content expected.");
	if (json_read(call->arena, call->body, CALL_JSON_DEPTH, ret) != 0 ||
	    (*ret)->kind != JSON_OBJECT)
		return graph_fail(call, GRAPH_BAD_REQUEST, "Unable to read JSON request payload.");
	return true;
}
