/* SPDX-License-Identifier: Apache-2.0 */
/*
 * control_credentials.c: secrets, certificates and federated trust of applications.
 *
 * The times of a secret are given in seconds from the stand-in's now and may be negative, so that
 * a test can make one that has expired or is not valid yet. The text of a secret is in the answer
 * to its creation only.
 */
#include "sim/entra/control.h"

#include "sim/entra/credential.h"

enum { SECRET_LIFE_S = 180 * 24 * 3600 };

static const struct {
	const char *name;
	enum credential_kind kind;
} COLLECTIONS[] = {
    {"secrets", CREDENTIAL_SECRET},
    {"certs", CREDENTIAL_CERTIFICATE},
    {"federated", CREDENTIAL_FEDERATED},
};

static void credential_answer(struct call *call, const struct credential *credential)
{
	struct json_writer w;

	json_writer_init(&w, call_json(call, 201));
	credential_write(&w, call->arena, credential);
}

void control_secret_add(struct call *call)
{
	static const char *const also[] = {"app", "value", "displayName", NULL};
	int64_t starts = 0;
	int64_t ends = SECRET_LIFE_S;
	const struct control_field fields[] = {
	    {"startsIn", CONTROL_INTEGER, &starts},
	    {"endsIn", CONTROL_INTEGER, &ends},
	};
	struct credential *credential;
	const struct json *body;
	struct json_writer w;
	struct text value;
	struct app *app;

	if (!control_body(call, fields, ARRAY_LEN(fields), also, &body) ||
	    !control_app(call, body, &app))
		return;
	control_apply(body, fields, ARRAY_LEN(fields));
	value = json_text(body, "value");
	if (!value.ptr)
		value = text_of(credential_secret_text(call->arena));
	credential = credential_add_secret(app, value, call->now + starts, call->now + ends);
	state_set(&credential->name, json_text(body, "displayName"));
	json_writer_init(&w, call_json(call, 201));
	json_begin_object(&w, NULL);
	json_add_c(&w, "id", call_uuid(call->arena, credential->id));
	json_add_text(&w, "secretText", value);
	json_add_c(&w, "hint", credential->hint);
	json_add_time(&w, "endDateTime", credential->not_after);
	json_end_object(&w);
}

void control_cert_add(struct call *call)
{
	static const char *const also[] = {"app", "certificate", "displayName", NULL};
	struct credential *credential;
	const struct json *body;
	struct text pem;
	struct app *app;

	if (!control_body(call, NULL, 0, also, &body) || !control_app(call, body, &app))
		return;
	pem = json_text(body, "certificate");
	credential = pem.ptr ? credential_add_certificate(app, pem) : NULL;
	if (!credential) {
		control_fail(call, 400, "certificate is not a certificate in PEM");
		return;
	}
	state_set(&credential->name, json_text(body, "displayName"));
	credential_answer(call, credential);
}

void control_federated_add(struct call *call)
{
	static const char *const also[] = {"app",       "issuer",      "subject",
					   "publicKey", "displayName", NULL};
	struct credential *credential = NULL;
	struct text issuer;
	struct text subject;
	struct text key;
	const struct json *body;
	struct app *app;

	if (!control_body(call, NULL, 0, also, &body) || !control_app(call, body, &app))
		return;
	issuer = json_text(body, "issuer");
	subject = json_text(body, "subject");
	key = json_text(body, "publicKey");
	if (issuer.ptr && subject.ptr && key.ptr)
		credential = credential_add_federated(app, issuer, subject, key);
	if (!credential) {
		control_fail(call, 400, "issuer, subject and publicKey (PEM) are needed");
		return;
	}
	state_set(&credential->name, json_text(body, "displayName"));
	credential_answer(call, credential);
}

/* The kind that captures[0] names; false: another collection. */
static bool kind_find(const struct call *call, enum credential_kind *ret)
{
	for (size_t i = 0; i < ARRAY_LEN(COLLECTIONS); i++)
		if (text_eq_c(call->captures[0], COLLECTIONS[i].name)) {
			*ret = COLLECTIONS[i].kind;
			return true;
		}
	return false;
}

static void app_list(struct call *call, const struct app *app, enum credential_kind kind,
		     struct json_writer *w)
{
	LIST_EACH (pos, &app->credentials) {
		const struct credential *credential = LIST_OWNER(pos, struct credential, list);

		if (credential->kind == kind)
			credential_write(w, call->arena, credential);
	}
}

bool control_credential_list(struct call *call)
{
	struct text wanted = call_query(call, "app");
	enum credential_kind kind;
	struct json_writer w;

	if (!kind_find(call, &kind))
		return false;
	json_writer_init(&w, call_json(call, 200));
	json_begin_array(&w, NULL);
	LIST_EACH (pos, &call->sim->state.apps) {
		const struct app *app = LIST_OWNER(pos, struct app, list);

		if (!wanted.ptr || state_app(&call->sim->state, wanted) == app)
			app_list(call, app, kind, &w);
	}
	json_end_array(&w);
	return true;
}

bool control_credential_remove(struct call *call)
{
	enum credential_kind kind;

	if (!kind_find(call, &kind))
		return false;
	LIST_EACH (pos, &call->sim->state.apps) {
		struct credential *credential =
		    credential_find(LIST_OWNER(pos, struct app, list), kind, call->captures[1]);

		if (!credential)
			continue;
		state_remove_credential(credential);
		call_empty(call, 204);
		return true;
	}
	control_fail(call, 404, "no credential with that id");
	return true;
}
