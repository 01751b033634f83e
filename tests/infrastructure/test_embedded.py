"""The embedded servers keep every row and every message, and leave nothing behind."""

from __future__ import annotations

import fcntl
import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import redis

from deadwax.infrastructure.cluster import becoming, server_account
from deadwax.infrastructure.embedded import EmbeddedServers, EmbeddedServersBusy
from deadwax.infrastructure.server_process import ServerFailed

_OWNER = """
import sys
from pathlib import Path
from deadwax.infrastructure.embedded import EmbeddedServers
with EmbeddedServers(Path(sys.argv[1])):
    print("started", flush=True)
    sys.stdin.read()
"""


@contextmanager
def owner(home: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that runs the servers of `home` until its stdin ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", _OWNER, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def started(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def has_ended(home: Path, name: str) -> bool:
    """No process of that server is left: they all hold its lock."""
    with (home / f"{name}.lock").open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def write(servers: EmbeddedServers) -> None:
    with psycopg.connect(servers.database_url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
    with redis.Redis.from_url(servers.redis_url) as client:
        client.rpush("kept", *range(1000))


def rows(servers: EmbeddedServers) -> int:
    with psycopg.connect(servers.database_url) as connection:
        row = connection.execute("SELECT count(*) FROM kept").fetchone()
    assert row is not None
    return int(row[0])


def messages(servers: EmbeddedServers) -> int:
    with redis.Redis.from_url(servers.redis_url) as client:
        return int(client.llen("kept"))


def test_what_was_written_is_there_after_an_orderly_stop(short_tmp: Path) -> None:
    with EmbeddedServers(short_tmp) as servers:
        write(servers)
    with EmbeddedServers(short_tmp) as servers:
        assert (rows(servers), messages(servers)) == (1000, 1000)


def test_killed_servers_come_back_with_everything(own_servers: EmbeddedServers) -> None:
    write(own_servers)
    for pid in own_servers.pids().values():
        os.kill(pid, signal.SIGKILL)
    own_servers.start_postgres()
    own_servers.start_redis()
    assert (rows(own_servers), messages(own_servers)) == (1000, 1000)


def test_servers_of_a_killed_owner_end_and_a_new_owner_finds_everything(short_tmp: Path) -> None:
    with owner(short_tmp) as first:
        started(first)
        endpoints = EmbeddedServers.running(short_tmp)
        assert endpoints is not None
        with psycopg.connect(endpoints.database_url, autocommit=True) as connection:
            connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
        first.kill()
        first.wait()
        wait_until(lambda: has_ended(short_tmp, "redis") and has_ended(short_tmp, "postgres"))
    assert EmbeddedServers.running(short_tmp) is None
    with pytest.raises(redis.ConnectionError):
        redis.Redis.from_url(endpoints.redis_url).ping()
    with EmbeddedServers(short_tmp) as servers:
        assert rows(servers) == 1000


def test_a_new_owner_need_not_wait_for_the_servers_of_a_killed_one(short_tmp: Path) -> None:
    for _ in range(3):
        with owner(short_tmp) as killed:
            started(killed)
            killed.kill()
            killed.wait()
            with EmbeddedServers(short_tmp) as servers:
                assert EmbeddedServers.running(short_tmp) == servers.endpoints


def test_a_pid_that_is_used_again_is_not_taken_for_the_server(
    own_servers: EmbeddedServers, short_tmp: Path
) -> None:
    write(own_servers)
    os.kill(own_servers.pids()["postgres"], signal.SIGKILL)
    wait_until(lambda: has_ended(short_tmp, "postgres"))
    stranger = subprocess.Popen(["sleep", "600"], **becoming(server_account()))
    try:
        pid_file = short_tmp / "postgres" / "postmaster.pid"
        _, *rest = pid_file.read_text().splitlines(keepends=True)
        pid_file.write_text("".join([f"{stranger.pid}\n", *rest]))
        own_servers.start_postgres()
        assert rows(own_servers) == 1000
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_kill_while_the_data_directory_is_made_does_no_harm(short_tmp: Path) -> None:
    with owner(short_tmp) as killed:
        wait_until(lambda: any(short_tmp.glob("postgres.new-*/PG_VERSION")))
        killed.kill()
        killed.wait()
        with EmbeddedServers(short_tmp) as servers:
            write(servers)
            assert rows(servers) == 1000


def test_there_is_one_owner_at_a_time(own_servers: EmbeddedServers, short_tmp: Path) -> None:
    with pytest.raises(EmbeddedServersBusy, match="DEADWAX_HOME"):
        EmbeddedServers(short_tmp).__enter__()
    with owner(short_tmp) as second:
        assert second.wait() != 0
    assert EmbeddedServers.running(short_tmp) == own_servers.endpoints


def test_nothing_is_left_after_an_orderly_stop(short_tmp: Path) -> None:
    with EmbeddedServers(short_tmp) as servers:
        sockets = Path(servers.redis_url.removeprefix("unix://")).parent
        assert not has_ended(short_tmp, "redis")
        assert not has_ended(short_tmp, "postgres")
    assert has_ended(short_tmp, "redis")
    assert has_ended(short_tmp, "postgres")
    assert not sockets.exists()
    assert servers.pids() == {}
    assert EmbeddedServers.running(short_tmp) is None


def test_any_path_will_do(short_tmp: Path) -> None:
    home = short_tmp / ("a long, 100% ödd home & more? " * 4) / "x"
    with EmbeddedServers(home) as servers:
        write(servers)
        assert (rows(servers), messages(servers)) == (1000, 1000)
        assert EmbeddedServers.running(home) == servers.endpoints


def test_a_socket_folder_that_others_may_change_is_refused(
    short_tmp: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(short_tmp))
    home = short_tmp / "a home whose path no socket address can hold"
    servers = EmbeddedServers(home)
    folder = Path(servers.redis_url.removeprefix("unix://")).parent
    assert folder.parent == short_tmp
    folder.mkdir()
    folder.chmod(0o777)
    with pytest.raises(ServerFailed, match=folder.name):
        servers.__enter__()


def test_a_server_that_does_not_start_says_why(
    own_servers: EmbeddedServers, short_tmp: Path
) -> None:
    own_servers.stop_postgres()
    (short_tmp / "postgres" / "postgresql.auto.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(ServerFailed, match="no_such_setting"):
        own_servers.start_postgres()


def test_others_may_pass_through_the_home_at_most(
    own_servers: EmbeddedServers, short_tmp: Path
) -> None:
    folder = Path(own_servers.database_url.partition("?host=")[2])
    assert stat.S_IMODE((folder / ".s.PGSQL.5432").stat().st_mode) == 0o700
    for path in (folder, folder.parent, short_tmp):
        assert not path.stat().st_mode & (stat.S_IROTH | stat.S_IWOTH)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux only")
def test_postgres_keeps_nothing_of_root(own_servers: EmbeddedServers) -> None:
    status = Path(f"/proc/{own_servers.pids()['postgres']}/status").read_text()
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert "0" not in fields["Uid"].split()
    if os.geteuid() == 0:
        assert "0" not in fields["Gid"].split()
        assert fields["Groups"].strip() == ""


def test_restarts_keep_the_addresses(own_servers: EmbeddedServers) -> None:
    write(own_servers)
    own_servers.restart_postgres()
    own_servers.restart_postgres(immediate=True)
    own_servers.restart_redis(kill=True)
    assert (rows(own_servers), messages(own_servers)) == (1000, 1000)
    own_servers.restart_redis(flush=True)
    assert messages(own_servers) == 0
