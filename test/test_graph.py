# SPDX-License-Identifier: Apache-2.0
"""Reports to Microsoft Graph through all that can happen to them. The stand-in refuses what Graph
refuses, and counts whoever comes back before the time it named.
"""

import calendar
import random
import re
import time

import pytest

from muster import ApiError, wait_for
from test_compliance import NEW, SAFE, Judged, facts

DEVICES = "^/v1[.]0/devices"


@pytest.fixture
def world(site):
    made = site.tenant()
    made.mark = 0
    yield made
    site.entra.clear_faults()
    assert site.entra.violations()["count"] == 0, site.entra.violations()


def settled(world, n=1, **join):
    """Devices whose report of the enrolment is delivered. What was sent until now is forgotten."""
    world.add_compliance(SAFE)
    several = [Judged(world, **join) for _ in range(n)]
    for judged in several:
        assert judged.graph() == (True, False)
    world.mark = max((row["seq"] for row in world.entra.log()), default=0)
    return several[0] if n == 1 else several


def patches(world, entra_id=None):
    """Requests that wrote devices of this tenant, oldest first."""
    return [row for row in world.entra.log(listener="graph", after=world.mark)
            if row["method"] == "PATCH" and row["tenant"] == world.tenant
            and (entra_id is None or entra_id in row["path"])]


def tokens_asked(world):
    return [row for row in world.entra.log(listener="login", after=world.mark)
            if row["method"] == "POST" and f"/{world.tenant}/oauth2" in row["path"]]


def tenant_row(world):
    return world.server.api("GET", f"tenants/{world.tenant}")


def outbox(judged):
    """The newest report about the device."""
    return judged.world.server.items(f"outbox?device_id={judged.id}")[0]


def hurry(world):
    """As if the time had passed that reports and the tenant wait for."""
    world.site.execute(f"UPDATE tenants SET graph_pause_until = 0"
                       f" WHERE tenant_id = '{world.tenant}'")
    world.site.execute(f"UPDATE outbox SET next_try_at = 0 WHERE tenant_id = '{world.tenant}'"
                       " AND state = 'pending'")


def pause_of(row):
    """Seconds between a try of a report and the next one."""
    tried, following = (calendar.timegm(time.strptime(row[name], "%Y-%m-%dT%H:%M:%SZ"))
                        for name in ("updated_at", "next_try_at"))
    return following - tried


def tried(judged, tries, what="tries"):
    """The report once it has been tried that often."""
    wait_for(lambda: outbox(judged)["tries"] == tries, what=f"{tries} {what}")
    return outbox(judged)


def test_a_report_is_exactly_this_request(world):
    judged = settled(world)
    judged.session()
    assert judged.graph() == (True, True)
    sent = patches(world)
    assert len(sent) == 1 and sent[0]["status"] == 204
    assert sent[0]["path"] == f"/v1.0/devices(deviceId='{judged.entra_id}')"
    assert sent[0]["body"] in ('{"isManaged":true,"isCompliant":true}',
                               {"isManaged": True, "isCompliant": True})
    assert sent[0]["app"] == world.app and sent[0]["clientRequestId"]
    row = tenant_row(world)
    assert (row["graph_state"], row["graph_error"]) == ("ok", "")
    assert judged.row["compliance_reported_at"]
    assert world.entra.device(judged.entra_id)["mdmAppId"] == world.app


def test_one_token_serves_many_reports(world):
    several = settled(world, 4)
    world.mark = 0
    for judged in several:
        judged.session()
    for judged in several:
        assert judged.graph() == (True, True)
    assert len(patches(world)) == 8 and len(tokens_asked(world)) == 1


def test_a_new_device_may_not_be_in_the_directory_yet(world):
    """404 at first: again after 1, 5, 15, 60 minutes. Others are not concerned."""
    judged = Judged(world, device=world.new_device(visibleIn=3600))
    for tries, minutes in enumerate((1, 5, 15, 60, 60), 1):
        row = tried(judged, tries)
        assert row["state"] == "pending" and "404" in row["last_error"]
        assert pause_of(row) == minutes * 60
        hurry(world)
    assert settled(world).session() == "compliant"


def test_a_new_device_is_reported_when_it_appears(world):
    judged = Judged(world, device=world.new_device(visibleIn=2))
    tried(judged, 1)
    time.sleep(2)
    world.server.api("POST", f"outbox/{outbox(judged)['id']}/retry")
    assert judged.graph() == (True, False)
    assert [p["status"] for p in patches(world)] == [404, 204]


def test_an_old_device_that_is_gone_is_looked_at_daily(world, site):
    judged = settled(world)
    site.execute(f"UPDATE devices SET enrolled_at = enrolled_at - 100000 WHERE id = '{judged.id}'")
    world.entra.control("DELETE", f"devices/{judged.entra_id}")
    judged.session()
    assert pause_of(tried(judged, 1)) == 24 * 3600


