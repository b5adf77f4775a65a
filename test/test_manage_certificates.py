# SPDX-License-Identifier: Apache-2.0
"""Abuse case 12: who may hold a management session. Only the key of a certificate that this server
issued, stored, and has not taken back opens the door; whatever else knocks changes nothing.
"""

import datetime
import ssl
import tempfile
import uuid

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

import windows
from muster import wait_for
from world import FACTS

CLIENT_AUTH = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
SERVER_AUTH = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
TABLES = ("sessions", "commands", "facts", "audit", "certificates", "devices")


@pytest.fixture
def world(site):
    return site.tenant()


def name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def certificate(subject, key, issuer, issuer_key, days=(-1, 30), usage=CLIENT_AUTH, is_ca=False):
    now = datetime.datetime.utcnow()
    builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer)
               .public_key(key.public_key()).serial_number(x509.random_serial_number())
               .not_valid_before(now + datetime.timedelta(days=days[0]))
               .not_valid_after(now + datetime.timedelta(days=days[1]))
               .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True))
    if usage is not None:
        builder = builder.add_extension(usage, critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


class Authority:
    """The device CA of the server, as somebody who stole its key would use it, or a copy."""

    def __init__(self, server):
        self.certificate = x509.load_pem_x509_certificate(
            (server.dir / "device-ca.crt").read_bytes())
        self.key = serialization.load_pem_private_key(
            (server.dir / "device-ca.key").read_bytes(), None)
        self.name = self.certificate.subject


def client(server, key, *chain):
    """A TLS context that presents these certificates, leaf first."""
    made = server.tls()
    with tempfile.NamedTemporaryFile() as pem:
        for one in chain:
            pem.write(one.public_bytes(serialization.Encoding.PEM))
        pem.write(key.private_bytes(serialization.Encoding.PEM,
                                    serialization.PrivateFormat.PKCS8,
                                    serialization.NoEncryption()))
        pem.flush()
        made.load_cert_chain(pem.name)
    return made


def knock(device, context):
    """"tls" when the handshake was refused, else the HTTP status."""
    try:
        return device.post(device.package1(), context=context).status
    except (ssl.SSLError, ConnectionError):
        return "tls"


def test_case12_without_a_certificate(world):
    device, _ = world.join()
    before = world.counts(tables=TABLES)
    assert knock(device, world.server.tls()) in ("tls", 403)
    assert world.counts(tables=TABLES) == before


def forged(world, device):
    """Every certificate that must not do, by what is wrong with it: (key, chain)."""
    ca = Authority(world.server)
    key = world.site.key()
    subject = device.certificate.subject
    other_key = world.site.key()
    other_ca = certificate(ca.name, other_key, ca.name, other_key, is_ca=True, usage=None)
    sub_key = world.site.key()
    sub_ca = certificate(name("sub"), sub_key, ca.name, ca.key, is_ca=True, usage=None)
    return {
        "self-signed, same name": (key, [certificate(subject, key, subject, key)]),
        "of a CA of the same name": (key, [certificate(subject, key, ca.name, other_key)]),
        "with that CA along": (key, [certificate(subject, key, ca.name, other_key), other_ca]),
        "the CA itself": (ca.key, [ca.certificate]),
        "a CA below it": (sub_key, [sub_ca]),
        "below a CA below it": (key, [certificate(subject, key, name("sub"), sub_key), sub_ca]),
        "for servers": (key, [certificate(subject, key, ca.name, ca.key, usage=SERVER_AUTH)]),
        "for nothing": (key, [certificate(subject, key, ca.name, ca.key, usage=None)]),
        "expired": (key, [certificate(subject, key, ca.name, ca.key, (-9, -1))]),
        "not valid yet": (key, [certificate(subject, key, ca.name, ca.key, (1, 9))]),
        # What only the stolen key of the CA can do: nobody stored it.
        "never issued": (key, [certificate(subject, key, ca.name, ca.key)]),
        "a hundred": (key, [certificate(subject, key, ca.name, ca.key)] + [other_ca] * 100),
    }


def test_case12_certificates_that_were_not_issued_here(world):
    device, entra_id = world.join()
    windows.run_session(device, values=FACTS)
    wait_for(lambda: world.device(entra_id)["compliance_reported_at"])
    row = world.device(entra_id)
    before = world.counts(tables=TABLES)
    for what, (key, chain) in forged(world, device).items():
        assert knock(device, client(world.server, key, *chain)) in ("tls", 403), what
    assert world.counts(tables=TABLES) == before
    assert world.device(entra_id) == row
    assert device.post(device.package1("2")).status == 200


def test_case12_the_key_counts_not_the_certificate(world):
    """A certificate is public: without its key it proves nothing."""
    device, _ = world.join()
    with pytest.raises(ssl.SSLError):
        client(world.server, world.site.key(), device.certificate)


def test_case12_a_certificate_of_another_device(world):
    device, entra_id = world.join()
    other, other_id = world.join()
    assert knock(device, other.tls()) == 403
    assert [world.server.items(f"devices/{world.device(i)['id']}/sessions")
            for i in (entra_id, other_id)] == [[], []]


def test_case12_a_certificate_past_its_end(world, site):
    """The store's dates count as well as those TLS looked at."""
    device, entra_id = world.join()
    identity = world.device(entra_id)["id"]
    site.execute(f"UPDATE certificates SET not_after = 1000 WHERE device_id = '{identity}'")
    assert knock(device, None) == 403
    site.execute(f"UPDATE certificates SET not_after = 4000000000, not_before = 3900000000"
                 f" WHERE device_id = '{identity}'")
    assert knock(device, None) == 403


class KeptAlive:
    """One connection that stays open over several requests."""

    def __init__(self, device):
        self.device = device
        port = device.server.manage_port
        self.connection = windows.http.client.HTTPSConnection(
            "127.0.0.1", port, context=device.tls(), timeout=30)

    def post(self, message):
        self.connection.request("POST", "/ManagementServer/MDM.svc", message.encode(),
                                {"Content-Type": "application/vnd.syncml.dm+xml"})
        reply = self.connection.getresponse()
        reply.read()
        return reply.status


@pytest.mark.parametrize("way", ["superseded", "retired", "unenrolled", "wiped"])
def test_case12_a_certificate_that_was_taken_back(world, way):
    """At once, also on a connection that is open, also in the middle of a session."""
    device, entra_id = world.join()
    identity = world.device(entra_id)["id"]
    kept = KeptAlive(device)
    assert kept.post(device.package1()) == 200
    if way == "superseded":
        world.join(device=entra_id)
    elif way == "retired":
        world.server.api("POST", f"devices/{identity}/retire", {"force": True})
    elif way == "wiped":
        world.server.api("POST", f"devices/{identity}/wipe")
        assert "doWipe" in str(windows.run_session(device, "9"))
    else:
        alert = ('<Alert><CmdID>4</CmdID><Data>1226</Data><Item><Meta><Type '
                 'xmlns="syncml:metinf">com.microsoft:mdm.unenrollment.userrequest</Type></Meta>'
                 '<Data>1</Data></Item></Alert>')
        assert device.post(device.package1("9", alerts=alert)).status == 200
    before = world.counts(tables=TABLES)
    second = device.message(2, windows.answers([], "1"))
    assert kept.post(second) == 403
    assert kept.post(device.package1("5")) == 403
    assert knock(device, None) == 403
    assert world.counts(tables=TABLES) == before


def test_case14_a_device_can_unenrol_only_itself(world):
    device, entra_id = world.join()
    _, other_id = world.join()
    wait_for(lambda: world.device(other_id)["compliance_reported_at"])
    victim = world.device(other_id)
    for source in (victim["id"], victim["entra_device_id"]):
        alert = ('<Alert><CmdID>4</CmdID><Data>1226</Data><Item>'
                 f'<Source><LocURI>{source}</LocURI></Source><Meta><Type xmlns="syncml:metinf">'
                 'com.microsoft:mdm.unenrollment.userrequest</Type></Meta><Data>1</Data></Item>'
                 '</Alert>')
        assert device.post(device.package1(uuid.uuid4().hex[:4], alerts=alert)).status in (200, 403)
    assert world.device(other_id) == victim
    assert world.server.items(f"devices?entra_device_id={entra_id}")[0]["state"] == "retired"
    assert len(world.server.items(f"audit?action=device.retire&object_id={victim['id']}")) == 0
