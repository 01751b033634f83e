"""What a platform that pulls may fetch, and what it has fetched.

A message is offered from the moment that PublishingStarted is in the log: that event decides,
so an attempt that lost its lease can offer nothing, and a crash right after it loses nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from deadwax.application.catalogue import Catalogue, redone_on_conflict
from deadwax.application.errors import NotFound
from deadwax.application.message_ids import distribution_of
from deadwax.application.packaging import Role
from deadwax.domain.cause import current_cause
from deadwax.domain.collection import Collection
from deadwax.domain.distribution import Distribution

File = dict[str, Any]


class Fetches(Protocol):
    """Which bytes were served. A memory that may be lost: then a file counts as fetched once
    it was fetched again."""

    def add(self, message_id: str, path: str, size: int, first: int, end: int) -> set[str]:
        """Note bytes `first` to before `end` of a file of `size`; the paths of the message's
        files of which every byte was served."""
        ...

    def forget(self, message_id: str) -> None: ...


@dataclass(frozen=True)
class Offer:
    """A message that may be fetched now, with the files it names: {path, role, sha256, size},
    paths as in `/messages/{path}`."""

    distribution_id: UUID
    target_id: UUID
    message: dict[str, Any]

    @property
    def id(self) -> str:
        return str(self.message["id"])

    @property
    def files(self) -> list[File]:
        return list(self.message["files"])

    @property
    def xml(self) -> File:
        return next(file for file in self.files if file["role"] == Role.MESSAGE)

    def file(self, path: str) -> File:
        """Raises NotFound."""
        found = next((file for file in self.files if file["path"] == path), None)
        if found is None:
            raise NotFound("file", path)
        return found


class Pull:
    def __init__(self, catalogue: Catalogue, fetches: Fetches) -> None:
        self._catalogue, self._fetches = catalogue, fetches

    def offer(self, target_id: UUID, message_id: str) -> Offer:
        """The message as the platform of that target may fetch it now. Raises NotFound, also
        for one that was replaced, withdrawn, or rejected."""
        offer = self._offer(message_id)
        if offer is None or offer.target_id != target_id:
            raise NotFound("message", message_id)
        return offer

    def _offer(self, message_id: str) -> Offer | None:
        id = distribution_of(message_id)
        d = self._catalogue.find(Distribution, id) if id else None
        if d is None or d.tenant_id != current_cause().tenant_id:
            return None
        message = offered(d)
        if message is None or message["id"] != message_id:
            return None
        return Offer(d.id, d.target_id, message)

    @redone_on_conflict
    def served(self, offer: Offer, file: File, first: int, end: int) -> None:
        """Bytes `first` to before `end` of a file went to the platform. The message, and the
        files beside it, are each noted in the log once they were served whole."""
        whole = self._fetches.add(offer.id, file["path"], file["size"], first, end)
        others = [f for f in offer.files if f["role"] != Role.MESSAGE]
        collection = self._collection(offer)
        if offer.xml["path"] in whole:
            collection.note_message(_seen(offer.xml))
        if others and whole.issuperset(f["path"] for f in others):
            collection.note_resources([_seen(f) for f in others])
        if collection.message_fetched or collection.resources_fetched:
            self._catalogue.save(collection)

    @redone_on_conflict
    def finish(self, target_id: UUID, message_id: str) -> int:
        """The platform has what it wants: the position of that, 0 if it said so before. Raises
        NotFound."""
        found = self._catalogue.find(Collection, Collection.id_of(message_id))
        if found and found.finished and found.target_id == target_id:
            return 0
        collection = self._collection(self.offer(target_id, message_id))
        collection.finish()
        position = self._catalogue.save(collection)
        self._fetches.forget(message_id)
        return position

    def _collection(self, offer: Offer) -> Collection:
        found = self._catalogue.find(Collection, Collection.id_of(offer.id))
        return found or Collection.begin(offer.id, offer.target_id, offer.distribution_id)


def offered(d: Distribution) -> dict[str, Any] | None:
    """The message that its platform may fetch now: the last one published, neither rejected nor
    done with. It stays while an update is made, not while a takedown is."""
    message = d.message
    if d.kind == "update" and not (message and message["id"] in (*d.at_platform, *d.sent)):
        message = d.told
    return message if message and message["id"] in d.at_platform else None


def published(catalogue: Catalogue, message_id: str) -> Sequence[File]:
    """The files of a message if the log says that its publishing began; else none. For
    processes: of any tenant."""
    id = distribution_of(message_id)
    d = catalogue.find(Distribution, id) if id else None
    if d is None or d.message is None or d.message["id"] != message_id:
        return ()
    return d.message["files"] if message_id in d.at_platform else ()


def _seen(file: File) -> File:
    return {name: file[name] for name in ("path", "sha256", "size")}
