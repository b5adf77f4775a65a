# SPDX-License-Identifier: Apache-2.0
"""When the surroundings fail: disk, database, descriptors, signing process, hostile peers.

Each test breaks one thing under a running server, looks at what its clients are told, mends it, and
expects the same process to serve again by itself. (threats.md 3.2; abuse cases 16, 17 and 25.)
"""

import contextlib
import itertools
import os
import pathlib
import random
import re
import resource
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

import pytest

import windows
from muster import MUSTERD, ROOT, Muster, wait_for
from world import FACTS, World

sys.path.insert(0, str(ROOT / "tools"))
from temp_postgres import TempPostgres  # noqa: E402

POLICY = {"name": "p", "scope": "device", "assignments": [{"all": True}], "settings": [
    {"locuri": "./Device/Vendor/MSFT/Policy/Config/Area/P", "format": "int", "data": "1"}]}
PARTIAL = 30000
CHUNK = 400


def processor_seconds(process):
    fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def open_files(process):
    return len(os.listdir(f"/proc/{process.pid}/fd"))


def signer_of(process):
    """The one child of the server."""
    task = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    assert len(task) == 1, task
    return int(task[0])


@contextlib.contextmanager
def limited(process, what, limit):
    """The soft limit of a running process, for a while."""
    soft, hard = resource.prlimit(process.pid, what)
    resource.prlimit(process.pid, what, (limit, hard))
    try:
        yield
    finally:
        resource.prlimit(process.pid, what, (soft, hard))


@contextlib.contextmanager
def repeated(action, threads=3):
    """Do it all the time meanwhile; afterwards the list holds what it returned or raised."""
    stop, seen = threading.Event(), []

    def loop():
        while not stop.is_set():
            try:
                seen.append(action())
            except Exception as error:  # pylint: disable=broad-except
                seen.append(error)
            time.sleep(0.01)

    running = [threading.Thread(target=loop) for _ in range(threads)]
    for thread in running:
        thread.start()
    try:
        yield seen
    finally:
        stop.set()
        for thread in running:
            thread.join()


def api_status(server, method="GET", path="devices?limit=1", body=None):
    return server.api(method, path, body, raw=True)[0]


class Enrolment:
    """A request to enrol, ready to be sent and sent again."""

    def __init__(self, world):
        self.world = world
        self.blob = windows.accept_terms(world.server, world.terms_token(), mode="azureadjoin")
        self.entra_id = world.new_device()
        self.token = world.enroll_token(self.entra_id)
        self.csr = windows.csr_der(windows.new_key())

    def send(self):
        return windows.request_token(self.world.server, windows.jwt_security(self.token), self.csr,
                                     windows.context(self.blob))


def expect_unavailable(world, device, enrolment, session, can_read=False):
    """Every kind of client is told to come again, none that it was served. Discovery only reads."""
    server = world.server
    started = time.monotonic()
    status, headers, _ = server.api("POST", "policies", {"tenant_id": world.tenant, **POLICY},
                                    raw=True)
    assert (status, headers["Content-Type"]) == (503, "application/problem+json")
    assert int(headers["Retry-After"]) > 0
    fault = windows.Fault(enrolment.send())
    assert (fault.subcode, fault.code) == ("s:EnrollmentServer", "s:Receiver")
    reply = device.post(device.package1(session))
    assert reply.status == 503 and int(reply.headers["retry-after"]) > 0
    # Nothing of this waited for the database. (Far more than it takes, far less than a time-out.)
    assert time.monotonic() - started < 10
    discovered = windows.discover(server)
    if can_read:
        assert discovered.status == 200
    else:
        assert windows.Fault(discovered).subcode == "s:EnrollmentServer"
    assert server.metrics_get("/healthz")[0] == 200


def expect_served(world, device, enrolment, session):
    server = world.server
    wait_for(lambda: server.metrics_get("/readyz")[0] == 200, what="ready again")
    # What had failed left nothing behind that is in the way of the same request.
    assert windows.provisioning(enrolment.send()) is not None
    assert world.device(enrolment.entra_id)["state"] == "enrolled"
    windows.run_session(device, session=session, values=FACTS)
    server.api("POST", "policies", {"tenant_id": world.tenant, **POLICY})


@pytest.fixture
def sqlite_world(entra, tmp_path):
    made = World(tmp_path, entra, "sqlite")
    yield made
    assert made.server.stop() == 0, made.server.log.read_text()[-3000:]


