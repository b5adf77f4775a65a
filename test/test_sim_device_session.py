# SPDX-License-Identifier: Apache-2.0
"""Management sessions of the simulated device, and what follows from them.

As in test_sim_device.py, the server breaks one rule at a time and the device must notice.
"""

import base64
import json
import os
import pathlib
import re
import xml.etree.ElementTree as ET

import pytest

from fake_mdm import fault
from sim_device import device, mdm, refuses, spare_key  # noqa: F401 (fixtures)

POLICY = "./Device/Vendor/MSFT/Policy/Config/DeviceLock/MaxInactivityTimeDeviceLock"


# sessions


def command(verb, uri, data=None, fmt="chr", number=10):
    meta = f'<Meta><Format xmlns="syncml:metinf">{fmt}</Format></Meta>' if data is not None else ""
    value = f"<Data>{data}</Data>" if data is not None else ""
    return (f"<{verb}><CmdID>{number}</CmdID><Item><Target><LocURI>{uri}</LocURI></Target>{meta}"
            f"{value}</Item></{verb}>")


def statuses(body):
    """(CmdRef, Cmd, TargetRef, code) in order."""
    out = []
    for text in re.findall(r"<Status>.*?</Status>", body):
        found = ET.fromstring(re.sub(r" msft:originalerror=\"[^\"]*\"", "", text))
        out.append((found.findtext("CmdRef"), found.findtext("Cmd"), found.findtext("TargetRef"),
                    found.findtext("Data")))
    return out


def test_a_session_applies_what_it_is_sent(device, mdm):
    device.enrolled()
    mdm.commands = [command("Replace", POLICY, "15", "int") +
                    command("Get", "./DevDetail/SwV", number=11)]
    done = device.session("--login", "none")
    assert done.returncode == 0, done.stderr
    assert f"Replace {POLICY} = 15: 200" in done.stdout
    assert device.tree()[POLICY] == {"format": "int", "data": "15"}
    first, second = [body for _, body in mdm.sent("sync")]
    assert statuses(second) == [("0", "SyncHdr", None, "200"), ("10", "Replace", None, "200"),
                                ("11", "Get", None, "200")]
    assert "<Source><LocURI>./DevDetail/SwV</LocURI></Source>" in second
    assert ">10.0.22631.4460</Data>" in second
    assert "<Data>none</Data>" in first
    assert mdm.client_certificates[-1] == der_of(device.dir / "certificate.pem")
    headers = mdm.sent("sync")[0][0]
    assert headers["user-agent"] == "MSFT OMA DM Client/1.2.0.1"
    assert headers["client-request-id"] == device.state()["ent_dmid"]
    assert "authorization" not in headers


def der_of(path):
    return base64.b64decode("".join(path.read_text().splitlines()[1:-1]))


def test_the_session_number_goes_on_and_message_numbers_begin_anew(device, mdm):
    device.enrolled()
    mdm.commands = [command("Get", "./DevDetail/SwV")]
    device.session()
    device.session()
    bodies = [body for _, body in mdm.sent("sync")]
    numbers = [re.search(r"<SessionID>(\d+)</SessionID><MsgID>(\d+)<", b).groups() for b in bodies]
    assert numbers == [("1", "1"), ("1", "2"), ("2", "1"), ("2", "2")]


def test_a_user_token_goes_into_header_and_alert(device, mdm, tmp_path):
    device.enrolled()
    (tmp_path / "user").write_text("a.b.c")
    mdm.commands = [command("Replace", "./User/Vendor/MSFT/Policy/Config/A/B", "1", "int")]
    assert device.session("--user-token-file", str(tmp_path / "user")).returncode == 0
    headers, body = mdm.sent("sync")[0]
    assert headers["authorization"] == "Bearer a.b.c"
    assert "com.microsoft/MDM/AADUserToken</Type></Meta><Data>a.b.c</Data>" in body
    assert "./User/Vendor/MSFT/Policy/Config/A/B" in device.tree()


