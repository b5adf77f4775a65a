# SPDX-License-Identifier: Apache-2.0
"""The stand-in for Entra lets users sign in with a browser, and refuses what Entra refuses."""

import hashlib
import urllib.parse

import pytest

from jose_util import b64url, parts

REDIRECT = "https://mdm.contoso.test/back"
VERIFIER = "v" * 43
CHALLENGE = b64url(hashlib.sha256(VERIFIER.encode()).digest())


@pytest.fixture
def app(entra):
    """(tenant, application, secret, user)"""
    tenant = entra.add_tenant(domain="contoso.test")
    made = entra.add_app(tenant, redirectUris=[REDIRECT])
    return (tenant, made, entra.add_secret(made),
            entra.add_user(tenant, "anna@contoso.test", displayName="Anna"))


def authorize(entra, app, **fields):
    query = {"client_id": app[1], "response_type": "code", "redirect_uri": REDIRECT,
             "scope": "openid profile", "state": "s&1", "nonce": "n-1",
             "code_challenge": CHALLENGE, "code_challenge_method": "S256",
             "login_hint": "anna@contoso.test", **fields}
    return entra.login(f"/{app[0]}/oauth2/v2.0/authorize?" + urllib.parse.urlencode(
        {k: v for k, v in query.items() if v is not None}, quote_via=urllib.parse.quote))


def answer_of(reply):
    assert reply.status == 302, reply.body
    base, _, query = reply.headers["location"].partition("?")
    assert base == REDIRECT
    return dict(urllib.parse.parse_qsl(query))


def exchange(entra, app, code, tenant=None, **fields):
    form = {"grant_type": "authorization_code", "client_id": app[1], "client_secret": app[2],
            "code": code, "redirect_uri": REDIRECT, "code_verifier": VERIFIER, **fields}
    return entra.token_request(tenant or app[0],
                               {k: v for k, v in form.items() if v is not None})


def test_a_code_becomes_an_id_token(entra, app):
    answer = answer_of(authorize(entra, app))
    assert answer["state"] == "s&1"
    got = exchange(entra, app, answer["code"]).json()
    header, claims = parts(got["id_token"])
    assert header["alg"] == "RS256" and header["kid"] == entra.keys()["current"]["kid"]
    assert claims["iss"] == f"{entra.login_url}/{app[0]}/v2.0" and claims["aud"] == app[1]
    assert (claims["nonce"], claims["oid"], claims["tid"], claims["ver"]) == (
        "n-1", app[3], app[0], "2.0")
    assert claims["preferred_username"] == "anna@contoso.test" and "scp" not in claims
    assert got["token_type"] == "Bearer" and got["expires_in"] > 0


@pytest.mark.parametrize("fields,code", [
    ({"redirect_uri": REDIRECT + "/"}, "AADSTS50011"), ({"redirect_uri": None}, "AADSTS50011"),
    ({"client_id": "x"}, "AADSTS700016"), ({"client_id": None}, "AADSTS900144"),
    ({"login_hint": None}, "AADSTS50058"), ({"login_hint": "otto@contoso.test"}, "AADSTS50034")])
def test_what_is_told_on_a_page(entra, app, fields, code):
    reply = authorize(entra, app, **fields)
    assert reply.status == 400 and code in reply.body.decode()
    assert "location" not in reply.headers


@pytest.mark.parametrize("fields,error", [
    ({"response_type": "id_token"}, "unsupported_response_type"),
    ({"scope": "profile"}, "invalid_request"), ({"code_challenge": "short"}, "invalid_request"),
    ({"code_challenge_method": "S512"}, "invalid_request"),
    ({"response_mode": "x"}, "unsupported_response_mode")])
def test_what_is_told_by_a_redirect(entra, app, fields, error):
    answer = answer_of(authorize(entra, app, **fields))
    assert answer["error"] == error and "code" not in answer and answer["state"] == "s&1"


def test_who_signs_in_and_who_cancels(entra, app):
    bert = entra.add_user(app[0], "bert@contoso.test")
    entra.control("PATCH", f"tenants/{app[0]}", {"signsIn": "bert@contoso.test"})
    got = exchange(entra, app, answer_of(authorize(entra, app))["code"]).json()
    assert parts(got["id_token"])[1]["oid"] == bert
    entra.control("PATCH", f"tenants/{app[0]}", {"deniesSignIn": True})
    assert answer_of(authorize(entra, app))["error"] == "access_denied"


@pytest.mark.parametrize("fields,error,code", [
    ({"code": "1.x"}, "invalid_grant", 70000), ({"code_verifier": "w" * 43}, "invalid_grant", 501481),
    ({"code_verifier": None}, "invalid_grant", 501481),
    ({"redirect_uri": REDIRECT + "/"}, "invalid_grant", 500112),
    ({"redirect_uri": None}, "invalid_request", 900144), ({"code": None}, "invalid_request", 900144),
    ({"client_secret": "wrong"}, "invalid_client", 7000215),
    ({"client_secret": None}, "invalid_client", 7000218)])
def test_exchanges_that_are_refused(entra, app, fields, error, code):
    made = answer_of(authorize(entra, app))["code"]
    reply = exchange(entra, app, **{"code": made, **fields})
    assert reply.status in (400, 401)
    assert (reply.json()["error"], reply.json()["error_codes"]) == (error, [code])


def test_a_code_is_good_once_for_ten_minutes_and_its_own_application(entra, app):
    made = answer_of(authorize(entra, app))["code"]
    assert exchange(entra, app, made).status == 200
    assert exchange(entra, app, made).json()["error_codes"] == [54005]
    made = answer_of(authorize(entra, app))["code"]
    other = entra.add_app(app[0])
    reply = exchange(entra, (app[0], other, entra.add_secret(other)), made)
    assert reply.json()["error_codes"] == [70000]
    entra.clock(601)
    assert exchange(entra, app, made).json()["error_codes"] == [70008]


def test_a_public_client_shows_no_secret(entra, app):
    entra.control("PATCH", f"apps/{app[1]}", {"publicClient": True})
    made = answer_of(authorize(entra, app))["code"]
    assert exchange(entra, app, made).json()["error_codes"] == [700025]
    assert exchange(entra, app, made, client_secret=None).status == 200
