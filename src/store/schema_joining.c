/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema_joining.c: the second step of the schema: every way for a device to join. Rules of a
 * tenant about who may, Terms of Use of its own, enrolment without Entra, renewal of certificates,
 * the CRL, and attempts told as one story.
 *
 * The conventions are those of schema_first.c.
 */
#include "base/attr.h"
#include "store/migrate.h"

static const char *const statements[] = {
    "ALTER TABLE tenants ADD COLUMN domains TEXT NOT NULL DEFAULT '[]'",            /* JSON */
    "ALTER TABLE tenants ADD COLUMN enrollment_methods TEXT NOT NULL DEFAULT '[]'", /* JSON */
    "ALTER TABLE tenants ADD COLUMN tenant_device_limit BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE tenants ADD COLUMN is_in_maintenance BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE tenants ADD COLUMN os_version_min TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE tenants ADD COLUMN os_version_max TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE tenants ADD COLUMN os_editions TEXT NOT NULL DEFAULT '[]'", /* JSON */
    "ALTER TABLE tenants ADD COLUMN license_group TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE tenants ADD COLUMN is_personal_allowed BIGINT NOT NULL DEFAULT 1",
    "ALTER TABLE tenants ADD COLUMN is_pin_required BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE tenants ADD COLUMN is_winjs BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE tenants ADD COLUMN redirect_uris TEXT NOT NULL DEFAULT '[]'", /* JSON */
    "ALTER TABLE tenants ADD COLUMN frame_ancestors TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE tenants ADD COLUMN default_locale TEXT NOT NULL DEFAULT 'en'",

    "ALTER TABLE devices ADD COLUMN auth TEXT NOT NULL DEFAULT 'entra'",
    "ALTER TABLE devices ADD COLUMN user_key TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE devices ADD COLUMN hw_device_id TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE devices ADD COLUMN zero_touch_id TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE devices ADD COLUMN is_bulk BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE devices ADD COLUMN autopilot_correlator TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE devices ADD COLUMN context TEXT NOT NULL DEFAULT '[]'", /* JSON */
    "UPDATE devices SET user_key = user_object_id",
    "CREATE INDEX devices_user_key ON devices (tenant_id, user_key, state)",

    "ALTER TABLE certificates ADD COLUMN renews_id TEXT NOT NULL DEFAULT ''",
    /* Hex of the key identifier of the CA; '' in rows of before, '-' when nobody can tell. */
    "ALTER TABLE certificates ADD COLUMN issuer_key_id TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE certificates ADD COLUMN first_used_at BIGINT NOT NULL DEFAULT 0",
    "CREATE INDEX certificates_serial ON certificates (serial, tenant_id)",
    "ALTER TABLE certificates ADD COLUMN revoked_at BIGINT NOT NULL DEFAULT 0", /* or superseded */
    "UPDATE certificates SET revoked_at = created_at"
    " WHERE state IN ('revoked', 'superseded') AND sha256 <> ''",
    "CREATE INDEX certificates_revoked ON certificates (issuer_key_id, revoked_at)"
    " WHERE revoked_at > 0",
    "CREATE INDEX certificates_unattributed ON certificates (issuer_key_id)"
    " WHERE issuer_key_id = '' AND sha256 <> ''",

    "ALTER TABLE enrollments ADD COLUMN auth TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE enrollments ADD COLUMN story_id TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE enrollments ADD COLUMN user_key TEXT NOT NULL DEFAULT ''",
    "UPDATE enrollments SET user_key = user_object_id, story_id = id",
    "CREATE INDEX enrollments_story ON enrollments (story_id, tenant_id)",
    "CREATE INDEX enrollments_user_key ON enrollments (tenant_id, user_key, at)",
    "CREATE INDEX enrollments_ours ON enrollments (tenant_id, device_id, at)",
    "CREATE INDEX enrollments_trace ON enrollments (trace_id, tenant_id)",
    "CREATE INDEX enrollments_request ON enrollments (client_request_id, tenant_id)",
    "CREATE INDEX enrollments_device ON enrollments (tenant_id, entra_device_id, at)",

    /* A text for one language, kind of ownership and, where group_id is not '', members of an
     * Entra group. html is body, cleaned. */
    "CREATE TABLE terms ("
    " tenant_id TEXT NOT NULL REFERENCES tenants (tenant_id) ON DELETE CASCADE,"
    " id TEXT NOT NULL,"
    " locale TEXT NOT NULL,"
    " mode TEXT NOT NULL,"
    " group_id TEXT NOT NULL,"
    " title TEXT NOT NULL,"
    " body TEXT NOT NULL,"
    " html TEXT NOT NULL,"
    " sha256 TEXT NOT NULL," /* of title, NUL, html */
    " version BIGINT NOT NULL,"
    " created_at BIGINT NOT NULL,"
    " updated_at BIGINT NOT NULL,"
    " PRIMARY KEY (tenant_id, id))",
    "CREATE UNIQUE INDEX terms_place ON terms (tenant_id, locale, mode, group_id)",

    /* Every text that was ever shown for acceptance, so that what was agreed to can be read. */
    "CREATE TABLE terms_texts ("
    " tenant_id TEXT NOT NULL REFERENCES tenants (tenant_id) ON DELETE CASCADE,"
    " version TEXT NOT NULL," /* as in consents: number and hash */
    " locale TEXT NOT NULL,"
    " title TEXT NOT NULL,"
    " html TEXT NOT NULL,"
    " created_at BIGINT NOT NULL,"
    " PRIMARY KEY (tenant_id, version))",

    /* Who decided what about which text, when. Never changed. */
    "CREATE TABLE terms_decisions ("
    " tenant_id TEXT NOT NULL REFERENCES tenants (tenant_id) ON DELETE CASCADE,"
    " id TEXT NOT NULL,"
    " at BIGINT NOT NULL,"
    " user_object_id TEXT NOT NULL,"
    " user_principal_name TEXT NOT NULL,"
    " decision TEXT NOT NULL," /* accepted | declined */
    " version TEXT NOT NULL,"
    " locale TEXT NOT NULL,"
    " mode TEXT NOT NULL,"
    " client_request_id TEXT NOT NULL,"
    " redirect_uri TEXT NOT NULL," /* without its query */
    " source TEXT NOT NULL,"
    " user_agent TEXT NOT NULL,"
    " PRIMARY KEY (tenant_id, id))",
    "CREATE UNIQUE INDEX terms_decisions_id ON terms_decisions (id, tenant_id)",
    "CREATE INDEX terms_decisions_user ON terms_decisions (tenant_id, user_object_id, id)",

    /* One-time PINs that IT gives to users. Only a keyed hash is kept. */
    "CREATE TABLE pins ("
    " tenant_id TEXT NOT NULL REFERENCES tenants (tenant_id) ON DELETE CASCADE,"
    " id TEXT NOT NULL,"
    " label TEXT NOT NULL,"
    " user_principal_name TEXT NOT NULL," /* '': of anybody */
    " mac TEXT NOT NULL,"
    " state TEXT NOT NULL," /* open | used | revoked */
    " created_at BIGINT NOT NULL,"
    " expires_at BIGINT NOT NULL,"
    " used_at BIGINT NOT NULL,"
    " used_by TEXT NOT NULL," /* user_object_id */
    " PRIMARY KEY (tenant_id, id))",
    "CREATE UNIQUE INDEX pins_id ON pins (id, tenant_id)",
    "CREATE UNIQUE INDEX pins_open ON pins (tenant_id, mac) WHERE state = 'open'",

    /* Wrong guesses at a secret: PINs by user, passwords by account and by source. */
    "CREATE TABLE guesses ("
    " tenant_id TEXT NOT NULL,"
    " kind TEXT NOT NULL,"
    " subject TEXT NOT NULL,"
    " failures BIGINT NOT NULL,"
    " blocked_until BIGINT NOT NULL,"
    " updated_at BIGINT NOT NULL,"
    " PRIMARY KEY (tenant_id, kind, subject))",
    "CREATE INDEX guesses_old ON guesses (kind, updated_at)",

    /* People who enrol with a user name and password kept here. */
    "CREATE TABLE enrollment_accounts ("
    " tenant_id TEXT NOT NULL REFERENCES tenants (tenant_id) ON DELETE CASCADE,"
    " id TEXT NOT NULL,"
    " user_name TEXT NOT NULL," /* lower case */
    " display_name TEXT NOT NULL,"
    " password_hash TEXT NOT NULL," /* Argon2id, encoded */
    " is_enabled BIGINT NOT NULL,"
    " version BIGINT NOT NULL,"
    " created_at BIGINT NOT NULL,"
    " updated_at BIGINT NOT NULL,"
    " last_used_at BIGINT NOT NULL,"
    " PRIMARY KEY (tenant_id, id))",
    "CREATE UNIQUE INDEX enrollment_accounts_id ON enrollment_accounts (id, tenant_id)",
    "CREATE UNIQUE INDEX enrollment_accounts_name ON enrollment_accounts (tenant_id, user_name)",

    /* At most one LDAP directory of a tenant. */
    "CREATE TABLE ldap_directories ("
    " tenant_id TEXT NOT NULL PRIMARY KEY REFERENCES tenants (tenant_id) ON DELETE CASCADE,"
    " url TEXT NOT NULL,"
    " is_start_tls BIGINT NOT NULL,"
    " ca_certificate TEXT NOT NULL," /* PEM, '': the system's */
    " bind_dn TEXT NOT NULL,"
    " sealed TEXT NOT NULL," /* the bind password */
    " search_base TEXT NOT NULL,"
    " user_filter TEXT NOT NULL,"
    " group_dn TEXT NOT NULL,"
    " netbios_domain TEXT NOT NULL,"
    " version BIGINT NOT NULL,"
    " created_at BIGINT NOT NULL,"
    " updated_at BIGINT NOT NULL)",

    /* At most one OpenID provider of a tenant, for federated enrolment. */
    "CREATE TABLE identity_providers ("
    " tenant_id TEXT NOT NULL PRIMARY KEY REFERENCES tenants (tenant_id) ON DELETE CASCADE,"
    " issuer TEXT NOT NULL,"
    " client_id TEXT NOT NULL,"
    " sealed TEXT NOT NULL," /* the client secret; '': a public client */
    " scopes TEXT NOT NULL,"
    " user_claim TEXT NOT NULL,"
    " required_claim TEXT NOT NULL," /* NAME=VALUE, '' */
    " version BIGINT NOT NULL,"
    " created_at BIGINT NOT NULL,"
    " updated_at BIGINT NOT NULL)",

    /* CAs whose certificates let a device of the tenant enrol. */
    "CREATE TABLE trusted_issuers ("
    " tenant_id TEXT NOT NULL REFERENCES tenants (tenant_id) ON DELETE CASCADE,"
    " id TEXT NOT NULL,"
    " name TEXT NOT NULL,"
    " certificate TEXT NOT NULL," /* PEM */
    " sha256 TEXT NOT NULL,"
    " subject_sha256 TEXT NOT NULL," /* of the DER: what it issued names it so */
    " not_after BIGINT NOT NULL,"
    " created_at BIGINT NOT NULL,"
    " PRIMARY KEY (tenant_id, id))",
    "CREATE INDEX trusted_issuers_subject ON trusted_issuers (subject_sha256)",
    "CREATE UNIQUE INDEX trusted_issuers_id ON trusted_issuers (id, tenant_id)",
    "CREATE UNIQUE INDEX trusted_issuers_sha256 ON trusted_issuers (tenant_id, sha256)",

    /* The newest CRL of each CA, by its key identifier. Of the server. */
    "CREATE TABLE crls ("
    " issuer_key_id TEXT NOT NULL PRIMARY KEY,"
    " number BIGINT NOT NULL,"
    " der TEXT NOT NULL,"     /* base64 */
    " revoked TEXT NOT NULL," /* which state of certificates it lists, to see when that changed */
    " made_at BIGINT NOT NULL,"
    " next_at BIGINT NOT NULL)",
};

const struct migration migration_joining = {
    .name = "joining",
    .statements = statements,
    .count = ARRAY_LEN(statements),
};
