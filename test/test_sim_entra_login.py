# SPDX-License-Identifier: Apache-2.0
"""The login half of muster-entra: metadata, keys, minted tokens, the token endpoint.

What is checked here is checked with other code than the stand-in's own: Python's cryptography and
json. A stand-in that is too friendly would let mistakes of the server pass, so most cases are
refusals.
"""

import base64
import hashlib
import hmac
import json
import subprocess
import time
import uuid

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from entra_sim import ControlError, EntraSim, build_dir
from jose_util import b64url, make_assertion, make_certificate, parts, unb64url

CONSUMERS = "9188040d-6c67-4c5b-b112-36a304b66dad"
BROKER = "29d9ed98-a469-4536-ade2-f981bc1d605e"


@pytest.fixture
def tenant(entra):
    return entra.add_tenant(domain="contoso.test")


@pytest.fixture
def app(entra, tenant):
    return entra.add_app(tenant, version=2, uris=["https://mdm.contoso.test"])


@pytest.fixture
def user(entra, tenant):
    return entra.add_user(tenant, "ann@contoso.test", displayName="Ann")


def metadata(entra, tenant, version, query=""):
    infix = "/v2.0" if version == 2 else ""
    return entra.login(f"/{tenant}{infix}/.well-known/openid-configuration{query}")


def key_set(entra, tenant, version):
    url = metadata(entra, tenant, version).json()["jwks_uri"]
    return {key["kid"]: key for key in entra.request(url).json()["keys"]}


def public_key(jwk):
    numbers = rsa.RSAPublicNumbers(int.from_bytes(unb64url(jwk["e"]), "big"),
                                   int.from_bytes(unb64url(jwk["n"]), "big"))
    return numbers.public_key()


def verify_rs256(token, jwk):
    signed, _, signature = token.rpartition(".")
    public_key(jwk).verify(unb64url(signature), signed.encode(), padding.PKCS1v15(),
                           hashes.SHA256())


# --- metadata and keys


@pytest.mark.parametrize("version", [1, 2])
def test_metadata_of_a_tenant(entra, tenant, version):
    answer = metadata(entra, tenant, version)
    document = answer.json()
    assert answer.status == 200
    assert "max-age=86400" in answer.headers["Cache-Control"]
    infix = "/v2.0" if version == 2 else ""
    assert document["issuer"] == (f"https://sts.muster.test/{tenant}/" if version == 1
                                  else f"{entra.login_url}/{tenant}/v2.0")
    assert document["jwks_uri"] == f"{entra.login_url}/{tenant}/discovery{infix}/keys"
    assert document["token_endpoint"] == f"{entra.login_url}/{tenant}/oauth2{infix}/token"
    assert document["id_token_signing_alg_values_supported"] == ["RS256"]
    assert document["subject_types_supported"] == ["pairwise"]
    assert document["cloud_instance_name"] == "muster.test"
    assert document["msgraph_host"] == entra.graph_url[len("https://"):]


def test_metadata_by_domain_is_that_of_the_tenant(entra, tenant):
    assert metadata(entra, "contoso.test", 2).json() == metadata(entra, tenant, 2).json()


def test_metadata_of_common_is_templated(entra):
    assert metadata(entra, "common", 2).json()["issuer"] == \
        entra.login_url + "/{tenantid}/v2.0"
    assert metadata(entra, "common", 1).json()["issuer"] == "https://sts.muster.test/{tenantid}/"


@pytest.mark.parametrize("name", [str(uuid.uuid4()), "nobody.test"])
def test_unknown_tenant_is_refused(entra, name):
    for path in ["/.well-known/openid-configuration", "/v2.0/.well-known/openid-configuration",
                 "/discovery/keys", "/discovery/v2.0/keys"]:
        answer = entra.login(f"/{name}{path}")
        assert answer.status == 400
        assert answer.json()["error"] == "invalid_tenant"
        assert answer.json()["error_codes"] == [90002]


def test_app_specific_metadata_repeats_the_query(entra, tenant, app):
    uri = metadata(entra, tenant, 2, f"?appid={app}").json()["jwks_uri"]
    assert uri.endswith(f"/discovery/v2.0/keys?appid={app}")
    assert entra.request(uri).status == 200


