"""Delivers to a platform that pulls: nothing is sent, it only has to be there to be fetched."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from deadwax.application.errors import DeliveryFailed, Stopped, Unsupported
from deadwax.application.ports import AssetStore, Can, OutgoingFile, Probe, RemoteFile
from deadwax.domain.errors import Problem, Refused
from deadwax.domain.failures import FailureCategory

_BLOCK = 1 << 20

Published = Callable[[str], Sequence[Mapping[str, Any]]]
"""The files ({path, size, sha256}) of a message that is offered, by its id; none if it is not."""


class PullCourier:
    """See application.ports.Courier for the contract.

    The platform sees what the log says: a message is offered by PublishingStarted, which the
    attempt stores before it publishes the last file. So an upload here is the proof that the
    bytes can be served, publishing moves nothing, and `size` answers from the log.
    """

    can = frozenset({Can.RESUME, Can.LOOK, Can.LIST, Can.FETCH})

    def __init__(self, assets: AssetStore, published: Published) -> None:
        self._assets, self._published = assets, published
        self._proven: dict[str, int] = {}

    def upload(
        self,
        file: OutgoingFile,
        *,
        keep_going: Callable[[], bool],
        progress: Callable[[int], None],
    ) -> None:
        digest, size = hashlib.sha256(), 0
        with file.open() as stored:
            while block := stored.read(_BLOCK):
                if not keep_going():
                    raise Stopped("The worker was asked to stop.")
                digest.update(block)
                size += len(block)
        if (digest.hexdigest(), size) != (file.sha256, file.size):
            raise DeliveryFailed(
                FailureCategory.INTEGRITY,
                f"Our bytes of {file.path} are not those on record.",
            )
        self._proven[file.path] = size

    def publish(self, path: str) -> None:
        if self.size(path) is None:
            raise DeliveryFailed(FailureCategory.NOT_FOUND, f"There is no {path} to publish.")

    def size(self, path: str) -> int | None:
        if path in self._proven:
            return self._proven[path]
        found = self._find(path)
        return int(found["size"]) if found else None

    def pending(self, path: str) -> bool:
        """What is proven to be there is not held back from anybody: publishing moves nothing."""
        return False

    def verify(self, file: OutgoingFile) -> str:
        """By the digest that the upload computed, or that the log states of what is offered."""
        if self.size(file.path) is None:
            raise DeliveryFailed(FailureCategory.NOT_FOUND, f"No {file.path} is offered.")
        return "sha256"

    def remove(self, path: str) -> None:
        raise Unsupported("remove what the log says")

    def list(self, folder: str) -> list[RemoteFile]:
        """What such a platform has to say, it sends."""
        return []

    def fetch(self, path: str, limit: int) -> bytes:
        found = self._find(path)
        if found is None:
            raise DeliveryFailed(FailureCategory.NOT_FOUND, f"No {path} is offered.")
        with self._assets.open(found["sha256"]) as stored:
            data = stored.read(limit + 1)
        if len(data) > limit:
            raise DeliveryFailed(FailureCategory.INTEGRITY, f"{path} is larger than {limit} bytes")
        return data

    def probe(self) -> Probe:
        raise Refused(
            "There is nothing to connect to",
            [
                Problem(
                    "target_pulls",
                    "protocol",
                    "The platform of this target connects to us.",
                    "Issue a key with the role platform, and have it fetch the feed.",
                )
            ],
        )

    def close(self) -> None:
        """Nothing is open."""

    def _find(self, path: str) -> Mapping[str, Any] | None:
        """Paths begin with the id of their message."""
        files = self._published(path.partition("/")[0])
        return next((file for file in files if file["path"] == path), None)
