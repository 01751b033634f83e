"""What of files and releases duplicates are found by: the rows behind `media_conflicts`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from deadwax.application.log import Recorded
from deadwax.domain.media.fingerprints import picture_terms, sound_terms
from deadwax.projections.table import Table

COVER = "cover"


@dataclass(slots=True, kw_only=True)
class FileRow:
    """A file by which duplicates are found."""

    tenant_id: Annotated[UUID, "Tenant."]
    asset_id: Annotated[UUID, "The file; its id follows from tenant and bytes."]
    sha256: Annotated[str, "SHA-256 of its bytes."]
    filename: Annotated[str, "What the label calls it."]
    pcm_sha256: Annotated[str | None, "SHA-256 of its samples, the same in every container."] = None
    fingerprint: Annotated[str | None, "Its Chromaprint fingerprint."] = None
    perceptual_hash: Annotated[str | None, "pHash of a picture."] = None
    terms: Annotated[tuple[int, ...], "What alike files share some of."] = ()
    position: Annotated[int, "Log position of what was measured last, or of its upload."]
    at: Annotated[datetime, "When that was."]

    @property
    def comparable(self) -> bool:
        """Whether its audio can be told from other audio."""
        return self.pcm_sha256 is not None or self.fingerprint is not None


@dataclass(slots=True, kw_only=True)
class UseRow:
    """A place of a release where a file stands."""

    tenant_id: Annotated[UUID, "Tenant."]
    release_id: Annotated[UUID, "Release."]
    place: Annotated[str, "cover, disc/number of a track, or disc/number/immersive."]
    sha256: Annotated[str, "The file."]
    isrc: Annotated[str | None, "ISRC of the recording."] = None
    position: Annotated[int, "Log position since when it stands there."]
    at: Annotated[datetime, "When that was."]


@dataclass(slots=True, kw_only=True)
class LikenessRow:
    """Two files that look or sound alike."""

    tenant_id: Annotated[UUID, "Tenant."]
    one: Annotated[str, "SHA-256 of a file."]
    other: Annotated[str, "SHA-256 of the other, which is greater."]
    distance: Annotated[float, "Part of the bits of their fingerprints, or bits of their pHashes."]


FILES = Table(
    "media_files",
    FileRow,
    key=("tenant_id", "asset_id"),
    indexes=(
        "(tenant_id, sha256)",
        "(tenant_id, pcm_sha256)",
        # Terms are mixed with the tenant, so that no other tenant's files are looked at.
        "USING gin (terms)",
    ),
)
USES = Table(
    "media_uses",
    UseRow,
    key=("tenant_id", "release_id", "place"),
    indexes=("(tenant_id, sha256)", "(tenant_id, isrc)"),
)
LIKENESSES = Table(
    "media_likenesses",
    LikenessRow,
    key=("tenant_id", "one", "other"),
    indexes=("(tenant_id, other)",),
)


def stored(event: Recorded) -> FileRow:
    facts = event.data["facts"]
    return FileRow(
        tenant_id=event.tenant_id,
        asset_id=event.stream_id,
        sha256=facts["sha256"],
        filename=facts["filename"],
        position=event.position,
        at=event.recorded_at,
    )


def note_analysis(row: FileRow, event: Recorded) -> None:
    analysis = event.data["analysis"]
    audio, image = analysis.get("audio") or {}, analysis.get("image") or {}
    row.pcm_sha256 = audio.get("pcm_sha256")
    row.fingerprint = audio.get("fingerprint")
    row.perceptual_hash = image.get("perceptual_hash")
    row.terms = _terms(row)
    row.position, row.at = event.position, event.recorded_at


def _terms(row: FileRow) -> tuple[int, ...]:
    found: Sequence[int] = ()
    if row.fingerprint is not None:
        found = sound_terms(row.fingerprint)
    elif row.perceptual_hash is not None:
        found = picture_terms(row.perceptual_hash)
    salt = row.tenant_id.int % 0x7FFFFFFF
    return tuple(sorted({(term * 2_654_435_761 + salt) % 0x7FFFFFFF for term in found}))


def uses_of(event: Recorded, metadata: Mapping[str, Any]) -> Iterator[tuple[str, UseRow | None]]:
    """The uses that `metadata`, the fields of a release that an event states, sets."""
    if COVER in metadata:
        yield COVER, _use(event, COVER, metadata[COVER], None)
    for track in metadata.get("tracks") or ():
        place, isrc = f"{track.get('disc', 1)}/{track['number']}", track.get("isrc")
        yield place, _use(event, place, track.get("audio") or track.get("video"), isrc)
        edition = track.get("immersive")
        if edition:
            place = f"{place}/immersive"
            yield place, _use(event, place, edition.get("audio"), edition["isrc"])


def _use(event: Recorded, place: str, sha256: str | None, isrc: str | None) -> UseRow | None:
    if sha256 is None:
        return None
    return UseRow(
        tenant_id=event.tenant_id,
        release_id=event.stream_id,
        place=place,
        sha256=sha256,
        isrc=isrc,
        position=event.position,
        at=event.recorded_at,
    )
