"""The projector process: keeps every projection up to date, each in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from functools import partial

import psycopg
import structlog

from deadwax.infrastructure.database import connect
from deadwax.infrastructure.event_log.reader import GapAwareReader
from deadwax.infrastructure.event_log.wakeup import Listener
from deadwax.projections import positions, rebuild
from deadwax.projections.base import Projection
from deadwax.projections.projector import FLOOR, Projector
from deadwax.projections.registry import PROJECTIONS

_log = structlog.get_logger()


def run(
    database_url: str, stop: threading.Event, projections: Sequence[Projection] = PROJECTIONS
) -> None:
    """Blocks until `stop`. A lost database is tried again for ever; a projection that meets
    an event it cannot apply stands still alone. Raises what else ends a projection."""
    _install(database_url, projections, stop)
    projectors = [_projector(database_url, projection) for projection in projections]
    with ThreadPoolExecutor(len(projectors)) as threads, Listener(database_url) as listener:
        running = [threads.submit(projector.run) for projector in projectors]
        try:
            while not (stop.is_set() or _broken(running)):
                if listener.wait(FLOOR):
                    for projector in projectors:
                        projector.wake()
        finally:
            for projector in projectors:
                projector.stop()
    for ended in running:
        ended.result()


def rebuild_projections(database_url: str, projections: Sequence[Projection]) -> int:
    """Make projections again from the first event in one pass, while the live ones go on;
    the log position they came to."""
    with connect(database_url, "deadwax-rebuild") as connection:
        positions.install(connection, projections)
    return rebuild.rebuild(
        projections,
        partial(connect, database_url, "deadwax-rebuild"),
        partial(GapAwareReader, database_url),
    )


def _projector(url: str, projection: Projection) -> Projector:
    return Projector(
        projection,
        partial(connect, url, f"deadwax-projector-{projection.name}"),
        partial(GapAwareReader, url),
    )


def _install(url: str, projections: Sequence[Projection], stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            with connect(url, "deadwax-projector") as connection:
                positions.install(connection, projections)
            return
        except psycopg.OperationalError as error:
            _log.warning("projector_waits", why=type(error).__name__)
            stop.wait(FLOOR)


def _broken(running: Sequence[Future[None]]) -> bool:
    """Whether a projector ended by a fault of its own."""
    return any(ended.exception() for ended in wait(running, 0, FIRST_EXCEPTION).done)
