/* SPDX-License-Identifier: Apache-2.0 */
/*
 * provision.c: see provision.h. One part for each provider, in the order Windows applies them:
 * CertificateStore (0x8018001E), the w7 account (0x8018001F and 0x80180023), DMClient
 * (0x80180020). What Windows is not known to look at is not judged, such as the issuer's signature.
 * enrollment.md sections 5 and 8.
 */
#include "sim/device/provision.h"

#include <openssl/x509v3.h>

#include "base/b64.h"
#include "base/clock.h"
#include "sim/device/wap.h"

enum {
	THUMBPRINT_LEN = 40,
	RENEW_DAYS_MAX = 1000,
	RENEW_DAYS_DEFAULT = 42,
	RETRY_DAYS_DEFAULT = 7,
	DAY_MINUTES = 1440
};

/* One provisioning document under examination. */
struct reading {
	struct task *task;
	const struct provision_wish *wish;
	struct provision *found;
	const struct xml *root;
	bool is_key_inside; /* the key container, in the certificate's node */
};

static bool has_blank(struct text t)
{
	for (size_t i = 0; i < t.len; i++)
		if (t.ptr[i] == ' ' || t.ptr[i] == '\n' || t.ptr[i] == '\r' || t.ptr[i] == '\t')
			return true;
	return false;
}

/* The certificate under a node that is named by its SHA-1. */
static int certificate_take(struct reading *reading, const struct xml *node, const char *store,
			    struct text *ret)
{
	struct task *task = reading->task;
	struct text type = wap_type(node);
	struct text encoded = wap_value(node, "EncodedCertificate");
	CLEANUP(certificate_free) X509 *certificate = NULL;
	char *thumbprint;

	if (!encoded.ptr)
		return TASK_BROKEN(task, CODE_CERTIFICATE_STORE, "%s: no EncodedCertificate",
				   store);
	if (has_blank(encoded))
		return TASK_BROKEN(task, CODE_CERTIFICATE_STORE,
				   "%s: EncodedCertificate has line breaks or blanks", store);
	if (b64_read(task->arena, encoded, ret) != 0)
		return TASK_BROKEN(task, CODE_CERTIFICATE_STORE,
				   "%s: EncodedCertificate is not base64", store);
	certificate = certificate_read(*ret);
	if (!certificate)
		return TASK_BROKEN(task, CODE_CERTIFICATE_STORE, "%s: not an X.509 certificate",
				   store);
	thumbprint = certificate_thumbprint(task->arena, *ret);
	if (type.len != THUMBPRINT_LEN || !text_eq_c(type, thumbprint))
		return TASK_BROKEN(task, CODE_CERTIFICATE_STORE,
				   "%s: the node is called %.*s, the certificate's SHA-1 is %s",
				   store, TEXT_ARG(type), thumbprint);
	return 0;
}

/* Root and CA: every certificate below System. *ret: the first. */
static int trusted_take(struct reading *reading, const struct xml *stores, const char *store,
			struct text *ret)
{
	const struct xml *system = wap_node(wap_node(stores, store), "System");
	struct text der;

	for (const struct xml *x = system ? system->first : NULL; x; x = x->next) {
		int r = certificate_take(reading, x, store, &der);

		if (r != 0)
			return r;
		if (!ret->ptr)
			*ret = der;
	}
	return 0;
}

static bool is_for_clients(X509 *certificate)
{
	CLEANUP(certificate_free) X509 *copy = X509_dup(certificate);

	return copy && (X509_get_extension_flags(copy) & EXFLAG_XKUSAGE) &&
	       (X509_get_extended_key_usage(copy) & XKU_SSL_CLIENT) &&
	       !(X509_get_extension_flags(copy) & EXFLAG_CA);
}

