# SPDX-License-Identifier: Apache-2.0
"""A joining is one story, from the Terms of Use to the first session, and an administrator sees why
a device did not get in: by the API and by the command line."""

import json
import re
import subprocess
import uuid

import pytest

import windows
from muster import MUSTER, ROOT, ApiError
from renewing import ask, renew
from tenancy import attempt_of
from world import FACTS


def steps(story):
    return [(a["stage"], a["outcome"]) for a in story["attempts"]]


def story_of(site, some_id):
    return site.server.api("GET", f"enrollment-stories/{some_id}")


def stories(tenant, **filters):
    query = "&".join(f"{k}={v}" for k, v in {"tenant_id": tenant.tenant, **filters}.items())
    return tenant.server.items(f"enrollment-stories?{query}")


def name_of(tenant):
    return f"anna@{tenant.domain}"


def walk(tenant, kind="Device", until="session", device=None, email=None):
    """All steps of a joining as Windows takes them."""
    blob = tenant.blob(kind=kind)
    if until == "terms":
        return None
    device = device or tenant.new_device()
    token = tenant.enroll_token(device)
    windows.discover(tenant.server, email=email if email is not None else name_of(tenant))
    assert windows.get_policies(tenant.server, windows.jwt_security(token)).status == 200
    if until == "policy":
        return device
    enrolled = windows.enroll(tenant.server, token, blob, kind, key=tenant.site.key())
    if until == "session":
        windows.run_session(enrolled, values=FACTS)
    return enrolled


WHOLE = [("terms", "ok"), ("terms", "ok"), ("discovery", "ok"), ("policy", "ok"), ("request", "ok"),
         ("session", "ok")]


@pytest.mark.parametrize("kind", ["Device", "Full"])
def test_a_joining_is_one_story(site, kind):
    tenant = site.tenant()
    walk(tenant, kind)
    [story] = stories(tenant)
    assert steps(story) == WHOLE
    assert story["state"] == "joined" and story["error_code"] == ""
    assert story["summary"] == (f"{name_of(tenant)} accepted the terms, got a certificate and the "
                                "device came to its first session.")
    assert story["windows_shows"] is None
    assert story["id"] == story["attempts"][0]["id"]
    assert {a["story_id"] for a in story["attempts"]} == {story["id"]}


def test_a_story_is_found_by_each_of_its_ids(site):
    tenant = site.tenant()
    walk(tenant)
    [story] = stories(tenant)
    ids = [story["id"], story["device_id"], story["entra_device_id"], story["client_request_id"],
           story["entra_device_id"].upper()]
    for attempt in story["attempts"]:
        ids += [attempt["id"], attempt["trace_id"]]
    assert all(ids)
    for one in ids:
        assert story_of(site, one)["id"] == story["id"], one
        assert site.server.api("GET", f"enrollments/explain?about={one}")["id"] == story["id"]
    with pytest.raises(ApiError) as refused:
        story_of(site, uuid.uuid4())
    assert refused.value.status == 404


@pytest.mark.parametrize("until,state,rest", [
    ("terms", "open", "accepted the terms, and the device has not asked to enrol yet."),
    ("policy", "open", "accepted the terms, was let in to ask for a certificate, and has not asked "
                       "for one yet."),
    ("request", "enrolled", "accepted the terms, got a certificate, and the device has not come to "
                            "a first session yet.")])
def test_how_far_a_joining_came(site, until, state, rest):
    tenant = site.tenant()
    walk(tenant, until=until)
    [story] = stories(tenant, state=state)
    assert story["summary"] == f"{name_of(tenant)} {rest}"
    others = {"open", "enrolled", "joined", "refused", "failed"} - {state}
    assert [stories(tenant, state=other) for other in others] == [[]] * 4


STATES = ("open", "enrolled", "joined", "refused", "failed")


def in_every_state(tenant):
    """Stories of each state, and devices that renewed or were refused to."""
    walk(tenant, until="policy")
    walk(tenant, until="request")
    renewed = aged(tenant, walk(tenant))
    windows.run_session(renew(renewed, tenant.site.key()), session="2", values=FACTS)
    refused = walk(tenant)
    assert ask(refused, refused.key).status == 500
    unseen = aged(tenant, walk(tenant, until="request"))
    renew(unseen, tenant.site.key())
    given_up = walk(tenant, until="request")
    given_up.post(given_up.package1())
    given_up.post(given_up.message(2, "<Alert><CmdID>1</CmdID><Data>1223</Data></Alert>"))
    page = windows.terms_get(tenant.server, tenant.terms_token(), mode=None)
    windows.terms_post(tenant.server, windows.terms_state(page), "decline")


