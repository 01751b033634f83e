"""Keeps one projection up to date: read, apply, wait; alone, and through every failure."""

from __future__ import annotations

import threading
from typing import Any

import structlog
from psycopg import Connection

from deadwax.application.log import LogReader
from deadwax.projections import positions
from deadwax.projections.base import Projection
from deadwax.projections.positions import LIVE, Position, Superseded
from deadwax.projections.rebuild import RebuildRunning, rebuild
from deadwax.projections.session import CONNECTION_LOST, Connect, OpenReader, prepare, try_lock

log = structlog.get_logger(__name__)

BATCH = 1000
FLOOR = 0.25
"""Seconds after which the log is read again although nobody said that it grew."""
_SOON = 0.002
_TOGETHER = 0.008
"""Seconds in which events gather after a batch: fewer, larger batches cost far less."""
_RETRY = 0.25


class NewerProjection(Exception):
    """The rows were made by a newer version of the projection than this program has."""


class Projector:
    """Runs one projection in the thread that calls `run`, until `stop` is called.

    Only one projector per projection works at a time; others wait until it is gone. `wake`
    tells it that the log grew. A lost database connection is opened again and the work goes
    on from the stored position. An event that cannot be applied stops this projection: it
    is logged, recorded in `positions`, and tried again by a new process or a rebuild.
    """

    def __init__(self, projection: Projection, connect: Connect, open_reader: OpenReader) -> None:
        self.projection = projection
        self._connect = connect
        self._open_reader = open_reader
        self._stopping = threading.Event()
        self._awake = threading.Event()
        self._one_by_one = 0
        self._log = log.bind(projection=projection.name)

    def wake(self) -> None:
        self._awake.set()

    def stop(self) -> None:
        self._stopping.set()
        self._awake.set()

    def run(self) -> None:
        while not self._stopping.is_set():
            try:
                with self._connect() as connection:
                    prepare(connection, LIVE)
                    self._lead(connection)
            except (*CONNECTION_LOST, RebuildRunning) as error:
                self._log.warning("projection_waits", error=str(error))
                self._stopping.wait(_RETRY)
            except NewerProjection as error:
                self._log.warning("projection_left_to_newer_program", error=str(error))
                return

    def _lead(self, connection: Connection[Any]) -> None:
        """Work once no other projector does."""
        while not try_lock(connection, f"projector:{self.projection.name}"):
            if self._stopping.wait(_RETRY):
                return
        if self._standing(connection).version < self.projection.version:
            self._upgrade(connection)
        with self._open_reader(self._standing(connection).position) as reader:
            self._follow(connection, reader)

    def _follow(self, connection: Connection[Any], reader: LogReader) -> None:
        pause = _SOON
        while not self._stopping.is_set():
            self._awake.clear()
            after = reader.position
            try:
                moved = self._step(connection, reader)
            except CONNECTION_LOST:
                raise
            except Superseded:
                reader.position = self._standing(connection).position
            # Whatever a projection raises, or an event's data, stops this projection only.
            except Exception as error:
                self._fail(connection, max(reader.position, after + 1), error)
                reader.position = self._standing(connection).position
            else:
                pause = self._rest(moved, pause)

    def _rest(self, moved: int, pause: float) -> float:
        """Wait until it is worth while to read again; returns the next `pause`."""
        if moved == BATCH or self._one_by_one:
            return _SOON
        if moved:
            self._stopping.wait(_TOGETHER)
            return _SOON
        # Nothing to read after a wake-up can be a gap that closes in a moment.
        return _SOON if self._awake.wait(pause) else min(2 * pause, FLOOR)

    def _step(self, connection: Connection[Any], reader: LogReader) -> int:
        """Apply what there is to read, and return how many events that were."""
        after = reader.position
        batch = reader.read(1 if self._one_by_one else BATCH)
        if batch:
            positions.apply(connection, self.projection, after, batch)
        self._one_by_one = max(0, self._one_by_one - 1) if batch else 0
        return len(batch)

    def _standing(self, connection: Connection[Any]) -> Position:
        standing = positions.current(connection, self.projection.name)
        if standing.version > self.projection.version:
            raise NewerProjection(f"version {standing.version} is there already")
        return standing

    def _upgrade(self, connection: Connection[Any]) -> None:
        try:
            rebuild([self.projection], self._connect, self._open_reader)
        except (*CONNECTION_LOST, RebuildRunning):
            raise
        # As in _follow: the fault of this projection, which the others must not feel.
        except Exception as error:
            self._stand_still(connection, self._standing(connection).position, error)

    def _fail(self, connection: Connection[Any], position: int, error: Exception) -> None:
        """After a batch go one by one, so that all before the poison event is applied; after
        a single event stand still."""
        if self._one_by_one:
            self._one_by_one = 0
            self._stand_still(connection, position, error)
        else:
            self._one_by_one = BATCH

    def _stand_still(self, connection: Connection[Any], position: int, error: Exception) -> None:
        """Tell everybody, and wait until somebody else moves the projection on."""
        reason = f"{type(error).__name__}: {error}"
        self._log.error("projection_stopped", position=position, error=reason, exc_info=error)
        positions.stop(connection, self.projection.name, position, reason)
        while not self._stopping.wait(FLOOR):
            if self._standing(connection).state == "running":
                return
