/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verdict.c: the pure half of outbox.h: what an answer means and how long to wait.
 */
#include "graph/outbox.h"

enum {
	FRESH_DEVICE_S = 24 * 3600,
	DAILY_S = 24 * 3600,
	THROTTLE_DEFAULT_S = 30,
	THROTTLE_MAX_S = 24 * 3600,
	BACKOFF_BASE_S = 5,
	BACKOFF_MAX_S = 3600
};

enum graph_verdict graph_verdict_of(const struct graph_answer *answer, int64_t device_age)
{
	static const struct {
		int status;
		enum graph_verdict verdict;
	} verdicts[] = {
	    {200, GRAPH_DONE},      {204, GRAPH_DONE},      {400, GRAPH_REFUSED},
	    {401, GRAPH_TOKEN},     {403, GRAPH_FORBIDDEN}, {409, GRAPH_CONFLICT},
	    {412, GRAPH_CONFLICT},  {429, GRAPH_THROTTLED}, {503, GRAPH_THROTTLED},
	    {504, GRAPH_THROTTLED},
	};

	if (answer->status == 404)
		return device_age < FRESH_DEVICE_S ? GRAPH_RETRY_FRESH : GRAPH_GONE;
	for (size_t i = 0; i < ARRAY_LEN(verdicts); i++)
		if (verdicts[i].status == answer->status)
			return verdicts[i].verdict;
	return GRAPH_BROKEN;
}

static int64_t backoff(int64_t tries, int64_t jitter)
{
	int64_t delay = BACKOFF_BASE_S;

	for (int64_t i = 0; i < tries && delay < BACKOFF_MAX_S; i++)
		delay *= 2;
	if (delay > BACKOFF_MAX_S)
		delay = BACKOFF_MAX_S;
	/* From half to the whole of it, so that many rows do not come back together. */
	return delay / 2 + (delay - delay / 2) * jitter / 999;
}

int64_t graph_retry_delay(enum graph_verdict verdict, const struct graph_answer *answer,
			  int64_t tries, int64_t jitter)
{
	static const int64_t fresh[] = {60, 300, 900, 3600};

	switch (verdict) {
	case GRAPH_RETRY_FRESH:
		return fresh[tries < 3 ? (size_t)(tries < 0 ? 0 : tries) : 3];
	case GRAPH_GONE:
		return DAILY_S;
	case GRAPH_THROTTLED:
		if (answer->retry_after_s > THROTTLE_MAX_S)
			return THROTTLE_MAX_S;
		if (answer->retry_after_s >= 0)
			return answer->retry_after_s + 1;
		return THROTTLE_DEFAULT_S + jitter * THROTTLE_DEFAULT_S / 999;
	case GRAPH_DONE:
	case GRAPH_REFUSED:
	case GRAPH_TOKEN:
	case GRAPH_FORBIDDEN:
	case GRAPH_CONFLICT:
	case GRAPH_BROKEN:
		break;
	}
	return backoff(tries, jitter);
}