def aged(tenant, device, days=310):
    """As old as a renewal wants its certificate."""
    serial = f"{device.certificate.serial_number:032x}"
    tenant.site.execute(
        f"UPDATE certificates SET not_before = not_before - {days * 86400},"
        f" not_after = not_after - {days * 86400} WHERE serial = '{serial}'")
    return device


def test_a_state_is_found_as_it_is_shown(site):
    tenant = site.tenant()
    in_every_state(tenant)
    found = {state: stories(tenant, state=state) for state in STATES}
    for state, rows in found.items():
        assert rows and {row["state"] for row in rows} == {state}
    every = stories(tenant)
    assert sorted(row["id"] for rows in found.values() for row in rows) == sorted(
        row["id"] for row in every)
    assert {state: len(rows) for state, rows in found.items()} == {
        "open": 1, "enrolled": 2, "joined": 2, "refused": 1, "failed": 1}


def test_a_renewal_is_no_joining(site):
    tenant = site.tenant()
    device = aged(tenant, walk(tenant))
    [joining] = stories(tenant)
    for session in range(2, 5):
        device = aged(tenant, renew(device, site.key()))
        windows.run_session(device, session=str(session), values=FACTS)
    assert [s["id"] for s in stories(tenant)] == [joining["id"]]
    assert [s["id"] for s in stories(tenant, device_id=joining["device_id"])] == [joining["id"]]
    for some_id in (joining["device_id"], joining["entra_device_id"]):
        told = site.server.api("GET", f"enrollments/explain?about={some_id}")
        assert told["id"] == joining["id"] and steps(told) == WHOLE
    rows = tenant.attempts(stage="renewal")
    assert len(rows) == 3
    one = story_of(site, rows[1]["trace_id"])
    assert steps(one) == [("renewal", "ok")] and one["id"] == rows[1]["id"]
    assert (one["state"], one["cause"], one["remedy"]) == ("joined", "", "")


def test_without_its_joining_a_device_is_told_by_its_newest_renewal(site):
    """The joining is older than attempts are kept."""
    tenant = site.tenant()
    device = aged(tenant, walk(tenant))
    for _ in range(2):
        device = aged(tenant, renew(device, site.key()))
        windows.run_session(device, session="2", values=FACTS)
    [joining] = stories(tenant)
    site.execute(f"DELETE FROM enrollments WHERE story_id = '{joining['id']}'")
    newest = tenant.attempts(stage="renewal")[0]
    for some_id in (joining["device_id"], joining["entra_device_id"]):
        assert story_of(site, some_id)["id"] == newest["id"]
    assert stories(tenant) == []


# A device that has its certificate and does not come

def test_a_device_that_does_not_come_is_told_what_to_look_at(site):
    tenant = site.tenant()
    walk(tenant, until="request")
    [story] = stories(tenant)
    assert (story["state"], story["cause"], story["remedy"]) == ("enrolled", "", "")
    assert "What to do:" not in muster(site, "enrollment", "explain", story["id"])
    site.execute(f"UPDATE enrollments SET at = at - 600 WHERE story_id = '{story['id']}'")
    [story] = stories(tenant)
    assert story["state"] == "enrolled" and story["windows_shows"] is None
    assert story["cause"] == ("The device has had its certificate for more than 10 minutes and has "
                              "not come to its first session.")
    assert f"reaches {site.server.manage_url}:" in story["remedy"]
    told = muster(site, "enrollment", "explain", story["device_id"])
    assert f"What happened:  {story['cause']}\n" in told
    assert f"What to do:     {story['remedy']}\n" in told and "musterd check" in told


def test_a_page_nobody_answered(site):
    tenant = site.tenant()
    windows.terms_get(site.server, tenant.terms_token(), mode="azureadjoin")
    [story] = stories(tenant)
    assert steps(story) == [("terms", "ok")]
    assert story["summary"].endswith("saw the terms, and has not decided yet.")


