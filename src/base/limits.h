/* SPDX-License-Identifier: Apache-2.0 */
/*
 * limits.h: every bound of the program in one place. Each has a test that goes one past it.
 * Sizes are bytes, times are seconds unless a name says otherwise.
 */
#ifndef MUSTER_BASE_LIMITS_H
#define MUSTER_BASE_LIMITS_H

enum {
	/* HTTP */
	LIMIT_HTTP_REQUEST_LINE = 8 * 1024, /* the request target included; a longer one gets 414 */
	LIMIT_HTTP_HEADER_BYTES = 32 * 1024, /* all header fields together; 431 */
	LIMIT_HTTP_HEADER_COUNT = 100,
	LIMIT_HTTP_HANDSHAKE_S = 10,
	LIMIT_HTTP_HEADERS_S = 10,
	LIMIT_HTTP_BODY_S = 30,
	LIMIT_HTTP_WRITE_S = 30,
	LIMIT_HTTP_IDLE_S = 15,
	LIMIT_HTTP_CONNECTIONS = 16384, /* per process; the newest is dropped */
	LIMIT_HTTP_CONNECTIONS_PER_SOURCE = 1024,
	LIMIT_HTTP_QUEUE = 1024,         /* requests waiting for a worker; 503 */
	LIMIT_HTTP_SESSION_CACHE = 1024, /* TLS sessions that can be resumed, a listener */
	LIMIT_HTTP_LINGER_S = 2,
	LIMIT_HTTP_BODY_RATE = 1024,             /* bytes a second */
	LIMIT_HTTP_HANDSHAKES = 2048,            /* in progress; further connections are dropped */
	LIMIT_HTTP_BUFFERED = 256 * 1024 * 1024, /* requests being read, all together; 503 */

	/* bodies, per route */
	LIMIT_BODY_FORM = 16 * 1024,
	LIMIT_BODY_SOAP = 256 * 1024,
	LIMIT_BODY_SYNCML = 1024 * 1024,
	LIMIT_BODY_API = 1024 * 1024,

	/* XML */
	LIMIT_XML_DEPTH = 32,
	LIMIT_XML_ATTRIBUTES = 64,
	LIMIT_XML_ELEMENTS = 4096,
	LIMIT_XML_ELEMENTS_SYNCML = 32768,
	LIMIT_XML_TEXT = 128 * 1024,
	LIMIT_XML_TEXT_SYNCML = 512 * 1024,
	LIMIT_XML_NAME = 512,      /* an element, attribute or namespace name */
	LIMIT_XML_NAMESPACES = 64, /* different ones in a document */

	/* SOAP */
	LIMIT_SOAP_VALUE = 2048, /* a header or a short element: addresses, names, versions */
	LIMIT_SOAP_CONTEXT_ITEMS = 128,
	LIMIT_SOAP_CONTEXT_VALUE = 64 * 1024,

	/* SyncML */
	LIMIT_SYNCML_COMMANDS = 2048, /* commands and items of one message together */
	LIMIT_SYNCML_LOCURI = 2048,
	LIMIT_SYNCML_REPLY = 384 * 1024, /* the rest waits for the next message */
	LIMIT_SYNCML_REPLY_COMMANDS = 100,
	LIMIT_SYNCML_SESSION_ID = 16, /* bytes; the specification says 4 */
	LIMIT_SYNCML_MSG_ID = 1000000,
	LIMIT_SYNCML_OBJECT = 512 * 1024, /* a value that comes in chunks, put together */
	LIMIT_SYNCML_FACT = 4096,         /* a value a device reports that is kept as a fact */

	/* settings of a policy */
	LIMIT_SETTING_DATA = 256 * 1024, /* so that any one setting fits into a reply */

	/* tokens */
	LIMIT_TOKEN = 16 * 1024,
	LIMIT_TOKEN_HEADER = 2 * 1024,
	LIMIT_TOKEN_DEPTH = 8,
	LIMIT_TOKEN_KID = 128,
	LIMIT_TOKEN_SKEW_S = 300,
	LIMIT_TOKEN_LIFETIME_S = 29 * 3600,

