/* SPDX-License-Identifier: Apache-2.0 */
/*
 * channel.h: datagrams with a time limit, and the signing process as its own files see it.
 * Include from signer/ only.
 */
#ifndef MUSTER_SIGNER_CHANNEL_H
#define MUSTER_SIGNER_CHANNEL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/types.h>

#include "signer/ops.h"
#include "signer/signer.h"

enum { SIGNER_PATIENCE_MS = 10 * 1000 };

struct signer_process {
	pid_t pid;
	int control; /* never read or written without the lock */
	pthread_mutex_t lock;
	uint32_t openings;
	int patience_ms;
	struct arena arena; /* holds the texts of issuers */
	struct signer_issuers issuers;
	enum signer_seal seal;
	atomic_bool is_failing; /* the last signature failed */
};

/* A connected pair of datagram sockets; reads and writes on [0] give up after patience_ms. */
MUST_CHECK int signer_channel_pair(int ret_fds[2], int patience_ms, struct trail *trail);
/* Exactly one message of len bytes. ERR_SYSTEM: the other end is gone, silent, or speaks
 * otherwise. */
MUST_CHECK int signer_channel_send(int fd, const void *message, size_t len, struct trail *trail);
MUST_CHECK int signer_channel_receive(int fd, void *message, size_t len, struct trail *trail);

/* A new socket that the process serves. ERR_LIMIT: it has as many as it takes. */
MUST_CHECK int signer_channel_open(int *ret_fd, struct signer_process *process,
				   struct trail *trail);

/* The life of the signing process; does not return. */
NORETURN void signer_child_run(int control, const struct signer_setup *setup);

#endif
