/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verdict.c: one row for each verdict: its word, what a sender may learn of it, and the two
 * sentences an administrator reads. The order is that of the enum; a row left out would show as
 * an empty name, which a test looks for.
 */
#include "entra/verdict.h"

#include <stddef.h>

#include "base/attr.h"

struct row {
	const char *name;
	enum entra_refusal refusal;
	const char *reason;
	const char *remedy;
};

#define PROBABLY_FORGED                                                                            \
	"Entra ID does not issue such tokens. If it repeats, find out which program sends it."
#define CHECK_APPLICATION                                                                          \
	"Compare the tenant's client ID and application ID URIs here with the MDM application in " \
	"Entra ID."

static const struct row rows[ENTRA_VERDICT_COUNT] = {
    [ENTRA_TOKEN_OK] = {"ok", ENTRA_ACCEPTED, "The token is valid.", "Nothing to do."},
    [ENTRA_TOKEN_MALFORMED] = {"malformed", ENTRA_REFUSED_FORM,
			       "What was sent cannot be read as a token.", PROBABLY_FORGED},
    [ENTRA_TOKEN_TYPE] = {"type", ENTRA_REFUSED_FORM, "The token says it is of another type.",
			  PROBABLY_FORGED},
    [ENTRA_TOKEN_ALGORITHM] = {"algorithm", ENTRA_REFUSED_FORM,
			       "The token is not signed with RS256.", PROBABLY_FORGED},
    [ENTRA_TOKEN_CRITICAL] = {"critical", ENTRA_REFUSED_FORM,
			      "The token asks for an extension that is not supported.",
			      PROBABLY_FORGED},
    [ENTRA_TOKEN_EMBEDDED_KEY] = {"embedded_key", ENTRA_REFUSED_FORM,
				  "The token brings or links the key it wants to be checked with.",
				  PROBABLY_FORGED},
    [ENTRA_TOKEN_GRAPH] = {"graph_token", ENTRA_REFUSED_IDENTITY,
			   "The token was made for Microsoft Graph.", CHECK_APPLICATION},
    [ENTRA_TOKEN_KEY_ID] = {"key_id", ENTRA_REFUSED_FORM,
			    "The token does not name its signing key.", PROBABLY_FORGED},
    [ENTRA_TOKEN_DUPLICATE_CLAIM] = {"duplicate_claim", ENTRA_REFUSED_FORM,
				     "The token holds a claim twice, in two spellings.",
				     PROBABLY_FORGED},
    [ENTRA_TOKEN_TENANT_MALFORMED] = {"tenant_malformed", ENTRA_REFUSED_IDENTITY,
				      "The token names no tenant.", PROBABLY_FORGED},
    [ENTRA_TOKEN_TENANT_CONSUMER] = {"tenant_consumer", ENTRA_REFUSED_IDENTITY,
				     "The token is of a personal Microsoft account.",
				     "The user has to sign in with a work or school account."},
    [ENTRA_TOKEN_TENANT_UNKNOWN] =
	{"tenant_unknown", ENTRA_REFUSED_IDENTITY,
	 "The token is of a tenant this server does not manage.",
	 "Add the tenant if its devices are to be managed here; otherwise "
	 "remove this server's address from that tenant's MDM settings."},
    [ENTRA_TOKEN_TENANT_DISABLED] = {"tenant_disabled", ENTRA_REFUSED_IDENTITY,
				     "The tenant is disabled on this server.",
				     "Enable the tenant; one of a custom cloud also needs "
				     "allow_custom_cloud in the configuration file."},
    [ENTRA_TOKEN_VERSION] =
	{"version", ENTRA_REFUSED_IDENTITY, "The token's version is not accepted for this tenant.",
	 "Set requestedAccessTokenVersion of the MDM application to 2, or allow "
	 "version 1 tokens for the tenant."},
    [ENTRA_TOKEN_KEYS_UNAVAILABLE] = {"keys_unavailable", ENTRA_REFUSED_FOR_THE_MOMENT,
				      "The tenant's signing keys cannot be fetched at present.",
				      "Check that this server reaches the tenant's login address "
				      "and trusts its certificate."},
    [ENTRA_TOKEN_KEY_UNKNOWN] =
	{"key_unknown", ENTRA_REFUSED_IDENTITY,
	 "The token was signed with a key the tenant does not publish.",
	 "If Entra ID has just changed its keys, try again in five minutes. "
	 "If it repeats, the application may use a signing key of its own."},
    [ENTRA_TOKEN_KEY_WEAK] = {"key_weak", ENTRA_REFUSED_IDENTITY,
			      "The token was signed with a key that is too small.",
			      PROBABLY_FORGED},
    [ENTRA_TOKEN_KEY_ISSUER] = {"key_issuer", ENTRA_REFUSED_IDENTITY,
				"The signing key belongs to another issuer.", PROBABLY_FORGED},
    [ENTRA_TOKEN_KEY_CLOUD] = {"key_cloud", ENTRA_REFUSED_IDENTITY,
			       "The signing key belongs to another cloud.",
			       "Check which cloud the tenant is set to."},
    [ENTRA_TOKEN_SIGNATURE] = {"signature", ENTRA_REFUSED_IDENTITY,
			       "The token's signature does not verify.",
			       "The token was altered or forged. Find out where it came from."},
    [ENTRA_TOKEN_ISSUER] = {"issuer", ENTRA_REFUSED_IDENTITY,
			    "The token was issued by somebody else than the tenant.",
			    "Check which cloud the tenant is set to."},
    [ENTRA_TOKEN_AUDIENCE] = {"audience", ENTRA_REFUSED_IDENTITY,
			      "The token was made for another application.", CHECK_APPLICATION},
    [ENTRA_TOKEN_TIMES] = {"times", ENTRA_REFUSED_IDENTITY,
			   "The token's times are missing or make no sense.", PROBABLY_FORGED},
    [ENTRA_TOKEN_EXPIRED] = {"expired", ENTRA_REFUSED_IDENTITY, "The token has expired.",
			     "The user can try again. If it happens to many, check the clock of "
			     "this server."},
    [ENTRA_TOKEN_NOT_YET] = {"not_yet", ENTRA_REFUSED_IDENTITY, "The token is not valid yet.",
			     "Check the clock of this server."},
    [ENTRA_TOKEN_CLASS] =
	{"class", ENTRA_REFUSED_IDENTITY, "The token is not the access token of a user.",
	 "Tokens of applications and devices do not enrol. A user has to sign in."},
    [ENTRA_TOKEN_SCOPE] = {"scope", ENTRA_REFUSED_PERMISSION,
			   "The token lacks the permission mdm_delegation.",
			   "Expose the scope mdm_delegation on the MDM application and consent to "
			   "it."},
    [ENTRA_TOKEN_OBJECT_ID] = {"object_id", ENTRA_REFUSED_IDENTITY, "The token names no user.",
			       PROBABLY_FORGED},
    [ENTRA_TOKEN_DEVICE_ID_MISSING] = {"device_id_missing", ENTRA_REFUSED_PERMISSION,
				       "The token names no device.",
				       "The device has to be joined to or registered with Entra ID "
				       "before it enrols."},
    [ENTRA_TOKEN_DEVICE_ID_MALFORMED] = {"device_id_malformed", ENTRA_REFUSED_IDENTITY,
					 "The token's device id is no GUID.", PROBABLY_FORGED},
    [ENTRA_TOKEN_GUEST] = {"guest", ENTRA_REFUSED_PERMISSION, "The user is a guest of the tenant.",
			   "Guests cannot enrol unless the tenant's settings allow it."},
};

