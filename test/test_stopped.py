# SPDX-License-Identifier: Apache-2.0
"""What no longer counts: a tenant that is switched off, a device that fell silent or was retired
while somebody acted on it, an action that is under way already.
"""

import json
import sqlite3
import threading
import time

import pytest

from muster import ApiError, wait_for
from test_compliance import DAY, Judged
from world import World


@pytest.fixture
def world(site):
    return site.tenant()


def refused(world, path, body=None):
    with pytest.raises(ApiError) as error:
        world.server.api("POST", path, body)
    return error.value.status, error.value.problem["detail"]


def outcome_of(server, reply):
    """What the log says of the request that was answered."""
    trace_id = reply.body.decode().split()[-1]
    lines = [json.loads(line) for line in server.log.read_text().splitlines() if trace_id in line]
    return [line["outcome"] for line in lines if "outcome" in line]


def test_a_disabled_tenant_stops_its_devices(world):
    judged = Judged(world)
    judged.session()
    world.set(enabled=False)
    sessions = len(world.server.items(f"devices/{judged.id}/sessions"))
    reply = judged.device.post(judged.device.package1("77"))
    assert reply.status == 403
    assert outcome_of(world.server, reply) == ["tenant_disabled"]
    assert len(world.server.items(f"devices/{judged.id}/sessions")) == sessions
    world.set(enabled=True)
    assert judged.device.post(judged.device.package1("78")).status == 200


def test_a_disabled_tenant_takes_no_action_but_the_forced_end(world):
    judged = Judged(world)
    world.set(enabled=False)
    for action in ("sync", "reboot", "lock", "wipe", "retire"):
        status, detail = refused(world, f"devices/{judged.id}/{action}")
        assert status == 409 and "tenant" in detail, action
    assert world.server.items(f"devices/{judged.id}/commands") == []
    answer = world.server.api("POST", f"devices/{judged.id}/retire", {"force": True})
    assert answer["state"] == "retired"


def test_a_custom_cloud_that_is_no_longer_allowed_stops_its_devices(entra, tmp_path):
    world = World(tmp_path, entra, "sqlite")
    server = world.server
    try:
        device, entra_id = world.join()
        identity = world.device(entra_id)["id"]
        assert device.post(device.package1("1")).status == 200
        server.stop()
        server.conf.write_text(server.conf.read_text().replace("allow_custom_cloud = yes",
                                                               "allow_custom_cloud = no"))
        server.start()
        assert device.post(device.package1("2")).status == 403
        assert refused(world, f"devices/{identity}/wipe")[0] == 409
    finally:
        assert server.stop() == 0


@pytest.mark.parametrize("action,body", [("wipe", None), ("lock", None), ("retire", None),
                                         ("rename", {"name": "DESK-1"})])
def test_an_action_under_way_is_not_taken_again(world, action, body):
    judged = Judged(world)
    world.server.api("POST", f"devices/{judged.id}/{action}", body)
    status, detail = refused(world, f"devices/{judged.id}/{action}", body)
    assert status == 409 and "under way" in detail
    # also while the device has it and did not answer
    judged.device.post(judged.device.package1("1"))
    assert refused(world, f"devices/{judged.id}/{action}", body)[0] == 409
    assert len(world.server.items(f"devices/{judged.id}/commands?origin=action:{action}")) == 1
    entries = world.server.items(f"audit?action=device.{action}&object_id={judged.id}")
    assert len(entries) == 1


def test_an_action_that_was_answered_or_differs_is_taken(world):
    judged = Judged(world)
    for name in ("DESK-1", "DESK-2"):
        world.server.api("POST", f"devices/{judged.id}/rename", {"name": name})
    world.server.api("POST", f"devices/{judged.id}/lock")
    judged.session()
    world.server.api("POST", f"devices/{judged.id}/lock")
    assert refused(world, f"devices/{judged.id}/lock")[0] == 409


def test_many_at_once_queue_one(world):
    judged = Judged(world)
    statuses = []

    def act():
        try:
            world.server.api("POST", f"devices/{judged.id}/wipe")
            statuses.append(202)
        except ApiError as error:
            statuses.append(error.status)

    threads = [threading.Thread(target=act) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [202] + [409] * 7
    assert len(world.server.items(f"devices/{judged.id}/commands")) == 1


def test_an_action_is_not_left_to_a_device_that_is_retired_meanwhile(world, site):
    """The look at the device and the write of the command are two; between them it was retired."""
    if site.store != "sqlite":
        pytest.skip("holds the one writer of SQLite")
    judged = Judged(world)
    answers = []
    other = sqlite3.connect(site.server.dir / "muster.db", timeout=30, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    other.execute(f"UPDATE devices SET state = 'retired' WHERE id = '{judged.id}'")
    thread = threading.Thread(
        target=lambda: answers.append(refused(world, f"devices/{judged.id}/lock")))
    thread.start()
    time.sleep(1)
    other.execute("COMMIT")
    other.close()
    thread.join()
    assert [(status, "no longer enrolled" in detail) for status, detail in answers] == [(409, True)]
    assert world.server.items(f"devices/{judged.id}/commands") == []


def test_a_device_that_falls_silent_is_no_longer_vouched_for(world, site):
    world.add_compliance()
    judged = Judged(world)
    judged.session()
    assert judged.state == "compliant" and judged.graph() == (True, True)
    site.execute(f"UPDATE devices SET last_seen_at = last_seen_at - {29 * DAY},"
                 f" enrolled_at = enrolled_at - {90 * DAY} WHERE id = '{judged.id}'")
    world.add_compliance(name="another look")
    wait_for(lambda: site.execute("SELECT is_evaluation_wanted FROM devices"
                                  f" WHERE id = '{judged.id}'") == [("0",)])
    assert judged.state == "compliant"
    site.execute(f"UPDATE devices SET last_seen_at = last_seen_at - {DAY}"
                 f" WHERE id = '{judged.id}'")
    judged.becomes("noncompliant")
    assert judged.row["compliance_reasons"] == ["has not been seen for 30 days"]
    assert judged.graph() == (True, False)
    assert judged.session() == "compliant", "it came again"
    assert judged.graph() == (True, True)


def test_a_token_nobody_can_check_ends_in_an_error_not_in_a_session(site):
    """The store fails while the user's token is looked at: the device comes again later."""
    # Nobody has looked for the keys of version 1 yet, so that they are looked for in the store.
    world = site.tenant(v1_tokens_allowed=False)
    judged = Judged(world)
    header = {"Authorization": "Bearer " + world.enroll_token(judged.entra_id, ver=1)}
    site.execute("ALTER TABLE signing_keys RENAME TO signing_keys_away")
    try:
        site.execute(f"UPDATE tenants SET is_v1_allowed = 1 WHERE tenant_id = '{world.tenant}'")
        assert judged.device.post(judged.device.package1("1"), headers=header).status in (500, 503)
        assert world.server.items(f"devices/{judged.id}/sessions") == []
    finally:
        site.execute("ALTER TABLE signing_keys_away RENAME TO signing_keys")
    assert judged.device.post(judged.device.package1("1"), headers=header).status == 200
