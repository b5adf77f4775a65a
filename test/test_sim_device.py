# SPDX-License-Identifier: Apache-2.0
"""The simulated device against a server that breaks one rule at a time.

A test tool that cannot fail proves nothing: each case here is a mistake a server could make, and
the device must say so with the code Windows would show.
"""

import json
import re
import subprocess

import pytest

import windows
from fake_mdm import BLOB, FakeMdm, fault
from muster import MUSTER_DEVICE
from sim_device import device, mdm, refuses, spare_key  # noqa: F401 (fixtures)


# enrolment, all right


def test_a_join_enrols_and_keeps_what_it_got(device, mdm):
    done = device.enroll("--terms-url", f"{mdm.url}/TermsOfUse", own_key=True)
    assert done.returncode == 0, done.stderr
    state = device.state()
    assert state["is_enrolled"] and state["provider_id"] == "Fake"
    assert state["entra_device_id"] == "5e2d7a40-5c8f-4b7e-9b1d-0a6f2f3a9b11"
    assert state["poll.first_count"] == 2 and state["poll.first_interval"] == 1
    assert (device.dir / "key.pem").stat().st_mode & 0o777 == 0o600
    [(_, request)] = mdm.sent("request")
    assert f'Name="EnrollmentData"><ac:Value>{BLOB}<' in request
    assert 'Name="EnrollmentType"><ac:Value>Device<' in request
    [(headers, _)] = mdm.sent("page")
    assert headers["authorization"].startswith("Bearer ")
    assert headers["cxh-host"] == "MOSET"
    assert "authorization" not in mdm.sent("decide")[0][0]


def test_the_theme_tells_the_page_where_it_is_shown(device, mdm):
    device.enrolled("--terms-url", f"{mdm.url}/TermsOfUse", "--theme", "oobe")
    [(headers, _)] = mdm.sent("page")
    assert headers["cxh-host"] == "FRX" and "10.0.19045" in headers["cxh-osversioninfo"]


def test_a_work_account_is_a_full_enrolment(device, mdm):
    device.enrolled("--join", "work-account")
    [(_, request)] = mdm.sent("request")
    assert 'Name="EnrollmentType"><ac:Value>Full<' in request
    text = subprocess.run(["openssl", "asn1parse", "-inform", "DER"], input=mdm.csr_der,
                          capture_output=True, check=True).stdout.decode()
    assert "PRINTABLESTRING" in text and "!" + device.state()["device_id"] in text
    assert "1.3.6.1.4.1.311.66.1.0" in text


def test_on_premises_sends_a_user_name_token(device, mdm, tmp_path):
    (tmp_path / "password").write_text("p<a>ss\n")
    mdm.auth_policy = "OnPremise"
    done = device.run("enroll", "--join", "on-premises", "--user", "demo@contoso.test",
                      "--password-file", str(tmp_path / "password"), "--discovery-url",
                      f"{mdm.url}/EnrollmentServer/Discovery.svc")
    assert done.returncode == 0, done.stderr
    for phase in ("policy", "request"):
        [(_, body)] = mdm.sent(phase)
        assert "<wsse:Username>demo@contoso.test</wsse:Username>" in body
        assert "p&lt;a&gt;ss</wsse:Password>" in body
    assert "Security" not in mdm.sent("discover")[0][1]


def test_the_directory_gives_tokens_and_the_device_object(device, mdm, tmp_path):
    (tmp_path / "control").write_text("x")
    done = device.run("enroll", "--discovery-url", f"{mdm.url}/EnrollmentServer/Discovery.svc",
                      "--terms-url", f"{mdm.url}/TermsOfUse", "--entra-control", mdm.control_url,
                      "--entra-token-file", str(tmp_path / "control"), "--tenant", "t", "--app",
                      "a", "--user", "anna@contoso.test", "--token-version", "2")
    assert done.returncode == 0, done.stderr
    wishes = [json.loads(body) for _, body in mdm.sent("control")]
    assert [("device" in w, w.get("ver")) for w in wishes] == [(False, 2), (False, None), (True, 2)]
    assert device.state()["upn"] == "anna@contoso.test"


def test_a_device_enrols_once(device):
    device.enrolled()
    refuses(device.enroll(), "enrolled already", "0x8018000A")


# terms of use, broken

