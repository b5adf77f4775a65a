# SPDX-License-Identifier: Apache-2.0
"""The Graph half of muster-entra: devices, people, deltas, batches, credentials, limits, faults."""

import base64
import hashlib
import http.client
import json
import ssl
import threading
import time
import urllib.parse
import uuid

import pytest

from entra_sim import ControlError
from jose_util import b64url, make_certificate, sign


class World:
    """A tenant with an approved MDM application, and its Graph token."""

    def __init__(self, entra):
        self.entra = entra
        self.tenant = entra.add_tenant(domain="contoso.test")
        self.app = entra.add_app(self.tenant)
        self.secret = entra.add_secret(self.app)
        self.token = entra.graph_token(self.tenant, self.app, self.secret)

    def graph(self, path, method="GET", body=None, **kwargs):
        return self.entra.graph(self.token, path, method=method, body=body, **kwargs)

    def renew(self):
        self.token = self.entra.graph_token(self.tenant, self.app, self.secret)

    def roles(self, *roles):
        self.entra.control("PATCH", f"apps/{self.app}", {"roles": list(roles)})
        self.renew()

    def batch(self, *items, **kwargs):
        return self.graph("/$batch", "POST", {"requests": list(items)}, **kwargs)


@pytest.fixture
def world(entra):
    return World(entra)


def refused_with(answer, status, code):
    assert (answer.status, answer.json()["error"]["code"]) == (status, code)
    assert answer.json()["error"]["innerError"]["request-id"]


def report(managed=True, compliant=True):
    return {"isManaged": managed, "isCompliant": compliant}


# --- tokens


def test_token_is_needed(world):
    entra = world.entra
    for headers in [{}, {"Authorization": "Basic eDp5"}, {"Authorization": "Bearer a.b.c"}]:
        answer = entra.graph(None, "/devices", headers=headers)
        refused_with(answer, 401, "InvalidAuthenticationToken")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_only_own_graph_tokens_are_good(world):
    entra = world.entra
    user = entra.add_user(world.tenant, "ann@contoso.test")
    good = entra.mint("graph", tenant=world.tenant, clientApp=world.app)
    assert entra.graph(good, "/devices").status == 200
    other = entra.mint("graph", tenant=world.tenant, clientApp=world.app,
                       overrides={"aud": "https://graph.microsoft.com"})
    wrong = [entra.mint(world.app, user=user), other,
             entra.mint("graph", tenant=world.tenant, clientApp=world.app, key="current"),
             entra.mint("graph", tenant=world.tenant, clientApp=world.app, tamper="signature"),
             entra.mint("graph", tenant=world.tenant, clientApp=world.app, alg="none"),
             entra.mint("graph", tenant=world.tenant, clientApp=world.app,
                        headerOverrides={"nonce": None})]
    for token in wrong:
        refused_with(entra.graph(token, "/devices"), 401, "InvalidAuthenticationToken")


def test_token_expires(world):
    world.entra.clock(5400)
    refused_with(world.graph("/devices"), 401, "InvalidAuthenticationToken")
    world.renew()
    assert world.graph("/devices").status == 200


def test_revoked_consent_ends_the_token(world):
    world.entra.control("DELETE", f"consents/{world.tenant}/{world.app}")
    refused_with(world.graph("/devices"), 401, "Authorization_IdentityNotFound")


@pytest.mark.parametrize("roles, path, method, body, status", [
    (["Device.Read.All"], "/devices(deviceId='{d}')", "GET", None, 200),
    (["Device.Read.All"], "/devices(deviceId='{d}')", "PATCH", report(), 403),
    (["Device.ReadWrite.All"], "/devices(deviceId='{d}')", "PATCH", report(), 204),
    (["Directory.ReadWrite.All"], "/devices(deviceId='{d}')", "PATCH", report(), 204),
    (["User.Read.All"], "/devices", "GET", None, 403),
    ([], "/users/{u}", "GET", None, 403),
    (["User.Read.All"], "/users/{u}/getMemberGroups", "POST", {"securityEnabledOnly": True}, 403),
    (["GroupMember.Read.All"], "/users/{u}/getMemberGroups", "POST",
     {"securityEnabledOnly": True}, 403),
    (["User.Read.All", "GroupMember.Read.All"], "/users/{u}/getMemberGroups", "POST",
     {"securityEnabledOnly": True}, 200),
    (["Directory.Read.All"], "/users/{u}/getMemberGroups", "POST",
     {"securityEnabledOnly": True}, 200),
])
def test_permissions(world, roles, path, method, body, status):
    device = world.entra.add_device(world.tenant)
    user = world.entra.add_user(world.tenant, "ann@contoso.test")
    world.roles(*roles)
    answer = world.graph(path.replace("{d}", device).replace("{u}", user), method, body)
    assert answer.status == status
    if status == 403:
        refused_with(answer, 403, "Authorization_RequestDenied")


