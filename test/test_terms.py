# SPDX-License-Identifier: Apache-2.0
"""The Terms of Use as Windows walks through them: every row of the decision table, every way to
abuse the redirect, and what may and may not stand on the page."""

import base64
import hashlib
import re
import urllib.parse
import uuid

import pytest

import windows
from tenancy import newest_attempt, parallel

APP = "ms-appx-web://ContosoMdm/ToUResponse"


def location(reply):
    assert reply.status == 302, (reply.status, reply.body[:300])
    return reply.headers["location"]


def raw_get(site, query, token=None, headers=None, method="GET"):
    """The page for exactly this query string."""
    sent = dict(headers or {})
    if token:
        sent["Authorization"] = f"Bearer {token}"
    return windows.send(f"{site.server.public_url}/TermsOfUse?{query}", method, headers=sent,
                        context=site.server.tls())


def query_of(**pairs):
    return urllib.parse.urlencode(pairs)


def newest(site):
    return newest_attempt(site.server, stage="terms")


def page(tenant, **query):
    reply = windows.terms_get(tenant.server, tenant.terms_token(), **query)
    assert reply.status == 200, reply.body
    return reply


# Row 1 and abuse case 19: where to

BAD_ADDRESSES = {
    "https://evil.example/": "redirect_uri_scheme",
    "http://ContosoMdm/ToUResponse": "redirect_uri_scheme",
    "//evil.example/x": "redirect_uri_scheme",
    "/relative": "redirect_uri_scheme",
    "javascript:alert(1)": "redirect_uri_scheme",
    "javascript://ms-appx-web://x/%0aalert(1)": "redirect_uri_scheme",
    "data:text/html,<script>alert(1)</script>": "redirect_uri_scheme",
    "ms-settings:workplace": "redirect_uri_scheme",
    "file://server/share": "redirect_uri_scheme",
    "ms-appx-web:ContosoMdm": "redirect_uri_scheme",
    " ms-appx-web://ContosoMdm/": "redirect_uri_scheme",
    "ms-appx-web%3A//ContosoMdm/": "redirect_uri_scheme",
    "ms-appx-web://": "redirect_uri_host",
    "ms-appx-web://x@evil.example/": "redirect_uri_host",
    "ms-appx-web://evil.example:443/": "redirect_uri_host",
    "ms-appx-web://evil\\@good/": "redirect_uri_host",
    "ms-appx-web://ho st/": "redirect_uri_host",
    "ms-appx-web://" + "a" * 129 + "/": "redirect_uri_host",
    "ms-appx-web://a/\r\nSet-Cookie: x=1": "redirect_uri_character",
    "ms-appx-web://a/%0d%0aSet-Cookie:%20x=1": "redirect_uri_character",
    "ms-appx-web://a/\\evil": "redirect_uri_character",
    "ms-appx-web://a/?q=<b>": "redirect_uri_character",
    "ms-appx-web://a/?q=\u00e9": "redirect_uri_character",
    "ms-appx-web://a/#IsAccepted=true": "redirect_uri_fragment",
    "ms-appx-web://a/?IsAccepted=true": "redirect_uri_parameter",
    "ms-appx-web://a/?OpaqueBlob=x": "redirect_uri_parameter",
    "ms-appx-web://a/?x=1&error=x": "redirect_uri_parameter",
    "ms-appx-web://a/?Is%41ccepted=true": "redirect_uri_parameter",
    "ms-appx-web://a/" + "b" * 2048: "redirect_uri_too_long",
    "": "redirect_uri_missing",
}


@pytest.mark.parametrize("address", BAD_ADDRESSES, ids=lambda a: a[:30].encode().hex()[:24])
def test_case19_a_bad_address_is_never_followed(site, address):
    trace = str(uuid.uuid4())
    reply = raw_get(site, query_of(redirect_uri=address, **{
        "client-request-id": trace, "api-version": "1.0", "mode": "azureadjoin"}))
    assert reply.status == 400 and "location" not in reply.headers
    assert "set-cookie" not in reply.headers and b"<script" not in reply.body
    if address:
        assert address.encode() not in reply.body
    row = newest(site)
    assert (row["outcome"], row["reason"]) == ("refused", BAD_ADDRESSES[address])
    assert row["remedy"] and row["tenant_id"] == ""
    assert row["trace_id"].encode() in reply.body  # what the user can tell the help desk


