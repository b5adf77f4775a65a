# SPDX-License-Identifier: Apache-2.0
"""The server under test: a working directory, a running musterd, and its admin API."""

import json
import os
import pathlib
import re
import signal
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("MUSTER_BUILD", ROOT / "build" / "release"))
if not BUILD.is_absolute():
    BUILD = ROOT / BUILD

MUSTERD = BUILD / "src" / "musterd" / "musterd"
MUSTER = BUILD / "src" / "muster" / "muster"
MUSTER_DEVICE = BUILD / "sim" / "device" / "muster-device"


def free_ports(n):
    """Ports that are free now. Held together until all are known, so that they differ."""
    held = [socket.socket() for _ in range(n)]
    for s in held:
        s.bind(("127.0.0.1", 0))
    ports = [s.getsockname()[1] for s in held]
    for s in held:
        s.close()
    return ports


class ApiError(Exception):
    def __init__(self, status, problem):
        super().__init__(f"{status}: {problem}")
        self.status = status
        self.problem = problem


class Muster:
    """One musterd in its own directory. Start it with start(); stop() ends it gracefully."""

    init_options = []  # further ones for `musterd init`

    def __init__(self, directory, store=None, entra=None):
        self.dir = pathlib.Path(directory) / "muster"
        self.store = store
        self.entra = entra
        self.process = None
        ports = free_ports(4)
        self.public_port, self.manage_port, self.console_port, self.metrics_port = ports
        self.public_url = f"https://127.0.0.1:{self.public_port}"
        self.manage_url = f"https://127.0.0.1:{self.manage_port}"
        self.console_url = f"https://127.0.0.1:{self.console_port}"
        self.conf = self.dir / "muster.conf"
        self.ca = self.dir / "tls.crt"
        self.log = pathlib.Path(directory) / "musterd.log"

    def init(self):
        command = [
            MUSTERD, "init", "--dir", self.dir, "--public-url", self.public_url,
            "--manage-url", self.manage_url, "--console-url", self.console_url,
        ]
        if self.store:
            command += ["--store", self.store]
        command += self.init_options
        subprocess.run(command, check=True, capture_output=True, timeout=60)
        text = self.conf.read_text()
        text = re.sub(r"metrics_listen.*", f"metrics_listen = 127.0.0.1:{self.metrics_port}", text)
        text += "[entra]\nallow_custom_cloud = yes\n"
        if self.entra:
            text += f"ca_bundle = {self.entra.ca}\n"
        self.conf.write_text(text)
        self.token = (self.dir / "admin.token").read_text().strip()
        return self

    def certify(self, *names):
        """A TLS certificate for these, "DNS:..." or "IP:...", in place of that of init()."""
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-days", "3000", "-subj", "/CN=muster", "-addext",
             f"subjectAltName={','.join(names)}", "-addext", "basicConstraints=CA:FALSE",
             "-keyout", self.dir / "tls.key", "-out", self.ca],
            check=True, capture_output=True, timeout=60)

    def start(self):
        out = open(self.log, "ab")
        self.process = subprocess.Popen(
            [MUSTERD, "serve", "--config", self.conf], stdout=out, stderr=out, cwd=self.dir)
        out.close()
        self.wait_ready()
        return self

    def wait_ready(self):
        for _ in range(600):
            if self.process.poll() is not None:
                raise RuntimeError(f"musterd ended: {self.log.read_text()[-2000:]}")
            try:
                if self.metrics_get("/readyz")[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise RuntimeError(f"musterd is not ready: {self.log.read_text()[-2000:]}")

    def stop(self, timeout=60):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout)
        return self.process.returncode if self.process else None

    def kill(self):
        self.process.kill()
        self.process.wait(30)

    def tls(self):
        return ssl.create_default_context(cafile=str(self.ca))

    def metrics_get(self, path):
        url = f"http://127.0.0.1:{self.metrics_port}{path}"
        try:
            with urllib.request.urlopen(url, timeout=10) as reply:
                return reply.status, reply.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def api(self, method, path, body=None, token=None, raw=False):
        request = urllib.request.Request(
            f"{self.console_url}/api/v1/{path}", method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.token if token is None else token}"})
        if body is not None:
            request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=60, context=self.tls()) as reply:
                data = reply.read()
                if raw:
                    return reply.status, dict(reply.headers), data
                return json.loads(data) if data else None
        except urllib.error.HTTPError as error:
            data = error.read()
            if raw:
                return error.code, dict(error.headers), data
            raise ApiError(error.code, json.loads(data) if data else None) from error

    def items(self, path):
        """Every item of a list, over all its pages."""
        found, cursor = [], None
        joiner = "&" if "?" in path else "?"
        while True:
            page = self.api("GET", path + (f"{joiner}cursor={cursor}" if cursor else ""))
            found += page["items"]
            cursor = page["next"]
            if not cursor:
                return found

    def attempts(self, **filters):
        query = "&".join(f"{k}={v}" for k, v in filters.items())
        return self.items(f"enrollments?{query}" if query else "enrollments")


def wait_for(check, seconds=30, what="condition"):
    """Poll until check() is truthy; the bound only ends a test that has failed."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = check()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError(f"did not happen in {seconds} s: {what}")
