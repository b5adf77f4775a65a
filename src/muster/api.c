/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api.c: see api.h. contract.md section 5: errors are application/problem+json; its detail is the
 * line the user gets, with the trace id that the server's log knows.
 */
#include "muster/api.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/secret.h"
#include "http/client.h"

/* A check of a tenant makes three calls of its own; a page may hold 200 policies. */
enum { TOKEN_BYTES = 1024, TIMEOUT_MS = 120 * 1000, ANSWER_BYTES = 256 * 1024 * 1024 };

struct cli_api {
	struct http_client *http;
	const char *url;
	char *authorization; /* the header's line */
};

static int token_read(struct cli *cli, struct cli_api *api, const char *path)
{
	struct secret token;
	int r = 0;

	secret_init(&token);
	if (secret_read_file(&token, path, TOKEN_BYTES, &cli->trail))
		return cli_fail(cli, CLI_E_FAILED, "token file: %s", cli->trail.cause);
	if (token.len == 0 || !text_is_printable(secret_text(&token)))
		r = cli_fail(cli, CLI_E_FAILED, "%s holds no API token", path);
	else
		api->authorization = arena_printf(&cli->arena, "Authorization: Bearer %.*s",
						  TEXT_ARG(secret_text(&token)));
	secret_done(&token);
	return r;
}

int cli_api_open(struct cli *cli, const struct cli_settings *settings, struct cli_api **ret)
{
	struct cli_api *api = ARENA_NEW(&cli->arena, struct cli_api);
	int r;

	api->url = settings->url;
	r = token_read(cli, api, settings->token_file);
	if (r)
		return r;
	if (http_client_new(&api->http, settings->ca, &cli->trail))
		return cli_fail_trail(cli);
	*ret = api;
	return 0;
}

void cli_api_close(struct cli_api *api)
{
	if (!api)
		return;
	http_client_free(api->http);
	secret_wipe(api->authorization, strlen(api->authorization));
}

/* What to do about it, behind what the library says. */
static int send_failed(struct cli *cli, const struct cli_api *api, int r)
{
	if (r == HTTP_CLIENT_E_REFUSED)
		return cli_fail(cli, CLI_E_USAGE,
				"'%s' is no address of a server; give https://host or "
				"https://host:port",
				api->url);
	if (r == HTTP_CLIENT_E_UNTRUSTED)
		return cli_fail(cli, CLI_E_FAILED,
				"%s; name the certificate to trust with --ca or MUSTER_CA",
				cli->trail.cause);
	return cli_fail_trail(cli);
}

int cli_api_send(struct cli *cli, struct cli_api *api, const char *method, const char *target,
		 struct text body, struct cli_answer *ret)
{
	const char *headers[] = {api->authorization, "Accept: application/json",
				 body.len > 0 ? "Content-Type: application/json" : NULL, NULL};
	const struct http_client_request request = {
	    .method = method,
	    .url = arena_printf(&cli->arena, "%s%s", api->url, target),
	    .headers = headers,
	    .body = body,
	    .body_limit = ANSWER_BYTES,
	    .timeout_ms = TIMEOUT_MS,
	};
	struct http_client_response response = {0};
	const struct json *json = NULL;
	int r;

	trail_reset(&cli->trail);
	r = http_client_send(api->http, &cli->arena, &request, &response, &cli->trail);
	if (r)
		return send_failed(cli, api, r);
	if (response.body.len > 0 && json_read(&cli->arena, response.body, LIMIT_JSON_DEPTH, &json))
		json = NULL;
	*ret = (struct cli_answer){response.status, response.body, json};
	return 0;
}

int cli_answer_check(struct cli *cli, const struct cli_answer *answer)
{
	struct text detail = json_text(answer->json, "detail");
	struct text title = json_text(answer->json, "title");
	struct text trace = json_text(answer->json, "trace_id");

	if (answer->status >= 200 && answer->status < 300)
		return 0;
	if (text_is_empty(detail))
		detail = title;
	if (text_is_empty(detail))
		return cli_fail(cli, CLI_E_FAILED, "the server answered HTTP %d; is this Muster?",
				answer->status);
	return cli_fail(cli, CLI_E_FAILED, "%.*s (HTTP %d%s%.*s)", TEXT_ARG(detail), answer->status,
			trace.len > 0 ? ", trace id " : "", TEXT_ARG(trace));
}
