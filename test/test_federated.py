# SPDX-License-Identifier: Apache-2.0
"""Enrolment by signing in: the page of this server, an OpenID provider, and the token a device then
enrols with. Each with Entra as the provider and with any other. What somebody may try is in
test_federated_abuse.py."""

import base64
import hashlib
import json
import re
import subprocess
import time
import urllib.parse
import uuid

import pytest

import signing_in
import windows
from federation import (RETURN, Federated, as_new, federated, other, page_refused,  # noqa: F401
                        provider)
from muster import MUSTER, MUSTER_DEVICE, ApiError
from signing_in import COOKIE, back, cookie_of, security, start, to_provider, wresult
from tenancy import newest_attempt, parallel, refused

# The main job

def test_a_user_signs_in_and_the_device_enrols(federated):
    server, tenancy = federated.server, federated.tenancy
    token = federated.sign_in()
    assert windows.get_policies(server, security(token)).status == 200
    enrolled = federated.enroll(token, name="LAPTOP-7")
    device, = federated.devices()
    assert device["enrollment_type"] == "full" and device["name"] == "LAPTOP-7"
    assert device["entra_device_id"] in ("", None)
    if federated.provider:
        assert device["user_principal_name"] == "otto@partner.test"
        assert device["user_object_id"] in ("", None)
    else:
        assert device["user_principal_name"] == federated.email
        assert device["user_object_id"] == tenancy.user
    tenancy.add_policy()
    sent = windows.run_session(enrolled, login="user")
    assert any(c["locuri"].endswith("MaxInactivityTimeDeviceLock") for c in sent)
    row = newest_attempt(server, tenant_id=federated.tenant)
    assert row["outcome"] == "ok"


def test_the_pages_speak_the_users_language(other):
    for headers, lang, title in (
            ({}, 'lang="en" dir="ltr"', "You could not be signed in"),
            ({"Accept-Language": "xx, de-AT;q=0.8, en;q=0.5"}, 'lang="de" dir="ltr"',
             "Sie konnten nicht angemeldet werden"),
            ({"cxh-preferredLanguage": "ar-SA", "Accept-Language": "de"}, 'lang="ar" dir="rtl"',
             "\u062a\u0639\u0630\u0651\u0631 \u062a\u0633\u062c\u064a\u0644"),
            ({"Accept-Language": '"><script>alert(1)</script>'}, 'lang="en" dir="ltr"', "You could")):
        page = start(other.server, "anna@nowhere.example", headers=headers)
        page_refused(other.server, page, 400, "sign_in_tenant")
        text = page.body.decode()
        assert f"<html {lang}>" in text and f"<h1>{title}" in text and "alert(1)" not in text
    first = start(other.server, other.email)
    done = windows.send(to_provider(other.entra, first), "GET", context=other.server.tls(),
                        headers={"Cookie": cookie_of(first)[0], "Accept-Language": "fr"})
    assert wresult(done) and "<h1>Vous \u00eates connect\u00e9</h1>" in done.body.decode()


def test_the_last_page_is_what_the_broker_needs(federated):
    page = federated.walk()
    text = page.body.decode()
    script = re.search(r"<script>(.*?)</script>", text).group(1)
    assert "submit()" in script and "<button" in text
    policy = page.headers["content-security-policy"]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in policy and "form-action ms-app:" in policy
    assert "default-src 'none'" in policy and "unsafe" not in policy
    for name, value in (("cache-control", "no-store"), ("referrer-policy", "no-referrer"),
                        ("x-content-type-options", "nosniff")):
        assert page.headers[name] == value
    assert len(wresult(page)) < 1500
    assert cookie_of(page)[0] == f"{COOKIE}=" and "Max-Age=0" in cookie_of(page)[1]


