# SPDX-License-Identifier: Apache-2.0
"""Signed SOAP headers across implementations: the simulated device, this folder's own signer, the
command xmlsec1 and the server must all agree about what a signature covers."""

import subprocess

import pytest

import windows
from joining import Joining
from muster import MUSTER_DEVICE
from signed_header import (DSIG, ENVELOPED, EXC_C14N, MARK, POLICY_ACTION, POLICY_BODY, RSA_SHA256,
                           SHA256, USER_TOKEN, Authority, Header, envelope, post, token_message)
from sim_device import device, mdm, spare_key  # noqa: F401 (fixtures)

AUTHORITY = []


@pytest.fixture
def anna():
    if not AUTHORITY:
        AUTHORITY.append(Authority("Interop CA"))
    return AUTHORITY[0].issue("Anna", upn="anna@contoso.test")


def xmlsec(*words):
    return subprocess.run(["xmlsec1", *map(str, words)], capture_output=True, text=True,
                          timeout=60)


def verifies(tmp_path, credential, message):
    (tmp_path / "certificate.pem").write_text(credential.pem)
    (tmp_path / "message.xml").write_text(message)
    done = xmlsec("--verify", "--pubkey-cert-pem", tmp_path / "certificate.pem",
                  tmp_path / "message.xml")
    assert "SignedInfo References" in done.stdout + done.stderr, done
    return done.returncode == 0


class Somewhere:
    public_url = "https://mdm.contoso.test"


def test_what_the_tests_sign_is_a_signature(tmp_path, anna):
    message = token_message(Somewhere, Header(anna, USER_TOKEN),
                            windows.csr_der(anna.key), name="&lt;&amp;> \u00fc")
    assert verifies(tmp_path, anna, message)
    assert not verifies(tmp_path, anna, message.replace("UXInitiated", "UXinitiated"))


def test_what_xmlsec_signs_is_accepted(site, tmp_path):
    """In another layout than any of ours: blanks, line ends, a prefix for the signature, single
    quotes, empty elements, declarations where they are not needed."""
    joining = Joining(site)
    header = Header(joining.anna)
    url = f"{site.server.public_url}/EnrollmentServer/Policy.svc"
    template = (
        f"<ds:Signature xmlns:ds='{DSIG}'>\n <ds:SignedInfo>\n  <ds:CanonicalizationMethod "
        f"Algorithm='{EXC_C14N}'/>\r\n  <ds:SignatureMethod Algorithm='{RSA_SHA256}'/>\n  "
        f"<ds:Reference URI=''><ds:Transforms><ds:Transform Algorithm='{ENVELOPED}'/>"
        f"</ds:Transforms><ds:DigestMethod Algorithm='{SHA256}'/><ds:DigestValue/>"
        "</ds:Reference>\n </ds:SignedInfo>\n <ds:SignatureValue/>\n <ds:KeyInfo>"
        f"{header.key_info()}</ds:KeyInfo>\n</ds:Signature>")
    message = envelope(header, url, POLICY_ACTION, POLICY_BODY).replace(MARK, template)
    message = message.replace("<client>", "\r\n\t<client xmlns:u='urn:again' >").replace(
        "<s:Body>", '<s:Body xmlns:a="http://www.w3.org/2005/08/addressing">')
    (tmp_path / "template.xml").write_text(message, newline="")
    (tmp_path / "key.pem").write_text(joining.anna.key_pem())
    done = xmlsec("--sign", "--privkey-pem", tmp_path / "key.pem", "--output",
                  tmp_path / "signed.xml", tmp_path / "template.xml")
    assert done.returncode == 0, done.stderr
    signed = (tmp_path / "signed.xml").read_bytes()
    reply = post(site.server, "Policy", signed)
    assert reply.status == 200, reply.body
    joining.refused(post(site.server, "Policy", signed.replace(b"urn:again", b"urn:other")),
                    "s:Authentication", "signature_invalid")


def client_files(tmp_path, credential):
    (tmp_path / "client.pem").write_text(credential.pem)
    (tmp_path / "client.key").write_text(credential.key_pem())
    return ["--join", "certificate", "--client-certificate", str(tmp_path / "client.pem"),
            "--client-key", str(tmp_path / "client.key")]


def test_what_the_simulated_device_signs_is_a_signature(device, mdm, tmp_path, anna):
    mdm.auth_policy = "Certificate"
    done = device.run("enroll", "--user", "anna@contoso.test", "--discovery-url",
                      f"{mdm.url}/EnrollmentServer/Discovery.svc", *client_files(tmp_path, anna))
    assert done.returncode == 0, done.stderr
    assert "<AuthPolicy>Certificate</AuthPolicy>" in mdm.sent("discover")[0][1]
    for phase, kind in (("policy", "#X509v3\""), ("request", "DeviceEnrollmentUserToken\"")):
        [(_, body)] = mdm.sent(phase)
        assert kind in body and verifies(tmp_path, anna, body)
        assert not verifies(tmp_path, anna, body.replace("</a:To>", " </a:To>"))


def test_the_simulated_device_needs_its_files(device, mdm, tmp_path, anna):
    files = client_files(tmp_path, anna)
    for options in (files[:2], files[:4], [*files[:5], str(tmp_path / "client.pem")]):
        done = device.run("enroll", "--discovery-url",
                          f"{mdm.url}/EnrollmentServer/Discovery.svc", *options)
        assert done.returncode in (1, 2) and done.stderr, options
    assert mdm.sent("request") == []


def simulated(server, directory, *words):
    done = subprocess.run([MUSTER_DEVICE, *map(str, words), "--dir", str(directory), "--ca",
                           str(server.ca)], capture_output=True, text=True, timeout=120)
    assert "Sanitizer" not in done.stderr, done.stderr
    return done


def test_the_simulated_device_enrols_and_has_a_session(site, tmp_path):
    joining = Joining(site)
    joining.tenant.set(domains=[joining.tenant.domain])
    discovery = f"{site.server.public_url}/EnrollmentServer/Discovery.svc"
    done = simulated(site.server, tmp_path / "pc", "enroll", "--discovery-url", discovery,
                     "--user", f"anna@{joining.tenant.domain}",
                     *client_files(tmp_path, joining.anna))
    assert done.returncode == 0, done.stderr
    done = simulated(site.server, tmp_path / "pc", "session")
    assert done.returncode == 0, done.stderr
    [shown] = site.server.items(f"devices?tenant_id={joining.tenant.tenant}")
    assert shown["user_principal_name"] == f"Anna@{joining.tenant.domain}" and shown["last_seen_at"]
    # With the key of somebody else the server says no, and the device what Windows shows.
    eve = joining.authority.issue("Eve", number=6)
    files = client_files(tmp_path, joining.anna)
    (tmp_path / "client.key").write_text(eve.key_pem())
    done = simulated(site.server, tmp_path / "pc2", "enroll", "--discovery-url", discovery,
                     "--user", f"anna@{joining.tenant.domain}", *files)
    assert done.returncode == 1 and "0x80180002" in done.stderr, done.stderr
