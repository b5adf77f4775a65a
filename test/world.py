# SPDX-License-Identifier: Apache-2.0
"""A tenant, its stand-in Entra, and a Muster that serves it: what most whole-program tests need."""

import glob
import os
import subprocess
import uuid

import windows
from muster import Muster

DOMAIN = "contoso.test"
URI = "https://mdm.contoso.test"
FACTS = {
    "./DevDetail/SwV": "10.0.22631.4460",
    "./Vendor/MSFT/DeviceStatus/SecureBootState": "1",
}


def postgres_database(url):
    """A new database in the cluster; its URL."""
    name = "t" + uuid.uuid4().hex
    psql = sorted(glob.glob("/usr/lib/postgresql/*/bin/psql"))[-1]
    subprocess.run([psql, "-q", "-d", url, "-c", f"CREATE DATABASE {name}"], check=True,
                   stdin=subprocess.DEVNULL)
    base, _, query = url.partition("?")
    return f"{base.rsplit('/', 1)[0]}/{name}?{query}"


def stores():
    return ["sqlite"] + (["postgresql"] if os.environ.get("MUSTER_TEST_POSTGRES") else [])


class World:
    """server: the Muster; entra: the stand-in. One tenant, one application, one user."""

    def __init__(self, directory, entra, store, version=2, **tenant):
        self.entra = entra
        self.tenant = entra.add_tenant(domain=DOMAIN)
        self.app = entra.add_app(self.tenant, version=version, uris=[URI])
        self.secret = entra.add_secret(self.app)
        self.user = entra.add_user(self.tenant, f"anna@{DOMAIN}")
        url = None
        if store == "postgresql":
            url = postgres_database(os.environ["MUSTER_TEST_POSTGRES"])
        self.server = Muster(directory, url, entra).init().start()
        try:
            self.add_tenant(**tenant)
        except BaseException:
            self.server.stop()
            raise

    def add_tenant(self, **fields):
        body = {"tenant_id": self.tenant, "domain": DOMAIN, "mode": "on-premises",
                "cloud": "custom", "login_url": self.entra.login_url,
                "graph_url": self.entra.graph_url, "client_id": self.app, "app_id_uris": [URI]}
        body.update(fields)
        self.server.api("POST", "tenants", body)
        self.server.api("POST", f"tenants/{self.tenant}/credentials",
                        {"kind": "secret", "secret": self.secret})

    # what Windows gets from Entra

    def terms_token(self, user=None, **fields):
        return self.entra.mint(self.app, user=user or self.user, **fields)

    def enroll_token(self, device, user=None, **fields):
        return self.entra.mint(self.app, user=user or self.user, device=device, **fields)

    def new_device(self, **fields):
        return self.entra.add_device(self.tenant, **fields)

    # whole steps

    def join(self, user=None, kind="Device", device=None, **more):
        """A device that has accepted the terms and enrolled. (windows.Enrolled, Entra device id)"""
        mode = "azureadjoin" if kind == "Device" else None
        blob = windows.accept_terms(self.server, self.terms_token(user), mode=mode)
        device = device or self.new_device()
        enrolled = windows.enroll(self.server, self.enroll_token(device, user), blob, kind, **more)
        return enrolled, device

    def device(self, entra_device_id):
        """The device as the admin API shows it."""
        found = self.server.items(f"devices?entra_device_id={entra_device_id}&state=enrolled")
        assert len(found) == 1, found
        return found[0]

    def add_policy(self, name="lock screen", settings=None, scope="device", assignments=None):
        return self.server.api("POST", "policies", {
            "tenant_id": self.tenant, "name": name, "scope": scope,
            "settings": settings or [{
                "locuri": "./Device/Vendor/MSFT/Policy/Config/DeviceLock/MaxInactivityTimeDeviceLock",
                "format": "int", "data": "15"}],
            "assignments": assignments or [{"all": True}]})

    def add_compliance(self, rules=None, grace=0, name="baseline", assignments=None):
        return self.server.api("POST", "compliance-policies", {
            "tenant_id": self.tenant, "name": name, "grace": grace,
            "rules": rules or [{"fact": "os_version", "operator": "ge", "value": "10.0.19045"}],
            "assignments": assignments or [{"all": True}]})
