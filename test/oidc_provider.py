# SPDX-License-Identifier: Apache-2.0
"""A small OpenID provider that is any other than Entra, and bends whatever a test wants bent.

It shares nothing with the server or the stand-in for Entra: Python's HTTP server and the
cryptography package. Its TLS certificate comes from the CA of the stand-in, which the server under
test trusts.
"""

import base64
import datetime
import hashlib
import hmac
import http.server
import ipaddress
import json
import pathlib
import secrets
import ssl
import tempfile
import threading
import time
import urllib.parse

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from jose_util import b64url


def new_key(bits=2048):
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


KEYS = {"good": new_key(), "other": new_key(), "weak": new_key(1024)}


def number(value):
    return b64url(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def jwk(kid, key):
    public = key.public_key().public_numbers()
    return {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": kid, "n": number(public.n),
            "e": number(public.e)}


def server_context(entra):
    """A certificate for 127.0.0.1 from the stand-in's CA."""
    directory = pathlib.Path(entra.ca).parent
    ca = x509.load_pem_x509_certificate((directory / "ca.crt").read_bytes())
    ca_key = serialization.load_pem_private_key((directory / "ca.key").read_bytes(), None)
    key = new_key()
    now = datetime.datetime.utcnow()
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "provider")]))
            .issuer_name(ca.subject).public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(names, critical=False)
            .sign(ca_key, hashes.SHA256()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile() as pem:
        pem.write(made.public_bytes(serialization.Encoding.PEM))
        pem.write(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                    serialization.NoEncryption()))
        pem.flush()
        context.load_cert_chain(pem.name)
    return context


class OidcProvider:
    """Members a test sets: user (claims), claims (replace; None removes), header, alg, key, kid,
    metadata, keys, delay (seconds, by path), statuses (by path), token_answer, token_error, error,
    iss, secret, methods of authentication. What happened: asked (authorize queries), log (paths)."""

    def __init__(self, entra):
        self.reset()
        provider = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                provider.answer(self, b"")

            def do_POST(self):
                provider.answer(self, self.rfile.read(int(self.headers["Content-Length"])))

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            def handle_error(self, *_):
                """A client that hangs up is part of the tests."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.socket = server_context(entra).wrap_socket(self.server.socket,
                                                               server_side=True)
        self.url = f"https://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def reset(self):
        self.user = {"sub": "user-1", "email": "otto@partner.test"}
        self.claims, self.header, self.metadata = {}, {}, {}
        self.alg, self.key, self.kid = "RS256", "good", "k1"
        self.keys = [jwk("k1", KEYS["good"])]
        self.delay, self.statuses = {}, {}
        self.token_answer = self.token_error = self.error = self.iss = None
        self.secret, self.methods = "provider secret", ["client_secret_basic"]
        self.codes, self.asked, self.log = {}, [], []

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    # answers

    def answer(self, request, body):
        path, _, query = request.path.partition("?")
        self.log.append((request.command, path))
        time.sleep(self.delay.get(path, 0))
        if path in self.statuses:
            self.send(request, self.statuses[path], {"error": "temporarily_unavailable"}
                      if self.statuses[path] < 500 else {})
        elif path == "/.well-known/openid-configuration":
            self.send(request, 200, {**self.document(), **self.metadata})
        elif path == "/keys":
            self.send(request, 200, {"keys": self.keys})
        elif path == "/authorize":
            self.authorize(request, dict(urllib.parse.parse_qsl(query)))
        elif path == "/token":
            self.token(request, dict(urllib.parse.parse_qsl(body.decode())))
        else:
            self.send(request, 404, {})

    def send(self, request, status, body, headers=()):
        data = json.dumps(body).encode() if isinstance(body, dict) else body
        request.send_response(status)
        for name, value in headers:
            request.send_header(name, value)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(data)))
        request.end_headers()
        request.wfile.write(data)

    def document(self):
        return {"issuer": self.url, "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token", "jwks_uri": f"{self.url}/keys",
                "token_endpoint_auth_methods_supported": self.methods}

    def authorize(self, request, query):
        self.asked.append(query)
        code = secrets.token_urlsafe(24)
        self.codes[code] = query
        back = {"code": code} if not self.error else {"error": self.error}
        back["state"] = query.get("state", "")
        if self.iss:
            back["iss"] = self.iss
        self.send(request, 302, {}, [
            ("Location", f"{query['redirect_uri']}?{urllib.parse.urlencode(back)}")])

    def credential_is_good(self, request, form):
        basic = request.headers.get("Authorization", "")
        expected = base64.b64encode(
            f"muster:{urllib.parse.quote(self.secret or '', safe='')}".encode()).decode()
        if not self.secret:
            return not basic and "client_secret" not in form and form.get("client_id") == "muster"
        if self.methods == ["client_secret_post"]:
            return not basic and form.get("client_secret") == self.secret
        return basic == f"Basic {expected}" and "client_secret" not in form

    def token(self, request, form):
        asked = self.codes.pop(form.get("code"), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if self.token_error:
            self.send(request, 400, self.token_error)
        elif not self.credential_is_good(request, form):
            self.send(request, 401, {"error": "invalid_client"})
        elif (not asked or form.get("grant_type") != "authorization_code"
              or form.get("redirect_uri") != asked["redirect_uri"]
              or asked.get("code_challenge_method") != "S256"
              or b64url(digest) != asked["code_challenge"]):
            self.send(request, 400, {"error": "invalid_grant"})
        elif self.token_answer is not None:
            self.send(request, 200, self.token_answer)
        else:
            self.send(request, 200, {"access_token": "x", "token_type": "Bearer",
                                     "id_token": self.id_token(asked)})

    def id_token(self, asked):
        now = int(time.time())
        claims = {"iss": self.url, "aud": asked["client_id"], "iat": now, "exp": now + 600,
                  "nonce": asked.get("nonce"), **self.user, **self.claims}
        header = {"alg": self.alg, "typ": "JWT", "kid": self.kid, **self.header}
        signed = ".".join(b64url(json.dumps(
            {k: v for k, v in part.items() if v is not None}).encode()) for part in (header, claims))
        return f"{signed}.{b64url(self.signature(signed.encode()))}"

    def signature(self, signed):
        if self.alg.lower() == "none":
            return b""
        if self.alg == "HS256":
            pem = KEYS["good"].public_key().public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
            return hmac.new(pem, signed, hashlib.sha256).digest()
        pad = (padding.PSS(padding.MGF1(hashes.SHA256()), 32) if self.alg == "PS256"
               else padding.PKCS1v15())
        return KEYS[self.key].sign(signed, pad, hashes.SHA256())
