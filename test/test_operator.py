# SPDX-License-Identifier: Apache-2.0
"""musterd in the hands of an operator: making a directory, starting, what is said when something is
wrong, reloading, stopping, and what lies on the disk.
"""

import hashlib
import os
import re
import shutil
import signal
import socket
import sqlite3
import ssl
import stat
import subprocess
import threading
import time

import pytest

import windows
from jose_util import make_certificate
from muster import MUSTERD, ApiError, Muster, free_ports, wait_for
from world import postgres_database, stores

URLS = ["--public-url", "https://mdm.contoso.test", "--manage-url", "https://manage.contoso.test",
        "--console-url", "https://console.contoso.test"]
FILES = {"muster.conf", "master.key", "device-ca.crt", "device-ca.key", "admin.token", "tls.crt",
         "tls.key", "muster.db", "device-root.crt", "device-root.key"}
SECRET_FILES = FILES - {"device-ca.crt", "device-root.crt", "tls.crt"}


def musterd(*arguments, **options):
    return subprocess.run([MUSTERD, *map(str, arguments)], capture_output=True, text=True,
                          timeout=60, **options)


def refused(result, status, *words):
    """The command failed as it should: its status, and one line that says what and what to do."""
    assert result.returncode == status, (result.returncode, result.stdout, result.stderr)
    lines = result.stderr.splitlines()
    assert len(lines) == 1 and lines[0].startswith("musterd"), result.stderr
    for word in words:
        assert word in lines[0], lines[0]
    return lines[0]


def state_of(directory):
    """Every file with its content and mode."""
    return {p.name: (hashlib.sha256(p.read_bytes()).hexdigest(), p.stat().st_mode)
            for p in directory.iterdir() if p.is_file() and not p.name.startswith("muster.db")}


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """A directory made by init, to be copied."""
    directory = tmp_path_factory.mktemp("template") / "muster"
    urls = [word.replace("mdm.contoso.test", "127.0.0.1").replace("manage.contoso.test", "127.0.0.1")
            .replace("console.contoso.test", "127.0.0.1") for word in URLS]
    made = musterd("init", "--dir", directory, *urls)
    assert made.returncode == 0, made.stderr
    return directory


class Copy:
    """A working directory of one test, with ports of its own."""

    def __init__(self, template, directory):
        self.dir = directory / "muster"
        shutil.copytree(template, self.dir)
        self.conf = self.dir / "muster.conf"
        self.text = self.conf.read_text().replace(str(template), str(self.dir))
        self.ports = dict(zip(("public", "manage", "console", "metrics"), free_ports(4)))
        for name, port in self.ports.items():
            self.text = re.sub(rf"{name}_listen .*", f"{name}_listen = 127.0.0.1:{port}", self.text)
        self.conf.write_text(self.text)

    def change(self, pattern, value):
        changed, n = re.subn(pattern, value, self.conf.read_text(), flags=re.M)
        assert n == 1, pattern
        self.conf.write_text(changed)

    def run(self, command):
        return musterd(command, "--config", self.conf, cwd=self.dir)


@pytest.fixture
def copy(template, tmp_path):
    return Copy(template, tmp_path)


# wrong usage

@pytest.mark.parametrize("arguments,word", [
    ([], "no command"), (["fly"], "'fly'"), (["--verbose"], "'--verbose'"),
    (["serve"], "--config"), (["serve", "--config"], "--config"), (["serve", "conf"], "'conf'"),
    (["serve", "--config", "a", "--config", "b"], "repeated"), (["check", "--fix", "x"], "--fix"),
    (["init", "--dir", "d"], "--public-url"), (["migrate", "--dir", "d"], "--dir"),
    (["init", "--dir", "d", *URLS, "--tls-key", "k"], "go together"),
    (["backup", "--config", "c"], "--to"),
])
def test_wrong_usage_is_status_2_and_one_line(arguments, word, tmp_path):
    refused(musterd(*arguments, cwd=tmp_path), 2, word)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version(option):
    result = musterd(option)
    assert result.returncode == 0 and "musterd" in result.stdout and result.stderr == ""


# init

