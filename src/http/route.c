/* SPDX-License-Identifier: Apache-2.0 */
/*
 * route.c: whether a request may go on, decided from its head alone.
 *
 * Paths are compared byte for byte with the table of routes. Nothing is decoded, folded or
 * normalised, so a path has one spelling and `//`, `/./`, `%2e` or `;x` is simply another path,
 * which has no route. Under a route that ends in `*` such spellings are refused as well, so that
 * a handler never sees two names of one thing.
 *
 * The order of the checks is the order of the table of verdicts: what is wrong with the message
 * itself, with where it was sent, with what it asks for, with its body. The first one that fails
 * decides.
 *
 * Specification: RFC 9112 section 3.2; RFC 9110 sections 7.4, 8.4, 10.1.1; abuse case 16.
 */
#include "http/route.h"

#include "http/method.h"
#include "http/token.h"

static bool route_is_host_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '.' || c == '-' || c == '_';
}

/* name or [address], then nothing or :port. The port says nothing about the listener. */
static bool route_read_host(struct text value, struct text *ret)
{
	size_t len = 0;
	struct text port;

	if (value.len && value.ptr[0] == '[') {
		const char *end = memchr(value.ptr, ']', value.len);

		len = end ? (size_t)(end - value.ptr) + 1 : 0;
	} else {
		while (len < value.len && route_is_host_byte(value.ptr[len]))
			len++;
	}
	port = text_from(value, len);
	if (!len || (port.len && port.ptr[0] != ':'))
		return false;
	for (size_t i = 1; i < port.len; i++)
		if (port.ptr[i] < '0' || port.ptr[i] > '9')
			return false;
	*ret = text_take(value, len);
	return true;
}

static int route_read_fields(struct http_request *request, const struct http_parser *parser,
			     const char *data)
{
	size_t hosts;

	request->header_count = parser->head.field_count;
	for (size_t i = 0; i < parser->head.field_count; i++) {
		request->headers[i].name = http_slice_text(data, parser->head.fields[i].name);
		request->headers[i].value = http_slice_text(data, parser->head.fields[i].value);
	}
	request->host = TEXT_EMPTY;
	hosts = http_request_header_count(request, "Host");
	if (!hosts && parser->head.is_http10)
		return 0;
	if (hosts != 1 || !route_read_host(http_request_header(request, "Host"), &request->host))
		return 400;
	return 0;
}

int http_request_read(struct http_request *request, const struct http_parser *parser,
		      const char *data)
{
	struct text rest;

	if (!http_method_read(http_slice_text(data, parser->head.method), &request->method))
		return 501;
	request->target = http_slice_text(data, parser->head.target);
	/* Neither a whole URI, which could contradict Host, nor an authority. */
	if (!text_starts(request->target, TEXT("/")))
		return 400;
	rest = request->target;
	request->path = text_cut(&rest, '?');
	request->query = rest.ptr ? rest : TEXT_EMPTY;
	request->body = text_make(data + parser->head_len, parser->body_len);
	return route_read_fields(request, parser, data);
}

/* How a host is one of a listener's. */
enum route_host { ROUTE_HOST_NONE, ROUTE_HOST_WIDE, ROUTE_HOST_NAMED };

static enum route_host route_host_of(const struct http_listener *listener, struct text host)
{
	enum route_host best = listener->host_count ? ROUTE_HOST_NONE : ROUTE_HOST_NAMED;

	for (size_t i = 0; i < listener->host_count; i++) {
		struct text name = text_of(listener->hosts[i]);

		if (text_eq_nocase(host, name))
			return ROUTE_HOST_NAMED;
		if (!text_ends(name, TEXT(".*")))
			continue;
		name.len--;
		if (host.len > name.len && text_starts_nocase(host, name))
			best = ROUTE_HOST_WIDE;
	}
	return best;
}

bool http_route_is_host(const struct http_listener *listener, struct text host)
{
	return route_host_of(listener, host) != ROUTE_HOST_NONE;
}

