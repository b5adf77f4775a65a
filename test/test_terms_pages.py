# SPDX-License-Identifier: Apache-2.0
"""Pages of the Terms of Use and of the sign-in that a user meets on the side, in a real browser: an
organization's own look, a text that changed, a PIN that is blocked, a page that is over, a web view
that stops at the address of the app; and what a screen reader tells."""

import struct
import urllib.parse
import zlib

import pytest

from federation import RETURN
from signing_in import APPRU
from terms_scenario import (DOMAIN, NUMBER, PERSONAL, SETTINGS, USER, WINDOWS_10,  # noqa: F401
                            WINDOWS_11, Scenario, asking, boxes_of, chrome, healthy, name_of,
                            number_of, placed, shoot, site, tenant)

FRAMED = pytest.mark.parametrize("framed", [False, True], ids=["alone", "framed"])
HOSTS = pytest.mark.parametrize("headers,name", [(WINDOWS_10, "windows-10"),
                                                 (WINDOWS_11, "windows-11")],
                                ids=["dark", "light"])


def shoot_both(chrome, name, headers, framed):
    """In a frame as Windows 11 has it; Windows 10 shows the page from edge to edge."""
    if not framed:
        shoot(chrome, name)
    elif headers is not WINDOWS_10:
        shoot(chrome, f"{name}-framed")


def visible(color):
    return tuple(int(part) for part in color[color.index("(") + 1:-1].split(",")[:3])


def luminance(color):
    def linear(value):
        c = value / 255
        return c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4
    r, g, b = (linear(value) for value in visible(color))
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


# An organization's own look

