# SPDX-License-Identifier: Apache-2.0
"""One-time PINs on the Terms of Use page: made and revoked by IT, good once, limited in tries."""

import re
import time
import urllib.parse
import uuid

import pytest

import windows
from muster import ApiError
from tenancy import parallel

TRIES = 5


@pytest.fixture
def tenant(site):
    made = site.tenant(pin_required=True)
    yield made
    # Tries are counted by source as well, and all tests are one source.
    site.execute("DELETE FROM guesses")


def path(tenant):
    return f"tenants/{tenant.tenant}/pins"


def make(tenant, **fields):
    return tenant.server.api("POST", path(tenant), fields)["items"]


def pin(tenant, **fields):
    return make(tenant, **fields)[0]["pin"]


def page(tenant, user=None, **query):
    reply = windows.terms_get(tenant.server, tenant.terms_token(user), **query)
    assert reply.status == 200, reply.status
    return reply


def post(tenant, state, digits=None, decision="accept"):
    form = {"state": state, "decision": decision}
    if digits is not None:
        form["pin"] = digits
    return windows.send(f"{tenant.server.public_url}/TermsOfUse", "POST",
                        urllib.parse.urlencode(form),
                        {"Content-Type": "application/x-www-form-urlencoded"},
                        tenant.server.tls())


def accept(tenant, digits, user=None):
    return post(tenant, windows.terms_state(page(tenant, user)), digits)


def is_accepted(reply):
    return reply.status == 302 and windows.redirect_query(reply).get("IsAccepted") == "true"


def asked_again(reply):
    assert reply.status == 200 and "location" not in reply.headers
    assert windows.terms_state(reply)
    return reply


def reasons(tenant):
    return [row["reason"] for row in tenant.answers()]


def actions(tenant, action):
    return tenant.server.items(f"audit?tenant_id={tenant.tenant}&action={action}")


def test_a_pin_is_shown_once_and_kept_as_a_hash(tenant):
    made = make(tenant, label="desk 3", user_principal_name=f"Anna@{tenant.domain}",
                expires_at="2099-01-01T00:00:00Z")[0]
    assert re.fullmatch(r"[0-9]{8}", made["pin"])
    assert made["user_principal_name"] == f"anna@{tenant.domain}" and made["state"] == "open"
    shown = tenant.server.api("GET", f"{path(tenant)}/{made['id']}")
    assert shown == {k: v for k, v in made.items() if k != "pin"}
    listed = tenant.server.api("GET", path(tenant))["items"]
    assert listed == [shown]
    row = tenant.site.execute(f"SELECT * FROM pins WHERE tenant_id = '{tenant.tenant}'")[0]
    assert made["pin"] not in row
    entry = actions(tenant, "pin.add")[0]
    assert made["pin"] not in str(entry) and entry["detail"]["label"] == "desk 3"
    assert made["pin"] not in tenant.server.log.read_text()


def test_several_at_once_all_differ(tenant):
    made = make(tenant, count=100, label="rollout")
    assert len({row["pin"] for row in made}) == len({row["id"] for row in made}) == 100
    assert len(tenant.server.items(f"{path(tenant)}?state=open&limit=30")) == 100


@pytest.mark.parametrize("fields", [
    {"count": 0}, {"count": 501}, {"count": "2"}, {"label": "a" * 129}, {"label": "a\nb"},
    {"user_principal_name": "anna"}, {"expires_at": "2020-01-01T00:00:00Z"},
    {"expires_at": "tomorrow"}, {"pin": "12345678"}], ids=str)
def test_what_cannot_be_made(tenant, fields):
    with pytest.raises(ApiError) as error:
        make(tenant, **fields)
    assert error.value.status == 422
    assert tenant.server.api("GET", path(tenant))["items"] == []


def test_pins_of_a_tenant_that_is_not_there(tenant):
    for method, where in (("GET", f"tenants/{uuid.uuid4()}/pins"),
                          ("POST", f"tenants/{uuid.uuid4()}/pins"),
                          ("GET", f"{path(tenant)}/{uuid.uuid4()}"),
                          ("DELETE", f"{path(tenant)}/{uuid.uuid4()}")):
        with pytest.raises(ApiError) as error:
            tenant.server.api(method, where, {} if method == "POST" else None)
        assert error.value.status == 404, where


def test_accepting_takes_a_pin_and_uses_it_up(tenant):
    made = make(tenant)[0]
    reply = accept(tenant, made["pin"][:4] + " " + made["pin"][4:])
    assert is_accepted(reply)
    used = tenant.server.api("GET", f"{path(tenant)}/{made['id']}")
    assert (used["state"], used["used_by"]) == ("used", tenant.user) and used["used_at"]
    assert actions(tenant, "pin.use")[0]["object_id"] == made["id"]
    assert actions(tenant, "terms.accept")[0]["detail"]["pin_id"] == made["id"]
    assert asked_again(accept(tenant, made["pin"]))
    assert reasons(tenant) == ["pin_wrong", ""]
    # The consent enrols like any other.
    blob = windows.redirect_query(reply)["OpaqueBlob"]
    assert tenant.post(tenant.enroll_token(tenant.new_device()), blob).status == 200


