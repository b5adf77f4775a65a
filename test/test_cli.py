# SPDX-License-Identifier: Apache-2.0
"""The program `muster` against a running server: every resource, defaults, pages, errors, output."""

import json
import os
import subprocess
import uuid

import pytest

import windows
from muster import MUSTER, free_ports, wait_for
from world import DOMAIN, FACTS, URI, World


class Cli:
    """Runs muster without a terminal and without anything of the caller's surroundings."""

    def __init__(self, server, home):
        self.server, self.home = server, home
        self.token_file = server.dir / "admin.token"

    def __call__(self, *words, status=0, env=None, **options):
        given = {"url": self.server.console_url, "token-file": self.token_file,
                 "ca": self.server.ca}
        given.update({k.replace("_", "-"): v for k, v in options.items()})
        command = [MUSTER, *words]
        for name, value in given.items():
            if value is not None:
                command += [f"--{name}", value]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
                              env={"HOME": str(self.home), **(env or {}), **sanitizer_options()})
        self.out, self.err = done.stdout.decode(), done.stderr.decode()
        assert done.returncode == status, (done.returncode, self.out, self.err)
        if status:
            assert self.err.startswith("muster: ") and self.err.count("\n") == 1, self.err
        return self.out

    def json(self, *words, **options):
        return json.loads(self(*words, "--json", **options))


def sanitizer_options():
    return {k: v for k, v in os.environ.items() if k.endswith("SAN_OPTIONS")}


def fields(text):
    """'name: value' lines."""
    pairs = (line.split(":", 1) for line in text.splitlines() if not line.startswith(" "))
    return {name: value.strip() for name, value in pairs}


@pytest.fixture(scope="module")
def world(entra_process, tmp_path_factory):
    entra_process.reset()
    made = World(tmp_path_factory.mktemp("cli"), entra_process, "sqlite")
    yield made
    assert made.server.stop() == 0


@pytest.fixture
def cli(world, tmp_path):
    return Cli(world.server, tmp_path)


def test_tenants_and_credentials(cli, world, tmp_path):
    tenant, client = str(uuid.uuid4()), str(uuid.uuid4())
    cli("tenants", "add", "--tenant-id", tenant, "--domain", "fabrikam.test", "--mode", "cloud",
        "--cloud", "global", "--client-id", client, "--app-id-uris", "https://mdm.fabrikam.test",
        "--app-id-uri", f"api://{client}", "--device-limit", "3", "--terms-required", "no")
    shown = fields(cli("tenant", "show", tenant))
    assert shown["app_id_uris"] == f"https://mdm.fabrikam.test, api://{client}"
    assert shown["terms_required"] == "no" and shown["device_limit"] == "3"
    cli("tenants", "update", tenant, "--enabled", "no")
    assert cli.json("tenants", "show", tenant)["enabled"] is False
    assert cli.json("tenants", "show", tenant)["device_limit"] == 3
    table = cli("tenants", "list").splitlines()
    assert table[0].split()[:2] == ["TENANT_ID", "DOMAIN"]
    assert any(line.startswith(tenant) and " fabrikam.test " in line for line in table)
    assert cli("tenants", "consent-url", tenant).startswith(
        f"https://login.microsoftonline.com/{tenant}/adminconsent?")

    secret = tmp_path / "secret"
    secret.write_text("a-client-secret\n")
    secret.chmod(0o644)
    cli("credentials", "add", "--tenant", tenant, "--secret-file", secret, status=1)
    assert "a-client-secret" not in cli.err
    secret.chmod(0o600)
    added = cli.json("credentials", "add", "--tenant", tenant, "--secret-file", secret,
                     "--not-after", "2099-01-31T00:00:00Z")
    assert (added["kind"], added["not_after"]) == ("secret", "2099-01-31T00:00:00Z")
    assert "a-client-secret" not in cli("credentials", "show", added["id"], "--tenant", tenant)
    second = cli.json("credentials", "add", "--tenant", tenant, "--secret-file", secret)
    cli("credentials", "rotate", second["id"], "--tenant", tenant)
    states = {c["id"]: c["state"]
              for c in cli.json("credentials", "list", "--tenant", tenant)["items"]}
    assert states == {added["id"]: "retiring", second["id"]: "active"}
    cli("credentials", "remove", added["id"], "--tenant", tenant, "--yes")

    cli("tenants", "remove", tenant, status=2)
    assert "--yes" in cli.err
    assert cli("tenants", "remove", tenant, "--yes") == f"removed {tenant}\n"
    cli("tenants", "show", tenant, status=1)
    assert "HTTP 404, trace id " in cli.err


