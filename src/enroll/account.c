/* SPDX-License-Identifier: Apache-2.0 */
/*
 * account.c: see account.h. Sessions are authenticated by the device certificate alone. Windows
 * wants the two digest secrets of the account all the same, so each device gets random ones that
 * nothing here ever accepts.
 */
#include "enroll/account.h"

#include "base/b64.h"
#include "base/rand.h"
#include "csp/renew.h"
#include "signer/signer.h"
#include "soap/provision.h"

enum { NONCE_LEN = 16, SECRET_LEN = 24 };

static struct soap_account_auth auth_make(struct arena *arena, const char *name)
{
	char nonce[NONCE_LEN], secret[SECRET_LEN];

	rand_bytes(nonce, sizeof(nonce));
	rand_bytes(secret, sizeof(secret));
	return (struct soap_account_auth){
	    .name = name,
	    .secret = b64url_write(arena, text_make(secret, sizeof(secret))),
	    .nonce = text_make(arena_copy(arena, nonce, sizeof(nonce)), sizeof(nonce)),
	};
}

/* What Windows asks Entra a session token for: the client id where tokens are v2.0, else the
 * application's URI. */
static const char *resource_id(const struct enroll_request *request)
{
	const struct tenant *tenant = request->tenant;

	if (request->principal->is_version_2 || tenant->app_id_uri_count == 0)
		return tenant->client_id;
	return tenant->app_id_uris[0];
}

/* What a device must trust so that its certificate has a chain. */
static void trust_fill(struct op *op, struct soap_certificates *certificates)
{
	const struct x509_cert *root = signer_root(op->signer);

	certificates->root = root ? root->der : signer_ca_der(op->signer);
	if (root)
		certificates->intermediate = signer_ca_der(op->signer);
}

void enroll_provision_write(struct op *op, const struct enroll_request *request,
			    const struct enroll_result *result, struct buf *document)
{
	const struct device *device = &result->device;
	const char *manage = op->config->manage.url;
	struct soap_certificates certificates = {
	    .certificate = result->certificate_der,
	    .type = device->enrollment_type,
	    .renew_days = (uint32_t)op->config->renew_days,
	    .retry_days = (uint32_t)op->config->retry_days,
	    .renew_url = csp_renew_url(op->arena, op->config),
	};
	struct soap_account account = {
	    .provider_id = DM_PROVIDER_ID,
	    .name = "Muster",
	    .url = arena_printf(op->arena, "%s" ENROLL_PATH_MANAGEMENT, manage),
	    .server = auth_make(op->arena, ""),
	    .client = auth_make(op->arena, device->id),
	    .certificate_subject = device->id,
	    .user_name = device->user_principal_name,
	    .device_name = device->name,
	    .device_id = device->id,
	    .aad_resource_id = resource_id(request),
	    .poll = soap_poll_default,
	};

	trust_fill(op, &certificates);
	account.poll.all_users_on_first_login = device->enrollment_type == ENROLLMENT_DEVICE;
	soap_provision_write(op->arena, document, &certificates, &account);
}

void enroll_provision_write_renewal(struct op *op, const struct renew_result *result,
				    struct buf *document)
{
	struct soap_certificates certificates = {
	    .certificate = result->certificate_der,
	    .type = result->device.enrollment_type,
	};

	if (result->is_root_changed)
		trust_fill(op, &certificates);
	soap_provision_write_renewal(op->arena, document, &certificates, DM_PROVIDER_ID);
}
