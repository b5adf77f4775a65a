/* SPDX-License-Identifier: Apache-2.0 */
/*
 * codes.h: the error codes Windows shows when enrolment fails, and how a SOAP fault or an HTTP
 * status becomes one (enrollment.md section 7).
 */
#ifndef MUSTER_SIM_DEVICE_CODES_H
#define MUSTER_SIM_DEVICE_CODES_H

#include <stdint.h>

#include "base/text.h"

enum code {
	CODE_NONE = 0,
	CODE_CONNECTIVITY = 0x10,
	CODE_UNTRUSTED = 0x12,
	CODE_CERTIFICATE_STORE = 0x1e,
	CODE_ACCOUNT = 0x1f,
	CODE_CLIENT_SETTINGS = 0x20,
	CODE_OTHER_CSP = 0x22,
	CODE_PROVISIONING = 0x23,
	CODE_CLIENT_CERTIFICATE = 0x24,
	CODE_PRIVATE_KEY = 0x27,
	CODE_EMPTY_MESSAGE = 0x29,
	CODE_USER_CANCELLED = 0x30
};

/* The whole 32 bits of an enrolment error: 0x8018 and the number. 0 stays 0. */
uint32_t code_hresult(enum code code);
/* 0x8019 and the HTTP status: what Windows shows for an answer it cannot use. */
uint32_t code_of_status(int status);
/* By the local name of the subcode and the ErrorType of the detail (empty: none). 0: not known. */
uint32_t code_of_fault(struct text subcode, struct text error_type);
/* A short sentence; "" when there is none. */
const char *code_text(uint32_t code);

#endif
