# SPDX-License-Identifier: Apache-2.0
"""Every code of Windows that this server can cause, caused by the condition that it stands for: the
fault on the wire, what a device shows for it, and what an administrator reads.

CASES is compared with the table of codes, so a code that the server can cause and no case here
causes fails the last test.
"""

import datetime
import re
import signal
import subprocess
import time
import uuid

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

import renewing
import windows
from muster import MUSTER_DEVICE, MUSTERD, ROOT, Muster, wait_for
from renewing import renew
from sim_device import spare_key  # noqa: F401 (fixture)
from tenancy import attempt_of, newest_attempt
from test_renewal import age
from test_renewal_abuse import impostor
from world import URI, World, stores

HTTP_OF_FAULT = 500
CLOSED = "Until Monday devices join in room 12 only: <ask> & Käthe."
COLUMNS = ("tenant_id id at stage outcome error_code reason remedy client_request_id trace_id device_id"
           " entra_device_id user_principal_name user_object_id device_name os_version source auth"
           " user_key story_id").split()


# One function for each way to be refused: does it, and gives the reply.


def wrong_audience(t):
    return t.post(t.enroll_token(t.new_device(), overrides={"aud": "https://other.test"}), t.blob())


def bad_signature(t):
    return t.post(t.enroll_token(t.new_device(), tamper="signature"), t.blob())


def expired_token(t):
    ago = int(time.time()) - 7200
    return t.post(t.enroll_token(t.new_device(), overrides={
        "iat": ago, "nbf": ago, "exp": ago + 3600}), t.blob())


def token_of_another_tenant(t):
    """Entra knows it, this server does not."""
    domain = f"x{uuid.uuid4().hex[:12]}.test"
    tenant = t.entra.add_tenant(domain=domain)
    token = t.entra.mint(t.entra.add_app(tenant, version=2, uris=[URI]),
                         user=t.entra.add_user(tenant, f"eve@{domain}"),
                         device=t.entra.add_device(tenant))
    return t.post(token, t.blob())


def wrong_password(t):
    t.set(enrollment_methods=["on-premises"], domains=[t.domain])
    t.server.api("POST", f"tenants/{t.tenant}/enrollment-accounts",
                 {"user_name": f"carl@{t.domain}", "password": "correct horse battery"})
    return t.post(None, None, kind="Full", security=windows.username_security(
        f"carl@{t.domain}", "another horse battery"))


def no_scope(t):
    return t.post(t.enroll_token(t.new_device(), overrides={"scp": "other"}), t.blob())


def small_key(t):
    csr = windows.csr_der(windows.new_key(1024))
    return t.post(t.enroll_token(t.new_device()), t.blob(), csr=csr)


def no_credential(t):
    return t.post(None, t.blob(), security="")


def graph_is_down(t):
    group = t.entra.add_group(t.tenant, "licensed", [t.user])
    t.set(license_group=group)
    t.entra.fault("status", status=503, path="getMemberGroups", tenant=t.tenant)
    try:
        return t.post(t.enroll_token(t.new_device()), t.blob())
    finally:
        t.entra.clear_faults()


def second_device(t):
    t.set(device_limit=1)
    t.join()
    return t.post(t.enroll_token(t.new_device()), t.blob())


def second_device_of_the_tenant(t):
    t.set(tenant_device_limit=1)
    t.join()
    bert = t.add_user("bert")
    return t.post(t.enroll_token(t.new_device(), bert), t.blob(bert))


def too_often_in_a_day(t):
    """threats.md 2.3: a stolen sign-in enrols and retires in turn."""
    t.join()
    columns = ", ".join(name for name in COLUMNS if name != "id")
    for n in range(29):
        t.site.execute(f"INSERT INTO enrollments (id, {columns}) SELECT id || '-{n}', {columns}"
                       f" FROM enrollments WHERE tenant_id = '{t.tenant}' AND stage = 'request'"
                       " AND length(id) = 36")
    return t.post(t.enroll_token(t.new_device()), t.blob())


def old_windows(t):
    t.set(os_version_min="10.0.26100")
    return t.post(t.enroll_token(t.new_device()), t.blob())


