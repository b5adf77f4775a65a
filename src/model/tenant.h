/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tenant.h: an Entra tenant that this server manages devices for, and its credentials.
 */
#ifndef MUSTER_MODEL_TENANT_H
#define MUSTER_MODEL_TENANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

enum tenant_mode { TENANT_ON_PREMISES, TENANT_CLOUD };
enum cloud { CLOUD_GLOBAL, CLOUD_USGOV, CLOUD_CHINA, CLOUD_CUSTOM };

/* What Graph last said about writing compliance for this tenant (protocol: Graph, state machine).
 */
enum graph_state { GRAPH_UNKNOWN, GRAPH_OK, GRAPH_NOT_AUTHORISED, GRAPH_CREDENTIAL_FAULT };

/* Ways to enrol without Entra that a tenant can offer. */
enum enrollment_method { METHOD_FEDERATED, METHOD_ON_PREMISES, METHOD_CERTIFICATE };

enum {
	TENANT_APP_ID_URIS = 16,
	TENANT_DOMAINS = 32,
	TENANT_METHODS = 3,
	TENANT_EDITIONS = 32,
	TENANT_REDIRECT_URIS = 8
};

struct tenant {
	const char *tenant_id; /* Entra GUID, lower case; the key of every row */
	const char *domain;
	enum tenant_mode mode;
	enum cloud cloud;
	const char *login_url; /* https://login.microsoftonline.com; for a custom cloud as given */
	const char *graph_url;
	const char *client_id; /* GUID, lower case */
	const char *app_id_uris[TENANT_APP_ID_URIS];
	size_t app_id_uri_count;
	bool is_v1_allowed;    /* v1.0 tokens; v2.0 is always accepted */
	bool is_guest_allowed; /* users homed in another tenant; off unless an administrator asks */
	bool is_enabled;
	bool is_terms_required;
	int64_t device_limit;        /* enrolled devices per user */
	int64_t tenant_device_limit; /* enrolled devices of the tenant; 0: no limit */
	/* Domains of mail addresses that lead here; lower case, of one tenant only. */
	const char *domains[TENANT_DOMAINS];
	size_t domain_count;
	const char *enrollment_methods[TENANT_METHODS]; /* enrollment_method_name */
	size_t enrollment_method_count;
	bool is_in_maintenance;     /* nobody enrols; devices are managed as ever */
	const char *closed_message; /* the same, for a reason that users are told; "": open */
	const char *os_version_min; /* "10.0.19045", "" for none; both ends belong to it */
	const char *os_version_max;
	const char *os_editions[TENANT_EDITIONS]; /* decimal codes of GetProductInfo; none: any */
	size_t os_edition_count;
	const char *license_group; /* Entra group a user must be in to enrol; "" for none */
	bool is_personal_allowed;  /* personal devices by a work account */
	bool is_pin_required;      /* on the Terms of Use page */
	bool is_winjs;             /* the page uses WinJS's style sheets */
	/* Exact beginnings of redirect_uri; none: the built-in rule alone. */
	const char *redirect_uris[TENANT_REDIRECT_URIS];
	size_t redirect_uri_count;
	const char *frame_ancestors; /* of the Content-Security-Policy of the page; "" for none */
	const char *default_locale;  /* of the Terms of Use, "en" */
	enum graph_state graph_state;
	int64_t graph_state_at;
	const char *graph_error;
	const char *groups_error; /* why groups of users cannot be read; "" */
	int64_t version;          /* of what administrators set: +1 with each of their changes */
	int64_t created_at;
	int64_t updated_at;
};

enum credential_kind { CREDENTIAL_SECRET, CREDENTIAL_CERTIFICATE, CREDENTIAL_FEDERATED };
enum credential_state {
	CREDENTIAL_PENDING,
	CREDENTIAL_ACTIVE,
	CREDENTIAL_RETIRING,
	CREDENTIAL_EXPIRED
};

struct credential {
	const char *tenant_id;
	const char *id;
	enum credential_kind kind;
	enum credential_state state;
	const char *sealed;      /* the secret or key, sealed for "credentials|<tenant>|<id>" */
	const char *certificate; /* PEM, public; "" for a secret */
	int64_t not_after;       /* 0: not known */
	const char *last_error;
	int64_t created_at;
};

/* A CA whose certificates prove a user of the tenant to enrolment. */
struct trusted_issuer {
	const char *tenant_id;
	const char *id;
	const char *name;
	const char *certificate;    /* PEM */
	const char *sha256;         /* of the certificate's DER, lower-case hex */
	const char *subject_sha256; /* of its subject's DER */
	int64_t not_after;
	int64_t created_at;
};

#define ENUM_NAMES(type)                                                                           \
	const char *const *type##_list(void); /* ends with NULL */                                 \
	const char *type##_name(enum type value);                                                  \
	MUST_CHECK bool type##_read(struct text t, enum type *ret)

ENUM_NAMES(tenant_mode);     /* on-premises | cloud */
ENUM_NAMES(cloud);           /* global | usgov | china | custom */
ENUM_NAMES(graph_state);     /* unknown | ok | not_authorised | credential_fault */
ENUM_NAMES(credential_kind); /* secret | certificate | federated */
ENUM_NAMES(credential_state);
ENUM_NAMES(enrollment_method); /* federated | on-premises | certificate */

#endif