def test_the_first_page_asks_the_provider_rightly(federated):
    reply = start(federated.server, federated.email)
    assert reply.status == 302
    url = urllib.parse.urlsplit(reply.headers["location"])
    asked = dict(urllib.parse.parse_qsl(url.query, strict_parsing=True))
    assert asked["response_type"] == "code" and asked["client_id"] == federated.client
    assert asked["redirect_uri"] == federated.server.public_url + RETURN
    assert asked["redirect_uri"] == federated.settings["redirect_uri"]
    assert asked["scope"] == "openid profile email" and asked["login_hint"] == federated.email
    assert asked["code_challenge_method"] == "S256" and len(asked["code_challenge"]) == 43
    assert len(asked["nonce"]) == 43 and len(asked["state"]) < 2000
    for secret in (asked["nonce"], federated.email, "immersivecontrolpanel"):
        assert secret not in asked["state"]
    pair, rules = cookie_of(reply)
    assert re.fullmatch(COOKIE + r"=[A-Za-z0-9_-]{43}", pair)
    assert rules == {"Path=/", "Secure", "HttpOnly", "SameSite=Lax", "Max-Age=600"}
    again = start(federated.server, federated.email)
    other = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(again.headers["location"]).query))
    for name in ("nonce", "state", "code_challenge"):
        assert asked[name] != other[name]


@pytest.mark.parametrize("secret", [True, False])
@pytest.mark.parametrize("kind", ["entra", "other"])
def test_confidential_and_public_clients(site, provider, kind, secret):
    federated = Federated(site, provider if kind == "other" else None, secret=secret)
    assert federated.settings["has_client_secret"] is secret
    assert federated.enroll()


def test_a_provider_that_takes_the_secret_in_the_body(site, provider):
    provider.methods = ["client_secret_post"]
    assert Federated(site, provider).enroll()


def test_a_secret_with_every_character_arrives(site, provider):
    federated = Federated(site, provider)
    provider.secret = " a+b/c%:&=\"'~"
    federated.change(client_secret=provider.secret)
    assert federated.enroll()


def test_a_provider_that_answers_with_a_form(site):
    federated = Federated(site)
    first = start(federated.server, federated.email)
    answer = windows.send(first.headers["location"] + "&response_mode=form_post", "GET",
                          context=signing_in.provider_context(site.entra))
    form = dict(re.findall(r'name="([a-z_]+)" value="([^"]*)"', answer.body.decode()))
    assert set(form) == {"code", "state"}
    for path in (RETURN, "/EnrollmentServer/Auth"):
        reply = windows.send(federated.server.public_url + path, "POST",
                             urllib.parse.urlencode({**form, "x": "y"}),
                             {"Content-Type": "application/x-www-form-urlencoded"},
                             federated.server.tls())
        assert reply.status == 303
        location = reply.headers["location"]
        assert location.startswith(federated.server.public_url + RETURN + "?")
        assert "x=y" not in location
    assert wresult(back(federated.server, location, cookie_of(first)[0]))


def test_the_tenant_may_be_in_the_path(federated):
    for hint in ("", None, "CONTOSO\\anna", "anna@nobody.test"):
        page = start(federated.server, hint, path=f"/{federated.tenant}")
        assert page.status == 302, hint
    found = windows.discover(federated.server, email=federated.email)
    assert found.status == 200


def test_two_windows_of_one_browser(federated):
    first = start(federated.server, federated.email)
    cookie, _ = cookie_of(first)
    second = start(federated.server, federated.email, headers={"Cookie": cookie})
    assert cookie_of(second)[0] == cookie
    assert wresult(back(federated.server, to_provider(federated.entra, first), cookie))
    assert wresult(back(federated.server, to_provider(federated.entra, second), cookie))


def test_a_user_has_one_key_for_all_devices(federated):
    """The limit of devices counts a user who signs in as one user."""
    federated.tenancy.set(device_limit=2)
    for number in range(2):
        federated.enroll(device_id=f"DEVICE{number}")
    reply = signing_in.request(federated.server, federated.sign_in(), federated.site.key(),
                               device_id="DEVICE2")
    refused(reply, "s:Authorization" if windows.Fault(reply).subcode == "s:Authorization"
            else windows.Fault(reply).subcode, "device_cap", federated.server, "DeviceCapReached")
    federated.enroll(device_id="DEVICE1")
    assert len(federated.devices()) == 2


