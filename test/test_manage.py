# SPDX-License-Identifier: Apache-2.0
"""Management sessions over the wire: the order of a session, and what a device may not do.

Names with a case number are abuse cases of the threat model.
"""

import socket

import pytest

import windows
from world import FACTS

LOCK = "./Device/Vendor/MSFT/Policy/Config/DeviceLock/MaxInactivityTimeDeviceLock"
REBOOT = "./Device/Vendor/MSFT/Reboot/RebootNow"
HEADER_OK = ("<Status><CmdID>1</CmdID><MsgRef>1</MsgRef><CmdRef>0</CmdRef><Cmd>SyncHdr</Cmd>"
             "<Data>200</Data></Status>")


@pytest.fixture
def world(site):
    return site.tenant()


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


def hostile_documents():
    """What makes careless XML readers open files, connect, or grow. Name, bytes."""
    ns = 'xmlns="SYNCML:SYNCML1.2"'
    lol = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10))
    yield "entity", f'<!DOCTYPE x [<!ENTITY a "b">]><SyncML {ns}>&a;</SyncML>'
    yield "file", f'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><SyncML {ns}>&a;</SyncML>'
    yield "parameter", '<!DOCTYPE x [<!ENTITY % a SYSTEM "TRAP"> %a;]><x/>'
    yield "subset", f'<!DOCTYPE x SYSTEM "TRAP"><SyncML {ns}/>'
    yield "laughs", f'<!DOCTYPE x [<!ENTITY a0 "lol">{lol}]><SyncML {ns}>&a9;</SyncML>'
    yield "quadratic", ('<!DOCTYPE x [<!ENTITY a "' + "x" * 50000 + '">]>'
                        f'<SyncML {ns}>{"&a;" * 50000}</SyncML>')
    yield "stylesheet", f'<?xml-stylesheet href="TRAP"?><SyncML {ns}/>'
    yield "include", (f'<SyncML {ns} xmlns:i="http://www.w3.org/2001/XInclude">'
                      '<i:include href="TRAP"/></SyncML>')
    yield "utf-16", f"<SyncML {ns}/>".encode("utf-16")
    yield "utf-7", f'<?xml version="1.0" encoding="utf-7"?><SyncML {ns}/>'
    yield "ebcdic", b'\x4c\x6f\xa7\x94\x93\x40' * 10
    yield "overlong", b'<SyncML xmlns="SYNCML:SYNCML1.2">\xc0\xbc/SyncML>'
    yield "nul", b'<SyncML xmlns="SYNCML:SYNCML1.2">\0</SyncML>'
    yield "unknown root", "<Sync/>"
    yield "two roots", f"<SyncML {ns}/><SyncML {ns}/>"
    yield "nothing", ""
    yield "not XML", "{}"
    yield "no header", f"<SyncML {ns}><SyncBody><Final/></SyncBody></SyncML>"
    yield "no body", f"<SyncML {ns}/>"


def test_case15_what_is_not_a_message_is_refused(world):
    device, entra_id = world.join()
    with socket.create_server(("127.0.0.1", 0)) as trap:
        trap.settimeout(0.2)
        url = f"http://127.0.0.1:{trap.getsockname()[1]}/x"
        for name, body in hostile_documents():
            if isinstance(body, str):
                body = body.replace("TRAP", url)
            reply = device.post(body)
            assert reply.status == 400, (name, reply.status)
            assert b"passwd" not in reply.body and b"root:" not in reply.body
        with pytest.raises(TimeoutError):
            trap.accept()
    assert sessions(world, world.device(entra_id)["id"]) == []


def bombs(head, tail):
    """Messages that are XML, and too much of it. Name, document."""
    def inside(text):
        return f"{head}<SyncBody>{text}{tail}"
    yield "deep", inside("<a>" * 40 + "</a>" * 40)
    yield "deeper", inside("<a>" * 100000 + "</a>" * 100000)
    yield "never closed", "<a>" * 100000
    yield "many elements", inside("<a/>" * 40000)
    yield "attributes", inside("<a " + " ".join(f"b{i}=''" for i in range(200)) + "/>")
    yield "many attributes", inside("<a " + " ".join(f"b{i}=''" for i in range(90000)) + "/>")
    yield "namespaces", inside("<a " + " ".join(f"xmlns:n{i}='u{i}'" for i in range(10000)) + "/>")
    yield "one text", inside(f"<a>{'x' * 600000}</a>")
    yield "one attribute", inside(f"<a b='{'x' * 600000}'/>")
    yield "one name", inside(f"<{'a' * 600000}/>")
    yield "comment", inside(f"<!--{'x' * 1100000}-->")
    yield "body", inside("x" * (1024 * 1024))