def new_windows(t):
    t.set(os_version_max="10.0.19045")
    return t.post(t.enroll_token(t.new_device()), t.blob())


def no_version(t):
    t.set(os_version_min="10.0.10000")
    return t.post(t.enroll_token(t.new_device()), t.blob(), OSVersion="ten")


def home_edition(t):
    t.set(os_editions=["4", "48"])
    return t.post(t.enroll_token(t.new_device()), t.blob(), OSEdition="101")


def personal(t):
    blob = t.blob(kind="Full")
    t.set(personal_devices_allowed=False)
    return t.post(t.enroll_token(t.new_device()), blob, kind="Full")


def renewal_of_nothing(t):
    return t.post(None, None, request_type="Renew", security="")


def renewal(t, certificate=None, key=None):
    """A device whose certificate is due; who signs may be another."""
    device, entra_id = t.join()
    age(t, t.site, device)
    new = t.site.key()
    message = renewing.cms(certificate(device) if certificate else device.certificate,
                           key or device.key, windows.csr_der(new))
    return device, entra_id, lambda: renewing.ask(device, new, public=True, message=message)


def expired_certificate(t):
    device, _, ask = renewal(t)
    age(t, t.site, device, 60)
    return ask()


def retired_device(t):
    _, entra_id, ask = renewal(t)
    t.server.api("POST", f"devices/{t.device(entra_id)['id']}/retire", {"force": True})
    return ask()


def revoked_certificate(t):
    device, _, ask = renewal(t)
    t.site.execute("UPDATE certificates SET state = 'revoked' WHERE serial ="
                   f" '{device.certificate.serial_number:032x}'")
    return ask()


def signed_by_a_stranger(t):
    """A certificate that says what the device's says, by whoever holds another key."""
    key = t.site.key()
    return renewal(t, lambda device: impostor(
        key, device.certificate.subject, device.certificate.issuer,
        device.certificate.serial_number), key)[2]()


def in_maintenance(t):
    t.set(maintenance=True)
    return t.post(t.enroll_token(t.new_device()), t.blob())


def closed(t):
    t.set(closed_message=CLOSED)
    return t.post(t.enroll_token(t.new_device()), t.blob())


def no_licence(t):
    t.set(license_group=t.entra.add_group(t.tenant, "licensed", []))
    return t.post(t.enroll_token(t.new_device()), t.blob())


def no_terms(t):
    return t.post(t.enroll_token(t.new_device()), None)


# code: (subcode, ErrorType, [(how, reason)])
CASES = {
    "0x80180002": ("s:Authentication", None, [
        (bad_signature, "token_signature"), (expired_token, "token_expired"),
        (wrong_audience, "token_audience"), (token_of_another_tenant, "token_tenant_unknown"),
        (wrong_password, "password_wrong")]),
    "0x80180003": ("s:Authorization", None, [(no_scope, "token_scope")]),
    "0x80180004": ("s:CertificateRequest", None, [(small_key, "csr_key_size")]),
    "0x80180005": ("s:EnrollmentServer", None, [(graph_is_down, "license_unknown")]),
    "0x80180007": ("a:InvalidSecurity", None, [(no_credential, "security_missing")]),
    "0x80180013": ("s:Authorization", "DeviceCapReached", [
        (second_device, "device_cap"), (second_device_of_the_tenant, "tenant_device_cap"),
        (too_often_in_a_day, "daily_cap")]),
    "0x80180014": ("s:Authorization", "DeviceNotSupported", [
        (old_windows, "os_version_old"), (new_windows, "os_version_new"),
        (no_version, "os_version_unknown"), (home_edition, "os_edition")]),
    "0x80180015": ("s:CertificateRequest", "NotSupported", [(personal, "personal_device")]),
    "0x80180016": ("s:CertificateRequest", "NotEligibleToRenew", [
        (expired_certificate, "renew_expired"), (retired_device, "renew_device_retired"),
        (revoked_certificate, "renew_revoked"), (signed_by_a_stranger, "renew_signature"),
        (renewal_of_nothing, "renew_malformed")]),
    "0x80180017": ("s:EnrollmentServer", "InMaintenance", [(in_maintenance, "maintenance")]),
    "0x80180032": ("s:EnrollmentServer", "CustomServerError", [(closed, "closed")]),
    "0x80180018": ("s:Authorization", "UserLicense", [(no_licence, "license_missing")]),
    "0x80180019": ("s:Authorization", "InvalidEnrollmentData", [(no_terms, "terms_missing")]),
}
# Those in which a device has joined before.
JOINED = {second_device, second_device_of_the_tenant, too_often_in_a_day, expired_certificate,
          retired_device, revoked_certificate, signed_by_a_stranger}
