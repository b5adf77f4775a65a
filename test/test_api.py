# SPDX-License-Identifier: Apache-2.0
"""The admin API as a whole: who may do what, how it answers, and what it makes of hostile input. The
list of rows comes from the server's own description, so that a new row is tested unasked.
"""

import datetime
import http.client
import json
import urllib.parse
import uuid

import pytest

import windows
from muster import ApiError
from signed_header import Authority
from test_compliance import SAFE
from world import FACTS

NOBODY = "00000000-0000-4000-8000-000000000000"

# threats: abuse case 22
HOSTILE = ["'", '"', "'; DROP TABLE devices; --", "x') OR ('1'='1", "%", "_", "\\", "%s%n%x%d",
           "../../etc/passwd", "..%2f..%2fetc%2fpasswd", "\x00", "a\u202eb", "\U0001f600",
           "<script>alert(1)</script>", "${jndi:ldap://127.0.0.1/x}", "{{7*7}}", "=cmd|' /C x'!A0",
           "\r\nX-Injected: yes", "a" * 5000, "null", "id", "1 UNION SELECT sha256 FROM api_tokens"]


@pytest.fixture(scope="module")
def reader(site):
    """A token that may only read."""
    return site.server.api("POST", "tokens", {"name": uuid.uuid4().hex, "role": "reader"})["token"]


@pytest.fixture(scope="module")
def objects(site):
    """One of everything, to put into paths: {first path segment: its arguments}."""
    world = site.tenant()
    policy = world.add_policy()
    compliance = world.add_compliance(SAFE)
    device, entra_id = world.join()
    windows.run_session(device, values=FACTS)
    row = world.device(entra_id)
    server = site.server
    server.api("PUT", f"tenants/{world.tenant}/identity-provider",
               {"issuer": "https://login.contoso.test", "client_id": "muster"})
    of_tenant = {
        "credentials": server.items(f"tenants/{world.tenant}/credentials")[0]["id"],
        "trusted-issuers": server.api("POST", f"tenants/{world.tenant}/trusted-issuers",
                                      {"certificate": Authority("API CA").pem})["id"],
        "terms": server.api("POST", f"tenants/{world.tenant}/terms", {
            "locale": "de", "mode": "any", "title": "T", "body": "<p>T</p>"})["id"],
        "terms-texts": server.items(f"tenants/{world.tenant}/terms-texts")[0]["version"],
        "pins": server.api("POST", f"tenants/{world.tenant}/pins", {})["items"][0]["id"],
        "enrollment-accounts": server.api("POST", f"tenants/{world.tenant}/enrollment-accounts", {
            "user_name": f"api@{world.domain}", "password": "correct horse battery"})["id"],
    }
    server.api("PUT", f"tenants/{world.tenant}/ldap-directory",
               {"url": "ldaps://ldap.contoso.test", "search_base": "dc=contoso,dc=test"})
    return {
        "world": world,
        "of_tenant": of_tenant,
        "enrollment-stories": [world.attempts()[0]["story_id"]],
        "terms-decisions": [server.items(f"terms-decisions?tenant_id={world.tenant}")[0]["id"]],
        "error-codes": ["0x80180018"],
        "tenants": [world.tenant],
        "devices": [row["id"], "sync"],
        "enrollments": [world.attempts()[0]["id"]],
        "policies": [policy["id"]],
        "compliance-policies": [compliance["id"]],
        "outbox": [server.items(f"outbox?device_id={row['id']}")[0]["id"]],
        "audit": [server.items(f"audit?object_id={row['id']}")[0]["id"]],
        "tokens": [server.items("tokens")[0]["id"]],
    }


def rows_of(server):
    """(method, path with {argN}, role) of every operation there is."""
    described = server.api("GET", "openapi.json")
    assert described["openapi"].startswith("3.")
    return [(method.upper(), path.lstrip("/"), operation["x-role"])
            for path, operations in described["paths"].items()
            for method, operation in operations.items()]


