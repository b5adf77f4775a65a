# SPDX-License-Identifier: Apache-2.0
"""`musterd check` about what is outside and breaks joining: certificates as Windows sees them, names,
the clock, and each tenant's Entra and Graph."""

import contextlib
import datetime
import http.server
import re
import ssl
import subprocess
import threading
import time
import uuid

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

import windows
from muster import MUSTERD, free_ports, wait_for
from tenancy import attempt_of

PUBLIC, MANAGE = "mdm.contoso.example", "manage.mdm.contoso.example"
NOW = datetime.datetime.utcnow()


def check(conf, *options):
    done = subprocess.run([MUSTERD, "check", "--config", conf, *options], capture_output=True,
                          text=True, timeout=120)
    assert done.returncode in (0, 1) and done.stderr == "", done.stderr
    lines = done.stdout.splitlines()
    assert all(line.split(" ")[0] in ("ok", "notice", "problem") for line in lines), lines
    problems = [line for line in lines if line.startswith("problem")]
    assert bool(problems) == (done.returncode == 1)
    return lines, problems


def has(lines, kind, *words):
    found = [line for line in lines
             if line.startswith(kind) and all(word in line for word in words)]
    assert found, (kind, words, lines)
    return found[0]


def crl_is_there(server):
    """The first list is made by the background a moment after the start."""
    ca = x509.load_pem_x509_certificate((server.dir / "device-ca.crt").read_bytes())
    key_id = ca.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest.hex()
    url = f"{server.public_url}/EnrollmentServer/CRL/{key_id}.crl"
    wait_for(lambda: windows.send(url, "GET", b"", {}, server.tls()).status == 200, 20)


def other_conf(server, *changes):
    """The configuration once more, changed: [(pattern, replacement)]."""
    text = server.conf.read_text()
    for pattern, replacement in changes:
        text, n = re.subn(pattern, replacement, text, flags=re.M)
        assert n > 0, pattern
    conf = server.conf.with_name("other.conf")
    conf.write_text(text)
    return conf


# Tenants and the network, with the stand-in for Entra

def test_all_is_well(world):
    crl_is_there(world.server)
    lines, problems = check(world.server.conf)
    assert problems == []
    for what in ("signing keys", "application token", "Graph access"):
        has(lines, "ok", world.tenant, what)
    # What was not looked at is never called good.
    has(lines, "notice", world.tenant, "application: ", "not checked", "Application.Read.All")
    assert not any(line.startswith("ok") and "application: " in line for line in lines)
    assert not any("licence group" in line for line in lines)
    has(lines, "ok", "the clock agrees")
    has(lines, "ok", f"{world.server.public_url}/EnrollmentServer/Discovery.svc answers")
    has(lines, "ok", f"{world.server.manage_url} asks for the device's certificate")
    has(lines, "ok", f"CRL at {world.server.public_url}/EnrollmentServer/CRL/")
    has(lines, "ok", "127.0.0.1 resolves")
    has(lines, "notice", "signed by itself")


def test_offline_asks_nobody(world):
    before = len(world.entra.log())
    lines, problems = check(world.server.conf, "--offline")
    assert problems == [] and not any("clock agrees" in line for line in lines)
    assert len(world.entra.log()) == before