@pytest.mark.parametrize("version", [1, 2])
def test_key_documents_have_the_real_shape(entra, tenant, version):
    keys = key_set(entra, tenant, version)
    assert len(keys) >= 3
    for kid, key in keys.items():
        assert "alg" not in key
        assert key["kty"] == "RSA" and key["use"] == "sig" and key["e"] == "AQAB"
        assert public_key(key).key_size == 2048
        assert len(key["x5c"]) == 1
        der = base64.b64decode(key["x5c"][0])
        assert b64url(hashlib.sha1(der).digest()) == kid == key["x5t"]
        certificate = x509.load_der_x509_certificate(der)
        assert certificate.issuer == certificate.subject
        assert certificate.public_key().public_numbers() == public_key(key).public_numbers()
        assert ("issuer" in key) == (version == 2)


def test_v2_keys_name_their_issuers(entra, tenant):
    issuers = [key["issuer"] for key in key_set(entra, tenant, 2).values()]
    templated = [key["issuer"] for key in key_set(entra, "common", 2).values()]
    assert issuers.count(f"{entra.login_url}/{tenant}/v2.0") >= 3
    assert issuers.count(f"{entra.login_url}/{CONSUMERS}/v2.0") == 1
    assert templated.count(entra.login_url + "/{tenantid}/v2.0") >= 3
    others = set(issuers) - {f"{entra.login_url}/{tenant}/v2.0",
                             f"{entra.login_url}/{CONSUMERS}/v2.0"}
    assert len(others) == 1


def test_cloud_name_in_keys_is_a_setting(entra, tenant):
    assert all("cloud_instance_name" not in key for key in key_set(entra, tenant, 2).values())
    entra.settings(namesCloud=True)
    assert all(key["cloud_instance_name"] == "muster.test"
               for key in key_set(entra, tenant, 2).values())


# --- rollover


def test_rotation_keeps_the_old_key_until_it_is_retired(entra, tenant, app, user):
    old_kid = parts(entra.mint(app, user=user))[0]["kid"]
    entra.key_operation("publish-next")
    next_kid = entra.keys()["next"]["kid"]
    assert next_kid in key_set(entra, tenant, 2)
    entra.rotate()
    assert parts(entra.mint(app, user=user))[0]["kid"] == next_kid
    assert old_kid in key_set(entra, tenant, 2)
    entra.key_operation("retire")
    assert old_kid not in key_set(entra, tenant, 2)
    assert parts(entra.mint(app, user=user, key="retired"))[0]["kid"] == old_kid


def test_emergency_rotation_drops_the_old_key_at_once(entra, tenant, app, user):
    old_kid = parts(entra.mint(app, user=user))[0]["kid"]
    entra.key_operation("emergency-rotate")
    keys = key_set(entra, tenant, 2)
    assert old_kid not in keys
    token = entra.mint(app, user=user)
    verify_rs256(token, keys[parts(token)[0]["kid"]])


def test_unpublished_key_still_signs(entra, tenant, app, user):
    entra.key_operation("unpublish")
    assert parts(entra.mint(app, user=user))[0]["kid"] not in key_set(entra, tenant, 2)
    entra.reset()
    assert entra.keys()["current"]["published"]


# --- minted tokens


def test_v2_user_token(entra, tenant, app, user):
    device = str(uuid.uuid4())
    now = int(time.time())
    token = entra.mint(app, user=user, device=device)
    header, claims = parts(token)
    assert header == {"typ": "JWT", "alg": "RS256", "kid": entra.keys()["current"]["kid"]}
    verify_rs256(token, key_set(entra, tenant, 2)[header["kid"]])
    assert claims["aud"] == app
    assert claims["iss"] == f"{entra.login_url}/{tenant}/v2.0"
    assert claims["ver"] == "2.0" and claims["tid"] == tenant and claims["oid"] == user
    assert claims["scp"] == "mdm_delegation" and claims["deviceid"] == device
    assert claims["azp"] == BROKER and claims["azpacr"] == "0"
    assert claims["preferred_username"] == "ann@contoso.test" and claims["name"] == "Ann"
    assert abs(claims["iat"] - now) <= 5 and claims["nbf"] == claims["iat"]
    assert 3600 <= claims["exp"] - claims["iat"] < 5400
    for absent in ["upn", "unique_name", "amr", "acr", "appid", "roles", "groups"]:
        assert absent not in claims


