# SPDX-License-Identifier: Apache-2.0
"""Enrolment by signing in, abused: ID tokens, states, addresses to return to, and providers that are
not what they should be."""

import re
import time
import urllib.parse
import uuid

import pytest

import windows
from federation import (RETURN, Federated, as_new, federated, other, page_refused,  # noqa: F401
                        provider)
from oidc_provider import KEYS, jwk
from signing_in import APPRU, COOKIE, back, cookie_of, start, to_provider, wresult
from tenancy import parallel

# The ID token: abuse cases 2 to 6 and 21

BAD_TOKENS = [
    ("malformed", {"alg": "none"}),  # nothing where the signature is
    ("algorithm", {"header": {"alg": "none"}}),
    ("algorithm", {"header": {"alg": "None"}}),
    ("algorithm", {"alg": "HS256"}),
    ("algorithm", {"alg": "PS256"}),
    ("algorithm", {"header": {"alg": None}}),
    ("signature", {"key": "other"}),
    ("key_unknown", {"kid": "k2"}),
    ("key_unknown", {"kid": "k2", "key": "other"}),
    ("key_weak", {"key": "weak", "kid": "weak", "keys": [jwk("weak", KEYS["weak"]),
                                                         jwk("k1", KEYS["good"])]}),
    ("header", {"header": {"kid": None}}),
    ("header", {"header": {"kid": ""}}),
    ("header", {"header": {"kid": "k1\n"}}),
    ("header", {"header": {"kid": "k" * 129}}),
    ("key_unknown", {"header": {"kid": "../../etc/passwd"}}),
    ("key_unknown", {"header": {"kid": "' OR '1'='1"}}),
    ("key_unknown", {"header": {"kid": "https://evil.test/keys#k1"}}),
    ("header", {"header": {"jku": "https://evil.test/keys"}}),
    ("header", {"header": {"jwk": jwk("k1", KEYS["other"])}}),
    ("header", {"header": {"crit": ["exp"]}}),
    ("header", {"header": {"typ": "at+jwt"}}),
    ("issuer", {"claims": {"iss": "https://evil.test"}}),
    ("issuer", {"claims": {"iss": None}}),
    ("audience", {"claims": {"aud": "another"}}),
    ("audience", {"claims": {"aud": None}}),
    ("audience", {"claims": {"aud": ["a", "b"]}}),
    ("audience", {"claims": {"aud": ["muster", 7]}}),
    ("audience", {"claims": {"aud": {"muster": 1}}}),
    ("authorized_party", {"claims": {"aud": ["muster", "another"]}}),
    ("authorized_party", {"claims": {"aud": ["muster", "another"], "azp": "another"}}),
    ("authorized_party", {"claims": {"azp": "another"}}),
    ("times", {"claims": {"exp": None}}),
    ("times", {"claims": {"iat": None}}),
    ("times", {"claims": {"exp": "1900000000"}}),
    ("times", {"claims": {"exp": 1e18}}),
    ("times", {"claims": {"exp": 4102444800}}),
    ("times", {"claims": {"iat": -1}}),
    ("times", {"claims": {"nbf": "soon"}}),
    ("nonce", {"claims": {"nonce": None}}),
    ("nonce", {"claims": {"nonce": "x"}}),
    ("nonce", {"claims": {"nonce": "A" * 43}}),
    ("nonce", {"claims": {"nonce": 7}}),
    ("subject", {"claims": {"sub": None}}),
    ("subject", {"claims": {"sub": ""}}),
    ("subject", {"claims": {"sub": 12}}),
    ("subject", {"claims": {"sub": "a\nb"}}),
    ("subject", {"claims": {"sub": "x" * 256}}),
]


@pytest.mark.parametrize("name,bent", BAD_TOKENS, ids=lambda v: v if isinstance(v, str) else "")
def test_case21_an_id_token_that_is_not_right(other, provider, name, bent):
    for member, value in bent.items():
        setattr(provider, member, value)
    row = page_refused(other.server, other.walk(), 403, f"id_token_{name}")
    proved = name in ("nonce",)
    assert row["tenant_id"] == other.tenant
    assert (row["auth"] == "federated") == proved and row["user_claimed"] != proved
    assert not other.devices()