def test_init_makes_everything_and_keeps_secrets_private(template):
    assert {p.name for p in template.iterdir()} - {"muster.db-wal", "muster.db-shm"} == FILES
    for name in SECRET_FILES:
        assert stat.S_IMODE((template / name).stat().st_mode) & 0o077 == 0, name
    assert stat.S_IMODE(template.stat().st_mode) == 0o700
    assert re.fullmatch(r"[0-9a-f]{64}\n", (template / "master.key").read_text())
    assert re.fullmatch(r"muster_[A-Za-z0-9_-]{43}\n", (template / "admin.token").read_text())


def test_init_says_that_windows_needs_a_trusted_certificate(tmp_path):
    made = musterd("init", "--dir", tmp_path / "d", *URLS)
    assert made.returncode == 0 and "self-signed" in made.stderr
    assert "admin.token" in made.stdout and "musterd serve" in made.stdout


def test_init_never_overwrites(copy):
    before = state_of(copy.dir)
    refused(musterd("init", "--dir", copy.dir, *URLS), 1, "exists already", "nothing was changed")
    assert state_of(copy.dir) == before


@pytest.mark.parametrize("name", sorted(FILES))
def test_init_makes_nothing_beside_any_file_of_its_own(tmp_path, name):
    (tmp_path / name).write_text("precious")
    refused(musterd("init", "--dir", tmp_path, *URLS), 1, name, "exists already")
    assert {p.name: p.read_text() for p in tmp_path.iterdir()} == {name: "precious"}


@pytest.mark.parametrize("arguments,words", [
    (["--public-url", "http://mdm.contoso.test", *URLS[2:]], ["--public-url", "https://"]),
    ([*URLS[:2], "--manage-url", "https://mdm.contoso.test/x", *URLS[4:]], ["--manage-url"]),
    ([*URLS[:4], "--console-url", "https://"], ["--console-url"]),
    ([*URLS, "--store", "mysql://localhost/x"], ["sqlite:", "postgresql://"]),
    ([*URLS, "--store", "postgresql:///x?host=/nowhere"], ["/nowhere"]),
    ([*URLS, "--store", "sqlite:/nowhere/muster.db"], ["/nowhere"]),
])
def test_init_that_fails_leaves_nothing_behind(tmp_path, arguments, words):
    """So that the same command can be given again with the mistake mended."""
    refused(musterd("init", "--dir", tmp_path / "d", *arguments), 1, *words)
    assert not (tmp_path / "d").exists() or list((tmp_path / "d").iterdir()) == []


def test_init_takes_a_certificate(tmp_path):
    signer = make_certificate()
    (tmp_path / "c.pem").write_bytes(signer.pem)
    (tmp_path / "k.pem").write_bytes(signer.key_pem)
    os.chmod(tmp_path / "k.pem", 0o600)
    made = musterd("init", "--dir", tmp_path / "d", *URLS, "--tls-certificate", "c.pem",
                   "--tls-key", "k.pem", cwd=tmp_path)
    assert made.returncode == 0 and "self-signed" not in made.stderr
    assert not (tmp_path / "d" / "tls.crt").exists()
    assert str(tmp_path / "c.pem") in (tmp_path / "d" / "muster.conf").read_text()
    checked = musterd("check", "--offline", "--config", tmp_path / "d" / "muster.conf").stdout
    assert "ok       TLS of the public listener\n" in checked
    # It is for another name, and Windows would say so.
    problems = [line for line in checked.splitlines() if not line.startswith("ok ")]
    assert problems and all("certificate" in line for line in problems), problems


# what can be wrong at the start

def corrupt_schema(copy, sql):
    connection = sqlite3.connect(copy.dir / "muster.db")
    connection.execute(sql)
    connection.commit()
    connection.close()


def write(copy, name, data, mode=0o600):
    path = copy.dir / name
    path.unlink(missing_ok=True)
    path.write_bytes(data)
    os.chmod(path, mode)


