/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signer.h: the only way to the private keys of the CAs.
 *
 * Whoever holds a struct signer can have two things done: a certificate of the fixed template
 * (x509/profile.h) signed, and a CRL (x509/crl.h). Both are checked again on the side that holds
 * the key, by its own clock; what was signed is read back and compared before it is handed out.
 *
 * In production the key lives in a process of its own (signer_process_start), forked before any
 * network input is read: no network, no store, no files once it has started. Each worker opens
 * its own channel. signer_new_local keeps the key in this process; it is for tests and tools.
 * A signer is used by one thread at a time.
 */
#ifndef MUSTER_SIGNER_SIGNER_H
#define MUSTER_SIGNER_SIGNER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/text.h"
#include "x509/cert.h"
#include "x509/crl.h"
#include "x509/profile.h"

struct signer;
struct signer_process;

enum signer_outcome {
	SIGNER_E_REFUSED = 1 /* the request breaks the template; signer_refusal says how */
};

enum { SIGNER_ISSUERS_MAX = 5 };

/* Where the CAs are. A key is the path of a PEM file that only its owner may read, or a pkcs11:
 * URI. Strings are never NULL. */
struct signer_setup {
	const char *certificate; /* of the CA that issues */
	const char *key;
	const char *root;            /* certificate of the CA above it; "": there is none */
	const char *const *previous; /* certificates of CAs that issued before */
	size_t previous_count;
	const char *const *previous_keys; /* what is there of their keys, in any order: for CRLs */
	size_t previous_key_count;
	const char *crl_url; /* certificates name CRL_URL/KEY-ID.crl; "": they name no CRL */
};

/* Fork the signing process; it loads the CAs and answers before this returns. Call while the
 * program has one thread and no secrets of its own yet. ERR_CONFIG: something of setup cannot be
 * used, the trail says why; ERR_SYSTEM. */
MUST_CHECK int signer_process_start(struct signer_process **ret, const struct signer_setup *setup,
				    struct trail *trail);

enum signer_seal {
	SIGNER_SEALED,     /* no files, sockets or programs: system calls are filtered */
	SIGNER_TOKEN,      /* a key is on a token, whose library keeps files and sockets */
	SIGNER_UNFILTERED, /* this kernel or machine filters no system calls */
};

/* As signer_issuer_count and the two after it. */
size_t signer_process_issuer_count(const struct signer_process *process);
const struct x509_cert *signer_process_issuer(const struct signer_process *process, size_t i);
bool signer_process_issuer_has_key(const struct signer_process *process, size_t i);

/* How far the signing process has been shut off. */
enum signer_seal signer_process_seal(const struct signer_process *process);
/* For a person: what it means when it is not SIGNER_SEALED. */
const char *signer_seal_text(enum signer_seal seal);
/* Whether the last try to use a key failed, as when a token was pulled. Any thread. */
bool signer_process_is_failing(const struct signer_process *process);
/* For readiness: false once it has ended for whatever reason. Any thread. */
bool signer_process_is_alive(struct signer_process *process);
/* For logs and tests. */
pid_t signer_process_pid(const struct signer_process *process);
/* Ends the process and frees the object; all its signers must have been freed. NULL is fine. */
void signer_process_stop(struct signer_process *process);

/* A channel for one worker; any thread may call it. The process object must outlive the signer. */
MUST_CHECK int signer_open(struct signer **ret, struct signer_process *process,
			   struct trail *trail);
/* The key in this process, both as PEM. ERR_CONFIG when they do not fit together. */
MUST_CHECK int signer_new_local(struct signer **ret, struct text certificate_pem,
				struct text key_pem, struct trail *trail);
void signer_free(struct signer *signer); /* NULL is fine */

/* The CA certificate, borrowed: its der is the root that devices are given, its sha1 their name
 * for it, its not_after bounds x509_leaf_times. */
const struct x509_cert *signer_ca(const struct signer *signer);
struct text signer_ca_der(const struct signer *signer);
/* The CA above it, which devices are given as their root; NULL: there is none, signer_ca is. */
const struct x509_cert *signer_root(const struct signer *signer);
/* signer_ca first, then the ones before it. */
size_t signer_issuer_count(const struct signer *signer);
const struct x509_cert *signer_issuer(const struct signer *signer, size_t i);
/* As signer_process_is_failing. */
bool signer_is_failing(const struct signer *signer);
/* Whether its key is there. */
bool signer_issuer_has_key(const struct signer *signer, size_t i);

/* 16 random bytes from the kernel, shaped: the serial of one certificate. */
void signer_serial_make(uint8_t ret[X509_SERIAL_LEN]);

/* Sign one device certificate; ret_der is in the arena. SIGNER_E_REFUSED; ERR_SYSTEM when the
 * signing process does not answer (bounded wait); ERR_CRYPTO. A serial is good for one try: after
 * a negative result the certificate may exist nevertheless. */
MUST_CHECK int signer_sign_leaf(struct signer *signer, struct arena *arena,
				const struct x509_leaf_request *request, struct text *ret_der,
				struct trail *trail);
/* Why the last call was refused. */
enum x509_leaf_verdict signer_refusal(const struct signer *signer);

/* Sign a CRL in the name of signer_issuer(issuer). As above. */
MUST_CHECK int signer_sign_crl(struct signer *signer, struct arena *arena, size_t issuer,
			       const struct x509_crl_request *request, struct text *ret_der,
			       struct trail *trail);
enum x509_crl_verdict signer_crl_refusal(const struct signer *signer);

#endif