def test_v1_user_token(entra, tenant, user):
    app = entra.add_app(tenant, version=None, uris=["https://mdm.contoso.test"])
    token = entra.mint(app, user="ann@contoso.test", device=str(uuid.uuid4()))
    header, claims = parts(token)
    assert header["x5t"] == header["kid"]
    verify_rs256(token, key_set(entra, tenant, 1)[header["kid"]])
    assert claims["iss"] == f"https://sts.muster.test/{tenant}/"
    assert claims["aud"] == "https://mdm.contoso.test"
    assert claims["ver"] == "1.0" and claims["appid"] == BROKER
    assert claims["unique_name"] == claims["upn"] == "ann@contoso.test"
    assert claims["amr"] and claims["acr"] == "1"
    for absent in ["azp", "preferred_username"]:
        assert absent not in claims


def test_guest_tokens(entra, tenant, app):
    guest = entra.add_user(tenant, "eve_evil.example#EXT#@contoso.test", guest=True)
    for version in (1, 2):
        claims = parts(entra.mint(app, user=guest, ver=version))[1]
        assert claims["acct"] == 1
        assert claims["idp"] != claims["iss"] and tenant not in claims["idp"]


def test_token_without_device_user_or_both(entra, tenant, app, user):
    assert "deviceid" not in parts(entra.mint(app, user=user))[1]
    app_only = parts(entra.mint(app))[1]
    assert "scp" not in app_only and app_only["oid"] == app_only["sub"]
    device = parts(entra.mint(app, device=str(uuid.uuid4())))[1]
    assert device["idtyp"] == "device" and "oid" not in device and "scp" not in device


def test_subject_is_pairwise(entra, tenant, app, user):
    other = entra.add_app(tenant)
    first, again, second = (parts(entra.mint(a, user=user))[1]["sub"] for a in (app, app, other))
    assert first == again != second


def test_overrides_extras_and_raw_text(entra, tenant, app, user):
    token = entra.mint(app, user=user, overrides={"aud": ["a"], "name": None, "tier": 7},
                       headerOverrides={"kid": None, "jku": "https://keys.evil.example"})
    header, claims = parts(token)
    assert claims["aud"] == ["a"] and "name" not in claims and claims["tier"] == 7
    assert "kid" not in header and header["jku"] == "https://keys.evil.example"
    token = entra.mint(app, user=user, extra={"tid": str(uuid.uuid4())}, headerExtra={"alg": "x"})
    header_text, payload_text = (unb64url(part) for part in token.split(".")[:2])
    assert payload_text.count(b'"tid":') == 2 and header_text.count(b'"alg":') == 2
    token = entra.mint(app, user=user, rawPayload="not json", rawHeader="{}")
    assert unb64url(token.split(".")[1]) == b"not json" and unb64url(token.split(".")[0]) == b"{}"
    verify_rs256(token, key_set(entra, tenant, 2)[entra.keys()["current"]["kid"]])


def test_case08_algorithms_of_bent_tokens(entra, tenant, app, user):
    entra.key_operation("publish", "ec")
    keys = key_set(entra, tenant, 2)
    current = keys[entra.keys()["current"]["kid"]]

    token = entra.mint(app, user=user, alg="none")
    assert parts(token)[0]["alg"] == "none" and token.endswith(".")

    token = entra.mint(app, user=user, alg="HS256")
    signed, _, signature = token.rpartition(".")
    pem = public_key(current).public_bytes(serialization.Encoding.PEM,
                                           serialization.PublicFormat.SubjectPublicKeyInfo)
    assert hmac.new(pem, signed.encode(), hashlib.sha256).digest() == unb64url(signature)

    for alg, digest, pad in [
            ("RS384", hashes.SHA384(), padding.PKCS1v15()),
            ("RS512", hashes.SHA512(), padding.PKCS1v15()),
            ("PS256", hashes.SHA256(), padding.PSS(padding.MGF1(hashes.SHA256()), 32))]:
        token = entra.mint(app, user=user, alg=alg)
        signed, _, signature = token.rpartition(".")
        assert parts(token)[0]["alg"] == alg
        public_key(current).verify(unb64url(signature), signed.encode(), pad, digest)

    token = entra.mint(app, user=user, alg="ES256")
    jwk = keys[parts(token)[0]["kid"]]
    numbers = ec.EllipticCurvePublicNumbers(int.from_bytes(unb64url(jwk["x"]), "big"),
                                            int.from_bytes(unb64url(jwk["y"]), "big"),
                                            ec.SECP256R1())
    signed, _, signature = token.rpartition(".")
    raw = unb64url(signature)
    assert len(raw) == 64
    der = utils.encode_dss_signature(int.from_bytes(raw[:32], "big"),
                                     int.from_bytes(raw[32:], "big"))
    numbers.public_key().verify(der, signed.encode(), ec.ECDSA(hashes.SHA256()))