TROUBLE = {
    "no configuration": (lambda c: c.conf.unlink(), ["cannot read", "muster.conf"]),
    "unknown setting": (lambda c: c.change(r"^workers.*|^tls_key .*", "colour = red"),
                        ["line", "colour"]),
    "unknown section": (lambda c: c.change(r"^\[ca\]", "[cb]"), ["line", "'cb'"]),
    "no such line": (lambda c: c.change(r"^public_url", "public_url is"), ["line"]),
    "setting twice": (lambda c: c.change(r"^(public_url.*)", r"\1\n\1"), ["line 4", "public_url"]),
    "setting missing": (lambda c: c.change(r"^public_url.*\n", ""), ["public_url", "[server]"]),
    "bad address": (lambda c: c.change(r"^(public_url\s*=).*", r"\1 ftp://x"), ["line 3",
                                                                               "public_url"]),
    "bad listen": (lambda c: c.change(r"^(public_listen\s*=).*", r"\1 nowhere"), ["line 6",
                                                                                 "public_listen"]),
    "long line": (lambda c: c.change(r"^(master_key_file\s*=).*", rf"\1 /{'d' * 240}"),
                  ["line", "longer"]),
    "no master key": (lambda c: (c.dir / "master.key").unlink(), ["master.key"]),
    "short master key": (lambda c: write(c, "master.key", b"00"), ["master.key", "64"]),
    "open master key": (lambda c: os.chmod(c.dir / "master.key", 0o644), ["master.key"]),
    "no CA": (lambda c: (c.dir / "device-ca.crt").unlink(), ["device-ca.crt"]),
    "no CA key": (lambda c: (c.dir / "device-ca.key").unlink(), ["device-ca.key"]),
    "open CA key": (lambda c: os.chmod(c.dir / "device-ca.key", 0o640), ["device-ca.key"]),
    "CA key of another": (lambda c: write(c, "device-ca.key", make_certificate().key_pem),
                          ["device-ca.crt", "not the key"]),
    "CA that is none": (lambda c: write(c, "device-ca.crt", b"hello"), ["device-ca.crt"]),
    "no TLS certificate": (lambda c: (c.dir / "tls.crt").unlink(), ["tls.crt"]),
    "TLS key of another": (lambda c: write(c, "tls.key", make_certificate().key_pem), ["tls"]),
    "TLS certificate that is none": (lambda c: write(c, "tls.crt", b"x"), ["tls.crt"]),
    "store of no kind": (lambda c: c.change(r"^(url\s*=).*", r"\1 oracle://x"),
                         ["sqlite:", "postgresql://"]),
    "store not reachable": (lambda c: c.change(r"^(url\s*=).*",
                                               r"\1 postgresql:///x?host=/nowhere"), ["/nowhere"]),
    "store in no directory": (lambda c: c.change(r"^(url\s*=).*", r"\1 sqlite:/nowhere/x.db"),
                              ["/nowhere"]),
    "no database": (lambda c: c.change(r"^(url\s*=.*)muster.db", r"\1other.db"),
                    ["other.db", "musterd init"]),
    "newer schema": (lambda c: corrupt_schema(
        c, "INSERT INTO schema_version SELECT MAX(version) + 1, 'future', 0 FROM schema_version"),
        ["newer"]),
    "no schema": (lambda c: corrupt_schema(c, "DELETE FROM schema_version"), ["migrate"]),
    "not a database": (lambda c: write(c, "muster.db", b"PNG" * 1000), ["muster.db"]),
}


@pytest.mark.parametrize("trouble", sorted(TROUBLE))
def test_trouble_at_the_start_is_one_line(copy, trouble):
    """check and serve agree that there is something, and serve says it in one line."""
    spoil, words = TROUBLE[trouble]
    spoil(copy)
    refused(copy.run("serve"), 1, *words)
    found = copy.run("check")
    assert found.returncode == 1
    said = [line for line in (found.stdout + found.stderr).splitlines()
            if line.startswith(("problem", "musterd check:"))]
    assert said and all(word in " ".join(said) for word in words), found.stdout + found.stderr


@pytest.mark.parametrize("listener", ["public", "manage", "console", "metrics"])
def test_a_port_that_is_taken(copy, listener):
    with socket.create_server(("127.0.0.1", copy.ports[listener])):
        refused(copy.run("serve"), 1, str(copy.ports[listener]), "in use")


def test_check_finds_nothing_wrong(copy):
    found = copy.run("check")
    assert found.returncode == 0 and found.stderr == ""
    lines = found.stdout.splitlines()
    assert len(lines) >= 10 and all(line.startswith(("ok ", "notice ")) for line in lines)


def test_check_finds_everything_at_once(copy):
    (copy.dir / "master.key").unlink()
    (copy.dir / "device-ca.key").unlink()
    write(copy, "tls.key", b"x")
    found = copy.run("check")
    problems = [line for line in found.stdout.splitlines() if line.startswith("problem")]
    assert found.returncode == 1 and len(problems) >= 3
    assert any("master" in p for p in problems) and any("CA" in p for p in problems)


