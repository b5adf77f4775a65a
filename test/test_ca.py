# SPDX-License-Identifier: Apache-2.0
"""The CAs behind device certificates: root and intermediate, replacing the intermediate, and the lone
CA of earlier installations.
"""

import datetime
import pathlib
import re
import ssl
import subprocess

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

import renewing
import windows
from muster import MUSTER_DEVICE, MUSTERD, Muster, wait_for
from test_crl import address_of, entry, load, number, reason
from test_manage_certificates import Authority, certificate, client, knock
from world import FACTS


def musterd(*arguments):
    return subprocess.run([MUSTERD, *map(str, arguments)], capture_output=True, text=True,
                          timeout=60, stdin=subprocess.DEVNULL, check=False)


def setting(server, key):
    return re.findall(rf"^{key}\s*= (.*)$", server.conf.read_text(), re.M)


def restart(server):
    assert server.stop() == 0
    server.start()


def given(device, store):
    """The certificate that the provisioning document puts among the trusted ones; None."""
    stores = windows.characteristic(device.document, "CertificateStore")
    for child in stores:
        if child.get("type") == store:
            node = windows.characteristic(child, "System")[0]
            return x509.load_der_x509_certificate(
                windows.base64.b64decode(node[0].get("value")))
    return None


def chain_of(server):
    return [x509.load_pem_x509_certificate((server.dir / name).read_bytes())
            for name in ("device-ca.crt", "device-root.crt")]


