# SPDX-License-Identifier: Apache-2.0
"""Enrolment by a signed SOAP header: what is believed, and everything that is not."""

import datetime
import hashlib
import uuid

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

import windows
from joining import Joining
from muster import ApiError
from signed_header import (MARK, POLICY_ACTION, POLICY_BODY, TOKEN_ACTION, USER_TOKEN, Authority, Credential,
                           Header, c14n, envelope, now, policies_message, post, token_body)
from tenancy import Site, refused
from test_cli import Cli


@pytest.fixture
def joining(site):
    return Joining(site)


def test_a_signed_request_gets_policy_and_certificate(joining):
    assert joining.policies(Header(joining.anna)).status == 200
    key, device_id = joining.site.key(), uuid.uuid4().hex.upper()
    reply = joining.enroll(csr=windows.csr_der(key), device_id=device_id)
    document = windows.provisioning(reply)
    device = windows.Enrolled(joining.server, key, document, "User", device_id)
    assert windows.run_session(device)
    [shown] = joining.server.items(f"devices?tenant_id={joining.tenant.tenant}")
    assert shown["user_principal_name"] == f"Anna@{joining.tenant.domain}"
    assert shown["state"] == "enrolled" and shown["enrollment_type"] == "full"
    [row] = joining.tenant.attempts(stage="request")
    assert (row["outcome"], row["user_principal_name"]) == ("ok", shown["user_principal_name"])
    assert row["auth"] == "certificate"


def test_both_phases_take_either_name_of_the_token_and_every_spelling_of_its_id(joining):
    for value_type in (USER_TOKEN, "http://docs.oasis-open.org/wss/2004/01/"
                       "oasis-200401-wss-x509-token-profile-1.0#X509v3"):
        for uri in ("uuid-7e1a-1", "#uuid-7e1a-1", "7e1a-1", "#7e1a-1"):
            header = Header(joining.anna, value_type, token_id="uuid-7e1a-1", key_uri=uri)
            assert joining.policies(header).status == 200, (value_type, uri)


def test_the_equal_request_gets_the_equal_certificate(joining):
    """A captured message is worth nothing: it gives what its sender got, and fits no other key."""
    csr, device_id = windows.csr_der(joining.site.key()), uuid.uuid4().hex.upper()
    message = joining.message(csr=csr, device_id=device_id)
    first = post(joining.server, "Enrollment", message)
    again = post(joining.server, "Enrollment", message)
    signed_anew = joining.enroll(csr=csr, device_id=device_id)

    def certificate(reply):
        store = windows.characteristic(windows.provisioning(reply), "CertificateStore", "My",
                                       "User")
        return [p.get("value") for c in store for p in c if p.get("name") == "EncodedCertificate"]

    assert certificate(first) == certificate(again) == certificate(signed_anew) != []
    assert len(joining.tenant.certificates()) == 1
    other = joining.enroll(device_id=device_id)  # another key of the same user: a new certificate
    assert certificate(other) != certificate(first)
    assert len(joining.server.items(f"devices?tenant_id={joining.tenant.tenant}"
                                    "&state=enrolled")) == 1


def test_the_user_is_the_same_with_a_renewed_certificate(joining):
    joining.tenant.set(device_limit=1)
    name = f"Anna@{joining.tenant.domain}"
    assert joining.enroll(device_id="A" * 32).status == 200
    renewed = joining.authority.issue("Somebody", upn=name.upper(), number=2)
    reply = joining.enroll(Header(renewed, USER_TOKEN), device_id="B" * 32)
    assert windows.Fault(reply).error_type == "DeviceCapReached"
    assert joining.enroll(Header(renewed, USER_TOKEN), device_id="A" * 32).status == 200


