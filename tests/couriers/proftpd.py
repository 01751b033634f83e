"""ProFTPD, as Debian packs it, for tests and benches; runs as whoever runs them."""

from __future__ import annotations

import getpass
import grp
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import trustme
from tests.ports import wait_for_port

HOST = "127.0.0.2"
"""Another address of loopback than the one that a proxy before it has, by the same ports."""

USERNAME, PASSWORD = "deadwax", "correct horse battery staple"
_PASSWORD_HASH = (
    "$6$/M.n6DZRcC7lAr4a$Aq2mwwuT0PTfSHwU7.AJdxSv/obTtxDn1mAG4OjG11KiWHtOdTWUg/"
    "E3OJatJ0qY1pXQRkOmrCIHhy0iiKvi70"
)
_PASSIVE_PORTS = 24


@dataclass(frozen=True)
class Proftpd:
    """`passive` are the ports of its data connections; `authority` signed its certificate."""

    port: int
    passive: Sequence[int]
    home: Path
    authority: trustme.CA

    @property
    def authority_pem(self) -> str:
        return self.authority.cert_pem.bytes().decode()


def find_proftpd() -> str | None:
    return shutil.which("proftpd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


@contextmanager
def running(
    binary: str,
    home: Path,
    *options: str,
    tls: bool = True,
    certificate: trustme.LeafCert | None = None,
) -> Iterator[Proftpd]:
    """With TLS it demands it on both connections, the second resuming the session of the first.
    `options` are lines of its configuration; `certificate` another than the right one."""
    authority = trustme.CA()
    port, passive = _free_ports()
    (home / "users").touch(mode=0o600)
    (home / "users").write_text(
        f"{USERNAME}:{_PASSWORD_HASH}:{os.getuid()}:{os.getgid()}::{home}:/bin/false\n"
    )
    config = [
        "ModulePath /usr/lib/proftpd",
        "ServerType standalone",
        "UseIPv6 off",
        f"DefaultAddress {HOST}",
        "SocketBindTight on",
        f"Port {port}",
        f"PassivePorts {passive[0]} {passive[-1]}",
        f"User {getpass.getuser()}",
        f"Group {grp.getgrgid(os.getgid()).gr_name}",
        "RootLogin on",
        "RequireValidShell off",
        "AuthOrder mod_auth_file.c",
        f"AuthUserFile {home}/users",
        f"PidFile {home}/pid",
        f"ScoreboardFile {home}/scoreboard",
        f"SystemLog {home}/log",
        "TransferLog none",
        "WtmpLog off",
        "UseReverseDNS off",
        "DelayEngine off",
        "MaxInstances 100",
        "AllowOverwrite on",
        "AllowStoreRestart on",
        "TimesGMT on",
        *(_tls(home, certificate or authority.issue_cert("127.0.0.1", HOST)) if tls else ()),
        *options,
    ]
    (home / "proftpd.conf").write_text("\n".join(config) + "\n")
    command = [binary, "--nodaemon", "--config", str(home / "proftpd.conf")]
    with (home / "output").open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        wait_for_port(port, process, home / "output", HOST)
        yield Proftpd(port, passive, home, authority)
    finally:
        process.terminate()
        process.wait()


def _tls(home: Path, certificate: trustme.LeafCert) -> list[str]:
    for path, blobs in (
        (home / "key", [certificate.private_key_pem]),
        (home / "certificate", certificate.cert_chain_pems),
    ):
        path.touch(mode=0o600)
        path.write_bytes(b"".join(blob.bytes() for blob in blobs))
    return [
        "LoadModule mod_tls.c",
        "TLSEngine on",
        "TLSRequired on",
        f"TLSRSACertificateFile {home}/certificate",
        f"TLSRSACertificateKeyFile {home}/key",
        f"TLSLog {home}/tls.log",
    ]


def _free_ports() -> tuple[int, range]:
    """One to listen on, and a run of them for data, free on both addresses."""
    with ExitStack() as taken:
        port: int = taken.enter_context(socket.create_server((HOST, 0))).getsockname()[1]
        taken.enter_context(socket.create_server(("127.0.0.1", port)))
        # Below those that the system gives to whoever asks for any.
        for first in range(20_000 + os.getpid() % 400 * _PASSIVE_PORTS, 32_000, _PASSIVE_PORTS):
            run = range(first, first + _PASSIVE_PORTS)
            try:
                for each in run:
                    for host in (HOST, "127.0.0.1"):
                        taken.enter_context(socket.create_server((host, each)))
            except OSError:
                continue
            return port, run
    raise AssertionError("there are no free ports")
