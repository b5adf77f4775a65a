# SPDX-License-Identifier: Apache-2.0
"""What a device says about how it came to join: Windows Autopilot, bulk tokens of provisioning
packages; and devices that Entra does not know, which are managed like all others."""

import uuid

import pytest

import windows
from people import PASSWORD, People
from world import FACTS

LOCK = "./Device/Vendor/MSFT/Policy/Config/DeviceLock/MaxInactivityTimeDeviceLock"
USER_NODE = "./User/Vendor/MSFT/Policy/Config/Experience/AllowWindowsSpotlight"


@pytest.fixture
def people(site):
    made = People(site)
    yield made
    made.forget()


def enrolled_row(tenant, **items):
    device = tenant.new_device()
    reply = tenant.post(tenant.enroll_token(device), tenant.blob(), **items)
    windows.provisioning(reply)
    return tenant.device(device)


def test_the_whole_context_is_shown(site):
    row = enrolled_row(site.tenant())
    items = site.server.api("GET", f"devices/{row['id']}/context")["items"]
    names = [item["name"] for item in items]
    assert names.count("MAC") == 2 and names[:3] == ["UXInitiated", "HWDevID", "Locale"]
    assert {"name": "MAC", "value": "1A-77-20-52-41-53"} in items
    assert "EnrollmentData" not in names  # it is a proof of consent
    assert row["hw_device_id"] == "3B" * 32


def add_items(tenant, pairs, token=None, blob="", kind="Device"):
    items = windows.context(tenant.blob() if blob == "" else blob, kind) + pairs
    return windows.request_token(
        tenant.server, windows.jwt_security(token), windows.csr_der(tenant.site.key()), items)


def test_autopilot_items_are_kept_and_found(site):
    tenant, zero_touch = site.tenant(), str(uuid.uuid4())
    device = tenant.new_device()
    windows.provisioning(add_items(tenant, [
        ("ZeroTouchProvisioning", zero_touch.upper()),
        ("OfflineAutoPilotEnrollmentCorrelator", "PC-0815"), ("AIKPub", "A" * 3000)],
        tenant.enroll_token(device)))
    row = tenant.device(device)
    assert (row["zero_touch_id"], row["autopilot_correlator"], row["bulk_join"]) == (
        zero_touch, "PC-0815", False)
    found = site.server.items(f"devices?zero_touch_id={zero_touch.upper()}")
    assert [d["id"] for d in found] == [row["id"]]
    items = site.server.api("GET", f"devices/{row['id']}/context")["items"]
    assert {"name": "ZeroTouchProvisioning", "value": zero_touch.upper()} in items
    [long] = [item for item in items if item["name"] == "AIKPub"]
    assert long["bytes"] == 3000 and not long["value"]


@pytest.mark.parametrize("name,value", [
    ("ZeroTouchProvisioning", "not a GUID"), ("OfflineAutoPilotEnrollmentCorrelator", "a b"),
    ("OfflineAutoPilotEnrollmentCorrelator", "x" * 101),
    ("OfflineAutoPilotEnrollmentCorrelator", "&lt;script&gt;")])
def test_values_of_another_shape_stay_in_the_context(site, name, value):
    tenant = site.tenant()
    device = tenant.new_device()
    windows.provisioning(add_items(tenant, [(name, value)], tenant.enroll_token(device)))
    row = tenant.device(device)
    assert (row["zero_touch_id"], row["autopilot_correlator"]) == ("", "")
    items = site.server.api("GET", f"devices/{row['id']}/context")["items"]
    assert [i["value"] for i in items if i["name"] == name] == [
        value.replace("&lt;", "<").replace("&gt;", ">")]


