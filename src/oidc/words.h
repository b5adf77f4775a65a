/* SPDX-License-Identifier: Apache-2.0 */
/*
 * words.h: what the pages of the sign-in say, in the languages we speak.
 */
#ifndef MUSTER_OIDC_WORDS_H
#define MUSTER_OIDC_WORDS_H

#include "html/locale.h"

/* What a user is told when it does not go on. */
enum sign_in_say {
	SAY_NOT_JOINING, /* the page was opened by something else than Windows */
	SAY_UNKNOWN,     /* no tenant for this address */
	SAY_METHOD,      /* the tenant lets nobody sign in here */
	SAY_PROVIDER,    /* the provider cannot be reached */
	SAY_AGAIN,       /* the sign-in is old, of another window or overtaken */
	SAY_DENIED,      /* the user or the provider said no */
	SAY_FAILED,      /* the provider reports an error */
	SAY_TOKEN,       /* the provider's answer cannot be accepted */
	SAY_SERVER,      /* something is wrong here */
	SIGN_IN_SAYS
};

struct sign_in_words {
	const char *lang; /* BCP 47 */
	const char *done_title;
	const char *done; /* the device goes on by itself; else the button */
	const char *go_on;
	const char *failed_title;
	const char *number; /* before the number to tell */
	const char *says[SIGN_IN_SAYS];
};

/* Of a locale; English where it is none of ours. */
const struct sign_in_words *sign_in_words_of(struct text locale);

#endif
