# SPDX-License-Identifier: Apache-2.0
"""Enrolment with a user name and a password that an LDAP directory knows: against a real slapd, and
against servers that lie, drip, point elsewhere or speak like Active Directory."""

import concurrent.futures
import time
import uuid

import pytest

import windows
from ldap_server import (GROUP, LOOPBACK, PEOPLE, SERVICE, SERVICE_PASSWORD, SUFFIX, Scripted,
                         Slapd, certificate, has_slapd, pem)
from muster import ApiError
from people import People
from tenancy import refused
from world import FACTS

WRONG, SERVER = "s:Authentication", "s:EnrollmentServer"
PASSWORD = "anna's own password"

needs_slapd = pytest.mark.skipif(not has_slapd(), reason="slapd is not installed")

REFERRAL = """
dn: ou=Elsewhere,{suffix}
objectClass: referral
objectClass: extensibleObject
ou: Elsewhere
ref: ldap://127.0.0.1:{port}/ou=Elsewhere,{suffix}
"""


@pytest.fixture(scope="module")
def elsewhere():
    """Where referrals point to. Nobody may come."""
    with Scripted() as server:
        yield server
        assert server.connections == 0


@pytest.fixture(scope="module")
def slapd(tmp_path_factory, elsewhere):
    people = {"anna": ("anna@contoso.test", PASSWORD), "bert": ("bert@contoso.test", "bert's own"),
              "twin1": ("twin@contoso.test", "twin's own"),
              "twin2": ("twin@contoso.test", "twin's own"),
              "star*": ("star@contoso.test", "star's own")}
    with Slapd(tmp_path_factory.mktemp("slapd"), people, members=["anna"],
               extra=REFERRAL.format(suffix=SUFFIX, port=elsewhere.port)) as server:
        yield server


class Users(People):
    """A tenant whose users are in a directory."""

    def __init__(self, site, settings, **fields):
        super().__init__(site, **fields)
        self.ldap = f"tenants/{self.tenant}/ldap-directory"
        self.server.api("PUT", self.ldap, settings)
        self.user = f"anna@{self.domain}"
        self.server.api("DELETE", f"{self.path}/{self.account['id']}")

    def update(self, **fields):
        return self.server.api("PATCH", self.ldap, fields)

    def log_in(self, name=None, password=PASSWORD):
        return self.policy(name or self.user, password)

    def check(self, user_name=""):
        found = self.server.api("POST", f"{self.ldap}/check", {"user_name": user_name})["findings"]
        return {f["what"]: f["ok"] for f in found}, {f["what"]: f["detail"] for f in found}


@pytest.fixture
def users(site, slapd):
    made = Users(site, slapd.settings())
    yield made
    made.forget()


# a real directory


@needs_slapd
def test_a_user_of_the_directory_enrols(users, slapd):
    assert users.log_in().status == 200
    key, device_id = users.site.key(), uuid.uuid4().hex.upper()
    enrolled = users.enroll(name=users.user, password=PASSWORD, key=key, device_id=device_id)
    row = users.device(enrolled)
    assert (row["auth"], row["user_principal_name"]) == ("on-premises", "anna@contoso.test")
    windows.run_session(enrolled, values=FACTS)
    entry = users.server.items(f"audit?object_id={row['id']}")[0]
    actor, _, unique = entry["actor"].rpartition(":")
    assert actor == "user:ldap" and str(uuid.UUID(unique)) == unique
    again = users.enroll(name=users.user, password=PASSWORD, key=key, device_id=device_id)
    assert again.certificate_der == enrolled.certificate_der


@needs_slapd
def test_by_start_tls_and_without_a_bind_name(users, slapd):
    users.update(url=f"ldap://127.0.0.1:{slapd.port}", start_tls=True,
                 bind_password=SERVICE_PASSWORD)
    assert users.log_in().status == 200
    refused(users.log_in(password="wrong"), WRONG, "password_wrong", users.server)
    # The directory shows nothing to somebody without a name: there is nobody to be found.
    users.update(bind_dn="")
    refused(users.log_in(), SERVER, "directory_settings", users.server)


