"""What a message from elsewhere says, in our terms, and what of it our terms cannot hold."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from deadwax.domain.identifiers import Dpid, Grid, Icpn
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.parties import ProprietaryId
from deadwax.domain.target import Mode
from deadwax.domain.tenant import Label
from deadwax.domain.texts import Name


class ImportKind(StrEnum):
    """What a message asks for. Initial messages and updates look alike: both say all of it.

    A takedown has no deals, or none that goes on after the message; a purge asks for the
    release to be deleted for good.
    """

    NEW_RELEASE = "new release"
    TAKEDOWN = "takedown"
    PURGE = "purge"


class Fate(StrEnum):
    """What became of something that the message says and the draft does not say as well.

    NO_PLACE: the model cannot hold it. CHANGED: it is held in another form, or would be sent
    in another. INVALID: it breaks its own standard and is left out.
    """

    NO_PLACE = "no_place"
    CHANGED = "changed"
    INVALID = "invalid"


@dataclass(frozen=True, kw_only=True)
class Deviation:
    """One entry of a fidelity report. `path` is an XPath from the document element, ending in
    `/@name` for an attribute; `value` is the text as it stands."""

    fate: Fate
    path: str
    line: int
    value: str
    why: str


@dataclass(frozen=True, kw_only=True)
class StatedFile:
    """A file that the message names. `field` is where the release names it, such as
    `tracks[3].audio`; `uri` is relative to the message. The hash value is as stated, in hex or
    Base64. `technical` holds what is said of the coding: DDEX element name to value."""

    field: str
    uri: str
    hash_algorithm: str | None = None
    hash_value: str | None = None
    size: int | None = None
    provided: bool | None = None
    technical: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class MessageParty:
    """A sender or recipient, as far as it is valid."""

    dpid: Dpid | None = None
    name: Name | None = None


@dataclass(frozen=True, kw_only=True)
class ReleaseIds:
    """How the message identifies its release."""

    icpn: Icpn | None = None
    grid: Grid | None = None
    ids: tuple[ProprietaryId, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ImportedMessage:
    """A message as read. `metadata` is None where there is no release with a title in it: in
    purges and in some takedowns. `label` is the label that the release names, with its DPID;
    `report` everything that `metadata` and the other fields do not hold."""

    version: str
    kind: ImportKind
    message_id: str | None
    thread_id: str | None
    created_at: datetime | None
    mode: Mode
    sender: MessageParty
    recipient: MessageParty
    ids: ReleaseIds
    label: Label | None
    metadata: ReleaseMetadata | None
    files: tuple[StatedFile, ...]
    report: tuple[Deviation, ...]


class MessageReader(Protocol):
    """Reads release notifications of others."""

    def read(self, xml: bytes) -> ImportedMessage:
        """What the message says. Raises domain.errors.Refused for bytes that are no ERN
        message of a known version, or that are not read within bounds."""
        ...