static const struct row *find_row(enum entra_verdict verdict)
{
	static const struct row unknown = {"", ENTRA_REFUSED_FORM, "", ""};

	return (size_t)verdict < ARRAY_LEN(rows) && rows[verdict].name ? &rows[verdict] : &unknown;
}

const char *entra_verdict_name(enum entra_verdict verdict)
{
	return find_row(verdict)->name;
}

const char *entra_verdict_reason(enum entra_verdict verdict)
{
	return find_row(verdict)->reason;
}

const char *entra_verdict_remedy(enum entra_verdict verdict)
{
	return find_row(verdict)->remedy;
}

enum entra_refusal entra_verdict_refusal(enum entra_verdict verdict)
{
	return find_row(verdict)->refusal;
}

bool entra_verdict_is_proved(enum entra_verdict verdict)
{
	static const enum entra_verdict proved[] = {
	    ENTRA_TOKEN_TIMES,
	    ENTRA_TOKEN_EXPIRED,
	    ENTRA_TOKEN_NOT_YET,
	    ENTRA_TOKEN_CLASS,
	    ENTRA_TOKEN_SCOPE,
	    ENTRA_TOKEN_OBJECT_ID,
	    ENTRA_TOKEN_GUEST,
	    ENTRA_TOKEN_DEVICE_ID_MISSING,
	    ENTRA_TOKEN_DEVICE_ID_MALFORMED,
	};

	for (size_t i = 0; i < sizeof(proved) / sizeof(proved[0]); i++)
		if (proved[i] == verdict)
			return true;
	return false;
}