def check(server, *arguments):
    done = musterd("check", "--config", server.conf, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_root_and_intermediate(world):
    ca, root = chain_of(world.server)
    device, _ = world.join()
    assert (given(device, "Root"), given(device, "CA")) == (root, ca)
    assert device.certificate.issuer == ca.subject and ca.issuer == root.subject
    for cert, length in ((root, 1), (ca, 0)):
        constraints = cert.extensions.get_extension_for_class(x509.BasicConstraints)
        assert constraints.critical and constraints.value.ca
        assert constraints.value.path_length == length
    # The device sends its leaf alone; the CA knows the rest.
    assert device.post(device.package1()).status == 200


def test_case12_root_and_what_it_issues_are_no_devices(world):
    device, _ = world.join()
    ca, root = chain_of(world.server)
    root_key = serialization.load_pem_private_key(
        (world.server.dir / "device-root.key").read_bytes(), None)
    key = windows.new_key()
    below = certificate(device.certificate.subject, key, root.subject, root_key)
    authority = Authority(world.server)
    for what, made in {"root": (root_key, root), "ca": (authority.key, ca),
                       "below the root": (key, below)}.items():
        assert knock(device, client(world.server, *made)) in ("tls", 403), what
    assert device.post(device.package1()).status == 200


def new_intermediate(server, *more):
    before = setting(server, "certificate"), setting(server, "key")
    done = musterd("ca", "new-intermediate", "--config", server.conf, "--root-key",
                   server.dir / "device-root.key", *more)
    assert done.returncode == 0, done.stderr
    assert setting(server, "previous")[0:1] == before[0]
    assert setting(server, "previous_key")[0:1] == before[1]
    assert setting(server, "certificate") != before[0]


def test_rollover(world):
    """Old and new devices side by side, a CRL for both, and the way back for an old device."""
    old, old_id = world.join()
    gone, gone_id = world.join()
    new_intermediate(world.server)
    assert "has none of this device CA yet. Restart it" in check(world.server)
    restart(world.server)
    wait_for(lambda: "ok       CRL at " in check(world.server), 20)
    new, new_id = world.join()
    assert new.certificate.issuer != old.certificate.issuer
    assert address_of(new.certificate) != address_of(old.certificate)
    for device in (old, new):
        windows.run_session(device, values=FACTS)
    assert given(new, "Root") == given(old, "Root") and given(new, "CA") != given(old, "CA")
    # Taken back after the rollover, under either CA.
    for device, entra_id in ((gone, gone_id), (new, new_id)):
        identity = world.device(entra_id)["id"]
        world.server.api("POST", f"devices/{identity}/retire", {"force": True})
        wait_for(lambda d=device: entry(world.server, d.certificate), 20)
        assert device.post(device.package1("7")).status == 403
        issuer = given(device, "CA")
        crl = load(world.server, device.certificate)
        assert crl.issuer == issuer.subject and crl.is_signature_valid(issuer.public_key())
    assert entry(world.server, gone.certificate) is not None
    assert load(world.server, gone.certificate).get_revoked_certificate_by_serial_number(
        new.certificate.serial_number) is None
    # Enrolling again moves a device to the new CA.
    again, _ = world.join(device=old_id)
    assert again.certificate.issuer == new.certificate.issuer
    wait_for(lambda: entry(world.server, old.certificate), 20)


def stored(server, device):
    """Of all certificates of the device, oldest first: (state, serial)."""
    [name] = device.certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return [(c["state"], int(c["serial"], 16))
            for c in server.items(f"devices/{name.value}/certificates")[::-1]]


def test_case12_renewal_moves_a_device_to_the_new_intermediate(world):
    """A device need not enrol again: it renews when it is due, is told the new chain, and leaves the
    old CA with its first session under the new certificate."""
    server = world.server
    old_ca, root = chain_of(server)
    kinds = {"Device": "System", "Full": "User"}
    olds = {kind: world.join(kind=kind)[0] for kind in kinds}
    for old in olds.values():
        windows.run_session(old, values=FACTS)
    new_intermediate(server)
    new_ca = x509.load_pem_x509_certificate(
        pathlib.Path(server.dir / setting(server, "certificate")[0]).read_bytes())
    # In the renewal period from the first day on.
    server.conf.write_text(server.conf.read_text().replace(
        "[ca]\n", "[ca]\nrenew_days = 364\nretry_days = 4\n"))
    restart(server)
    for kind, old in olds.items():
        assert old.certificate.issuer == old_ca.subject
        key = windows.new_key()
        new = renewing.renew(old, key, kinds[kind])
        assert new.certificate.issuer == new_ca.subject != old_ca.subject
        new_ca.public_key().verify(
            new.certificate.signature, new.certificate.tbs_certificate_bytes,
            padding.PKCS1v15(), new.certificate.signature_hash_algorithm)
        # The whole new chain comes along, and nothing else than in any renewal.
        assert (given(new, "Root"), given(new, "CA")) == (root, new_ca)
        assert [c.get("type") for c in new.document] == ["CertificateStore", "APPLICATION"]
        # Each list has its own address, signed by its own CA; nobody is on one.
        assert address_of(old.certificate) != address_of(new.certificate)
        for device, ca in ((old, old_ca), (new, new_ca)):
            crl = load(server, device.certificate)
            assert crl.issuer == ca.subject and crl.is_signature_valid(ca.public_key())
            assert entry(server, device.certificate) is None
        # The old one is good until the new one was used, both on one listener.
        assert old.post(old.package1("2")).status == 200
        assert [state for state, _ in stored(server, old)] == ["active", "active"]
        windows.run_session(new, "3", values=FACTS)
        assert stored(server, old) == [("superseded", old.certificate.serial_number),
                                       ("active", new.certificate.serial_number)]
        assert old.post(old.package1("4")).status == 403
        found = wait_for(lambda o=old: entry(server, o.certificate), 20)
        assert reason(found) == x509.ReasonFlags.superseded
        assert entry(server, new.certificate) is None
        assert load(server, new.certificate).get_revoked_certificate_by_serial_number(
            old.certificate.serial_number) is None
        assert windows.run_session(new, "5") is not None
    # From then on it is like one that was enrolled under the new CA: no chain comes along again.
    again = renewing.renew(new, windows.new_key(), kinds[kind])
    assert (given(again, "Root"), given(again, "CA")) == (None, None)


def test_the_simulated_device_moves_to_the_new_intermediate(world, tmp_path):
    """It takes a renewal with a chain in it for what Windows takes it for."""
    server, entra = world.server, world.entra

    def device(command, *options):
        done = subprocess.run(
            [MUSTER_DEVICE, command, "--dir", tmp_path / "pc", "--ca", server.ca, *options],
            capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        pem = (tmp_path / "pc" / "certificate.pem").read_bytes()
        return x509.load_pem_x509_certificate(pem).issuer

    old_ca, _ = chain_of(server)
    assert device(
        "enroll", "--discovery-url", f"{server.public_url}/EnrollmentServer/Discovery.svc",
        "--terms-url", f"{server.public_url}/TermsOfUse", "--entra-control", entra.control_url,
        "--entra-token-file", entra.dir / "control.token", "--tenant", world.tenant, "--app",
        world.app, "--user", world.user) == old_ca.subject
    device("session")
    new_intermediate(server)
    server.conf.write_text(server.conf.read_text().replace(
        "[ca]\n", "[ca]\nrenew_days = 364\nretry_days = 4\n"))
    restart(server)
    assert device("session") == old_ca.subject
    assert device("renew") != old_ca.subject
    device("session")
    [row] = server.items("devices?state=enrolled")
    assert [c["state"] for c in server.items(f"devices/{row['id']}/certificates")] == [
        "active", "superseded"]


def test_without_the_old_key_the_last_list_stays(world):
    old, _ = world.join()
    before = load(world.server, old.certificate)
    new_intermediate(world.server)
    text = re.sub(r"^previous_key.*\n", "", world.server.conf.read_text(), flags=re.M)
    world.server.conf.write_text(text)
    assert "no key" in check(world.server)
    restart(world.server)
    assert number(load(world.server, old.certificate)) == number(before)
    assert old.post(old.package1()).status == 200


def test_a_previous_ca_that_is_dropped_opens_nothing(world):
    old, _ = world.join()
    new_intermediate(world.server)
    text = re.sub(r"^(previous|previous_key|root)\b.*\n", "", world.server.conf.read_text(),
                  flags=re.M)
    world.server.conf.write_text(text)
    restart(world.server)
    with pytest.raises((ssl.SSLError, ConnectionError)):
        old.post(old.package1())


def test_the_root_s_key_on_another_machine(world, tmp_path):
    """Request here, signature there, installation here."""
    server = world.server
    request, made = tmp_path / "ca.csr", tmp_path / "ca.crt"
    done = musterd("ca", "request", "--config", server.conf, "--out", request)
    assert done.returncode == 0, done.stderr
    key = re.search(r"Its key:\s+(\S+)", done.stdout)[1]
    done = musterd("ca", "sign", "--root-certificate", server.dir / "device-root.crt",
                   "--root-key", server.dir / "device-root.key", "--request", request,
                   "--out", made)
    assert done.returncode == 0, done.stderr
    before = server.conf.read_text()
    wrong = musterd("ca", "install", "--config", server.conf, "--certificate", made, "--key",
                    server.dir / "device-ca.key")
    assert wrong.returncode == 1 and "not the key" in wrong.stderr
    assert server.conf.read_text() == before
    done = musterd("ca", "install", "--config", server.conf, "--certificate", made, "--key", key)
    assert done.returncode == 0, done.stderr
    restart(server)
    device, _ = world.join()
    assert device.certificate.issuer == x509.load_pem_x509_certificate(made.read_bytes()).subject


def test_a_lone_ca_goes_on_and_gets_a_root(world, tmp_path):
    """An installation of before: one self-signed CA, which devices have as their root."""
    server = world.server
    key = windows.new_key(3072)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Lone CA")])
    made = certificate(subject, key, subject, key, days=(-1, 3000), is_ca=True, usage=None)
    # the builder of the other tests leaves the key identifier out
    builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(subject)
               .public_key(key.public_key()).serial_number(made.serial_number)
               .not_valid_before(made.not_valid_before).not_valid_after(made.not_valid_after)
               .add_extension(x509.BasicConstraints(True, 0), True)
               .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False))
    made = builder.sign(key, made.signature_hash_algorithm)
    (server.dir / "device-ca.crt").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (server.dir / "device-ca.key").write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption()))
    server.conf.write_text(re.sub(r"^root .*\n", "", server.conf.read_text(), flags=re.M))
    restart(server)
    old, _ = world.join()
    assert (given(old, "Root"), given(old, "CA")) == (made, None)
    assert old.post(old.package1()).status == 200
    refused = musterd("ca", "new-intermediate", "--config", server.conf, "--root-key",
                      tmp_path / "root.key")
    assert refused.returncode == 1 and "new-root" in refused.stderr
    (tmp_path / "secret").write_text("correct horse\n")
    (tmp_path / "secret").chmod(0o600)
    done = musterd("ca", "new-root", "--certificate", server.dir / "root.crt", "--key",
                   tmp_path / "root.key", "--passphrase-file", tmp_path / "secret")
    assert done.returncode == 0, done.stderr
    arguments = ("ca", "new-intermediate", "--config", server.conf, "--root-certificate",
                 server.dir / "root.crt", "--root-key", tmp_path / "root.key")
    assert "unencrypted" in musterd(*arguments).stderr
    done = musterd(*arguments, "--root-passphrase-file", tmp_path / "secret")
    assert done.returncode == 0, done.stderr
    restart(server)
    new, _ = world.join()
    for device in (old, new):
        assert device.post(device.package1("3")).status == 200
    assert given(new, "Root").subject != given(old, "Root").subject