@pytest.mark.parametrize("fields,shown", [
    ({"common_name": "pc-17"}, "pc-17"),
    ({"common_name": "x", "email": "bob@contoso.test"}, "bob@contoso.test"),
    ({"common_name": "x", "email": "bob@contoso.test", "upn": "b@contoso.test"}, "b@contoso.test"),
    ({"common_name": "x", "upn": "a\nb@contoso.test"}, "x"),
    ({"common_name": "x", "upn": "u" * 300}, "x"),
])
def test_the_name_comes_from_the_certificate(joining, fields, shown):
    certificate = joining.authority.issue(**fields)
    assert joining.enroll(Header(certificate, USER_TOKEN)).status == 200
    [device] = joining.server.items(f"devices?tenant_id={joining.tenant.tenant}")
    assert device["user_principal_name"] == shown


# threats, case 15: what XML signatures are attacked with

def wrapped(message):
    """The signed message as it was, carried along in a message of the attacker."""
    inner = message[message.index("<s:Envelope"):]
    return message.replace("</s:Header>", f"<x:Old xmlns:x='urn:x'>{inner}</x:Old></s:Header>", 1)


def second_body(message):
    body = message[message.index("<s:Body>"):message.index("</s:Envelope>")]
    return message.replace("</s:Envelope>", body + "</s:Envelope>")


def cut(text, start, end):
    """(text without the part, the part)"""
    i = text.index(start)
    j = text.index(end, i) + len(end)
    return text[:i] + text[j:], text[i:j]


def moved(message, place):
    rest, signature = cut(message, "<Signature ", "</Signature>")
    return rest.replace(place, signature + place, 1)


def doubled(message):
    _, signature = cut(message, "<Signature ", "</Signature>")
    return message.replace(signature, signature * 2)


def two_tokens(message):
    _, token = cut(message, "<wsse:BinarySecurityToken", "</wsse:BinarySecurityToken>")
    return message.replace(token, token * 2, 1)


