# SPDX-License-Identifier: Apache-2.0
"""`muster-device --join`: the simulated device in each of its five ways, from discovery to sessions,
against the server. How it bends and what it refuses is in test_sim_device.py."""

import json

from ways import WAYS, every


@every(WAYS)
def test_the_simulated_device_joins_renews_and_leaves(site, tmp_path, way):
    way = way(site)
    done = way.muster_device_enrolls(tmp_path)
    assert done.returncode == 0, (done.stdout, done.stderr)
    assert f"({way.kind})" in done.stdout
    row = way.device()
    assert (row["auth"], row["enrollment_type"]) == (way.auth, way.kind.lower())
    assert row["user_principal_name"].lower() == way.user.lower()
    state = json.loads((tmp_path / "pc" / "device.json").read_text())
    assert state["ent_dmid"] == row["id"] and state["is_enrolled"]

    way.tenant.add_policy()
    done = way.muster_device(tmp_path, "session")
    assert done.returncode == 0, (done.stdout, done.stderr)
    row = way.device()
    assert row["last_seen_at"] and row["os_version"]
    assert "DeviceLock/MaxInactivityTimeDeviceLock" in (tmp_path / "pc" / "tree.json").read_text()

    site.execute("UPDATE certificates SET not_before = not_before - 26784000, not_after = "
                 f"not_after - 26784000 WHERE tenant_id = '{way.tenant.tenant}'")
    done = way.muster_device(tmp_path, "renew")
    assert done.returncode == 0, (done.stdout, done.stderr)
    done = way.muster_device(tmp_path, "session")
    assert done.returncode == 0, (done.stdout, done.stderr)
    found = way.server.items(f"devices/{row['id']}/certificates")
    assert sorted(c["state"] for c in found) == ["active", "superseded"]

    done = way.muster_device(tmp_path, "unenroll")
    assert done.returncode == 0, (done.stdout, done.stderr)
    row = way.server.api("GET", f"devices/{row['id']}")
    assert (row["state"], row["retired_reason"]) == ("retired", "unenrolled")
