# SPDX-License-Identifier: Apache-2.0
"""The Terms of Use in a real browser: every way Windows shows them, by themselves and in a frame of
another origin. Nothing may be against the accessibility rules of axe-core or blocked by the page's
own policy; the keyboard has to reach everything in order; accepting has to lead to the app's address.

MUSTER_SCREENSHOTS names a directory for a picture of each scenario; those in doc/screenshots are
made by it.
"""

import os
import pathlib
import subprocess
import sys

import pytest

import browser as browser_driver
import windows
from entra_sim import EntraSim
from tenancy import Site

WINDOWS_10 = {"CXH-HOST": "FRX", "cxh-osVersionInfo": '{"version":"10.0.19045.5247"}',
              "hostApp": "CloudExperienceHost"}
WINDOWS_11 = {"CXH-HOST": "FRX", "cxh-osVersionInfo": '{"version":"10.0.22631.4460"}',
              "hostApp": "CloudExperienceHost"}
INCLUSIVE = {"CXH-HOST": "FRX",
             "cxh-personality": "CloudExperienceHost.Personality.InclusiveBlue"}
SETTINGS = {"CXH-HOST": "MOSET", "cxh-osVersionInfo": '{"version":"10.0.22631.4460"}'}

STRIP = pathlib.Path(__file__).resolve().parent.parent / "tools" / "strip_font_face.py"
WINJS = browser_driver.DIRECTORY / "node_modules" / "winjs" / "css"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """One store: what the pages look like does not depend on it."""
    folder = tmp_path_factory.mktemp("browser")
    winjs = folder / "assets" / "winjs"
    winjs.mkdir(parents=True)
    for name in ("ui-dark.min.css", "ui-light.min.css"):
        subprocess.run([sys.executable, "-B", STRIP, WINJS / name, winjs / name], check=True)
    (folder / "site").mkdir()
    with EntraSim(folder / "entra") as entra:
        made = Site(folder / "site", entra, "sqlite")
        server = made.server
        assert server.stop() == 0
        server.conf.write_text(server.conf.read_text() +
                               f"\n[terms]\nassets_dir = {folder / 'assets'}\n")
        server.start()
        yield made
        assert server.stop() == 0


@pytest.fixture(scope="module")
def tenant(site):
    return site.tenant()


@pytest.fixture(scope="module")
def chrome(tmp_path_factory):
    assert browser_driver.missing() == []
    made = browser_driver.Browser(tmp_path_factory.mktemp("chrome") / "driver.log")
    yield made
    made.end()


class Scenario:
    def __init__(self, name, headers=None, query=None, fields=None, **options):
        self.name, self.headers = name, headers or {}
        self.query, self.fields, self.options = query or {}, fields or {}, options

    def open(self, chrome, tenant, framed=False, **more):
        headers = {"Authorization": f"Bearer {tenant.terms_token()}", **self.headers}
        chrome.open(url=windows.terms_url(tenant.server, **self.query), headers=headers,
                    framed=framed, **{**self.options, **more})
        return self


ARABIC = {"locale": "ar", "title": "شروط الاستخدام",
          "body": "<p>هذا الجهاز ملك لمؤسستك. عند المتابعة يمكن للمؤسسة:</p><ul>"
                  "<li>تعيين إعدادات الأمان وفرضها،</li><li>تثبيت التطبيقات وإزالتها،</li>"
                  "<li>رؤية اسم الجهاز وإصدار Windows،</li><li>قفل الجهاز أو إعادة تعيينه.</li></ul>"
                  "<h2>البيانات الشخصية</h2>" + "<p>لا ترى مؤسستك ملفاتك الشخصية.</p>" * 30}


@pytest.fixture(scope="module")
def arabic(site):
    """A tenant that has long terms in Arabic and asks for a PIN."""
    made = site.tenant(pin_required=True)
    site.server.api("POST", f"tenants/{made.tenant}/terms", ARABIC)
    return made


@pytest.fixture(scope="module")
def asking(site):
    return site.tenant(pin_required=True)


