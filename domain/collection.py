"""What a platform that pulls has collected of one message: the evidence that it was there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID, uuid5

from deadwax.domain.aggregate import Created, Event, Root

_MESSAGES = UUID("6d1c9c5e-5e0b-4a5f-9d5b-3a3c6f0e7a41")


class Collection(Root):
    """One message on one target; its id follows from the message's. Who collected it is the
    actor of each event: the platform's key. Each thing is noted once, the first time."""

    TOPIC = "collection"

    if TYPE_CHECKING:
        message_id: str
        target_id: UUID
        message_fetched: bool
        resources_fetched: bool
        finished: bool

    @classmethod
    def id_of(cls, message_id: str) -> UUID:
        return uuid5(_MESSAGES, message_id)

    @classmethod
    def begin(cls, message_id: str, target_id: UUID, distribution_id: UUID) -> Self:
        return cls._create(
            CollectionStarted,
            id=cls.id_of(message_id),
            message_id=message_id,
            target_id=str(target_id),
            distribution_id=str(distribution_id),
        )

    def note_message(self, file: dict[str, Any]) -> None:
        """Every byte of the message was served; `file` is {path, sha256, size}."""
        if not self.message_fetched:
            self._note(MessageFetched, file=file)

    def note_resources(self, files: list[dict[str, Any]]) -> None:
        """Every byte of every other file was served, in whatever order."""
        if not self.resources_fetched:
            self._note(ResourcesFetched, files=files)

    def finish(self) -> None:
        """The platform says that it has all it wants."""
        if not self.finished:
            self._note(CollectionFinished)

    def _note(self, event: type[Collected], **fields: Any) -> None:
        about = {"message_id": self.message_id, "target_id": str(self.target_id)}
        self.trigger_event(event, **about, **fields)


@dataclass(frozen=True)
class CollectionStarted(Created):
    TOPIC = "collection.started"
    message_id: str
    target_id: str
    distribution_id: str

    def apply(self, aggregate: Collection) -> None:
        aggregate.message_id, aggregate.target_id = self.message_id, UUID(self.target_id)
        aggregate.message_fetched = aggregate.resources_fetched = aggregate.finished = False


@dataclass(frozen=True)
class Collected(Event):
    """Base: each says what it is about."""

    message_id: str
    target_id: str


@dataclass(frozen=True)
class MessageFetched(Collected):
    TOPIC = "collection.message_fetched"
    file: dict[str, Any]

    def apply(self, aggregate: Collection) -> None:
        aggregate.message_fetched = True


@dataclass(frozen=True)
class ResourcesFetched(Collected):
    TOPIC = "collection.resources_fetched"
    files: list[dict[str, Any]]

    def apply(self, aggregate: Collection) -> None:
        aggregate.resources_fetched = True


@dataclass(frozen=True)
class CollectionFinished(Collected):
    """DELETE of the message: the platform needs neither it nor its files any more."""

    TOPIC = "collection.finished"

    def apply(self, aggregate: Collection) -> None:
        aggregate.finished = True
