/* SPDX-License-Identifier: Apache-2.0 */
/*
 * signer.h: the only way to the CA's private key.
 *
 * Whoever holds a struct signer can have one thing done: a certificate of the fixed template
 * (x509/profile.h) signed. The check is made again on the side that holds the key, by its own
 * clock; the finished certificate is read back and compared before it is handed out.
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
#include "x509/profile.h"

struct signer;
struct signer_process;

enum signer_outcome {
	SIGNER_E_REFUSED = 1 /* the request breaks the template; signer_refusal says how */
};

/* Fork the signing process; it loads the CA and answers before this returns. Call while the
 * program has one thread and no secrets of its own yet. key is the path of a PEM file that only
 * its owner may read, or a pkcs11: URI. ERR_CONFIG: the pair cannot be used, the trail says why;
 * ERR_SYSTEM. */
MUST_CHECK int signer_process_start(struct signer_process **ret, const char *certificate_path,
				    const char *key, struct trail *trail);
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

#endif