def test_a_refusal_says_what_windows_shows_why_and_what_to_do(site):
    tenant = site.tenant()
    blob = tenant.blob()
    tenant.set(os_version_min="10.0.26100")
    token = tenant.enroll_token(tenant.new_device())
    fault = windows.Fault(tenant.post(token, blob))
    row = site.server.api("GET", f"enrollments/{attempt_of(site.server, fault.trace_id)['id']}")
    assert row["windows_shows"] == {
        "code": "0x80180014", "name": "MENROLL_E_DEVICENOTSUPPORTED",
        "message": "This feature isn't supported. Contact your system administrator with the error "
                   "code 0x80180014."}
    assert "older version of Windows" in row["cause"] and "os_version_min" in row["remedy"]
    story = story_of(site, fault.trace_id)
    assert (story["state"], story["error_code"]) == ("refused", "0x80180014")
    assert story["windows_shows"] == row["windows_shows"] and story["cause"] == row["cause"]
    assert story["summary"].endswith("and was refused at the step request: The device has an older "
                                     "version of Windows than the tenant takes.")
    assert [s["id"] for s in stories(tenant, error_code="0x80180014")] == [story["id"]]
    assert stories(tenant, error_code="0x80180013") == []


def test_declining_is_what_windows_calls_it(site):
    tenant = site.tenant()
    page = windows.terms_get(site.server, tenant.terms_token(), mode=None)
    windows.terms_post(site.server, windows.terms_state(page), "decline")
    [story] = stories(tenant)
    assert (story["state"], story["error_code"]) == ("refused", "rejectedTermsOfUse")
    assert story["windows_shows"]["message"].startswith("Your organization requires")


UNSURE = ("Windows says that something went wrong; the code differs by version, often 0x80180030 or "
          "0x8018002A.")


@pytest.mark.parametrize("what", ["scope", "audience", "version"])
def test_a_refused_page_says_how_windows_ends(site, what):
    """It answers in words; with which code Windows ends is its own."""
    tenant = site.tenant()
    more = {"api-version": "9.9"} if what == "version" else {}
    token = {"scope": lambda: tenant.terms_token(overrides={"scp": "other"}),
             "audience": lambda: site.entra.mint(
                 site.entra.add_app(tenant.tenant, uris=["https://other.test"]), user=tenant.user),
             "version": tenant.terms_token}[what]()
    reply = windows.terms_get(site.server, token, mode=None, **more)
    assert reply.status == 302 and "error" in windows.redirect_query(reply)
    row = site.server.items("enrollments?stage=terms")[0]
    assert row["outcome"] == "refused" and row["error_code"] == ""
    shown = {"code": "", "name": "", "message": UNSURE}
    assert site.server.api("GET", f"enrollments/{row['id']}")["windows_shows"] == shown
    assert story_of(site, row["id"])["windows_shows"] == shown
    assert f"Windows shows:  {UNSURE}\n" in muster(site, "enrollment", "explain", row["trace_id"])


def test_a_page_that_leads_nowhere_is_no_error_of_windows(site):
    tenant = site.tenant()
    reply = windows.terms_get(site.server, tenant.terms_token(), redirect_uri="https://evil.test/")
    assert reply.status == 400
    row = site.server.items("enrollments?stage=terms")[0]
    assert row["reason"] == "redirect_uri_scheme"
    assert story_of(site, row["id"])["windows_shows"]["message"] == (
        "A page of this server that says so, not an error of Windows.")


@pytest.mark.parametrize("code", ["0x80180030", "0x8018002A"])
def test_a_code_that_the_page_may_have_led_to_says_so(site, code):
    assert "Look for a refused attempt of the stage terms." in muster(site, "enrollment", "explain",
                                                                      code)


# What is one joining, and what is not

def test_each_try_is_a_story_of_its_own(site):
    tenant = site.tenant()
    tenant.set(device_limit=1)
    walk(tenant)
    blob = tenant.blob()
    token = tenant.enroll_token(tenant.new_device())
    windows.get_policies(site.server, windows.jwt_security(token))
    tenant.post(token, blob)
    newest, oldest = stories(tenant)
    assert steps(oldest) == WHOLE
    assert [s for s in steps(newest) if s[0] != "terms"][0] == ("policy", "refused")


def test_two_devices_of_one_user_are_two_stories(site):
    tenant = site.tenant()
    first, second = walk(tenant, until="policy"), walk(tenant, until="policy")
    one, two = story_of(site, first), story_of(site, second)
    assert one["id"] != two["id"]
    assert one["entra_device_id"] == first and two["entra_device_id"] == second
    assert [s for s in steps(one) if s[0] != "discovery"] == [
        s for s in steps(two) if s[0] != "discovery"] == [
            ("terms", "ok"), ("terms", "ok"), ("policy", "ok")]


