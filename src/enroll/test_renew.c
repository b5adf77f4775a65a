/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_renew.c: a renewal against a database and a CA of its own: what a crash leaves behind is
 * taken up again, what changed in between is respected, and a CA that was replaced sends its root
 * along. What each refusal looks like from outside is in test/test_renewal_abuse.py.
 */
#include "enroll/renew.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <openssl/cms.h>
#include <openssl/x509.h>

#include "base/b64.h"
#include "base/clock.h"
#include "base/digest.h"
#include "enroll/account.h"
#include "enroll/issue.h"
#include "signer/signer.h"
#include "store/certificate.h"
#include "store/device.h"
#include "store/tenant.h"
#include "store/test_store.h"
#include "x509/ca.h"
#include "x509/csr.h"
#include "x509/test_make.h"

#define TENANT "11111111-2222-4333-8444-555555555555"
#define DEVICE "dddddddd-2222-4333-8444-555555555555"

enum { DAY_S = 24 * 3600, KEYS = 3 };

static struct signer *signer, *new_signer;
static EVP_PKEY *keys[KEYS]; /* [0] is that of the first certificate */

static struct store_fixture f;
static struct config config;
static struct enrollment attempt;
static struct renew_result result;
static struct op op;
static struct device_certificate first;
static struct text first_der;

static struct signer *signer_make(const char *name)
{
	struct x509_pair pair;
	struct signer *made;
	struct arena arena;
	struct trail trail;

	arena_init(&arena);
	trail_reset(&trail);
	assert_int_equal(x509_ca_create(&arena, name, clock_now(), &pair, &trail), 0);
	assert_int_equal(signer_new_local(&made, pair.certificate_pem, pair.key_pem, &trail), 0);
	arena_done(&arena);
	return made;
}

static int group_setup(void **state)
{
	/* Of one name, as a CA that is made anew has. */
	signer = signer_make("Test device CA");
	new_signer = signer_make("Test device CA");
	for (size_t i = 0; i < KEYS; i++)
		keys[i] = make_rsa(2048, 65537);
	return 0;
}

static int group_teardown(void **state)
{
	for (size_t i = 0; i < KEYS; i++)
		EVP_PKEY_free(keys[i]);
	signer_free(signer);
	signer_free(new_signer);
	return 0;
}

static int world_write(struct db_conn *tx, void *argument)
{
	const struct tenant tenant = {
	    .tenant_id = TENANT,
	    .domain = "contoso.test",
	    .login_url = "",
	    .graph_url = "",
	    .client_id = "",
	    .is_enabled = true,
	    .device_limit = 2,
	    .graph_error = "",
	};
	const struct device device = {
	    .tenant_id = TENANT,
	    .id = DEVICE,
	    .entra_device_id = "",
	    .dm_device_id = "ABC",
	    .name = "PC",
	    .user_principal_name = "",
	    .user_object_id = "",
	    .user_key = "",
	    .hw_device_id = "",
	    .zero_touch_id = "",
	    .autopilot_correlator = "",
	    .os_version = "",
	    .os_edition = "",
	    .retired_reason = "",
	    .compliance_reasons = "[]",
	};
	const struct certificate_issue issue = {
	    .device_id = TEXT(DEVICE),
	    .sha256 = text_of(digest_sha256_hex(&f.arena, first_der)),
	    .serial = text_of(first.serial),
	    .der = text_of(b64_write(&f.arena, first_der)),
	    .not_before = first.not_before,
	    .not_after = first.not_after,
	};
	int r = store_tenant_add(tx, &tenant);

	if (r == 0)
		r = store_device_add(tx, &device);
	if (r == 0)
		r = store_certificate_add(tx, &first);
	return r ? r : store_certificate_activate(tx, TEXT(TENANT), text_of(first.id), &issue);
}

static int setup(void **state)
{
	const char *sha256;

	store_fixture_open(&f, FIXTURE_SQLITE);
	config = (struct config){.renew_days = 60, .retry_days = 4};
	op = (struct op){
	    .arena = &f.arena,
	    .now = clock_now(),
	    .source = "192.0.2.1",
	    .config = &config,
	    .db = f.db,
	    .signer = signer,
	};
	first = (struct device_certificate){
	    .tenant_id = TENANT,
	    .id = "first",
	    .device_id = DEVICE,
	    .spki_sha256 = "first",
	    .token_sha256 = "",
	    .sha256 = "",
	    .der = "",
	    .created_at = op.now,
	};
	assert_int_equal(enroll_certificate_issue(&op, make_spki(&f.arena, keys[0]), &first,
						  &first_der, &sha256),
			 0);
	assert_int_equal(db_transact(f.db, world_write, NULL), 0);
	/* signed now, but looked at on a day it may be renewed */
	op.now += 40 * DAY_S;
	return 0;
}

static int teardown(void **state)
{
	store_fixture_close(&f);
	return 0;
}

