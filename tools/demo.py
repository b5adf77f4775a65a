# SPDX-License-Identifier: Apache-2.0
"""Show the main job of Muster on loopback, step by step, with stand-ins for Microsoft and Windows.

muster-entra plays Entra ID and Graph, muster-device plays Windows; musterd and muster are the
product. One line a step: `ok  STEP`, or `FAILED STEP: why`, and then nothing more. Each step looks
at what the server (or the stand-in) has recorded; that a program ended well is not enough.

It stays until Ctrl-C unless told --once. State and logs are in .demo/, emptied at the start. Programs
come from MUSTER_BUILD or build/release.
"""

import argparse
import fcntl
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / os.environ.get("MUSTER_BUILD", "build/release")

DOMAIN = "contoso.example"
USER = f"anna@{DOMAIN}"
APP_URI = f"https://mdm.{DOMAIN}"
TENANT = "8d4c1f1e-52a7-4d0e-9b3c-0f6f1e7a2b10"

LOCK = "./Device/Vendor/MSFT/Policy/Config/DeviceLock/MaxInactivityTimeDeviceLock"
CAMERA = "./Device/Vendor/MSFT/Policy/Config/Camera/AllowCamera"
SPOTLIGHT = "./User/Vendor/MSFT/Policy/Config/Experience/AllowWindowsSpotlight"

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
READY_S = 60
REPORT_S = 60
COMMAND_S = 120


# Loopback only, whatever proxy the environment names.
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Failed(Exception):
    """A step did not happen; the text says why."""


def require(condition, why):
    if not condition:
        raise Failed(why)


def last_line(data):
    lines = [line for line in data.decode(errors="replace").splitlines() if line.strip()]
    return lines[-1] if lines else "no message"


def wait_until(check, seconds, what):
    """The first true value of check(). The bound only ends a demonstration that has failed."""
    end = time.monotonic() + seconds
    while True:
        value = check()
        if value:
            return value
        require(time.monotonic() < end, f"{what} did not happen within {seconds} s")
        time.sleep(0.1)


def free_ports(count):
    """Ports that nothing listens on now, all different."""
    held = [socket.socket() for _ in range(count)]
    try:
        for one in held:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in held]
    finally:
        for one in held:
            one.close()


