# SPDX-License-Identifier: Apache-2.0
"""Discovery, policy and enrolment of a device that joins through Entra, as Windows 10 and 11 speak:
what is answered, what is stored, and what an administrator finds afterwards."""

import base64
import datetime
import hashlib
import re
import uuid
import xml.etree.ElementTree as ET

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID

import windows
from tenancy import attempt_of, refused
from windows import A, DISCOVERY, S, WSTEP

XCEP = "{http://schemas.microsoft.com/windows/pki/2009/01/enrollmentpolicy}"
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
SOAP = "application/soap+xml; charset=utf-8"
MESSAGE_ID = "urn:uuid:0d5a1441-5891-453b-becf-a2e5f6ea3749"


def well_framed(reply, action):
    """What every answer of the three services has in common."""
    assert reply.status == 200, reply.body[:500]
    assert reply.headers["content-type"] == SOAP
    assert int(reply.headers["content-length"]) == len(reply.body)
    assert "transfer-encoding" not in reply.headers and "content-encoding" not in reply.headers
    root = reply.xml()
    assert root.findtext(f"{S}Header/{A}Action") == action
    assert root.findtext(f"{S}Header/{A}RelatesTo") == MESSAGE_ID
    return root


# Discovery

def test_the_probe_is_an_empty_yes(site):
    reply = windows.send(f"{site.server.public_url}/EnrollmentServer/Discovery.svc", "GET",
                         headers={"Cache-Control": "no-cache"}, context=site.server.tls())
    assert (reply.status, reply.body, reply.headers["content-length"]) == (200, b"", "0")


@pytest.mark.parametrize("asked,answered", [
    ("1.0", "1.0"), ("3.0", "3.0"), ("4.0", "4.0"), ("5.0", "4.0"), ("7.0", "4.0"), ("9.0", "4.0"),
    ("10.0", "4.0"), (" 4.0\n", "4.0")])
def test_discovery_answers_the_version_both_know(site, asked, answered):
    root = well_framed(windows.discover(site.server, version=asked),
                       "http://schemas.microsoft.com/windows/management/2012/01/enrollment/"
                       "IDiscoveryService/DiscoverResponse")
    result = root.find(f"{S}Body/{DISCOVERY}DiscoverResponse/{DISCOVERY}DiscoverResult")
    assert {e.tag.replace(DISCOVERY, ""): e.text for e in result} == {
        "AuthPolicy": "Federated", "EnrollmentVersion": answered,
        "EnrollmentPolicyServiceUrl": f"{site.server.public_url}/EnrollmentServer/Policy.svc",
        "EnrollmentServiceUrl": f"{site.server.public_url}/EnrollmentServer/Enrollment.svc"
                                "?os=10.0.22631.4460&edition=72&platform=CIMClient_Windows"}


def test_discovery_takes_what_real_clients_send(site):
    for options in ({"email": ""}, {"email": "CONTOSO\\anna"}, {"slash": "/"},
                    {"auth": ("Federated",)}, {"auth": ("OnPremise", "Federated", "Certificate")}):
        assert windows.discover(site.server, **options).status == 200, options


def test_an_empty_question_is_refused_quietly(site):
    """Windows and proxies send these; they are no error of the server."""
    reply = windows.send(f"{site.server.public_url}/EnrollmentServer/Discovery.svc", "POST", b"",
                         {"Content-Type": SOAP}, site.server.tls())
    row = refused(reply, "s:MessageFormat", "message_empty", site.server)
    assert row["stage"] == "discovery" and row["error_code"] == "0x80180001"


# Policy

