# SPDX-License-Identifier: Apache-2.0
"""A PostgreSQL cluster of its own for a test run.

It lives in a new directory under /tmp, listens on a Unix socket only, and is gone afterwards:
the server gets a signal when the process that started it dies, whatever that one died of.
initdb refuses to run as root, so there the cluster belongs to the user postgres, or nobody.
Durability is off unless asked for: nothing survives the run anyway.
"""

import ctypes
import glob
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time

PR_SET_PDEATHSIG = 1
START_SECONDS = 60
STOP_SECONDS = 30


def bin_dir():
    """The newest installed server's programs."""
    found = glob.glob("/usr/lib/postgresql/*/bin/postgres")
    if not found:
        raise RuntimeError("PostgreSQL is not installed: tools/install-deps.sh test")
    newest = max(found, key=lambda path: int(re.search(r"/(\d+)/bin/", path).group(1)))
    return os.path.dirname(newest)


def cluster_owner():
    """None where this user may own a cluster, else the name of one that may."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            pwd.getpwnam(name)
            return name
        except KeyError:
            continue
    raise RuntimeError("no user to run PostgreSQL as: neither postgres nor nobody exists")


def die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


class TempPostgres:
    """with TempPostgres() as cluster: cluster.url is a superuser's connection URL."""

    def __init__(self, settings=None):
        self.settings = {
            "listen_addresses": "",
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "max_connections": "200",
            "shared_buffers": "64MB",
            "timezone": "UTC",
        }
        self.settings.update(settings or {})
        self.dir = None
        self.server = None

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *exc):
        self.stop()

    @property
    def url(self):
        return self.database_url("postgres")

    def database_url(self, name):
        return f"postgresql://muster@/{name}?host={self.dir}"

    def run(self, *args):
        as_owner = {}
        if cluster_owner():
            as_owner = {"user": cluster_owner(), "group": pwd.getpwnam(cluster_owner()).pw_gid,
                        "extra_groups": []}
        return subprocess.Popen(args, cwd=self.dir, stdin=subprocess.DEVNULL, stdout=self.log,
                                stderr=subprocess.STDOUT, preexec_fn=die_with_parent,
                                start_new_session=True, **as_owner)

    def start(self):
        programs = bin_dir()
        self.dir = tempfile.mkdtemp(prefix="muster-pg-", dir="/tmp")
        os.chmod(self.dir, 0o755)
        owner = cluster_owner()
        if owner:
            os.chown(self.dir, pwd.getpwnam(owner).pw_uid, pwd.getpwnam(owner).pw_gid)
        self.log = open(os.path.join(self.dir, "log"), "ab")
        data = os.path.join(self.dir, "data")
        made = self.run(f"{programs}/initdb", "-D", data, "-U", "muster", "-A", "trust",
                        "-E", "UTF8", "--locale=C", "--no-sync")
        if made.wait() != 0:
            raise RuntimeError("initdb failed:\n" + self.log_text())
        self.serve()

    def serve(self):
        """Start the server on what is there; again after halt()."""
        programs = bin_dir()
        options = [f"-c{key}={value}" for key, value in self.settings.items()]
        self.server = self.run(f"{programs}/postgres", "-D", os.path.join(self.dir, "data"), "-k",
                               self.dir, *options)
        deadline = time.monotonic() + START_SECONDS
        while subprocess.run([f"{programs}/pg_isready", "-q", "-d", self.url],
                             stdin=subprocess.DEVNULL, check=False).returncode != 0:
            if self.server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("PostgreSQL did not start:\n" + self.log_text())
            time.sleep(0.1)

    def halt(self, how=signal.SIGINT):
        """End the server and keep its data. SIGQUIT: as if it had crashed."""
        self.server.send_signal(how)
        self.server.wait(STOP_SECONDS)

    def log_text(self):
        with open(os.path.join(self.dir, "log"), encoding="utf-8", errors="replace") as log:
            return log.read()

    def stop(self):
        if self.server and self.server.poll() is None:
            self.server.send_signal(signal.SIGINT)
            try:
                self.server.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.server.send_signal(signal.SIGQUIT)
                self.server.wait()
        self.server = None
        if self.dir:
            self.log.close()
            shutil.rmtree(self.dir, ignore_errors=True)
            self.dir = None
