# SPDX-License-Identifier: Apache-2.0
"""Discovery for devices that do not join through Entra: whose device it is, and which way of proving
a user is answered, at the public address and at EnterpriseEnrollment.<domain>."""

import socket
import ssl
import uuid

import pytest

import windows
from muster import ApiError
from tenancy import attempt_of, newest_attempt, parallel, refused
from windows import DISCOVERY, S

ALL = ("OnPremise", "Federated", "Certificate")
ACTION = ("http://schemas.microsoft.com/windows/management/2012/01/enrollment/"
          "IDiscoveryService/Discover")
PROVIDER = {"issuer": "https://login.contoso.test", "client_id": "muster",
            "client_secret": "not looked at here"}


def question(email="anna@contoso.com", offers=ALL, version="4.0", system="10.0.22631.4460",
             device="CIMClient_Windows", edition="72"):
    listed = "".join(f"<AuthPolicy>{a}</AuthPolicy>" for a in offers or ())
    policies = f"<AuthPolicies>{listed}</AuthPolicies>" if offers is not None else ""
    asked = f"<RequestVersion>{version}</RequestVersion>" if version is not None else ""
    return ('<Discover xmlns="http://schemas.microsoft.com/windows/management/2012/01/enrollment">'
            '<request xmlns:i="http://www.w3.org/2001/XMLSchema-instance">'
            f"<EmailAddress>{email}</EmailAddress>{asked}<DeviceType>{device}</DeviceType>"
            f"<ApplicationVersion>{system}</ApplicationVersion><OSEdition>{edition}</OSEdition>"
            f"{policies}</request></Discover>")


def post(server, host=None, query="", **fields):
    url = f"{server.public_url}/EnrollmentServer/Discovery.svc{query}"
    message = windows.ENVELOPE.format(action=ACTION, to=f"https://{host or 'x'}/", security="",
                                      body=question(**fields))
    headers = {"Content-Type": "application/soap+xml; charset=utf-8"}
    if host:
        headers["Host"] = host
    return windows.send(url, "POST", message.encode(), headers, server.tls())


def answer(reply):
    assert reply.status == 200, reply.body
    assert "transfer-encoding" not in reply.headers
    assert int(reply.headers["content-length"]) == len(reply.body)
    result = reply.xml().find(f"{S}Body/{DISCOVERY}DiscoverResponse/{DISCOVERY}DiscoverResult")
    return {e.tag.replace(DISCOVERY, ""): e.text for e in result}


def offering(site, *methods, provider=None, **fields):
    """A tenant that lets devices enrol in these ways, found by its domain."""
    tenant = site.tenant(enrollment_methods=list(methods), **fields)
    tenant.set(domains=[tenant.domain])
    if provider if provider is not None else "federated" in methods:
        site.server.api("PUT", f"tenants/{tenant.tenant}/identity-provider", PROVIDER)
    return tenant


def host_of(tenant):
    return f"EnterpriseEnrollment.{tenant.domain}"


# The host

@pytest.mark.parametrize("spelling", [str, str.lower, str.upper, lambda h: h + ":443"])
def test_each_domain_of_a_tenant_is_found_below_enterpriseenrollment(site, spelling):
    tenant = offering(site, "on-premises")
    second = f"second-{tenant.domain}"
    tenant.set(domains=[tenant.domain, second.upper()])
    for domain in (tenant.domain, second):
        host = spelling(f"EnterpriseEnrollment.{domain}")
        probe = windows.send(f"{site.server.public_url}/EnrollmentServer/Discovery.svc", "GET",
                             headers={"Host": host}, context=site.server.tls())
        assert (probe.status, probe.body, probe.headers["content-length"]) == (200, b"", "0")
        found = answer(post(site.server, host, email=f"anna@{domain}"))
        assert found["AuthPolicy"] == "OnPremise"
        assert found["EnrollmentServiceUrl"].startswith(site.server.public_url + "/")
        assert found["EnrollmentPolicyServiceUrl"].startswith(site.server.public_url + "/")


def test_case16_a_domain_of_nobody_is_misdirected(site):
    tenant = offering(site, "on-premises")
    for domain in ("nobody.test", "x" + tenant.domain, f"sub.{tenant.domain}", "a%22b.test"[:3],
                   "_", "%"):
        host = f"enterpriseenrollment.{domain}"
        expected = 400 if "%" in domain else 421
        for reply in (post(site.server, host, email=f"anna@{tenant.domain}"),
                      windows.send(f"{site.server.public_url}/EnrollmentServer/Discovery.svc",
                                   "GET", headers={"Host": host}, context=site.server.tls())):
            assert reply.status == expected, host
    post(site.server, "enterpriseenrollment.nobody.test", email="otto@nobody.test")
    row = newest_attempt(site.server, reason="discovery_host")
    assert (row["stage"], row["outcome"], row["user_principal_name"]) == (
        "discovery", "refused", "otto@nobody.test")
    assert "domains of the tenant" in row["remedy"]


