"""OpenSSH's own server, for tests and benches."""

from __future__ import annotations

import getpass
import os
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncssh
from tests.ports import wait_for_port


@dataclass(frozen=True)
class Sshd:
    """Where it listens; `key` may log in as the user that runs it. `home` holds its files, such
    as `authorized_keys`, which it reads at each login."""

    port: int
    home: Path
    key: asyncssh.SSHKey
    host_keys: Sequence[asyncssh.SSHKey]

    @property
    def login(self) -> dict[str, Any]:
        """The fields of an address, without its root."""
        return {
            "host": "127.0.0.1",
            "port": self.port,
            "username": getpass.getuser(),
            "secret": "sftp",
            "host_key": self.host_keys[0].get_fingerprint(),
        }


@contextmanager
def running(
    binary: str, home: Path, host_key_kinds: Sequence[str] = ("ssh-ed25519",), *options: str
) -> Iterator[Sshd]:
    """sshd on loopback for the user that runs this; `options` are lines of its configuration."""
    key, host_keys = asyncssh.generate_private_key("ssh-ed25519"), []
    for kind in host_key_kinds:
        host_keys.append(asyncssh.generate_private_key(kind))
        path = home / kind
        path.touch(mode=0o600)
        path.write_bytes(host_keys[-1].export_private_key())
    (home / "authorized_keys").write_bytes(key.export_public_key())
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    config = [
        f"ListenAddress 127.0.0.1:{port}",
        *(f"HostKey {home / kind}" for kind in host_key_kinds),
        f"AuthorizedKeysFile {home}/authorized_keys",
        "PidFile none",
        "UsePAM no",
        "StrictModes no",
        "PasswordAuthentication no",
        "KbdInteractiveAuthentication no",
        "Subsystem sftp internal-sftp",
        "MaxStartups 100",
        *options,
    ]
    (home / "config").write_text("\n".join(config) + "\n")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    command = [binary, "-D", "-f", str(home / "config"), "-E", str(home / "log")]
    process = subprocess.Popen(command)
    try:
        wait_for_port(port, process, home / "log")
        yield Sshd(port, home, key, host_keys)
    finally:
        process.terminate()
        process.wait()