def test_a_page_needs_its_pin_once(tenant):
    """The user who accepted, went back, declined and accepts after all."""
    state = windows.terms_state(page(tenant, mode=None))
    digits = pin(tenant)
    assert is_accepted(post(tenant, state, digits))
    assert post(tenant, state, decision="decline").status == 302
    assert is_accepted(post(tenant, state, digits))
    assert len(actions(tenant, "pin.use")) == 1 and not actions(tenant, "pin.refuse")
    # Another page asks for another one.
    asked_again(post(tenant, windows.terms_state(page(tenant, mode=None)), digits))


def test_without_a_pin_nothing_is_accepted(tenant):
    make(tenant)
    for digits in (None, "", " - "):
        asked_again(accept(tenant, digits))
    assert tenant.answers() == []  # nothing was guessed either
    assert is_accepted(accept(tenant, pin(tenant)))


def test_pins_that_are_not_good_look_alike(tenant):
    """Unknown, used, revoked, expired, of another user, not digits: one answer."""
    used, revoked, expired, other = make(tenant, count=4)
    assert is_accepted(accept(tenant, used["pin"]))
    tenant.server.api("DELETE", f"{path(tenant)}/{revoked['id']}")
    tenant.site.execute(f"UPDATE pins SET expires_at = 1 WHERE id = '{expired['id']}'")
    tenant.site.execute("UPDATE pins SET user_principal_name = 'bert@x.test'"
                        f" WHERE id = '{other['id']}'")
    known = {row["pin"] for row in (used, revoked, expired, other)}
    unknown = next(f"{n:08}" for n in range(10) if f"{n:08}" not in known)
    answers = set()
    for digits in (used["pin"], revoked["pin"], expired["pin"], other["pin"], unknown, "1234567",
                   "123456789", "abcdefgh", "<script>", "\u0661" * 8):
        tenant.site.execute("DELETE FROM guesses")
        body = asked_again(accept(tenant, digits)).body.decode()
        assert digits not in body
        answers.add(re.sub(r'name="state" value="[^"]+"', "", body))
    assert len(answers) == 1
    assert set(reasons(tenant)) == {"", "pin_wrong"}
    assert tenant.attempts(reason="pin_wrong")[0]["remedy"]
    with pytest.raises(ApiError) as error:
        tenant.server.api("DELETE", f"{path(tenant)}/{revoked['id']}")
    assert error.value.status == 409


def test_a_pin_of_another_tenant_is_none(tenant, site):
    other = site.tenant(pin_required=True)
    asked_again(accept(tenant, pin(other)))


def test_a_pin_for_one_user(tenant):
    bert = tenant.add_user("bert")
    made = pin(tenant, user_principal_name=f"BERT@{tenant.domain}")
    asked_again(accept(tenant, made))
    assert is_accepted(accept(tenant, made, bert))


def test_declining_needs_none(tenant):
    state = windows.terms_state(page(tenant, mode=None))
    assert windows.redirect_query(post(tenant, state, decision="decline"))["IsAccepted"] == "false"


def test_it_is_asked_only_where_the_tenant_wants_it(tenant, site):
    assert is_accepted(accept(site.tenant(), None))
    tenant.set(pin_required=False)
    assert is_accepted(accept(tenant, None))
    # Turned on while a page was open: that page needs one as well.
    state = windows.terms_state(page(tenant))
    tenant.set(pin_required=True)
    asked_again(post(tenant, state))


def test_of_many_that_bring_one_pin_one_gets_it(tenant):
    made = pin(tenant)
    users = [tenant.add_user(f"u{i}") for i in range(6)]
    states = [windows.terms_state(page(tenant, user)) for user in users]
    replies = parallel([lambda s=s: post(tenant, s, made) for s in states])
    assert [is_accepted(r) for r in replies].count(True) == 1
    assert all(r.status in (200, 302) for r in replies)
    assert len(tenant.server.items(f"terms-decisions?tenant_id={tenant.tenant}")) == 1


def test_row13_the_same_page_again_needs_no_other_pin(tenant):
    made = pin(tenant)
    state = windows.terms_state(page(tenant))
    replies = parallel([lambda: post(tenant, state, made)] * 5)
    assert [is_accepted(r) for r in replies] == [True] * 5
    assert is_accepted(post(tenant, state, ""))
    assert len(tenant.server.items(f"terms-decisions?tenant_id={tenant.tenant}")) == 1
    assert reasons(tenant) == [""]


def test_tries_are_limited(tenant):
    right = pin(tenant)
    wrong = next(f"{n:08}" for n in range(2) if f"{n:08}" != right)
    pages = [asked_again(accept(tenant, wrong)) for _ in range(TRIES)]
    assert reasons(tenant) == ["pin_blocked"] + ["pin_wrong"] * (TRIES - 1)
    assert pages[0].body != pages[-1].body
    for _ in range(3):
        asked_again(accept(tenant, right))
    assert len(tenant.answers()) == TRIES  # what is not looked at leaves no row
    assert len(actions(tenant, "pin.block")) == 1
    assert len(actions(tenant, "pin.refuse")) == TRIES - 1
    row = tenant.attempts(reason="pin_blocked")[0]
    assert "fifteen minutes" in row["remedy"] and row["user_object_id"] == tenant.user
    # Others are not held up, and later the user is not either.
    assert is_accepted(accept(tenant, pin(tenant), tenant.add_user("bert")))
    tenant.site.execute("UPDATE guesses SET updated_at = updated_at - 901,"
                        f" blocked_until = blocked_until - 901 WHERE tenant_id = '{tenant.tenant}'")
    assert is_accepted(accept(tenant, right))


