"""The API as a process of its own: what a client sees of it over real connections."""

from __future__ import annotations

import asyncio
import base64
import json
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import httpx
import pytest
from tests.api.caller import Caller, done, refused, sha256, sound
from tests.api.conftest import operator_key
from tests.api.server import Server, Start

from deadwax.api import serve
from deadwax.infrastructure import database
from deadwax.infrastructure.container import Container
from deadwax.infrastructure.embedded import EmbeddedServers
from deadwax.infrastructure.settings import Settings, SettingsError
from deadwax.projections.positions import install
from deadwax.projections.registry import PROJECTIONS

MIB = 1 << 20


Connect = Callable[[Server], Caller]


@pytest.fixture
def connect(container: Container) -> Iterator[Connect]:
    """An admin of a new tenant, over real connections."""
    clients: list[httpx.Client] = []

    def admin(server: Server) -> Caller:
        clients.append(httpx.Client(base_url=server.url, timeout=30))
        operator = Caller(clients[-1], operator_key(container))
        new = {"name": "A tenant", "kind": "label", "review": False}
        return Caller(clients[-1], done(operator.post("/tenants", new))["key"])

    yield admin
    for client in clients:
        client.close()


def test_it_says_where_it_listens_and_stops_when_told(
    start: Start, connect: Connect, settings: Settings
) -> None:
    server = start()
    assert json.loads(server.address_file.read_text())["pid"] == server.process.pid
    assert urlsplit(server.url).hostname == "127.0.0.1"
    admin = connect(server)
    response = admin.get("/tenant")
    assert "Server" not in response.headers
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert server.end() == 0
    assert not server.address_file.exists()
    with pytest.raises(httpx.ConnectError):
        httpx.get(server.url)
    requests = [line for line in server.lines() if line["event"] == "request"]
    assert "/api/v1/tenant" in [line["route"] for line in requests]
    assert "dwx_" not in server.log.read_text()


def test_a_request_under_way_is_finished_before_it_stops(start: Start, connect: Connect) -> None:
    server = start()
    admin = connect(server)
    data = sound()
    halfway = threading.Event()
    told = threading.Event()

    def slowly() -> Iterator[bytes]:
        yield data[:1000]
        halfway.set()
        told.wait()
        yield data[1000:]

    answers: list[httpx.Response] = []
    upload = threading.Thread(target=lambda: answers.append(admin.upload(slowly())))
    upload.start()
    halfway.wait()
    server.process.terminate()
    _until(lambda: not _accepts(server.url))
    told.set()
    upload.join()
    assert answers[0].status_code == 201
    assert server.process.wait(timeout=40) == 0


def test_an_upload_takes_no_memory(start: Start, connect: Connect) -> None:
    server = start()
    admin = connect(server)
    small = sound()
    done(admin.upload(small))
    before = server.peak_memory()
    large = _long_sound(60 * MIB)
    facts = done(admin.upload(large, headers={"X-Content-SHA256": sha256(large)}))
    assert (facts["size"], facts["sha256"]) == (len(large), sha256(large))
    assert server.peak_memory() - before < 20 * MIB
    content = admin.get(f"/assets/{sha256(large)}/content")
    assert sha256(content.content) == sha256(large)
    assert server.peak_memory() - before < 20 * MIB