@pytest.mark.parametrize("offset,name", [
    ({"iat": -4000, "exp": -301}, "expired"), ({"iat": 400, "exp": 900}, "not_yet"),
    ({"iat": 0, "exp": 600, "nbf": 400}, "not_yet"), ({"iat": -4000, "exp": -200}, None),
    ({"iat": 280, "exp": 900}, None), ({"iat": 0, "exp": 600, "nbf": 280}, None)])
def test_case5_times_of_an_id_token(other, provider, offset, name):
    now = int(time.time())
    provider.claims = {claim: now + seconds for claim, seconds in offset.items()}
    page = other.walk()
    if name:
        page_refused(other.server, page, 403, f"id_token_{name}")
    else:
        assert wresult(page)


@pytest.mark.parametrize("claims", [
    {"aud": ["muster"]}, {"aud": ["muster", "another"], "azp": "muster"}, {"azp": "muster"}])
def test_id_tokens_that_are_right_in_other_ways(other, provider, claims):
    provider.claims = claims
    assert other.sign_in()


@pytest.mark.parametrize("token", ["", "x", "a.b", "a.b.c", "a.b.c.d", "." * 4, "x" * 20000])
def test_case6_what_is_no_id_token(other, provider, token):
    provider.token_answer = {"id_token": token}
    page_refused(other.server, other.walk(), 403, "id_token_malformed")


@pytest.mark.parametrize("body", [{}, {"id_token": 7}, {"id_token": None}, {"access_token": "x"}])
def test_an_answer_without_an_id_token(other, provider, body):
    provider.token_answer = body
    page_refused(other.server, other.walk(), 502, "sign_in_exchange")


@pytest.mark.parametrize("kid", ["2026.01", "dGVzdA==", "urn:key:1", "a+b/c~d", "' OR '1'='1",
                                 "../../etc/passwd", "https://evil.test/keys?k=1#2", "k" * 128])
def test_a_provider_names_its_keys_as_it_likes(other, provider, kid):
    provider.keys, provider.kid = [jwk("k1", KEYS["other"]), jwk(kid, KEYS["good"])], kid
    assert other.sign_in()


def test_a_key_that_is_new_is_fetched(other, provider):
    other.sign_in()
    provider.keys = [jwk("k1", KEYS["good"]), jwk("k9", KEYS["other"])]
    provider.key, provider.kid = "other", "k9"
    assert other.sign_in()
    fetched = provider.log.count(("GET", "/keys"))
    provider.kid = "k10"
    for _ in range(3):
        page_refused(other.server, other.walk(), 403, "id_token_key_unknown")
    assert provider.log.count(("GET", "/keys")) == fetched  # not again so soon


def test_documents_are_kept_between_sign_ins(other, provider):
    for _ in range(3):
        other.sign_in()
    assert provider.log.count(("GET", "/.well-known/openid-configuration")) == 1
    assert provider.log.count(("GET", "/keys")) == 1
    other.change(scopes="openid email")
    other.sign_in()
    assert provider.log.count(("GET", "/keys")) == 2
    assert provider.asked[-1]["scope"] == "openid email"


# The state

def returned(federated):
    """The address the provider sends back to, and the cookie."""
    first = start(federated.server, federated.email)
    return to_provider(federated.entra, first), cookie_of(first)[0]


def changed(url, **values):
    base, _, query = url.partition("?")
    pairs = dict(urllib.parse.parse_qsl(query))
    pairs.update(values)
    return base + "?" + urllib.parse.urlencode(
        {k: v for k, v in pairs.items() if v is not None})


@pytest.mark.parametrize("cookie", [
    None, "", "x=y", f"{COOKIE}=", f"{COOKIE}=" + "A" * 43, f"{COOKIE}=" + "A" * 44,
    COOKIE.lower() + "=REAL", f"{COOKIE}=REAL; {COOKIE}=REAL", f"{COOKIE}=REAL.", f"x{COOKIE}=REAL"])