	/* signing keys */
	LIMIT_KEYS_METADATA = 64 * 1024,
	LIMIT_KEYS_DOCUMENT = 512 * 1024,
	LIMIT_KEYS_COUNT = 1000,
	LIMIT_KEYS_REFRESH_S = 3600,
	LIMIT_KEYS_FORCED_REFRESH_S = 300,
	LIMIT_KEYS_TTL_S = 24 * 3600,
	LIMIT_KEYS_FETCH_S = 5,

	/* certificates */
	LIMIT_CSR = 16 * 1024,
	LIMIT_CMS = 16 * 1024, /* a renewal: a request, a signature, a certificate or two */
	LIMIT_BER_DEPTH = 24,
	LIMIT_RSA_BITS_MIN = 2048,
	LIMIT_RSA_BITS_MAX = 4096,
	LIMIT_CLIENT_CHAIN_DEPTH = 2,
	LIMIT_CRL_ENTRIES = 100 * 1000,
	LIMIT_TRUSTED_ISSUERS = 64,       /* CAs one tenant trusts */
	LIMIT_TRUSTED_ISSUERS_TRIED = 16, /* of one name, by all tenants, for one request */

	/* a signed message: canonical form costs elements times the square of namespaces in scope
	 */
	LIMIT_SIGNED_BYTES = 64 * 1024,
	LIMIT_SIGNED_ELEMENTS = 512,
	LIMIT_SIGNED_NAMESPACES = 16,
	LIMIT_SIGNED_WINDOW_S = 60 * 60, /* from Created to Expires */

	/* Terms of Use */
	LIMIT_REDIRECT_URI = 2048,
	LIMIT_TERMS_STATE = 6 * 1024, /* sealed; it has to fit into a request line */
	LIMIT_TERMS_STATE_S = 15 * 60,
	LIMIT_OPAQUE_BLOB = 1024,
	LIMIT_OPAQUE_BLOB_S = 60 * 60,
	LIMIT_BRAND_FILE = 512 * 1024,
	LIMIT_BRAND_TOTAL = 32 * 1024 * 1024,
	LIMIT_BRANDS = 257, /* tenants with a directory of their own, and the server's */
	LIMIT_TERMS = 200,  /* texts of a tenant */
	LIMIT_TERMS_TITLE = 200,
	LIMIT_TERMS_GROUPS_MS = 2500, /* all that is asked of Graph before a page is shown */
	LIMIT_TERMS_GROUPS_S = 600,   /* so long an answer is good for */
	LIMIT_PINS_AT_ONCE = 500,
	LIMIT_PINS_OPEN = 10000, /* of a tenant */
	LIMIT_PIN_TRIES = 5,     /* wrong ones of a user, then none for a while */
	LIMIT_PIN_TRIES_SOURCE = 30,
	LIMIT_PIN_BLOCK_S = 15 * 60,

	/* HTML of administrators, as given and as cleaned */
	LIMIT_HTML = 64 * 1024,
	LIMIT_HTML_DEPTH = 32,
	LIMIT_HTML_ELEMENTS = 4096,
	LIMIT_HTML_LINK = 1024,

	/* signing in on a page of this server */
	LIMIT_APPRU = 512,
	LIMIT_SIGN_IN_S = 10 * 60,       /* from the first page to the provider's answer */
	LIMIT_SIGN_IN_TOKEN_S = 10 * 60, /* from that to a device that has enrolled */
	LIMIT_SIGN_IN_CODE = 4 * 1024,   /* an authorization code */
	LIMIT_SIGN_IN_STATE = 4 * 1024,

	/* enrolment */
	LIMIT_DEVICES_PER_USER = 15,    /* default of a tenant's device_limit */
	LIMIT_ENROLLMENTS_PER_DAY = 30, /* of a user, or twice device_limit where that is more */
	LIMIT_REFUSED_ATTEMPTS_KEPT =
	    10000,                   /* rows that name no known tenant; the oldest go first */
	LIMIT_QUESTIONS_KEPT = 2000, /* of those, the ones that went well: discovery */

	/* outbound */
	LIMIT_OUTBOUND_BODY = 1024 * 1024,
	LIMIT_OUTBOUND_S = 30,

	/* API */
	LIMIT_PAGE_DEFAULT = 50,
	LIMIT_PAGE_MAX = 200,
	LIMIT_JSON_DEPTH = 16
};

#endif
