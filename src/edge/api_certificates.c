/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_certificates.c: /api/v1/devices/{}/certificates: what a device was given, what it renewed and
 * which of them is good. All of one device, newest first; there are never many.
 */
#include "edge/api_resources.h"

#include "base/b64.h"
#include "store/certificate.h"
#include "store/device.h"
#include "x509/cert.h"

/* How Windows names it in its own tools; NULL where there is no certificate yet. */
static const char *thumbprint(struct arena *arena, const struct device_certificate *c)
{
	struct x509_cert cert;
	struct text der;

	if (!c->der[0] || b64_read(arena, text_of(c->der), &der) ||
	    x509_cert_read(arena, der, &cert))
		return NULL;
	return cert.sha1;
}

static void certificate_write(struct api_call *call, const struct device_certificate *c)
{
	struct json_writer *w = &call->json;

	json_begin_object(w, NULL);
	json_add_c(w, "id", c->id);
	json_add_c(w, "state", certificate_state_name(c->state));
	json_add_c(w, "serial", c->serial);
	json_add_c(w, "thumbprint", thumbprint(call->op->arena, c));
	json_add_c(w, "sha256", c->sha256);
	json_add_time(w, "not_before", c->not_before);
	json_add_time(w, "not_after", c->not_after);
	json_add_time(w, "created_at", c->created_at);
	json_add_time(w, "first_used_at", c->first_used_at);
	json_add_c(w, "renews_id", c->renews_id);
	json_end_object(w);
}

int api_device_certificates(struct api_call *call)
{
	struct api_page page = API_PAGE_WHOLE;
	struct device_certificate *list;
	struct db_conn *conn = db_reader(call->op->db);
	struct device device;
	int r;

	r = admin_found(&call->admin, "device",
			store_device_find(conn, call->op->arena, text_of(call->args[0]), &device));
	if (r == 0)
		r = admin_found(&call->admin, "device",
				store_certificate_list(conn, call->op->arena,
						       text_of(device.tenant_id),
						       text_of(device.id), &list, &page.n));
	while (r == 0 && api_page_next(call, &page))
		certificate_write(call, &list[page.i]);
	return r;
}