@needs_slapd
def test_by_netbios_name(users):
    name = "N" + uuid.uuid4().hex[:8].upper()
    users.update(netbios_domain=name)
    assert users.log_in(f"{name}\\anna").status == 200
    assert users.log_in(f"{name.lower()}\\Anna").status == 200
    row = refused(users.log_in(f"{name}\\nobody"), WRONG, "account_unknown", users.server)
    assert row["tenant_id"] == users.tenant


@needs_slapd
def test_wrong_passwords_and_names(users):
    refused(users.log_in(password="wrong"), WRONG, "password_wrong", users.server)
    refused(users.log_in(f"nobody@{users.domain}"), WRONG, "account_unknown", users.server)
    refused(users.request(users.user, ""), WRONG, "password_missing", users.server)
    refused(users.log_in(password=SERVICE_PASSWORD), WRONG, "password_wrong", users.server)
    users.forget()
    assert users.log_in().status == 200


@needs_slapd
def test_an_empty_password_is_no_bind(users):
    """The directory would grant it: RFC 4513 5.1.2."""
    for password in ("", " "):
        assert windows.Fault(users.request(users.user, password)).subcode == WRONG
    assert users.tenancy.counts(tables=("devices",)) == {"devices": 0}


@needs_slapd
def test_an_account_kept_here_is_not_looked_for_in_the_directory(users):
    users.add(users.user, "another good password")
    assert users.log_in(password="another good password").status == 200
    refused(users.log_in(), WRONG, "password_wrong", users.server)


@needs_slapd
@pytest.mark.parametrize("account", [
    "*", "an*", "ann?", "anna)(uid=*", "*)(uid=*))(|(uid=*", "anna)(|(uid=*)", "anna\\2a",
    "\\2a", "anna)(userPassword=*)", "anna&amp;", "anna|", "!anna", "(anna)", "anna)", "anna=",
    "uid=anna", "anna,ou=People", f"uid=anna,{PEOPLE}", "anna\\00", "%2a", "&#42;", "anna&#x2029;",
    "\u0430nna", "~anna", "anna>", ">=anna", "anna;binary", "anna:dn:", "{account}"])
def test_a_name_is_a_value_and_never_a_filter(users, account):
    """LDAP injection: whatever is typed, only an entry of exactly that name is found."""
    reply = users.request(f"{account}@{users.domain}", PASSWORD)
    fault = windows.Fault(reply)
    assert fault.subcode == WRONG, fault.text
    assert users.tenancy.counts(tables=("devices",)) == {"devices": 0}


@needs_slapd
def test_a_star_is_a_star(users):
    assert users.log_in(f"star*@{users.domain}", "star's own").status == 200
    refused(users.log_in(f"sta*@{users.domain}", "star's own"), WRONG, "account_unknown",
            users.server)


@needs_slapd
def test_two_entries_are_nobody(users):
    users.update(user_filter="(|(mail={user})(mail={account}@contoso.test))")
    refused(users.log_in(f"twin@{users.domain}", "twin's own"), WRONG, "account_ambiguous",
            users.server)


@needs_slapd
def test_only_members_of_the_group(users, slapd):
    users.update(group_dn=GROUP)
    assert users.log_in().status == 200
    refused(users.log_in(f"bert@{users.domain}", "bert's own"), WRONG, "account_not_in_group",
            users.server)
    # The password is what is said first.
    refused(users.log_in(f"bert@{users.domain}", "wrong"), WRONG, "password_wrong", users.server)
    users.update(group_dn=f"cn=Nobody,{SUFFIX}")
    refused(users.log_in(), WRONG, "account_not_in_group", users.server)


@needs_slapd
def test_guessing_has_to_wait_here_too(users):
    """Abuse case 21: before the directory locks the account."""
    for _ in range(3):
        refused(users.log_in(password="wrong"), WRONG, "password_wrong", users.server)
    refused(users.log_in(), WRONG, "password_blocked", users.server)


