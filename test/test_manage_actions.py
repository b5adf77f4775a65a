# SPDX-License-Identifier: Apache-2.0
"""What administrators ask of single devices, how it reaches them, and what they report."""

import pytest

import windows
from muster import ApiError, wait_for
from world import FACTS

UNENROL = "./Device/Vendor/MSFT/DMClient/Provider/Muster/Unenroll"
LEAVING = ('<Alert><CmdID>4</CmdID><Data>1226</Data><Item><Meta>'
           '<Format xmlns="syncml:metinf">int</Format><Type xmlns="syncml:metinf">'
           'com.microsoft:mdm.unenrollment.userrequest</Type>'
           '<Mark xmlns="syncml:metinf">critical</Mark></Meta><Data>1</Data></Item></Alert>')


@pytest.fixture
def world(site):
    return site.tenant()


@pytest.mark.parametrize("action,body,sent", [
    ("reboot", None, ("Exec", "./Device/Vendor/MSFT/Reboot/RebootNow", "null", None)),
    ("lock", {}, ("Exec", "./Device/Vendor/MSFT/RemoteLock/Lock", "null", None)),
    ("rename", {"name": "DESK-0042"},
     ("Replace", "./DevDetail/Ext/Microsoft/DNSComputerName", "chr", "DESK-0042")),
    ("wipe", None, ("Exec", "./Device/Vendor/MSFT/RemoteWipe/doWipe", "chr", None)),
])
@pytest.mark.parametrize("status", [200, 405])
def test_an_action_reaches_the_device_and_its_status_comes_back(world, action, body, sent, status):
    device, entra_id = world.join()
    identity = world.device(entra_id)["id"]
    command = world.server.api("POST", f"devices/{identity}/{action}", body)
    assert (command["locuri"], command["verb"].lower()) == (sent[1], sent[0].lower())
    assert command["state"] == "queued" and command["origin"] == f"action:{action}"
    got = windows.run_session(device, values=FACTS, statuses={sent[1]: status})
    # Markup of a value that is empty differs by format; what arrives is nothing in either case.
    assert [(c["verb"], c["locuri"], c["format"], c["data"] or None) for c in got
            if c["locuri"] == sent[1]] == [sent]
    found = world.server.items(f"devices/{identity}/commands?origin=action:{action}")
    assert [(c["id"], c["state"], c["status"]) for c in found] == [
        (command["id"], "answered", status)]
    assert found[0]["sent_at"] and found[0]["answered_at"]
    # Once, whatever came of it; a device that wipes itself is not asked anything more.
    if (action, status) == ("wipe", 200):
        assert device.post(device.package1("2")).status == 403
    else:
        assert sent[1] not in [c["locuri"] for c in windows.run_session(device, "2", values=FACTS)]
    entry = world.server.items(f"audit?action=device.{action}&object_id={identity}")
    assert [(e["outcome"], e["actor"]) for e in entry] == [("ok", "token:first administrator")]


def test_actions_keep_their_order_and_go_before_settings(world):
    world.add_policy()
    device, entra_id = world.join()
    identity = world.device(entra_id)["id"]
    wanted = ["lock", "reboot", "wipe"]
    for action in wanted:
        world.server.api("POST", f"devices/{identity}/{action}")
    sent = windows.Commands(device.post(device.package1())).commands
    assert [c["locuri"].rsplit("/", 1)[1] for c in sent[:3]] == ["Lock", "RebootNow", "doWipe"]


def test_sync_sends_nothing_by_itself(world):
    device, entra_id = world.join()
    identity = world.device(entra_id)["id"]
    answer = world.server.api("POST", f"devices/{identity}/sync")
    assert answer["id"] == identity
    assert world.server.items(f"devices/{identity}/commands") == []
    windows.run_session(device, values=FACTS)