APPLY_CASES = [
    # options, commands, statuses behind the header's
    ([], command("Get", "./Device/Vendor/MSFT/NoSuchThing/X"), ["404"]),
    ([], command("Get", "./Device/Vendor/MSFT/Policy/Config/A/B"), ["404"]),
    ([], command("Replace", "./Device/Vendor/MSFT/NoSuchThing/X", "1", "int"), ["404"]),
    ([], command("Replace", "./DevDetail/SwV", "1"), ["405"]),
    ([], command("Exec", POLICY), ["405"]),
    ([], command("Delete", POLICY), ["404"]),
    (["--login", "none"], command("Replace", "./User/Vendor/MSFT/Policy/Config/A/B", "1", "int"),
     ["405"]),
    ([], command("Replace", "./User/Vendor/MSFT/Policy/Config/A/B", "1", "int"), ["405"]),
    ([], command("Replace", POLICY, "fifteen", "int"), ["415"]),
    ([], command("Replace", "./Vendor/MSFT/DMClient/Provider/Fake/FirstSyncStatus/"
                            "BlockInStatusPage", "true", "bool"), ["405"]),
    ([], command("Replace", "./Vendor/MSFT/DMClient/Provider/Fake/FirstSyncStatus/"
                            "TimeOutUntilSyncFailure", "10800", "int"), ["405"]),
    ([], command("Add", POLICY, "1", "int") + command("Add", POLICY, "1", "int", 11),
     ["200", "418"]),
    (["--refuse", f"{POLICY}=500"], command("Replace", POLICY, "1", "int"), ["500"]),
    ([], command("Exec", "./Device/Vendor/MSFT/EnterpriseModernAppManagement/AppInstallation/P/"
                         "HostedInstall", "&lt;Application/&gt;", "xml"), ["404"]),
    ([], command("Add", "./Device/Vendor/MSFT/EnterpriseDesktopAppManagement/MSI/%7BX%7D/"
                        "DownloadInstall") +
     command("Exec", "./Device/Vendor/MSFT/EnterpriseDesktopAppManagement/MSI/%7BX%7D/"
                     "DownloadInstall", '<MsiInstallJob id="x"/>', "xml", 11), ["200", "202"]),
    ([], command("Exec", "./Device/Vendor/MSFT/Reboot/RebootNow"), ["200"]),
]


@pytest.mark.parametrize("options,commands,expected", APPLY_CASES,
                         ids=[str(i) for i in range(len(APPLY_CASES))])
def test_a_command_gets_the_status_of_windows(device, mdm, options, commands, expected):
    device.enrolled()
    mdm.commands = [commands]
    done = device.session(*options)
    assert done.returncode == 0, done.stderr
    assert [s[3] for s in statuses(mdm.sent("sync")[1][1])[1:]] == expected


def test_an_atomic_fails_as_a_whole(device, mdm):
    device.enrolled()
    mdm.commands = ["<Atomic><CmdID>9</CmdID>" + command("Replace", POLICY, "1", "int", 10) +
                    command("Replace", "./DevDetail/SwV", "1", number=11) +
                    command("Replace", POLICY + "2", "1", "int", 12) + "</Atomic>"]
    assert device.session().returncode == 0
    assert statuses(mdm.sent("sync")[1][1])[1:] == [
        ("9", "Atomic", None, "507"), ("10", "Replace", None, "216"),
        ("11", "Replace", None, "405"), ("12", "Replace", None, "216")]
    assert POLICY not in device.tree()


def test_items_that_end_differently_get_a_status_each(device, mdm):
    device.enrolled()
    mdm.commands = [f"<Delete><CmdID>10</CmdID><Item><Target><LocURI>{POLICY}</LocURI></Target>"
                    "</Item><Item><Target><LocURI>./DevDetail/SwV</LocURI></Target></Item></Delete>"]
    assert device.session().returncode == 0
    assert statuses(mdm.sent("sync")[1][1])[1:] == [("10", "Delete", POLICY, "404"),
                                                    ("10", "Delete", "./DevDetail/SwV", "405")]