static struct text cms_make(EVP_PKEY *new_key)
{
	struct text csr = make_csr(&f.arena, &(struct make_recipe){.key = new_key});
	const unsigned char *p = (const unsigned char *)first_der.ptr;
	X509 *certificate = d2i_X509(NULL, &p, (long)first_der.len);
	BIO *in = BIO_new_mem_buf(csr.ptr, (int)csr.len);
	CMS_ContentInfo *cms = CMS_sign(certificate, keys[0], NULL, in, CMS_BINARY);
	unsigned char *der = NULL;
	int len = i2d_CMS_ContentInfo(cms, &der);
	struct text ret;

	assert_true(len > 0);
	ret = text_make(arena_copy(&f.arena, der, (size_t)len), (size_t)len);
	OPENSSL_free(der);
	CMS_ContentInfo_free(cms);
	BIO_free(in);
	X509_free(certificate);
	return ret;
}

static int renew_with(EVP_PKEY *new_key)
{
	const struct renew_request request = {
	    .cms = cms_make(new_key), .dm_device_id = TEXT("abc"), .os_version = TEXT_EMPTY};

	attempt = (struct enrollment){
	    .tenant_id = "",
	    .id = store_new_id(&f.arena),
	    .at = op.now,
	    .stage = STAGE_RENEWAL,
	    .error_code = "",
	    .reason = "",
	    .remedy = "",
	    .client_request_id = "",
	    .trace_id = "",
	    .device_id = "",
	    .entra_device_id = "",
	    .user_principal_name = "",
	    .user_object_id = "",
	    .device_name = "",
	    .os_version = "",
	    .source = "",
	    .auth = "",
	    .story_id = "",
	};
	return enroll_renew(&op, &request, &attempt, &result);
}

#define COUNT(state)                                                                               \
	store_fixture_number(f.db, "SELECT COUNT(*) FROM certificates WHERE state = '" state "'")

static void the_signer_checks_by_its_own_clock(void **state)
{
	/* The test's day is not the signer's: validity from then on is refused, and nothing but
	 * the intent is left, which is what a crash before the commit leaves as well. */
	assert_true(renew_with(keys[1]) < 0);
	assert_int_equal(COUNT("intended"), 1);
	assert_int_equal(COUNT("active"), 1);
}

/* The intent of a request that never ended is its own, not another's. */
static void an_intent_is_taken_up_again(void **state)
{
	assert_true(renew_with(keys[1]) < 0);
	clock_shift(40 * DAY_S);
	assert_int_equal(renew_with(keys[1]), 0);
	assert_false(result.is_repeated);
	assert_int_equal(COUNT("intended"), 0);
	assert_int_equal(COUNT("active"), 2);
	assert_int_equal(renew_with(keys[1]), 0);
	assert_true(result.is_repeated);
	assert_int_equal(COUNT("active"), 2);
	clock_shift(0);
}

static void nothing_that_changed_meanwhile_is_overlooked(void **state)
{
	assert_true(renew_with(keys[1]) < 0);
	clock_shift(40 * DAY_S);
	assert_int_equal(store_fixture_run(f.db, "UPDATE devices SET state = 'retired'"), 0);
	assert_int_equal(renew_with(keys[1]), RENEW_E_REFUSED);
	assert_string_equal(attempt.reason, "renew_device_retired");
	assert_int_equal(store_fixture_run(f.db, "UPDATE devices SET state = 'enrolled'"), 0);
	assert_int_equal(store_fixture_run(f.db, "UPDATE certificates SET state = 'superseded'"
						 " WHERE state = 'active'"),
			 0);
	assert_int_equal(renew_with(keys[1]), RENEW_E_REFUSED);
	assert_string_equal(attempt.reason, "renew_superseded");
	assert_int_equal(COUNT("active"), 0);
	clock_shift(0);
}

static bool document_has_root(void)
{
	struct buf buf;

	buf_init(&buf, &f.arena);
	enroll_provision_write_renewal(&op, &result, &buf);
	return strstr(buf.data, "type=\"Root\"") != NULL;
}

static void a_replaced_ca_sends_its_root_along(void **state)
{
	clock_shift(40 * DAY_S);
	assert_int_equal(renew_with(keys[1]), 0);
	assert_false(result.is_root_changed);
	assert_false(document_has_root());
	op.signer = new_signer;
	assert_int_equal(renew_with(keys[2]), 0);
	assert_true(result.is_root_changed);
	assert_true(document_has_root());
	clock_shift(0);
}

static void too_young_is_refused(void **state)
{
	op.now -= 10 * DAY_S;
	assert_int_equal(renew_with(keys[1]), RENEW_E_REFUSED);
	assert_string_equal(attempt.reason, "renew_too_early");
	assert_int_equal(COUNT("intended"), 0);
	/* in its window however young it is */
	config.renew_days = 340;
	clock_shift(30 * DAY_S);
	assert_int_equal(renew_with(keys[1]), 0);
	clock_shift(0);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    CASE(the_signer_checks_by_its_own_clock),
	    CASE(an_intent_is_taken_up_again),
	    CASE(nothing_that_changed_meanwhile_is_overlooked),
	    CASE(a_replaced_ca_sends_its_root_along),
	    CASE(too_young_is_refused),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
