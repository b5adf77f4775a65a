# SPDX-License-Identifier: Apache-2.0
"""Tenants whose login host takes connections and says nothing. They cost themselves, not the others.
"""

import re
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

import windows
from muster import wait_for
from test_compliance import SAFE, Judged
from tenancy import Site
from world import stores

SILENT = 6


@pytest.fixture
def silence():
    """The address of a host that accepts and never answers."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)
    held = []

    def accept():
        try:
            while True:
                held.append(listener.accept()[0])
        except OSError:
            pass

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    yield f"https://127.0.0.1:{listener.getsockname()[1]}", held
    listener.close()
    for connection in held:
        connection.close()


@pytest.fixture(params=stores())
def site(request, entra, tmp_path):
    made = Site(tmp_path, entra, request.param)
    yield made
    made.server.stop()


def silenced(site, url):
    """A tenant with a report that is owed, whose login host has fallen silent."""
    world = site.tenant()
    judged = Judged(world)
    world.add_compliance(SAFE)
    assert judged.graph() == (True, False)
    return world, judged, url


def fall_silent(site, several):
    for world, judged, url in several:
        world.set(login_url=url)
        site.execute("UPDATE outbox SET state = 'pending', next_try_at = 1"
                     f" WHERE device_id = '{judged.id}'")


def test_a_report_does_not_wait_for_silent_tenants(site, silence):
    url, held = silence
    silent = [silenced(site, url) for _ in range(SILENT)]
    healthy = silenced(site, url)[1]
    fall_silent(site, silent)
    wait_for(lambda: held, what="a connection to the silent host")
    began = time.monotonic()
    healthy.session()
    assert healthy.graph() == (True, True)
    assert time.monotonic() - began < 60
    # By now all have had their silence; whoever had it comes after those that answer.
    wait_for(lambda: len(site.execute(
        "SELECT 1 FROM tenants WHERE graph_pause_until > 0")) == SILENT, seconds=90)
    site.execute("UPDATE tenants SET graph_pause_until = 1 WHERE graph_pause_until > 0")
    began = time.monotonic()
    healthy.session({"./DevDetail/SwV": "10.0.1.1",
                     "./Vendor/MSFT/DeviceStatus/SecureBootState": "0"})
    assert healthy.graph() == (True, False)
    assert time.monotonic() - began < 25


def test_the_server_stops_while_a_request_hangs(site, silence):
    url, held = silence
    silent = [silenced(site, url) for _ in range(SILENT)]
    fall_silent(site, silent)
    wait_for(lambda: held, what="a connection to the silent host")
    began = time.monotonic()
    assert site.server.stop() == 0
    assert time.monotonic() - began < 8


def test_case3_tokens_of_silent_tenants_hold_up_one_worker(site, silence):
    """Nobody has to be anybody to present a token: whoever presents many occupies no more than a
    worker with them, and a tenant that answers enrols meanwhile."""
    url, held = silence
    healthy = site.tenant()
    Judged(healthy)
    several = [site.tenant() for _ in range(12)]
    tokens = [world.enroll_token(world.new_device()) for world in several]
    blob = healthy.blob()
    for world in several:
        world.set(login_url=url)
    key = site.key()
    with ThreadPoolExecutor(24) as pool:
        flood = [pool.submit(several[0].post, token, blob, key) for token in tokens * 2]
        wait_for(lambda: held, what="a connection to the silent host")
        began = time.monotonic()
        assert windows.enroll(site.server, healthy.enroll_token(healthy.new_device()), blob,
                              "Device", key=site.key())
        taken = time.monotonic() - began
        for one in flood:
            assert re.search(rb"Fault", one.result().body)
    assert taken < 6


DEVICES = "^/v1[.]0/devices"


def pause_left(site, world):
    return int(site.execute("SELECT graph_pause_until FROM tenants"
                            f" WHERE tenant_id = '{world.tenant}'")[0][0]) - time.time()


def test_a_wait_that_graph_asks_for_outlives_the_report(site):
    """The report is replaced by a newer one while Graph answers that it is asked too often."""
    world, judged, _ = silenced(site, None)
    mark = max(row["seq"] for row in world.entra.log())
    world.entra.fault("status", status=429, retryAfter=30, path=DEVICES, tenant=world.tenant,
                      count=1, delayMs=3000)
    judged.session()
    time.sleep(1)
    seq = site.execute(f"SELECT seq FROM outbox WHERE device_id = '{judged.id}'"
                       " AND state = 'pending'")
    judged.session({"./Vendor/MSFT/DeviceStatus/SecureBootState": "0"})
    judged.becomes("noncompliant")
    wait_for(lambda: pause_left(site, world) > 15, seconds=15, what="the pause is kept")
    assert site.execute(f"SELECT seq FROM outbox WHERE device_id = '{judged.id}'"
                        " AND state = 'pending'") > seq
    sent = [row["status"] for row in world.entra.log(listener="graph", after=mark)
            if row["method"] == "PATCH"]
    assert sent == [429]
    # An administrator's change of something else is no reason to ask sooner.
    world.set(device_limit=7)
    assert pause_left(site, world) > 10
    assert world.entra.violations()["retryAfter"] == 0
    world.set(graph_url=world.entra.graph_url + "/")
    assert pause_left(site, world) <= 0


def test_a_tenant_that_cannot_be_served_stops_no_other(site):
    spoiled, healthy = sorted((silenced(site, None) for _ in range(2)),
                              key=lambda one: one[0].tenant)
    site.execute("UPDATE tenants SET app_id_uris = '{' "
                 f"WHERE tenant_id = '{spoiled[0].tenant}'")
    site.execute("UPDATE outbox SET state = 'pending', next_try_at = 1, seq = seq + 1"
                 f" WHERE device_id = '{spoiled[1].id}'")
    wait_for(lambda: '"graph_tenant"' in site.server.log.read_text(), what="a line about it")
    healthy[1].session()
    assert healthy[1].graph() == (True, True)


def test_settings_can_be_changed_without_end(site):
    """More often than there are places for configurations that somebody may still read."""
    server = site.server
    text = server.conf.read_text()
    assert text.count("allow_custom_cloud = yes") == 1
    for number in range(1, 301):
        server.conf.write_text(text.replace("allow_custom_cloud = yes", "allow_custom_cloud = "
                                            + ("no" if number % 2 else "yes")))
        server.process.send_signal(signal.SIGHUP)
        wait_for(lambda: server.log.read_text().count('"event":"reloaded"') == number
                 or "reload_refused" in server.log.read_text(), what="a line about the reload")
    assert "reload_refused" not in server.log.read_text()
    assert server.metrics_get("/readyz")[0] == 200