def filled(path, objects, bogus=False):
    """A path of the description with real ids in it, or with ids of nothing."""
    ids = list(objects.get(path.split("/")[0], []))
    if path.startswith("tenants/{arg1}/"):
        ids.append(objects["of_tenant"].get(path.split("/")[2]))
    parts = []
    for part in path.split("/"):
        if not part.startswith("{"):
            parts.append(part)
            continue
        real = ids.pop(0)
        is_id = "-" in real or real.startswith("0x")
        parts.append(NOBODY if bogus and is_id else real)
    return "/".join(parts)


def is_problem(answer, status):
    """An error as RFC 9457 wants it. The problem."""
    code, headers, body = answer
    headers = {k.lower(): v for k, v in headers.items()}
    assert code == status, (code, body)
    assert headers["content-type"] == "application/problem+json"
    assert headers["cache-control"] == "no-store"
    problem = json.loads(body)
    assert set(problem) == {"type", "title", "status", "detail", "trace_id"}
    assert problem["status"] == status and problem["title"] and problem["detail"]
    assert uuid.UUID(problem["trace_id"])
    return problem


def raw(server, method, path, headers=None, body=None):
    """A request with the path as it is written. (status, headers, body)"""
    connection = http.client.HTTPSConnection("127.0.0.1", server.console_port, timeout=30,
                                             context=server.tls())
    try:
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in (headers or {}).items():
            for one in value if isinstance(value, list) else [value]:
                connection.putheader(name, one)
        connection.putheader("Content-Length", str(len(body or b"")))
        connection.endheaders(body)
        reply = connection.getresponse()
        return reply.status, dict(reply.getheaders()), reply.read()
    finally:
        connection.close()


# who may do what

def test_the_description_lists_what_the_contract_names(site):
    paths = {path.split("/")[0] for _, path, _ in rows_of(site.server)}
    assert paths >= {"tenants", "devices", "enrollments", "enrollment-stories", "error-codes",
                     "policies", "compliance-policies", "terms-decisions", "outbox", "audit",
                     "tokens", "openapi.json"}


def test_every_row_needs_a_token(site, objects):
    """Without one, with a wrong one, and before anything else of the request is looked at."""
    for method, path, _ in rows_of(site.server):
        for token in ("", "wrong", "muster_" + "A" * 43):
            answer = site.server.api(method, filled(path, objects) + "?limit=nonsense", raw=True,
                                     token=token, body={"nonsense": 1} if method != "GET" else None)
            is_problem(answer, 401)
            assert {k.lower(): v for k, v in answer[1].items()}["www-authenticate"] == "Bearer"


# What a row cannot do without.
WANTED_QUERIES = {"enrollments/explain": "?about=0x80180018"}


def test_every_row_keeps_to_its_role(site, objects, reader):
    """A reader reads everything but tokens, and changes nothing."""
    before = [site.server.api("GET", path, raw=True)[2] for path in ("tenants", "policies")]
    for method, path, role in rows_of(site.server):
        body = {} if method in ("POST", "PATCH", "PUT") else None
        asked = filled(path, objects) + WANTED_QUERIES.get(path, "")
        answer = site.server.api(method, asked, token=reader, body=body, raw=True)
        if role == "administrator":
            is_problem(answer, 403)
        else:
            assert method == "GET" and answer[0] == 200, (method, path, answer[0])
    assert [site.server.api("GET", path, raw=True)[2] for path in ("tenants", "policies")] == before


def test_every_row_answers_for_what_is_not_there(site, objects):
    for method, path, _ in rows_of(site.server):
        if "{" not in path:
            continue
        body = {} if method in ("POST", "PATCH", "PUT") else None
        answer = site.server.api(method, filled(path, objects, bogus=True), body=body, raw=True)
        if path == "devices/{arg1}/{arg2}":
            is_problem(answer, 404)
        elif "tag" in path:
            assert answer[0] in (404, 422)
        elif "credentials/" in path or method == "GET" or method == "DELETE":
            is_problem(answer, 404)
        else:
            assert answer[0] in (404, 422), (method, path, answer)


