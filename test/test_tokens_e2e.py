# SPDX-License-Identifier: Apache-2.0
"""Entra tokens against the running server, at the Terms of Use, at the certificate policy and at
enrolment: what is taken, what is refused and as what, and how often signing keys are fetched.

src/entra has the same rules case by case; here each must hold in every channel that takes a token.
"""

import json
import time
import uuid

import pytest

import windows
from jose_util import b64url, parts
from tenancy import attempt_of, newest_attempt, parallel
from world import URI

FORM, IDENTITY, PERMISSION = "a:InvalidSecurity", "s:Authentication", "s:Authorization"
WORDS = {FORM: "unauthorized_client", IDENTITY: "unauthorized_client",
         PERMISSION: "unauthorized user or tenant"}
CONSUMER = "9188040d-6c67-4c5b-b112-36a304b66dad"
GRAPH = "00000003-0000-0000-c000-000000000000"


@pytest.fixture
def keys(entra_process):
    """The stand-in may rotate: afterwards it has as many published keys as before."""
    yield entra_process
    entra_process.clear_faults()


def now(seconds):
    return int(time.time()) + seconds


def terms(tenant, token):
    """How the page answers: "ok", or error and description of the redirect."""
    reply = windows.terms_get(tenant.server, token)
    if reply.status == 200:
        return "ok"
    answer = windows.redirect_query(reply)
    return answer["error"], answer["error_description"]


def fault(tenant, reply):
    """Subcode and reason, or "ok"."""
    if reply.status == 200:
        return "ok"
    found = windows.Fault(reply)
    row = attempt_of(tenant.server, found.trace_id)
    assert row["outcome"] == "refused" and row["remedy"]
    whose_it_was(tenant, row)
    assert row["reason"].replace("token_", "") not in found.text.lower().replace("signature", "x")
    return found.subcode, row["reason"]


# Refused although who signed it, and for which application, was proved.
PROVED = {f"token_{reason}" for reason in (
    "times", "expired", "not_yet", "class", "scope", "object_id", "guest", "device_id_missing",
    "device_id_malformed")}


def whose_it_was(tenant, row):
    """Tenant and device are recorded where they were proved, and nowhere else; a name that was not
    is kept as a claim."""
    if row["reason"] in PROVED:
        assert row["tenant_id"] == tenant.tenant and not row["user_claimed"], row
    else:
        assert row["tenant_id"] == "" and not row["entra_device_id"] and not row["auth"], row
        assert not row["user_principal_name"] or row["user_claimed"], row


def is_refused(tenant, mint, kind, reason, csr, channels=("terms", "policy", "enroll")):
    """In every channel, with the same reason, and nothing written but the attempts."""
    device = str(uuid.uuid4())
    if "terms" in channels:
        token = mint(None)
        assert terms(tenant, token) == ("unauthorized_client", WORDS[kind])
        row = newest_attempt(tenant.server, stage="terms")
        assert (row["reason"], row["outcome"]) == (f"token_{reason}", "refused"), row
        assert row["remedy"] and row["error_code"] == ""
        whose_it_was(tenant, row)
    token = mint(device)
    if "policy" in channels:
        reply = windows.get_policies(tenant.server, windows.jwt_security(token))
        assert fault(tenant, reply) == (kind, f"token_{reason}")
    if "enroll" in channels:
        assert fault(tenant, tenant.post(token, None, csr=csr)) == (kind, f"token_{reason}")


def minted(**fields):
    """A mint of a user token with these changes."""
    def mint(tenant, device):
        wish = dict(fields)
        if device and "device" not in wish:
            wish["device"] = device
        return tenant.entra.mint(tenant.app, **{"user": tenant.user, **wish})
    return mint


def claims(**overrides):
    return minted(overrides=overrides)


def header(**overrides):
    return minted(headerOverrides=overrides)


def edited(change):
    """The compact form, bent."""
    return lambda tenant, device: change(minted()(tenant, device))


def raw(change_header=None, change_claims=None):
    """Signed as it is, with bytes no JSON writer would make."""
    def mint(tenant, device):
        head, body = parts(minted()(tenant, device))
        wish = {}
        if change_claims:
            wish["rawPayload"] = change_claims(json.dumps(body))
        if change_header:
            wish["rawHeader"] = change_header(json.dumps(head))
        return tenant.entra.mint(tenant.app, user=tenant.user, **wish)
    return mint


