"""One of the writing processes of test_concurrency.py.

Usage: writing_process.py DATABASE_URL SEED APPENDS. Says "ready", waits for a line, then
appends from three threads through the log and, meanwhile, holds positions in slow
transactions of its own, of which it rolls some back.
"""

from __future__ import annotations

import random
import sys
import threading
import time
from uuid import UUID, uuid4

from deadwax.domain.aggregate import Event
from deadwax.domain.cause import Cause, acting
from deadwax.domain.tenant import LabelAdded, TenantRegistered
from deadwax.infrastructure.database import connect, open_pool
from deadwax.infrastructure.event_log.codec import encode
from deadwax.infrastructure.event_log.store import INSERT, PostgresEventLog


def event(stream: UUID, version: int) -> Event:
    with acting(Cause(UUID(int=7), "process:writer", "test")):
        if version == 1:
            return TenantRegistered(
                originator_id=stream,
                originator_version=1,
                originator_topic="tenant",
                timestamp=Event.create_timestamp(),
                name="A",
                kind="label",
                review=False,
            )
        return LabelAdded(
            originator_id=stream,
            originator_version=version,
            timestamp=Event.create_timestamp(),
            label={"name": f"Label {version}"},
        )


def append(log: PostgresEventLog, chance: random.Random, count: int) -> None:
    stream, version = uuid4(), 0
    for _ in range(count):
        size = chance.choice([1, 1, 1, 2, 5])
        log.append([event(stream, version + 1 + index) for index in range(size)])
        version += size
        if version > 20:
            stream, version = uuid4(), 0
        time.sleep(chance.uniform(0, 0.006))


def hold_positions(url: str, chance: random.Random, ended: threading.Event) -> None:
    with connect(url, "slow") as connection:
        while not ended.is_set():
            stream = uuid4()
            rows = ",".join(encode(event(stream, version)) for version in (1, 2))
            with connection.transaction(force_rollback=chance.random() < 0.3):
                connection.execute(INSERT, (f"[{rows}]",))
                time.sleep(chance.uniform(0.01, 0.06))
            time.sleep(chance.uniform(0, 0.05))


def main(url: str, seed: str, appends: str) -> None:
    ended = threading.Event()
    with open_pool(url, size=1, name="writer") as pool:
        log = PostgresEventLog(pool, url)
        slow = threading.Thread(target=hold_positions, args=(url, random.Random(seed), ended))
        fast = [
            threading.Thread(target=append, args=(log, random.Random(f"{seed}-{n}"), int(appends)))
            for n in range(3)
        ]
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.readline()
        for thread in [slow, *fast]:
            thread.start()
        for thread in fast:
            thread.join()
        ended.set()
        slow.join()
        log.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