@pytest.mark.parametrize("days,word", [((-30, -1), "expired"), ((1, 30), "not valid yet")])
def test_check_looks_at_the_dates_of_certificates(copy, days, word):
    signer = make_certificate(days)
    write(copy, "tls.crt", signer.pem)
    write(copy, "tls.key", signer.key_pem)
    found = copy.run("check")
    assert found.returncode == 1
    assert any(word in line for line in found.stdout.splitlines() if line.startswith("problem"))


def test_check_minds_a_key_that_everybody_can_read(copy):
    os.chmod(copy.dir / "tls.key", 0o644)
    found = copy.run("check")
    assert found.returncode == 1 and "chmod" in found.stdout
    os.chmod(copy.dir / "tls.key", 0o640)
    assert copy.run("check").returncode == 0, "a group may be meant to"


def test_settings_may_be_as_long_as_a_line(copy):
    value = "./" * 80 + "master.key"
    copy.change(r"^master_key_file\s*=.*", f"master_key_file = {value}")
    assert copy.run("check").returncode == 0, copy.run("check").stdout


# migrate

def test_migrate_makes_the_schema_once(copy):
    copy.change(r"^(url\s*=.*)muster.db", r"\1other.db")
    for _ in range(2):
        assert copy.run("migrate").returncode == 0
    assert copy.run("check").returncode == 0
    versions = sqlite3.connect(copy.dir / "other.db").execute(
        "SELECT COUNT(*) FROM schema_version").fetchone()
    assert versions[0] >= 1


def test_migrate_leaves_a_newer_database_alone(copy):
    corrupt_schema(copy, "INSERT INTO schema_version SELECT MAX(version) + 1, 'future', 0"
                         " FROM schema_version")
    before = list(sqlite3.connect(copy.dir / "muster.db").iterdump())
    refused(copy.run("migrate"), 1, "newer")
    assert list(sqlite3.connect(copy.dir / "muster.db").iterdump()) == before


@pytest.mark.skipif("postgresql" not in stores(), reason="no PostgreSQL to test with")
def test_init_and_migrate_on_postgresql(tmp_path):
    url = postgres_database(os.environ["MUSTER_TEST_POSTGRES"])
    assert musterd("init", "--dir", tmp_path / "a", *URLS, "--store", url).returncode == 0
    assert musterd("migrate", "--config", tmp_path / "a" / "muster.conf").returncode == 0
    assert musterd("check", "--offline", "--config", tmp_path / "a" / "muster.conf",
                   "--roots", tmp_path / "a" / "tls.crt").returncode == 0
    refused(musterd("init", "--dir", tmp_path / "b", *URLS, "--store", url), 1, "administrator")
    assert not (tmp_path / "b").exists() or list((tmp_path / "b").iterdir()) == []


# a running server

@pytest.fixture
def running(copy):
    """A started server of the copy; stopped at the end if it still runs."""
    server = Muster.__new__(Muster)
    server.dir, server.conf, server.log = copy.dir, copy.conf, copy.dir / "musterd.log"
    server.ca = copy.dir / "trusted.crt"
    shutil.copy(copy.dir / "tls.crt", server.ca)
    server.token = (copy.dir / "admin.token").read_text().strip()
    server.process = None
    server.metrics_port, server.console_port = copy.ports["metrics"], copy.ports["console"]
    server.console_url = f"https://127.0.0.1:{server.console_port}"
    server.copy = copy
    copy.change(r"^(console_url\s*=).*", rf"\1 {server.console_url}")
    server.start()
    yield server
    assert server.stop() == 0, server.log.read_text()[-2000:]


def served_certificate(port):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", port)) as raw, \
            context.wrap_socket(raw, server_hostname="localhost") as tls:
        return tls.getpeercert(binary_form=True)


def reload(server, expected):
    """SIGHUP, and wait for what the log says of it."""
    seen = len(server.log.read_text().splitlines())
    server.process.send_signal(signal.SIGHUP)
    lines = wait_for(lambda: [line for line in server.log.read_text().splitlines()[seen:]
                              if '"reload' in line], what="a line about the reload")
    assert f'"{expected}"' in lines[-1], lines
    return lines[-1]


