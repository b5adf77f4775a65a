# SPDX-License-Identifier: Apache-2.0
"""A tenant whose users enrol by a certificate of a CA it trusts, for tests."""

import windows
from signed_header import USER_TOKEN, Authority, Header, policies_message, post, token_message
from tenancy import refused


class Joining:
    """A tenant that lets certificates of its CA enrol devices."""

    def __init__(self, site, methods=("certificate",), authority=None, **fields):
        self.site, self.server = site, site.server
        self.tenant = site.tenant(enrollment_methods=list(methods), **fields)
        self.authority = authority or Authority()
        self.issuer = self.trust(self.authority)
        self.anna = self.authority.issue("Anna", upn=f"Anna@{self.tenant.domain}")

    def trust(self, authority, **fields):
        return self.server.api("POST", f"tenants/{self.tenant.tenant}/trusted-issuers",
                               {"certificate": authority.pem, **fields})

    def policies(self, header):
        return post(self.server, "Policy", policies_message(self.server, header))

    def message(self, header=None, csr=None, **items):
        csr = csr or windows.csr_der(self.site.key())
        return token_message(self.server, header or Header(self.anna, USER_TOKEN), csr, **items)

    def enroll(self, header=None, csr=None, **items):
        return post(self.server, "Enrollment", self.message(header, csr, **items))

    def refused(self, reply, subcode, reason, error_type=None):
        row = refused(reply, subcode, reason, self.server, error_type)
        proved = reason in ("certificate_expired", "certificate_tenant_disabled",
                            "method_not_enabled", "signature_address")
        assert bool(row["auth"]) == proved, row
        assert not proved or not row["user_claimed"]
        return row
