# SPDX-License-Identifier: Apache-2.0
"""Assignments to Entra groups: what Graph says about users decides what they and their devices get,
and until it has said anything nothing is given, taken, or vouched for.
"""

import pytest

import windows
from muster import wait_for
from test_compliance import NEW, SAFE, Judged
from world import FACTS

LOCK = "./Device/Vendor/MSFT/Policy/Config/DeviceLock/MaxInactivityTimeDeviceLock"
USER = "./User/Vendor/MSFT/Policy/Config/Experience/AllowCortana"
MEMBERS = "getMemberGroups"


@pytest.fixture
def world(site):
    made = site.tenant()
    yield made
    site.entra.clear_faults()


def asked(world, user=None):
    """Requests for the groups of users of this tenant."""
    return [row for row in world.entra.log(listener="graph") if row["tenant"] == world.tenant
            and row["path"].endswith(MEMBERS) and (user is None or user in row["path"])]


def again(world):
    """As if the time had passed after which groups are asked for again."""
    world.site.execute("UPDATE users SET groups_next_at = 0"
                       f" WHERE tenant_id = '{world.tenant}'")
    world.site.execute("UPDATE tenants SET groups_pause_until = 0, graph_pause_until = 0"
                       f" WHERE tenant_id = '{world.tenant}'")


def told(world, user=None, times=1):
    """Wait until Graph has told about the user that often."""
    wait_for(lambda: len([r for r in asked(world, user or world.user)
                          if r["status"] == 200]) >= times, what="groups fetched")
    wait_for(lambda: world.site.execute(
        f"SELECT groups_next_at FROM users WHERE tenant_id = '{world.tenant}'"
        f" AND user_object_id = '{user or world.user}'")[0][0] != "0", what="groups stored")


def group_error(world):
    return world.server.api("GET", f"tenants/{world.tenant}")["groups_error"]


def sent(judged, number, uri=LOCK, **session):
    return [c["verb"] for c in windows.run_session(judged.device, number, values=FACTS, **session)
            if c["locuri"] == uri]


def test_a_policy_for_a_group_goes_to_its_members(world):
    """Also through groups in groups; joining and leaving count with the next look."""
    inner = world.entra.add_group(world.tenant, "inner", [world.user])
    outer = world.entra.add_group(world.tenant, "outer", [inner])
    bert = world.add_user("bert")
    world.add_policy(assignments=[{"entra_group": outer}])
    ours, theirs = Judged(world), Judged(world, user=bert)
    told(world)
    told(world, bert)
    assert sent(ours, "1") == ["Replace"] and sent(theirs, "1") == []
    assert sent(ours, "2") == []
    world.entra.control("POST", f"groups/{inner}/members", {"id": bert})
    world.entra.control("DELETE", f"groups/{inner}/members/{world.user}")
    again(world)
    told(world, times=2)
    told(world, bert, times=2)
    assert sent(ours, "3") == ["Delete"] and sent(theirs, "2") == ["Replace"]
    assert [r["body"] for r in asked(world)][0] in ('{"securityEnabledOnly":true}',
                                                    {"securityEnabledOnly": True})


def test_groups_are_asked_for_only_where_something_hangs_on_them(world):
    world.add_policy()
    group = world.entra.add_group(world.tenant, "g", [world.user])
    judged = Judged(world)
    assert judged.graph() == (True, False)
    assert sent(judged, "1") == ["Replace"]
    assert asked(world) == []
    policy = world.add_compliance(SAFE, assignments=[{"entra_group": group}])
    told(world)
    judged.becomes("compliant")
    judged.session()
    assert len(asked(world)) == 1, "once an hour"
    world.server.api("DELETE", f"compliance-policies/{policy['id']}")
    again(world)
    judged.becomes("unknown")
    assert len(asked(world)) == 1


def test_what_is_not_known_neither_gives_nor_takes(world):
    """Graph does not answer about users: policies that hang on it are held."""
    group = world.entra.add_group(world.tenant, "g", [world.user])
    world.entra.fault("status", status=500, path=MEMBERS, tenant=world.tenant)
    policy = world.add_policy(assignments=[{"all": True}])
    judged = Judged(world)
    assert sent(judged, "1") == ["Replace"]
    world.server.api("PATCH", f"policies/{policy['id']}",
                     {"assignments": [{"entra_group": group}]})
    wait_for(lambda: asked(world))
    assert sent(judged, "2") == []
    world.entra.clear_faults()
    world.entra.control("DELETE", f"groups/{group}/members/{world.user}")
    again(world)
    told(world)
    assert sent(judged, "3") == ["Delete"]


def test_what_is_not_known_makes_nothing_compliant(world):
    """The stricter policy may apply or not: only what meets it is compliant meanwhile."""
    strict_group = world.entra.add_group(world.tenant, "strict", [world.user])
    world.entra.fault("status", status=500, path=MEMBERS, tenant=world.tenant)
    world.add_compliance(SAFE)
    judged = Judged(world)
    assert judged.session() == "compliant"
    strict = world.add_compliance(NEW, name="strict", assignments=[{"entra_group": strict_group}])
    judged.becomes("unknown")
    assert judged.row["compliance_reasons"] == [
        "strict: the groups of the user are not known yet"]
    # Met, it makes no difference whether it applies.
    world.server.api("PATCH", f"compliance-policies/{strict['id']}", {"rules": SAFE})
    judged.becomes("compliant")
    world.server.api("PATCH", f"compliance-policies/{strict['id']}", {"rules": NEW})
    judged.becomes("unknown")
    world.entra.clear_faults()
    again(world)
    judged.becomes("noncompliant")
    world.entra.control("DELETE", f"groups/{strict_group}/members/{world.user}")
    again(world)
    judged.becomes("compliant")