def test_case21_the_answer_belongs_to_the_browser_that_asked(federated, cookie):
    url, mine = returned(federated)
    sent = cookie.replace("REAL", mine.partition("=")[2]) if cookie else cookie
    page_refused(federated.server, back(federated.server, url, sent), 400, "sign_in_state")
    assert wresult(back(federated.server, url, mine))


def test_case21_the_cookie_of_another_browser(federated):
    (url, mine), (_, other) = returned(federated), returned(federated)
    page_refused(federated.server, back(federated.server, url, other), 400, "sign_in_state")
    assert wresult(back(federated.server, url, f"a=b; {mine}; c=d"))


@pytest.mark.parametrize("bend", [
    lambda u, s: changed(u, state=None), lambda u, s: changed(u, state=""),
    lambda u, s: changed(u, state=s[:-1] + ("A" if s[-1] != "A" else "B")),
    lambda u, s: changed(u, state="B" + s[1:]), lambda u, s: changed(u, state=s[:50]),
    lambda u, s: changed(u, state=s + "A"), lambda u, s: changed(u, state="x" * 5000),
    lambda u, s: u + "&state=" + s, lambda u, s: u + "&code=x", lambda u, s: u + "&%",
    lambda u, s: u.partition("?")[0]], ids=range(11))
def test_case21_a_state_that_was_changed(federated, bend):
    url, cookie = returned(federated)
    state = dict(urllib.parse.parse_qsl(url.partition("?")[2]))["state"]
    page_refused(federated.server, back(federated.server, bend(url, state), cookie), 400,
                 "sign_in_state")


def test_case21_a_state_of_another_tenant_brings_its_own_tenant(site, provider):
    """A code of one tenant's provider with the state of another tenant's is asked of the latter."""
    mine, other = Federated(site), Federated(site, provider)
    (url, cookie), (foreign, other_cookie) = returned(mine), returned(other)
    code = dict(urllib.parse.parse_qsl(foreign.partition("?")[2]))["code"]
    page_refused(site.server, back(site.server, changed(url, code=code), cookie), 502,
                 "sign_in_code")
    assert wresult(back(site.server, foreign, other_cookie))


@pytest.mark.parametrize("code,reason,status", [
    (None, "sign_in_failed", 502), ("", "sign_in_failed", 502), ("x" * 4097, "sign_in_failed", 502),
    ("x", "sign_in_code", 502), ("\u00e4", "sign_in_failed", 502), ("a b&c", "sign_in_code", 502)])
def test_a_code_that_is_none(federated, code, reason, status):
    url, cookie = returned(federated)
    page_refused(federated.server, back(federated.server, changed(url, code=code), cookie), status,
                 reason)


def test_case8_a_code_is_good_once(federated):
    url, cookie = returned(federated)
    assert wresult(back(federated.server, url, cookie))
    page_refused(federated.server, back(federated.server, url, cookie), 502, "sign_in_code")


def test_an_answer_of_another_issuer(other, provider):
    provider.iss = "https://evil.test"
    page_refused(other.server, other.walk(), 400, "sign_in_state")
    provider.iss = provider.url
    assert other.sign_in()


@pytest.mark.parametrize("change", [
    lambda f: f.tenancy.set(enabled=False), lambda f: f.tenancy.set(enrollment_methods=[]),
    lambda f: f.change(scopes="openid"),
    lambda f: f.server.api("DELETE", f"tenants/{f.tenant}/identity-provider")], ids=range(4))
def test_settings_that_change_meanwhile(federated, change):
    url, cookie = returned(federated)
    change(federated)
    page_refused(federated.server, back(federated.server, url, cookie), 400, "sign_in_changed")


# appru