def test_a_token_given_by_a_program_may_be_encoded_twice(federated):
    token = federated.sign_in()
    assert windows.get_policies(federated.server, security(token, 2)).status == 200
    windows.provisioning(signing_in.request(federated.server, token, federated.site.key(),
                                            layers=2))


# The token

def test_case8_the_token_is_good_for_one_enrolment(federated):
    token, key = federated.sign_in(), federated.site.key()
    first = signing_in.request(federated.server, token, key)
    windows.provisioning(first)
    again = signing_in.request(federated.server, token, key)
    certificates = [windows.Enrolled(federated.server, key, windows.provisioning(reply), "User",
                                     "x").certificate_der for reply in (first, again)]
    assert certificates[0] == certificates[1]
    for layers in (1, 2):
        refused(signing_in.request(federated.server, token, federated.site.key(), layers=layers),
                "s:Authorization", "token_used", federated.server)
    assert len(federated.devices()) == 1


def test_case8_of_many_at_once_one_gets_a_certificate(federated):
    token = federated.sign_in()
    keys = [federated.site.key() for _ in range(6)]
    replies = parallel([lambda k=k: signing_in.request(federated.server, token, k) for k in keys])
    assert sorted(r.status for r in replies) == [200] + [500] * 5
    assert len(federated.devices()) == 1


def test_a_refused_request_does_not_use_the_token_up(federated):
    token = federated.sign_in()
    reply = signing_in.request(federated.server, token, federated.site.key(), kind="Nonsense")
    refused(reply, "s:MessageFormat", "context_enrollment_type", federated.server)
    assert federated.enroll(token)


def test_a_token_that_was_changed_is_nothing(federated):
    token = federated.sign_in()
    wrong = [token[:-1] + ("A" if token[-1] != "A" else "B"), token[:-4], token + "A", token * 2,
             "B" + token[1:], token[:40] + ("x" if token[40] != "x" else "y") + token[41:],
             "", "x", "{}", token.upper(), token + "\n"]
    for text in wrong:
        if text == "":
            continue
        reply = signing_in.request(federated.server, text, federated.site.key())
        refused(reply, "s:Authentication", "device_token_forged", federated.server)
    assert not federated.devices()
    assert federated.enroll(token)


def test_neither_the_state_nor_a_jwt_is_a_token(federated):
    location = start(federated.server, federated.email).headers["location"]
    state = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(location).query))["state"]
    jwt = federated.tenancy.enroll_token(federated.tenancy.new_device())
    blob = federated.tenancy.blob()
    for text in (state, jwt, blob):
        refused(signing_in.request(federated.server, text, federated.site.key()),
                "s:Authentication", "device_token_forged", federated.server)
    reply = windows.request_token(federated.server, windows.jwt_security(federated.sign_in()),
                                  windows.csr_der(federated.site.key()), windows.context())
    assert reply.status == 500 and b"InvalidSecurity" in reply.body or b"Authentic" in reply.body


def test_a_token_of_one_server_is_nothing_on_another(world, site):
    federated = Federated(site)
    refused(signing_in.request(world.server, federated.sign_in(), site.key()),
            "s:Authentication", "device_token_forged", world.server)


@pytest.mark.parametrize("change", [{"enabled": False}, {"enrollment_methods": ["on-premises"]},
                                    {"enrollment_methods": []}])
def test_a_token_ends_with_what_it_stands_on(federated, change):
    token = federated.sign_in()
    federated.tenancy.set(**change)
    row = refused(signing_in.request(federated.server, token, federated.site.key()),
                  "s:Authorization", "device_token_tenant", federated.server)
    assert row["tenant_id"] == federated.tenant


def test_the_users_of_two_tenants_are_apart(site, provider):
    """The same person at the same provider, in two tenants."""
    first, second = Federated(site, provider), Federated(site, provider)
    first.enroll(device_id="SAME"), second.enroll(device_id="SAME")
    assert len(first.devices()) == len(second.devices()) == 1