# Caused by tests of their own below.
ELSEWHERE = {"0x80180001", "0x80180006", "rejectedTermsOfUse"}


@pytest.mark.parametrize("code,how,reason", [
    (code, how, reason) for code, (_, _, hows) in CASES.items() for how, reason in hows],
    ids=lambda value: getattr(value, "__name__", str(value)))
def test_a_code_is_caused_by_its_condition(site, code, how, reason):
    subcode, error_type, _ = CASES[code]
    tenant = site.tenant()
    before = tenant.counts(tables=("devices", "certificates"))
    reply = how(tenant)
    assert reply.status == HTTP_OF_FAULT
    fault = windows.Fault(reply)
    assert (fault.subcode, fault.error_type) == (subcode, error_type), fault.text
    row = attempt_of(site.server, fault.trace_id)
    assert (row["outcome"], row["error_code"]) == ("refused", code), row
    assert reason is None or row["reason"] == reason, row
    assert row["remedy"], row
    # No half of an enrolment stays behind.
    after = tenant.counts(tables=("devices", "certificates"))
    joined = int(how in JOINED)
    assert after["devices"] == before["devices"] + joined
    assert after["certificates"] == before["certificates"] + joined


def test_a_message_that_cannot_be_read(site):
    """An empty body, and one that is cut in the middle."""
    for body in (b"", b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Bo'):
        reply = windows.send(
            f"{site.server.public_url}/EnrollmentServer/Enrollment.svc", "POST", body,
            {"Content-Type": "application/soap+xml; charset=utf-8"}, site.server.tls())
        found = re.search(r"<TraceId>([^<]*)<", reply.body.decode())
        assert "s:MessageFormat" in reply.body.decode(), reply.body
        row = attempt_of(site.server, found.group(1))
        assert (row["outcome"], row["error_code"]) == ("refused", "0x80180001"), row


def test_the_user_declines(site):
    """rejectedTermsOfUse: Windows is told at once, and without a consent nobody enrols."""
    tenant = site.tenant()
    page = windows.terms_get(site.server, tenant.terms_token(), mode=None)
    answer = windows.redirect_query(
        windows.terms_post(site.server, windows.terms_state(page), "decline"))
    assert answer["IsAccepted"] == "false" and "OpaqueBlob" not in answer
    row = next(row for row in tenant.attempts() if row["reason"] == "terms_declined")
    assert (row["outcome"], row["error_code"]) == ("refused", "rejectedTermsOfUse")
    assert row["stage"] == "terms" and row["remedy"]
    [decision] = site.server.items(f"terms-decisions?tenant_id={tenant.tenant}&decision=declined")
    assert decision["user_object_id"] == tenant.user
    explained = site.server.api("GET", "enrollments/explain?about=rejectedTermsOfUse")
    assert "terms_declined" in [reason["reason"] for reason in explained["reasons"]]
    assert explained["message"].startswith("Your organization requires that you agree")
    # Whoever goes on all the same is refused for the consent that is missing.
    fault = windows.Fault(no_terms(tenant))
    assert fault.error_type == "InvalidEnrollmentData"
    assert tenant.counts()["devices"] == 0


def short_lived_ca(server, seconds):
    """The server's device CA once more, with the same key, that ends soon."""
    path = server.dir / "device-ca.crt"
    old = x509.load_pem_x509_certificate(path.read_bytes())
    key = serialization.load_pem_private_key((server.dir / "device-root.key").read_bytes(), None)
    now = datetime.datetime.utcnow()
    builder = (x509.CertificateBuilder().subject_name(old.subject).issuer_name(old.issuer)
               .public_key(old.public_key()).serial_number(x509.random_serial_number())
               .not_valid_before(now - datetime.timedelta(days=1))
               .not_valid_after(now + datetime.timedelta(seconds=seconds)))
    for extension in old.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    made = builder.sign(key, hashes.SHA256())
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM))