@pytest.mark.parametrize("header", [
    {}, {"Authorization": ""}, {"Authorization": "Bearer"}, {"Authorization": "Bearer "},
    {"Authorization": "TOKEN"}, {"Authorization": "Basic TOKEN"}, {"Authorization": "BearerTOKEN"},
    {"Authorization": "Bearer TOKENx"}, {"Authorization": "Bearer TOKEN TOKEN"},
    {"Authorization": "Bearer xTOKEN"}, {"X-Authorization": "Bearer TOKEN"},
    {"Cookie": "token=TOKEN"}, {"Authorization": ["Bearer TOKEN", "Bearer x"]},
    {"Authorization": "Bearer " + "A" * 20000},
])
def test_tokens_that_are_almost_right(site, header):
    def real(value):
        return [real(v) for v in value] if isinstance(value, list) else value.replace(
            "TOKEN", site.server.token)
    answer = raw(site.server, "GET", "/api/v1/tenants",
                 {name: real(value) for name, value in header.items()})
    assert answer[0] in (400, 401), answer
    assert b"items" not in answer[2]
    assert raw(site.server, "GET", f"/api/v1/tenants?access_token={site.server.token}")[0] == 401


def test_tokens_end_when_they_should(site):
    soon = datetime.datetime.utcnow() + datetime.timedelta(hours=1)
    made = site.server.api("POST", "tokens", {"name": uuid.uuid4().hex, "role": "reader",
                                              "expires_at": soon.strftime("%Y-%m-%dT%H:%M:%SZ")})
    assert site.server.api("GET", "tenants", token=made["token"])["items"] is not None
    site.execute(f"UPDATE api_tokens SET expires_at = 1000 WHERE id = '{made['id']}'")
    problem = is_problem(site.server.api("GET", "tenants", token=made["token"], raw=True), 401)
    assert "expired" in problem["detail"]
    made = site.server.api("POST", "tokens", {"name": uuid.uuid4().hex, "role": "administrator"})
    site.server.api("DELETE", f"tokens/{made['id']}")
    is_problem(site.server.api("GET", "tenants", token=made["token"], raw=True), 401)


def test_the_token_in_use_cannot_remove_itself(site):
    made = site.server.api("POST", "tokens", {"name": uuid.uuid4().hex, "role": "administrator"})
    answer = site.server.api("DELETE", f"tokens/{made['id']}", token=made["token"], raw=True)
    is_problem(answer, 409)
    assert "token" not in site.server.api("GET", f"tokens/{made['id']}"), "shown once"


SPELLINGS = ["//api/v1/tenants", "/./api/v1/tenants", "/x/../api/v1/tenants", "/api//v1/tenants",
             "/api/v1//tenants", "/api/v1/./tenants", "/api/v1/x/../tenants", "/api/v1/tenants/",
             "/api/v1/tenants/.", "/%61pi/v1/tenants", "/api/v1/%74enants", "/api/v1/tenants%2f",
             "/api%2fv1%2ftenants", "/api/v1/..%2fv1/tenants", "/api/v1/%2e%2e/v1/tenants",
             "/api/v1/tenants;x=1", "/api;x/v1/tenants", "/api/v1/tenants%00", "/api/v1/tenants%20",
             "/API/v1/tenants", "/api/V1/tenants", "/api/v1/Tenants", "\\api\\v1\\tenants",
             "/api\\v1/tenants", "/api/v1/tenants%3b", "/api/v1/tenants%5c", "/api/v1/tenants.json",
             "/console/api/v1/tenants", "/console/../api/v1/tenants", "/mifs/aad/api/v1/tenants",
             "/api/v2/tenants", "/api/tenants", "/api/v1", "/api/v1/"]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_no_spelling_of_a_path_opens_a_door(site, reader, spelling):
    """The row decides about the role, and only one spelling leads to the row."""
    server = site.server
    for path in (spelling, spelling + "?x=/api/v1/tenants"):
        status, _, body = raw(server, "GET", path)
        assert status in (400, 401, 404) and b"items" not in body, (path, status)
    body = json.dumps({"name": "x", "role": "administrator"}).encode()
    status, _, answer = raw(server, "POST", spelling.replace("tenants", "tokens"), {
        "Authorization": f"Bearer {reader}", "Content-Type": "application/json"}, body)
    assert status in (400, 403, 404, 405) and b"muster_" not in answer, status
    status, _, answer = raw(server, "POST", spelling.replace("tenants", "tokens"), {
        "Authorization": f"Bearer {server.token}", "Content-Type": "application/json"}, body)
    assert status in (400, 404, 405), "not even an administrator has two spellings"