def test_people_behind_one_address_are_not_mixed_up(site):
    """A discovery names a mail address and proves nothing."""
    tenant = site.tenant()
    bert = tenant.add_user("bert")
    windows.discover(site.server, email=f"bert@{tenant.domain}")
    windows.discover(site.server, email=name_of(tenant).upper())
    token = tenant.enroll_token(tenant.new_device())
    assert windows.get_policies(site.server, windows.jwt_security(token)).status == 200
    [story] = stories(tenant)
    assert steps(story) == [("discovery", "ok"), ("policy", "ok")]
    assert story["attempts"][0]["user_principal_name"] == name_of(tenant).upper()
    token = tenant.enroll_token(tenant.new_device(), bert)
    windows.get_policies(site.server, windows.jwt_security(token))
    assert steps(stories(tenant)[0]) == [("discovery", "ok"), ("policy", "ok")]
    assert len(stories(tenant)) == 2


def test_a_discovery_without_a_mail_address_leaves_nothing(site):
    before = site.execute("SELECT COUNT(*) FROM enrollments")
    for email in ("", "CONTOSO\\anna"):
        assert windows.discover(site.server, email=email).status == 200
    assert site.execute("SELECT COUNT(*) FROM enrollments") == before


def test_a_foreign_tenant_gets_nothing_of_a_story(site):
    """The client-request-id is the client's to choose."""
    tenant, other = site.tenant(), site.tenant()
    request_id = str(uuid.uuid4())
    headers = {"client-request-id": request_id}
    for who in (tenant, other):
        windows.terms_get(site.server, who.terms_token(), headers=headers, mode="azureadjoin",
                          **{"client-request-id": request_id})
    assert len(stories(tenant)) == len(stories(other)) == 1
    assert stories(tenant)[0]["id"] != stories(other)[0]["id"]


# The first session

def test_only_the_first_session_is_part_of_it(site):
    tenant = site.tenant()
    device = walk(tenant)
    windows.run_session(device, session="2", values=FACTS)
    assert [s for s, _ in steps(stories(tenant)[0])].count("session") == 1
    assert len(tenant.attempts(stage="session")) == 1


def test_a_first_session_that_is_given_up(site):
    tenant = site.tenant()
    device = walk(tenant, until="request")
    reply = windows.Commands(device.post(device.package1()))
    assert reply.commands
    device.post(device.message(
        2, "<Alert><CmdID>1</CmdID><Data>1223</Data></Alert>"))
    [story] = stories(tenant)
    assert (story["state"], story["attempts"][-1]["reason"]) == ("failed", "session_aborted")
    assert "first session failed" in story["summary"]


def test_a_first_session_that_refuses_what_ends_the_setup(site):
    tenant = site.tenant()
    device = walk(tenant, until="request")
    reply = windows.Commands(device.post(device.package1()))
    setup = next(c["locuri"] for c in reply.commands if "ServerHasFinished" in c["locuri"])
    device.post(device.message(2, windows.answers(reply.commands, reply.msg_id, statuses={setup: 500})))
    [story] = stories(tenant)
    last = story["attempts"][-1]
    assert (story["state"], last["reason"]) == ("failed", "session_setup_refused")
    assert "500" in story["remedy"] and setup in story["remedy"]


def test_a_device_that_speaks_for_another(site):
    tenant = site.tenant()
    device = walk(tenant, until="request")
    assert device.post(device.package1(source="0" * 32)).status == 403
    [story] = stories(tenant)
    assert story["attempts"][-1]["reason"] == "session_source_mismatch"
    assert story["state"] == "refused"


# Codes and the command line

def muster(site, *words, ok=True):
    done = subprocess.run(
        [MUSTER, "--url", site.server.console_url, "--token-file", site.server.dir / "admin.token",
         "--ca", site.server.ca, *words], capture_output=True, text=True, timeout=60)
    assert (done.returncode == 0) == ok, (done.stdout, done.stderr)
    return done.stdout if ok else done.stderr


@pytest.mark.parametrize("written", ["0x80180018", "80180018", "-2145910760", "UserLicense",
                                     "MENROLL_E_USERLICENSE", "menroll_e_user_license"])
