/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reach.h: what to do where the login host gives no answer that is Entra's, in the same words
 * whether keys or a token were asked for. Private to src/entra.
 */
#ifndef MUSTER_ENTRA_REACH_H
#define MUSTER_ENTRA_REACH_H

/* Something else answers there. */
#define ENTRA_REACH_FOREIGN                                                                        \
	"What answers there is not Entra ID: let no proxy or portal come between this server and " \
	"the login host."

/* outcome: a positive one of http_client_send. Static. */
const char *entra_reach_remedy(int outcome);

#endif