@pytest.mark.parametrize("store", stores())
def test_a_failure_nobody_foresaw(entra, tmp_path, store):
    """The signing process refuses: the device CA has ended under the running server."""
    world = None
    original = Muster.init

    def init(self):
        original(self)
        short_lived_ca(self, 12)
        return self

    Muster.init = init
    try:
        world = World(tmp_path, entra, store)
    finally:
        Muster.init = original
    blob = windows.accept_terms(world.server, world.terms_token(), mode="azureadjoin")
    csr = windows.csr_der(windows.new_key())
    fault = None
    for _ in range(60):
        token = world.enroll_token(world.new_device())
        reply = windows.request_token(world.server, windows.jwt_security(token), csr,
                                      windows.context(blob))
        if reply.status != 200:
            fault = windows.Fault(reply)
            break
        time.sleep(0.5)
        blob = windows.accept_terms(world.server, world.terms_token(), mode="azureadjoin")
        csr = windows.csr_der(windows.new_key())
    assert fault and (fault.subcode, fault.error_type) == ("a:InternalServiceFault", None)
    row = attempt_of(world.server, fault.trace_id)
    assert (row["outcome"], row["error_code"]) == ("failed", "0x80180006"), row
    assert world.server.stop() == 0


@pytest.mark.parametrize("audience,shown", [
    ("https://other.test", "https://other.test"), ("00000003-0000-0000-c000-000000000000",) * 2,
    ("x" * 257, "something that cannot be shown"), ("x\ny", "something that cannot be shown"),
    ("\u202etset.mdm", "something that cannot be shown"), (["https://other.test"], "nothing"),
    ("", "nothing")])
def test_an_administrator_reads_whom_a_token_was_made_for(site, audience, shown):
    """On both ways on which Windows brings one; compared with what the tenant has, it says all."""
    tenant = site.tenant()
    bent = {"overrides": {"aud": audience}}
    fault = windows.Fault(windows.get_policies(site.server, windows.jwt_security(
        tenant.enroll_token(tenant.new_device(), **bent))))
    page = windows.terms_get(site.server, tenant.terms_token(**bent))
    assert page.status == 302 and "other.test" not in page.headers["location"] + fault.text
    for row in (attempt_of(site.server, fault.trace_id),
                newest_attempt(site.server, stage="terms")):
        assert row["reason"] == "token_audience"
        assert row["remedy"].endswith(f" The token was made for {shown}"), row


# What a device shows

RULES = [
    ({"maintenance": True}, [], "0x80180017"),
    ({"closed_message": CLOSED}, [], "0x80180032"),
    ({"os_version_min": "10.0.26100"}, [], "0x80180014"),
    ({"os_version_max": "10.0.22000"}, ["--os-version", "10.0.22631.1"], "0x80180014"),
    ({"os_editions": ["101"]}, [], "0x80180014"),
    ({"personal_devices_allowed": False}, ["--join", "work-account"], "0x80180015"),
    ({"license_group": str(uuid.uuid4())}, [], "0x80180018"),
]


