/* SPDX-License-Identifier: Apache-2.0 */
/*
 * story.h: which attempts are one joining: the Terms of Use, discovery, certificate policy, the
 * request and the device's first session. A story is named by the id of the attempt it began with.
 *
 * An attempt of a proved user goes on a story of that user when it brings the same
 * client-request-id; else, within an hour, when it is the next step of a story of the same device,
 * or of the one story that can be meant: where several can, it begins its own, and the request,
 * whose consent names the page, brings the steps together. Nothing of a story may disagree with it:
 * not another client-request-id, Entra device or way of proving. A story with a certificate is
 * over; only the device's first session is added to it.
 *
 * What nobody proved (auth is "") goes only on what nobody proved, within ten minutes from the same
 * address, by the same client-request-id or by the name that both claim. A discovery is such an
 * attempt; it is taken into a user's story when soon afterwards the user of that name is proved
 * from the same address, the newest only and before any later step.
 *
 * A story is found before the transaction that adds to it: looking for it inside would make
 * enrolments of strangers wait for each other (doc/decisions/0051). Two attempts at the same
 * moment may so begin two stories.
 */
#ifndef MUSTER_STORE_STORY_H
#define MUSTER_STORE_STORY_H

#include "model/device.h"
#include "store/store.h"

enum { STORY_S = 3600, STORY_REQUEST_S = 24 * 3600, STORY_DISCOVERY_S = 600, STORY_MAX = 100 };

/* Exact matches; the empty text leaves a field out. Fields of any attempt of the story; state of
 * the whole: a story_state_name. */
struct story_filter {
	struct text tenant_id;
	struct text user_principal_name; /* without regard to ASCII case */
	struct text device_id;
	struct text entra_device_id;
	struct text error_code;
	struct text state;
};

/* Set story_id, and discovery_id and merged_id where there are such, of an attempt about to be
 * added. */
MUST_CHECK int store_story_place(struct db_conn *conn, struct arena *arena,
				 struct enrollment *attempt);
/* The story that an id belongs to: of a story, an attempt, a device (also Entra's: its newest
 * joining, where there is none its newest renewal), a trace or a client-request-id.
 * STORE_E_NOT_FOUND. */
MUST_CHECK int store_story_find(struct db_conn *conn, struct arena *arena, struct text id,
				const char **ret_tenant_id, const char **ret_story_id);
/* Its attempts, first to last, the newest STORY_MAX. STORE_E_NOT_FOUND. */
MUST_CHECK int store_story_load(struct db_conn *conn, struct arena *arena, struct text tenant_id,
				struct text story_id, struct enrollment **ret, size_t *ret_n);
/* The first attempt of each story, newest first, older than the id `after`. A renewal is no
 * joining, so it is none of them. */
MUST_CHECK int store_story_list(struct db_conn *conn, struct arena *arena,
				const struct story_filter *filter, struct text after, size_t limit,
				struct enrollment **ret, size_t *ret_n);
/* The first session of a device, begun at that time, did not go well after all: says so where the
 * attempt of it still says that it did. */
MUST_CHECK int store_story_session_failed(struct db_conn *tx, const struct enrollment *attempt);

#endif
