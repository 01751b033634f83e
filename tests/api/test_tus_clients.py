"""Resumable uploads by the clients that people have, over real connections, to processes that are
killed."""

from __future__ import annotations

import json
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from tests.api.caller import Caller, done, sha256, sound
from tests.api.server import Server, Start
from tests.api.test_tus import BYTES, Tus
from tests.conftest import required
from tusclient.client import TusClient
from tusclient.uploader import Uploader

from deadwax.infrastructure.parent import die_with_parent
from deadwax.infrastructure.settings import Settings

MIB = 1 << 20
SERVERS = Path(__file__).parents[1] / "servers"
CLIENT = SERVERS / "tus_client.mjs"


@pytest.fixture
def key(admin: Caller) -> str:
    return admin.key


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "01.wav"
    path.write_bytes(sound(8 * MIB / (44_100 * 4)))
    return path


def uploader(server: Server, key: str, file: Path, **more: Any) -> Uploader:
    client = TusClient(f"{server.url}/api/v1/tus", headers={"Authorization": f"Bearer {key}"})
    return client.uploader(str(file), metadata={"filename": file.name}, **more)


def in_javascript(server: Server, key: str, file: Path, **options: Any) -> subprocess.Popen[str]:
    required(shutil.which("node"), "node")
    required((SERVERS / "node_modules" / "tus-js-client").is_dir(), "tus-js-client")
    command = ["node", CLIENT, file, f"{server.url}/api/v1/tus", key, json.dumps(options)]
    return subprocess.Popen(
        command, cwd=SERVERS, stdout=subprocess.PIPE, text=True, preexec_fn=die_with_parent
    )


def said(process: subprocess.Popen[str]) -> dict[str, Any]:
    out, _ = process.communicate(timeout=60)
    found: dict[str, Any] = json.loads(out)
    return found


def get(server: Server, key: str, path: str) -> dict[str, Any]:
    with httpx.Client(base_url=server.url) as http:
        return done(Caller(http, key).get(path))


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def spooled(settings: Settings) -> list[Path]:
    folder = settings.spool_dir / "uploads"
    return list(folder.iterdir()) if folder.is_dir() else []


def test_tuspy_uploads_in_chunks_with_checksums(start: Start, key: str, file: Path) -> None:
    server = start()
    uploader(server, key, file, chunk_size=3 * MIB, upload_checksum=True).upload()
    found = get(server, key, f"/assets/{sha256(file.read_bytes())}")
    assert (found["filename"], found["size"]) == ("01.wav", file.stat().st_size)


def test_tuspy_goes_on_after_the_server_was_killed(
    start: Start, key: str, file: Path, settings: Settings
) -> None:
    first = start()
    upload = uploader(first, key, file, chunk_size=3 * MIB)
    upload.upload_chunk()
    first.process.kill()
    first.process.wait()
    second = start()
    assert upload.url
    again = uploader(second, key, file, url=second.url + urlsplit(upload.url).path)
    assert again.offset == 3 * MIB
    again.upload()
    assert get(second, key, f"/assets/{sha256(file.read_bytes())}")["size"] == file.stat().st_size
    assert spooled(settings) == []


def test_tus_js_client_uploads_at_once_in_chunks_and_side_by_side(
    start: Start, key: str, tmp_path: Path, settings: Settings
) -> None:
    server = start()
    for seconds, options in enumerate(({}, {"chunkSize": MIB}, {"parallelUploads": 2}), 10):
        file = tmp_path / f"{seconds} été.wav"
        file.write_bytes(sound(seconds))
        hashed = sha256(file.read_bytes())
        found = said(in_javascript(server, key, file, sha256=hashed, **options))
        assert found.get("asset") == hashed, found
        assert {status for _, status in found["answers"]} <= {200, 201, 204}
        assert get(server, key, f"/assets/{hashed}")["filename"] == file.name
        assert spooled(settings) == []


def test_tus_js_client_is_told_why_a_file_was_refused(
    start: Start, key: str, file: Path, settings: Settings
) -> None:
    found = said(in_javascript(start(), key, file, sha256="0" * 64))
    assert json.loads(found["error"])["errors"][0]["code"] == "hash_mismatch"
    assert spooled(settings) == []