# --- devices


def test_device_by_both_ids_and_never_crossed(world):
    device_id = world.entra.add_device(world.tenant, displayName="PC-1")
    object_id = world.entra.device(device_id)["id"]
    by_key = world.graph(f"/devices(deviceId='{device_id}')").json()
    by_id = world.graph(f"/devices/{object_id}").json()
    assert by_key == by_id
    assert by_id["displayName"] == "PC-1" and by_id["deviceId"] == device_id
    assert by_id["isManaged"] is None and by_id["isCompliant"] is None
    refused_with(world.graph(f"/devices/{device_id}"), 404, "Request_ResourceNotFound")
    refused_with(world.graph(f"/devices(deviceId='{object_id}')"), 404,
                 "Request_ResourceNotFound")
    refused_with(world.graph("/devices/not-a-guid"), 400, "Request_BadRequest")


def test_device_key_may_be_percent_encoded(world):
    device_id = world.entra.add_device(world.tenant)
    path = urllib.parse.quote(f"/devices(deviceId='{device_id}')", safe="/")
    assert world.graph(path).json()["deviceId"] == device_id


def test_select_filter_and_pages(world):
    ids = [world.entra.add_device(world.tenant, displayName=f"PC-{i}") for i in range(5)]
    assert world.graph(f"/devices(deviceId='{ids[0]}')?$select=id,isCompliant").json().keys() == \
        {"@odata.context", "id", "isCompliant"}
    found = world.graph(f"/devices?$filter=deviceId%20eq%20'{ids[3]}'").json()["value"]
    assert [device["deviceId"] for device in found] == [ids[3]]
    found = world.graph("/devices?$filter=startswith(displayName,'PC-')&$count=true").json()
    assert found["@odata.count"] == 5
    seen, url = [], "/devices?$top=2&$select=deviceId"
    while url:
        page = world.graph(url).json()
        assert len(page["value"]) <= 2
        seen += [device["deviceId"] for device in page["value"]]
        url = page.get("@odata.nextLink", "")
        assert not url or url.startswith(world.entra.graph_url + "/v1.0/devices?")
        url = url[len(world.entra.graph_url + "/v1.0"):]
    assert seen == ids


@pytest.mark.parametrize("query", [
    "$select=colour", "$filter=deviceId%20ne%20'x'", "$filter=colour%20eq%20'x'", "$top=0",
    "$top=1000", "$top=x", "$skiptoken=AAAA", "$expand=owners", "$select=id&$select=id",
    "$filter=deviceId%20eq%20x"])
def test_queries_that_are_refused(world, query):
    answer = world.graph("/devices?" + query)
    assert answer.status == 400
    assert answer.json()["error"]["code"] in ("Request_BadRequest", "Request_UnsupportedQuery")


def test_report_compliance(world):
    device_id = world.entra.add_device(world.tenant)
    answer = world.graph(f"/devices(deviceId='{device_id}')", "PATCH", report(True, False))
    assert answer.status == 204 and answer.body == b""
    device = world.entra.device(device_id)
    assert device["isManaged"] is True and device["isCompliant"] is False
    assert device["mdmAppId"] == world.app and device["writes"] == 1 and device["writtenAt"]
    assert world.graph(f"/devices/{device['id']}", "PATCH", {"isCompliant": True}).status == 204
    assert world.entra.device(device_id)["isCompliant"] is True
    assert world.entra.device(device_id)["writes"] == 2


@pytest.mark.parametrize("body", [
    {"isCompliant": "true"}, {"isCompliant": 1}, {"isManaged": None}, {"compliant": True},
    {"isManaged": True, "displayName": "x"}, {"extensionAttributes": {"extensionAttribute16": "x"}},
    {"extensionAttributes": {"extensionAttribute1": 1}}, {"extensionAttributes": []}, []])
def test_bad_changes_change_nothing(world, body):
    device_id = world.entra.add_device(world.tenant)
    refused_with(world.graph(f"/devices(deviceId='{device_id}')", "PATCH", body),
                 400, "Request_BadRequest")
    assert world.entra.device(device_id)["writes"] == 0


def test_change_needs_json(world):
    device_id = world.entra.add_device(world.tenant)
    url = f"/devices(deviceId='{device_id}')"
    assert world.graph(url, "PATCH", headers={"Content-Type": "application/json"}).status == 400
    answer = world.graph(url, "PATCH", report(), headers={"Content-Type": "text/plain"})
    assert answer.status == 415
    assert world.entra.device(device_id)["writes"] == 0


