# SPDX-License-Identifier: Apache-2.0
"""Terms of Use that a tenant writes: which text a user gets, that consent names exactly what was
shown, and that who decided what is kept."""

import re
import time
import uuid

import pytest

import windows
from muster import ApiError
from test_groups import MEMBERS, asked

APP = windows.REDIRECT


@pytest.fixture
def tenant(site):
    made = site.tenant()
    yield made
    site.entra.clear_faults()


def add(tenant, body="<p>text</p>", **fields):
    return tenant.server.api("POST", f"tenants/{tenant.tenant}/terms",
                             {"locale": "en", "title": "Our terms", "body": body, **fields})


def change(tenant, text, **fields):
    return tenant.server.api("PATCH", f"tenants/{tenant.tenant}/terms/{text['id']}", fields)


def refused(tenant, status=422, **fields):
    with pytest.raises(ApiError) as error:
        add(tenant, **fields)
    assert error.value.status == status, error.value
    return error.value.problem["detail"]


def shown(tenant, languages=None, user=None, headers=None, **query):
    sent = dict(headers or {})
    if languages:
        sent["Accept-Language"] = languages
    reply = windows.terms_get(tenant.server, tenant.terms_token(user), sent, **query)
    assert reply.status == 200, (reply.status, reply.headers.get("location"))
    return reply


def marks(reply):
    """The marks of the texts on a page."""
    return re.findall(r"mark-([\w-]+)", reply.body.decode())


def mark(name):
    return f"<p>mark-{name}</p>"


def accept(tenant, reply, decision="accept"):
    return windows.terms_post(tenant.server, windows.terms_state(reply), decision)


def decisions(tenant, **filters):
    query = "".join(f"&{name}={value}" for name, value in filters.items())
    return tenant.server.items(f"terms-decisions?tenant_id={tenant.tenant}{query}")


def enrolled(tenant, blob, kind="Device"):
    reply = tenant.post(tenant.enroll_token(tenant.new_device()), blob, kind=kind)
    return reply.status == 200 or tenant.attempts(stage="request")[0]["reason"]


# Writing them

def test_a_text_is_kept_as_written_and_shown_cleaned(tenant):
    body = ('<h2>Read</h2><p onclick="x()">You <b>must</b> <a href="javascript:y()">see</a> '
            '<a href="https://contoso.test/t">this</a></p><script>alert(1)</script>')
    text = add(tenant, body)
    assert text["body"] == body
    assert text["html"] == (
        '<h2>Read</h2>\n<p>You <b>must</b> see <a href="https://contoso.test/t" '
        'rel="noopener noreferrer" target="_blank">this</a></p>\n')
    assert text["removed"] == ["attribute onclick of p", "link that is not to https: or mailto:",
                               "element script"]
    assert text["version"] == 1 and text["mode"] == "any" and text["entra_group"] == ""
    assert text["text_version"] == f"1-{text['sha256'][:16]}"
    path = f"tenants/{tenant.tenant}/terms"
    assert tenant.server.api("GET", f"{path}/{text['id']}") == text
    listed = tenant.server.api("GET", path)["items"]
    assert [row["id"] for row in listed] == [text["id"]] and "body" not in listed[0]
    page = shown(tenant).body.decode()
    assert text["html"] in page and "alert(1)" not in page and "onclick" not in page
    preview = tenant.server.api("POST", f"{path}/preview", {"body": body})
    assert preview == {"html": text["html"], "removed": text["removed"]}
    actions = [row["action"] for row in tenant.server.items(f"audit?tenant_id={tenant.tenant}")]
    assert actions.count("terms.add") == 1


def test_case20_what_an_administrator_writes_cannot_become_script(tenant):
    add(tenant, "<p lang='\"><script>alert(1)</script>'>a</p><svg onload=alert(1)>b</svg>"
                "<form action=https://evil.example/><button name=decision value=accept>c</button>"
                "<script src=/TermsOfUse/assets/x.js></script><link rel=preload as=script href=x.js>"
                "<base href=https://evil.example/><iframe src=x.js></iframe><p>d</p>",
        title='<script>alert("t")</script>')
    page = shown(tenant)
    body = page.body.decode()
    # Scripts of this server may run, so a text must not name one either.
    assert windows.terms_script(page) and "x.js" not in body
    assert "<svg" not in body and "evil.example" not in body
    assert "&lt;script&gt;" in body  # the title, as text
    assert body.count("<form") == 1 and body.count('value="accept"') == 1