static int own_certificate_check(struct reading *reading, X509 *certificate)
{
	struct task *task = reading->task;
	time_t now = (time_t)clock_now();

	if (X509_check_private_key(certificate, reading->wish->key) != 1)
		return TASK_BROKEN(task, CODE_CLIENT_CERTIFICATE,
				   "the certificate is not for the key of this device");
	if (!is_for_clients(certificate))
		return TASK_BROKEN(task, CODE_CLIENT_CERTIFICATE,
				   "the certificate is not for client authentication");
	if (X509_cmp_time(X509_get0_notBefore(certificate), &now) > 0 ||
	    X509_cmp_time(X509_get0_notAfter(certificate), &now) < 0)
		return TASK_BROKEN(task, CODE_CLIENT_CERTIFICATE,
				   "the certificate is not valid now");
	return 0;
}

static const char *own_store(const struct reading *reading)
{
	return reading->wish->is_full ? "User" : "System";
}

/* The thumbprint node of My/User or My/System: the child that is no PrivateKeyContainer. */
static int own_node_find(struct reading *reading, const struct xml *my, const struct xml **ret)
{
	struct task *task = reading->task;
	const char *other = reading->wish->is_full ? "System" : "User";
	const struct xml *store = wap_node(my, own_store(reading));
	const struct xml *found = NULL;
	bool has_container = false;

	if (wap_node(my, other))
		return TASK_BROKEN(task, CODE_CLIENT_CERTIFICATE,
				   "the certificate is in My/%s, this enrolment uses My/%s", other,
				   own_store(reading));
	for (const struct xml *x = store ? store->first : NULL; x; x = x->next) {
		if (text_eq_c(wap_type(x), "PrivateKeyContainer")) {
			has_container = true;
			continue;
		}
		if (found)
			return TASK_BROKEN(task, CODE_CERTIFICATE_STORE,
					   "My/%s holds more than one certificate",
					   own_store(reading));
		found = x;
		reading->is_key_inside = wap_node(x, "PrivateKeyContainer");
		has_container = has_container || reading->is_key_inside;
	}
	if (!found)
		return TASK_BROKEN(task, CODE_CERTIFICATE_STORE, "there is no certificate in My/%s",
				   own_store(reading));
	if (!has_container)
		return TASK_BROKEN(task, CODE_CERTIFICATE_STORE, "My/%s has no PrivateKeyContainer",
				   own_store(reading));
	*ret = found;
	return 0;
}

static int own_certificate_take(struct reading *reading, const struct xml *my)
{
	struct provision *found = reading->found;
	CLEANUP(certificate_free) X509 *certificate = NULL;
	const struct xml *node;
	int r = own_node_find(reading, my, &node);

	if (r == 0)
		r = certificate_take(reading, node, "My", &found->certificate);
	if (r != 0)
		return r;
	certificate = certificate_read(found->certificate);
	found->thumbprint = certificate_thumbprint(reading->task->arena, found->certificate);
	return own_certificate_check(reading, certificate);
}

static int renew_take(struct reading *reading, const struct xml *my)
{
	const struct xml *renew = wap_node(wap_node(my, "WSTEP"), "Renew");
	struct task *task = reading->task;
	int64_t period;
	int64_t interval;
	int r = wap_boolean(task, renew, "ROBOSupport", CODE_CERTIFICATE_STORE);

	if (r == 0)
		r = wap_integer(task, renew, "RenewPeriod", CODE_CERTIFICATE_STORE,
				RENEW_DAYS_DEFAULT, &period);
	if (r == 0)
		r = wap_integer(task, renew, "RetryInterval", CODE_CERTIFICATE_STORE,
				RETRY_DAYS_DEFAULT, &interval);
	if (r != 0)
		return r;
	if (period < 1 || period > RENEW_DAYS_MAX || interval < 1 || interval > period)
		return TASK_BROKEN(task, CODE_CERTIFICATE_STORE,
				   "WSTEP/Renew: RenewPeriod %d and RetryInterval %d do not fit",
				   (int)period, (int)interval);
	reading->found->renew_url = wap_string(task->arena, renew, "ServerURL");
	reading->found->renew_period = arena_printf(task->arena, "%d", (int)period);
	reading->found->retry_interval = arena_printf(task->arena, "%d", (int)interval);
	return 0;
}