def test_windows_only_except_for_extension_attributes(world):
    device_id = world.entra.add_device(world.tenant, operatingSystem="iOS")
    url = f"/devices(deviceId='{device_id}')"
    answer = world.graph(url, "PATCH", report())
    refused_with(answer, 400, "Request_BadRequest")
    assert "only on windows devices" in answer.json()["error"]["message"]
    body = {"extensionAttributes": {"extensionAttribute3": "blue"}}
    assert world.graph(url, "PATCH", body).status == 204
    assert world.graph(url).json()["extensionAttributes"]["extensionAttribute3"] == "blue"
    assert world.entra.device(device_id)["mdmAppId"] is None


def test_approved_mdm_apps_only(world):
    device_id = world.entra.add_device(world.tenant)
    world.entra.control("PATCH", f"apps/{world.app}", {"approvedMdm": False})
    refused_with(world.graph(f"/devices(deviceId='{device_id}')", "PATCH", report()),
                 403, "Authorization_RequestDenied")
    assert world.entra.device(device_id)["isManaged"] is None


def test_devices_of_another_tenant_do_not_exist(world):
    other = world.entra.add_tenant(domain="other.test")
    device_id = world.entra.add_device(other)
    for method, body in [("GET", None), ("PATCH", report())]:
        refused_with(world.graph(f"/devices(deviceId='{device_id}')", method, body),
                     404, "Request_ResourceNotFound")
    assert world.entra.device(device_id)["writes"] == 0
    assert world.graph("/devices").json()["value"] == []


def test_replication_lag(world):
    device_id = world.entra.add_device(world.tenant, visibleIn=600)
    url = f"/devices(deviceId='{device_id}')"
    refused_with(world.graph(url, "PATCH", report()), 404, "Request_ResourceNotFound")
    assert world.graph("/devices").json()["value"] == []
    world.entra.clock(601)
    assert world.graph(url, "PATCH", report()).status == 204


def test_unknown_addresses_and_methods(world):
    refused_with(world.graph("/me"), 400, "Request_BadRequest")
    refused_with(world.graph("/devices", version="/v2.0"), 400, "Request_BadRequest")
    refused_with(world.graph("/devices", "PATCH", report()), 405, "Request_BadRequest")
    assert world.graph("/devices", version="/beta").status == 200


def test_client_request_id_comes_back(world):
    wanted = str(uuid.uuid4())
    answer = world.graph("/me", headers={"client-request-id": wanted})
    assert answer.json()["error"]["innerError"]["client-request-id"] == wanted
    assert world.entra.log(listener="graph")[-1]["clientRequestId"] == wanted


# --- users and groups


@pytest.fixture
def people(world):
    user = world.entra.add_user(world.tenant, "ann@contoso.test", displayName="Ann")
    inner = world.entra.add_group(world.tenant, "inner", members=[user])
    outer = world.entra.add_group(world.tenant, "outer", members=[inner])
    mail = world.entra.add_group(world.tenant, "mail", members=[outer], securityEnabled=False)
    world.entra.add_group(world.tenant, "elsewhere")
    return user, inner, outer, mail


def test_user(world, people):
    user = world.graph("/users/ann%40contoso.test").json()
    assert user["id"] == people[0] and user["displayName"] == "Ann"
    refused_with(world.graph(f"/users/{uuid.uuid4()}"), 404, "Request_ResourceNotFound")


def test_member_groups_are_transitive(world, people):
    user, inner, outer, mail = people
    path = f"/users/{user}/getMemberGroups"
    answer = world.graph(path, "POST", {"securityEnabledOnly": True}).json()
    assert sorted(answer["value"]) == sorted([inner, outer])
    answer = world.graph(path, "POST", {"securityEnabledOnly": False}).json()
    assert sorted(answer["value"]) == sorted([inner, outer, mail])
    for body in [{}, {"securityEnabledOnly": "yes"}]:
        refused_with(world.graph(path, "POST", body), 400, "Request_BadRequest")
    answer = world.graph(f"/users/{user}/checkMemberGroups", "POST",
                         {"groupIds": [outer, str(uuid.uuid4())]}).json()
    assert answer["value"] == [outer]


def test_groups_in_a_circle_end(world, people):
    user, inner, outer, mail = people
    world.entra.control("POST", f"groups/{inner}/members", {"id": mail})
    answer = world.graph(f"/users/{user}/getMemberGroups", "POST", {"securityEnabledOnly": False})
    assert sorted(answer.json()["value"]) == sorted([inner, outer, mail])