def test_interior_nodes_and_whole_trees_can_be_read(device, mdm):
    device.enrolled()
    mdm.commands = [command("Get", "./DevInfo") +
                    command("Get", "./Vendor/MSFT/DeviceStatus/OS?list=StructData", number=11)]
    assert device.session().returncode == 0
    body = mdm.sent("sync")[1][1]
    assert "<Data>DevId/Man/Mod/DmV/Lang</Data>" in body
    assert body.count("<LocURI>./Vendor/MSFT/DeviceStatus/OS/") == 2


def test_facts_are_what_the_test_says(device, mdm):
    device.enrolled()
    mdm.commands = [command("Get", "./Vendor/MSFT/DeviceStatus/SecureBootState")]
    fact = "./Device/Vendor/MSFT/DeviceStatus/SecureBootState"
    assert device.session("--fact", f"{fact}=2").returncode == 0
    assert "<Data>2</Data></Item></Results>" in mdm.sent("sync")[1][1]
    assert device.session().returncode == 0
    assert "<Data>2</Data></Item></Results>" in mdm.sent("sync")[3][1]


def test_a_new_name_counts_after_a_reboot(device, mdm):
    device.enrolled()
    uri = "./DevDetail/Ext/Microsoft/DNSComputerName"
    mdm.commands = [command("Replace", uri, "PC-%SERIAL%-%RAND:3%")]
    assert device.session().returncode == 0
    before = device.state()
    assert before["name"].startswith("DESKTOP-")
    mdm.commands = [command("Exec", "./Device/Vendor/MSFT/Reboot/RebootNow")]
    assert device.session().returncode == 0
    assert re.fullmatch(rf"PC-{before['serial']}-[0-9]{{3}}", device.state()["name"])


def swap_statuses(body):
    found = re.findall(r"<Status>.*?</Status>", body)
    return body.replace(found[1] + found[2], found[2] + found[1])


