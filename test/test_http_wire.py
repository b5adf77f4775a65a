# SPDX-License-Identifier: Apache-2.0
"""Abuse case 16 against the whole server: bytes that two readers could read differently. Each refusal
ends the connection, and nothing behind it is answered.

The parser has many more of these in its own tests; here they go through TLS to the real listeners.
"""

import socket
import ssl

import pytest

import windows
from tenancy import Site

CRLF = b"\r\n"
NEXT = b"GET /EnrollmentServer/Discovery.svc HTTP/1.1\r\nHost: HOST\r\n\r\n"
PROBE = b"/EnrollmentServer/Discovery.svc"


@pytest.fixture(scope="module")
def site(entra_process, tmp_path_factory):
    """What is tested here does not reach the store: one kind of it is enough."""
    made = Site(tmp_path_factory.mktemp("site"), entra_process, "sqlite")
    yield made
    assert made.server.stop() == 0, made.server.log.read_text()[-3000:]


class Wire:
    """A TLS connection that sends what it is given."""

    def __init__(self, server, port=None):
        self.host = f"127.0.0.1:{port or server.public_port}".encode()
        raw = socket.create_connection(("127.0.0.1", port or server.public_port), 15)
        self.tls = server.tls().wrap_socket(raw, server_hostname="127.0.0.1")

    def send(self, data):
        self.tls.sendall(data.replace(b"HOST", self.host))

    def read_all(self):
        """Everything until the server ends the connection."""
        out = b""
        try:
            while True:
                data = self.tls.recv(65536)
                if not data:
                    return out
                out += data
        except (ConnectionError, ssl.SSLError):
            return out

    def ask(self, data):
        self.send(data)
        return self.read_all()


def statuses(data):
    """The status of every response in the bytes. Bodies here never look like one."""
    return [int(line.split()[1]) for line in data.split(CRLF) if line.startswith(b"HTTP/1.1 ")]


def post(headers, body=b"", path=PROBE):
    return (b"POST " + path + b" HTTP/1.1\r\nHost: HOST\r\n"
            b"Content-Type: application/soap+xml\r\n" + headers + CRLF + body)


