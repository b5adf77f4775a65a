# SPDX-License-Identifier: Apache-2.0
"""The simulated device against a server that breaks one rule at a time.

A test tool that cannot fail proves nothing: each case here is a mistake a server could make, and
the device must say so with the code Windows would show.
"""

import base64
import json
import os
import pathlib
import re
import subprocess
import xml.etree.ElementTree as ET

import pytest

import windows
from fake_mdm import BLOB, FakeMdm, fault, token
from muster import MUSTER_DEVICE

POLICY = "./Device/Vendor/MSFT/Policy/Config/DeviceLock/MaxInactivityTimeDeviceLock"


@pytest.fixture
def mdm(tmp_path):
    with FakeMdm(tmp_path) as fake:
        yield fake


class Device:
    def __init__(self, mdm, directory):
        self.mdm = mdm
        self.dir = pathlib.Path(directory)
        self.token = self.dir.parent / "token"
        self.token.write_text(token(device="5e2d7a40-5c8f-4b7e-9b1d-0a6f2f3a9b11"))

    def run(self, command, *options):
        done = subprocess.run(
            [MUSTER_DEVICE, command, "--dir", self.dir, "--ca", self.mdm.ca, *options],
            capture_output=True, text=True, timeout=120)
        assert "Sanitizer" not in done.stderr, done.stderr
        return done

    def enroll(self, *options):
        return self.run("enroll", "--discovery-url",
                        f"{self.mdm.url}/EnrollmentServer/Discovery.svc", "--token-file",
                        self.token, *options)

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
def device(mdm, tmp_path):
    return Device(mdm, tmp_path / "device")


def refuses(done, sentence, code=None):
    """It failed, said why in one line, and showed Windows' code."""
    assert done.returncode == 1, (done.returncode, done.stdout, done.stderr)
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert sentence in done.stderr
    if code:
        assert code in done.stderr


# enrolment, all right


def test_a_join_enrols_and_keeps_what_it_got(device, mdm):
    done = device.enroll("--terms-url", f"{mdm.url}/TermsOfUse")
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


# sessions


def command(verb, uri, data=None, fmt="chr", number=10):
    meta = f'<Meta><Format xmlns="syncml:metinf">{fmt}</Format></Meta>' if data is not None else ""
    value = f"<Data>{data}</Data>" if data is not None else ""
    return (f"<{verb}><CmdID>{number}</CmdID><Item><Target><LocURI>{uri}</LocURI></Target>{meta}"
            f"{value}</Item></{verb}>")


def statuses(body):
    """(CmdRef, Cmd, TargetRef, code) in order."""
    out = []
    for text in re.findall(r"<Status>.*?</Status>", body):
        found = ET.fromstring(re.sub(r" msft:originalerror=\"[^\"]*\"", "", text))
        out.append((found.findtext("CmdRef"), found.findtext("Cmd"), found.findtext("TargetRef"),
                    found.findtext("Data")))
    return out


def test_a_session_applies_what_it_is_sent(device, mdm):
    device.enrolled()
    mdm.commands = [command("Replace", POLICY, "15", "int") +
                    command("Get", "./DevDetail/SwV", number=11)]
    done = device.session("--login", "none")
    assert done.returncode == 0, done.stderr
    assert f"Replace {POLICY} = 15: 200" in done.stdout
    assert device.tree()[POLICY] == {"format": "int", "data": "15"}
    first, second = [body for _, body in mdm.sent("sync")]
    assert statuses(second) == [("0", "SyncHdr", None, "200"), ("10", "Replace", None, "200"),
                                ("11", "Get", None, "200")]
    assert "<Source><LocURI>./DevDetail/SwV</LocURI></Source>" in second
    assert ">10.0.22631.4460</Data>" in second
    assert "<Data>none</Data>" in first
    assert mdm.client_certificates[-1] == der_of(device.dir / "certificate.pem")
    headers = mdm.sent("sync")[0][0]
    assert headers["user-agent"] == "MSFT OMA DM Client/1.2.0.1"
    assert headers["client-request-id"] == device.state()["ent_dmid"]
    assert "authorization" not in headers


