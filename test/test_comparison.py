# SPDX-License-Identifier: Apache-2.0
"""The table that compares the ways to enrol (Windows documentation, "Microsoft Entra integration with
MDM"): one test for each row, for all ways that the row speaks of: traditional enrolment with each of
its three proofs of a user, Entra join, and a work account."""

import base64
import uuid

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

import signing_in
import windows
from renewing import renew
from signed_header import Header
from ways import TRADITIONAL, WAYS, Certificate, Join, OnPremise, SignedIn, WorkAccount, every
from windows import DISCOVERY, S

DISCOVER = f"{S}Body/{DISCOVERY}DiscoverResponse/{DISCOVERY}DiscoverResult"


@pytest.fixture
def on(site):
    """A function: that way, on this server."""
    return lambda way: way(site)


def discovered(way, **changed):
    """What discovery answers, by name; a name that is missing was not answered."""
    reply = way.discover(**changed)
    return {e.tag.removeprefix(DISCOVERY): e.text for e in reply.xml().find(DISCOVER)}


def parms(node):
    return {p.get("name"): p.get("value") for p in node if p.tag == "parm"}


@every(TRADITIONAL)
def test_row_discovery_by_the_mail_address(on, way):
    """Traditional: the address leads to the server, and the server to the tenant's own way."""
    way = on(way)
    assert way.host == f"EnterpriseEnrollment.{way.user.partition('@')[2]}"
    reply = windows.send(f"{way.server.public_url}/EnrollmentServer/Discovery.svc", "GET",
                         headers={"Host": way.host}, context=way.server.tls())
    assert reply.status == 200
    assert discovered(way)["AuthPolicy"] == way.policy


@every([Join, WorkAccount])
def test_row_discovery_is_not_applicable_with_entra(on, way):
    """Entra tells Windows the address: no domain of the tenant has to be known here, and none is."""
    way = on(way)
    assert way.server.api("GET", f"tenants/{way.tenant.tenant}")["domains"] == []
    assert discovered(way, email="")["AuthPolicy"] == "Federated"
    assert windows.run_session(way.enroll())


@every(WAYS)
def test_row_the_discovery_url_serves_enrolment_and_renewal(on, site, way):
    way = on(way)
    assert way.discover().status == 200
    device = way.enroll()
    renewal = parms(windows.characteristic(device.document, "CertificateStore", "My", "WSTEP",
                                           "Renew"))
    assert renewal["ROBOSupport"] == "true"
    site.execute("UPDATE certificates SET not_before = not_before - 26784000, not_after = "
                 f"not_after - 26784000 WHERE tenant_id = '{way.tenant.tenant}'")
    assert windows.send(renewal["ServerURL"], "GET", context=device.tls()).status == 200
    renewed = renew(device, site.key(), way.store)
    assert renewed.certificate.serial_number != device.certificate.serial_number
    assert windows.run_session(renewed)


def test_row_is_enrolment_required(on):
    """Only the owner of a personal device may say no."""
    join, account = on(Join), on(WorkAccount)
    assert b'value="decline"' not in join.page().body
    page = account.page()
    assert b'value="decline"' in page.body
    answer = windows.redirect_query(windows.terms_post(account.server, windows.terms_state(page),
                                                       "decline"))
    assert answer["IsAccepted"] == "false" and "OpaqueBlob" not in answer
    reply = windows.terms_post(join.server, windows.terms_state(join.page()), "decline")
    assert reply.status != 302


@every(WAYS)
def test_row_authentication_type(on, way):
    """OnPremise, Federated, Certificate; Federated; Federated."""
    way = on(way)
    assert discovered(way)["AuthPolicy"] == way.policy
    way.enroll()
    [row] = way.tenant.attempts(stage="request")
    assert (row["outcome"], row["auth"]) == ("ok", way.auth)
    assert way.device()["auth"] == way.auth
    assert way.device()["user_principal_name"].lower() == way.user.lower()