def test_cast_is_an_advanced_query(world, people):
    user, inner, outer, mail = people
    path = f"/users/{user}/transitiveMemberOf/microsoft.graph.group"
    refused_with(world.graph(path), 400, "Request_UnsupportedQuery")
    refused_with(world.graph(path + "?$count=true"), 400, "Request_UnsupportedQuery")
    answer = world.graph(path + "?$count=true&$select=id&$top=2",
                         headers={"ConsistencyLevel": "eventual"}).json()
    assert answer["@odata.count"] == 3 and len(answer["value"]) == 2
    assert "$skiptoken=" in answer["@odata.nextLink"]
    answer = world.graph(f"/users/{user}/transitiveMemberOf").json()
    assert {group["id"] for group in answer["value"]} == {inner, outer, mail}


def test_group_and_members(world, people):
    user, inner, outer, _ = people
    assert world.graph(f"/groups/{inner}").json()["displayName"] == "inner"
    assert [row["id"] for row in world.graph(f"/groups/{outer}/members").json()["value"]] == [inner]
    world.entra.control("DELETE", f"groups/{inner}/members/{user}")
    assert world.graph(f"/groups/{inner}/members").json()["value"] == []
    answer = world.graph(f"/users/{user}/getMemberGroups", "POST", {"securityEnabledOnly": False})
    assert answer.json()["value"] == []


# --- deltas


def follow(world, url):
    """All pages of a delta round: its objects and the delta link."""
    rows = []
    prefix = world.entra.graph_url + "/v1.0"
    while True:
        page = world.graph(url).json()
        rows += page["value"]
        link = page.get("@odata.nextLink")
        if not link:
            return rows, page["@odata.deltaLink"][len(prefix):]
        url = link[len(prefix):]


def test_device_delta(world):
    world.entra.settings(pageSize=2)
    ids = [world.entra.add_device(world.tenant) for _ in range(5)]
    rows, link = follow(world, "/devices/delta?$select=deviceId")
    assert sorted(row["deviceId"] for row in rows) == sorted(ids)
    assert all(set(row) == {"id", "deviceId"} for row in rows)
    assert follow(world, link)[0] == []
    gone = world.entra.device(ids[0])["id"]
    world.entra.control("DELETE", f"devices/{ids[0]}")
    world.graph(f"/devices(deviceId='{ids[1]}')", "PATCH", report())
    rows, _ = follow(world, link)
    assert {"id": gone, "@removed": {"reason": "deleted"}} in rows
    assert [row["deviceId"] for row in rows if "deviceId" in row] == [ids[1]]
    assert len(rows) == 2


def test_group_delta_tells_members(world, people):
    user, inner, _, _ = people
    rows, link = follow(world, "/groups/delta?$select=displayName,members")
    members = {row["displayName"]: row["members@delta"] for row in rows}
    assert members["inner"] == [{"id": user}]
    world.entra.control("DELETE", f"groups/{inner}/members/{user}")
    rows, _ = follow(world, link)
    assert [row["members@delta"] for row in rows] == \
        [[{"id": user, "@removed": {"reason": "deleted"}}]]


def test_delta_from_now_on(world, people):
    rows, link = follow(world, "/users/delta?$deltaToken=latest")
    assert rows == []
    new = world.entra.add_user(world.tenant, "bob@contoso.test")
    assert [row["id"] for row in follow(world, link)[0]] == [new]


def test_delta_tokens_age_and_are_bound(world, people):
    _, link = follow(world, "/users/delta")
    answer = world.graph(link.replace("/users/", "/groups/"))
    refused_with(answer, 400, "Request_BadRequest")
    refused_with(world.graph("/users/delta?$deltatoken=AAAA"), 400, "Request_BadRequest")
    refused_with(world.graph("/users/delta?$top=5"), 400, "Request_UnsupportedQuery")
    world.entra.control("POST", "delta/expire")
    answer = world.graph(link)
    refused_with(answer, 410, "syncStateNotFound")
    assert answer.headers["Location"] == world.entra.graph_url + "/v1.0/users/delta"
    _, link = follow(world, "/users/delta")
    world.entra.clock(8 * 86400)
    world.renew()
    refused_with(world.graph(link), 410, "syncStateNotFound")


# --- batches


def item(name, device_id, compliant=True, **more):
    return {"id": name, "method": "PATCH", "url": f"/devices(deviceId='{device_id}')",
            "headers": {"Content-Type": "application/json"},
            "body": {"isCompliant": compliant}, **more}


def test_batch_of_twenty_comes_back_in_any_order(world):
    ids = [world.entra.add_device(world.tenant) for _ in range(20)]
    items = [item(str(i), device_id) for i, device_id in enumerate(ids)]
    orders = set()
    for _ in range(5):
        answer = world.batch(*items).json()["responses"]
        orders.add(tuple(row["id"] for row in answer))
        assert {row["status"] for row in answer} == {204}
        assert all("body" not in row for row in answer)
    assert len(orders) > 1
    assert all(world.entra.device(device_id)["writes"] == 5 for device_id in ids)
    rows = world.entra.log(listener="graph")
    assert sum(row["item"] for row in rows) == 100


