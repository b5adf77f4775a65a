/* SPDX-License-Identifier: Apache-2.0 */
/*
 * line.c: see line.h. libldap reads trusted certificates from a file only; a pinned one is
 * given to it as a file in memory.
 */
#include "ldap/line.h"

#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "ldap/address.h"

#define SYSTEM_CA  "/etc/ssl/certs/ca-certificates.crt"
#define TLS_LEAST  LDAP_OPT_X_TLS_PROTOCOL_TLS1_2
#define GNUTLS     "GnuTLS"
#define GNUTLS_SET "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

enum { ANSWER_MAX = 1024 * 1024, MESSAGES_MAX = 64 };

static int unavailable(struct line *s, const char *why)
{
	s->why = why;
	return LINE_E_UNAVAILABLE;
}

/* What libldap says about the handle's last failure, with its own words about TLS. */
static int failed(struct line *s)
{
	int code = LDAP_OTHER;
	char *diagnostic = NULL;

	ldap_get_option(s->ld, LDAP_OPT_RESULT_CODE, &code);
	ldap_get_option(s->ld, LDAP_OPT_DIAGNOSTIC_MESSAGE, &diagnostic);
	s->why = arena_printf(s->arena, "%s%s%.200s", ldap_err2string(code),
			      diagnostic && *diagnostic ? ": " : "", diagnostic ? diagnostic : "");
	ldap_memfree(diagnostic);
	return LINE_E_UNAVAILABLE;
}

static struct timeval time_left(const struct line *s)
{
	int64_t left = s->until_ms - clock_mono_ms();

	left = left > 1 ? left : 1;
	return (struct timeval){.tv_sec = left / 1000, .tv_usec = left % 1000 * 1000};
}

/* The pinned certificates as a file; its path, or NULL. */
static const char *ca_path(struct line *s, const char *pem)
{
	size_t len = strlen(pem);

	if (len == 0)
		return SYSTEM_CA;
	s->ca_file = memfd_create("ldap-ca", MFD_CLOEXEC);
	if (s->ca_file < 0 || write(s->ca_file, pem, len) != (ssize_t)len)
		return NULL;
	return arena_printf(s->arena, "/proc/self/fd/%d", s->ca_file);
}

/* Each must be taken: one that is not would leave what the machine's files say. */
static bool tls_set(struct line *s, const char *ca)
{
	const int demand = LDAP_OPT_X_TLS_DEMAND, least = TLS_LEAST, client = 0;
	char *package = NULL;
	bool is_ok;

	is_ok = ldap_set_option(s->ld, LDAP_OPT_X_TLS_REQUIRE_CERT, &demand) == 0 &&
		ldap_set_option(s->ld, LDAP_OPT_X_TLS_PROTOCOL_MIN, &least) == 0 &&
		ldap_set_option(s->ld, LDAP_OPT_X_TLS_CACERTDIR, NULL) == 0 &&
		ldap_set_option(s->ld, LDAP_OPT_X_TLS_CERTFILE, NULL) == 0 &&
		ldap_set_option(s->ld, LDAP_OPT_X_TLS_KEYFILE, NULL) == 0 &&
		ldap_set_option(s->ld, LDAP_OPT_X_TLS_CACERTFILE, ca) == 0;
	if (is_ok && ldap_get_option(NULL, LDAP_OPT_X_TLS_PACKAGE, &package) == 0 && package &&
	    !strcmp(package, GNUTLS))
		is_ok = ldap_set_option(s->ld, LDAP_OPT_X_TLS_CIPHER_SUITE, GNUTLS_SET) == 0;
	ldap_memfree(package);
	/* Now the context is made from those. */
	return is_ok && ldap_set_option(s->ld, LDAP_OPT_X_TLS_NEWCTX, &client) == 0;
}

