# SPDX-License-Identifier: Apache-2.0
"""A tenant whose users enrol by name and password, for tests."""

import uuid

from cryptography import x509

import windows

PASSWORD = "correct horse battery"


class People:
    """A tenant that takes passwords, and one account in it."""

    def __init__(self, site, **fields):
        self.site, self.server = site, site.server
        self.tenancy = site.tenant(**{"enrollment_methods": ["on-premises"], **fields})
        self.tenant, self.domain = self.tenancy.tenant, self.tenancy.domain
        self.tenancy.set(domains=[self.domain])
        self.path = f"tenants/{self.tenant}/enrollment-accounts"
        self.name = f"anna@{self.domain}"
        self.account = self.add(self.name)
        self.forget()

    def add(self, name, password=PASSWORD, **fields):
        return self.server.api("POST", self.path,
                               {"user_name": name, "password": password, **fields})

    def change(self, account=None, **fields):
        return self.server.api("PATCH", f"{self.path}/{(account or self.account)['id']}", fields)

    def show(self):
        return self.server.api("GET", f"{self.path}/{self.account['id']}")

    def forget(self):
        """All tests come from one address; what earlier ones guessed is not this one's."""
        self.site.execute("DELETE FROM guesses")

    def policy(self, name=None, password=PASSWORD):
        return windows.get_policies(self.server,
                                    windows.username_security(name or self.name, password))

    def request(self, name=None, password=PASSWORD, key=None, kind="Full", device_id=None, **items):
        return windows.request_token(
            self.server, windows.username_security(name or self.name, password),
            windows.csr_der(key or self.site.key()),
            windows.context(None, kind, device_id or uuid.uuid4().hex.upper(), **items))

    def enroll(self, key=None, kind="Full", device_id=None, **more):
        key = key or self.site.key()
        device_id = device_id or uuid.uuid4().hex.upper()
        reply = self.request(key=key, kind=kind, device_id=device_id, **more)
        return windows.Enrolled(self.server, key, windows.provisioning(reply),
                                "System" if kind == "Device" else "User", device_id)

    def device(self, enrolled):
        return self.server.api("GET", f"devices/{self.subject(enrolled)}")

    @staticmethod
    def subject(enrolled):
        return enrolled.certificate.subject.get_attributes_for_oid(
            x509.NameOID.COMMON_NAME)[0].value
