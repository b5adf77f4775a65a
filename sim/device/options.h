/* SPDX-License-Identifier: Apache-2.0 */
/*
 * options.h: the command line of muster-device.
 */
#ifndef MUSTER_SIM_DEVICE_OPTIONS_H
#define MUSTER_SIM_DEVICE_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/attr.h"

enum command {
	COMMAND_ENROLL,
	COMMAND_SESSION,
	COMMAND_RENEW,
	COMMAND_UNENROLL,
	COMMAND_RUN,
	COMMAND_LOAD
};
enum { COMMANDS = COMMAND_LOAD + 1, OPTIONS_FACTS = 64 };

struct options {
	enum command command;
	/* Strings belong to argv; NULL: not given. */
	const char *dir;
	const char *ca;
	const char *theme;
	const char *os_version;
	const char *join;
	const char *discovery_url;
	const char *terms_url;
	const char *redirect_uri;
	const char *entra_control;
	const char *entra_token_file;
	const char *tenant;
	const char *app;
	const char *user;
	const char *device_id;
	const char *password_file;
	const char *client_certificate;
	const char *client_key;
	const char *token_file;
	const char *csr_file;
	const char *key_file;
	const char *name;
	const char *login;
	const char *mode;
	const char *user_token_file;
	const char *device_token_file;
	const char *key_pool;
	const char *users_file;
	const char *facts[OPTIONS_FACTS]; /* NAME=VALUE */
	size_t fact_count;
	const char *refusals[OPTIONS_FACTS]; /* NAME=STATUS */
	size_t refusal_count;
	bool is_verbose;
	bool is_json;
	bool is_declined;
	bool is_user_token;
	bool is_enroll_only;
	bool is_mde_type;
	bool is_encoded_twice;
	bool is_password_empty;
	bool is_key_kept;
	int64_t token_version; /* 0: what the application asks for */
	int64_t time_scale;
	int64_t devices;
	int64_t concurrency;
	int64_t duration; /* seconds */
	int64_t sessions;
};

enum options_outcome {
	OPTIONS_E_DONE = 1, /* --help or --version was answered: exit 0 */
	OPTIONS_E_USAGE = 2 /* the mistake was printed: exit 2 */
};

MUST_CHECK int options_read(struct options *ret, int argc, char **argv, FILE *out, FILE *err);
const char *command_name(enum command command);

#endif
