/* SPDX-License-Identifier: Apache-2.0 */
/*
 * alert.h: the alerts of the protocol by number, and finding one kind among the events a client
 * reports.
 */
#ifndef MUSTER_MANAGE_ALERT_H
#define MUSTER_MANAGE_ALERT_H

#include "syncml/syncml.h"

enum {
	ALERT_SERVER_INITIATED = 1200,
	ALERT_CLIENT_INITIATED = 1201,
	ALERT_NEXT_MESSAGE = 1222,
	ALERT_SESSION_ABORT = 1223,
	ALERT_CLIENT_EVENT = 1224,
	ALERT_NO_END_OF_DATA = 1225,
	ALERT_GENERIC = 1226
};

/* Meta/Type of the generic alert by which a client says that it is leaving. */
#define ALERT_TYPE_UNENROL "com.microsoft:mdm.unenrollment.userrequest"

/* The item of an alert that has this code and this Meta/Type; NULL: it has none. */
const struct syncml_item *manage_alert_item(const struct syncml_command *command, int64_t code,
					    const char *type);
/* The first client event (1224) of this type in a message; NULL: none. */
const struct syncml_item *manage_client_event(const struct syncml *message, const char *type);

#endif
