# SPDX-License-Identifier: Apache-2.0
"""The device CA's key on a token: SoftHSM, reached through OpenSSL's pkcs11 engine."""

import glob
import os
import pathlib
import re
import shutil
import subprocess

import pytest

import windows
from muster import Muster, wait_for
from tenancy import parallel
from test_ca import check, musterd, restart, setting
from test_crl import entry, load
from world import FACTS, World, stores

MODULES = glob.glob("/usr/lib/softhsm/libsofthsm2.so") + glob.glob(
    "/usr/lib/*/softhsm/libsofthsm2.so")
ENGINES = glob.glob("/usr/lib/*/engines-3/pkcs11.so")
PIN = "83912754"

pytestmark = pytest.mark.skipif(
    not (MODULES and ENGINES and shutil.which("pkcs11-tool")),
    reason="needs softhsm2, opensc and libengine-pkcs11-openssl")


class Token:
    """A token with one key pair, and the URI of its private key."""

    def __init__(self, directory):
        self.tokens = directory / "tokens"
        self.tokens.mkdir(parents=True)
        self.conf = directory / "softhsm2.conf"
        self.conf.write_text(f"directories.tokendir = {self.tokens}\nobjectstore.backend = file\n"
                             "log.level = ERROR\nslots.removable = false\n")
        os.environ["SOFTHSM2_CONF"] = str(self.conf)
        self.run("softhsm2-util", "--init-token", "--free", "--label", "muster", "--pin", PIN,
                 "--so-pin", "1111")
        self.key("device-ca", "01")
        self.pin = directory / "pin"
        self.pin.write_text(PIN)
        self.pin.chmod(0o600)

    def run(self, *command):
        subprocess.run(command, check=True, capture_output=True, timeout=60)

    def key(self, label, number):
        self.run("pkcs11-tool", "--module", MODULES[0], "--token-label", "muster", "--login",
                 "--pin", PIN, "--keypairgen", "--key-type", "rsa:2048", "--label", label, "--id",
                 number)

    def uri(self, label="device-ca", pin=None, token="muster"):
        return f"pkcs11:token={token};object={label};type=private?pin-source=file:{pin or self.pin}"


@pytest.fixture
def token(tmp_path):
    before = os.environ.get("SOFTHSM2_CONF")
    yield Token(tmp_path / "hsm")
    if before is None:
        del os.environ["SOFTHSM2_CONF"]
    else:
        os.environ["SOFTHSM2_CONF"] = before


@pytest.fixture(params=stores())
def world(request, token, entra, tmp_path, monkeypatch):
    monkeypatch.setattr(Muster, "init_options", ["--ca-key", token.uri()])
    made = World(tmp_path, entra, request.param)
    yield made
    assert made.server.stop() == 0, made.server.log.read_text()[-3000:]


def signer_of(server):
    """The process id of the signing process."""
    children = pathlib.Path(
        f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
    assert len(children) == 1
    return children[0]


def is_filtered(pid):
    return re.search(r"^Seccomp:\s+2$", pathlib.Path(f"/proc/{pid}/status").read_text(), re.M)


def test_a_life_with_the_key_on_a_token(world, token):
    assert not list(world.server.dir.glob("device-ca.key"))
    assert setting(world.server, "key") == [token.uri()]
    device, entra_id = world.join()
    windows.run_session(device, values=FACTS)
    assert load(world.server, device.certificate).is_signature_valid(
        windows.x509.load_pem_x509_certificate(
            (world.server.dir / "device-ca.crt").read_bytes()).public_key())
    world.server.api("POST", f"devices/{world.device(entra_id)['id']}/retire", {"force": True})
    wait_for(lambda: entry(world.server, device.certificate), 20)
    assert "on a token" in check(world.server)
    assert "on a token" in world.server.log.read_text()
    assert is_filtered(signer_of(world.server))


def test_the_pin_is_nowhere_but_in_its_file(world):
    world.join()
    for pid in (world.server.process.pid, signer_of(world.server)):
        for name in ("cmdline", "environ"):
            assert PIN.encode() not in pathlib.Path(f"/proc/{pid}/{name}").read_bytes()
    for path in (world.server.log, world.server.conf):
        assert PIN not in path.read_text()


def test_many_at_once(world):
    """One session of the token serves all workers, in turn."""
    keys = [windows.new_key() for _ in range(6)]
    results = parallel([lambda k=k: world.join(key=k) for k in keys])
    for result in results:
        assert isinstance(result, tuple), result
        assert result[0].post(result[0].package1()).status == 200


def test_what_cannot_be_used_is_told_at_the_start(world, token, tmp_path):
    server = world.server
    assert server.stop() == 0
    text = server.conf.read_text()
    wrong = tmp_path / "wrong"
    wrong.write_text("00000000")
    wrong.chmod(0o600)
    token.key("another", "02")
    for uri, why in ((token.uri(token="none"), "no private key behind the pkcs11: URI"),
                     (token.uri(label="none"), "no private key behind the pkcs11: URI"),
                     (token.uri(pin=wrong), "no private key behind the pkcs11: URI"),
                     (token.uri(label="another"), "not the key of the certificate")):
        server.conf.write_text(text.replace(token.uri(), uri))
        for command in ("serve", "check"):
            done = musterd(command, "--config", server.conf)
            assert done.returncode == 1 and why in done.stdout + done.stderr, (uri, done)
            assert PIN not in done.stdout + done.stderr
    server.conf.write_text(text)
    server.start()


def test_a_token_that_is_taken_away(world, token):
    """Enrolment fails, health says why, sessions go on; once it is back, a restart mends all.
    (SoftHSM forgets what it knew of a token that went; others may come back by themselves.)"""
    device, entra_id = world.join()
    blob = windows.accept_terms(world.server, world.terms_token(), mode="azureadjoin")
    away = token.tokens.with_name("away")
    token.tokens.rename(away)
    try:
        reply = windows.request_token(
            world.server, windows.jwt_security(world.enroll_token(world.new_device())),
            windows.csr_der(windows.new_key()), windows.context(blob, "Device"))
        assert reply.status != 200
        status, why = world.server.metrics_get("/readyz")
        assert (status, why) == (503, "a CA key does not sign\n")
        assert "muster_signer_failing 1" in world.server.metrics_get("/metrics")[1]
        assert device.post(device.package1()).status == 200
        assert world.server.process.poll() is None
    finally:
        away.rename(token.tokens)
    restart(world.server)
    assert world.join()[0].certificate.issuer == device.certificate.issuer


def test_from_a_file_to_a_token(token, entra, tmp_path):
    """The way an installation takes: the next device CA has its key on the token."""
    world = World(tmp_path, entra, "sqlite")
    try:
        old, _ = world.join()
        assert is_filtered(signer_of(world.server))
        done = musterd("ca", "new-intermediate", "--config", world.server.conf, "--root-key",
                       world.server.dir / "device-root.key", "--key", token.uri())
        assert done.returncode == 0, done.stderr
        restart(world.server)
        new, new_id = world.join()
        for device in (old, new):
            assert device.post(device.package1()).status == 200
        assert new.certificate.issuer != old.certificate.issuer
    finally:
        world.server.stop()
