# SPDX-License-Identifier: Apache-2.0
"""The table that compares the ways to enrol (Windows documentation, "Microsoft Entra integration with
MDM"): one test for each row, for traditional enrolment, Entra join and a work account.

Traditional enrolment stands here for a tenant's own way of proving a user; the certificate is the
one that needs nothing beside the device."""

import base64
import uuid

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

import signed_header
import windows
from renewing import renew
from signed_header import USER_TOKEN, Header
from tenancy import refused
from test_certificate_enrollment import Joining
from windows import DISCOVERY, S

DISCOVER = f"{S}Body/{DISCOVERY}DiscoverResponse/{DISCOVERY}DiscoverResult"


class Traditional:
    """A user who has an address and a certificate of the organisation."""

    name, kind, store = "traditional", "Full", "User"

    def __init__(self, site):
        self.joining = Joining(site)
        self.tenant, self.server, self.site = self.joining.tenant, site.server, site
        self.tenant.set(domains=[self.tenant.domain])
        self.user = f"Anna@{self.tenant.domain}"
        self.discover = {"auth": ("Certificate",), "email": self.user}

    def policies(self):
        return self.joining.policies(Header(self.joining.anna))

    def request(self, csr, blob=None, kind=None, **items):
        items = windows.context(blob, kind or self.kind, **items)
        url = f"{self.server.public_url}/EnrollmentServer/Enrollment.svc"
        header = Header(self.joining.anna, USER_TOKEN)
        return signed_header.post(self.server, "Enrollment", header.sign(signed_header.envelope(
            header, url, signed_header.TOKEN_ACTION, signed_header.token_body(csr, items))))

    def blob(self):
        return None


class Entra:
    """A user of Microsoft Entra; Windows brings the user's token with the device's id in it."""

    mode = None

    def __init__(self, site):
        self.site, self.server, self.tenant = site, site.server, site.tenant()
        self.user = f"anna@{self.tenant.domain}"
        self.discover = {"auth": ("OnPremise", "Federated"), "email": self.user}
        self.token = self.tenant.enroll_token(self.tenant.new_device())

    def policies(self):
        return windows.get_policies(self.server, windows.jwt_security(self.token))

    def request(self, csr, blob=None, kind=None, **items):
        return windows.request_token(self.server, windows.jwt_security(self.token), csr,
                                     windows.context(blob, kind or self.kind, **items))

    def page(self):
        return windows.terms_get(self.server, self.tenant.terms_token(), mode=self.mode)

    def blob(self):
        return windows.accept_terms(self.server, self.tenant.terms_token(), mode=self.mode)


class Join(Entra):
    name, kind, store, mode = "Entra join", "Device", "System", "azureadjoin"


class WorkAccount(Entra):
    name, kind, store = "work account", "Full", "User"


WAYS = [Traditional, Join, WorkAccount]
all_ways = pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name.replace(" ", "_"))


def enrolled(way, csr=None, key=None, blob=None):
    """The device after the steps that this way has."""
    key = key or way.site.key()
    device_id = uuid.uuid4().hex.upper()
    reply = way.request(csr or windows.csr_der(key), blob or way.blob(), device_id=device_id)
    return windows.Enrolled(way.server, key, windows.provisioning(reply), way.store, device_id)


def the_device(way):
    [shown] = way.server.items(f"devices?tenant_id={way.tenant.tenant}&state=enrolled")
    return shown


def test_row_discovery_by_the_mail_address(site):
    """Traditional: the address leads to the server. With Entra there is no such step, and asking
    all the same is answered without a name."""
    way = Traditional(site)
    found = windows.discover(way.server, **way.discover).xml().find(DISCOVER)
    assert found.findtext(f"{DISCOVERY}AuthPolicy") == "Certificate"
    found = windows.discover(way.server, email="").xml().find(DISCOVER)
    assert found.findtext(f"{DISCOVERY}AuthPolicy") == "Federated"


@all_ways
def test_row_the_discovery_url_serves_enrolment_and_renewal(site, way):
    way = way(site)
    assert windows.discover(way.server, **way.discover).status == 200
    device = enrolled(way)
    site.execute("UPDATE certificates SET not_before = not_before - 26784000, not_after = "
                 f"not_after - 26784000 WHERE tenant_id = '{way.tenant.tenant}'")
    url = f"{way.server.manage_url}/EnrollmentServer/Discovery.svc"
    assert windows.send(url, "GET", context=device.tls()).status == 200
    renewed = renew(device, site.key(), way.store)
    assert renewed.certificate.serial_number != device.certificate.serial_number
    assert windows.run_session(renewed)


def test_row_is_enrolment_required(site):
    """Only the owner of a personal device may say no."""
    join, account = Join(site), WorkAccount(site)
    assert b'value="decline"' not in join.page().body
    page = account.page()
    assert b'value="decline"' in page.body
    answer = windows.redirect_query(windows.terms_post(account.server, windows.terms_state(page),
                                                       "decline"))
    assert answer["IsAccepted"] == "false" and "OpaqueBlob" not in answer
    reply = windows.terms_post(join.server, windows.terms_state(join.page()), "decline")
    assert reply.status != 302