def test_a_token_that_is_not_taken_is_replaced_once(world):
    judged = settled(world)
    world.entra.fault("status", status=401, path=DEVICES, tenant=world.tenant, count=1)
    judged.session()
    assert judged.graph() == (True, True)
    assert [p["status"] for p in patches(world)] == [401, 204]
    assert len(tokens_asked(world)) == 1


def test_tokens_that_are_never_taken_are_not_asked_for_in_a_circle(world):
    judged = settled(world)
    world.entra.fault("status", status=401, path=DEVICES, tenant=world.tenant)
    judged.session()
    row = tried(judged, 1)
    assert pause_of(row) >= 2 and row["state"] == "pending" and "401" in row["last_error"]
    assert [p["status"] for p in patches(world)] == [401, 401] and len(tokens_asked(world)) == 1
    world.entra.clear_faults()
    hurry(world)
    assert judged.graph() == (True, True)


def test_an_application_that_is_not_approved_stops_the_tenant(world):
    """403 for one is 403 for all: it shows, nothing is lost, and mending it sends everything."""
    first, second = settled(world, 2)
    world.entra.control("PATCH", f"apps/{world.app}", {"approvedMdm": False})
    first.session()
    wait_for(lambda: tenant_row(world)["graph_state"] == "not_authorised")
    assert "403" in tenant_row(world)["graph_error"]
    assert outbox(first)["state"] == "held"
    second.session()
    wait_for(lambda: outbox(second)["state"] == "held")
    assert len(patches(world)) == 1, "the second was not even tried"
    world.entra.control("PATCH", f"apps/{world.app}", {"approvedMdm": True})
    findings = world.server.api("POST", f"tenants/{world.tenant}/check")["findings"]
    assert all(f["ok"] for f in findings), findings
    assert first.graph() == (True, True) and second.graph() == (True, True)
    assert tenant_row(world)["graph_state"] == "ok"


def test_a_stopped_tenant_is_probed_after_hours(world, site):
    judged = settled(world)
    world.entra.control("PATCH", f"apps/{world.app}", {"approvedMdm": False})
    judged.session()
    wait_for(lambda: outbox(judged)["state"] == "held")
    world.entra.control("PATCH", f"apps/{world.app}", {"approvedMdm": True})
    time.sleep(1.5)
    assert outbox(judged)["state"] == "held"
    site.execute("UPDATE tenants SET graph_state_at = graph_state_at - 21700"
                 f" WHERE tenant_id = '{world.tenant}'")
    assert judged.graph() == (True, True)


def test_one_tenants_stop_is_not_anothers(world, site):
    stopped, going = settled(world), Judged(site.tenant())
    world.entra.control("PATCH", f"apps/{world.app}", {"approvedMdm": False})
    stopped.session()
    wait_for(lambda: outbox(stopped)["state"] == "held")
    going.world.add_compliance(SAFE)
    going.session()
    assert going.graph() == (True, True)


def test_a_report_never_crosses_tenants(site):
    """Every write went with a token of the application and tenant that the device belongs to."""
    worlds = [site.tenant() for _ in range(3)]
    judged = [Judged(one) for one in worlds * 2]
    owners = {j.entra_id: (j.world.tenant, j.world.app) for j in judged}
    for j in judged:
        assert j.graph() == (True, False)
    seen = 0
    for row in site.entra.log(listener="graph"):
        device = re.search(r"deviceId='([^']+)'", row["path"])
        if device and device[1] in owners:
            seen += 1
            assert (row["tenant"], row["app"]) == owners[device[1]]
            assert row["status"] == 204
    assert seen == len(judged)


def test_a_disabled_tenant_waits(world):
    judged = settled(world)
    judged.session()
    assert judged.graph() == (True, True)
    before = len(patches(world))
    world.set(enabled=False)
    # The device itself is turned away now; what it reported is still judged.
    world.add_compliance(NEW, name="strict")
    wait_for(lambda: outbox(judged)["state"] == "held")
    assert "disabled" in outbox(judged)["last_error"] and len(patches(world)) == before
    world.set(enabled=True)
    assert judged.graph() == (True, False)


def test_graph_names_the_time_to_come_back(world):
    """Also when the answer itself was slow: the wait counts from the answer."""
    several = settled(world, 2)
    world.entra.fault("status", status=429, retryAfter=3, path=DEVICES, tenant=world.tenant,
                      count=1, delayMs=2500)
    for judged in several:
        judged.session()
    for judged in several:
        assert judged.graph() == (True, True)
    sent = patches(world)
    assert [p["status"] for p in sent] == [429, 204, 204]
    assert sent[1]["ms"] - sent[0]["ms"] >= 2500 + 3000


