# SPDX-License-Identifier: Apache-2.0
"""LDAP servers for tests: a real slapd in a directory of its own, and one that says what it is told
to say, for what a real one cannot be made to do."""

import datetime
import glob
import ipaddress
import pathlib
import shutil
import socket
import ssl
import subprocess
import threading
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from muster import free_ports

SUFFIX = "dc=contoso,dc=test"
SERVICE = f"cn=muster,{SUFFIX}"
SERVICE_PASSWORD = "the service's own"
PEOPLE = f"ou=People,{SUFFIX}"
GROUP = f"cn=Enrollers,ou=Groups,{SUFFIX}"
SLAPD = "/usr/sbin/slapd"

CONF = """
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
pidfile {dir}/slapd.pid
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
TLSCACertificateFile {dir}/ca.crt
TLSCertificateFile {dir}/server.crt
TLSCertificateKeyFile {dir}/server.key
# As many servers do: a bind without a password is a bind by nobody, and succeeds.
allow bind_anon_cred bind_anon_dn
database mdb
suffix "{suffix}"
rootdn "cn=root,{suffix}"
directory {dir}/db
maxsize 16777216
overlay memberof
memberof-refint TRUE
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="{service}" read by * none
"""

LDIF = """
dn: {suffix}
objectClass: dcObject
objectClass: organization
dc: contoso
o: Contoso

dn: {service}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: muster
userPassword: {service_password}

dn: {people}
objectClass: organizationalUnit
ou: People

dn: ou=Groups,{suffix}
objectClass: organizationalUnit
ou: Groups
"""

PERSON = """
dn: uid={uid},{people}
objectClass: inetOrgPerson
uid: {uid}
cn: {uid}
sn: {uid}
displayName: {uid} of Contoso
mail: {mail}
userPassword: {password}
"""