def der_of(path):
    return base64.b64decode("".join(path.read_text().splitlines()[1:-1]))


def test_the_session_number_goes_on_and_message_numbers_begin_anew(device, mdm):
    device.enrolled()
    mdm.commands = [command("Get", "./DevDetail/SwV")]
    device.session()
    device.session()
    bodies = [body for _, body in mdm.sent("sync")]
    numbers = [re.search(r"<SessionID>(\d+)</SessionID><MsgID>(\d+)<", b).groups() for b in bodies]
    assert numbers == [("1", "1"), ("1", "2"), ("2", "1"), ("2", "2")]


def test_a_user_token_goes_into_header_and_alert(device, mdm, tmp_path):
    device.enrolled()
    (tmp_path / "user").write_text("a.b.c")
    mdm.commands = [command("Replace", "./User/Vendor/MSFT/Policy/Config/A/B", "1", "int")]
    assert device.session("--user-token-file", str(tmp_path / "user")).returncode == 0
    headers, body = mdm.sent("sync")[0]
    assert headers["authorization"] == "Bearer a.b.c"
    assert "com.microsoft/MDM/AADUserToken</Type></Meta><Data>a.b.c</Data>" in body
    assert "./User/Vendor/MSFT/Policy/Config/A/B" in device.tree()


APPLY_CASES = [
    # options, commands, statuses behind the header's
    ([], command("Get", "./Device/Vendor/MSFT/NoSuchThing/X"), ["404"]),
    ([], command("Get", "./Device/Vendor/MSFT/Policy/Config/A/B"), ["404"]),
    ([], command("Replace", "./Device/Vendor/MSFT/NoSuchThing/X", "1", "int"), ["404"]),
    ([], command("Replace", "./DevDetail/SwV", "1"), ["405"]),
    ([], command("Exec", POLICY), ["405"]),
    ([], command("Delete", POLICY), ["404"]),
    (["--login", "none"], command("Replace", "./User/Vendor/MSFT/Policy/Config/A/B", "1", "int"),
     ["405"]),
    ([], command("Replace", "./User/Vendor/MSFT/Policy/Config/A/B", "1", "int"), ["405"]),
    ([], command("Replace", POLICY, "fifteen", "int"), ["415"]),
    ([], command("Replace", "./Vendor/MSFT/DMClient/Provider/Fake/FirstSyncStatus/BlockInStatusPage",
                 "true", "bool"), ["405"]),
    ([], command("Replace", "./Vendor/MSFT/DMClient/Provider/Fake/FirstSyncStatus/"
                            "TimeOutUntilSyncFailure", "10800", "int"), ["405"]),
    ([], command("Add", POLICY, "1", "int") + command("Add", POLICY, "1", "int", 11),
     ["200", "418"]),
    (["--refuse", f"{POLICY}=500"], command("Replace", POLICY, "1", "int"), ["500"]),
    ([], command("Exec", "./Device/Vendor/MSFT/EnterpriseModernAppManagement/AppInstallation/P/"
                         "HostedInstall", "&lt;Application/&gt;", "xml"), ["404"]),
    ([], command("Add", "./Device/Vendor/MSFT/EnterpriseDesktopAppManagement/MSI/%7BX%7D/"
                        "DownloadInstall") +
     command("Exec", "./Device/Vendor/MSFT/EnterpriseDesktopAppManagement/MSI/%7BX%7D/"
                     "DownloadInstall", '<MsiInstallJob id="x"/>', "xml", 11), ["200", "202"]),
    ([], command("Exec", "./Device/Vendor/MSFT/Reboot/RebootNow"), ["200"]),
]


@pytest.mark.parametrize("options,commands,expected", APPLY_CASES,
                         ids=[str(i) for i in range(len(APPLY_CASES))])
def test_a_command_gets_the_status_of_windows(device, mdm, options, commands, expected):
    device.enrolled()
    mdm.commands = [commands]
    done = device.session(*options)
    assert done.returncode == 0, done.stderr
    assert [s[3] for s in statuses(mdm.sent("sync")[1][1])[1:]] == expected


