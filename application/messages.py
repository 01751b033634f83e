"""A message to a DSP as values: what is said, to whom, with which files.

Everything in it comes from events, so that the same history gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from deadwax.domain.assets import AssetFacts
from deadwax.domain.choreography_versions import ChoreographyVersion
from deadwax.domain.errors import Problem
from deadwax.domain.file_names import USUAL_NAMES, FileNames
from deadwax.domain.message_style import MessageStyle
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.target import ErnVersion, Mode, Party
from deadwax.domain.tenant import Label
from deadwax.domain.territories import Territory
from deadwax.domain.texts import Moment


class MessageKind(StrEnum):
    """Why the message is sent. An update is a full resend: its deals replace all earlier ones.

    A purge asks for the release to be deleted for good (PurgeReleaseMessage).
    """

    INITIAL = "initial"
    UPDATE = "update"
    TAKEDOWN = "takedown"
    PURGE = "purge"


class SchemaCheck(StrEnum):
    """Whether the official XSD was there to check a message against."""

    VALID = "valid"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True, kw_only=True)
class ResourceFile:
    """A file that the message names: its URI in the release folder, and its bytes."""

    uri: str
    sha256: str
    size: int


@dataclass(frozen=True, kw_only=True)
class MessageSpec:
    """What a NewReleaseMessage (or PurgeReleaseMessage) says. `assets` holds facts by SHA-256.

    `release` has the deals meant for `recipient` only. `with_files` False is an update of the
    metadata alone: the message names no files. `withdrawn_from` are the countries, sorted, in
    which the last accepted message offered the release and this one does not. `ends` is when
    a takedown takes effect, if later: the deals of `release` all end by then, and are sent.
    A takedown carries no files. `documents` are messages that travel beside this one, which
    names them; their facts are in `assets` too.
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
    names: FileNames = USUAL_NAMES
    style: MessageStyle = MessageStyle()
    with_files: bool = True
    withdrawn_from: tuple[Territory, ...] = ()
    ends: Moment | None = None
    documents: tuple[ResourceFile, ...] = ()


@dataclass(frozen=True, kw_only=True)
class BuiltMessage:
    """The bytes of the message, the files it names, and whether the XSD could be checked.

    `omitted` lists what the release says and the ERN version has no place for, as
    `Composite/Child`. `made_with` holds the versions of builder, schema and dictionaries.
    """

    xml: bytes
    resources: tuple[ResourceFile, ...]
    schema: SchemaCheck
    omitted: tuple[str, ...] = ()
    made_with: Mapping[str, str] = field(default_factory=dict)


class DeliveryType(StrEnum):
    """DDEX MessageActionType: what a message of a batch is, for whoever queues it."""

    NEW_RELEASE = "NewReleaseDelivery"
    REDELIVERY = "ReDelivery"
    BACK_CATALOGUE = "BackCatalogDelivery"
    HIGH_PRIORITY = "HighPriorityDelivery"
    TAKEDOWN = "TakeDown"


class ProductType(StrEnum):
    """DDEX ProductType: what kind of release a message of a batch is about."""

    AUDIO = "AudioProduct"
    VIDEO = "VideoProduct"
    MIXED_MEDIA = "MixedMediaBundleProduct"
    MOBILE = "MobileProduct"


@dataclass(frozen=True, kw_only=True)
class BatchEntry:
    """A message of a batch. `url` is relative to the batch's folder, `md5` lower-case hex."""

    message_id: str
    icpn: str | None
    grid: str | None
    url: str
    md5: str
    delivery: DeliveryType
    product: ProductType


@dataclass(frozen=True, kw_only=True)
class BatchSpec:
    """What the ManifestMessage of a batch says; `root` is the name of its folder."""

    version: ChoreographyVersion
    root: str
    created_at: datetime
    mode: Mode
    sender: Party
    recipient: Party
    entries: tuple[BatchEntry, ...]


class Outcome(StrEnum):
    """What an acknowledgement means for the distribution. `pending`: nothing is decided."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    LIVE = "live"
    REMOVED = "removed"
    REJECTED = "rejected"


@dataclass(frozen=True, kw_only=True)
class Acknowledgement:
    """What a platform said of one message. `status` and `information` are its own words.

    `message_id` is None where it names a release instead, as choreographies up to 1.6 do: by one
    of `release_ids` (ICPN, GRid, or what the folder is called), and the `day` of its folder as
    YYYY[-MM[-DD]]. `of_files` is True there too: FileOK is the last such a platform ever says.
    `problems` is what is to be done, `affected` the ISRCs of the tracks that it is about.
    """

    message_id: str | None
    outcome: Outcome
    status: str
    information: str
    release_ids: tuple[str, ...] = ()
    batch_id: str | None = None
    day: str | None = None
    of_files: bool = False
    problems: tuple[Problem, ...] = ()
    affected: tuple[str, ...] = ()


class MessageBuilder(Protocol):
    """Builds and reads DDEX messages."""

    def build(self, spec: MessageSpec) -> BuiltMessage:
        """Build and check a NewReleaseMessage.

        Raises domain.errors.Refused naming each missing or contradictory value; nothing is
        filled in. A message that fails its schema or our own checks is never returned.
        """
        ...

    def files(self, spec: MessageSpec) -> tuple[ResourceFile, ...]:
        """The files that a message with files brings, in the order of its references: of a spec
        that can be built without them. Raises Refused where a name cannot be made."""
        ...

    def manifest(self, spec: BatchSpec) -> bytes:
        """The ManifestMessage of a batch: the bytes of `BatchComplete_<batch id>.xml`.

        Raises Refused if it would not be valid.
        """
        ...

    def read_acknowledgements(self, data: bytes) -> list[Acknowledgement]:
        """What an acknowledgement file says, one entry per message (or release) it names.

        Raises domain.errors.Refused for bytes that are not such a file.
        """
        ...

    def check(self, xml: bytes) -> tuple[SchemaCheck, list[Problem]]:
        """Schema (when available) and own checks of any message of ours."""
        ...