@contextlib.contextmanager
def login_host(directory, offset):
    """A host that knows nothing, with a clock that is off; (its address, the CA's file)."""
    class Handler(http.server.BaseHTTPRequestHandler):
        def date_time_string(self, timestamp=None):
            return super().date_time_string(time.time() + offset)

        def do_GET(self):
            self.send_error(404)

        def log_message(self, *args):
            pass

    root, key = Authority("Login Root"), ec.generate_private_key(ec.SECP256R1())
    leaf = root.issue(key, x509.Name([]), names=("localhost",))
    (directory / "login.pem").write_bytes(pem(leaf) + key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption()))
    (directory / "login-ca.pem").write_bytes(pem(root.certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(directory / "login.pem")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"https://localhost:{server.server_address[1]}", directory / "login-ca.pem"
        server.shutdown()


@pytest.mark.parametrize("offset,word", [(300, "behind"), (-300, "ahead"), (5, None)])
def test_a_clock_that_is_off(world, tmp_path, offset, word):
    with login_host(tmp_path, offset) as (url, ca):
        world.server.api("PATCH", f"tenants/{world.tenant}", {"login_url": url})
        text = world.server.conf.read_text()
        conf = world.server.conf.with_name("other.conf")
        conf.write_text(re.sub(r"ca_bundle.*", f"ca_bundle = {ca}", text))
        lines, _ = check(conf)
    if word:
        has(lines, "problem", "clock", word, "time server")
    else:
        has(lines, "ok", "the clock agrees")


def test_entra_cannot_be_reached(world):
    world.entra.fault("status", listener="login", status=503)
    try:
        lines, _ = check(world.server.conf)
    finally:
        world.entra.clear_faults()
    has(lines, "problem", world.tenant, "signing keys")


def test_a_wrong_secret_is_told(world):
    for row in world.server.items(f"tenants/{world.tenant}/credentials"):
        world.server.api("DELETE", f"tenants/{world.tenant}/credentials/{row['id']}")
    lines, _ = check(world.server.conf)
    has(lines, "problem", world.tenant, "application token")


def test_maintenance_is_mentioned(world):
    world.server.api("PATCH", f"tenants/{world.tenant}", {"maintenance": True})
    has(check(world.server.conf)[0], "notice", world.tenant, "maintenance")


def readable(world, version, uris, **tenant):
    """Another tenant whose application may read itself."""
    made = world.entra.add_tenant(domain="other.test")
    app = world.entra.control("POST", "apps", {
        "tenant": made, "displayName": "mdm", "appIdUris": uris,
        "requestedAccessTokenVersion": version,
        "requestedRoles": ["Device.ReadWrite.All", "User.Read.All", "GroupMember.Read.All",
                           "Application.Read.All"]})["clientId"]
    world.server.api("POST", "tenants", {
        "tenant_id": made, "domain": "other.test", "mode": "on-premises", "cloud": "custom",
        "login_url": world.entra.login_url, "graph_url": world.entra.graph_url, "client_id": app,
        "app_id_uris": ["https://mdm.other.test"], **tenant})
    world.server.api("POST", f"tenants/{made}/credentials",
                     {"kind": "secret", "secret": world.entra.add_secret(app)})
    findings = world.server.api("POST", f"tenants/{made}/check")["findings"]
    return made, next(f for f in findings if f["what"] == "application")


@pytest.mark.parametrize("version,uris,tenant,ok,word", [
    (2, ["https://other.example"], {}, True, "version 2"),
    (1, ["https://mdm.other.test"], {"v1_tokens_allowed": True}, True, "version 1"),
    (None, ["https://mdm.other.test"], {"v1_tokens_allowed": True}, True, "version 1"),
    (1, ["https://mdm.other.test"], {"v1_tokens_allowed": False}, False,
     "requestedAccessTokenVersion"),
    (1, ["https://wrong.other.test"], {"v1_tokens_allowed": True}, False,
     "https://wrong.other.test")])
def test_version_and_audience_of_the_application(world, version, uris, tenant, ok, word):
    made, finding = readable(world, version, uris, **tenant)
    assert finding["ok"] == ok and word in finding["detail"], finding
    has(check(world.server.conf)[0], "ok" if ok else "problem", made, "application", word)


def test_a_mail_domain_wants_a_name_and_a_certificate(world):
    world.server.api("PATCH", f"tenants/{world.tenant}", {"domains": ["contoso.invalid"]})
    lines, _ = check(world.server.conf)
    has(lines, "problem", "not for enterpriseenrollment.contoso.invalid")
    has(lines, "problem", "enterpriseenrollment.contoso.invalid does not resolve", "DNS")


def test_a_server_that_does_not_run(world):
    assert world.server.stop() == 0
    lines, _ = check(world.server.conf)
    for url in (world.server.public_url, world.server.manage_url,
                f"CRL at {world.server.public_url}"):
        has(lines, "notice", url, "is the server running?")
    world.server.start()


# The server's own addresses, as devices ask them

def test_a_closed_port_of_management(world):
    """Devices would enrol and never come: nothing of that is seen on the server itself."""
    conf = other_conf(world.server, (r"^manage_url .*",
                                     f"manage_url = https://127.0.0.1:{free_ports(1)[0]}"))
    has(check(conf)[0], "problem", "cannot be reached", "firewall", "manage_url")


def test_something_else_at_the_address_of_management(world):
    """The public listener has the same certificate and asks for none."""
    conf = other_conf(world.server, (r"^manage_url .*", f"manage_url = {world.server.public_url}"))
    has(check(conf)[0], "problem", f"{world.server.public_url} does not ask for the device's")


def test_another_certificate_at_the_address_of_management(world, tmp_path):
    with login_host(tmp_path, 0) as (url, _):
        conf = other_conf(world.server, (r"^manage_url .*", f"manage_url = {url}"))
        has(check(conf)[0], "problem", url, "another certificate", "a proxy ends TLS")


@pytest.mark.parametrize("path,word", [("http://127.0.0.1:{closed}/x", "cannot be fetched"),
                                       ("http://crl.invalid/x", "cannot be fetched"),
                                       ("{public}/nowhere", "no list of this device CA")])
def test_an_address_of_crls_that_leads_nowhere(world, path, word):
    url = path.format(closed=free_ports(1)[0], public=world.server.public_url)
    conf = other_conf(world.server, (r"^(root .*)$", rf"\1\ncrl_url = {url}"))
    has(check(conf)[0], "problem", f"CRL at {url}/", word, "crl_url")


def test_the_key_of_the_root_is_not_for_a_server(world):
    key = world.server.dir / "device-root.key"
    has(check(world.server.conf, "--offline")[0], "notice", str(key), "the key of the root")
    key.unlink()
    lines, _ = check(world.server.conf, "--offline")
    assert not any("key of the root" in line for line in lines)


# A rule by a group of Entra that would let nobody in

@pytest.fixture
def licensed(world):
    """A tenant whose users must be in a group; set(roles) says what the application may do."""
    world.group = world.entra.add_group(world.tenant, "licensed", [world.user])
    world.server.api("PATCH", f"tenants/{world.tenant}", {"license_group": world.group})
    world.may = lambda *roles: world.entra.control(
        "PATCH", f"apps/{world.app}", {"roles": ["Device.ReadWrite.All", *roles]})
    yield world
    world.entra.clear_faults()


def licence_finding(world):
    """The line of both checks, which say the same."""
    lines, _ = check(world.server.conf)
    line = next(line for line in lines if "licence group" in line)
    found = [f for f in world.server.api("POST", f"tenants/{world.tenant}/check")["findings"]
             if f["what"] == "licence group"]
    assert len(found) == 1 and line.endswith(found[0]["detail"])
    assert line.split()[0] == found[0]["state"] and found[0]["ok"] == (found[0]["state"] == "ok")
    return line


def refusal(world):
    reply = windows.get_policies(world.server, windows.jwt_security(
        world.enroll_token(world.new_device())))
    return attempt_of(world.server, windows.Fault(reply).trace_id)


def test_a_licence_group_that_can_be_asked(licensed):
    licensed.may("User.Read.All", "GroupMember.Read.All")
    assert licence_finding(licensed).startswith("ok ")


@pytest.mark.parametrize("roles,word,other", [
    ((), "GroupMember.Read.All", "User.Read.All"),
    (("User.Read.All",), "GroupMember.Read.All", "User.Read.All"),
    (("GroupMember.Read.All",), "User.Read.All beside", "the group cannot be read")])
def test_the_permission_that_is_missing_is_named(licensed, roles, word, other):
    licensed.may(*roles)
    line = licence_finding(licensed)
    assert line.startswith("problem") and word in line and other not in line
    # The refusal says what Graph said, and leads to the check, typed as it stands.
    row = refusal(licensed)
    assert row["reason"] == "license_unknown"
    assert "Graph answered HTTP 403 Authorization_RequestDenied: " in row["remedy"], row
    assert f"muster tenants check {licensed.tenant}:" in row["remedy"]


def test_a_licence_group_that_is_not_there(licensed):
    licensed.may("User.Read.All", "GroupMember.Read.All")
    nowhere = str(uuid.uuid4())
    licensed.server.api("PATCH", f"tenants/{licensed.tenant}", {"license_group": nowhere})
    line = licence_finding(licensed)
    assert line.startswith("problem") and f"no group {nowhere}" in line
    row = refusal(licensed)
    assert row["reason"] == "license_missing"
    assert f"muster tenants check {licensed.tenant} says whether" in row["remedy"]
    # The way out that it names.
    licensed.server.api("PATCH", f"tenants/{licensed.tenant}", {"license_group": ""})
    assert not any("licence group" in line for line in check(licensed.server.conf)[0])


def test_a_graph_that_is_down_is_quoted(licensed):
    licensed.may("User.Read.All", "GroupMember.Read.All")
    licensed.entra.fault("status", status=503, path="getMemberGroups", tenant=licensed.tenant)
    line = licence_finding(licensed)
    assert line.startswith("problem") and "HTTP 503" in line
    assert "Graph answered HTTP 503" in refusal(licensed)["remedy"]


def test_a_licence_group_without_a_token(licensed):
    for row in licensed.server.items(f"tenants/{licensed.tenant}/credentials"):
        licensed.server.api("DELETE", f"tenants/{licensed.tenant}/credentials/{row['id']}")
    assert "needs an application token first" in licence_finding(licensed)
    assert "Add a credential" in refusal(licensed)["remedy"]


# TLS trouble and strangers between this server and Entra

def words_of(world, what, conf=None):
    lines, _ = check(conf or world.server.conf)
    return has(lines, "problem", world.tenant, what)


def test_a_login_host_that_is_not_trusted(world, tmp_path):
    """As where a proxy inspects TLS: both findings say it in the same words."""
    (tmp_path / "other-ca.pem").write_bytes(pem(Authority("Other").certificate))
    conf = other_conf(world.server, (r"^ca_bundle.*", f"ca_bundle = {tmp_path / 'other-ca.pem'}"))
    for what in ("signing keys", "application token"):
        line = words_of(world, what, conf)
        assert "is not trusted" in line and "inspects TLS" in line and "ca_bundle" in line


def test_a_login_host_that_speaks_no_tls(world):
    """A listener that answers in the clear."""
    metrics = f"https://127.0.0.1:{world.server.metrics_port}"
    world.server.api("PATCH", f"tenants/{world.tenant}", {"login_url": metrics})
    for what in ("signing keys", "application token"):
        assert "TLS with the login host fails" in words_of(world, what)


@pytest.mark.parametrize("kind", ["not-json", "huge"])
def test_a_stranger_answers_for_entra(world, kind):
    world.entra.fault(kind, listener="login")
    try:
        lines, _ = check(world.server.conf)
    finally:
        world.entra.clear_faults()
    for what in ("signing keys", "application token"):
        assert "is not Entra ID" in has(lines, "problem", world.tenant, what)


def test_a_custom_cloud_that_is_not_allowed(world):
    conf = other_conf(world.server, (r"^allow_custom_cloud.*", "allow_custom_cloud = no"))
    lines, _ = check(conf)
    has(lines, "problem", world.tenant, "custom cloud", "allow_custom_cloud = yes")
    assert not any("is disabled" in line for line in lines)


def test_help():
    done = subprocess.run([MUSTERD, "check", "--help"], capture_output=True, text=True, timeout=20)
    assert done.returncode == 0 and "musterd check --config" in done.stdout and not done.stderr


# Certificates as Windows sees them

class Authority:
    def __init__(self, name, issuer=None):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.certificate = (issuer or self).issue(self.key, self.name, ca=True)

    def issue(self, key, name, ca=False, days=(-30, 60), usage=None, names=()):
        builder = (x509.CertificateBuilder().subject_name(name).issuer_name(self.name)
                   .public_key(key.public_key()).serial_number(x509.random_serial_number())
                   .not_valid_before(NOW + datetime.timedelta(days=days[0]))
                   .not_valid_after(NOW + datetime.timedelta(days=days[1]))
                   .add_extension(x509.BasicConstraints(ca, None), True))
        if not ca:
            builder = builder.add_extension(
                x509.ExtendedKeyUsage([usage or ExtendedKeyUsageOID.SERVER_AUTH]), False)
            if names:
                builder = builder.add_extension(
                    x509.SubjectAlternativeName([x509.DNSName(n) for n in names]), False)
        return builder.sign(self.key, hashes.SHA256())


def pem(*certificates):
    return b"".join(c.public_bytes(serialization.Encoding.PEM) for c in certificates)


class Chains:
    """A directory of musterd with certificates of an authority of the test's own."""

    def __init__(self, directory):
        self.root, self.other = Authority("Test Root"), Authority("Other Root")
        self.middle = Authority("Test Intermediate", self.root)
        self.dir = directory / "m"
        self.roots = directory / "roots.pem"
        self.roots.write_bytes(pem(self.other.certificate, self.root.certificate))
        subprocess.run([MUSTERD, "init", "--dir", self.dir, "--public-url", f"https://{PUBLIC}",
                        "--manage-url", f"https://{MANAGE}", "--console-url",
                        f"https://{PUBLIC}:8444"], check=True, capture_output=True)

    def install(self, *rest, key=None, issuer=None, **fields):
        key = key or ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, PUBLIC)])
        fields.setdefault("names", (PUBLIC, MANAGE))
        leaf = (issuer or self.middle).issue(key, name, **fields)
        (self.dir / "tls.crt").write_bytes(pem(leaf, *rest))
        (self.dir / "tls.key").write_bytes(key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption()))

    def check(self):
        return check(self.dir / "muster.conf", "--offline", "--roots", self.roots)