def test_a_result_with_an_error_of_windows_is_kept(world):
    device, entra_id = world.join()
    identity = world.device(entra_id)["id"]
    world.server.api("POST", f"devices/{identity}/lock")
    first = windows.Commands(device.post(device.package1()))
    number = first.commands[0]["cmd_id"]
    body = windows.answers([], "1") + (
        f"<Status><CmdID>2</CmdID><MsgRef>1</MsgRef><CmdRef>{number}</CmdRef><Cmd>Exec</Cmd>"
        '<Data xmlns:msft="http://schemas.microsoft.com/MobileDevice/MDM" '
        'msft:originalerror="0x86000002">500</Data></Status>')
    device.post(device.message(2, body))
    found = world.server.items(f"devices/{identity}/commands?origin=action:lock")
    assert [(c["status"], c["original_error"]) for c in found] == [(500, "0x86000002")]


def test_retiring_asks_the_device_to_leave_last_and_alone(world):
    world.add_compliance()
    device, entra_id = world.join()
    windows.run_session(device, values=FACTS)
    wait_for(lambda: world.entra.device(entra_id)["isCompliant"] is True)
    identity = world.device(entra_id)["id"]
    world.server.api("POST", f"devices/{identity}/lock")
    world.server.api("POST", f"devices/{identity}/retire")
    assert world.device(entra_id)["state"] == "enrolled", "until the device says so"
    sent = windows.run_session(device, "2", values=FACTS)
    assert sent[0]["locuri"].endswith("/Lock")
    assert (sent[-1]["verb"], sent[-1]["locuri"], sent[-1]["data"]) == ("Exec", UNENROL, "Muster")
    # No status comes: Windows answers with a new session.
    assert windows.run_session(device, "3", alerts=LEAVING) == []
    row = world.server.api("GET", f"devices/{identity}")
    assert (row["state"], row["retired_reason"]) == ("retired", "unenrolled")
    assert device.post(device.package1("4")).status == 403
    wait_for(lambda: world.entra.device(entra_id)["isManaged"] is False)
    assert world.entra.device(entra_id)["isCompliant"] is False
    left = world.server.items(f"devices/{identity}/commands?state=queued")
    assert left == []


def test_a_wiped_device_is_gone(world):
    """Its Status is the last that comes: Windows does not tell when it is done."""
    world.add_compliance()
    device, entra_id = world.join()
    windows.run_session(device, values=FACTS)
    wait_for(lambda: world.entra.device(entra_id)["isCompliant"] is True)
    identity = world.device(entra_id)["id"]
    for action in ("lock", "wipe", "reboot"):
        world.server.api("POST", f"devices/{identity}/{action}")
    first = windows.Commands(device.post(device.package1("2")))
    names = {c["locuri"].rsplit("/", 1)[1]: c for c in first.commands}
    assert world.device(entra_id)["state"] == "enrolled", "until the device says so"
    said = windows.answers([names["Lock"], names["doWipe"]], first.msg_id)
    last = windows.Commands(device.post(device.message(2, said, "2")))
    assert last.commands == [] and last.final
    row = world.server.api("GET", f"devices/{identity}")
    assert (row["state"], row["retired_reason"]) == ("retired", "wiped")
    commands = {c["origin"]: c["state"] for c in world.server.items(
        f"devices/{identity}/commands?limit=200") if c["origin"].startswith("action:")}
    assert commands == {"action:lock": "answered", "action:wipe": "answered",
                        "action:reboot": "cancelled"}
    [entry] = world.server.items(f"audit?action=device.retire&object_id={identity}")
    assert entry["actor"] == f"device:{identity}" and entry["detail"]["reason"] == "wiped"
    [session] = world.server.items(f"devices/{identity}/sessions?limit=1")[:1]
    assert session["end_reason"] == "wiped"
    assert device.post(device.message(3, windows.answers([], "2"), "2")).status == 403
    wait_for(lambda: world.entra.device(entra_id)["isManaged"] is False)
    again, _ = world.join(device=entra_id)
    assert windows.run_session(again, "1")


@pytest.mark.parametrize("status", [214, 215, 405, 500])
def test_a_device_that_does_not_wipe_itself_stays(world, status):
    """Put off to the next session, refused by the user, not allowed, failed."""
    device, entra_id = world.join()
    identity = world.device(entra_id)["id"]
    world.server.api("POST", f"devices/{identity}/wipe")
    windows.run_session(device, statuses={
        "./Device/Vendor/MSFT/RemoteWipe/doWipe": status})
    assert world.device(entra_id)["state"] == "enrolled"
    assert device.post(device.package1("2")).status == 200


