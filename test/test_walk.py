# SPDX-License-Identifier: Apache-2.0
"""The main job, end to end: a device joins, is managed, and its compliance reaches Graph."""

import hashlib

import pytest

import windows
from muster import wait_for
from world import FACTS

LOCK = "./Device/Vendor/MSFT/Policy/Config/DeviceLock/MaxInactivityTimeDeviceLock"


def test_a_device_joins_is_managed_and_reported(world):
    world.add_policy()
    world.add_compliance()
    device, entra_id = world.join()
    row = world.device(entra_id)
    assert row["enrollment_type"] == "device"
    assert row["user_principal_name"] == "anna@contoso.test"
    assert row["compliance_state"] == "unknown"
    assert device.certificate.subject.rfc4514_string() == f"CN={row['id']}"
    # Nothing is compliant because it enrolled.
    assert world.entra.device(entra_id)["isCompliant"] is not True

    sent = windows.run_session(device, values=FACTS)
    assert [c["data"] for c in sent if c["locuri"] == LOCK] == ["15"]
    row = world.device(entra_id)
    assert row["compliance_state"] == "compliant", row
    commands = world.server.items(f"devices/{row['id']}/commands?locuri={LOCK}")
    assert [(c["verb"], c["status"], c["state"]) for c in commands] == [("Replace", 200, "answered")]

    reported = wait_for(lambda: world.entra.device(entra_id)["isCompliant"], what="report to Graph")
    assert reported is True
    assert world.entra.device(entra_id)["isManaged"] is True
    assert wait_for(lambda: world.device(entra_id)["compliance_reported_at"])

    # The second session has nothing new to say about policy.
    sent = windows.run_session(device, session="2", values=FACTS)
    assert [c for c in sent if c["locuri"] == LOCK] == []


def test_a_policy_that_is_taken_away_is_deleted_on_the_device(world):
    policy = world.add_policy()
    device, _ = world.join()
    windows.run_session(device, values=FACTS)
    world.server.api("DELETE", f"policies/{policy['id']}")
    sent = windows.run_session(device, session="2", values=FACTS)
    assert [(c["verb"], c["locuri"]) for c in sent if c["locuri"] == LOCK] == [("Delete", LOCK)]
    assert [c for c in windows.run_session(device, session="3", values=FACTS)
            if c["locuri"] == LOCK] == []


def test_a_changed_policy_is_sent_once_more(world):
    policy = world.add_policy()
    device, _ = world.join()
    windows.run_session(device, values=FACTS)
    world.server.api("PATCH", f"policies/{policy['id']}",
                     {"settings": [{"locuri": LOCK, "format": "int", "data": "30"}]})
    sent = windows.run_session(device, session="2", values=FACTS)
    assert [c["data"] for c in sent if c["locuri"] == LOCK] == ["30"]


def test_a_device_that_stops_meeting_the_rules_is_reported(world):
    world.add_compliance([{"fact": "secure_boot", "operator": "eq", "value": "1"}])
    device, entra_id = world.join()
    windows.run_session(device, values=FACTS)
    wait_for(lambda: world.entra.device(entra_id)["isCompliant"] is True)
    rules = [{"fact": "os_version", "operator": "ge", "value": "10.0.99999"}]
    policy = world.server.items("compliance-policies")[0]
    world.server.api("PATCH", f"compliance-policies/{policy['id']}", {"rules": rules})
    wait_for(lambda: world.entra.device(entra_id)["isCompliant"] is False, 60)
    assert world.device(entra_id)["compliance_state"] == "noncompliant"
    assert "os_version" in world.device(entra_id)["compliance_reasons"][0]


def test_a_work_account_gets_a_user_certificate(world):
    device, entra_id = world.join(kind="Full")
    row = world.device(entra_id)
    assert row["enrollment_type"] == "full"
    windows.characteristic(device.document, "CertificateStore", "My", "User")
    with pytest.raises(StopIteration):
        windows.characteristic(device.document, "CertificateStore", "My", "System")


def test_unenrolment_takes_everything_back(world):
    world.add_compliance()
    device, entra_id = world.join()
    windows.run_session(device, values=FACTS)
    wait_for(lambda: world.entra.device(entra_id)["isManaged"] is True)
    identity = world.device(entra_id)["id"]
    alert = ('<Alert><CmdID>4</CmdID><Data>1226</Data><Item><Meta><Format xmlns="syncml:metinf">int'
             '</Format><Type xmlns="syncml:metinf">com.microsoft:mdm.unenrollment.userrequest</Type>'
             '<Mark xmlns="syncml:metinf">critical</Mark></Meta><Data>1</Data></Item></Alert>')
    assert windows.run_session(device, session="9", alerts=alert) == []
    row = world.server.api("GET", f"devices/{identity}")
    assert row["state"] == "retired"
    assert device.post(device.package1("A")).status == 403
    wait_for(lambda: world.entra.device(entra_id)["isManaged"] is False)
    assert world.entra.device(entra_id)["isCompliant"] is False


def test_the_same_request_again_gets_the_same_certificate(world):
    blob = windows.accept_terms(world.server, world.terms_token())
    token = world.enroll_token(world.new_device())
    key = windows.new_key()
    first = windows.enroll(world.server, token, blob, key=key, dm_device_id="A" * 32)
    again = windows.enroll(world.server, token, blob, key=key, dm_device_id="A" * 32)
    assert first.certificate_der == again.certificate_der
    other = windows.request_token(world.server, windows.jwt_security(token),
                                  windows.csr_der(windows.new_key()),
                                  windows.context(blob, device_id="A" * 32))
    assert windows.Fault(other).subcode == "s:Authorization"
    assert world.server.attempts(outcome="refused")[0]["reason"] == "token_used"


def test_enrolling_again_supersedes_the_device(world):
    device, entra_id = world.join()
    before = world.device(entra_id)["id"]
    windows.run_session(device, values=FACTS)
    again, _ = world.join(device=entra_id)
    assert world.device(entra_id)["id"] == before
    assert device.post(device.package1("5")).status == 403
    windows.run_session(again, session="1", values=FACTS)
    actions = [a["action"] for a in world.server.items(f"audit?object_id={before}")]
    assert "device.enroll_again" in actions and "device.enroll" in actions


def test_the_certificate_is_the_servers_own_profile(world):
    device, _ = world.join()
    certificate = device.certificate
    names = sorted(e.oid._name for e in certificate.extensions)
    assert names == ["authorityKeyIdentifier", "basicConstraints", "cRLDistributionPoints",
                     "extendedKeyUsage", "keyUsage", "subjectKeyIdentifier"]
    root = windows.characteristic(device.document, "CertificateStore", "Root", "System")
    der = windows.base64.b64decode(root[0][0].get("value"))
    assert hashlib.sha1(der).hexdigest().upper() == root[0].get("type")


def test_an_ordered_retirement_does_not_wait_for_the_device(world):
    """A lost device never comes back: Entra must not go on calling it compliant."""
    world.add_compliance()
    device, entra_id = world.join()
    windows.run_session(device, values=FACTS)
    wait_for(lambda: world.entra.device(entra_id)["isCompliant"] is True)
    world.server.api("POST", f"devices/{world.device(entra_id)['id']}/retire", {})
    wait_for(lambda: world.entra.device(entra_id)["isManaged"] is False)
    assert world.entra.device(entra_id)["isCompliant"] is False
    assert world.device(entra_id)["state"] == "enrolled"