def test_wrong_keys(entra, tenant, app, user):
    keys = key_set(entra, tenant, 2)
    consumer = parts(entra.mint(app, user=user, key="consumer"))[0]["kid"]
    other = parts(entra.mint(app, user=user, key="other-tenant"))[0]["kid"]
    foreign = parts(entra.mint(app, user=user, key="foreign"))[0]["kid"]
    assert CONSUMERS in keys[consumer]["issuer"]
    assert tenant not in keys[other]["issuer"]
    assert foreign not in keys
    assert consumer not in key_set(entra, tenant, 1) and other not in key_set(entra, tenant, 1)
    entra.key_operation("publish", "weak1024")
    token = entra.mint(app, user=user, key="weak1024")
    weak = key_set(entra, tenant, 2)[parts(token)[0]["kid"]]
    assert public_key(weak).key_size == 1024
    verify_rs256(token, weak)


@pytest.mark.parametrize("tamper", ["signature", "payload", "short-signature"])
def test_tampered_tokens_do_not_verify(entra, tenant, app, user, tamper):
    token = entra.mint(app, user=user, tamper=tamper)
    header, claims = parts(token)
    assert claims["oid"] == user
    with pytest.raises(InvalidSignature):
        verify_rs256(token, key_set(entra, tenant, 2)[header["kid"]])


def test_tokens_that_lost_their_signature(entra, app, user):
    assert entra.mint(app, user=user, tamper="empty-signature").endswith(".")
    assert entra.mint(app, user=user, tamper="two-parts").count(".") == 1


def test_groups_claim_and_overage(entra, tenant, app, user):
    inner = entra.add_group(tenant, "inner", members=[user])
    outer = entra.add_group(tenant, "outer", members=[inner])
    assert sorted(parts(entra.mint(app, user=user, groups=True))[1]["groups"]) == \
        sorted([inner, outer])
    claims = parts(entra.mint(app, user=user, groups=[str(uuid.uuid4()) for _ in range(201)]))[1]
    assert "groups" not in claims
    assert claims["_claim_names"] == {"groups": "src1"}
    assert entra.violations()["trap"] == 0
    assert entra.request(claims["_claim_sources"]["src1"]["endpoint"]).status == 404
    assert entra.violations()["trap"] == 1


def test_clock_moves_tokens(entra, app, user):
    entra.clock(-7200)
    assert abs(parts(entra.mint(app, user=user))[1]["iat"] - (time.time() - 7200)) < 5
    entra.clock(0)


@pytest.mark.parametrize("wish", [
    {"user": "nobody@contoso.test"}, {"key": "gold"}, {"alg": "RS257"}, {"tamper": "all"},
    {"ver": 3}, {"lifetime": "long"}, {"overrides": []}, {"audience": "x"}, {"groups": 1}])
def test_mint_refuses_what_it_does_not_understand(entra, app, wish):
    with pytest.raises(ControlError) as refused:
        entra.mint(app, **wish)
    assert refused.value.status in (400, 404)


# --- the token endpoint


def form_for(entra, app, **more):
    form = {"grant_type": "client_credentials", "client_id": app,
            "scope": entra.graph_url + "/.default"}
    form.update(more)
    return {name: value for name, value in form.items() if value is not None}


def refused_with(answer, status, error, code):
    body = answer.json()
    assert (answer.status, body["error"], body["error_codes"]) == (status, error, [code])
    assert body["error_description"].startswith(f"AADSTS{code}: ")
    for member in ["timestamp", "trace_id", "correlation_id", "error_uri"]:
        assert body[member]


def test_graph_token_by_secret(entra, tenant, app):
    secret = entra.add_secret(app)
    answer = entra.token_request(tenant, form_for(entra, app, client_secret=secret))
    body = answer.json()
    assert answer.status == 200 and body["token_type"] == "Bearer"
    assert 3600 <= body["expires_in"] < 5400
    assert "no-store" in answer.headers["Cache-Control"]
    header, claims = parts(body["access_token"])
    assert header["nonce"]
    assert header["kid"] not in key_set(entra, tenant, 1)
    assert header["kid"] not in key_set(entra, tenant, 2)
    assert claims["aud"] == entra.graph_url and claims["appid"] == app
    assert claims["idtyp"] == "app" and "Device.ReadWrite.All" in claims["roles"]