def test_the_policy_asks_for_rsa_2048_and_sha256(site):
    tenant = site.tenant()
    token = tenant.enroll_token(tenant.new_device())
    root = well_framed(windows.get_policies(site.server, windows.jwt_security(token)),
                       "http://schemas.microsoft.com/windows/pki/2009/01/enrollmentpolicy/"
                       "IPolicy/GetPoliciesResponse")
    answer = root.find(f"{S}Body/{XCEP}GetPoliciesResponse")
    assert [e.tag.replace(XCEP, "") for e in answer] == ["response", "cAs", "oIDs"]
    attributes = answer.find(f"{XCEP}response/{XCEP}policies/{XCEP}policy/{XCEP}attributes")
    assert attributes.findtext(f"{XCEP}policySchema") == "3"
    assert attributes.findtext(f"{XCEP}privateKeyAttributes/{XCEP}minimalKeyLength") == "2048"
    assert attributes.find(f"{XCEP}privateKeyAttributes/{XCEP}cryptoProviders").get(NIL) == "true"
    reference = attributes.findtext(f"{XCEP}hashAlgorithmOIDReference")
    oids = {o.findtext(f"{XCEP}oIDReferenceID"): o.findtext(f"{XCEP}value")
            for o in answer.find(f"{XCEP}oIDs")}
    assert oids[reference] == "2.16.840.1.101.3.4.2.1"
    assert [e.tag.replace(XCEP, "") for e in attributes] == [
        "commonName", "policySchema", "certificateValidity", "permission", "privateKeyAttributes",
        "revision", "supersededPolicies", "privateKeyFlags", "subjectNameFlags", "enrollmentFlags",
        "generalFlags", "hashAlgorithmOIDReference", "rARequirements", "keyArchivalAttributes",
        "extensions"]


def test_the_policy_does_not_use_the_token_up(site):
    tenant = site.tenant()
    token, blob = tenant.enroll_token(tenant.new_device()), tenant.blob()
    for _ in range(2):
        assert windows.get_policies(site.server, windows.jwt_security(token)).status == 200
    windows.enroll(site.server, token, blob, key=site.key())


def test_the_policy_is_had_without_a_token_too(site):
    """A renewal asks with no token, or with a name and an empty password."""
    for security in ("", windows.username_security("anna", "")):
        assert windows.get_policies(site.server, security).status == 200
    reply = windows.get_policies(site.server, windows.username_security("anna", "guess"))
    row = refused(reply, "s:CertificateRequest", "method_on_premises", site.server, "NotSupported")
    assert row["stage"] == "policy"


# Enrolment

def the_certificate(device, row, site):
    """Everything in the certificate, against the profile."""
    certificate = device.certificate
    assert certificate.version == x509.Version.v3
    assert certificate.subject.rfc4514_string() == f"CN={row['id']}"
    assert certificate.public_key().public_numbers() == device.key.public_key().public_numbers()
    assert certificate.signature_hash_algorithm.name == "sha256"
    now = datetime.datetime.utcnow()
    assert now - datetime.timedelta(minutes=11) <= certificate.not_valid_before <= now
    assert 360 <= (certificate.not_valid_after - now).days <= 366
    assert certificate.serial_number.bit_length() > 64
    usage = certificate.extensions.get_extension_for_oid(ExtensionOID.KEY_USAGE)
    assert usage.critical and usage.value.digital_signature and not usage.value.key_cert_sign
    constraints = certificate.extensions.get_extension_for_oid(ExtensionOID.BASIC_CONSTRAINTS)
    assert constraints.value.ca is False
    purposes = certificate.extensions.get_extension_for_oid(ExtensionOID.EXTENDED_KEY_USAGE)
    assert list(purposes.value) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert len(certificate.extensions) == 6
    ca = x509.load_pem_x509_certificate((site.server.dir / "device-ca.crt").read_bytes())
    assert certificate.issuer == ca.subject
    key = ca.public_key()
    if isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(certificate.signature, certificate.tbs_certificate_bytes,
                   ec.ECDSA(hashes.SHA256()))
    else:
        key.verify(certificate.signature, certificate.tbs_certificate_bytes, padding.PKCS1v15(),
                   hashes.SHA256())
    expires = datetime.datetime.fromisoformat(row["certificate_not_after"].replace("Z", "+00:00"))
    assert expires.replace(tzinfo=None) == certificate.not_valid_after


def parms(node):
    return {p.get("name"): (p.get("value"), p.get("datatype")) for p in node if p.tag == "parm"}


