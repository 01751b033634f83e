"""Bringing the files of one delivery to its platform, and looking at them there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any, BinaryIO, cast

from deadwax.application.errors import DeliveryFailed, NotFound
from deadwax.application.meter import Meter
from deadwax.application.ports import AssetStore, Can, Courier, OutgoingFile
from deadwax.application.process import Process
from deadwax.application.stages import files_of
from deadwax.application.throttle import PacedFile, Throttle
from deadwax.domain.distribution import Distribution
from deadwax.domain.failures import FailureCategory

File = dict[str, Any]
GoOn = Callable[[], bool]
Members = Sequence[Distribution]


_OF_THE_FILE = (
    *(FailureCategory.INTEGRITY, FailureCategory.CONTENT_FORMAT),
    FailureCategory.CONTENT_QUALITY,
)


class FileBroken(Exception):
    """A file cannot be delivered, whatever the target does. `members` bring it."""

    def __init__(self, members: Members, why: Exception) -> None:
        self.members, self.why = members, why
        super().__init__(str(why))


class Sending:
    """Called by several threads at once, each with a connection and files of its own.
    `verified` says by path how a file was compared with what stands there."""

    def __init__(
        self,
        assets: AssetStore,
        members: Members,
        meter: Meter,
        throttle: Throttle | None,
        process: Process,
    ) -> None:
        self._assets, self._members, self._meter = assets, members, meter
        self._throttle, self._process = throttle, process
        self.verified: dict[str, str] = {}

    def bring(self, courier: Courier, file: File, go_on: GoOn) -> None:
        """Upload and publish it. Raises FileBroken where the file is the trouble, and not the
        way to the target."""
        self.upload(courier, file, go_on)
        courier.publish(file["path"])
        self._process.say(
            self._members[0], "file_delivered", path=file["path"], sha256=file["sha256"]
        )

    def upload(self, courier: Courier, file: File, go_on: GoOn) -> None:
        def progress(count: int) -> None:
            self._meter.sent(file, count)
            if self._throttle is not None:
                self._throttle.spent(count)

        self._meter.began(file)
        try:
            courier.upload(self._outgoing(file, go_on), keep_going=go_on, progress=progress)
        except (NotFound, DeliveryFailed) as why:
            if isinstance(why, DeliveryFailed) and why.category not in _OF_THE_FILE:
                raise
            raise FileBroken([d for d in self._members if file in files_of(d)], why) from why
        self._meter.finished(file)

    def verify(self, courier: Courier, file: File, go_on: GoOn) -> None:
        """Compare what stands there, as far as the protocol can look. What differs is taken away
        again, unless an earlier message was published with it."""
        if Can.LOOK not in courier.can:
            return
        try:
            self.verified[file["path"]] = courier.verify(self._outgoing(file, go_on))
        except DeliveryFailed as failed:
            if failed.category is FailureCategory.INTEGRITY:
                self._take_away(courier, file["path"])
            raise

    def _take_away(self, courier: Courier, path: str) -> None:
        shown = any(path in paths for d in self._members for paths in d.shown.values())
        if Can.REMOVE in courier.can and not shown:
            with suppress(DeliveryFailed):
                courier.remove(path)

    def _outgoing(self, file: File, go_on: GoOn) -> OutgoingFile:
        plain = outgoing(file, self._assets)
        if self._throttle is None:
            return plain
        throttle = self._throttle

        def paced() -> BinaryIO:
            return cast(BinaryIO, PacedFile(plain.open(), throttle, go_on))

        return replace(plain, open=paced)


def outgoing(file: File, assets: AssetStore) -> OutgoingFile:
    """A file of a message, by what its MessageComposed says."""
    return OutgoingFile(
        path=file["path"],
        size=file["size"],
        sha256=file["sha256"],
        open=partial(assets.open, file["sha256"]),
    )


def listed(courier: Courier, files: Sequence[File]) -> list[File] | None:
    """What the other side lists of `files`, path and size; None where it cannot be asked, or
    does not answer. A platform may have begun to take them away."""
    if Can.LIST not in courier.can:
        return None
    paths = {file["path"] for file in files}
    folders = sorted({path.rpartition("/")[0] for path in paths})
    try:
        seen = [found for folder in folders for found in courier.list(folder)]
    except DeliveryFailed:
        return None
    return [{"path": f.path, "size": f.size} for f in seen if f.path in paths]
