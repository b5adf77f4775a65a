/* SPDX-License-Identifier: Apache-2.0 */
/*
 * c14n.h: Canonical XML 1.0 without comments of a whole document (W3C REC-xml-c14n-20010315), for
 * documents without document type and processing instructions. Made on expat alone, so that a
 * server that verifies with a library is held to the specification and not to that library.
 */
#ifndef MUSTER_SIM_DEVICE_C14N_H
#define MUSTER_SIM_DEVICE_C14N_H

#include "base/buf.h"
#include "base/err.h"

/* ERR_INTERNAL: not such a document; it is one this program wrote itself. */
MUST_CHECK int c14n_write(struct arena *arena, struct text document, struct buf *out,
			  struct trail *trail);

#endif
