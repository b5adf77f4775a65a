# SPDX-License-Identifier: Apache-2.0
"""Enrolment with a user name and a password kept by the server (MS-MDE2, OnPremise)."""

import concurrent.futures
import json
import statistics
import subprocess
import time
import uuid

import pytest

import windows
from muster import MUSTER, ApiError
from people import PASSWORD, People
from tenancy import refused
from world import FACTS

WRONG = "s:Authentication"


@pytest.fixture
def people(site):
    made = People(site)
    yield made
    made.forget()


# it works


@pytest.mark.parametrize("kind", ["Full", "Device"])
def test_a_password_enrols_a_device(people, kind):
    assert people.policy().status == 200
    enrolled = people.enroll(kind=kind)
    row = people.device(enrolled)
    assert (row["auth"], row["user_principal_name"]) == ("on-premises", people.name)
    assert (row["entra_device_id"], row["user_object_id"]) == ("", "")
    assert row["enrollment_type"] == kind.lower()
    windows.run_session(enrolled, values=FACTS)
    assert people.device(enrolled)["os_version"] == "10.0.22631.4460"
    attempt = people.tenancy.attempts(stage="request")[0]
    assert (attempt["outcome"], attempt["auth"]) == ("ok", "on-premises")
    assert attempt["user_principal_name"] == people.name
    entry = people.server.items(f"audit?object_id={row['id']}")[0]
    assert entry["actor"] == f"user:local:{people.account['id']}"
    assert people.show()["last_used_at"]


def test_the_name_is_compared_without_case_and_blanks(people):
    assert people.policy(name=f" Anna@{people.domain.upper()} ").status == 200
    refused(people.policy(name=f"an na@{people.domain}"), WRONG, "account_unknown", people.server)


def test_an_equal_retry_gets_the_same_certificate(people):
    key, device_id = people.site.key(), uuid.uuid4().hex.upper()
    first = people.enroll(key=key, device_id=device_id)
    again = people.enroll(key=key, device_id=device_id)
    assert first.certificate_der == again.certificate_der
    assert people.tenancy.counts(tables=("devices",)) == {"devices": 1}


def test_another_key_gets_a_new_certificate_and_ends_the_old_one(people):
    device_id = uuid.uuid4().hex.upper()
    first = people.enroll(device_id=device_id)
    second = people.enroll(device_id=device_id)
    assert people.subject(first) == people.subject(second)
    assert first.certificate_der != second.certificate_der
    assert first.post(first.package1()).status in (401, 403)
    windows.run_session(second, values=FACTS)
    other = people.enroll()
    assert people.subject(other) != people.subject(second)


def test_two_users_of_one_key_are_refused(people):
    key = people.site.key()
    people.enroll(key=key)
    people.add(f"bert@{people.domain}", "another good password")
    reply = people.request(f"bert@{people.domain}", "another good password", key=key)
    refused(reply, "s:CertificateRequest", "key_in_use", people.server)


def test_the_cap_counts_by_account(people):
    people.tenancy.set(device_limit=2)
    people.enroll()
    people.enroll()
    refused(people.request(), "s:Authorization", "device_cap", people.server, "DeviceCapReached")
    people.add(f"bert@{people.domain}", "another good password")
    assert people.request(f"bert@{people.domain}", "another good password").status == 200


# which tenant


def test_only_a_tenant_that_offers_it(people):
    people.tenancy.set(enrollment_methods=["federated"])
    for reply in (people.policy(), people.request()):
        row = refused(reply, "s:CertificateRequest", "method_on_premises", people.server, "NotSupported")
        assert row["error_code"] == "0x80180015" and row["tenant_id"] == people.tenant
    people.tenancy.set(enrollment_methods=["on-premises"], enabled=False)
    refused(people.policy(), "s:CertificateRequest", "method_on_premises", people.server, "NotSupported")
    assert people.tenancy.counts(tables=("devices",)) == {"devices": 0}


def test_an_account_of_another_tenant_is_nobody_here(people):
    other = People(people.site)
    name = f"carl@{other.domain}"
    people.add(name)  # the name leads to the other tenant, where it is nobody's
    row = refused(people.policy(name), WRONG, "account_unknown", people.server)
    assert row["tenant_id"] == other.tenant


