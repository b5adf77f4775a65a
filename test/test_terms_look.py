# SPDX-License-Identifier: Apache-2.0
"""How the Terms of Use answer, apart from what they say: header fields, themes, languages, and the
files an administrator brings. What a browser makes of it is in test_terms_browser.py."""

import base64
import hashlib
import re
import signal
import subprocess

import pytest

import windows
from muster import MUSTERD, ApiError, wait_for

PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAA"
                       "AABJRU5ErkJggg==")
UNWANTED = ("x-frame-options", "set-cookie", "cross-origin-embedder-policy",
            "cross-origin-resource-policy", "cross-origin-opener-policy", "server")


def show(tenant, headers=None, **query):
    reply = windows.terms_get(tenant.server, tenant.terms_token(), headers, **query)
    assert reply.status == 200, reply.body
    return reply


def common_headers(reply):
    assert reply.headers["referrer-policy"] == "no-referrer"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.headers["strict-transport-security"] == "max-age=31536000"
    for name in UNWANTED:
        assert name not in reply.headers, name


def page_headers(reply, ancestors=None):
    common_headers(reply)
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert reply.headers["cache-control"] == "no-store"
    style = re.search(rb"<style>(.*?)</style>", reply.body, re.S).group(1)
    digest = base64.b64encode(hashlib.sha256(style).digest()).decode()
    # Where nothing is to decide there is no script, and none may run.
    script = "script-src 'self'; " if reply.status == 200 else ""
    assert reply.body.count(b"<script") == (1 if reply.status == 200 else 0)
    policy = (f"default-src 'none'; style-src 'self' 'sha256-{digest}'; img-src 'self'; {script}"
              "base-uri 'none'; form-action 'self' ms-appx-web: ms-aadj-redir:")
    if ancestors:
        policy += f"; frame-ancestors {ancestors}"
    assert reply.headers["content-security-policy"] == policy


def test_every_answer_has_its_header_fields(site):
    tenant = site.tenant()
    shown = show(tenant)
    state = windows.terms_state(shown)
    accepted = windows.terms_post(site.server, state, "accept")
    again = windows.terms_post(site.server, state, "decline")  # not for an organization's device
    refused = windows.terms_get(site.server, None)
    not_ours = windows.terms_post(site.server, "x", "accept")
    nowhere = windows.terms_get(site.server, tenant.terms_token(), redirect_uri="https://x.example")
    assert [r.status for r in (shown, accepted, again, refused, not_ours, nowhere)] == [
        200, 302, 200, 302, 400, 400]
    for reply in (shown, accepted, again, refused, not_ours, nowhere):
        page_headers(reply)


def test_frames_are_restricted_where_a_tenant_asks(site):
    ancestors = "https://login.microsoftonline.com https://*.microsoftonline.com"
    tenant = site.tenant(frame_ancestors=ancestors)
    shown = show(tenant)
    page_headers(shown, ancestors)
    state = windows.terms_state(shown)
    page_headers(windows.terms_post(site.server, state, "back"), ancestors)
    page_headers(windows.terms_post(site.server, state, "accept"), ancestors)
    tenant.set(frame_ancestors="")
    page_headers(show(tenant))


@pytest.mark.parametrize("bad", [
    "'none'", "'self'", "*", "https:", "http://a.example", "https://a.example; script-src *",
    "https://a.example, https://b.example", "https://a.example/path", "https://a.*.example",
    "https://", "https://a.example\n", "https://a.example  https://b.example", "https://*",
    "https://a.example:99999", " https://a.example", "https://" + "a" * 600 + ".example"])
def test_frame_ancestors_are_https_origins(site, bad):
    tenant = site.tenant()
    with pytest.raises(ApiError) as refused:
        tenant.set(frame_ancestors=bad)
    assert refused.value.status in (400, 422), bad
    page_headers(show(tenant))


