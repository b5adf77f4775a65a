/* SPDX-License-Identifier: Apache-2.0 */
/*
 * provision.c: the provisioning document, part by part.
 *
 * Store and parameter names are case-sensitive. A certificate is a node named by its SHA-1 in
 * upper case, with plain base64 on one line. datatype is written where the value is not a
 * string and in DMClient, never in APPLICATION. PrivateKeyContainer stands beside the certificate
 * when enrolling and inside it when renewing, as the samples of each have it.
 */
#include "soap/provision.h"

#include "base/b64.h"
#include "base/digest.h"
#include "base/hex.h"
#include "xml/xml_write.h"

enum { CONNECTION_RETRIES = 6, INITIAL_BACKOFF_MS = 30000, MAX_BACKOFF_MS = 120000 };

const struct soap_poll soap_poll_default = {
    .first_count = 8,
    .first_interval = 15,
    .second_count = 10,
    .second_interval = 60,
    .rest_count = 0,
    .rest_interval = 1560,
    .on_login = true,
};

static void open_node(struct xml_writer *w, const char *type)
{
	xml_open(w, "characteristic");
	xml_add_attr_c(w, "type", type);
}

static void add_parm(struct xml_writer *w, const char *name, const char *value,
		     const char *datatype)
{
	xml_open(w, "parm");
	xml_add_attr_c(w, "name", name);
	if (value)
		xml_add_attr_c(w, "value", value);
	if (datatype)
		xml_add_attr_c(w, "datatype", datatype);
	xml_close(w);
}

static void add_string(struct xml_writer *w, const char *name, const char *value)
{
	if (value && value[0])
		add_parm(w, name, value, "string");
}

static void add_integer(struct arena *arena, struct xml_writer *w, const char *name, uint32_t value)
{
	add_parm(w, name, arena_printf(arena, "%u", value), "integer");
}

static void add_boolean(struct xml_writer *w, const char *name, bool value)
{
	add_parm(w, name, value ? "true" : "false", "boolean");
}

static void add_number(struct arena *arena, struct xml_writer *w, const char *name, uint32_t value)
{
	add_parm(w, name, arena_printf(arena, "%u", value), NULL);
}

/* The node of one certificate, left open. */
static void open_certificate(struct arena *arena, struct xml_writer *w, struct text der)
{
	uint8_t sha1[SHA1_LEN];

	digest_sha1(der, sha1);
	open_node(w, hex_write_upper(arena, text_make(sha1, sizeof(sha1))));
	add_parm(w, "EncodedCertificate", b64_write(arena, der), NULL);
}

static void add_trusted(struct arena *arena, struct xml_writer *w, const char *store,
			struct text der)
{
	if (!der.ptr)
		return;
	open_node(w, store);
	open_node(w, "System");
	open_certificate(arena, w, der);
	xml_close(w);
	xml_close(w);
	xml_close(w);
}

static void add_renew(struct arena *arena, struct xml_writer *w,
		      const struct soap_certificates *certificates)
{
	open_node(w, "WSTEP");
	open_node(w, "Renew");
	add_boolean(w, "ROBOSupport", true);
	add_integer(arena, w, "RenewPeriod", certificates->renew_days);
	add_integer(arena, w, "RetryInterval", certificates->retry_days);
	add_string(w, "ServerURL", certificates->renew_url);
	xml_close(w);
	xml_close(w);
}

static void add_key_container(struct xml_writer *w)
{
	open_node(w, "PrivateKeyContainer");
	xml_close(w);
}

static const char *store_name(enum enrollment_type type)
{
	return type == ENROLLMENT_DEVICE ? "System" : "User";
}

static void add_certificates(struct arena *arena, struct xml_writer *w,
			     const struct soap_certificates *certificates, bool is_renewal)
{
	open_node(w, "CertificateStore");
	add_trusted(arena, w, "Root", certificates->root);
	add_trusted(arena, w, "CA", certificates->intermediate);
	open_node(w, "My");
	open_node(w, store_name(certificates->type));
	open_certificate(arena, w, certificates->certificate);
	if (is_renewal)
		add_key_container(w);
	xml_close(w);
	if (!is_renewal)
		add_key_container(w);
	xml_close(w);
	if (!is_renewal)
		add_renew(arena, w, certificates);
	xml_close(w);
	xml_close(w);
}

static void add_auth(struct arena *arena, struct xml_writer *w, const char *level, const char *name,
		     const struct soap_account_auth *auth)
{
	open_node(w, "APPAUTH");
	add_parm(w, "AAUTHLEVEL", level, NULL);
	add_parm(w, "AAUTHTYPE", "DIGEST", NULL);
	if (name)
		add_parm(w, "AAUTHNAME", name, NULL);
	add_parm(w, "AAUTHSECRET", auth->secret, NULL);
	add_parm(w, "AAUTHDATA", b64_write(arena, auth->nonce), NULL);
	xml_close(w);
}

