/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cloud.c: one row for each cloud. An issuer pattern has "{tid}" where the tenant id stands. Where
 * Microsoft publishes no issuer the pattern is open: any https issuer that has the tenant id as a
 * path segment, which is also the rule for a custom cloud. Whatever metadata states is first held
 * against the row; what passed is then compared byte for byte with the tokens.
 *
 * Specification: protocol/entra.md 1.2; abuse cases 1e and 23.
 */
#include "entra/cloud.h"

enum { ISSUER_SPELLINGS = 2 };

static const struct {
	const char *login_url;
	const char *graph_url;
	const char *issuers_v1[ISSUER_SPELLINGS]; /* none: open */
	const char *issuers_v2[ISSUER_SPELLINGS];
} clouds[] = {
    [CLOUD_GLOBAL] = {"https://login.microsoftonline.com",
		      "https://graph.microsoft.com",
		      {"https://sts.windows.net/{tid}/"},
		      {"https://login.microsoftonline.com/{tid}/v2.0"}},
    [CLOUD_USGOV] = {"https://login.microsoftonline.us",
		     "https://graph.microsoft.us",
		     {NULL},
		     {"https://login.microsoftonline.us/{tid}/v2.0"}},
    [CLOUD_CHINA] = {"https://login.partner.microsoftonline.cn",
		     "https://microsoftgraph.chinacloudapi.cn",
		     {"https://sts.chinacloudapi.cn/{tid}/"},
		     {"https://login.partner.microsoftonline.cn/{tid}/v2.0",
		      "https://login.chinacloudapi.cn/{tid}/v2.0"}},
    [CLOUD_CUSTOM] = {"", "", {NULL}, {NULL}},
};

const char *cloud_login_url(enum cloud cloud)
{
	return clouds[cloud].login_url;
}

const char *cloud_graph_url(enum cloud cloud)
{
	return clouds[cloud].graph_url;
}

static const char *choose_url(struct arena *arena, const char *of_cloud, const char *of_tenant)
{
	struct text url = text_of(*of_cloud ? of_cloud : of_tenant);

	while (text_ends(url, TEXT("/")))
		url.len--;
	return arena_cstr(arena, url);
}

const char *tenant_login_url(struct arena *arena, const struct tenant *tenant)
{
	return choose_url(arena, cloud_login_url(tenant->cloud), tenant->login_url);
}

const char *tenant_graph_url(struct arena *arena, const struct tenant *tenant)
{
	return choose_url(arena, cloud_graph_url(tenant->cloud), tenant->graph_url);
}

/* text is pattern with its one "{tid}" replaced by tenant_id. */
static bool matches(struct text t, const char *pattern, struct text tenant_id)
{
	const char *mark = strstr(pattern, "{tid}");
	struct text head = text_make(pattern, (size_t)(mark - pattern));
	struct text tail = text_of(mark + sizeof("{tid}") - 1);

	return t.len == head.len + tenant_id.len + tail.len && text_starts(t, head) &&
	       text_starts(text_from(t, head.len), tenant_id) && text_ends(t, tail);
}

static bool is_open_issuer(struct text issuer, struct text tenant_id)
{
	struct text path = issuer;

	if (!text_starts(issuer, TEXT("https://")) || !text_is_printable(issuer))
		return false;
	path = text_from(path, sizeof("https://") - 1);
	if (text_is_empty(text_cut(&path, '/')))
		return false;
	return text_eq(text_take(path, tenant_id.len), tenant_id) &&
	       text_starts(text_from(path, tenant_id.len), TEXT("/"));
}

bool cloud_issuer_is_ok(const struct tenant *tenant, bool is_version_2, struct text issuer)
{
	const char *const *spellings =
	    is_version_2 ? clouds[tenant->cloud].issuers_v2 : clouds[tenant->cloud].issuers_v1;
	struct text tenant_id = text_of(tenant->tenant_id);

	if (!spellings[0])
		return is_open_issuer(issuer, tenant_id);
	for (size_t i = 0; i < ISSUER_SPELLINGS && spellings[i]; i++)
		if (matches(issuer, spellings[i], tenant_id))
			return true;
	return false;
}

/* "host" or "host:port", with the few characters a host has. IPv6 in brackets. */
static bool is_authority(struct text t)
{
	if (t.len == 0 || t.len > 255)
		return false;
	for (size_t i = 0; i < t.len; i++) {
		char c = t.ptr[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      memchr(".-:[]", c, 5)))
			return false;
	}
	return true;
}

/* The authority of an https URL; ptr NULL for anything else. */
static struct text read_authority(struct text url, struct text *ret_rest)
{
	struct text rest = text_from(url, sizeof("https://") - 1);
	size_t n = 0;

	if (!text_starts(url, TEXT("https://")))
		return (struct text){0};
	while (n < rest.len && !memchr("/?#", rest.ptr[n], 3))
		n++;
	*ret_rest = text_from(rest, n);
	return is_authority(text_take(rest, n)) ? text_take(rest, n) : (struct text){0};
}

bool tenant_cloud_is_allowed(const struct config *config, const struct tenant *tenant)
{
	return tenant->cloud != CLOUD_CUSTOM || config->allow_custom_cloud;
}

bool tenant_is_served(const struct config *config, const struct tenant *tenant)
{
	return tenant->is_enabled && tenant_cloud_is_allowed(config, tenant);
}

bool cloud_base_url_is_ok(struct text url)
{
	struct text rest;

	return read_authority(url, &rest).ptr && (rest.len == 0 || text_eq(rest, TEXT("/")));
}

bool url_has_same_origin(struct text a, struct text b)
{
	struct text rest;
	struct text host_a = read_authority(a, &rest);
	struct text host_b = read_authority(b, &rest);

	return host_a.ptr && host_b.ptr && text_eq_nocase(host_a, host_b);
}