def test_what_arrives_must_be_what_was_stated(
    start: Start, connect: Connect, settings: Settings
) -> None:
    admin = connect(start())
    data = sound()
    right = base64.b64encode(bytes.fromhex(sha256(data))).decode()
    wrong = base64.b64encode(bytes(32)).decode()
    for headers in (
        {"Repr-Digest": f"sha-256=:{wrong}:"},
        {"Content-Digest": f"sha-512=:AAAA:, sha-256=:{wrong}:"},
        {"X-Content-SHA256": "0" * 64},
    ):
        body = refused(admin.upload(data, headers=headers), 422, "has_problems")
        assert [e["code"] for e in body["errors"]] == ["hash_mismatch"]
    for headers in (
        {"Repr-Digest": "sha-256=:AAAA:"},
        {"Content-Digest": f"sha-256={right[:-1]}"},
        {"X-Content-SHA256": "x"},
        {"Repr-Digest": f"sha-256=:{right}:", "X-Content-SHA256": "0" * 64},
    ):
        refused(admin.upload(data, headers=headers), 422, "invalid_request")
    body = refused(admin.upload(b"\x00\xff no sound at all"), 422, "has_problems")
    assert body["errors"]
    assert _files(settings) == []
    for headers in ({"Repr-Digest": f"sha-256=:{right}:"}, {"Content-Digest": "sha-512=:AAAA:"}):
        assert admin.upload(data, headers=headers).is_success
    assert _files(settings) == [sha256(data)]


def test_an_upload_that_is_too_large_leaves_nothing(
    start: Start, connect: Connect, settings: Settings
) -> None:
    admin = connect(start())
    large = bytes(settings.max_asset_bytes + 1)
    refused(admin.upload(large), 413, "too_large")
    blocks = (large[i : i + MIB] for i in range(0, len(large), MIB))
    refused(admin.upload(blocks), 413, "too_large")
    assert _files(settings) == []


def test_a_body_that_is_too_large_is_answered_although_it_is_still_being_sent(
    start: Start, connect: Connect
) -> None:
    admin = connect(start())
    headers = {"Content-Type": "application/json"}
    large = b'{"title": "' + b"x" * MIB + b'"}'
    for content in (large, iter([large[:1000], large[1000:]])):
        answer = admin.ask("POST", "/releases", content=content, headers=headers)
        refused(answer, 413, "too_large")


def test_a_client_that_goes_away_leaves_nothing(
    start: Start, connect: Connect, settings: Settings
) -> None:
    server = start()
    admin = connect(server)
    with _connection(server) as raw:
        raw.sendall(_upload_head(admin, 10 * MIB) + bytes(2 * MIB))
        _until(lambda: len(_files(settings)) == 1)
    _until(lambda: _files(settings) == [])
    _until(lambda: 499 in [line.get("status") for line in server.lines()])
    assert "request_broke" not in server.log.read_text()


