# SPDX-License-Identifier: Apache-2.0
"""The page asked for once more by its state, which is what Back, Forward and Reload of a web view
ask for after the page's script has run; and that script. What a browser makes of it is in
test_terms_browser.py."""

import hashlib
import re
import signal
import urllib.parse
import uuid

import pytest

import windows
from moved_clock import moved_world
from muster import wait_for
from tenancy import newest_attempt, parallel
from world import stores

APP = windows.REDIRECT
SETUP = {"CXH-HOST": "FRX", "cxh-osVersionInfo": '{"version":"10.0.22631.4460"}',
         "cxh-preferredLanguage": "de-AT"}


def page(tenant, headers=None, token=None, **query):
    reply = windows.terms_get(tenant.server, token or tenant.terms_token(), headers, **query)
    assert reply.status == 200, reply.body
    return reply


def again(tenant, state, **sent):
    return windows.terms_again(tenant.server, f"state={state}", **sent)


def add(tenant, body, **fields):
    return tenant.server.api("POST", f"tenants/{tenant.tenant}/terms",
                             {"locale": "en", "title": "Terms", "body": body, **fields})


def decisions(tenant):
    return tenant.server.items(f"terms-decisions?tenant_id={tenant.tenant}")


def error_of(reply):
    assert reply.status == 302, (reply.status, reply.body[:300])
    assert reply.headers["location"].startswith(APP + "?error="), reply.headers["location"]
    return windows.redirect_query(reply)["error"]


def test_row13_the_page_is_shown_again_as_it_was(site):
    """Whatever Windows said of itself the first time; nothing of it comes a second time."""
    tenant = site.tenant()
    add(tenant, "<p>deutsch</p>", locale="de")
    for query in ({}, {"mode": None}):
        shown = page(tenant, SETUP, **query)
        state = windows.terms_state(shown)
        before = tenant.counts()
        stories = tenant.server.items(f"enrollment-stories?tenant_id={tenant.tenant}")
        for _ in range(3):
            reply = again(tenant, state)
            assert reply.status == 200 and reply.body == shown.body
            assert {k: v for k, v in reply.headers.items() if k != "date"} == {
                k: v for k, v in shown.headers.items() if k != "date"}
        head = again(tenant, state, method="HEAD")
        assert head.status == 200 and head.body == b""
        # Looking is not a step of the joining.
        assert tenant.counts() == before
        assert tenant.server.items(f"enrollment-stories?tenant_id={tenant.tenant}") == stories


def test_row13_accepting_on_either_page_is_one_decision(site):
    tenant = site.tenant()
    request_id = str(uuid.uuid4())
    first = windows.terms_state(page(tenant, **{"client-request-id": request_id}))
    second = windows.terms_state(again(tenant, first))
    replies = parallel([lambda s=s: windows.terms_post(site.server, s, "accept")
                        for s in (first, second, first, second)])
    answers = [windows.redirect_query(reply) for reply in replies]
    assert {(a["IsAccepted"], a["client-request-id"]) for a in answers} == {("true", request_id)}
    # Back after accepting, and accepted once more.
    assert windows.redirect_query(windows.terms_post(
        site.server, windows.terms_state(again(tenant, first)), "accept"))["IsAccepted"] == "true"
    assert len(decisions(tenant)) == 1 and len(tenant.answers()) == 1
    [story] = tenant.server.items(f"enrollment-stories?tenant_id={tenant.tenant}")
    assert [(a["outcome"], a["reason"]) for a in story["attempts"]] == [
        ("ok", "terms_shown"), ("ok", "")]
    # Good for one enrolment, from whichever answer.
    assert tenant.post(tenant.enroll_token(tenant.new_device()),
                       answers[1]["OpaqueBlob"]).status == 200


def test_row13_after_a_posted_page_its_own_state_counts(site):
    tenant = site.tenant(pin_required=True)
    state = windows.terms_state(page(tenant))
    posted = windows.terms_post(site.server, state, "accept")
    assert posted.status == 200 and b'role="alert"' in posted.body
    fresh = windows.terms_state(posted)
    for known in (state, fresh):
        reply = again(tenant, known)
        # Nothing has been typed on this page, so nothing is wrong with it.
        assert reply.status == 200 and b'role="alert"' not in reply.body
        assert windows.terms_state(reply) == known and b'name="pin"' in reply.body
    assert tenant.answers() == []