def test_case19_without_exactly_one_address_nothing_is_followed(site):
    rest = "&client-request-id=x&api-version=1.0&mode=azureadjoin"
    one = "redirect_uri=" + urllib.parse.quote(APP, safe="")
    for query, reason in (("", "redirect_uri_missing"), (rest, "redirect_uri_missing"),
                          (one + "&" + one + rest, "redirect_uri_repeated"),
                          ("Redirect_Uri=" + APP + rest, "redirect_uri_missing"),
                          (one + "%00" + rest, "query_malformed"),
                          (one + "%zz" + rest, "query_malformed"),
                          (one + rest + "&a=1" * 40, "query_malformed")):
        reply = raw_get(site, query)
        assert reply.status == 400 and "location" not in reply.headers, query
        row = newest(site)
        assert row["reason"] == reason and row["remedy"], (query, row)


def test_both_schemes_of_windows_and_an_address_with_a_query_are_good(site):
    tenant = site.tenant()
    for address in ("ms-appx-web://Microsoft.AAD.BrokerPlugin/DRS", "ms-aadj-redir://auth/mdm",
                    "MS-APPX-WEB://ContosoMdm/ToUResponse?x=1&y=a%20b", APP):
        state = windows.terms_state(page(tenant, redirect_uri=address))
        there = location(windows.terms_post(site.server, state, "accept"))
        start = address.replace("MS-APPX-WEB", "ms-appx-web")
        assert there.startswith(start + ("&" if "?" in start else "?") + "IsAccepted=true&"), there
        assert "+" not in there and " " not in there and "#" not in there


# Rows 2 to 5: what goes wrong before there is a page

def error_of(reply, address=APP):
    there = location(reply)
    assert there.startswith(address + "?error="), there
    return re.fullmatch(re.escape(address) + r"\?error=([a-z_]+)&error_description=([A-Za-z_%0-9]+)"
                        r"&client-request-id=[0-9a-f-]{36}", there).groups()


@pytest.mark.parametrize("version", [None, "", "2.0", "1", "1.00", "v1.0", "1.0\n"])
def test_row2_an_unknown_protocol_version(site, version):
    tenant = site.tenant()
    reply = windows.terms_get(site.server, tenant.terms_token(), **{"api-version": version})
    assert error_of(reply) == ("invalid_request", "unsupported%20version")
    assert newest(site)["reason"] == "terms_api_version"


@pytest.mark.parametrize("mode", ["", "AzureADJoin", "byod", "azureadjoin "])
def test_row2_an_unknown_mode_is_not_taken_for_a_personal_device(site, mode):
    tenant = site.tenant()
    reply = windows.terms_get(site.server, tenant.terms_token(), mode=mode)
    assert error_of(reply)[0] == "invalid_request"
    assert newest(site)["reason"] == "terms_mode_unknown"


def test_row2_a_parameter_given_twice(site):
    tenant = site.tenant()
    one = query_of(**{"redirect_uri": APP, "api-version": "1.0", "mode": "azureadjoin"})
    for twice in ("&api-version=1.0", "&mode=azureadjoin"):
        assert error_of(raw_get(site, one + twice, tenant.terms_token()))[0] == "invalid_request"


def test_row3_no_token_or_one_that_is_none(site):
    tenant = site.tenant()
    good = tenant.terms_token()
    for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": "Bearer x"},
                    {"Authorization": f"Basic {good}"}, {"Authorization": good},
                    {"Authorization": f"Bearer {good} {good}"},
                    {"Authorization": f"Bearer {good[:-2]}"},
                    {"Cookie": f"token={good}"}):
        reply = windows.terms_get(site.server, None, headers)
        assert error_of(reply) == ("unauthorized_client", "unauthorized_client"), headers
        row = newest(site)
        assert row["reason"].startswith("token_") and row["remedy"] and row["tenant_id"] == ""
    # In the address, where logs and proxies would see it, a token counts for nothing.
    reply = raw_get(site, query_of(**{"redirect_uri": APP, "api-version": "1.0",
                                      "mode": "azureadjoin", "access_token": good}))
    assert error_of(reply) == ("unauthorized_client", "unauthorized_client")


def test_row4_a_disabled_tenant_and_a_guest(site):
    tenant = site.tenant()
    token = tenant.terms_token()
    tenant.set(enabled=False)
    reply = windows.terms_get(site.server, token)
    assert error_of(reply) == ("unauthorized_client", "unauthorized%20user%20or%20tenant")
    assert newest(site)["reason"] == "token_tenant_disabled"
    tenant.set(enabled=True)
    guest = tenant.terms_token(overrides={"acct": 1})
    reply = windows.terms_get(site.server, guest)
    assert error_of(reply) == ("unauthorized_client", "unauthorized%20user%20or%20tenant")
    assert newest(site)["reason"] == "token_guest"
    tenant.set(guests_allowed=True)
    assert windows.terms_get(site.server, guest).status == 200