def issuer(text):
    return lambda tenant, device: minted(overrides={
        "iss": text.format(login=tenant.entra.login_url, tid=tenant.tenant,
                           other=uuid.uuid4())})(tenant, device)


def only_app(tenant, device):
    return tenant.entra.mint(tenant.app, **({"device": device} if device else {}))


BAD = {
    # 1: whose
    "case1_tid_not_configured": (claims(tid=str(uuid.uuid4())), IDENTITY, "tenant_unknown"),
    "case1_our_tid_foreign_issuer": (issuer("{login}/{other}/v2.0"), IDENTITY, "issuer"),
    "case1_issuer_without_version": (issuer("{login}/{tid}/"), IDENTITY, "issuer"),
    "case1_issuer_with_slash": (issuer("{login}/{tid}/v2.0/"), IDENTITY, "issuer"),
    "case1_issuer_of_version_1": (issuer("https://sts.muster.test/{tid}/"), IDENTITY, "issuer"),
    "case1_issuer_of_another_cloud": (issuer("https://login.microsoftonline.us/{tid}/v2.0"),
                                      IDENTITY, "issuer"),
    "case1_consumer": (claims(tid=CONSUMER), IDENTITY, "tenant_consumer"),
    "case1_tid_no_guid": (claims(tid="common"), IDENTITY, "tenant_malformed"),
    "case1_no_tid": (claims(tid=None), IDENTITY, "tenant_malformed"),
    "case1_guest_by_acct": (claims(acct=1), PERMISSION, "guest"),
    "case1_guest_by_idp": (claims(idp=f"https://sts.windows.net/{uuid.uuid4()}/"), PERMISSION,
                           "guest"),
    # 2: algorithm
    "case2_none": (minted(alg="none"), FORM, None),  # with no signature it has no third part
    "case2_none_in_the_header_only": (header(alg="none"), FORM, "algorithm"),
    "case2_nOnE": (header(alg="nOnE"), FORM, "algorithm"),
    "case2_missing": (header(alg=None), FORM, "algorithm"),
    "case2_a_list": (header(alg=["RS256"]), FORM, "algorithm"),
    "case2_hs256_with_the_public_key": (minted(alg="HS256"), FORM, "algorithm"),
    "case2_rs384": (minted(alg="RS384"), FORM, "algorithm"),
    "case2_ps256": (minted(alg="PS256"), FORM, "algorithm"),
    "case2_es256": (minted(alg="ES256", key="ec"), FORM, "algorithm"),
    # 3: key id and header
    "case3_no_kid": (header(kid=None), FORM, "key_id"),
    "case3_kid_path": (header(kid="../../etc/passwd"), FORM, "key_id"),
    "case3_kid_sql": (header(kid="' OR 1=1 --"), FORM, "key_id"),
    "case3_kid_number": (header(kid=1), FORM, "key_id"),
    "case3_kid_long": (header(kid="A" * 129), FORM, "key_id"),
    "case3_kid_unknown": (header(kid="unknown"), IDENTITY, "key_unknown"),
    "case3_jku": (header(jku="https://127.0.0.1:9/keys"), FORM, "embedded_key"),
    "case3_x5u": (header(x5u="https://127.0.0.1:9/cert"), FORM, "embedded_key"),
    "case3_jwk": (header(jwk={"kty": "RSA"}), FORM, "embedded_key"),
    "case3_x5c": (header(x5c=["AAAA"]), FORM, "embedded_key"),
    "case3_crit": (header(crit=["b64"], b64=False), FORM, "critical"),
    "case3_zip": (header(zip="DEF"), FORM, "critical"),
    "case3_type": (header(typ="JWE"), FORM, "type"),
    # keys
    "key_of_nobody": (minted(key="foreign"), IDENTITY, "key_unknown"),
    "key_not_published_yet": (minted(key="next"), IDENTITY, "key_unknown"),
    "key_retired": (minted(key="retired"), IDENTITY, "key_unknown"),
    "key_of_consumers": (minted(key="consumer"), IDENTITY, "key_issuer"),
    "key_of_another_tenant": (minted(key="other-tenant"), IDENTITY, "key_issuer"),
    "key_of_another_but_named_ours": (lambda t, d: minted(key="foreign", headerOverrides={
        "kid": t.entra.keys()["current"]["kid"]})(t, d), IDENTITY, "signature"),
    # 4: audience and kind
    "case4_graph": (claims(aud=GRAPH), IDENTITY, "audience"),
    "case4_graph_by_name": (claims(aud="https://graph.microsoft.com"), IDENTITY, "audience"),
    "case4_arm": (claims(aud="https://management.azure.com/"), IDENTITY, "audience"),
    "case4_another_application": (claims(aud=str(uuid.uuid4())), IDENTITY, "audience"),
    "case4_uri_in_version_2": (claims(aud=URI), IDENTITY, "audience"),
    "case4_suffix": (claims(aud=URI + ".evil.com"), IDENTITY, "audience"),
    "case4_list": (lambda t, d: minted(overrides={"aud": [t.app]})(t, d), IDENTITY, "audience"),
    "case4_two": (lambda t, d: minted(overrides={"aud": [t.app, GRAPH]})(t, d), IDENTITY,
                  "audience"),
    "case4_blank": (lambda t, d: minted(overrides={"aud": t.app + " "})(t, d), IDENTITY,
                    "audience"),
    "case4_slash": (lambda t, d: minted(overrides={"aud": t.app + "/"})(t, d), IDENTITY,
                    "audience"),
    "case4_made_for_graph": (header(nonce="x"), IDENTITY, "graph_token"),
    "case4_id_token": (claims(nonce="x", scp=None), IDENTITY, "class"),
    "case4_app_only": (only_app, IDENTITY, "class"),
    "case4_idtyp_app": (claims(idtyp="app"), IDENTITY, "class"),
    "case4_idtyp_device": (claims(idtyp="device"), IDENTITY, "class"),
    "case4_unknown_version": (claims(ver="3.0"), IDENTITY, "version"),
    "case4_version_1_in_name_only": (claims(ver="1.0"), IDENTITY, None),
    # 5: time
    "case5_expired": (lambda t, d: claims(exp=now(-301), nbf=now(-4000), iat=now(-4000))(t, d),
                      IDENTITY, "expired"),
    "case5_not_yet": (lambda t, d: claims(nbf=now(330), exp=now(4000))(t, d), IDENTITY, "not_yet"),
    "case5_issued_in_the_future": (lambda t, d: claims(iat=now(330))(t, d), IDENTITY, "not_yet"),
    "case5_no_exp": (claims(exp=None), IDENTITY, "times"),
    "case5_no_nbf": (claims(nbf=None), IDENTITY, "times"),
    "case5_no_iat": (claims(iat=None), IDENTITY, "times"),
    "case5_exp_text": (lambda t, d: claims(exp=str(now(3000)))(t, d), IDENTITY, "times"),
    "case5_exp_fraction": (lambda t, d: claims(exp=now(3000) + 0.5)(t, d), IDENTITY, "times"),
    "case5_exp_negative": (claims(exp=-1), IDENTITY, "times"),
    "case5_exp_huge": (claims(exp=1e308), IDENTITY, "times"),
    "case5_iat_2100": (claims(iat=4102444800), IDENTITY, "not_yet"),
    "case5_a_week": (lambda t, d: claims(exp=now(7 * 86400))(t, d), IDENTITY, "times"),
    # 6: signature and form
    "case6_bit_flipped": (minted(tamper="signature"), IDENTITY, "signature"),
    "case6_payload_changed": (minted(tamper="payload"), None, None),
    "case6_short_signature": (minted(tamper="short-signature"), None, None),
    "case6_empty_signature": (minted(tamper="empty-signature"), None, None),
    "case6_two_parts": (minted(tamper="two-parts"), FORM, "malformed"),
    "case6_four_parts": (edited(lambda t: t + ".AAAA"), FORM, "malformed"),
    "case6_padded": (edited(lambda t: t + "=="), FORM, "malformed"),
    "case6_not_base64": (edited(lambda t: t[:-1] + "!"), FORM, "malformed"),
    "case6_standard_alphabet": (edited(lambda t: t.replace("-", "+").replace("_", "/")), None,
                                None),
    "case6_blank_inside": (edited(lambda t: t.replace(".", ". ", 1)), FORM, "malformed"),
    "case6_tid_twice": (minted(extra={"tid": str(uuid.uuid4())}), FORM, None),
    "case6_tid_in_two_spellings": (minted(extra={"Tid": str(uuid.uuid4())}), FORM,
                                   "duplicate_claim"),
    "case6_alg_twice": (minted(headerExtra={"alg": "none"}), FORM, None),
    "case6_not_json": (raw(None, lambda c: c[:-1]), FORM, "malformed"),
    "case6_trailing": (raw(None, lambda c: c + "x"), FORM, "malformed"),
    "case6_bom": (raw(None, lambda c: "\ufeff" + c), FORM, "malformed"),
    "case6_deep": (raw(None, lambda c: c[:-1] + ', "x": ' + "[" * 1000 + "]" * 1000 + "}"), FORM,
                   None),
    "case6_list": (raw(None, lambda c: f"[{c}]"), FORM, "malformed"),
    # 7: what is missing
    "case7_no_oid": (claims(oid=None), IDENTITY, None),
    "case7_oid_no_guid": (claims(oid="anna"), IDENTITY, "object_id"),
    "case7_no_scope": (claims(scp=None), None, None),
    "case7_scope_longer": (claims(scp="mdm_delegationX"), PERMISSION, "scope"),
    "case7_scope_in_a_word": (claims(scp="x.mdm_delegation User.Read"), PERMISSION, "scope"),
    "case7_scope_in_capitals": (claims(scp="MDM_DELEGATION"), PERMISSION, "scope"),
}