REFUSED = {
    "two lengths": (post(b"Content-Length: 3\r\nContent-Length: 3\r\n", b"abc"), {400}),
    "two lengths that differ": (post(b"Content-Length: 3\r\nContent-Length: 30\r\n", b"abc"), {400}),
    "length list": (post(b"Content-Length: 3, 3\r\n", b"abc"), {400}),
    "length and chunks": (post(b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
                               b"0\r\n\r\n"), {400}),
    "chunks and length": (post(b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
                               b"0\r\n\r\n"), {400}),
    "signed length": (post(b"Content-Length: +3\r\n", b"abc"), {400}),
    "negative length": (post(b"Content-Length: -3\r\n", b"abc"), {400}),
    "hexadecimal length": (post(b"Content-Length: 0x3\r\n", b"abc"), {400}),
    "huge length": (post(b"Content-Length: 99999999999999999999\r\n"), {400, 413}),
    "large length": (post(b"Content-Length: 10737418240\r\n"), {413}),
    "compressed chunks": (post(b"Transfer-Encoding: gzip, chunked\r\n", b"0\r\n\r\n"), {400, 501}),
    "identity": (post(b"Transfer-Encoding: identity\r\n", b"abc"), {400, 501}),
    "chunked twice": (post(b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
                           b"0\r\n\r\n"), {400}),
    "chunked, almost": (post(b"Transfer-Encoding: xchunked\r\n", b"0\r\n\r\n"), {400, 501}),
    "chunked with a tab": (post(b"Transfer-Encoding:\tchunked \x0b\r\n", b"0\r\n\r\n"), {400}),
    "bad chunk": (post(b"Transfer-Encoding: chunked\r\n", b"g\r\nabc\r\n0\r\n\r\n"), {400}),
    "huge chunk": (post(b"Transfer-Encoding: chunked\r\n", b"fffffffffffffffff\r\n"), {400, 413}),
    "trailer": (post(b"Transfer-Encoding: chunked\r\n", b"0\r\nX: y\r\n\r\n"), {400}),
    "compressed body": (post(b"Content-Encoding: gzip\r\nContent-Length: 3\r\n", b"abc"), {415}),
    "bare line feeds": (b"GET " + PROBE + b" HTTP/1.1\nHost: HOST\n\n", {400}),
    "bare carriage return": (post(b"X: a\rb\r\nContent-Length: 0\r\n"), {400}),
    "folded header": (post(b"X: a\r\n b\r\nContent-Length: 0\r\n"), {400}),
    "nul in a header": (post(b"X: a\x00b\r\nContent-Length: 0\r\n"), {400}),
    "blank before the colon": (post(b"Content-Length : 3\r\n", b"abc"), {400}),
    "header without a name": (post(b": x\r\nContent-Length: 0\r\n"), {400}),
    "large header": (post(b"X: " + b"a" * 40000 + b"\r\nContent-Length: 0\r\n"), {431}),
    "many headers": (post(b"X: a\r\n" * 200 + b"Content-Length: 0\r\n"), {431}),
    "long path": (b"GET /" + b"a" * 20000 + b" HTTP/1.1\r\nHost: HOST\r\n\r\n", {414}),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400, 505}),
    "HTTP/3.0": (b"GET " + PROBE + b" HTTP/3.0\r\nHost: HOST\r\n\r\n", {400, 505}),
    "HTTP/0.9": (b"GET " + PROBE + b"\r\n", {400, 505}),
    "no Host": (b"GET " + PROBE + b" HTTP/1.1\r\n\r\n", {400}),
    "two Hosts": (b"GET " + PROBE + b" HTTP/1.1\r\nHost: HOST\r\nHost: HOST\r\n\r\n", {400}),
    "another Host": (b"GET " + PROBE + b" HTTP/1.1\r\nHost: evil.example\r\n\r\n", {421}),
    "Host of a suffix": (b"GET " + PROBE + b" HTTP/1.1\r\nHost: HOST.evil.example\r\n\r\n",
                         {400, 421}),
    "address in the line": (b"GET https://evil.example" + PROBE + b" HTTP/1.1\r\nHost: HOST\r\n\r\n",
                            {400, 421}),
    "CONNECT": (b"CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: HOST\r\n\r\n", {400, 405, 501}),
    "TRACE": (b"TRACE " + PROBE + b" HTTP/1.1\r\nHost: HOST\r\n\r\n", {405, 501}),
    "unknown method": (b"BREW /pot HTTP/1.1\r\nHost: HOST\r\n\r\n", {400, 501}),
    "expectation": (post(b"Expect: 200-ok\r\nContent-Length: 3\r\n", b"abc"), {417}),
}


@pytest.mark.parametrize("what", sorted(REFUSED))
def test_case16_ambiguous_bytes_end_the_connection(site, what):
    """The request behind is the smuggled one: it must never be answered."""
    data, expected = REFUSED[what]
    answer = Wire(site.server).ask(data + NEXT)
    got = statuses(answer)
    assert len(got) == 1 and got[0] in expected, (got, answer[:300])
    head = answer.split(CRLF + CRLF)[0].lower()
    assert b"connection: close" in head and b"server:" not in head
    assert b"evil" not in answer and b"abc" not in answer


