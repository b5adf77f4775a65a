# SPDX-License-Identifier: Apache-2.0
"""The revocation list of the device CA: where certificates say it is, what it lists, and how soon."""

import datetime
import re
import ssl
import subprocess

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtensionOID

import windows
from muster import Muster, wait_for

CRL = "/EnrollmentServer/CRL/"


@pytest.fixture
def world(site):
    return site.tenant()


def address_of(certificate):
    points = certificate.extensions.get_extension_for_oid(
        ExtensionOID.CRL_DISTRIBUTION_POINTS).value
    assert len(points) == 1 and len(points[0].full_name) == 1
    return points[0].full_name[0].value


def get(server, url, method="GET", **headers):
    return windows.send(url, method, None, headers, server.tls())


def load(server, certificate):
    reply = get(server, address_of(certificate))
    assert reply.status == 200, reply.body
    assert reply.headers["content-type"] == "application/pkix-crl"
    return x509.load_der_x509_crl(reply.body)


def entry(server, certificate):
    return load(server, certificate).get_revoked_certificate_by_serial_number(
        certificate.serial_number)


def number(crl):
    return crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number


def reason(entry_):
    return entry_.extensions.get_extension_for_class(x509.CRLReason).value.reason


def unenrol(device):
    alert = ('<Alert><CmdID>4</CmdID><Data>1226</Data><Item><Meta><Type '
             'xmlns="syncml:metinf">com.microsoft:mdm.unenrollment.userrequest</Type></Meta>'
             '<Data>1</Data></Item></Alert>')
    assert device.post(device.package1("9", alerts=alert)).status == 200


def test_a_certificate_says_where_its_list_is(world):
    device, _ = world.join()
    url = address_of(device.certificate)
    ca = x509.load_pem_x509_certificate((world.server.dir / "device-ca.crt").read_bytes())
    key_id = ca.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest.hex()
    assert url == f"{world.server.public_url}{CRL}{key_id}.crl"
    crl = load(world.server, device.certificate)
    assert crl.issuer == ca.subject and crl.is_signature_valid(ca.public_key())
    aki = crl.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    assert aki.key_identifier.hex() == key_id
    now = datetime.datetime.utcnow()
    assert crl.last_update <= now < crl.next_update <= now + datetime.timedelta(days=2)
    assert crl.get_revoked_certificate_by_serial_number(device.certificate.serial_number) is None


def test_openssl_accepts_the_list_and_refuses_what_is_on_it(world, tmp_path):
    device, entra_id = world.join()
    world.server.api("POST", f"devices/{world.device(entra_id)['id']}/retire", {"force": True})
    wait_for(lambda: entry(world.server, device.certificate), 20)
    (tmp_path / "list.crl").write_bytes(get(world.server, address_of(device.certificate)).body)
    (tmp_path / "leaf.der").write_bytes(device.certificate_der)
    run = lambda *command: subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    run("openssl", "x509", "-inform", "DER", "-in", "leaf.der", "-out", "leaf.pem")
    run("openssl", "crl", "-inform", "DER", "-in", "list.crl", "-out", "list.pem")
    ca = str(world.server.dir / "device-ca.crt")
    checked = run("openssl", "crl", "-in", "list.pem", "-noout", "-verify", "-CAfile", ca)
    assert "verify OK" in checked.stdout + checked.stderr, checked
    chain = ("openssl", "verify", "-partial_chain", "-trusted", ca, "-purpose", "sslclient")
    assert run(*chain, "leaf.pem").returncode == 0
    refused = run(*chain, "-crl_check", "-CRLfile", "list.pem", "leaf.pem")
    assert refused.returncode != 0 and "certificate revoked" in refused.stdout + refused.stderr


def wipe(world, device, entra_id):
    """The device takes the order; that is the last it says."""
    world.server.api("POST", f"devices/{world.device(entra_id)['id']}/wipe")
    assert "doWipe" in str(windows.run_session(device, "9"))


@pytest.mark.parametrize("way", ["superseded", "retired", "unenrolled", "wiped"])
def test_what_is_taken_back_is_listed_within_seconds(world, way):
    device, entra_id = world.join()
    before = number(load(world.server, device.certificate))
    if way == "superseded":
        again, _ = world.join(device=entra_id)
    elif way == "retired":
        identity = world.device(entra_id)["id"]
        world.server.api("POST", f"devices/{identity}/retire", {"force": True})
    elif way == "wiped":
        wipe(world, device, entra_id)
    else:
        unenrol(device)
    found = wait_for(lambda: entry(world.server, device.certificate), 20)
    expected = {"superseded": x509.ReasonFlags.superseded}
    assert reason(found) == expected.get(way, x509.ReasonFlags.cessation_of_operation)
    assert abs(found.revocation_date - datetime.datetime.utcnow()) < datetime.timedelta(minutes=2)
    assert number(load(world.server, device.certificate)) > before
    if way == "superseded":
        assert entry(world.server, again.certificate) is None


def test_several_at_the_same_second_are_all_listed(world):
    joined = [world.join() for _ in range(3)]
    for device, _ in joined:
        unenrol(device)
    for device, _ in joined:
        wait_for(lambda d=device: entry(world.server, d.certificate), 20)