TERMS = [
    ("page", lambda r: r.headers.update({"X-Frame-Options": "DENY"}), "X-Frame-Options"),
    ("page", lambda r: r.headers.update({"Content-Security-Policy": "frame-ancestors 'none'"}),
     "frame-ancestors"),
    ("page", lambda r: r.headers.update({"Content-Security-Policy": "form-action 'self'"}),
     "form-action"),
    ("page", lambda r: r.headers.update({"Set-Cookie": "a=b"}), "cookie"),
    ("page", lambda r: r.sub('method="post"', 'method="get"'), "no form"),
    ("page", lambda r: r.sub("</form>", '<button name="decision" value="decline">Decline</button>'
                                        "</form>"), "decline"),
    ("page", lambda r: r.sub("Accept", "Yes") or r.sub("accept", "yes"), "accept"),
    ("page", lambda r: setattr(r, "status", 500), "HTTP 500"),
    ("decide", lambda r: r.headers.update({"Location": "ms-appx-web://other/x?IsAccepted=true"}),
     "redirect to"),
    ("decide", lambda r: r.headers.update(
        {"Location": r.headers["Location"].replace("OpaqueBlob", "Blob")}), "OpaqueBlob"),
    ("decide", lambda r: r.headers.update(
        {"Location": r.headers["Location"].replace("=true", "=TRUE")}), "IsAccepted"),
    ("decide", lambda r: setattr(r, "status", 200), "HTTP 200"),
    ("decide", lambda r: r.headers.update(
        {"Location": r.headers["Location"] + "&client-request-id=x"}), "client-request-id"),
]


@pytest.mark.parametrize("phase,bend,sentence", TERMS, ids=[c[2] for c in TERMS])
def test_a_wrong_terms_page_is_noticed(device, mdm, phase, bend, sentence):
    mdm.bend[phase] = bend
    refuses(device.enroll("--terms-url", f"{mdm.url}/TermsOfUse"), sentence)
    assert not mdm.sent("discover")


def test_an_error_redirect_is_a_refusal(device, mdm):
    def bend(reply):
        reply.status = 302
        reply.headers["Location"] = (mdm.redirect + "?error=unauthorized_client"
                                     "&error_description=unauthorized%20user%20or%20tenant")
    mdm.bend["page"] = bend
    refuses(device.enroll("--terms-url", f"{mdm.url}/TermsOfUse"), "unauthorized user or tenant",
            "0x80180030")


def test_declining_ends_the_enrolment(device, mdm):
    done = device.enroll("--join", "work-account", "--decline", "--terms-url",
                         f"{mdm.url}/TermsOfUse")
    refuses(done, "declined", "0x80180030")
    assert not mdm.sent("discover")


# SOAP, broken


def lower_fault(reply):
    fault(reply, "s:Authentication")
    reply.body = reply.body.replace(b"s:Fault", b"s:fault")


def other_host(reply):
    url = re.search(r"<EnrollmentPolicyServiceUrl>https://([0-9.]+):", reply.text()).group(1)
    reply.sub(f"<EnrollmentPolicyServiceUrl>https://{url}",
              "<EnrollmentPolicyServiceUrl>https://localhost")


SOAP_CASES = [
    ("probe", lambda r: setattr(r, "status", 302), "HTTP 302", "0x8019012E"),
    ("probe", lambda r: setattr(r, "body", b"hello"), "not empty", None),
    ("discover", lambda r: setattr(r, "is_chunked", True), "chunked", "0x801900C8"),
    ("policy", lambda r: setattr(r, "is_chunked", True), "chunked", "0x801900C8"),
    ("request", lambda r: setattr(r, "is_chunked", True), "chunked", "0x801900C8"),
    ("request", lambda r: setattr(r, "has_length", False), "no Content-Length", None),
    ("request", lambda r: r.headers.update({"Content-Encoding": "br"}), "compressed", None),
    ("request", lambda r: setattr(r, "content_type", "text/xml"), "Content-Type", None),
    ("request", lambda r: setattr(r, "content_type", "application/soap+xml; charset=latin1"),
     "not UTF-8", None),
    ("request", lambda r: setattr(r, "body", b""), "without a body", "0x80180029"),
    ("request", lambda r: r.sub("RSTRC/wstep", "RST/wstep"), "action", None),
    ("policy", lambda r: r.sub("72048B64", "72048b64"), "RelatesTo", None),
    ("policy", lambda r: r.sub("soap-envelope", "soap-envelopes"), "SOAP 1.2", None),
    ("policy", lambda r: setattr(r, "body", b"<!DOCTYPE x>" + r.body), "DOCTYPE", None),
    ("discover", lambda r: r.sub("Federated", "OnPremise"), "AuthPolicy", None),
    ("discover", lambda r: r.sub("https://", "http://"), "not https", None),
    ("discover", other_host, "different hosts", None),
    ("policy", lambda r: r.sub(">3<", ">4<"), "policySchema", None),
    ("policy", lambda r: r.sub("<oIDReferenceID>0", "<oIDReferenceID>7"), "names no oID", None),
    ("policy", lambda r: r.sub("2.16.840.1.101.3.4.2.1", "1.2.3"), "no hash", None),
    ("request", lambda r: r.sub("ProvisionDoc", "ProvisionDocument"), "ValueType", None),
    ("request", lambda r: r.sub("#base64binary", "#Base64Binary"), "EncodingType", None),
    ("request", lambda r: r.sub("DeviceEnrollmentToken", "Token"), "TokenType", None),
    ("discover", lambda r: fault(r, status=200), "HTTP status 200", "0x801900C8"),
    ("request", lambda r: fault(r, status=200), "HTTP status 200", "0x801900C8"),
    ("request", lower_fault, "without a SOAP fault", "0x801901F4"),
    ("request", lambda r: fault(r, "s:Nonsense"), "does not know", "0x801901F4"),
    ("request", lambda r: (setattr(r, "status", 401), setattr(r, "content_type", "text/html")),
     "HTTP 401", "0x80190191"),
    ("request", lambda r: fault(r), "refused: Authentication", "0x80180002"),
    ("policy", lambda r: fault(r, "s:Authorization"), "refused", "0x80180003"),
    ("request", lambda r: fault(r, "a:InternalServiceFault"), "refused", "0x80180006"),
    ("request", lambda r: fault(r, "s:Authorization", "DeviceCapReached"), "refused",
     "0x80180013"),
    ("request", lambda r: fault(r, "s:EnrollmentServer", "InvalidEnrollmentData"), "refused",
     "0x80180019"),
]