def test_secret_by_basic_and_by_domain(entra, tenant, app):
    secret = entra.add_secret(app, value="a b:c%d")
    basic = base64.b64encode(f"{app}:a+b%3Ac%25d".encode()).decode()
    form = form_for(entra, app, client_id=None)
    answer = entra.token_request("contoso.test", form, headers={"Authorization": "Basic " + basic})
    assert secret == "a b:c%d" and answer.status == 200
    wrong = base64.b64encode(f"{app}:wrong".encode()).decode()
    refused_with(entra.token_request(tenant, form, headers={"Authorization": "Basic " + wrong}),
                 401, "invalid_client", 7000215)


def test_token_lifetime_is_a_setting(entra, tenant, app):
    secret = entra.add_secret(app)
    entra.settings(expiresIn=60)
    body = entra.token_request(tenant, form_for(entra, app, client_secret=secret)).json()
    claims = parts(body["access_token"])[1]
    assert body["expires_in"] == 60 and claims["exp"] - claims["iat"] == 60


def test_two_secrets_overlap_and_expire(entra, tenant, app):
    old = entra.add_secret(app, endsIn=100)
    new = entra.add_secret(app)
    for secret in (old, new):
        assert entra.token_request(tenant, form_for(entra, app, client_secret=secret)).status == 200
    entra.clock(101)
    refused_with(entra.token_request(tenant, form_for(entra, app, client_secret=old)),
                 401, "invalid_client", 7000222)
    assert entra.token_request(tenant, form_for(entra, app, client_secret=new)).status == 200


def test_removed_secret_is_wrong(entra, tenant, app):
    row = entra.control("POST", "secrets", {"app": app})
    assert "secretText" not in str(entra.control("GET", f"secrets?app={app}"))
    entra.control("DELETE", f"secrets/{row['id']}")
    refused_with(entra.token_request(tenant, form_for(entra, app,
                                                      client_secret=row["secretText"])),
                 401, "invalid_client", 7000215)


@pytest.mark.parametrize("change, status, error, code", [
    ({"grant_type": None}, 400, "invalid_request", 900144),
    ({"grant_type": "password"}, 400, "unsupported_grant_type", 70003),
    ({"client_id": None}, 400, "invalid_request", 900144),
    ({"client_id": str(uuid.uuid4())}, 400, "unauthorized_client", 700016),
    ({"client_id": "app"}, 400, "unauthorized_client", 700016),
    ({"scope": None}, 400, "invalid_request", 900144),
    ({"scope": " "}, 400, "invalid_scope", 28002),
    ({"scope": "{graph}/Device.Read.All"}, 400, "invalid_scope", 70011),
    ({"scope": "{graph}/.default {graph}/.default"}, 400, "invalid_scope", 700022),
    ({"scope": "https://graph.microsoft.com/.default"}, 400, "invalid_resource", 500011),
    ({"scope": "{graph}//.default"}, 400, "invalid_resource", 500011),
    ({"client_secret": None}, 401, "invalid_client", 7000216),
    ({"client_secret": "wrong"}, 401, "invalid_client", 7000215),
    ({"client_secret": ""}, 401, "invalid_client", 7000215),
    ({"client_assertion": "a.b.c"}, 400, "invalid_request", 90023),
])
def test_token_request_refusals(entra, tenant, app, change, status, error, code):
    form = form_for(entra, app, client_secret=entra.add_secret(app))
    form.update(change)
    form = {name: value.replace("{graph}", entra.graph_url)
            for name, value in form.items() if value is not None}
    refused_with(entra.token_request(tenant, form), status, error, code)


def test_token_endpoint_wants_a_posted_form(entra, tenant, app):
    path = f"/{tenant}/oauth2/v2.0/token"
    refused_with(entra.login(path), 400, "invalid_request", 900561)
    answer = entra.login(path, method="POST", headers={"Content-Type": "application/json"},
                         body=json.dumps(form_for(entra, app)))
    refused_with(answer, 400, "invalid_request", 900144)
    pairs = list(form_for(entra, app, client_secret="x").items()) + [("client_id", app)]
    refused_with(entra.token_request(tenant, pairs), 400, "invalid_request", 9000411)


@pytest.mark.parametrize("name, code", [("common", 9001023), ("consumers", 9001023),
                                        (str(uuid.uuid4()), 90002)])