def test_what_is_no_text_is_refused(tenant):
    for fields, word in (({"locale": ""}, "locale"), ({"locale": "english"}, "locale"),
                         ({"locale": "de_DE"}, "locale"), ({"locale": "de-DE-1996"}, "locale"),
                         ({"mode": "byod"}, "mode"), ({"entra_group": "staff"}, "entra_group"),
                         ({"title": ""}, "title"), ({"title": "a" * 201}, "title"),
                         ({"body": ""}, "body"), ({"body": "<script>x</script>"}, "body"),
                         ({"body": "<ul>" * 40 + "x"}, "body"),
                         ({"body": "<b>x</b>" * 5000}, "body"), ({"body": "a" * 70000}, "body"),
                         ({"version": 7}, "version"), ({"body": 7}, "body")):
        assert word in refused(tenant, **fields), fields
    assert add(tenant, locale="ZH-hant-tw")["locale"] == "zh-Hant-TW"
    assert "already" in refused(tenant, 409, locale="zh-Hant-TW")
    with pytest.raises(ApiError) as error:
        tenant.server.api("POST", f"tenants/{uuid.uuid4()}/terms",
                          {"locale": "en", "title": "t", "body": "x"})
    assert error.value.status == 404


def test_a_reader_may_read_and_no_more(tenant):
    token = tenant.server.api("POST", "tokens", {"name": "r", "role": "reader"})["token"]
    path = f"tenants/{tenant.tenant}/terms"
    assert tenant.server.api("GET", path, token=token)["items"] == []
    for method, where in (("POST", path), ("POST", f"{path}/preview"), ("DELETE", f"{path}/x"),
                          ("POST", f"tenants/{tenant.tenant}/pins")):
        status, _, _ = tenant.server.api(method, where, {}, token=token, raw=True)
        assert status == 403, where


def test_a_change_that_changes_nothing_asks_nobody_again(tenant):
    text = add(tenant)
    assert change(tenant, text, title="Our terms") == text
    newer = change(tenant, text, body="<p>new</p>")
    assert newer["version"] == 2 and newer["sha256"] != text["sha256"]
    tenant.server.api("DELETE", f"tenants/{tenant.tenant}/terms/{text['id']}")
    with pytest.raises(ApiError) as error:
        change(tenant, text, title="x")
    assert error.value.status == 404
    assert "Your organization will manage this device" in shown(tenant).body.decode()


# Which one

def test_the_text_in_the_language_of_the_user(tenant):
    for locale in ("en", "de", "de-AT", "zh-Hant", "zh", "ar"):
        add(tenant, mark(locale), locale=locale)
    for wanted, got in (("de-AT,de;q=0.5", "de-AT"), ("de-CH", "de"), ("fr,de;q=0.1", "de"),
                        ("zh-TW", "zh-Hant"), ("zh-Hant-TW", "zh-Hant"), ("zh-CN", "zh"),
                        ("en-GB;q=0.9,de;q=0.95", "de"), ("fr", "en"), (None, "en"),
                        ("*", "en"), ("a" * 2000, "en"), ("de;q=0", "en"), (";;,,q=", "en")):
        assert marks(shown(tenant, wanted)) == [got], wanted
    # Windows' own header comes first; what it cannot say it writes as ???.
    for preferred, accept_language, got in (("de-AT", "ar", "de-AT"), ("???", "ar", "ar"),
                                            ("fr-FR", "de", "de"), ("<script>", None, "en")):
        reply = shown(tenant, accept_language, headers={"cxh-preferredLanguage": preferred})
        assert marks(reply) == [got], preferred
    tenant.set(default_locale="de-ch")
    assert tenant.server.api("GET", f"tenants/{tenant.tenant}")["default_locale"] == "de-CH"
    assert marks(shown(tenant, "fr")) == ["de"]


def test_the_text_for_the_kind_of_device(tenant):
    add(tenant, mark("any"))
    assert marks(shown(tenant)) == marks(shown(tenant, mode=None)) == ["any"]
    add(tenant, mark("personal"), mode="personal")
    assert (marks(shown(tenant)), marks(shown(tenant, mode=None))) == (["any"], ["personal"])
    add(tenant, mark("organization"), mode="organization")
    assert marks(shown(tenant)) == ["organization"]