def test_reload_takes_a_new_certificate(running):
    """New connections get it, open ones live on, and the server never stops answering."""
    ports = [running.copy.ports[name] for name in ("public", "console")]
    old = served_certificate(ports[0])
    kept = windows.http.client.HTTPSConnection("127.0.0.1", running.console_port, timeout=10,
                                               context=ssl._create_unverified_context())
    kept.request("GET", "/api/v1/tenants")
    assert kept.getresponse().read()
    signer = make_certificate()
    write(running.copy, "tls.crt", signer.pem)
    write(running.copy, "tls.key", signer.key_pem)
    assert served_certificate(ports[0]) == old, "only when told"
    reload(running, "reloaded")
    assert [served_certificate(port) for port in ports] == [signer.der] * 2
    kept.request("GET", "/api/v1/tenants")
    assert kept.getresponse().status == 401


def tenant_body(number):
    guid = f"{number:08d}-2222-4333-8444-555555555555"
    return {"tenant_id": guid, "client_id": guid, "domain": "x.test", "mode": "on-premises",
            "cloud": "custom", "login_url": "https://login.test", "graph_url": "https://graph.test"}


def custom_cloud(server, number):
    """Whether a tenant may name its own addresses: what the one setting that can change says."""
    try:
        server.api("POST", "tenants", tenant_body(number))
        return True
    except ApiError as error:
        assert error.status == 422, error.problem
        return False


def test_reload_takes_new_settings(running):
    assert not custom_cloud(running, 1)
    running.conf.write_text(running.conf.read_text() + "[entra]\nallow_custom_cloud = yes\n")
    reload(running, "reloaded")
    assert custom_cloud(running, 2)


@pytest.mark.parametrize("spoil,word", [
    (lambda c: write(c, "tls.key", make_certificate().key_pem), "tls"),
    (lambda c: (c.dir / "tls.crt").unlink(), "tls.crt"),
    (lambda c: c.conf.write_text(c.conf.read_text() + "colour = red\n"), "colour"),
    (lambda c: c.change(r"^(public_listen\s*=).*", r"\1 127.0.0.1:1"), "public_listen"),
    (lambda c: c.change(r"^(url\s*=.*)muster.db", r"\1other.db"), "store url"),
    (lambda c: c.conf.unlink(), "muster.conf"),
])
def test_reload_takes_all_or_nothing(running, spoil, word):
    """A good change beside a bad one has no effect either."""
    old = served_certificate(running.copy.ports["public"])
    running.conf.write_text(running.conf.read_text() + "[entra]\nallow_custom_cloud = yes\n")
    spoil(running.copy)
    assert word in reload(running, "reload_refused")
    assert served_certificate(running.copy.ports["public"]) == old
    assert not custom_cloud(running, 3)
    assert running.metrics_get("/readyz")[0] == 200


def test_health_readiness_and_metrics(running):
    assert running.metrics_get("/healthz") == (200, "alive\n")
    assert running.metrics_get("/readyz") == (200, "ready\n")
    status, text = running.metrics_get("/metrics")
    assert status == 200
    samples = {}
    for line in text.splitlines():
        if line.startswith("#"):
            assert re.fullmatch(r"# (HELP|TYPE) [a-z_]+ .+", line), line
            continue
        name = re.fullmatch(r"([a-z_]+(?:\{[^}]*\})?) ([0-9.e+-]+)", line)
        assert name, line
        assert name[1] not in samples, "once each"
        samples[name[1]] = float(name[2])
    assert samples["muster_devices_enrolled"] == 0 and samples["muster_signer_alive"] == 1
    assert 'muster_outbox_rows{state="pending"}' in samples
    for path in ("/", "/api/v1/tenants", "/console/", "/debug/pprof", "/metrics/"):
        assert running.metrics_get(path)[0] == 404


@pytest.mark.parametrize("listener", ["public", "console"])
@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/debug", "/server-status"])
def test_what_is_for_the_loopback_is_nowhere_else(running, listener, path):
    connection = windows.http.client.HTTPSConnection(
        "127.0.0.1", running.copy.ports[listener], timeout=10,
        context=ssl._create_unverified_context())
    connection.request("GET", path)
    assert connection.getresponse().status == 404