def test_a_bulk_token_joins_devices(site):
    """Nobody is there to accept terms, and the package's user has as many devices as it makes."""
    tenant = site.tenant(device_limit=1)
    user = tenant.add_user(f"package_{uuid.uuid4()}")
    bulk = [("BulkAADJ", "true")]
    for _ in range(2):
        device = tenant.new_device()
        windows.provisioning(add_items(tenant, bulk, tenant.enroll_token(device, user), None))
        row = tenant.device(device)
        assert row["bulk_join"] and row["enrollment_type"] == "device"
        assert row["user_principal_name"].startswith("package_")
    assert len(site.server.items(f"devices?bulk_join=true&tenant_id={tenant.tenant}")) == 2
    assert site.server.items(f"devices?bulk_join=false&tenant_id={tenant.tenant}") == []
    # Saying so is not enough, and being one is not: terms and limits hold for people.
    for token, items, kind in (
            (tenant.enroll_token(tenant.new_device()), bulk, "Device"),
            (tenant.enroll_token(tenant.new_device(), user), [], "Device"),
            (tenant.enroll_token(tenant.new_device(), user), bulk, "Full")):
        reply = add_items(tenant, items, token, None, kind)
        assert windows.Fault(reply).error_type == "InvalidEnrollmentData", reply.body


def test_bulk_is_for_entra_only(people):
    enrolled = people.enroll()
    reply = windows.request_token(
        people.server, windows.username_security(people.name, PASSWORD),
        windows.csr_der(people.site.key()),
        windows.context(None, "Device", uuid.uuid4().hex.upper()) + [("BulkAADJ", "true")])
    windows.provisioning(reply)
    assert people.server.items(f"devices?bulk_join=true&tenant_id={people.tenant}") == []
    assert not people.device(enrolled)["bulk_join"]


# devices that Entra does not know


def policy(people, assignment, scope="device"):
    return people.server.api("POST", "policies", {
        "tenant_id": people.tenant, "name": uuid.uuid4().hex, "scope": scope,
        "settings": [{"locuri": LOCK if scope == "device" else USER_NODE, "format": "int",
                      "data": "7"}], "assignments": [assignment]})


def sent(enrolled, login="none"):
    return {(c["locuri"], c["data"]) for c in windows.run_session(
        enrolled, session=uuid.uuid4().hex[:4], login=login, values=FACTS)}


def test_assignments_reach_a_device_without_entra(people):
    enrolled = people.enroll()
    row = people.device(enrolled)
    assert row["user_key"] == f"local:{people.account['id']}"
    for assignment in ({"user": str(uuid.uuid4())}, {"entra_group": str(uuid.uuid4())},
                       {"user": f"local:{uuid.uuid4()}"}, {"tag": "other"}):
        policy(people, assignment)
    assert not any(locuri == LOCK for locuri, _ in sent(enrolled))
    people.server.api("POST", f"devices/{row['id']}/tag", {"tag": "kiosk"})
    made = policy(people, {"tag": "kiosk"})
    assert (LOCK, "7") in sent(enrolled)
    people.server.api("DELETE", f"policies/{made['id']}")
    sent(enrolled)
    made = policy(people, {"user": row["user_key"]})
    assert (LOCK, "7") in sent(enrolled)
    people.server.api("DELETE", f"policies/{made['id']}")
    sent(enrolled)
    policy(people, {"device": row["id"]})
    assert (LOCK, "7") in sent(enrolled)


def test_user_settings_go_to_the_user_of_a_personal_device(people):
    enrolled, shared = people.enroll(kind="Full"), people.enroll(kind="Device")
    policy(people, {"user": f"local:{people.account['id']}"}, scope="user")
    assert (USER_NODE, "7") not in sent(enrolled, login="none")
    assert (USER_NODE, "7") in sent(enrolled, login="user")
    assert (USER_NODE, "7") not in sent(shared, login="user")


def test_compliance_is_judged_and_nothing_owed_to_graph(people):
    people.server.api("POST", "compliance-policies", {
        "tenant_id": people.tenant, "name": "baseline", "grace": 0, "assignments": [{"all": True}],
        "rules": [{"fact": "os_version", "operator": "ge", "value": "10.0.19045"}]})
    enrolled = people.enroll()
    sent(enrolled)
    row = people.device(enrolled)
    assert row["compliance_state"] == "compliant" and row["compliance_reported_at"] is None
    people.server.api("POST", f"devices/{row['id']}/retire", {"force": True})
    assert people.device(enrolled)["state"] == "retired"
    assert people.server.items(f"outbox?tenant_id={people.tenant}") == []
    assert enrolled.post(enrolled.package1()).status in (401, 403)