GOOD = command("Replace", POLICY, "15", "int")
SYNC_CASES = [
    # what the server does wrong, what the device says
    (lambda b: b.replace("<MsgID>1<", "<MsgID>2<"), "MsgID"),
    (lambda b: b.replace("<SessionID>1<", "<SessionID>7<"), "SessionID"),
    (lambda b: b.replace("DM/1.2", "DM/1.1"), "VerProto"),
    (lambda b: re.sub(r"<Target><LocURI>[0-9A-F]{32}", "<Target><LocURI>X", b), "Target"),
    (lambda b: b.replace("/MDM.svc</LocURI></Source>", "/MDM</LocURI></Source>"), "Source"),
    (swap_statuses, "a Status for"),
    (lambda b: b.replace(re.findall(r"<Status>.*?</Status>", b)[0], ""), "SyncHdr"),
    (lambda b: b.replace(re.findall(r"<Status>.*?</Status>", b)[2], ""), "a Status for"),
    (lambda b: b.replace(re.findall(r"<Status>.*?</Status>", b)[3], ""), "no Status for"),
    (lambda b: b.replace("<CmdRef>3<", "<CmdRef>4<"), "a Status for"),
    (lambda b: b.replace("<MsgRef>1</MsgRef><CmdRef>2", "<MsgRef>2</MsgRef><CmdRef>2"),
     "a Status for"),
    (lambda b: b.replace("<Final/>", re.findall(r"<Status>.*?</Status>", b)[1].replace(
        "<CmdID>2<", "<CmdID>99<") + "<Final/>"), "nobody waits"),
    (lambda b: b.replace("<Final/>", ""), "no Final"),
    (lambda b: b.replace("<Final/>", "").replace("<Replace>", "<Final/><Replace>"), "after Final"),
    (lambda b: b.replace("<CmdID>10<", "<CmdID>1<"), "comes twice"),
    (lambda b: b.replace("<CmdID>10<", "<CmdID>0<"), "without a CmdID"),
    (lambda b: b.replace("<CmdID>10</CmdID>", ""), "without a CmdID"),
    (lambda b: b.replace("<Data>15</Data>", "<Data><![CDATA[15]]></Data>"), "CDATA"),
    (lambda b: b.replace(' xmlns="syncml:metinf"', ""), "namespace"),
    (lambda b: b.replace('"syncml:metinf"', '"syncml:metinfo"'), "namespace"),
    (lambda b: b.replace("SYNCML:SYNCML1.2", "SYNCML:SYNCML1.1"), "SyncML 1.2"),
    (lambda b: b.replace(">int<", ">integer<"), "Format"),
    (lambda b: b.replace(f"<LocURI>{POLICY}", "<LocURI>/Device/X"), "LocURI"),
    (lambda b: b.replace("/Policy/Config", "/Policy//Config"), "LocURI"),
    (lambda b: re.sub(r"(<Target><LocURI>\./Device.*?</Target>)(<Meta>.*?</Meta>)", r"\2\1", b),
     "may not stand there"),
    (lambda b: re.sub(r"<CmdID>10</CmdID>(<Item>.*</Item>)", r"\1<CmdID>10</CmdID>", b),
     "may not stand there"),
    (lambda b: b.replace("<Replace>", "<Copy>").replace("</Replace>", "</Copy>"),
     "may not stand there"),
    (lambda b: b.replace("<Data>15</Data>", "<Data>15</Data><MoreData/>"), "in parts"),
    (lambda b: b.replace("<VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto>",
                         "<VerProto>DM/1.2</VerProto><VerDTD>1.2</VerDTD>"), "may not stand there"),
    (lambda b: b.replace("<Item>", "").replace("</Item>", ""), "may not stand there"),
    (lambda b: b.replace("<Data>200</Data>", "<Data>401</Data>", 1), "status 401"),
    (lambda b: "<!DOCTYPE SyncML>" + b, "DOCTYPE"),
    (lambda b: b[:-3], "not XML"),
    (lambda b: "", "empty"),
]


@pytest.mark.parametrize("bend,sentence", SYNC_CASES,
                         ids=[f"{i}-{c[1]}" for i, c in enumerate(SYNC_CASES)])
def test_a_wrong_management_message_is_noticed(device, mdm, bend, sentence):
    device.enrolled()
    mdm.commands = [GOOD]

    def checked(body):
        bent = bend(body)
        assert bent != body, "the case bends nothing"
        return bent
    mdm.bend_sync = checked
    refuses(device.session(), sentence)
    assert len(mdm.sent("sync")) == 1


@pytest.mark.parametrize("bend,sentence", [
    (lambda r: setattr(r, "is_chunked", True), "chunked"),
    (lambda r: setattr(r, "content_type", "text/xml"), "Content-Type"),
    (lambda r: setattr(r, "status", 403), "HTTP 403"),
    (lambda r: setattr(r, "status", 503), "HTTP 503"),
], ids=["chunked", "type", "403", "503"])
def test_a_wrong_management_reply_is_noticed(device, mdm, bend, sentence):
    device.enrolled()
    mdm.bend["sync"] = bend
    refuses(device.session(), sentence)


def test_a_session_without_end_is_noticed(device, mdm):
    device.enrolled()
    mdm.commands = [command("Get", "./DevDetail/SwV")] * 500
    refuses(device.session(), "does not end")


# leaving


