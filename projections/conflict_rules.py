"""Which duplicates are conflicts: pure functions of the files, where they stand and their likeness.

Of a group of many the first is held against each of the others, not each against each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from typing import Annotated, NamedTuple, TypeVar
from uuid import UUID, uuid5

from deadwax.projections.media_rows import COVER, FileRow, LikenessRow, UseRow

Row = TypeVar("Row", FileRow, UseRow)


class ConflictKind(StrEnum):
    SAME_FILE = "same_file"
    SAME_AUDIO = "same_audio"
    SIMILAR_AUDIO = "similar_audio"
    ISRC_OTHER_AUDIO = "isrc_other_audio"
    AUDIO_OTHER_ISRC = "audio_other_isrc"
    SAME_COVER = "same_cover"
    SIMILAR_COVER = "similar_cover"


@dataclass(slots=True, kw_only=True)
class ConflictRow:
    """Two files, or two places where they stand, that contradict each other or are one twice."""

    tenant_id: Annotated[UUID, "Tenant."]
    conflict_id: Annotated[UUID, "The conflict; the same again when it comes back."]
    kind: Annotated[
        str,
        "same_file, same_audio, similar_audio, isrc_other_audio, audio_other_isrc, same_cover"
        " or similar_cover.",
    ]
    one_sha256: Annotated[str, "The file that was there first."]
    one_release_id: Annotated[UUID | None, "Release where it stands, if that is the conflict."]
    one_place: Annotated[str | None, "Place there: cover, or disc/number of the track."]
    one_isrc: Annotated[str | None, "ISRC of that track."]
    other_sha256: Annotated[str, "The file that came later; the same one where it stands twice."]
    other_release_id: Annotated[UUID | None, "Release where it stands."]
    other_place: Annotated[str | None, "Place there."]
    other_isrc: Annotated[str | None, "ISRC of that track."]
    distance: Annotated[float | None, "How unlike they are: part of bits (audio), bits of 64."]
    group_key: Annotated[str, "What the files or places of its group have in common."]
    found_at: Annotated[datetime, "When what makes it a conflict was last said or measured."]
    position: Annotated[int, "Log position of that."]
    number: Annotated[int, "The order of the list: by position."]


@dataclass(frozen=True)
class Found:
    """Of one tenant, the groups in question, named by `keys`, each with all that is in it."""

    keys: frozenset[str]
    files: Mapping[str, FileRow]
    uses: Sequence[UseRow]
    likenesses: Sequence[LikenessRow]

    def audio(self, use: UseRow) -> str:
        """What is the same for the same samples."""
        return audio_of(self.files.get(use.sha256), use.sha256)


def audio_of(file: FileRow | None, sha256: str) -> str:
    return (file.pcm_sha256 if file else None) or sha256


def pair_key(pair: LikenessRow) -> str:
    return f"pair:{pair.one}:{pair.other}"


def conflicts(found: Found) -> Iterator[ConflictRow]:
    """All conflicts of the groups in question."""
    tracks = [use for use in found.uses if use.place != COVER]
    coded = [use for use in tracks if use.isrc is not None]
    for key, one, other in _against_first(found, tracks, lambda use: f"file:{use.sha256}"):
        if not _named_apart(one, other) and not _one_recording_on_two_releases(one, other):
            yield _conflict(ConflictKind.SAME_FILE, key, one, other)
    for key, one, other in _against_first(found, coded, lambda use: f"audio:{found.audio(use)}"):
        if one.isrc != other.isrc:
            yield _conflict(ConflictKind.AUDIO_OTHER_ISRC, key, one, other)
    yield from _of_codes(found, coded)
    for key, a, b in _against_first(found, found.files.values(), lambda f: f"audio:{f.pcm_sha256}"):
        yield _conflict(ConflictKind.SAME_AUDIO, key, a, b)
    covers = [use for use in found.uses if use.place == COVER]
    for key, one, other in _against_first(found, covers, lambda use: f"file:{use.sha256}"):
        yield _conflict(ConflictKind.SAME_COVER, key, one, other)
    yield from _of_likenesses(found, covers)


def _of_codes(found: Found, coded: Sequence[UseRow]) -> Iterator[ConflictRow]:
    alike = frozenset((pair.one, pair.other) for pair in found.likenesses)
    for key, one, other in _against_first(found, coded, lambda use: f"isrc:{use.isrc}"):
        if _other_audio(found, alike, one, other):
            files = found.files[one.sha256], found.files[other.sha256]
            yield _conflict(ConflictKind.ISRC_OTHER_AUDIO, key, one, other, files)


def _of_likenesses(found: Found, covers: Sequence[UseRow]) -> Iterator[ConflictRow]:
    stands: dict[str, UseRow] = {}
    for use in sorted(covers, key=_age):
        stands.setdefault(use.sha256, use)
    for pair in found.likenesses:
        key, files = pair_key(pair), (found.files[pair.one], found.files[pair.other])
        if key not in found.keys:
            continue
        if files[0].fingerprint is not None:
            if files[0].pcm_sha256 is None or files[0].pcm_sha256 != files[1].pcm_sha256:
                one, other = sorted(files, key=_age)
                yield _conflict(ConflictKind.SIMILAR_AUDIO, key, one, other, (), pair.distance)
        elif pair.one in stands and pair.other in stands:
            first, later = sorted((stands[pair.one], stands[pair.other]), key=_age)
            if first.release_id != later.release_id:
                kind = ConflictKind.SIMILAR_COVER
                yield _conflict(kind, key, first, later, files, pair.distance)


def _named_apart(one: UseRow, other: UseRow) -> bool:
    """That is `audio_other_isrc`, which says more."""
    return None not in (one.isrc, other.isrc) and one.isrc != other.isrc


def _one_recording_on_two_releases(one: UseRow, other: UseRow) -> bool:
    """Such as on the single and the album: no conflict."""
    return one.isrc is not None and one.isrc == other.isrc and one.release_id != other.release_id


def _other_audio(
    found: Found, alike: frozenset[tuple[str, str]], one: UseRow, other: UseRow
) -> bool:
    """Known to be another recording: both measured, and neither the same nor alike."""
    files = found.files.get(one.sha256), found.files.get(other.sha256)
    if not all(file is not None and file.comparable for file in files):
        return False
    if found.audio(one) == found.audio(other):
        return False
    low, high = sorted((one.sha256, other.sha256))
    return (low, high) not in alike


def _against_first(
    found: Found, rows: Iterable[Row], key: Callable[[Row], str]
) -> Iterator[tuple[str, Row, Row]]:
    """The oldest of each group in question with each of the others."""
    keyed = [(name, row) for row in rows if (name := key(row)) in found.keys]
    keyed.sort(key=lambda pair: (pair[0], _age(pair[1])))
    for name, group in groupby(keyed, key=lambda pair: pair[0]):
        members = [row for _, row in group]
        for other in members[1:]:
            yield name, members[0], other


def _age(row: FileRow | UseRow) -> tuple[int, str]:
    """Rows of one event in a fixed order."""
    return row.position, row.sha256 if isinstance(row, FileRow) else f"{row.release_id}{row.place}"


class _Place(NamedTuple):
    """Where a side of a conflict stands: nowhere, if it is a file only."""

    release_id: UUID | None = None
    place: str | None = None
    isrc: str | None = None

    @classmethod
    def of(cls, row: FileRow | UseRow) -> _Place:
        return cls(row.release_id, row.place, row.isrc) if isinstance(row, UseRow) else cls()


def _conflict(
    kind: ConflictKind,
    key: str,
    one: FileRow | UseRow,
    other: FileRow | UseRow,
    because: Sequence[FileRow] = (),
    distance: float | None = None,
) -> ConflictRow:
    sides = sorted(_side(row) for row in (one, other))
    conflict_id = uuid5(one.tenant_id, f"{kind}:{'|'.join(sides)}")
    last = max((one, other, *because), key=lambda row: row.position)
    first, second = _Place.of(one), _Place.of(other)
    return ConflictRow(
        tenant_id=one.tenant_id,
        conflict_id=conflict_id,
        kind=kind.value,
        one_sha256=one.sha256,
        one_release_id=first.release_id,
        one_place=first.place,
        one_isrc=first.isrc,
        other_sha256=other.sha256,
        other_release_id=second.release_id,
        other_place=second.place,
        other_isrc=second.isrc,
        distance=distance,
        group_key=key,
        found_at=last.at,
        position=last.position,
        # Those of one event come in any order, but always in the same.
        number=last.position << 24 | conflict_id.int % (1 << 24),
    )


def _side(row: FileRow | UseRow) -> str:
    if isinstance(row, FileRow):
        return row.sha256
    return f"{row.release_id}/{row.place}/{row.sha256}/{row.isrc}"
