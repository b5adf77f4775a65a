# SPDX-License-Identifier: Apache-2.0
"""Verdicts on devices: what they follow from, whom they are meant for, and that nothing makes a
device compliant but what it reported.
"""

import itertools

import pytest

import windows
from muster import ApiError, wait_for
from world import FACTS

DAY = 24 * 3600
BOOT = "./Vendor/MSFT/DeviceStatus/SecureBootState"
SAFE = [{"fact": "secure_boot", "operator": "eq", "value": "1"}]
NEW = [{"fact": "os_version", "operator": "ge", "value": "10.0.99999"}]


@pytest.fixture
def world(site):
    return site.tenant()


class Judged:
    """A device, its sessions, and the verdict on it."""

    numbers = itertools.count(1)

    def __init__(self, world, **join):
        self.world = world
        self.device, self.entra_id = world.join(**join)
        self.id = world.device(self.entra_id)["id"]

    def session(self, values=FACTS):
        windows.run_session(self.device, f"{next(self.numbers):X}", values=values)
        return self.state

    @property
    def row(self):
        return self.world.server.api("GET", f"devices/{self.id}")

    @property
    def state(self):
        return self.row["compliance_state"]

    def becomes(self, state):
        wait_for(lambda: self.state == state, what=f"{state}, is {self.row}")

    def reports(self):
        """Every report to Graph that is owed or made about the device, oldest first, but the one of
        the enrolment (managed, not compliant), which may have been overtaken."""
        made = [(o["payload"]["isManaged"], o["payload"]["isCompliant"]) for o in
                reversed(self.world.server.items(f"outbox?device_id={self.id}"))]
        return made[1:] if made[:1] == [(True, False)] else made

    def graph(self):
        """What the directory says of the device once all is delivered."""
        wait_for(lambda: not [o for o in self.world.server.items(f"outbox?device_id={self.id}")
                              if o["state"] != "done"], what="reports delivered")
        entry = self.world.entra.device(self.entra_id)
        return entry["isManaged"], entry["isCompliant"]


def facts(**changes):
    """FACTS with the secure boot state changed, or left out with None."""
    changed = {**FACTS, BOOT: changes["boot"]}
    return {k: v for k, v in changed.items() if v is not None}


def test_enrolment_alone_makes_nothing_compliant(world):
    world.add_compliance(SAFE)
    judged = Judged(world)
    assert judged.state == "unknown" and judged.reports() == []
    assert judged.graph() == (True, False)
    bare = Judged(world.site.tenant())
    assert bare.session() == "unknown" and bare.reports() == []
    assert bare.graph() == (True, False)


def test_a_verdict_follows_what_the_device_says(world):
    world.add_compliance(SAFE)
    judged = Judged(world)
    assert judged.session() == "compliant" and judged.row["compliance_reasons"] == []
    assert judged.graph() == (True, True)
    assert judged.session(facts(boot="2")) == "noncompliant"
    assert judged.row["compliance_reasons"] == [
        "baseline: secure_boot must be eq 1, is '2'"]
    assert judged.graph() == (True, False)
    assert judged.session() == "compliant"
    assert judged.graph() == (True, True)
    assert judged.reports() == [(True, True), (True, False), (True, True)]
    assert judged.row["compliance_reported_at"]
    changes = [(e["detail"]["from"], e["detail"]["to"]) for e in reversed(world.server.items(
        f"audit?action=device.compliance&object_id={judged.id}"))]
    assert changes == [("unknown", "compliant"), ("compliant", "noncompliant"),
                       ("noncompliant", "compliant")]


def test_an_unchanged_verdict_is_reported_once(world):
    world.add_compliance(SAFE)
    judged = Judged(world)
    for _ in range(3):
        assert judged.session() == "compliant"
    assert judged.reports() == [(True, True)]


@pytest.mark.parametrize("rules,state", [
    ([{"fact": "os_version", "operator": "ge", "value": "10.0.22631.4460"}], "compliant"),
    ([{"fact": "os_version", "operator": "gt", "value": "10.0.22631.4460"}], "noncompliant"),
    ([{"fact": "os_version", "operator": "ge", "value": "10.0.9999"}], "compliant"),
    ([{"fact": "os_version", "operator": "lt", "value": "11"}], "compliant"),
    ([{"fact": "secure_boot", "operator": "in", "value": "0, 1"}], "compliant"),
    ([{"fact": "secure_boot", "operator": "ne", "value": "1"}], "noncompliant"),
    ([{"fact": "secure_boot", "operator": "exists"}], "compliant"),
    # asked, and the node is not there: known to be absent
    ([{"fact": "tpm_version", "operator": "exists"}], "noncompliant"),
    ([{"fact": "firewall", "operator": "ne", "value": "1"}], "noncompliant"),
    (SAFE + NEW, "noncompliant"),
])
def test_rules(world, rules, state):
    world.add_compliance(rules)
    assert Judged(world).session() == state


def test_what_is_not_reported_is_undecided_then_held_against_it(world, site):
    """A device that keeps something to itself is not compliant, and after a day noncompliant."""
    world.add_compliance(SAFE)
    judged = Judged(world)
    # Answers to everything but this one question: 500 is no statement about the node.
    windows.run_session(judged.device, "1", values=FACTS,
                        statuses={"./Device/Vendor/MSFT/DeviceStatus/SecureBootState": 500})
    assert judged.state == "unknown"
    assert judged.row["compliance_reasons"] == ["baseline: secure_boot is not reported yet"]
    assert judged.reports() == []
    site.execute(f"UPDATE devices SET compliance_changed_at = compliance_changed_at - {DAY}"
                 f" WHERE id = '{judged.id}'")
    judged.becomes("noncompliant")
    assert judged.graph() == (True, False)
    assert judged.session() == "compliant"