def test_bad_tokens_are_refused_in_every_channel(site):
    """All of BAD, one after the other, on one tenant that stays as it is."""
    tenant = site.tenant(terms_required=False)
    csr = windows.csr_der(site.key())
    assert terms(tenant, tenant.terms_token()) == "ok"
    kept = ("devices", "certificates", "commands", "outbox", "audit")
    before = tenant.counts(tables=kept)
    for name, (mint, kind, reason) in BAD.items():
        def make(device, mint=mint):
            return mint(tenant, device)
        try:
            if kind and reason:
                is_refused(tenant, make, kind, reason, csr)
            else:
                any_refusal(tenant, make, kind, csr)
        except AssertionError as error:
            raise AssertionError(f"{name}: {error}") from error
    assert tenant.counts(tables=kept) == before
    assert site.entra.violations()["trap"] == 0
    assert len(tenant.keys_fetched()) <= 3  # at first, once for unknown keys; version 1 for one


def any_refusal(tenant, mint, kind, csr):
    """Refused in all channels; where kind is None, for a reason that depends on chance."""
    answer = terms(tenant, mint(None))
    assert answer != "ok" and answer[0] == "unauthorized_client", answer
    for reply in (windows.get_policies(tenant.server, windows.jwt_security(mint(str(uuid.uuid4())))),
                  tenant.post(mint(str(uuid.uuid4())), None, csr=csr)):
        answer = fault(tenant, reply)
        assert answer != "ok" and (kind is None or answer[0] == kind), answer


