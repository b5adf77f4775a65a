# SPDX-License-Identifier: Apache-2.0
"""Enrolment when much happens at once, and when the server dies in the middle of it."""

import datetime
import http.client
import random
import threading
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

import pytest

import windows
from tenancy import parallel


DM_DEVICE_ID = "1E08C6E95D8BB843B1278FF45BC60CC6"  # what windows.context says of every device


def enrolled(site, reply, key):
    return windows.Enrolled(site.server, key, windows.provisioning(reply), "System", DM_DEVICE_ID)


def outcomes(replies):
    """How many got a document, and the subcode and ErrorType of each that did not."""
    assert not [r for r in replies if isinstance(r, Exception)], replies
    faults = [windows.Fault(r) for r in replies if r.status != 200]
    return len(replies) - len(faults), sorted((f.subcode, f.error_type) for f in faults)


def test_case8_a_hundred_posts_of_one_request(site):
    tenant = site.tenant()
    token, blob, key = tenant.enroll_token(tenant.new_device()), tenant.blob(), site.key()
    csr = windows.csr_der(key)
    before = tenant.counts()
    replies = parallel([lambda: tenant.post(token, blob, csr=csr)] * 100)
    assert outcomes(replies) == (100, [])
    assert len({enrolled(site, r, key).certificate_der for r in replies}) == 1
    after = tenant.counts()
    assert {t: after[t] - before[t] for t in after} == {
        "devices": 1, "certificates": 1, "commands": 0, "outbox": 1, "audit": 1,
        "enrollments": 100}


def test_case8_one_token_with_many_keys_at_once(site):
    tenant = site.tenant()
    token, blob = tenant.enroll_token(tenant.new_device()), tenant.blob()
    requests = [windows.csr_der(site.key()) for _ in range(6)]
    replies = parallel([lambda c=c: tenant.post(token, blob, csr=c) for c in requests * 5])
    good, faults = outcomes(replies)
    assert good == 5 and set(faults) == {("s:Authorization", None)}
    assert tenant.counts(tables=["devices", "certificates"]) == {"devices": 1, "certificates": 1}
    assert {row["reason"] for row in tenant.attempts(outcome="refused")} == {"token_used"}


def test_case11_one_key_on_two_devices_at_once(site):
    """Also in two tenants: a key is one device's, whoever's it is."""
    for tenants in ([site.tenant()] * 4, [site.tenant() for _ in range(4)]):
        key = site.key()
        csr = windows.csr_der(key)
        wishes = [(t, t.enroll_token(t.new_device()), t.blob()) for t in tenants]
        replies = parallel([lambda w=w: w[0].post(w[1], w[2], csr=csr) for w in wishes])
        assert outcomes(replies) == (1, [("s:CertificateRequest", None)] * 3)
        rows = [row for t in set(tenants) for row in t.certificates()]
        assert [state for _, state, _ in rows] == ["active"]


def test_case9_a_device_enrolled_by_many_at_once_is_one_device(site):
    """Different tokens of two users for one device, new to the server: all are served in some
    order, and what is left is one device with one live certificate."""
    tenant = site.tenant()
    users = [tenant.user, tenant.add_user("bert")]
    entra_id = tenant.new_device()
    wishes = []
    for i in range(8):
        user = users[i % 2]
        wishes.append((tenant.enroll_token(entra_id, user), tenant.blob(user), site.key()))
    for _ in range(3):  # a client that is told to come again does
        replies = parallel([lambda w=w: tenant.post(*w) for w in wishes])
        good, faults = outcomes(replies)
        assert set(faults) <= {("s:EnrollmentServer", None), ("s:Authorization", None)}
        if good:
            break
    rows = tenant.certificates()
    assert len({device for device, state, _ in rows if state != "intended"}) == 1
    assert [state for _, state, _ in rows].count("active") == 1
    row = tenant.device(entra_id)
    live = next(sha for _, state, sha in rows if state == "active")
    usable = [w[2] for w, r in zip(wishes, replies) if r.status == 200]
    devices = [enrolled(site, r, k) for k, r in
               zip(usable, [r for r in replies if r.status == 200])]
    answers = {d.certificate.fingerprint(hashes.SHA256()).hex(): d.post(d.package1()).status
               for d in devices}
    assert answers.pop(live) == 200 and set(answers.values()) <= {403}
    assert row["user_object_id"] in users
    # Whoever was told to come again does, and takes the device.
    again = [w for w, r in zip(wishes, replies) if r.status == 500 and
             windows.Fault(r).subcode == "s:EnrollmentServer"]
    for wish in again:
        assert tenant.post(*wish).status == 200


