# SPDX-License-Identifier: Apache-2.0
"""Messages of real Windows clients, byte for byte, through the real server.

They lie in the folder that MUSTER_CAPTURES names; without it there is nothing to test here. The
captured client enrolled with a name and a password: that works where a tenant takes passwords, and
is answered with the right fault where none does; what else it sent must work when only the
credential is another one.
"""

import base64
import pathlib
import re

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

import windows
from tenancy import Site, refused
from world import FACTS, stores

pytestmark = pytest.mark.skipif(not windows.captures(), reason="MUSTER_CAPTURES is not set")

SOAP = "application/soap+xml; charset=utf-8"
CLIENT = "marcosd4h-mdm_{}.wire-bytes.xml"
FLEET_CSR = "fleet-soap-test_csr.der"
FLEET_RST = "fleet-soap-test_win10-19045_rst-federated.wire-shape.xml"


def captured(name):
    return (pathlib.Path(windows.captures()) / name).read_bytes()


def headers_of(number):
    """The captured request headers but those that belong to another host or connection."""
    name = next(pathlib.Path(windows.captures()).glob(f"marcosd4h-mdm_{number}_*.http-headers.txt"))
    pairs = dict(line.split(": ", 1) for line in name.read_text().splitlines()[1:])
    return {k: v for k, v in pairs.items() if k not in ("Host", "Content-Length")}


def post(site, service, body, headers=None):
    return windows.send(f"{site.server.public_url}/EnrollmentServer/{service}.svc", "POST", body,
                        headers or {"Content-Type": SOAP}, site.server.tls())


def context_value(message, name):
    return re.search(f'Name="{name}"><ac:Value>([^<]*)</ac:Value>', message.decode()).group(1)


def with_token(message, token, blob=None):
    """The message with an Entra token for a credential, and a consent."""
    text = re.sub(r"<wsse:Security.*?</wsse:Security>",
                  lambda _: windows.jwt_security(token), message.decode(), flags=re.S)
    if blob:
        text = text.replace("</ac:AdditionalContext>",
                            '<ac:ContextItem Name="EnrollmentData"><ac:Value>' + blob +
                            "</ac:Value></ac:ContextItem></ac:AdditionalContext>")
    assert "urn:ietf:params:oauth:token-type:jwt" in text
    return text


def public_key(certificate_or_request):
    return certificate_or_request.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def spki_inside(csr, certificate):
    """The certificate's key is the request's, compared as bytes: the request has a subject that
    this library refuses to read."""
    return public_key(certificate) in csr


def test_the_lengths_are_those_of_the_capture():
    for number, name in (("03", "03_req_discovery"), ("05", "05_req_getpolicies"),
                         ("07", "07_req_rst"), ("09", "09_req_syncml"), ("11", "11_req_syncml")):
        headers = next(pathlib.Path(windows.captures()).glob(
            f"marcosd4h-mdm_{number}_*.http-headers.txt")).read_text()
        assert f"Content-Length: {len(captured(CLIENT.format(name)))}\n" in headers


def test_discovery(site):
    probe = windows.send(f"{site.server.public_url}/EnrollmentServer/Discovery.svc", "GET",
                         headers=headers_of("01"), context=site.server.tls())
    assert (probe.status, probe.body) == (200, b"")
    for message, headers in ((captured(CLIENT.format("03_req_discovery")), headers_of("03")),
                             (captured("fleet-soap-test_win-6.2.9200.2965_discovery."
                                       "wire-shape.xml"), None)):
        reply = post(site, "Discovery", message, headers)
        assert reply.status == 200, reply.body
        root = reply.xml()
        assert root.findtext(".//{*}EnrollmentVersion") == "4.0"
        assert root.findtext(".//{*}AuthPolicy") == "Federated"
        assert root.findtext(".//{*}RelatesTo") == "urn:uuid:748132ec-a575-4329-b01b-6171a9cf8478"


def test_policy(site):
    message = captured(CLIENT.format("05_req_getpolicies"))
    reply = post(site, "Policy", message, headers_of("05"))
    refused(reply, "s:CertificateRequest", "method_on_premises", site.server, "NotSupported")
    tenant = site.tenant()
    token = tenant.enroll_token(tenant.new_device())
    reply = post(site, "Policy", with_token(message, token), headers_of("05"))
    assert reply.status == 200 and reply.xml().findtext(".//{*}minimalKeyLength") == "2048"
    assert (reply.xml().findtext(".//{*}RelatesTo").lower() ==
            "urn:uuid:72048b64-0f19-448f-8c2e-b4c661860aa0")


def test_a_password_is_refused_and_not_kept(site):
    message = captured(CLIENT.format("07_req_rst"))
    reply = post(site, "Enrollment", message, headers_of("07"))
    row = refused(reply, "s:CertificateRequest", "method_on_premises", site.server, "NotSupported")
    assert row["error_code"] == "0x80180015"
    reply = post(site, "Enrollment", captured(FLEET_RST))
    refused(reply, "s:Authentication", "device_token_forged", site.server)
    assert "demo@mdmwindows.com" not in site.server.log.read_text()


@pytest.mark.parametrize("name,request_file", [
    (CLIENT.format("07_req_rst"), "marcosd4h-mdm_07_csr.der"), (FLEET_RST, FLEET_CSR)])
