# SPDX-License-Identifier: Apache-2.0
"""Settings for users: they go only to a user who is proved to be signed in, and are remembered for
each user of each device. The rows are those of the decision table on users and scopes.
"""

import itertools

import pytest

import windows
from world import FACTS

NODE = "./User/Vendor/MSFT/Policy/Config/Experience/AllowCortana"
STATUS_PAGE = "/FirstSyncStatus/ServerHasFinishedProvisioning"


@pytest.fixture
def world(site):
    return site.tenant()


def token_alert(token):
    return ('<Alert><CmdID>5</CmdID><Data>1224</Data><Item><Meta><Type xmlns="syncml:metinf">'
            f'com.microsoft/MDM/AADUserToken</Type></Meta><Data>{token}</Data></Item></Alert>')


class Watched:
    """A device with a user policy whose value changes before every session, so that each session
    that may send it does."""

    def __init__(self, world, kind="Device", assignments=None):
        self.world = world
        self.device, self.entra_id = world.join(kind=kind)
        self.numbers = itertools.count(1)
        self.policy = world.add_policy("user", self.setting(0), "user", assignments)

    def setting(self, value):
        return [{"locuri": NODE, "format": "int", "data": str(value)}]

    def session(self, login, header=None, alert=None):
        """Whether the user's setting was sent in a session with these signals."""
        number = next(self.numbers)
        self.world.server.api("PATCH", f"policies/{self.policy['id']}",
                              {"settings": self.setting(number)})
        headers = {"Authorization": f"Bearer {header}"} if header else None
        sent = windows.run_session(self.device, f"{number:X}", login,
                                   token_alert(alert) if alert else "", FACTS, headers=headers)
        mine = [c["data"] for c in sent if (c["verb"], c["locuri"]) == ("Replace", NODE)]
        assert mine in ([], [str(number)])
        return bool(mine)


def flipped(token):
    head, payload, signature = token.split(".")
    return f"{head}.{payload}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}"


def test_device_enrolment_by_the_table(world):
    """The user must be said to be there, and a token must prove who it is."""
    watched = Watched(world)
    token = world.enroll_token(watched.entra_id)
    assert watched.session("user", header=token)
    assert watched.session("user", alert=token)
    assert watched.session("user", header=token, alert=token)
    assert not watched.session("user")
    for login in ("others", "none", "", "USERS", "user,others"):
        assert not watched.session(login, header=token), login
        assert not watched.session(login), login
    assert watched.session("User", header=token), "case does not matter"
    rows = world.server.items(
        f"devices/{world.device(watched.entra_id)['id']}/sessions?limit=200")
    proved = [row["user_object_id"] for row in reversed(rows)]
    assert proved[:4] == [world.user, world.user, world.user, ""]
    assert proved[-1] == world.user and set(proved[4:-1]) == {""}


def test_full_enrolment_by_the_table(world):
    """One user only, the one who enrolled: a token says nothing more, and nothing else."""
    watched = Watched(world, kind="Full")
    other = world.add_user("bert")
    assert watched.session("user")
    assert watched.session("user", header=world.terms_token())
    assert watched.session("user", header=world.terms_token(other)), "still the enrolled user"
    assert not watched.session("others", header=world.terms_token())
    assert not watched.session("none", header=world.terms_token())
    world.server.api("PATCH", f"policies/{watched.policy['id']}",
                     {"assignments": [{"user": other}]})
    assert not watched.session("user", header=world.terms_token(other))


def bad_tokens(world, site, entra_id):
    other = site.tenant()
    token = world.enroll_token(entra_id)
    return {
        "flipped": flipped(token),
        "no signature": ".".join(token.split(".")[:2]) + ".",
        "alg none": world.enroll_token(entra_id, alg="none"),
        "HS256 by the public key": world.enroll_token(entra_id, alg="HS256"),
        "foreign key": world.enroll_token(entra_id, key="foreign"),
        "expired": world.enroll_token(entra_id, lifetime=-400),
        "another tenant, not ours": world.entra.mint(
            world.entra.add_app(world.entra.add_tenant()), device=entra_id),
        "another tenant that we serve": other.terms_token(),
        "for Graph": world.entra.mint("graph", user=world.user, tenant=world.tenant,
                                      clientApp=world.app),
        "another device": world.enroll_token(world.new_device()),
        "no delegation": world.enroll_token(entra_id, scp="mdm_delegationX"),
        "no user": world.entra.mint(world.app, device=entra_id),
        "application": world.entra.mint(world.app),
        "not a token": "abc",
        "long": "a" * 20000,
    }


def test_a_token_that_proves_nothing_adds_nobody(world, site):
    """The session goes on for the device alone: it has its own proof."""
    watched = Watched(world)
    for what, token in bad_tokens(world, site, watched.entra_id).items():
        if what != "long":
            assert not watched.session("user", header=token), what
        assert not watched.session("user", alert=token), what
    good = world.enroll_token(watched.entra_id)
    assert watched.session("user", header=good, alert=flipped(good)), "one good token is enough"


def test_two_tokens_that_disagree_prove_nobody(world):
    watched = Watched(world)
    anna = world.enroll_token(watched.entra_id)
    bert = world.enroll_token(watched.entra_id, world.add_user("bert"))
    assert not watched.session("user", header=anna, alert=bert)
    assert not watched.session("user", header=bert, alert=anna)
    assert watched.session("user", header=bert)


