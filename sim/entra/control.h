/* SPDX-License-Identifier: Apache-2.0 */
/*
 * control.h: the control API, `/_ctl/...`, with which tests seed and steer the stand-in. Every call
 * is described in README.md.
 */
#ifndef MUSTER_SIM_ENTRA_CONTROL_H
#define MUSTER_SIM_ENTRA_CONTROL_H

#include "sim/entra/call.h"

/* Checks the bearer token, then runs the call. */
void control_answer(struct call *call);
/* The same without a token, for the seed file. */
void control_run(struct call *call);

/* What handlers share. All checks answer the call themselves when they return false. */
bool control_fail(struct call *call, int status, const char *message);

enum control_kind { CONTROL_STRING, CONTROL_BOOL, CONTROL_STRINGS, CONTROL_INTEGER };

/* A member of a body and the field it sets. */
struct control_field {
	const char *name;
	enum control_kind kind;
	void *target; /* char **, bool *, struct texts *, int64_t * */
};

/* The body as an object whose members are all among the fields or in `also` (NULL ended, may be
 * NULL), the fields' values of the right kind. A missing body is an empty object. */
MUST_CHECK bool control_body(struct call *call, const struct control_field *fields, size_t count,
			     const char *const *also, const struct json **ret);
/* Set what is there; the body has passed control_body. null clears a string. */
void control_apply(const struct json *body, const struct control_field *fields, size_t count);

/* A GUID member; absent gives a random one. */
MUST_CHECK bool control_id(struct call *call, const struct json *body, const char *name,
			   struct uuid *ret);
/* The tenant or application that a member names. */
MUST_CHECK bool control_tenant(struct call *call, const struct json *body, struct tenant **ret);
MUST_CHECK bool control_app(struct call *call, const struct json *body, struct app **ret);
/* ?tenant= of a list: true when an object of that tenant is wanted. */
bool control_wants_tenant(const struct call *call, const struct tenant *tenant);
void control_strings(struct json_writer *w, const char *name, const struct texts *strings);

/* control_apps.c */
void control_tenant_add(struct call *call);
void control_tenant_list(struct call *call);
void control_tenant_change(struct call *call);
void control_tenant_remove(struct call *call);
void control_app_add(struct call *call);
void control_app_list(struct call *call);
void control_app_show(struct call *call);
void control_app_change(struct call *call);
void control_app_remove(struct call *call);
void control_consent_add(struct call *call);
void control_consent_list(struct call *call);
void control_consent_change(struct call *call);
void control_consent_remove(struct call *call);

/* control_credentials.c. List and removal answer only when captures[0] is one of its collections;
 * false: it is not. */
void control_secret_add(struct call *call);
void control_cert_add(struct call *call);
void control_federated_add(struct call *call);
bool control_credential_list(struct call *call);
bool control_credential_remove(struct call *call);

/* control_people.c */
void control_user_add(struct call *call);
void control_group_add(struct call *call);
void control_group_member_add(struct call *call);
void control_group_member_remove(struct call *call);
void control_device_add(struct call *call);
void control_entity_list(struct call *call);
void control_entity_show(struct call *call);
void control_entity_change(struct call *call);
void control_entity_remove(struct call *call);

/* control_test.c */
void control_keys_list(struct call *call);
void control_keys_operate(struct call *call);
void control_clock_show(struct call *call);
void control_clock_set(struct call *call);
void control_fault_add(struct call *call);
void control_fault_list(struct call *call);
void control_fault_clear(struct call *call);
void control_fault_remove(struct call *call);
void control_log_show(struct call *call);
void control_log_clear(struct call *call);
void control_violations_show(struct call *call);
void control_violations_clear(struct call *call);
void control_limits_set(struct call *call);
void control_settings_show(struct call *call);
void control_settings_change(struct call *call);
void control_delta_expire(struct call *call);
void control_tls_set(struct call *call);
void control_reset(struct call *call);

/* control_mint.c */
void control_mint(struct call *call);

#endif
