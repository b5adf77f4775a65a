# SPDX-License-Identifier: Apache-2.0
"""What somebody only claims is told as a claim, found by the name that was claimed, and never part of
a proved user's joining."""

import uuid

import pytest

import windows
from federation import Federated, as_new, other, provider  # noqa: F401
from signed_header import Authority, Header
from signing_in import back, cookie_of, start, to_provider
from tenancy import attempt_of
from test_certificate_enrollment import Joining
from test_stories import muster, name_of, steps, stories, story_of


def of_name(site, name):
    """The stories of whoever is called so."""
    return site.server.items(f"enrollment-stories?user_principal_name={name}")


def policies(site, token):
    return windows.get_policies(site.server, windows.jwt_security(token))


# Signing in

def test_a_sign_in_that_went_well_is_a_step(other):
    windows.discover(other.server, email=other.email, auth=("Federated",))
    token = other.sign_in()
    [story] = stories(other.tenancy)
    assert steps(story) == [("discovery", "ok"), ("sign-in", "ok")]
    assert story["state"] == "open" and not story["user_claimed"]
    assert story["summary"] == "otto@partner.test signed in, and has not gone on yet."
    other.enroll(token)
    [story] = stories(other.tenancy)
    assert steps(story) == [("discovery", "ok"), ("sign-in", "ok"), ("request", "ok")]
    assert story["attempts"][1]["client_request_id"] == story["attempts"][2]["client_request_id"]


def test_two_sign_ins_of_one_user_are_two_stories(other):
    tokens = [other.sign_in(), other.sign_in()]
    for token in reversed(tokens):
        other.enroll(token, device_id=uuid.uuid4().hex.upper())
    found = stories(other.tenancy)
    assert [steps(story) for story in found] == [[("sign-in", "ok"), ("request", "ok")]] * 2
    assert found[0]["device_id"] != found[1]["device_id"]


def test_the_sign_in_of_a_wrong_secret_is_found_by_name(other, provider):
    provider.secret = "another"
    windows.discover(other.server, email=other.email, auth=("Federated",))
    assert other.walk().status == 502
    [story] = of_name(other, other.email)
    assert steps(story) == [("discovery", "ok"), ("sign-in", "refused")]
    assert story["tenant_id"] == other.tenant
    assert story["state"] == "refused" and story["user_claimed"]
    assert story["attempts"][1]["reason"] == "sign_in_client"
    assert story["attempts"][1]["auth"] == ""
    assert story["summary"] == (
        f"Somebody who called themselves {other.email} found the server, and was refused at the step "
        "sign-in: The identity provider does not accept this server's client id or secret.")
    assert "client_secret" in story["remedy"] or "--client-secret-file" in story["remedy"]
    assert story["remedy"].endswith("The provider says: invalid_client")


@pytest.mark.parametrize("error,reason", [
    ("invalid_client", "sign_in_client"), ("unauthorized_client", "sign_in_client"),
    ("invalid_grant", "sign_in_code"), ("invalid_request", "sign_in_exchange"),
    ("interaction_required", "sign_in_exchange")])
def test_what_the_provider_says_at_the_exchange(other, provider, error, reason):
    said = "AADSTS70000: \x1b[31mno\r\n\u00fc" + "x" * 400
    provider.token_error = {"error": error, "error_description": said}
    page = other.walk()
    assert page.status == 502 and b"AADSTS" not in page.body
    row = other.server.attempts(tenant_id=other.tenant)[0]
    assert (row["reason"], row["user_principal_name"]) == (reason, other.email)
    told = row["remedy"].partition(" The provider says: ")[2]
    assert told.startswith(f"{error}: AADSTS70000:  [31mno")
    assert told.isascii() and told.isprintable() and len(told) < 300


def test_what_the_provider_says_in_the_browser(other, provider):
    provider.error = "temporarily_unavailable"
    first = start(other.server, other.email)
    place = to_provider(other.entra, first) + "&error_description=AADSTS50105%3A+not+assigned%0d%0a%3Cb%3E"
    page = back(other.server, place, cookie_of(first)[0])
    assert page.status == 502 and b"AADSTS" not in page.body
    row = other.server.attempts(tenant_id=other.tenant)[0]
    assert row["remedy"].endswith(
        "The provider says: temporarily_unavailable: AADSTS50105: not assigned  <b>")
    assert (row["user_principal_name"], row["user_claimed"]) == (other.email, True)