def test_case16_the_good_one_behind_is_answered_when_the_first_is_good(site):
    """So that the test above means something."""
    wire = Wire(site.server)
    answer = wire.ask(NEXT + NEXT.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    assert statuses(answer) == [200, 200]


def test_case16_a_body_that_ends_early_is_not_a_request(site):
    before = site.execute("SELECT COUNT(*) FROM enrollments")
    wire = Wire(site.server)
    wire.send(post(b"Content-Length: 100\r\n", b"<s:Envelope"))
    wire.tls.shutdown(socket.SHUT_WR)
    assert statuses(wire.read_all()) in ([], [400])
    assert site.execute("SELECT COUNT(*) FROM enrollments") == before


def test_case16_chunks_are_read_where_they_are_well_formed(site):
    """Some proxies send them; what is in them is judged as any body."""
    body = b"<x/>"
    chunks = b"".join(b"1\r\n" + body[i:i + 1] + CRLF for i in range(len(body))) + b"0\r\n\r\n"
    answer = Wire(site.server).ask(post(b"Transfer-Encoding: chunked\r\nConnection: close\r\n",
                                        chunks))
    assert statuses(answer) == [500] and b"MessageFormat" in answer


def test_waiting_for_permission_to_send_is_granted(site):
    wire = Wire(site.server)
    wire.send(post(b"Expect: 100-continue\r\nContent-Length: 4\r\nConnection: close\r\n"))
    assert wire.tls.recv(1000).startswith(b"HTTP/1.1 100")
    assert statuses(wire.ask(b"<x/>")) == [500]


def test_methods_that_a_path_does_not_take(site):
    for path, methods in (("/EnrollmentServer/Policy.svc", ("GET", "PUT", "DELETE", "OPTIONS")),
                          ("/TermsOfUse", ("PUT", "DELETE", "PATCH"))):
        for method in methods:
            reply = windows.send(site.server.public_url + path, method, context=site.server.tls())
            assert reply.status == 405 and reply.headers["allow"], (path, method)


def test_head_is_get_without_a_body(site):
    for path in ("/EnrollmentServer/Discovery.svc", "/TermsOfUse", "/nothing"):
        wire = Wire(site.server)
        asked = b" " + path.encode() + b" HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n"
        head = wire.ask(b"HEAD" + asked)
        full = Wire(site.server).ask(b"GET" + asked)
        assert statuses(head) == statuses(full)
        assert head.endswith(CRLF + CRLF), "no body"

        def length(answer):
            return [line for line in answer.lower().split(CRLF) if b"content-length" in line]
        assert length(head) == length(full) or path == "/TermsOfUse"


@pytest.mark.parametrize("path", ["/", "/api/v1/tenants", "/ManagementServer/MDM.svc", "/console/",
                                  "/metrics", "/healthz", "/.git/config", "/muster.conf",
                                  "/EnrollmentServer/", "/EnrollmentServer/discovery.svc",
                                  "/EnrollmentServer/../api/v1/tenants", "//TermsOfUse",
                                  "/TermsOfUse/", "/TermsOfUse%00", "/%54ermsOfUse/x",
                                  "/..%2f..%2fetc/passwd", "/static/../../etc/passwd"])
def test_what_is_not_public_is_not_on_the_public_listener(site, path):
    for method in ("GET", "POST"):
        wire = Wire(site.server)
        answer = wire.ask(f"{method} {path} HTTP/1.1\r\nHost: HOST\r\nContent-Length: 0\r\n"
                          "Connection: close\r\n\r\n".encode())
        assert statuses(answer)[0] in (400, 404), (method, path, answer[:200])


def test_a_session_of_one_listener_is_not_good_on_another(site):
    """Abuse case 18: resumption must not carry anybody past the question for a certificate."""
    server = site.server
    made = server.tls()
    made.maximum_version = ssl.TLSVersion.TLSv1_2
    raw = socket.create_connection(("127.0.0.1", server.public_port), 10)
    tls = made.wrap_socket(raw, server_hostname="127.0.0.1")
    session = tls.session
    tls.close()
    again = socket.create_connection(("127.0.0.1", server.public_port), 10)
    with made.wrap_socket(again, server_hostname="127.0.0.1", session=session) as resumed:
        assert resumed.session_reused, "on its own listener it is"
    for port in (server.manage_port, server.console_port):
        other = socket.create_connection(("127.0.0.1", port), 10)
        try:
            with made.wrap_socket(other, server_hostname="127.0.0.1", session=session) as stranger:
                assert not stranger.session_reused
        except (ssl.SSLError, ConnectionError):
            assert port == server.manage_port


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_old_tls_is_refused(site, version):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
    made.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    made.maximum_version = version
    made.set_ciphers("ALL:@SECLEVEL=0")
    raw = socket.create_connection(("127.0.0.1", site.server.public_port), 10)
    with pytest.raises((ssl.SSLError, ConnectionError)):
        made.wrap_socket(raw)
