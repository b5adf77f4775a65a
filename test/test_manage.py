# SPDX-License-Identifier: Apache-2.0
"""Management sessions over the wire: the order of a session, and what a device may not do.

Names with a case number are abuse cases of the threat model.
"""

import pytest

import windows
from world import FACTS

LOCK = "./Device/Vendor/MSFT/Policy/Config/DeviceLock/MaxInactivityTimeDeviceLock"
USER = "./User/Vendor/MSFT/Policy/Config/Experience/AllowCortana"
HEADER_OK = ("<Status><CmdID>1</CmdID><MsgRef>1</MsgRef><CmdRef>0</CmdRef><Cmd>SyncHdr</Cmd>"
             "<Data>200</Data></Status>")


def alert(number, code, kind=None, data=None):
    item = "" if kind is None else (f'<Item><Meta><Type xmlns="syncml:metinf">{kind}</Type></Meta>'
                                    f"<Data>{data}</Data></Item>")
    return f"<Alert><CmdID>{number}</CmdID><Data>{code}</Data>{item}</Alert>"


def sessions(world, device_id):
    return world.server.items(f"devices/{device_id}/sessions")


def test_package_one_is_answered_in_its_own_order(world):
    device, _ = world.join()
    reply = windows.Commands(device.post(device.package1("1A")))
    assert reply.statuses == [("1", "0", "SyncHdr", "200"), ("1", "2", "Alert", "200"),
                              ("1", "3", "Alert", "200"), ("1", "9", "Replace", "200")]
    assert reply.final and reply.msg_id == "1"
    numbers = [c["cmd_id"] for c in reply.commands]
    assert len(set(numbers)) == len(numbers) and "./DevDetail/SwV" in [
        c["locuri"] for c in reply.commands]


def test_the_status_page_is_released_in_the_first_session_only(world):
    device, _ = world.join()
    root = "./Device/Vendor/MSFT/DMClient/Provider/Muster/FirstSyncStatus/"
    released = [(c["locuri"], c["format"], c["data"]) for c in windows.run_session(device)
                if "/FirstSyncStatus/" in c["locuri"]]
    assert released == [(root + name, "bool", "true") for name in
                        ("SkipDeviceStatusPage", "SkipUserStatusPage",
                         "ServerHasFinishedProvisioning")]
    assert not [c for c in windows.run_session(device, session="2")
                if "/FirstSyncStatus/" in c["locuri"]]


def test_facts_and_sessions_are_recorded(world):
    device, entra_id = world.join()
    windows.run_session(device, values=FACTS, headers={"UserAgentOrigin": "5"})
    row = world.device(entra_id)
    assert row["os_version"] == FACTS["./DevDetail/SwV"]
    facts = {f["name"]: f["value"] for f in world.server.items(f"devices/{row['id']}/facts")}
    assert facts["manufacturer"] == "VMware, Inc." and facts["secure_boot"] == "1"
    ended = sessions(world, row["id"])
    assert len(ended) == 1 and ended[0]["end_reason"] == "final"


def test_a_message_that_comes_again_gets_the_same_reply(world):
    world.add_policy()
    device, entra_id = world.join()
    first = device.post(device.package1())
    again = device.post(device.package1())
    assert again.body == first.body
    body = windows.answers(windows.Commands(first).commands, "1", FACTS)
    second = device.post(device.message(2, body))
    assert device.post(device.message(2, body)).body == second.body
    row = world.device(entra_id)
    assert len(world.server.items(f"devices/{row['id']}/commands?locuri={LOCK}")) == 1
    assert len(sessions(world, row["id"])) == 1


def test_case14_messages_out_of_order_are_refused(world):
    device, entra_id = world.join()
    assert device.post(device.message(2, HEADER_OK)).status == 400
    assert device.post(device.message(1, HEADER_OK)).status == 400
    device.post(device.package1())
    for number, session in ((3, "1"), (1000000, "1"), (2, "2"), (0, "1"), (-1, "1")):
        assert device.post(device.message(number, HEADER_OK, session)).status == 400
    # the session itself is unharmed
    assert device.post(device.message(2, HEADER_OK)).status == 200
    assert device.post(device.message(2, HEADER_OK + alert(2, 1222))).status == 400
    assert len(sessions(world, world.device(entra_id)["id"])) == 1


def test_case14_answers_to_nothing_change_nothing(world):
    device, entra_id = world.join()
    other, other_id = world.join()
    windows.Commands(other.post(other.package1()))
    device.post(device.package1())
    made_up = "".join(
        f"<Status><CmdID>{i}</CmdID><MsgRef>{m}</MsgRef><CmdRef>{c}</CmdRef><Cmd>Get</Cmd>"
        f"<Data>200</Data></Status><Results><CmdID>{i}9</CmdID><MsgRef>{m}</MsgRef>"
        f"<CmdRef>{c}</CmdRef><Cmd>Get</Cmd><Item><Source><LocURI>./DevDetail/SwV</LocURI>"
        "</Source><Data>10.0.99999.1</Data></Item></Results>"
        for i, (m, c) in enumerate([(1, 999), (9, 5), ("x", "y"), (1, 1), (-1, -1)], 2))
    reply = windows.Commands(device.post(device.message(2, HEADER_OK + made_up)))
    assert [s[2] for s in reply.statuses] == ["SyncHdr"]
    for entra in (entra_id, other_id):
        row = world.device(entra)
        assert "99999" not in row["os_version"]
        assert not [f for f in world.server.items(f"devices/{row['id']}/facts")
                    if f["name"] == "os_version"]


