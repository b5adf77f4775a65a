/* SPDX-License-Identifier: Apache-2.0 */
/*
 * device.h: one simulated device: who it is, how it is enrolled, and where that is kept.
 *
 * Strings are never NULL; "" means not set. They belong to the device's arena. A directory holds
 * device.json, key.pem, certificate.pem, root.pem, provisioning.xml and tree.json; it is written
 * only by device_save and by the steps that say so.
 */
#ifndef MUSTER_SIM_DEVICE_DEVICE_H
#define MUSTER_SIM_DEVICE_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"

enum join {
	JOIN_ENTRA,        /* Entra join: EnrollmentType Device */
	JOIN_WORK_ACCOUNT, /* a work account on a personal device: Full */
	JOIN_ON_PREMISES,  /* user name and password: Full */
	JOIN_FEDERATED,    /* a sign-in page of the server: Full */
	JOIN_CERTIFICATE
};

struct poll {
	int64_t first_count, first_interval; /* minutes */
	int64_t second_count, second_interval;
	int64_t rest_count, rest_interval;
};

struct device {
	struct arena arena;
	const char *dir;

	/* identity, made once */
	const char *device_id; /* 32 upper-case hex digits: ./DevInfo/DevId */
	const char *hardware_id;
	const char *name;
	const char *maker;
	const char *model;
	const char *os_version;
	const char *locale;
	const char *mac;
	const char *serial;
	int64_t os_edition;

	/* directory */
	enum join join;
	const char *user; /* what --user said */
	const char *upn;
	const char *tenant;
	const char *app;
	const char *entra_device_id;
	const char *entra_control; /* URL */
	const char *entra_token_file;

	/* enrolment */
	bool is_enrolled;
	bool is_wiped;
	const char *discovery_url;
	const char *provider_id;
	const char *server_name;
	const char *address; /* of the management server */
	const char *ent_dmid;
	const char *aad_resource_id;
	const char *renew_url;
	const char *renew_period;   /* days before the certificate ends, decimal */
	const char *retry_interval; /* days */
	const char *renew_status;   /* 0 not started, 1 in progress, 2 succeeded, 3 failed */
	const char *renew_error;    /* HRESULT, decimal */
	int64_t renew_tried_at;
	const char *thumbprint;
	const char *pool_key; /* where the key is, when not in the directory */
	int64_t retry_count, retry_first_ms, retry_max_ms;
	struct poll poll;
	int64_t sessions; /* how many were started */

	/* files, from the directory and pool_key */
	const char *certificate_file;
	const char *key_file;
};

/* A new identity without a directory. os_version NULL: a current Windows 11. */
void device_init(struct device *device, const char *os_version);
void device_done(struct device *device);
bool device_is_full(const struct device *device); /* EnrollmentType Full, else Device */
/* The build, the third part of the version: 22631. */
uint64_t device_build(const struct device *device);
/* Keep a copy of the string in the device. */
const char *device_keep(struct device *device, const char *s);

enum device_load_outcome { DEVICE_E_NONE = 1 /* there is no device in that directory */ };

/* Load into a device that was not initialised; device_done releases it. */
MUST_CHECK int device_load(struct device *device, const char *dir, struct trail *trail);
MUST_CHECK int device_save(const struct device *device, struct trail *trail);
/* The path of one of its files. */
char *device_path(struct arena *arena, const struct device *device, const char *name);
/* Set certificate_file and key_file. */
void device_set_files(struct device *device);
/* Forget the enrolment: account, certificates, keys and the tree. The identity stays. */
MUST_CHECK int device_forget(struct device *device, struct trail *trail);

/* Read the word of --join. */
MUST_CHECK bool join_read(const char *word, enum join *ret);

#endif