static int certificates_take(struct reading *reading)
{
	const struct xml *stores = wap_node(reading->root, "CertificateStore");
	struct task *task = reading->task;
	struct text intermediate = {0};
	const struct xml *my = NULL;
	int r = 0;

	if (!stores)
		return TASK_BROKEN(task, CODE_PROVISIONING,
				   "provisioning document: no CertificateStore");
	/* It may come twice: trusted certificates in one, the device's own in the other. */
	for (; stores && r == 0; stores = wap_next(stores, "CertificateStore")) {
		r = trusted_take(reading, stores, "Root", &reading->found->root);
		if (r == 0)
			r = trusted_take(reading, stores, "CA", &intermediate);
		if (r == 0 && wap_node(stores, "My"))
			my = wap_node(stores, "My");
	}
	if (r == 0)
		r = own_certificate_take(reading, my);
	/* A renewal may leave the settings as they are. */
	if (r != 0 || (reading->wish->is_renewal && !wap_node(my, "WSTEP")))
		return r;
	return renew_take(reading, my);
}

static int account_names_check(struct task *task, const struct xml *node)
{
	for (const struct xml *x = node->first; x; x = x->next) {
		struct text name = xml_attribute(x, wap_is_node(x) ? "type" : "name");

		/* ServerList and two more of Microsoft's own samples are tolerated by Windows. */
		if (text_eq_c(name, "ServerList") || text_eq_c(name, "SSPHyperlink") ||
		    text_eq_c(name, "CRLCheck"))
			continue;
		for (size_t i = 0; i < name.len; i++)
			if (name.ptr[i] >= 'a' && name.ptr[i] <= 'z')
				return TASK_BROKEN(task, CODE_ACCOUNT,
						   "APPLICATION: %.*s is not in upper case",
						   TEXT_ARG(name));
		if (xml_attribute(x, "datatype").ptr)
			return TASK_BROKEN(task, CODE_ACCOUNT, "APPLICATION: %.*s has a datatype",
					   TEXT_ARG(name));
	}
	return wap_parm(node, "INIT")
		   ? TASK_BROKEN(task, CODE_ACCOUNT, "APPLICATION: INIT is for operators only")
		   : 0;
}

static int auth_check(struct task *task, const struct xml *auth, bool is_client_level)
{
	const char *level = is_client_level ? "CLIENT" : "APPSRV";
	struct text type = wap_value(auth, "AAUTHTYPE");
	struct text data = wap_value(auth, "AAUTHDATA");
	struct text nonce;
	bool is_digest = text_eq_c(type, "DIGEST");

	if (!is_digest && (is_client_level || !text_eq_c(type, "BASIC")))
		return TASK_BROKEN(task, CODE_PROVISIONING, "APPAUTH %s: AAUTHTYPE is \"%.*s\"",
				   level, TEXT_ARG(type));
	if (text_is_empty(wap_value(auth, "AAUTHSECRET")))
		return TASK_BROKEN(task, CODE_PROVISIONING, "APPAUTH %s: no AAUTHSECRET", level);
	if (!is_client_level && text_is_empty(wap_value(auth, "AAUTHNAME")))
		return TASK_BROKEN(task, CODE_PROVISIONING, "APPAUTH %s: no AAUTHNAME", level);
	if (is_digest && text_is_empty(data))
		return TASK_BROKEN(task, CODE_PROVISIONING, "APPAUTH %s: no AAUTHDATA", level);
	if (is_digest && b64_read(task->arena, data, &nonce) != 0)
		return TASK_BROKEN(task, CODE_PROVISIONING, "APPAUTH %s: AAUTHDATA is not base64",
				   level);
	return 0;
}