@every(WAYS)
def test_row_the_policy_service_is_optional(on, way):
    way = on(way)
    assert discovered(way)["EnrollmentPolicyServiceUrl"] == (
        f"{way.server.public_url}/EnrollmentServer/Policy.svc")
    assert windows.run_session(way.enroll())
    assert way.tenant.attempts(stage="policy") == []
    way = on(type(way))
    assert way.policies().status == 200
    assert windows.run_session(way.enroll())


@every(WAYS)
def test_row_the_enrolment_service_is_named_told_the_system_and_used(on, way):
    """Two rows: its address is required, and holds what the device said of itself."""
    way = on(way)
    path, _, query = discovered(way)["EnrollmentServiceUrl"].partition("?")
    assert path == f"{way.server.public_url}/EnrollmentServer/Enrollment.svc"
    assert "os=10.0.22631.4460" in query and "edition=72" in query
    assert "platform=CIMClient_Windows" in query
    way.enroll()
    assert way.device()["state"] == "enrolled"


@every(WAYS)
def test_row_the_authentication_service(on, way):
    """Used by Federated; skipped by Entra, whose token is there already, and by the other two."""
    way = on(way)
    url = discovered(way).get("AuthenticationServiceUrl")
    if way.auth == "federated":
        assert url == f"{way.server.public_url}/EnrollmentServer/Auth"
        page = windows.send(f"{url}?appru={signing_in.APPRU}&login_hint={way.user}", "GET",
                            context=way.server.tls())
        assert page.status == 302 and page.headers["location"].startswith(way.site.entra.login_url)
    else:
        assert url is None
    way.enroll()


@every([Join, WorkAccount])
def test_row_the_authentication_service_is_skipped_where_there_is_one(on, way):
    """A tenant whose other users sign in: discovery names the page to all who offer Federated, and
    a device with Entra's token does without."""
    way, federated = on(way), on(SignedIn)
    way.tenant, way.user = federated.tenant, federated.user
    way.token = way.tenant.enroll_token(way.tenant.new_device())
    assert discovered(way, email=federated.user)["AuthenticationServiceUrl"]
    way.enroll()
    assert way.device()["auth"] == "entra"


def test_row_the_token_in_the_security_header(on):
    """Custom in traditional enrolment, Entra's otherwise. Each is good under its own name and under
    no other."""
    ways = password, federated, certificate, join, _ = [on(way) for way in WAYS]
    for way in ways:
        way.enroll()
        [row] = way.tenant.attempts(stage="request")
        assert (row["outcome"], row["auth"]) == ("ok", way.auth)
    federated.security()
    anna = certificate.joining.anna
    proofs = {"custom": federated.token, "x509": base64.b64encode(anna.der).decode(),
              "jwt": join.token}
    assert "." not in proofs["custom"]  # sealed by this server, no token of the provider
    assert proofs["jwt"].count(".") == 2

    def ask(kind, proof):
        if kind == "x509":
            der = base64.b64decode(proof) if proof == proofs["x509"] else proof.encode()
            return certificate.joining.policies(Header(anna, certificate=der))
        if kind == "password":
            return windows.get_policies(join.server, windows.username_security(password.user,
                                                                               proof))
        make = windows.jwt_security if kind == "jwt" else signing_in.security
        return windows.get_policies(join.server, make(proof))

    for kind in (*proofs, "password"):
        for of, proof in proofs.items():
            assert ask(kind, proof).status == (200 if kind == of else 500), (kind, of)


@every(WAYS)
def test_row_the_enrolment_type(on, way):
    """Full; Device; Full."""
    way = on(way)
    way.enroll()
    assert way.kind == ("Device" if isinstance(way, Join) else "Full")
    assert way.device()["enrollment_type"] == way.kind.lower()


@every(WAYS)
def test_row_the_type_and_store_of_the_certificate(on, way):
    """Two rows: a user's certificate in My/User, a device's in My/System, and in no other."""
    way = on(way)
    device = way.enroll()
    mine = windows.characteristic(device.document, "CertificateStore", "My")
    stores = {c.get("type") for c in mine if c.tag == "characteristic"}
    assert stores - {"WSTEP"} == {way.store}  # WSTEP holds when to renew
    assert way.store == ("System" if isinstance(way, Join) else "User")
    usage = device.certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert [u.dotted_string for u in usage] == ["1.3.6.1.5.5.7.3.2"]
    application = windows.characteristic(device.document, "APPLICATION")
    assert f"Stores=My%5C{way.store}" in parms(application)["SSLCLIENTCERTSEARCHCRITERIA"]


