# SPDX-License-Identifier: Apache-2.0
"""Renewal (MS-MDE2 3.6.5): what is granted, in which form, and that the old certificate is good
until the new one was used. Abuse is in test_renewal_abuse.py."""

import datetime
import time

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import pkcs7

import renewing
import windows
from renewing import ask, renew
from tenancy import parallel, refused


@pytest.fixture
def world(site):
    return site.tenant()


@pytest.fixture
def aged(world, site):
    """A function: an enrolled device whose certificate is as old as a renewal wants it."""
    return lambda **fields: age(world, site, world.join(**fields)[0])


def serial(device):
    return f"{device.certificate.serial_number:032x}"


def age(world, site, device, days=310):
    site.execute(f"UPDATE certificates SET not_before = not_before - {days * 86400},"
                 f" not_after = not_after - {days * 86400} WHERE serial = '{serial(device)}'")
    return device


def states(site, device):
    """Of all certificates of the device, oldest first."""
    name = device.certificate.subject.rfc4514_string().removeprefix("CN=")
    return [row[0] for row in site.execute(
        f"SELECT state FROM certificates WHERE device_id = '{name}' ORDER BY id")]


def status(device, session="1"):
    return device.post(device.package1(session)).status


@pytest.mark.parametrize("public", [False, True], ids=["manage", "public"])
@pytest.mark.parametrize("form", ["learn", "mde", "twice", "user name", "attributes", "bare"])
def test_forms_that_are_taken(world, site, aged, public, form):
    device, key = aged(), site.key()
    request = windows.csr_der(key)
    options = {
        "learn": {"value_type": renewing.PKCS7_LEARN},
        "mde": {"value_type": renewing.PKCS7_MDE},
        "twice": {"layers": 2},
        "user name": {"security": windows.username_security("anna@contoso.test", "")},
        "attributes": {"digest": hashes.SHA512()},
        "bare": {"message": renewing.cms(device.certificate, device.key, request, None,
                                         pkcs7.PKCS7Options.NoCerts,
                                         pkcs7.PKCS7Options.NoAttributes)},
    }[form]
    made = renew(device, key, public=public, **options)
    assert made.certificate.public_key().public_numbers() == key.public_key().public_numbers()
    assert made.certificate.subject == device.certificate.subject
    assert made.certificate.issuer == device.certificate.issuer
    assert made.certificate.serial_number != device.certificate.serial_number
    row = world.attempts(stage="renewal")[0]
    assert (row["outcome"], row["reason"]) == ("ok", "")
    assert row["device_id"] and row["user_principal_name"] == f"anna@{world.domain}"


def test_policy_needs_no_user_on_either_listener(world, aged):
    device = aged()
    for security in ("", windows.username_security("anna@contoso.test", "")):
        assert windows.get_policies(world.server, security).status == 200
    for url, context in ((world.server.manage_url, device.tls()),):
        reply = windows.send(f"{url}/EnrollmentServer/Discovery.svc", "GET", context=context)
        assert (reply.status, reply.body) == (200, b"")


def test_the_document(world, site, aged):
    """6.3: only the store and whose account it is; the key container inside the certificate."""
    for kind, store in (("Device", "System"), ("Full", "User")):
        device = aged(kind=kind)
        document = renew(device, site.key(), store=store).document
        assert [c.get("type") for c in document] == ["CertificateStore", "APPLICATION"]
        assert [c.get("type") for c in document[0]] == ["My"]
        mine = document[0][0]
        assert [c.get("type") for c in mine] == [store]
        (thumb,) = list(mine[0])
        assert [(c.tag, c.get("type") or c.get("name")) for c in thumb] == [
            ("parm", "EncodedCertificate"), ("characteristic", "PrivateKeyContainer")]
        assert [(p.get("name"), p.get("value")) for p in document[1]] == [
            ("PROVIDER-ID", "Muster")]


def test_validity_starts_now(world, site, aged):
    made = renew(aged(), site.key()).certificate
    now = datetime.datetime.utcnow()
    assert now - datetime.timedelta(minutes=10) <= made.not_valid_before <= now
    assert datetime.timedelta(364) < made.not_valid_after - now <= datetime.timedelta(365)


def test_the_old_one_is_good_until_the_new_one_is_used(world, site, aged):
    device = aged()
    assert status(device) == 200
    time.sleep(1.1)  # ends are told in whole seconds
    made = renew(device, site.key())
    assert status(device, "2") == 200
    assert states(site, device) == ["active", "active"]
    before = world.server.items(f"devices?tenant_id={world.tenant}")[0]["certificate_not_after"]
    assert status(made, "3") == 200
    assert states(site, device) == ["superseded", "active"]
    assert status(device, "4") == 403
    refused(ask(device, site.key(), public=True), "s:CertificateRequest", "renew_superseded",
            world.server, "NotEligibleToRenew")
    after = world.server.items(f"devices?tenant_id={world.tenant}")[0]["certificate_not_after"]
    assert before < after
    assert status(made, "5") == 200
    (entry,) = world.server.items(f"audit?tenant_id={world.tenant}&action=device.renewed")
    assert entry["outcome"] == "ok"


def test_a_renewal_that_is_never_used_costs_nothing(world, site, aged):
    """The answer was lost; the device comes with the old one, asks again with another key."""
    device = aged()
    first = renew(device, site.key())
    second = renew(device, site.key())
    assert states(site, device) == ["active", "superseded", "active"]
    assert status(first) == 403
    assert status(device) == 200
    assert status(second, "2") == 200
    assert states(site, device) == ["superseded", "superseded", "active"]


def test_the_same_request_gets_the_same_certificate(world, site, aged):
    device, key = aged(), site.key()
    first = renew(device, key)
    again = renew(device, key, public=True)
    assert first.certificate_der == again.certificate_der
    # also signed anew, for it is the key that counts
    assert renew(device, key, digest=hashes.SHA384()).certificate_der == first.certificate_der
    assert states(site, device) == ["active", "active"]
    assert len(world.server.items(f"audit?tenant_id={world.tenant}&action=device.renew")) == 1
    assert len(world.attempts(stage="renewal", outcome="ok")) == 3


def test_case8_a_hundred_at_once_get_one_certificate(world, site, aged):
    device, key = aged(), site.key()
    message = renewing.cms(device.certificate, device.key, windows.csr_der(key))
    replies = parallel([lambda: ask(device, key, message=message)] * 100)
    made = {renewing.Renewed(device, key, reply).certificate_der for reply in replies}
    assert len(made) == 1
    assert states(site, device) == ["active", "active"]
    assert len(world.server.items(f"audit?tenant_id={world.tenant}&action=device.renew")) == 1


def test_enrolling_again_ends_a_renewed_one_too(world, site):
    device, entra_id = world.join()
    age(world, site, device)
    made = renew(device, site.key())
    world.join(device=entra_id)
    assert (status(device), status(made)) == (403, 403)
    for one in (device, made):
        refused(ask(one, site.key(), public=True), "s:CertificateRequest", "renew_superseded",
                world.server, "NotEligibleToRenew")