def the_document(device, row, tenant, store):
    """The provisioning document, part by part."""
    site, document = tenant.site, device.document
    assert document.tag == "wap-provisioningdoc" and document.get("version") == "1.1"
    assert [c.get("type") for c in document] == ["CertificateStore", "APPLICATION", "DMClient"]
    for name, file in (("Root", "device-root.crt"), ("CA", "device-ca.crt")):
        node = windows.characteristic(document, "CertificateStore", name, "System")[0]
        der = base64.b64decode(parms(node)["EncodedCertificate"][0], validate=True)
        assert hashlib.sha1(der).hexdigest().upper() == node.get("type")
        assert der == x509.load_pem_x509_certificate(
            (site.server.dir / file).read_bytes()).public_bytes(serialization.Encoding.DER)
    mine = windows.characteristic(document, "CertificateStore", "My")
    assert [c.get("type") for c in mine] == [store, "WSTEP"]
    assert len(windows.characteristic(mine, store, "PrivateKeyContainer")) == 0
    renew = parms(windows.characteristic(mine, "WSTEP", "Renew"))
    assert renew["ROBOSupport"] == ("true", "boolean")
    assert renew["RenewPeriod"] == ("60", "integer") and renew["RetryInterval"] == ("4", "integer")
    assert renew["ServerURL"][0] == (f"{site.server.manage_url}/EnrollmentServer/Discovery.svc")
    application = windows.characteristic(document, "APPLICATION")
    w7 = parms(application)
    provider = w7["PROVIDER-ID"][0]
    assert w7["APPID"] == ("w7", None) and re.fullmatch("[A-Za-z0-9]+", provider)
    assert w7["ADDR"][0] == f"{site.server.manage_url}/ManagementServer/MDM.svc"
    assert w7["DEFAULTENCODING"][0] == "application/vnd.syncml.dm+xml"
    assert "INIT" not in w7 and "BACKCOMPATRETRYDISABLED" in w7
    criteria = w7.get("SSLCLIENTCERTSEARCHCRITERIA")
    if criteria:
        assert criteria[0] == f"Subject=CN%3D{row['id']}&Stores=My%5C{store}"
    auths = [parms(c) for c in application if c.get("type") == "APPAUTH"]
    assert [a["AAUTHLEVEL"][0] for a in auths] == ["CLIENT", "APPSRV"]
    for auth in auths:
        assert auth["AAUTHTYPE"][0] == "DIGEST"
        assert len(base64.b64decode(auth["AAUTHDATA"][0], validate=True)) == 16
        assert len(auth["AAUTHSECRET"][0]) >= 24
    client = windows.characteristic(document, "DMClient", "Provider", provider)
    dm = parms(client)
    assert dm["EntDMID"] == (row["id"], "string")
    assert dm["UPN"] == (row["user_principal_name"], "string")
    assert dm["AADResourceID"][0] == tenant.app
    poll = parms(windows.characteristic(client, "Poll"))
    numbers = {k: int(v[0]) for k, v in poll.items() if v[1] == "integer"}
    assert numbers["NumberOfFirstRetries"] > 0 and numbers["NumberOfSecondRetries"] > 0
    assert numbers["NumberOfRemainingScheduledRetries"] == 0
    assert numbers["IntervalForRemainingScheduledRetries"] >= 1440
    assert poll["PollOnLogin"] == ("true", "boolean")
    assert ("AllUsersPollOnFirstLogin" in poll) == (store == "System")


