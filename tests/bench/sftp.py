"""Delivering an album by SFTP, beside OpenSSH's own client and rclone, to one sshd."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.comparison import Result, Unavailable, bench, compare
from tests.bench.delay import delayed
from tests.bench.sftp_delivery import Order
from tests.couriers.sshd import Sshd, running

from deadwax.application.transfer import File
from deadwax.domain.delivery_policy import DeliveryPolicy

MB = 1024 * 1024
_CIPHER = "aes128-gcm@openssh.com"
_ROUND_TRIP_MS = 50
_CONNECTIONS_OVER_DELAY = 4
_MEMORY_LIMIT_MB = 150.0


@dataclass
class Rig:
    """An album of 12 files in `album`, and a server that keeps what comes in `remote`."""

    sshd: Sshd
    album: Path
    remote: Path

    @property
    def files(self) -> list[File]:
        return [
            {
                "path": path.name,
                "size": path.stat().st_size,
                "sha256": hashlib.file_digest(path.open("rb"), "sha256").hexdigest(),
            }
            for path in sorted(self.album.iterdir())
        ]

    @property
    def key_file(self) -> Path:
        path = self.sshd.home / "key"
        if not path.exists():
            path.touch(mode=0o600)
            path.write_bytes(self.sshd.key.export_private_key())
        return path

    def rate(self, started: float) -> float:
        """MB/s, if all arrived whole; what arrived is taken away again."""
        seconds = time.perf_counter() - started
        sizes = {path.name: path.stat().st_size for path in self.album.iterdir()}
        assert {path.name: path.stat().st_size for path in self.remote.iterdir()} == sizes
        shutil.rmtree(self.remote)
        self.remote.mkdir()
        return sum(sizes.values()) / MB / seconds

    def order(self, files: list[File], port: int, connections: int) -> Order:
        address = {**self.sshd.login, "port": port, "root": str(self.remote)}
        return Order(address, self.key_file.read_text(), str(self.album), files, connections)

    def ours(self, order: Order) -> float:
        """From the worker that is running already."""
        started = time.perf_counter()
        order.carry_out()
        return self.rate(started)

    def our_peak(self, order: Order) -> float:
        """MB that a process takes at most that delivers once."""
        command = [sys.executable, "-m", "tests.bench.sftp_delivery"]
        kilobytes = int(_run(command, order.as_json()))
        self.rate(0.0)
        return kilobytes / 1024

    def openssh(self, port: int) -> float:
        batch = self.sshd.home / "batch"
        batch.write_text("".join(f"put {path}\n" for path in sorted(self.album.iterdir())))
        options = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", f"Ciphers={_CIPHER}"]
        command = ["sftp", "-q", "-b", str(batch), "-P", str(port), "-i", str(self.key_file)]
        command += [word for option in options for word in ("-o", option)]
        login = self.sshd.login
        started = time.perf_counter()
        _run([*command, f"{login['username']}@{login['host']}:{self.remote}"])
        return self.rate(started)

    def rclone(self, port: int) -> float:
        login = self.sshd.login
        command = [_tool("rclone"), "copy", str(self.album), f":sftp:{self.remote}"]
        command += ["--sftp-host", login["host"], "--sftp-port", str(port)]
        command += ["--sftp-user", login["username"], "--sftp-key-file", str(self.key_file)]
        command += ["--sftp-ciphers", _CIPHER, "--sftp-chunk-size", "255k"]
        command += ["--sftp-disable-hashcheck", "--config", os.devnull]
        started = time.perf_counter()
        _run(command)
        return self.rate(started)


@contextmanager
def rig(size_mb: int) -> Iterator[Rig]:
    """An album of so many MB."""
    with tempfile.TemporaryDirectory(prefix="dw") as folder:
        home, album, remote = (Path(folder) / name for name in ("home", "album", "remote"))
        for made in (home, album, remote):
            made.mkdir()
        block = os.urandom(MB)
        for number in range(12):
            with (album / f"{number:02}.wav").open("wb") as file:
                for _ in range(size_mb // 12):
                    file.write(block)
        with running(_tool("sshd"), home) as sshd:
            yield Rig(sshd, album, remote)


@bench("sftp-vs-openssh")
def sftp_vs_openssh() -> Result:
    _tool("sftp")
    with rig(600) as made:
        port = made.sshd.port
        order = made.order(made.files, port, DeliveryPolicy().connections)
        return compare(
            "sftp-vs-openssh",
            ours=lambda: made.ours(order),
            peer=lambda: made.openssh(port),
            peer_name="OpenSSH sftp",
            unit="MB/s",
        )


@bench("sftp-vs-rclone")
def sftp_vs_rclone() -> Result:
    _tool("rclone")
    with rig(600) as made:
        port = made.sshd.port
        order = made.order(made.files, port, DeliveryPolicy().connections)
        return compare(
            "sftp-vs-rclone",
            ours=lambda: made.ours(order),
            peer=lambda: made.rclone(port),
            peer_name="rclone",
            unit="MB/s",
        )


@bench("sftp-delay-vs-openssh")
def sftp_delay_vs_openssh() -> Result:
    _tool("sftp")
    with rig(600) as made, delayed(made.sshd.port, _ROUND_TRIP_MS) as port:
        order = made.order(made.files, port, _CONNECTIONS_OVER_DELAY)
        return compare(
            "sftp-delay-vs-openssh",
            ours=lambda: made.ours(order),
            peer=lambda: made.openssh(port),
            peer_name=f"OpenSSH sftp over {_ROUND_TRIP_MS} ms",
            unit="MB/s",
            rounds=3,
        )


@bench("sftp-memory")
def sftp_memory() -> Result:
    """The most that a process took that delivered the album, with all a worker imports."""
    with rig(600) as made:
        order = made.order(made.files, made.sshd.port, DeliveryPolicy().connections)
        return compare(
            "sftp-memory",
            ours=lambda: made.our_peak(order),
            peer=lambda: _MEMORY_LIMIT_MB,
            peer_name="limit",
            unit="MB",
            rounds=3,
            less_is_better=True,
        )


def _run(command: list[str], told: str = "") -> str:
    done = subprocess.run(command, input=told, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _tool(name: str) -> str:
    beside = Path(sys.executable).parent / name
    path = f"{os.environ.get('PATH', '')}:/usr/sbin"
    found = str(beside) if beside.exists() else shutil.which(name, path=path)
    if not found:
        raise Unavailable(f"there is no {name} here")
    return found