@pytest.mark.parametrize("change, code", [
    (lambda items: items + [dict(items[0], id="21")], "MaximumValueExceeded"),
    (lambda items: items[:1] + [dict(items[1], id="X0")], "Request_BadRequest"),
    (lambda items: [], "Request_BadRequest"),
    (lambda items: [dict(items[0], headers={})], "Request_BadRequest"),
    (lambda items: [dict(items[0], id="")], "Request_BadRequest"),
    (lambda items: [dict(items[0], method="BREW")], "Request_BadRequest"),
    (lambda items: [dict(items[0], dependsOn=["x1"]), items[1]], "Request_BadRequest"),
])
def test_batches_that_are_refused_as_a_whole(world, change, code):
    device_id = world.entra.add_device(world.tenant)
    items = [item(f"x{i}", device_id) for i in range(20)]
    refused_with(world.batch(*change(items)), 400, code)
    assert world.entra.device(device_id)["writes"] == 0


def test_batch_items_fail_alone(world):
    device_id = world.entra.add_device(world.tenant)
    rows = world.batch(
        item("good", device_id), item("gone", str(uuid.uuid4())),
        {"id": "read", "method": "GET", "url": f"devices(deviceId='{device_id}')?$select=id"},
        {"id": "versioned", "method": "GET", "url": "/v1.0/devices"},
        {"id": "nested", "method": "POST", "url": "/$batch",
         "headers": {"Content-Type": "application/json"}, "body": {"requests": []}},
        item("after", device_id, dependsOn=["gone"])).json()["responses"]
    status = {row["id"]: row["status"] for row in rows}
    assert status == {"good": 204, "gone": 404, "read": 200, "versioned": 400, "nested": 400,
                      "after": 424}
    assert world.entra.device(device_id)["writes"] == 1


def test_batch_needs_a_token_as_a_whole(world):
    answer = world.entra.graph(None, "/$batch", method="POST", body={"requests": []})
    refused_with(answer, 401, "InvalidAuthenticationToken")


def test_item_faults_spare_the_batch(world):
    ids = [world.entra.add_device(world.tenant) for _ in range(2)]
    world.entra.fault("status", status=429, retryAfter=3, item=True, path=ids[0], count=1)
    items = [item(device_id, device_id) for device_id in ids]
    answer = world.batch(*items)
    rows = {row["id"]: row for row in answer.json()["responses"]}
    assert answer.status == 200 and rows[ids[1]]["status"] == 204
    assert rows[ids[0]]["status"] == 429 and rows[ids[0]]["headers"]["Retry-After"] == "3"
    assert rows[ids[0]]["body"]["error"]["code"] == "TooManyRequests"
    world.batch(item("again", ids[1]))
    assert world.entra.violations()["retryAfter"] == 0
    world.batch(item("again", ids[0]))
    assert world.entra.violations()["retryAfter"] == 1


# --- credentials and the mobility policy


def test_password_rollover(world):
    entra = world.entra
    path = f"/applications(appId='{world.app}')/addPassword"
    refused_with(world.graph(path, "POST", {}), 403, "Authorization_RequestDenied")
    world.roles("Application.ReadWrite.OwnedBy")
    made = world.graph(path, "POST", {"passwordCredential": {"displayName": "two"}}).json()
    assert made["hint"] == made["secretText"][:3] and made["displayName"] == "two"
    assert entra.graph_token(world.tenant, world.app, made["secretText"])
    remove = f"/applications(appId='{world.app}')/removePassword"
    assert world.graph(remove, "POST", {"keyId": made["keyId"]}).status == 204
    with pytest.raises(ControlError):
        entra.graph_token(world.tenant, world.app, made["secretText"])
    refused_with(world.graph(remove, "POST", {"keyId": made["keyId"]}), 400, "Request_BadRequest")
    stranger = entra.add_app(world.tenant)
    refused_with(world.graph(f"/applications(appId='{stranger}')/addPassword", "POST", {}),
                 403, "Authorization_RequestDenied")


