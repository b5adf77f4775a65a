# SPDX-License-Identifier: Apache-2.0
"""One running server for a whole module, and a tenant of its own for each test.

Starting a server costs seconds, a tenant costs milliseconds. Everything the server keeps is kept by
tenant, so tests that each bring their own do not see each other.
"""

import glob
import os
import sqlite3
import subprocess
import threading
import uuid

import windows
from muster import Muster
from world import URI, World, postgres_database


KEYS = []


class Site:
    """server: a running Muster; entra: the stand-in; store: which kind."""

    def __init__(self, directory, entra, store):
        self.keys_given = 0
        self.entra = entra
        self.store = store
        self.url = postgres_database(
            os.environ["MUSTER_TEST_POSTGRES"]) if store == "postgresql" else None
        self.server = self.started(directory)

    def made(self, directory):
        return Muster(directory, self.url, self.entra)

    def started(self, directory):
        """Ports are free when they are chosen; on a busy machine another program may be faster."""
        for number in range(3):
            server = self.made(directory / str(number))
            server.dir.parent.mkdir()
            try:
                return server.init().start()
            except RuntimeError as error:
                if "already in use" not in str(error) or number == 2:
                    raise
        raise AssertionError("unreachable")

    def tenant(self, version=2, **fields):
        return Tenancy(self, version, **fields)

    def key(self):
        """A key this server has not seen. Making one is slow, so other servers see it as well."""
        if self.keys_given == len(KEYS):
            KEYS.append(windows.new_key())
        self.keys_given += 1
        return KEYS[self.keys_given - 1]

    def execute(self, sql):
        """One statement straight on the database, behind the server's back. Its rows, as text."""
        if self.store == "postgresql":
            psql = sorted(glob.glob("/usr/lib/postgresql/*/bin/psql"))[-1]
            out = subprocess.run([psql, "-qd", self.url, "-At", "-F", "\x1f", "-c", sql],
                                 check=True, capture_output=True, text=True,
                                 stdin=subprocess.DEVNULL).stdout
            return [tuple(line.split("\x1f")) for line in out.splitlines()]
        with sqlite3.connect(self.server.dir / "muster.db", timeout=30) as connection:
            rows = connection.execute(sql).fetchall()
        connection.close()
        return [tuple(str(value) for value in row) for row in rows]

    def counts(self, tenant_id, tables=("devices", "certificates", "commands", "outbox", "audit",
                                        "enrollments")):
        """How many rows the tenant has in each table."""
        return {table: int(self.execute(
            f"SELECT COUNT(*) FROM {table} WHERE tenant_id = '{tenant_id}'")[0][0])
            for table in tables}


class Tenancy(World):
    """A tenant like that of a World, on a server that has others."""

    def __init__(self, site, version=2, **fields):
        self.site, self.entra, self.server = site, site.entra, site.server
        self.domain = fields.get("domain") or f"t{uuid.uuid4().hex[:12]}.test"
        self.tenant = self.entra.add_tenant(domain=self.domain)
        self.app = self.entra.add_app(self.tenant, version=version, uris=[URI])
        self.secret = self.entra.add_secret(self.app)
        self.user = self.entra.add_user(self.tenant, f"anna@{self.domain}")
        self.add_tenant(**{"domain": self.domain, **fields})

    def add_user(self, name):
        return self.entra.add_user(self.tenant, f"{name}@{self.domain}")

    def set(self, **fields):
        """Change the tenant's settings."""
        return self.server.api("PATCH", f"tenants/{self.tenant}", fields)

    def blob(self, user=None, kind="Device"):
        """A fresh consent of the user for that kind of device."""
        mode = "azureadjoin" if kind == "Device" else None
        return windows.accept_terms(self.server, self.terms_token(user), mode=mode)

    def post(self, token, blob, key=None, kind="Device", csr=None, request_type="Issue",
             security=None, **items):
        """A RequestSecurityToken as it is answered, whatever the answer."""
        csr = csr if csr is not None else windows.csr_der(key or self.site.key())
        return windows.request_token(
            self.server, security if security is not None else windows.jwt_security(token), csr,
            windows.context(blob, kind, **items), request_type)

    def join(self, **fields):
        return super().join(**{"key": self.site.key(), **fields})

    def attempts(self, **filters):
        """This tenant's attempts, newest first."""
        return self.server.attempts(tenant_id=self.tenant, **filters)

    def answers(self):
        """What came of the pages that were shown to users: the attempts but for the showing."""
        return [row for row in self.attempts() if row["reason"] != "terms_shown"]

    def counts(self, **kwargs):
        return self.site.counts(self.tenant, **kwargs)

    def certificates(self):
        """(device_id, state, sha256) of every certificate row of the tenant."""
        return self.site.execute("SELECT device_id, state, sha256 FROM certificates"
                               f" WHERE tenant_id = '{self.tenant}' ORDER BY id")

    def keys_fetched(self, after=0):
        """How often the server fetched this tenant's signing keys."""
        return [row for row in self.entra.log(listener="login", after=after)
                if f"/{self.tenant}/discovery" in row["path"]]


def newest_attempt(server, **filters):
    """The last attempt; the list may be long, so only its first row is asked for."""
    query = "&".join(f"{name}={value}" for name, value in filters.items())
    return server.api("GET", f"enrollments?limit=1&{query}")["items"][0]


def attempt_of(server, trace_id):
    """The one attempt with this trace id."""
    found = server.attempts(trace_id=trace_id)
    assert len(found) == 1, found
    return found[0]


def refused(reply, subcode, reason, server, error_type=None):
    """The reply is that fault, and the attempt behind it says why and what to do. Its row."""
    fault = windows.Fault(reply)
    assert (fault.subcode, fault.error_type) == (subcode, error_type), fault.text
    row = attempt_of(server, fault.trace_id)
    assert (row["outcome"], row["reason"]) == ("refused", reason), row
    assert row["remedy"] and row["error_code"].startswith("0x8018"), row
    return row


def parallel(functions):
    """Run all at the same moment; their results in order. An exception is a result."""
    results = [None] * len(functions)
    gate = threading.Barrier(len(functions))

    def run(i):
        gate.wait()
        try:
            results[i] = functions[i]()
        except Exception as error:  # the caller looks at it
            results[i] = error

    threads = [threading.Thread(target=run, args=(i,)) for i in range(len(functions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results