def test_one_consent_for_many_devices_at_once(site):
    tenant = site.tenant()
    blob = tenant.blob()
    wishes = [(tenant.enroll_token(tenant.new_device()), blob, site.key()) for _ in range(6)]
    replies = parallel([lambda w=w: tenant.post(*w) for w in wishes])
    good, faults = outcomes(replies)
    assert good == 1 and set(faults) == {("s:Authorization", "InvalidEnrollmentData")}
    assert {row["reason"] for row in tenant.attempts(outcome="refused")} == {"terms_used"}
    assert tenant.counts(tables=["devices", "certificates"]) == {"devices": 1, "certificates": 1}


@pytest.mark.parametrize("limit", ["device_limit", "tenant_device_limit"])
def test_the_device_cap_holds_when_many_enrol_at_once(site, limit):
    tenant = site.tenant(**{limit: 3})
    wishes = [(tenant.enroll_token(tenant.new_device()), tenant.blob(), site.key())
              for _ in range(10)]
    replies = parallel([lambda w=w: tenant.post(*w) for w in wishes])
    good, faults = outcomes(replies)
    assert good == 3 and set(faults) == {("s:Authorization", "DeviceCapReached")}
    assert tenant.counts(tables=["devices"])["devices"] == 3
    assert [state for _, state, _ in tenant.certificates()].count("active") == 3


def test_a_certificate_the_store_does_not_know_opens_nothing(site):
    """One that was signed by the real CA but never committed, as a crash may leave behind."""
    tenant = site.tenant()
    device, entra_id = tenant.join()
    directory = site.server.dir
    ca = x509.load_pem_x509_certificate((directory / "device-ca.crt").read_bytes())
    ca_key = serialization.load_pem_private_key((directory / "device-ca.key").read_bytes(), None)
    key, now = site.key(), datetime.datetime.utcnow()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, tenant.device(entra_id)["id"])])
    usage = x509.KeyUsage(True, False, True, False, False, False, False, False, False)
    made = (x509.CertificateBuilder().subject_name(name).issuer_name(ca.subject)
            .public_key(key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(minutes=5))
            .not_valid_after(now + datetime.timedelta(days=300))
            .add_extension(x509.BasicConstraints(False, None), True)
            .add_extension(usage, True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), False)
            .sign(ca_key, hashes.SHA256()))
    before = tenant.counts()
    device.key, device.certificate = key, made
    assert device.post(device.package1()).status == 403
    assert tenant.counts() == before


class Client(threading.Thread):
    """Enrols its devices one after the other; each request again and again until it is answered,
    as Windows does."""

    def __init__(self, tenant, wishes, deadline):
        super().__init__()
        self.tenant, self.wishes, self.deadline = tenant, wishes, deadline
        self.got, self.tries, self.trouble = {}, 0, []  # tries: of all its requests together

    def run(self):
        for entra_id, token, blob, key, csr in self.wishes:
            while time.monotonic() < self.deadline:
                self.tries += 1
                try:
                    reply = self.tenant.post(token, blob, csr=csr)
                except (OSError, http.client.HTTPException):
                    time.sleep(0.02)
                    continue
                if reply.status == 200:
                    self.got[entra_id] = enrolled(self.tenant.site, reply, key)
                    break
                self.trouble.append(reply.body)
                time.sleep(0.05)


def test_case25_killed_at_any_moment_nothing_is_lost_or_doubled(site):
    tenant = site.tenant(device_limit=1000)
    wishes = []
    for _ in range(24):
        entra_id, key = tenant.new_device(), site.key()
        wishes.append((entra_id, tenant.enroll_token(entra_id), tenant.blob(), key,
                       windows.csr_der(key)))
    got, repeated, chance = {}, 0, random.Random(25)
    for wave in range(4):
        clients = [Client(tenant, [wishes[i]], time.monotonic() + 60)
                   for i in range(wave * 6, wave * 6 + 6)]
        for client in clients:
            client.start()
        time.sleep(chance.uniform(0.0, 0.05))
        site.server.kill()
        site.server.start()
        for client in clients:
            client.join()
            assert not client.trouble, client.trouble[:1]
            got.update(client.got)
            repeated += client.tries > 1
    assert len(got) == len(wishes)
    assert repeated > 0  # the server was killed under some of them
    # The store knows each certificate a client holds, as the one live certificate of its device.
    rows = tenant.certificates()
    live = {sha: device for device, state, sha in rows if state == "active"}
    assert len(live) == len(set(live.values())) == len(wishes)
    held = {d.certificate.fingerprint(hashes.SHA256()).hex(): e for e, d in got.items()}
    assert set(held) == set(live)
    assert [state for _, state, _ in rows if state != "active"] == []
    for sha, entra_id in held.items():
        assert tenant.device(entra_id)["id"] == live[sha]
    # Asked once more, each gets what it has; and the certificates open their sessions.
    for entra_id, token, blob, key, csr in wishes[::6]:
        again = enrolled(site, tenant.post(token, blob, csr=csr), key)
        assert again.certificate_der == got[entra_id].certificate_der
        assert got[entra_id].post(again.package1()).status == 200
    assert tenant.counts(tables=["devices"])["devices"] == len(wishes)