@pytest.mark.parametrize("kind,store", [("Device", "System"), ("Full", "User")])
def test_a_device_enrols(site, kind, store):
    tenant = site.tenant()
    entra_id = tenant.new_device()
    key = site.key()
    reply = tenant.post(tenant.enroll_token(entra_id), tenant.blob(kind=kind), key, kind,
                        DeviceName=" DESKTOP-7 ", DeviceID="A1" * 16)
    root = well_framed(reply, "http://schemas.microsoft.com/windows/pki/2009/01/enrollment/"
                              "RSTRC/wstep")
    created = root.findtext(".//{*}Timestamp/{*}Created")
    assert created.startswith(datetime.datetime.utcnow().strftime("%Y-%m-%dT"))
    assert len(root.findall(".//{*}RequestSecurityTokenResponse")) == 1
    assert root.findtext(".//{*}TokenType") == (
        "http://schemas.microsoft.com/5.0.0.0/ConfigurationManager/Enrollment/"
        "DeviceEnrollmentToken")
    assert reply.headers["cache-control"] == "no-store"
    device = windows.Enrolled(site.server, key, windows.provisioning(reply), store, "A1" * 16)
    row = tenant.device(entra_id)
    the_certificate(device, row, site)
    the_document(device, row, tenant, store)
    assert row["name"] == "DESKTOP-7" and row["os_version"] == "10.0.22631.4460"
    assert row["enrollment_type"] == kind.lower() and row["state"] == "enrolled"
    assert row["user_object_id"] == tenant.user and row["compliance_state"] == "unknown"
    attempt = tenant.attempts(stage="request")[0]
    assert (attempt["outcome"], attempt["error_code"], attempt["reason"]) == ("ok", "", "")
    assert attempt["device_id"] == row["id"]
    assert attempt["user_principal_name"] == f"anna@{tenant.domain}"
    entry = site.server.items(f"audit?object_id={row['id']}")[0]
    assert entry["action"] == "device.enroll" and entry["trace_id"] == attempt["trace_id"]
    # It is usable at once.
    windows.run_session(device)


def test_each_device_gets_its_own_secrets_and_serial(site):
    tenant = site.tenant()
    seen = set()
    for _ in range(2):
        device, _ = tenant.join()
        application = windows.characteristic(device.document, "APPLICATION")
        seen |= {parms(c)[n][0] for c in application if c.get("type") == "APPAUTH"
                 for n in ("AAUTHSECRET", "AAUTHDATA")}
        seen.add(device.certificate.serial_number)
    assert len(seen) == 10


def test_a_v1_application_gets_its_uri_as_resource(site):
    tenant = site.tenant(version=1)
    device, entra_id = tenant.join()
    assert tenant.device(entra_id)["user_principal_name"] == f"anna@{tenant.domain}"
    client = windows.characteristic(device.document, "DMClient", "Provider")[0]
    assert parms(client)["AADResourceID"][0] == "https://mdm.contoso.test"


def test_a_token_without_any_name_enrols(site):
    """The name is a label; a version 2 token may have none."""
    tenant = site.tenant()
    bare = {"upn": None, "preferred_username": None, "unique_name": None, "name": None}
    blob = windows.accept_terms(site.server, tenant.terms_token(overrides=bare))
    entra_id = tenant.new_device()
    windows.enroll(site.server, tenant.enroll_token(entra_id, overrides=bare), blob,
                   key=site.key())
    row = tenant.device(entra_id)
    assert row["user_principal_name"] in ("", None) and row["user_object_id"] == tenant.user


def test_the_same_request_gets_the_same_certificate_and_a_row(site):
    tenant = site.tenant()
    blob, token, key = tenant.blob(), tenant.enroll_token(tenant.new_device()), site.key()
    csr = windows.csr_der(key)
    before = tenant.counts()
    replies = [tenant.post(token, blob, csr=csr, DeviceName=f"N{i}") for i in range(3)]
    devices = [windows.Enrolled(site.server, key, windows.provisioning(r), "System", "1E" * 16)
               for r in replies]
    assert len({d.certificate_der for d in devices}) == 1
    after = tenant.counts()
    assert {t: after[t] - before[t] for t in after} == {
        "devices": 1, "certificates": 1, "commands": 0, "outbox": 1, "audit": 1, "enrollments": 3}
    rows = tenant.attempts(stage="request")
    assert [r["outcome"] for r in rows] == ["ok"] * 3
    assert len({r["device_id"] for r in rows}) == 1
    assert site.server.api("GET", f"devices/{rows[0]['device_id']}")["name"] == "N0"


