"""What came from a platform and is no DDEX acknowledgement: kept raw before it is understood."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID, uuid5

from deadwax.domain.aggregate import Created, Event, Root
from deadwax.domain.errors import IllegalTransition


class Channel(StrEnum):
    """How it came: a signed request, a mail, or a file that a person brought."""

    WEBHOOK = "webhook"
    MAIL = "mail"
    FILE = "file"


class NoticeStatus(StrEnum):
    RECEIVED = "received"
    READ = "read"


class Notice(Root):
    """One report of one target's platform; its id follows from the target, the channel and the
    platform's own id of the report, so that a repetition finds the first."""

    TOPIC = "notice"

    if TYPE_CHECKING:
        target_id: UUID
        channel: Channel
        name: str
        media_type: str
        sha256: str
        status: NoticeStatus

    @classmethod
    def id_of(cls, target_id: UUID, channel: Channel, external_id: str) -> UUID:
        return uuid5(target_id, f"{channel} {external_id}")

    @classmethod
    def receive(
        cls,
        target_id: UUID,
        channel: Channel,
        external_id: str,
        *,
        name: str,
        media_type: str,
        sha256: str,
    ) -> Self:
        """`sha256` names its bytes in the asset store; `name` is a file name or subject."""
        return cls._create(
            NoticeReceived,
            id=cls.id_of(target_id, channel, external_id),
            target_id=str(target_id),
            channel=channel.value,
            external_id=external_id,
            name=name,
            media_type=media_type,
            sha256=sha256,
        )

    def note_read(self, applied: list[dict[str, Any]], problems: list[dict[str, Any]]) -> None:
        """What it said, and what of it nobody could place."""
        if self.status is not NoticeStatus.RECEIVED:
            raise IllegalTransition("notice", self.status, NoticeStatus.READ, [])
        self.trigger_event(NoticeExamined, applied=applied, problems=problems)


@dataclass(frozen=True)
class NoticeReceived(Created):
    TOPIC = "notice.received"
    target_id: str
    channel: str
    external_id: str
    name: str
    media_type: str
    sha256: str

    def apply(self, aggregate: Notice) -> None:
        aggregate.target_id = UUID(self.target_id)
        aggregate.channel = Channel(self.channel)
        aggregate.name, aggregate.media_type = self.name, self.media_type
        aggregate.sha256 = self.sha256
        aggregate.status = NoticeStatus.RECEIVED


@dataclass(frozen=True)
class NoticeExamined(Event):
    """`applied` are {distribution_id, message_id, outcome, status}; `problems` are {code, field,
    message, fix}."""

    TOPIC = "notice.examined"
    applied: list[dict[str, Any]]
    problems: list[dict[str, Any]]

    def apply(self, aggregate: Notice) -> None:
        aggregate.status = NoticeStatus.READ