def test_another_user_does_not_take_over_a_device(other, provider):
    """Both call their devices the same; each keeps its own."""
    other.enroll(device_id="SAME")
    provider.user = {"sub": "user-2", "email": "otto@partner.test"}
    other.enroll(device_id="SAME")
    assert len(other.devices()) == 2
    provider.user = {"sub": "user-1", "email": "renamed@partner.test"}
    other.enroll(device_id="SAME")
    assert len(other.devices()) == 2


# Who may

@pytest.mark.parametrize("required,claims,is_in", [
    ("groups=mdm", {"groups": ["a", "mdm"]}, True), ("groups=mdm", {"groups": ["a"]}, False),
    ("groups=mdm", {"groups": "mdm"}, True), ("groups=mdm", {}, False),
    ("groups=mdm", {"groups": ["mdmx", 7, None]}, False), ("hd=a=b", {"hd": "a=b"}, True),
    ("ok=true", {"ok": True}, True), ("ok=true", {"ok": False}, False),
    ("n=7", {"n": 7}, False)])
def test_a_required_claim(other, provider, required, claims, is_in):
    other.change(required_claim=required)
    provider.claims = claims
    page = other.walk()
    if is_in:
        assert wresult(page)
        return
    row = page_refused(other.server, page, 403, "id_token_required_claim")
    assert (row["tenant_id"], row["user_principal_name"]) == (other.tenant, "otto@partner.test")


@pytest.mark.parametrize("claim,user,name", [
    ("", {"preferred_username": "p", "upn": "u", "email": "e"}, "p"), ("", {"upn": "u"}, "u"),
    ("", {"email": "e@x.test"}, "e@x.test"), ("", {}, ""), ("nick", {"nick": "n"}, "n"),
    ("nick", {"email": "e"}, ""), ("", {"email": "a\u0001b"}, ""), ("", {"email": ["x"]}, ""),
    ("", {"email": "<script>"}, "<script>")])
def test_the_name_of_a_user_is_a_label(other, provider, claim, user, name):
    other.change(user_claim=claim)
    provider.user = {"sub": "user-9", **user}
    other.enroll()
    assert (other.devices()[0]["user_principal_name"] or "") == name


def test_entra_a_user_of_another_tenant(site):
    """The issuer of another Entra tenant is any other provider: it makes no object id true."""
    federated, foreign = Federated(site), site.tenant()
    app = site.entra.add_app(foreign.tenant,
                             redirectUris=[site.server.public_url + RETURN])
    federated.change(issuer=f"{site.entra.login_url}/{foreign.tenant}/v2.0", client_id=app,
                     client_secret=site.entra.add_secret(app))
    site.entra.control("PATCH", f"tenants/{foreign.tenant}", {"signsIn": foreign.user})
    federated.enroll()
    device, = federated.devices()
    assert device["user_object_id"] in ("", None)


def test_entra_a_guest(site):
    federated = Federated(site)
    guest = site.entra.add_user(federated.tenant, f"gast#EXT#@{federated.tenancy.domain}",
                                guest=True)
    site.entra.control("PATCH", f"tenants/{federated.tenant}", {"signsIn": guest})
    row = page_refused(federated.server, federated.walk(), 403, "id_token_guest")
    assert row["user_object_id"] == guest and row["tenant_id"] == federated.tenant
    federated.tenancy.set(guests_allowed=True)
    assert federated.enroll()


def test_the_user_who_signs_in_counts_not_the_hint(site):
    federated = Federated(site)
    bert = federated.tenancy.add_user("bert")
    site.entra.control("PATCH", f"tenants/{federated.tenant}", {"signsIn": bert})
    federated.enroll()
    assert federated.devices()[0]["user_object_id"] == bert


def test_the_user_cancels(site):
    federated = Federated(site)
    site.entra.control("PATCH", f"tenants/{federated.tenant}", {"deniesSignIn": True})
    row = page_refused(federated.server, federated.walk(), 403, "sign_in_denied")
    assert "cancelled" in row["remedy"]


@pytest.mark.parametrize("error,reason,status", [
    ("access_denied", "sign_in_denied", 403), ("login_required", "sign_in_denied", 403),
    ("server_error", "sign_in_failed", 502), ("<b>x</b>", "sign_in_failed", 502)])
