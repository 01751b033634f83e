"""Real servers for couriers to talk to."""

from __future__ import annotations

import asyncio
import getpass
import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path

import asyncssh
import pytest
from tests.couriers.ssh_site import PASSWORD, AnyPassword, SftpSite, new_key, private

from deadwax.domain.addresses.ssh import SftpAddress
from deadwax.infrastructure.couriers.sftp import SftpCourier
from deadwax.infrastructure.couriers.ssh import scan_host_key
from deadwax.infrastructure.sandbox.dsp import SandboxDsp


@pytest.fixture(scope="session")
def sshd(
    sshd_binary: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[int, asyncssh.SSHKey]]:
    """OpenSSH's sshd on loopback for the user that runs the tests: its port and a login key."""
    home = tmp_path_factory.mktemp("sshd")
    key = new_key()
    host_key = home / "host_key"
    host_key.touch(mode=0o600)
    host_key.write_bytes(new_key().export_private_key())
    (home / "authorized_keys").write_bytes(key.export_public_key())
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    (home / "config").write_text(
        f"""
        ListenAddress 127.0.0.1:{port}
        HostKey {host_key}
        AuthorizedKeysFile {home}/authorized_keys
        PidFile none
        UsePAM no
        StrictModes no
        PasswordAuthentication no
        KbdInteractiveAuthentication no
        Subsystem sftp internal-sftp
        """
    )
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    command = [sshd_binary, "-D", "-f", str(home / "config"), "-E", str(home / "log")]
    process = subprocess.Popen(command)
    try:
        _wait_for_port(port, process, home / "log")
        yield port, key
    finally:
        process.terminate()
        process.wait()


def _wait_for_port(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(200):
        assert process.poll() is None, log.read_text()
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"sshd does not listen on {port}: {log.read_text()}")


@pytest.fixture
def openssh_server(sshd: tuple[int, asyncssh.SSHKey], tmp_path: Path) -> SftpSite:
    port, key = sshd
    local = tmp_path / "remote"
    local.mkdir()
    address = SftpAddress(
        host="127.0.0.1",
        port=port,
        username=getpass.getuser(),
        secret="sftp",
        root=str(local),
        host_key=scan_host_key("127.0.0.1", port),
    )
    return SftpSite(address, private(key), private(new_key()), local)


def _sandbox(root: Path, password: str | None, key: asyncssh.SSHKey | None) -> SandboxDsp:
    return SandboxDsp(
        root,
        dpid="PADPIDA2014120301U",
        password=password,
        authorized_key=key.export_public_key().decode() if key else None,
    )


def _server_of(dsp: SandboxDsp, secret: str, wrong_secret: str) -> SftpSite:
    address = SftpAddress(
        host=dsp.host,
        port=dsp.port,
        username=dsp.username,
        secret="sftp",
        host_key=dsp.fingerprint,
    )
    return SftpSite(address, secret, wrong_secret, dsp.folders.upload)


@pytest.fixture
def sandbox_with_password(tmp_path: Path) -> Iterator[SftpSite]:
    dsp = _sandbox(tmp_path / "dsp", PASSWORD, None)
    dsp.start()
    yield _server_of(dsp, PASSWORD, "wrong-" + PASSWORD)
    dsp.stop()


@pytest.fixture
def sandbox_with_key(tmp_path: Path) -> Iterator[SftpSite]:
    key = new_key()
    dsp = _sandbox(tmp_path / "dsp", None, key)
    dsp.start()
    yield _server_of(dsp, private(key), private(new_key()))
    dsp.stop()


@pytest.fixture(params=["openssh_server", "sandbox_with_password", "sandbox_with_key"])
def server(request: pytest.FixtureRequest) -> SftpSite:
    found = request.getfixturevalue(request.param)
    assert isinstance(found, SftpSite)
    return found


Serve = Callable[..., SftpSite]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Start an SFTP server whose `disk` or `login` class misbehaves."""
    stops: list[Callable[[], None]] = []
    local = tmp_path / "odd"
    local.mkdir()

    def start(
        disk: type[asyncssh.SFTPServer] = asyncssh.SFTPServer,
        login: type[asyncssh.SSHServer] = AnyPassword,
    ) -> SftpSite:
        host_key = new_key()
        started: Future[tuple[int, asyncio.AbstractEventLoop, asyncio.Event]] = Future()

        async def run() -> None:
            stop = asyncio.Event()
            acceptor = await asyncssh.create_server(
                login,
                "127.0.0.1",
                0,
                server_host_keys=[host_key],
                sftp_factory=lambda channel: disk(channel, chroot=bytes(local)),
            )
            started.set_result((acceptor.get_port(), asyncio.get_running_loop(), stop))
            await stop.wait()
            acceptor.close()

        thread = threading.Thread(target=lambda: asyncio.run(run()))
        thread.start()
        port, loop, stop = started.result()

        def stop_and_wait() -> None:
            loop.call_soon_threadsafe(stop.set)
            thread.join()

        stops.append(stop_and_wait)
        address = SftpAddress(
            host="127.0.0.1",
            port=port,
            username="deadwax",
            secret="sftp",
            host_key=host_key.get_fingerprint(),
        )
        return SftpSite(address, PASSWORD, "wrong", local)

    yield start
    for stop in stops:
        stop()


@pytest.fixture
def courier(server: SftpSite) -> Iterator[SftpCourier]:
    opened = server.connect()
    yield opened
    opened.close()