def test_row4_a_tenant_disabled_while_the_page_was_open(site):
    tenant = site.tenant()
    state = windows.terms_state(page(tenant))
    tenant.set(enabled=False)
    reply = windows.terms_post(site.server, state, "accept")
    assert error_of(reply) == ("unauthorized_client", "unauthorized%20user%20or%20tenant")
    row = tenant.attempts()[0]
    assert (row["outcome"], row["reason"]) == ("refused", "tenant_gone")
    assert "OpaqueBlob" not in reply.headers["location"]


def test_row5_a_failing_store_sends_windows_back_with_an_error(site):
    tenant = site.tenant()
    state = windows.terms_state(page(tenant))
    token = tenant.terms_token()
    site.execute("ALTER TABLE tenants RENAME TO tenants_away")
    try:
        shown = windows.terms_get(site.server, token)
        posted = windows.terms_post(site.server, state, "accept")
    finally:
        site.execute("ALTER TABLE tenants_away RENAME TO tenants")
    for reply in (shown, posted):
        assert error_of(reply) == ("server_error", "internal%20service%20error")
        assert b"tenants" not in reply.body
    assert windows.terms_post(site.server, state, "accept").status == 302
    decided = [row for row in tenant.attempts() if row["reason"] != "terms_shown"]
    assert [row["outcome"] for row in decided] == ["ok", "failed"]


def test_row5_an_audit_that_cannot_be_written_means_no_consent(site):
    tenant = site.tenant()
    state = windows.terms_state(page(tenant))
    site.execute("ALTER TABLE audit RENAME TO audit_away")
    try:
        reply = windows.terms_post(site.server, state, "accept")
    finally:
        site.execute("ALTER TABLE audit_away RENAME TO audit")
    assert error_of(reply) == ("server_error", "internal%20service%20error")
    assert tenant.counts(tables=["audit"])["audit"] == 2  # the tenant and its credential


# Rows 6 to 13: the page and the decision

def test_row6_an_organization_device_is_offered_accept_only(site):
    tenant = site.tenant()
    body = page(tenant).body.decode()
    assert re.findall(r'name="decision" value="(\w+)"', body) == ["accept"]
    assert tenant.domain in body and f"anna@{tenant.domain}" in body


def test_row7_a_personal_device_is_offered_both(site):
    body = page(site.tenant(), mode=None).body.decode()
    assert sorted(re.findall(r'name="decision" value="(\w+)"', body)) == ["accept", "decline"]


def test_the_page_needs_nothing_else_and_can_live_in_a_frame(site):
    reply = page(site.tenant())
    headers, body = reply.headers, reply.body.decode()
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    for unwanted in ("x-frame-options", "set-cookie", "cross-origin-embedder-policy",
                     "cross-origin-resource-policy", "cross-origin-opener-policy"):
        assert unwanted not in headers, unwanted
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy and "frame-ancestors" not in policy
    assert "form-action 'self' ms-appx-web: ms-aadj-redir:" in policy
    assert "unsafe" not in policy and "; script-src 'self'; " in policy
    # No script but ours, nothing else fetched, no style attribute that the policy would block.
    assert not re.search(r"<img|<link|<iframe|\bon\w+=|\sstyle=|url\(|@import", body)
    assert re.findall(r'(?:src|href|action)="([^"]*)"', body) == [
        "/TermsOfUse", windows.terms_script(reply)]
    assert re.search(r'<html lang="en" dir="ltr">', body)


def test_the_style_is_the_one_the_policy_allows(site):
    reply = page(site.tenant())
    style = re.search(rb"<style>(.*?)</style>", reply.body, re.S).group(1)
    digest = base64.b64encode(hashlib.sha256(style).digest()).decode()
    assert f"'sha256-{digest}'" in reply.headers["content-security-policy"]