static bool options_set(struct line *s)
{
	const int version = LDAP_VERSION3, never = LDAP_DEREF_NEVER, limit = 1;
	struct timeval left = time_left(s);

	return ldap_set_option(s->ld, LDAP_OPT_PROTOCOL_VERSION, &version) == 0 &&
	       ldap_set_option(s->ld, LDAP_OPT_REFERRALS, LDAP_OPT_OFF) == 0 &&
	       ldap_set_option(s->ld, LDAP_OPT_RESTART, LDAP_OPT_OFF) == 0 &&
	       ldap_set_option(s->ld, LDAP_OPT_DEREF, &never) == 0 &&
	       ldap_set_option(s->ld, LDAP_OPT_SIZELIMIT, &limit) == 0 &&
	       ldap_set_option(s->ld, LDAP_OPT_NETWORK_TIMEOUT, &left) == 0 &&
	       ldap_set_option(s->ld, LDAP_OPT_TIMEOUT, &left) == 0;
}

/* The connection exists once something was sent on it. */
static void socket_bound(struct line *s)
{
	ber_len_t most = ANSWER_MAX;
	Sockbuf *sb = NULL;
	int yes = 1;

	if (ldap_get_option(s->ld, LDAP_OPT_SOCKBUF, &sb) != 0 || !sb)
		return;
	ber_sockbuf_ctrl(sb, LBER_SB_OPT_SET_NONBLOCK, &yes);
	ber_sockbuf_ctrl(sb, LBER_SB_OPT_SET_MAX_INCOMING, &most);
}

/* The next message of an operation. */
static int message_wait(struct line *s, int id, LDAPMessage **ret)
{
	struct timeval left = time_left(s);
	int kind;

	socket_bound(s);
	if (s->until_ms <= clock_mono_ms())
		return unavailable(s, "no answer in time");
	kind = ldap_result(s->ld, id, LDAP_MSG_ONE, &left, ret);
	if (kind == 0)
		return unavailable(s, "no answer in time");
	if (kind < 0)
		return failed(s);
	s->is_answered = true;
	return 0;
}

/* The result in a message, which is freed. */
static int answer_read(struct line *s, LDAPMessage *message, struct line_answer *ret)
{
	char *diagnostic = NULL;
	int code = LDAP_OTHER;

	if (ldap_parse_result(s->ld, message, &code, NULL, &diagnostic, NULL, NULL, 1) != 0)
		return unavailable(s, "an answer that cannot be read");
	ret->code = code;
	ret->diagnostic = arena_cstr(s->arena, text_take(text_of(diagnostic), 512));
	ldap_memfree(diagnostic);
	if (code == LDAP_SUCCESS)
		return 0;
	s->why = arena_printf(s->arena, "%s%s%.200s", ldap_err2string(code),
			      *ret->diagnostic ? ": " : "", ret->diagnostic);
	return LINE_E_REFUSED;
}

static int tls_start(struct line *s)
{
	struct line_answer answer;
	LDAPMessage *message = NULL;
	int id, r;

	if (ldap_start_tls(s->ld, NULL, NULL, &id) != 0)
		return failed(s);
	r = message_wait(s, id, &message);
	if (r == 0)
		r = answer_read(s, message, &answer);
	if (r == LINE_E_REFUSED)
		return unavailable(
		    s, arena_printf(s->arena, "the server does not start TLS (%s)", s->why));
	if (r)
		return r;
	if (ldap_install_tls(s->ld) == 0 && ldap_tls_inplace(s->ld))
		return 0;
	s->is_answered = false; /* by whom, nobody knows */
	return failed(s);
}

int line_open(struct line *line, struct arena *arena, const struct ldap_directory *directory)
{
	struct line *s = line;
	const char *ca;

	*s = (struct line){
	    .arena = arena,
	    .until_ms = clock_mono_ms() + LINE_TIME_MS,
	    .ca_file = -1,
	    .why = "",
	};
	if (address_refusal(directory->url, directory->is_start_tls))
		return unavailable(s, "the url is not allowed");
	if (ldap_initialize(&s->ld, directory->url) != 0)
		return unavailable(s, "the url cannot be used");
	ca = ca_path(s, directory->ca_certificate);
	if (!ca || !options_set(s) || !tls_set(s, ca))
		return unavailable(s, "ca_certificate is not a certificate in PEM");
	return directory->is_start_tls ? tls_start(s) : 0;
}