def test_a_client_that_stops_sending_is_told(
    start: Start, connect: Connect, settings: Settings
) -> None:
    server = start()
    admin = connect(server)
    with _connection(server) as raw:
        raw.sendall(_upload_head(admin, MIB) + bytes(1000))
        answer = b"".join(iter(lambda: raw.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 408")
    assert b'"request_stalled"' in answer
    _until(lambda: _files(settings) == [])


def test_slow_uploads_hold_up_nobody(start: Start, connect: Connect) -> None:
    """Sixty of them, of which none would end by itself before the others lose patience."""
    server = start(stall_seconds=600)
    admin = connect(server)
    slow = [_connection(server) for _ in range(60)]
    try:
        for raw in slow:
            raw.sendall(_upload_head(admin, MIB) + b"x")
        for n in range(20):
            admin.draft(title=f"Meanwhile {n}", label=None)
    finally:
        for raw in slow:
            raw.close()
    assert server.end() == 0


def test_answers_do_not_wait_for_acknowledgements() -> None:
    """Nagle's algorithm is off on every connection, or each answer takes 40 ms more."""

    async def accepted() -> int:
        options: asyncio.Queue[int] = asyncio.Queue()

        def look(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            taken = writer.get_extra_info("socket")
            options.put_nowait(taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        listening = serve.listen("127.0.0.1", 0)
        async with await asyncio.start_server(look, sock=listening):
            _, writer = await asyncio.open_connection(*listening.getsockname())
            option = await options.get()
            writer.close()
            return option

    assert asyncio.run(accepted()) == 1


def test_an_address_that_is_taken_is_named() -> None:
    with serve.listen("127.0.0.1", 0) as taken, pytest.raises(SettingsError, match="API_PORT"):
        serve.listen("127.0.0.1", taken.getsockname()[1])


KILLED_BEFORE_ANSWERING = """
import os, signal
from deadwax.infrastructure.idempotency import PostgresIdempotency
from deadwax.infrastructure.settings import Settings, SettingsError
from deadwax.projections.positions import install
from deadwax.projections.registry import PROJECTIONS
from deadwax.api.serve import serve
PostgresIdempotency.finish = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
serve(Settings.from_env())
"""


def test_a_request_whose_server_was_killed_is_not_run_twice(
    start: Start, connect: Connect, container: Container
) -> None:
    key = {"Idempotency-Key": "once"}
    server = start("-c", KILLED_BEFORE_ANSWERING)
    admin = connect(server)
    with pytest.raises(httpx.RemoteProtocolError):
        admin.post("/releases", {"title": "x"}, headers=key)
    assert server.process.wait(timeout=40) == -signal.SIGKILL
    again = Caller(httpx.Client(base_url=start().url), admin.key)
    refused(again.post("/releases", {"title": "x"}, headers=key), 409, "idempotency_in_progress")
    with container.pool.connection() as connection:
        connection.execute("UPDATE idempotency_keys SET locked_until = now()")
    found = again.post("/releases", {"title": "x"}, headers=key)
    assert found.status_code == 303
    path = found.headers["Location"].removeprefix("/api/v1")
    assert done(again.get(path))["metadata"]["title"] == "x"
    with container.pool.connection() as connection:
        drafted = connection.execute("SELECT 1 FROM events WHERE type = 'release.drafted'")
        assert len(drafted.fetchall()) == 1


def test_it_outlives_a_restart_of_the_database(
    own_servers: EmbeddedServers, settings: Settings
) -> None:
    own = replace(settings, database_url=own_servers.database_url)
    with database.connect(own.require_database(), "test") as connection:
        install(connection, PROJECTIONS)
    container = Container.open(own, "test")
    key = operator_key(container)
    container.close()
    server = Server(own)
    new = {"name": "A tenant", "kind": "label", "review": False}
    try:
        with httpx.Client(base_url=server.url, timeout=30) as client:
            operator = Caller(client, key)
            done(operator.post("/tenants", new))
            own_servers.stop_postgres(immediate=True)
            assert refused(client.get("/readyz"), 503, "not_ready")["missing"] == ["database"]
            assert client.get("/livez").status_code == 200
            answers: list[httpx.Response] = []
            command = threading.Thread(
                target=lambda: answers.append(operator.post("/tenants", new))
            )
            command.start()
            own_servers.start_postgres()
            command.join()
            assert done(answers[0])["position"] > 0
            assert client.get("/readyz").status_code == 200
        assert server.end() == 0
    finally:
        server.process.kill()
        server.process.wait()


# --


def _long_sound(size: int) -> bytes:
    return sound(size / (44_100 * 4))


def _files(settings: Settings) -> list[str]:
    """The names of all files of the asset store, also of half-taken ones."""
    return [f.name for f in settings.assets_dir.rglob("*") if f.is_file()]


def _connection(server: Server) -> socket.socket:
    parts = urlsplit(server.url)
    return socket.create_connection((parts.hostname, parts.port), timeout=30)


def _upload_head(admin: Caller, length: int) -> bytes:
    return (
        "POST /api/v1/assets?filename=x.wav HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Bearer {admin.key}\r\nContent-Length: {length}\r\n\r\n"
    ).encode()


def _accepts(url: str) -> bool:
    parts = urlsplit(url)
    try:
        socket.create_connection((parts.hostname, parts.port), timeout=5).close()
    except OSError:
        return False
    return True


def _until(met: Callable[[], bool]) -> None:
    for _ in range(600):
        if met():
            return
        time.sleep(0.05)
    raise AssertionError("It never came to that.")
