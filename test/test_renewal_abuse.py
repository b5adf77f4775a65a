# SPDX-License-Identifier: Apache-2.0
"""Renewals that must be refused, cases 8 and 10 to 12: each with the fault NotEligibleToRenew, its
own reason, and no new row."""

import datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import NameOID

import renewing
import windows
from renewing import ask, renew
from tenancy import attempt_of, refused
from test_renewal import age, aged, serial, states, status, world  # pylint: disable=unused-import

TABLES = ("devices", "certificates", "commands", "outbox", "audit")


def denied(world, reply, reason):
    return refused(reply, "s:CertificateRequest", reason, world.server, "NotEligibleToRenew")


def impostor(key, subject, issuer, number):
    """A certificate that says what another one says, made by whoever holds the key."""
    now = datetime.datetime.utcnow()
    return (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer)
            .public_key(key.public_key()).serial_number(number)
            .not_valid_before(now - datetime.timedelta(1))
            .not_valid_after(now + datetime.timedelta(30)).sign(key, hashes.SHA256()))


def test_case10_messages_that_are_none(world, site, aged):
    device, key = aged(), site.key()
    request = windows.csr_der(key)
    good = renewing.cms(device.certificate, device.key, request)
    before = world.counts(tables=TABLES)
    options = pkcs7.PKCS7Options
    for message in (request, b"", b"\x30\x00", good[:-1], good + b"\0", b"\x30\x80" * 40,
                    b"\x30" * 20000,
                    renewing.cms(device.certificate, device.key, request, None,
                                 options.DetachedSignature),
                    renewing.cms(device.certificate, device.key, good)):
        for public in (False, True):
            reply = ask(device, key, public=public, message=message)
            fault = windows.Fault(reply)
            assert (fault.subcode, fault.error_type) == (
                "s:CertificateRequest", "NotEligibleToRenew")
    # a message in a message is well formed; what is in it is no request
    denied(world, ask(device, key, message=renewing.cms(device.certificate, device.key, good)),
           "csr_malformed")
    assert world.counts(tables=TABLES) == before


def test_case10_the_type_must_be_pkcs7(world, site, aged):
    device, key = aged(), site.key()
    for value_type in ("http://schemas.microsoft.com/windows/pki/2009/01/enrollment#PKCS10",
                       renewing.PKCS7_MDE + "x", ""):
        denied(world, ask(device, key, value_type=value_type), "renew_malformed")
    denied(world, ask(device, key, layers=3), "renew_malformed")


def test_case12_signed_by_another(world, site, aged):
    device, other, key = aged(), aged(), site.key()
    request = windows.csr_der(key)
    stranger = site.key()
    twin = impostor(stranger, device.certificate.subject, device.certificate.issuer,
                    device.certificate.serial_number)
    unknown = impostor(stranger, device.certificate.subject, device.certificate.issuer, 4711)
    renamed = impostor(stranger, device.certificate.subject,
                       x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "another CA")]),
                       device.certificate.serial_number)
    before = world.counts(tables=TABLES)
    for public in (False, True):
        for certificate, reason in ((twin, "renew_signature"), (renamed, "renew_signature"),
                                    (unknown, "renew_unknown_certificate")):
            message = renewing.cms(certificate, stranger, request)
            row = denied(world, ask(device, key, public=public, message=message), reason)
            # nothing was proved: it is nobody's attempt
            assert (row["tenant_id"], row["device_id"]) == ("", "")
    # the signature of one device over the connection of another
    message = renewing.cms(other.certificate, other.key, request)
    row = denied(world, ask(device, key, message=message, device_id=other.dm_device_id),
                 "renew_tls_mismatch")
    assert row["tenant_id"] == world.tenant
    assert world.counts(tables=TABLES) == before


def test_case12_the_name_of_another_device(world, site, aged):
    device, other = aged(), aged()
    for public in (False, True):
        denied(world, ask(device, site.key(), public=public, device_id=other.dm_device_id),
               "renew_other_device")
    # in another case it is the same, and it need not be said
    key = site.key()
    renew(device, key, device_id=device.dm_device_id.lower())
    message = renewing.cms(device.certificate, device.key, windows.csr_der(key))
    assert renewing.post(world.server, message, public=True,
                         context=world.server.tls()).status == 200


def test_case12_a_changed_message(world, site, aged):
    device, key = aged(), site.key()
    message = renewing.cms(device.certificate, device.key, windows.csr_der(key))
    before = world.counts(tables=TABLES)
    for at in range(30, len(message), 61):
        changed = message[:at] + bytes([message[at] ^ 0x20]) + message[at + 1:]
        reply = ask(device, key, public=True, message=changed)
        if reply.status == 200:  # the certificates in it are not looked at
            assert device.certificate.public_bytes(serialization.Encoding.DER) not in changed
            continue
        fault = windows.Fault(reply)
        assert fault.error_type == "NotEligibleToRenew", (at, fault.text)
    after = world.counts(tables=TABLES)
    assert after["devices"] == before["devices"]
    assert after["certificates"] <= before["certificates"] + 1