@pytest.mark.parametrize("header", ["X-Original-URL", "X-Rewrite-URL", "X-HTTP-Method-Override",
                                    "X-Forwarded-For", "X-Forwarded-Prefix", "Forwarded"])
def test_no_header_changes_what_is_asked(site, reader, header):
    for value in ("/api/v1/tokens", "DELETE", "127.0.0.1", "for=127.0.0.1"):
        status, _, body = raw(site.server, "GET", "/api/v1/audit?limit=1", {
            "Authorization": f"Bearer {reader}", header: value})
        assert status == 200 and b"muster_" not in body
        assert json.loads(body)["items"][0]["source"] in ("127.0.0.1", "")
        assert raw(site.server, "GET", "/api/v1/audit", {header: value})[0] == 401


# how it answers

def test_methods_that_are_not_there(site):
    is_problem(site.server.api("PUT", "tenants", {}, raw=True), 405)
    is_problem(site.server.api("DELETE", "devices", raw=True), 405)
    for method in ("HEAD", "OPTIONS", "TRACE"):
        assert raw(site.server, method, "/api/v1/tenants",
                   {"Authorization": f"Bearer {site.server.token}"})[0] in (405, 501)


@pytest.mark.parametrize("name,body", [
    ("identity-provider", {"issuer": "https://login.contoso.test", "client_id": "muster"}),
    ("ldap-directory", {"url": "ldaps://ldap.contoso.test", "search_base": "dc=contoso,dc=test"}),
])
def test_what_a_tenant_has_one_of_is_put_at_its_address(site, name, body):
    path = f"tenants/{site.tenant().tenant}/{name}"
    is_problem(site.server.api("POST", path, body, raw=True), 405)
    assert site.server.api("GET", path, raw=True)[0] == 404
    assert site.server.api("PUT", path, body, raw=True)[0] == 201
    is_problem(site.server.api("PUT", path, body, raw=True), 409)
    is_problem(site.server.api("PUT", f"tenants/{uuid.uuid4()}/{name}", body, raw=True), 404)


@pytest.mark.parametrize("kind,body,status", [
    ("text/plain", b"{}", 415), ("application/x-www-form-urlencoded", b"name=x", 415),
    (None, b"{}", 415), ("application/json", b"{", 400), ("application/json", b"[]", 400),
    ("application/json", b"1", 400), ("application/json", b'{"name": 1}{}', 400),
    ("application/json", b'{"name": "a", "name": "b"}', 400),
    ("application/json", b"\xef\xbb\xbf{}", 400), ("application/json", b'{"name": "\xff"}', 400),
    ("application/json", b'{"name": "\\ud800"}', 400), ("application/json", b"[" * 5000, 400),
    ("application/json", b'{"a":' * 40 + b"1" + b"}" * 40, 400),
    ("application/json; charset=utf-8", b'{"nonsense": 1}', 422),
])
def test_bodies_that_are_not_taken(site, kind, body, status):
    headers = {"Authorization": f"Bearer {site.server.token}"}
    if kind:
        headers["Content-Type"] = kind
    is_problem(raw(site.server, "POST", "/api/v1/tokens", headers, body), status)


