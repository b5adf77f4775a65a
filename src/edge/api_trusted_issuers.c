/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_trusted_issuers.c: /api/v1/tenants/{tenant_id}/trusted-issuers.
 */
#include "edge/api_resources.h"

#include "admin/trusted_issuers.h"
#include "store/tenant.h"
#include "store/trusted_issuer.h"

static void issuer_write(struct json_writer *w, const struct trusted_issuer *issuer)
{
	json_begin_object(w, NULL);
	json_add_c(w, "id", issuer->id);
	json_add_c(w, "tenant_id", issuer->tenant_id);
	json_add_c(w, "name", issuer->name);
	json_add_c(w, "sha256", issuer->sha256);
	json_add_time(w, "not_after", issuer->not_after);
	json_add_c(w, "certificate", issuer->certificate);
	json_add_time(w, "created_at", issuer->created_at);
	json_end_object(w);
}

int api_trusted_issuer_list(struct api_call *call)
{
	struct api_page page = API_PAGE_WHOLE;
	struct trusted_issuer *list;
	struct tenant tenant;
	int r;

	r = admin_found(&call->admin, "tenant",
			store_tenant_load(db_reader(call->op->db), call->op->arena,
					  text_of(call->args[0]), &tenant));
	if (r == 0)
		r = admin_found(&call->admin, "trusted issuer",
				store_trusted_issuer_list(db_reader(call->op->db), call->op->arena,
							  text_of(tenant.tenant_id), &list,
							  &page.n));
	while (r == 0 && api_page_next(call, &page))
		issuer_write(&call->json, &list[page.i]);
	return r;
}

int api_trusted_issuer_show(struct api_call *call)
{
	struct trusted_issuer issuer;
	int r = admin_found(&call->admin, "trusted issuer",
			    store_trusted_issuer_load(db_reader(call->op->db), call->op->arena,
						      text_of(call->args[0]),
						      text_of(call->args[1]), &issuer));

	if (r)
		return r;
	api_begin(call, 200);
	issuer_write(&call->json, &issuer);
	return 0;
}

int api_trusted_issuer_add(struct api_call *call)
{
	static const char *const fields[] = {"name", "certificate", NULL};
	const char *name = NULL, *certificate = NULL;
	struct trusted_issuer issuer;
	int r;

	api_fields_known(call, fields);
	api_field_text(call, "name", &name);
	api_field_text(call, "certificate", &certificate);
	r = api_fields_done(call);
	if (r == 0)
		r = admin_trusted_issuer_add(
		    &call->admin, call->args[0], name,
		    certificate ? text_of(certificate) : (struct text){NULL, 0}, &issuer);
	if (r)
		return r;
	api_begin(call, 201);
	issuer_write(&call->json, &issuer);
	return 0;
}

int api_trusted_issuer_remove(struct api_call *call)
{
	int r = admin_trusted_issuer_remove(&call->admin, call->args[0], call->args[1]);

	if (r)
		return r;
	api_no_content(call);
	return 0;
}
