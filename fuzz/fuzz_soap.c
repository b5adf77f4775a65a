/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_soap.c: every reader of the enrolment services on any bytes.
 *
 * A message is at most one of the three requests. What a reply echoes of a request must come back
 * unchanged, and a document full of the request's own words must still be a document.
 */
#include <stdlib.h>

#include "base/limits.h"
#include "soap/discovery.h"
#include "soap/fault.h"
#include "soap/provision.h"
#include "soap/wsse.h"
#include "soap/wstep.h"
#include "soap/xcep.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void check_security(struct arena *arena, const struct soap_message *message)
{
	struct soap_security security;

	if (soap_security_read(arena, message, &security))
		return;
	check(security.token.len <= LIMIT_TOKEN && security.username.len <= LIMIT_SOAP_VALUE);
	check(security.kind != SOAP_SECURITY_JWT || text_is_printable(security.token));
	check(security.kind != SOAP_SECURITY_NONE || !security.token.ptr);
	check((security.kind == SOAP_SECURITY_USERNAME) == (security.username.ptr != NULL));
}

static void check_token(struct arena *arena, const struct soap_token_request *request)
{
	const struct soap_context_item *item = NULL;
	enum enrollment_type type;
	struct text der;

	check(request->item_count <= LIMIT_SOAP_CONTEXT_ITEMS);
	for (size_t i = 0; i < request->item_count; i++)
		check(request->items[i].value.len <= LIMIT_SOAP_CONTEXT_VALUE);
	while ((item = soap_context_next(request, item, "MAC")))
		check(text_eq_c(item->name, "MAC"));
	check(!soap_context_type(request, &type) || type == ENROLLMENT_DEVICE ||
	      type == ENROLLMENT_FULL);
	if (soap_token_evidence(arena, request, &der) == 0)
		check(der.len && der.len <= LIMIT_CSR && der.ptr[0] == 0x30);
}

static void check_provision(struct arena *arena, const struct soap_token_request *request)
{
	char *name = arena_cstr(arena, soap_context_get(request, "DeviceName"));
	struct soap_certificates certificates = {.certificate = TEXT("0")};
	struct soap_account account = {
	    .provider_id = "Muster",
	    .name = name,
	    .url = "https://manage.example/",
	    .server = {.secret = name},
	    .client = {.name = name, .secret = name},
	    .certificate_subject = name,
	    .user_name = name,
	    .device_name = name,
	};
	const struct xml_node *root;
	struct buf buf;

	buf_init(&buf, arena);
	soap_provision_write(arena, &buf, &certificates, &account);
	check(xml_read(arena, buf_text(&buf), &xml_limits_soap, &root) == 0);
	check(root->child_count == 3);
}

static void check_reply(struct arena *arena, const struct soap_message *message)
{
	struct soap_reply reply = {.relates_to = message->message_id};
	struct soap_message again;
	const struct xml_node *related;
	struct buf buf;

	buf_init(&buf, arena);
	soap_fault_write(&buf, SOAP_TOKEN, &reply, SOAP_FAULT_MESSAGE_FORMAT, NULL);
	check(soap_envelope_read(arena, buf_text(&buf), &again) == 0);
	related = xml_child_any_ns(again.header, "RelatesTo");
	check(text_is_empty(message->message_id) == !related);
	check(!related || text_eq(xml_text(related), message->message_id));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct soap_token_request token;
	struct soap_policies policies;
	struct soap_discover discover;
	struct soap_message message;
	struct arena arena;
	size_t requests = 0;

	arena_init(&arena);
	if (soap_envelope_read(&arena, text_make(data, size), &message) == 0) {
		check_security(&arena, &message);
		check_reply(&arena, &message);
		requests += soap_discover_read(&message, &discover) == 0;
		requests += soap_policies_read(&message, &policies) == 0;
		if (soap_token_read(&arena, &message, &token) == 0) {
			requests++;
			check_token(&arena, &token);
			check_provision(&arena, &token);
		}
		check(requests <= 1);
	}
	arena_done(&arena);
	return 0;
}