def test_token_endpoint_wants_a_tenant(entra, app, name, code):
    form = form_for(entra, app, client_secret=entra.add_secret(app))
    refused_with(entra.token_request(name, form), 400, "invalid_request", code)


def test_disabled_and_unconsented_applications(entra, tenant, app):
    secret = entra.add_secret(app)
    form = form_for(entra, app, client_secret=secret)
    entra.control("PATCH", f"apps/{app}", {"enabled": False})
    refused_with(entra.token_request(tenant, form), 400, "unauthorized_client", 7000112)
    entra.control("PATCH", f"apps/{app}", {"enabled": True})
    entra.control("DELETE", f"consents/{tenant}/{app}")
    refused_with(entra.token_request(tenant, form), 400, "unauthorized_client", 700016)


def test_cloud_app_in_a_customer_tenant(entra, tenant):
    customer = entra.add_tenant(domain="customer.test")
    app = entra.add_app(tenant, multiTenant=True)
    secret = entra.add_secret(app)
    form = form_for(entra, app, client_secret=secret)
    refused_with(entra.token_request(customer, form), 400, "unauthorized_client", 700016)
    entra.add_consent(customer, app, roles=["Device.Read.All"])
    claims = parts(entra.token_request(customer, form).json()["access_token"])[1]
    assert claims["tid"] == customer and claims["roles"] == ["Device.Read.All"]


def test_app_only_token_for_another_api_has_no_scope(entra, tenant, app):
    secret = entra.add_secret(app)
    for scope in ["https://mdm.contoso.test/.default", f"api://{app}/.default"]:
        token = entra.token_request(tenant, form_for(entra, app, client_secret=secret,
                                                     scope=scope)).json()["access_token"]
        header, claims = parts(token)
        verify_rs256(token, key_set(entra, tenant, 2)[header["kid"]])
        assert claims["aud"] == app and "scp" not in claims and "nonce" not in header


# --- assertions


@pytest.fixture(scope="module")
def signer():
    return make_certificate()


ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def assertion_form(entra, app, assertion):
    return form_for(entra, app, client_assertion_type=ASSERTION, client_assertion=assertion)


@pytest.mark.parametrize("alg, thumbprint", [("PS256", "x5t#S256"), ("RS256", "x5t")])
@pytest.mark.parametrize("by_domain", [False, True])
def test_certificate_assertion(entra, tenant, app, signer, alg, thumbprint, by_domain):
    entra.add_cert(app, signer.pem)
    spelled = "contoso.test" if by_domain else tenant
    assertion = make_assertion(signer, entra.login_url, spelled, app, alg, thumbprint)
    assert entra.token_request(tenant, assertion_form(entra, app, assertion)).status == 200
    row = entra.log(listener="login")[-1]
    assert row["assertion"]["claims"]["iss"] == app and row["assertion"]["header"]["alg"] == alg


@pytest.mark.parametrize("claims, header, code", [
    ({"aud": "https://login.microsoftonline.com/common/oauth2/v2.0/token"}, {}, 700023),
    ({"aud": "{login}/{tid}"}, {}, 700023),
    ({"iss": "someone"}, {}, 700021),
    ({"sub": str(uuid.uuid4())}, {}, 700021),
    ({"exp": -301, "nbf": -900}, {}, 700024),
    ({"nbf": 400, "exp": 900}, {}, 700024),
    ({"exp": None}, {}, 50027),
    ({"nbf": None}, {}, 50027),
    ({"exp": "soon"}, {}, 50027),
    ({"jti": None}, {}, 50027),
    ({}, {"typ": "at"}, 50027),
    ({}, {"crit": ["b64"]}, 50027),
    ({}, {"x5t#S256": b64url(bytes(32))}, 700027),
    ({}, {"x5t#S256": None}, 700027),
    ({}, {"alg": "RS256"}, 700027),
    ({}, {"alg": "HS256"}, 700027),
    ({}, {"alg": "none"}, 700027),
])
def test_assertion_refusals(entra, tenant, app, signer, claims, header, code):
    entra.add_cert(app, signer.pem)
    now = int(time.time())
    changed = {}
    for name, value in claims.items():
        if isinstance(value, int):
            value += now
        elif isinstance(value, str):
            value = value.replace("{login}", entra.login_url).replace("{tid}", tenant)
        changed[name] = value
    assertion = make_assertion(signer, entra.login_url, tenant, app, claims=changed,
                               header=header)
    refused_with(entra.token_request(tenant, assertion_form(entra, app, assertion)),
                 401, "invalid_client", code)