@needs_slapd
def test_referrals_are_not_followed(users, elsewhere):
    users.update(search_base=SUFFIX)
    assert users.log_in().status == 200  # one is passed over on the way
    users.update(search_base=f"ou=Elsewhere,{SUFFIX}")
    refused(users.log_in(), SERVER, "directory_settings", users.server)
    assert elsewhere.connections == 0


@needs_slapd
@pytest.mark.parametrize("fields,what,reason", [
    ({"bind_password": "wrong"}, "bind name", "directory_settings"),
    ({"search_base": f"ou=Nowhere,{SUFFIX}"}, "user", "directory_settings"),
])
def test_wrong_settings_are_the_directorys_fault(users, fields, what, reason):
    users.update(**fields)
    row = refused(users.log_in(), SERVER, reason, users.server)
    assert row["error_code"] == "0x80180005"
    findings, details = users.check()
    assert not findings[what] and details[what]


@needs_slapd
def test_a_certificate_of_another_ca(users, slapd):
    other = certificate("Evil CA")
    users.update(ca_certificate=pem(other[0]), bind_password=SERVICE_PASSWORD)
    refused(users.log_in(), SERVER, "directory_unavailable", users.server)
    users.update(url=f"ldap://127.0.0.1:{slapd.port}", start_tls=True,
                 bind_password=SERVICE_PASSWORD)
    refused(users.log_in(), SERVER, "directory_unavailable", users.server)
    # Nor is the system's trust enough for it.
    users.update(ca_certificate="", bind_password=SERVICE_PASSWORD)
    refused(users.log_in(), SERVER, "directory_unavailable", users.server)
    findings, details = users.check()
    assert not findings["connection"] and details["connection"]


@needs_slapd
def test_a_certificate_for_another_host(site, tmp_path):
    with Slapd(tmp_path / "slapd", {"anna": ("anna@contoso.test", PASSWORD)}) as slapd:
        pass
    server = certificate("ldap", slapd.ca, LOOPBACK[1:])  # not for the address
    (slapd.dir / "server.crt").write_text(pem(server[0]))
    (slapd.dir / "server.key").write_text(pem(server[1]))
    with slapd:
        users = Users(site, slapd.settings())
        refused(users.log_in(), SERVER, "directory_unavailable", users.server)
        findings, details = users.check()
        assert not findings["connection"] and details["connection"]


@needs_slapd
def test_a_directory_that_is_down(site, tmp_path):
    with Slapd(tmp_path / "slapd", {"anna": ("anna@contoso.test", PASSWORD)}) as slapd:
        users = Users(site, slapd.settings())
        assert users.log_in().status == 200
    reply = users.log_in()
    refused(reply, SERVER, "directory_unavailable", users.server)
    assert reply.headers["retry-after"] == "60"
    with slapd:
        assert users.log_in().status == 200


# directories that are not what they should be


def test_without_start_tls_nothing_is_sent(site):
    """Stripping: whoever answers for the directory says that it cannot encrypt, or pretends."""
    for code in (2, 53, 0):
        with Scripted(on_extended=lambda code=code: code) as server:
            users = Users(site, server.settings(start_tls=True))
            started = time.monotonic()
            refused(users.log_in(), SERVER, "directory_unavailable", users.server)
            assert time.monotonic() - started < 14
            assert server.binds == [] and SERVICE_PASSWORD.encode() not in server.received
            assert PASSWORD.encode() not in server.received


@pytest.mark.parametrize("how", [
    {"mute": True}, {"drip": 1.0}, {"junk": b"HTTP/1.1 400 Bad Request\r\n\r\n"},
    {"junk": b"\x30\x84\x7f\xff\xff\xff\x02\x01\x01"}, {"junk": b"\x00" * 4096},
    {"junk": b"\x30\x80"}])
def test_slow_and_odd_answers_end(site, how):
    with Scripted(**how) as server:
        users = Users(site, server.settings())
        started = time.monotonic()
        refused(users.log_in(), SERVER, "directory_unavailable", users.server)
        assert time.monotonic() - started < 14
        assert PASSWORD.encode() not in server.received


