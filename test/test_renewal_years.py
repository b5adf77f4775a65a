# SPDX-License-Identifier: Apache-2.0
"""Three years of a device's life with a moved clock, on both stores: it renews by itself, misses its
time, is told to, and at last sleeps until it has to enrol again."""

import datetime
import json
import shutil
import signal
import subprocess

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

import renewing
import windows
from moved_clock import DAY, Device, moved_world
from muster import MUSTERD, Muster, wait_for
from tenancy import refused
from world import stores


@pytest.fixture(params=stores())
def world(request, entra, tmp_path, monkeypatch):
    yield from moved_world(monkeypatch, tmp_path, entra, request.param)


@pytest.fixture
def device(world, tmp_path):
    made = Device(world, tmp_path / "device", world.clock)
    done = made.enroll()
    assert done.returncode == 0, done.stderr
    return made


class Holder:
    """What the device has in its directory now, for requests of a test's own."""

    def __init__(self, device):
        self.server = device.world.server
        pem = (device.dir / "certificate.pem").read_bytes()
        self.certificate = x509.load_pem_x509_certificate(pem)
        self.key = serialization.load_pem_private_key((device.dir / "key.pem").read_bytes(), None)
        self.dm_device_id = json.loads((device.dir / "device.json").read_text())["device_id"]

    tls = windows.Enrolled.tls
    post = windows.Enrolled.post
    header = windows.Enrolled.header
    message = windows.Enrolled.message
    package1 = windows.Enrolled.package1

    def days_left(self, clock):
        left = self.certificate.not_valid_after - datetime.datetime.utcnow()
        return left.total_seconds() / DAY - clock.seconds / DAY


def session(device):
    """A device by itself: renewal when it is due, then a session."""
    done = device.run("run", "--sessions", "1")
    assert done.returncode == 0, (done.stdout, done.stderr)
    return done.stdout


def sleep_until(world, device, days_before_end):
    """The device is off until so many days before its certificate ends."""
    days = Holder(device).days_left(world.clock) - days_before_end
    assert days > 0
    world.clock.set(world.clock.seconds + days * DAY)


def certificates(world):
    (row,) = world.server.items("devices?state=enrolled")
    found = world.server.items(f"devices/{row['id']}/certificates")
    return row, found[::-1]


def renewed(world, device, before):
    """The device has a new certificate, uses it, and the old one opens nothing any more."""
    holder = Holder(device)
    assert holder.certificate.serial_number != before.certificate.serial_number
    assert holder.certificate.public_key() != before.certificate.public_key()
    assert 364 < holder.days_left(world.clock) <= 365
    row, found = certificates(world)
    assert [c["state"] for c in found[:-1]] == ["superseded"] * (len(found) - 1)
    assert found[-1]["state"] == "active" and found[-1]["first_used_at"]
    assert found[-1]["renews_id"] == found[-2]["id"]
    assert found[-1]["serial"] == f"{holder.certificate.serial_number:032x}"
    assert row["certificate_not_after"] == found[-1]["not_after"]
    now = datetime.datetime.utcnow() + datetime.timedelta(seconds=world.clock.seconds)
    begins = datetime.datetime.fromisoformat(found[-1]["not_before"].rstrip("Z"))
    assert datetime.timedelta(0) <= now - begins <= datetime.timedelta(minutes=10)
    assert before.post(before.package1("900")).status == 403


def test_three_years(world, device):
    assert "renewed" not in session(device)
    # The days before the end at which the device comes: in time, late, on the last day, in time.
    for left in (59, 31, 0.5, 60):
        sleep_until(world, device, 60.5)
        before = Holder(device)
        assert "renewed" not in session(device)
        if left < 60:
            sleep_until(world, device, left)
        else:
            sleep_until(world, device, 59.9)
        assert "renewed: certificate" in session(device)
        renewed(world, device, before)
        assert "renewed" not in session(device)
    assert world.clock.seconds > 3 * 365 * DAY
    assert len(world.server.attempts(stage="renewal", outcome="ok")) == 4
    assert len(world.server.items("audit?action=device.renewed")) == 4