def test_without_one_that_fits_the_built_in_text_stands(tenant):
    add(tenant, mark("fr"), locale="fr", mode="personal")
    assert marks(shown(tenant, "fr")) == []
    assert marks(shown(tenant, "de", mode=None)) == []
    assert marks(shown(tenant, "fr", mode=None)) == ["fr"]


def test_texts_of_one_tenant_are_nobody_elses(tenant, site):
    text = add(tenant, mark("mine"))
    other = site.tenant()
    assert marks(shown(other)) == []
    for method in ("GET", "PATCH", "DELETE"):
        with pytest.raises(ApiError) as error:
            tenant.server.api(method, f"tenants/{other.tenant}/terms/{text['id']}",
                              {} if method == "PATCH" else None)
        assert error.value.status == 404


# Groups

def test_the_text_for_a_group_of_the_user(tenant):
    bert = tenant.add_user("bert")
    inner = tenant.entra.add_group(tenant.tenant, "inner", [tenant.user])
    outer = tenant.entra.add_group(tenant.tenant, "outer", [inner])
    add(tenant, mark("all"))
    shown(tenant)
    assert asked(tenant) == []  # nothing hangs on groups
    add(tenant, mark("outer"), entra_group=outer.upper())
    assert marks(shown(tenant)) == ["outer"]
    assert marks(shown(tenant, user=bert)) == ["all"]
    # For ten minutes nobody is asked about again.
    assert marks(shown(tenant)) == ["outer"]
    assert len(asked(tenant)) == 2
    tenant.entra.control("DELETE", f"groups/{inner}/members/{tenant.user}")
    tenant.site.execute("UPDATE users SET groups_fetched_at = groups_fetched_at - 601"
                        f" WHERE tenant_id = '{tenant.tenant}'")
    assert marks(shown(tenant)) == ["all"]
    # The accepted text is the group's, also when the user has left it meanwhile.
    add(tenant, mark("personal"), entra_group=outer, mode="personal")
    assert marks(shown(tenant, user=bert, mode=None)) == ["all"]


def test_of_two_groups_always_the_same(tenant):
    groups = sorted(tenant.entra.add_group(tenant.tenant, f"g{i}", [tenant.user])
                    for i in range(3))
    for group in reversed(groups):
        add(tenant, mark(group), entra_group=group)
    for _ in range(3):
        assert marks(shown(tenant)) == [groups[0]]


def in_vain(tenant, seconds=0.0, least=0.0):
    start = time.monotonic()
    assert marks(shown(tenant)) == ["all"]
    assert least <= time.monotonic() - start < seconds


@pytest.mark.parametrize("fault", [
    {"kind": "status", "status": 500}, {"kind": "status", "status": 403},
    {"kind": "status", "status": 429, "retryAfter": 120}, {"kind": "status", "status": 404},
    {"kind": "not-json"}, {"kind": "drop"}], ids=lambda f: f"{f['kind']}{f.get('status', '')}")
def test_groups_that_cannot_be_read_give_the_text_for_all(tenant, fault):
    group = tenant.entra.add_group(tenant.tenant, "g", [tenant.user])
    add(tenant, mark("all"))
    add(tenant, mark("group"), entra_group=group)
    tenant.entra.fault(path=MEMBERS, tenant=tenant.tenant, **fault)
    in_vain(tenant, 5)
    # And that is a text like any other: it can be accepted.
    answer = windows.redirect_query(accept(tenant, shown(tenant)))
    assert enrolled(tenant, answer["OpaqueBlob"]) is True
    before = len(asked(tenant))
    in_vain(tenant, 5)
    if fault.get("status") in (403, 429):
        assert len(asked(tenant)) == before  # told to wait, it waits
    tenant.entra.clear_faults()
    tenant.site.execute("UPDATE tenants SET groups_pause_until = 0, graph_pause_until = 0"
                        f" WHERE tenant_id = '{tenant.tenant}'")
    assert marks(shown(tenant)) == ["group"]


def test_a_slow_graph_keeps_the_page_no_longer_than_its_time(tenant):
    group = tenant.entra.add_group(tenant.tenant, "g", [tenant.user])
    add(tenant, mark("all"))
    add(tenant, mark("group"), entra_group=group)
    tenant.entra.fault("slow", delayMs=8000, path=MEMBERS, tenant=tenant.tenant)
    in_vain(tenant, 5, 2.3)
    in_vain(tenant, 2)  # the next do not wait in vain
    # Nothing else that talks to Graph is held up by that.
    row = tenant.site.execute("SELECT graph_pause_until, graph_state FROM tenants"
                              f" WHERE tenant_id = '{tenant.tenant}'")[0]
    assert row == ("0", "unknown")
    tenant.entra.clear_faults()
    tenant.site.execute("UPDATE tenants SET groups_pause_until = 0"
                        f" WHERE tenant_id = '{tenant.tenant}'")
    assert marks(shown(tenant)) == ["group"]


