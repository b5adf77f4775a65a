/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_rows.c: every resource and action of the admin API, with the role it needs.
 */
#include "edge/api_resources.h"

#define READ  ROLE_READER
#define ADMIN ROLE_ADMINISTRATOR

static const struct api_row rows[] = {
    {HTTP_GET, "tenants", READ, api_tenant_list, "List tenants"},
    {HTTP_POST, "tenants", ADMIN, api_tenant_add, "Add a tenant"},
    {HTTP_GET, "tenants/{}", READ, api_tenant_show, "Show a tenant"},
    {HTTP_PATCH, "tenants/{}", ADMIN, api_tenant_update, "Change a tenant"},
    {HTTP_DELETE, "tenants/{}", ADMIN, api_tenant_remove, "Remove a tenant"},
    {HTTP_POST, "tenants/{}/check", ADMIN, api_tenant_check,
     "Check a tenant's keys, token and Graph access"},
    {HTTP_POST, "tenants/{}/consent-url", ADMIN, api_tenant_consent_url,
     "Make the address for admin consent"},
    {HTTP_GET, "tenants/{}/credentials", READ, api_credential_list, "List credentials"},
    {HTTP_POST, "tenants/{}/credentials", ADMIN, api_credential_add, "Add a credential"},
    {HTTP_GET, "tenants/{}/credentials/{}", READ, api_credential_show, "Show a credential"},
    {HTTP_DELETE, "tenants/{}/credentials/{}", ADMIN, api_credential_remove, "Remove a credential"},
    {HTTP_POST, "tenants/{}/credentials/{}/rotate", ADMIN, api_credential_rotate,
     "Use this credential and retire the others"},
    {HTTP_GET, "tenants/{}/trusted-issuers", READ, api_trusted_issuer_list,
     "List CAs whose certificates enrol devices"},
    {HTTP_POST, "tenants/{}/trusted-issuers", ADMIN, api_trusted_issuer_add,
     "Trust a CA to enrol devices"},
    {HTTP_GET, "tenants/{}/trusted-issuers/{}", READ, api_trusted_issuer_show, "Show a trusted CA"},
    {HTTP_DELETE, "tenants/{}/trusted-issuers/{}", ADMIN, api_trusted_issuer_remove,
     "Trust a CA no longer"},

    {HTTP_GET, "tenants/{}/terms", READ, api_terms_list, "List the Terms of Use of a tenant"},
    {HTTP_POST, "tenants/{}/terms", ADMIN, api_terms_add, "Add a text"},
    {HTTP_POST, "tenants/{}/terms/preview", ADMIN, api_terms_preview,
     "Show what would be shown of a body"},
    {HTTP_GET, "tenants/{}/terms/{}", READ, api_terms_show, "Show a text"},
    {HTTP_PATCH, "tenants/{}/terms/{}", ADMIN, api_terms_update, "Change a text"},
    {HTTP_DELETE, "tenants/{}/terms/{}", ADMIN, api_terms_remove, "Remove a text"},
    {HTTP_GET, "tenants/{}/terms-texts", READ, api_terms_text_list,
     "List the texts that were shown"},
    {HTTP_GET, "tenants/{}/terms-texts/{}", READ, api_terms_text_show,
     "Show a text that was shown"},
    {HTTP_GET, "terms-decisions", READ, api_terms_decision_list,
     "List who accepted or declined which text"},
    {HTTP_GET, "terms-decisions/{}", READ, api_terms_decision_show, "Show a decision"},
    {HTTP_GET, "tenants/{}/pins", READ, api_pin_list, "List one-time PINs"},
    {HTTP_POST, "tenants/{}/pins", ADMIN, api_pin_add, "Make one-time PINs"},
    {HTTP_POST, "tenants/{}/pins/unblock", ADMIN, api_pin_unblock,
     "Let a user or an address try PINs again"},
    {HTTP_GET, "tenants/{}/pins/{}", READ, api_pin_show, "Show a one-time PIN, never its digits"},
    {HTTP_DELETE, "tenants/{}/pins/{}", ADMIN, api_pin_revoke, "Revoke a one-time PIN"},
    {HTTP_GET, "tenants/{}/enrollment-accounts", READ, api_account_list,
     "List accounts that enrol with a password"},
    {HTTP_POST, "tenants/{}/enrollment-accounts", ADMIN, api_account_add,
     "Add an account that enrols with a password"},
    {HTTP_POST, "tenants/{}/enrollment-accounts/unblock", ADMIN, api_account_unblock,
     "Let a user name or an address try passwords again"},
    {HTTP_GET, "tenants/{}/enrollment-accounts/{}", READ, api_account_show, "Show an account"},
    {HTTP_PATCH, "tenants/{}/enrollment-accounts/{}", ADMIN, api_account_update,
     "Change an account"},
    {HTTP_DELETE, "tenants/{}/enrollment-accounts/{}", ADMIN, api_account_remove,
     "Remove an account"},
    {HTTP_GET, "tenants/{}/ldap-directory", READ, api_ldap_show, "Show the LDAP directory"},
    {HTTP_PUT, "tenants/{}/ldap-directory", ADMIN, api_ldap_add, "Add the LDAP directory"},
    {HTTP_PATCH, "tenants/{}/ldap-directory", ADMIN, api_ldap_update, "Change the LDAP directory"},
    {HTTP_DELETE, "tenants/{}/ldap-directory", ADMIN, api_ldap_remove, "Remove the LDAP directory"},
    {HTTP_POST, "tenants/{}/ldap-directory/check", ADMIN, api_ldap_check,
     "Try the LDAP directory and look for a user in it"},

    {HTTP_GET, "tenants/{}/identity-provider", READ, api_identity_provider_show,
     "Show where users sign in"},
    {HTTP_PUT, "tenants/{}/identity-provider", ADMIN, api_identity_provider_add,
     "Add an OpenID provider to sign in at"},
    {HTTP_PATCH, "tenants/{}/identity-provider", ADMIN, api_identity_provider_update,
     "Change the OpenID provider"},
    {HTTP_DELETE, "tenants/{}/identity-provider", ADMIN, api_identity_provider_remove,
     "Remove the OpenID provider"},
    {HTTP_POST, "tenants/{}/identity-provider/check", ADMIN, api_identity_provider_check,
     "Check the provider's metadata and keys"},

    {HTTP_GET, "devices", READ, api_device_list, "List devices"},
    {HTTP_GET, "devices/{}", READ, api_device_show, "Show a device"},
    {HTTP_GET, "devices/{}/facts", READ, api_device_facts, "List what a device reported"},
    {HTTP_GET, "devices/{}/context", READ, api_device_context,
     "List what a device said of itself at enrolment"},
    {HTTP_GET, "devices/{}/commands", READ, api_device_commands, "List commands and answers"},
    {HTTP_GET, "devices/{}/sessions", READ, api_device_sessions, "List management sessions"},
    {HTTP_GET, "devices/{}/certificates", READ, api_device_certificates,
     "List a device's certificates"},
    {HTTP_POST, "devices/{}/tag", ADMIN, api_device_tag_add, "Put a tag on a device"},
    {HTTP_POST, "devices/{}/untag", ADMIN, api_device_tag_remove, "Take a tag from a device"},
    /* sync, reboot, lock, renew, rename, wipe, retire; after the two above, which it would match
     * too. */
    {HTTP_POST, "devices/{}/{}", ADMIN, api_device_act, "Act on a device"},

    {HTTP_GET, "enrollments", READ, api_enrollment_list, "List attempts to enrol"},
    /* Before the next, which it would match too. */
    {HTTP_GET, "enrollments/explain", READ, api_enrollment_explain,
     "Explain what ?about= holds: a code, any id of a joining, a user's mail address"},
    {HTTP_GET, "enrollments/{}", READ, api_enrollment_show, "Show an attempt to enrol"},
    {HTTP_GET, "enrollment-stories", READ, api_story_list, "List joinings with all their attempts"},
    {HTTP_GET, "enrollment-stories/{}", READ, api_story_show, "Show a joining, by any of its ids"},
    {HTTP_GET, "error-codes", READ, api_code_list, "List the codes Windows shows"},
    {HTTP_GET, "error-codes/{}", READ, api_code_show, "Show what a code means"},

    {HTTP_GET, "policies", READ, api_policy_list, "List policies"},
    {HTTP_POST, "policies", ADMIN, api_policy_add, "Add a policy"},
    {HTTP_GET, "policies/{}", READ, api_policy_show, "Show a policy"},
    {HTTP_PATCH, "policies/{}", ADMIN, api_policy_update, "Change a policy"},
    {HTTP_DELETE, "policies/{}", ADMIN, api_policy_remove, "Remove a policy"},

    {HTTP_GET, "compliance-policies", READ, api_compliance_list, "List compliance policies"},
    {HTTP_POST, "compliance-policies", ADMIN, api_compliance_add, "Add a compliance policy"},
    {HTTP_GET, "compliance-policies/{}", READ, api_compliance_show, "Show a compliance policy"},
    {HTTP_PATCH, "compliance-policies/{}", ADMIN, api_compliance_update,
     "Change a compliance policy"},
    {HTTP_DELETE, "compliance-policies/{}", ADMIN, api_compliance_remove,
     "Remove a compliance policy"},

    {HTTP_GET, "outbox", READ, api_outbox_list, "List reports to Microsoft Graph"},
    {HTTP_GET, "outbox/{}", READ, api_outbox_show, "Show a report"},
    {HTTP_POST, "outbox/{}/retry", ADMIN, api_outbox_retry, "Send a waiting report now"},
    {HTTP_POST, "outbox/{}/drop", ADMIN, api_outbox_drop, "Drop a waiting report"},

    {HTTP_GET, "audit", READ, api_audit_list, "List the audit"},
    {HTTP_GET, "audit/{}", READ, api_audit_show, "Show an audit entry"},

    {HTTP_GET, "tokens", ADMIN, api_token_list, "List API tokens"},
    {HTTP_POST, "tokens", ADMIN, api_token_add, "Add an API token"},
    {HTTP_GET, "tokens/{}", ADMIN, api_token_show, "Show an API token"},
    {HTTP_DELETE, "tokens/{}", ADMIN, api_token_remove, "Remove an API token"},

    {HTTP_GET, "openapi.json", READ, api_openapi, "This description"},
};

const struct api_row *api_rows(size_t *ret_count)
{
	*ret_count = ARRAY_LEN(rows);
	return rows;
}