def test_an_atomic_fails_as_a_whole(device, mdm):
    device.enrolled()
    mdm.commands = ["<Atomic><CmdID>9</CmdID>" + command("Replace", POLICY, "1", "int", 10) +
                    command("Replace", "./DevDetail/SwV", "1", number=11) +
                    command("Replace", POLICY + "2", "1", "int", 12) + "</Atomic>"]
    assert device.session().returncode == 0
    assert statuses(mdm.sent("sync")[1][1])[1:] == [
        ("9", "Atomic", None, "507"), ("10", "Replace", None, "216"),
        ("11", "Replace", None, "405"), ("12", "Replace", None, "216")]
    assert POLICY not in device.tree()


def test_items_that_end_differently_get_a_status_each(device, mdm):
    device.enrolled()
    mdm.commands = [f"<Delete><CmdID>10</CmdID><Item><Target><LocURI>{POLICY}</LocURI></Target>"
                    "</Item><Item><Target><LocURI>./DevDetail/SwV</LocURI></Target></Item></Delete>"]
    assert device.session().returncode == 0
    assert statuses(mdm.sent("sync")[1][1])[1:] == [("10", "Delete", POLICY, "404"),
                                                    ("10", "Delete", "./DevDetail/SwV", "405")]


def test_interior_nodes_and_whole_trees_can_be_read(device, mdm):
    device.enrolled()
    mdm.commands = [command("Get", "./DevInfo") +
                    command("Get", "./Vendor/MSFT/DeviceStatus/OS?list=StructData", number=11)]
    assert device.session().returncode == 0
    body = mdm.sent("sync")[1][1]
    assert "<Data>DevId/Man/Mod/DmV/Lang</Data>" in body
    assert body.count("<LocURI>./Vendor/MSFT/DeviceStatus/OS/") == 2


def test_facts_are_what_the_test_says(device, mdm):
    device.enrolled()
    mdm.commands = [command("Get", "./Vendor/MSFT/DeviceStatus/SecureBootState")]
    fact = "./Device/Vendor/MSFT/DeviceStatus/SecureBootState"
    assert device.session("--fact", f"{fact}=2").returncode == 0
    assert "<Data>2</Data></Item></Results>" in mdm.sent("sync")[1][1]
    assert device.session().returncode == 0
    assert "<Data>2</Data></Item></Results>" in mdm.sent("sync")[3][1]


def swap_statuses(body):
    found = re.findall(r"<Status>.*?</Status>", body)
    return body.replace(found[1] + found[2], found[2] + found[1])