def png(width, height, color):
    """A plain picture."""
    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))
    rows = (b"\0" + bytes(color) * width) * height
    return (b"\x89PNG\r\n\x1a\n"
            + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


LOGO = ('<svg xmlns="http://www.w3.org/2000/svg" width="176" height="40" viewBox="0 0 176 40">'
        '<path d="M20 2 37 12v16L20 38 3 28V12z" fill="#ffd54a"/><path '
        'd="M20 11l9 5v9l-9 5-9-5v-9z" fill="#1e5631"/><text x="48" y="28" font-family="Segoe UI,Open Sans,sans-serif" '
        'font-size="23" font-weight="600" fill="{ink}">Contoso</text></svg>')
TEMPLATE = """body { background-image: none }
.win-type-header { text-transform: uppercase; letter-spacing: .04em }
.win-button { box-shadow: 0 1px 2px #0006 }
"""


@pytest.fixture
def branded(site, tmp_path):
    """A function that gives the server the files of an administrator; without them afterwards."""
    folder = tmp_path / "branding"
    folder.mkdir()

    def use(**files):
        for name, content in files.items():
            path = folder / name.replace("__", ".").replace("_", "-")
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        site.configure(assets_dir=site.assets, branding_dir=folder)

    yield use
    site.configure(assets_dir=site.assets)


@FRAMED
@pytest.mark.parametrize("headers,name,ink", [(WINDOWS_10, "branding-windows-10", "#fff"),
                                              (WINDOWS_11, "branding-windows-11", "#1b1b1b")],
                         ids=["dark", "light"])
def test_logo_and_colours_of_an_organization(chrome, tenant, branded, headers, name, ink, framed):
    branded(logo__svg=LOGO.format(ink=ink),
            colors__conf="accent = #ffd54a\nbackground = #1e5631\n")
    Scenario(name, headers, PERSONAL).open(chrome, tenant, framed)
    seen = healthy(chrome)
    placed(chrome, seen)
    shoot_both(chrome, name, headers, framed)
    accept = chrome.style(selector="button[value=accept]", names=["background-color", "color"])
    assert accept == {"background-color": "rgb(255, 213, 74)", "color": "rgb(0, 0, 0)"}
    decline = chrome.style(selector="button[value=decline]",
                           names=["background-color", "color", "border-top-color"])
    if headers is WINDOWS_10:
        assert seen["background"] == "rgb(30, 86, 49)"
        # Not a blue of ours on it: the line and the text of the button are the page's own.
        assert decline["background-color"] == "rgba(0, 0, 0, 0)"
        assert decline["color"] == decline["border-top-color"] == "rgb(255, 255, 255)"
    else:
        assert seen["background"] == "rgb(243, 243, 243)"
    logo = next(box for box in chrome.look(selector=".logo")["boxes"])
    assert 0 < logo["width"] <= 12 * 16 and 0 < logo["height"] <= 3 * 16


@pytest.mark.parametrize("background", ["#ffffff", "#000000", "#767676", "#1e5631", "#ffee00"])
def test_every_background_leaves_buttons_that_can_be_read(chrome, tenant, branded, background):
    branded(colors__conf=f"background = {background}\n")
    Scenario("background", WINDOWS_10, PERSONAL).open(chrome, tenant)
    seen = healthy(chrome)
    accept = chrome.style(selector="button[value=accept]", names=["background-color", "color"])
    decline = chrome.style(selector="button[value=decline]", names=["color", "border-top-color"])
    assert contrast(accept["background-color"], accept["color"]) >= 4.5
    assert contrast(seen["background"], accept["background-color"]) >= 3
    assert contrast(seen["background"], decline["color"]) >= 4.5
    assert contrast(seen["background"], decline["border-top-color"]) >= 3


@pytest.mark.parametrize("headers", [WINDOWS_10, WINDOWS_11, SETTINGS],
                         ids=["windows-10", "windows-11", "settings"])
def test_forced_colours_are_stronger_than_an_organizations(chrome, tenant, branded, headers):
    def colors():
        seen = []
        for scheme in ("light", "dark"):
            Scenario("forced", headers, PERSONAL, colors="active", scheme=scheme).open(
                chrome, tenant)
            seen += [chrome.style(selector=selector, names=[
                "background-color", "color", "border-top-color"]) for selector in (
                    "body", "button[value=accept]", "button[value=decline]")]
        return seen

    # axe-core takes the colours that were forced away for those of the text, so without it.
    plain = colors()
    for look in plain:
        assert contrast(look["background-color"], look["color"]) >= 4.5, look
    branded(colors__conf="accent = #ffee00\nbackground = #1e5631\n")
    assert colors() == plain
    Scenario("free", headers, PERSONAL).open(chrome, tenant)
    assert chrome.style(selector="button[value=accept]", names=["background-color"]) == {
        "background-color": "rgb(255, 238, 0)"}


@FRAMED
def test_a_template_and_a_style_sheet_of_an_administrator(chrome, tenant, branded, framed):
    branded(oobe_light__css=TEMPLATE, branding__css=".terms h1 { color: #7a1f5c }\n",
            logo__png=png(400, 100, (122, 31, 92)))
    Scenario("template", WINDOWS_11, PERSONAL).open(chrome, tenant, framed)
    placed(chrome, healthy(chrome))
    assert chrome.style(selector="h1", names=["color"]) == {"color": "rgb(122, 31, 92)"}
    assert chrome.style(selector="h1", names=["text-transform"]) == {"text-transform": "uppercase"}
    shoot_both(chrome, "template-windows-11", WINDOWS_11, framed)


# What happens on the side

@FRAMED
@HOSTS
def test_a_text_that_changed_is_said(chrome, site, headers, name, framed):
    made = site.tenant(domain=DOMAIN)
    text = {"locale": "en", "title": "Terms of Use of Contoso",
            "body": "<p>Version one.</p>"}
    added = site.server.api("POST", f"tenants/{made.tenant}/terms", text)
    Scenario("changed", headers, PERSONAL).open(chrome, made, framed)
    assert "Version one" in chrome.look()["text"]
    site.server.api("PATCH", f"tenants/{made.tenant}/terms/{added['id']}", {
        "body": "<p>If you accept, Contoso can:</p><ol>" + "".join(
            f"<li>{what}</li>" for what in (
                "set and enforce security settings", "install work apps", "see the device's name",
                "see its version of Windows", "lock the device", "reset the device",
                "renew its certificate", "read its compliance", "ask for encryption",
                "remove what is Contoso's", "end the management")) +
                '</ol><p>What Contoso never sees is in the <a href="https://contoso.com/privacy">'
                'statement on privacy</a>.</p>'})
    assert chrome.submit(selector="button[value=accept]")["status"] == 200
    seen = healthy(chrome)
    placed(chrome, seen)
    shoot_both(chrome, f"changed-{name}", headers, framed)
    assert "The terms have changed" in seen["text"] and "Version one" not in seen["text"]
    if not framed:
        assert [n["live"] for n in chrome.tree() if n["role"] == "status"] == ["polite"]
    # No number of the list hangs out to the left of the text around it.
    assert chrome.style(selector="ol", names=["margin-left"]) == {"margin-left": "40px"}
    answer = chrome.submit(selector="button[value=accept]")
    assert answer["status"] == 302 and "IsAccepted=true" in answer["location"]


@FRAMED
@HOSTS
def test_a_blocked_pin_is_told(chrome, site, headers, name, framed):
    made = site.tenant(domain=DOMAIN, pin_required=True)
    Scenario("blocked", headers, PERSONAL).open(chrome, made, framed)
    for _ in range(6):
        chrome.type(selector="#pin", text="00000000")
        assert chrome.submit(selector="button[value=accept]")["status"] == 200
    seen = healthy(chrome)
    placed(chrome, seen)
    shoot_both(chrome, f"pin-blocked-{name}", headers, framed)
    assert "Too many wrong PINs" in seen["text"]
    assert made.attempts(reason="pin_blocked")
    # Who cannot accept can still decline.
    assert "IsAccepted=false" in chrome.submit(selector="button[value=decline]")["location"]


@FRAMED
@HOSTS
def test_a_web_view_that_stops_at_the_app_has_a_way_on_and_back(chrome, tenant, headers, name,
                                                                framed):
    Scenario("continue", headers, PERSONAL, stops=True).open(chrome, tenant, framed)
    there = chrome.submit(selector="button[value=accept]")
    assert there["status"] == 302
    seen = healthy(chrome)
    shoot_both(chrome, f"continue-{name}", headers, framed)
    boxes = boxes_of(seen)
    assert abs(boxes["button"]["right"] - boxes["title"]["right"]) <= 1
    assert boxes["back"]["right"] < boxes["button"]["left"]
    assert boxes["back"]["bottom"] >= seen["height"] - 48 and seen["scrollHeight"] <= seen["height"]
    if not framed:
        heard = [(n["role"], n["name"]) for n in chrome.tree() if n["role"] in ("link", "button")]
        assert heard == [("link", "Continue"), ("button", "Back")]
        assert name_of(chrome.focus()) == "title"
    assert chrome.submit(selector="button[value=back]")["status"] == 200
    assert "accept" in boxes_of(healthy(chrome))


@FRAMED
def test_a_page_that_is_over_says_so(chrome, site, tenant, framed):
    Scenario("expired", WINDOWS_11, PERSONAL, stops=True).open(chrome, tenant, framed)
    site.clock.set(16 * 60)
    try:
        answer = chrome.submit(selector="button[value=accept]")
    finally:
        site.clock.set(0)
    assert answer["status"] == 302 and "error=server_error" in answer["location"]
    assert tenant.attempts()[0]["reason"] == "terms_page_expired"
    seen = healthy(chrome)
    # There is nothing to go back to.
    assert "back" not in boxes_of(seen)
    shoot_both(chrome, "expired", WINDOWS_11, framed)


@FRAMED
def test_a_form_that_is_not_ours_gets_a_number(chrome, site, tenant, framed):
    Scenario("state", WINDOWS_11, PERSONAL).open(chrome, tenant, framed)
    chrome.set_value(selector="input[name=state]", value="x")
    assert chrome.submit(selector="button[value=accept]")["status"] == 400
    seen = healthy(chrome)
    assert "This page is no longer valid" in seen["text"]
    assert site.server.attempts(reason="terms_state")[0]["trace_id"] == number_of(chrome)
    shoot_both(chrome, "page-not-valid", WINDOWS_11, framed)


# What a screen reader tells

def heard(chrome):
    """Roles and names, in order, without the text itself."""
    told = ("heading", "region", "textbox", "alert", "status", "button", "link", "form", "main")
    return [(n["role"], n["name"]) for n in chrome.tree() if n["role"] in told]


def test_a_screen_reader_has_everything_in_order(chrome, asking):
    Scenario("reader", SETTINGS, PERSONAL).open(chrome, asking)
    title = "Let your organization manage this device"
    plain = [("heading", title), ("main", ""), ("region", "Text of the terms"), ("form", title),
             ("textbox", "One-time PIN"), ("button", "Accept"), ("button", "Decline")]
    assert heard(chrome) == plain
    assert next(n for n in chrome.tree() if n["role"] == "RootWebArea")["name"] == title
    pin = next(n for n in chrome.tree() if n["role"] == "textbox")
    assert pin["description"] == "Enter the PIN that your organization gave you."
    assert pin["required"] and pin["invalid"] == "false"
    chrome.type(selector="#pin", text="00000000")
    assert chrome.submit(selector="button[value=accept]")["status"] == 200
    told = heard(chrome)
    assert told == plain[:4] + [("alert", "")] + plain[4:], told
    tree = chrome.tree()
    pin = next(n for n in tree if n["role"] == "textbox")
    assert pin["invalid"] == "true" and pin["focused"]
    assert pin["description"].endswith("This PIN is not right. Check it and enter it again.")
    alert = next(n for n in tree if n["role"] == "alert")
    assert alert["live"] == "assertive" and alert["atomic"]


# The pages of the sign-in

@pytest.fixture(scope="module")
def signing(site, tenant):
    """A tenant whose users sign in at Entra. There is another one: a server with one tenant takes
    any address for its own."""
    made = site.tenant(domain=DOMAIN, enrollment_methods=["federated"])
    made.set(domains=[DOMAIN])
    client = site.entra.add_app(made.tenant, redirectUris=[site.server.public_url + RETURN])
    site.server.api("PUT", f"tenants/{made.tenant}/identity-provider", {
        "issuer": f"{site.entra.login_url}/{made.tenant}/v2.0", "client_id": client,
        "client_secret": site.entra.add_secret(client)})
    return made


def sign_in_url(server, email=USER, appru=APPRU):
    query = urllib.parse.urlencode({"appru": appru, "login_hint": email},
                                   quote_via=urllib.parse.quote)
    return f"{server.public_url}/EnrollmentServer/Auth?{query}"


@pytest.mark.parametrize("locale,scheme,title", [
    ("en-US", "light", "You are signed in"), ("en-US", "dark", "You are signed in"),
    ("de-AT", "light", "Sie sind angemeldet"), ("ar", "light", "تم تسجيل دخولك")])
def test_the_last_page_of_the_sign_in(chrome, signing, locale, scheme, title):
    chrome.open(url=sign_in_url(signing.server), headers={"Accept-Language": locale},
                language=locale, scheme=scheme, held=True)
    seen = healthy(chrome)
    assert seen["title"] == title and title in seen["text"]
    assert (seen["lang"], seen["dir"]) == (locale[:2], "rtl" if locale == "ar" else "ltr")
    button, = [box for box in seen["boxes"] if box["height"] and box["what"] != "title"][-1:]
    assert button["height"] >= 44
    assert [n["role"] for n in chrome.tree() if n["role"] in ("main", "heading", "button")] == [
        "main", "heading", "button"]
    shoot(chrome, f"signed-in-{locale[:2]}" + ("-dark" if scheme == "dark" else ""))


@pytest.mark.parametrize("locale,scheme,words", [
    ("en-US", "light", "No organization is known here"),
    ("en-US", "dark", "No organization is known here"),
    ("fr-CA", "light", "Aucune organisation"), ("he", "light", "לא מוכר כאן ארגון"),
    ("tlh", "light", "No organization is known here")])
def test_the_error_of_the_sign_in(chrome, site, signing, locale, scheme, words):
    chrome.open(url=sign_in_url(signing.server, "anna@fabrikam.example"), headers={},
                language=locale, scheme=scheme)
    seen = healthy(chrome)
    assert words in seen["text"]
    assert site.server.attempts(reason="sign_in_tenant")[0]["trace_id"] == number_of(chrome)
    assert NUMBER in chrome.look()["text"]
    assert [n["role"] for n in chrome.tree() if n["role"] in ("main", "heading", "alert")] == [
        "main", "heading", "alert"]
    if locale != "tlh":
        shoot(chrome, f"sign-in-error-{locale[:2]}" + ("-dark" if scheme == "dark" else ""))


@pytest.mark.parametrize("options", [{"width": 320, "height": 568}, {"zoom": 400, "width": 1280},
                                     {"text": 200, "width": 500}],
                         ids=["narrow", "zoom", "text"])
def test_the_pages_of_the_sign_in_fit_any_window(chrome, signing, options):
    for email in (USER, "anna@fabrikam.example"):
        chrome.open(url=sign_in_url(signing.server, email), headers={}, language="de-DE",
                    held=True, **options)
        healthy(chrome)


def test_nobody_frames_the_sign_in(chrome, signing):
    chrome.open(url=sign_in_url(signing.server, "anna@fabrikam.example"), headers={}, framed=True,
                scheme="light")
    assert any("frame-ancestors" in line for line in chrome.told()["console"])
    assert "No organization" not in chrome.look()["text"]