def test_enrolling_again_supersedes_in_one_step(site):
    """The device keeps its id and nothing else: not the certificate, not queued commands, not what
    Graph was told."""
    tenant = site.tenant()
    tenant.add_compliance([{"fact": "secure_boot", "operator": "eq", "value": "1"}])
    first, entra_id = tenant.join()
    windows.run_session(first, values={"./Vendor/MSFT/DeviceStatus/SecureBootState": "1"})
    row = tenant.device(entra_id)
    assert row["compliance_state"] == "compliant"
    tenant.entra.wait_for(lambda: tenant.entra.device(entra_id)["isCompliant"])
    # Left in the middle of a session, with a command waiting.
    site.server.api("POST", f"devices/{row['id']}/lock", {})
    first.post(first.package1("77"))
    other = tenant.add_user("bert")
    second, _ = tenant.join(user=other, device=entra_id, dm_device_id=first.dm_device_id)
    again = tenant.device(entra_id)
    assert again["id"] == row["id"] and again["user_object_id"] == other
    assert again["compliance_state"] == "unknown"
    states = sorted(state for _, state, _ in tenant.certificates())
    assert states == ["active", "superseded"]
    assert first.post(first.package1("78")).status == 403
    # A second certificate for the same device says nothing about it.
    tenant.entra.wait_for(lambda: tenant.entra.device(entra_id)["isCompliant"] is False)
    sent = windows.run_session(second, session="77")
    assert not [c for c in sent if "RemoteLock" in c["locuri"]]
    ended = site.server.items(f"devices/{row['id']}/sessions")
    assert len(ended) == 3
    actions = [a["action"] for a in site.server.items(f"audit?object_id={row['id']}")]
    assert actions.count("device.enroll_again") == 1 and actions.count("device.enroll") == 1


def test_a_retired_device_comes_back_as_a_new_one(site):
    tenant = site.tenant()
    first, entra_id = tenant.join()
    identity = tenant.device(entra_id)["id"]
    site.server.api("POST", f"devices/{identity}/retire", {})
    alert = ('<Alert><CmdID>4</CmdID><Data>1226</Data><Item><Meta><Format xmlns="syncml:metinf">int'
             '</Format><Type xmlns="syncml:metinf">com.microsoft:mdm.unenrollment.userrequest</Type>'
             '</Meta><Data>1</Data></Item></Alert>')
    first.post(first.package1("9", alerts=alert))
    assert site.server.api("GET", f"devices/{identity}")["state"] == "retired"
    again, _ = tenant.join(device=entra_id)
    assert tenant.device(entra_id)["id"] != identity
    assert first.post(first.package1("A")).status == 403
    windows.run_session(again)


def test_terms_that_are_not_required_need_no_blob(site):
    tenant = site.tenant(terms_required=False)
    for blob in (None, "", "null", " NULL "):
        assert tenant.post(tenant.enroll_token(tenant.new_device()), blob).status == 200, blob
    # But one that comes is looked at.
    reply = tenant.post(tenant.enroll_token(tenant.new_device()), "AAAA")
    refused(reply, "s:Authorization", "terms_forged", site.server, "InvalidEnrollmentData")


def test_the_device_cap(site):
    tenant = site.tenant(device_limit=2)
    devices = [tenant.join()[1] for _ in range(2)]
    blob = tenant.blob()
    before = tenant.counts()
    reply = tenant.post(tenant.enroll_token(tenant.new_device()), blob)
    row = refused(reply, "s:Authorization", "device_cap", site.server, "DeviceCapReached")
    assert row["error_code"] == "0x80180013" and "device_limit" in row["remedy"]
    after = tenant.counts()
    assert {t for t in after if after[t] != before[t]} == {"enrollments"}
    tenant.join(device=devices[0])  # one that replaces another is not one more
    tenant.join(user=tenant.add_user("bert"))  # and another user has his own count
    identity = tenant.device(devices[1])["id"]
    site.execute(f"UPDATE devices SET state = 'retired' WHERE id = '{identity}'")
    tenant.join()
    tenant.set(device_limit=3)
    tenant.join()


def test_what_a_device_says_of_itself_is_kept_as_a_label(site):
    tenant = site.tenant()
    entra_id = tenant.new_device()
    name = "B\u00fcro &amp; \U0001f600 " + "x" * 400
    reply = tenant.post(tenant.enroll_token(entra_id), tenant.blob(), DeviceName=name,
                        OSVersion="%n%s", NewThing="1", AttestationStatus="Status=x",
                        RequestVersion="9.0")
    assert reply.status == 200
    row = tenant.device(entra_id)
    assert row["name"].startswith("B\u00fcro & \U0001f600 xxx") and len(row["name"].encode()) <= 256
    assert row["os_version"] == "%n%s"


