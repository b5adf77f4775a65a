# SPDX-License-Identifier: Apache-2.0
"""Back, Forward and Reload of the web view on the Terms of Use, in a real browser: by itself and in
a frame of another origin. The bearer token goes with the first request alone, so whatever the
history leads to has to be found by the state in its address."""

import pytest

import windows
from test_terms_browser import (PERSONAL, SETTINGS, WINDOWS_10, WINDOWS_11, Scenario, chrome,
                                healthy, site)

__all__ = ["chrome", "site"]  # fixtures

framed = pytest.mark.parametrize("framed", [False, True], ids=["alone", "framed"])


def is_of_a_state(address):
    return address.startswith("/TermsOfUse?state=") and "&" not in address


def travelled(chrome, way):
    """One document was asked for: by the address of a state, and without a token."""
    told = chrome.travel(way=way)
    assert is_of_a_state(told["address"])
    [visit] = told["visits"]
    assert visit["method"] == "GET" and not visit["bearer"]
    assert is_of_a_state(visit["url"][visit["url"].index("/TermsOfUse"):])
    return chrome.look()


def accepted(chrome, tenant):
    answer = chrome.submit(selector="button[value=accept]")
    assert answer["status"] == 302 and "IsAccepted=true&OpaqueBlob=" in answer["location"]
    assert "unauthorized_client" not in str(tenant.attempts())
    blocked = [line for line in answer["console"] if "Content Security Policy" in line]
    assert blocked == []


def write(tenant, mark, text=None):
    """The tenant's text, new or changed."""
    path = f"tenants/{tenant.tenant}/terms"
    body = {"body": f"<p>mark-{mark}</p>"}
    if text:
        return tenant.server.api("PATCH", f"{path}/{text['id']}", body)
    return tenant.server.api("POST", path, {"locale": "en", "title": "Terms", **body})


def pin_of(tenant):
    return tenant.server.api("POST", f"tenants/{tenant.tenant}/pins", {})["items"][0]["pin"]


@framed
@pytest.mark.parametrize("headers", [WINDOWS_10, WINDOWS_11, SETTINGS],
                         ids=["windows-10", "windows-11", "settings"])
def test_a_reload_of_the_first_page_is_the_same_page(chrome, site, headers, framed):
    tenant = site.tenant()
    Scenario("reload", {**headers, "cxh-preferredLanguage": "de-DE"}, PERSONAL).open(
        chrome, tenant, framed)
    first = chrome.look()
    assert is_of_a_state(chrome.address())
    for _ in range(2):
        seen = travelled(chrome, "reload")
        # Look and words too: what Windows said of itself is not said again.
        assert (seen["theme"], seen["text"], seen["lang"]) == (
            first["theme"], first["text"], first["lang"])
    healthy(chrome)
    assert len(tenant.attempts()) == 1
    accepted(chrome, tenant)


@framed
def test_back_forward_and_reload_after_a_wrong_pin(chrome, site, framed):
    tenant = site.tenant(pin_required=True)
    Scenario("pin", WINDOWS_11, PERSONAL).open(chrome, tenant, framed)
    first = chrome.address()
    chrome.type(selector="#pin", text="00000000")
    assert chrome.submit(selector="button[value=accept]")["status"] == 200
    assert "This PIN is not right" in chrome.look()["text"]
    second = chrome.address()
    assert is_of_a_state(second) and second != first
    for way, where in (("back", first), ("forward", second), ("reload", second), ("back", first)):
        seen = travelled(chrome, way)
        # The PIN was wrong when it was typed; nothing has been typed on this page.
        assert chrome.address() == where and "This PIN is not right" not in seen["text"]
    healthy(chrome)
    assert [row["reason"] for row in tenant.answers()] == ["pin_wrong"]
    chrome.type(selector="#pin", text=pin_of(tenant))
    accepted(chrome, tenant)
    assert [row["reason"] for row in tenant.answers()] == ["", "pin_wrong"]