def test_case16_nothing_but_discovery_is_below_enterpriseenrollment(site):
    tenant = offering(site, "on-premises")
    for method, path in (("GET", "/TermsOfUse"), ("POST", "/EnrollmentServer/Policy.svc"),
                         ("POST", "/EnrollmentServer/Enrollment.svc"), ("GET", "/"),
                         ("GET", "/EnrollmentServer/Auth"), ("GET", "/nothing"),
                         ("DELETE", "/EnrollmentServer/Discovery.svc")):
        reply = windows.send(site.server.public_url + path, method,
                             headers={"Host": host_of(tenant)}, context=site.server.tls())
        assert reply.status == 421, path
    for url in (site.server.console_url, ):
        reply = windows.send(url + "/EnrollmentServer/Discovery.svc", "GET",
                             headers={"Host": host_of(tenant)}, context=site.server.tls())
        assert reply.status == 421


def test_a_tenant_that_is_disabled_is_not_found(site):
    tenant = offering(site, "on-premises", enabled=False)
    assert post(site.server, host_of(tenant)).status == 421
    tenant.set(enabled=True)
    assert post(site.server, host_of(tenant), email=f"a@{tenant.domain}").status == 200
    tenant.set(domains=[])
    assert post(site.server, host_of(tenant)).status == 421


def test_the_name_is_good_in_the_handshake_too(site):
    tenant = offering(site, "on-premises")
    context = site.server.tls()
    context.check_hostname = False
    for name, status in ((host_of(tenant).lower(), b"200"), ("mdm.elsewhere.test", b"421")):
        with socket.create_connection(("127.0.0.1", site.server.public_port), 20) as plain:
            with context.wrap_socket(plain, server_hostname=name) as tls:
                tls.sendall(b"GET /EnrollmentServer/Discovery.svc HTTP/1.1\r\nHost: " +
                            host_of(tenant).encode() + b"\r\nConnection: close\r\n\r\n")
                assert tls.recv(4096).split(b" ")[1] == status, name
    assert context.verify_mode == ssl.CERT_REQUIRED


# The way

WAYS = [
    # the tenant's methods, what the client can, the answer below EnterpriseEnrollment
    (("federated", "on-premises", "certificate"), ALL, "Federated"),
    (("certificate", "on-premises"), ALL, "OnPremise"),
    (("certificate",), ALL, "Certificate"),
    (("federated", "on-premises"), ("OnPremise",), "OnPremise"),
    (("federated", "certificate"), ("Certificate", "OnPremise"), "Certificate"),
    (("on-premises",), None, "OnPremise"),
    (("on-premises",), ("OnPremise", "Somethingelse"), "OnPremise"),
]


@pytest.mark.parametrize("methods,offers,expected", WAYS)
def test_the_best_way_that_both_know_is_answered(site, methods, offers, expected):
    tenant = offering(site, *methods)
    found = answer(post(site.server, host_of(tenant), email=f"a@{tenant.domain}", offers=offers))
    assert found["AuthPolicy"] == expected
    assert ("AuthenticationServiceUrl" in found) == (expected == "Federated")


@pytest.mark.parametrize("methods,provider,offers,reason", [
    ((), False, ALL, "discovery_no_method"),
    (("federated",), False, ALL, "discovery_no_provider"),
    (("federated",), True, ("OnPremise",), "discovery_method"),
    (("certificate",), False, ("OnPremise", "Federated"), "discovery_method"),
    (("on-premises",), False, ("Nothing", "We know"), "discovery_method"),
])
def test_a_tenant_without_a_fitting_way_says_so(site, methods, provider, offers, reason):
    tenant = offering(site, *methods, provider=provider)
    email = f"anna@{tenant.domain}"
    row = refused(post(site.server, host_of(tenant), email=email, offers=offers),
                  "s:CertificateRequest", reason, site.server, "NotSupported")
    assert (row["error_code"], row["stage"]) == ("0x80180015", "discovery")
    assert (row["user_principal_name"], row["os_version"]) == (email, "10.0.22631.4460")


def test_without_a_provider_the_next_way_is_taken(site):
    tenant = offering(site, "federated", "on-premises", provider=False)
    found = answer(post(site.server, host_of(tenant), email=f"a@{tenant.domain}"))
    assert found["AuthPolicy"] == "OnPremise"