def test_a_device_id_with_the_words_of_windows_11_enrols(site):
    """Booleans in any case, trailing blanks, unknown items, several network cards."""
    tenant = site.tenant()
    token, csr = tenant.enroll_token(tenant.new_device()), windows.csr_der(site.key())
    items = windows.context(tenant.blob(), "Device") + [
        ("ZeroTouchProvisioning", str(uuid.uuid4())), ("BulkAADJ", "True "), ("IMEI", "1"),
        ("IMEI", "2"), ("RequestVersion", "7.0"), ("AzureAttestationBlob", "QUJD" * 2000),
        ("AttestationStatusHResult", "0x80070057"), ("SomethingNew", "")]
    reply = windows.request_token(site.server, windows.jwt_security(token), csr, items)
    assert reply.status == 200, reply.body


def test_renewal_and_recovery_are_refused_as_what_they_are(site):
    tenant = site.tenant()
    token, blob = tenant.enroll_token(tenant.new_device()), tenant.blob()
    row = refused(tenant.post(token, blob, request_type="Recovery"), "s:CertificateRequest",
                  "request_type", site.server, "NotSupported")
    assert row["error_code"] == "0x80180015"
    reply = tenant.post(token, blob, request_type="Reticulate")
    refused(reply, "s:MessageFormat", "message_malformed", site.server)
    assert tenant.counts(tables=["devices", "certificates"]) == {"devices": 0, "certificates": 0}


def test_a_fault_is_what_windows_can_read(site):
    """PascalCase, HTTP 500, the trace id, and not a word about the reason."""
    tenant = site.tenant()
    token = tenant.enroll_token(tenant.new_device())
    reply = tenant.post(token, None)
    assert reply.status == 500 and reply.headers["content-type"] == SOAP
    assert int(reply.headers["content-length"]) == len(reply.body)
    root = ET.fromstring(reply.body)
    header = root.find(f"{S}Header")
    assert header.findtext(f"{A}Action") == (
        "http://schemas.microsoft.com/windows/pki/2009/01/enrollment/RSTRC/wstep")
    assert header.findtext(f"{A}RelatesTo") == MESSAGE_ID
    fault = root.find(f"{S}Body/{S}Fault")
    assert [e.tag for e in fault] == [f"{S}Code", f"{S}Reason", f"{S}Detail"]
    assert fault.findtext(f"{S}Code/{S}Value") == "s:Receiver"
    assert fault.find(f"{S}Reason/{S}Text").get(
        "{http://www.w3.org/XML/1998/namespace}lang") == "en-US"
    detail = fault.find(f"{S}Detail/{WSTEP}DeviceEnrollmentServiceError")
    assert [e.tag.replace(WSTEP, "") for e in detail] == ["ErrorType", "Message", "TraceId"]
    assert detail.findtext(f"{WSTEP}ErrorType") == "InvalidEnrollmentData"
    row = attempt_of(site.server, detail.findtext(f"{WSTEP}TraceId"))
    assert (row["reason"], row["error_code"]) == ("terms_missing", "0x80180019")
    assert row["entra_device_id"] and row["user_principal_name"] == f"anna@{tenant.domain}"
    assert b"terms_missing" not in reply.body


def test_a_failing_store_is_a_fault_and_enrols_nobody(site):
    """The client may try again, and then it succeeds with the same request."""
    tenant = site.tenant()
    token, blob, key = tenant.enroll_token(tenant.new_device()), tenant.blob(), site.key()
    for table in ("audit", "devices", "certificates"):
        site.execute(f"ALTER TABLE {table} RENAME TO {table}_away")
        try:
            reply = tenant.post(token, blob, key)
        finally:
            site.execute(f"ALTER TABLE {table}_away RENAME TO {table}")
        fault = windows.Fault(reply)
        assert fault.subcode == "s:EnrollmentServer", table
        assert table not in fault.text.lower().replace("device", "")
        row = attempt_of(site.server, fault.trace_id)
        assert (row["outcome"], row["reason"]) == ("failed", "server_error") and row["remedy"]
        assert tenant.counts(tables=["devices"])["devices"] == 0
    windows.enroll(site.server, token, blob, key=key)
    assert [state for _, state, _ in tenant.certificates()] == ["active"]