def test_a_certificate_credential(cli, world, tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x",
                    "-days", "30", "-keyout", key, "-out", certificate], check=True,
                   capture_output=True)
    added = cli.json("credentials", "add", "--tenant", world.tenant, "--certificate", certificate,
                     "--key", key)
    assert added["kind"] == "certificate" and added["state"] == "active"
    cli("credentials", "remove", added["id"], "--tenant", world.tenant, "--yes")


def test_the_check_of_a_tenant_tells_by_its_status_and_lets_reports_go(cli, world):
    told = cli("tenants", "check", world.tenant).splitlines()
    assert told[:3] == ["ok       signing keys", "ok       application token",
                        "ok       Graph access"]
    assert told[3].startswith("notice   application: ") and told[4:] == ["ok       texts"]
    policy = world.add_compliance()
    world.entra.control("PATCH", f"apps/{world.app}", {"roles": []})
    try:
        assert "problem  Graph access: " in cli("tenants", "check", world.tenant, status=1)
        device, entra_id = world.join()
        windows.run_session(device, values=FACTS)
        identity = world.device(entra_id)["id"]
        wait_for(lambda: cli.json("outbox", "list", "--device-id", identity,
                                  "--state", "held")["items"], what="a report that waits")
    finally:
        world.entra.control("PATCH", f"apps/{world.app}", {"roles": ["Device.ReadWrite.All"]})
    assert cli("tenants", "check", world.tenant).count("ok ") == 4
    wait_for(lambda: world.entra.device(entra_id)["isCompliant"], what="report to Graph")
    cli("compliance-policies", "remove", policy["id"], "--yes")


def test_one_word_ends_every_rule_of_a_tenant(cli, world):
    """"" clears a single value and empties a list; what else is meant is told."""
    group = str(uuid.uuid4())
    cli("tenants", "update", world.tenant, "--license-group", group, "--os-version-max",
        "10.0.30000", "--os-edition", "48", "--mail-domain", "contoso.test")
    for option in ("--license-group", "--os-version-max"):
        cli("tenants", "update", world.tenant, option, "none", status=1)
        assert 'or "" for no rule' in cli.err
    shown = cli.json("tenants", "update", world.tenant, "--license-group", "", "--os-version-max",
                     "", "--os-edition", "", "--mail-domain", "")
    assert shown["license_group"] == shown["os_version_max"] == ""
    assert shown["os_editions"] == shown["domains"] == []
    cli("tenants", "update", world.tenant, "--os-edition", "48")
    assert cli.json("tenants", "update", world.tenant, "--os-edition", "none")["os_editions"] == []
    policy = world.add_policy(assignments=[{"all": True}])
    assert cli.json("policies", "update", policy["id"], "--assign", "")["assignments"] == []
    cli("policies", "remove", policy["id"], "--yes")


def test_a_long_name_does_not_widen_a_list(cli, world):
    name = f"{'a' * 280}@{DOMAIN}"
    windows.discover(world.server, email=name)
    lines = cli("enrollment-stories", "list", "--user-principal-name", name).splitlines()
    assert len(lines) == 2 and max(len(line) for line in lines) < 500
    assert "aaa..." in lines[1] and name not in lines[1]
    rows = cli.json("enrollment-stories", "list", "--user-principal-name", name)["items"]
    assert rows[0]["user_principal_name"] == name