static bool route_has(struct text path, struct text part)
{
	for (; path.len >= part.len; path = text_from(path, 1))
		if (text_starts_nocase(path, part))
			return true;
	return false;
}

/* A segment "." or ".."; a name that only begins with a dot (/.well-known) is a name. */
static bool route_has_dot_segment(struct text path)
{
	while (path.ptr) {
		struct text segment = text_cut(&path, '/');

		if (text_eq_c(segment, ".") || text_eq_c(segment, ".."))
			return true;
	}
	return false;
}

/* A second spelling of some other path: what a file system, a proxy or a decoder makes equal. */
static bool route_is_ambiguous(struct text path)
{
	static const char *const parts[] = {"//", "\\", ";", "%2e", "%2f", "%5c", "%00", "%25"};

	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (route_has(path, text_of(parts[i])))
			return true;
	return route_has_dot_segment(path);
}

/* How well the path of a route fits: 0 not at all, an exact path better than any prefix. */
static size_t route_fit(const struct http_route *route, struct text path)
{
	struct text pattern = text_of(route->path);

	if (!text_ends(pattern, TEXT("*")))
		return text_eq(pattern, path) ? SIZE_MAX : 0;
	pattern.len--;
	return text_starts(path, pattern) && !route_is_ambiguous(path) ? pattern.len : 0;
}

/* The best fitting path, and of it the row that has the method; allow collects what it has. */
static void route_find(const struct http_server_options *options,
		       const struct http_request *request, struct http_admission *ret)
{
	size_t best = 0;

	ret->status = 404;
	for (size_t i = 0; i < options->route_count; i++) {
		const struct http_route *route = &options->routes[i];
		size_t fit;

		if (!(route->listeners & 1u << request->listener))
			continue;
		fit = route_fit(route, request->path);
		if (!fit || fit < best)
			continue;
		if (fit > best)
			*ret = (struct http_admission){.status = 405};
		best = fit;
		ret->allow |= route->methods;
		if (route->methods & request->method && !ret->route) {
			ret->route = route;
			ret->status = 0;
		}
	}
}

static int route_check_expect(const struct http_request *request, const struct http_parser *parser,
			      bool *ret_wanted)
{
	struct text expect = http_request_header(request, "Expect");

	if (!expect.ptr || parser->head.is_http10)
		return 0;
	if (http_request_header_count(request, "Expect") != 1 ||
	    !text_eq_nocase(expect, TEXT("100-continue")))
		return 417;
	*ret_wanted = true;
	return 0;
}

static int route_check_body(const struct http_request *request, const struct http_parser *parser,
			    const struct http_route *route)
{
	struct text coding = http_request_header(request, "Content-Encoding");

	if (coding.ptr && !text_eq_nocase(coding, TEXT("identity")))
		return 415;
	if (http_request_header_count(request, "Content-Encoding") > 1)
		return 415;
	if (parser->head.content_length > route->body_limit)
		return 413;
	return parser->head.is_chunked && !route->body_limit ? 413 : 0;
}

void http_route_admit(const struct http_server_options *options, const struct http_request *request,
		      const struct http_parser *parser, struct http_admission *ret)
{
	enum route_host host = route_host_of(&options->listeners[request->listener], request->host);

	*ret = (struct http_admission){.status = 421};
	if (host == ROUTE_HOST_NONE)
		return;
	route_find(options, request, ret);
	/* For a host known by a pattern only nothing else exists here, not even a 404. */
	if (host == ROUTE_HOST_WIDE && !(ret->route && ret->route->is_wide_host))
		*ret = (struct http_admission){.status = 421};
	if (ret->status)
		return;
	ret->status = route_check_expect(request, parser, &ret->is_continue_wanted);
	if (!ret->status)
		ret->status = route_check_body(request, parser, ret->route);
	if (ret->status)
		ret->is_continue_wanted = false;
}
