/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_resources.h: the handlers of the admin API, by resource. Each is an api_handler (edge/api.h):
 * decode, call one operation of admin/ or one read of the store, encode.
 */
#ifndef MUSTER_EDGE_API_RESOURCES_H
#define MUSTER_EDGE_API_RESOURCES_H

#include "edge/api.h"

/* api_tenants.c */
MUST_CHECK int api_tenant_list(struct api_call *call);
MUST_CHECK int api_tenant_show(struct api_call *call);
MUST_CHECK int api_tenant_add(struct api_call *call);
MUST_CHECK int api_tenant_update(struct api_call *call);
MUST_CHECK int api_tenant_remove(struct api_call *call);
MUST_CHECK int api_tenant_check(struct api_call *call);
MUST_CHECK int api_tenant_consent_url(struct api_call *call);
MUST_CHECK int api_credential_list(struct api_call *call);
MUST_CHECK int api_credential_show(struct api_call *call);
MUST_CHECK int api_credential_add(struct api_call *call);
MUST_CHECK int api_credential_remove(struct api_call *call);
MUST_CHECK int api_credential_rotate(struct api_call *call);

/* api_accounts.c */
MUST_CHECK int api_account_list(struct api_call *call);
MUST_CHECK int api_account_show(struct api_call *call);
MUST_CHECK int api_account_add(struct api_call *call);
MUST_CHECK int api_account_update(struct api_call *call);
MUST_CHECK int api_account_remove(struct api_call *call);
MUST_CHECK int api_ldap_show(struct api_call *call);
MUST_CHECK int api_ldap_add(struct api_call *call);
MUST_CHECK int api_ldap_update(struct api_call *call);
MUST_CHECK int api_ldap_remove(struct api_call *call);
MUST_CHECK int api_ldap_check(struct api_call *call);
/* api_unblock.c */
MUST_CHECK int api_pin_unblock(struct api_call *call);
MUST_CHECK int api_account_unblock(struct api_call *call);
/* api_trusted_issuers.c */
MUST_CHECK int api_trusted_issuer_list(struct api_call *call);
MUST_CHECK int api_trusted_issuer_show(struct api_call *call);
MUST_CHECK int api_trusted_issuer_add(struct api_call *call);
MUST_CHECK int api_trusted_issuer_remove(struct api_call *call);
/* api_identity_provider.c */
MUST_CHECK int api_identity_provider_show(struct api_call *call);
MUST_CHECK int api_identity_provider_add(struct api_call *call);
MUST_CHECK int api_identity_provider_update(struct api_call *call);
MUST_CHECK int api_identity_provider_remove(struct api_call *call);
MUST_CHECK int api_identity_provider_check(struct api_call *call);

/* api_policies.c */
MUST_CHECK int api_policy_list(struct api_call *call);
MUST_CHECK int api_policy_show(struct api_call *call);
MUST_CHECK int api_policy_add(struct api_call *call);
MUST_CHECK int api_policy_update(struct api_call *call);
MUST_CHECK int api_policy_remove(struct api_call *call);
MUST_CHECK int api_compliance_list(struct api_call *call);
MUST_CHECK int api_compliance_show(struct api_call *call);
MUST_CHECK int api_compliance_add(struct api_call *call);
MUST_CHECK int api_compliance_update(struct api_call *call);
MUST_CHECK int api_compliance_remove(struct api_call *call);

/* api_devices.c */
MUST_CHECK int api_device_list(struct api_call *call);
MUST_CHECK int api_device_show(struct api_call *call);
MUST_CHECK int api_device_act(struct api_call *call);
MUST_CHECK int api_device_facts(struct api_call *call);
MUST_CHECK int api_device_commands(struct api_call *call);
MUST_CHECK int api_device_sessions(struct api_call *call);
/* api_certificates.c */
MUST_CHECK int api_device_certificates(struct api_call *call);

/* api_devices.c */
MUST_CHECK int api_device_tag_add(struct api_call *call);
MUST_CHECK int api_device_tag_remove(struct api_call *call);

/* api_device_context.c */
MUST_CHECK int api_device_context(struct api_call *call);

/* api_enrollments.c */
MUST_CHECK int api_enrollment_list(struct api_call *call);
MUST_CHECK int api_enrollment_show(struct api_call *call);
MUST_CHECK int api_enrollment_explain(struct api_call *call);
MUST_CHECK int api_story_list(struct api_call *call);
MUST_CHECK int api_story_show(struct api_call *call);
MUST_CHECK int api_code_list(struct api_call *call);
MUST_CHECK int api_code_show(struct api_call *call);

/* api_records.c */
MUST_CHECK int api_outbox_list(struct api_call *call);
MUST_CHECK int api_outbox_show(struct api_call *call);
MUST_CHECK int api_outbox_retry(struct api_call *call);
MUST_CHECK int api_outbox_drop(struct api_call *call);
MUST_CHECK int api_audit_list(struct api_call *call);
MUST_CHECK int api_audit_show(struct api_call *call);
MUST_CHECK int api_token_list(struct api_call *call);
MUST_CHECK int api_token_show(struct api_call *call);
MUST_CHECK int api_token_add(struct api_call *call);
MUST_CHECK int api_token_remove(struct api_call *call);

/* api_terms.c */
MUST_CHECK int api_terms_list(struct api_call *call);
MUST_CHECK int api_terms_show(struct api_call *call);
MUST_CHECK int api_terms_add(struct api_call *call);
MUST_CHECK int api_terms_update(struct api_call *call);
MUST_CHECK int api_terms_remove(struct api_call *call);
MUST_CHECK int api_terms_preview(struct api_call *call);
MUST_CHECK int api_terms_text_list(struct api_call *call);
MUST_CHECK int api_terms_text_show(struct api_call *call);
MUST_CHECK int api_terms_decision_list(struct api_call *call);
MUST_CHECK int api_terms_decision_show(struct api_call *call);

/* api_pins.c */
MUST_CHECK int api_pin_list(struct api_call *call);
MUST_CHECK int api_pin_show(struct api_call *call);
MUST_CHECK int api_pin_add(struct api_call *call);
MUST_CHECK int api_pin_revoke(struct api_call *call);

/* api_openapi.c */
MUST_CHECK int api_openapi(struct api_call *call);

#endif