static int auths_check(struct task *task, const struct xml *application)
{
	const struct xml *auth = wap_node(application, "APPAUTH");
	unsigned seen = 0;

	for (; auth; auth = wap_next(auth, "APPAUTH")) {
		struct text level = wap_value(auth, "AAUTHLEVEL");
		bool is_client_level = text_eq_c(level, "CLIENT");
		int r;

		if (!is_client_level && !text_eq_c(level, "APPSRV"))
			return TASK_BROKEN(task, CODE_PROVISIONING,
					   "APPAUTH: AAUTHLEVEL is \"%.*s\"", TEXT_ARG(level));
		r = auth_check(task, auth, is_client_level);
		if (r != 0)
			return r;
		seen |= is_client_level ? 1U : 2U;
	}
	if (seen != 3)
		return TASK_BROKEN(task, CODE_PROVISIONING, "APPLICATION: no APPAUTH for %s",
				   seen & 1 ? "APPSRV" : "CLIENT");
	return 0;
}

static int criteria_unescape(struct task *task, struct text in, struct text *ret)
{
	struct http_param param[1];
	size_t count;
	struct text pair = text_of(arena_printf(task->arena, "v=%.*s", TEXT_ARG(in)));

	if (http_form_read(task->arena, pair, false, param, 1, &count) != 0 || count != 1)
		return TASK_BROKEN(task, CODE_CLIENT_CERTIFICATE,
				   "SSLCLIENTCERTSEARCHCRITERIA: bad escape in %.*s", TEXT_ARG(in));
	*ret = param[0].value;
	return 0;
}

/* Windows finds its TLS certificate by these; what does not fit shows in the first session only. */
static int criteria_check(struct reading *reading, const struct xml *application)
{
	struct text rest = wap_value(application, "SSLCLIENTCERTSEARCHCRITERIA");
	struct task *task = reading->task;
	CLEANUP(certificate_free) X509 *own = certificate_read(reading->found->certificate);
	const char *subject =
	    arena_printf(task->arena, "CN=%s", certificate_common_name(task->arena, own));
	const char *store = arena_printf(task->arena, "My\\%s", own_store(reading));

	while (rest.ptr && rest.len > 0) {
		struct text value = text_cut(&rest, '&');
		struct text name = text_cut(&value, '=');
		const char *wanted = text_eq_c(name, "Subject") ? subject : store;
		int r;

		if (text_starts(name, TEXT("amp;")))
			return TASK_BROKEN(task, CODE_CLIENT_CERTIFICATE,
					   "SSLCLIENTCERTSEARCHCRITERIA is escaped twice");
		if (!text_eq_c(name, "Subject") && !text_eq_c(name, "Stores"))
			continue;
		r = criteria_unescape(task, value, &value);
		if (r != 0)
			return r;
		if (!text_eq_nocase(value, text_of(wanted)))
			return TASK_BROKEN(task, CODE_CLIENT_CERTIFICATE,
					   "SSLCLIENTCERTSEARCHCRITERIA: %.*s is %.*s, the "
					   "certificate's is %s",
					   TEXT_ARG(name), TEXT_ARG(value), wanted);
	}
	return 0;
}

/* A number of the account: no datatype there. */
static int account_number(struct task *task, const struct xml *application, const char *name,
			  int64_t otherwise, int64_t *ret)
{
	struct text value = wap_value(application, name);
	uint64_t number;

	*ret = otherwise;
	if (!value.ptr)
		return 0;
	if (!text_to_u64(value, &number) || number > INT32_MAX)
		return TASK_BROKEN(task, CODE_ACCOUNT, "APPLICATION: %s is \"%.*s\"", name,
				   TEXT_ARG(value));
	*ret = (int64_t)number;
	return 0;
}

