/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_captures.c: messages recorded from real Windows 10 clients. The recordings are not part of
 * the project: MUSTER_CAPTURES names their folder, and without it these cases are skipped. What
 * they hold is covered by hand-written equals in the other tests.
 */
#include <stdio.h>

#include "soap/discovery.h"
#include "soap/test_message.h"
#include "soap/wsse.h"
#include "soap/wstep.h"
#include "soap/xcep.h"

static struct text capture(const char *name)
{
	const char *dir = getenv("MUSTER_CAPTURES");
	struct buf buf;
	char chunk[4096];
	size_t len;
	FILE *file;

	if (!dir || !dir[0])
		skip();
	file = fopen(arena_printf(&arena, "%s/%s", dir, name), "rb");
	if (!file)
		fail_msg("%s is not in MUSTER_CAPTURES", name);
	buf_init(&buf, &arena);
	while ((len = fread(chunk, 1, sizeof(chunk), file)) > 0)
		buf_add(&buf, chunk, len);
	fclose(file);
	return buf_text(&buf);
}

static struct soap_message captured(const char *name)
{
	struct soap_message message;

	assert_int_equal(soap_envelope_read(&arena, capture(name), &message), 0);
	return message;
}

static void discover(void **state)
{
	static const struct {
		const char *file;
		uint32_t version;
		const char *application_version;
		const char *os_edition;
	} cases[] = {
	    {"marcosd4h-mdm_03_req_discovery.wire-bytes.xml", 40, "10.0.19043.2364", "72"},
	    {"marcosd4h-mdm_03_req_discovery.xml", 40, "10.0.19043.2364", "72"},
	    {"fleet-soap-test_win-6.2.9200.2965_discovery.wire-shape.xml", 50, "6.2.9200.2965",
	     "48"},
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct soap_message message = captured(cases[i].file);
		struct soap_security security;
		struct soap_discover request;

		assert_text(message.message_id, MESSAGE_ID);
		assert_int_equal(soap_security_read(&arena, &message, &security), 0);
		assert_int_equal(security.kind, SOAP_SECURITY_NONE);
		assert_int_equal(soap_discover_read(&message, &request), 0);
		assert_int_equal(request.version, cases[i].version);
		assert_text(request.application_version, cases[i].application_version);
		assert_text(request.os_edition, cases[i].os_edition);
		assert_int_equal(request.auth, SOAP_AUTH_ON_PREMISE | SOAP_AUTH_FEDERATED);
		assert_true(text_starts(request.email, TEXT("demo@")));
	}
}

static void get_policies(void **state)
{
	static const char *const files[] = {"marcosd4h-mdm_05_req_getpolicies.wire-bytes.xml",
					    "marcosd4h-mdm_05_req_getpolicies.xml"};

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		struct soap_message message = captured(files[i]);
		struct soap_security security;
		struct soap_policies request;

		assert_int_equal(soap_policies_read(&message, &request), 0);
		assert_int_equal(soap_security_read(&arena, &message, &security), 0);
		assert_int_equal(security.kind, SOAP_SECURITY_USERNAME);
		assert_true(text_starts(security.username, TEXT("demo@")));
		assert_text(security.password, "demo");
	}
}

static void check_token(struct soap_message message, size_t items, const char *csr,
			const char *device_id)
{
	struct soap_token_request request;
	enum enrollment_type type;
	struct text der;

	assert_int_equal(soap_token_read(&arena, &message, &request), 0);
	assert_int_equal(request.kind, SOAP_TOKEN_ISSUE);
	assert_int_equal(request.item_count, items);
	assert_true(soap_context_type(&request, &type));
	assert_int_equal(type, ENROLLMENT_FULL);
	assert_text(soap_context_get(&request, "DeviceID"), device_id);
	assert_int_equal(soap_token_evidence(&arena, &request, &der), 0);
	assert_true(text_eq(der, capture(csr)));
}

static void request_token_on_premise(void **state)
{
	struct soap_message message = captured("marcosd4h-mdm_07_req_rst.wire-bytes.xml");
	struct soap_security security;

	assert_int_equal(soap_security_read(&arena, &message, &security), 0);
	assert_int_equal(security.kind, SOAP_SECURITY_USERNAME);
	check_token(message, 18, "marcosd4h-mdm_07_csr.der", "1E08C6E95D8BB843B1278FF45BC60CC6");
}

static void request_token_federated(void **state)
{
	struct soap_message message =
	    captured("fleet-soap-test_win10-19045_rst-federated.wire-shape.xml");
	struct soap_security security;

	assert_int_equal(soap_security_read(&arena, &message, &security), 0);
	assert_int_equal(security.kind, SOAP_SECURITY_DEVICE_TOKEN);
	assert_text(security.token, "helloworld");
	check_token(message, 15, "fleet-soap-test_csr.der", "DB257C3A08778F4FB61E2749066C1F27");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(discover),
	    CASE(get_policies),
	    CASE(request_token_on_premise),
	    CASE(request_token_federated),
	};

	return cmocka_run_group_tests_name("soap/captures", tests, NULL, NULL);
}
