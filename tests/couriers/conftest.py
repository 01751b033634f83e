"""Real servers for couriers to talk to."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path

import asyncssh
import pytest
from tests.conftest import required
from tests.couriers.http_fixtures import (  # noqa: F401
    http_dsp,
    http_tls,
    platform_with_tls,
    signing_keys,
)
from tests.couriers.proftpd import Proftpd, find_proftpd
from tests.couriers.proftpd import running as proftpd
from tests.couriers.ssh_site import PASSWORD, AnyPassword, SshSite, new_key, private
from tests.couriers.sshd import Sshd, running

from deadwax.domain.addresses.ssh import SftpAddress
from deadwax.infrastructure.couriers.sftp import SftpCourier
from deadwax.infrastructure.sandbox.dsp import SandboxDsp


@pytest.fixture(scope="session")
def sshd(sshd_binary: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with running(sshd_binary, tmp_path_factory.mktemp("sshd")) as sshd:
        yield sshd


@pytest.fixture
def openssh_server(sshd: Sshd, tmp_path: Path) -> SshSite:
    local = tmp_path / "remote"
    local.mkdir()
    address = SftpAddress(**sshd.login, root=str(local))
    return SshSite(address, private(sshd.key), private(new_key()), local)


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SshSite[SftpAddress]]:
    dsp = SandboxDsp(tmp_path / "dsp", dpid="PADPIDA2014120301U", password=PASSWORD)
    dsp.start()
    address = SftpAddress(
        host=dsp.host,
        port=dsp.port,
        username=dsp.username,
        secret="sftp",
        host_key=dsp.fingerprint,
    )
    yield SshSite(address, PASSWORD, "wrong-" + PASSWORD, dsp.folders.upload)
    dsp.stop()


@pytest.fixture(params=["openssh_server", "sandbox"])
def server(request: pytest.FixtureRequest) -> SshSite[SftpAddress]:
    """OpenSSH, with a key, and asyncssh, with a password."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, SshSite)
    return found


Serve = Callable[..., SshSite]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Start an SFTP server whose `disk` or `login` class misbehaves."""
    stops: list[Callable[[], None]] = []
    local = tmp_path / "odd"
    local.mkdir()

    def start(
        disk: type[asyncssh.SFTPServer] = asyncssh.SFTPServer,
        login: type[asyncssh.SSHServer] = AnyPassword,
    ) -> SshSite:
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
        return SshSite(address, PASSWORD, "wrong", local)

    yield start
    for stop in stops:
        stop()


@pytest.fixture
def courier(server: SshSite) -> Iterator[SftpCourier]:
    opened = server.connect()
    yield opened
    opened.close()


Folders = pytest.TempPathFactory


@pytest.fixture(scope="session")
def proftpd_binary() -> str:
    found = find_proftpd()
    required(found, "ProFTPD with mod_tls and mod_digest")
    assert found is not None
    return found


@pytest.fixture(scope="session")
def ftps_explicit(proftpd_binary: str, tmp_path_factory: Folders) -> Iterator[Proftpd]:
    """With digests computed by the server, each time anew."""
    options = ("LoadModule mod_digest.c", "DigestCache off")
    with proftpd(proftpd_binary, tmp_path_factory.mktemp("ftps"), *options) as own:
        yield own


@pytest.fixture(scope="session")
def ftps_implicit(proftpd_binary: str, tmp_path_factory: Folders) -> Iterator[Proftpd]:
    """Without digests, and without listings that machines can read."""
    options = ("TLSOptions UseImplicitSSL", "FactsAdvertise off")
    with proftpd(proftpd_binary, tmp_path_factory.mktemp("ftps"), *options) as own:
        yield own


@pytest.fixture(scope="session")
def ftp_clear(proftpd_binary: str, tmp_path_factory: Folders) -> Iterator[Proftpd]:
    with proftpd(proftpd_binary, tmp_path_factory.mktemp("ftp"), tls=False) as own:
        yield own