def test_a_body_that_is_too_large(site):
    headers = {"Authorization": f"Bearer {site.server.token}", "Content-Type": "application/json"}
    assert raw(site.server, "POST", "/api/v1/tokens", headers, b" " * (1024 * 1024 + 1))[0] == 413


def test_no_row_takes_a_field_it_does_not_know(site, objects):
    """A field that means nothing is a mistake of the caller, not something to drop."""
    for method, path, _ in rows_of(site.server):
        if method not in ("POST", "PATCH"):
            continue
        answer = site.server.api(method, filled(path, objects), {"nonsense": 1}, raw=True)
        problem = is_problem(answer, 422)
        assert "nonsense" in problem["detail"], (method, path, problem)


def test_ids_and_what_the_server_decides_cannot_be_set(site):
    """Mass assignment: fields that are shown but not the caller's to say."""
    world = site.tenant()
    for field, value in (("graph_state", "ok"), ("created_at", "2020-01-01T00:00:00Z"),
                         ("groups_error", ""), ("id", NOBODY)):
        is_problem(site.server.api("PATCH", f"tenants/{world.tenant}", {field: value}, raw=True),
                   422)
    is_problem(site.server.api("PATCH", f"tenants/{world.tenant}", {"tenant_id": NOBODY},
                               raw=True), 422)
    policy = world.add_policy()
    for field in ("id", "version", "created_at", "tenant_id"):
        is_problem(site.server.api("PATCH", f"policies/{policy['id']}", {field: NOBODY},
                                   raw=True), 422)


# lists

def pages(server, path, limit):
    cursor, found = None, []
    while True:
        page = server.api("GET", f"{path}limit={limit}" + (f"&cursor={cursor}" if cursor else ""))
        assert set(page) == {"items", "next"} and len(page["items"]) <= limit
        found.append(page["items"])
        cursor = page["next"]
        if not cursor:
            return found
        assert len(page["items"]) == limit


def test_lists_come_in_pages_without_gaps_or_repeats(site):
    world = site.tenant()
    for number in range(7):
        world.add_policy(f"p{number}")
    for _ in range(3):
        world.join()
    for path, count in ((f"policies?tenant_id={world.tenant}&", 7),
                        (f"devices?tenant_id={world.tenant}&", 3),
                        (f"enrollments?tenant_id={world.tenant}&", None),
                        (f"audit?tenant_id={world.tenant}&", None),
                        (f"outbox?tenant_id={world.tenant}&", 3), ("tenants?", None)):
        whole = [item for page in pages(site.server, path, 200) for item in page]
        if count is not None:
            assert len(whole) == count
        for limit in (1, 3, 7):
            got = [item for page in pages(site.server, path, limit) for item in page]
            keys = [item.get("id", item.get("tenant_id")) for item in got]
            assert len(set(keys)) == len(keys)
            assert keys == [item.get("id", item.get("tenant_id")) for item in whole]
    assert [len(p) for p in pages(site.server, f"policies?tenant_id={world.tenant}&", 7)] == [7]


@pytest.mark.parametrize("query", [
    "limit=0", "limit=201", "limit=-1", "limit=x", "limit=1e2", "limit=", "limit=1&limit=2",
    "cursor=x", "cursor=' OR 1=1 --", "colour=red", "state=enrolled&state=retired", "id=1",
    "sort=name", "order_by=sha256", "fields=*", "limit=99999999999999999999",
])
def test_queries_that_make_no_sense(site, query):
    path = "/api/v1/devices?" + urllib.parse.quote(query, safe="=&*")
    is_problem(raw(site.server, "GET", path, {"Authorization": f"Bearer {site.server.token}"}), 422)


def test_no_list_can_be_asked_by_a_secret(site):
    """A filter on a hidden column would be an oracle."""
    for path, fields in (("tokens", ("sha256", "token")), ("tenants", ("sealed", "secret")),
                         ("devices", ("certificate", "dm_device_id")),
                         ("audit", ("detail",)), ("enrollments", ("token_sha256",))):
        for field in fields:
            is_problem(site.server.api("GET", f"{path}?{field}=x", raw=True), 422)