static int account_values_take(struct reading *reading, const struct xml *application)
{
	struct provision *found = reading->found;
	struct task *task = reading->task;
	int r;

	found->provider_id = wap_string(task->arena, application, "PROVIDER-ID");
	found->name = wap_string(task->arena, application, "NAME");
	found->address = wap_string(task->arena, application, "ADDR");
	if (!text_eq_c(wap_value(application, "APPID"), "w7"))
		return TASK_BROKEN(task, CODE_ACCOUNT, "APPLICATION: APPID is not w7");
	if (!found->provider_id[0])
		return TASK_BROKEN(task, CODE_ACCOUNT, "APPLICATION: no PROVIDER-ID");
	if (!text_starts(text_of(found->address), TEXT("https://")))
		return TASK_BROKEN(task, CODE_ACCOUNT, "APPLICATION: ADDR is \"%s\", not https",
				   found->address);
	r = account_number(task, application, "CONNRETRYFREQ", 3, &found->retry_count);
	if (r == 0)
		r = account_number(task, application, "INITIALBACKOFFTIME", 16000,
				   &found->retry_first_ms);
	if (r == 0)
		r = account_number(task, application, "MAXBACKOFFTIME", 86400000,
				   &found->retry_max_ms);
	return r;
}

static int account_take(struct reading *reading)
{
	const struct xml *application = wap_node(reading->root, "APPLICATION");
	struct task *task = reading->task;
	int r;

	if (!application || wap_next(application, "APPLICATION"))
		return TASK_BROKEN(task, CODE_ACCOUNT,
				   "provisioning document: not exactly one APPLICATION");
	r = account_names_check(task, application);
	if (r == 0)
		r = account_values_take(reading, application);
	if (r == 0)
		r = auths_check(task, application);
	return r == 0 ? criteria_check(reading, application) : r;
}

static int poll_check(struct task *task, const struct poll *poll)
{
	bool is_first_endless = poll->first_count == 0 && poll->first_interval > 0;
	bool is_second_endless = poll->second_count == 0 && poll->second_interval > 0;
	bool is_rest_endless = poll->rest_count == 0 && poll->rest_interval > 0;

	if (poll->first_count == 0 && poll->second_count == 0 && poll->rest_count == 0)
		return TASK_BROKEN(task, CODE_CLIENT_SETTINGS, "Poll: all three counts are 0");
	if (is_first_endless + is_second_endless + is_rest_endless > 1)
		return TASK_BROKEN(task, CODE_CLIENT_SETTINGS, "Poll: more than one endless set");
	if (poll->rest_interval > 0 && poll->rest_interval < DAY_MINUTES)
		return TASK_BROKEN(task, CODE_CLIENT_SETTINGS,
				   "Poll: IntervalForRemainingScheduledRetries is below 1440");
	return 0;
}

static int poll_take(struct reading *reading, const struct xml *node)
{
	struct poll *poll = &reading->found->poll;
	const struct {
		const char *name;
		int64_t otherwise;
		int64_t *ret;
	} rows[] = {
	    {"NumberOfFirstRetries", 10, &poll->first_count},
	    {"IntervalForFirstSetOfRetries", 15, &poll->first_interval},
	    {"NumberOfSecondRetries", 0, &poll->second_count},
	    {"IntervalForSecondSetOfRetries", 0, &poll->second_interval},
	    {"NumberOfRemainingScheduledRetries", 0, &poll->rest_count},
	    {"IntervalForRemainingScheduledRetries", 0, &poll->rest_interval},
	};
	struct task *task = reading->task;
	int r = wap_boolean(task, node, "PollOnLogin", CODE_CLIENT_SETTINGS);

	if (r == 0)
		r = wap_boolean(task, node, "AllUsersPollOnFirstLogin", CODE_CLIENT_SETTINGS);
	for (size_t i = 0; i < ARRAY_LEN(rows) && r == 0; i++)
		r = wap_integer(task, node, rows[i].name, CODE_CLIENT_SETTINGS, rows[i].otherwise,
				rows[i].ret);
	return r == 0 ? poll_check(task, poll) : r;
}

