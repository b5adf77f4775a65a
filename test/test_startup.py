# SPDX-License-Identifier: Apache-2.0
"""What must hold before the server serves: one line that says what to do, and nothing made."""

import subprocess

import pytest

from muster import MUSTERD, Muster


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return Muster(tmp_path_factory.mktemp("startup")).init()


def changed(made, name, old, new):
    """A configuration like the working one, but for one thing."""
    text = made.conf.read_text()
    assert old in text
    path = made.dir / name
    path.write_text(text.replace(old, new))
    return path


def refused(command, path):
    done = subprocess.run([MUSTERD, command, "--config", path], capture_output=True, text=True,
                          timeout=60, check=False)
    assert done.returncode == 1, done
    line = done.stderr if command == "serve" else done.stdout
    if command == "serve":
        assert line.count("\n") == 1, line
    return line


@pytest.mark.parametrize("command", ["serve", "check"])
def test_another_master_key(made, command):
    key = made.dir / "other.key"
    key.write_text("ab" * 32 + "\n")
    key.chmod(0o600)
    path = changed(made, "key.conf", f"{made.dir}/master.key", str(key))
    assert "not the one this database was made with" in refused(command, path)


@pytest.mark.parametrize("command", ["serve", "check"])
def test_a_database_that_is_not_there_is_not_made(made, command):
    path = changed(made, "db.conf", "muster.db", "misspelt.db")
    assert "misspelt.db" in refused(command, path)
    assert not (made.dir / "misspelt.db").exists()


@pytest.mark.parametrize("command", ["serve", "check"])
@pytest.mark.parametrize("content", [None, "not a certificate\n"])
def test_trust_anchors_that_are_none(made, command, content):
    bundle = made.dir / "bundle.pem"
    bundle.unlink(missing_ok=True)
    if content:
        bundle.write_text(content)
    path = changed(made, "ca.conf", "allow_custom_cloud = yes",
                   f"allow_custom_cloud = yes\nca_bundle = {bundle}")
    assert "ca_bundle" in refused(command, path)


@pytest.mark.parametrize("url", ["mdm.contoso.test", "http://mdm.contoso.test", "https://",
                                 "https://mdm.contoso.test/", "https://mdm.contoso.test:0"])
def test_a_url_of_before_is_one_like_that_of_now(made, url):
    path = changed(made, "url.conf", "[server]\n", f"[server]\nmanage_previous_url = {url}\n")
    assert "manage_previous_url: expected https://host" in refused("serve", path)
    path = changed(made, "url.conf", "[server]\n", "[server]\n" + "".join(
        f"manage_previous_url = https://mdm{n}.contoso.test\n" for n in range(5)))
    assert "at most 4 such lines" in refused("serve", path)


@pytest.mark.parametrize("old, new, word", [
    ("tls.crt", "none.crt", "tls_certificate"),
    ("tls.key", "none.key", "tls_key"),
    ("device-ca.crt", "none-ca.crt", "none-ca.crt"),
    ("master.key", "none.key", "none.key"),
])
def test_a_file_that_is_not_there_is_named(made, old, new, word):
    assert word in refused("serve", changed(made, "file.conf", old, new))


def test_the_working_directory_itself_is_fine(made):
    done = subprocess.run([MUSTERD, "check", "--config", made.conf], capture_output=True,
                          text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout
    assert "problem" not in done.stdout