def test_a_code_is_explained_however_it_is_written(site, written):
    told = muster(site, "enrollment", "explain", "--", written) if written[0] == "-" else \
        muster(site, "enrollment", "explain", written)
    assert told.startswith("0x80180018 MENROLL_E_USERLICENSE\n")
    assert "There was an error with your license." in told
    assert "What to do:" in told and "license_missing" in told


@pytest.mark.parametrize("written,says", [
    ("rejectedTermsOfUse", "declined the Terms of Use"), ("0x801c0013", "no tenant"),
    ("CAA30194", "no token"), ("0x801900C8", "HTTP 200"), ("0x80190198", "HTTP status 408")])
def test_codes_only_a_client_raises_are_explained_too(site, written, says):
    assert says in muster(site, "enrollments", "explain", written)


def test_a_joining_is_explained_by_any_id(site):
    tenant = site.tenant()
    tenant.set(maintenance=True)
    token = tenant.enroll_token(tenant.new_device())
    fault = windows.Fault(windows.get_policies(site.server, windows.jwt_security(token)))
    told = muster(site, "enrollment", "explain", fault.trace_id)
    assert told.splitlines()[0] == (
        f"{name_of(tenant)} was refused at the step policy: An administrator has put the tenant "
        "into maintenance, so nobody can enrol.")
    assert told.splitlines()[1] == (
        "Windows shows:  The service is in maintenance. You can try to do this again later or "
        "contact your system administrator with the error code 0x80180017.")
    assert "--maintenance no" in told and fault.trace_id in told
    assert muster(site, "enrollment-stories", "show", fault.trace_id) == told
    assert "maintenance" in muster(site, "enrollment-stories", "list", "--tenant", tenant.tenant)


@pytest.mark.parametrize("about,says", [
    ("0x99999999", "no such code is known"), ("deadbeef", "muster error-codes list"),
    ("Error code: 0x80180099.", "no such code is known"),
    (str(uuid.uuid4()), "there is no such story"),
    ("nobody@contoso.example", "nobody called nobody@contoso.example has tried to join"),
    ("it does not work", "neither an id nor a mail address")])
def test_what_nobody_knows_is_said_to_be_unknown(site, about, says):
    assert says in muster(site, "enrollment", "explain", about, ok=False)


@pytest.mark.parametrize("pasted", [
    "Error code: 0x80180018", "  (0x80180018) ", "error code 0x80180018.",
    "There was an error with your license. You can try to do this again or contact your system "
    "administrator with the error code 0x80180018."])
def test_a_code_is_found_in_what_is_pasted(site, pasted):
    told = muster(site, "enrollment", "explain", pasted)
    assert told.startswith("0x80180018 MENROLL_E_USERLICENSE\nWindows shows:  There was an error "
                           "with your license. You can try")
    assert not any(line.endswith(" ") for line in told.splitlines())


def test_a_mail_address_tells_the_newest_joinings(site):
    tenant = site.tenant()
    for _ in range(4):
        windows.terms_get(site.server, tenant.terms_token(), mode=None)
    walk(tenant)
    told = muster(site, "enrollment", "explain", name_of(tenant).upper())
    lines = told.splitlines()
    assert lines[0].startswith(f"{name_of(tenant)} accepted the terms, got a certificate")
    assert told.count(f"{name_of(tenant)} saw the terms, and has not decided yet.") == 2
    assert lines[-1].endswith(f"--user-principal-name {name_of(tenant).upper()}")
    found = site.server.api("GET", f"enrollments/explain?about={name_of(tenant)}")
    assert [s["id"] for s in found["items"]] == [s["id"] for s in stories(tenant)][:3]


def test_explain_wants_something_to_explain(site):
    for query in ("", "?about=", "?about=%20", "?about=0x80180018&tenant_id=x"):
        with pytest.raises(ApiError) as refused:
            site.server.api("GET", f"enrollments/explain{query}")
        assert refused.value.status == 422


def test_the_list_of_codes_is_that_of_the_manual(site):
    listed = site.server.api("GET", "error-codes")
    assert listed["next"] is None and len(listed["items"]) > 60
    manual = (ROOT / "doc/troubleshooting.md").read_text().partition("\n## The codes\n")[2]
    rows = re.findall(r"^\| `([^`]+)` \| ([^|]*) \|", manual, re.M)
    assert [code for code, _ in rows] == [item["code"] for item in listed["items"]]
    shown = json.loads(muster(site, "--json", "error-codes", "show", "CAA30194"))
    assert shown["code"] == "0xCAA30194" and shown["raised_by"] == "entra"