def memory_kib(process):
    with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
        return int(next(line for line in status if line.startswith("VmRSS")).split()[1])


def test_case15_bombs_are_refused_and_cost_little(world):
    device, _ = world.join()
    head, tail = device.package1().split("<SyncBody>")
    before = memory_kib(world.server.process)
    for name, bomb in bombs(head, tail):
        reply = device.post(bomb)
        assert reply.status == 413, (name, reply.status)
    # The largest body is one megabyte; what stays is caches, not what was sent.
    assert memory_kib(world.server.process) - before < 128 * 1024
    assert device.post(device.package1()).status == 200


def test_case15_what_may_be_there_once_is_not_there_twice(world):
    device, entra_id = world.join()
    good = device.package1()
    for once in ("<SessionID>1</SessionID>", "<MsgID>1</MsgID>", "<VerProto>DM/1.2</VerProto>",
                 f"<Source><LocURI>{device.dm_device_id}</LocURI></Source>",
                 f"<LocURI>{device.dm_device_id}</LocURI>"):
        assert once in good
        assert device.post(good.replace(once, once * 2, 1)).status == 400, once
    whole = good[good.index("<SyncBody>"):good.index("</SyncML>")]
    assert device.post(good.replace(whole, whole * 2)).status == 400
    assert sessions(world, world.device(entra_id)["id"]) == []
    # Comments and CDATA split a text without changing it.
    split = good.replace("<SessionID>1<", "<SessionID><!-- x -->1<").replace(
        f"<Source><LocURI>{device.dm_device_id}", "<Source><LocURI><![CDATA["
        f"{device.dm_device_id[:5]}]]><!-- -->{device.dm_device_id[5:]}")
    assert device.post(split).status == 200


def test_other_media_types_are_refused(world):
    device, _ = world.join()
    for kind in ("text/xml", "application/vnd.syncml.dm+wbxml", "application/json"):
        assert device.post(device.package1(), {"Content-Type": kind}).status == 415
    assert device.post(device.package1(), {
        "Content-Type": "application/vnd.syncml.dm+xml; charset=utf-8"}).status == 200


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
    reply = windows.Commands(device.post(device.package1()))
    assert REBOOT in [c["locuri"] for c in reply.commands]
    reply = windows.Commands(device.post(device.message(2, HEADER_OK + alert(2, 1223))))
    assert reply.commands == [] and reply.final
    assert device.post(device.message(3, HEADER_OK)).status == 400
    sent = windows.run_session(device, session="2")
    assert [c["verb"] for c in sent if c["locuri"] == REBOOT] == ["Exec"]
    assert REBOOT not in [c["locuri"] for c in windows.run_session(device, session="3")]


def test_a_message_without_final_is_asked_on(world):
    device, entra_id = world.join()
    body = alert(2, 1201) + alert(
        3, 1224, "Reversed-Domain-Name:com.microsoft.mdm.requestpending", "1")
    reply = windows.Commands(device.post(device.message(1, body, final=False)))
    assert not reply.final and reply.alerts == ["1222"] and reply.commands == []
    reply = windows.Commands(device.post(device.message(2, HEADER_OK)))
    assert reply.final and reply.commands


def test_statuses_come_in_the_order_of_what_they_answer(world):
    device, _ = world.join()
    odd = ("<Get><CmdID>20</CmdID><Item><Target><LocURI>./DevDetail/SwV</LocURI></Target></Item>"
           "</Get><Add><CmdID>21</CmdID><Item><Target><LocURI>./x</LocURI></Target></Item></Add>"
           "<Mystery><CmdID>22</CmdID></Mystery>" + alert(23, 1224, "com.example/unheard-of", "1") +
           "<Replace><CmdID>24</CmdID><Item><Source><LocURI>./Vendor/MSFT/x</LocURI></Source>"
           "<Data>1</Data></Item></Replace><Alert><Data>1224</Data></Alert>")
    reply = windows.Commands(device.post(device.package1(alerts=odd)))
    assert reply.statuses == [
        ("1", "0", "SyncHdr", "200"), ("1", "2", "Alert", "200"), ("1", "3", "Alert", "200"),
        ("1", "20", "Get", "406"), ("1", "21", "Add", "406"), ("1", "22", "Mystery", "400"),
        ("1", "23", "Alert", "200"), ("1", "24", "Replace", "405"), ("1", "", "Alert", "400"),
        ("1", "9", "Replace", "200")]


