# SPDX-License-Identifier: Apache-2.0
"""The sign-in broker of Windows against the sign-in page of the server, step by step, for tests that
bend a step."""

import base64
import html
import json
import os
import re
import ssl
import urllib.parse

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

import windows
from jose_util import b64url, unb64url
from windows import BASE64

APPRU = "ms-app://windows.immersivecontrolpanel"
COOKIE = "__Host-muster-sign-in"


def start(server, email="", appru=APPRU, path="", headers=None, query=None):
    """Open the page; its answer."""
    if query is None:
        query = urllib.parse.urlencode({k: v for k, v in (("appru", appru), ("login_hint", email))
                                        if v is not None}, quote_via=urllib.parse.quote)
    return windows.send(f"{server.public_url}/EnrollmentServer/Auth{path}?{query}", "GET",
                        headers=headers or {}, context=server.tls())


def cookie_of(reply):
    """NAME=VALUE of the one cookie, and its attributes."""
    pair, *rules = reply.headers["set-cookie"].split("; ")
    return pair, set(rules)


def provider_context(entra):
    return ssl.create_default_context(cafile=str(entra.ca))


def to_provider(entra, reply):
    """Follow the redirect; the address the provider sends the browser back to."""
    assert reply.status == 302, (reply.status, reply.body)
    answer = windows.send(reply.headers["location"], "GET", context=provider_context(entra))
    assert answer.status == 302, (answer.status, answer.body)
    return answer.headers["location"]


def back(server, location, cookie):
    return windows.send(location, "GET", headers={"Cookie": cookie} if cookie else {},
                        context=server.tls())


def walk(server, entra, email, **fields):
    """The whole of it; the last page."""
    first = start(server, email, **fields)
    assert first.status == 302, (first.status, first.body)
    return back(server, to_provider(entra, first), cookie_of(first)[0])


def wresult(page):
    """The token of the last page, judged by the rules Windows and the specification have."""
    assert page.status == 200, (page.status, page.body)
    assert page.headers["content-type"] == "text/html; charset=UTF-8"
    text = page.body.decode()
    assert text.count("<form") == 1
    form = re.search(r'<form method="post" action="([^"]*)">', text)
    assert html.unescape(form.group(1)) == APPRU
    assert text.count("<input") == 1
    token = html.unescape(re.search(
        r'<input type="hidden" name="wresult" value="([^"]*)">', text).group(1))
    assert re.fullmatch(r"[!-~]+", token)
    return token


def sign_in(server, entra, email, **fields):
    return wresult(walk(server, entra, email, **fields))


def security(token, layers=1):
    for _ in range(layers):
        token = base64.b64encode(token.encode()).decode()
    return ('<wsse:Security s:mustUnderstand="1"><wsse:BinarySecurityToken ValueType="http://schemas'
            '.microsoft.com/5.0.0.0/ConfigurationManager/Enrollment/DeviceEnrollmentUserToken" '
            f'EncodingType="{BASE64}">{token}</wsse:BinarySecurityToken></wsse:Security>')


def request(server, token, key, kind="Full", layers=1, device_id=None, **items):
    return windows.request_token(server, security(token, layers), windows.csr_der(key),
                                 windows.context(None, kind, device_id, **items))


def enroll(server, token, key, device_id="77B7F0E0AF4A4E7B8B3C5A4F7B1D2E3F", **items):
    reply = request(server, token, key, device_id=device_id, **items)
    return windows.Enrolled(server, key, windows.provisioning(reply), "User", device_id)


def sealing(server):
    """The key that sign-ins are sealed with, derived as the server does."""
    master = bytes.fromhex((server.dir / "master.key").read_text().strip())
    return AESGCM(HKDF(hashes.SHA256(), 32, None, b"muster federated").derive(master))


def unseal(server, place, text):
    """What is in a state or a token of that server."""
    raw = unb64url(text)
    assert raw[0] == 1
    return json.loads(sealing(server).decrypt(raw[1:13], raw[13:], f"federated|{place}|1".encode()))


def seal(server, place, content):
    nonce = os.urandom(12)
    return b64url(b"\x01" + nonce + sealing(server).encrypt(
        nonce, json.dumps(content).encode(), f"federated|{place}|1".encode()))