def test_assertion_within_the_clock_skew(entra, tenant, app, signer):
    entra.add_cert(app, signer.pem)
    now = int(time.time())
    for shift in ({"exp": now - 290, "nbf": now - 900}, {"nbf": now + 290, "exp": now + 900}):
        assertion = make_assertion(signer, entra.login_url, tenant, app, claims=shift)
        assert entra.token_request(tenant, assertion_form(entra, app, assertion)).status == 200


def test_assertion_forms_that_are_no_assertion(entra, tenant, app, signer):
    entra.add_cert(app, signer.pem)
    good = make_assertion(signer, entra.login_url, tenant, app)
    flipped = good[:-2] + ("A" if good[-2] != "A" else "B") + good[-1]
    for assertion, code in [("a.b", 50027), ("", 50027), (good + ".", 50027), (flipped, 700027),
                            (good + " ", 50027)]:
        refused_with(entra.token_request(tenant, assertion_form(entra, app, assertion)),
                     401, "invalid_client", code)
    form = assertion_form(entra, app, good)
    form["client_assertion_type"] = "jwt"
    refused_with(entra.token_request(tenant, form), 401, "invalid_client", 50027)
    del form["client_assertion_type"]
    refused_with(entra.token_request(tenant, form), 400, "invalid_request", 900144)


def test_assertion_of_a_stranger_an_expired_and_another_tenant(entra, tenant, app, signer):
    assertion = make_assertion(signer, entra.login_url, tenant, app)
    refused_with(entra.token_request(tenant, assertion_form(entra, app, assertion)),
                 401, "invalid_client", 700027)
    expired = make_certificate(days=(-10, -1))
    entra.add_cert(app, expired.pem)
    assertion = make_assertion(expired, entra.login_url, tenant, app)
    refused_with(entra.token_request(tenant, assertion_form(entra, app, assertion)),
                 401, "invalid_client", 700027)
    entra.add_cert(app, signer.pem)
    other = entra.add_tenant(domain="other.test")
    assertion = make_assertion(signer, entra.login_url, other, app)
    refused_with(entra.token_request(tenant, assertion_form(entra, app, assertion)),
                 401, "invalid_client", 700023)


def test_assertion_is_good_for_one_use(entra, tenant, app, signer):
    entra.add_cert(app, signer.pem)
    form = assertion_form(entra, app, make_assertion(signer, entra.login_url, tenant, app))
    assert entra.token_request(tenant, form).status == 200
    refused_with(entra.token_request(tenant, form), 401, "invalid_client", 50013)
    assert entra.violations()["assertionReplay"] == 1


def test_federated_assertion(entra, tenant, app, signer):
    public = signer.key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    entra.control("POST", "federated", {"app": app, "issuer": "https://oidc.example",
                                        "subject": "system:mdm", "publicKey": public})
    base = {"iss": "https://oidc.example", "sub": "system:mdm",
            "aud": "api://AzureADTokenExchange"}

    def ask(**changes):
        assertion = make_assertion(signer, entra.login_url, tenant, app, "RS256", "x5t",
                                   claims={**base, **changes})
        return entra.token_request(tenant, assertion_form(entra, app, assertion))

    assert ask().status == 200
    refused_with(ask(sub="other"), 400, "invalid_request", 70021)
    refused_with(ask(aud="api://other"), 400, "invalid_request", 70021)
    refused_with(ask(exp=int(time.time()) - 400, nbf=int(time.time()) - 900),
                 401, "invalid_client", 700024)


# --- consent and the rest


def test_admin_consent(entra, tenant):
    customer = entra.add_tenant(domain="customer.test")
    back = "https://mdm.vendor.test/consent"
    app = entra.add_app(tenant, multiTenant=True, redirectUris=[back],
                        requestedRoles=["Device.ReadWrite.All"])
    query = f"?client_id={app}&state=a%26b&redirect_uri={back}"
    answer = entra.login(f"/{customer}/adminconsent{query}")
    assert answer.status == 302
    assert answer.headers["Location"] == \
        f"{back}?tenant={customer}&admin_consent=True&state=a%26b"
    rows = entra.control("GET", f"consents?tenant={customer}")
    assert [row["roles"] for row in rows] == [["Device.ReadWrite.All"]]

    refused_with(entra.login(f"/{customer}/adminconsent{query}.evil.test"),
                 400, "invalid_request", 50011)
    assert entra.login(f"/common/adminconsent{query}").status == 400
    entra.settings(commonTenant=customer)
    assert entra.login(f"/common/adminconsent{query}").status == 302
    entra.control("PATCH", f"tenants/{customer}", {"deniesConsent": True})
    location = entra.login(f"/{customer}/adminconsent{query}").headers["Location"]
    assert "error=permission_denied" in location and "state=a%26b" in location


