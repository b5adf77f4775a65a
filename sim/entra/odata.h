/* SPDX-License-Identifier: Apache-2.0 */
/*
 * odata.h: the part of OData that Graph's directory objects need: $select, $filter, $top, $count,
 * paging by opaque tokens, and the frame of a collection. Whatever else a query asks for is
 * refused, because a client that sends it would get something else from the real Graph.
 */
#ifndef MUSTER_SIM_ENTRA_ODATA_H
#define MUSTER_SIM_ENTRA_ODATA_H

#include "sim/entra/call.h"
#include "sim/entra/props.h"

enum { ODATA_SELECT_MAX = 32 };

struct odata {
	struct text select[ODATA_SELECT_MAX];
	size_t select_count;      /* 0: everything */
	struct text filter_name;  /* ptr NULL: no filter */
	struct text filter_value; /* the JSON text it must equal; for a prefix the bare text */
	bool filter_is_prefix;
	int64_t top; /* the page size */
	bool has_count;
	int64_t skip;
};

/* What a query may use; the rest is refused with 400. */
enum odata_allowed { ODATA_SELECT = 1, ODATA_FILTER = 2, ODATA_TOP = 4, ODATA_COUNT = 8 };

/* Read the query. `sample` is a member list with every property of the type, to check names. */
MUST_CHECK bool odata_read(struct call *call, unsigned allowed, const struct props *sample,
			   struct odata *ret);
MUST_CHECK bool odata_matches(const struct odata *odata, const struct props *props);
/* The selected members as an object. */
void odata_write(const struct odata *odata, const struct props *props, struct json_writer *w,
		 const char *context);

/* A collection: begin, then for each candidate odata_offer, then end. */
struct odata_page {
	struct call *call;
	const struct odata *odata;
	struct json_writer w;
	int64_t matched; /* so far */
	int64_t written;
};

void odata_begin(struct odata_page *page, struct call *call, const struct odata *odata,
		 const char *context);
void odata_offer(struct odata_page *page, const struct props *props);
void odata_end(struct odata_page *page);

/* Opaque texts that only this process can make. */
char *odata_seal(const struct call *call, const char *plain);
MUST_CHECK bool odata_open(const struct call *call, struct text sealed, struct text *ret);
/* "https://graph/v1.0/path" of the call, also for an item of a batch. */
char *odata_url(const struct call *call);
/* "https://graph/v1.0/$metadata#name" */
char *odata_context(const struct call *call, const char *name);

/* The body of a request as a JSON object. False: refused. */
MUST_CHECK bool odata_body(struct call *call, const struct json **ret);
/* A value or null. */
void odata_add(struct props *props, const char *name, const char *value);
void odata_add_bool(struct props *props, const char *name, bool value);

#endif