PERSONAL = {"mode": None}
SCENARIOS = [
    Scenario("oobe-windows-10", WINDOWS_10),
    Scenario("oobe-windows-11", WINDOWS_11),
    Scenario("oobe-inclusive", INCLUSIVE),
    Scenario("settings-join", SETTINGS),
    Scenario("work-account", SETTINGS, PERSONAL),
    Scenario("narrow-320", WINDOWS_10, PERSONAL, width=320, height=568),
    Scenario("narrow-320-light", WINDOWS_11, PERSONAL, width=320, height=568),
    Scenario("low-window", WINDOWS_11, PERSONAL, width=800, height=320),
    Scenario("zoom-200-windows-10", WINDOWS_10, PERSONAL, zoom=200),
    Scenario("zoom-200-windows-11", WINDOWS_11, PERSONAL, zoom=200, width=640, height=480),
    Scenario("forced-colors-windows-10", WINDOWS_10, PERSONAL, colors="active", scheme="dark"),
    Scenario("forced-colors-settings", SETTINGS, PERSONAL, colors="active"),
    Scenario("winjs-windows-10", WINDOWS_10, PERSONAL, {"winjs": True}),
    Scenario("winjs-windows-11", WINDOWS_11, PERSONAL, {"winjs": True}),
    Scenario("winjs-settings", SETTINGS, PERSONAL, {"winjs": True}),
    Scenario("error", WINDOWS_10, {"redirect_uri": "https://x.example"}),
    Scenario("error-arabic", {**WINDOWS_11, "cxh-preferredLanguage": "ar-SA"},
             {"redirect_uri": "https://x.example"}),
]


def shoot(chrome, name):
    folder = os.environ.get("MUSTER_SCREENSHOTS")
    if folder:
        pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
        chrome.screenshot(path=str(pathlib.Path(folder).resolve() / f"{name}.png"))


def healthy(chrome):
    """No finding of axe-core, nothing blocked, nothing that sticks out to the side."""
    found = chrome.check()
    assert found["violations"] == [] and found["passes"] > 10
    # What the rules cannot tell by themselves has to be something we know.
    assert [f for f in found["unsure"] if f["id"] != "color-contrast"] == []
    told = chrome.told()
    blocked = [line for line in told["console"] if "Content Security Policy" in line]
    assert blocked == []
    seen = chrome.look()
    assert seen["scrollWidth"] <= seen["width"], seen
    if seen["content"]:
        assert seen["content"]["scrollWidth"] <= seen["content"]["clientWidth"], seen
    return seen


@pytest.mark.parametrize("framed", [False, True], ids=["alone", "framed"])
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s.name)
def test_every_scenario_is_healthy(chrome, site, tenant, scenario, framed):
    if scenario.fields:
        tenant = site.tenant(**scenario.fields)
    scenario.open(chrome, tenant, framed)
    seen = healthy(chrome)
    shoot(chrome, scenario.name + ("-framed" if framed else ""))
    if "error" in scenario.name:
        return
    buttons = {box["what"]: box for box in seen["boxes"] if box["what"] in ("accept", "decline")}
    assert ("decline" in buttons) == (scenario.query == PERSONAL)
    wide = seen["width"] > 640 and scenario.options.get("zoom", 100) == 100
    accept = buttons["accept"]
    if wide:
        # At the bottom end, in the window without scrolling, Accept outermost.
        assert accept["right"] > seen["width"] / 2 and accept["bottom"] <= max(
            seen["height"], seen["scrollHeight"])
        if "decline" in buttons:
            assert buttons["decline"]["right"] < accept["left"]
            assert buttons["decline"]["top"] == accept["top"]
    text = seen["text"]
    assert f"anna@{tenant.domain}" in text and "Accept" in text


def name_of(focus):
    return focus["value"] if focus["tag"] == "button" else focus["id"] or focus["role"] or \
        focus["tag"]


@pytest.mark.parametrize("headers", [WINDOWS_10, WINDOWS_11, SETTINGS],
                         ids=["windows-10", "windows-11", "settings"])
def test_the_keyboard_reaches_everything_in_order(chrome, tenant, headers):
    Scenario("keyboard", headers, PERSONAL).open(chrome, tenant)
    assert name_of(chrome.focus()) == "title"
    walked = [chrome.press(key="Tab") for _ in range(3)]
    assert [name_of(step) for step in walked] == ["region", "accept", "decline"]
    assert all(step["outline"] >= 2 for step in walked), walked
    assert name_of(chrome.press(key="Shift+Tab")) == "accept"
    answer = chrome.submit(key="Enter")
    assert answer["status"] == 302 and "IsAccepted=true" in answer["location"]


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize("framed", [False, True], ids=["alone", "framed"])
@pytest.mark.parametrize("decision", ["accept", "decline"])
def test_a_click_leads_to_the_app(chrome, tenant, decision, framed, script):
    Scenario("click", WINDOWS_11, PERSONAL).open(chrome, tenant, framed, script=script)
    answer = chrome.submit(selector=f"button[value={decision}]")
    assert answer["status"] == 302
    assert answer["location"].startswith("ms-appx-web://ContosoMdm/ToUResponse?IsAccepted=" +
                                         ("true&OpaqueBlob=" if decision == "accept" else "false&"))
    assert [line for line in answer["console"] if "Content Security Policy" in line] == []
    attempt = tenant.attempts()[0]
    assert attempt["outcome"] == ("ok" if decision == "accept" else "refused")


