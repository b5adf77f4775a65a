/* SPDX-License-Identifier: Apache-2.0 */
/*
 * enroll.c: see enroll.h. The order is Windows': consent first, then the device object in the
 * directory, then the server. Nothing is kept before the provisioning document has been accepted as
 * a whole, so a failed enrolment leaves no trace but the identity. enrollment.md sections 1 to 5.
 */
#include "sim/device/enroll.h"

#include "base/uuid.h"
#include "sim/device/federated.h"
#include "sim/device/file.h"
#include "sim/device/soap_build.h"
#include "sim/device/soap_check.h"
#include "sim/device/wire.h"

static const char SOAP_TYPE[] = "application/soap+xml; charset=utf-8";
static const char USER_AGENT[] = "ENROLLClient";

static bool joins_directory(const struct device *device)
{
	return device->join == JOIN_ENTRA || device->join == JOIN_WORK_ACCOUNT;
}

int enroll_sign_in(struct task *task, struct device *device, const struct enroll_wish *wish,
		   struct text *ret)
{
	const char *name;
	int r;

	if (!joins_directory(device)) {
		device->upn = device->user;
		*ret = (struct text){0};
		return 0;
	}
	*ret = wish->token;
	if (!ret->ptr) {
		r = directory_token(task, &wish->directory, device->user, NULL, ret);
		if (r != 0)
			return r;
	}
	name = token_user_name(task->arena, *ret);
	if (!name[0] && strchr(device->user, '@'))
		name = device->user;
	device->upn = device_keep(device, name);
	return 0;
}

/* With a token from a file the device is the one the token names. */
static int join_by_token(struct task *task, struct device *device, struct text token)
{
	const char *id = token_claim(task->arena, token, "deviceid");
	char random[UUID_TEXT_LEN + 1];

	uuid_write(uuid_random(), random);
	if (!device->entra_device_id[0])
		device->entra_device_id = device_keep(device, id[0] ? id : random);
	return 0;
}

int enroll_join(struct task *task, struct device *device, const struct enroll_wish *wish,
		struct text *ret)
{
	const char *id = device->entra_device_id;
	int r = 0;

	*ret = wish->token;
	if (!joins_directory(device))
		return 0;
	if (wish->token.ptr)
		return join_by_token(task, device, wish->token);
	if (!id[0])
		r = directory_register(task, &wish->directory, device, &id);
	if (r != 0)
		return r;
	device->entra_device_id = device_keep(device, id);
	return directory_token(task, &wish->directory, device->user, device->entra_device_id, ret);
}

static void certificate_use(struct wire *wire, const struct device *device)
{
	wire->certificate_file = device->certificate_file;
	wire->key_file = device->key_file;
}

int enroll_post(struct task *task, const struct device *device, const char *url, struct text body,
		bool is_renewal, struct http_client_response *ret)
{
	struct wire wire = {.method = "POST", .url = url, .body = body};

	if (is_renewal)
		certificate_use(&wire, device);
	wire_add(&wire, task->arena, "Content-Type", SOAP_TYPE);
	wire_add(&wire, task->arena, "User-Agent", USER_AGENT);
	wire_add(&wire, task->arena, "Accept", "");
	return wire_send(task, &wire, ret);
}

static int discovery_probe(struct task *task, const struct device *device, const char *url,
			   bool is_renewal)
{
	struct wire wire = {.method = "GET", .url = url};
	struct http_client_response response;
	int r;

	if (is_renewal)
		certificate_use(&wire, device);
	wire_add(&wire, task->arena, "Cache-Control", "no-cache");
	wire_add(&wire, task->arena, "Pragma", "no-cache");
	wire_add(&wire, task->arena, "User-Agent", USER_AGENT);
	wire_add(&wire, task->arena, "Accept", "");
	r = wire_send(task, &wire, &response);
	if (r != 0)
		return r;
	if (response.status != 200)
		return TASK_FAIL(task, OUTCOME_BROKEN, code_of_status(response.status),
				 "GET of the discovery address: HTTP %d", response.status);
	if (response.body.len > 0)
		return TASK_FAIL(task, OUTCOME_BROKEN, code_of_status(response.status),
				 "GET of the discovery address: the body is not empty");
	return wire_check_framing(task, &response, "GET of the discovery address");
}

int enroll_discover(struct task *task, const struct device *device, const char *url,
		    bool is_renewal, struct soap_endpoints *ret)
{
	struct http_client_response response;
	struct buf buf;
	int r = discovery_probe(task, device, url, is_renewal);

	if (r != 0)
		return r;
	buf_init(&buf, task->arena);
	soap_write_discover(&buf, device, url);
	r = enroll_post(task, device, url, buf_text(&buf), is_renewal, &response);
	if (r == 0)
		r = soap_read_discover(task, &response, ret);
	if (r == 0)
		task_step(task, "discovery: %s, version %s", ret->auth_policy, ret->version);
	return r;
}

static int auth_policy_check(struct task *task, const struct device *device,
			     const struct soap_endpoints *endpoints)
{
	bool is_federated = joins_directory(device) || device->join == JOIN_FEDERATED;
	const char *wanted = is_federated ? "Federated" : "OnPremise";

	if (device->join == JOIN_CERTIFICATE)
		wanted = "Certificate";
	if (strcmp(endpoints->auth_policy, wanted) == 0)
		return 0;
	return TASK_BROKEN(task, CODE_PROVISIONING, "Discover: AuthPolicy is %s, not %s",
			   endpoints->auth_policy, wanted);
}