def test_grace_ends_by_itself(world):
    world.add_compliance(SAFE, grace=3)
    judged = Judged(world)
    judged.session()
    assert judged.graph() == (True, True)
    assert judged.session(facts(boot="2")) == "grace"
    assert judged.row["grace_until"] and judged.reports() == [(True, True)]
    assert judged.session(facts(boot="2")) in ("grace", "noncompliant"), "no new grace"
    judged.becomes("noncompliant")
    assert judged.row["grace_until"] is None
    assert judged.graph() == (True, False)


def test_grace_that_is_used_is_never_reported(world):
    world.add_compliance(SAFE, grace=3600)
    judged = Judged(world)
    judged.session()
    assert judged.session(facts(boot="2")) == "grace"
    assert judged.session() == "compliant"
    assert set(judged.reports()) == {(True, True)}


def test_changed_rules_are_judged_without_the_device(world):
    policy = world.add_compliance(SAFE)
    judged = Judged(world)
    judged.session()
    assert judged.graph() == (True, True)
    world.server.api("PATCH", f"compliance-policies/{policy['id']}", {"rules": NEW})
    judged.becomes("noncompliant")
    world.server.api("PATCH", f"compliance-policies/{policy['id']}", {"rules": SAFE})
    judged.becomes("compliant")
    strict = world.add_compliance(NEW, name="strict")
    judged.becomes("noncompliant")
    world.server.api("DELETE", f"compliance-policies/{strict['id']}")
    judged.becomes("compliant")
    assert judged.graph() == (True, True)


def test_without_any_policy_nothing_vouches_for_a_device(world):
    policy = world.add_compliance(SAFE)
    judged = Judged(world)
    judged.session()
    assert judged.graph() == (True, True)
    world.server.api("DELETE", f"compliance-policies/{policy['id']}")
    judged.becomes("unknown")
    assert judged.graph() == (True, False)
    assert judged.reports() == [(True, True), (True, False)]


def test_policies_are_for_whom_they_are_assigned(world):
    """By device, user, tag and exclusion; each change counts without a session."""
    bert = world.add_user("bert")
    policy = world.add_compliance(NEW)
    ours, theirs = Judged(world), Judged(world, user=bert)
    for judged in (ours, theirs):
        judged.session()

    def assign(*assignments):
        world.server.api("PATCH", f"compliance-policies/{policy['id']}",
                         {"assignments": list(assignments)})

    def verdicts(our, their):
        ours.becomes(our)
        theirs.becomes(their)

    verdicts("noncompliant", "noncompliant")
    assign({"device": ours.id})
    verdicts("noncompliant", "unknown")
    assign({"user": bert})
    verdicts("unknown", "noncompliant")
    assign({"all": True}, {"user": bert, "exclude": True})
    verdicts("noncompliant", "unknown")
    assign({"tag": "lab"})
    verdicts("unknown", "unknown")
    world.server.api("POST", f"devices/{theirs.id}/tag", {"tag": "lab"})
    verdicts("unknown", "noncompliant")
    world.server.api("POST", f"devices/{theirs.id}/untag", {"tag": "lab"})
    verdicts("unknown", "unknown")
    assign({"all": True}, {"tag": "lab", "exclude": True})
    world.server.api("POST", f"devices/{ours.id}/tag", {"tag": "lab"})
    verdicts("unknown", "noncompliant")
    assign()
    verdicts("unknown", "unknown")


def test_enrolling_again_starts_from_nothing(world):
    world.add_compliance(SAFE)
    judged = Judged(world)
    judged.session()
    assert judged.graph() == (True, True)
    world.join(device=judged.entra_id)
    assert judged.state == "unknown"
    assert judged.graph() == (True, False)
    assert world.server.items(f"devices/{judged.id}/facts") == []


@pytest.mark.parametrize("fields,what", [
    ({"rules": []}, "rules"), ({"rules": "x"}, "rules"),
    ({"rules": [{"fact": "moon", "operator": "eq", "value": "1"}]}, "fact"),
    ({"rules": [{"fact": "secure_boot", "operator": "like", "value": "1"}]}, "operator"),
    ({"rules": [{"fact": "secure_boot", "operator": "eq"}]}, "value"),
    ({"rules": [{"fact": "secure_boot", "operator": "eq", "value": 1}]}, "value"),
    ({"rules": [{**SAFE[0], "weight": 5}]}, "nothing else"),
    ({"grace": -1}, "grace"), ({"grace": 10 ** 9}, "grace"), ({"grace": "1"}, "grace"),
    ({"name": ""}, "name"), ({"assignments": [{}]}, "assignments"),
    ({"assignments": [{"all": False}]}, "assignments"),
    ({"assignments": [{"all": True, "tag": "x"}]}, "assignments"),
    ({"assignments": [{"entra_group": "admins"}]}, "entra_group"),
    ({"tenant_id": "11111111-2222-3333-4444-555555555555"}, "tenant"),
    ({"is_compliant": True}, "is_compliant"),
])
def test_policies_that_make_no_sense_are_refused(world, fields, what):
    policy = world.add_compliance(SAFE)
    with pytest.raises(ApiError) as refused:
        world.server.api("PATCH", f"compliance-policies/{policy['id']}", fields)
    assert refused.value.status == 422 and what in refused.value.problem["detail"]
    assert world.server.api("GET", f"compliance-policies/{policy['id']}") == policy