GOOD = command("Replace", POLICY, "15", "int")
SYNC_CASES = [
    # what the server does wrong, what the device says
    (lambda b: b.replace("<MsgID>1<", "<MsgID>2<"), "MsgID"),
    (lambda b: b.replace("<SessionID>1<", "<SessionID>7<"), "SessionID"),
    (lambda b: b.replace("DM/1.2", "DM/1.1"), "VerProto"),
    (lambda b: re.sub(r"<Target><LocURI>[0-9A-F]{32}", "<Target><LocURI>X", b), "Target"),
    (lambda b: b.replace("/MDM.svc</LocURI></Source>", "/MDM</LocURI></Source>"), "Source"),
    (swap_statuses, "a Status for"),
    (lambda b: b.replace(re.findall(r"<Status>.*?</Status>", b)[0], ""), "SyncHdr"),
    (lambda b: b.replace(re.findall(r"<Status>.*?</Status>", b)[2], ""), "a Status for"),
    (lambda b: b.replace(re.findall(r"<Status>.*?</Status>", b)[3], ""), "no Status for"),
    (lambda b: b.replace("<CmdRef>3<", "<CmdRef>4<"), "a Status for"),
    (lambda b: b.replace("<MsgRef>1</MsgRef><CmdRef>2", "<MsgRef>2</MsgRef><CmdRef>2"),
     "a Status for"),
    (lambda b: b.replace("<Final/>", re.findall(r"<Status>.*?</Status>", b)[1].replace(
        "<CmdID>2<", "<CmdID>99<") + "<Final/>"), "nobody waits"),
    (lambda b: b.replace("<Final/>", ""), "no Final"),
    (lambda b: b.replace("<Final/>", "").replace("<Replace>", "<Final/><Replace>"), "after Final"),
    (lambda b: b.replace("<CmdID>10<", "<CmdID>1<"), "comes twice"),
    (lambda b: b.replace("<CmdID>10<", "<CmdID>0<"), "without a CmdID"),
    (lambda b: b.replace("<CmdID>10</CmdID>", ""), "without a CmdID"),
    (lambda b: b.replace("<Data>15</Data>", "<Data><![CDATA[15]]></Data>"), "CDATA"),
    (lambda b: b.replace(' xmlns="syncml:metinf"', ""), "namespace"),
    (lambda b: b.replace('"syncml:metinf"', '"syncml:metinfo"'), "namespace"),
    (lambda b: b.replace("SYNCML:SYNCML1.2", "SYNCML:SYNCML1.1"), "SyncML 1.2"),
    (lambda b: b.replace(">int<", ">integer<"), "Format"),
    (lambda b: b.replace(f"<LocURI>{POLICY}", "<LocURI>/Device/X"), "LocURI"),
    (lambda b: b.replace("/Policy/Config", "/Policy//Config"), "LocURI"),
    (lambda b: re.sub(r"(<Target><LocURI>\./Device.*?</Target>)(<Meta>.*?</Meta>)", r"\2\1", b),
     "may not stand there"),
    (lambda b: re.sub(r"<CmdID>10</CmdID>(<Item>.*</Item>)", r"\1<CmdID>10</CmdID>", b),
     "may not stand there"),
    (lambda b: b.replace("<Replace>", "<Copy>").replace("</Replace>", "</Copy>"),
     "may not stand there"),
    (lambda b: b.replace("<Data>15</Data>", "<Data>15</Data><MoreData/>"), "in parts"),
    (lambda b: b.replace("<VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto>",
                         "<VerProto>DM/1.2</VerProto><VerDTD>1.2</VerDTD>"), "may not stand there"),
    (lambda b: b.replace("<Item>", "").replace("</Item>", ""), "may not stand there"),
    (lambda b: b.replace("<Data>200</Data>", "<Data>401</Data>", 1), "status 401"),
    (lambda b: "<!DOCTYPE SyncML>" + b, "DOCTYPE"),
    (lambda b: b[:-3], "not XML"),
    (lambda b: "", "empty"),
]


@pytest.mark.parametrize("bend,sentence", SYNC_CASES,
                         ids=[f"{i}-{c[1]}" for i, c in enumerate(SYNC_CASES)])
def test_a_wrong_management_message_is_noticed(device, mdm, bend, sentence):
    device.enrolled()
    mdm.commands = [GOOD]

    def checked(body):
        bent = bend(body)
        assert bent != body, "the case bends nothing"
        return bent
    mdm.bend_sync = checked
    refuses(device.session(), sentence)
    assert len(mdm.sent("sync")) == 1


@pytest.mark.parametrize("bend,sentence", [
    (lambda r: setattr(r, "is_chunked", True), "chunked"),
    (lambda r: setattr(r, "content_type", "text/xml"), "Content-Type"),
    (lambda r: setattr(r, "status", 403), "HTTP 403"),
    (lambda r: setattr(r, "status", 503), "HTTP 503"),
], ids=["chunked", "type", "403", "503"])
def test_a_wrong_management_reply_is_noticed(device, mdm, bend, sentence):
    device.enrolled()
    mdm.bend["sync"] = bend
    refuses(device.session(), sentence)


def test_a_session_without_end_is_noticed(device, mdm):
    device.enrolled()
    mdm.commands = [command("Get", "./DevDetail/SwV")] * 500
    refuses(device.session(), "does not end")


# leaving