def test_key_rollover_by_proof(world):
    entra, old, new = world.entra, make_certificate(), make_certificate()
    entra.add_cert(world.app, old.pem)
    object_id = entra.control("GET", f"apps/{world.app}")["objectId"]
    world.roles()

    def proof(signer, **changes):
        now = int(time.time())
        header = {"alg": "RS256", "typ": "JWT", "x5t": b64url(hashlib.sha1(signer.der).digest())}
        claims = {"aud": "00000002-0000-0000-c000-000000000000", "iss": object_id, "nbf": now,
                  "exp": now + 600}
        return sign(signer, header, {**claims, **changes}, "RS256")

    def add(text):
        return world.graph(f"/applications/{object_id}/addKey", "POST", {
            "keyCredential": {"type": "AsymmetricX509Cert", "usage": "Verify",
                              "key": base64.b64encode(new.der).decode()},
            "passwordCredential": None, "proof": text})

    for bad in [proof(new), proof(old, aud="x"), proof(old, iss=world.app), "x",
                proof(old, exp=int(time.time()) + 900), proof(old)[:-8]]:
        refused_with(add(bad), 400, "Request_BadRequest")
    made = add(proof(old)).json()
    assert made["type"] == "AsymmetricX509Cert"
    answer = world.graph(f"/applications/{object_id}/removeKey", "POST",
                         {"keyId": made["keyId"], "proof": proof(new)})
    assert answer.status == 204


def test_mobility_policy_is_for_administrators(world):
    entra = world.entra
    admin = entra.add_user(world.tenant, "admin@contoso.test")
    object_id = entra.control("GET", f"apps/{world.app}")["objectId"]
    path = f"/policies/mobileDeviceManagementPolicies/{object_id}"
    refused_with(world.graph(path), 403, "Authorization_RequestDenied")
    delegated = entra.mint("graph", tenant=world.tenant, user=admin, clientApp=world.app,
                           scp="Policy.ReadWrite.MobilityManagement")
    change = {"discoveryUrl": "https://mdm.contoso.test/EnrollmentServer/Discovery.svc"}
    assert entra.graph(delegated, path, method="PATCH", body=change).status == 204
    policy = entra.graph(delegated, path).json()
    assert policy["discoveryUrl"] == change["discoveryUrl"] and policy["appliesTo"] == "none"
    both = {"appliesTo": "all", "complianceUrl": "https://x"}
    assert entra.graph(delegated, path, method="PATCH", body=both).status == 400
    assert entra.graph(delegated, path, method="PATCH", body={"appliesTo": "all"}).status == 204


# --- limits, faults, log


def test_token_bucket_and_retry_after(world):
    world.entra.limits(writes=(3, 3))
    device_id = world.entra.add_device(world.tenant)
    url = f"/devices(deviceId='{device_id}')"
    answers = [world.graph(url, "PATCH", report()) for _ in range(4)]
    assert [answer.status for answer in answers[:3]] == [204, 204, 204]
    refused_with(answers[3], 429, "TooManyRequests")
    assert answers[3].headers["x-ms-throttle-scope"] == \
        f"Tenant_Application/ReadWrite/{world.app}/{world.tenant}"
    wait = int(answers[3].headers["Retry-After"])
    assert 1 <= wait <= 2
    time.sleep(0.6)
    world.graph(url)
    assert world.entra.violations()["retryAfter"] == 1
    time.sleep(wait)
    assert world.graph(url, "PATCH", report()).status == 204
    assert world.entra.violations()["retryAfter"] == 1


def test_limits_are_for_each_tenant(world):
    world.entra.limits(requests=(1, 3600))
    assert world.graph("/devices").status == 200
    assert world.graph("/devices").status == 429
    other = World(world.entra)
    assert other.graph("/devices").status == 200


@pytest.mark.parametrize("status, code", [
    (429, "TooManyRequests"), (500, "generalException"), (502, "UnknownError"),
    (503, "serviceNotAvailable"), (504, "UnknownError"), (401, "InvalidAuthenticationToken")])
def test_status_faults_count_down(world, status, code):
    world.entra.fault("status", status=status, path="^/v1.0/devices", count=2)
    for _ in range(2):
        answer = world.graph("/devices")
        refused_with(answer, status, code)
        assert answer.headers["Retry-After"] is None
    assert world.graph("/devices").status == 200


def test_fault_with_retry_after_is_watched(world):
    world.entra.fault("status", status=503, retryAfter=1, count=1)
    assert world.graph("/devices").headers["Retry-After"] == "1"
    assert world.graph("/users").status == 200
    assert world.entra.violations()["count"] == 0
    world.graph("/devices")
    assert world.entra.violations()["retryAfter"] == 1
    time.sleep(1)
    world.graph("/devices")
    assert world.entra.violations()["retryAfter"] == 1


def test_faults_choose_by_place(world):
    other = World(world.entra)
    world.entra.fault("status", status=500, tenant=world.tenant, listener="graph", method="PATCH")
    device_id = world.entra.add_device(world.tenant)
    url = f"/devices(deviceId='{device_id}')"
    assert world.graph(url).status == 200
    assert world.graph(url, "PATCH", report()).status == 500
    assert other.graph(url, "PATCH", report()).status == 404
    assert world.entra.device(device_id)["writes"] == 0
    world.entra.clear_faults()
    assert world.graph(url, "PATCH", report()).status == 204


