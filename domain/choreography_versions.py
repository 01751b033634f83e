"""DDEX's choreographies: kinds, versions, and what each version lays down.

Sources: ERN choreography for SFTP 1.7, clauses 7 and 8 and its release notes; ERN part 3
(cloud-based storage) 1.8.1, clauses 5 and 6; ERN part 4 (web services) 1.7, clauses 5 to 7; for
1.5 also the catalogue transfer standard, 7.4.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from deadwax.domain.file_names import USUAL_NAMES, CoverName, FileNames, TrackName


class ChoreographyKind(StrEnum):
    """A batch holds messages and a manifest; the others hold one release and no manifest. In
    `web_service` nothing is sent: the platform fetches what a feed announces."""

    SFTP_BATCH = "sftp_batch"
    RELEASE_BY_RELEASE = "release_by_release"
    CLOUD_STORAGE = "cloud_storage"
    WEB_SERVICE = "web_service"


class ChoreographyVersion(StrEnum):
    V15 = "1.5"
    V16 = "1.6"
    V17 = "1.7"
    V18 = "1.8"


class BatchPriority(StrEnum):
    """The first letter of a folder. What it means is agreed with the platform."""

    NORMAL = "N"
    HIGH = "P"
    MIXED = "M"
    LOW = "L"


class Completion(StrEnum):
    """What tells the platform that a delivery is whole. `none`: nothing does; it waits."""

    MANIFEST = "manifest"
    MARKER = "marker"
    MESSAGE = "message"
    NONE = "none"


class UploadOrder(StrEnum):
    RESOURCES_FIRST = "resources_first"
    MESSAGE_FIRST = "message_first"


class Checksums(StrEnum):
    """Which files have an `.md5` beside them."""

    NONE = "none"
    MESSAGE = "message"
    ALL = "all"


@dataclass(frozen=True)
class Rules:
    """What DDEX lays down for one kind and version."""

    folder: str
    priorities: frozenset[BatchPriority]
    names: FileNames = USUAL_NAMES


_N, _P, _M, _L = BatchPriority.NORMAL, BatchPriority.HIGH, BatchPriority.MIXED, BatchPriority.LOW
_BATCH, _SINGLE = "{priority}_{batch}", "{priority}_{icpn}_{batch}"
_CLOUD_NAMES = FileNames(
    track=TrackName("resources/{icpn}_{technical}_{kind}_{disc}_{track}.{extension}"),
    cover=CoverName("resources/{icpn}_{technical}_{kind}.{extension}"),
    other=CoverName("resources/{icpn}_{technical}_{kind}.{extension}"),
)

RULES: dict[tuple[ChoreographyKind, ChoreographyVersion], Rules] = {
    # Folders name their priority since 1.6; low priority came with 1.8, for single releases.
    (ChoreographyKind.SFTP_BATCH, ChoreographyVersion.V15): Rules("{batch}", frozenset({_N})),
    (ChoreographyKind.SFTP_BATCH, ChoreographyVersion.V16): Rules(_BATCH, frozenset({_N, _P, _M})),
    (ChoreographyKind.SFTP_BATCH, ChoreographyVersion.V17): Rules(_BATCH, frozenset({_N, _P, _M})),
    (ChoreographyKind.SFTP_BATCH, ChoreographyVersion.V18): Rules(_BATCH, frozenset({_N, _P, _M})),
    (ChoreographyKind.RELEASE_BY_RELEASE, ChoreographyVersion.V15): Rules(
        "{icpn}_{batch}", frozenset({_N})
    ),
    (ChoreographyKind.RELEASE_BY_RELEASE, ChoreographyVersion.V16): Rules(
        _SINGLE, frozenset({_N, _P})
    ),
    (ChoreographyKind.RELEASE_BY_RELEASE, ChoreographyVersion.V17): Rules(
        _SINGLE, frozenset({_N, _P})
    ),
    (ChoreographyKind.RELEASE_BY_RELEASE, ChoreographyVersion.V18): Rules(
        _SINGLE, frozenset({_N, _P, _L})
    ),
    (ChoreographyKind.CLOUD_STORAGE, ChoreographyVersion.V18): Rules(
        _SINGLE, frozenset({_N, _P, _L}), _CLOUD_NAMES
    ),
    # Each message has an address of its own, under its id; part 4 came to no other version.
    (ChoreographyKind.WEB_SERVICE, ChoreographyVersion.V17): Rules("{batch}", frozenset({_N})),
}
