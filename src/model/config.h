/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.h: the settings of the server as read from its configuration file. Immutable once read;
 * a reload builds a new one and swaps the pointer. Strings are never NULL; absent is "".
 */
#ifndef MUSTER_MODEL_CONFIG_H
#define MUSTER_MODEL_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

enum { CONFIG_LIST_MAX = 4, CONFIG_HOSTS = 1 + CONFIG_LIST_MAX };

/* What Windows puts before the domain of a mail address to find an enrolment service. */
#define CONFIG_AUTODISCOVERY_HOST "enterpriseenrollment."

struct terms_branding;

struct config_listener {
	const char *url;  /* "https://mdm.contoso.com", no trailing slash; "" for metrics */
	const char *host; /* host part of the url */
	const char *hosts[CONFIG_HOSTS]; /* host, then what else is listened for; NULL: nothing */
	const char *listen;              /* "0.0.0.0:443" */
	const char *tls_certificate;
	const char *tls_key;
};

/* Where enrolment and renewal begin, below the public and the management URL. */
#define CONFIG_DISCOVERY_PATH "/EnrollmentServer/Discovery.svc"
/* Where this server serves CRLs, below its public URL. */
#define CONFIG_CRL_PATH "/EnrollmentServer/CRL"

/* A setting with one value a line. */
struct config_list {
	const char *items[CONFIG_LIST_MAX];
	size_t count;
};

struct config {
	struct config_listener public;
	struct config_listener manage;
	struct config_list manage_previous; /* URLs by which enrolled devices know it from before */
	struct config_listener console;
	struct config_listener metrics;
	const char *tls_certificate; /* for listeners that have none of their own */
	const char *tls_key;
	size_t workers;
	bool is_in_maintenance; /* nobody enrols, of whatever tenant; devices are managed as ever */
	const char *store_url;
	const char *master_key_file;
	const char *ca_certificate;
	const char *ca_key;
	size_t certificate_days;             /* how long a device certificate is good */
	size_t renew_days;                   /* before its end the device renews; less than that */
	size_t retry_days;                   /* between its attempts; at most renew_days */
	const char *ca_root;                 /* certificate above ca_certificate; "" */
	struct config_list ca_previous;      /* certificates of CAs that issued before */
	struct config_list ca_previous_keys; /* those of their keys that are there */
	const char *ca_trusted[CONFIG_LIST_MAX + 1]; /* root, previous: beside ca_certificate */
	size_t ca_trusted_count;
	const char *ca_crl_url; /* where CRLs are fetched, without "/KEY-ID.crl"; never "" */
	const char *entra_ca_bundle;
	bool allow_custom_cloud;
	const char *terms_assets_dir;
	const char *terms_branding_dir;
	/* What was in the two when the configuration was read; NULL: not looked at. */
	const struct terms_branding *branding;
};

#endif