@pytest.fixture
def chains(tmp_path):
    return Chains(tmp_path)


def test_a_whole_chain_is_trusted(chains):
    chains.install(chains.middle.certificate)
    lines, problems = chains.check()
    assert problems == []
    for listener, host in (("public", PUBLIC), ("manage", MANAGE)):
        has(lines, "ok", f"chain of the {listener} certificate")
        has(lines, "ok", f"the {listener} certificate is for {host}")


def test_a_missing_intermediate_is_named(chains):
    chains.install()
    has(chains.check()[0], "problem", "public", "'Test Intermediate'", "Add the missing")


def test_a_root_windows_does_not_know(chains):
    stranger = Authority("Stranger")
    chains.install(stranger.certificate, issuer=stranger)
    has(chains.check()[0], "problem", "Windows will not trust it", "'Stranger'")


def test_a_certificate_signed_by_itself(chains):
    has(chains.check()[0], "problem", "signed by itself")


@pytest.mark.parametrize("fields,words", [
    ({"days": (-90, -1)}, ["expired"]),
    ({"usage": ExtendedKeyUsageOID.CLIENT_AUTH}, ["serverAuth"]),
    ({"names": (PUBLIC,)}, [f"is not for {MANAGE}", "subjectAltName"]),
    ({"names": ()}, [f"is not for {PUBLIC}"])])
def test_a_certificate_that_does_not_fit(chains, fields, words):
    chains.install(chains.middle.certificate, **fields)
    has(chains.check()[0], "problem", *words)


def test_a_key_that_is_too_small(chains):
    chains.install(chains.middle.certificate, key=rsa.generate_private_key(65537, 1024))
    has(chains.check()[0], "problem", "too weak")


def test_roots_that_are_not_there(chains):
    chains.install(chains.middle.certificate)
    lines, _ = check(chains.dir / "muster.conf", "--offline", "--roots", "/does/not/exist")
    has(lines, "notice", "/does/not/exist", "ca-certificates")