def test_the_captured_request_gets_a_certificate_for_its_key(site, name, request_file):
    """Its subject has a `!` and a NUL where neither may stand, and it is signed with SHA-1."""
    tenant = site.tenant()
    message = captured(name)
    entra_id = tenant.new_device()
    kind = context_value(message, "EnrollmentType")
    reply = post(site, "Enrollment", with_token(message, tenant.enroll_token(entra_id),
                                                tenant.blob(kind=kind)))
    document = windows.provisioning(reply)
    mine = windows.characteristic(document, "CertificateStore", "My",
                                  "System" if kind == "Device" else "User")
    certificate = x509.load_der_x509_certificate(base64.b64decode(mine[0][0].get("value")))
    row = tenant.device(entra_id)
    assert spki_inside(captured(request_file), certificate)
    assert certificate.subject.rfc4514_string() == f"CN={row['id']}"
    assert certificate.signature_hash_algorithm.name == "sha256"
    assert row["name"] == context_value(message, "DeviceName")
    assert row["os_version"] == context_value(message, "OSVersion")
    entry = site.server.items(f"audit?object_id={row['id']}")[0]
    assert entry["detail"]["csr_sha1"] is True


# "demo", as Argon2id with the costs of new ones.
DEMO_HASH = ("$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg"
             "$WLSY7TV2ZM2FCkpeTOM8doyBPah7X635ThOh7KAsQP4")


@pytest.fixture(params=stores())
def fresh_site(request, entra_process, tmp_path):
    """A server that has not seen the captured client's key: a key is good for one device."""
    made = Site(tmp_path, entra_process, request.param)
    yield made
    assert made.server.stop() == 0, made.server.log.read_text()[-3000:]


def test_the_captured_client_enrols_with_its_own_password(fresh_site):
    """Every message as it was captured, from policy to the first session. Its password is shorter
    than one may be chosen here, so its hash is put in place."""
    site = fresh_site
    tenant = site.tenant(enrollment_methods=["on-premises"])
    rst = captured(CLIENT.format("07_req_rst"))
    name = re.search(r"<wsse:Username>([^<]+)</wsse:Username>", rst.decode()).group(1)
    assert b">demo</wsse:Password>" in rst
    tenant.set(domains=[name.split("@")[1]])
    path = f"tenants/{tenant.tenant}/enrollment-accounts"
    account = site.server.api("POST", path, {"user_name": name,
                                             "password": "correct horse battery"})
    try:
        refused(post(site, "Policy", captured(CLIENT.format("05_req_getpolicies")),
                     headers_of("05")), "s:Authentication", "password_wrong", site.server)
        site.execute(f"UPDATE enrollment_accounts SET password_hash = '{DEMO_HASH}'"
                     f" WHERE id = '{account['id']}'")
        reply = post(site, "Policy", captured(CLIENT.format("05_req_getpolicies")),
                     headers_of("05"))
        assert reply.status == 200 and reply.xml().findtext(".//{*}minimalKeyLength") == "2048"
        document = windows.provisioning(post(site, "Enrollment", rst, headers_of("07")))
        again = windows.provisioning(post(site, "Enrollment", rst, headers_of("07")))
    finally:
        tenant.set(enrollment_methods=[], domains=[])
    kind = context_value(rst, "EnrollmentType")
    store = "System" if kind == "Device" else "User"
    mine = windows.characteristic(document, "CertificateStore", "My", store)
    der = base64.b64decode(mine[0][0].get("value"))
    assert base64.b64decode(windows.characteristic(
        again, "CertificateStore", "My", store)[0][0].get("value")) == der
    assert spki_inside(captured("marcosd4h-mdm_07_csr.der"), x509.load_der_x509_certificate(der))
    [row] = site.server.items(f"devices?tenant_id={tenant.tenant}")
    assert (row["auth"], row["user_principal_name"]) == ("on-premises", name)
    assert row["name"] == context_value(rst, "DeviceName")
    assert row["hw_device_id"] == context_value(rst, "HWDevID")
    names = [i["name"] for i in site.server.items(f"devices/{row['id']}/context")]
    assert names == re.findall(r'ContextItem Name="([^"]+)"', rst.decode())
    assert "demo</wsse:Password>" not in site.server.log.read_text()


def test_the_captured_session(site):
    """Package 1, and the statuses that answer it, on a device with the captured id."""
    tenant = site.tenant()
    first = captured(CLIENT.format("09_req_syncml"))
    dm_device_id = re.search(rb"<Source><LocURI>([0-9A-F]{32})<", first).group(1).decode()
    device, entra_id = tenant.join(kind="Full", dm_device_id=dm_device_id)
    headers = headers_of("09")
    # The message names the server it was captured at; a device names the one it was told.
    there = b"https://mdmwindows.com/ManagementServer/MDM.svc"
    here = f"{site.server.manage_url}/ManagementServer/MDM.svc".encode()
    reply = windows.Commands(device.post(first.replace(there, here), headers))
    assert [(s[1], s[2], s[3]) for s in reply.statuses] == [
        ("0", "SyncHdr", "200"), ("2", "Alert", "200"), ("3", "Alert", "200"),
        ("4", "Replace", "200")]
    assert reply.commands and reply.final
    second = captured(CLIENT.format("11_req_syncml")).replace(there, here)
    # It answers with 202 whatever bore the numbers 5 and 6, and nothing else.
    answered = [c["locuri"] for c in reply.commands if c["cmd_id"] in ("5", "6")]
    assert len(answered) == 2
    assert windows.Commands(device.post(second, headers)).msg_id == "2"
    row = tenant.device(entra_id)
    commands = site.server.items(f"devices/{row['id']}/commands")
    assert sorted(c["locuri"] for c in commands if c["status"] == 202) == sorted(answered)
    windows.run_session(device, session="2", values=FACTS)
    assert tenant.device(entra_id)["os_version"] == "10.0.22631.4460"
