# SPDX-License-Identifier: Apache-2.0
"""A page of the server in a real browser, as Windows shows it, and what must be so of any of them.
The fixtures are for `from terms_scenario import *`.

MUSTER_SCREENSHOTS names a directory for a picture of each; those in doc/screenshots are made by it,
with the Debian package fonts-open-sans, whose letters are as wide as those of Windows.
"""

import hashlib
import os
import pathlib
import re
import subprocess
import sys

import pytest

import browser as browser_driver
import windows
from entra_sim import EntraSim
from moved_clock import Clock, MovedMuster
from tenancy import Site

# In pictures, so that they are the same every time.
DOMAIN, USER = "contoso.com", "anna@contoso.com"
NUMBER = "6f1d3a52-8a41-4f0e-9d0c-2b7a5c1e90d4"

WINDOWS_10 = {"CXH-HOST": "FRX", "cxh-osVersionInfo": '{"version":"10.0.19045.5247"}',
              "hostApp": "CloudExperienceHost"}
WINDOWS_11 = {"CXH-HOST": "FRX", "cxh-osVersionInfo": '{"version":"10.0.22631.4460"}',
              "hostApp": "CloudExperienceHost"}
INCLUSIVE = {"CXH-HOST": "FRX",
             "cxh-personality": "CloudExperienceHost.Personality.InclusiveBlue"}
SETTINGS = {"CXH-HOST": "MOSET", "cxh-osVersionInfo": '{"version":"10.0.22631.4460"}'}

STRIP = pathlib.Path(__file__).resolve().parent.parent / "tools" / "strip_font_face.py"
WINJS = browser_driver.DIRECTORY / "node_modules" / "winjs" / "css"


PERSONAL = {"mode": None}


class MovedSite(Site):
    """Its server can be made to live later, for pages that expire."""

    def __init__(self, directory, entra):
        self.clock = Clock(directory / "clock", entra)
        super().__init__(directory, entra, "sqlite")

    def made(self, directory):
        server = MovedMuster(directory, self.url, self.entra)
        server.clock = self.clock
        return server

    def configure(self, **settings):
        """The server with these settings in [terms]."""
        lines = "".join(f"{key} = {value}\n" for key, value in settings.items())
        assert self.server.stop() == 0
        text = re.sub(r"\n\[terms\][^\[]*", "", self.server.conf.read_text())
        self.server.conf.write_text(f"{text}\n[terms]\n{lines}")
        self.server.start()


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
        made = MovedSite(folder / "site", entra)
        made.assets = folder / "assets"
        made.configure(assets_dir=made.assets)
        yield made
        assert made.server.stop() == 0


@pytest.fixture(scope="module")
def tenant(site):
    return site.tenant(domain=DOMAIN)


@pytest.fixture(scope="module")
def asking(site):
    return site.tenant(domain=DOMAIN, pin_required=True)


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


SHOT = {}  # of each picture's content, its name


def shoot(chrome, name):
    """A picture for the documents; no two may show the same."""
    folder = os.environ.get("MUSTER_SCREENSHOTS")
    if not folder:
        return
    path = pathlib.Path(folder).resolve() / f"{name}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    chrome.screenshot(path=str(path))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert SHOT.setdefault(digest, name) == name, f"{name} is the same picture as {SHOT[digest]}"


def number_of(chrome):
    """The number on a page of an error, which a fixed one then stands for."""
    found = re.search(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", chrome.look()["text"]).group(0)
    chrome.say(selector="bdi", text=NUMBER)
    return found


def healthy(chrome):
    """No finding of axe-core and nothing it is unsure of, nothing blocked, nothing that sticks out
    to the side."""
    found = chrome.check()
    assert found["violations"] == [] and found["unsure"] == [], found
    assert found["passes"] > 10, found
    blocked = [line for line in chrome.told()["console"] if "Content Security Policy" in line]
    assert blocked == []
    seen = chrome.look()
    assert seen["scrollWidth"] <= seen["width"], seen
    if seen["content"]:
        assert seen["content"]["scrollWidth"] <= seen["content"]["clientWidth"], seen
    return seen


def boxes_of(seen):
    """By accept, decline, title, pin and content."""
    return {box["what"].split()[0]: box for box in seen["boxes"]}


def is_one_piece(seen):
    """Whether the style sheet lets a window of this size scroll as a whole."""
    return seen["height"] <= 33 * 16 or (seen["width"] <= 40 * 16 and seen["height"] <= 50 * 16)


def placed(chrome, seen):
    """Buttons where Windows has them, in any window and either direction."""
    boxes, is_rtl = boxes_of(seen), seen["dir"] == "rtl"
    title, accept, decline = boxes["title"], boxes["accept"], boxes.get("decline")
    end = "left" if is_rtl else "right"
    for box in filter(None, (accept, decline)):
        assert box["height"] >= 44 and box["width"] >= 44, box
        assert title["left"] - 1 <= box["left"] and box["right"] <= title["right"] + 1, box
        assert boxes["content"]["bottom"] <= box["top"] + 1, boxes
    # Outermost, at the end of a line as wide as the heading.
    assert abs(accept[end] - title[end]) <= 1, boxes
    if seen["width"] <= 30 * 16:
        assert accept["width"] == title["width"]
        assert not decline or accept["bottom"] <= decline["top"]
    elif decline:
        assert decline["top"] == accept["top"]
        assert accept["right"] < decline["left"] if is_rtl else decline["right"] < accept["left"]
    content = seen["content"]
    if not is_one_piece(seen):
        assert seen["height"] - 48 <= accept["bottom"] <= seen["height"], boxes
        assert seen["scrollHeight"] <= seen["height"]
        return
    # Nothing scrolls inside of what scrolls, and the end of it can be reached.
    assert content["scroll"] <= content["client"] + 1, content
    chrome.scroll(selector="button[value=accept]" if not decline else "button[value=decline]")
    last = boxes_of(chrome.look())["decline" if decline and seen["width"] <= 480 else "accept"]
    assert 0 <= last["top"] and last["bottom"] <= seen["height"], last
    chrome.scroll(selector="#title")


def name_of(focus):
    return focus["value"] if focus["tag"] == "button" else focus["id"] or focus["role"] or \
        focus["tag"]
