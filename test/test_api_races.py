# SPDX-License-Identifier: Apache-2.0
"""Administrators who change one thing at the same time, and what a change may not take with it."""

import hashlib
import itertools
import re
import uuid

import pytest

import windows
from muster import ApiError
from tenancy import parallel

GUID = "3f6c2a10-9b7e-4d51-8c0a-5e2d7f914b36"


def patch(server, path, body):
    """The status; 409 says that others were faster every time."""
    status, _, _ = server.api("PATCH", path, body, raw=True)
    assert status in (200, 409), status
    return status


def test_a_disabled_tenant_stays_disabled(world):
    """One administrator turns the tenant off while others change its domain."""
    path = f"tenants/{world.tenant}"
    for n in range(10):
        world.server.api("PATCH", path, {"enabled": True})
        calls = [lambda i=i: patch(world.server, path, {"domain": f"d{i}.test"}) for i in range(6)]
        calls.insert(3, lambda: patch(world.server, path, {"enabled": False}))
        statuses = parallel(calls)
        assert statuses.count(200) >= 1
        tenant = world.server.api("GET", path)
        if statuses[3] == 200:
            assert tenant["enabled"] is False, n


@pytest.mark.parametrize("kind", ["policies", "compliance-policies"])
def test_two_fields_of_a_policy_at_once(world, kind):
    made = world.add_policy() if kind == "policies" else world.add_compliance()
    path = f"{kind}/{made['id']}"
    tag = itertools.count()
    for _ in range(10):
        name, value = f"name {next(tag)}", f"tag-{next(tag)}"
        statuses = parallel([
            lambda: patch(world.server, path, {"name": name}),
            lambda: patch(world.server, path, {"assignments": [{"tag": value}]})])
        assert statuses == [200, 200]
        now = world.server.api("GET", path)
        assert (now["name"], now["assignments"]) == (name, [{"tag": value}])


@pytest.mark.parametrize("kind", ["policies", "compliance-policies"])
def test_tenant_of_a_policy(world, kind):
    bodies = {
        "policies": {"scope": "device", "settings": [{
            "locuri": "./Device/Vendor/MSFT/Policy/Config/DeviceLock/MaxInactivityTimeDeviceLock",
            "format": "int", "data": "15"}]},
        "compliance-policies": {"rules": [
            {"fact": "os_version", "operator": "ge", "value": "10.0.19045"}]},
    }
    body = bodies[kind] | {"name": "n", "assignments": [{"all": True}]}
    with pytest.raises(ApiError) as error:
        world.server.api("POST", kind, body | {"tenant_id": GUID})
    assert error.value.status == 422
    assert "no such tenant" in str(error.value.problem)
    made = world.server.api("POST", kind, body | {"tenant_id": world.tenant.upper()})
    assert made["tenant_id"] == world.tenant
    assert uuid.UUID(made["id"])


def unrecorded(server):
    text = server.metrics_get("/metrics")[1]
    return int(re.search(r"^muster_attempts_unrecorded_total (\d+)$", text, re.M)[1])


def test_attempts_of_nobody_have_a_rate(world):
    """Refused all the same, counted, and written down only up to a burst."""
    before = len(world.server.attempts())
    assert unrecorded(world.server) == 0
    connection = windows.http.client.HTTPSConnection(
        "127.0.0.1", world.server.public_port, context=world.server.tls(), timeout=60)
    path = windows.terms_url(world.server).removeprefix(world.server.public_url)
    for _ in range(1500):
        connection.request("GET", path)
        reply = connection.getresponse()
        reply.read()
        assert reply.status == 302
    connection.close()
    stored = len(world.server.attempts()) - before
    assert 1000 <= stored < 1500
    assert unrecorded(world.server) == 1500 - stored
    # one with a tenant is not among them
    blob = windows.accept_terms(world.server, world.terms_token())
    assert blob and world.server.attempts(outcome="ok", stage="terms")


def test_values_of_a_policy_are_for_administrators(site):
    """Not in the database, not for a reader; the same for an administrator and for the device."""
    tenant = site.tenant()
    secret = "wlan-passphrase-4711"
    settings = [{"locuri": "./Device/Vendor/MSFT/Policy/Config/Browser/HomePages",
                 "format": "chr", "data": secret}]
    made = tenant.add_policy(settings=settings)
    path = f"policies/{made['id']}"
    assert made["settings"] == settings
    assert site.server.api("GET", path)["settings"] == settings
    [(stored,)] = site.execute(f"SELECT settings FROM policies WHERE id = '{made['id']}'")
    assert "HomePages" in stored and secret not in stored
    reader = site.server.api("POST", "tokens", {"name": made["id"], "role": "reader"})["token"]
    shown = [site.server.api("GET", path, token=reader)]
    shown += [p for p in site.server.api("GET", f"policies?tenant_id={tenant.tenant}",
                                         token=reader)["items"]]
    for policy in shown:
        assert policy["settings"] == [{
            "locuri": settings[0]["locuri"], "format": "chr",
            "data_sha256": hashlib.sha256(secret.encode()).hexdigest()}]
    renamed = site.server.api("PATCH", path, {"name": "another"})
    assert renamed["settings"] == settings
    # a sealed value put under another node's name is no value of it
    site.execute("UPDATE policies SET settings = replace(settings, 'HomePages', 'Homepages')"
                 f" WHERE id = '{made['id']}'")
    status, _, _ = site.server.api("GET", path, raw=True)
    assert status == 500
    site.execute(f"DELETE FROM policies WHERE id = '{made['id']}'")


def test_the_first_administrator_is_in_the_audit(world):
    [token] = [t for t in world.server.items("tokens") if t["name"] == "first administrator"]
    [entry] = [e for e in world.server.items("audit") if e["object_id"] == token["id"]]
    assert (entry["actor"], entry["action"], entry["outcome"]) == ("server", "token.add", "ok")
    assert uuid.UUID(token["id"]).version == uuid.UUID(entry["id"]).version == 7