def test_errors_of_the_provider(other, provider, error, reason, status):
    provider.error = error
    page = other.walk()
    page_refused(other.server, page, status, reason)
    assert b"<b>" not in page.body
    assert provider.log.count(("POST", "/token")) == 0


# Time. What the server seals is opened here with its master key, and sealed again with another time.

def test_a_token_is_good_for_ten_minutes(federated):
    token = federated.sign_in()
    made = signing_in.unseal(federated.server, "token", token)
    assert 590 <= made["e"] - time.time() <= 601
    for seconds, good in ((20, True), (-1, False), (-100000, False)):
        bent = signing_in.seal(federated.server, "token", {**made, "e": int(time.time()) + seconds})
        if good:
            assert windows.get_policies(federated.server, security(bent)).status == 200
            continue
        for reply in (windows.get_policies(federated.server, security(bent)),
                      signing_in.request(federated.server, bent, federated.site.key())):
            row = refused(reply, "s:Authentication", "device_token_expired", federated.server)
            assert row["tenant_id"] == federated.tenant and row["user_principal_name"]
    assert not federated.devices()


def test_a_sign_in_may_take_ten_minutes(federated):
    first = start(federated.server, federated.email)
    url = to_provider(federated.entra, first)
    pairs = dict(urllib.parse.parse_qsl(url.partition("?")[2]))
    made = signing_in.unseal(federated.server, "state", pairs["state"])
    assert 590 <= made["e"] - time.time() <= 601
    for seconds, status in ((-1, 400), (20, 200)):
        pairs["state"] = signing_in.seal(federated.server, "state",
                                         {**made, "e": int(time.time()) + seconds})
        page = back(federated.server, f"{url.partition('?')[0]}?{urllib.parse.urlencode(pairs)}",
                    cookie_of(first)[0])
        assert page.status == status
        if status == 400:
            page_refused(federated.server, page, 400, "sign_in_expired")


@pytest.mark.parametrize("member", ["t", "k", "o", "u", "e"])
def test_a_sealed_token_that_lacks_something_is_none(site, member):
    federated = Federated(site)
    made = signing_in.unseal(site.server, "token", federated.sign_in())
    del made[member]
    refused(signing_in.request(site.server, signing_in.seal(site.server, "token", made),
                               site.key()), "s:Authentication", "device_token_forged", site.server)


# Settings

def test_settings_are_kept_and_the_secret_is_not_shown(other):
    shown = other.server.api("GET", f"tenants/{other.tenant}/identity-provider")
    assert shown["issuer"] == other.provider.url and shown["has_client_secret"] is True
    assert shown["scopes"] == "openid profile email"
    for text in (json.dumps(shown), json.dumps(other.server.items("audit?limit=50")),
                 other.server.log.read_text()):
        assert "provider secret" not in text
    rows = other.site.execute(
        f"SELECT sealed FROM identity_providers WHERE tenant_id = '{other.tenant}'")
    assert len(rows) == 1 and "provider secret" not in rows[0][0]
    changed_ = other.change(client_secret="")
    assert changed_["has_client_secret"] is False
    with pytest.raises(ApiError) as error:
        other.put(issuer=other.provider.url, client_id="x")
    assert error.value.status == 409
    other.server.api("DELETE", f"tenants/{other.tenant}/identity-provider")
    assert other.server.api("GET", f"tenants/{other.tenant}/identity-provider", raw=True)[0] == 404
    actions = [e["action"] for e in other.server.items(f"audit?tenant_id={other.tenant}")]
    assert {"identity_provider.add", "identity_provider.update",
            "identity_provider.remove"} <= set(actions)