def test_case7_enrolment_needs_a_device_and_the_terms_do_not(site):
    tenant = site.tenant(terms_required=False)
    csr = windows.csr_der(site.key())
    bare = tenant.terms_token()
    assert terms(tenant, bare) == "ok"
    is_refused(tenant, lambda _: bare, PERMISSION, "device_id_missing", csr, ("policy", "enroll"))
    odd = tenant.terms_token(overrides={"deviceid": "DESKTOP-1"})
    is_refused(tenant, lambda _: odd, IDENTITY, "device_id_malformed", csr)


def test_a_token_is_cut_off_before_it_is_read(site):
    tenant = site.tenant(terms_required=False)
    csr = windows.csr_der(site.key())
    long = b64url(b'{"alg":"RS256","kid":"x","typ":"JWT"}') + "." + "A" * 16384 + ".AAAA"
    reply = tenant.post(long, None, csr=csr)
    assert windows.Fault(reply).subcode == FORM
    assert terms(tenant, long)[0] == "unauthorized_client"


def good_tokens(tenant, version):
    """Every spelling that is taken."""
    yield "plain", {}
    yield "no upn", {"upn": None}
    yield "no name at all", {"upn": None, "preferred_username": None, "unique_name": None,
                             "name": None}
    yield "several scopes", {"scp": "User.Read mdm_delegation"}
    yield "user by idtyp", {"idtyp": "user"}
    yield "member", {"acct": 0}
    yield "just expired", {"exp": now(-290), "nbf": now(-3000), "iat": now(-3000)}
    yield "early", {"nbf": now(290), "iat": now(290)}
    yield "a day long", {"exp": now(27 * 3600)}
    yield "client id in capitals", {"aud": tenant.app.upper()}
    yield "new claims", {"xms_new": {"a": [1]}, "wids": ["x"]}
    if version == 1:
        yield "uri", {"aud": URI}
        yield "uri with slash", {"aud": URI + "/"}
        yield "client id", {"aud": tenant.app}