@pytest.mark.parametrize("appru", [
    None, "", "javascript:alert(1)", "https://evil.test/", "http://x", "data:text/html,x",
    "ms-app:", "ms-app://", "ms-app:///x", "MS-APP://windows.immersivecontrolpanel",
    "Ms-App://x", "ms-apps://x", "ms-appx-web://x", " ms-app://x", "ms-app://x ", "ms-app://x y",
    "ms-app://x\r\nLocation: https://evil.test", "ms-app://x\"><script>", "ms-app://x'",
    "ms-app://x<", "ms-app://x&amp;", "ms-app://a@b", "ms-app://x:80", "ms-app://x?a=b",
    "ms-app://x#y", "ms-app://x/\"", "ms-app://x/a b", "ms-app://x\\y", "ms-app://.x",
    "ms-app://x-", "ms-app://\u00e4", "ms-app://x%2f", "//x", "ms-app://" + "x" * 254,
    "ms-app://x/" + "y" * 512, "ms-app://x;javascript:1", "ms-app:javascript://x", "ms-app://x\0"])
def test_case19_an_appru_that_is_none(federated, appru):
    page = start(federated.server, federated.email, appru)
    page_refused(federated.server, page, 400, "sign_in_appru")
    assert "location" not in page.headers and "set-cookie" not in page.headers


def test_case19_an_appru_given_twice(federated):
    one = urllib.parse.quote(APPRU)
    for query in (f"appru={one}&appru={one}", f"appru={one}&appru=ms-app://y",
                  f"appru={one}&login_hint=a&login_hint=b", f"appru={one}&%", "appru"):
        page = start(federated.server, query=query)
        page_refused(federated.server, page, 400, "sign_in_appru")


@pytest.mark.parametrize("appru", [
    "ms-app://s-1-15-2-2214154914-2194263418-1115346534-2571417046-1211093838-3123564236-12345",
    "ms-app://s-1-15-2-22/", "ms-app://windows.immersivecontrolpanel/a/b_c.d~e", "ms-app://X"])
def test_an_appru_comes_back_as_it_was(federated, appru):
    page = federated.walk(appru=appru)
    assert page.status == 200
    assert f'action="{appru}"'.encode() in page.body


@pytest.mark.parametrize("hint", ["\"><script>alert(1)</script>", "a\r\nSet-Cookie: x=y", "x" * 4000,
                                  "a&b=c#d?e", "\u00e4@x", "%00", "'"])
def test_case20_a_hint_does_no_harm(federated, hint):
    page = start(federated.server, hint, path=f"/{federated.tenant}")
    assert page.status == 302
    location = page.headers["location"]
    assert re.fullmatch(r"[!-~]+", location)
    asked = urllib.parse.parse_qs(urllib.parse.urlsplit(location).query)
    assert asked.get("login_hint", [hint]) == [hint] and len(asked["client_id"]) == 1


def test_a_plus_in_a_mail_address_is_a_plus(other):
    page = start(other.server, query=f"appru={APPRU}&login_hint=anna+x@{other.tenancy.domain}")
    asked = urllib.parse.parse_qs(urllib.parse.urlsplit(page.headers["location"]).query)
    assert asked["login_hint"] == [f"anna+x@{other.tenancy.domain}"]


def test_a_user_of_nobody(site):
    Federated(site), Federated(site)
    for hint in ("otto@nobody.test", "", None, "CONTOSO\\otto"):
        row = page_refused(site.server, start(site.server, hint), 400, "sign_in_tenant")
        assert (row["user_principal_name"] or "") == (hint or "")
    for path in (f"/{uuid.uuid4()}", "/x", "/Return/x", "/../Auth"):
        page = start(site.server, "", path=path)
        assert page.status in (400, 404), path


def test_a_tenant_that_offers_no_sign_in(site):
    federated = Federated(site)
    federated.tenancy.set(enrollment_methods=["on-premises"])
    page_refused(site.server, start(site.server, federated.email), 400, "sign_in_method")
    federated.tenancy.set(enrollment_methods=["federated"])
    site.server.api("DELETE", f"tenants/{federated.tenant}/identity-provider")
    page_refused(site.server, start(site.server, federated.email), 400, "sign_in_method")


# The provider is down, slow or wrong: abuse case 23