void line_close(struct line *line)
{
	if (line->ld)
		ldap_unbind_ext_s(line->ld, NULL, NULL);
	if (line->ca_file >= 0)
		close(line->ca_file);
	line->ld = NULL;
	line->ca_file = -1;
}

int line_bind(struct line *line, const char *dn, struct text password, struct line_answer *ret)
{
	char *copy = arena_cstr(line->arena, password);
	struct berval value = {.bv_val = copy, .bv_len = password.len};
	LDAPMessage *message = NULL;
	int id, r;

	if (*dn && password.len == 0)
		return unavailable(line, "a bind without a password is a bind by nobody");
	r = ldap_sasl_bind(line->ld, dn, LDAP_SASL_SIMPLE, &value, NULL, NULL, &id);
	if (r != 0)
		return failed(line);
	r = message_wait(line, id, &message);
	return r ? r : answer_read(line, message, ret);
}

static struct text value_read(struct line *s, LDAPMessage *entry, const char *attribute)
{
	struct berval **values = ldap_get_values_len(s->ld, entry, attribute);
	struct text value = TEXT_EMPTY;

	if (values && values[0])
		value = arena_text(s->arena, text_make(values[0]->bv_val, values[0]->bv_len));
	ldap_value_free_len(values);
	return value;
}

static void entry_read(struct line *s, LDAPMessage *entry, const struct line_query *search,
		       struct line_entry *ret)
{
	char *dn = ldap_get_dn(s->ld, entry);

	ret->is_found = dn && *dn;
	ret->dn = arena_string(s->arena, dn ? dn : "");
	ldap_memfree(dn);
	for (size_t i = 0; search->attributes[i] && i < LINE_ATTRIBUTES; i++)
		ret->values[i] = value_read(s, entry, search->attributes[i]);
}

/* Messages until the result; entries before it. References to other servers are passed over. */
static int entries_read(struct line *s, int id, const struct line_query *search,
			struct line_entry *ret, struct line_answer *ret_answer)
{
	for (int i = 0; i < MESSAGES_MAX; i++) {
		LDAPMessage *message = NULL;
		int r = message_wait(s, id, &message);

		if (r)
			return r;
		switch (ldap_msgtype(message)) {
		case LDAP_RES_SEARCH_RESULT:
			return answer_read(s, message, ret_answer);
		case LDAP_RES_SEARCH_ENTRY:
			if (ret->is_found) {
				ldap_msgfree(message);
				s->why = "more than one entry fits";
				return LINE_E_MANY;
			}
			entry_read(s, message, search, ret);
			break;
		default:
			break;
		}
		ldap_msgfree(message);
	}
	return unavailable(s, "an answer without an end");
}

int line_search(struct line *line, const struct line_query *search, struct line_entry *ret,
		struct line_answer *ret_answer)
{
	struct timeval left = time_left(line);
	char *attributes[LINE_ATTRIBUTES + 1] = {NULL};
	struct line_entry entry = {.dn = ""};
	int scope = search->is_base_only ? LDAP_SCOPE_BASE : LDAP_SCOPE_SUBTREE;
	int id, r;

	for (size_t i = 0; i < LINE_ATTRIBUTES && search->attributes[i]; i++)
		attributes[i] = arena_string(line->arena, search->attributes[i]);
	r = ldap_search_ext(line->ld, search->base, scope, search->filter, attributes, 0, NULL,
			    NULL, &left, 1, &id);
	if (r == LDAP_FILTER_ERROR) {
		*ret_answer = (struct line_answer){r, ""};
		line->why = "the filter is not valid";
		return LINE_E_REFUSED;
	}
	if (r != 0)
		return failed(line);
	r = entries_read(line, id, search, &entry, ret_answer);
	if (r == LINE_E_REFUSED && ret_answer->code == LDAP_SIZELIMIT_EXCEEDED)
		return LINE_E_MANY;
	if (r)
		return r;
	*ret = entry;
	return 0;
}