def test_a_slow_login_counts_into_the_same_time(tenant):
    group = tenant.entra.add_group(tenant.tenant, "g", [tenant.user])
    add(tenant, mark("all"))
    add(tenant, mark("group"), entra_group=group)
    shown(tenant, mode=None)  # signing keys are there
    tenant.server.api("PATCH", f"tenants/{tenant.tenant}", {"domain": tenant.domain})
    tenant.site.execute(f"DELETE FROM users WHERE tenant_id = '{tenant.tenant}'")
    shown_once = windows.terms_get(tenant.server, tenant.terms_token())
    assert shown_once.status == 200
    tenant.set(domain=tenant.domain)  # forgets the application token
    tenant.site.execute(f"DELETE FROM user_groups WHERE tenant_id = '{tenant.tenant}'")
    tenant.site.execute(f"DELETE FROM users WHERE tenant_id = '{tenant.tenant}'")
    tenant.entra.fault("slow", delayMs=8000, path="oauth2/v2.0/token", tenant=tenant.tenant)
    in_vain(tenant, 5, 2.3)


# Consent names the text

def test_row12_a_text_that_changed_while_the_page_was_open_is_shown(tenant):
    text = add(tenant, mark("one"), locale="de")
    page = shown(tenant, "de")
    change(tenant, text, body=mark("two"))
    again = accept(tenant, page)
    assert again.status == 200 and marks(again) == ["two"]
    assert decisions(tenant) == [] and tenant.answers() == []
    assert windows.redirect_query(accept(tenant, again))["IsAccepted"] == "true"
    assert decisions(tenant)[0]["version"].startswith("2-")


def test_row12_a_text_that_went_away_or_came_closer_is_shown(tenant):
    text = add(tenant, mark("de"), locale="de")
    page = shown(tenant, "de-AT,de")
    tenant.server.api("DELETE", f"tenants/{tenant.tenant}/terms/{text['id']}")
    again = accept(tenant, page)
    assert again.status == 200 and marks(again) == []
    add(tenant, mark("de-AT"), locale="de-AT")
    closer = accept(tenant, again)
    assert closer.status == 200 and marks(closer) == ["de-AT"]
    assert windows.redirect_query(accept(tenant, closer))["IsAccepted"] == "true"


def test_another_text_than_the_one_accepted_changes_nothing(tenant):
    group = tenant.entra.add_group(tenant.tenant, "g", [tenant.user])
    add(tenant, mark("en"))
    own = add(tenant, mark("group"), entra_group=group, mode="organization")
    page = shown(tenant)
    assert marks(page) == ["group"]
    other = add(tenant, mark("fr"), locale="fr")
    change(tenant, other, body=mark("fr2"))
    blob = windows.redirect_query(accept(tenant, page))["OpaqueBlob"]
    assert len(blob) <= 1024
    change(tenant, other, body=mark("fr3"))
    assert enrolled(tenant, blob) is True
    # Its own does, also after it was accepted.
    blob = windows.redirect_query(accept(tenant, shown(tenant)))["OpaqueBlob"]
    change(tenant, own, title="Newer terms")
    assert enrolled(tenant, blob) == "terms_version"
    blob = windows.redirect_query(accept(tenant, shown(tenant)))["OpaqueBlob"]
    assert enrolled(tenant, blob) is True


def test_consent_in_each_language_and_kind_enrols(tenant):
    add(tenant, mark("de"), locale="de")
    add(tenant, mark("ar"), locale="ar", mode="personal")
    for languages, mode, kind, got in (("de", "azureadjoin", "Device", "de"),
                                       ("ar", None, "Full", "ar"), ("zh-Hant-TW", None, "Full", None)):
        page = shown(tenant, languages, mode=mode)
        assert marks(page) == ([got] if got else [])
        blob = windows.redirect_query(accept(tenant, page))["OpaqueBlob"]
        assert enrolled(tenant, blob, kind) is True