def self_signed(directory, name, days=(-1, 3000)):
    """A CA that nobody is above: its certificate and key, as files."""
    key = windows.new_key(3072)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    return ca_files(directory, name, subject, key, subject, key, days)


def ca_files(directory, name, subject, key, issuer, issuer_key, days=(-1, 3000)):
    now = datetime.datetime.utcnow()
    made = (x509.CertificateBuilder().subject_name(subject).issuer_name(issuer)
            .public_key(key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(now + datetime.timedelta(days=days[0]))
            .not_valid_after(now + datetime.timedelta(days=days[1]))
            .add_extension(x509.BasicConstraints(True, 0), True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
            ).sign(issuer_key, hashes.SHA256())
    certificate_file, key_file = directory / f"{name}.crt", directory / f"{name}.key"
    certificate_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption()))
    key_file.chmod(0o600)
    return certificate_file, key_file


@pytest.fixture
def server(tmp_path):
    """A directory as init makes it, never served: its files are all that is looked at."""
    return Muster(tmp_path).init()


def files(server):
    return {path.name: path.read_bytes() for path in server.dir.iterdir() if path.is_file()}


def refused(server, word, *arguments):
    """The command fails with that word, and nothing is another than before."""
    before = files(server)
    done = musterd("ca", *arguments)
    assert done.returncode == 1 and word in done.stderr, done.stderr
    assert done.stderr.count("\n") == 1 and ".new" not in done.stderr, done.stderr
    assert files(server) == before