@pytest.mark.parametrize("way, reason", [
    ("superseded", "renew_superseded"), ("retired", "renew_device_retired"),
    ("revoked", "renew_revoked"), ("expired", "renew_expired"),
    ("not yet", "renew_expired"), ("tenant", "renew_tenant")])
def test_case12_a_certificate_that_is_no_longer_good(world, site, way, reason):
    device, entra_id = world.join()
    identity = world.device(entra_id)["id"]
    age(world, site, device)
    where = f"WHERE serial = '{serial(device)}'"
    if way == "superseded":
        world.join(device=entra_id)
    elif way == "retired":
        world.server.api("POST", f"devices/{identity}/retire", {"force": True})
    elif way == "revoked":
        site.execute(f"UPDATE certificates SET state = 'revoked' {where}")
    elif way == "expired":
        age(world, site, device, 60)
    elif way == "not yet":
        age(world, site, device, -400)
    else:
        world.set(enabled=False)
    before = world.counts(tables=TABLES)
    row = denied(world, ask(device, site.key(), public=True), reason)
    denied(world, ask(device, site.key()), reason)
    assert row["device_id"] == identity and row["stage"] == "renewal"
    assert row["error_code"] == "0x80180016"
    if way in ("expired", "retired", "revoked"):
        assert "nrol" in row["remedy"]
    assert world.counts(tables=TABLES) == before


def test_case11_keys(world, site, aged):
    device = aged()
    _, other_key = None, site.key()
    enrolled, _ = world.join(key=other_key)
    weak = rsa.generate_private_key(65537, 1024)
    curve = ec.generate_private_key(ec.SECP256R1())
    before = world.counts(tables=TABLES)
    cases = [(device.key, "renew_key_same"), (enrolled.key, "renew_key_known"),
             (weak, "csr_key_size"), (curve, "csr_key_type")]
    for key, reason in cases:
        for public in (False, True):
            row = denied(world, ask(device, key, public=public), reason)
            assert row["device_id"]
    # a request that is not signed by its own key
    request = bytearray(windows.csr_der(site.key()))
    request[-1] ^= 1
    message = renewing.cms(device.certificate, device.key, bytes(request))
    denied(world, ask(device, site.key(), message=message), "csr_no_proof_of_possession")
    assert world.counts(tables=TABLES) == before


def test_case11_a_key_the_device_had_before(world, site, aged):
    device = aged()
    first_key = device.key
    made = renew(device, site.key())
    assert status(made) == 200
    age(world, site, made)
    denied(world, ask(made, first_key), "renew_key_known")


def test_case8_replays(world, site, aged):
    device, key = aged(), site.key()
    message = renewing.cms(device.certificate, device.key, windows.csr_der(key))
    first = renewing.Renewed(device, key, ask(device, key, message=message))
    second = renew(device, site.key())
    # another one took its place
    denied(world, ask(device, key, public=True, message=message), "renew_replayed")
    assert status(second) == 200
    denied(world, ask(device, key, public=True, message=message), "renew_superseded")
    denied(world, ask(device, key, message=message), "renew_superseded")
    assert status(first, "2") == 403
    assert states(site, device) == ["superseded", "superseded", "active"]


def test_case8_a_young_certificate_is_not_renewed_unasked(world, site):
    """Whoever steals a key on the first day shall not make certificates as fast as it can."""
    device, _ = world.join()
    denied(world, ask(device, site.key()), "renew_too_early")
    age(world, site, device, 37)
    renew(device, site.key())


def test_a_password_proves_nothing(world, site):
    """The security header of a renewal is not looked at, whatever it says."""
    device, entra_id = world.join()
    age(world, site, device)
    for security in (windows.username_security(f"anna@{world.domain}", "secret"),
                     windows.jwt_security(world.enroll_token(entra_id)), ""):
        reply = ask(device, site.key(), public=True, security=security,
                    message=windows.csr_der(site.key()))
        denied(world, reply, "renew_malformed")


def test_recovery_is_not_offered(world, site):
    reply = world.post(None, None, security="", request_type="Recovery")
    fault = windows.Fault(reply)
    assert (fault.subcode, fault.error_type) == ("s:CertificateRequest", "NotSupported")
    assert attempt_of(world.server, fault.trace_id)["reason"] == "request_type"