def test_policies(cli, world, tmp_path):
    more = tmp_path / "more.json"
    more.write_text(json.dumps([{"locuri": "./Device/Vendor/MSFT/Policy/Config/Camera/AllowCamera",
                                 "format": "int", "data": "0"}]))
    group = str(uuid.uuid4())
    added = cli.json(
        "policies", "add", "--tenant", world.tenant, "--name", "lock", "--scope", "device",
        "--setting", "./Device/Vendor/MSFT/Policy/Config/DeviceLock/MaxInactivityTimeDeviceLock"
        "=int:15", "--settings-file", more, "--assign", f"entra_group={group}", "--exclude",
        "tag=kiosk")
    assert [s["data"] for s in added["settings"]] == ["15", "0"]
    assert added["assignments"] == [{"entra_group": group}, {"tag": "kiosk", "exclude": True}]
    assert "  locuri=./Device/Vendor/MSFT/Policy/Config/Camera/AllowCamera format=int data=0\n" \
        in cli("policy", "show", added["id"])
    changed = cli.json("policies", "update", added["id"], "--assign", "none")
    assert changed["assignments"] == [] and len(changed["settings"]) == 2
    assert "lock" in cli("policies", "list", "--tenant", world.tenant)
    cli("policies", "remove", added["id"], "--yes")

    added = cli.json("compliance-policies", "add", "--tenant-id", world.tenant, "--name", "build",
                     "--rule", "os_version ge 10.0.19045", "--grace", "3d", "--assign", "all")
    assert added["rules"] == [{"fact": "os_version", "operator": "ge", "value": "10.0.19045"}]
    assert added["grace"] == 3 * 86400
    cli("compliance-policies", "update", added["id"], "--grace", "0")
    cli("compliance-policy", "remove", added["id"], "--yes")


def test_devices(cli, world):
    world.add_policy()
    device, entra_id = world.join(name="PC-01")
    windows.run_session(device, values=FACTS)
    row = cli.json("devices", "list", "--entra-device-id", entra_id)["items"][0]
    identity = row["id"]
    line = next(x for x in cli("devices", "list").splitlines() if x.startswith(identity))
    assert line.split()[1:3] == ["PC-01", f"anna@{DOMAIN}"]
    assert " Replace " in cli("devices", "commands", identity, "--state", "answered")
    assert "os_version" in cli("devices", "facts", identity) and "10.0.22631.4460" in cli.out
    assert len(cli.json("devices", "sessions", identity)["items"]) == 1
    assert fields(cli("devices", "tag", identity, "--tag", "kiosk"))["tags"] == "kiosk"
    assert identity in cli("devices", "list", "--tag", "kiosk")
    assert fields(cli("devices", "untag", identity, "--tag", "kiosk"))["tags"] == "-"
    assert identity not in cli("devices", "list", "--tag", "kiosk")

    cli("devices", "sync", identity)
    for action in ("reboot", "lock"):
        assert fields(cli("devices", action, identity))["state"] == "queued"
    cli("devices", "rename", identity, "--name", "PC-02")
    for action in ("wipe", "retire"):
        cli("devices", action, identity, status=2)
        assert "--yes" in cli.err
    assert cli.json("devices", "commands", identity, "--state", "queued")["items"]
    cli("devices", "wipe", identity, "--yes")
    assert "retired" in cli("devices", "retire", identity, "--force", "--yes")

    assert identity in cli("enrollments", "list", "--device-id", identity, "--json")
    attempt = cli.json("enrollments", "list", "--device-id", identity)["items"][0]
    assert fields(cli("enrollment", "show", attempt["id"]))["outcome"] == "ok"
    entry = cli.json("audit", "list", "--object-id", identity, "--action", "device.wipe")["items"][0]
    assert fields(cli("audit", "show", entry["id"]))["actor"].startswith("token:")
    report = cli.json("outbox", "list", "--device-id", identity)["items"][0]
    assert fields(cli("outbox", "show", report["id"]))["payload"].startswith("isManaged=")