def test_row12_a_text_changed_meanwhile_is_the_one_that_is_shown(site):
    tenant = site.tenant()
    text = add(tenant, "<p>mark-one</p>")
    old = windows.terms_state(page(tenant))
    tenant.server.api("PATCH", f"tenants/{tenant.tenant}/terms/{text['id']}",
                      {"body": "<p>mark-two</p>"})
    assert again(tenant, old, method="HEAD").status == 200
    reply = again(tenant, old)
    assert reply.status == 200 and b"mark-two" in reply.body and b"mark-one" not in reply.body
    assert b'role="status"' in reply.body
    new = windows.terms_state(reply)
    assert new != old and b'role="status"' not in again(tenant, new).body
    assert windows.terms_post(site.server, old, "accept").status == 200
    assert decisions(tenant) == []
    assert windows.redirect_query(windows.terms_post(site.server, new, "accept"))
    assert [row["version"] for row in decisions(tenant)] == [
        tenant.server.api("GET", f"tenants/{tenant.tenant}/terms/{text['id']}")["text_version"]]


def test_row11_a_state_that_is_not_ours_shows_nothing(site):
    tenant = site.tenant()
    state = windows.terms_state(page(tenant))
    flipped = state[:20] + ("A" if state[20] != "A" else "B") + state[21:]
    before = tenant.counts()
    for bad in (flipped, state[:-1], state + "A", tenant.blob(), "", "x", "A" * 6145, "A" * 8000,
                urllib.parse.quote("<script>alert(1)</script>")):
        reply = again(tenant, bad)
        assert reply.status == 400 and "location" not in reply.headers, bad[:40]
        assert b"<script" not in reply.body and b'name="state"' not in reply.body
        row = newest_attempt(site.server, stage="terms")
        assert (row["outcome"], row["reason"], row["tenant_id"]) == ("refused", "terms_state", "")
        assert row["remedy"] and row["trace_id"].encode() in reply.body
    assert again(tenant, "A" * 9000).status == 414
    for query in (f"state={state}%00", f"state={state}%zz"):
        reply = windows.terms_again(site.server, query)
        assert reply.status == 400 and "location" not in reply.headers
        assert newest_attempt(site.server, stage="terms")["reason"] == "query_malformed"
    assert tenant.counts()["devices"] == before["devices"]
    assert windows.terms_post(site.server, state, "accept").status == 302


def test_case19_a_state_stands_alone(site):
    """With a second place to go to, or a second state, there is no telling which was meant."""
    tenant = site.tenant()
    state = windows.terms_state(page(tenant))
    one = f"state={state}"
    for more in (one, "state=", f"redirect_uri={urllib.parse.quote(APP, safe='')}",
                 "redirect_uri=https://evil.example/", "api-version=1.0", "mode=azureadjoin",
                 "client-request-id=" + str(uuid.uuid4()), "decision=accept", "x=1", "State=" + state):
        for query in (f"{one}&{more}", f"{more}&{one}"):
            for headers in ({}, {"Authorization": f"Bearer {tenant.terms_token()}"}):
                reply = windows.terms_again(site.server, query, headers)
                assert reply.status == 400 and "location" not in reply.headers, query
                assert newest_attempt(site.server, stage="terms")["reason"] == "terms_state"
    # By another name it is nothing but an entry without a token and an address.
    assert windows.terms_again(site.server, "State=" + state).status == 400
    assert newest_attempt(site.server, stage="terms")["reason"] == "redirect_uri_missing"


def test_a_token_that_comes_with_a_state_changes_nothing(site):
    """A web view may send it again. Who it is was proved when the state was made."""
    tenant, other = site.tenant(), site.tenant()
    shown = page(tenant)
    state = windows.terms_state(shown)
    for token in (tenant.terms_token(), other.terms_token(), tenant.terms_token(tenant.add_user("b")),
                  "x"):
        reply = again(tenant, state, headers={"Authorization": f"Bearer {token}"})
        assert reply.status == 200 and reply.body == shown.body
    assert len(tenant.attempts()) == 1 and other.attempts() == []


def test_row4_a_tenant_disabled_or_removed_meanwhile(site):
    tenant = site.tenant()
    state = windows.terms_state(page(tenant))
    tenant.set(enabled=False)
    assert error_of(again(tenant, state)) == "unauthorized_client"
    row = tenant.attempts()[0]
    assert (row["outcome"], row["reason"]) == ("refused", "tenant_gone")
    before = len(tenant.attempts())
    assert again(tenant, state, method="HEAD").status == 302
    assert len(tenant.attempts()) == before
    tenant.set(enabled=True)
    assert again(tenant, state).status == 200


def test_row1_a_rule_that_became_narrower_holds_at_once(site):
    tenant = site.tenant()
    state = windows.terms_state(page(tenant))
    tenant.set(redirect_uris=["ms-appx-web://Other/"])
    reply = again(tenant, state)
    assert reply.status == 400 and "location" not in reply.headers
    assert tenant.attempts()[0]["reason"] == "redirect_uri_tenant"


