# SPDX-License-Identifier: Apache-2.0
"""make bench: the server beside nginx, in turn, on loopback.

Absolute numbers of a shared machine mean little; each row is therefore a pair taken in turn
(A B A B ...) under the same TLS settings, and the ratio of the medians. Nothing here passes or fails.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "test"))

from entra_sim import EntraSim  # noqa: E402
from muster import MUSTER_DEVICE, Muster, free_ports  # noqa: E402

NGINX_CONF = """
daemon off; worker_processes auto; pid {dir}/nginx.pid; error_log {dir}/error.log;
events {{ worker_connections 4096; }}
http {{
  access_log off; default_type text/html;
  client_body_temp_path {dir}; proxy_temp_path {dir}; fastcgi_temp_path {dir};
  uwsgi_temp_path {dir}; scgi_temp_path {dir};
  server {{
    listen 127.0.0.1:{port} ssl; ssl_certificate {crt}; ssl_certificate_key {key};
    ssl_protocols TLSv1.2 TLSv1.3; ssl_ecdh_curve X25519:prime256v1; ssl_session_tickets off;
    keepalive_requests 1000000; root {dir};
  }}
}}
"""


def run(*command, **kwargs):
    return subprocess.run([str(c) for c in command], check=True, capture_output=True, text=True,
                          **kwargs).stdout


def machine_limits():
    print(f"processors: {os.cpu_count()}, load: {os.getloadavg()[0]:.1f}")
    for line in run("openssl", "speed", "-seconds", "1", "rsa2048", "ecdsap256").splitlines():
        if line.startswith(("rsa", " 256 bits")) or line.strip().startswith("sign"):
            print(f"openssl speed: {line.strip()}")


class Nginx:
    """nginx with one static file of 2 KB, in a directory of its own."""

    def __init__(self, directory, crt, key):
        self.dir = pathlib.Path(directory) / "nginx"
        self.dir.mkdir()
        self.dir.chmod(0o755)
        (self.dir / "index.html").write_text("x" * 2048)
        self.port = free_ports(1)[0]
        conf = self.dir / "nginx.conf"
        conf.write_text("user root;" * (os.geteuid() == 0) + NGINX_CONF.format(
            dir=self.dir, port=self.port, crt=crt, key=key))
        self.process = subprocess.Popen(["nginx", "-c", str(conf)], stderr=subprocess.DEVNULL)
        self.url = f"https://127.0.0.1:{self.port}/index.html"

    def stop(self):
        self.process.terminate()
        self.process.wait(20)


def requests_per_second(url, connections, seconds, close):
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s"]
    if close:
        command += ["-H", "Connection: close"]
    out = run(*command, url)
    bad = re.search(r"(Non-2xx|Socket errors).*", out)
    if bad:
        print(f"  note: {url}: {bad.group(0)}")
    return float(re.search(r"Requests/sec:\s+([0-9.]+)", out).group(1))


def pair(name, a, b, rounds, **how):
    """Medians of both and their ratio."""
    first, second = [], []
    for _ in range(rounds):
        first.append(requests_per_second(a, **how))
        second.append(requests_per_second(b, **how))
    x, y = statistics.median(first), statistics.median(second)
    print(f"{name}: muster {x:,.0f}/s, nginx {y:,.0f}/s, ratio {x / y:.2f} "
          f"(muster {min(first):,.0f} to {max(first):,.0f}, nginx {min(second):,.0f} to "
          f"{max(second):,.0f})")


def against_nginx(server, nginx, rounds, seconds):
    url = f"{server.public_url}/EnrollmentServer/Discovery.svc"
    pair("keep-alive, small answer against a 2 KB file", url, nginx.url, rounds, connections=32,
         seconds=seconds, close=False)
    pair("new TLS connection for each request", url, nginx.url, rounds, connections=16,
         seconds=seconds, close=True)


def device_load(server, entra, directory, devices, concurrency):
    tenant = entra.add_tenant(domain="contoso.test")
    app = entra.add_app(tenant, version=2, uris=["https://mdm.contoso.test"])
    secret = entra.add_secret(app)
    user = entra.add_user(tenant, "load@contoso.test")
    server.api("POST", "tenants", {
        "tenant_id": tenant, "domain": "contoso.test", "mode": "on-premises", "cloud": "custom",
        "login_url": entra.login_url, "graph_url": entra.graph_url, "client_id": app,
        "app_id_uris": [], "device_limit": 10000})
    server.api("POST", f"tenants/{tenant}/credentials", {"kind": "secret", "secret": secret})
    server.api("POST", "policies", {
        "tenant_id": tenant, "name": "lock", "scope": "device", "assignments": [{"all": True}],
        "settings": [{"locuri": "./Device/Vendor/MSFT/Policy/Config/DeviceLock/"
                                "MaxInactivityTimeDeviceLock", "format": "int", "data": "15"}]})
    command = [MUSTER_DEVICE, "load", "--dir", directory / "load", "--ca", server.ca,
               "--devices", devices, "--concurrency", concurrency,
               "--discovery-url", f"{server.public_url}/EnrollmentServer/Discovery.svc",
               "--terms-url", f"{server.public_url}/TermsOfUse",
               "--entra-control", entra.control_url, "--entra-token-file", entra.dir / "control.token",
               "--tenant", tenant, "--app", app, "--user", user, "--json"]
    before = resident(server)
    out = run(*command)
    print(json.dumps(json.loads(out), indent=2))
    print(f"resident memory of musterd: {before / 1024:,.0f} MiB before, "
          f"{resident(server) / 1024:,.0f} MiB after")


def resident(server):
    """KiB in memory of the server's process."""
    status = pathlib.Path(f"/proc/{server.process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status).group(1))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--devices", type=int, default=1000)
    parser.add_argument("--concurrency", type=int, default=16)
    options = parser.parse_args()
    directory = pathlib.Path(tempfile.mkdtemp(prefix="muster-bench-"))
    machine_limits()
    try:
        with EntraSim(directory / "entra") as entra:
            server = Muster(directory, entra=entra).init().start()
            nginx = Nginx(directory, server.ca, server.dir / "tls.key")
            time.sleep(0.5)
            try:
                against_nginx(server, nginx, options.rounds, options.seconds)
                device_load(server, entra, directory, options.devices, options.concurrency)
            finally:
                nginx.stop()
                server.stop()
    finally:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
