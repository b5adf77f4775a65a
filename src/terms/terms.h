/* SPDX-License-Identifier: Apache-2.0 */
/*
 * terms.h: the Terms of Use endpoint's decisions: what is asked, what is answered, what is
 * recorded.
 *
 * The order is fixed: the redirect address first (without one that is allowed nothing is ever
 * redirected), then the protocol version and mode, then the token (checked by the caller with
 * entra/), then the page. Deciding needs only the sealed state. Tokens never reach this module.
 */
#ifndef MUSTER_TERMS_TERMS_H
#define MUSTER_TERMS_TERMS_H

#include "http/message.h"
#include "model/device.h"
#include "model/op.h"
#include "terms/consent.h"
#include "terms/page.h"
#include "terms/redirect_uri.h"

/* A checked request for the page. */
struct terms_request {
	struct redirect_uri redirect;
	enum terms_mode mode;
	const char *client_request_id; /* GUID, made here when the client sent none */
	struct terms_look look;
};

enum terms_outcome {
	TERMS_E_REDIRECT_URI = 1, /* no allowed place to send the user to: answer 400 */
	TERMS_E_VERSION,          /* redirect with TERMS_ERROR_VERSION */
	TERMS_E_MODE,             /* redirect with TERMS_ERROR_MODE */
	TERMS_E_STATE,            /* the form's state is not ours: answer 400 */
	TERMS_E_EXPIRED,          /* page was open too long: redirect with TERMS_ERROR_INTERNAL */
	TERMS_E_TENANT,           /* tenant gone or disabled meanwhile: TERMS_ERROR_PREREQUISITE */
	TERMS_E_SHOW_AGAIN, /* *ret_page holds the page to show (text changed, no Decline here) */
};

enum terms_error {
	TERMS_ERROR_VERSION,
	TERMS_ERROR_MODE,
	TERMS_ERROR_TOKEN,
	TERMS_ERROR_PREREQUISITE,
	TERMS_ERROR_INTERNAL
};

/* Read and check the query. On TERMS_E_VERSION and TERMS_E_MODE ret->redirect and
 * ret->client_request_id are valid. *ret_reason names what was wrong with the redirect address. */
MUST_CHECK int terms_request_read(struct op *op, const struct http_param *params, size_t count,
				  struct terms_request *ret, const char **ret_reason);

/* Location of an error redirect (protocol: error redirect table). */
char *terms_error_location(struct arena *arena, const struct redirect_uri *redirect,
			   enum terms_error error, const char *client_request_id);

/* The page for a proved user. organization is shown as the name of who asks. */
void terms_show(struct op *op, const struct terms_request *request,
		const struct entra_principal *principal, const char *organization,
		struct buf *page);

struct terms_decision {
	bool is_accepted;
	const char *location;
	struct terms_consent state;   /* filled whenever the state was authentic */
	struct redirect_uri redirect; /* likewise */
};

/* The posted form: opens the state, checks that the text is still the one that was shown, and on
 * 0 has recorded the decision (audit and attempt in one transaction) and gives the redirect. The
 * same choice posted again gives the redirect again and leaves no second record.
 * attempt is completed with what is known. page is written only for TERMS_E_SHOW_AGAIN. */
MUST_CHECK int terms_decide(struct op *op, const struct http_param *params, size_t count,
			    struct enrollment *attempt, struct buf *page,
			    struct terms_decision *ret);

#endif
