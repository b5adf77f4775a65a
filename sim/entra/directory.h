/* SPDX-License-Identifier: Apache-2.0 */
/*
 * directory.h: the objects of the directory the stand-in pretends to have: tenants, applications
 * with their credentials, service principals (an application's presence in a tenant), users,
 * groups and devices. Plain structs; state.h makes, finds and frees them.
 *
 * Users, groups and devices carry the number of their last change, and what is deleted leaves a
 * tombstone, so that delta queries can be answered.
 */
#ifndef MUSTER_SIM_ENTRA_DIRECTORY_H
#define MUSTER_SIM_ENTRA_DIRECTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/list.h"
#include "base/uuid.h"
#include "sim/entra/ossl.h"

enum { STATE_EXTENSIONS = 15 };

struct texts {
	char **items;
	size_t count;
};

enum entity_kind { ENTITY_USER, ENTITY_GROUP, ENTITY_DEVICE };
enum { ENTITY_KINDS = ENTITY_DEVICE + 1 };

/* The head of a user, a group and a device; `list` is first so that one list walk serves all. */
struct entity {
	struct list list;
	struct uuid id; /* directory object id */
	char *name;     /* displayName */
	uint64_t changed;
};

struct user {
	struct entity entity;
	char *upn;
	bool is_enabled;
	bool is_guest;
};

struct member {
	struct list list;
	struct uuid id;
	enum entity_kind kind;
	uint64_t changed;
	bool is_removed; /* kept for group deltas */
};

struct group {
	struct entity entity;
	bool is_security;
	struct list members;
};

enum device_fact { FACT_UNSET, FACT_FALSE, FACT_TRUE };

struct device {
	struct entity entity;
	struct uuid device_id; /* of device registration, the `deviceid` claim */
	char *os;
	char *os_version;
	char *trust_type;
	bool is_enabled;
	enum device_fact managed;
	enum device_fact compliant;
	bool has_mdm_app;
	struct uuid mdm_app;
	char *extensions[STATE_EXTENSIONS];
	int64_t created_at;
	int64_t visible_at; /* replication lag: Graph answers 404 before */
	int64_t written_at; /* last accepted PATCH; 0 none */
	uint64_t writes;
};

struct tombstone {
	struct list list;
	enum entity_kind kind;
	struct uuid id;
	uint64_t changed;
};

struct tenant {
	struct list list;
	struct uuid id;
	char *domain;
	char *name;
	bool denies_consent; /* the answer of its administrator */
	char *signs_in;      /* who signs in in a browser; NULL: whom login_hint names */
	bool denies_sign_in; /* that user cancels */
	struct list entities[ENTITY_KINDS];
	struct list tombstones;
	struct list principals;
};

enum credential_kind { CREDENTIAL_SECRET, CREDENTIAL_CERTIFICATE, CREDENTIAL_FEDERATED };

struct credential {
	struct list list;
	enum credential_kind kind;
	struct uuid id;
	char *name;
	int64_t not_before;
	int64_t not_after;
	uint8_t hash[SHA256_LEN]; /* secret: of the text; certificate: of its DER */
	uint8_t sha1[SHA1_LEN];   /* certificate */
	char hint[4];             /* secret: its first characters */
	X509 *cert;
	char *issuer; /* federated */
	char *subject;
	EVP_PKEY *key;
};

struct app {
	struct list list;
	struct uuid client_id;
	struct uuid object_id;
	struct uuid home; /* tenant it is registered in */
	char *name;
	struct texts uris; /* App ID URIs */
	struct texts redirect_uris;
	struct texts roles; /* what its registration asks for */
	int token_version;  /* requestedAccessTokenVersion; 0 for null */
	bool is_multi_tenant;
	bool is_public_client; /* has no secret and may show none */
	struct list credentials;
	char *mdm_applies_to; /* its mobile device management policy */
	char *mdm_urls[3];    /* terms of use, discovery, compliance */
};

struct principal {
	struct list list;
	struct app *app;
	struct uuid id;
	struct texts roles; /* consented application permissions of Graph */
	bool is_enabled;
	bool is_approved_mdm;
};

struct state {
	struct list tenants;
	struct list apps;
	uint64_t changes;
};

#endif
