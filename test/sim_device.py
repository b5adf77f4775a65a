# SPDX-License-Identifier: Apache-2.0
"""Running muster-device against the small server of fake_mdm."""

import json
import pathlib
import subprocess

import pytest
from cryptography.hazmat.primitives import serialization

import windows
from fake_mdm import FakeMdm, token
from muster import MUSTER_DEVICE


@pytest.fixture
def mdm(tmp_path):
    with FakeMdm(tmp_path) as fake:
        yield fake


@pytest.fixture(scope="session")
def spare_key(tmp_path_factory):
    """A key that all devices of a test run may have: making one takes longer than a test."""
    path = tmp_path_factory.mktemp("key") / "key.pem"
    path.write_bytes(windows.new_key().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption()))
    return path


class Device:
    def __init__(self, mdm, directory, spare_key):
        self.mdm = mdm
        self.spare_key = spare_key
        self.dir = pathlib.Path(directory)
        self.token = self.dir.parent / "token"
        self.token.write_text(token(device="5e2d7a40-5c8f-4b7e-9b1d-0a6f2f3a9b11"))

    def run(self, command, *options):
        done = subprocess.run(
            [MUSTER_DEVICE, command, "--dir", self.dir, "--ca", self.mdm.ca, *options],
            capture_output=True, text=True, timeout=120)
        assert "Sanitizer" not in done.stderr, done.stderr
        return done

    def enroll(self, *options, own_key=False):
        key = [] if own_key else ["--key-file", self.spare_key]
        return self.run("enroll", "--discovery-url",
                        f"{self.mdm.url}/EnrollmentServer/Discovery.svc", "--token-file",
                        self.token, *key, *options)

    def enrolled(self, *options):
        done = self.enroll(*options)
        assert done.returncode == 0, done.stderr
        return self

    def session(self, *options):
        return self.run("session", *options)

    def tree(self):
        return json.loads((self.dir / "tree.json").read_text())

    def state(self):
        return json.loads((self.dir / "device.json").read_text())


@pytest.fixture
def device(mdm, tmp_path, spare_key):
    return Device(mdm, tmp_path / "device", spare_key)


def refuses(done, sentence, code=None):
    """It failed, said why in one line, and showed Windows' code."""
    assert done.returncode == 1, (done.returncode, done.stdout, done.stderr)
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert sentence in done.stderr
    if code:
        assert code in done.stderr
