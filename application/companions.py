"""The messages that travel beside an ERN message, as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from deadwax.application.messages import SchemaCheck
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.target import CompanionKind, Mode, Party


@dataclass(frozen=True, kw_only=True)
class CompanionSpec:
    """What the companions of one ERN message say.

    `message_id` and `thread_id` are those of the ERN message; each companion's own id is made
    from it. What they say is the `enrichment` of the release.
    """

    kinds: tuple[CompanionKind, ...]
    message_id: str
    thread_id: str
    created_at: datetime
    mode: Mode
    sender: Party
    recipient: Party
    release: ReleaseMetadata


@dataclass(frozen=True, kw_only=True)
class CompanionMessage:
    """A message, the name of its file (without a folder), and whether an XSD checked it."""

    kind: CompanionKind
    message_id: str
    file_name: str
    xml: bytes
    schema: SchemaCheck


class Enrichments(Protocol):
    """Builds MEAD and PIE messages."""

    def build(self, spec: CompanionSpec) -> tuple[CompanionMessage, ...]:
        """The messages wanted that have something to say, in the order of CompanionKind.

        Raises domain.errors.Refused naming each missing or contradictory value; nothing is
        filled in.
        """
        ...