def test_a_device_that_sleeps_past_the_end_enrols_again(world, device):
    session(device)
    before = Holder(device)
    world.clock.set(366 * DAY)
    # Windows does not even try; the listener would not take the connection.
    done = device.run("run", "--sessions", "1", "--time-scale", "1000000")
    assert "renewed" not in done.stdout and "not renewed" not in done.stdout
    assert device.run("renew").returncode == 1
    reply = renewing.ask(before, windows.new_key(), public=True)
    row = refused(reply, "s:CertificateRequest", "renew_expired", world.server,
                  "NotEligibleToRenew")
    assert "Enrol the device again" in row["remedy"]
    assert len(certificates(world)[1]) == 1
    shutil.rmtree(device.dir)
    done = device.enroll()
    assert done.returncode == 0, done.stderr
    assert "renewed" not in session(device)
    assert Holder(device).days_left(world.clock) > 364


def test_a_device_that_does_not_renew_is_told_to(world, device):
    """It comes to its sessions, but its own task does not run."""
    assert device.run("session").returncode == 0
    before = Holder(device)
    sleep_until(world, device, 57)
    assert "renew" not in device.run("session").stdout
    sleep_until(world, device, 55.5)
    done = device.run("session")
    assert "is to renew its certificate now" in done.stdout, done.stdout + done.stderr
    assert device.run("session").returncode == 0
    renewed(world, device, before)
    row, _ = certificates(world)
    (order,) = world.server.items(f"devices/{row['id']}/commands?origin=renewal")
    assert (order["verb"], order["state"], order["status"]) == ("Exec", "answered", 202)


def test_an_administrator_has_it_renewed(world, device):
    """At any time; the order is what allows it on the first day. What came of it is a fact."""
    assert device.run("session").returncode == 0
    before = Holder(device)
    refused(renewing.ask(before, windows.new_key()), "s:CertificateRequest", "renew_too_early",
            world.server, "NotEligibleToRenew")
    row, _ = certificates(world)
    world.server.api("POST", f"devices/{row['id']}/renew")
    assert "is to renew its certificate now" in device.run("session").stdout
    world.clock.set(2 * DAY)
    assert device.run("session").returncode == 0
    facts = {f["name"]: f["meaning"] for f in world.server.items(f"devices/{row['id']}/facts")}
    assert facts["renew_status"] == "succeeded" and facts["renew_error_code"] == "none"
    row, found = certificates(world)
    assert [c["state"] for c in found] == ["superseded", "active"]


@pytest.mark.parametrize("options", [[], ["--mde-type"], ["--encode-twice"], ["--empty-password"],
                                     ["--mde-type", "--encode-twice", "--empty-password"]])
def test_every_form_the_device_has(world, device, options):
    assert device.run("session").returncode == 0
    before = Holder(device)
    sleep_until(world, device, 30)
    done = device.run("renew", "--keep-key")
    assert done.returncode == 1 and "NotEligibleToRenew" in done.stderr
    done = device.run("renew", *options)
    assert done.returncode == 0, done.stderr
    assert device.run("session").returncode == 0
    renewed(world, device, before)


def test_changed_settings_reach_the_device(world, device):
    """In one Atomic, once; from then on the device keeps to them."""
    for _ in range(2):  # what enrolment set is not sent again
        assert "WSTEP" not in device.run("session").stdout
    assert "0 changes" in device.run("session").stdout
    server = world.server
    text = server.conf.read_text().replace("[ca]\n", "[ca]\nrenew_days = 30\nretry_days = 3\n")
    server.conf.write_text(text)
    server.process.send_signal(signal.SIGHUP)
    wait_for(lambda: "reloaded" in server.log.read_text())
    done = device.run("session")
    assert done.returncode == 0 and "2 changes applied" in done.stdout, done.stdout + done.stderr
    node = "./Device/Vendor/MSFT/CertificateStore/MY/WSTEP/Renew/"
    row, _ = certificates(world)
    sent = server.items(f"devices/{row['id']}/commands?origin=setup")
    found = {c["locuri"].removeprefix(node): c["status"] for c in sent if node in c["locuri"]}
    assert found == {"RenewPeriod": 200, "RetryInterval": 200}
    assert "0 changes" in device.run("session").stdout
    before = Holder(device)
    sleep_until(world, device, 31)
    assert "renewed" not in session(device)
    sleep_until(world, device, 29.5)
    assert "renewed: certificate" in session(device)
    renewed(world, device, before)