def test_the_user_disconnects(device, mdm):
    device.enrolled()
    done = device.run("unenroll")
    assert done.returncode == 0, done.stderr
    headers, body = mdm.sent("sync")[0]
    assert headers["mdm-genericalert"] == "<com.microsoft:mdm.unenrollment.userrequest>"
    assert re.findall(r"<Data>(1\d\d\d)</Data>", body) == ["1201", "1224", "1226"]
    assert ">critical</Mark></Meta><Data>1</Data>" in body
    state = device.state()
    assert not state["is_enrolled"] and state["device_id"]
    assert sorted(p.name for p in device.dir.iterdir()) == ["device.json"]
    refuses(device.session(), "not enrolled")
    device.enrolled()


def test_the_enrolment_goes_even_when_the_server_is_away(device, mdm):
    device.enrolled()
    mdm.bend["sync"] = lambda r: setattr(r, "status", 500)
    refuses(device.run("unenroll"), "HTTP 500")
    assert not device.state()["is_enrolled"]


def test_the_server_removes_the_enrolment(device, mdm):
    device.enrolled()
    mdm.commands = [command("Exec", "./Device/Vendor/MSFT/DMClient/Provider/Fake/Unenroll", "Fake")]
    done = device.session()
    assert done.returncode == 0, done.stderr
    assert not device.state()["is_enrolled"]
    bodies = [body for _, body in mdm.sent("sync")]
    # No Status for the Exec: a new session with the alert instead.
    assert len(bodies) == 2 and "<MsgID>1<" in bodies[1] and "<Data>1226</Data>" in bodies[1]


def test_a_wiped_device_is_gone(device, mdm):
    device.enrolled()
    mdm.commands = [command("Exec", "./Device/Vendor/MSFT/RemoteWipe/doWipe", "")]
    done = device.session()
    assert done.returncode == 0 and "wiped" in done.stdout
    refuses(device.session(), "wiped")
    assert not (device.dir / "key.pem").exists()


# renewal, schedule, load


def test_a_renewal_changes_key_and_certificate(device, mdm):
    device.enrolled()
    before = ((device.dir / "key.pem").read_text(), (device.dir / "certificate.pem").read_text())
    done = device.run("renew")
    assert done.returncode == 0, done.stderr
    after = ((device.dir / "key.pem").read_text(), (device.dir / "certificate.pem").read_text())
    assert before[0] != after[0] and before[1] != after[1]
    _, body = mdm.sent("request")[1]
    assert "/Renew</wst:RequestType>" in body and "#PKCS7" in body and "wsse:Security " not in body
    assert device.session().returncode == 0
    assert mdm.client_certificates[-1] == der_of(device.dir / "certificate.pem")


def test_a_refused_renewal_leaves_the_certificate(device, mdm):
    device.enrolled()
    before = (device.dir / "certificate.pem").read_text()
    mdm.bend["request"] = lambda r: fault(r, "s:EnrollmentServer", "NotEligibleToRenew")
    refuses(device.run("renew"), "NotEligibleToRenew", "0x80180016")
    assert (device.dir / "certificate.pem").read_text() == before
    assert device.session().returncode == 0


def test_a_device_follows_its_schedule(device, mdm):
    device.enrolled()
    done = device.run("run", "--time-scale", "600", "--sessions", "3", "--verbose")
    assert done.returncode == 0, done.stderr
    assert len(mdm.sent("sync")) == 3
    assert done.stdout.count("next session in 1 minutes") == 2


def test_a_schedule_set_in_a_session_counts(device, mdm):
    device.enrolled()
    uri = "./Vendor/MSFT/DMClient/Provider/Fake/Poll/IntervalForFirstSetOfRetries"
    mdm.commands = [command("Replace", uri, "7", "int")]
    done = device.run("run", "--time-scale", "6000", "--sessions", "2", "--verbose")
    assert done.returncode == 0, done.stderr
    assert "next session in 7 minutes" in done.stdout