@pytest.mark.parametrize("version", [1, 2])
def test_good_tokens_of_both_versions(site, version):
    tenant = site.tenant(version)
    for name, overrides in good_tokens(tenant, version):
        assert terms(tenant, tenant.terms_token(overrides=overrides)) == "ok", name
        token = tenant.enroll_token(tenant.new_device(), overrides=overrides)
        reply = windows.get_policies(site.server, windows.jwt_security(token))
        assert reply.status == 200, (name, reply.body)
    tenant.join()
    assert len(tenant.keys_fetched()) == 1
    # Another URI of the tenant's list is as good as the first.
    if version == 1:
        tenant.set(app_id_uris=["https://other.example/", URI])
        assert terms(tenant, tenant.terms_token(overrides={"aud": "https://other.example"})) == "ok"
        for aud in ("https://other.example//", "https://OTHER.example", "other.example"):
            assert terms(tenant, tenant.terms_token(overrides={"aud": aud})) != "ok"


def test_version_1_can_be_switched_off(site):
    tenant = site.tenant(version=1)
    token = tenant.terms_token()
    assert terms(tenant, token) == "ok"
    tenant.set(v1_tokens_allowed=False)
    assert terms(tenant, token) == ("unauthorized_client", "unauthorized_client")
    assert newest_attempt(site.server, stage="terms")["reason"] == "token_version"
    assert terms(tenant, tenant.terms_token(ver=2)) == "ok"


def test_case5_a_token_outside_its_time(site, keys):
    """By the clock of whoever issued it, two hours behind and a quarter of one ahead."""
    tenant = site.tenant(terms_required=False)
    csr = windows.csr_der(site.key())
    try:
        keys.clock(-7200)
        old = tenant.enroll_token(tenant.new_device(), lifetime=3600)
        keys.clock(900)
        early = tenant.enroll_token(tenant.new_device())
    finally:
        keys.clock(0)
    is_refused(tenant, lambda _: old, IDENTITY, "expired", csr)
    is_refused(tenant, lambda _: early, IDENTITY, "not_yet", csr)


def test_case1_a_token_of_another_managed_tenant(site):
    """Good where it belongs, and nothing here: neither device nor user of the other tenant."""
    ours, theirs = site.tenant(terms_required=False), site.tenant(terms_required=False)
    token = site.entra.mint(ours.app, tenant=theirs.tenant, user=theirs.user,
                            device=theirs.new_device())
    assert fault(ours, ours.post(token, None)) == (IDENTITY, "token_audience")
    entra_id = theirs.new_device()
    theirs.post(theirs.enroll_token(entra_id), None)
    assert theirs.device(entra_id)["tenant_id"] == theirs.tenant
    assert ours.counts(tables=["devices"])["devices"] == 0


def test_a_disabled_tenant_is_refused_in_every_channel(site):
    tenant = site.tenant(terms_required=False)
    token, entra_id = tenant.terms_token(), tenant.new_device()
    enroll = tenant.enroll_token(entra_id)
    csr = windows.csr_der(site.key())
    tenant.set(enabled=False)
    assert terms(tenant, token) == ("unauthorized_client", "unauthorized user or tenant")
    is_refused(tenant, lambda _: enroll, IDENTITY, "tenant_disabled", csr, ("policy", "enroll"))
    tenant.set(enabled=True)
    assert terms(tenant, token) == "ok"
    assert tenant.post(enroll, None, csr=csr).status == 200