def install(server, certificate_file, key_file):
    return "install", "--config", server.conf, "--certificate", certificate_file, "--key", key_file


def test_a_root_is_never_installed_as_the_device_ca(server, tmp_path):
    root, root_key = server.dir / "device-root.crt", server.dir / "device-root.key"
    refused(server, "one of a root", *install(server, root, root_key))
    refused(server, "one of a root", *install(server, *self_signed(tmp_path, "other-root")))
    # The same key under another certificate is no less the root's.
    holder = x509.load_pem_x509_certificate(root.read_bytes())
    key = serialization.load_pem_private_key(root_key.read_bytes(), None)
    other = windows.new_key(3072)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Cross")])
    refused(server, "one of a root", *install(server, *ca_files(
        tmp_path, "cross", holder.subject, key, name, other)))
    # Nor is it served with where somebody wrote it into the configuration.
    text = re.sub(r"^certificate .*", f"certificate = {root}", server.conf.read_text(), flags=re.M)
    server.conf.write_text(re.sub(r"^key .*", f"key = {root_key}", text, count=1, flags=re.M))
    done = musterd("check", "--config", server.conf, "--offline")
    assert done.returncode == 1, done.stdout
    assert re.search("^problem  device CA: .*one of a root", done.stdout, re.M), done.stdout
    done = musterd("serve", "--config", server.conf)
    assert done.returncode == 1 and "one of a root" in done.stderr


