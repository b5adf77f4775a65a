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

/* A machine that is neither x86-64 nor arm64, or whose kernel knows no filters: nothing is done. */
enum signer_sandbox_outcome { SANDBOX_E_NO_FILTER = 1 };

/* After the keys are loaded: only system calls on what is open already (seccomp), and proof that
 * files and sockets are out of reach. SANDBOX_E_NO_FILTER. */
MUST_CHECK int signer_sandbox_seal(struct trail *trail);
/* The same with a key on a token: no program is executed, no process traced or read, nothing
 * mounted, no module loaded, nothing listened on; files and connections stay, since the library of
 * the token uses them for each signature. SANDBOX_E_NO_FILTER. */
MUST_CHECK int signer_sandbox_narrow(struct trail *trail);

#endif