def test_case25_a_full_disk_refuses_writes_and_passes(sqlite_world):
    world, server = sqlite_world, sqlite_world.server
    device, _ = world.join()
    windows.run_session(device, values=FACTS)
    enrolment = Enrolment(world)
    process = server.process
    # A file that may not grow fails like a full disk, and needs no disk.
    with limited(process, resource.RLIMIT_FSIZE, 4096):
        expect_unavailable(world, device, enrolment, "2", can_read=True)
        assert len(server.items("devices")) == 1
        # Reading works all the time, so readiness has to try a write.
        assert server.metrics_get("/readyz") == (503, "the database cannot be written\n")
        assert server.items("policies") == []
    expect_served(world, device, enrolment, "3")
    assert server.process is process and process.poll() is None
    assert "muster_store_failures_total 0\n" not in server.metrics_get("/metrics")[1]


def test_case25_a_database_that_goes_away_and_comes_back(entra, tmp_path, monkeypatch):
    with TempPostgres({"synchronous_commit": "on"}) as cluster:
        monkeypatch.setenv("MUSTER_TEST_POSTGRES", cluster.url)
        world = World(tmp_path, entra, "postgresql")
        server, process = world.server, world.server.process
        device, _ = world.join()
        windows.run_session(device, values=FACTS)
        enrolment = Enrolment(world)
        with repeated(lambda: api_status(server)) as seen:
            wait_for(lambda: 200 in seen)
            cluster.halt(signal.SIGQUIT)
            wait_for(lambda: server.metrics_get("/readyz") ==
                     (503, "the database does not answer\n"), what="not ready")
            expect_unavailable(world, device, enrolment, "2")
            wait_for(lambda: 503 in seen)
            cluster.serve()
            expect_served(world, device, enrolment, "3")
            # A restart in one go: nobody sees more than a refusal.
            cluster.halt()
            cluster.serve()
            wait_for(lambda: server.metrics_get("/readyz")[0] == 200, what="ready again")
        assert set(seen) == {200, 503}, set(map(str, seen))
        assert api_status(server) == 200
        assert process.poll() is None and server.stop() == 0


def test_case25_descriptors_run_out_and_come_back(world):
    server, process = world.server, world.server.process
    device, _ = world.join()
    windows.run_session(device, values=FACTS)
    ports = [server.public_port, server.manage_port, server.console_port]
    with limited(process, resource.RLIMIT_NOFILE, open_files(process) + 20):
        held = [socket.create_connection(("127.0.0.1", random.choice(ports)), timeout=10)
                for _ in range(60)]
        wait_for(lambda: open_files(process) == resource.prlimit(
            process.pid, resource.RLIMIT_NOFILE)[0], what="all descriptors taken")
        # It waits for one to come free, and does not spin meanwhile.
        before = processor_seconds(process)
        time.sleep(1)
        assert processor_seconds(process) - before < 0.5
        for connection in held:
            connection.close()
        wait_for(lambda: server.metrics_get("/readyz")[0] == 200, what="ready again")
        windows.run_session(device, session="2", values=FACTS)
    assert 'reason="resources"' in server.metrics_get("/metrics")[1]
    world.join()
    assert process.poll() is None


def test_case25_connections_leave_descriptors_for_the_database(entra, tmp_path):
    """Where the system allows few, the limit of connections is below that."""
    server = Muster(tmp_path, None, entra).init()
    with open(server.log, "ab") as log:
        server.process = subprocess.Popen(
            ["prlimit", "--nofile=200:200", MUSTERD, "serve", "--config", server.conf],
            stdout=log, stderr=log)
    server.wait_ready()
    held = [socket.create_connection(("127.0.0.1", server.public_port), timeout=10)
            for _ in range(150)]
    # Half of the descriptors are for connections; one or two of them may be those of the metrics.
    dropped = re.compile(r'muster_http_dropped_total{listener="public",reason="full"} (\d+)\n')
    wait_for(lambda: 50 <= int(dropped.search(server.metrics_get("/metrics")[1])[1]) <= 52,
             what="connections refused")
    # With all places taken the answer on loopback comes, and comes from the database.
    assert server.metrics_get("/readyz")[0] == 200
    for connection in held:
        connection.close()
    wait_for(lambda: 'muster_http_connections{listener="public"} 0\n'
             in server.metrics_get("/metrics")[1], what="all connections closed")
    assert api_status(server) == 200
    assert server.stop() == 0