def test_too_many_groups_lead_nowhere(site):
    """The claim names an address to ask; it is not asked."""
    tenant = site.tenant()
    token = tenant.terms_token(groups=[str(uuid.uuid4()) for _ in range(250)])
    assert "_claim_sources" in parts(token)[1]
    assert terms(tenant, token) == "ok"
    assert site.entra.violations()["trap"] == 0


# How often keys are fetched (entra.md 1.4)

def test_keys_are_fetched_once_for_many_tokens(site):
    tenant = site.tenant()
    tokens = [tenant.terms_token() for _ in range(20)]
    assert set(parallel([lambda t=t: terms(tenant, t) for t in tokens])) == {"ok"}
    assert len(tenant.keys_fetched()) == 1


def test_case3_unknown_keys_cause_one_fetch(site):
    tenant = site.tenant()
    assert terms(tenant, tenant.terms_token()) == "ok"
    tokens = [tenant.terms_token(headerOverrides={"kid": f"unknown-{i}"}) for i in range(30)]
    answers = parallel([lambda t=t: terms(tenant, t) for t in tokens])
    assert set(answers) == {("unauthorized_client", "unauthorized_client")}
    assert len(tenant.keys_fetched()) <= 2
    assert terms(tenant, tenant.terms_token()) == "ok"


def test_tokens_of_strangers_cause_no_fetch(site):
    mark = max((row["seq"] for row in site.entra.log(listener="login")), default=0)
    stranger = site.entra.add_tenant(domain=f"s{uuid.uuid4().hex}.test")
    app = site.entra.add_app(stranger, version=2, uris=[URI])
    user = site.entra.add_user(stranger, "x@stranger.test")
    token = site.entra.mint(app, user=user, device=str(uuid.uuid4()))
    for _ in range(5):
        reply = windows.terms_get(site.server, token)
        assert windows.redirect_query(reply)["error"] == "unauthorized_client"
    assert not [r for r in site.entra.log(listener="login", after=mark) if stranger in r["path"]]


@pytest.mark.parametrize("version", [1, 2])
def test_after_a_rotation_both_keys_are_good(site, keys, version):
    tenant = site.tenant(version)
    old = tenant.terms_token()
    assert terms(tenant, old) == "ok"
    keys.rotate()
    new = tenant.terms_token()
    assert parts(old)[0]["kid"] != parts(new)[0]["kid"]
    assert terms(tenant, new) == "ok"
    assert terms(tenant, old) == "ok"
    assert len(tenant.keys_fetched()) == 2


def test_after_an_emergency_rotation_one_fetch_is_enough(site, keys):
    tenant = site.tenant()
    assert terms(tenant, tenant.terms_token()) == "ok"
    keys.key_operation("emergency-rotate")
    tokens = [tenant.terms_token() for _ in range(8)]
    assert set(parallel([lambda t=t: terms(tenant, t) for t in tokens])) == {"ok"}
    assert len(tenant.keys_fetched()) == 2
    # A tenant that never knew the old key does not take it now.
    fresh = site.tenant()
    assert terms(fresh, fresh.terms_token()) == "ok"


def test_a_weak_key_is_not_taken_although_it_is_published(site, keys):
    keys.key_operation("publish", "weak1024")
    try:
        tenant = site.tenant(terms_required=False)
        csr = windows.csr_der(site.key())
        assert terms(tenant, tenant.terms_token()) == "ok"
        any_refusal(tenant, lambda d: minted(key="weak1024")(tenant, d), IDENTITY, csr)
    finally:
        keys.key_operation("unpublish", "weak1024")