def test_row5_a_failing_store_sends_windows_back_with_an_error(site):
    tenant = site.tenant()
    state = windows.terms_state(page(tenant))
    site.execute("ALTER TABLE terms RENAME TO terms_away")
    try:
        reply = again(tenant, state)
    finally:
        site.execute("ALTER TABLE terms_away RENAME TO terms")
    assert error_of(reply) == "server_error"
    assert tenant.attempts()[0]["outcome"] == "failed"
    assert again(tenant, state).status == 200


@pytest.fixture(params=stores())
def moved(request, entra, tmp_path, monkeypatch):
    """A world whose clock the test moves."""
    yield from moved_world(monkeypatch, tmp_path, entra, request.param)


def test_row13_no_looking_makes_a_page_live_longer(moved):
    shown = windows.terms_get(moved.server, moved.terms_token())
    state = windows.terms_state(shown)
    for minutes in (5, 10, 14):
        moved.clock.set(minutes * 60)
        assert again(moved, state).body == shown.body
    moved.clock.set(16 * 60)
    assert error_of(again(moved, state)) == "server_error"
    assert moved.server.attempts()[0]["reason"] == "terms_page_expired"
    assert error_of(windows.terms_post(moved.server, state, "accept")) == "server_error"


def test_the_longest_state_fits_into_an_address(site):
    """A web view that has been given it must not be told that it is too long."""
    tenant = site.tenant()
    name = '"' * 320
    token = tenant.terms_token(overrides={"upn": name, "preferred_username": name})
    address = "ms-appx-web://a/?x=" + "b" * (2048 - 19)
    shown = page(tenant, {"Accept-Language": "zh-Hant-TW,zh-Hant-HK,zh-Hans-CN,sr-Latn-RS"},
                 token, redirect_uri=address)
    reply = again(tenant, windows.terms_state(shown))
    assert reply.status == 200 and reply.body == shown.body
    there = windows.terms_post(site.server, windows.terms_state(reply), "accept")
    assert there.headers["location"].startswith(address + "&IsAccepted=true")


def test_frames_are_restricted_where_a_tenant_asks(site):
    tenant = site.tenant(frame_ancestors="https://login.microsoftonline.com")
    policy = again(tenant, windows.terms_state(page(tenant))).headers["content-security-policy"]
    assert policy.endswith("; frame-ancestors https://login.microsoftonline.com")


def test_no_state_gets_into_the_log(site):
    tenant = site.tenant()
    state = windows.terms_state(page(tenant))
    before = len(site.server.log.read_text())
    assert again(tenant, state).status == 200
    assert again(tenant, state + "A").status == 400
    tenant.set(enabled=False)
    assert again(tenant, state).status == 302
    said = site.server.log.read_text()[before:]
    assert said.count('"terms.show"') == 2  # the two that were refused
    assert "state=" not in said and state[:30] not in said


# The script

def fetch(site, path, method="GET"):
    return windows.send(site.server.public_url + path, method, context=site.server.tls())


def test_the_script_is_served_like_the_other_files(site):
    shown = page(site.tenant())
    path = windows.terms_script(shown)
    reply = fetch(site, path)
    assert reply.status == 200
    assert reply.headers["content-type"] == "text/javascript; charset=utf-8"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert reply.headers["referrer-policy"] == "no-referrer"
    assert hashlib.sha256(reply.body).hexdigest()[:32] == path.split("/")[3]
    head = fetch(site, path, "HEAD")
    assert head.status == 200 and head.body == b""
    assert fetch(site, path, "POST").status == 405
    wrong = fetch(site, path.replace(path.split("/")[3], "0" * 32))
    assert wrong.status == 404 and wrong.headers["content-type"].startswith("text/plain")
    console = windows.send(site.server.console_url + path, "GET", context=site.server.tls())
    assert console.status == 404
    # Last in the page, so that nothing waits for it.
    assert shown.body.endswith(f'<script src="{path}"></script>\n</body>\n</html>\n'.encode())


def test_the_script_is_one_that_old_web_views_read(site):
    """The language of 2009, nothing of a later one; and it is guarded."""
    text = fetch(site, windows.terms_script(page(site.tenant()))).body.decode()
    assert text.isascii() and len(text) < 1024
    assert not re.search(r"=>|`|\b(let|const|class|async|await|import|export|of|fetch|Promise)\b|"
                         r"\?\.|\?\?|\.\.\.|catch\s*\{", text)
    assert "window.history" in text and "history.replaceState" in text
    # It reaches for nothing but the page and its history.
    assert not re.search(r"eval|Function|innerHTML|document\.write|XMLHttpRequest|cookie|Storage|"
                         r"postMessage|parent|top|opener|setTimeout", text)


