# SPDX-License-Identifier: Apache-2.0
"""Programs that live at another time: server, signing process and device read a clock that a test
moves, and nothing that is ever installed can (src/base/clock.c)."""

import os
import struct
import subprocess

import muster
import world as world_module
from muster import Muster

MUSTERD = muster.BUILD / "src" / "musterd" / "musterd-test-clock"
MUSTER_DEVICE = muster.BUILD / "sim" / "device" / "muster-device-test-clock"
DAY = 86400


class Clock:
    """How far all of them are in the future. The stand-in for Entra goes along."""

    def __init__(self, path, entra):
        self.path, self.entra = path, entra
        self.set(0)

    def set(self, seconds):
        self.seconds = int(seconds)
        data = struct.pack("=q", self.seconds)
        if not self.path.exists():
            self.path.write_bytes(data)
        with open(self.path, "r+b") as file:  # in place: it is mapped
            file.write(data)
        self.entra.clock(self.seconds)

    def environment(self):
        return {**os.environ, "MUSTER_TEST_CLOCK": str(self.path)}


class MovedMuster(Muster):
    """A Muster whose clock is that one."""

    clock = None

    def start(self):
        with open(self.log, "ab") as out:
            self.process = subprocess.Popen(
                [MUSTERD, "serve", "--config", self.conf], stdout=out, stderr=out, cwd=self.dir,
                env=self.clock.environment())
        self.wait_ready()
        return self


def moved_world(monkeypatch, directory, entra, store):
    """A world whose clock the test moves: a fixture yields from it."""
    clock = Clock(directory / "clock", entra)
    monkeypatch.setattr(MovedMuster, "clock", clock)
    monkeypatch.setattr(world_module, "Muster", MovedMuster)
    made = world_module.World(directory, entra, store)
    made.clock = clock
    yield made
    assert made.server.stop() == 0, made.server.log.read_text()[-3000:]


class Device:
    """A muster-device in its directory, with the same clock."""

    def __init__(self, world, directory, clock):
        self.world, self.dir, self.clock = world, directory, clock

    def run(self, command, *options):
        return subprocess.run(
            [MUSTER_DEVICE, command, "--dir", self.dir, "--ca", self.world.server.ca, *options],
            capture_output=True, text=True, timeout=120, env=self.clock.environment())

    def enroll(self):
        server, entra = self.world.server, self.world.entra
        return self.run(
            "enroll", "--discovery-url", f"{server.public_url}/EnrollmentServer/Discovery.svc",
            "--terms-url", f"{server.public_url}/TermsOfUse",
            "--entra-control", entra.control_url, "--entra-token-file", entra.dir / "control.token",
            "--tenant", self.world.tenant, "--app", self.world.app, "--user", self.world.user)