@all_ways
def test_row_authentication_type(site, way):
    way = way(site)
    found = windows.discover(way.server, **way.discover).xml().find(DISCOVER)
    expected = "Certificate" if way.name == "traditional" else "Federated"
    assert found.findtext(f"{DISCOVERY}AuthPolicy") == expected
    enrolled(way)
    [row] = way.tenant.attempts(stage="request")
    assert row["auth"] == ("certificate" if way.name == "traditional" else "entra")


@all_ways
@pytest.mark.parametrize("asked", [True, False])
def test_row_the_policy_service_is_optional(site, way, asked):
    way = way(site)
    if asked:
        assert way.policies().status == 200
    assert windows.run_session(enrolled(way))


@all_ways
def test_row_the_enrolment_service_is_named_and_used(site, way):
    way = way(site)
    found = windows.discover(way.server, **way.discover).xml().find(DISCOVER)
    named = found.findtext(f"{DISCOVERY}EnrollmentServiceUrl")
    assert named.startswith(f"{way.server.public_url}/EnrollmentServer/Enrollment.svc")
    enrolled(way)
    assert the_device(way)["state"] == "enrolled"


@all_ways
def test_row_the_enrolment_service_is_told_the_system(site, way):
    """Discovery puts what the device said of itself into the address, and the request is taken
    there."""
    way = way(site)
    found = windows.discover(way.server, **way.discover).xml().find(DISCOVER)
    query = found.findtext(f"{DISCOVERY}EnrollmentServiceUrl").partition("?")[2]
    assert "os=10.0.22631.4460" in query and "edition=72" in query
    assert "platform=CIMClient_Windows" in query


@all_ways
def test_row_the_authentication_service(site, way):
    """Skipped by Entra, whose token is there already, and by a certificate."""
    way = way(site)
    found = windows.discover(way.server, **way.discover).xml().find(DISCOVER)
    assert found.find(f"{DISCOVERY}AuthenticationServiceUrl") is None
    enrolled(way)


def test_row_the_token_in_the_security_header(site):
    """Custom in traditional enrolment, Entra's otherwise, and none in the place of the other."""
    traditional, join = Traditional(site), Join(site)
    enrolled(traditional)
    enrolled(join)
    anna = base64.b64encode(traditional.joining.anna.der).decode()
    swapped = ('<wsse:Security s:mustUnderstand="1"><wsse:BinarySecurityToken ValueType='
               f'"urn:ietf:params:oauth:token-type:jwt" EncodingType="{windows.BASE64}">{anna}'
               "</wsse:BinarySecurityToken></wsse:Security>")
    assert windows.get_policies(join.server, swapped).status == 500
    header = Header(traditional.joining.anna, certificate=join.token.encode())
    refused(traditional.joining.policies(header), "a:InvalidSecurity", "certificate_malformed",
            site.server)


@all_ways
def test_row_the_enrolment_type(site, way):
    way = way(site)
    enrolled(way)
    assert the_device(way)["enrollment_type"] == way.kind.lower()


@all_ways
def test_row_the_type_and_store_of_the_certificate(site, way):
    """A user's certificate in My/User, a device's in My/System, and in no other."""
    way = way(site)
    device = enrolled(way)
    mine = windows.characteristic(device.document, "CertificateStore", "My")
    stores = {c.get("type") for c in mine if c.tag == "characteristic"}
    assert stores - {"WSTEP"} == {way.store}  # WSTEP holds when to renew
    usage = device.certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert [u.dotted_string for u in usage] == ["1.3.6.1.5.5.7.3.2"]


@all_ways
def test_row_the_subject_of_the_request(site, way):
    """Windows asks with the user's name or the device's id; neither is believed."""
    way = way(site)
    subject = way.user if way.store == "User" else str(uuid.uuid4())
    key = site.key()
    csr = x509.CertificateSigningRequestBuilder().subject_name(x509.Name(
        [x509.NameAttribute(NameOID.COMMON_NAME, subject)])).sign(key, hashes.SHA256())
    device = enrolled(way, csr.public_bytes(serialization.Encoding.DER), key)
    [name] = device.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert name.value == the_device(way)["id"] != subject


@all_ways
def test_row_the_terms_blob(site, way):
    """Demanded and checked where Entra shows a page; of no meaning in traditional enrolment."""
    way = way(site)
    reply = way.request(windows.csr_der(site.key()), "forged")
    if way.name == "traditional":
        assert reply.status == 200
        return
    assert windows.Fault(reply).error_type == "InvalidEnrollmentData"
    assert windows.Fault(way.request(windows.csr_der(site.key()))).error_type == (
        "InvalidEnrollmentData")
    enrolled(way, blob=way.blob())


@all_ways
def test_row_what_the_provisioning_document_sets(site, way):
    way = way(site)
    device = enrolled(way)
    allowed = {"DMClient", "CertificateStore", "RootCATrustedCertificates",
               "ClientCertificateInstall", "EnterpriseModernAppManagement", "PassportForWork",
               "Policy", "APPLICATION"}
    set_ = [c.get("type") for c in device.document if c.tag == "characteristic"]
    assert set(set_) <= allowed and {"CertificateStore", "APPLICATION", "DMClient"} <= set(set_)
    assert len(set_) == len(set(set_))
