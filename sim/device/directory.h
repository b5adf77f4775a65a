/* SPDX-License-Identifier: Apache-2.0 */
/*
 * directory.h: what Windows gets from Entra ID, taken from the control interface of muster-entra:
 * tokens of the signed-in user and the registration of the device.
 */
#ifndef MUSTER_SIM_DEVICE_DIRECTORY_H
#define MUSTER_SIM_DEVICE_DIRECTORY_H

#include "sim/device/device.h"
#include "sim/device/task.h"

struct directory {
	const char *control_url;
	const char *token_file; /* of the control interface */
	const char *tenant;
	const char *app;
	int version; /* of the tokens: 1 or 2; 0: what the application asks for */
};

/* A token for the application. user or device_id NULL: without. In the task's arena. */
MUST_CHECK int directory_token(struct task *task, const struct directory *directory,
			       const char *user, const char *device_id, struct text *ret);
/* Create the device object; its device id. */
MUST_CHECK int directory_register(struct task *task, const struct directory *directory,
				  const struct device *device, const char **ret);

/* upn or preferred_username of a token, without any check; "" when there is none. */
const char *token_user_name(struct arena *arena, struct text token);
/* Another claim of the same kind, as text. */
const char *token_claim(struct arena *arena, struct text token, const char *name);

#endif