def test_probability(world):
    world.entra.fault("status", status=500, probability=0.5)
    seen = {world.graph("/devices").status for _ in range(40)}
    assert seen == {200, 500}


@pytest.mark.parametrize("kind", ["reset", "drop"])
@pytest.mark.parametrize("applied", [False, True])
def test_lost_connections(world, kind, applied):
    device_id = world.entra.add_device(world.tenant)
    url = f"/devices(deviceId='{device_id}')"
    world.entra.fault(kind, applied=applied, count=1)
    with pytest.raises((http.client.IncompleteRead, http.client.RemoteDisconnected,
                        http.client.BadStatusLine, ConnectionError, ssl.SSLError)):
        world.graph(url, "PATCH", report())
    assert world.entra.device(device_id)["writes"] == int(applied)
    assert world.graph(url, "PATCH", report()).status == 204


def test_reset_is_in_the_middle_of_the_body(world):
    world.entra.fault("reset", applied=True, count=1)
    with pytest.raises(http.client.IncompleteRead) as cut:
        world.graph("/devices")
    assert cut.value.expected > 0 and len(cut.value.partial) > 0


def test_spoilt_answers(world):
    entra = world.entra
    world.entra.fault("truncate", count=1)
    with pytest.raises(json.JSONDecodeError):
        world.graph("/devices").json()
    entra.fault("content-type", count=1)
    answer = world.graph("/devices")
    assert answer.headers["Content-Type"] == "text/html" and answer.json()["value"] == []
    entra.fault("not-json", count=1)
    assert world.graph("/devices").body.startswith(b"<html>")
    entra.fault("redirect", location="https://elsewhere.example/x", count=1)
    answer = world.graph("/devices")
    assert answer.status == 302 and answer.headers["Location"] == "https://elsewhere.example/x"
    entra.fault("huge", count=1)
    assert len(world.graph("/devices").body) > 10 * 1024 * 1024
    entra.fault("slow", delayMs=700, count=1)
    begin = time.monotonic()
    assert world.graph("/devices").status == 200
    assert time.monotonic() - begin >= 0.7


def test_slow_requests_do_not_hold_others(world):
    world.entra.fault("slow", delayMs=1500, count=3)
    slow = [threading.Thread(target=world.graph, args=("/devices",)) for _ in range(3)]
    for thread in slow:
        thread.start()
    time.sleep(0.5)
    begin = time.monotonic()
    assert world.graph("/devices").status == 200
    assert time.monotonic() - begin < 0.9
    for thread in slow:
        thread.join()


def test_faults_of_the_key_documents(world):
    entra, tenant = world.entra, world.tenant
    keys = f"/{tenant}/discovery/v2.0/keys"
    document = f"/{tenant}/v2.0/.well-known/openid-configuration"
    entra.fault("empty-keys", prefix=keys, count=1)
    assert entra.login(keys).json() == {"keys": []}
    entra.fault("status", status=500, prefix=keys, count=1)
    assert entra.login(keys).status == 500
    assert entra.login(keys).json()["keys"]
    entra.fault("wrong-issuer", prefix=document, count=1)
    assert entra.login(document).json()["issuer"].startswith("https://login.evil.example/")
    entra.fault("foreign-jwks-uri", prefix=document, count=1)
    assert entra.login(document).json()["jwks_uri"].startswith("https://keys.evil.example/")
    entra.fault("foreign-jwks-uri", prefix=document, location=entra.graph_url + "/keys", count=1)
    assert entra.login(document).json()["jwks_uri"] == entra.graph_url + "/keys"


@pytest.mark.parametrize("kind", ["wrong-name", "expired", "untrusted"])
def test_wrong_certificates(world, kind):
    world.entra.tls("graph", kind)
    try:
        with pytest.raises(ssl.SSLCertVerificationError):
            world.graph("/devices")
        assert world.entra.login("/common/discovery/keys").status == 200
    finally:
        world.entra.tls("graph", "good")
    assert world.graph("/devices").status == 200


@pytest.mark.parametrize("wish", [
    {}, {"kind": "flood"}, {"kind": "status"}, {"kind": "status", "status": 99},
    {"kind": "status", "status": 500, "paht": "x"}, {"kind": "status", "status": 500, "path": "("},
    {"kind": "redirect"}, {"kind": "slow", "probability": 2}, {"kind": "slow", "item": True},
    {"kind": "slow", "tenant": "x"}, {"kind": "slow", "listener": "x"}, {"kind": "slow", "count": "1"}])
