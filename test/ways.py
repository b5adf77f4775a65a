# SPDX-License-Identifier: Apache-2.0
"""The five ways in which a device comes to be enrolled, each with a tenant and a user of its own and
behind the same few names, so that a test can say what holds for all of them."""

import subprocess
import uuid

import pytest

import signed_header
import signing_in
import windows
from federation import Federated
from joining import Joining
from muster import MUSTER_DEVICE
from people import PASSWORD, People
from signed_header import USER_TOKEN, Header


class Way:
    """kind and store: of the enrolment and its certificate; policy: what discovery answers; auth: how
    attempts and devices call the proof."""

    is_traditional = True
    kind, store, mode = "Full", "User", None
    offered = ("OnPremise", "Federated")  # to discovery, by Windows
    query = ""                            # of an address that an administrator gives the device

    @property
    def host(self):
        """Where traditional enrolment looks for the server; Entra names the address."""
        return f"EnterpriseEnrollment.{self.tenant.domain}" if self.is_traditional else None

    def discover(self, **changed):
        return windows.discover(self.server, **{"auth": self.offered, "email": self.user,
                                                "host": self.host, **changed})

    def request(self, csr, blob=None, kind=None, **items):
        return windows.request_token(self.server, self.security(), csr,
                                     windows.context(blob, kind or self.kind, **items))

    def policies(self):
        return windows.get_policies(self.server, self.security())

    def blob(self):
        """The consent that the device brings along; None where it was not asked."""
        return None

    def enroll(self, csr=None, key=None, blob=None, **items):
        """The device after the steps that this way has."""
        key = key or self.site.key()
        device_id = items.setdefault("device_id", uuid.uuid4().hex.upper())
        reply = self.request(csr or windows.csr_der(key), blob or self.blob(), **items)
        return windows.Enrolled(self.server, key, windows.provisioning(reply), self.store,
                                device_id)

    def device(self):
        """The one device of the tenant, as administrators see it."""
        [shown] = self.server.items(f"devices?tenant_id={self.tenant.tenant}&state=enrolled")
        return shown

    def muster_device(self, directory, command, *options):
        """The simulated device, in a directory below that one."""
        anchors = directory / "anchors.pem"
        anchors.write_text(self.server.ca.read_text() + self.site.entra.ca.read_text())
        done = subprocess.run(
            [MUSTER_DEVICE, command, "--dir", directory / "pc", "--ca", anchors,
             *map(str, options)], capture_output=True, text=True, timeout=120)
        assert "Sanitizer" not in done.stderr, done.stderr
        return done

    def muster_device_enrolls(self, directory):
        return self.muster_device(
            directory, "enroll", "--join", self.join, "--discovery-url",
            f"{self.server.public_url}/EnrollmentServer/Discovery.svc{self.query}",
            *self.options(directory))


class OnPremise(Way):
    """A user name and a password that the server keeps."""

    name, join, policy, auth = "traditional onpremise", "on-premises", "OnPremise", "on-premises"
    query = "?method=on-premises"

    def __init__(self, site):
        people = People(site)
        self.site, self.server, self.tenant = site, site.server, people.tenancy
        self.user = people.name

    def security(self):
        return windows.username_security(self.user, PASSWORD)

    def options(self, directory):
        password = directory / "password"
        password.write_text(PASSWORD + "\n")
        return ["--user", self.user, "--password-file", password]


class SignedIn(Way):
    """A sign-in at the tenant's OpenID provider; the device brings a token of this server."""

    name, join, policy, auth = "traditional federated", "federated", "Federated", "federated"

    def __init__(self, site):
        self.federated = Federated(site)
        self.site, self.server, self.tenant = site, site.server, self.federated.tenancy
        self.user = self.federated.email
        self.token = None

    def security(self):
        """A sign-in lets one device in; the certificate policy is asked with the same token."""
        self.token = self.token or self.federated.sign_in()
        return signing_in.security(self.token)

    def request(self, csr, blob=None, kind=None, **items):
        reply = super().request(csr, blob, kind, **items)
        self.token = None
        return reply

    def options(self, directory):
        return ["--user", self.user]


class Certificate(Way):
    """A certificate of the organisation, with which the device signs its requests."""

    name, join = "traditional certificate", "certificate"
    policy, auth, offered = "Certificate", "certificate", ("Certificate",)

    def __init__(self, site):
        self.joining = Joining(site)
        self.site, self.server, self.tenant = site, site.server, self.joining.tenant
        self.tenant.set(domains=[self.tenant.domain])
        self.user = f"Anna@{self.tenant.domain}"

    def policies(self):
        return self.joining.policies(Header(self.joining.anna))

    def request(self, csr, blob=None, kind=None, **items):
        items = windows.context(blob, kind or self.kind, **items)
        url = f"{self.server.public_url}/EnrollmentServer/Enrollment.svc"
        header = Header(self.joining.anna, USER_TOKEN)
        return signed_header.post(self.server, "Enrollment", header.sign(signed_header.envelope(
            header, url, signed_header.TOKEN_ACTION, signed_header.token_body(csr, items))))

    def options(self, directory):
        certificate, key = directory / "client.pem", directory / "client.key"
        certificate.write_text(self.joining.anna.pem)
        key.write_text(self.joining.anna.key_pem())
        return ["--user", self.user, "--client-certificate", certificate, "--client-key", key]


class Entra(Way):
    """A user of Microsoft Entra; Windows brings the user's token with the device's id in it."""

    is_traditional = False
    policy, auth = "Federated", "entra"

    def __init__(self, site):
        self.site, self.server, self.tenant = site, site.server, site.tenant()
        self.user = f"anna@{self.tenant.domain}"
        self.token = self.tenant.enroll_token(self.tenant.new_device())

    def security(self):
        return windows.jwt_security(self.token)

    def page(self):
        return windows.terms_get(self.server, self.tenant.terms_token(), mode=self.mode)

    def blob(self):
        return windows.accept_terms(self.server, self.tenant.terms_token(), mode=self.mode)

    def options(self, directory):
        entra = self.site.entra
        return ["--terms-url", f"{self.server.public_url}/TermsOfUse", "--entra-control",
                entra.control_url, "--entra-token-file", entra.dir / "control.token", "--tenant",
                self.tenant.tenant, "--app", self.tenant.app, "--user", self.tenant.user]


class Join(Entra):
    name, join = "Entra join", "entra"
    kind, store, mode = "Device", "System", "azureadjoin"


class WorkAccount(Entra):
    name, join = "work account", "work-account"


TRADITIONAL = [OnPremise, SignedIn, Certificate]
WAYS = TRADITIONAL + [Join, WorkAccount]


def every(ways):
    return pytest.mark.parametrize("way", ways, ids=lambda way: way.name.lower().replace(" ", "_"))