def test_an_expired_certificate_leaves_the_list(world, site):
    device, entra_id = world.join()
    identity = world.device(entra_id)["id"]
    unenrol(device)
    wait_for(lambda: entry(world.server, device.certificate), 20)
    site.execute(f"UPDATE certificates SET not_after = 1000 WHERE device_id = '{identity}'")
    other, _ = world.join()
    unenrol(other)
    wait_for(lambda: entry(world.server, other.certificate), 20)
    assert entry(world.server, device.certificate) is None


def test_a_row_without_its_issuer_is_given_it(world, site):
    """Rows of before the issuer was stored."""
    device, entra_id = world.join()
    identity = world.device(entra_id)["id"]
    site.execute(f"UPDATE certificates SET issuer_key_id = '' WHERE device_id = '{identity}'")
    unenrol(device)
    wait_for(lambda: entry(world.server, device.certificate), 20)


def test_caches_are_told_how_long(world):
    device, _ = world.join()
    url = address_of(device.certificate)
    full = get(world.server, url)
    seconds = int(re.fullmatch(r"public, max-age=(\d+)", full.headers["cache-control"])[1])
    assert 0 < seconds <= 300
    assert full.headers["last-modified"].endswith("GMT")
    head = get(world.server, url, "HEAD")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-length"] == str(len(full.body))
    same = get(world.server, url, **{"If-None-Match": head.headers["etag"]})
    assert (same.status, same.body) == (304, b"") or same.status == 200
    other = get(world.server, url, **{"If-None-Match": '"1"'})
    assert other.status == 200


def test_nothing_else_is_there(world):
    device, _ = world.join()
    good = address_of(device.certificate)
    base, _, name = good.rpartition("/")
    names = ["", ".crl", name[:-4], name.upper(), name[:-4] + ".CRL", "0" * 40 + ".crl", "a.crl",
             "%2e%2e/muster.db", name + "/", "x" + name, "g" * 40 + ".crl", "ab" * 300 + ".crl"]
    for other in names:
        assert get(world.server, f"{base}/{other}").status in (400, 404), other
    assert get(world.server, good, "POST").status == 405
    assert get(world.server, good.replace(world.server.public_url, world.server.console_url)
               ).status == 404


def test_metrics_say_how_long_the_list_is_good(world):
    _, text = world.server.metrics_get("/metrics")
    left = int(re.search(r"^muster_crl_remaining_seconds (-?\d+)$", text, re.M)[1])
    assert 36 * 3600 <= left <= 48 * 3600 + 1
    assert re.search(r"^muster_signer_failing 0$", text, re.M)


def resumed_context(device):
    context = device.tls()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context


def handshake(device, context, session=None):
    """One message over a connection of its own: (status, session, whether it was resumed)."""
    import http.client
    connection = http.client.HTTPSConnection("127.0.0.1", device.server.manage_port, timeout=30,
                                             context=context)
    plain = connection._create_connection(("127.0.0.1", device.server.manage_port), 30)
    connection.sock = context.wrap_socket(plain, server_hostname="127.0.0.1", session=session)
    try:
        connection.request("POST", "/ManagementServer/MDM.svc", device.package1().encode(),
                           {"Content-Type": "application/vnd.syncml.dm+xml"})
        reply = connection.getresponse()
        reply.read()
        return reply.status, connection.sock.session, connection.sock.session_reused
    finally:
        connection.close()


@pytest.mark.parametrize("way", ["superseded", "retired", "unenrolled", "wiped"])
def test_case12_a_resumed_tls_session_is_no_way_round(world, way):
    """The certificate is not sent again when TLS resumes; whether it is good is asked all the same."""
    device, entra_id = world.join()
    context = resumed_context(device)
    status, session, _ = handshake(device, context)
    assert status == 200
    status, session, is_resumed = handshake(device, context, session)
    assert (status, is_resumed) == (200, True)
    if way == "superseded":
        world.join(device=entra_id)
    elif way == "retired":
        identity = world.device(entra_id)["id"]
        world.server.api("POST", f"devices/{identity}/retire", {"force": True})
    elif way == "wiped":
        wipe(world, device, entra_id)
    else:
        unenrol(device)
    assert handshake(device, context, session)[::2] == (403, True)


def second_server(site, directory):
    """A server with the same keys, CA and database, on ports of its own."""
    other = Muster(directory, site.url, site.entra)
    first = site.server
    other.dir.mkdir(parents=True)
    text = first.conf.read_text()
    for attribute in ("public_port", "manage_port", "console_port", "metrics_port"):
        text = text.replace(f":{getattr(first, attribute)}", f":{getattr(other, attribute)}")
    other.conf.write_text(text)
    other.ca, other.token = first.ca, first.token
    return other


def test_case12_two_servers_on_one_database(site, tmp_path):
    """What one takes back the other refuses at once, and both serve one list."""
    if site.store != "postgresql":
        pytest.skip("SQLite has one server")
    world = site.tenant()
    other = second_server(site, tmp_path).start()
    try:
        device, entra_id = world.join()
        device.server = other
        assert device.post(device.package1()).status == 200
        identity = world.device(entra_id)["id"]
        world.server.api("POST", f"devices/{identity}/retire", {"force": True})
        assert device.post(device.package1("2")).status == 403
        url = address_of(device.certificate)
        wait_for(lambda: entry(world.server, device.certificate), 20)
        mirrored = url.replace(world.server.public_url, other.public_url)
        numbers = [number(load(world.server, device.certificate))]
        numbers.append(number(x509.load_der_x509_crl(get(other, mirrored).body)))
        assert numbers == sorted(numbers)
    finally:
        other.stop()
