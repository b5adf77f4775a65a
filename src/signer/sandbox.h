/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sandbox.h: what the signing process gives up before it takes its first question. Include from
 * signer/ only.
 */
#ifndef MUSTER_SIGNER_SANDBOX_H
#define MUSTER_SIGNER_SANDBOX_H

#include "base/err.h"

/* First thing in the new process: no descriptors but keep_fd and standard error, no core dump, no
 * tracing, no new privileges, deaf to the terminal's signals. */
MUST_CHECK int signer_sandbox_enter(int keep_fd, struct trail *trail);

/* After the key is loaded: only system calls on what is open already (seccomp), and proof that
 * files and sockets are out of reach. Does nothing on a machine that is neither x86-64 nor
 * arm64, or whose kernel knows no filters. */
MUST_CHECK int signer_sandbox_seal(struct trail *trail);

#endif
