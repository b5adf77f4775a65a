/* SPDX-License-Identifier: Apache-2.0 */
/*
 * browser.h: as much of a browser as signing in needs: follow redirects, keep cookies, submit the
 * one form of a page that submits itself.
 */
#ifndef MUSTER_SIM_DEVICE_BROWSER_H
#define MUSTER_SIM_DEVICE_BROWSER_H

#include "sim/device/html.h"
#include "sim/device/task.h"

enum { BROWSER_COOKIES = 16 };

struct browser_cookie {
	struct text origin; /* "https://host:port" */
	struct text name;
	struct text value;
};

struct browser {
	struct task *task;
	struct browser_cookie cookies[BROWSER_COOKIES];
	size_t cookie_count;
};

/* Load the page and whatever it leads to by itself, until a page stays: one whose form does not go
 * to another https page. *ret_form has no method when the page has no form. */
MUST_CHECK int browser_visit(struct browser *browser, const char *url,
			     struct http_client_response *ret, struct html_form *ret_form);

#endif
