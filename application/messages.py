"""A message to a DSP as values: what is said, to whom, with which files.

Everything in it comes from events, so that the same history gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from deadwax.domain.assets import AssetFacts
from deadwax.domain.errors import Problem
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.target import ErnVersion, Mode, Party
from deadwax.domain.tenant import Label


class MessageKind(StrEnum):
    """Why the message is sent. An update is a full resend: its deals replace all earlier ones."""

    INITIAL = "initial"
    UPDATE = "update"
    TAKEDOWN = "takedown"


class SchemaCheck(StrEnum):
    """Whether the official XSD was there to check a message against."""

    VALID = "valid"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True, kw_only=True)
class MessageSpec:
    """What a NewReleaseMessage says. `assets` holds facts by SHA-256.

    A takedown carries no deals and no files.
    """

    kind: MessageKind
    message_id: str
    thread_id: str
    created_at: datetime
    mode: Mode
    ern: ErnVersion
    sender: Party
    recipient: Party
    label: Label
    release: ReleaseMetadata
    assets: Mapping[str, AssetFacts]


@dataclass(frozen=True, kw_only=True)
class ResourceFile:
    """A file that the message names: its URI in the release folder, and its bytes."""

    uri: str
    sha256: str
    size: int


@dataclass(frozen=True, kw_only=True)
class BuiltMessage:
    """The bytes of the message, the files it names, and whether the XSD could be checked."""

    xml: bytes
    resources: tuple[ResourceFile, ...]
    schema: SchemaCheck


@dataclass(frozen=True, kw_only=True)
class BatchSpec:
    """One batch holding one message, by the DDEX SFTP choreography 1.8."""

    batch_id: str
    created_at: datetime
    mode: Mode
    kind: MessageKind
    sender: Party
    recipient: Party
    message_id: str
    icpn: str
    grid: str | None
    message_url: str
    message_md5: str


class Outcome(StrEnum):
    """What an acknowledgement means for the distribution."""

    ACCEPTED = "accepted"
    LIVE = "live"
    REMOVED = "removed"
    REJECTED = "rejected"


@dataclass(frozen=True, kw_only=True)
class Acknowledgement:
    """What a platform said of one message. `outcome` is one of the four below; `status` and
    `information` are the platform's own words."""

    message_id: str
    outcome: Outcome
    status: str
    information: str


class MessageBuilder(Protocol):
    """Builds and reads DDEX messages."""

    def build(self, spec: MessageSpec) -> BuiltMessage:
        """Build and check a NewReleaseMessage.

        Raises domain.errors.Refused naming each missing or contradictory value; nothing is
        filled in. A message that fails its schema or our own checks is never returned.
        """
        ...

    def manifest(self, spec: BatchSpec) -> bytes:
        """The ManifestMessage of a batch: the bytes of `BatchComplete_<batch id>.xml`."""
        ...

    def read_acknowledgements(self, data: bytes) -> list[Acknowledgement]:
        """What an acknowledgement file says, one entry per message it names.

        Raises domain.errors.Refused for bytes that are not such a file.
        """
        ...

    def check(self, xml: bytes) -> tuple[SchemaCheck, list[Problem]]:
        """Schema (when available) and own checks of any message of ours."""
        ...