def test_filters(site):
    world = site.tenant()
    first, second = world.join(), world.join(user=world.add_user("bert"), kind="Full")
    windows.run_session(first[0], values=FACTS)
    here = f"devices?tenant_id={world.tenant}"
    rows = {row["entra_device_id"]: row for row in site.server.items(here)}
    assert set(rows) == {first[1], second[1]}
    bert = rows[second[1]]

    def found(query):
        return {row["entra_device_id"] for row in site.server.items(f"{here}&{query}")}

    assert found(f"user_principal_name={bert['user_principal_name'].upper()}") == {second[1]}
    assert found(f"user_object_id={bert['user_object_id']}") == {second[1]}
    assert found(f"entra_device_id={first[1]}") == {first[1]}
    assert found("state=enrolled") == set(rows) and found("state=retired") == set()
    assert found("compliance_state=unknown") == set(rows)
    assert found("name=DESKTOP-1") == set(rows) and found("name=DESKTOP-") == set()
    site.server.api("POST", f"devices/{bert['id']}/tag", {"tag": "a b&c"})
    assert found("tag=" + urllib.parse.quote("a b&c")) == {second[1]}
    assert site.server.api("GET", f"devices/{bert['id']}")["tags"] == ["a b&c"]


# hostile input

def quoted(text):
    return urllib.parse.quote(text.encode("utf-8", "surrogatepass"), safe="")


FILTERS = [f"{path}?{name}=" for path, names in (
    ("devices", ("tenant_id", "state", "compliance_state", "user_principal_name", "name", "tag",
                 "user_object_id", "entra_device_id", "cursor", "limit")),
    ("enrollments", ("tenant_id", "stage", "outcome", "error_code", "device_id", "trace_id",
                     "client_request_id", "user_principal_name")),
    ("outbox", ("tenant_id", "device_id", "state")), ("policies", ("tenant_id",)),
    ("audit", ("tenant_id", "actor", "action", "object_kind", "object_id", "outcome", "trace_id")),
) for name in names]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_case22_hostile_text_in_filters_and_paths(site, objects, text):
    """It finds nothing, or is refused; it is never an error of the server, never a statement."""
    token = {"Authorization": f"Bearer {site.server.token}"}
    for path in FILTERS:
        status, headers, body = raw(site.server, "GET", f"/api/v1/{path}{quoted(text)}", token)
        assert status in (200, 400, 414, 422), (path, status, body)
        assert status != 200 or json.loads(body)["items"] == [], path
        assert "X-Injected" not in headers
    for _, path, _ in [row for row in rows_of(site.server) if "{" in row[1]][:12]:
        where = path.replace("{arg1}", quoted(text)).replace("{arg2}", quoted(text))
        assert raw(site.server, "GET", f"/api/v1/{where}", token)[0] in (400, 404, 405, 414), where
    assert site.counts(objects["world"].tenant)["devices"] == 1