CHANGES = {
    "wrapped": (wrapped, "signature_form"),
    "signature_moved_to_the_header": (lambda m: moved(m, "</s:Header>"), "signature_form"),
    "signature_moved_to_the_body": (lambda m: moved(m, "</GetPolicies>"), "signature_form"),
    "two_signatures": (doubled, "signature_form"),
    "two_tokens": (two_tokens, "security_malformed"),
    "text_added": (lambda m: m.replace("</client>", "x</client>"), "signature_invalid"),
    "attribute_added": (lambda m: m.replace("<client>", '<client x="y">'), "signature_invalid"),
    "to_changed": (lambda m: m.replace("/Policy.svc</a:To>", "/Enrollment.svc</a:To>"),
                   "signature_invalid"),
    "timestamp_changed": (lambda m: m.replace('u:Id="_0"', 'u:Id="_1"'), "signature_invalid"),
    "signature_value_changed": (lambda m: m.replace("<SignatureValue>", "<SignatureValue>AAAA"),
                                "signature_invalid"),
    "element_after_the_signature": (
        lambda m: m.replace("</wsse:Security>", "<u:X></u:X></wsse:Security>"),
        "signature_invalid"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_message_is_refused_case_15(joining, change):
    bend, reason = CHANGES[change]
    message = policies_message(joining.server, Header(joining.anna))
    bent = bend(message)
    assert bent != message
    subcode = "s:Authentication" if reason == "signature_invalid" else "a:InvalidSecurity"
    joining.refused(post(joining.server, "Policy", bent), subcode, reason)
    assert post(joining.server, "Policy", message).status == 200


def test_a_second_body_is_no_message_case_15(joining):
    message = policies_message(joining.server, Header(joining.anna))
    refused(post(joining.server, "Policy", second_body(message)), "s:MessageFormat",
            "message_malformed", joining.server)


def test_another_certificate_request_under_the_signature_is_refused(joining):
    """The attacker's key under somebody's signature: what a signature is for."""
    mine = windows.csr_der(joining.site.key())
    message = joining.message()
    rest, _ = cut(message, 'enrollment#PKCS10"', "</wsse:BinarySecurityToken>")
    other = joining.message(csr=mine)
    _, evil = cut(other, 'enrollment#PKCS10"', "</wsse:BinarySecurityToken>")
    at = message.index('enrollment#PKCS10"')
    joining.refused(post(joining.server, "Enrollment", rest[:at] + evil + rest[at:]),
                    "s:Authentication", "signature_invalid")
    assert joining.tenant.certificates() == []


def test_what_canonical_form_leaves_out_changes_nothing(joining):
    """Comments, CDATA, quotes and blanks in tags are not signed, and are not read either."""
    message = joining.message()
    at = message.index("</ac:Value>")
    for bent in (message[:at] + "<!-- x -->" + message[at:],
                 message.replace("DESKTOP-1", "<![CDATA[DESK]]>TOP<!-- -->-1"),
                 message.replace('Name="DeviceName"', "Name = 'DeviceName' "),
                 "<?xml version='1.0' encoding='utf-8'?>\r\n" + message):
        assert bent != message
        assert post(joining.server, "Enrollment", bent).status == 200
    [device] = joining.server.items(f"devices?tenant_id={joining.tenant.tenant}")
    assert device["name"] == "DESKTOP-1"


XSLT = ('<Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116">'
        '<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" version="1.0">'
        '<xsl:template match="/"><x></x></xsl:template></xsl:stylesheet></Transform>')
XPATH = ('<Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116">'
         '<XPath>false()</XPath></Transform>')
GOOD = '<Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"></Transform>'


def transform(algorithm):
    return f'<Transform Algorithm="{algorithm}"></Transform>'


FORMS = {
    "no_transform": {"transforms": ""},
    "xpath": {"transforms": GOOD + XPATH},
    "xslt": {"transforms": GOOD + XSLT},
    "xpath_filter": {"transforms": GOOD + transform("http://www.w3.org/2002/06/xmldsig-filter2")},
    "base64": {"transforms": GOOD + transform("http://www.w3.org/2000/09/xmldsig#base64")},
    "c14n_with_comments": {"transforms": GOOD + transform(
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments")},
    "exclusive_c14n": {"transforms": GOOD + transform("http://www.w3.org/2001/10/xml-exc-c14n#")},
    "enveloped_twice": {"transforms": GOOD * 2},
    "reference_to_an_id": {"uri": "#_0"},
    "reference_outside": {"uri": "http://127.0.0.1:1/x"},
    "reference_to_a_file": {"uri": "file:///etc/passwd"},
    "reference_xpointer": {"uri": "#xpointer(/)"},
    "no_reference": {"reference": ""},
    "two_references": {"more_references": (
        f'<Reference URI=""><Transforms>{GOOD}</Transforms><DigestMethod Algorithm="http://www.w3'
        '.org/2001/04/xmlenc#sha256"></DigestMethod><DigestValue>AAAA</DigestValue></Reference>')},
    "signed_info_c14n_with_comments": {
        "c14n_method": "http://www.w3.org/2001/10/xml-exc-c14n#WithComments"},
    "signed_info_inclusive": {"c14n_method": "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"},
    "sha1_digest": {"digest_method": "http://www.w3.org/2000/09/xmldsig#sha1"},
    "rsa_sha1": {"signature_method": "http://www.w3.org/2000/09/xmldsig#rsa-sha1"},
    "rsa_md5": {"signature_method": "http://www.w3.org/2001/04/xmldsig-more#rsa-md5"},
    "key_retrieval": {"key_info": (
        '<RetrievalMethod URI="http://127.0.0.1:1/key"></RetrievalMethod>')},
    "key_value": {"key_info": (
        "<KeyValue><RSAKeyValue><Modulus>AQAB</Modulus><Exponent>AQAB</Exponent></RSAKeyValue>"
        "</KeyValue>")},
    "key_x509_data": {"key_info": "<X509Data><X509Certificate>AAAA</X509Certificate></X509Data>"},
    "key_name": {"key_info": "<KeyName>key</KeyName>"},
    "key_info_empty": {"key_info": ""},
    "key_reference_elsewhere": {"key_uri": "#uuid-another"},
    "key_reference_empty": {"key_uri": ""},
    "object": {"object": "<Object>x</Object>"},
    "manifest": {"object": "<Object><Manifest></Manifest></Object>"},
    "no_timestamp": {"timestamp": ""},
    "timestamp_without_end": {"timestamp": (
        "<u:Timestamp><u:Created>2030-01-01T00:00:00Z</u:Created></u:Timestamp>")},
    "timestamp_of_words": {"timestamp": (
        "<u:Timestamp><u:Created>now</u:Created><u:Expires>then</u:Expires></u:Timestamp>")},
}


@pytest.mark.parametrize("form", FORMS)
def test_only_the_one_form_of_a_signature_is_read_case_15(joining, form):
    joining.refused(joining.policies(Header(joining.anna, **FORMS[form])), "a:InvalidSecurity",
                    "signature_form")


def test_an_hmac_keyed_with_the_public_certificate_is_refused(joining):
    for method in ("http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
                   "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"):
        header = Header(joining.anna, hmac=joining.anna.der, signature_method=method)
        joining.refused(joining.policies(header), "a:InvalidSecurity", "signature_form")


def test_a_document_type_is_no_message_case_15(joining):
    message = policies_message(joining.server, Header(joining.anna))
    for doctype in ('<!DOCTYPE x>', '<!DOCTYPE x [<!ENTITY e "x">]>',
                    '<!DOCTYPE x SYSTEM "file:///etc/passwd">',
                    '<?xml-stylesheet href="http://127.0.0.1:1/"?>'):
        reply = post(joining.server, "Policy", doctype + message)
        assert reply.status == 400
    # In UTF-16 it is not the text that was signed, and not read at all.
    assert post(joining.server, "Policy", message.encode("utf-16")).status == 400


def test_a_signature_of_another_key_is_refused(joining):
    header = Header(joining.anna, key=joining.authority.issue(number=3).key)
    joining.refused(joining.policies(header), "s:Authentication", "signature_invalid")


def test_a_digest_of_something_else_is_refused(joining):
    header = Header(joining.anna, digest_of=lambda document: c14n(document) + " ")
    joining.refused(joining.policies(header), "s:Authentication", "signature_invalid")


def test_a_certificate_without_signature_proves_nothing(joining):
    url = f"{joining.server.public_url}/EnrollmentServer/Policy.svc"
    header = Header(joining.anna)
    message = envelope(header, url, POLICY_ACTION, POLICY_BODY)
    joining.refused(post(joining.server, "Policy", message.replace(MARK, "")),
                    "a:InvalidSecurity", "signature_form")


# The timestamp

@pytest.mark.parametrize("created,expires", [
    ({"minutes": -20}, {"minutes": -10}), ({"minutes": 10}, {"minutes": 15}),
    ({"minutes": -1}, {"minutes": 70}), ({"minutes": 1}, {"minutes": -1}),
    ({"days": -400}, {"days": -399}), ({}, {"days": 3650})])
def test_a_message_of_another_time_is_refused(joining, created, expires):
    header = Header(joining.anna, created=now(**created), expires=now(**expires))
    joining.refused(joining.policies(header), "s:Authentication", "signature_time")


def test_clocks_may_differ_by_some_minutes(joining):
    for created, expires in ((-9, -4), (4, 9), (-2, 50)):
        header = Header(joining.anna, created=now(minutes=created), expires=now(minutes=expires))
        assert joining.policies(header).status == 200, created


# The address

def addressed(joining, url, header=None):
    header = header or Header(joining.anna)
    return post(joining.server, "Policy",
                header.sign(envelope(header, url, POLICY_ACTION, POLICY_BODY)))


@pytest.mark.parametrize("change", [
    lambda url: "https://mdm.elsewhere.test/EnrollmentServer/Policy.svc",
    lambda url: url.replace("127.0.0.1", "127.0.0.10"),
    lambda url: url.replace("127.0.0.1", "127.0.0.1.elsewhere.test"),
    lambda url: url.replace("https://", "https://mdm.elsewhere.test@"),
    lambda url: url.replace("https://", "https://mdm.elsewhere.test/"),
    lambda url: url.replace("https://", "http://"),
    lambda url: url.replace("/Policy.svc", ":443/Policy.svc"),
    lambda url: url.replace("Policy", "Enrollment"),
    lambda url: url.replace("/EnrollmentServer/Policy.svc", ""),
    lambda url: url + "/x", lambda url: url[:-1], lambda url: url + "#x",
    lambda url: url.removeprefix("https://"), lambda url: "https://", lambda url: ""])
def test_a_message_for_another_address_is_refused(joining, change):
    """What somebody signed for another management, or for another service of this one, is worth
    nothing here although signature and certificate are good."""
    url = change(f"{joining.server.public_url}/EnrollmentServer/Policy.svc")
    row = joining.refused(addressed(joining, url), "s:Authentication", "signature_address")
    assert row["remedy"].endswith(f" The message was signed for {url or 'nothing'}")
    assert row["tenant_id"] == joining.tenant.tenant


def test_a_request_for_another_address_gets_no_certificate(joining):
    header = Header(joining.anna, USER_TOKEN)
    body = token_body(windows.csr_der(joining.site.key()), windows.context(kind="Full"))
    for url in ("https://mdm.elsewhere.test/EnrollmentServer/Enrollment.svc",
                f"{joining.server.public_url}/EnrollmentServer/Policy.svc"):
        joining.refused(post(joining.server, "Enrollment", header.sign(
            envelope(header, url, TOKEN_ACTION, body))), "s:Authentication", "signature_address")
    assert joining.tenant.certificates() == []


def test_every_spelling_of_our_address_is_ours(joining):
    public, manage = joining.server.public_url, joining.server.manage_url
    for url in (f"{public}/EnrollmentServer/Policy.svc", f"{manage}/EnrollmentServer/Policy.svc",
                f"{public}/enrollmentserver/POLICY.SVC",
                f"HTTPS{public[5:]}/EnrollmentServer/Policy.svc",
                f"\r\n {public}/EnrollmentServer/Policy.svc ",
                f"{public}/EnrollmentServer/Policy.svc?os=10.0.1&amp;edition=4"):
        assert addressed(joining, url).status == 200, url


def test_the_port_of_https_need_not_be_named(entra, tmp_path):
    """A server that devices know without a port; case of the name does not matter either."""
    site = Site(tmp_path, entra, "sqlite")
    try:
        assert site.server.stop() == 0
        site.server.certify("IP:127.0.0.1", "DNS:localhost")
        text = site.server.conf.read_text()
        site.server.conf.write_text(text.replace(f"public_url      = {site.server.public_url}\n",
                                                 "public_url      = https://localhost\n"))
        site.server.start()
        joining = Joining(site)
        site.server.public_url = site.server.public_url.replace("127.0.0.1", "localhost")
        for name in ("localhost", "localhost:443", "LocalHost:443"):
            reply = addressed(joining, f"https://{name}/EnrollmentServer/Policy.svc")
            assert reply.status == 200, reply.body
        for name in ("localhost:444", "localhost:", "localhost:4430", "localhost:0443"):
            joining.refused(addressed(joining, f"https://{name}/EnrollmentServer/Policy.svc"),
                            "s:Authentication", "signature_address")
    finally:
        assert site.server.stop() == 0


# The certificate, threats, case 12

def test_an_expired_certificate_is_refused_and_the_user_is_known_case_12(joining):
    for times in ({"start": now(days=-9), "end": now(days=-1)}, {"start": now(days=1)}):
        old = joining.authority.issue(upn="anna@contoso.test", **times)
        row = joining.refused(joining.policies(Header(old)), "s:Authentication",
                              "certificate_expired")
        assert row["tenant_id"] == joining.tenant.tenant
        assert row["user_principal_name"] == "anna@contoso.test"
        # Only who has its key is believed to be that user.
        joining.refused(joining.policies(Header(old, key=joining.authority.key)),
                        "s:Authentication", "signature_invalid")


def test_a_foreign_ca_is_refused_whatever_it_is_called_case_12(joining):
    cn = joining.authority.certificate.subject.rfc4514_string().removeprefix("CN=")
    for authority in (Authority(number=4), Authority(cn, number=4)):
        header = Header(authority.issue(upn="anna@contoso.test"))
        joining.refused(joining.policies(header), "s:Authentication", "certificate_untrusted")


def test_a_ca_below_the_trusted_one_is_not_trusted_by_itself_case_12(joining):
    """Nothing is built from what a client sends: each issuing CA is named by the tenant."""
    below = Authority(parent=joining.authority, number=5)
    header = Header(below.issue(upn="anna@contoso.test"))
    joining.refused(joining.policies(header), "s:Authentication", "certificate_untrusted")
    joining.trust(below)
    assert joining.policies(header).status == 200


def test_the_certificate_of_a_ca_enrols_nothing_case_12(joining):
    joining.refused(joining.policies(Header(joining.authority)), "s:Authentication",
                    "certificate_ca")
    below = joining.authority.issue(is_ca=True, key_usage=("digital_signature", "key_cert_sign"))
    joining.refused(joining.policies(Header(below)), "s:Authentication", "certificate_ca")


@pytest.mark.parametrize("reason,fields", [
    ("certificate_usage", {"key_usage": ("key_encipherment",)}),
    ("certificate_usage", {"key_usage": ()}),
    ("certificate_usage", {"eku": (ExtendedKeyUsageOID.SERVER_AUTH,)}),
    ("certificate_usage", {"eku": (ExtendedKeyUsageOID.CODE_SIGNING,)}),
    ("certificate_key", {"bits": 1024}),
    ("certificate_key", {"private": ec.generate_private_key(ec.SECP256R1())}),
])
def test_a_certificate_for_something_else_is_refused_case_12(joining, reason, fields):
    header = Header(joining.authority.issue(**fields), key=joining.anna.key)
    joining.refused(joining.policies(header), "s:Authentication", reason)


def test_a_certificate_without_extended_usages_is_for_everything(joining):
    assert joining.policies(Header(joining.authority.issue(eku=()))).status == 200


def test_a_certificate_signed_with_sha1_is_not_trusted(joining):
    weak = joining.authority.issue(algorithm=hashes.SHA1())
    joining.refused(joining.policies(Header(weak)), "s:Authentication", "certificate_untrusted")


def test_what_is_no_certificate_is_refused(joining):
    for der in (b"x", joining.anna.der[:-1], joining.anna.der + b"x", joining.anna.der * 2):
        joining.refused(joining.policies(Header(joining.anna, certificate=der)),
                        "a:InvalidSecurity", "certificate_malformed")


def test_our_own_device_certificate_enrols_nothing_more(joining):
    key, device_id = joining.site.key(), uuid.uuid4().hex.upper()
    reply = joining.enroll(csr=windows.csr_der(key), device_id=device_id)
    device = windows.Enrolled(joining.server, key, windows.provisioning(reply), "User", device_id)
    header = Header(Credential(key, device.certificate), USER_TOKEN)
    joining.refused(joining.enroll(header), "s:Authentication", "certificate_of_device")


# The tenant

def test_a_tenant_that_does_not_offer_it_lets_nobody_in(site):
    joining = Joining(site, methods=("federated",))
    row = joining.refused(joining.enroll(), "s:CertificateRequest", "method_not_enabled",
                          "NotSupported")
    assert row["tenant_id"] == joining.tenant.tenant
    joining.tenant.set(enrollment_methods=["certificate"])
    assert joining.enroll().status == 200
    joining.tenant.set(enabled=False)
    joining.refused(joining.enroll(), "s:Authorization", "certificate_tenant_disabled")


def test_a_removed_issuer_is_not_trusted_from_then_on(joining):
    assert joining.enroll().status == 200
    path = f"tenants/{joining.tenant.tenant}/trusted-issuers"
    joining.server.api("DELETE", f"{path}/{joining.issuer['id']}")
    joining.refused(joining.enroll(), "s:Authentication", "certificate_untrusted")
    assert joining.server.items(path) == []


def test_an_issuer_leads_to_its_own_tenant(site):
    one, two = Joining(site), Joining(site)
    assert one.enroll().status == 200
    assert two.server.items(f"devices?tenant_id={two.tenant.tenant}") == []
    assert len(one.server.items(f"devices?tenant_id={one.tenant.tenant}")) == 1


def test_where_two_tenants_trust_a_ca_the_domain_of_the_user_decides(site):
    one = Joining(site)
    two = Joining(site, authority=one.authority)
    for joining in (one, two):
        joining.refused(joining.policies(Header(joining.anna)), "s:Authentication",
                        "certificate_tenant")
    for joining in (one, two):
        joining.tenant.set(domains=[joining.tenant.domain])
    for joining in (one, two):
        assert joining.enroll().status == 200
        [device] = site.server.items(f"devices?tenant_id={joining.tenant.tenant}")
        assert device["user_principal_name"] == f"Anna@{joining.tenant.domain}"
    stranger = one.authority.issue(upn="eve@elsewhere.test")
    one.refused(one.policies(Header(stranger)), "s:Authentication", "certificate_tenant")


# What an administrator does

def problem(site, method, path, body=None):
    """(status, detail) of a request that is refused."""
    with pytest.raises(ApiError) as error:
        site.server.api(method, path, body)
    return error.value.status, error.value.problem["detail"]


def test_an_issuer_is_added_shown_and_removed(site):
    tenant = site.tenant()
    path = f"tenants/{tenant.tenant}/trusted-issuers"
    authority = Authority("Contoso Issuing CA")
    made = site.server.api("POST", path, {"certificate": authority.pem})
    assert made["name"] == "Contoso Issuing CA"
    assert made["sha256"] == hashlib.sha256(authority.der).hexdigest()
    ends = datetime.datetime.strptime(made["not_after"], "%Y-%m-%dT%H:%M:%SZ")
    assert ends == authority.certificate.not_valid_after
    assert made["certificate"] == authority.pem
    assert site.server.api("GET", f"{path}/{made['id']}") == made
    assert site.server.items(path) == [made]
    assert problem(site, "POST", path, {"certificate": authority.pem})[0] == 409
    entries = site.server.items(f"audit?object_id={made['id']}")
    assert [e["action"] for e in entries] == ["trusted-issuer.add"]
    site.server.api("DELETE", f"{path}/{made['id']}")
    for method in ("GET", "DELETE"):
        assert problem(site, method, f"{path}/{made['id']}")[0] == 404


def test_an_issuer_that_cannot_be_one_is_refused(site):
    tenant = site.tenant()
    path = f"tenants/{tenant.tenant}/trusted-issuers"
    authority = Authority()
    own = (site.server.dir / "device-ca.crt").read_text()
    for pem, word in ((authority.issue().pem, "not of a CA"), ("x", "PEM"), ("", "PEM"),
                      (None, "PEM"), (authority.key_pem(), "PEM"), (own, "device CA"),
                      (Authority(end=now(days=-1)).pem, "not valid now"),
                      (Authority(start=now(days=1)).pem, "not valid now")):
        status, detail = problem(site, "POST", path,
                                 {"certificate": pem} if pem is not None else {})
        assert status == 422 and word in detail, detail
    assert site.server.items(path) == []
    other = "00000000-0000-4000-8000-000000000000"
    assert problem(site, "POST", f"tenants/{other}/trusted-issuers",
                   {"certificate": authority.pem})[0] == 404


def test_the_command_line_does_the_same(site, tmp_path):
    tenant, cli = site.tenant(), Cli(site.server, tmp_path)
    where = {"tenant": tenant.tenant}
    (tmp_path / "ca.pem").write_text(Authority("Contoso CA").pem)
    made = cli.json("trusted-issuers", "add", "--name", "Desks", "--certificate",
                    str(tmp_path / "ca.pem"), **where)
    assert made["name"] == "Desks"
    assert cli.json("trusted-issuers", "list", **where)["items"] == [made]
    assert cli.json("trusted-issuers", "show", made["id"], **where) == made
    assert "Desks" in cli("trusted-issuers", "list", **where)
    cli("trusted-issuers", "remove", made["id"], "--yes", **where)
    assert cli.json("trusted-issuers", "list", **where)["items"] == []