def test_case22_an_administrator_cannot_serve_a_script(site, tmp_path):
    """Scripts of this server may run on the page, so none but ours may be had from it."""
    server, tenant = site.server, site.tenant()
    folder = tmp_path / "branding"
    (folder / tenant.tenant).mkdir(parents=True)

    def reload(*names):
        before = len(server.log.read_text())
        server.process.send_signal(signal.SIGHUP)
        wait_for(lambda: any(name in server.log.read_text()[before:] for name in names), 60, "reload")
        return server.log.read_text()[before:]

    plain = server.conf.read_text()
    server.conf.write_text(f"{plain}\n[terms]\nbranding_dir = {folder}\n")
    try:
        (folder / tenant.tenant / "history.js").write_text("alert(1)")
        (folder / tenant.tenant / "branding.css").write_text("alert(1)")
        (folder / tenant.tenant / "logo.svg").write_text(
            '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')
        reload('"reloaded"')
        shown = page(tenant)
        paths = re.findall(r'(?:href|src)="(/TermsOfUse/assets/[^"]*)"', shown.body.decode())
        assert [path.rsplit("/", 1)[1] for path in paths] == [
            "branding.css", "logo.svg", "history.js"]
        served = {}
        for path in paths:
            reply = fetch(site, path)
            assert reply.headers["x-content-type-options"] == "nosniff"
            served[path.rsplit("/", 1)[1]] = reply.headers["content-type"].partition(";")[0]
            if path != paths[-1]:
                other = path.rsplit("/", 1)[0] + "/history.js"
                assert fetch(site, other).status == 404
        assert served == {"branding.css": "text/css", "logo.svg": "image/svg+xml",
                          "history.js": "text/javascript"}
        assert b"alert" not in fetch(site, windows.terms_script(shown)).body
        for name in ("history.js", "branding.js", "x.mjs"):
            (folder / name).write_text("alert(1)")
            assert f"{name}: unknown name" in reload('"reloaded"', '"reload_refused"')
            (folder / name).unlink()
        (folder / "logo.png").write_text("alert(1)")
        assert "logo.png: is not a PNG image" in reload('"reloaded"', '"reload_refused"')
    finally:
        server.conf.write_text(plain)
        reload('"reloaded"')


def choose(tenant, state, *choices):
    """Those choices one after the other on one page; the last answer."""
    for choice in choices:
        reply = windows.terms_post(tenant.server, state, choice)
        assert reply.status == 302
    return reply


def test_row13_the_last_choice_on_a_page_counts_and_each_is_kept(site):
    tenant = site.tenant()
    state = windows.terms_state(page(tenant, mode=None))
    answer = windows.redirect_query(
        choose(tenant, state, "accept", "accept", "decline", "decline", "accept"))
    assert answer["IsAccepted"] == "true" and answer["OpaqueBlob"]
    assert [row["decision"] for row in decisions(tenant)] == ["accepted", "declined", "accepted"]
    assert [row["reason"] for row in reversed(tenant.answers())] == ["", "terms_declined", ""]
    answer = windows.redirect_query(choose(tenant, state, "decline"))
    assert answer["IsAccepted"] == "false" and "OpaqueBlob" not in answer
    assert [row["decision"] for row in decisions(tenant)][:2] == ["declined", "accepted"]


def test_row13_a_page_is_not_decided_on_for_ever(site):
    tenant = site.tenant()
    state = windows.terms_state(page(tenant, mode=None))
    choose(tenant, state, *["accept", "decline"] * 8)
    assert len(decisions(tenant)) == 16
    assert error_of(windows.terms_post(site.server, state, "accept")) == "server_error"
    assert newest_attempt(site.server)["reason"] == "terms_page_expired"
    # The same choice again is none.
    assert windows.redirect_query(choose(tenant, state, "decline"))["IsAccepted"] == "false"
    assert len(decisions(tenant)) == 16


def test_row13_accepting_and_declining_at_once_are_two_decisions(site):
    tenant = site.tenant()
    state = windows.terms_state(page(tenant, mode=None))
    replies = parallel([lambda c=c: windows.terms_post(site.server, state, c)
                        for c in ("accept", "decline")])
    assert [windows.redirect_query(r)["IsAccepted"] for r in replies] == ["true", "false"]
    assert sorted(row["decision"] for row in decisions(tenant)) == ["accepted", "declined"]