def test_the_user_disconnects(device, mdm):
    device.enrolled()
    done = device.run("unenroll")
    assert done.returncode == 0, done.stderr
    headers, body = mdm.sent("sync")[0]
    assert headers["mdm-genericalert"] == "<com.microsoft:mdm.unenrollment.userrequest>"
    assert re.findall(r"<Data>(1\d\d\d)</Data>", body) == ["1201", "1224", "1226"]
    assert ">critical</Mark></Meta><Data>1</Data>" in body
    state = device.state()
    assert not state["is_enrolled"] and state["device_id"]
    assert sorted(p.name for p in device.dir.iterdir()) == ["device.json"]
    refuses(device.session(), "not enrolled")
    device.enrolled()


def test_the_enrolment_goes_even_when_the_server_is_away(device, mdm):
    device.enrolled()
    mdm.bend["sync"] = lambda r: setattr(r, "status", 500)
    refuses(device.run("unenroll"), "HTTP 500")
    assert not device.state()["is_enrolled"]


def test_the_server_removes_the_enrolment(device, mdm):
    device.enrolled()
    mdm.commands = [command("Exec", "./Device/Vendor/MSFT/DMClient/Provider/Fake/Unenroll", "Fake")]
    done = device.session()
    assert done.returncode == 0, done.stderr
    assert not device.state()["is_enrolled"]
    bodies = [body for _, body in mdm.sent("sync")]
    # No Status for the Exec: a new session with the alert instead.
    assert len(bodies) == 2 and "<MsgID>1<" in bodies[1] and "<Data>1226</Data>" in bodies[1]


def test_a_wiped_device_is_gone(device, mdm):
    device.enrolled()
    mdm.commands = [command("Exec", "./Device/Vendor/MSFT/RemoteWipe/doWipe", "")]
    done = device.session()
    assert done.returncode == 0 and "wiped" in done.stdout
    refuses(device.session(), "wiped")
    assert not (device.dir / "key.pem").exists()


# renewal, schedule, load


def test_a_renewal_changes_key_and_certificate(device, mdm):
    device.enrolled()
    before = ((device.dir / "key.pem").read_text(), (device.dir / "certificate.pem").read_text())
    done = device.run("renew")
    assert done.returncode == 0, done.stderr
    after = ((device.dir / "key.pem").read_text(), (device.dir / "certificate.pem").read_text())
    assert before[0] != after[0] and before[1] != after[1]
    _, body = mdm.sent("request")[1]
    assert "/Renew</wst:RequestType>" in body and "#PKCS7" in body and "wsse:Security " not in body
    assert device.session().returncode == 0
    assert mdm.client_certificates[-1] == der_of(device.dir / "certificate.pem")


def test_a_refused_renewal_leaves_the_certificate(device, mdm):
    device.enrolled()
    before = (device.dir / "certificate.pem").read_text()
    mdm.bend["request"] = lambda r: fault(r, "s:EnrollmentServer", "NotEligibleToRenew")
    refuses(device.run("renew"), "NotEligibleToRenew", "0x80180016")
    assert (device.dir / "certificate.pem").read_text() == before
    assert device.session().returncode == 0


def test_a_device_follows_its_schedule(device, mdm):
    device.enrolled()
    done = device.run("run", "--time-scale", "600", "--sessions", "3", "--verbose")
    assert done.returncode == 0, done.stderr
    assert len(mdm.sent("sync")) == 3
    assert done.stdout.count("next session in 1 minutes") == 2


def test_a_schedule_set_in_a_session_counts(device, mdm):
    device.enrolled()
    uri = "./Vendor/MSFT/DMClient/Provider/Fake/Poll/IntervalForFirstSetOfRetries"
    mdm.commands = [command("Replace", uri, "7", "int")]
    done = device.run("run", "--time-scale", "6000", "--sessions", "2", "--verbose")
    assert done.returncode == 0, done.stderr
    assert "next session in 7 minutes" in done.stdout