def test_at_the_public_address_an_entra_device_always_gets_federated(site):
    for methods in ((), ("on-premises",), ("certificate", "on-premises"), ("federated",)):
        tenant = offering(site, *methods)
        found = answer(post(site.server, email=f"anna@{tenant.domain}"))
        assert found["AuthPolicy"] == "Federated"
        if methods == ("federated",):
            assert found["AuthenticationServiceUrl"] == (
                f"{site.server.public_url}/EnrollmentServer/Auth")
        else:
            assert "AuthenticationServiceUrl" not in found
    tenant = offering(site, "on-premises")
    assert answer(post(site.server, email=f"a@{tenant.domain}",
                       offers=("OnPremise",)))["AuthPolicy"] == "OnPremise"


@pytest.mark.parametrize("method,expected", [
    ("on-premises", "OnPremise"), ("certificate", "Certificate"), ("federated", "Federated")])
def test_an_address_may_name_the_way(site, method, expected):
    tenant = offering(site, "federated", "on-premises", "certificate")
    found = answer(post(site.server, query=f"?method={method}", email=f"a@{tenant.domain}"))
    assert found["AuthPolicy"] == expected
    for wrong in (f"?method={method}x", "?method=", "?method=OnPremise"):
        refused(post(site.server, query=wrong, email=f"a@{tenant.domain}"),
                "s:CertificateRequest", "discovery_method", site.server, "NotSupported")
    tenant.set(enrollment_methods=[m for m in ("federated", "on-premises", "certificate")
                                   if m != method])
    refused(post(site.server, query=f"?method={method}", email=f"a@{tenant.domain}"),
            "s:CertificateRequest", "discovery_method", site.server, "NotSupported")


# The tenant

@pytest.mark.parametrize("email", ["", "CONTOSO\\anna", "anna", "anna@nobody.test", "@", "a@b@"])
def test_the_host_tells_the_tenant_where_the_address_does_not(site, email):
    tenant = offering(site, "federated")
    found = answer(post(site.server, host_of(tenant), email=email))
    assert found["AuthenticationServiceUrl"] == (
        f"{site.server.public_url}/EnrollmentServer/Auth/{tenant.tenant}")


def test_the_mail_address_goes_before_the_host(site):
    mine, other = offering(site, "on-premises"), offering(site, "certificate")
    found = answer(post(site.server, host_of(other), email=f"anna@{mine.domain.upper()}"))
    assert found["AuthPolicy"] == "OnPremise"


def test_an_address_may_name_the_tenant(site):
    tenant = offering(site, "on-premises")
    offering(site, "certificate")
    found = answer(post(site.server, query=f"?tenant={tenant.tenant.upper()}&method=on-premises",
                        email="CONTOSO\\anna"))
    assert found["AuthPolicy"] == "OnPremise"
    for wrong in (str(uuid.uuid4()), "x", ""):
        refused(post(site.server, query=f"?tenant={wrong}&method=on-premises", email=""),
                "s:CertificateRequest", "discovery_tenant", site.server, "NotSupported")


def test_a_device_of_nobody_gets_federated_or_nothing(site):
    """An Entra device brings a token that names its tenant; another has nothing."""
    offering(site), offering(site)
    for email in ("", "CONTOSO\\anna", "anna@nobody.test"):
        found = answer(post(site.server, email=email))
        assert found["AuthPolicy"] == "Federated"
        assert "AuthenticationServiceUrl" not in found
        refused(post(site.server, email=email, offers=("OnPremise",)),
                "s:CertificateRequest", "discovery_tenant", site.server, "NotSupported")


def test_a_server_with_one_tenant_needs_no_hint(world):
    world.server.api("PATCH", f"tenants/{world.tenant}", {"enrollment_methods": ["on-premises"]})
    found = answer(post(world.server, email="CONTOSO\\anna", offers=("OnPremise",)))
    assert found["AuthPolicy"] == "OnPremise"


# Versions and addresses

@pytest.mark.parametrize("asked,expected", [
    ("1.0", "1.0"), ("2.0", "2.0"), ("3.0", "3.0"), ("3.5", "3.5"), ("4.0", "4.0"), ("5.0", "4.0"),
    ("6.0", "4.0"), ("7.0", "4.0"), ("8.0", "4.0"), ("9.0", "4.0"), ("10.0", "4.0"),
    ("99.9", "4.0"), ("4", "4.0"), ("", "3.0"), (None, "3.0")])
def test_the_version_is_what_both_know(site, asked, expected):
    tenant = offering(site, "on-premises")
    found = answer(post(site.server, host_of(tenant), email=f"a@{tenant.domain}", version=asked))
    assert found["EnrollmentVersion"] == expected