def test_what_cannot_issue_is_not_installed(server, tmp_path):
    root = x509.load_pem_x509_certificate((server.dir / "device-root.crt").read_bytes())
    root_key = serialization.load_pem_private_key(
        (server.dir / "device-root.key").read_bytes(), None)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "New CA")])
    stranger = windows.new_key(3072)

    def below_root(what, days=(-1, 3000), issuer_key=root_key):
        return ca_files(tmp_path, what, name, windows.new_key(3072), root.subject, issuer_key, days)

    refused(server, "has expired", *install(server, *below_root("old", (-9, -1))))
    refused(server, "not valid yet", *install(server, *below_root("young", (1, 9))))
    refused(server, "not issued by the root",
            *install(server, *below_root("foreign", issuer_key=stranger)))
    refused(server, "not one of a CA",
            *install(server, server.dir / "tls.crt", server.dir / "tls.key"))
    refused(server, "holds no certificate",
            *install(server, server.dir / "master.key", server.dir / "tls.key"))
    refused(server, "not the key of", *install(server, below_root("a")[0], below_root("b")[1]))
    assert musterd("ca", *install(server, *below_root("good"))).returncode == 0


def test_a_lone_ca_may_replace_a_lone_ca(server, tmp_path):
    """The layout without a root, in which every device CA is signed by itself."""
    conf = re.sub(r"^root .*\n", "", server.conf.read_text(), flags=re.M)
    server.conf.write_text(conf)
    made = self_signed(tmp_path, "lone")
    done = musterd("ca", *install(server, *made))
    assert done.returncode == 0 and str(made[0]) in server.conf.read_text(), done.stderr


def test_a_new_intermediate_that_fails_leaves_nothing(server, tmp_path):
    root_key = server.dir / "device-root.key"
    command = "new-intermediate", "--config", server.conf, "--root-key"
    refused(server, "absent.key", *command, tmp_path / "absent.key")
    refused(server, "root", *command, self_signed(tmp_path, "wrong")[1])
    root_key.chmod(0o644)
    refused(server, "device-root.key", *command, root_key)
    root_key.chmod(0o600)
    for _ in range(4):
        new_intermediate(server)
    refused(server, f"[ca] of {server.conf} has 4 previous CAs", *command, root_key)
    refused(server, "remove the lines previous",
            *install(server, server.dir / "device-ca.crt", server.dir / "device-ca.key"))
    # A request that cannot be written leaves no key either.
    refused(server, "exists already", "request", "--config", server.conf, "--out",
            server.dir / "device-ca.crt")
    # With room again it works.
    text = re.sub(r"^previous(_key)? .*device-ca\.(crt|key)\n", "", server.conf.read_text(),
                  flags=re.M)
    server.conf.write_text(text)
    new_intermediate(server)


def test_a_change_that_would_not_do_is_told_of_the_file_that_is_there(server, tmp_path):
    """A line too long for the file: found in the one that is tried, said of the one that stays."""
    deep = tmp_path / ("x" * 200) / ("y" * 200)
    deep.mkdir(parents=True)
    root = x509.load_pem_x509_certificate((server.dir / "device-root.crt").read_bytes())
    root_key = serialization.load_pem_private_key(
        (server.dir / "device-root.key").read_bytes(), None)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "New CA")])
    made = ca_files(deep, "z" * 200, name, windows.new_key(3072), root.subject, root_key)
    refused(server, f"{server.conf}, changed so, would not do", *install(server, *made))


@pytest.mark.parametrize("arguments", [[], ["burn"], ["sign"], ["new-root", "--key", "x"],
                                       ["install", "--config", "x", "--out", "y"]])
def test_wrong_usage(arguments):
    assert musterd("ca", *arguments).returncode == 2
