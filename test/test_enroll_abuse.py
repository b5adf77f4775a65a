# SPDX-License-Identifier: Apache-2.0
"""What must not enrol: bent consents, certificate requests, keys, envelopes and credentials. After
each the store has the attempt and nothing else, and nobody learns why from the answer."""

import base64
import hashlib
import os
import re
import time
import urllib.parse
import uuid

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

import windows
from muster import Muster
from tenancy import attempt_of, newest_attempt, refused

KEPT = ("devices", "certificates", "commands", "outbox", "audit")


@pytest.fixture
def unchanged(site):
    """Call with a tenant: at the end of the test it has what it has now, attempts aside."""
    before = []

    def watch(tenant):
        before.append((tenant, tenant.counts(tables=KEPT)))
        return tenant

    yield watch
    for tenant, counts in before:
        assert tenant.counts(tables=KEPT) == counts


# The consent in EnrollmentData (entra.md 4.6)

def refused_blob(tenant, reply, reason):
    row = refused(reply, "s:Authorization", reason, tenant.server, "InvalidEnrollmentData")
    assert row["error_code"] == "0x80180019" and row["tenant_id"] == tenant.tenant
    return row


def test_a_missing_consent(site, unchanged):
    tenant = unchanged(site.tenant())
    token, csr = tenant.enroll_token(tenant.new_device()), windows.csr_der(site.key())
    for blob in (None, "", "null"):
        refused_blob(tenant, tenant.post(token, blob, csr=csr), "terms_missing")


