# SPDX-License-Identifier: Apache-2.0
"""The commands about the Terms of Use and PINs, as an administrator types them."""

import datetime
import time

import pytest

import windows
from test_cli import Cli, fields


@pytest.fixture
def tenant(site):
    return site.tenant()


@pytest.fixture
def cli(site, tmp_path):
    return Cli(site.server, tmp_path)


def test_a_text_from_a_file(cli, tenant, tmp_path):
    body = tmp_path / "terms.html"
    body.write_text("<h2>Regeln</h2><p onclick=x>Gr\u00fc\u00dfe</p>", encoding="utf-8")
    whose = ("--tenant", tenant.tenant)
    assert "onclick" in cli("terms", "preview", *whose, "--body-file", str(body))
    added = fields(cli("terms", "add", *whose, "--locale", "de", "--mode", "personal",
                       "--title", "Nutzung", "--body-file", str(body)))
    assert added["locale"] == "de" and added["mode"] == "personal"
    assert "Nutzung" in cli("terms", "list", *whose)
    cli("terms", "update", added["id"], *whose, "--title", "Neu")
    assert fields(cli("terms", "show", added["id"], *whose))["version"] == "2"
    page = windows.terms_get(tenant.server, tenant.terms_token(), {"Accept-Language": "de"},
                             mode=None)
    assert "<p>Gr\u00fc\u00dfe</p>" in page.body.decode()
    windows.terms_post(tenant.server, windows.terms_state(page), "decline")
    decided = cli.json("terms-decisions", "list", *whose, "--decision", "declined")["items"]
    assert len(decided) == 1
    version = decided[0]["version"]
    assert cli.json("terms-decisions", "list", "--text-version", version)["items"] == decided
    assert fields(cli("terms-decision", "show", decided[0]["id"]))["version"] == version
    assert "Regeln" in cli("terms-texts", "show", version, *whose)
    assert version in cli("terms-texts", "list", *whose)
    cli("terms", "remove", added["id"], *whose, "--yes")
    assert cli.json("terms", "list", *whose)["items"] == []
    cli("terms", "add", *whose, "--locale", "x", "--title", "t", "--body-file", str(body), status=1)
    assert "locale" in cli.err


def test_a_text_as_editors_of_windows_save_it(cli, tenant, tmp_path):
    whose = ("--tenant", tenant.tenant)
    body = tmp_path / "terms.html"
    body.write_bytes(b"\xef\xbb\xbf<p>Gr\xc3\xbc\xc3\x9fe</p>")
    assert cli.json("terms", "preview", *whose, "--body-file", str(body)) == {
        "html": "<p>Grüße</p>\n", "removed": []}
    # A program that talks to the API may send the mark as well.
    answer = tenant.server.api("POST", f"tenants/{tenant.tenant}/terms/preview",
                               {"body": "\ufeff<p>x</p>"})
    assert answer == {"html": "<p>x</p>\n", "removed": []}
    for other in ("utf-16", "latin-1"):
        body.write_bytes("<p>Grüße</p>".encode(other))
        cli("terms", "preview", *whose, "--body-file", str(body), status=1)
        assert "not text in UTF-8" in cli.err
    body.write_text("<p>" + "x" * 70000 + "</p>")
    cli("terms", "preview", *whose, "--body-file", str(body), status=1)
    assert "at most 65536 bytes" in cli.err
    body.write_bytes(b"\xef\xbb\xbf<p>\xe2\x80\x8b</p>")
    cli("terms", "preview", *whose, "--body-file", str(body), status=1)
    assert "nothing to read" in cli.err


def test_the_check_of_a_tenant_names_texts_that_not_everybody_gets(cli, tenant, tmp_path):
    whose = ("--tenant", tenant.tenant)
    body = tmp_path / "terms.html"
    body.write_text("<p>Text</p>")

    def texts():
        return next(finding for finding in cli.server.api(
            "POST", f"tenants/{tenant.tenant}/check")["findings"] if finding["what"] == "texts")

    assert texts()["state"] == "ok"  # without any the built-in one is meant
    german = cli.json("terms", "add", *whose, "--locale", "de", "--mode", "personal", "--title", "t",
                      "--body-file", str(body))
    assert texts()["state"] == "notice" and "default_locale en" in texts()["detail"]
    tenant.set(default_locale="de")
    assert texts()["state"] == "ok"
    tenant.set(default_locale="en")
    cli("terms", "add", *whose, "--locale", "en", "--mode", "organization", "--title", "t",
        "--body-file", str(body))
    assert texts()["state"] == "notice"  # nobody with a personal device gets that one
    cli("terms", "remove", german["id"], *whose, "--yes")
    assert texts()["state"] == "ok"


def test_a_pin_for_three_days(cli, tenant):
    before = time.time()
    made = cli.json("pins", "add", "--tenant", tenant.tenant, "--expires-at", "3d")["items"][0]
    ends = datetime.datetime.fromisoformat(made["expires_at"].replace("Z", "+00:00")).timestamp()
    assert before + 3 * 86400 - 1 <= ends <= time.time() + 3 * 86400 + 1
    cli("pins", "add", "--tenant", tenant.tenant, "--expires-at", "in three days", status=2)
    assert "--expires-at" in cli.err and "3d" in cli.err


def test_mail_domains_and_the_name_of_a_tenant_are_two_things(cli, tenant):
    name = tenant.server.api("GET", f"tenants/{tenant.tenant}")["domain"]
    first, second = f"a.{tenant.domain}", f"b.{tenant.domain}"
    cli("tenants", "update", tenant.tenant, "--mail-domain", first, "--mail-domain", second)
    now = tenant.server.api("GET", f"tenants/{tenant.tenant}")
    assert (now["domain"], now["domains"]) == (name, [first, second])
    assert "--mail-domain" in cli("tenants", "--help")
    # An empty value takes back what is one text; none what is a list.
    cli("tenants", "update", tenant.tenant, "--os-version-min", "10.0.19045")
    cli("tenants", "update", tenant.tenant, "--os-version-min", "", "--mail-domain", "none")
    now = tenant.server.api("GET", f"tenants/{tenant.tenant}")
    assert (now["os_version_min"], now["domains"]) == ("", [])


def test_pins(cli, tenant):
    whose = ("--tenant", tenant.tenant)
    made = cli.json("pins", "add", *whose, "--count", "3", "--label", "desk")["items"]
    assert len({row["pin"] for row in made}) == 3
    shown = cli("pins", "add", *whose, "--user-principal-name", "anna@contoso.test")
    assert "anna@contoso.test" in shown and "PIN" in shown.upper()
    listed = cli("pins", "list", *whose, "--state", "open")
    assert listed.count("desk") == 3 and made[0]["pin"] not in listed
    cli("pin", "remove", made[0]["id"], *whose, "--yes")
    assert fields(cli("pin", "show", made[0]["id"], *whose))["state"] == "revoked"
    cli("pins", "remove", made[0]["id"], *whose, "--yes", status=1)
    cli("pins", "unblock", *whose, "--source", "192.0.2.1", status=1)
    assert "no such count of wrong PINs" in cli.err
