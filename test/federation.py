# SPDX-License-Identifier: Apache-2.0
"""A tenant whose users sign in, and what tests of that share. The fixtures are for `from federation
import *`."""

import re

import pytest

import signing_in
from oidc_provider import OidcProvider
from signing_in import walk, wresult
from tenancy import attempt_of

RETURN = "/EnrollmentServer/Auth/Return"


@pytest.fixture(scope="module")
def provider(entra_process):
    made = OidcProvider(entra_process)
    yield made
    made.stop()


@pytest.fixture(autouse=True)
def as_new(provider):
    provider.reset()


class Federated:
    """A tenant whose users sign in, with a user at Entra or at the other provider."""

    def __init__(self, site, provider=None, secret=True, settings=None, **fields):
        self.site, self.server, self.entra = site, site.server, site.entra
        self.tenancy = site.tenant(enrollment_methods=["federated"], **fields)
        self.tenant = self.tenancy.tenant
        self.tenancy.set(domains=[self.tenancy.domain])
        self.provider = provider
        if provider:
            self.client = "muster"
            provider.secret = "provider secret" if secret else None
            body = {"issuer": provider.url, "client_id": "muster"}
        else:
            self.client = self.entra.add_app(self.tenant, redirectUris=[self.server.public_url +
                                                                        RETURN],
                                             publicClient=not secret)
            body = {"issuer": f"{self.entra.login_url}/{self.tenant}/v2.0",
                    "client_id": self.client}
        if secret:
            body["client_secret"] = ("provider secret" if provider
                                     else self.entra.add_secret(self.client))
        self.email = f"anna@{self.tenancy.domain}"
        self.settings = self.put(**{**body, **(settings or {})})

    def put(self, **body):
        return self.server.api("PUT", f"tenants/{self.tenant}/identity-provider", body)

    def change(self, **body):
        return self.server.api("PATCH", f"tenants/{self.tenant}/identity-provider", body)

    def walk(self, email=None, **fields):
        return walk(self.server, self.entra, email or self.email, **fields)

    def sign_in(self, email=None, **fields):
        return wresult(self.walk(email, **fields))

    def enroll(self, token=None, **fields):
        return signing_in.enroll(self.server, token or self.sign_in(), self.site.key(), **fields)

    def devices(self):
        return self.server.items(f"devices?tenant_id={self.tenant}&state=enrolled")


@pytest.fixture(params=["entra", "other"])
def federated(request, site, provider):
    """The same with both kinds of provider."""
    return Federated(site, provider if request.param == "other" else None)


@pytest.fixture
def other(site, provider):
    return Federated(site, provider)


def page_refused(server, page, status, reason):
    """A page in plain words with a trace id; the attempt behind it."""
    assert page.status == status, (page.status, page.body)
    text = page.body.decode()
    assert page.headers["content-type"] == "text/html; charset=UTF-8"
    assert "<form" not in text and "<script" not in text and "wresult" not in text
    trace = re.search(r'<bdi dir="ltr">([0-9a-f-]{36})</bdi>', text).group(1)
    row = attempt_of(server, trace)
    assert (row["stage"], row["outcome"], row["reason"]) == ("sign-in", "refused", reason), row
    assert row["remedy"]
    return row
