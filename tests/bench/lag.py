"""From the commit of an event to the commit of its row, under a steady load."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from statistics import quantiles

import psycopg
from tests.bench.comparison import Result, bench, compare
from tests.bench.deliveries import commands

from deadwax.domain.aggregate import Event
from deadwax.infrastructure.database import connect, open_pool
from deadwax.infrastructure.embedded import EmbeddedServers
from deadwax.infrastructure.event_log.store import PostgresEventLog
from deadwax.infrastructure.migrate import migrate
from deadwax.projections.positions import install, wait_for
from deadwax.projections.registry import PROJECTIONS

_RATE, _SECONDS, _WRITERS = 300, 10, 4
Load = Sequence[list[Event]]
_NAMES = [projection.name for projection in PROJECTIONS]
_OURS = """
import sys, threading
from deadwax.workers import projector
projector.run(sys.argv[1], threading.Event())
"""
_POLLING = """
import sys, threading, time
from deadwax.projections import projector as each
from deadwax.workers import projector

class Deaf:
    def __init__(self, url): pass
    def __enter__(self): return self
    def __exit__(self, *_): pass
    def wait(self, timeout): time.sleep(timeout)

projector.Listener, each.FLOOR, each._SOON = Deaf, 0.05, 0.05
projector.run(sys.argv[1], threading.Event())
"""
# The server's own record of when the two transactions committed: nobody has to watch. The
# row counts as visible once it is in the slower of the two read models with a row per event.
_LAGS = """
SELECT extract(epoch FROM greatest(pg_xact_commit_timestamp(a.xmin),
                                   pg_xact_commit_timestamp(t.xmin))
                          - pg_xact_commit_timestamp(e.xmin)) * 1000
FROM events e JOIN read.audit_trail a USING (position) LEFT JOIN read.timeline t USING (position)
WHERE e.position > %s
"""


@bench("lag")
def lag() -> Result:
    """99th percentile at 300 commands a second, all read models running; the peer is the
    same projector without wake-ups, reading the log every 50 ms."""
    with ExitStack() as opened:
        folder = opened.enter_context(tempfile.TemporaryDirectory(prefix="dw"))
        servers = opened.enter_context(EmbeddedServers(Path(folder)))
        url = servers.database_url
        migrate(url)
        with connect(url, "bench") as db:
            db.execute("ALTER SYSTEM SET track_commit_timestamp = on")
        servers.restart_postgres()
        db = opened.enter_context(connect(url, "bench"))
        install(db, PROJECTIONS)
        pool = opened.enter_context(open_pool(url, size=1, name="bench"))
        log = PostgresEventLog(pool, url)
        opened.callback(log.close)
        return compare(
            "lag",
            ours=lambda: _p99(url, db, log, _OURS),
            peer=lambda: _p99(url, db, log, _POLLING),
            peer_name="polling every 50 ms",
            unit="ms",
            rounds=3,
            less_is_better=True,
        )


def _p99(url: str, db: psycopg.Connection, log: PostgresEventLog, run: str) -> float:
    each = _RATE * _SECONDS // _WRITERS
    loads = [list(islice(commands(), each)) for _ in range(_WRITERS)]
    projecting = subprocess.Popen([sys.executable, "-c", run, url])
    try:
        start = log.append(loads[0].pop(0))
        wait_for(db, start, _NAMES, timeout=60)
        wait_for(db, _append(log, loads), _NAMES, timeout=60)
        lags = [float(ms) for (ms,) in db.execute(_LAGS, [start])]
    finally:
        projecting.kill()
        projecting.wait()
    return quantiles(lags, n=100)[98]


def _append(log: PostgresEventLog, loads: Sequence[Load]) -> int:
    """At the rate, from several threads as an API has them; the last position."""
    begun = time.perf_counter()

    def write(load: Load) -> int:
        for number, events in enumerate(load):
            time.sleep(max(0.0, begun + number * len(loads) / _RATE - time.perf_counter()))
            end = log.append(events)
        return end

    with ThreadPoolExecutor(len(loads)) as threads:
        end = max(threads.map(write, loads))
    taken = time.perf_counter() - begun
    assert taken < 1.1 * _SECONDS, f"only {_RATE * _SECONDS / taken:.0f} commands/s"
    return end