def test_the_longest_consent_fits_into_what_windows_carries(tenant):
    group = tenant.entra.add_group(tenant.tenant, "g", [tenant.user])
    add(tenant, mark("g"), locale="zh-Hant-TW", entra_group=group)
    page = shown(tenant, "zh-Hant-HK,zh-Hans-CN,az-Arab-IR", mode=None,
                 headers={"cxh-preferredLanguage": "zh-Hant-TW"})
    assert marks(page) == ["g"]
    blob = windows.redirect_query(accept(tenant, page))["OpaqueBlob"]
    assert len(blob) <= 1024
    assert enrolled(tenant, blob, "Full") is True


# Who decided what

def test_decisions_and_texts_are_kept(tenant):
    text = add(tenant, mark("one"), locale="de", title="Bedingungen")
    request_id = str(uuid.uuid4())
    page = shown(tenant, "de", mode=None, **{"client-request-id": request_id},
                 redirect_uri=APP + "?secret=1")
    windows.send(f"{tenant.server.public_url}/TermsOfUse", "POST",
                 f"state={windows.terms_state(page)}&decision=accept",
                 {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": "Edge/18"},
                 tenant.server.tls())
    accept(tenant, shown(tenant, mode=None), "decline")
    change(tenant, text, body=mark("two"))
    accepted, declined = sorted(decisions(tenant), key=lambda row: row["decision"])
    assert accepted == {
        "id": accepted["id"], "tenant_id": tenant.tenant, "at": accepted["at"],
        "user_object_id": tenant.user, "user_principal_name": f"anna@{tenant.domain}",
        "decision": "accepted", "version": text["text_version"], "locale": "de",
        "mode": "personal", "client_request_id": request_id, "redirect_uri": APP,
        "source": "127.0.0.1", "user_agent": "Edge/18"}
    assert tenant.server.api("GET", f"terms-decisions/{accepted['id']}") == accepted
    assert declined["decision"] == "declined" and declined["locale"] == "en"
    assert [d["id"] for d in decisions(tenant, decision="accepted")] == [accepted["id"]]
    assert decisions(tenant, version=declined["version"]) == [declined]
    assert decisions(tenant, user_object_id=str(uuid.uuid4())) == []
    assert len(decisions(tenant, user_principal_name=f"anna@{tenant.domain}")) == 2
    # The exact text of then, also of the built-in one.
    path = f"tenants/{tenant.tenant}/terms-texts"
    old = tenant.server.api("GET", f"{path}/{accepted['version']}")
    assert (old["title"], old["html"], old["locale"]) == ("Bedingungen", mark("one") + "\n", "de")
    built_in = tenant.server.api("GET", f"{path}/{declined['version']}")
    assert "Let your organization manage" in built_in["title"] and "<ul>" in built_in["html"]
    listed = [row["version"] for row in tenant.server.api("GET", path)["items"]]
    assert set(listed) == {accepted["version"], declined["version"]}
    for bad in (f"{path}/9-0000000000000000", f"terms-decisions/{uuid.uuid4()}"):
        with pytest.raises(ApiError) as error:
            tenant.server.api("GET", bad)
        assert error.value.status == 404


def test_row13_the_same_form_again_is_one_decision(tenant):
    page = shown(tenant)
    for _ in range(3):
        assert windows.redirect_query(accept(tenant, page))["IsAccepted"] == "true"
    assert len(decisions(tenant)) == 1 and len(tenant.answers()) == 1


def test_declining_is_a_story_with_a_remedy(tenant):
    """Windows shows rejectedTermsOfUse; the administrator sees why, and what to do."""
    answer = windows.redirect_query(accept(tenant, shown(tenant, mode=None), "decline"))
    assert answer["IsAccepted"] == "false" and "OpaqueBlob" not in answer
    row = tenant.attempts()[0]
    assert (row["stage"], row["outcome"], row["reason"]) == ("terms", "refused", "terms_declined")
    assert "accept" in row["remedy"] and row["user_object_id"] == tenant.user
    assert row["client_request_id"] == answer["client-request-id"]
    assert decisions(tenant)[0]["client_request_id"] == row["client_request_id"]


def test_head_keeps_no_text(tenant):
    add(tenant, mark("x"))
    reply = windows.send(windows.terms_url(tenant.server), "HEAD", headers={
        "Authorization": f"Bearer {tenant.terms_token()}"}, context=tenant.server.tls())
    assert reply.status == 200
    assert tenant.server.api("GET", f"tenants/{tenant.tenant}/terms-texts")["items"] == []


def test_row5_what_was_shown_cannot_be_kept_is_not_shown(tenant):
    add(tenant, mark("x"))
    tenant.site.execute("ALTER TABLE terms_texts RENAME TO texts_away")
    try:
        reply = windows.terms_get(tenant.server, tenant.terms_token())
    finally:
        tenant.site.execute("ALTER TABLE texts_away RENAME TO terms_texts")
    assert reply.status == 302 and "error=server_error" in reply.headers["location"]
    assert "mark-x" not in reply.body.decode()
    assert tenant.attempts()[0]["outcome"] == "failed"


# Where to: a tenant's own rules

def test_row1_a_tenants_rule_for_the_way_back(tenant):
    tenant.set(redirect_uris=["ms-appx-web://contosomdm/To", "ms-aadj-redir://auth/mdm"])
    assert shown(tenant) and shown(tenant, redirect_uri="ms-aadj-redir://auth/mdm?x=1")
    for address in ("ms-appx-web://Other/ToUResponse", "ms-appx-web://ContosoMdm/",
                    "ms-appx-web://ContosoMdm/To/../x", "ms-aadj-redir://auth/drs",
                    "ms-aadj-redir://ContosoMdm/ToUResponse"):
        reply = windows.terms_get(tenant.server, tenant.terms_token(), redirect_uri=address)
        assert reply.status == 400 and "location" not in reply.headers
        row = tenant.attempts()[0]
        assert (row["outcome"], row["reason"]) == ("refused", "redirect_uri_tenant")
        assert row["remedy"].endswith(f"Windows asked for {address}"), row["remedy"]
    tenant.set(redirect_uris=[])
    page = shown(tenant, redirect_uri="ms-appx-web://Other/ToUResponse")
    # Narrower while the page was open.
    tenant.set(redirect_uris=["ms-appx-web://ContosoMdm/"])
    reply = accept(tenant, page)
    assert reply.status == 400 and "location" not in reply.headers
    assert tenant.attempts()[0]["reason"] == "redirect_uri_tenant"
    assert decisions(tenant) == []


@pytest.mark.parametrize("fields", [
    {"redirect_uris": ["https://evil.example/"]}, {"redirect_uris": ["ms-appx-web://"]},
    {"redirect_uris": ["ms-appx-web://a/?x=1"]}, {"redirect_uris": [""]},
    {"redirect_uris": ["ms-appx-web://a/../b"]}, {"redirect_uris": ["ms-appx-web://*/"]},
    {"frame_ancestors": "*"}, {"frame_ancestors": "https:"}, {"frame_ancestors": "https://*"},
    {"frame_ancestors": "http://a.example"}, {"frame_ancestors": "'none'"},
    {"frame_ancestors": "https://a.example; script-src *"},
    {"frame_ancestors": "https://a.example,https://b.example"},
    {"frame_ancestors": "https://a.example\r\nSet-Cookie: x=1"},
    {"frame_ancestors": "https://a.example  https://b.example"},
    {"frame_ancestors": " https://a.example"}, {"frame_ancestors": "https://a.example/"},
    {"frame_ancestors": "https://a.*.example"}, {"frame_ancestors": "https://*.*.example"},
    {"frame_ancestors": "https://-a.example"}, {"frame_ancestors": "https://localhost"},
    {"frame_ancestors": "https://\u00e4.example"}, {"frame_ancestors": "https://a.example:443"},
    {"frame_ancestors": " ".join(["https://a.example"] * 17)},
    {"default_locale": ""}, {"default_locale": "german"}, {"default_locale": "de;q=1"},
], ids=lambda f: str(f)[:60])
def test_what_a_tenant_cannot_say_about_its_page(tenant, fields):
    before = tenant.server.api("GET", f"tenants/{tenant.tenant}")
    with pytest.raises(ApiError) as error:
        tenant.set(**fields)
    assert error.value.status == 422
    assert next(iter(fields)) in error.value.problem["detail"]
    assert tenant.server.api("GET", f"tenants/{tenant.tenant}") == before


def test_what_a_tenant_can_say_about_its_page(tenant):
    said = {"redirect_uris": ["ms-appx-web://ContosoMdm", "ms-aadj-redir://auth/mdm"],
            "frame_ancestors": "https://login.microsoftonline.com https://*.microsoftonline.com",
            "default_locale": "zh-Hant-TW"}
    tenant.set(**said)
    now = tenant.server.api("GET", f"tenants/{tenant.tenant}")
    assert {name: now[name] for name in said} == said