static int policies_get(struct task *task, const struct device *device, const char *url,
			const struct soap_credential *credential, struct soap_policy *ret)
{
	struct http_client_response response;
	struct buf buf;
	int r;

	/* Without a policy service Windows makes 2048 bits and signs with SHA-1. */
	*ret = (struct soap_policy){.key_bits = 2048};
	if (!url[0])
		return 0;
	buf_init(&buf, task->arena);
	r = soap_write_policies(task->arena, &buf, url, credential, task->trail);
	if (r == 0)
		r = enroll_post(task, device, url, buf_text(&buf), false, &response);
	if (r == 0)
		r = soap_read_policies(task, &response, ret);
	if (r == 0)
		task_step(task, "policy: RSA-%u, %s", ret->key_bits,
			  ret->is_sha256 ? "SHA-256" : "SHA-1");
	return r;
}

static int request_send(struct task *task, const struct device *device,
			const struct soap_request *request, struct enroll_result *ret,
			EVP_PKEY *key)
{
	const struct provision_wish wish = {.key = key, .is_full = device_is_full(device)};
	struct http_client_response response;
	struct buf buf;
	int r;

	buf_init(&buf, task->arena);
	r = soap_write_request(task->arena, &buf, device, request, task->trail);
	if (r == 0)
		r = enroll_post(task, device, request->url, buf_text(&buf), false, &response);
	if (r == 0)
		r = soap_read_request(task, &response, &ret->document);
	if (r == 0)
		r = provision_read(task, ret->document, &wish, &ret->provision);
	return r;
}

int enroll_with_server(struct task *task, const struct device *device,
		       const struct enroll_wish *wish, struct text token, EVP_PKEY **key,
		       struct enroll_result *ret)
{
	struct soap_request request = {
	    .credential = {.jwt = token, .user = device->user, .password = wish->password},
	    .content = wish->csr,
	    .opaque_blob = wish->opaque_blob,
	    .request_version = soap_request_version(device),
	};
	struct soap_endpoints endpoints;
	struct soap_policy policy;
	int r;

	if (wish->signer.key)
		request.credential.signer = &wish->signer;
	r = enroll_discover(task, device, wish->discovery_url, false, &endpoints);
	if (r == 0)
		r = auth_policy_check(task, device, &endpoints);
	if (r == 0 && device->join == JOIN_FEDERATED)
		r = federated_run(task, device, endpoints.authentication_url,
				  &request.credential.page_token);
	if (r == 0)
		r = policies_get(task, device, endpoints.policy_url, &request.credential, &policy);
	if (r == 0 && !*key)
		r = key_new(key, policy.key_bits, task->trail);
	if (r == 0 && !request.content.ptr)
		r = csr_new(task->arena, *key, device, policy.is_sha256, &request.content,
			    task->trail);
	if (r != 0)
		return r;
	request.url = endpoints.enrollment_url;
	return request_send(task, device, &request, ret, *key);
}

static int certificate_keep(struct task *task, const struct device *device, const char *name,
			    struct text der)
{
	CLEANUP(certificate_free) X509 *certificate = der.ptr ? certificate_read(der) : NULL;

	if (!certificate)
		return 0;
	return file_write(task->arena, device_path(task->arena, device, name), 0644,
			  text_of(certificate_pem(task->arena, certificate)), task->trail);
}

static void account_keep(struct device *device, const struct provision *provision)
{
	const struct {
		const char **field;
		const char *value;
	} strings[] = {
	    {&device->provider_id, provision->provider_id},
	    {&device->server_name, provision->name},
	    {&device->address, provision->address},
	    {&device->ent_dmid, provision->ent_dmid},
	    {&device->aad_resource_id, provision->aad_resource_id},
	    {&device->renew_url, provision->renew_url},
	    {&device->renew_period, provision->renew_period},
	    {&device->retry_interval, provision->retry_interval},
	    {&device->renew_status, "0"},
	    {&device->renew_error, "0"},
	    {&device->thumbprint, provision->thumbprint},
	};

	for (size_t i = 0; i < ARRAY_LEN(strings); i++)
		*strings[i].field = device_keep(device, strings[i].value);
	device->retry_count = provision->retry_count;
	device->retry_first_ms = provision->retry_first_ms;
	device->retry_max_ms = provision->retry_max_ms;
	device->poll = provision->poll;
	device->renew_tried_at = 0;
}

int enroll_keep(struct task *task, struct device *device, const char *discovery_url,
		const struct enroll_result *result, const char *pool_key)
{
	int r = certificate_keep(task, device, "certificate.pem", result->provision.certificate);

	if (r == 0)
		r = certificate_keep(task, device, "root.pem", result->provision.root);
	if (r == 0)
		r = file_write(task->arena, device_path(task->arena, device, "provisioning.xml"),
			       0600, result->document, task->trail);
	if (r < 0)
		return ERR_TRACE(task->trail, r);
	account_keep(device, &result->provision);
	device->discovery_url = device_keep(device, discovery_url);
	device->pool_key = device_keep(device, pool_key ? pool_key : "");
	device_set_files(device);
	device->is_enrolled = true;
	device->is_wiped = false;
	device->sessions = 0;
	return device_save(device, task->trail);
}