def test_a_session_that_changes_its_user_reaches_neither(world):
    """./User could be either's, until a new session says who."""
    settings = [{"locuri": f"./User/Vendor/MSFT/Policy/Config/Area/P{i}", "format": "chr",
                 "data": "x" * 6000} for i in range(150)]
    world.add_policy("large", settings, "user")
    device, entra_id = world.join()
    tokens = [world.enroll_token(entra_id), world.enroll_token(entra_id, world.add_user("bert"))]
    headers = [{"Authorization": f"Bearer {t}"} for t in tokens]
    context = device.tls()

    def users_of(reply):
        return [c for c in reply.commands if c["locuri"].startswith("./User/")]

    reply = windows.Commands(device.post(device.package1(login="user"), headers[0], context))
    assert users_of(reply)
    for number in range(2, 7):
        body = windows.answers(reply.commands, reply.msg_id, FACTS)
        reply = windows.Commands(device.post(device.message(number, body), headers[1], context))
        assert not users_of(reply), number
        if not reply.commands:
            break
    sent = windows.run_session(device, "2", "user", headers=headers[1])
    assert len(users_of(type("Reply", (), {"commands": sent}))) >= 150


def test_a_token_that_disagrees_later_ends_the_reach(world):
    settings = [{"locuri": f"./User/Vendor/MSFT/Policy/Config/Area/P{i}", "format": "chr",
                 "data": "x" * 6000} for i in range(150)]
    world.add_policy("large", settings, "user")
    device, entra_id = world.join()
    anna = world.enroll_token(entra_id)
    bert = world.enroll_token(entra_id, world.add_user("bert"))
    header = {"Authorization": f"Bearer {anna}"}
    context = device.tls()
    reply = windows.Commands(device.post(device.package1(login="user"), header, context))
    assert [c for c in reply.commands if c["locuri"].startswith("./User/")]
    body = token_alert(bert) + windows.answers(reply.commands, "1", FACTS).replace(
        "<CmdID>5</CmdID>", "<CmdID>5000</CmdID>")
    reply = windows.Commands(device.post(device.message(2, body), header, context))
    assert not [c for c in reply.commands if c["locuri"].startswith("./User/")]


def test_every_user_of_a_device_gets_their_own(world):
    """Told once each; a policy for one user reaches nobody else; taking it back waits for them."""
    anna, bert = world.user, world.add_user("bert")
    world.add_policy("all", [{"locuri": NODE, "format": "int", "data": "0"}], "user")
    only = NODE.replace("AllowCortana", "AllowFindMyDevice")
    mine = world.add_policy("bert", [{"locuri": only, "format": "int", "data": "1"}], "user",
                            [{"user": bert}])
    device, entra_id = world.join()
    numbers = itertools.count(1)

    def session(user):
        header = {"Authorization": f"Bearer {world.enroll_token(entra_id, user)}"}
        return sorted((c["verb"], c["locuri"]) for c in windows.run_session(
            device, f"{next(numbers):X}", "user", values=FACTS, headers=header)
            if c["locuri"] in (NODE, only))

    assert session(anna) == [("Replace", NODE)]
    assert session(bert) == [("Replace", NODE), ("Replace", only)]
    assert session(anna) == [] and session(bert) == []
    world.server.api("DELETE", f"policies/{mine['id']}")
    assert session(anna) == []
    assert session(bert) == [("Delete", only)]
    assert session(bert) == []
    commands = world.server.items(f"devices/{world.device(entra_id)['id']}/commands?locuri={NODE}")
    assert sorted(c["user_object_id"] for c in commands) == sorted([anna, bert])
    assert {c["scope"] for c in commands} == {"user"}


def test_a_setting_a_user_context_was_missing_for_comes_again(world):
    """500 on ./User mostly means: too early."""
    world.add_policy("user", [{"locuri": NODE, "format": "int", "data": "0"}], "user")
    device, entra_id = world.join()
    header = {"Authorization": f"Bearer {world.enroll_token(entra_id)}"}
    for number, status in enumerate((500, 405, 500, 200, 200), 1):
        sent = windows.run_session(device, str(number), "user", values=FACTS,
                                   statuses={NODE: status}, headers=header)
        assert (NODE in [c["locuri"] for c in sent]) == (number <= 4), number


def test_the_status_page_is_released_for_each_user(world):
    """The device's in the first session; a user's once the user context takes it."""
    device, entra_id = world.join()
    node = "./User/Vendor/MSFT/DMClient/Provider/Muster" + STATUS_PAGE

    def session(number, user=None, status=200):
        headers = user and {"Authorization": f"Bearer {world.enroll_token(entra_id, user)}"}
        sent = windows.run_session(device, str(number), "user" if user else "none", values=FACTS,
                                   statuses={node: status}, headers=headers)
        return [(c["locuri"], c["format"], c["data"]) for c in sent
                if c["locuri"].endswith(STATUS_PAGE)]

    assert session(1) == [("./Device/Vendor/MSFT/DMClient/Provider/Muster" + STATUS_PAGE, "bool",
                           "true")]
    assert session(2, world.user, 405) == [(node, "bool", "true")]
    assert session(3) == []
    assert session(4, world.user) == [(node, "bool", "true")]
    assert session(5, world.user) == []
    assert session(6, world.add_user("bert")) == [(node, "bool", "true")]


def test_a_work_account_has_no_status_page(world):
    device, _ = world.join(kind="Full")
    sent = windows.run_session(device, "1", "user", values=FACTS)
    assert not [c for c in sent if "FirstSyncStatus" in c["locuri"]]