def test_a_report_that_waits_can_be_dropped(cli, world):
    policy = world.add_compliance()
    world.entra.fault("status", listener="graph", status=503)
    try:
        device, _ = world.join()
        windows.run_session(device, values=FACTS)
        waiting = cli.json("outbox", "list", "--state", "pending")["items"]
        assert waiting
        cli("outbox", "retry", waiting[0]["id"])
        cli("outbox", "drop", waiting[0]["id"])
        cli("outbox", "drop", waiting[0]["id"], status=1)
        cli("compliance-policies", "remove", policy["id"], "--yes")
    finally:
        world.entra.clear_faults()


def test_tokens_and_roles(cli, world, tmp_path):
    made = cli.json("tokens", "add", "--name", "monitoring", "--role", "reader")
    token = tmp_path / "reader.token"
    token.write_text(made["token"])
    token.chmod(0o600)
    cli("devices", "list", token_file=token)
    cli("tokens", "list", status=1, token_file=token)
    assert "role" in cli.err and "HTTP 403" in cli.err
    assert made["token"] not in cli("tokens", "show", made["id"]) + cli("tokens", "list")
    cli("tokens", "remove", made["id"], "--yes")
    cli("devices", "list", status=1, token_file=token)
    assert "HTTP 401" in cli.err
    token.chmod(0o644)
    cli("devices", "list", status=1, token_file=token)
    assert str(token) in cli.err and "HTTP" not in cli.err


def test_names_cannot_steer_the_terminal(cli):
    made = cli.json("tokens", "add", "--name", "evil\u009b31m\u202eexe", "--role", "reader")
    try:
        for text in (cli("tokens", "list"), cli("tokens", "show", made["id"])):
            assert "evil\\x9B31m\\u{202E}exe" in text
            assert not [c for c in text if ord(c) < 0x20 and c != "\n"]
            assert "\u009b" not in text and "\u202e" not in text
    finally:
        cli("tokens", "remove", made["id"], "--yes")


def test_pages(cli, world):
    made = [world.server.api("POST", "tokens", {"name": f"t{n}", "role": "reader"})
            for n in range(205)]
    try:
        total = len(world.server.items("tokens"))
        assert len(cli("tokens", "list").splitlines()) == 51
        assert "there is more" in cli.err
        assert len(cli("tokens", "list", "--limit", "3").splitlines()) == 4
        cursor = cli.err.split()[-1]
        rest = cli("tokens", "list", "--cursor", cursor, "--all").splitlines()
        assert len(rest) == total - 3 + 1
        assert len(cli("tokens", "list", "--limit", "203").splitlines()) == 204
        everything = cli("tokens", "list", "--all").splitlines()
        assert len(everything) == total + 1 and cli.err == ""
        assert len({line.split()[0] for line in everything}) == total + 1
        pages = [json.loads(line) for line in cli("tokens", "list", "--all", "--json").splitlines()]
        assert [len(page["items"]) for page in pages] == [200, total - 200]
    finally:
        for token in made:
            world.server.api("DELETE", f"tokens/{token['id']}")


def test_json_is_what_the_server_answered(cli, world):
    _, _, body = world.server.api("GET", f"tenants/{world.tenant}", raw=True)
    assert cli("tenants", "show", world.tenant, "--json") == body.decode() + "\n"
    cli("tenants", "show", str(uuid.uuid4()), "--json", status=1)
    assert json.loads(cli.out)["status"] == 404


def test_defaults(cli, world):
    conf = cli.home / ".config" / "muster" / "cli.conf"
    conf.parent.mkdir(parents=True)
    conf.write_text(f"url = {world.server.console_url}/\ntoken_file = {cli.token_file}\n"
                    f"ca = {world.server.ca}\n")
    nothing = {"url": None, "token_file": None, "ca": None}
    assert world.tenant in cli("tenants", "list", **nothing)
    cli("tenants", "list", status=1, env={"MUSTER_URL": "https://127.0.0.1:1"}, **nothing)
    conf.unlink()
    assert world.tenant in cli("tenants", "list", **nothing, env={
        "MUSTER_URL": world.server.console_url, "MUSTER_TOKEN_FILE": str(cli.token_file),
        "MUSTER_CA": str(world.server.ca)})
    cli("tenants", "list", status=2, **nothing)