def test_every_reply_counts_with_the_client(world):
    """MsgID in lock-step, CmdIDs unique in a message and never 0, the session id as it came."""
    device, _ = world.join()
    for policy in range(3):
        world.add_policy(f"p{policy}", [{
            "locuri": f"./Device/Vendor/MSFT/Policy/Config/Area/P{policy}_{i}", "format": "chr",
            "data": "x"} for i in range(60)])
    reply = device.post(device.package1("7F"))
    seen, number = [], 1
    while True:
        root = reply.xml()
        assert root.findtext(f"{windows.SYNCML}SyncHdr/{windows.SYNCML}SessionID") == "7F"
        message = windows.Commands(reply)
        assert message.msg_id == str(number) and message.final
        ids = [node.text for node in root.iter(f"{windows.SYNCML}CmdID")]
        assert len(set(ids)) == len(ids) and "0" not in ids
        assert all(ref == str(number) for ref, *_ in message.statuses)
        seen += [c["locuri"] for c in message.commands if "/Area/" in c["locuri"]]
        if not message.commands:
            break
        number += 1
        reply = device.post(device.message(number, windows.answers(
            message.commands, message.msg_id, FACTS), "7F"))
    assert number > 3, "180 settings do not go in one message"
    assert len(seen) == 180 and len(set(seen)) == 180


@pytest.mark.parametrize("end", ["graceful", "killed"])
def test_a_session_survives_a_restart_of_the_server(world, end):
    world.add_policy()
    world.add_compliance()
    device, entra_id = world.join()
    first = device.post(device.package1())
    commands = windows.Commands(first).commands
    assert LOCK in [c["locuri"] for c in commands]
    if end == "killed":
        world.server.kill()
    else:
        assert world.server.stop() == 0
    world.server.start()
    # The client may have missed the answer, or not.
    assert device.post(device.package1()).body == first.body
    reply = windows.Commands(device.post(device.message(
        2, windows.answers(commands, "1", FACTS))))
    number = 2
    while reply.commands:
        number += 1
        reply = windows.Commands(device.post(device.message(
            number, windows.answers(reply.commands, reply.msg_id, FACTS))))
    row = world.device(entra_id)
    assert row["compliance_state"] == "compliant"
    found = world.server.items(f"devices/{row['id']}/commands?locuri={LOCK}")
    assert [(c["status"], c["state"]) for c in found] == [(200, "answered")]
    assert [s["end_reason"] for s in sessions(world, row["id"])] == ["final"]


def test_a_new_session_takes_up_what_an_old_one_left(world):
    device, entra_id = world.join()
    row = world.device(entra_id)
    world.server.api("POST", f"devices/{row['id']}/reboot")
    first = windows.Commands(device.post(device.package1("1")))
    assert REBOOT in [c["locuri"] for c in first.commands]
    second = windows.Commands(device.post(device.package1("2")))
    assert REBOOT in [c["locuri"] for c in second.commands]
    # The old session is over, and its numbers mean nothing in the new one.
    assert device.post(device.message(2, HEADER_OK, "1")).status == 400
    ended = {s["session_id"]: s["end_reason"] for s in sessions(world, row["id"])}
    assert ended["1"] == "replaced"


def test_a_client_that_refuses_our_header_ends_the_session(world):
    device, entra_id = world.join()
    device.post(device.package1())
    refusal = HEADER_OK.replace("200", "500")
    reply = windows.Commands(device.post(device.message(2, refusal)))
    assert reply.commands == []
    assert sessions(world, world.device(entra_id)["id"])[0]["end_reason"] == "abort"
    assert device.post(device.message(3, HEADER_OK)).status == 400


def test_status_214_stops_the_session_and_loses_nothing(world):
    device, entra_id = world.join()
    row = world.device(entra_id)
    world.server.api("POST", f"devices/{row['id']}/reboot")
    first = windows.Commands(device.post(device.package1()))
    statuses = {c["locuri"]: 214 for c in first.commands}
    reply = windows.Commands(device.post(device.message(
        2, windows.answers(first.commands, "1", statuses=statuses))))
    assert reply.commands == []
    assert REBOOT in [c["locuri"] for c in windows.run_session(device, "2", values=FACTS)]


def test_other_methods_and_paths_are_not_there(world):
    device, _ = world.join()
    url = f"{world.server.manage_url}/ManagementServer/MDM.svc"
    for method in ("GET", "PUT", "DELETE", "OPTIONS"):
        reply = windows.send(url, method, context=device.tls())
        assert reply.status == 405 and reply.headers["allow"] == "POST", method
    for path in ("/ManagementServer/", "/ManagementServer/MDM.svc/", "/api/v1/devices", "/metrics",
                 "/TermsOfUse"):
        assert windows.send(world.server.manage_url + path, "POST", b"x",
                            context=device.tls()).status == 404, path