def test_row8_accepting_gives_a_blob_and_leaves_a_record(site):
    tenant = site.tenant()
    request_id = str(uuid.uuid4())
    state = windows.terms_state(page(tenant, **{"client-request-id": request_id.upper()}))
    reply = windows.terms_post(site.server, state, "accept")
    answer = windows.redirect_query(reply)
    assert set(answer) == {"IsAccepted", "OpaqueBlob", "client-request-id"}
    assert answer["IsAccepted"] == "true" and answer["client-request-id"] == request_id
    assert re.fullmatch(r"[A-Za-z0-9_-]{40,1024}", answer["OpaqueBlob"])
    assert reply.headers["cache-control"] == "no-store"
    assert b'href="ms-appx-web://' in reply.body  # for web views that do not follow
    row = tenant.attempts()[0]
    assert (row["stage"], row["outcome"], row["reason"]) == ("terms", "ok", "")
    assert row["client_request_id"] == request_id
    assert row["user_principal_name"] == f"anna@{tenant.domain}"
    entry = site.server.items(f"audit?tenant_id={tenant.tenant}&action=terms.accept")[0]
    assert entry["actor"] == f"user:{tenant.user}" and entry["source"] == "127.0.0.1"
    assert entry["trace_id"] == row["trace_id"]
    assert re.fullmatch(r"\d+-[0-9a-f]{16}", entry["object_id"])  # which text, by its hash


def test_row9_declining_gives_none(site):
    tenant = site.tenant()
    state = windows.terms_state(page(tenant, mode=None))
    answer = windows.redirect_query(windows.terms_post(site.server, state, "decline"))
    assert set(answer) == {"IsAccepted", "client-request-id"} and answer["IsAccepted"] == "false"
    row = tenant.attempts()[0]
    assert (row["outcome"], row["reason"]) == ("refused", "terms_declined") and row["remedy"]
    entry = site.server.items(f"audit?tenant_id={tenant.tenant}&action=terms.decline")
    assert len(entry) == 1


def test_row10_an_organization_device_cannot_decline(site):
    tenant = site.tenant()
    state = windows.terms_state(page(tenant))
    for decision in ("decline", "Accept", "", "accept "):
        reply = windows.terms_post(site.server, state, decision)
        assert reply.status == 200 and b'value="accept"' in reply.body
        assert b'value="decline"' not in reply.body
    assert {row["reason"] for row in tenant.attempts()} == {"terms_shown"}
    # The page that came back works.
    again = windows.terms_post(site.server, windows.terms_state(reply), "accept")
    assert windows.redirect_query(again)["IsAccepted"] == "true"


def test_row11_a_state_that_is_not_ours(site):
    tenant = site.tenant()
    state = windows.terms_state(page(tenant))
    blob = tenant.blob()
    flipped = state[:20] + ("A" if state[20] != "A" else "B") + state[21:]
    for bad in (flipped, state[:-1], state + "A", blob, "", "A" * 9000, "x", state + "\0"):
        reply = windows.terms_post(site.server, bad, "accept")
        assert reply.status == 400 and "location" not in reply.headers, bad[:40]
        assert newest(site)["reason"] == "terms_state"
    for body, kind in (("decision=accept", "application/x-www-form-urlencoded"),
                       (f"state={state}&state={state}&decision=accept",
                        "application/x-www-form-urlencoded"),
                       (f"state={state}&decision=accept", "text/plain"),
                       (f"state={state}&decision=accept", "multipart/form-data; boundary=x"),
                       (f'{{"state":"{state}"}}', "application/json")):
        reply = windows.send(f"{site.server.public_url}/TermsOfUse", "POST", body,
                             {"Content-Type": kind}, site.server.tls())
        assert reply.status == 400 and "location" not in reply.headers, kind


@pytest.mark.parametrize("rule, code", [
    ({"maintenance": True}, "InMaintenance"),
    ({"closed_message": "On Monday."}, "CustomServerError"),
    ({"license_group": "66666666-0000-4000-8000-000000000001"}, "UserLicense"),
    ({"device_limit": 1}, "DeviceCapReached"),
    ({"personal_devices_allowed": False}, "NotSupported"),
    ({"os_version_min": "10.0.99999"}, "DeviceNotSupported")], ids=lambda value: str(value))
def test_row4_a_rule_with_a_code_of_its_own_is_told_by_that_code(site, rule, code):
    """decisions/0061: the page is shown and accepted, and Windows gets what it has words for."""
    tenant = site.tenant()
    if "device_limit" in rule:
        tenant.join()
    tenant.set(**rule)
    blob = tenant.blob(kind="Full")
    reply = tenant.post(tenant.enroll_token(tenant.new_device()), blob, kind="Full")
    assert windows.Fault(reply).error_type == code