@pytest.mark.parametrize("store", stores())
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_stopping_finishes_what_was_begun(entra, tmp_path, store, how):
    """A request that takes seconds gets its answer; nobody new is let in; the status is 0."""
    tenant = entra.add_tenant(domain="slow.test")
    app = entra.add_app(tenant)
    url = postgres_database(os.environ["MUSTER_TEST_POSTGRES"]) if store != "sqlite" else None
    server = Muster(tmp_path, url, entra).init().start()
    server.api("POST", "tenants", {**tenant_body(4), "tenant_id": tenant, "client_id": app,
                                   "login_url": entra.login_url, "graph_url": entra.graph_url})
    entra.fault("slow", listener="login", delayMs=900, tenant=tenant)
    answers = []
    slow = threading.Thread(target=lambda: answers.append(
        server.api("POST", f"tenants/{tenant}/check", raw=True)))
    slow.start()
    wait_for(lambda: [r for r in entra.log(listener="login")] or len(answers), 10)
    server.process.send_signal(how)
    time.sleep(0.5)
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", server.console_port), 2).close()
    slow.join()
    assert answers and answers[0][0] == 202 and b"findings" in answers[0][2]
    assert server.process.wait(30) == 0
    assert '"stopping"' in server.log.read_text()


# what lies on the disk

def dump(server):
    """All bytes the store holds, however it holds them."""
    if server.store:
        pg_dump = sorted(p for p in os.listdir("/usr/lib/postgresql"))[-1]
        return subprocess.run([f"/usr/lib/postgresql/{pg_dump}/bin/pg_dump", server.store],
                              check=True, capture_output=True, stdin=subprocess.DEVNULL).stdout
    return b"".join(p.read_bytes() for p in server.dir.glob("muster.db*"))


def test_secrets_are_nowhere_to_be_read(world):
    """Neither in the database, nor in the log, nor in any answer; what must come back is sealed."""
    server = world.server
    signer = make_certificate()
    canary = "cAnArY~" + os.urandom(12).hex()
    root = f"tenants/{world.tenant}/credentials"
    server.api("POST", root, {"kind": "secret", "secret": canary})
    server.api("POST", root, {"kind": "certificate", "certificate": signer.pem.decode(),
                              "key": signer.key_pem.decode()})
    token = server.api("POST", "tokens", {"name": "canary", "role": "reader"})
    windows.run_session(world.join()[0])
    wait_for(lambda: not server.items("outbox?state=pending"))
    shown = b"".join(server.api("GET", path, raw=True)[2] for path in (
        "tenants", root, "tokens", "audit", "devices", "enrollments", "outbox",
        f"{root}/{server.items(root)[0]['id']}", f"tokens/{token['id']}"))
    key = signer.key_pem.decode().splitlines()[5]
    held = dump(server)
    assert world.tenant.encode() in held, "this is the database"
    for what, secret in (("secret", canary), ("first secret", world.secret), ("key", key),
                         ("token", token["token"]), ("admin token", server.token),
                         ("body of the token", token["token"].split("_", 1)[1])):
        for where, data in (("store", held), ("log", server.log.read_bytes()), ("answers", shown)):
            assert secret.encode() not in data, (what, where)
    for value in (token["token"], server.token):
        assert hashlib.sha256(value.encode()).hexdigest().encode() in held
    status = open(f"/proc/{server.process.pid}/environ", "rb").read() + open(
        f"/proc/{server.process.pid}/cmdline", "rb").read()
    assert canary.encode() not in status and server.token.encode() not in status


def test_another_master_key_is_not_taken(world):
    """It would open nothing that is sealed; the server says so instead of running on."""
    server = world.server
    right = (server.dir / "master.key").read_text()
    assert server.stop() == 0
    (server.dir / "master.key").write_text(os.urandom(32).hex() + "\n")
    refused(musterd("serve", "--config", server.conf), 1, "master key", "backup")
    assert "master key" in musterd("check", "--config", server.conf).stdout
    (server.dir / "master.key").write_text(right)
    server.start()


def test_a_backup_is_a_whole_database(world):
    if world.server.store:
        pytest.skip("PostgreSQL has tools of its own for this")
    world.join()
    to = world.server.dir / "copy.db"
    done = musterd("backup", "--config", world.server.conf, "--to", to)
    assert done.returncode == 0, done.stderr
    copied = sqlite3.connect(to)
    assert copied.execute("SELECT COUNT(*) FROM devices").fetchone() == (1,)
    assert stat.S_IMODE(to.stat().st_mode) & 0o077 == 0
    refused(musterd("backup", "--config", world.server.conf, "--to", to), 1, "copy.db")