def test_retiring_by_force_needs_no_device(world):
    world.add_compliance()
    device, entra_id = world.join()
    windows.run_session(device, values=FACTS)
    identity = world.device(entra_id)["id"]
    world.server.api("POST", f"devices/{identity}/wipe")
    answer = world.server.api("POST", f"devices/{identity}/retire", {"force": True})
    assert answer["state"] == "retired"
    assert device.post(device.package1("2")).status == 403
    assert [c["state"] for c in world.server.items(
        f"devices/{identity}/commands?origin=action:wipe")] == ["cancelled"]
    wait_for(lambda: world.entra.device(entra_id)["isManaged"] is False)
    for action in ("lock", "retire", "sync"):
        with pytest.raises(ApiError) as refused:
            world.server.api("POST", f"devices/{identity}/{action}")
        assert refused.value.status == 409


@pytest.mark.parametrize("action,body,status", [
    ("explode", None, 404), ("rename", None, 422), ("rename", {"name": ""}, 422),
    ("rename", {"name": "12345"}, 422), ("rename", {"name": "a" * 16}, 422),
    ("rename", {"name": "a b"}, 422), ("rename", {"name": "x\" /><y"}, 422),
    ("rename", {"name": 5}, 422), ("lock", {"force": True}, 422), ("lock", {"when": "now"}, 422),
    ("reboot", {"force": "yes"}, 422), ("retire", {"force": 1}, 422),
])
def test_actions_that_cannot_be(world, action, body, status):
    _, entra_id = world.join()
    identity = world.device(entra_id)["id"]
    with pytest.raises(ApiError) as refused:
        world.server.api("POST", f"devices/{identity}/{action}", body)
    assert refused.value.status == status
    assert world.server.items(f"devices/{identity}/commands") == []


def test_what_a_device_is_asked_becomes_facts(world):
    """Signals of compliance every time, the rest daily, what is not there is known to be absent."""
    values = {
        "./DevDetail/SwV": "10.0.22631.4460",
        "./DevDetail/Ext/Microsoft/SMBIOSSerialNumber": "SN-1 &amp; &lt;2&gt;",
        "./DevDetail/Ext/Microsoft/DeviceName": "FINANCE-7",
        "./Vendor/MSFT/DeviceStatus/OS/Edition": "4",
        "./Vendor/MSFT/DeviceStatus/SecureBootState": "1",
        "./Vendor/MSFT/DeviceStatus/Compliance/EncryptionCompliance": "1",
        "./Vendor/MSFT/DeviceStatus/Antivirus/Status": "0",
        "./Vendor/MSFT/DeviceStatus/TPM/SpecificationVersion": "2.0",
    }
    device, entra_id = world.join()
    first = windows.run_session(device, values=values)
    row = world.device(entra_id)
    assert (row["os_version"], row["os_edition"], row["name"]) == ("10.0.22631.4460", "4",
                                                                    "FINANCE-7")
    facts = {f["name"]: f for f in world.server.items(f"devices/{row['id']}/facts")}
    assert facts["serial_number"]["value"] == "SN-1 & <2>"
    assert facts["secure_boot"]["value"] == "1" and facts["secure_boot"]["meaning"] == "on"
    assert facts["encryption"]["meaning"] == "encrypted"
    assert facts["tpm_version"]["value"] == "2.0"
    assert facts["firewall"]["value"] == "", "asked, and not there"
    assert facts["manufacturer"]["value"] == "VMware, Inc."
    assert all(f["at"] for f in facts.values())
    second = {c["locuri"] for c in windows.run_session(device, "2", values=values)}
    asked = {c["locuri"] for c in first if c["verb"] == "Get"}
    assert "./Device/Vendor/MSFT/DeviceStatus/SecureBootState" in asked & second
    assert "./DevDetail/Ext/Microsoft/SMBIOSSerialNumber" in asked - second
    commands = world.server.items(f"devices/{row['id']}/commands?origin=inventory&limit=200")
    assert {c["status"] for c in commands} == {200, 404}
    assert "SN-1" not in str(commands), "values are facts, not part of the record"