THEMES = {
    ("FRX", None, None): "oobe oobe-dark",
    ("frxaad", None, None): "oobe oobe-dark",
    ("NTHAADORMDM", None, None): "oobe oobe-dark",
    ("FRX", '{"platformId":null,"major":10,"version":"10.0.19045.1"}', None): "oobe oobe-dark",
    ("FRX", '{"version":"10.0.22631.4460"}', None): "oobe oobe-light",
    ("FRX", '{"majorVersion":10,"buildNumber":26100}', None): "oobe oobe-light",
    ("FRX", None, "CloudExperienceHost.Personality.LiteWhite"): "oobe oobe-light",
    ("FRX", None, "CloudExperienceHost.Personality.InclusiveBlue"):
        "oobe oobe-dark oobe-inclusive",
    ("MOSET", '{"version":"10.0.22631.4460"}', None): "settings",
    (None, None, None): "settings",
    ("???", "???", "???"): "settings",
}


def theme_of(reply):
    return re.search(r'<body class="terms (.*?) (?:ltr|rtl) ', reply.body.decode()).group(1)


def test_the_page_looks_like_where_it_is_shown_and_keeps_its_look(site):
    tenant = site.tenant()
    for (host, system, personality), theme in THEMES.items():
        sent = {"CXH-HOST": host, "cxh-osVersionInfo": system, "cxh-personality": personality}
        shown = show(tenant, {k: v for k, v in sent.items() if v})
        assert theme_of(shown) == theme, (host, system, personality)
        # The post comes without Windows' hints; the state remembers.
        again = windows.terms_post(site.server, windows.terms_state(shown), "back")
        assert again.status == 200 and theme_of(again) == theme
        there = windows.terms_post(site.server, windows.terms_state(again), "accept")
        assert there.status == 302 and theme_of(there) == theme


def test_errors_speak_the_language_of_windows(site):
    for headers, lang, words in (
            ({}, 'lang="en" dir="ltr"', "Something went wrong"),
            ({"cxh-preferredLanguage": "de-AT"}, 'lang="de" dir="ltr"', "Etwas ist"),
            ({"cxh-preferredLanguage": "???", "Accept-Language": "tlh,fr;q=0.8"},
             'lang="fr" dir="ltr"', "Un problème"),
            ({"cxh-preferredLanguage": "he-IL"}, 'lang="he" dir="rtl"', "משהו"),
            ({"cxh-preferredLanguage": "zh-TW"}, 'lang="zh-Hant" dir="ltr"', "發生")):
        reply = windows.terms_get(site.server, None, headers, redirect_uri="x")
        assert reply.status == 400
        text = reply.body.decode()
        assert f"<html {lang}>" in text and words in text
        # The number is one the administrator finds.
        number = re.search(r"<bdi>([0-9a-f-]{36})</bdi>", text).group(1)
        assert site.server.attempts(stage="terms")[0]["trace_id"] == number


def test_case20_hints_never_become_markup(site):
    nasty = '"><script>alert(1)</script>'
    for reply in (windows.terms_get(site.server, None, {
            "cxh-preferredLanguage": nasty, "Accept-Language": nasty, "CXH-HOST": nasty,
            "cxh-personality": nasty, "cxh-osVersionInfo": nasty}, redirect_uri="x"),
            windows.terms_get(site.server, None, {"cxh-preferredLanguage": "en-" + nasty})):
        assert b"<script" not in reply.body and b"alert(1)" not in reply.body
    shown = show(site.tenant(), {"cxh-preferredLanguage": nasty, "Accept-Language": nasty})
    assert windows.terms_script(shown) and b"alert(1)" not in shown.body