def test_a_name_without_a_domain_needs_the_only_tenant(people):
    other = People(people.site)
    people.add("kiosk")
    reply = people.policy("kiosk")
    refused(reply, WRONG, "account_no_tenant", people.server)
    for tenancy in people.server.items("tenants"):
        if tenancy["tenant_id"] not in (people.tenant,):
            people.server.api("PATCH", f"tenants/{tenancy['tenant_id']}",
                              {"enrollment_methods": []})
    assert people.policy("kiosk").status == 200
    assert people.policy("NOWHERE\\kiosk").status == 500
    assert other.policy().status == 500


# wrong ones


def test_wrong_unknown_and_disabled_look_the_same(people):
    """Abuse case 21: whoever asks learns nothing but no; the attempts tell them apart."""
    disabled = people.add(f"dora@{people.domain}", "another good password", enabled=False)
    cases = [(people.name, "wrong password", "password_wrong"),
             (f"nobody@{people.domain}", "wrong password", "account_unknown"),
             (f"dora@{people.domain}", "another good password", "account_disabled"),
             (f"dora@{people.domain}", "wrong password", "password_wrong"),
             (people.name, "", "password_missing")]
    faults = set()
    for name, password, reason in cases:
        reply = people.request(name, password)
        row = refused(reply, WRONG, reason, people.server)
        assert row["error_code"] == "0x80180002" and row["user_principal_name"] == name.lower()
        assert row["auth"] == "" and row["tenant_id"] == people.tenant
        fault = windows.Fault(reply)
        faults.add(fault.text.replace(fault.trace_id, "").replace(
            reply.xml().findtext(".//{*}ActivityId") or "-", ""))
    assert len(faults) == 1, faults
    people.change(disabled, enabled=True)
    assert people.policy(f"dora@{people.domain}", "another good password").status == 200


def test_an_empty_password_enrols_nobody(people):
    """Policy is open to a renewal, which sends an empty one; a certificate it does not get."""
    assert people.policy(password="").status == 200
    refused(people.request(password=""), WRONG, "password_missing", people.server)
    assert people.tenancy.counts(tables=("devices",)) == {"devices": 0}


@pytest.mark.parametrize("name", [
    "' OR '1'='1", "anna'--", "%", "_", "anna@%", "*", "anna\\", "\\anna", "@", "a@b@c",
    "x" * 257, "&#x1F600;", "anna&#9;x", "{user}", "../anna", "%n%n%s"])
def test_odd_names_are_nobody(people, name):
    """Abuse case 22."""
    reply = people.request(name, "wrong password")
    assert windows.Fault(reply).subcode == WRONG
    assert people.policy().status == 200


def test_unknown_names_take_as_long_as_wrong_passwords(people):
    """Abuse case 21: time does not tell who has an account."""
    def spent(name):
        times = []
        for _ in range(9):
            people.forget()
            start = time.monotonic()
            assert people.policy(name, "wrong password").status == 500
            times.append(time.monotonic() - start)
        return statistics.median(times)

    known, unknown = spent(people.name), spent(f"nobody@{people.domain}")
    assert 0.5 < known / unknown < 2, (known, unknown)


def test_guessing_at_an_account_has_to_wait(people):
    """Abuse case 21: brute force."""
    for _ in range(3):
        refused(people.policy(password="wrong password"), WRONG, "password_wrong", people.server)
    refused(people.policy(), WRONG, "password_blocked", people.server)
    shown = people.show()
    assert shown["failures"] == 3 and shown["blocked_until"]
    # The same for a name that is nobody's.
    nobody = f"nobody@{people.domain}"
    for _ in range(3):
        refused(people.policy(nobody), WRONG, "account_unknown", people.server)
    refused(people.policy(nobody), WRONG, "password_blocked", people.server)
    # Others are not concerned, and no wait is for ever.
    people.add(f"bert@{people.domain}", "another good password")
    assert people.policy(f"bert@{people.domain}", "another good password").status == 200
    deadline = time.monotonic() + 20
    while people.policy().status != 200:
        assert time.monotonic() < deadline
        time.sleep(0.5)
    assert people.show()["failures"] == 0 and not people.show()["blocked_until"]


def test_a_new_password_ends_the_wait(people):
    for _ in range(3):
        people.policy(password="wrong password")
    people.change(password="a brand new password")
    refused(people.policy(), WRONG, "password_wrong", people.server)
    assert people.policy(password="a brand new password").status == 200