def unblock(tenant, **who):
    return tenant.server.api("POST", f"{path(tenant)}/unblock", who)


def test_an_administrator_ends_the_wait_of_a_user(tenant):
    right = pin(tenant)
    wrong = next(f"{n:08}" for n in range(2) if f"{n:08}" != right)
    for _ in range(TRIES):
        accept(tenant, wrong)
    asked_again(accept(tenant, right))
    user = tenant.attempts(reason="pin_blocked")[0]["user_object_id"]
    done = unblock(tenant, user_object_id=user.upper())
    assert done["failures"] == TRIES and done["blocked_until"]
    assert is_accepted(accept(tenant, right))
    entry = actions(tenant, "pin.unblock")[0]
    assert entry["actor"].startswith("token:") and entry["detail"]["user_object_id"] == user.upper()
    # Now there is nothing to forget.
    with pytest.raises(ApiError) as error:
        unblock(tenant, user_object_id=user)
    assert error.value.status == 404 and len(actions(tenant, "pin.unblock")) == 1


def test_an_administrator_ends_the_wait_of_an_address(tenant):
    right = pin(tenant)
    accept(tenant, "not one")
    tenant.site.execute("UPDATE guesses SET failures = 30, blocked_until = updated_at + 900"
                        f" WHERE tenant_id = '{tenant.tenant}' AND subject = 'source:127.0.0.1'")
    bert = tenant.add_user("bert")
    asked_again(accept(tenant, right, bert))
    assert unblock(tenant, source="127.0.0.1")["failures"] == 30
    assert is_accepted(accept(tenant, right, bert))


@pytest.mark.parametrize("who,status", [
    ({}, 422), ({"user_object_id": str(uuid.uuid4()), "source": "127.0.0.1"}, 422),
    ({"user_object_id": ""}, 422), ({"source": 1}, 422), ({"source": "a" * 65}, 422),
    ({"user_name": "anna"}, 422), ({"user_object_id": str(uuid.uuid4())}, 404),
    ({"source": "' OR ''='"}, 404)], ids=str)
def test_who_cannot_be_unblocked(tenant, who, status):
    accept(tenant, "not one")
    before = tenant.site.execute("SELECT COUNT(*) FROM guesses")
    with pytest.raises(ApiError) as error:
        unblock(tenant, **who)
    assert error.value.status == status
    assert tenant.site.execute("SELECT COUNT(*) FROM guesses") == before
    assert actions(tenant, "pin.unblock") == []


def test_another_tenant_unblocks_nobody_here(tenant, site):
    accept(tenant, "not one")
    with pytest.raises(ApiError) as error:
        unblock(site.tenant(), user_object_id=tenant.user)
    assert error.value.status == 404
    with pytest.raises(ApiError) as error:
        tenant.server.api("POST", f"tenants/{uuid.uuid4()}/pins/unblock", {"source": "127.0.0.1"})
    assert error.value.status == 404


def test_what_is_forgotten_is_swept(tenant, site):
    now = int(time.time())
    for kind, subject, at in (("pin", "user:old", now - 1000), ("pin", "user:new", now),
                              ("password_account", "old", now - 90000),
                              ("password_source", "old", now - 4000)):
        site.execute("INSERT INTO guesses (tenant_id, kind, subject, failures, blocked_until,"
                     f" updated_at) VALUES ('{tenant.tenant}', '{kind}', '{subject}', 1, 0, {at})")
    assert site.server.stop() == 0
    site.server.start()
    deadline = time.monotonic() + 30
    while len(left := site.execute("SELECT subject FROM guesses")) > 1:
        assert time.monotonic() < deadline, left
        time.sleep(0.2)
    assert left == [("user:new",)]


def test_many_guesses_at_the_same_moment_are_no_more_tries(tenant):
    states = [windows.terms_state(page(tenant)) for _ in range(12)]
    replies = parallel([lambda s=s, i=i: post(tenant, s, f"{i:08}") for i, s in enumerate(states)])
    assert all(r.status == 200 for r in replies)
    assert len(tenant.answers()) == TRIES
    assert len(tenant.attempts(reason="pin_blocked")) == 1


def test_row5_a_pin_is_not_lost_with_a_failing_store(tenant):
    made = pin(tenant)
    state = windows.terms_state(page(tenant))
    tenant.site.execute("ALTER TABLE audit RENAME TO audit_away")
    try:
        reply = post(tenant, state, made)
    finally:
        tenant.site.execute("ALTER TABLE audit_away RENAME TO audit")
    assert "error=server_error" in reply.headers["location"]
    assert is_accepted(post(tenant, state, made))