def load(device, mdm, tmp_path, *options):
    (tmp_path / "control").write_text("x")
    return device.run("load", "--discovery-url", f"{mdm.url}/EnrollmentServer/Discovery.svc",
                      "--terms-url", f"{mdm.url}/TermsOfUse", "--entra-control", mdm.control_url,
                      "--entra-token-file", str(tmp_path / "control"), "--tenant", "t", "--app",
                      "a", "--user", "anna@contoso.test", "--devices", "4", "--concurrency", "2",
                      "--json", *options)


def test_a_load_enrols_and_manages(device, mdm, tmp_path):
    mdm.commands = [GOOD]
    done = load(device, mdm, tmp_path, "--sessions", "2")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert [report[p]["count"] for p in ("terms", "enroll", "session")] == [4, 4, 8]
    assert report["messages"] == 16 and report["commands"] == 8 and report["errors"] == []
    assert report["keys_made"] == 4
    for phase in ("terms", "enroll", "session"):
        row = report[phase]
        assert 0 < row["p50_ms"] <= row["p90_ms"] <= row["p99_ms"] <= row["max_ms"]
        assert row["per_second"] > 0
    again = json.loads(load(device, mdm, tmp_path).stdout)
    assert again["reused"] == 4 and again["enroll"]["count"] == 0 and again["keys_made"] == 0
    assert again["session"]["count"] == 4


def test_a_load_counts_errors_by_kind(device, mdm, tmp_path):
    mdm.bend["request"] = lambda r: fault(r, "s:Authorization", "DeviceCapReached")
    done = load(device, mdm, tmp_path)
    refuses(done, "4 steps failed")
    [row] = json.loads(done.stdout)["errors"]
    assert (row["phase"], row["kind"], row["code"], row["count"]) == (
        "enroll", "refused", "0x80180013", 4)


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


@pytest.mark.parametrize("join", ["federated", "certificate"])
def test_what_is_not_there_is_said(device, mdm, join):
    refuses(device.enroll("--join", join), "not supported yet")


# the shape of real clients


def shape(data):
    """Element and attribute names in order, without values."""
    def walk(x):
        yield x.tag
        yield from sorted(x.keys())
        for child in x:
            yield from walk(child)
    return list(walk(ET.fromstring(data)))


@pytest.mark.skipif(not os.environ.get("MUSTER_CAPTURES"), reason="needs the captured messages")
def test_messages_have_the_shape_of_captured_ones(device, mdm, tmp_path):
    folder = pathlib.Path(os.environ["MUSTER_CAPTURES"])
    (tmp_path / "password").write_text("demo")
    mdm.auth_policy = "OnPremise"
    mdm.commands = [command("Replace", POLICY, "1", "int", 5) +
                    command("Replace", POLICY, "1", "int", 6)]
    done = device.run("enroll", "--join", "on-premises", "--user", "demo@mdmwindows.com",
                      "--password-file", str(tmp_path / "password"), "--discovery-url",
                      f"{mdm.url}/EnrollmentServer/Discovery.svc", "--os-version",
                      "10.0.19043.2364")
    assert done.returncode == 0, done.stderr
    assert device.session().returncode == 0
    for phase, index, capture in (("discover", 0, "03_req_discovery"),
                                  ("policy", 0, "05_req_getpolicies"),
                                  ("sync", 0, "09_req_syncml"), ("sync", 1, "11_req_syncml")):
        captured = (folder / f"marcosd4h-mdm_{capture}.wire-bytes.xml").read_bytes()
        assert shape(mdm.sent(phase)[index][1]) == shape(captured), capture
    captured = (folder / "marcosd4h-mdm_07_req_rst.wire-bytes.xml").read_text()
    captured = re.sub(r'(<ac:ContextItem Name="MAC">.*?</ac:ContextItem>)+',
                      '<ac:ContextItem Name="MAC"><ac:Value/></ac:ContextItem>', captured)
    ours = mdm.sent("request")[0][1]
    assert shape(ours) == shape(captured)
    names = re.compile(r'ContextItem Name="([^"]+)"')
    assert names.findall(ours) == names.findall(captured)