def test_being_told_to_wait_holds_for_every_row_of_the_turn(world, site):
    """Rows of two tenants lie mixed in the outbox."""
    other = site.tenant()
    for one in (world, other):
        site.execute("UPDATE tenants SET graph_pause_until = 4000000000"
                     f" WHERE tenant_id = '{one.tenant}'")
    mixed = [Judged(one) for one in (world, other, world, other, world)]
    for age, judged in enumerate(mixed):
        site.execute(f"UPDATE outbox SET next_try_at = {1000 + age}"
                     f" WHERE device_id = '{judged.id}'")
    world.entra.fault("status", status=429, retryAfter=2, path=DEVICES, tenant=world.tenant,
                      count=1)
    site.execute("UPDATE tenants SET graph_pause_until = 0"
                 f" WHERE tenant_id IN ('{world.tenant}', '{other.tenant}')")
    for judged in mixed:
        assert judged.graph() == (True, False)
    sent = patches(world)
    assert [p["status"] for p in sent] == [429, 204, 204, 204]
    assert sent[1]["ms"] - sent[0]["ms"] >= 2000


def test_a_limit_of_graph_is_kept_without_being_told_twice(world):
    """A real bucket: two writes in two seconds, four devices."""
    world.entra.limits(writes=(2, 2))
    try:
        settled(world, 4)
    finally:
        world.entra.limits(writes=(3000, 150))
    assert world.entra.violations()["retryAfter"] == 0


@pytest.mark.parametrize("kind,fields", [
    ("drop", {}), ("status", {"status": 502, "applied": True})])
def test_a_broken_answer_is_tried_again_with_a_pause(world, kind, fields):
    judged = settled(world)
    world.entra.fault(kind, path=DEVICES, tenant=world.tenant, **fields)
    judged.session()
    row = tried(judged, 1)
    assert row["state"] == "pending" and row["last_error"] and 2 <= pause_of(row) <= 5
    world.entra.clear_faults()
    hurry(world)
    assert judged.graph() == (True, True)
    assert outbox(judged)["last_error"] == ""


def test_pauses_grow(world, site):
    judged = settled(world)
    world.entra.fault("status", status=500, path=DEVICES, tenant=world.tenant)
    judged.session()
    for tries, most in enumerate((5, 10, 20, 40), 1):
        assert most // 2 <= pause_of(tried(judged, tries)) <= most
        hurry(world)
    site.execute(f"UPDATE outbox SET tries = 60 WHERE device_id = '{judged.id}'")
    hurry(world)

    def waits_after_many():
        row = outbox(judged)
        return row if row["tries"] > 60 and row["next_try_at"] else None

    assert 1800 <= pause_of(wait_for(waits_after_many)) <= 3600


def test_what_graph_calls_wrong_is_not_repeated(world):
    """400: a device that is not Windows. Only an administrator can mean it again."""
    judged = Judged(world, device=world.new_device(operatingSystem="MacOS"))
    wait_for(lambda: outbox(judged)["state"] == "held")
    assert "400" in outbox(judged)["last_error"]
    time.sleep(1.5)
    assert len(patches(world)) == 1
    assert world.server.api("POST", f"outbox/{outbox(judged)['id']}/drop")["dropped"] is True
    assert world.server.items(f"outbox?device_id={judged.id}") == []


def credentials_remove(world):
    for credential in world.server.items(f"tenants/{world.tenant}/credentials"):
        world.server.api("DELETE", f"tenants/{world.tenant}/credentials/{credential['id']}")


def credential_add(world, secret):
    return world.server.api("POST", f"tenants/{world.tenant}/credentials",
                            {"kind": "secret", "secret": secret})


def test_a_wrong_secret_is_a_fault_of_the_tenant_until_there_is_a_right_one(world):
    judged = settled(world)
    credentials_remove(world)
    judged.session()
    wait_for(lambda: tenant_row(world)["graph_state"] == "credential_fault")
    assert patches(world) == [] and outbox(judged)["state"] in ("pending", "held")
    wrong = credential_add(world, "wrong-secret")
    wait_for(lambda: tenant_row(world)["graph_state"] == "credential_fault"
             and len(tokens_asked(world)) == 1)
    shown = world.server.api("GET", f"tenants/{world.tenant}/credentials/{wrong['id']}")
    assert "secret is wrong" in shown["last_error"]
    assert "secret is wrong" in tenant_row(world)["graph_error"]
    time.sleep(1.5)
    assert len(tokens_asked(world)) == 1, "a refused secret is not tried again and again"
    credential_add(world, world.secret)
    assert judged.graph() == (True, True)
    assert tenant_row(world)["graph_state"] == "ok" and tenant_row(world)["graph_error"] == ""