def certificate(name, issuer=None, sans=()):
    """(certificate, key); issuer None: a CA of its own."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.utcnow()
    builder = (x509.CertificateBuilder().subject_name(subject)
               .issuer_name(issuer[0].subject if issuer else subject)
               .public_key(key.public_key()).serial_number(x509.random_serial_number())
               .not_valid_before(now - datetime.timedelta(hours=1))
               .not_valid_after(now + datetime.timedelta(days=2))
               .add_extension(x509.BasicConstraints(issuer is None, None), critical=True))
    if sans:
        builder = builder.add_extension(x509.SubjectAlternativeName(sans), critical=False)
    made = builder.sign(issuer[1] if issuer else key, hashes.SHA256())
    return made, key


def pem(certificate_or_key):
    if hasattr(certificate_or_key, "private_bytes"):
        return certificate_or_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption()).decode()
    return certificate_or_key.public_bytes(serialization.Encoding.PEM).decode()


LOOPBACK = [x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("localhost")]


class Slapd:
    """people: {uid: (mail, password)}. Use as a context."""

    def __init__(self, directory, people, members=(), extra=""):
        self.dir = pathlib.Path(directory)
        (self.dir / "db").mkdir(parents=True)
        self.port, self.tls_port = free_ports(2)
        self.ca = certificate("Contoso LDAP CA")
        server = certificate("ldap", self.ca, LOOPBACK)
        for name, thing in (("ca.crt", self.ca[0]), ("server.crt", server[0]),
                            ("server.key", server[1])):
            (self.dir / name).write_text(pem(thing))
        names = {"dir": self.dir, "suffix": SUFFIX, "service": SERVICE, "people": PEOPLE,
                 "service_password": SERVICE_PASSWORD}
        (self.dir / "slapd.conf").write_text(CONF.format(**names))
        ldif = LDIF.format(**names)
        for uid, (mail, password) in people.items():
            ldif += PERSON.format(uid=uid, mail=mail, password=password, **{"people": PEOPLE})
        if members:
            ldif += f"\ndn: {GROUP}\nobjectClass: groupOfNames\ncn: Enrollers\n" + "".join(
                f"member: uid={uid},{PEOPLE}\n" for uid in members)
        (self.dir / "init.ldif").write_text(ldif + extra)
        subprocess.run(["/usr/sbin/slapadd", "-f", self.dir / "slapd.conf", "-l",
                        self.dir / "init.ldif"], check=True, capture_output=True, timeout=60)

    def __enter__(self):
        with open(self.dir / "slapd.log", "ab") as log:
            self.process = subprocess.Popen(
                [SLAPD, "-f", self.dir / "slapd.conf", "-d", "0", "-h",
                 f"ldap://127.0.0.1:{self.port} ldaps://127.0.0.1:{self.tls_port}"],
                stdout=log, stderr=log)
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.tls_port), 1).close()
                return self
            except OSError:
                assert self.process.poll() is None, (self.dir / "slapd.log").read_text()
                time.sleep(0.05)
        raise RuntimeError("slapd does not listen")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)

    def settings(self, **fields):
        """What the API wants to know of it."""
        made = {"url": f"ldaps://127.0.0.1:{self.tls_port}", "ca_certificate": pem(self.ca[0]),
                "bind_dn": SERVICE, "bind_password": SERVICE_PASSWORD, "search_base": PEOPLE,
                "user_filter": "(|(uid={account})(mail={user}))"}
        made.update(fields)
        return made


def has_slapd():
    return bool(shutil.which("slapd") or glob.glob(SLAPD))


# A server that is told what to say


def ber(tag, *parts):
    body = b"".join(parts)
    size = len(body)
    if size < 0x80:
        return bytes([tag, size]) + body
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + body


def number(value, tag=0x02):
    return ber(tag, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def string(value):
    return ber(0x04, value if isinstance(value, bytes) else value.encode())


def ber_read(data, at=0):
    """(tag, content, end)"""
    tag, size, at = data[at], data[at + 1], at + 2
    if size & 0x80:
        count = size & 0x7F
        size, at = int.from_bytes(data[at:at + count], "big"), at + count
    return tag, data[at:at + size], at + size


def ber_all(data):
    found, at = [], 0
    while at < len(data):
        tag, content, at = ber_read(data, at)
        found.append((tag, content))
    return found


BIND, SEARCH, EXTENDED = 0x60, 0x63, 0x77


class Scripted:
    """on_bind(name, password) -> (code, diagnostic); on_search(base, filter bytes) -> list of
    (dn, {attribute: value}) or a result code; on_extended() -> code. drip: seconds between two
    bytes of an answer; mute: no answer at all. Everything received is kept."""

    def __init__(self, on_bind=None, on_search=None, on_extended=None, drip=0, mute=False,
                 junk=None):
        self.on_bind = on_bind or (lambda name, password: (0, ""))
        self.on_search = on_search or (lambda base, wanted: [])
        self.on_extended = on_extended or (lambda: 2)
        self.drip, self.mute, self.junk = drip, mute, junk
        self.received, self.binds, self.searches = b"", [], []
        self.connections = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.is_open = True
        self.threads = [threading.Thread(target=self.accept, daemon=True)]

    def __enter__(self):
        self.threads[0].start()
        return self

    def __exit__(self, *_):
        self.is_open = False
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            pass
        self.listener.close()
        for thread in self.threads:
            thread.join(20)

    def accept(self):
        while self.is_open:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            if not self.is_open:
                connection.close()
                return
            self.connections += 1
            thread = threading.Thread(target=self.serve, args=(connection,), daemon=True)
            self.threads.append(thread)
            thread.start()

    def serve(self, connection):
        with connection:
            connection.settimeout(15)
            data = b""
            try:
                while self.is_open:
                    more = connection.recv(65536)
                    if not more:
                        return
                    self.received += more
                    data += more
                    data = self.messages(connection, data)
            except (OSError, IndexError):
                return

    def messages(self, connection, data):
        while len(data) > 2:
            _, content, end = ber_read(data)
            if end > len(data):
                break
            data = data[end:]
            (_, message_id), (operation, body) = ber_all(content)[:2]
            for answer in self.answers(operation, body):
                self.send(connection, ber(0x30, ber(0x02, message_id), answer))
        return data

    def send(self, connection, answer):
        if self.mute:
            return
        if self.junk is not None:
            connection.sendall(self.junk)
        elif not self.drip:
            connection.sendall(answer)
        else:
            for byte in answer:
                connection.sendall(bytes([byte]))
                time.sleep(self.drip)

    @staticmethod
    def result(tag, code, diagnostic=""):
        return ber(tag, number(code, 0x0A), string(""), string(diagnostic))

    def answers(self, operation, body):
        if operation == BIND:
            parts = ber_all(body)
            name, password = parts[1][1].decode(), parts[2][1].decode()
            self.binds.append((name, password))
            return [self.result(0x61, *self.on_bind(name, password))]
        if operation == SEARCH:
            parts = ber_all(body)
            base, wanted = parts[0][1].decode(), parts[6][1]
            self.searches.append((base, wanted))
            found = self.on_search(base, wanted)
            if isinstance(found, int):
                return [self.result(0x65, found)]
            return [ber(0x64, string(dn), ber(0x30, *[
                ber(0x30, string(k), ber(0x31, string(v))) for k, v in values.items()]))
                for dn, values in found] + [self.result(0x65, 0)]
        if operation == EXTENDED:
            return [self.result(0x78, self.on_extended())]
        return []

    def settings(self, **fields):
        made = {"url": f"ldap://127.0.0.1:{self.port}", "bind_dn": SERVICE,
                "bind_password": SERVICE_PASSWORD, "search_base": PEOPLE,
                "user_filter": "(userPrincipalName={user})"}
        made.update(fields)
        return made


__all__ = [name for name in dir() if not name.startswith("_") and name != "ssl"]
