/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_device_context.c: /api/v1/devices/{id}/context: the context items of a device's enrolment,
 * all of them, as they came and in their order; of a value too long to keep the number of its
 * bytes. Nobody has proved them; the consent and whatever else grants something is not among them.
 */
#include "edge/api_resources.h"

#include "store/device.h"

int api_device_context(struct api_call *call)
{
	static const char *const no_filters[] = {NULL};
	const struct json *items;
	struct api_page page = API_PAGE_WHOLE;
	struct device device;
	int r;

	r = api_params_check(call, no_filters);
	if (r == 0)
		r = admin_found(&call->admin, "device",
				store_device_find(db_reader(call->op->db), call->op->arena,
						  text_of(call->args[0]), &device));
	if (r)
		return r;
	if (json_read(call->op->arena, text_of(device.context), LIMIT_JSON_DEPTH, &items) ||
	    items->kind != JSON_ARRAY)
		return ERR_FAIL(&call->op->trail, ERR_STORE,
				"context of device %s is no JSON array", device.id);
	page.n = items->count;
	while (api_page_next(call, &page)) {
		const struct json *item = &items->items[page.i];
		int64_t bytes = 0;

		json_begin_object(&call->json, NULL);
		json_add_text(&call->json, "name", json_text(item, "name"));
		json_add_text(&call->json, "value", json_text(item, "value"));
		if (json_int(item, "bytes", &bytes))
			json_add_int(&call->json, "bytes", bytes);
		json_end_object(&call->json);
	}
	return 0;
}