def test_case14_more_commands_than_allowed(world):
    device, _ = world.join()
    many = "".join(f"<Alert><CmdID>{i}</CmdID><Data>1224</Data></Alert>" for i in range(10, 2060))
    assert device.post(device.package1(alerts=many)).status == 413
    assert device.post(device.package1()).status == 200


def test_case13_a_device_speaks_only_for_itself(world):
    device, entra_id = world.join()
    other, other_id = world.join()
    windows.run_session(other, values=FACTS)
    theirs = world.device(other_id)
    variants = [other.dm_device_id, device.dm_device_id.lower(), " " + device.dm_device_id,
                device.dm_device_id + "%20", device.dm_device_id[:-1], "*"]
    for source in variants:
        reply = device.post(device.package1(source=source))
        assert reply.status == 403, source
    assert device.post(device.package1().replace(device.dm_device_id, "", 1)).status == 403
    assert device.post(device.package1(
        target="https://other.example/ManagementServer/MDM.svc")).status == 403
    twice = device.package1().replace("<SyncBody>", device.header(1, source=other.dm_device_id) +
                                      "<SyncBody>")
    assert device.post(twice).status == 400
    mine = world.device(entra_id)
    assert sessions(world, mine["id"]) == []
    assert len(sessions(world, theirs["id"])) == 1
    assert world.device(other_id)["last_seen_at"] == theirs["last_seen_at"]
    refused = world.server.items(f"audit?action=device.session&object_id={mine['id']}")
    assert len(refused) == len(variants) + 2
    claims = [entry["detail"]["claimed"] for entry in refused]
    assert other.dm_device_id in claims
    assert {entry["outcome"] for entry in refused} == {"refused"}


@pytest.mark.parametrize("body", [
    '<!DOCTYPE x [<!ENTITY a "b">]><SyncML xmlns="SYNCML:SYNCML1.2">&a;</SyncML>',
    '<?xml-stylesheet href="http://example.invalid/"?><SyncML xmlns="SYNCML:SYNCML1.2"/>',
    '<SyncML xmlns="SYNCML:SYNCML1.2"/>',
    "<a>" * 100,
    "",
    b"\xff\xfe<\x00S\x00",
])
def test_case15_what_is_not_a_message_is_refused(world, body):
    device, entra_id = world.join()
    assert device.post(body).status == (413 if "<a><a>" in str(body) else 400)
    assert sessions(world, world.device(entra_id)["id"]) == []


def test_case15_bombs_are_refused(world):
    device, _ = world.join()
    head, tail = device.package1().split("<SyncBody>")
    attributes = " ".join(f"b{i}=''" for i in range(200))
    for bomb in ("<a>" * 40 + "</a>" * 40, "<a/>" * 40000, f"<a {attributes}/>",
                 f"<a>{'x' * 600000}</a>"):
        assert device.post(f"{head}<SyncBody>{bomb}{tail}").status == 413
    assert device.post(device.package1()).status == 200


def test_other_media_types_are_refused(world):
    device, _ = world.join()
    for kind in ("text/xml", "application/vnd.syncml.dm+wbxml", "application/json"):
        assert device.post(device.package1(), {"Content-Type": kind}).status == 415
    assert device.post(device.package1(), {
        "Content-Type": "application/vnd.syncml.dm+xml; charset=utf-8"}).status == 200


def test_settings_for_users_wait_for_a_proved_user(world):
    world.add_policy("user", [{"locuri": USER, "format": "int", "data": "0"}], "user")
    device, _ = world.join()
    token = world.entra.mint(world.app, user=world.user)
    bearer = {"Authorization": f"Bearer {token}"}
    foreign = {"Authorization": f"Bearer {token[:-8]}AAAAAAAA"}

    def got(session, login, headers=None):
        return USER in [c["locuri"] for c in
                        windows.run_session(device, session, login, headers=headers)]

    assert not got("1", "none", bearer)
    assert not got("2", "others", bearer)
    assert not got("3", "user")
    assert not got("4", "user", foreign)
    assert got("5", "user", bearer)
    assert not got("6", "user", bearer)


def test_a_failing_setting_is_not_sent_again_for_ever(world):
    world.add_policy()
    device, _ = world.join()
    for session in range(1, 4):
        sent = [c for c in windows.run_session(device, str(session), statuses={LOCK: 405})
                if c["locuri"] == LOCK]
        assert len(sent) == (session == 1)


def test_aborting_keeps_what_was_not_done(world):
    device, entra_id = world.join()
    row = world.device(entra_id)
    world.server.api("POST", f"devices/{row['id']}/reboot")
    reboot = "./Device/Vendor/MSFT/Reboot/RebootNow"
    reply = windows.Commands(device.post(device.package1()))
    assert reboot in [c["locuri"] for c in reply.commands]
    reply = windows.Commands(device.post(device.message(2, HEADER_OK + alert(2, 1223))))
    assert reply.commands == [] and reply.final
    assert device.post(device.message(3, HEADER_OK)).status == 400
    sent = windows.run_session(device, session="2")
    assert [c["verb"] for c in sent if c["locuri"] == reboot] == ["Exec"]
    assert reboot not in [c["locuri"] for c in windows.run_session(device, session="3")]


def test_a_message_without_final_is_asked_on(world):
    device, entra_id = world.join()
    body = alert(2, 1201) + alert(
        3, 1224, "Reversed-Domain-Name:com.microsoft.mdm.requestpending", "1")
    reply = windows.Commands(device.post(device.message(1, body, final=False)))
    assert not reply.final and reply.alerts == ["1222"] and reply.commands == []
    reply = windows.Commands(device.post(device.message(2, HEADER_OK)))
    assert reply.final and reply.commands