def test_a_credential_that_comes_while_another_is_refused_is_not_passed_over(world):
    """The bad news of the old secret arrives after the new one is there."""
    judged = settled(world)
    credentials_remove(world)
    credential_add(world, "wrong-secret")
    world.entra.fault("slow", listener="login", path="/oauth2/v2[.]0/token", tenant=world.tenant,
                      delayMs=3000, count=1)
    judged.session()
    time.sleep(1.5)
    assert [r["fault"] for r in tokens_asked(world)] == ["slow"]
    credential_add(world, world.secret)
    assert judged.graph() == (True, True)
    assert tenant_row(world)["graph_state"] == "ok"


def test_the_last_verdict_wins(world):
    """What changed while Graph was away is one report, of how it is now."""
    judged = settled(world)
    world.entra.fault("status", status=429, retryAfter=4, path=DEVICES, tenant=world.tenant,
                      count=1)
    judged.session()
    tried(judged, 1)
    before = len(judged.reports())
    for boot in ("2", "1", "2"):
        judged.session(facts(boot=boot))
    assert len(judged.reports()) == before and outbox(judged)["payload"]["isCompliant"] is False
    assert judged.graph() == (True, False)
    assert [p["status"] for p in patches(world)] == [429, 204]


def test_a_verdict_that_changes_while_its_report_is_under_way(world):
    """The answer to the older request must not close the newer report."""
    judged = settled(world)
    world.entra.fault("slow", path=DEVICES, tenant=world.tenant, delayMs=2500, count=1)
    judged.session()
    time.sleep(1.2)
    judged.session(facts(boot="2"))
    assert judged.graph() == (True, False)
    assert len(patches(world)) == 2


def test_what_is_done_cannot_be_acted_on(world):
    judged = settled(world)
    for action in ("retry", "drop"):
        with pytest.raises(ApiError) as refused:
            world.server.api("POST", f"outbox/{outbox(judged)['id']}/{action}")
        assert refused.value.status == 409


def test_killing_the_server_between_any_two_steps_loses_nothing(world):
    """Verdicts change and the server dies, at random moments: in the end Graph knows what the
    server knows, and the server knows what is true."""
    several = settled(world, 3)
    policy = world.server.items(f"compliance-policies?tenant_id={world.tenant}")[0]
    for judged in several:
        judged.session()
    seed = random.randrange(1 << 30)
    dice = random.Random(seed)
    for number in range(4):
        world.entra.clear_faults()
        world.entra.fault("slow", path=DEVICES, tenant=world.tenant, delayMs=300,
                          applied=bool(number % 2))
        rules = NEW if number % 2 == 0 else SAFE
        world.server.api("PATCH", f"compliance-policies/{policy['id']}", {"rules": rules})
        time.sleep(dice.random() * 1.8)
        several[dice.randrange(3)].session()
        world.server.kill()
        world.server.start()
    world.entra.clear_faults()
    expected = "compliant" if rules is SAFE else "noncompliant"
    for judged in several:
        judged.becomes(expected)
        assert judged.graph() == (True, expected == "compliant"), seed


def test_killing_the_server_while_a_report_is_under_way(world):
    """Graph did it, nobody heard: it is sent again, and counts once."""
    judged = settled(world)
    world.entra.fault("slow", path=DEVICES, tenant=world.tenant, delayMs=3000, applied=True,
                      count=1)
    judged.session()
    time.sleep(1.5)
    world.server.kill()
    world.server.start()
    assert judged.graph() == (True, True)
    assert outbox(judged)["state"] == "done"


def test_graph_and_login_go_away_and_come_back(world):
    """The whole of Entra is gone: sessions go on, reports wait, nothing is lost."""
    known, fresh = settled(world, 2)
    known.session()
    assert known.graph() == (True, True)
    objects = {d.entra_id: world.entra.device(d.entra_id)["id"] for d in (known, fresh)}
    world.entra.stop()
    try:
        assert known.session(facts(boot="2")) == "noncompliant"
        assert fresh.session() == "compliant"
        wait_for(lambda: outbox(known)["tries"] + outbox(fresh)["tries"] >= 1)
    finally:
        world.entra.start_again()
    world.entra.add_tenant(tenantId=world.tenant, domain=world.domain)
    world.entra.add_app(world.tenant, clientId=world.app)
    world.entra.add_secret(world.app, value=world.secret)
    for entra_id, object_id in objects.items():
        world.entra.add_device(world.tenant, deviceId=entra_id, id=object_id)
    hurry(world)
    assert known.graph() == (True, False) and fresh.graph() == (True, True)
