/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema_first.c: the first step of the schema.
 *
 * Every key begins with tenant_id, so that the rows of a tenant can live together on one server of
 * a sharded PostgreSQL; where a lookup does not know the tenant (by certificate, by an id in a
 * URL) an index of its own leads to it and still holds tenant_id. Times are Unix seconds, 0 for
 * "not yet"; flags are 0 and 1; an enum is stored by its name; absent text is ''.
 */
#include "base/attr.h"
#include "store/migrate.h"

static const char *const statements[] = {
    "CREATE TABLE schema_version ("
    " version BIGINT NOT NULL PRIMARY KEY,"
    " name TEXT NOT NULL,"
    " applied_at BIGINT NOT NULL)",

    /* What the server keeps about itself, such as the check value of its master key. */
    "CREATE TABLE server_values ("
    " name TEXT NOT NULL PRIMARY KEY,"
    " value TEXT NOT NULL)",

    "CREATE TABLE tenants ("
    " tenant_id TEXT NOT NULL PRIMARY KEY,"
    " domain TEXT NOT NULL,"
    " mode TEXT NOT NULL,"
    " cloud TEXT NOT NULL,"
    " login_url TEXT NOT NULL,"
    " graph_url TEXT NOT NULL,"
    " client_id TEXT NOT NULL,"
    " app_id_uris TEXT NOT NULL," /* JSON array */
    " is_v1_allowed BIGINT NOT NULL,"
    " is_guest_allowed BIGINT NOT NULL,"
    " is_enabled BIGINT NOT NULL,"
    " is_terms_required BIGINT NOT NULL,"
    " device_limit BIGINT NOT NULL,"
    " graph_state TEXT NOT NULL,"
    " graph_state_at BIGINT NOT NULL,"
    " graph_error TEXT NOT NULL,"
    " graph_pause_until BIGINT NOT NULL,"
    " groups_error TEXT NOT NULL,"
    " groups_pause_until BIGINT NOT NULL,"
    " version BIGINT NOT NULL,"
    " created_at BIGINT NOT NULL,"
    " updated_at BIGINT NOT NULL)",

    "CREATE TABLE credentials ("
    " tenant_id TEXT NOT NULL REFERENCES tenants (tenant_id) ON DELETE CASCADE,"
    " id TEXT NOT NULL,"
    " kind TEXT NOT NULL,"
    " state TEXT NOT NULL,"
    " sealed TEXT NOT NULL,"
    " certificate TEXT NOT NULL,"
    " not_after BIGINT NOT NULL,"
    " last_error TEXT NOT NULL,"
    " created_at BIGINT NOT NULL,"
    " PRIMARY KEY (tenant_id, id))",

    "CREATE TABLE signing_keys ("
    " tenant_id TEXT NOT NULL REFERENCES tenants (tenant_id) ON DELETE CASCADE,"
    " version BIGINT NOT NULL,"
    " metadata TEXT NOT NULL,"
    " jwks TEXT NOT NULL,"
    " fetched_at BIGINT NOT NULL,"
    " PRIMARY KEY (tenant_id, version))",

    "CREATE TABLE devices ("
    " tenant_id TEXT NOT NULL REFERENCES tenants (tenant_id) ON DELETE CASCADE,"
    " id TEXT NOT NULL,"
    " entra_device_id TEXT NOT NULL,"
    " dm_device_id TEXT NOT NULL,"
    " name TEXT NOT NULL,"
    " enrollment_type TEXT NOT NULL,"
    " user_principal_name TEXT NOT NULL,"
    " user_object_id TEXT NOT NULL,"
    " state TEXT NOT NULL,"
    " os_version TEXT NOT NULL,"
    " os_edition TEXT NOT NULL,"
    " enrolled_at BIGINT NOT NULL,"
    " last_seen_at BIGINT NOT NULL,"
    " retired_at BIGINT NOT NULL,"
    " retired_reason TEXT NOT NULL,"
    " certificate_not_after BIGINT NOT NULL,"
    " compliance_state TEXT NOT NULL,"
    " compliance_reasons TEXT NOT NULL," /* JSON array */
    " compliance_changed_at BIGINT NOT NULL,"
    " grace_until BIGINT NOT NULL,"
    " compliance_reported_at BIGINT NOT NULL,"
    " is_sync_wanted BIGINT NOT NULL,"
    " is_evaluation_wanted BIGINT NOT NULL,"
    " PRIMARY KEY (tenant_id, id))",
    "CREATE UNIQUE INDEX devices_id ON devices (id, tenant_id)",
    "CREATE UNIQUE INDEX devices_enrolled ON devices (tenant_id, entra_device_id)"
    " WHERE entra_device_id <> '' AND state = 'enrolled'",
    "CREATE INDEX devices_entra ON devices (tenant_id, entra_device_id)",
    "CREATE INDEX devices_evaluation ON devices (is_evaluation_wanted)"
    " WHERE is_evaluation_wanted = 1",
    "CREATE INDEX devices_compliance ON devices (compliance_state, grace_until)",
    "CREATE INDEX devices_silence ON devices (compliance_state, last_seen_at)",
    "CREATE INDEX devices_user ON devices (tenant_id, user_object_id, state)",

    /* Users of Entra who enrolled a device or were signed in at one. */
    "CREATE TABLE users ("
    " tenant_id TEXT NOT NULL REFERENCES tenants (tenant_id) ON DELETE CASCADE,"
    " user_object_id TEXT NOT NULL,"
    " seen_at BIGINT NOT NULL,"
    " groups_fetched_at BIGINT NOT NULL,"
    " groups_next_at BIGINT NOT NULL,"
    " PRIMARY KEY (tenant_id, user_object_id))",
    "CREATE INDEX users_groups_next ON users (tenant_id, groups_next_at)",

    /* Transitive security groups of a user, as Graph last told; one row for each membership. */
    "CREATE TABLE user_groups ("
    " tenant_id TEXT NOT NULL,"
    " user_object_id TEXT NOT NULL,"
    " group_id TEXT NOT NULL,"
    " PRIMARY KEY (tenant_id, user_object_id, group_id),"
    " FOREIGN KEY (tenant_id, user_object_id) REFERENCES users (tenant_id, user_object_id)"
    " ON DELETE CASCADE)",

    "CREATE TABLE device_tags ("
    " tenant_id TEXT NOT NULL,"
    " device_id TEXT NOT NULL,"
    " tag TEXT NOT NULL,"
    " PRIMARY KEY (tenant_id, device_id, tag),"
    " FOREIGN KEY (tenant_id, device_id) REFERENCES devices (tenant_id, id) ON DELETE CASCADE)",

    /* The intent to sign is stored before there is a device, so a row needs its tenant only. */
    "CREATE TABLE certificates ("
    " tenant_id TEXT NOT NULL REFERENCES tenants (tenant_id) ON DELETE CASCADE,"
    " id TEXT NOT NULL,"
    " device_id TEXT NOT NULL,"
    " serial TEXT NOT NULL,"
    " spki_sha256 TEXT NOT NULL,"
    " token_sha256 TEXT NOT NULL,"
    " consent_id TEXT NOT NULL,"
    " sha256 TEXT NOT NULL,"
    " der TEXT NOT NULL,"
    " state TEXT NOT NULL,"
    " not_before BIGINT NOT NULL,"
    " not_after BIGINT NOT NULL,"
    " created_at BIGINT NOT NULL,"
    " PRIMARY KEY (tenant_id, id))",
    "CREATE UNIQUE INDEX certificates_sha256 ON certificates (sha256, tenant_id)"
    " WHERE sha256 <> ''",
    "CREATE UNIQUE INDEX certificates_token ON certificates (tenant_id, token_sha256)"
    " WHERE token_sha256 <> ''",
    "CREATE UNIQUE INDEX certificates_consent ON certificates (tenant_id, consent_id)"
    " WHERE consent_id <> ''",
    "CREATE INDEX certificates_spki ON certificates (spki_sha256, tenant_id)",
    "CREATE INDEX certificates_device ON certificates (tenant_id, device_id)",
    "CREATE INDEX certificates_state ON certificates (state, created_at)",

    "CREATE TABLE enrollments ("
    " tenant_id TEXT NOT NULL," /* '' where no tenant was proved */
    " id TEXT NOT NULL,"
    " at BIGINT NOT NULL,"
    " stage TEXT NOT NULL,"
    " outcome TEXT NOT NULL,"
    " error_code TEXT NOT NULL,"
    " reason TEXT NOT NULL,"
    " remedy TEXT NOT NULL,"
    " client_request_id TEXT NOT NULL,"
    " trace_id TEXT NOT NULL,"
    " device_id TEXT NOT NULL,"
    " entra_device_id TEXT NOT NULL,"
    " user_principal_name TEXT NOT NULL,"
    " user_object_id TEXT NOT NULL,"
    " device_name TEXT NOT NULL,"
    " os_version TEXT NOT NULL,"
    " source TEXT NOT NULL,"
    " PRIMARY KEY (tenant_id, id))",
    "CREATE UNIQUE INDEX enrollments_id ON enrollments (id, tenant_id)",
    "CREATE INDEX enrollments_at ON enrollments (at)",
    "CREATE INDEX enrollments_user ON enrollments (tenant_id, user_object_id, at)",

    "CREATE TABLE sessions ("
    " tenant_id TEXT NOT NULL,"
    " device_id TEXT NOT NULL,"
    " id TEXT NOT NULL,"
    " session_id TEXT NOT NULL,"
    " client_msg_id BIGINT NOT NULL,"
    " server_msg_id BIGINT NOT NULL,"
    " state TEXT NOT NULL," /* JSON */
    " user_object_id TEXT NOT NULL,"
    " login_status TEXT NOT NULL,"
    " origin TEXT NOT NULL,"
    " started_at BIGINT NOT NULL,"
    " updated_at BIGINT NOT NULL,"
    " ended_at BIGINT NOT NULL,"
    " end_reason TEXT NOT NULL,"
    " last_reply TEXT NOT NULL,"
    " last_request_sha256 TEXT NOT NULL,"
    " PRIMARY KEY (tenant_id, device_id, id),"
    " FOREIGN KEY (tenant_id, device_id) REFERENCES devices (tenant_id, id) ON DELETE CASCADE)",
    "CREATE UNIQUE INDEX sessions_live ON sessions (tenant_id, device_id) WHERE ended_at = 0",

    "CREATE TABLE commands ("
    " tenant_id TEXT NOT NULL,"
    " device_id TEXT NOT NULL,"
    " id TEXT NOT NULL,"
    " verb TEXT NOT NULL,"
    " scope TEXT NOT NULL,"
    " user_object_id TEXT NOT NULL,"
    " locuri TEXT NOT NULL,"
    " format TEXT NOT NULL,"
    " data TEXT NOT NULL,"
    " origin TEXT NOT NULL,"
    " state TEXT NOT NULL,"
    " session_id TEXT NOT NULL,"
    " msg_id BIGINT NOT NULL,"
    " cmd_id BIGINT NOT NULL,"
    " status BIGINT NOT NULL,"
    " original_error TEXT NOT NULL,"
    " created_at BIGINT NOT NULL,"
    " sent_at BIGINT NOT NULL,"
    " answered_at BIGINT NOT NULL,"
    " PRIMARY KEY (tenant_id, device_id, id),"
    " FOREIGN KEY (tenant_id, device_id) REFERENCES devices (tenant_id, id) ON DELETE CASCADE)",
    "CREATE INDEX commands_open ON commands (tenant_id, device_id, state, id)"
    " WHERE state IN ('queued', 'sent')",
    "CREATE INDEX commands_created ON commands (created_at)",

    "CREATE TABLE policies ("
    " tenant_id TEXT NOT NULL REFERENCES tenants (tenant_id) ON DELETE CASCADE,"
    " id TEXT NOT NULL,"
    " name TEXT NOT NULL,"
    " scope TEXT NOT NULL,"
    " settings TEXT NOT NULL,"    /* JSON array */
    " assignments TEXT NOT NULL," /* JSON array */
    " version BIGINT NOT NULL,"
    " created_at BIGINT NOT NULL,"
    " updated_at BIGINT NOT NULL,"
    " PRIMARY KEY (tenant_id, id))",
    "CREATE UNIQUE INDEX policies_id ON policies (id, tenant_id)",
    "CREATE UNIQUE INDEX policies_name ON policies (tenant_id, name)",

    "CREATE TABLE applied_settings ("
    " tenant_id TEXT NOT NULL,"
    " device_id TEXT NOT NULL,"
    " user_object_id TEXT NOT NULL,"
    " locuri TEXT NOT NULL,"
    " policy_id TEXT NOT NULL,"
    " value_sha256 TEXT NOT NULL,"
    " state TEXT NOT NULL,"
    " status BIGINT NOT NULL,"
    " tries BIGINT NOT NULL,"
    " updated_at BIGINT NOT NULL,"
    " PRIMARY KEY (tenant_id, device_id, user_object_id, locuri),"
    " FOREIGN KEY (tenant_id, device_id) REFERENCES devices (tenant_id, id) ON DELETE CASCADE)",

    "CREATE TABLE facts ("
    " tenant_id TEXT NOT NULL,"
    " device_id TEXT NOT NULL,"
    " name TEXT NOT NULL,"
    " value TEXT NOT NULL,"
    " at BIGINT NOT NULL,"
    " PRIMARY KEY (tenant_id, device_id, name),"
    " FOREIGN KEY (tenant_id, device_id) REFERENCES devices (tenant_id, id) ON DELETE CASCADE)",

    "CREATE TABLE compliance_policies ("
    " tenant_id TEXT NOT NULL REFERENCES tenants (tenant_id) ON DELETE CASCADE,"
    " id TEXT NOT NULL,"
    " name TEXT NOT NULL,"
    " rules TEXT NOT NULL," /* JSON array */
    " grace BIGINT NOT NULL,"
    " assignments TEXT NOT NULL," /* JSON array */
    " version BIGINT NOT NULL,"
    " created_at BIGINT NOT NULL,"
    " updated_at BIGINT NOT NULL,"
    " PRIMARY KEY (tenant_id, id))",
    "CREATE UNIQUE INDEX compliance_policies_id ON compliance_policies (id, tenant_id)",
    "CREATE UNIQUE INDEX compliance_policies_name ON compliance_policies (tenant_id, name)",

    "CREATE TABLE outbox ("
    " tenant_id TEXT NOT NULL,"
    " id TEXT NOT NULL,"
    " device_id TEXT NOT NULL,"
    " entra_device_id TEXT NOT NULL,"
    " is_managed BIGINT NOT NULL,"
    " is_compliant BIGINT NOT NULL,"
    " seq BIGINT NOT NULL,"
    " state TEXT NOT NULL,"
    " tries BIGINT NOT NULL,"
    " next_try_at BIGINT NOT NULL,"
    " last_error TEXT NOT NULL,"
    " created_at BIGINT NOT NULL,"
    " updated_at BIGINT NOT NULL,"
    " done_at BIGINT NOT NULL,"
    " PRIMARY KEY (tenant_id, id),"
    " FOREIGN KEY (tenant_id, device_id) REFERENCES devices (tenant_id, id) ON DELETE CASCADE)",
    "CREATE UNIQUE INDEX outbox_id ON outbox (id, tenant_id)",
    "CREATE UNIQUE INDEX outbox_open ON outbox (tenant_id, device_id)"
    " WHERE state IN ('pending', 'held')",
    "CREATE INDEX outbox_device ON outbox (tenant_id, device_id)",
    "CREATE INDEX outbox_due ON outbox (state, next_try_at)",

    "CREATE TABLE audit ("
    " tenant_id TEXT NOT NULL," /* '' for the server as a whole */
    " id TEXT NOT NULL,"
    " at BIGINT NOT NULL,"
    " actor TEXT NOT NULL,"
    " action TEXT NOT NULL,"
    " object_kind TEXT NOT NULL,"
    " object_id TEXT NOT NULL,"
    " outcome TEXT NOT NULL,"
    " source TEXT NOT NULL,"
    " trace_id TEXT NOT NULL,"
    " detail TEXT NOT NULL," /* JSON object */
    " PRIMARY KEY (tenant_id, id))",
    "CREATE UNIQUE INDEX audit_id ON audit (id, tenant_id)",

    /* Of the server, not of a tenant. */
    "CREATE TABLE api_tokens ("
    " id TEXT NOT NULL PRIMARY KEY,"
    " name TEXT NOT NULL,"
    " sha256 TEXT NOT NULL,"
    " role TEXT NOT NULL,"
    " created_at BIGINT NOT NULL,"
    " expires_at BIGINT NOT NULL,"
    " last_used_at BIGINT NOT NULL)",
    "CREATE UNIQUE INDEX api_tokens_name ON api_tokens (name)",
    "CREATE UNIQUE INDEX api_tokens_sha256 ON api_tokens (sha256)",
};

const struct migration migration_first = {
    .name = "first",
    .statements = statements,
    .count = ARRAY_LEN(statements),
};
