# SPDX-License-Identifier: Apache-2.0
"""Start muster-entra and steer it: the one harness all whole-program tests use.

    with EntraSim(tmp_path / "entra") as entra:
        tenant = entra.add_tenant(domain="contoso.test")
        app = entra.add_app(tenant, version=2, uris=["https://mdm.contoso.test"])
        secret = entra.add_secret(app)
        user = entra.add_user(tenant, "ann@contoso.test")
        device = entra.add_device(tenant)
        token = entra.mint(app, user=user, device=device)

Identifiers are plain strings. Every control call is described in sim/entra/README.md; a call that
is refused raises ControlError. login() and graph() speak to the stand-in as a client would, trusting
its own CA only.
"""

import http.client
import json
import os
import pathlib
import select
import signal
import ssl
import subprocess
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent


def build_dir():
    """The Meson build directory under test: MUSTER_BUILD, or build/release of the checkout."""
    path = pathlib.Path(os.environ.get("MUSTER_BUILD", "build/release"))
    return path if path.is_absolute() else ROOT / path


class ControlError(Exception):
    """The control API refused a call."""

    def __init__(self, status, body):
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = body


class Answer:
    """One HTTP response, read completely."""

    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    def json(self):
        return json.loads(self.body)


class EntraSim:
    """A running muster-entra. Usable as a context manager; stop() is harmless when repeated."""

    READY_S = 120

    def __init__(self, directory, seed=None, options=()):
        self.dir = pathlib.Path(directory)
        self.seed = seed
        self.options = list(options)
        self.process = None
        self.login_url = self.graph_url = self.control_url = None
        self.ca = self.dir / "ca.crt"
        self._token = None

    # life

    def start(self):
        command = [str(build_dir() / "sim/entra/muster-entra"), "--dir", str(self.dir)]
        if self.seed is not None:
            path = self.dir.with_name(self.dir.name + "-seed.json")
            path.write_text(json.dumps(self.seed))
            command += ["--seed", str(path)]
        self.process = subprocess.Popen(command + self.options, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True)
        self._wait_ready()
        endpoints = json.loads((self.dir / "endpoints.json").read_text())
        self.login_url = endpoints["login_url"]
        self.graph_url = endpoints["graph_url"]
        self.control_url = endpoints["control_url"]
        self._token = (self.dir / "control.token").read_text().strip()
        return self

    def _wait_ready(self):
        ready, _, _ = select.select([self.process.stdout], [], [], self.READY_S)
        line = self.process.stdout.readline() if ready else ""
        if not line.startswith("ready "):
            self.process.kill()
            raise RuntimeError("muster-entra did not start: " + self.process.communicate()[1])

    def stop(self):
        """End it and return its exit status; what it wrote to stderr is a failure."""
        if self.process is None:
            return 0
        process, self.process = self.process, None
        process.send_signal(signal.SIGTERM)
        try:
            _, errors = process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise
        if errors:
            raise RuntimeError("muster-entra complained: " + errors)
        return process.returncode

    def restart(self):
        """The same addresses and CA, new signing keys, nothing seeded."""
        self.stop()
        return self.start_again()

    def start_again(self):
        """The second half of restart(), for tests that need it to be away for a while."""
        ports = [("--listen", self.login_url), ("--graph-listen", self.graph_url),
                 ("--control-listen", self.control_url)]
        self.options = [word for name, url in ports
                        for word in (name, urllib.parse.urlsplit(url).netloc)]
        return self.start()

    def __enter__(self):
        return self.start()

    def __exit__(self, *exc):
        self.stop()

    # speaking HTTP

    def context(self):
        return ssl.create_default_context(cafile=str(self.ca))

    def request(self, url, method="GET", headers=None, body=None, timeout=20):
        """One request on a fresh connection. Raises what http.client and ssl raise."""
        parts = urllib.parse.urlsplit(url)
        if parts.scheme == "https":
            connection = http.client.HTTPSConnection(parts.netloc, timeout=timeout,
                                                     context=self.context())
        else:
            connection = http.client.HTTPConnection(parts.netloc, timeout=timeout)
        target = parts.path + ("?" + parts.query if parts.query else "")
        try:
            connection.request(method, target, body=body, headers=headers or {})
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def login(self, path, **kwargs):
        return self.request(self.login_url + path, **kwargs)

    def token_request(self, tenant, form, headers=None):
        """POST a form (dict or list of pairs) to the tenant's token endpoint."""
        all_headers = {"Content-Type": "application/x-www-form-urlencoded"}
        all_headers.update(headers or {})
        return self.login(f"/{tenant}/oauth2/v2.0/token", method="POST",
                          headers=all_headers, body=urllib.parse.urlencode(form))

    def graph_token(self, tenant, app, secret):
        """An application token for Graph by client secret."""
        answer = self.token_request(tenant, {
            "grant_type": "client_credentials", "client_id": app, "client_secret": secret,
            "scope": self.graph_url + "/.default"})
        if answer.status != 200:
            raise ControlError(answer.status, answer.body)
        return answer.json()["access_token"]

    def graph(self, token, path, method="GET", body=None, headers=None, version="/v1.0"):
        """One Graph request; body is sent as JSON when it is not None."""
        all_headers = {"Authorization": "Bearer " + token} if token else {}
        if body is not None:
            all_headers["Content-Type"] = "application/json"
            body = json.dumps(body)
        all_headers.update(headers or {})
        return self.request(self.graph_url + version + path, method=method,
                            headers=all_headers, body=body)

    # control API

    def control(self, method, path, body=None):
        """A control call by name, e.g. control("POST", "keys/rotate"). The decoded answer."""
        headers = {"Authorization": "Bearer " + self._token}
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(body)
        answer = self.request(f"{self.control_url}/_ctl/{path}", method=method,
                              headers=headers, body=data)
        if answer.status >= 300:
            raise ControlError(answer.status, answer.body.decode())
        return answer.json() if answer.body else None

    def add_tenant(self, domain=None, **fields):
        if domain:
            fields["domain"] = domain
        return self.control("POST", "tenants", fields)["tenantId"]

    def add_app(self, tenant, version=2, uris=(), **fields):
        """An application at home in the tenant, consented and approved as MDM; its client id."""
        body = {"tenant": tenant, "requestedAccessTokenVersion": version,
                "appIdUris": list(uris), **fields}
        return self.control("POST", "apps", body)["clientId"]

    def add_consent(self, tenant, app, **fields):
        return self.control("POST", "consents", {"tenant": tenant, "app": app, **fields})

    def add_secret(self, app, **fields):
        """The text of a new client secret."""
        return self.control("POST", "secrets", {"app": app, **fields})["secretText"]

    def add_cert(self, app, pem):
        """The id of the registered certificate; pem may be bytes or text."""
        text = pem.decode() if isinstance(pem, bytes) else pem
        return self.control("POST", "certs", {"app": app, "certificate": text})["id"]

    def add_user(self, tenant, upn, **fields):
        body = {"tenant": tenant, "userPrincipalName": upn,
                "displayName": fields.pop("displayName", upn.split("@")[0]), **fields}
        return self.control("POST", "users", body)["id"]

    def add_group(self, tenant, name, members=(), **fields):
        body = {"tenant": tenant, "displayName": name, "members": list(members), **fields}
        return self.control("POST", "groups", body)["id"]

    def add_device(self, tenant, **fields):
        """The deviceId (of registration) of a new Windows device; device() has its object id."""
        return self.control("POST", "devices", {"tenant": tenant, **fields})["deviceId"]

    def device(self, device_id):
        """The device as the directory has it now: isManaged, isCompliant, mdmAppId, writes, ..."""
        return self.control("GET", f"devices/{device_id}")

    def mint(self, app, **fields):
        """An access token. app is a client id or "graph"; see README.md for the rest."""
        return self.control("POST", "mint", {"app": app, **fields})["token"]

    def keys(self):
        """{role: {"kid": ..., "published": ...}}"""
        return {row["key"]: row for row in self.control("GET", "keys")}

    def key_operation(self, operation, key=None):
        return self.control("POST", f"keys/{operation}", {"key": key} if key else {})

    def rotate(self):
        return self.key_operation("rotate")

    def clock(self, offset):
        """Shift the stand-in's clock to so many seconds from the real one."""
        return self.control("POST", "clock", {"offset": offset})

    def fault(self, kind, **fields):
        """Order a fault; its id."""
        return self.control("POST", "faults", {"kind": kind, **fields})["id"]

    def clear_faults(self):
        self.control("DELETE", "faults")

    def settings(self, **fields):
        return self.control("PATCH", "settings", fields)

    def limits(self, **fields):
        """limits(writes=(count, seconds), requests=(count, seconds)); a count of 0: no limit."""
        return self.control("POST", "limits", {
            name: {"count": count, "seconds": seconds}
            for name, (count, seconds) in fields.items()})

    def tls(self, listener, certificate):
        return self.control("POST", "tls", {"listener": listener, "certificate": certificate})

    def log(self, **query):
        """The rows of the request log: log(listener="graph", path="/v1.0/devices", after=seq)."""
        path = "log" + ("?" + urllib.parse.urlencode(query) if query else "")
        return self.control("GET", path)["items"]

    def clear_log(self):
        self.control("DELETE", "log")

    def violations(self):
        return self.control("GET", "violations")

    def reset(self):
        self.control("POST", "reset")

    def wait_for(self, condition, timeout=20, interval=0.1):
        """Poll until condition() is true; its value. Fails the test after the timeout."""
        end = time.monotonic() + timeout
        while True:
            value = condition()
            if value:
                return value
            if time.monotonic() > end:
                raise AssertionError("condition did not come true in time")
            time.sleep(interval)