@pytest.mark.parametrize("phase,bend,sentence,code", SOAP_CASES,
                         ids=[f"{c[0]}-{c[2]}-{i}" for i, c in enumerate(SOAP_CASES)])
def test_a_wrong_soap_reply_is_noticed(device, mdm, phase, bend, sentence, code):
    mdm.bend[phase] = bend
    refuses(device.enroll(), sentence, code)
    assert not (device.dir / "key.pem").exists()


def test_an_untrusted_server_is_refused(device, mdm, tmp_path):
    (tmp_path / "other").mkdir()
    other = FakeMdm(tmp_path / "other", "Other CA")
    done = subprocess.run([MUSTER_DEVICE, "enroll", "--dir", device.dir, "--ca", other.ca,
                           "--discovery-url", f"{mdm.url}/EnrollmentServer/Discovery.svc",
                           "--token-file", device.token], capture_output=True, text=True,
                          timeout=60)
    refuses(done, "", "0x80180012")


# provisioning document, broken


def without(pattern):
    def bend(document):
        found = re.sub(pattern, "", document, count=1)
        assert found != document, pattern
        return found
    return bend


def swapped(old, new, count=-1):
    def bend(document):
        assert old in document, old
        return document.replace(old, new, count)
    return bend


def other_thumbprint(document):
    at = document.index('type="My"')
    return document[:at] + re.sub(r'type="[0-9A-F]{40}"', f'type="{"A" * 40}"', document[at:], 1)


def lower_thumbprint(document):
    return re.sub(r'type="([0-9A-F]{40})"', lambda m: m.group(0).replace(
        m.group(1), m.group(1).lower()), document)


def line_breaks(document):
    return re.sub(r'(EncodedCertificate" value="[^"]{64})', r"\1&#10;", document)