@pytest.mark.parametrize("words, status, why", [
    ([], 2, "no command"),
    (["gadgets", "list"], 2, "gadgets"),
    (["devices", "explode"], 2, "explode"),
    (["devices", "list", "--colour", "red"], 2, "--colour"),
    (["devices", "show"], 2, "needs ID"),
    (["credentials", "list"], 2, "--tenant"),
    (["tenants", "add", "--tenant-id", "nonsense"], 1, "tenant_id must be a GUID"),
    (["devices", "list", "--state", "asleep"], 1, "state must be one of enrolled, retired"),
])
def test_errors(cli, words, status, why):
    cli(*words, status=status)
    assert why in cli.err


@pytest.mark.parametrize("words, names", [
    (["devices", "list", "--compliance-state"], "unknown, compliant, noncompliant, grace"),
    (["devices", "list", "--bulk-join"], "true, false"),
    (["enrollments", "list", "--stage"],
     "terms, discovery, sign-in, policy, request, renewal, session"),
    (["enrollments", "list", "--outcome"], "ok, refused, failed"),
    (["enrollments", "list", "--error-code"], "error-codes list"),
    (["enrollments", "list", "--reason"], "token_audience"),
    (["enrollment-stories", "list", "--state"], "open, enrolled, joined, refused, failed"),
    (["enrollment-stories", "list", "--error-code"], "error-codes list"),
    (["outbox", "list", "--state"], "pending, held, done"),
    (["audit", "list", "--outcome"], "ok, refused"),
    (["terms-decisions", "list", "--decision"], "accepted, declined"),
    (["pins", "list", "--tenant", "TENANT", "--state"], "open, used, revoked"),
    (["devices", "commands", "DEVICE", "--state"], "queued, sent, answered, cancelled"),
])
def test_a_mistyped_filter_is_no_empty_list(cli, world, words, names):
    """An empty list would say that nobody was refused."""
    words = [world.tenant if word == "TENANT" else word for word in words]
    cli(*words, "bogus", status=1)
    assert names in cli.err and "HTTP 422" in cli.err


def test_filters_take_what_lists_show(cli, world):
    """In any spelling that people use, and every reason that attempts have."""
    token = world.enroll_token(world.new_device(), overrides={"aud": "https://x.test"})
    reply = windows.get_policies(world.server, windows.jwt_security(token))
    assert reply.status == 500
    for words in (["--error-code", "80180002"],
                  ["--error-code", "menroll_e_device_authentication_error"], ["--reason", "token_audience"],
                  ["--stage", "policy", "--outcome", "refused"]):
        rows = cli.json("enrollments", "list", *words)["items"]
        assert {row["error_code"] for row in rows} == {"0x80180002"}, words
    assert cli.json("enrollment-stories", "list", "--error-code", "80180002")["items"]
    cli("enrollments", "list", "--reason", "terms_shown")


def test_a_server_that_is_not_trusted_or_not_there(cli):
    cli("tenants", "list", status=1, ca=None)
    assert "--ca" in cli.err
    cli("tenants", "list", status=1, url=f"https://127.0.0.1:{free_ports(1)[0]}")
    cli("tenants", "list", status=2, url="http://127.0.0.1:80")
    cli("tenants", "list", status=2, url="nonsense")


def test_a_reader_that_goes_away_gets_no_complaint(cli):
    command = [str(MUSTER), "tokens", "list", "--url", cli.server.console_url, "--token-file",
               str(cli.token_file), "--ca", str(cli.server.ca)]
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=writer, stderr=subprocess.PIPE,
                          timeout=60, check=False)
    os.close(writer)
    assert done.returncode == 1 and done.stderr == b""
    with open("/dev/full", "wb") as full:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=full,
                              stderr=subprocess.PIPE, timeout=60, check=False)
    assert done.returncode == 1 and b"No space left" in done.stderr


def test_help_and_version(cli):
    for words in (["--help"], ["devices", "--help"], ["--version"]):
        done = subprocess.run([MUSTER, *words], capture_output=True, timeout=20)
        assert done.returncode == 0 and done.stdout and not done.stderr