def test_settings_that_cannot_be(site, provider):
    federated = Federated(site, provider)
    for body in ({"issuer": "http://x.test"}, {"issuer": "https://"}, {"issuer": "https://a@b"},
                 {"issuer": "https://x.test?y"}, {"issuer": "https://x.test#y"},
                 {"issuer": "https://x.test/ y"}, {"issuer": "file:///x"}, {"client_id": ""},
                 {"client_id": "a b"}, {"client_id": "x" * 256}, {"scopes": "profile"},
                 {"scopes": ""}, {"scopes": "openidx"}, {"user_claim": "a b"},
                 {"required_claim": "x"}, {"required_claim": "=x"}, {"required_claim": "x="},
                 {"client_secret": "x" * 513}, {"client_secret": "a\nb"}, {"nonsense": 1},
                 {"issuer": "https://accounts.google.com"}, {"issuer": 7}):
        with pytest.raises(ApiError) as error:
            federated.change(**body)
        assert error.value.status == 422, body
    assert federated.change(issuer="https://accounts.google.com", required_claim="hd=contoso.com")
    with pytest.raises(ApiError) as error:
        site.server.api("PUT", f"tenants/{uuid.uuid4()}/identity-provider",
                        {"issuer": provider.url, "client_id": "x"})
    assert error.value.status == 404


def test_the_check_of_a_provider(federated):
    def findings():
        return federated.server.api(
            "POST", f"tenants/{federated.tenant}/identity-provider/check", {})["findings"]
    assert [f["ok"] for f in findings()] == [True, True, True, True]
    federated.tenancy.set(enrollment_methods=["on-premises"])
    assert [f["ok"] for f in findings()] == [True, True, False, True]


def test_the_command_line(other, tmp_path):
    def muster(*words):
        token = tmp_path / "token"
        token.write_text(other.server.token)
        token.chmod(0o600)
        return subprocess.run(
            [MUSTER, "--url", other.server.console_url, "--token-file", token, "--ca",
             other.server.ca, *words], capture_output=True, text=True, timeout=60)
    shown = muster("identity-provider", "show", "--tenant", other.tenant)
    assert shown.returncode == 0 and other.server.public_url + RETURN in shown.stdout
    secret = tmp_path / "secret"
    secret.write_text("provider secret\n")
    secret.chmod(0o600)
    assert muster("identity-provider", "update", "--tenant", other.tenant, "--client-secret-file",
                  secret, "--scopes", "openid email").returncode == 0
    assert other.sign_in()
    checked = muster("identity-provider", "check", "--tenant", other.tenant)
    assert checked.returncode == 0 and "metadata" in checked.stdout
    assert muster("identity-provider", "remove", "--tenant", other.tenant, "--yes").returncode == 0
    added = muster("--json", "identity-provider", "add", "--tenant", other.tenant, "--issuer",
                   other.provider.url, "--client-id", "muster", "--client-secret-file", secret)
    assert added.returncode == 0, added.stderr
    assert json.loads(added.stdout)["has_client_secret"] is True
    assert other.sign_in()


# The simulated device

def device(federated, tmp_path, *options):
    bundle = tmp_path / "ca.pem"
    bundle.write_text(federated.server.ca.read_text() +
                      open(federated.entra.ca, encoding="ascii").read())
    return subprocess.run(
        [MUSTER_DEVICE, options[0], "--dir", tmp_path / "pc", "--ca", bundle, *options[1:]],
        capture_output=True, text=True, timeout=120)


def test_muster_device_signs_in_and_holds_a_session(federated, tmp_path):
    done = device(federated, tmp_path, "enroll", "--join", "federated", "--user", federated.email,
                  "--discovery-url",
                  federated.server.public_url + "/EnrollmentServer/Discovery.svc")
    assert done.returncode == 0, done.stderr
    assert "(Full)" in done.stdout
    session = device(federated, tmp_path, "session")
    assert session.returncode == 0, session.stderr
    assert len(federated.devices()) == 1


def test_muster_device_tells_what_the_page_says(site, tmp_path):
    federated = Federated(site)
    site.entra.control("PATCH", f"tenants/{federated.tenant}", {"deniesSignIn": True})
    done = device(federated, tmp_path, "enroll", "--join", "federated", "--user", federated.email,
                  "--discovery-url",
                  federated.server.public_url + "/EnrollmentServer/Discovery.svc")
    assert done.returncode == 1 and "sign-in: HTTP 403" in done.stderr
    assert len(done.stderr.splitlines()) == 1