@pytest.mark.parametrize("metadata", [
    {"issuer": "https://evil.test"}, {"issuer": None}, {"jwks_uri": "http://127.0.0.1/keys"},
    {"jwks_uri": "file:///etc/passwd"}, {"token_endpoint": None}, {"token_endpoint": "https://"},
    {"authorization_endpoint": "javascript:alert(1)"},
    {"authorization_endpoint": "https://a@evil.test/"},
    {"authorization_endpoint": "https://evil.test/#x"},
    {"authorization_endpoint": "https://x.test/\r\nx"}, {"jwks_uri": 7},
    {"jwks_uri": "https://x.test/" + "y" * 2000}])
def test_case23_metadata_that_is_not_usable(other, provider, metadata):
    provider.metadata = metadata
    page = start(other.server, other.email)
    page_refused(other.server, page, 503, "sign_in_provider")
    findings = other.server.api("POST", f"tenants/{other.tenant}/identity-provider/check", {})
    assert [f["ok"] for f in findings["findings"]] == [False, False, True, False]
    assert findings["findings"][0]["detail"]


@pytest.mark.parametrize("keys", [[], [{"kty": "RSA"}], [{**jwk("k1", KEYS["good"]), "use": "enc"}]])
def test_case23_keys_that_are_not_usable(other, provider, keys):
    provider.keys = keys
    page_refused(other.server, start(other.server, other.email), 503, "sign_in_provider")
    findings = other.server.api("POST", f"tenants/{other.tenant}/identity-provider/check", {})
    assert [f["ok"] for f in findings["findings"]] == [True, False, True, False]


def test_case23_entra_metadata_that_leads_elsewhere(site):
    federated = Federated(site)
    site.entra.fault("foreign-jwks-uri", listener="login")
    try:
        page_refused(site.server, start(site.server, federated.email), 503, "sign_in_provider")
    finally:
        site.entra.clear_faults()


@pytest.mark.parametrize("path,status", [("/token", 500), ("/token", 302), ("/token", 204)])
def test_a_provider_that_breaks_at_the_exchange(other, provider, path, status):
    provider.statuses = {path: status}
    page_refused(other.server, other.walk(), 503, "sign_in_provider")


def test_a_provider_that_does_not_know_the_server(other, provider):
    provider.secret = "another"
    row = page_refused(other.server, other.walk(), 502, "sign_in_client")
    assert "--client-secret-file" in row["remedy"]


def test_a_slow_provider_is_given_up(other, provider):
    other.sign_in()
    provider.delay = {"/token": 8}
    begun = time.monotonic()
    page_refused(other.server, other.walk(), 503, "sign_in_provider")
    assert time.monotonic() - begun < 7.5
    # Meanwhile others are served.
    walks = [lambda: other.walk() for _ in range(8)]
    seen = []

    def ask():
        time.sleep(0.5)
        at = time.monotonic()
        assert windows.discover(other.server).status == 200
        seen.append(time.monotonic() - at)

    parallel(walks + [ask])
    assert seen and seen[0] < 4, seen


def test_a_provider_that_is_down(site, provider):
    federated = Federated(site, provider, settings={"issuer": "https://127.0.0.1:1"})
    for _ in range(2):
        page_refused(site.server, start(site.server, federated.email), 503, "sign_in_provider")
    federated.change(issuer=provider.url)
    assert federated.sign_in()


def test_case23_a_private_address_is_not_connected_to(world, provider):
    """As the server is without allow_custom_cloud."""
    world.server.stop()
    text = world.server.conf.read_text()
    world.server.conf.write_text(text.replace("allow_custom_cloud = yes", "allow_custom_cloud = no"))
    world.server.start()
    tenant = str(uuid.uuid4())
    world.server.api("POST", "tenants", {
        "tenant_id": tenant, "client_id": str(uuid.uuid4()), "domains": ["private.test"],
        "enrollment_methods": ["federated"]})
    world.server.api("PUT", f"tenants/{tenant}/identity-provider",
                     {"issuer": provider.url, "client_id": "muster"})
    page_refused(world.server, start(world.server, "a@private.test"), 503, "sign_in_provider")
    findings = world.server.api("POST", f"tenants/{tenant}/identity-provider/check", {})["findings"]
    assert "private network" in findings[0]["detail"]
    assert provider.log == []