@pytest.mark.parametrize("asked", ["-1.0", "four", "4.x", "1e9", "4.0.0", "99999999999999999999"])
def test_a_version_that_is_none_is_malformed(site, asked):
    refused(post(site.server, version=asked), "s:MessageFormat", "message_malformed", site.server)


@pytest.mark.parametrize("system,edition,device,query", [
    ("10.0.22631.4460", "72", "CIMClient_Windows",
     "?os=10.0.22631.4460&edition=72&platform=CIMClient_Windows"),
    ("10.0.19045.2965", "", "WindowsPhone", "?os=10.0.19045.2965&platform=WindowsPhone"),
    ("", "", "", ""),
    ("10.0&amp;x=1", "4 8", "a&quot;b&lt;", ""),
    ("1" * 33, "\u0661", "CIM%20Client", ""),
])
def test_the_enrolment_address_carries_the_system(site, system, edition, device, query):
    found = answer(post(site.server, system=system, edition=edition, device=device))
    assert found["EnrollmentServiceUrl"] == (
        f"{site.server.public_url}/EnrollmentServer/Enrollment.svc{query}")
    assert found["EnrollmentPolicyServiceUrl"] == (
        f"{site.server.public_url}/EnrollmentServer/Policy.svc")


def test_the_address_with_its_query_is_served(site):
    tenant = site.tenant()
    url = answer(post(site.server))["EnrollmentServiceUrl"]
    assert "?" in url
    for query, system in (("", "10.0.22631.4460"), ("&os=1", ""), ("&x=%", "")):
        message = windows.ENVELOPE.format(
            action="http://schemas.microsoft.com/windows/pki/2009/01/enrollment/RST/wstep", to="x",
            security=windows.jwt_security(tenant.enroll_token(tenant.new_device())), body="<x/>")
        reply = windows.send(url + query, "POST", message.encode(),
                             {"Content-Type": "application/soap+xml; charset=utf-8"},
                             site.server.tls())
        row = refused(reply, "s:MessageFormat", "message_malformed", site.server)
        assert (row["stage"], row["os_version"]) == ("request", system)


# What an administrator may set

@pytest.mark.parametrize("domains", [
    ["contoso"], ["contoso.com."], [".contoso.com"], ["-a.com"], ["a-.com"], ["a_b.com"],
    ["a..com"], [""], ["x" * 64 + ".com"], ["a.com/x"], ["a.com:443"], ["b\u00fccher.de"],
    ["192.0.2.1"], ["*.contoso.com"], ["a@b.com"], ["twice.test", "TWICE.test"],
    [".".join(["a" * 60] * 5) + ".test"]])
def test_a_domain_that_is_none_is_refused(site, domains):
    tenant = site.tenant()
    with pytest.raises(ApiError) as error:
        tenant.set(domains=domains)
    assert error.value.status == 422 and "domains" in error.value.problem["detail"]


def test_a_domain_leads_to_one_tenant_only(site):
    mine, other = site.tenant(), site.tenant()
    mine.set(domains=[mine.domain])
    for spelling in (mine.domain, mine.domain.upper()):
        with pytest.raises(ApiError) as error:
            other.set(domains=[other.domain, spelling])
        assert error.value.status == 409
        assert mine.domain in error.value.problem["detail"]
    assert mine.set(domains=[mine.domain])["domains"] == [mine.domain]
    mine.set(domains=[])
    assert other.set(domains=[mine.domain])["domains"] == [mine.domain]


def test_of_two_that_take_a_domain_at_once_one_gets_it(site):
    tenants = [site.tenant() for _ in range(6)]
    domain = f"{uuid.uuid4().hex}.test"
    results = parallel([lambda t=t: t.set(domains=[domain]) for t in tenants])
    won = [r for r in results if isinstance(r, dict)]
    lost = [r for r in results if isinstance(r, ApiError)]
    assert len(won) == 1 and {e.status for e in lost} == {409}, results


@pytest.mark.parametrize("methods", [["entra"], ["Federated"], ["federated", "federated"], [""]])
def test_a_method_that_is_none_is_refused(site, methods):
    tenant = site.tenant()
    with pytest.raises(ApiError) as error:
        tenant.set(enrollment_methods=methods)
    assert error.value.status == 422


def test_attempts_of_nobody_name_their_trace(site):
    tenant = offering(site)
    reply = post(site.server, host_of(tenant), email=f"b@{tenant.domain}")
    row = attempt_of(site.server, windows.Fault(reply).trace_id)
    assert row["tenant_id"] in ("", None) and row["source"] == "127.0.0.1"