class Demo:
    def __init__(self, place):
        self.place = place
        self.lock = None
        self.processes = []
        self.entra = {}
        self.control_token = ""
        self.app = ""
        self.muster_options = []
        self.devices = {}

    # running programs

    def claim(self):
        """Only one demonstration at a time has the place; what an earlier one left is removed."""
        self.place.mkdir(exist_ok=True)
        self.lock = os.open(self.place, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Failed("another demonstration is running; end it with Ctrl-C first") from None
        for entry in self.place.iterdir():
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()

    def serve(self, name, *words):
        """Start a program that stays. Ctrl-C is for this script, which ends them in order."""
        with open(self.place / f"{name}.log", "wb") as log:
            process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                       start_new_session=True)
        self.processes.append((name, process))
        return process

    def stop(self):
        """End what was started, the last first, each by its own id."""
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        for _, process in reversed(self.processes):
            if process.poll() is None:
                process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def still_runs(self):
        for name, process in self.processes:
            require(process.poll() is None, f"{name} ended, see {self.place}/{name}.log")

    def call(self, program, *words):
        """Run a program to its end; its output. The log keeps what it printed."""
        done = subprocess.run([BUILD / program, *words], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=COMMAND_S,
                              check=False)
        with open(self.place / "commands.log", "ab") as log:
            line = " ".join([pathlib.Path(program).name, *map(str, words)])
            log.write(f"$ {line}\n".encode() + done.stdout + done.stderr)
        require(done.returncode == 0, last_line(done.stderr or done.stdout))
        return done.stdout.decode()

    def muster(self, *words):
        """The command line of the product; what the admin API answered."""
        text = self.call("src/muster/muster", *self.muster_options, "--json", *words)
        return json.loads(text) if text.strip() else None

    def items(self, *words):
        return self.muster(*words)["items"]

    def device_command(self, name, command, *words):
        return self.call("sim/device/muster-device", command, "--dir", self.place / name,
                         "--ca", self.place / "muster" / "tls.crt", "--verbose", *words)

    def control(self, method, path, body=None):
        """A call of the stand-in's control interface."""
        request = urllib.request.Request(
            f"{self.entra['control_url']}/_ctl/{path}", method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.control_token}",
                     "Content-Type": "application/json"})
        try:
            with DIRECT.open(request, timeout=30) as answer:
                data = answer.read()
        except urllib.error.HTTPError as error:
            raise Failed(f"muster-entra: {error.read().decode(errors='replace')}") from None
        return json.loads(data) if data else None

    # the steps

    def start_entra(self):
        place = self.place / "entra"
        self.serve("muster-entra", BUILD / "sim/entra/muster-entra", "--dir", place)
        endpoints = place / "endpoints.json"

        def told():
            self.still_runs()
            try:
                return json.loads(endpoints.read_text())
            except (OSError, ValueError):
                return None

        self.entra = wait_until(told, READY_S, "the start of muster-entra")
        self.control_token = (place / "control.token").read_text().strip()

    def fill_directory(self):
        self.control("POST", "tenants", {"tenantId": TENANT, "domain": DOMAIN})
        app = self.control("POST", "apps", {"tenant": TENANT, "displayName": "Muster",
                                            "appIdUris": [APP_URI],
                                            "requestedAccessTokenVersion": 2})
        self.app = app["clientId"]
        self.control("POST", "users", {"tenant": TENANT, "userPrincipalName": USER,
                                       "displayName": "Anna"})
        secret = self.control("POST", "secrets", {"app": self.app})["secretText"]
        path = self.place / "client-secret"
        path.touch(0o600)
        path.write_text(secret)

    def init_muster(self):
        public, manage, console, metrics = free_ports(4)
        self.public_url = f"https://127.0.0.1:{public}"
        self.console_url = f"https://127.0.0.1:{console}"
        self.metrics_url = f"http://127.0.0.1:{metrics}"
        place = self.place / "muster"
        self.call("src/musterd/musterd", "init", "--dir", place, "--public-url", self.public_url,
                  "--manage-url", f"https://127.0.0.1:{manage}", "--console-url", self.console_url)
        conf = place / "muster.conf"
        text, count = re.subn(r"(?m)^metrics_listen.*$",
                              f"metrics_listen  = 127.0.0.1:{metrics}", conf.read_text())
        require(count == 1, "muster.conf has no line metrics_listen")
        conf.write_text(f"{text}[entra]\nca_bundle       = {self.entra['ca']}\n"
                        "allow_custom_cloud = yes\n")
        self.muster_options = ["--url", self.console_url, "--token-file", place / "admin.token",
                               "--ca", place / "tls.crt"]

    def start_muster(self):
        self.call("src/musterd/musterd", "check", "--config", self.place / "muster/muster.conf")
        self.serve("musterd", BUILD / "src/musterd/musterd", "serve", "--config",
                   self.place / "muster/muster.conf")

        def ready():
            self.still_runs()
            try:
                with DIRECT.open(f"{self.metrics_url}/readyz", timeout=10) as answer:
                    return answer.status == 200
            except OSError:
                return False

        wait_until(ready, READY_S, "the start of musterd")

    def add_tenant(self):
        self.muster("tenants", "add", "--tenant-id", TENANT, "--domain", DOMAIN, "--mode",
                    "on-premises", "--cloud", "custom", "--login-url", self.entra["login_url"],
                    "--graph-url", self.entra["graph_url"], "--client-id", self.app,
                    "--app-id-uris", APP_URI)
        self.muster("credentials", "add", "--tenant", TENANT, "--secret-file",
                    self.place / "client-secret")
        findings = self.muster("tenants", "check", TENANT)["findings"]
        require(findings and all(f["ok"] for f in findings), f"tenants check: {findings}")

    def add_policies(self):
        self.muster("policies", "add", "--tenant", TENANT, "--name", "Lock and camera", "--scope",
                    "device", "--setting", f"{LOCK}=int:15", "--setting", f"{CAMERA}=int:0",
                    "--assign", "all")
        self.muster("policies", "add", "--tenant", TENANT, "--name", "No spotlight", "--scope",
                    "user", "--setting", f"{SPOTLIGHT}=int:0", "--assign", "all")
        self.muster("compliance-policies", "add", "--tenant", TENANT, "--name", "Baseline",
                    "--rule", "os_version ge 10.0.19045", "--rule", "secure_boot eq 1",
                    "--assign", "all")

    def enroll(self, name, *words):
        """Terms of Use and enrolment, as the device sees them; the rest asks the server."""
        self.device_command(
            name, "enroll", "--name", name, "--discovery-url",
            f"{self.public_url}/EnrollmentServer/Discovery.svc", "--terms-url",
            f"{self.public_url}/TermsOfUse", "--entra-control", self.entra["control_url"],
            "--entra-token-file", self.place / "entra/control.token", "--tenant", TENANT, "--app",
            self.app, "--user", USER, *words)
        found = self.items("devices", "list", "--name", name)
        require(len(found) == 1, f"the server knows {len(found)} devices of that name")
        self.devices[name] = found[0]["id"]
        return found[0]

    def enroll_first(self):
        self.enroll("PC-ANNA", "--join", "entra")

    def terms_accepted(self):
        attempts = self.items("enrollments", "list", "--stage", "terms", "--outcome", "ok")
        require([a for a in attempts if a["user_principal_name"] == USER],
                "the server has no record of an acceptance")

    def is_enrolled(self):
        row = self.muster("devices", "show", self.devices["PC-ANNA"])
        require(row["state"] == "enrolled", f"its state is {row['state']}")
        require(row["enrollment_type"] == "device", f"its type is {row['enrollment_type']}")
        require(row["user_principal_name"] == USER, "it is not Anna's")
        require(row["compliance_state"] == "unknown", "it was judged before it said anything")
        require(self.control("GET", f"devices/{row['entra_device_id']}")["isCompliant"] is not True,
                "Graph calls it compliant before it was judged")

    def sessions_ended(self, name, count):
        rows = self.items("devices", "sessions", self.devices[name])
        ended = [row for row in rows if row["ended_at"]]
        require(len(ended) >= count, f"{len(ended)} of {count} sessions ended")
        return ended

    def session_first(self):
        self.device_command("PC-ANNA", "session", "--login", "none", "--mode", "machine", "--fact",
                            "./Vendor/MSFT/DeviceStatus/SecureBootState=1")
        self.sessions_ended("PC-ANNA", 1)

    def session_user(self):
        self.device_command("PC-ANNA", "session", "--login", "user", "--user-token")
        rows = self.sessions_ended("PC-ANNA", 2)
        require([row for row in rows if row["user_object_id"]], "no session had a user")

    def policy_applied(self):
        for locuri in (LOCK, CAMERA, SPOTLIGHT):
            rows = self.items("devices", "commands", self.devices["PC-ANNA"], "--locuri", locuri)
            statuses = [row["status"] for row in rows]
            require(200 in statuses, f"the device answered {statuses} for {locuri}")

    def is_compliant(self):
        row = self.muster("devices", "show", self.devices["PC-ANNA"])
        require(row["compliance_state"] == "compliant",
                f"it is {row['compliance_state']}: {row['compliance_reasons']}")

    def in_graph(self, name, is_compliant):
        row = self.muster("devices", "show", self.devices[name])

        def told():
            self.still_runs()
            seen = self.control("GET", f"devices/{row['entra_device_id']}")
            return seen["isManaged"] is True and seen["isCompliant"] is is_compliant

        wait_until(told, REPORT_S, "the report to Graph")
        wait_until(lambda: self.muster("devices", "show", self.devices[name])
                   ["compliance_reported_at"], REPORT_S, "the record of the report")

    def compliant_in_graph(self):
        self.in_graph("PC-ANNA", True)

    def old_windows(self):
        row = self.enroll("PC-OLD", "--join", "work-account", "--os-version", "10.0.18363.1556")
        require(row["enrollment_type"] == "full", f"its type is {row['enrollment_type']}")
        self.device_command("PC-OLD", "session", "--login", "user", "--user-token")
        row = self.muster("devices", "show", self.devices["PC-OLD"])
        require(row["compliance_state"] == "noncompliant", f"it is {row['compliance_state']}")
        require(any("os_version" in reason for reason in row["compliance_reasons"]),
                f"its Windows is not the reason: {row['compliance_reasons']}")
        self.in_graph("PC-OLD", False)

    def poll_on(self):
        """Devices that keep coming: their schedule, sixty times as fast."""
        for name in self.devices:
            self.serve(name, BUILD / "sim/device/muster-device", "run", "--dir", self.place / name,
                       "--ca", self.place / "muster/tls.crt", "--login", "user", "--user-token",
                       "--time-scale", "60")

    def stay(self):
        place = self.place / "muster"
        program = BUILD / "src/muster/muster"
        print(f"\nThe admin API is at {self.console_url}/api/v1/ and needs the token in\n"
              f"{place / 'admin.token'}. In another terminal:\n\n"
              f"  export MUSTER_URL={self.console_url}\n"
              f"  export MUSTER_TOKEN_FILE={place / 'admin.token'}\n"
              f"  export MUSTER_CA={place / 'tls.crt'}\n"
              f"  {program} devices list\n"
              f"  {program} devices lock {self.devices['PC-ANNA']}\n"
              f"  {program} devices commands {self.devices['PC-ANNA']} --origin action:lock\n"
              f"  {program} audit list\n\n"
              "The devices come back by themselves, sixty times as often as real ones.\n"
              f"Logs are in {self.place}. Ctrl-C ends the demonstration.", flush=True)
        while True:
            self.still_runs()
            time.sleep(1)