static int client_take(struct reading *reading)
{
	struct provision *found = reading->found;
	struct task *task = reading->task;
	const struct xml *providers = wap_node(wap_node(reading->root, "DMClient"), "Provider");
	const struct xml *provider = wap_node(providers, found->provider_id);

	if (!providers)
		return TASK_BROKEN(task, CODE_CLIENT_SETTINGS,
				   "provisioning document: no DMClient/Provider");
	if (!provider || xml_child_count(providers) != 1)
		return TASK_BROKEN(
		    task, CODE_CLIENT_SETTINGS, "DMClient/Provider/%.*s is not the PROVIDER-ID %s",
		    TEXT_ARG(providers->first ? wap_type(providers->first) : TEXT_EMPTY),
		    found->provider_id);
	if (wap_node(provider, "Push"))
		return TASK_BROKEN(task, CODE_CLIENT_SETTINGS,
				   "DMClient: Push cannot be set in the provisioning document");
	found->upn = wap_string(task->arena, provider, "UPN");
	found->ent_dmid = wap_string(task->arena, provider, "EntDMID");
	found->aad_resource_id = wap_string(task->arena, provider, "AADResourceID");
	return poll_take(reading, wap_node(provider, "Poll"));
}

/* Windows 11 25H2 refuses a document with any other part. */
static int parts_check(struct task *task, const struct xml *root)
{
	for (const struct xml *x = root->first; x; x = x->next)
		if (!wap_is_node(x) ||
		    (!text_eq_c(wap_type(x), "CertificateStore") &&
		     !text_eq_c(wap_type(x), "APPLICATION") && !text_eq_c(wap_type(x), "DMClient")))
			return TASK_BROKEN(task, CODE_OTHER_CSP,
					   "provisioning document: part %.*s is refused",
					   TEXT_ARG(wap_type(x)));
	return 0;
}

static int document_open(struct reading *reading, struct text document)
{
	struct task *task = reading->task;
	struct xml_document read;
	const char *why;

	if (xml_read(task->arena, document, &read, &why))
		return TASK_BROKEN(task, CODE_PROVISIONING, "provisioning document: not XML: %s",
				   why);
	if (!xml_is(read.root, "", "wap-provisioningdoc") ||
	    !text_eq_c(xml_attribute(read.root, "version"), "1.1"))
		return TASK_BROKEN(task, CODE_PROVISIONING,
				   "not a wap-provisioningdoc of version 1.1");
	reading->root = read.root;
	return wap_check(task, read.root);
}

/* A renewal repeats the certificates and names the account. */
static int renewal_check(struct reading *reading)
{
	const struct xml *application = wap_node(reading->root, "APPLICATION");
	struct text provider = wap_value(application, "PROVIDER-ID");
	struct task *task = reading->task;

	if (!reading->is_key_inside)
		return TASK_BROKEN(task, CODE_CERTIFICATE_STORE,
				   "renewal: no PrivateKeyContainer inside the certificate");
	if (application && !text_eq_c(provider, reading->wish->provider_id))
		return TASK_BROKEN(task, CODE_ACCOUNT, "renewal: PROVIDER-ID is \"%.*s\"",
				   TEXT_ARG(provider));
	if (wap_node(reading->root, "DMClient"))
		return TASK_BROKEN(task, CODE_CLIENT_SETTINGS, "renewal: DMClient is sent again");
	return 0;
}

int provision_read(struct task *task, struct text document, const struct provision_wish *wish,
		   struct provision *ret)
{
	struct provision found = {.renew_url = ""};
	struct reading reading = {.task = task, .wish = wish, .found = &found};
	int r = document_open(&reading, document);

	if (r == 0)
		r = parts_check(task, reading.root);
	if (r == 0)
		r = certificates_take(&reading);
	if (r == 0 && wish->is_renewal)
		r = renewal_check(&reading);
	if (r == 0 && !wish->is_renewal)
		r = account_take(&reading);
	if (r == 0 && !wish->is_renewal)
		r = client_take(&reading);
	if (r == 0)
		*ret = found;
	return r;
}