def test_without_any_keys_it_is_the_server_that_cannot(site, keys):
    """A tenant whose keys were never had: told to come again, and then served."""
    tenant = site.tenant(terms_required=False)
    csr = windows.csr_der(site.key())
    keys.fault("drop", listener="login", prefix=f"/{tenant.tenant}")
    enroll = tenant.enroll_token(tenant.new_device())
    reply = tenant.post(enroll, None, csr=csr)
    found = windows.Fault(reply)
    assert found.subcode == "s:EnrollmentServer" and int(reply.headers["retry-after"]) > 0
    row = attempt_of(site.server, found.trace_id)
    assert row["reason"] == "token_keys_unavailable" and row["error_code"] == "0x80180005"
    assert terms(tenant, tenant.terms_token()) == ("server_error", "internal service error")
    assert len(site.entra.log(listener="login", path=f"/{tenant.tenant}")) <= 4
    keys.clear_faults()
    site.entra.wait_for(lambda: terms(tenant, tenant.terms_token()) == "ok", timeout=30)
    assert tenant.post(enroll, None, csr=csr).status == 200


@pytest.mark.parametrize("kind,more", [
    ("foreign-jwks-uri", {}), ("empty-keys", {}), ("not-json", {}),
    ("huge", {}), ("redirect", {"location": "https://127.0.0.1:9/"}), ("status", {"status": 500})])
def test_case23_keys_that_come_wrong_are_not_taken(site, keys, kind, more):
    tenant = site.tenant()
    keys.fault(kind, listener="login", prefix=f"/{tenant.tenant}", **more)
    assert terms(tenant, tenant.terms_token()) == ("server_error", "internal service error")
    keys.clear_faults()


def test_case23_an_issuer_that_changes_is_not_believed(site, keys):
    """Nor is what it would sign; what was had before goes on."""
    tenant = site.tenant()
    assert terms(tenant, tenant.terms_token()) == "ok"
    evil = "https://evil.example/v2.0"
    keys.fault("wrong-issuer", listener="login", prefix=f"/{tenant.tenant}", location=evil)
    unknown = tenant.terms_token(headerOverrides={"kid": "unknown"}, overrides={"iss": evil})
    assert terms(tenant, unknown) == ("unauthorized_client", "unauthorized_client")
    assert terms(tenant, tenant.terms_token(overrides={"iss": evil})) != "ok"
    assert terms(tenant, tenant.terms_token()) == "ok"


def restarted(site, before_start=None):
    site.server.stop()
    if before_start:
        before_start()
    site.server.start()


@pytest.mark.parametrize("version", [1, 2])
def test_a_restart_while_entra_is_away_uses_the_stored_keys(site, keys, version):
    tenant = site.tenant(version)
    token = tenant.terms_token()
    assert terms(tenant, token) == "ok"
    keys.fault("drop", listener="login")
    restarted(site)
    assert terms(tenant, token) == "ok"
    blob = windows.accept_terms(site.server, tenant.terms_token())
    assert tenant.post(tenant.enroll_token(tenant.new_device()), blob).status == 200


def test_stored_keys_serve_for_a_day_and_no_longer(site, keys):
    tenant = site.tenant()
    assert terms(tenant, tenant.terms_token()) == "ok"
    keys.fault("drop", listener="login")

    def age(hours):
        return lambda: site.execute("UPDATE signing_keys SET fetched_at = fetched_at - "
                                    f"{hours * 3600} WHERE tenant_id = '{tenant.tenant}'")

    restarted(site, age(22))
    assert terms(tenant, tenant.terms_token()) == "ok"
    restarted(site, age(3))
    assert terms(tenant, tenant.terms_token()) == ("server_error", "internal service error")
    keys.clear_faults()
    restarted(site)
    assert terms(tenant, tenant.terms_token()) == "ok"


def test_the_token_may_be_spelled_as_windows_does(site):
    """Line breaks and blanks round the base64, either alphabet, padded or not."""
    tenant = site.tenant(terms_required=False)
    token = tenant.enroll_token(tenant.new_device())
    security = windows.jwt_security(token)
    text = security.split(">")[2].split("<")[0]
    for spelled in (text, text.rstrip("="), f"\r\n  {text}\r\n", text[:40] + "\n" + text[40:],
                    text.replace("+", "-").replace("/", "_"), text.replace("\n", "&#xD;")):
        reply = windows.get_policies(site.server, security.replace(text, spelled))
        assert reply.status == 200, spelled[:60]
