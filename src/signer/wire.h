/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire.h: the messages between the server and the signing process. Include from signer/ only.
 *
 * Every kind of message has one size and is one datagram of a SOCK_SEQPACKET socket, in the byte
 * order and layout of the machine: both ends are the same program. The reader checks size, magic
 * and every length before it looks further; a message that is wrong ends its channel.
 *
 * Two kinds of socket: the control socket, made before the fork, on which the process says hello
 * and takes further sockets; and those, the channels, one for each worker, on which a question
 * gets an answer with the same number.
 */
#ifndef MUSTER_SIGNER_WIRE_H
#define MUSTER_SIGNER_WIRE_H

#include <stdint.h>

#include "base/uuid.h"
#include "signer/signer.h"
#include "x509/cert.h"
#include "x509/profile.h"

enum {
	SIGNER_MAGIC_HELLO = 0x4d534831,
	SIGNER_MAGIC_OPEN = 0x4d534f31,
	SIGNER_MAGIC_QUESTION = 0x4d535131,
	SIGNER_MAGIC_CRL = 0x4d534331,
	SIGNER_MAGIC_ANSWER = 0x4d534131,

	SIGNER_SPKI_MAX = 1024, /* an RSA key of 4096 bits needs 550 */
	SIGNER_LEAF_MAX = 4096, /* 1700 with a CA of the same size */
	SIGNER_WHY_MAX = 512,
	SIGNER_URL_MAX = 512,
	SIGNER_CHANNELS_MAX = 256
};

/* Once, from the process, on the control socket. */
struct signer_hello {
	uint32_t magic;
	int32_t result; /* 0, or the negative code signer_process_start returns */
	uint32_t seal;  /* enum signer_seal */
	uint32_t count; /* of CAs */
	uint32_t has_key[SIGNER_ISSUERS_MAX];
	uint32_t lens[SIGNER_ISSUERS_MAX + 1];
	char why[SIGNER_WHY_MAX];
	uint8_t certs[SIGNER_ISSUERS_MAX + 1][X509_CERT_MAX]; /* the last is the root; 0: none */
	char crl_urls[SIGNER_ISSUERS_MAX][SIGNER_URL_MAX];    /* terminated */
};

/* To the process, on the control socket, with one socket attached; sent back as it is, without
 * one, when the channel is being served, and with result set when it is not. */
struct signer_opening {
	uint32_t magic;
	uint32_t number;
	int32_t result;
};

struct signer_question {
	uint32_t magic;
	uint32_t number;
	uint32_t spki_len;
	uint32_t cn_len;
	int64_t not_before;
	int64_t not_after;
	uint8_t serial[X509_SERIAL_LEN];
	uint8_t spki[SIGNER_SPKI_MAX];
	char cn[UUID_TEXT_LEN];
	uint32_t unused; /* zero: no padding that could carry memory across */
};

_Static_assert(sizeof(struct signer_question) ==
		   4 * 4 + 2 * 8 + X509_SERIAL_LEN + SIGNER_SPKI_MAX + UUID_TEXT_LEN + 4,
	       "a question has no padding");

/* Comes with a descriptor of exactly count entries (struct x509_crl_entry), to be read from its
 * position. The signer works on the copy it has read. */
struct signer_crl_question {
	uint32_t magic;
	uint32_t number;
	uint32_t issuer;
	uint32_t count;
	int64_t crl_number;
	int64_t this_update;
	int64_t next_update;
};

_Static_assert(sizeof(struct signer_crl_question) == 4 * 4 + 3 * 8, "a question has no padding");

/* To both kinds of question. */
struct signer_answer {
	uint32_t magic;
	uint32_t number;
	int32_t result;   /* of signer_core_sign, signer_core_sign_crl */
	uint32_t verdict; /* enum x509_leaf_verdict or x509_crl_verdict, with REFUSED */
	uint32_t der_len;
	char why[SIGNER_WHY_MAX];     /* with a negative result; terminated */
	uint8_t der[SIGNER_LEAF_MAX]; /* the certificate; of a CRL the signature */
};

#endif
