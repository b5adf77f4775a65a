/* SPDX-License-Identifier: Apache-2.0 */
/*
 * terms.h: the Terms of Use page as the web view of Windows' set-up shows it, and the decision of
 * the user in front of it.
 */
#ifndef MUSTER_SIM_DEVICE_TERMS_H
#define MUSTER_SIM_DEVICE_TERMS_H

#include "sim/device/device.h"
#include "sim/device/task.h"

enum theme { THEME_SETTINGS, THEME_OOBE, THEME_OOBE_LIGHT };

struct terms_wish {
	const char *url;
	struct text token;        /* user token without a device */
	const char *redirect_uri; /* NULL: the one Windows uses */
	enum theme theme;
	bool is_declined;
};

/* 0: accepted, *ret is the OpaqueBlob in the task's arena. OUTCOME_REFUSED: the server sent the
 * user back with an error, or the user declined and the server confirmed it. */
MUST_CHECK int terms_run(struct task *task, const struct device *device,
			 const struct terms_wish *wish, const char **ret);

MUST_CHECK bool theme_read(const char *word, enum theme *ret);

#endif