def test_tus_js_client_goes_on_after_it_was_killed(
    start: Start, key: str, file: Path, settings: Settings
) -> None:
    server = start()
    broken = in_javascript(server, key, file, chunkSize=2 * MIB, stopAfter=5 * MIB)
    assert broken.wait(timeout=60) == -signal.SIGKILL
    url = Path(f"{file}.url").read_text()
    found = said(in_javascript(server, key, file, uploadUrl=url))
    assert found["answers"][0] == ["HEAD", 200]
    assert found["asset"] == sha256(file.read_bytes())


def test_a_server_killed_in_the_middle_of_a_request_has_what_it_says(
    start: Start, key: str, file: Path, settings: Settings
) -> None:
    """Killed while bytes come in; the next one tells how many are there, and they are right."""
    first, data = start(stall_seconds=60), file.read_bytes()
    with httpx.Client(base_url=first.url) as http:
        path = Tus(Caller(http, key)).made(len(data))
    with _connection(first) as raw:
        raw.sendall(_head(key, path, len(data)) + data[: 5 * MIB])
        until(lambda: [p.stat().st_size > 4 * MIB for p in spooled(settings)] == [True])
        first.process.kill()
        first.process.wait()
    with httpx.Client(base_url=start().url) as http:
        tus = Tus(Caller(http, key))
        offset = int(tus.head(path).headers["Upload-Offset"])
        assert 4 * MIB < offset <= 5 * MIB
        assert spooled(settings)[0].read_bytes() == data[:offset]
        answer = tus.append(path, offset, data[offset:])
    assert answer.headers["Deadwax-Asset"] == sha256(data)


def test_a_client_that_goes_away_finds_what_came_of_it(
    start: Start, key: str, file: Path, settings: Settings
) -> None:
    server, data = start(), file.read_bytes()
    with httpx.Client(base_url=server.url) as http:
        tus = Tus(Caller(http, key))
        path = tus.made(len(data))
        with _connection(server) as raw:
            raw.sendall(_head(key, path, len(data)) + data[: 2 * MIB])
            until(lambda: [p.stat().st_size > MIB for p in spooled(settings)] == [True])
        until(lambda: 499 in [line.get("status") for line in server.lines()])
        offset = int(tus.head(path).headers["Upload-Offset"])
        assert offset > MIB
        assert tus.append(path, offset, data[offset:]).headers["Deadwax-Asset"] == sha256(data)


def test_a_client_whose_connection_fell_silent_goes_on_by_another(
    start: Start, key: str, file: Path, settings: Settings
) -> None:
    """Nobody tells the server that the first one is dead; one that still sends is not ended."""
    server, data = start(stall_seconds=600), file.read_bytes()
    with httpx.Client(base_url=server.url, timeout=30) as http:
        tus = Tus(Caller(http, key))
        path = tus.made(len(data))
        with _connection(server) as raw:
            raw.sendall(_head(key, path, len(data)) + data[: 2 * MIB])
            until(lambda: [p.stat().st_size > MIB for p in spooled(settings)] == [True])
            offset = int(tus.head(path).headers["Upload-Offset"])
            statuses: list[int] = []

            def goes_on() -> bool:
                statuses.append(tus.append(path, offset, data[offset:]).status_code)
                return statuses[-1] == 204

            until(goes_on)
            assert set(statuses[:-1]) <= {423}


def test_a_large_upload_takes_no_memory(
    start: Start, key: str, settings: Settings, tmp_path: Path
) -> None:
    """Sparse on the client's disk, and refused at the end: nothing is left of it either."""
    large = tmp_path / "large.wav"
    with large.open("wb") as sparse:
        sparse.truncate(200 * MIB)
    server = start()
    before = server.peak_memory()
    upload = uploader(server, key, large, chunk_size=64 * MIB)
    while upload.offset < 192 * MIB:
        upload.upload_chunk()
    assert server.peak_memory() - before < 20 * MIB
    assert spooled(settings)[0].stat().st_size == 192 * MIB


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, max_asset_bytes=8 << 30)


def _connection(server: Server) -> socket.socket:
    parts = urlsplit(server.url)
    return socket.create_connection((parts.hostname, parts.port), timeout=30)


def _head(key: str, path: str, length: int) -> bytes:
    headers = BYTES | {
        "Host": "localhost",
        "Authorization": f"Bearer {key}",
        "Upload-Offset": "0",
        "Content-Length": str(length),
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"PATCH /api/v1{path} HTTP/1.1\r\n{lines}\r\n".encode()
