/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_pins.c: /api/v1/tenants/{}/pins: one-time PINs for the Terms of Use page.
 */
#include "edge/api_resources.h"

#include "admin/terms.h"
#include "store/pin.h"
#include "store/tenant.h"

/* secret: shown once, when the PIN is made; else NULL. */
static void pin_write(struct json_writer *w, const struct pin *p, const char *secret)
{
	json_begin_object(w, NULL);
	json_add_c(w, "id", p->id);
	json_add_c(w, "tenant_id", p->tenant_id);
	json_add_c(w, "label", p->label);
	json_add_c(w, "user_principal_name", p->user_principal_name);
	json_add_c(w, "state", pin_state_name(p->state));
	json_add_time(w, "created_at", p->created_at);
	json_add_time(w, "expires_at", p->expires_at);
	json_add_time(w, "used_at", p->used_at);
	json_add_c(w, "used_by", p->used_by);
	if (secret)
		json_add_c(w, "pin", secret);
	json_end_object(w);
}

int api_pin_list(struct api_call *call)
{
	static const char *const filters[] = {"state", "user_principal_name", NULL};
	const struct pin_filter filter = {
	    .tenant_id = text_of(call->args[0]),
	    .state = api_param_word(call, "state", pin_state_list()),
	    .user_principal_name = api_param(call, "user_principal_name"),
	};
	struct tenant tenant;
	struct api_page page;
	struct pin *list;
	int r;

	r = api_page_read(call, filters, &page);
	if (r == 0)
		r = admin_found(&call->admin, "tenant",
				store_tenant_load(db_reader(call->op->db), call->op->arena,
						  filter.tenant_id, &tenant));
	if (r == 0)
		r = admin_found(&call->admin, "PIN",
				store_pin_list(db_reader(call->op->db), call->op->arena, &filter,
					       page.after, page.limit + 1, &list, &page.n));
	while (r == 0 && api_page_next(call, &page)) {
		pin_write(&call->json, &list[page.i], NULL);
		page.last_id = list[page.i].id;
	}
	return r;
}

int api_pin_show(struct api_call *call)
{
	struct pin pin;
	int r = admin_found(&call->admin, "PIN",
			    store_pin_load(db_reader(call->op->db), call->op->arena,
					   text_of(call->args[0]), text_of(call->args[1]), &pin));

	if (r)
		return r;
	api_begin(call, 200);
	pin_write(&call->json, &pin, NULL);
	return 0;
}

int api_pin_add(struct api_call *call)
{
	static const char *const fields[] = {"label", "user_principal_name", "expires_at", "count",
					     NULL};
	struct pins_wanted wanted = {
	    .tenant_id = call->args[0], .label = "", .user_principal_name = "", .count = 1};
	const char **secrets;
	struct pin *pins;
	int r;

	api_fields_known(call, fields);
	api_field_text(call, "label", &wanted.label);
	api_field_text(call, "user_principal_name", &wanted.user_principal_name);
	api_field_time(call, "expires_at", &wanted.expires_at);
	api_field_int(call, "count", &wanted.count);
	r = api_fields_done(call);
	if (r == 0)
		r = admin_pins_add(&call->admin, &wanted, &pins, &secrets);
	if (r)
		return r;
	/* One shape however many were made. */
	api_begin(call, 201);
	json_begin_object(&call->json, NULL);
	json_begin_array(&call->json, "items");
	for (int64_t i = 0; i < wanted.count; i++)
		pin_write(&call->json, &pins[i], secrets[i]);
	json_end_array(&call->json);
	json_add_null(&call->json, "next");
	json_end_object(&call->json);
	return 0;
}

int api_pin_revoke(struct api_call *call)
{
	int r = admin_pin_revoke(&call->admin, call->args[0], call->args[1]);

	if (r)
		return r;
	api_no_content(call);
	return 0;
}