/* Percent-escaped once for the criteria; the attribute writer escapes the & for XML, once. */
static void add_criteria(struct arena *arena, struct xml_writer *w, const char *subject,
			 enum enrollment_type type)
{
	struct buf buf;

	if (!subject || !subject[0])
		return;
	buf_init(&buf, arena);
	buf_add_c(&buf, "Subject=");
	buf_add_url(&buf, TEXT("CN="));
	buf_add_url(&buf, text_of(subject));
	buf_add_c(&buf, "&Stores=");
	buf_add_url(&buf, TEXT("My\\"));
	buf_add_c(&buf, store_name(type));
	add_parm(w, "SSLCLIENTCERTSEARCHCRITERIA", buf.data, NULL);
}

static void add_application(struct arena *arena, struct xml_writer *w,
			    const struct soap_account *account, enum enrollment_type type)
{
	open_node(w, "APPLICATION");
	add_parm(w, "APPID", "w7", NULL);
	add_parm(w, "PROVIDER-ID", account->provider_id, NULL);
	add_parm(w, "NAME", account->name, NULL);
	add_parm(w, "ADDR", account->url, NULL);
	add_number(arena, w, "CONNRETRYFREQ", CONNECTION_RETRIES);
	add_number(arena, w, "INITIALBACKOFFTIME", INITIAL_BACKOFF_MS);
	add_number(arena, w, "MAXBACKOFFTIME", MAX_BACKOFF_MS);
	add_parm(w, "BACKCOMPATRETRYDISABLED", NULL, NULL);
	add_parm(w, "DEFAULTENCODING", "application/vnd.syncml.dm+xml", NULL);
	add_criteria(arena, w, account->certificate_subject, type);
	add_auth(arena, w, "CLIENT", NULL, &account->server);
	add_auth(arena, w, "APPSRV", account->client.name, &account->client);
	xml_close(w);
}

static void add_poll(struct arena *arena, struct xml_writer *w, const struct soap_poll *poll)
{
	open_node(w, "Poll");
	add_integer(arena, w, "NumberOfFirstRetries", poll->first_count);
	add_integer(arena, w, "IntervalForFirstSetOfRetries", poll->first_interval);
	add_integer(arena, w, "NumberOfSecondRetries", poll->second_count);
	add_integer(arena, w, "IntervalForSecondSetOfRetries", poll->second_interval);
	add_integer(arena, w, "NumberOfRemainingScheduledRetries", poll->rest_count);
	add_integer(arena, w, "IntervalForRemainingScheduledRetries", poll->rest_interval);
	add_boolean(w, "PollOnLogin", poll->on_login);
	if (poll->all_users_on_first_login)
		add_boolean(w, "AllUsersPollOnFirstLogin", true);
	xml_close(w);
}

static void add_client(struct arena *arena, struct xml_writer *w,
		       const struct soap_account *account)
{
	open_node(w, "DMClient");
	open_node(w, "Provider");
	open_node(w, account->provider_id);
	add_string(w, "UPN", account->user_name);
	add_string(w, "EntDeviceName", account->device_name);
	add_string(w, "EntDMID", account->device_id);
	add_string(w, "AADResourceID", account->aad_resource_id);
	add_poll(arena, w, &account->poll);
	xml_close(w);
	xml_close(w);
	xml_close(w);
}

static void open_document(struct xml_writer *w, struct buf *buf)
{
	xml_writer_init(w, buf);
	xml_open(w, "wap-provisioningdoc");
	xml_add_attr_c(w, "version", "1.1");
}

void soap_provision_write(struct arena *arena, struct buf *buf,
			  const struct soap_certificates *certificates,
			  const struct soap_account *account)
{
	struct xml_writer w;

	open_document(&w, buf);
	add_certificates(arena, &w, certificates, false);
	add_application(arena, &w, account, certificates->type);
	add_client(arena, &w, account);
	xml_close(&w);
}

void soap_provision_write_renewal(struct arena *arena, struct buf *buf,
				  const struct soap_certificates *certificates,
				  const char *provider_id)
{
	struct xml_writer w;

	open_document(&w, buf);
	add_certificates(arena, &w, certificates, true);
	open_node(&w, "APPLICATION");
	add_parm(&w, "PROVIDER-ID", provider_id, NULL);
	xml_close(&w);
	xml_close(&w);
}