STEPS = [
    ("start the stand-in for Microsoft Entra ID and Microsoft Graph", Demo.start_entra),
    (f"make tenant {DOMAIN}, application and user in it", Demo.fill_directory),
    ("make a Muster: configuration, keys, device CA, database", Demo.init_muster),
    ("start Muster", Demo.start_muster),
    ("connect the tenant: signing keys, application token and Graph work", Demo.add_tenant),
    ("add a device policy, a user policy and a compliance policy", Demo.add_policies),
    ("a Windows device joins: Terms of Use page, discovery, policy, certificate",
     Demo.enroll_first),
    (f"{USER} accepted the Terms of Use", Demo.terms_accepted),
    ("the device enrolled with its Entra token and is not judged yet", Demo.is_enrolled),
    ("first management session, nobody signed in", Demo.session_first),
    ("second management session, with the user's token", Demo.session_user),
    ("the device applied the policies (status 200)", Demo.policy_applied),
    ("the device is judged compliant", Demo.is_compliant),
    ("Microsoft Graph (the stand-in) shows isManaged and isCompliant", Demo.compliant_in_graph),
    ("an old Windows on a work account is judged and reported noncompliant", Demo.old_windows),
]


def interrupted(number, frame):
    raise KeyboardInterrupt


def options():
    parser = argparse.ArgumentParser(description="Show the main job of Muster on loopback.")
    parser.add_argument("--once", action="store_true", help="end after the last step")
    parser.add_argument("--dir", type=pathlib.Path, default=ROOT / ".demo",
                        help="state and logs; emptied at the start (default .demo)")
    return parser.parse_args()


def main(given):
    for number in SIGNALS:
        signal.signal(number, interrupted)
    demo = Demo(given.dir.resolve())
    step = "begin"
    try:
        demo.claim()
        for step, run in STEPS:
            run(demo)
            print(f"ok  {step}", flush=True)
        if not given.once:
            step = "stay"
            demo.poll_on()
            demo.stay()
    except KeyboardInterrupt:
        print("\nending", flush=True)
        return 1 if given.once else 0
    except (Failed, OSError, ValueError, KeyError, subprocess.TimeoutExpired) as error:
        why = str(error) if isinstance(error, Failed) else f"{type(error).__name__}: {error}"
        print(f"FAILED {step}: {why} (logs are in {demo.place})", flush=True)
        return 1
    finally:
        demo.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main(options()))