def test_exclusion_by_group(world):
    group = world.entra.add_group(world.tenant, "g", [world.user])
    world.add_policy(assignments=[{"all": True}, {"entra_group": group, "exclude": True}])
    bert = world.add_user("bert")
    ours, theirs = Judged(world), Judged(world, user=bert)
    told(world)
    told(world, bert)
    assert sent(ours, "1") == [] and sent(theirs, "1") == ["Replace"]


def test_groups_of_the_user_at_the_device_decide_user_settings(world):
    """Not those of the user who enrolled it. Who never was here before is asked about first."""
    bert = world.add_user("bert")
    group = world.entra.add_group(world.tenant, "g", [bert])
    world.add_policy("user", [{"locuri": USER, "format": "int", "data": "0"}], "user",
                     [{"entra_group": group}])
    judged = Judged(world)

    def session(number, user):
        token = world.enroll_token(judged.entra_id, user)
        return sent(judged, number, USER, login="user",
                    headers={"Authorization": f"Bearer {token}"})

    assert session("1", bert) == []
    told(world, bert)
    assert session("2", bert) == ["Replace"]
    told(world)
    assert session("3", world.user) == []


def test_distribution_lists_are_no_groups(world):
    plain = world.entra.add_group(world.tenant, "list", [world.user], securityEnabled=False)
    world.add_policy(assignments=[{"entra_group": plain}])
    judged = Judged(world)
    told(world)
    assert sent(judged, "1") == []


def test_a_missing_permission_shows_and_stops_only_this(world):
    """Reports of compliance are another permission, and go on."""
    group = world.entra.add_group(world.tenant, "g", [world.user])
    roles = world.entra.control("GET", f"apps/{world.app}")["roles"]
    world.entra.control("PATCH", f"apps/{world.app}", {"roles": ["Device.ReadWrite.All"]})
    world.add_policy(assignments=[{"entra_group": group}])
    world.add_compliance(SAFE)
    judged = Judged(world)
    wait_for(lambda: "403" in group_error(world))
    assert judged.session() == "compliant" and judged.graph() == (True, True)
    assert world.server.api("GET", f"tenants/{world.tenant}")["graph_state"] == "ok"
    assert len(asked(world)) == 1, "no more before hours have passed"
    world.entra.control("PATCH", f"apps/{world.app}", {"roles": roles})
    world.set(device_limit=9)
    told(world)
    assert group_error(world) == ""


def test_being_told_to_wait_is_obeyed(world):
    users = [world.user] + [world.add_user(f"u{i}") for i in range(3)]
    group = world.entra.add_group(world.tenant, "g", users)
    world.entra.fault("status", status=429, retryAfter=3, path=MEMBERS, tenant=world.tenant,
                      count=1)
    for user in users:
        Judged(world, user=user)
    world.add_policy(assignments=[{"entra_group": group}])
    for user in users:
        told(world, user)
    requests = asked(world)
    assert [r["status"] for r in requests] == [429, 200, 200, 200, 200]
    assert requests[1]["ms"] - requests[0]["ms"] >= 3000


def test_a_refused_token_is_replaced_once(world):
    group = world.entra.add_group(world.tenant, "g", [world.user])
    world.entra.fault("status", status=401, path=MEMBERS, tenant=world.tenant, count=1)
    world.add_policy(assignments=[{"entra_group": group}])
    Judged(world)
    told(world)
    assert [r["status"] for r in asked(world)] == [401, 200]


@pytest.mark.parametrize("fault", [
    {"kind": "not-json"}, {"kind": "huge"}, {"kind": "status", "status": 404},
    {"kind": "redirect", "location": "https://127.0.0.1:9/v1.0/x"},
])
def test_an_answer_that_makes_no_sense_changes_nothing(world, fault):
    group = world.entra.add_group(world.tenant, "g", [world.user])
    world.add_policy(assignments=[{"entra_group": group}])
    judged = Judged(world)
    told(world)
    assert sent(judged, "1") == ["Replace"]
    before = len(asked(world))
    world.entra.fault(path=MEMBERS, tenant=world.tenant, **fault)
    again(world)
    wait_for(lambda: len(asked(world)) > before, what="asked again")
    wait_for(lambda: world.site.execute(
        f"SELECT groups_next_at FROM users WHERE tenant_id = '{world.tenant}'")[0][0] != "0")
    assert sent(judged, "2") == []
    assert world.site.execute(f"SELECT group_id FROM user_groups"
                              f" WHERE tenant_id = '{world.tenant}'") == [(group,)]


def test_a_tenant_is_asked_only_about_its_own_users(world, site):
    other = site.tenant()
    group = world.entra.add_group(world.tenant, "g", [world.user])
    world.add_policy(assignments=[{"entra_group": group}])
    Judged(other)
    Judged(world)
    told(world)
    assert asked(other) == []
    assert {r["path"] for r in asked(world)} == {f"/v1.0/users/{world.user}/{MEMBERS}"}
