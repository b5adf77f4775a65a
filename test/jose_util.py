# SPDX-License-Identifier: Apache-2.0
"""JWTs and certificates for tests, made with Python's cryptography and nothing of ours."""

import base64
import datetime
import hashlib
import json
import time
import uuid

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID


def b64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def parts(token):
    """Header and claims of a compact JWT, unverified."""
    header, payload = token.split(".")[:2]
    return json.loads(unb64url(header)), json.loads(unb64url(payload))


class Signer:
    """A key, its self-signed certificate in DER and PEM."""

    def __init__(self, key, certificate):
        self.key = key
        self.der = certificate.public_bytes(serialization.Encoding.DER)
        self.pem = certificate.public_bytes(serialization.Encoding.PEM)
        self.key_pem = key.private_bytes(serialization.Encoding.PEM,
                                         serialization.PrivateFormat.PKCS8,
                                         serialization.NoEncryption())


def make_certificate(days=(-1, 30)):
    """A new RSA key with a certificate valid from and until so many days from now."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mdm client")])
    now = datetime.datetime.utcnow()
    certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name)
                   .public_key(key.public_key()).serial_number(x509.random_serial_number())
                   .not_valid_before(now + datetime.timedelta(days=days[0]))
                   .not_valid_after(now + datetime.timedelta(days=days[1]))
                   .sign(key, hashes.SHA256()))
    return Signer(key, certificate)


def sign(signer, header, claims, alg):
    """A compact JWT signed as `alg` says, whatever the header claims."""
    signed = b64url(json.dumps(header).encode()) + "." + b64url(json.dumps(claims).encode())
    pad = (padding.PSS(padding.MGF1(hashes.SHA256()), 32) if alg == "PS256"
           else padding.PKCS1v15())
    return signed + "." + b64url(signer.key.sign(signed.encode(), pad, hashes.SHA256()))


def make_assertion(signer, login_url, tenant, app, alg="PS256", thumbprint="x5t#S256",
                   claims=None, header=None):
    """A client assertion; entries of claims and header replace members, None removes them."""
    digest = hashlib.sha256 if thumbprint == "x5t#S256" else hashlib.sha1
    now = int(time.time())
    all_header = {"alg": alg, "typ": "JWT", thumbprint: b64url(digest(signer.der).digest())}
    all_claims = {"aud": f"{login_url}/{tenant}/oauth2/v2.0/token", "iss": app, "sub": app,
                  "jti": str(uuid.uuid4()), "nbf": now, "iat": now, "exp": now + 600}
    for target, changes in ((all_header, header), (all_claims, claims)):
        target.update(changes or {})
        for name in [name for name, value in target.items() if value is None]:
            del target[name]
    return sign(signer, all_header, all_claims, alg)