def test_the_redirect_leads_forward_and_back_for_web_views_that_stop_at_it(site):
    tenant = site.tenant()
    state = windows.terms_state(show(tenant))
    there = windows.terms_post(site.server, state, "accept")
    text = there.body.decode()
    link = re.search(r'href="(ms-appx-web:[^"]*)"', text).group(1).replace("&amp;", "&")
    assert link == there.headers["location"]
    assert re.findall(r'name="decision" value="(\w+)"', text) == ["back"]
    before = len(tenant.attempts())
    back = windows.terms_post(site.server, windows.terms_state(there), "back")
    assert back.status == 200 and b'value="accept"' in back.body
    assert len(tenant.attempts()) == before
    again = windows.terms_post(site.server, windows.terms_state(back), "accept")
    assert windows.redirect_query(again)["IsAccepted"] == "true"
    # Where nothing was decided there is nothing to go back to.
    assert b'value="back"' not in windows.terms_get(site.server, None).body


# The files of the administrator

def configure(site, **settings):
    """Give [terms] these settings and reload; what the log says about it."""
    server = site.server
    text = re.sub(r"\n\[terms\][^\[]*", "", server.conf.read_text())
    lines = "".join(f"{key} = {value}\n" for key, value in settings.items())
    server.conf.write_text(f"{text}\n[terms]\n{lines}")
    return reload(site)


def reload(site):
    before = len(site.server.log.read_text())
    site.server.process.send_signal(signal.SIGHUP)

    def said():
        new = site.server.log.read_text()[before:]
        return new if '"reloaded"' in new or '"reload_refused"' in new else None

    return wait_for(said, 60, "reload")


@pytest.fixture
def branding(site, tmp_path):
    """The branding directory of the running server, empty; without it again afterwards."""
    folder = tmp_path / "branding"
    folder.mkdir()
    assert '"reloaded"' in configure(site, branding_dir=folder, assets_dir=tmp_path / "assets")
    yield folder
    assert '"reloaded"' in configure(site)


def asset_links(reply):
    return re.findall(rb'<(?:link rel="stylesheet" href|img class="logo" src)='
                      rb'"(/TermsOfUse/assets/[^"]*)"', reply.body)


def asset(site, path, method="GET"):
    return windows.send(site.server.public_url + (path.decode() if isinstance(path, bytes) else path),
                        method, context=site.server.tls())