def test_faults_that_are_not_understood(world, wish):
    with pytest.raises(ControlError) as refused:
        world.entra.control("POST", "faults", wish)
    assert refused.value.status == 400
    assert world.entra.control("GET", "faults") == []


def test_log_tells_everything_but_secrets(world):
    device_id = world.entra.add_device(world.tenant)
    world.graph(f"/devices(deviceId='{device_id}')?$select=id", "GET")
    world.graph(f"/devices(deviceId='{device_id}')", "PATCH", report())
    rows = world.entra.log()
    assert [row["seq"] for row in rows] == sorted(row["seq"] for row in rows)
    token, read, write = rows[-3:]
    assert (token["listener"], token["method"], token["status"]) == ("login", "POST", 200)
    assert token["path"] == f"/{world.tenant}/oauth2/v2.0/token" and token["app"] == world.app
    assert read["query"] == {"$select": "id"} and read["tenant"] == world.tenant
    assert json.loads(write["body"]) == report() and write["app"] == world.app
    assert world.entra.log(listener="graph", after=read["seq"]) == [write]
    assert world.entra.log(path=f"/{world.tenant}/oauth2") == [token]
    text = json.dumps(rows)
    assert world.secret not in text and world.token not in text
    world.entra.clear_log()
    assert world.entra.log() == []


# --- the control API's own objects


def test_objects_can_be_listed_changed_and_removed(world):
    entra, tenant = world.entra, world.tenant
    other = entra.add_tenant(domain="other.test")
    user = entra.add_user(tenant, "ann@contoso.test")
    entra.add_user(other, "bob@other.test")
    assert [row["id"] for row in entra.control("GET", f"users?tenant={tenant}")] == [user]
    assert len(entra.control("GET", "users")) == 2
    entra.control("PATCH", f"users/{user}", {"displayName": "Anna"})
    assert world.graph(f"/users/{user}").json()["displayName"] == "Anna"
    entra.control("DELETE", f"users/{user}")
    assert world.graph(f"/users/{user}").status == 404
    device_id = entra.add_device(tenant)
    entra.control("PATCH", f"devices/{device_id}", {"operatingSystem": "Linux"})
    assert world.graph(f"/devices(deviceId='{device_id}')", "PATCH", report()).status == 400
    entra.control("DELETE", f"tenants/{other}")
    assert [row["tenantId"] for row in entra.control("GET", "tenants")] == [tenant]


@pytest.mark.parametrize("path, body, status", [
    ("tenants", {"tenantId": "x"}, 400), ("tenants", {"name": "x"}, 400),
    ("apps", {}, 404), ("apps", {"tenant": "nobody.test"}, 404),
    ("apps", {"tenant": "{t}", "appIdUris": "x"}, 400),
    ("apps", {"tenant": "{t}", "requestedAccessTokenVersion": 3}, 400),
    ("apps", {"tenant": "{t}", "clientId": "{a}"}, 409),
    ("secrets", {"app": "x"}, 404), ("certs", {"app": "{a}", "certificate": "x"}, 400),
    ("federated", {"app": "{a}", "issuer": "x", "subject": "y", "publicKey": "z"}, 400),
    ("users", {"tenant": "{t}", "upn": "x"}, 400),
    ("groups", {"tenant": "{t}", "members": [str(uuid.uuid4())]}, 404),
    ("devices", {"tenant": "{t}", "deviceId": "x"}, 400),
    ("devices", {"tenant": "{t}", "deviceId": "{d}"}, 409),
    ("consents", {"tenant": "{t}", "app": "{a}"}, 409),
    ("clock", {"offset": "1"}, 400), ("limits", {"writes": {"count": 1}}, 400),
    ("tls", {"listener": "control", "certificate": "good"}, 400),
])
def test_control_refusals(world, path, body, status):
    device_id = world.entra.add_device(world.tenant)
    names = {"{t}": world.tenant, "{a}": world.app, "{d}": device_id}
    body = {name: names.get(value, value) if isinstance(value, str) else value
            for name, value in body.items()}
    with pytest.raises(ControlError) as refused:
        world.entra.control("POST", path, body)
    assert refused.value.status == status
    assert json.loads(refused.value.body)["error"]


def test_reset_forgets_everything_but_keys(world):
    entra = world.entra
    keys = entra.keys()
    entra.fault("status", status=500)
    entra.settings(pageSize=3)
    entra.clock(50)
    entra.reset()
    for name in ["tenants", "apps", "faults", "users", "consents"]:
        assert entra.control("GET", name) == []
    assert entra.control("GET", "settings")["pageSize"] == 100
    assert entra.control("GET", "clock")["offset"] == 0
    assert entra.log() == [] and entra.violations()["count"] == 0
    assert entra.keys() == keys
