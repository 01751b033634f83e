"""Many processes write, some slowly, while readers tail the log."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path

from deadwax.infrastructure.database import connect
from deadwax.infrastructure.event_log.reader import GapAwareReader
from deadwax.infrastructure.event_log.wakeup import Listener

WRITERS = 8
APPENDS = 250  # by each of three threads in each process
Read = tuple[object, int]


@contextmanager
def writers(url: str) -> Iterator[Callable[[], None]]:
    """Started processes; the call inside makes them write and waits until all are done."""
    script = str(Path(__file__).with_name("writing_process.py"))
    processes = [
        subprocess.Popen(
            [sys.executable, script, url, str(seed), str(APPENDS)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in range(WRITERS)
    ]

    def write() -> None:
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        assert [process.wait() for process in processes] == [0] * WRITERS

    try:
        yield write
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def tail(url: str, limit: int, done: threading.Event) -> list[Read]:
    """What a gap-aware reader delivers until it stands at the end of the finished log."""
    read: list[Read] = []
    with GapAwareReader(url, 0) as reader, Listener(url) as listener:
        while True:
            finished = done.is_set()
            found = reader.read(limit)
            read += [(event.event_id, event.position) for event in found]
            if finished and not found and reader.blocked_since is None:
                return read
            if not found:
                listener.wait(0.02)


def tail_naively(url: str, done: threading.Event) -> list[Read]:
    """The same without waiting at gaps."""
    read: list[Read] = []
    with connect(url, "naive") as connection:
        while True:
            finished = done.is_set()
            found = connection.execute(
                """SELECT event_id, position FROM events WHERE position > %s
                   ORDER BY position LIMIT 500""",
                (read[-1][1] if read else 0,),
            ).fetchall()
            read += found
            if finished and not found:
                return read


def test_a_tailing_reader_misses_nothing_and_keeps_the_order(database_url: str) -> None:
    done = threading.Event()
    with writers(database_url) as write, ThreadPoolExecutor(3) as threads:
        large = threads.submit(tail, database_url, 500, done)
        small = threads.submit(tail, database_url, 3, done)
        naive = threads.submit(tail_naively, database_url, done)
        try:
            write()
        finally:
            done.set()
        with connect(database_url, "test") as connection:
            log = connection.execute(
                "SELECT event_id, position, stream_id, version FROM events ORDER BY position"
            ).fetchall()
    in_order = [(event_id, position) for event_id, position, _, _ in log]
    assert len(in_order) > WRITERS * 3 * APPENDS
    assert log[-1][1] > len(log), "no transaction was rolled back: there was no dead gap"
    assert large.result() == in_order
    assert small.result() == in_order
    # The same run does lose events without the waiting, so this test can fail.
    assert len(naive.result()) < len(in_order)

    streams = groupby(sorted(log, key=lambda row: (str(row[2]), row[1])), lambda row: row[2])
    for _, rows in streams:
        versions = [row[3] for row in rows]
        assert versions == list(range(1, len(versions) + 1))