def test_a_consent_that_was_changed_or_never_ours(site, unchanged):
    tenant = site.tenant()
    blob = tenant.blob()
    state = windows.terms_state(windows.terms_get(site.server, tenant.terms_token()))
    unchanged(tenant)
    token, csr = tenant.enroll_token(tenant.new_device()), windows.csr_der(site.key())
    flip = {i: blob[:i] + ("A" if blob[i] != "A" else "B") + blob[i + 1:]
            for i in (0, 10, len(blob) // 2, len(blob) - 2)}
    for bad in [*flip.values(), state, blob[:-4], blob + "AAAA", blob + blob, "A" * 1025, "A" * 9000,
                base64.b64encode(b'{"t":"x"}').decode(), "\u00e9", blob[::-1]]:
        refused_blob(tenant, tenant.post(token, bad, csr=csr), "terms_forged")


def test_a_consent_of_somebody_else(site, unchanged):
    """Another user of the tenant, and a user of another tenant."""
    tenant = site.tenant()
    blob = tenant.blob(user=tenant.add_user("bert"))
    unchanged(tenant)
    token = tenant.enroll_token(tenant.new_device())
    csr = windows.csr_der(site.key())
    refused_blob(tenant, tenant.post(token, blob, csr=csr), "terms_user")
    other = site.tenant()
    refused_blob(tenant, tenant.post(token, other.blob(), csr=csr), "terms_user")


def test_a_consent_of_the_same_object_id_in_another_tenant(site, unchanged):
    tenant, other = site.tenant(), site.tenant()
    blob = windows.accept_terms(site.server, other.terms_token(
        overrides={"oid": tenant.user, "sub": "x"}))
    unchanged(tenant)
    refused_blob(tenant, tenant.post(tenant.enroll_token(tenant.new_device()), blob), "terms_user")


def test_a_consent_for_the_other_kind_of_device(site, unchanged):
    tenant = site.tenant()
    organization, personal = tenant.blob(kind="Device"), tenant.blob(kind="Full")
    unchanged(tenant)
    token, csr = tenant.enroll_token(tenant.new_device()), windows.csr_der(site.key())
    for blob, kind in ((personal, "Device"), (organization, "Full")):
        refused_blob(tenant, tenant.post(token, blob, kind=kind, csr=csr), "terms_mode")


def test_a_consent_of_another_server(site, unchanged, tmp_path):
    """Sealed with another master key, for the same tenant and user."""
    tenant = site.tenant()
    here, other = tenant.server, Muster(tmp_path, None, site.entra).init().start()
    try:
        tenant.server = other
        tenant.add_tenant(domain=tenant.domain)
        blob = tenant.blob()
    finally:
        tenant.server = here
        other.stop()
    unchanged(tenant)
    refused_blob(tenant, tenant.post(tenant.enroll_token(tenant.new_device()), blob),
                 "terms_forged")


def test_a_consent_is_good_for_one_enrolment(site):
    """Also where the button was pressed twice: both answers come from one page."""
    tenant = site.tenant()
    state = windows.terms_state(windows.terms_get(site.server, tenant.terms_token()))
    blobs = [windows.redirect_query(windows.terms_post(site.server, state, "accept"))["OpaqueBlob"]
             for _ in range(2)]
    token, key = tenant.enroll_token(tenant.new_device()), site.key()
    assert tenant.post(token, blobs[0], key).status == 200
    assert tenant.post(token, blobs[1], key).status == 200  # the same request once more
    before = tenant.counts(tables=KEPT)
    for blob in blobs:
        refused_blob(tenant, tenant.post(tenant.enroll_token(tenant.new_device()), blob),
                     "terms_used")
    assert tenant.counts(tables=KEPT) == before
    # A request that is refused does not use it up.
    blob, token = tenant.blob(), tenant.enroll_token(tenant.new_device())
    refused(tenant.post(token, blob, key), "s:CertificateRequest", "key_in_use", site.server)
    assert tenant.post(token, blob).status == 200


# Case 8: the same token again

def test_case8_the_same_token_with_another_key(site, unchanged):
    tenant = site.tenant()
    blob, token = tenant.blob(), tenant.enroll_token(tenant.new_device())
    first = tenant.post(token, blob, site.key())
    assert first.status == 200
    newer = tenant.blob()
    unchanged(tenant)
    for fresh in (blob, newer):
        reply = tenant.post(token, fresh, site.key())
        row = refused(reply, "s:Authorization", "token_used", site.server)
        assert "stolen" in row["remedy"]


def test_case8_a_token_whose_device_was_enrolled_anew(site, unchanged):
    """An old request that comes late does not bring its certificate back."""
    tenant = site.tenant()
    blob, entra_id, key = tenant.blob(), tenant.new_device(), site.key()
    token = tenant.enroll_token(entra_id)
    old = windows.enroll(site.server, token, blob, key=key)
    tenant.join(device=entra_id)
    unchanged(tenant)
    refused(tenant.post(token, blob, key), "s:Authorization", "token_used", site.server)
    assert old.post(old.package1()).status == 403


# Case 9: somebody else's device

def test_case9_a_device_is_what_the_token_says(site):
    tenant = site.tenant()
    victim, victim_id = tenant.join()
    victim_row = tenant.device(victim_id)
    reported_at = victim_row.pop("compliance_reported_at")
    attacker = tenant.add_user("mallory")
    own = tenant.new_device()
    enrolled, _ = tenant.join(user=attacker, device=own, dm_device_id=victim.dm_device_id,
                              name=victim_row["name"])
    row = tenant.device(own)
    assert row["id"] != victim_row["id"] and row["user_object_id"] == attacker
    victim_now = tenant.device(victim_id)
    # Graph may be told of the victim's own enrolment at any time.
    assert victim_now.pop("compliance_reported_at") or not reported_at
    assert victim_now == victim_row
    windows.run_session(victim)
    windows.run_session(enrolled)
    assert tenant.device(victim_id)["user_object_id"] == tenant.user
    # Claiming the Entra id where the client may write anything changes nothing either.
    second = tenant.new_device()
    assert tenant.post(tenant.enroll_token(second, attacker), tenant.blob(attacker),
                       DeviceID=victim_id, HWDevID=victim_id.replace("-", ""),
                       EmmDeviceId=victim_row["id"]).status == 200
    assert tenant.device(victim_id)["id"] == victim_row["id"]
    assert tenant.device(second)["id"] not in (row["id"], victim_row["id"])


def test_case9_another_user_takes_a_device_over_with_a_trace(site):
    tenant = site.tenant()
    _, entra_id = tenant.join()
    other = tenant.add_user("bert")
    tenant.join(user=other, device=entra_id)
    row = tenant.device(entra_id)
    entry = site.server.items(f"audit?object_id={row['id']}&action=device.enroll_again")[0]
    assert entry["actor"] == f"user:{other}"
    assert entry["detail"]["previous_user_key"] == tenant.user
    assert entry["detail"]["superseded"] is True


# Cases 10 and 11: the certificate request

def der(tag, *parts):
    body = b"".join(parts)
    if len(body) < 128:
        return bytes([tag, len(body)]) + body
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + body


def der_int(value):
    return der(2, value.to_bytes(value.bit_length() // 8 + 1, "big"))


RSA_OID = bytes.fromhex("06092a864886f70d010101")
SHA256_RSA = bytes.fromhex("06092a864886f70d01010b0500")
SUBJECT = der(0x30, der(0x31, der(0x30, bytes.fromhex("0603550403"), der(0x13, b"x!\0"))))


def rsa_spki(modulus, exponent=65537):
    numbers = der(0x30, der_int(modulus), der_int(exponent))
    return der(0x30, der(0x30, RSA_OID, b"\5\0"), der(3, b"\0", numbers))


def raw_csr(spki, sign=None, subject=SUBJECT, attributes=b"", algorithm=SHA256_RSA, size=256):
    """A request around any key; without a signer the signature is noise of that size."""
    info = der(0x30, b"\2\1\0", subject, spki, der(0xA0, attributes))
    signature = sign(info) if sign else os.urandom(size)
    return der(0x30, info, der(0x30, algorithm), der(3, b"\0", signature))


def signed_csr(key, **parts):
    spki = key.public_key().public_bytes(serialization.Encoding.DER,
                                         serialization.PublicFormat.SubjectPublicKeyInfo)
    return raw_csr(spki, lambda info: key.sign(info, padding.PKCS1v15(), hashes.SHA256()), **parts)


def greedy_csr(key):
    """Asks for everything a device must not get."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "admin"),
                      x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Domain Admins")])
    builder = x509.CertificateSigningRequestBuilder().subject_name(name)
    extensions = [
        x509.BasicConstraints(True, None),
        x509.KeyUsage(True, True, True, True, True, True, True, False, False),
        x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CODE_SIGNING,
                               ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
                               x509.ObjectIdentifier("1.3.6.1.4.1.311.20.2.2")]),
        x509.SubjectAlternativeName([
            x509.DNSName("mdm.contoso.com"),
            x509.OtherName(x509.ObjectIdentifier("1.3.6.1.4.1.311.20.2.3"), b"\x0c\x05admin")]),
        *[x509.UnrecognizedExtension(x509.ObjectIdentifier(oid), b"\x04\x01x") for oid in
          ("1.2.840.113556.5.4", "1.2.840.113556.5.14", "1.3.6.1.4.1.311.25.2",
           "1.3.6.1.4.1.311.66.1.0")]]
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    builder = builder.add_attribute(x509.ObjectIdentifier("1.2.840.113549.1.9.7"), b"challenge")
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def test_case10_only_the_key_comes_from_the_request(site):
    tenant = site.tenant()
    attribute = der(0x30, bytes.fromhex("06032a0304"), der(0x31, b"\2\1\0"))
    name_4k = der(0x30, der(0x31, der(0x30, bytes.fromhex("0603550403"), der(0x0C, b"A" * 4096))))
    templates = []
    for make in (windows.csr_der, greedy_csr, signed_csr,
                 lambda key: signed_csr(key, attributes=attribute * 1000),
                 lambda key: signed_csr(key, subject=name_4k),
                 lambda key: signed_csr(key, subject=der(0x30))):
        key, entra_id = site.key(), tenant.new_device()
        reply = tenant.post(tenant.enroll_token(entra_id), tenant.blob(), csr=make(key))
        device = windows.Enrolled(site.server, key, windows.provisioning(reply), "System", "1E" * 16)
        certificate, row = device.certificate, tenant.device(entra_id)
        assert certificate.subject.rfc4514_string() == f"CN={row['id']}"
        # All bytes but those that are this device's own: the same for everybody.
        own = [certificate.public_key().public_bytes(
                   serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo),
               row["id"].encode(), certificate.extensions.get_extension_for_class(
                   x509.SubjectKeyIdentifier).value.digest,
               certificate.serial_number.to_bytes(
                   (certificate.serial_number.bit_length() + 8) // 8, "big")]
        body = certificate.tbs_certificate_bytes
        for part in own:
            assert part in body
            body = body.replace(part, b"*")
        body = re.sub(rb"\d{12}Z", b"time", body)
        templates.append(body[6:])  # without the two lengths in front
    assert len(set(templates)) == 1


def test_case10_too_large_a_request(site, unchanged):
    tenant = site.tenant()
    blob = tenant.blob()
    unchanged(tenant)
    name = der(0x30, der(0x31, der(0x30, bytes.fromhex("0603550403"), der(0x0C, b"A" * 65536))))
    reply = tenant.post(tenant.enroll_token(tenant.new_device()), blob,
                        csr=signed_csr(site.key(), subject=name))
    assert windows.Fault(reply).subcode == "s:CertificateRequest"


def bad_requests(site):
    """name: (request, reason)"""
    good = site.key()
    csr = windows.csr_der(good)
    numbers = good.public_key().public_numbers()
    prime = 0xFFFFFFFFFFFFFFC5 << 1984 | 1 << 1000 | 1  # odd, 2048 bits; whatever it is, not signed
    curve = ec.generate_private_key(ec.SECP256R1())
    edwards = ed25519.Ed25519PrivateKey.generate()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")])
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
    pem = serialization.Encoding.DER
    last = bytes([csr[-1] ^ 1])
    return {
        "1024 bits": (windows.csr_der(windows.new_key(1024)), "csr_key_size"),
        "2047 bits": (raw_csr(rsa_spki(numbers.n >> 1 | 1)), "csr_key_size"),
        "16384 bits": (raw_csr(rsa_spki(1 << 16383 | 1), size=2048), "csr_key_size"),
        "exponent 1": (raw_csr(rsa_spki(numbers.n, 1)), "csr_key_exponent"),
        "exponent 3": (raw_csr(rsa_spki(numbers.n, 3)), "csr_key_exponent"),
        "even exponent": (raw_csr(rsa_spki(numbers.n, 65538)), "csr_key_exponent"),
        "small factor": (raw_csr(rsa_spki(numbers.n // 15 * 15 | 1 << 2047)), None),
        "not its key": (raw_csr(rsa_spki(prime)), None),
        "P-256": (builder.sign(curve, hashes.SHA256()).public_bytes(pem), "csr_key_type"),
        "Ed25519": (builder.sign(edwards, None).public_bytes(pem), "csr_key_type"),
        "no proof": (csr[:-1] + last, "csr_no_proof_of_possession"),
        "another's proof": (raw_csr(rsa_spki(numbers.n), lambda info: site.key().sign(
            info, padding.PKCS1v15(), hashes.SHA256())), "csr_no_proof_of_possession"),
        "SHA-1 named SHA-256": (raw_csr(rsa_spki(numbers.n), lambda info: good.sign(
            info, padding.PKCS1v15(), hashes.SHA1())), "csr_no_proof_of_possession"),
        "MD5": (raw_csr(rsa_spki(numbers.n), algorithm=bytes.fromhex("06092a864886f70d0101040500")),
                "csr_signature_algorithm"),
        "trailing bytes": (csr + b"\0", "csr_trailing_bytes"),
        "half": (csr[:len(csr) // 2], "csr_malformed"),
        "indefinite length": (b"\x30\x80" + csr[4:] + b"\0\0", "csr_malformed"),
        "a certificate": (x509.load_pem_x509_certificate(
            (site.server.dir / "device-ca.crt").read_bytes()).public_bytes(pem), "csr_malformed"),
        "nothing": (b"", "csr_malformed"),
        "text": (b"hello world", "csr_malformed"),
    }


def test_case11_keys_and_proofs_that_are_not_good(site, unchanged):
    tenant = site.tenant()
    blob = tenant.blob()
    unchanged(tenant)
    token = tenant.enroll_token(tenant.new_device())
    for name, (csr, reason) in bad_requests(site).items():
        reply = tenant.post(token, blob, csr=csr)
        fault = windows.Fault(reply)
        assert fault.subcode == "s:CertificateRequest", name
        row = attempt_of(site.server, fault.trace_id)
        assert row["reason"].startswith("csr_") and row["remedy"], (name, row)
        assert reason is None or row["reason"] == reason, (name, row)
        assert row["error_code"] == "0x80180004" and row["reason"] not in fault.text


def test_case11_a_huge_key_costs_nothing(site):
    tenant = site.tenant()
    token, blob = tenant.enroll_token(tenant.new_device()), tenant.blob()
    huge = raw_csr(rsa_spki(1 << 16383 | 1), size=2048)
    tenant.post(token, blob, csr=huge)
    took = []
    for _ in range(5):
        start = time.monotonic()
        tenant.post(token, blob, csr=huge)
        took.append(time.monotonic() - start)
    assert min(took) < 0.5  # a verification would be far above, whatever the machine


def test_case11_the_key_of_another_device(site, unchanged):
    tenant, other = site.tenant(), site.tenant()
    key = site.key()
    tenant.join(key=key)
    blob, foreign = tenant.blob(), other.blob()
    unchanged(tenant)
    unchanged(other)
    row = refused(tenant.post(tenant.enroll_token(tenant.new_device()), blob, key),
                  "s:CertificateRequest", "key_in_use", site.server)
    assert "image" in row["remedy"]
    refused(other.post(other.enroll_token(other.new_device()), foreign, key),
            "s:CertificateRequest", "key_in_use", site.server)


def test_case11_a_device_may_keep_its_own_key(site):
    tenant = site.tenant()
    key = site.key()
    _, entra_id = tenant.join(key=key)
    again, _ = tenant.join(key=key, device=entra_id)
    windows.run_session(again)


def test_sha1_proves_possession_and_never_gets_into_the_certificate(site):
    """What a client without a policy does, and Windows 10 at that."""
    tenant = site.tenant()
    key = site.key()
    entra_id = tenant.new_device()
    spki = key.public_key().public_bytes(serialization.Encoding.DER,
                                         serialization.PublicFormat.SubjectPublicKeyInfo)
    csr = raw_csr(spki, lambda info: key.sign(info, padding.PKCS1v15(), hashes.SHA1()),
                  algorithm=bytes.fromhex("06052b0e03021d0500"))
    reply = tenant.post(tenant.enroll_token(entra_id), tenant.blob(), csr=csr)
    device = windows.Enrolled(site.server, key, windows.provisioning(reply), "System", "1E" * 16)
    assert device.certificate.signature_hash_algorithm.name == "sha256"
    entry = site.server.items(f"audit?object_id={tenant.device(entra_id)['id']}")[0]
    assert entry["detail"]["csr_sha1"] is True


# The credential in the header

def test_credentials_that_are_none_or_of_the_wrong_kind(site, unchanged):
    tenant = site.tenant()
    blob, token = tenant.blob(), tenant.enroll_token(tenant.new_device())
    csr = windows.csr_der(site.key())
    unchanged(tenant)
    jwt = windows.jwt_security(token)
    kind = "urn:ietf:params:oauth:token-type:jwt"
    device_token = ("http://schemas.microsoft.com/5.0.0.0/ConfigurationManager/Enrollment/"
                    "DeviceEnrollmentUserToken")
    inner = re.search("<wsse:BinarySecurityToken.*</wsse:BinarySecurityToken>", jwt).group(0)
    cases = {
        "": ("a:InvalidSecurity", "security_missing"),
        '<wsse:Security s:mustUnderstand="1"/>': ("a:InvalidSecurity", "security_missing"),
        jwt.replace(kind, device_token): ("s:Authentication", "device_token_forged"),
        jwt.replace(kind, "urn:x"): ("a:InvalidSecurity", "security_malformed"),
        jwt.replace(f'ValueType="{kind}"', ""): ("a:InvalidSecurity", "security_malformed"),
        jwt.replace("#base64binary", "#hex"): ("a:InvalidSecurity", "security_malformed"),
        jwt + jwt: ("a:InvalidSecurity", "security_malformed"),
        jwt.replace(inner, inner + inner): ("a:InvalidSecurity", "security_malformed"),
        jwt.replace(inner, inner + windows.username_security("a", "b")[36:-16]):
            ("a:InvalidSecurity", "security_malformed"),
        windows.jwt_security("\0" * 20): ("a:InvalidSecurity", "security_malformed"),
        windows.jwt_security("A" * 17000): ("a:InvalidSecurity", "security_malformed"),
        jwt.replace(inner, f'<wsse:BinarySecurityToken ValueType="{kind}">!</wsse:Binary'
                           "SecurityToken>"): ("a:InvalidSecurity", "security_malformed"),
    }
    for security, (subcode, reason) in cases.items():
        reply = tenant.post(token, blob, csr=csr, security=security)
        row = refused(reply, subcode, reason, site.server)
        assert row["tenant_id"] == "" and row["stage"] == "request"


def test_what_a_device_must_say_of_itself(site, unchanged):
    tenant = site.tenant()
    blob, token = tenant.blob(), tenant.enroll_token(tenant.new_device())
    csr = windows.csr_der(site.key())
    unchanged(tenant)
    for items, reason in (({"EnrollmentType": None}, "context_enrollment_type"),
                          ({"EnrollmentType": "device"}, "context_enrollment_type"),
                          ({"EnrollmentType": "Lite"}, "context_enrollment_type"),
                          ({"DeviceID": None}, "context_device_id"),
                          ({"DeviceID": " "}, "context_device_id"),
                          ({"DeviceID": "A" * 129}, "context_device_id"),
                          ({"DeviceID": "a\u0009b"}, "context_device_id"),
                          ({"DeviceID": "\u00e9"}, "context_device_id")):
        refused(tenant.post(token, blob, csr=csr, **items), "s:MessageFormat", reason, site.server)
    twice = windows.context(blob) + [("DeviceID", "2" * 32)]
    reply = windows.request_token(site.server, windows.jwt_security(token), csr, twice)
    refused(reply, "s:MessageFormat", "message_malformed", site.server)
    many = windows.context(blob) + [(f"X{i}", "1") for i in range(200)]
    reply = windows.request_token(site.server, windows.jwt_security(token), csr, many)
    refused(reply, "s:MessageFormat", "message_malformed", site.server)


# Cases 15 and 16: the envelope and the request around it

SERVICES = {
    "Discovery": "http://schemas.microsoft.com/windows/management/2012/01/enrollment/"
                 "IDiscoveryService/Discover",
    "Policy": "http://schemas.microsoft.com/windows/pki/2009/01/enrollmentpolicy/IPolicy/"
              "GetPolicies",
    "Enrollment": "http://schemas.microsoft.com/windows/pki/2009/01/enrollment/RST/wstep",
}


def post(site, service, body, kind="application/soap+xml; charset=utf-8", **headers):
    return windows.send(f"{site.server.public_url}/EnrollmentServer/{service}.svc", "POST", body,
                        {"Content-Type": kind, **headers} if kind else headers, site.server.tls())


@pytest.mark.parametrize("service", SERVICES)
def test_case15_xml_that_attacks_the_reader(site, service):
    secret = site.server.dir / "admin.token"
    good = windows.ENVELOPE.format(action=SERVICES[service], to="x", security="", body="<x/>")
    laughs = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10))
    bombs = {
        "doctype": "<!DOCTYPE x>" + good,
        "external": f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{secret}">]>' +
                    good.replace("<x/>", "<x>&e;</x>"),
        "parameter": '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">' + good,
        "laughs": f'<!DOCTYPE x [<!ENTITY a0 "ha">{laughs}]>' + good.replace("<x/>", "<x>&a9;</x>"),
        "depth": good.replace("<x/>", "<x>" * 5000 + "</x>" * 5000),
        "attributes": good.replace("<x/>", "<x " + " ".join(f'a{i}=""' for i in range(500)) + "/>"),
        "elements": good.replace("<x/>", "<x>" + "<y/>" * 5000 + "</x>"),
        "namespaces": good.replace("<x/>", "<x " + " ".join(
            f'xmlns:n{i}="u{i}"' for i in range(80)) + ">" + "".join(
            f"<n{i}:y/>" for i in range(80)) + "</x>"),
        "text": good.replace("<x/>", "<x>" + "a" * 140000 + "</x>"),
        "nul": good.replace("<x/>", "<x>\0</x>"),
        "overlong": good.encode().replace(b"<x/>", b"<x>\xc0\xbc</x>"),
        "utf-16": good.encode("utf-16"),
        "utf-7": '<?xml version="1.0" encoding="UTF-7"?>' + good,
        "unclosed": good[:-3],
        "two roots": good + good,
        "undeclared": good.replace("<x/>", "<zz:x/>"),
    }
    for name, body in bombs.items():
        start = time.monotonic()
        reply = post(site, service, body)
        assert reply.status == 400, (name, reply.status)
        assert b"MessageFormat" in reply.body and len(reply.body) < 4000, name
        assert secret.read_bytes().strip() not in reply.body and b"hahaha" not in reply.body
        assert time.monotonic() - start < 5, name
        row = newest_attempt(site.server, reason="message_malformed")
        assert row["trace_id"].encode() in reply.body and row["stage"] in (
            "discovery", "policy", "request")


@pytest.mark.parametrize("service", SERVICES)
def test_case15_well_formed_and_still_not_the_message(site, service):
    good = windows.ENVELOPE.format(action=SERVICES[service], to="x", security="", body="<x/>")
    other = next(a for s, a in SERVICES.items() if s != service)
    for name, body in {
            "another service's action": good.replace(SERVICES[service], other),
            "no action": good.replace(SERVICES[service], ""),
            "two headers": good.replace("<s:Body>", "<s:Header/><s:Body>"),
            "two bodies": good.replace("</s:Envelope>", "<s:Body/></s:Envelope>"),
            "empty body": good.replace("<x/>", ""),
            "no envelope": "<x/>", "another body": good}.items():
        row = refused(post(site, service, body), "s:MessageFormat", "message_malformed",
                      site.server)
        assert row["tenant_id"] == "", name


def test_case15_what_comes_back_is_escaped(site):
    nasty = "urn:&lt;/a:RelatesTo&gt;&lt;x&gt;\"'"
    body = windows.ENVELOPE.format(action=SERVICES["Discovery"], to="x", security="", body="<x/>")
    reply = post(site, "Discovery", re.sub("urn:uuid:[0-9a-f-]+", nasty, body))
    assert windows.Fault(reply).subcode == "s:MessageFormat"
    assert b"<x>" not in reply.body
    assert reply.xml().findtext(".//{*}RelatesTo") == "urn:</a:RelatesTo><x>\"'"


@pytest.mark.parametrize("service", SERVICES)
def test_case16_other_media_types_and_sizes(site, service):
    good = windows.ENVELOPE.format(action=SERVICES[service], to="x", security="", body="<x/>")
    for kind in (None, "application/json", "text/html", "application/x-www-form-urlencoded"):
        assert post(site, service, good, kind).status == 415, kind
    assert post(site, service, good + " " * 262144).status == 413
    assert post(site, service, good, **{"Content-Encoding": "gzip"}).status == 415
    for method in ("PUT", "DELETE", "PATCH"):
        assert windows.send(f"{site.server.public_url}/EnrollmentServer/{service}.svc", method,
                            context=site.server.tls()).status == 405


@pytest.mark.parametrize("path", [
    "/enrollmentserver/Enrollment.svc", "/EnrollmentServer//Enrollment.svc",
    "/EnrollmentServer/./Enrollment.svc", "/EnrollmentServer/x/../Enrollment.svc",
    "/EnrollmentServer/Enrollment.svc/", "/EnrollmentServer/Enrollment.svc;x",
    "/EnrollmentServer/%45nrollment.svc", "/EnrollmentServer%2fEnrollment.svc",
    "/EnrollmentServer/Renewal.svc", "/EnrollmentServer/"])
def test_paths_are_taken_as_they_are(site, path):
    reply = windows.send(site.server.public_url + path, "POST", "x",
                         {"Content-Type": "application/soap+xml"}, site.server.tls())
    assert reply.status in (400, 404), reply.status


# Nothing leaks (threats 5.4)

def test_no_secret_is_left_in_the_log_or_the_store(site):
    """A canary in every field that holds a secret, in requests that succeed and that do not."""
    tenant = site.tenant()
    tenant.join()
    password = "canary-" + uuid.uuid4().hex
    blob, entra_id, key = tenant.blob(), tenant.new_device(), site.key()
    state = windows.terms_state(windows.terms_get(site.server, tenant.terms_token()))
    terms, good = tenant.terms_token(), tenant.enroll_token(entra_id)
    forged = tenant.enroll_token(entra_id, tamper="signature")
    expired = tenant.enroll_token(entra_id, lifetime=1, overrides={"exp": int(time.time()) - 400,
                                                                  "nbf": int(time.time()) - 900})
    csr = windows.csr_der(key)
    windows.terms_get(site.server, terms)
    windows.terms_get(site.server, expired)
    windows.terms_post(site.server, state[:-5] + "AAAAA", "accept")
    for token in (forged, expired, good):
        windows.get_policies(site.server, windows.jwt_security(token))
        tenant.post(token, blob, csr=csr)
    tenant.post(good, blob)
    tenant.post(good, blob[:-4] + "AAAA", csr=csr)
    tenant.post(None, blob, security=windows.username_security("anna", password))
    windows.get_policies(site.server, windows.username_security("anna", password))
    post(site, "Enrollment", f"<broken>{password}")
    reply = windows.send(f"{site.server.public_url}/EnrollmentServer/Discovery.svc?token={password}",
                         "POST", password, {"Content-Type": "text/plain",
                                            "Authorization": f"Bearer {password}"},
                         site.server.tls())
    assert reply.status == 415
    log = site.server.log.read_text()
    assert "token_signature" in log and "token_used" in log  # the log is alive
    canaries = {"password": password, "client secret": tenant.secret, "blob": blob[20:60],
                "state": state[20:60], "request": base64.b64encode(csr).decode()[40:90],
                "api token": site.server.token}
    for name, token in (("terms", terms), ("good", good), ("forged", forged), ("expired", expired)):
        header, payload, signature = token.split(".")
        canaries.update({f"{name} payload": payload[10:60], f"{name} signature": signature[:40],
                         f"{name} on the wire": base64.b64encode(token.encode()).decode()[60:110]})
    dump = "\n".join("\n".join(map(str, row)) for table in tables(site)
                     for row in site.execute(f"SELECT * FROM {table}"))
    for name, canary in canaries.items():
        for spelling in (canary, urllib.parse.quote(canary, safe="")):
            assert spelling not in log, name
            assert spelling not in dump, name
    assert hashlib.sha256(good.encode()).hexdigest() in dump  # the dump is one


def tables(site):
    if site.store == "sqlite":
        sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    else:
        sql = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    found = [row[0] for row in site.execute(sql)]
    assert "certificates" in found
    return found
