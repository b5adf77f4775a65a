/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ep_terms_asset.c: style sheets, logos and the script that the pages of the Terms of Use refer to.
 * They were built in or read into memory with the configuration; an address either is one of
 * theirs, byte for byte, or it does not exist. Anybody may read them, as a web view sends no token
 * with such requests.
 *
 * A logo in SVG could hold a script. As an image it runs none; opened by itself the policy of the
 * answer forbids it to.
 */
#include "edge/ep_terms.h"

#include "edge/terms_answer.h"
#include "terms/script.h"

static const struct terms_asset *asset_find(const struct op *op, struct text path)
{
	const struct terms_asset *script = terms_script(op->arena);

	return text_eq_c(path, script->path) ? script
					     : terms_asset_find(op->config->branding, path);
}

int ep_terms_asset(struct op *op, const struct http_request *request,
		   struct http_response *response)
{
	const struct terms_asset *asset = asset_find(op, request->path);

	http_response_set(response, asset ? 200 : 404,
			  asset ? asset->type : "text/plain; charset=utf-8");
	http_response_header(response, "Content-Security-Policy",
			     TEXT("default-src 'none'; style-src 'unsafe-inline'; sandbox"));
	terms_answer_common(response);
	/* After a reload another server of the same name may have what this one has not. */
	http_response_header(response, "Cache-Control",
			     asset ? TEXT("public, max-age=31536000, immutable")
				   : TEXT("no-store"));
	if (asset)
		buf_add_text(&response->body, asset->data);
	else
		buf_add_c(&response->body, "not found\n");
	return 0;
}