def test_a_state_of_nobody_names_nobody(other):
    first = start(other.server, other.email)
    place = to_provider(other.entra, first)
    assert back(other.server, place, None).status == 400
    row = other.server.api("GET", "enrollments?limit=1")["items"][0]
    assert (row["reason"], row["tenant_id"], row["user_principal_name"]) == ("sign_in_state", "", "")


def test_the_check_tells_a_wrong_secret(site, other):
    def findings():
        return {f["what"]: f for f in other.server.api(
            "POST", f"tenants/{other.tenant}/identity-provider/check", {})["findings"]}
    assert findings()["client id and secret"] == {"what": "client id and secret", "ok": True,
                                                  "detail": ""}
    other.change(client_secret="wrong")
    found = findings()
    assert found["metadata"]["ok"] and not found["client id and secret"]["ok"]
    assert "invalid_client" in found["client id and secret"]["detail"]
    other.provider.token_error = {"error": "invalid_request"}
    found = findings()["client id and secret"]
    assert found["ok"] and "does not tell" in found["detail"]
    other.provider.token_error = None
    other.provider.statuses = {"/token": 500}
    assert not findings()["client id and secret"]["ok"]


# Certificates

def test_a_certificate_of_an_unknown_ca_is_told_of(site):
    joining = Joining(site)
    joining.tenant.set(domains=[joining.tenant.domain])
    stranger = Authority(number=4)
    name = f"bob@{joining.tenant.domain}"
    bob = stranger.issue("Bob", upn=name)
    windows.discover(site.server, email=name, auth=("Certificate",))
    row = joining.refused(joining.policies(Header(bob)), "s:Authentication",
                          "certificate_untrusted")
    assert (row["user_principal_name"], row["user_claimed"]) == (name, True)
    assert row["tenant_id"] == row["auth"] == ""
    cn = stranger.certificate.subject.rfc4514_string()
    assert f'calls itself "CN=Bob", its issuer "{cn}"' in row["remedy"]
    assert "has the same name" not in row["remedy"]
    story = story_of(site, row["trace_id"])
    assert steps(story) == [("discovery", "ok"), ("policy", "refused")]
    told = muster(site, "enrollment", "explain", name)
    assert told.startswith(f"Somebody who called themselves {name} found the server, and was refused "
                           "at the step policy: ")


def test_a_ca_of_the_same_name_is_told_apart(site):
    joining = Joining(site)
    cn = joining.authority.certificate.subject.rfc4514_string().removeprefix("CN=")
    header = Header(Authority(cn, number=4).issue(upn="anna@contoso.test"))
    row = joining.refused(joining.policies(header), "s:Authentication", "certificate_untrusted")
    assert "A CA that is trusted has the same name" in row["remedy"]


def test_a_name_in_a_certificate_is_one_line(site):
    joining = Joining(site)
    evil = Authority("Evil\r\n\x1b[31m\u202e", number=4).issue("B\nob\t\u00fc")
    row = joining.refused(joining.policies(Header(evil)), "s:Authentication",
                          "certificate_untrusted")
    assert row["remedy"].isascii() and row["remedy"].isprintable()
    assert row["user_principal_name"] == ""


# Tokens

def audience(tenant):
    tenant.set(app_id_uris=["https://other.test"], client_id=str(uuid.uuid4()))


def disabled(tenant):
    tenant.set(enabled=False)


@pytest.mark.parametrize("reason,change", [("token_audience", audience),
                                           ("token_tenant_disabled", disabled)])