def tried(server, method, path, body):
    status, _, answer = server.api(method, path, body, raw=True)
    assert status in (200, 201, 202, 400, 409, 422), (path, body, status, answer)
    return json.loads(answer) if status < 300 else None


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_case22_hostile_text_in_fields(site, text):
    """Taken as it is and given back the same, or refused."""
    world, server = site.tenant(), site.server
    made = tried(server, "POST", "policies", {
        "tenant_id": world.tenant, "name": text, "scope": "device", "assignments": [{"tag": text}],
        "settings": [{"locuri": "./Device/Vendor/MSFT/Policy/Config/Area/P", "format": "chr",
                      "data": text}]})
    if made:
        again = server.api("GET", f"policies/{made['id']}")
        assert (again["name"], again["settings"][0]["data"]) == (text, text)
        assert again["assignments"] == [{"tag": text}]
    value = tried(server, "POST", "policies", {
        "tenant_id": world.tenant, "name": "data", "scope": "device", "assignments": [{"all": True}],
        "settings": [{"locuri": "./Device/Vendor/MSFT/Policy/Config/Area/P", "format": "chr",
                      "data": text}]})
    rules = tried(server, "POST", "compliance-policies", {
        "tenant_id": world.tenant, "name": text, "grace": 0, "assignments": [{"all": True}],
        "rules": [{"fact": "serial_number", "operator": "eq", "value": text}]})
    if rules:
        assert server.api("GET", f"compliance-policies/{rules['id']}")["rules"][0]["value"] == text
    for field in ("domain", "client_id", "login_url", "graph_url"):
        tried(server, "PATCH", f"tenants/{world.tenant}", {field: text})
    tried(server, "PATCH", f"tenants/{world.tenant}", {"app_id_uris": [text]})
    tried(server, "POST", f"tenants/{world.tenant}/credentials", {"kind": "secret", "secret": text})
    tried(server, "POST", "tokens", {"name": text, "role": "reader"})
    for field in ("locuri", "format"):
        tried(server, "POST", "policies", {
            "tenant_id": world.tenant, "name": "x", "scope": "device", "assignments": [],
            "settings": [{"locuri": "./Device/Vendor/MSFT/Policy/Config/Area/P", "format": "chr",
                          "data": "x", field: text}]})
    # What the administrator typed reaches a device as the same text.
    if value and "\x00" not in text:
        other = site.tenant()
        tried(server, "POST", "policies", {
            "tenant_id": other.tenant, "name": "data", "scope": "device",
            "assignments": [{"all": True}], "settings": value["settings"]})
        device, _ = other.join()
        sent = [c["data"] for c in windows.run_session(device, values=FACTS)
                if c["locuri"].endswith("/Area/P")]
        assert sent == [text.replace("\r\n", "\n") if "\r" in text else text] or sent == [text]


def test_case22_hostile_text_from_devices_survives_every_job(site):
    """Second order: stored safely is not enough, it is used later by loops and lists."""
    world, server = site.tenant(), site.server
    world.add_compliance([{"fact": "serial_number", "operator": "eq", "value": "x"}])
    for text in HOSTILE:
        if "\x00" in text or "\r" in text or len(text) > 300:
            continue
        escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        device, entra_id = world.join(name=escaped, dm_device_id=None)
        windows.run_session(device, values={
            **FACTS, "./DevDetail/Ext/Microsoft/SMBIOSSerialNumber": escaped,
            "./DevDetail/Ext/Microsoft/DeviceName": escaped})
        row = world.device(entra_id)
        assert row["name"] == text.strip() and row["compliance_state"] == "noncompliant"
        assert text[:64].strip() in row["compliance_reasons"][0]
        found = server.items(f"devices?tenant_id={world.tenant}&name={quoted(text.strip())}")
        assert row["id"] in [one["id"] for one in found]
        server.api("POST", f"devices/{row['id']}/retire", {"force": True})
    assert site.counts(world.tenant)["devices"] > 15
    assert server.metrics_get("/readyz")[0] == 200
    log = server.log.read_text()
    assert all(json.loads(line) for line in log.splitlines()), "one event is one line of JSON"


def test_an_answer_tells_a_browser_nothing_it_could_run(site):
    name = "<script>alert('" + uuid.uuid4().hex + "')</script>"
    site.server.api("POST", "tokens", {"name": name, "role": "reader"})
    _, headers, body = site.server.api("GET", "tokens?limit=200", raw=True)
    headers = {k.lower(): v for k, v in headers.items()}
    assert headers["content-type"] == "application/json"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store" and "set-cookie" not in headers
    assert name in [t["name"] for t in json.loads(body)["items"]]
    with pytest.raises(ApiError) as refused:
        site.server.api("POST", "tokens", {"name": name, "role": "reader"})
    assert refused.value.status == 409
