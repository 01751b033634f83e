"""Files in parallel: the work of one delivery over several connections."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextvars import copy_context
from types import TracebackType
from typing import Any, Self

from deadwax.application.errors import DeliveryFailed
from deadwax.application.patience import Notice
from deadwax.application.ports import Courier

File = dict[str, Any]
GoOn = Callable[[], bool]
Work = Callable[[Courier, File, GoOn], None]

_WORTH_A_CONNECTION = 4 << 20
"""Opening another one costs about what sending this many bytes does."""


class Transfer:
    """Opens couriers by `connect` as they are needed, up to `most`, and closes them at the end.

    The first has to open; without the others it only takes longer, as some servers allow one
    connection at a time."""

    def __init__(
        self, connect: Callable[[], Courier], most: int, go_on: GoOn, notice: Notice
    ) -> None:
        self._connect, self._most, self._go_on, self._notice = connect, most, go_on, notice
        self._couriers: dict[int, Courier] = {}

    def __enter__(self) -> Self:
        self._couriers[0] = self._connect()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for courier in self._couriers.values():
            courier.close()

    @property
    def courier(self) -> Courier:
        """The first connection, for what is done one after the other."""
        return self._couriers[0]

    def each(self, files: Sequence[File], work: Work) -> None:
        """Do the work for every file, the largest first; returns when all are done.

        The first failure is raised, after the others were told to stop by the `go_on` that
        `work` is given, and did.
        """
        waiting = deque(sorted(files, key=lambda file: -file["size"]))
        errors: list[Exception] = []

        def go_on() -> bool:
            return not errors and self._go_on()

        def run(number: int) -> None:
            try:
                courier = self._couriers.get(number) or self._open(number)
                while courier is not None and not errors and (file := _next(waiting)):
                    work(courier, file, go_on)
            except Exception as error:
                errors.append(error)

        helpers = [
            threading.Thread(target=copy_context().run, args=(run, number), name="transfer")
            for number in range(1, self._wanted(files))
        ]
        for helper in helpers:
            helper.start()
        run(0)
        for helper in helpers:
            helper.join()
        if errors:
            raise errors[0]

    def _wanted(self, files: Sequence[File]) -> int:
        worth = 1 + sum(file["size"] for file in files) // _WORTH_A_CONNECTION
        return int(min(self._most, len(files), worth))

    def _open(self, number: int) -> Courier | None:
        try:
            courier = self._connect()
        except DeliveryFailed as failed:
            self._notice("connection_not_opened", category=failed.category, detail=failed.detail)
            return None
        self._couriers[number] = courier
        return courier


def _next(waiting: deque[File]) -> File | None:
    try:
        return waiting.popleft()
    except IndexError:  # another took the last one
        return None
