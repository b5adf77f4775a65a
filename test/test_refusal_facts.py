# SPDX-License-Identifier: Apache-2.0
"""A remedy carries the facts that it needs: what the device said and what the tenant wants, how many
devices there are and which, whose key it is. Only administrators read them."""

import re

import pytest

import windows
from tenancy import attempt_of
from test_stories import muster

UNSHOWN = "something that cannot be shown"
DAY = 24 * 3600


def refused(tenant, reason, blob=None, key=None, user=None, **items):
    """What an administrator reads of a request that is refused, and the fault that the user gets."""
    fault = windows.Fault(tenant.post(tenant.enroll_token(tenant.new_device(), user),
                                      blob or tenant.blob(user), key, **items))
    row = attempt_of(tenant.server, fault.trace_id)
    assert row["reason"] == reason, row
    return row["remedy"], fault.text


def name_device(tenant, entra_id, name, seen_days_ago=0):
    """Its id. As if the device had called itself so, and came last on that day."""
    device = tenant.device(entra_id)["id"]
    now = int(tenant.site.execute(f"SELECT enrolled_at FROM devices WHERE id = '{device}'")[0][0])
    name = name.replace("'", "''")
    tenant.site.execute(f"UPDATE devices SET name = '{name}', last_seen_at ="
                        f" {now - seen_days_ago * DAY if seen_days_ago else 0}"
                        f" WHERE id = '{device}'")
    return device


@pytest.mark.parametrize("bounds,version,reason,fact", [
    ({"os_version_min": "10.0.26100"}, "10.0.22631.1", "os_version_old",
     "Version of the device: \"10.0.22631.1\"; os_version_min: 10.0.26100."),
    ({"os_version_min": "10.0.26100", "os_version_max": "10.0.26200"}, " 10.0.1 ",
     "os_version_old", "Version of the device: \"10.0.1\"; os_version_min: 10.0.26100."),
    ({"os_version_min": "10", "os_version_max": "10.0.19045"}, "10.0.22631.1", "os_version_new",
     "Version of the device: \"10.0.22631.1\"; os_version_max: 10.0.19045."),
    ({"os_version_min": "10", "os_version_max": "10.0.19045"}, "ten", "os_version_unknown",
     "Version of the device: \"ten\"; os_version_min: 10; os_version_max: 10.0.19045."),
    ({"os_version_min": "10"}, "", "os_version_unknown",
     "Version of the device: nothing; os_version_min: 10."),
    ({"os_version_min": "10"}, "x" * 64, "os_version_unknown",
     f"Version of the device: \"{'x' * 64}\"; os_version_min: 10."),
    ({"os_version_min": "10"}, "x" * 65, "os_version_unknown",
     f"Version of the device: {UNSHOWN}; os_version_min: 10."),
    ({"os_version_min": "10"}, "1\u202e0", "os_version_unknown",
     f"Version of the device: {UNSHOWN}; os_version_min: 10."),
    ({"os_version_min": "10"}, "1\n0", "os_version_unknown",
     f"Version of the device: {UNSHOWN}; os_version_min: 10."),
    ({"os_version_min": "10"}, 'ten". Retire all', "os_version_unknown",
     f"Version of the device: {UNSHOWN}; os_version_min: 10.")])
def test_a_version_is_told_with_the_bound(site, bounds, version, reason, fact):
    tenant = site.tenant(**bounds)
    remedy, fault = refused(tenant, reason, OSVersion=version)
    assert remedy.endswith(f" {fact}"), remedy
    assert "os_version_m" not in fault


@pytest.mark.parametrize("allowed,edition,fact", [
    (["48"], "4", "Edition of the device: 4 (Enterprise); os_editions: 48 (Pro)."),
    (["4", "121"], "101",
     "Edition of the device: 101 (Home); os_editions: 4 (Enterprise), 121 (Education)."),
    (["4", "77"], "72", "Edition of the device: 72; os_editions: 4 (Enterprise), 77."),
    (["4"], "Home", "Edition of the device: \"Home\"; os_editions: 4 (Enterprise)."),
    (["4"], "", "Edition of the device: nothing; os_editions: 4 (Enterprise)."),
    (["4"], "\u202e4", f"Edition of the device: {UNSHOWN}; os_editions: 4 (Enterprise)."),
    (["4"], "4" * 65, f"Edition of the device: {UNSHOWN}; os_editions: 4 (Enterprise).")])
def test_an_edition_is_told_by_number_and_name(site, allowed, edition, fact):
    tenant = site.tenant(os_editions=allowed)
    remedy, fault = refused(tenant, "os_edition", OSEdition=edition)
    assert remedy.endswith(f" {fact}"), remedy
    assert "os_editions" not in fault


def test_the_server_in_maintenance_tells_nothing_of_versions(site):
    """The rule that is told is the one that refused."""
    tenant = site.tenant(os_version_min="10.0.26100")
    tenant.set(maintenance=True)
    assert "Version of the device" not in refused(tenant, "maintenance")[0]