def test_single_tenant_app_cannot_be_consented_elsewhere(entra, tenant, app):
    customer = entra.add_tenant()
    with pytest.raises(ControlError):
        entra.add_consent(customer, app)
    refused_with(entra.login(f"/{customer}/adminconsent?client_id={app}&redirect_uri=x"),
                 400, "unauthorized_client", 700016)


def test_error_page_and_unknown_addresses(entra):
    assert b"AADSTS50011" in entra.login("/error?code=50011").body
    assert entra.login("/favicon.ico").status == 404
    assert entra.login("/common/discovery/keys", method="POST").status == 405


# --- the program


def run(*words):
    return subprocess.run([str(build_dir() / "sim/entra/muster-entra"), *words],
                          capture_output=True, text=True, timeout=30)


def test_help_and_version():
    assert run("--help").stdout.startswith("Usage: muster-entra")
    assert run("--version").stdout.startswith("muster-entra ")
    assert run("--help").returncode == run("--version").returncode == 0


@pytest.mark.parametrize("words", [
    [], ["--dir"], ["--dir", "x", "--port", "1"], ["--dir", "x", "more"],
    ["--dir", "x", "--listen", "0.0.0.0:1"], ["--dir", "x", "--control-listen", "10.0.0.1:1"]])
def test_wrong_usage_is_2_and_one_line(words):
    result = run(*words)
    assert result.returncode == 2
    assert result.stderr.startswith("muster-entra: ") and result.stderr.count("\n") == 1


def test_start_that_fails_is_1_and_one_line(tmp_path, entra_process):
    taken = entra_process.login_url[len("https://"):]
    for words in [["--dir", str(tmp_path / "a/b")],
                  ["--dir", str(tmp_path / "c"), "--listen", taken],
                  ["--dir", str(tmp_path / "d"), "--seed", str(tmp_path / "absent.json")]]:
        result = run(*words)
        assert result.returncode == 1
        assert result.stderr.startswith("muster-entra: ") and result.stderr.count("\n") == 1


def test_files_of_the_directory(entra_process):
    directory = entra_process.dir
    for name in ["control.token", "ca.key", "server.key"]:
        assert (directory / name).stat().st_mode & 0o777 == 0o600
    certificate = x509.load_pem_x509_certificate((directory / "ca.crt").read_bytes())
    constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    assert constraints.critical and constraints.value.ca
    assert set(json.loads((directory / "endpoints.json").read_text())) >= {
        "login_url", "graph_url", "control_url"}


def test_restart_keeps_addresses_and_ca(tmp_path):
    with EntraSim(tmp_path / "run") as sim:
        url, ca, kids = sim.login_url, sim.ca.read_bytes(), sim.keys()["current"]["kid"]
        sim.restart()
        assert (sim.login_url, sim.ca.read_bytes()) == (url, ca)
        assert sim.keys()["current"]["kid"] != kids


def test_seed_file(tmp_path):
    tenant, app = str(uuid.uuid4()), str(uuid.uuid4())
    seed = [{"call": "POST tenants", "body": {"tenantId": tenant, "domain": "seed.test"}},
            {"call": "POST apps", "body": {"tenant": tenant, "clientId": app}},
            {"call": "POST secrets", "body": {"app": app, "value": "open sesame"}}]
    with EntraSim(tmp_path / "run", seed=seed) as sim:
        assert sim.graph_token(tenant, app, "open sesame")
    seed[1]["body"]["surprise"] = 1
    with pytest.raises(RuntimeError, match="seed: entry 2"):
        EntraSim(tmp_path / "bad", seed=seed).start()


def test_control_wants_its_token(entra):
    for headers in [{}, {"Authorization": "Bearer x"}, {"Authorization": "Basic eDp4"}]:
        assert entra.request(entra.control_url + "/_ctl/keys", headers=headers).status == 401
    for method, path in [("GET", "nothing"), ("POST", "keys/burn"), ("GET", "devices/x")]:
        with pytest.raises(ControlError) as refused:
            entra.control(method, path)
        assert refused.value.status == 404