@every(WAYS)
def test_row_the_subject_of_the_request(on, site, way):
    """Windows asks with the user's name or the device's id; neither is believed."""
    way = on(way)
    subject = way.user if way.store == "User" else str(uuid.uuid4())
    key = site.key()
    csr = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, subject)])).sign(key, hashes.SHA256())
    device = way.enroll(csr.public_bytes(serialization.Encoding.DER), key)
    [name] = device.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert name.value == way.device()["id"] != subject


@every(WAYS)
def test_row_the_terms_blob(on, site, way):
    """Demanded and checked where Entra shows a page; of no meaning in traditional enrolment, also
    where the tenant asks its other users for consent."""
    way = on(way)
    assert way.server.api("GET", f"tenants/{way.tenant.tenant}")["terms_required"] is True
    reply = way.request(windows.csr_der(site.key()), "forged")
    if way.is_traditional:
        assert reply.status == 200
        way.enroll()
        return
    assert windows.Fault(reply).error_type == "InvalidEnrollmentData"
    assert windows.Fault(way.request(windows.csr_der(site.key()))).error_type == (
        "InvalidEnrollmentData")
    way.enroll(blob=way.blob())


# What may be set while a device enrols. Windows 11 refuses some of them in the provisioning document
# all the same, so the server sends three there and has the others in its first session.
IN_THE_DOCUMENT = ["CertificateStore", "APPLICATION", "DMClient"]
IN_THE_SESSION = [
    ("./Device/Vendor/MSFT/RootCATrustedCertificates/Root/"
     "0123456789ABCDEF0123456789ABCDEF01234567/EncodedCertificate", "b64", "MIIB"),
    ("./Device/Vendor/MSFT/PassportForWork/7b0e9a2c-1f57-4b43-a4b4-0d1e3c1e8f11/Policies/"
     "UsePassportForWork", "bool", "true"),
    ("./Device/Vendor/MSFT/Policy/Config/DeviceLock/MaxInactivityTimeDeviceLock", "int", "15"),
]


@every(WAYS)
def test_row_the_csps_accessible_during_enrolment(on, way):
    """Each that the document uses is of the list, whole, and there once."""
    way = on(way)
    way.tenant.add_policy(settings=[
        {"locuri": uri, "format": form, "data": data} for uri, form, data in IN_THE_SESSION])
    device = way.enroll()
    document = device.document
    assert [c.get("type") for c in document if c.tag == "characteristic"] == IN_THE_DOCUMENT
    for store in ("Root", "CA"):
        [node] = windows.characteristic(document, "CertificateStore", store, "System")
        x509.load_der_x509_certificate(base64.b64decode(parms(node)["EncodedCertificate"]))
    application = parms(windows.characteristic(document, "APPLICATION"))
    assert application["APPID"] == "w7"
    assert application["ADDR"] == f"{way.server.manage_url}/ManagementServer/MDM.svc"
    client = windows.characteristic(document, "DMClient", "Provider", application["PROVIDER-ID"])
    assert parms(client)["UPN"].lower() == way.user.lower()
    assert parms(client)["EntDMID"] == way.device()["id"]
    assert parms(windows.characteristic(client, "Poll"))["NumberOfFirstRetries"] > "0"
    sent = {c["locuri"] for c in windows.run_session(device)}
    assert sent >= {uri for uri, _, _ in IN_THE_SESSION}


def test_the_ways_are_those_of_the_table():
    assert [way.__name__ for way in WAYS] == [
        way.__name__ for way in (OnPremise, SignedIn, Certificate, Join, WorkAccount)]
    assert [way.policy for way in TRADITIONAL] == ["OnPremise", "Federated", "Certificate"]