def test_a_slow_directory_does_not_stop_the_server(site):
    """Abuse case 17: other tenants and other requests are served meanwhile."""
    with Scripted(mute=True) as server:
        users = Users(site, server.settings())
        other = People(site)
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            waiting = [pool.submit(users.log_in, f"u{n}@{users.domain}") for n in range(16)]
            time.sleep(0.5)
            started = time.monotonic()
            assert other.policy().status == 200
            assert time.monotonic() - started < 8
            reasons = {windows.Fault(w.result()).subcode for w in waiting}
        assert reasons == {SERVER}
    assert {a["reason"] for a in users.tenancy.attempts()} == {"password_busy",
                                                               "directory_unavailable"}


def test_more_entries_than_asked_for(site):
    entry = {"userPrincipalName": "x@contoso.test", "objectGUID": b"\x01" * 16}
    with Scripted(on_search=lambda base, wanted: [
            (f"cn=u{n},{PEOPLE}", entry) for n in range(50)]) as server:
        users = Users(site, server.settings())
        refused(users.log_in(), WRONG, "account_ambiguous", users.server)
        assert [name for name, _ in server.binds] == [SERVICE]


def test_an_entry_without_an_id_enrols_nobody(site):
    with Scripted(on_search=lambda base, wanted: [
            (f"cn=anna,{PEOPLE}", {"mail": "anna@contoso.test"})]) as server:
        users = Users(site, server.settings())
        refused(users.log_in(), SERVER, "directory_settings", users.server)


# Active Directory


AD = "80090308: LdapErr: DSID-0C090447, comment: AcceptSecurityContext error, data {}, v3839"
GUID = bytes(range(16))


def active_directory(data=None, member=True):
    """A domain controller with one user; data: why it refuses the user's bind."""
    dn = f"CN=Anna,{PEOPLE}"

    def bind(name, password):
        if name == SERVICE:
            return (0, "") if password == SERVICE_PASSWORD else (49, AD.format("52e"))
        if name != dn:
            return 49, AD.format("525")
        if data:
            return 49, AD.format(data)
        return (0, "") if password == PASSWORD else (49, AD.format("52e"))

    def search(base, wanted):
        if base == dn:
            assert b"1.2.840.113556.1.4.1941" in wanted and b"memberOf" in wanted
            return [(dn, {})] if member else []
        if base != PEOPLE:
            return 32
        return [(dn, {"objectGUID": GUID, "userPrincipalName": "anna@corp.contoso.test",
                      "displayName": "Anna"})] if b"anna" in wanted else []

    return Scripted(bind, search)


def test_active_directory_user(site):
    with active_directory() as server:
        users = Users(site, server.settings(group_dn=GROUP))
        enrolled = users.enroll(name=users.user, password=PASSWORD)
        row = users.device(enrolled)
        assert row["user_principal_name"] == "anna@corp.contoso.test"
        entry = users.server.items(f"audit?object_id={row['id']}")[0]
        assert entry["actor"] == f"user:ldap:{GUID.hex()}"
        findings, _ = users.check(users.user)
        assert set(findings.values()) == {True}
        findings, details = users.check("nobody@contoso.test")
        assert not findings["user"] and "user_filter" in details["user"]
    with active_directory(member=False) as server:
        users = Users(site, server.settings(group_dn=GROUP))
        refused(users.log_in(), WRONG, "account_not_in_group", users.server)


@pytest.mark.parametrize("data,reason", [
    ("525", "password_wrong"), ("52e", "password_wrong"), ("530", "account_restricted"),
    ("531", "account_restricted"), ("532", "password_expired"), ("533", "account_disabled"),
    ("701", "account_expired"), ("773", "password_must_change"), ("775", "account_locked"),
    ("9999", "password_wrong")])
def test_why_active_directory_refuses(site, data, reason):
    with active_directory(data) as server:
        users = Users(site, server.settings())
        row = refused(users.log_in(), WRONG, reason, users.server)
        assert row["error_code"] == "0x80180002"
        users.forget()


