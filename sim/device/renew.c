/* SPDX-License-Identifier: Apache-2.0 */
/*
 * renew.c: see renew.h. The new request is wrapped in CMS SignedData under the current certificate;
 * the reply repeats the certificates only. The new key replaces the old one after the reply has
 * been accepted as a whole. enrollment.md section 6.
 */
#include "sim/device/renew.h"

#include "base/clock.h"
#include "sim/device/enroll.h"
#include "sim/device/file.h"
#include "sim/device/soap_build.h"
#include "sim/device/soap_check.h"

#define RENEW_URI "./Device/Vendor/MSFT/CertificateStore/MY/WSTEP/Renew/"

enum { DAY_S = 24 * 3600 };

/* The old and the new half of a renewal. */
struct renewal {
	const struct renew_wish *wish;
	EVP_PKEY *old_key;
	X509 *old_certificate;
	EVP_PKEY *key;
	struct soap_endpoints endpoints;
	struct soap_policy policy;
	struct provision provision;
};

/* A renewal is nobody's; the samples show a user name with an empty password all the same. */
static struct soap_credential credential_of(const struct device *device,
					    const struct renewal *renewal)
{
	if (!renewal->wish->is_password_empty)
		return (struct soap_credential){.user = NULL};
	return (struct soap_credential){.user = device->upn, .password = ""};
}

static int policy_get(struct task *task, const struct device *device, struct renewal *renewal)
{
	const struct soap_credential credential = credential_of(device, renewal);
	struct http_client_response response;
	const char *url = renewal->endpoints.policy_url;
	struct buf buf;
	int r;

	renewal->policy = (struct soap_policy){.key_bits = 2048};
	if (!url[0])
		return 0;
	buf_init(&buf, task->arena);
	r = soap_write_policies(task->arena, &buf, url, &credential, task->trail);
	if (r == 0)
		r = enroll_post(task, device, url, buf_text(&buf), true, &response);
	return r == 0 ? soap_read_policies(task, &response, &renewal->policy) : r;
}

static int request_make(struct task *task, const struct device *device, struct renewal *renewal,
			struct soap_request *ret)
{
	struct text csr;
	int r = renewal->wish->is_key_kept
		    ? key_read(&renewal->key, device->key_file, task->trail)
		    : key_new(&renewal->key, renewal->policy.key_bits, task->trail);

	if (r == 0)
		r = csr_new(task->arena, renewal->key, device, renewal->policy.is_sha256, &csr,
			    task->trail);
	if (r == 0)
		r = cms_sign(task->arena, renewal->old_certificate, renewal->old_key, csr,
			     &ret->content, task->trail);
	if (r < 0)
		return ERR_TRACE(task->trail, r);
	ret->url = renewal->endpoints.enrollment_url;
	ret->credential = credential_of(device, renewal);
	ret->is_renewal = true;
	ret->is_mde_type = renewal->wish->is_mde_type;
	ret->is_encoded_twice = renewal->wish->is_encoded_twice;
	return 0;
}

static int request_send(struct task *task, const struct device *device, struct renewal *renewal)
{
	struct provision_wish wish = {
	    .is_full = device_is_full(device),
	    .is_renewal = true,
	    .provider_id = device->provider_id,
	};
	struct soap_request request = {.url = NULL};
	struct http_client_response response;
	struct text document;
	struct buf buf;
	int r = request_make(task, device, renewal, &request);

	if (r < 0)
		return r;
	buf_init(&buf, task->arena);
	r = soap_write_request(task->arena, &buf, device, &request, task->trail);
	if (r == 0)
		r = enroll_post(task, device, request.url, buf_text(&buf), true, &response);
	if (r == 0)
		r = soap_read_request(task, &response, &document);
	if (r != 0)
		return r;
	wish.key = renewal->key;
	return provision_read(task, document, &wish, &renewal->provision);
}

static int result_keep(struct task *task, struct device *device, const struct renewal *renewal)
{
	CLEANUP(certificate_free)
	X509 *certificate = certificate_read(renewal->provision.certificate);
	const char *pem = certificate_pem(task->arena, certificate);
	int r;

	device->pool_key = "";
	device_set_files(device);
	r = key_write(renewal->key, device->key_file, task->trail);
	if (r == 0)
		r = file_write(task->arena, device->certificate_file, 0644, text_of(pem),
			       task->trail);
	if (r < 0)
		return ERR_TRACE(task->trail, r);
	device->thumbprint = device_keep(device, renewal->provision.thumbprint);
	task_tell(task, "renewed: certificate %s", device->thumbprint);
	return 0;
}

/* Where it begins: as a session set it, else as enrolment did, else where enrolment began. */
static const char *start_url(const struct device *device, const struct tree *tree)
{
	const struct tree_node *node = tree_get(tree, RENEW_URI "ServerURL");

	if (node && node->data[0])
		return node->data;
	return device->renew_url[0] ? device->renew_url : device->discovery_url;
}

static int renewal_steps(struct task *task, struct device *device, const struct tree *tree,
			 struct renewal *renewal)
{
	int r = key_read(&renewal->old_key, device->key_file, task->trail);

	if (r == 0)
		r = certificate_load(&renewal->old_certificate, device->certificate_file,
				     task->trail);
	if (r == 0)
		r = enroll_discover(task, device, start_url(device, tree), true,
				    &renewal->endpoints);
	if (r == 0)
		r = policy_get(task, device, renewal);
	if (r == 0)
		r = request_send(task, device, renewal);
	return r == 0 ? result_keep(task, device, renewal) : r;
}

static int days_of(const char *kept, const struct tree *tree, const char *uri, int64_t *ret)
{
	const struct tree_node *node = tree_get(tree, uri);

	return text_to_i64(text_of(node ? node->data : kept), ret) ? 0 : ERR_INTERNAL;
}

int renew_is_due(struct task *task, const struct device *device, const struct tree *tree, bool *ret)
{
	CLEANUP(certificate_free) X509 *certificate = NULL;
	int64_t now = clock_now(), period, interval, start, end;
	int r;

	*ret = false;
	/* A device of an older version of this program has no settings. */
	if (days_of(device->renew_period, tree, RENEW_URI "RenewPeriod", &period) ||
	    days_of(device->retry_interval, tree, RENEW_URI "RetryInterval", &interval))
		return 0;
	r = certificate_load(&certificate, device->certificate_file, task->trail);
	if (r < 0)
		return ERR_TRACE(task->trail, r);
	end = certificate_end(certificate);
	start = end - period * DAY_S;
	*ret = now >= start && now < end &&
	       (device->renew_tried_at < start || now >= device->renew_tried_at + interval * DAY_S);
	return 0;
}

/* What the CertificateStore CSP reports afterwards. */
static int result_note(struct task *task, struct device *device, int r)
{
	device->renew_status = r == 0 ? "2" : "3";
	device->renew_error =
	    device_keep(device, arena_printf(task->arena, "%lld",
					     r == 0 ? 0LL : (long long)(int32_t)task->code));
	return device_save(device, task->trail);
}

int renew_run(struct task *task, struct device *device, const struct tree *tree,
	      const struct renew_wish *wish)
{
	struct renewal renewal = {.wish = wish};
	int r, noted;

	device->renew_tried_at = clock_now();
	r = renewal_steps(task, device, tree, &renewal);
	EVP_PKEY_free(renewal.old_key);
	EVP_PKEY_free(renewal.key);
	X509_free(renewal.old_certificate);
	if (r < 0)
		return r;
	noted = result_note(task, device, r);
	return noted < 0 ? noted : r;
}