def test_case25_a_signing_process_that_hangs(sqlite_world):
    world, server = sqlite_world, sqlite_world.server
    device, _ = world.join()
    enrolment = Enrolment(world)
    signer = signer_of(server.process)
    os.kill(signer, signal.SIGSTOP)
    try:
        fault = windows.Fault(enrolment.send())
        assert (fault.subcode, fault.error_type) == ("s:EnrollmentServer", None)
        assert server.attempts(trace_id=fault.trace_id)[0]["outcome"] == "failed"
        # Whoever needs no signature is served.
        windows.run_session(device, values=FACTS)
    finally:
        os.kill(signer, signal.SIGCONT)
    assert windows.provisioning(enrolment.send()) is not None
    assert world.device(enrolment.entra_id)["state"] == "enrolled"


def test_case25_without_its_signing_process_the_server_ends(world):
    """Nothing could fork another one; whoever supervises the server starts both."""
    server = world.server
    device, _ = world.join()
    os.kill(signer_of(server.process), signal.SIGKILL)
    assert server.process.wait(30) == 1
    assert "the signing process has ended" in server.log.read_text()
    server.start()
    windows.run_session(device, values=FACTS)
    world.join()


def has_ended(pid):
    """Gone, or waiting only for whoever adopted it to take note."""
    try:
        status = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return True
    return status.rpartition(")")[2].split()[0] == "Z"


def test_case25_the_signing_process_ends_with_the_server(sqlite_world):
    server = sqlite_world.server
    signer = signer_of(server.process)
    server.kill()
    wait_for(lambda: has_ended(signer), what="the signer's end")
    server.start()


def test_case25_certificates_are_read_again_for_ever(sqlite_world):
    """Each one that is renewed means a reload; a server runs for years."""
    server = sqlite_world.server
    with open(server.log, encoding="utf-8") as log:
        log.seek(0, os.SEEK_END)
        for _ in range(300):
            server.process.send_signal(signal.SIGHUP)
            line = ""
            while '"event":"reload' not in line:
                time.sleep(0.002)
                line = log.readline()
            assert '"event":"reloaded"' in line
    assert windows.discover(server).status == 200


def test_case25_a_stop_under_load_is_graceful(world):
    server = world.server
    kinds = itertools.cycle([lambda: windows.discover(server).status, lambda: api_status(server)])
    with repeated(lambda: next(kinds)(), threads=4) as seen:
        wait_for(lambda: seen.count(200) > 20)
        assert server.stop() == 0
    # Whoever was let in was answered; others found the door shut.
    statuses = {one for one in seen if isinstance(one, int)}
    assert statuses == {200}, statuses
    assert all(isinstance(one, (int, OSError)) for one in seen), seen
    server.start()


def hostile(server, device, rng):
    """Peers that send what no client sends, each one connection."""
    ports = [server.public_port, server.manage_port, server.console_port]
    part = (b"POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/soap+xml\r\n"
            b"Content-Length: 200000\r\n\r\n")

    def plain():
        return socket.create_connection(("127.0.0.1", rng.choice(ports)), timeout=10)

    def tls():
        port = rng.choice(ports)
        context = device.tls() if port == server.manage_port else server.tls()
        raw = socket.create_connection(("127.0.0.1", port), timeout=10)
        return context.wrap_socket(raw, server_hostname="127.0.0.1")

    def send(connection, data, reset=False):
        with connection, contextlib.suppress(OSError):
            connection.sendall(data)
            if reset:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            else:
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(4096):
                    pass

    return [
        lambda: send(plain(), rng.randbytes(rng.randrange(1, PARTIAL))),
        lambda: send(plain(), b"\x16\x03\x01" + struct.pack(">H", rng.randrange(18000)) + b"\x01"
                     + rng.randbytes(rng.randrange(16000))),
        lambda: send(plain(), b"\x16", reset=True),
        lambda: send(tls(), rng.randbytes(rng.randrange(1, PARTIAL))),
        # A body that breaks off after the buffer for it has grown.
        lambda: send(tls(), part % b"/EnrollmentServer/Enrollment.svc"
                     + rng.randbytes(rng.randrange(PARTIAL, 4 * PARTIAL)), reset=rng.random() < .5),
        lambda: send(tls(), part % b"/api/v1/policies" + b" " * rng.randrange(PARTIAL),
                     reset=rng.random() < .5),
    ]


def test_case16_rubbish_disturbs_nobody(world):
    server = world.server
    device, _ = world.join()
    acts = hostile(server, device, random.Random(16))
    with repeated(lambda: windows.discover(server).status, threads=1) as seen:
        for n in range(CHUNK):
            acts[n % len(acts)]()
        windows.run_session(device, values=FACTS)
    assert set(seen) == {200}, set(map(str, seen))
    assert server.metrics_get("/readyz")[0] == 200
    wait_for(lambda: 'muster_http_connections{listener="public"} 0\n'
             in server.metrics_get("/metrics")[1], what="all connections closed")
