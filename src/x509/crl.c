/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crl.c: see crl.h. The list is written front to back into one buffer: its entries have one length,
 * which keeps a long list cheap.
 */
#include "x509/crl.h"

#include <stdlib.h>

#include "base/buf.h"
#include "x509/der.h"

#define BYTES(array) text_make((array), sizeof(array))

static const uint8_t version_v2[] = {0x02, 0x01, 0x01};
static const uint8_t oid_authority_key_id[] = {0x06, 0x03, 0x55, 0x1d, 0x23};
static const uint8_t oid_crl_number[] = {0x06, 0x03, 0x55, 0x1d, 0x14};
/* SEQUENCE OF one extension: cRLReason, an ENUMERATED that follows */
static const uint8_t reason_head[] = {0x30, 0x0c, 0x30, 0x0a, 0x06, 0x03, 0x55,
				      0x1d, 0x15, 0x04, 0x03, 0x0a, 0x01};

enum { MS = 1000 };

const char *x509_crl_verdict_name(enum x509_crl_verdict verdict)
{
	static const char *const names[] = {
	    [X509_CRL_OK] = "ok",         [X509_CRL_ISSUER] = "issuer", [X509_CRL_CLOCK] = "clock",
	    [X509_CRL_NUMBER] = "number", [X509_CRL_TIMES] = "times",   [X509_CRL_COUNT] = "count",
	    [X509_CRL_ENTRY] = "entry",
	};

	return (size_t)verdict < ARRAY_LEN(names) ? names[verdict] : "";
}

static int entry_compare(const void *a, const void *b)
{
	const struct x509_crl_entry *left = a, *right = b;

	return memcmp(left->serial, right->serial, X509_SERIAL_LEN);
}

void x509_crl_sort(struct x509_crl_entry *entries, size_t count)
{
	if (count > 1)
		qsort(entries, count, sizeof(*entries), entry_compare);
}

void x509_crl_times(struct x509_crl_request *request, int64_t now, int64_t last)
{
	request->number = now * MS > last ? now * MS : last + 1;
	request->this_update = now - X509_CRL_BACKDATE_S;
	request->next_update = now + X509_CRL_LIFETIME_S;
}

static bool is_entry_good(const struct x509_crl_entry *entry, const struct x509_cert *ca,
			  int64_t now)
{
	if ((entry->serial[0] & 0xc0) != 0x40 || entry->unused != 0)
		return false;
	if (entry->reason != X509_CRL_SUPERSEDED && entry->reason != X509_CRL_CESSATION)
		return false;
	return entry->revoked_at >= ca->not_before && entry->revoked_at <= now;
}

enum x509_crl_verdict x509_crl_check(const struct x509_crl_request *request,
				     const struct x509_cert *ca, int64_t now)
{
	if (!x509_issuer_is_usable(ca))
		return X509_CRL_ISSUER;
	if (now < ca->not_before || now >= ca->not_after)
		return X509_CRL_CLOCK;
	if (request->number < (now - X509_CRL_NUMBER_SLACK_S) * MS ||
	    request->number > (now + X509_CRL_NUMBER_SLACK_S) * MS)
		return X509_CRL_NUMBER;
	if (request->this_update > now || request->this_update < now - X509_CRL_BACKDATE_MAX_S ||
	    request->next_update <= now || request->next_update > now + X509_CRL_LIFETIME_MAX_S)
		return X509_CRL_TIMES;
	if (request->count > LIMIT_CRL_ENTRIES)
		return X509_CRL_COUNT;
	for (size_t i = 0; i < request->count; i++) {
		if (!is_entry_good(&request->entries[i], ca, now))
			return X509_CRL_ENTRY;
		if (i > 0 && entry_compare(&request->entries[i - 1], &request->entries[i]) >= 0)
			return X509_CRL_ENTRY;
	}
	return X509_CRL_OK;
}

static struct text entries_write(struct arena *arena, const struct x509_crl_request *request)
{
	struct buf all;

	if (request->count == 0)
		return TEXT_EMPTY; /* an empty list is left out (RFC 5280, 5.1.2.6) */
	buf_init(&all, arena);
	for (size_t i = 0; i < request->count; i++) {
		const struct x509_crl_entry *entry = &request->entries[i];
		struct text serial = x509_der_unsigned(arena, BYTES(entry->serial));
		struct text when = x509_der_time(arena, entry->revoked_at);

		/* the parts of an entry are shorter than 128 bytes: its length is one byte */
		buf_add_byte(&all, X509_DER_SEQUENCE);
		buf_add_byte(&all, (char)(serial.len + when.len + sizeof(reason_head) + 1));
		buf_add_text(&all, serial);
		buf_add_text(&all, when);
		buf_add_text(&all, BYTES(reason_head));
		buf_add_byte(&all, (char)entry->reason);
	}
	return x509_der_wrap(arena, X509_DER_SEQUENCE, buf_text(&all));
}

static struct text extension_write(struct arena *arena, struct text oid, struct text value)
{
	return X509_DER_OF(arena, X509_DER_SEQUENCE, oid,
			   x509_der_wrap(arena, X509_DER_OCTET_STRING, value));
}

static struct text extensions_write(struct arena *arena, int64_t number, const struct x509_cert *ca)
{
	struct text key_id, both;
	uint8_t magnitude[8];

	for (size_t i = 0; i < sizeof(magnitude); i++)
		magnitude[i] = (uint8_t)((uint64_t)number >> 8 * (sizeof(magnitude) - 1 - i));
	key_id =
	    X509_DER_OF(arena, X509_DER_SEQUENCE,
			x509_der_wrap(arena, X509_DER_CONTEXT_0_PRIMITIVE, ca->subject_key_id));
	both = X509_DER_OF(arena, X509_DER_SEQUENCE,
			   extension_write(arena, BYTES(oid_authority_key_id), key_id),
			   extension_write(arena, BYTES(oid_crl_number),
					   x509_der_unsigned(arena, BYTES(magnitude))));
	return x509_der_wrap(arena, X509_DER_CONTEXT_0, both);
}

struct text x509_crl_tbs(struct arena *arena, const struct x509_crl_request *request,
			 const struct x509_cert *ca)
{
	return X509_DER_OF(
	    arena, X509_DER_SEQUENCE, BYTES(version_v2), x509_leaf_algorithm(ca), ca->subject_der,
	    x509_der_time(arena, request->this_update), x509_der_time(arena, request->next_update),
	    entries_write(arena, request), extensions_write(arena, request->number, ca));
}