def test_a_user_with_too_many_devices_is_told_which(site):
    """Count, limit and the three that did not come for longest; never those of somebody else."""
    tenant = site.tenant(device_limit=9)
    bert = tenant.add_user("bert")
    theirs = name_device(tenant, tenant.join(user=bert)[1], "BERT-1", 90)
    names = [("NEW", 0), ("WEEK", 7), ('Say "no"', 30), ("MONTHS", 60), ("DAY", 1)]
    ids = {name: name_device(tenant, tenant.join()[1], name, days) for name, days in names}
    tenant.set(device_limit=5)
    remedy, fault = refused(tenant, "device_cap")
    told = re.fullmatch(
        r"Retire one .* Devices of the user besides this one: 5; device_limit: 5\. Unseen for"
        r' longest: "MONTHS" \((\S+), last seen (\S+)\), ' + UNSHOWN + r" \((\S+), last seen \S+\),"
        r' "WEEK" \((\S+), last seen \S+\)\.', remedy)
    assert told, remedy
    assert told.group(1, 3, 4) == (ids["MONTHS"], ids['Say "no"'], ids["WEEK"])
    assert told.group(2) == tenant.server.api("GET", f"devices/{ids['MONTHS']}")["last_seen_at"][:10]
    assert theirs not in remedy and ids["NEW"] not in remedy
    assert "MONTHS" not in fault and ids["MONTHS"] not in fault
    # Before the request as well, and a device that never came is named, too.
    for name in ("WEEK", "MONTHS", "DAY", 'Say "no"'):
        tenant.server.api("POST", f"devices/{ids[name]}/retire", {"force": True})
    tenant.set(device_limit=1)
    early = windows.Fault(windows.get_policies(site.server, windows.jwt_security(
        tenant.enroll_token(tenant.new_device()))))
    row = attempt_of(site.server, early.trace_id)
    assert row["remedy"].endswith(
        " Devices of the user besides this one: 1; device_limit: 1. Unseen for longest:"
        f" \"NEW\" ({ids['NEW']}, never seen)."), row


def test_a_device_that_enrols_again_is_not_among_those_to_retire(site):
    tenant = site.tenant(device_limit=3)
    again, other = tenant.join()[1], tenant.join()[1]
    kept, left = name_device(tenant, again, "AGAIN", 3), name_device(tenant, other, "OTHER", 2)
    tenant.join()
    tenant.set(device_limit=1)
    fault = windows.Fault(tenant.post(tenant.enroll_token(again), tenant.blob()))
    remedy = attempt_of(site.server, fault.trace_id)["remedy"]
    assert "besides this one: 2; device_limit: 1." in remedy
    assert left in remedy and kept not in remedy


def test_a_full_tenant_is_told_with_its_numbers(site):
    tenant = site.tenant()
    tenant.join()
    tenant.join(user=tenant.add_user("bert"))
    tenant.set(tenant_device_limit=2)
    remedy, fault = refused(tenant, "tenant_device_cap")
    assert remedy.endswith(
        " Devices of the tenant besides this one: 2; tenant_device_limit: 2."), remedy
    assert "tenant_device_limit" not in fault


def test_a_key_in_use_is_told_with_its_device(site):
    tenant, other = site.tenant(), site.tenant()
    key = site.key()
    device = name_device(tenant, tenant.join(key=key)[1], "PC-1", 1)
    seen = tenant.server.api("GET", f"devices/{device}")["last_seen_at"][:10]
    remedy, fault = refused(tenant, "key_in_use", key=key)
    assert remedy.endswith(f' The other device: "PC-1" ({device}, last seen {seen}).'), remedy
    assert device not in fault and "PC-1" not in fault
    remedy, fault = refused(other, "key_in_use", key=key)
    assert remedy.endswith(f'({device}, last seen {seen}) of tenant {tenant.tenant}.'), remedy
    assert device not in fault and tenant.tenant not in fault
    tenant.server.api("POST", f"devices/{device}/retire", {"force": True})
    remedy, _ = refused(tenant, "key_in_use", key=key)
    assert f' The other device, retired: "PC-1" ({device}, ' in remedy
    # An enrolment that ended between intent and commit has no device.
    tenant.site.execute(f"DELETE FROM devices WHERE id = '{device}'")
    remedy, _ = refused(tenant, "key_in_use", key=key)
    assert remedy.endswith(f" The other enrolment was not completed (device id {device})."), remedy


def test_cause_and_remedy_do_not_say_the_same(site):
    tenant = site.tenant(device_limit=1)
    tenant.join()
    fault = windows.Fault(tenant.post(tenant.enroll_token(tenant.new_device()), tenant.blob()))
    told = muster(site, "enrollment", "explain", fault.trace_id)
    lines = dict(re.findall(r"^(\S[^:]*):\s+(.*)$", told, re.M))
    assert lines["Device name"] == "DESKTOP-1" and lines["Windows"] == "10.0.22631.4460", told
    assert "as many" in lines["What happened"] and "as many" not in lines["What to do"], told
    assert "device_limit: 1." in lines["What to do"]