def test_a_token_that_proves_nothing_is_told_of(site, reason, change):
    tenant = site.tenant()
    token = tenant.enroll_token(tenant.new_device())
    change(tenant)
    windows.discover(site.server, email=name_of(tenant))
    fault = windows.Fault(policies(site, token))
    row = attempt_of(site.server, fault.trace_id)
    assert (row["reason"], row["user_principal_name"]) == (reason, name_of(tenant))
    assert row["user_claimed"] and row["tenant_id"] == row["entra_device_id"] == ""
    assert f"calls its tenant {tenant.tenant}" in row["remedy"]
    assert f"calls its issuer {site.entra.login_url}/{tenant.tenant}/v2.0" in row["remedy"]
    [story] = of_name(site, name_of(tenant))
    assert steps(story) == [("discovery", "ok"), ("policy", "refused")]
    assert story["summary"].startswith(f"Somebody who called themselves {name_of(tenant)} ")


def test_a_token_that_proves_its_user_is_no_claim(site):
    tenant = site.tenant()
    token = tenant.enroll_token(None)
    fault = windows.Fault(policies(site, token))
    row = attempt_of(site.server, fault.trace_id)
    assert (row["reason"], row["user_claimed"], row["auth"]) == ("token_device_id_missing", False,
                                                                 "entra")


# A claim ends nothing and is part of nothing that is proved

def test_a_claim_does_not_touch_the_story_of_the_user(site):
    tenant = site.tenant()
    request_id = str(uuid.uuid4())
    windows.terms_get(site.server, tenant.terms_token(), mode=None,
                      **{"client-request-id": request_id})
    windows.discover(site.server, email=name_of(tenant))
    device = tenant.new_device()
    assert policies(site, tenant.enroll_token(device)).status == 200
    before = story_of(site, device)
    headers = {"client-request-id": request_id}
    forged = tenant.enroll_token(device)
    forged = forged[:-8] + "AAAAAAAA"
    reply = windows.request_token(site.server, windows.jwt_security(forged),
                                  windows.csr_der(site.key()), windows.context(None, "Full"),
                                  headers=headers)
    row = attempt_of(site.server, windows.Fault(reply).trace_id)
    assert (row["reason"], row["user_principal_name"]) == ("token_signature", name_of(tenant))
    assert row["story_id"] == row["id"]
    reply = windows.terms_get(site.server, "x.y.z", headers=headers, mode=None,
                              **{"client-request-id": request_id})
    assert story_of(site, device) == before
    assert all(a["outcome"] == "ok" for s in stories(tenant) for a in s["attempts"])


def test_a_claim_with_a_tenant_does_not_touch_the_story_of_the_user(other):
    """A sign-in of the same tenant that names another user and their client-request-id."""
    other.enroll(other.sign_in(), device_id=uuid.uuid4().hex.upper())
    [before] = stories(other.tenancy)
    other.provider.error = "access_denied"
    first = start(other.server, "otto@partner.test", path=f"/{other.tenant}")
    page = windows.send(to_provider(other.entra, first), "GET", context=other.server.tls(),
                        headers={"Cookie": cookie_of(first)[0],
                                 "client-request-id": before["client_request_id"]})
    assert page.status == 403
    assert story_of(other, before["id"]) == before
    assert len(stories(other.tenancy)) == 2


def test_a_claim_from_elsewhere_or_later_is_alone(site):
    """Only what came from the same address within ten minutes is joined by a name."""
    name = f"eve@{uuid.uuid4().hex[:8]}.test"
    joining = Joining(site)
    bad = Authority(number=4).issue(upn=name)
    windows.discover(site.server, email=name)
    site.execute("UPDATE enrollments SET source = '192.0.2.7' WHERE user_principal_name ="
                 f" '{name}'")
    joining.policies(Header(bad))
    assert [steps(s) for s in of_name(site, name)] == [[("policy", "refused")],
                                                      [("discovery", "ok")]]


def test_the_terms_without_a_token(site):
    page = windows.terms_get(site.server, None)
    assert windows.redirect_query(page)["error"] == "unauthorized_client" or page.status == 302
    row = site.server.api("GET", "enrollments?limit=1")["items"][0]
    assert (row["reason"], row["stage"]) == ("token_missing", "terms")
    assert "browser" in row["remedy"]
    windows.terms_get(site.server, None, headers={"Authorization": "Basic eDp5"})
    row = site.server.api("GET", "enrollments?limit=1")["items"][0]
    assert row["reason"] == "token_malformed"
