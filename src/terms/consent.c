/* SPDX-License-Identifier: Apache-2.0 */
/*
 * consent.c: see consent.h. The plain form of both values is one JSON object; what differs is the
 * place they are sealed for, so that a state is never accepted as a blob or the other way round.
 */
#include "terms/consent.h"

#include "base/json.h"
#include "base/limits.h"
#include "terms/document.h"

#define PLACE_STATE TEXT("terms|state|1")
#define PLACE_BLOB  TEXT("terms|blob|1")

static char *consent_seal(struct arena *arena, const struct secret *key, struct text place,
			  const struct terms_consent *consent)
{
	struct buf plain;
	struct json_writer w;

	buf_init(&plain, arena);
	json_writer_init(&w, &plain);
	json_begin_object(&w, NULL);
	json_add_c(&w, "i", consent->id);
	json_add_c(&w, "t", consent->tenant_id);
	json_add_c(&w, "o", consent->object_id);
	json_add_c(&w, "m", terms_mode_name(consent->mode));
	json_add_c(&w, "v", consent->version);
	json_add_c(&w, "w", consent->languages);
	json_add_c(&w, "g", consent->group);
	json_add_c(&w, "c", consent->client_request_id);
	json_add_int(&w, "a", consent->made_at);
	json_add_int(&w, "e", consent->expires_at);
	if (consent->redirect_uri) {
		json_add_c(&w, "n", consent->user_name);
		json_add_c(&w, "r", consent->redirect_uri);
		json_add_int(&w, "l", consent->theme);
	}
	json_end_object(&w);
	return secret_seal(arena, key, place, buf_text(&plain));
}

static const char *member(struct arena *arena, const struct json *object, const char *name)
{
	struct text t = json_text(object, name);

	return t.ptr ? arena_cstr(arena, t) : "";
}

static int consent_open(struct arena *arena, const struct secret *key, struct text place,
			struct text sealed, int64_t now, struct terms_consent *ret)
{
	const struct json *object;
	struct terms_consent consent = {0};
	struct text plain;
	int64_t theme;

	if (sealed.len == 0 || sealed.len > LIMIT_TERMS_STATE)
		return CONSENT_E_FORGED;
	if (secret_open(arena, key, place, sealed, &plain))
		return CONSENT_E_FORGED;
	if (json_read(arena, plain, 2, &object))
		return CONSENT_E_FORGED;
	if (!json_int(object, "a", &consent.made_at) || !json_int(object, "e", &consent.expires_at))
		return CONSENT_E_FORGED;
	consent.id = member(arena, object, "i");
	consent.tenant_id = member(arena, object, "t");
	consent.object_id = member(arena, object, "o");
	consent.mode = text_eq(json_text(object, "m"), TEXT("organization")) ? TERMS_ORGANIZATION
									     : TERMS_PERSONAL;
	consent.version = member(arena, object, "v");
	consent.languages = member(arena, object, "w");
	consent.group = member(arena, object, "g");
	consent.client_request_id = member(arena, object, "c");
	consent.user_name = member(arena, object, "n");
	consent.redirect_uri = member(arena, object, "r");
	if (json_int(object, "l", &theme) && theme >= 0 && theme < TERMS_THEMES)
		consent.theme = (enum terms_theme)theme;
	if (consent.id[0] == '\0')
		return CONSENT_E_FORGED;
	*ret = consent;
	return now >= consent.expires_at ? CONSENT_E_EXPIRED : 0;
}

char *terms_state_seal(struct arena *arena, const struct secret *key,
		       const struct terms_consent *consent)
{
	return consent_seal(arena, key, PLACE_STATE, consent);
}

int terms_state_open(struct arena *arena, const struct secret *key, struct text sealed, int64_t now,
		     struct terms_consent *ret)
{
	return consent_open(arena, key, PLACE_STATE, sealed, now, ret);
}

char *terms_blob_seal(struct arena *arena, const struct secret *key,
		      const struct terms_consent *consent)
{
	struct terms_consent blob = *consent;

	blob.redirect_uri = NULL;
	return consent_seal(arena, key, PLACE_BLOB, &blob);
}

int terms_blob_open(struct arena *arena, const struct secret *key, struct text sealed, int64_t now,
		    struct terms_consent *ret)
{
	return consent_open(arena, key, PLACE_BLOB, sealed, now, ret);
}
