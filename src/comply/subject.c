/* SPDX-License-Identifier: Apache-2.0 */
/*
 * subject.c: see subject.h. Groups are what Microsoft Graph last told about the user; whether it
 * ever did is part of the answer, so that nothing is concluded from groups nobody asked for.
 */
#include "comply/subject.h"

#include "base/uuid.h"
#include "store/group.h"
#include "store/tag.h"

const char *comply_device_user(const struct device *device)
{
	if (*device->user_object_id)
		return device->user_object_id;
	return device->user_key && *device->user_key ? device->user_key
						     : device->user_principal_name;
}

int comply_subject_load(struct db_conn *conn, struct arena *arena, const struct device *device,
			const char *user_object_id, struct assign_subject *ret)
{
	struct text tenant = text_of(device->tenant_id), user = text_of(user_object_id);
	bool is_entra = uuid_is(user);
	struct assign_subject subject = {
	    .device_id = device->id,
	    .user_object_id = user_object_id,
	    .is_group_known = !is_entra,
	};
	const char **tags, **groups;
	int r;

	r = store_tag_list(conn, arena, tenant, text_of(device->id), &tags, &subject.tag_count);
	if (r)
		return r;
	subject.tags = tags;
	if (is_entra) {
		r = store_group_is_known(conn, tenant, user, &subject.is_group_known);
		if (r == 0)
			r = store_group_list(conn, arena, tenant, user, &groups,
					     &subject.group_count);
		if (r)
			return r;
		subject.groups = groups;
	}
	*ret = subject;
	return 0;
}
