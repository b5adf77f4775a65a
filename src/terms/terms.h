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
#include "model/tenant.h"
#include "terms/consent.h"
#include "terms/page.h"
#include "terms/redirect_uri.h"

/* A checked request for the page. */
struct terms_request {
	struct redirect_uri redirect;
	enum terms_mode mode;
	const char *client_request_id; /* GUID, made here when the client sent none */
	struct terms_look look;
	/* Filled by the caller: what chooses the text, see struct terms_wish. */
	const char *languages;
	const char *const *groups;
	size_t group_count;
};

enum terms_outcome {
	TERMS_E_REDIRECT_URI = 1, /* no allowed place to send the user to: answer 400 */
	TERMS_E_VERSION,          /* redirect with TERMS_ERROR_VERSION */
	TERMS_E_MODE,             /* redirect with TERMS_ERROR_MODE */
	TERMS_E_STATE,            /* the page's state is not ours: answer 400 */
	TERMS_E_EXPIRED,          /* page was open too long: redirect with TERMS_ERROR_INTERNAL */
	TERMS_E_TENANT,           /* tenant gone or disabled meanwhile: TERMS_ERROR_PREREQUISITE */
	TERMS_E_SHOW_AGAIN, /* page holds the page to show (text changed, no Decline here, PIN) */
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

/* Whether the tenant lets Windows be sent there: any address that can be read, or where the tenant
 * has rules of its own, one that begins like one of them. */
bool terms_redirect_is_allowed(struct op *op, const struct tenant *tenant,
			       const struct redirect_uri *redirect);
/* Where it leads, without the query: for people and records. */
const char *terms_redirect_place(struct arena *arena, const struct redirect_uri *redirect);

/* The page for a proved user. The text is kept as one that was shown, unless is_trial. */
MUST_CHECK int terms_show(struct op *op, const struct terms_request *request,
			  const struct entra_principal *principal, const struct tenant *tenant,
			  bool is_trial, struct buf *page);

/* The page about the same user. For the functions that show it. */
struct terms_showing {
	const struct tenant *tenant;
	const struct terms_consent *about;
	const struct terms_document *document;
	enum terms_notice notice;
	struct text sealed; /* the state it comes with; empty: a fresh one */
	bool is_trial;
};
MUST_CHECK int terms_page_make(struct op *op, const struct terms_showing *showing,
			       struct buf *page);

/* What came with a page's state: the posted form, or the query of the page's address. */
struct terms_form {
	const struct http_param *params;
	size_t count;
	struct text user_agent;
};

/* A page that came back. */
struct terms_resumed {
	struct text sealed;             /* the state as it came, once it is known to be good */
	const char *frame_ancestors;    /* of the tenant; "" while it is not known */
	struct terms_consent state;     /* filled whenever the state was authentic */
	struct redirect_uri redirect;   /* likewise */
	struct tenant tenant;           /* this and the rest on 0 */
	struct terms_document document; /* in force now */
	bool is_changed;                /* it is another one than was shown */
};

/* Opens the one state, and finds the tenant and the text in force. TERMS_E_STATE, TERMS_E_EXPIRED,
 * TERMS_E_TENANT, TERMS_E_REDIRECT_URI. attempts: count rows, completed with what is known. */
MUST_CHECK int terms_resume(struct op *op, const struct terms_form *form,
			    struct enrollment *attempts, size_t count, struct terms_resumed *ret);

/* The page once more, for a query that holds its state and nothing else. TERMS_E_SHOW_AGAIN, or an
 * outcome of terms_resume; never 0. Nothing is decided, recorded or prolonged: the page comes with
 * the same state, or with a fresh one where the text has changed. */
MUST_CHECK int terms_show_again(struct op *op, const struct terms_form *form, bool is_trial,
				struct enrollment *attempt, struct buf *page,
				struct terms_resumed *ret);

/* How a form that was understood ends; each leaves a row of its own. */
enum terms_ending {
	TERMS_ENDED_ACCEPTED,
	TERMS_ENDED_DECLINED,
	TERMS_ENDED_PIN_WRONG,
	TERMS_ENDED_PIN_BLOCKED
};
enum { TERMS_ENDINGS = 4 };

struct terms_decision {
	enum terms_ending ending; /* with 0, and with TERMS_E_SHOW_AGAIN where is_refused */
	bool is_refused;          /* because of the PIN */
	const char *location;
	struct terms_resumed resumed;
};

/* Opens the state, checks that the text is still the one that was shown, uses up the PIN where one
 * is asked, and on 0 has recorded the decision (decision, audit and attempt in one transaction) and
 * gives the redirect. The same choice posted again gives the redirect again, asks no PIN and leaves
 * no second record. A wrong PIN is recorded and counted likewise.
 * attempts: a row for each enum terms_ending, completed with what is known. page is written only
 * for TERMS_E_SHOW_AGAIN. */
MUST_CHECK int terms_decide(struct op *op, const struct terms_form *form,
			    struct enrollment attempts[TERMS_ENDINGS], struct buf *page,
			    struct terms_decision *ret);

#endif