def reconfigure(server, change):
    assert server.stop() == 0
    server.conf.write_text(change(server.conf.read_text()))
    server.start()


def test_a_new_name_of_the_server_reaches_the_device(world, device):
    """The address where a renewal begins (ServerURL) follows manage_url, by a session at the old
    name, which the server knows for as long as it is told to."""
    for _ in range(2):  # what enrolment set is not sent again
        assert "WSTEP" not in device.run("session").stdout
    server, old = world.server, world.server.manage_url
    new, line = old.replace("127.0.0.1", "localhost"), f"manage_previous_url = {old}\n"
    server.certify("IP:127.0.0.1", "DNS:localhost")
    rename = lambda text: text.replace(f"= {old}\n", f"= {new}\n")
    reconfigure(server, rename)
    assert device.run("session").returncode == 1  # nobody told it of the old name
    reconfigure(server, lambda text: text.replace("[server]\n", f"[server]\n{line}"))
    done = device.run("session")
    assert done.returncode == 0 and "1 changes applied" in done.stdout, done.stdout + done.stderr
    row, _ = certificates(world)
    sent = server.items(f"devices/{row['id']}/commands?origin=setup")
    node = "./Device/Vendor/MSFT/CertificateStore/MY/WSTEP/Renew/ServerURL"
    assert [(c["verb"], c["status"]) for c in sent if c["locuri"] == node] == [("Replace", 200)]
    assert f"{new}/EnrollmentServer/Discovery.svc" in (device.dir / "tree.json").read_text()
    assert "0 changes" in device.run("session").stdout
    # The renewal is answered by the new name alone.
    before = Holder(device)
    sleep_until(world, device, 59)
    reconfigure(server, lambda text: text.replace(line, ""))
    assert device.run("session").returncode == 1
    done = device.run("renew")
    assert done.returncode == 0, done.stderr
    reconfigure(server, lambda text: text.replace("[server]\n", f"[server]\n{line}"))
    assert device.run("session").returncode == 0
    renewed(world, device, before)
    assert world.server.attempts(stage="renewal", outcome="ok")


@pytest.mark.parametrize("lines", ["renew_days = 0", "retry_days = 61", "retry_days = 0",
                                   "renew_days = 365", "certificate_days = 398",
                                   "certificate_days = 60", "certificate_days = 1"])
def test_settings_that_do_not_fit(tmp_path, lines):
    server = Muster(tmp_path).init()
    server.conf.write_text(server.conf.read_text().replace("[ca]\n", f"[ca]\n{lines}\n"))
    done = subprocess.run([MUSTERD, "check", "--config", server.conf], capture_output=True,
                          text=True, timeout=60)
    assert done.returncode == 1 and lines.split(" ")[0].split("_")[-1] in done.stdout + done.stderr


def test_a_shorter_life(world, device):
    """certificate_days counts for what is issued from then on."""
    server = world.server
    session(device)
    server.conf.write_text(server.conf.read_text().replace(
        "[ca]\n", "[ca]\ncertificate_days = 90\nrenew_days = 30\n"))
    server.process.send_signal(signal.SIGHUP)
    wait_for(lambda: "reloaded" in server.log.read_text())
    sleep_until(world, device, 29)
    assert "renewed: certificate" in session(device)
    assert 89 < Holder(device).days_left(world.clock) <= 90
