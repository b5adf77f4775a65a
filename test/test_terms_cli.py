# SPDX-License-Identifier: Apache-2.0
"""The commands about the Terms of Use and PINs, as an administrator types them."""

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