def test_row13_accepting_twice_is_accepting(site):
    tenant = site.tenant()
    state = windows.terms_state(page(tenant))
    replies = parallel([lambda: windows.terms_post(site.server, state, "accept")] * 4)
    assert {windows.redirect_query(r)["IsAccepted"] for r in replies} == {"true"}


def test_what_was_proved_is_sealed_and_nothing_else_is_believed(site):
    """The form cannot move the consent to another address, user or kind of device."""
    tenant = site.tenant()
    state = windows.terms_state(page(tenant))
    form = query_of(state=state, decision="accept", redirect_uri="https://evil.example/",
                    mode="", user="someone", **{"client-request-id": str(uuid.uuid4())})
    reply = windows.send(f"{site.server.public_url}/TermsOfUse?redirect_uri=https://evil.example/",
                         "POST", form, {"Content-Type": "application/x-www-form-urlencoded"},
                         site.server.tls())
    assert location(reply).startswith(APP + "?")
    blob = windows.redirect_query(reply)["OpaqueBlob"]
    for sealed in (state, blob):
        plain = base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
        for secret in (tenant.tenant, tenant.user, "anna@", "organization", APP):
            assert secret.encode() not in plain


def test_case20_nothing_from_outside_becomes_markup(site):
    tenant = site.tenant()
    nasty = '"><script>alert(1)</script>\'&amp;'
    token = tenant.terms_token(overrides={"upn": nasty, "preferred_username": nasty, "name": nasty})
    reply = windows.terms_get(site.server, token, {
        "CXH-HOST": nasty, "cxh-osVersionInfo": nasty, "User-Agent": nasty,
        "client-request-id": nasty}, **{"client-request-id": nasty, "extra": nasty})
    assert reply.status == 200
    assert windows.terms_script(reply) and b"&lt;script&gt;" in reply.body
    answer = windows.redirect_query(windows.terms_post(
        site.server, windows.terms_state(reply), "accept"))
    uuid.UUID(answer["client-request-id"])
    row = tenant.attempts()[0]
    assert row["client_request_id"] == answer["client-request-id"]
    assert row["user_principal_name"] == nasty  # kept as data
    # Bytes that could break a log line or a header are dropped with the whole label.
    reply = windows.terms_get(site.server, tenant.terms_token(
        overrides={"upn": "a\r\nb", "preferred_username": "a\u0001b"}))
    assert reply.status == 200 and b"a\r\nb" not in reply.body


def test_the_correlation_id_is_a_guid_or_made_here(site):
    tenant = site.tenant()
    for sent in (None, "x", "{" + str(uuid.uuid4()) + "}x", "a" * 5000, "\r\nX: y"):
        answer = windows.redirect_query(windows.terms_post(
            site.server, windows.terms_state(page(tenant, **{"client-request-id": sent})),
            "accept"))
        assert uuid.UUID(answer["client-request-id"])
        assert answer["client-request-id"] != sent


def test_head_asks_and_leaves_nothing(site):
    tenant = site.tenant()
    query = query_of(**{"redirect_uri": APP, "api-version": "1.0", "mode": "azureadjoin"})
    before = len(site.server.attempts(stage="terms"))
    good = raw_get(site, query, tenant.terms_token(), method="HEAD")
    assert good.status == 200 and good.body == b""
    assert raw_get(site, query, method="HEAD").status == 302
    assert raw_get(site, "redirect_uri=x", method="HEAD").status == 400
    assert len(site.server.attempts(stage="terms")) == before


def test_other_methods_and_sizes_are_refused(site):
    url = f"{site.server.public_url}/TermsOfUse"
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS"):
        reply = windows.send(url, method, context=site.server.tls())
        assert reply.status == 405, method
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    reply = windows.send(url, "POST", "state=" + "A" * 17000, form, site.server.tls())
    assert reply.status == 413


def test_a_terms_url_with_a_query_of_its_own_works(site):
    tenant = site.tenant()
    reply = raw_get(site, "site=7&" + query_of(**{
        "redirect_uri": APP, "api-version": "1.0", "mode": "azureadjoin"}), tenant.terms_token())
    assert reply.status == 200


def test_the_terms_are_not_on_the_other_listeners(site):
    tenant = site.tenant()
    url = windows.terms_url(site.server).replace(site.server.public_url, site.server.console_url)
    reply = windows.send(url, "GET", headers={"Authorization": f"Bearer {tenant.terms_token()}"},
                         context=site.server.tls())
    assert reply.status == 404