def test_an_unknown_user_is_bound_too(site):
    """Otherwise the time would tell."""
    with active_directory() as server:
        users = Users(site, server.settings())
        refused(users.log_in(f"nobody@{users.domain}"), WRONG, "account_unknown", users.server)
        assert len(server.binds) == 2 and server.binds[1][0].endswith(PEOPLE)


# the API


@pytest.mark.parametrize("fields,why", [
    ({"url": "ldap://dc1.contoso.test"}, "url"),
    ({"url": "http://dc1.contoso.test"}, "url"),
    ({"url": "ldaps://dc1.contoso.test/dc=x"}, "url"),
    ({"url": "ldaps://dc1.contoso.test", "start_tls": True}, "url"),
    ({"url": ""}, "url"),
    ({"ca_certificate": "not PEM"}, "ca_certificate"),
    ({"bind_dn": "not a name"}, "bind_dn"),
    ({"bind_password": ""}, "bind_password"),
    ({"bind_password": None}, "bind_password"),
    ({"bind_dn": ""}, "bind_password"),
    ({"search_base": ""}, "search_base"),
    ({"search_base": "contoso.test"}, "search_base"),
    ({"user_filter": "(uid=anna)"}, "user_filter"),
    ({"user_filter": "(uid={account}"}, "user_filter"),
    ({"group_dn": "Enrollers"}, "group_dn"),
    ({"netbios_domain": "TOO-LONG-A-NETBIOS-NAME"}, "netbios_domain"),
    ({"netbios_domain": "A\\B"}, "netbios_domain"),
    ({"sealed": "x"}, "sealed"),
])
def test_settings_that_are_refused(site, fields, why):
    tenancy = site.tenant()
    body = {"url": "ldaps://dc1.contoso.test", "bind_dn": SERVICE,
            "bind_password": SERVICE_PASSWORD, "search_base": PEOPLE, **fields}
    with pytest.raises(ApiError) as error:
        site.server.api("PUT", f"tenants/{tenancy.tenant}/ldap-directory", body)
    assert error.value.status == 422 and why in error.value.problem["detail"], error.value
    assert SERVICE_PASSWORD not in str(error.value.problem)


def test_the_directory_in_the_api(site):
    tenancy = site.tenant()
    path = f"tenants/{tenancy.tenant}/ldap-directory"
    for method in ("GET", "DELETE"):
        with pytest.raises(ApiError) as error:
            site.server.api(method, path)
        assert error.value.status == 404
    body = {"url": "ldaps://dc1.contoso.test", "bind_dn": SERVICE,
            "bind_password": SERVICE_PASSWORD, "search_base": PEOPLE}
    made = site.server.api("PUT", path, body)
    assert "{user}" in made["user_filter"] and "bind_password" not in made
    with pytest.raises(ApiError) as error:
        site.server.api("PUT", path, body)
    assert error.value.status == 409
    # The password goes to no other place than the one it was given for.
    for fields in ({"url": "ldaps://evil.test"}, {"bind_dn": f"cn=other,{SUFFIX}"},
                   {"url": "ldap://127.0.0.1:1"}):
        with pytest.raises(ApiError) as error:
            site.server.api("PATCH", path, fields)
        assert error.value.status == 422 and "bind_password" in error.value.problem["detail"]
    changed = site.server.api("PATCH", path, {"group_dn": GROUP})
    assert changed["group_dn"] == GROUP and changed["url"] == body["url"]
    [(sealed,)] = site.execute(
        f"SELECT sealed FROM ldap_directories WHERE tenant_id = '{tenancy.tenant}'")
    assert SERVICE_PASSWORD not in sealed and len(sealed) > 40
    site.server.api("DELETE", path)
    entries = site.server.items(f"audit?tenant_id={tenancy.tenant}&object_kind=ldap_directory")
    assert [e["action"] for e in reversed(entries)] == [
        "ldap_directory.add", "ldap_directory.update", "ldap_directory.remove"]
    assert SERVICE_PASSWORD not in str(entries) + site.server.log.read_text()