def test_an_administrators_files_are_on_the_page(site, branding):
    plain, own = site.tenant(), site.tenant()
    assert asset_links(show(plain)) == []
    (branding / "logo.png").write_bytes(PNG)
    (branding / "branding.css").write_text("h1{letter-spacing:1px}")
    (branding / "colors.conf").write_text("accent = #107c10 ; green\n")
    (branding / "oobe-desktop.css").write_text("/* template */")
    (branding / own.tenant).mkdir()
    (branding / own.tenant / "logo.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
    assert '"reloaded"' in reload(site)

    def names(reply):
        return [path.decode().rsplit("/", 1)[1] for path in asset_links(reply)]

    assert names(show(plain)) == ["colors.css", "branding.css", "logo.png"]
    assert names(show(plain, {"CXH-HOST": "FRX"})) == [
        "oobe-desktop.css", "colors.css", "branding.css", "logo.png"]
    shown = show(own)
    assert names(shown) == ["colors.css", "branding.css", "logo.svg"]
    assert f'alt="{own.domain}"' in shown.body.decode()
    page_headers(shown)
    types = {"css": "text/css; charset=utf-8", "png": "image/png", "svg": "image/svg+xml"}
    for path in asset_links(shown) + asset_links(show(plain)):
        reply = asset(site, path)
        assert reply.status == 200
        assert reply.headers["content-type"] == types[path.decode().rsplit(".", 1)[1]]
        assert reply.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert reply.headers["content-security-policy"] == (
            "default-src 'none'; style-src 'unsafe-inline'; sandbox")
        common_headers(reply)
        assert hashlib.sha256(reply.body).hexdigest()[:32] == path.decode().split("/")[3]
        head = asset(site, path, "HEAD")
        assert head.status == 200 and head.body == b""
        assert asset(site, path, "POST").status == 405
    # With the accepting answer as well.
    there = windows.terms_post(site.server, windows.terms_state(shown), "accept")
    assert names(there) == ["colors.css", "branding.css"]


def test_what_cannot_be_used_is_named_and_changes_nothing(site, branding):
    tenant = site.tenant()
    (branding / "branding.css").write_text("h1{letter-spacing:1px}")
    assert '"reloaded"' in reload(site)
    good = asset_links(show(tenant))
    assert len(good) == 1
    (branding / "branding.css").write_text("h1{letter-spacing:2px}")
    (branding / "colors.conf").write_text("accent = red\n")
    said = reload(site)
    assert "reload_refused" in said and "colors.conf" in said and "#rrggbb" in said
    assert asset_links(show(tenant)) == good and asset(site, good[0]).status == 200
    done = subprocess.run([MUSTERD, "check", "--config", site.server.conf], capture_output=True,
                          text=True, timeout=60, stdin=subprocess.DEVNULL)
    assert done.returncode == 1
    assert re.search(r"^problem +style sheets and logos.*colors\.conf", done.stdout, re.M)
    (branding / "colors.conf").unlink()
    (branding / "secret.css").write_text("x")
    said = reload(site)
    assert "reload_refused" in said and "secret.css: unknown name" in said
    (branding / "secret.css").unlink()
    assert '"reloaded"' in reload(site)
    changed = asset_links(show(tenant))
    assert changed != good and asset(site, good[0]).status == 404


@pytest.mark.parametrize("path", [
    "", "x", "../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%2e%2e/branding.css", "branding.css",
    "..\\branding.css", "branding.css%00", "//etc/passwd", "0" * 32 + "/branding.css",
    "%n%n%n", "a" * 4000])
def test_case22_no_address_leads_to_a_file(site, branding, path):
    (branding / "branding.css").write_text("h1{letter-spacing:1px}")
    assert '"reloaded"' in reload(site)
    reply = asset(site, "/TermsOfUse/assets/" + path)
    assert reply.status in (400, 404) and b"letter-spacing" not in reply.body
    assert b"root:" not in reply.body
    good = asset_links(show(site.tenant()))[0].decode()
    for wrong in (good + "/", good + "%00", good.replace("branding", "Branding"), good + "?x=..",
                  good.replace("/TermsOfUse", "/termsofuse"), good.rsplit("/", 1)[0] + "/logo.png"):
        status = asset(site, wrong).status
        assert status == (200 if "?" in wrong else status) and (status != 200 or "?" in wrong)


def test_assets_are_on_the_public_listener_only(site, branding):
    (branding / "branding.css").write_text("h1{letter-spacing:1px}")
    assert '"reloaded"' in reload(site)
    path = asset_links(show(site.tenant()))[0].decode()
    reply = windows.send(site.server.console_url + path, "GET", context=site.server.tls())
    assert reply.status == 404


def test_winjs_is_used_where_it_is_there_and_asked_for(site, branding):
    asked, other = site.tenant(winjs=True), site.tenant()
    said = site.server.log.read_text()
    for _ in range(2):
        assert asset_links(show(asked)) == []
    assert site.server.log.read_text().count('"winjs_missing"') == 1 or '"winjs_missing"' in said
    folder = branding.parent / "assets" / "winjs"
    folder.mkdir(parents=True)
    (folder / "ui-dark.min.css").write_text("/* dark */")
    (folder / "ui-light.min.css").write_text("/* light */")
    assert '"reloaded"' in reload(site)
    for headers, name in (({}, "ui-light"), ({"CXH-HOST": "FRX"}, "ui-dark"),
                          ({"CXH-HOST": "FRX", "cxh-osVersionInfo": '{"build":26100}'}, "ui-light")):
        shown = show(asked, headers)
        assert [p.decode().rsplit("/", 1)[1] for p in asset_links(shown)] == [name + ".min.css"]
        page_headers(shown)
        assert asset(site, asset_links(shown)[0]).status == 200
        # Our own style comes after it, so that it decides.
        assert shown.body.index(b"<link") < shown.body.index(b"<style>")
        assert asset_links(show(other, headers)) == []


def test_a_page_is_small(site):
    assert len(show(site.tenant()).body) < 16 * 1024