def load(device, mdm, tmp_path, *options):
    (tmp_path / "control").write_text("x")
    (tmp_path / "users").write_text("anna@contoso.test\n\nbert@contoso.test\n")
    return device.run("load", "--discovery-url", f"{mdm.url}/EnrollmentServer/Discovery.svc",
                      "--terms-url", f"{mdm.url}/TermsOfUse", "--entra-control", mdm.control_url,
                      "--entra-token-file", str(tmp_path / "control"), "--tenant", "t", "--app",
                      "a", "--users-file", str(tmp_path / "users"), "--devices", "4",
                      "--concurrency", "2", "--json", *options)


def test_a_load_enrols_and_manages(device, mdm, tmp_path):
    mdm.commands = [GOOD]
    done = load(device, mdm, tmp_path, "--sessions", "2")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert [report[p]["count"] for p in ("terms", "enroll", "session")] == [4, 4, 8]
    assert report["messages"] == 16 and report["commands"] == 8 and report["errors"] == []
    assert report["keys_made"] == 4
    users = [json.loads(body).get("user") for _, body in mdm.sent("control")]
    assert users.count("anna@contoso.test") == users.count("bert@contoso.test") == 4
    for phase in ("terms", "enroll", "session"):
        row = report[phase]
        assert 0 < row["p50_ms"] <= row["p90_ms"] <= row["p99_ms"] <= row["max_ms"]
        assert row["per_second"] > 0
    again = json.loads(load(device, mdm, tmp_path).stdout)
    assert again["reused"] == 4 and again["enroll"]["count"] == 0 and again["keys_made"] == 0
    assert again["session"]["count"] == 4


def test_a_load_counts_errors_by_kind(device, mdm, tmp_path):
    mdm.bend["request"] = lambda r: fault(r, "s:Authorization", "DeviceCapReached")
    done = load(device, mdm, tmp_path)
    refuses(done, "4 steps failed")
    [row] = json.loads(done.stdout)["errors"]
    assert (row["phase"], row["kind"], row["code"], row["count"]) == (
        "enroll", "refused", "0x80180013", 4)


# the shape of real clients


def shape(data):
    """Element and attribute names in order, without values."""
    def walk(x):
        yield x.tag
        yield from sorted(x.keys())
        for child in x:
            yield from walk(child)
    return list(walk(ET.fromstring(data)))


@pytest.mark.skipif(not os.environ.get("MUSTER_CAPTURES"), reason="needs the captured messages")
def test_messages_have_the_shape_of_captured_ones(device, mdm, tmp_path):
    folder = pathlib.Path(os.environ["MUSTER_CAPTURES"])
    (tmp_path / "password").write_text("demo")
    mdm.auth_policy = "OnPremise"
    mdm.commands = [command("Replace", POLICY, "1", "int", 5) +
                    command("Replace", POLICY, "1", "int", 6)]
    done = device.run("enroll", "--join", "on-premises", "--user", "demo@mdmwindows.com",
                      "--password-file", str(tmp_path / "password"), "--discovery-url",
                      f"{mdm.url}/EnrollmentServer/Discovery.svc", "--os-version",
                      "10.0.19043.2364")
    assert done.returncode == 0, done.stderr
    assert device.session().returncode == 0
    for phase, index, capture in (("discover", 0, "03_req_discovery"),
                                  ("policy", 0, "05_req_getpolicies"),
                                  ("sync", 0, "09_req_syncml"), ("sync", 1, "11_req_syncml")):
        captured = (folder / f"marcosd4h-mdm_{capture}.wire-bytes.xml").read_bytes()
        assert shape(mdm.sent(phase)[index][1]) == shape(captured), capture
    captured = (folder / "marcosd4h-mdm_07_req_rst.wire-bytes.xml").read_text()
    captured = re.sub(r'(<ac:ContextItem Name="MAC">.*?</ac:ContextItem>)+',
                      '<ac:ContextItem Name="MAC"><ac:Value/></ac:ContextItem>', captured)
    ours = mdm.sent("request")[0][1]
    assert shape(ours) == shape(captured)
    names = re.compile(r'ContextItem Name="([^"]+)"')
    assert names.findall(ours) == names.findall(captured)