def test_an_administrator_ends_the_wait(people):
    server, path = people.server, f"{people.path}/unblock"
    for _ in range(3):
        people.policy(password="wrong password")
    refused(people.policy(), WRONG, "password_blocked", server)
    done = server.api("POST", path, {"user_name": people.name.upper()})
    assert done["failures"] == 3 and done["blocked_until"]
    assert people.policy().status == 200 and people.show()["failures"] == 0
    for number in range(20):
        people.policy(f"user{number}@{people.domain}", "Spring2026!")
    refused(people.policy(), WRONG, "password_blocked", server)
    done = cli(people, "enrollment-accounts", "unblock", "--tenant", people.tenant, "--source",
               "127.0.0.1")
    assert done.returncode == 0, done.stderr
    assert people.policy().status == 200
    entries = server.items(f"audit?tenant_id={people.tenant}&action=enrollment_account.unblock")
    assert [e["detail"] for e in entries] == [{"source": "127.0.0.1"},
                                              {"user_name": people.name.upper()}]
    for body, status in (({}, 422), ({"user_name": "x", "source": "y"}, 422),
                         ({"user_name": "x" * 257}, 422), ({"user_object_id": "x"}, 422),
                         ({"user_name": people.name}, 404), ({"source": "192.0.2.9"}, 404)):
        assert server.api("POST", path, body, raw=True)[0] == status, body


def test_spraying_from_one_address_has_to_wait(people):
    """Abuse case 21: one guess at each of many accounts; no header changes the address."""
    for number in range(20):
        people.policy(f"user{number}@{people.domain}", "Spring2026!")
    refused(people.policy(), WRONG, "password_blocked", people.server)
    url = f"{people.server.public_url}/EnrollmentServer/Policy.svc"
    action = ("http://schemas.microsoft.com/windows/pki/2009/01/enrollmentpolicy/IPolicy/"
              "GetPolicies")
    message = windows.ENVELOPE.format(
        action=action, to=url, security=windows.username_security(people.name, PASSWORD),
        body='<GetPolicies xmlns="http://schemas.microsoft.com/windows/pki/2009/01/'
             'enrollmentpolicy"><client/></GetPolicies>')
    for header in ("X-Forwarded-For", "X-Real-IP", "Forwarded"):
        reply = windows.send(url, "POST", message.encode(), {
            "Content-Type": "application/soap+xml; charset=utf-8",
            header: "203.0.113.7" if header != "Forwarded" else "for=203.0.113.7"},
            people.server.tls())
        row = refused(reply, WRONG, "password_blocked", people.server)
        assert row["source"] == "127.0.0.1"
    sources = people.site.execute(
        "SELECT subject FROM guesses WHERE kind = 'password_source'")
    assert sources == [("127.0.0.1",)]


def test_a_crowd_of_guesses_does_not_stop_the_server(people):
    """Hashing is bounded: a flood is answered, and who comes after it is served."""
    with concurrent.futures.ThreadPoolExecutor(24) as pool:
        replies = list(pool.map(
            lambda n: people.policy(f"user{n}@{people.domain}", "wrong password"), range(48)))
    assert {windows.Fault(r).subcode for r in replies} <= {WRONG, "s:EnrollmentServer"}
    people.forget()
    assert people.policy().status == 200


def test_passwords_are_nowhere(people):
    """Abuse case 25: neither in the log, nor in the database, nor in an answer of the API."""
    canary, wrong = "canary " + uuid.uuid4().hex, "wrongbird " + uuid.uuid4().hex
    answer = people.change(password=canary)
    people.enroll(password=canary)
    people.policy(password=wrong)
    people.policy(f"nobody@{people.domain}", wrong)
    text = json.dumps([answer, people.show(), people.server.items(people.path),
                       people.server.items(f"audit?tenant_id={people.tenant}"),
                       people.tenancy.attempts()])
    text += people.server.log.read_text()
    for table in ("enrollment_accounts", "enrollments", "audit", "devices", "guesses"):
        text += str(people.site.execute(f"SELECT * FROM {table}"))
    assert canary not in text and wrong not in text
    assert "$argon2id$v=19$m=19456,t=2,p=1$" in text
    assert "argon2" not in json.dumps([answer, people.show()])


def test_a_cheaper_hash_is_made_again(people):
    """One of another program, with lower costs, is replaced once the password is known."""
    cheap = ("$argon2id$v=19$m=4096,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg"
             "$395NeXIS5Ls9+pr7aX8Smbwyl8gzgZD3/FBBr1BC56M")
    where = f"WHERE id = '{people.account['id']}'"
    people.site.execute(f"UPDATE enrollment_accounts SET password_hash = '{cheap}' {where}")
    assert people.policy(password="demo").status == 200
    [(stored,)] = people.site.execute(f"SELECT password_hash FROM enrollment_accounts {where}")
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert people.policy(password="demo").status == 200
    refused(people.policy(password="Demo"), WRONG, "password_wrong", people.server)