@framed
def test_back_forward_and_reload_after_a_changed_text(chrome, site, framed):
    tenant = site.tenant()
    text = write(tenant, "one")
    Scenario("text", WINDOWS_10, PERSONAL).open(chrome, tenant, framed)
    assert "mark-one" in chrome.look()["text"]
    write(tenant, "two", text)
    assert chrome.submit(selector="button[value=accept]")["status"] == 200
    seen = chrome.look()
    assert "mark-two" in seen["text"] and "have changed" in seen["text"]
    second = chrome.address()
    # Back leads to a page that was another text once: it says so, and is of a state of its own then.
    seen = travelled(chrome, "back")
    assert "mark-two" in seen["text"] and "have changed" in seen["text"]
    seen = travelled(chrome, "reload")
    assert "mark-two" in seen["text"] and "have changed" not in seen["text"]
    seen = travelled(chrome, "forward")
    assert chrome.address() == second and "have changed" not in seen["text"]
    assert "mark-two" in travelled(chrome, "reload")["text"]
    healthy(chrome)
    accepted(chrome, tenant)
    [decision] = tenant.server.items(f"terms-decisions?tenant_id={tenant.tenant}")
    assert decision["version"].startswith("2-")


@framed
def test_back_to_a_page_and_decline(chrome, site, framed):
    tenant = site.tenant(pin_required=True)
    Scenario("decline", SETTINGS, PERSONAL).open(chrome, tenant, framed)
    chrome.type(selector="#pin", text="00000000")
    assert chrome.submit(selector="button[value=accept]")["status"] == 200
    travelled(chrome, "back")
    answer = chrome.submit(selector="button[value=decline]")
    assert answer["status"] == 302 and "IsAccepted=false" in answer["location"]
    assert [row["reason"] for row in tenant.answers()] == ["terms_declined", "pin_wrong"]


@framed
def test_without_script_the_page_is_whole(chrome, site, framed):
    """Its address stays what it was; what is in the page works."""
    tenant = site.tenant(pin_required=True)
    Scenario("no-script", WINDOWS_11, PERSONAL).open(chrome, tenant, framed, script=False)
    chrome.type(selector="#pin", text="00000000")
    assert chrome.submit(selector="button[value=accept]")["status"] == 200
    assert "This PIN is not right" in chrome.look()["text"]
    assert chrome.address() == "/TermsOfUse"
    chrome.type(selector="#pin", text=pin_of(tenant))
    accepted(chrome, tenant)


@framed
def test_the_page_is_whole_when_the_script_cannot_be_loaded(chrome, site, framed):
    tenant = site.tenant()
    Scenario("lost", WINDOWS_11, PERSONAL, failing="/history.js").open(chrome, tenant, framed)
    assert "redirect_uri=" in chrome.address()
    healthy(chrome)
    accepted(chrome, tenant)


def test_case20_a_script_that_got_into_a_text_would_not_run(chrome, site):
    """The cleaner lets none through; behind it the policy lets none run but those of the server, and
    what an administrator or another user can put there is none."""
    tenant = site.tenant()
    text = write(tenant, "one")
    site.execute("UPDATE terms SET html = '<p id=\"mark\">mark-one</p>"
                 "<script>document.title=\"run\"</script>"
                 "<script src=\"/TermsOfUse?state=x\"></script>"
                 "<script src=\"https://host.example/x.js\"></script>"
                 "<img src=\"x\" onerror=\"document.title=1\">"
                 f"' WHERE id = '{text['id']}'")
    Scenario("script", WINDOWS_11, PERSONAL).open(chrome, tenant)
    seen = chrome.look()
    assert "mark-one" in seen["text"] and seen["title"] == "Terms"
    told = "\n".join(chrome.told()["console"])
    assert told.count("Content Security Policy") >= 3, told
    assert is_of_a_state(chrome.address())  # ours ran
