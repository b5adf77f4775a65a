/* SPDX-License-Identifier: Apache-2.0 */
/*
 * csp_facts.h: what a device reports about itself where nobody has said otherwise.
 */
#ifndef MUSTER_SIM_DEVICE_CSP_FACTS_H
#define MUSTER_SIM_DEVICE_CSP_FACTS_H

#include "sim/device/device.h"

struct csp_fact {
	const char *uri;
	const char *format;
	const char *data;
};

/* The value of a node; false: no such fact. ret->uri is then uri itself. */
MUST_CHECK bool csp_fact_get(const struct device *device, const char *uri, struct csp_fact *ret);
/* Fact number i, for listing; false past the end. */
MUST_CHECK bool csp_fact_at(struct arena *arena, const struct device *device, size_t i,
			    struct csp_fact *ret);

#endif
