/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire.h: the messages between the server and the signing process. Include from signer/ only.
 *
 * Every message has one size and is one datagram of a SOCK_SEQPACKET socket, in the byte order
 * and layout of the machine: both ends are the same program. The reader checks size, magic and
 * every length before it looks further; a message that is wrong ends its channel.
 *
 * Two kinds of socket: the control socket, made before the fork, on which the process says hello
 * and takes further sockets; and those, the channels, one for each worker, on which a question
 * gets an answer with the same number.
 */
#ifndef MUSTER_SIGNER_WIRE_H
#define MUSTER_SIGNER_WIRE_H

#include <stdint.h>

#include "base/uuid.h"
#include "x509/cert.h"
#include "x509/profile.h"

enum {
	SIGNER_MAGIC_HELLO = 0x4d534831,
	SIGNER_MAGIC_OPEN = 0x4d534f31,
	SIGNER_MAGIC_QUESTION = 0x4d535131,
	SIGNER_MAGIC_ANSWER = 0x4d534131,

	SIGNER_SPKI_MAX = 1024, /* an RSA key of 4096 bits needs 550 */
	SIGNER_LEAF_MAX = 4096, /* 1700 with a CA of the same size */
	SIGNER_WHY_MAX = 512,
	SIGNER_CHANNELS_MAX = 256
};

/* Once, from the process, on the control socket. */
struct signer_hello {
	uint32_t magic;
	int32_t result;  /* 0, or the negative code signer_process_start returns */
	uint32_t ca_len; /* of ca */
	char why[SIGNER_WHY_MAX];
	uint8_t ca[X509_CERT_MAX];
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

struct signer_answer {
	uint32_t magic;
	uint32_t number;
	int32_t result;   /* of signer_core_sign */
	uint32_t verdict; /* enum x509_leaf_verdict, with SIGNER_CORE_E_REFUSED */
	uint32_t der_len;
	char why[SIGNER_WHY_MAX]; /* with a negative result; terminated */
	uint8_t der[SIGNER_LEAF_MAX];
};

#endif
