"""The projector process's own function, in a thread of the test."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from deadwax.infrastructure.database import connect
from deadwax.projections.base import Projection
from deadwax.projections.positions import install
from deadwax.projections.registry import PROJECTIONS
from deadwax.workers import projector


@contextmanager
def projecting(
    database_url: str, projections: Sequence[Projection] = PROJECTIONS
) -> Iterator[None]:
    """For the length of a block, in which the tables are there. Raises what ends it early."""
    with connect(database_url, "test") as connection:
        install(connection, projections)
    stop, failed = threading.Event(), list[BaseException]()

    def run() -> None:
        try:
            projector.run(database_url, stop, projections)
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run, name="projector")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
    if failed:
        raise failed[0]