def device_joins(tenant, directory, key, *options):
    server, entra = tenant.server, tenant.entra
    return subprocess.run(
        [MUSTER_DEVICE, "enroll", "--dir", directory, "--ca", server.ca, "--key-file", key,
         "--discovery-url", f"{server.public_url}/EnrollmentServer/Discovery.svc",
         "--terms-url", f"{server.public_url}/TermsOfUse",
         "--entra-control", entra.control_url, "--entra-token-file", entra.dir / "control.token",
         "--tenant", tenant.tenant, "--app", tenant.app, "--user", tenant.user, *options],
        capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("rule,options,code", RULES, ids=lambda value: str(value)[:30])
def test_a_device_shows_the_code_of_the_rule(site, tmp_path, spare_key, rule, options,  # noqa: F811
                                             code):
    tenant = site.tenant()
    tenant.set(**rule)
    done = device_joins(tenant, tmp_path / "device", spare_key, *options)
    assert done.returncode == 1 and f"Windows shows {code}" in done.stderr, done.stderr
    assert tenant.counts()["devices"] == 0


# When a user learns it

EARLY = [in_maintenance, closed, no_licence, graph_is_down]


@pytest.mark.parametrize("how", EARLY, ids=lambda how: how.__name__)
def test_what_no_device_could_change_is_told_before_a_key_is_made(site, how):
    """GetPolicies with the same token is refused for the same reason."""
    tenant = site.tenant()
    post = tenant.post
    tenant.post = lambda token, blob, **_: windows.get_policies(
        site.server, windows.jwt_security(token))
    reply = how(tenant)
    tenant.post = post
    code = next(c for c, (_, _, hows) in CASES.items() if how in [h for h, _ in hows])
    fault = windows.Fault(reply)
    assert (fault.subcode, fault.error_type) == CASES[code][:2]
    row = attempt_of(site.server, fault.trace_id)
    assert (row["stage"], row["error_code"]) == ("policy", code)


def test_the_policy_knows_the_limits_of_devices(site):
    tenant = site.tenant()
    tenant.set(device_limit=1)
    _, device = tenant.join()
    reply = windows.get_policies(site.server, windows.jwt_security(
        tenant.enroll_token(tenant.new_device())))
    assert windows.Fault(reply).error_type == "DeviceCapReached"
    # The same device may come again: it replaces itself.
    again = windows.jwt_security(tenant.enroll_token(device))
    assert windows.get_policies(site.server, again).status == 200


# The rules themselves

def test_a_licence_counts_with_the_next_try(site):
    """Not being a member is never kept; being one is, for a while."""
    tenant = site.tenant()
    group = tenant.entra.add_group(tenant.tenant, "licensed", [])
    tenant.set(license_group=group.upper())
    assert site.server.api("GET", f"tenants/{tenant.tenant}")["license_group"] == group
    token = tenant.enroll_token(tenant.new_device())
    assert windows.Fault(tenant.post(token, tenant.blob())).error_type == "UserLicense"
    tenant.entra.control("POST", f"groups/{group}/members", {"id": tenant.user})
    asked = len([r for r in tenant.entra.log(listener="graph") if r["tenant"] == tenant.tenant])
    assert asked > 0
    tenant.join()
    tenant.entra.fault("status", status=503, path="getMemberGroups", tenant=tenant.tenant)
    try:
        tenant.join()
    finally:
        tenant.entra.clear_faults()


def test_a_silent_graph_costs_seconds_and_no_more(site):
    tenant = site.tenant()
    tenant.set(license_group=tenant.entra.add_group(tenant.tenant, "licensed", [tenant.user]))
    token, blob = tenant.enroll_token(tenant.new_device()), tenant.blob()
    tenant.entra.fault("slow", delayMs=20000, path="getMemberGroups",
                       tenant=tenant.tenant)
    started = datetime.datetime.now()
    try:
        fault = windows.Fault(tenant.post(token, blob))
    finally:
        tenant.entra.clear_faults()
    assert fault.subcode == "s:EnrollmentServer"
    assert datetime.datetime.now() - started < datetime.timedelta(seconds=10)
    tenant.join()


def test_a_closed_tenant_says_why(site, tmp_path, spare_key):  # noqa: F811
    """In the words of the organisation, which Windows shows; whoever is in stays in."""
    tenant = site.tenant()
    device, _ = tenant.join()
    fault = windows.Fault(closed(tenant))
    assert fault.text.count(CLOSED.replace("&", "&amp;").replace("<", "&lt;").replace(
        ">", "&gt;")) == 2  # Reason, which Windows shows, and Message
    done = device_joins(tenant, tmp_path / "device", spare_key)
    assert CLOSED in done.stderr, done.stderr
    windows.run_session(device)
    site.execute("UPDATE certificates SET not_before = not_before - 26784000, not_after = "
                 f"not_after - 26784000 WHERE tenant_id = '{tenant.tenant}'")
    windows.run_session(renew(device, site.key()))
    tenant.set(maintenance=True)
    reply = tenant.post(tenant.enroll_token(tenant.new_device()), tenant.blob())
    assert windows.Fault(reply).error_type == "InMaintenance"
    tenant.set(maintenance=False, closed_message="")
    tenant.join()


def test_maintenance_of_the_whole_server(world):
    """One line of the configuration file and a reload, for every tenant; until it is taken back."""
    server = world.server
    device, _ = world.join()
    blob = windows.accept_terms(server, world.terms_token(), mode="azureadjoin")
    text = server.conf.read_text()
    server.conf.write_text(text.replace("[server]\n", "[server]\nmaintenance = yes\n"))
    server.process.send_signal(signal.SIGHUP)
    wait_for(lambda: server.log.read_text().count("reloaded") == 1)
    security = windows.jwt_security(world.enroll_token(world.new_device()))
    for reply in (windows.get_policies(server, security), windows.request_token(
            server, security, windows.csr_der(windows.new_key()), windows.context(blob))):
        fault = windows.Fault(reply)
        assert fault.error_type == "InMaintenance"
        row = attempt_of(server, fault.trace_id)
        assert (row["error_code"], row["reason"]) == ("0x80180017", "server_maintenance")
        assert "maintenance = no" in row["remedy"]
    windows.run_session(device)
    done = subprocess.run([MUSTERD, "check", "--config", server.conf, "--offline"], text=True,
                          capture_output=True, timeout=60)
    assert "the server is in maintenance" in done.stdout
    server.conf.write_text(text)
    server.process.send_signal(signal.SIGHUP)
    wait_for(lambda: server.log.read_text().count("reloaded") == 2)
    world.join()


def test_maintenance_ends_nobodys_management(site):
    tenant = site.tenant()
    device, _ = tenant.join()
    tenant.set(maintenance=True)
    windows.run_session(device)
    tenant.set(maintenance=False)
    tenant.join()


@pytest.mark.parametrize("fields", [
    {"os_version_min": "ten"}, {"os_version_min": "10.0.1.1.1"}, {"os_version_max": "10.0.x"},
    {"os_version_min": "10.0.3", "os_version_max": "10.0.2"}, {"os_editions": ["Pro"]},
    {"os_editions": ["4.8"]}, {"license_group": "licensed"}, {"tenant_device_limit": -1},
    {"closed_message": "x" * 201}, {"closed_message": "a\nb"}, {"closed_message": True}])
def test_a_rule_nobody_could_meet_is_not_taken(site, fields):
    tenant = site.tenant()
    status, _, body = site.server.api("PATCH", f"tenants/{tenant.tenant}", fields, raw=True)
    assert status in (400, 422), body
    assert list(fields)[0].encode() in body


# The table

def test_every_code_is_explained(site):
    """As people type it, with what they can do; those that only Windows raises too."""
    codes = site.server.api("GET", "error-codes")["items"]
    assert len(codes) > 60
    for code in codes:
        for written in {code["code"], code["code"].lower().removeprefix("0x"), code["name"]} - {""}:
            explained = site.server.api("GET", f"enrollments/explain?about={written}")
            assert explained == code, written
        assert code["cause"].endswith(".") and code["remedy"].endswith("."), code


def codes_of_faults():
    text = (ROOT / "src/soap/fault.c").read_text()
    return set(re.findall(r'"(0x8018[0-9A-F]{4})"', text))


def test_no_code_of_the_server_is_forgotten():
    assert set(CASES) | ELSEWHERE == codes_of_faults() | {"rejectedTermsOfUse"}
    text = (ROOT / "src/enroll/code.c").read_text()
    faulted = set(re.findall(
        r'\{"(0x[0-9A-F]{8})",\s*"[^"]*",\s*"[^"]*",\s*"([A-Za-z]+)",', text))
    assert {code for code, _ in faulted} == codes_of_faults()
