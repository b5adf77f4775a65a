/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_message.h: building requests for the tests of this folder. The namespaces are written out
 * here once more on purpose: a typing error in names.h must not hide from its tests.
 */
#ifndef MUSTER_SOAP_TEST_MESSAGE_H
#define MUSTER_SOAP_TEST_MESSAGE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "soap/envelope.h"

#define T_SOAP      "http://www.w3.org/2003/05/soap-envelope"
#define T_ADDR      "http://www.w3.org/2005/08/addressing"
#define T_OASIS     "http://docs.oasis-open.org/wss/2004/01/"
#define T_WSSE      T_OASIS "oasis-200401-wss-wssecurity-secext-1.0.xsd"
#define T_WSU       T_OASIS "oasis-200401-wss-wssecurity-utility-1.0.xsd"
#define T_WST       "http://docs.oasis-open.org/ws-sx/ws-trust/200512"
#define T_AC        "http://schemas.xmlsoap.org/ws/2006/12/authorization"
#define T_XSI       "http://www.w3.org/2001/XMLSchema-instance"
#define T_DISCOVERY "http://schemas.microsoft.com/windows/management/2012/01/enrollment"
#define T_XCEP      "http://schemas.microsoft.com/windows/pki/2009/01/enrollmentpolicy"
#define T_WSTEP     "http://schemas.microsoft.com/windows/pki/2009/01/enrollment"
#define T_BASE64    T_WSSE "#base64binary"
#define T_CONFIG    "http://schemas.microsoft.com/5.0.0.0/ConfigurationManager/Enrollment/"

#define A_DISCOVER T_DISCOVERY "/IDiscoveryService/Discover"
#define A_POLICIES T_XCEP "/IPolicy/GetPolicies"
#define A_TOKEN    T_WSTEP "/RST/wstep"

#define MESSAGE_ID "urn:uuid:748132ec-a575-4329-b01b-6171a9cf8478"

#define HEADERS(action)                                                                            \
	"<a:Action s:mustUnderstand='1'>" action "</a:Action>"                                     \
	"<a:MessageID>" MESSAGE_ID "</a:MessageID>"                                                \
	"<a:ReplyTo><a:Address>" T_ADDR "/anonymous</a:Address></a:ReplyTo>"                       \
	"<a:To s:mustUnderstand='1'>https://mdm.example.com:443/EnrollmentServer/X.svc</a:To>"

#define ENVELOPE(header, body)                                                                     \
	"<s:Envelope xmlns:s='" T_SOAP "' xmlns:a='" T_ADDR "' xmlns:u='" T_WSU                    \
	"' xmlns:wsse='" T_WSSE "' xmlns:wst='" T_WST "' xmlns:ac='" T_AC "'><s:Header>" header    \
	"</s:Header><s:Body xmlns:xsi='" T_XSI "'>" body "</s:Body></s:Envelope>"

static struct arena arena;

static inline int arena_setup(void **state)
{
	arena_init(&arena);
	return 0;
}

static inline int arena_teardown(void **state)
{
	arena_done(&arena);
	return 0;
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, arena_setup, arena_teardown)

static inline struct soap_message message_of(const char *doc)
{
	struct soap_message message;
	int r = soap_envelope_read(&arena, text_of(doc), &message);

	if (r)
		fail_msg("envelope: %d: %s", r, doc);
	return message;
}

/* want NULL: not there. */
static inline void assert_text(struct text got, const char *want)
{
	if (!want && got.ptr)
		fail_msg("got '%.*s', want nothing", TEXT_ARG(got));
	if (want && (!got.ptr || !text_eq_c(got, want)))
		fail_msg("got '%.*s', want '%s'", TEXT_ARG(got), want);
}

static inline const struct xml_node *tree_of(struct text doc)
{
	const struct xml_node *root;

	assert_int_equal(xml_read(&arena, doc, &xml_limits_soap, &root), 0);
	return root;
}

#endif