DOCUMENT_CASES = [
    ("AAUTHDATA", without(r'<parm name="AAUTHDATA"[^>]*/>'), "0x80180023"),
    ("AAUTHDATA is not base64", swapped('"AAAAAAAAAAAAAAAAAAAAAA=="', '"nonce"'), "0x80180023"),
    ("no APPAUTH for APPSRV",
     without(r'<characteristic type="APPAUTH"><parm name="AAUTHLEVEL" value="APPSRV"/>.*?'
             r'</characteristic>'), "0x80180023"),
    ("AAUTHSECRET", without(r'<parm name="AAUTHSECRET"[^>]*/>'), "0x80180023"),
    ("the certificate's SHA-1 is", other_thumbprint, "0x8018001E"),
    ("the certificate's SHA-1 is", lower_thumbprint, "0x8018001E"),
    ("line breaks", line_breaks, "0x8018001E"),
    ("PrivateKeyContainer", without(r'<characteristic type="PrivateKeyContainer">'
                                    r'</characteristic>'), "0x8018001E"),
    ("My/System", swapped('"My"><characteristic type="System"',
                          '"My"><characteristic type="User"'), "0x80180024"),
    ("certificatestore", swapped('"CertificateStore"', '"certificatestore"'), "0x80180022"),
    ("part Policy is refused", swapped("</wap-", '<characteristic type="Policy"/></wap-'),
     "0x80180022"),
    ("datatype=\"boolean\"", swapped(' value="true" datatype="boolean"', ' value="true"'),
     "0x8018001E"),
    ("datatype=\"integer\"", swapped('"NumberOfFirstRetries" value="2" datatype="integer"',
                                     '"NumberOfFirstRetries" value="2"'), "0x80180020"),
    ("ROBOSupport is", swapped('value="true" datatype="boolean"', 'value="1" datatype="boolean"'),
     "0x8018001E"),
    ("RenewPeriod 60 and RetryInterval 61", swapped('"RetryInterval" value="4"',
                                                    '"RetryInterval" value="61"'), "0x8018001E"),
    ("is not the PROVIDER-ID", swapped('type="Fake"', 'type="Faked"'), "0x80180020"),
    ("all three counts are 0", swapped('"NumberOfFirstRetries" value="2"',
                                       '"NumberOfFirstRetries" value="0"'), "0x80180020"),
    ("below 1440", swapped('value="1560"', 'value="480"'), "0x80180020"),
    ("Push cannot be set", swapped('<characteristic type="Poll">',
                                   '<characteristic type="Push"/><characteristic type="Poll">'),
     "0x80180020"),
    ("not in upper case", swapped('"ADDR"', '"Addr"'), "0x8018001F"),
    ("has a datatype", swapped('name="NAME" value="Fake"',
                               'name="NAME" value="Fake" datatype="string"'), "0x8018001F"),
    ("APPID", swapped('"w7"', '"w8"'), "0x8018001F"),
    ("not https", swapped('name="ADDR" value="https', 'name="ADDR" value="http'), "0x8018001F"),
    ("INIT", swapped('<parm name="APPID"', '<parm name="INIT"/><parm name="APPID"'), "0x8018001F"),
    ("escaped twice", swapped("&amp;Stores", "&amp;amp;Stores"), "0x80180024"),
    ("Subject is", swapped("Subject=CN%3D", "Subject=CN%3Dx"), "0x80180024"),
    ("Stores is", swapped("Stores=My%5CSystem", "Stores=My%5CUser"), "0x80180024"),
    ("version 1.1", swapped('version="1.1"', 'version="1.0"'), "0x80180023"),
    ("not XML", swapped("</wap-provisioningdoc>", ""), "0x80180023"),
]


@pytest.mark.parametrize("sentence,bend,code", DOCUMENT_CASES,
                         ids=[f"{i}-{c[0]}" for i, c in enumerate(DOCUMENT_CASES)])
def test_a_wrong_provisioning_document_is_noticed(device, mdm, sentence, bend, code):
    mdm.bend_document = bend
    refuses(device.enroll(), sentence, code)
    assert not (device.dir / "certificate.pem").exists()


def test_a_certificate_for_another_key_is_noticed(device, mdm):
    mdm.issue = lambda csr, issue=mdm.issue: issue(windows.csr_der(windows.new_key()))
    refuses(device.enroll(), "not for the key of this device", "0x80180024")


def test_an_expired_certificate_is_noticed(device, mdm):
    mdm.device_days = (-20, -1)
    refuses(device.enroll(), "not valid now", "0x80180024")


def test_a_certificate_without_client_authentication_is_noticed(device, mdm):
    from cryptography.x509.oid import ExtendedKeyUsageOID
    mdm.device_usage = ExtendedKeyUsageOID.SERVER_AUTH
    refuses(device.enroll(), "client authentication", "0x80180024")


# usage


@pytest.mark.parametrize("arguments", [
    [], ["fly"], ["enroll"], ["session"], ["session", "--dir", "x", "--sessions", "1"],
    ["enroll", "--dir", "x"], ["enroll", "--dir"], ["session", "--dir", "x", "more"],
    ["session", "--dir", "x", "--login", "me"], ["session", "--dir", "x", "--fact", "y"],
    ["load", "--dir", "x", "--discovery-url", "y"],
    ["run", "--dir", "x", "--time-scale", "0"],
], ids=lambda a: " ".join(a) or "nothing")
def test_wrong_usage_is_2(arguments):
    done = subprocess.run([MUSTER_DEVICE, *arguments], capture_output=True, text=True, timeout=30)
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1 and not done.stdout


def test_help_and_version():
    for option in ("--help", "--version"):
        done = subprocess.run([MUSTER_DEVICE, option], capture_output=True, text=True, timeout=30)
        assert done.returncode == 0 and "muster-device" in done.stdout and not done.stderr


def test_a_device_without_a_directory_says_what_to_do(tmp_path):
    done = subprocess.run([MUSTER_DEVICE, "session", "--dir", tmp_path / "none"],
                          capture_output=True, text=True, timeout=30)
    refuses(done, "run muster-device enroll first")


def test_what_a_way_of_joining_needs_is_said(device, mdm):
    refuses(device.enroll("--join", "certificate"), "needs --client-certificate and --client-key")