@pytest.mark.parametrize("address", ["ms-aadj-redir://auth/mdm", "ms-appx-web://MyApp1/x?y=1"])
def test_both_schemes_pass_the_policy(chrome, tenant, address):
    Scenario("scheme", WINDOWS_10, {"redirect_uri": address}).open(chrome, tenant, True)
    answer = chrome.submit(selector="button[value=accept]")
    assert answer["location"].startswith(address)
    assert [line for line in answer["console"] if "Content Security Policy" in line] == []


@pytest.mark.parametrize("headers", [WINDOWS_10, SETTINGS], ids=["dark", "light"])
def test_the_page_is_whole_when_a_style_sheet_cannot_be_loaded(chrome, site, headers):
    tenant = site.tenant(winjs=True)
    Scenario("no-sheet", headers, PERSONAL, failing="/TermsOfUse/assets/").open(chrome, tenant)
    seen = healthy(chrome)
    assert seen["background"] == ("rgb(0, 58, 107)" if headers is WINDOWS_10
                                  else "rgb(255, 255, 255)")
    answer = chrome.submit(selector="button[value=accept]")
    assert answer["status"] == 302


@pytest.mark.parametrize("framed", [False, True], ids=["alone", "framed"])
@pytest.mark.parametrize("name,headers", [("arabic-windows-10", WINDOWS_10),
                                          ("arabic-windows-11", WINDOWS_11)])
def test_from_right_to_left_all_is_mirrored(chrome, arabic, name, headers, framed):
    Scenario(name, {**headers, "cxh-preferredLanguage": "ar-SA"}, PERSONAL).open(
        chrome, arabic, framed)
    seen = healthy(chrome)
    shoot(chrome, name + ("-framed" if framed else ""))
    assert (seen["lang"], seen["dir"]) == ("ar", "rtl")
    boxes = {box["what"]: box for box in seen["boxes"]}
    assert boxes["accept"]["right"] < boxes["decline"]["left"] < seen["width"] / 2
    assert boxes["accept"]["bottom"] <= seen["height"]
    # The text is longer than its place and scrolls in it, by the keyboard too.
    assert seen["content"]["scroll"] > seen["content"]["client"]
    assert seen["scrollHeight"] <= seen["height"]
    if framed:  # where no browser lets a page take the focus by itself
        return
    assert name_of(chrome.focus()) == "title"
    walked = [name_of(chrome.press(key="Tab")) for _ in range(4)]
    assert walked == ["region", "pin", "accept", "decline"]


@pytest.mark.parametrize("framed", [False, True], ids=["alone", "framed"])
@pytest.mark.parametrize("headers,name", [(WINDOWS_10, "windows-10"), (SETTINGS, "settings")],
                         ids=["dark", "light"])
def test_a_pin_is_asked_and_a_wrong_one_told(chrome, site, asking, headers, name, framed):
    end = "-framed" if framed else ""
    Scenario("pin", headers, PERSONAL).open(chrome, asking, framed)
    healthy(chrome)
    shoot(chrome, f"pin-{name}{end}")
    chrome.type(selector="#pin", text="00000000")
    # Enter in the field means Accept.
    chrome.call("focus_on", selector="#pin")
    answer = chrome.submit(key="Enter")
    assert answer["status"] == 200
    seen = healthy(chrome)
    shoot(chrome, f"pin-wrong-{name}{end}")
    assert "This PIN is not right" in seen["text"]
    if not framed:  # a frame of another origin may not take the focus by itself
        focus = chrome.focus()
        assert focus["id"] == "pin" and focus["outline"] >= 2
    made = site.server.api("POST", f"tenants/{asking.tenant}/pins", {})["items"][0]["pin"]
    chrome.type(selector="#pin", text=made)
    answer = chrome.submit(selector="button[value=accept]")
    assert answer["status"] == 302 and "IsAccepted=true" in answer["location"]


def test_declining_needs_no_pin(chrome, asking):
    Scenario("pin", SETTINGS, PERSONAL).open(chrome, asking)
    answer = chrome.submit(selector="button[value=decline]")
    assert answer["status"] == 302 and "IsAccepted=false" in answer["location"]
