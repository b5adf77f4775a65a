# SPDX-License-Identifier: Apache-2.0
"""The Terms of Use in a real browser: every way Windows shows them, by themselves and in a frame of
another origin. Nothing may be against the accessibility rules of axe-core or blocked by the page's
own policy; the keyboard has to reach everything in order; accepting has to lead to the app's address.
"""

import pytest

from terms_scenario import (DOMAIN, INCLUSIVE, PERSONAL, SETTINGS, USER, WINDOWS_10, WINDOWS_11,
                            Scenario, asking, boxes_of, chrome, healthy, name_of,  # noqa: F401
                            number_of, placed, shoot, site, tenant)

ARABIC = {"locale": "ar", "title": "شروط الاستخدام",
          "body": "<p>هذا الجهاز ملك لمؤسستك. عند المتابعة يمكن للمؤسسة:</p><ul>"
                  "<li>تعيين إعدادات الأمان وفرضها،</li><li>تثبيت التطبيقات وإزالتها،</li>"
                  "<li>رؤية اسم الجهاز وإصدار Windows،</li><li>قفل الجهاز أو إعادة تعيينه.</li></ul>"
                  "<h2>البيانات الشخصية</h2>" + "<p>لا ترى مؤسستك ملفاتك الشخصية.</p>" * 30}


@pytest.fixture(scope="module")
def arabic(site):
    """A tenant that has long terms in Arabic and asks for a PIN."""
    made = site.tenant(domain=DOMAIN, pin_required=True)
    site.server.api("POST", f"tenants/{made.tenant}/terms", ARABIC)
    return made


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
    Scenario("zoom-200-windows-11", WINDOWS_11, PERSONAL, zoom=200),
    Scenario("zoom-400", SETTINGS, PERSONAL, zoom=400, width=1280, height=1024),
    Scenario("text-200", WINDOWS_11, PERSONAL, text=200),
    Scenario("forced-colors-windows-10", WINDOWS_10, PERSONAL, colors="active", scheme="dark"),
    Scenario("forced-colors-settings", SETTINGS, PERSONAL, colors="active"),
    Scenario("winjs-windows-10", WINDOWS_10, PERSONAL, {"winjs": True}),
    Scenario("winjs-windows-11", WINDOWS_11, PERSONAL, {"winjs": True}),
    Scenario("winjs-settings", SETTINGS, PERSONAL, {"winjs": True}),
    Scenario("error", WINDOWS_10, {"redirect_uri": "https://x.example"}),
    Scenario("error-windows-11", WINDOWS_11, {"redirect_uri": "https://x.example"}),
    Scenario("error-arabic", {**WINDOWS_11, "cxh-preferredLanguage": "ar-SA"},
             {"redirect_uri": "https://x.example"}),
]

# Pictures of a frame: as Windows 11 has it. Elsewhere it is tested, and looks like the page alone.
SHOWN_FRAMED = {"oobe-windows-11", "error-windows-11"}
# These look like oobe-windows-10, and like the page without WinJS.
LOOKS_LIKE_ANOTHER = {"oobe-inclusive", "error-windows-11", "winjs-windows-10",
                      "winjs-windows-11", "winjs-settings"}


@pytest.mark.parametrize("framed", [False, True], ids=["alone", "framed"])
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s.name)
def test_every_scenario_is_healthy(chrome, site, tenant, scenario, framed):
    scenario.open(chrome, tenant, framed)
    seen = healthy(chrome)
    if "error" in scenario.name:
        number = number_of(chrome)
        assert site.server.attempts(stage="terms")[0]["trace_id"] == number
    if scenario.name in SHOWN_FRAMED or not (framed or scenario.name in LOOKS_LIKE_ANOTHER):
        shoot(chrome, scenario.name + ("-framed" if framed else ""))
    if "error" in scenario.name:
        return
    assert ("decline" in boxes_of(seen)) == (scenario.query == PERSONAL)
    if "text" not in scenario.options:
        placed(chrome, seen)
    assert USER in seen["text"] and "Accept" in seen["text"]


@pytest.mark.parametrize("width,height", [(320, 568), (500, 600), (800, 600), (1024, 600),
                                          (1920, 1080)])
@pytest.mark.parametrize("locale", [None, "ar-SA"], ids=["en", "ar"])
def test_with_a_long_text_and_a_pin_the_buttons_stay_in_reach(chrome, arabic, width, height,
                                                              locale):
    headers = {**WINDOWS_10, **({"cxh-preferredLanguage": locale} if locale else {})}
    Scenario("long", headers, PERSONAL, width=width, height=height).open(chrome, arabic)
    seen = healthy(chrome)
    placed(chrome, seen)
    if locale and seen["width"] > 640:
        # Enough of the text to read in: at least a third of the window.
        assert seen["content"]["client"] >= seen["height"] / 3


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
    if not framed:
        shoot(chrome, name)
    assert (seen["lang"], seen["dir"]) == ("ar", "rtl")
    placed(chrome, seen)
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
    Scenario("pin", headers, PERSONAL).open(chrome, asking, framed)
    placed(chrome, healthy(chrome))
    plain = chrome.style(selector="#pin", names=["border-top-color", "border-top-width"])
    if not framed:
        shoot(chrome, f"pin-{name}")
    chrome.type(selector="#pin", text="00000000")
    # Enter in the field means Accept.
    chrome.call("focus_on", selector="#pin")
    answer = chrome.submit(key="Enter")
    assert answer["status"] == 200
    seen = healthy(chrome)
    if not framed:
        shoot(chrome, f"pin-wrong-{name}")
    assert "This PIN is not right" in seen["text"]
    wrong = chrome.style(selector="#pin", names=["border-top-color", "border-top-width"])
    assert wrong["border-top-color"] != plain["border-top-color"]
    assert wrong["border-top-width"] > plain["border-top-width"]
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