# the API and the command line


def test_accounts_in_the_api(people):
    server, path = people.server, people.path
    made = people.add("Bert@Example.Test", "another good password", display_name="Bert")
    assert made["user_name"] == "bert@example.test" and made["enabled"]
    assert "password" not in made and "password_hash" not in made
    assert [a["id"] for a in server.items(f"{path}?user_name=BERT@example.test")] == [made["id"]]
    assert len(server.items(f"{path}?limit=1")) == 2
    changed = people.change(made, display_name="Bert B.", enabled=False)
    assert (changed["display_name"], changed["enabled"]) == ("Bert B.", False)
    server.api("DELETE", f"{path}/{made['id']}")
    for method, body in (("GET", None), ("PATCH", {"enabled": True}), ("DELETE", None)):
        with pytest.raises(ApiError) as error:
            server.api(method, f"{path}/{made['id']}", body)
        assert error.value.status == 404
    entries = server.items(f"audit?object_id={made['id']}")
    assert [e["action"] for e in reversed(entries)] == [
        "enrollment_account.add", "enrollment_account.update", "enrollment_account.remove"]


@pytest.mark.parametrize("fields,why", [
    ({"user_name": ""}, "user_name"),
    ({"user_name": "x" * 257}, "user_name"),
    ({"user_name": " anna"}, "space"),
    ({"user_name": "an\tna"}, "control"),
    ({"password": "short"}, "password"),
    ({"password": "aaaaaaaaaaaaaaaa"}, "password"),
    ({"password": "x1" * 65}, "password"),
    ({"password": "someone is my name"}, "user's name"),
    ({"password": 5}, "password"),
    ({"password": None}, "password"),
    ({"enabled": "yes"}, "enabled"),
    ({"password_hash": "x"}, "password_hash"),
    ({"id": "x"}, "id"),
    ({"tenant_id": "x"}, "tenant_id"),
])
def test_accounts_that_are_refused(people, fields, why):
    body = {"user_name": "someone@example.test", "password": PASSWORD, **fields}
    with pytest.raises(ApiError) as error:
        people.server.api("POST", people.path, body)
    assert error.value.status == 422 and why in error.value.problem["detail"]
    assert PASSWORD not in json.dumps(error.value.problem)


def test_an_account_exists_once_and_in_a_tenant(people):
    with pytest.raises(ApiError) as error:
        people.add(people.name.upper())
    assert error.value.status == 409
    assert "an enrollment account with this name" in error.value.problem["detail"]
    for path in (f"tenants/{uuid.uuid4()}/enrollment-accounts", "tenants/x/enrollment-accounts"):
        with pytest.raises(ApiError) as error:
            people.server.api("POST", path, {"user_name": "a", "password": PASSWORD})
        assert error.value.status == 404
        with pytest.raises(ApiError) as error:
            people.server.api("GET", path)
        assert error.value.status == 404


def cli(people, *arguments):
    return subprocess.run(
        [MUSTER, "--url", people.server.console_url, "--ca", people.server.ca, "--token-file",
         people.server.dir / "admin.token", *arguments],
        capture_output=True, text=True, timeout=60)


def test_accounts_on_the_command_line(people, tmp_path):
    secret = tmp_path / "password"
    secret.write_text("from a file, 1234\n")
    secret.chmod(0o600)
    added = cli(people, "--json", "enrollment-accounts", "add", "--tenant", people.tenant,
                "--user-name", f"cli@{people.domain}", "--password-file", str(secret))
    assert added.returncode == 0, added.stderr
    made = json.loads(added.stdout)
    assert people.policy(f"cli@{people.domain}", "from a file, 1234").status == 200
    listed = cli(people, "enrollment-accounts", "list", "--tenant", people.tenant)
    assert f"cli@{people.domain}" in listed.stdout and "from a file" not in listed.stdout
    done = cli(people, "enrollment-accounts", "update", made["id"], "--tenant", people.tenant,
               "--enabled", "no")
    assert done.returncode == 0, done.stderr
    assert people.policy(f"cli@{people.domain}", "from a file, 1234").status == 500
    secret.chmod(0o644)
    done = cli(people, "enrollment-accounts", "update", made["id"], "--tenant", people.tenant,
               "--password-file", str(secret))
    assert done.returncode != 0
    done = cli(people, "enrollment-accounts", "remove", made["id"], "--tenant", people.tenant,
               "--yes")
    assert done.returncode == 0, done.stderr
