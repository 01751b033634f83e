"""SoundRecording and Video of 3.8.x as the fields of a track."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from deadwax.application.imported import Fate, StatedFile
from deadwax.domain.tracks import ImmersiveEdition
from deadwax.domain.vocabulary import RecordingKind
from deadwax.infrastructure.ern.reading.clips import preview
from deadwax.infrastructure.ern.reading.cursor import Cursor
from deadwax.infrastructure.ern.reading.files import stated_file
from deadwax.infrastructure.ern.reading.lines import genre, rights_line
from deadwax.infrastructure.ern.reading.people import display_names
from deadwax.infrastructure.ern.reading.remarks import courtesy_line, remarks, version_types
from deadwax.infrastructure.ern.reading.three.parties import artists, contributors
from deadwax.infrastructure.ern.reading.three.territories import Details
from deadwax.infrastructure.ern.reading.three.titles import titles
from deadwax.infrastructure.ern.reading.values import (
    choice,
    event_date,
    flag,
    identifier,
    language,
    own_language,
    proprietary_ids,
    seconds,
)

FIELD = "immersive.audio"


@dataclass(frozen=True)
class Recording:
    """`fields` are arguments of a Track, but for its place; `files` name their fields within
    the track. `names` are its display names as stated, `details` its details by territory."""

    fields: dict[str, Any]
    files: tuple[StatedFile, ...]
    names: list[Cursor]
    details: Details


def recording(cursor: Cursor, immersive: Cursor | None) -> Recording:
    """`immersive` is the recording that is linked to this one as its immersive edition."""
    own_language(cursor)
    kind = cursor.name
    details = Details(cursor.children(f"{kind}DetailsByTerritory"))
    technical = details.children(f"Technical{kind}Details")
    file = stated_file(technical, "video" if kind == "Video" else "audio")
    fields = {
        **_common(cursor, details),
        "isrc": _isrc(cursor),
        "ids": proprietary_ids(cursor.at(f"{kind}Id/ProprietaryId")),
        "p_line": rights_line(details.children("PLine")),
        **preview(technical),
    }
    for reference in cursor.children("ResourceReference"):
        reference.hold()
    files = [file]
    if immersive is not None:
        fields["immersive"], other = _immersive(immersive, fields)
        files.append(other)
    _hold_other_files(details, technical)
    names = details.children("DisplayArtistName")
    return Recording(fields, tuple(f for f in files if f), names, details)


def with_names(read: Recording, others: list[Cursor]) -> dict[str, Any]:
    """The fields with the display names; where the recording states none, `others` count."""
    names = display_names(read.names or others, read.fields["artists"])
    read.details.hold_repeats()
    return {**read.fields, "artist_names": names}


def _common(cursor: Cursor, details: Details) -> dict[str, Any]:
    """What an immersive edition says again."""
    kind = cursor.name
    general = details.general
    works = cursor.at(f"Indirect{kind}Id/ISWC")
    return {
        "kind": choice(cursor.child(f"{kind}Type"), RecordingKind),
        "iswc": identifier(next(iter(works), None), "iswc"),
        **titles(cursor, details),
        "version_types": version_types(cursor),
        "artists": artists(details.children("DisplayArtist")),
        "contributors": contributors(
            details.children("ResourceContributor", "IndirectResourceContributor")
        ),
        **(genre(general) if general else {}),
        **_languages(cursor),
        "instrumental": flag(cursor.child("IsInstrumental")),
        "hidden": bool(flag(cursor.child("IsHiddenResource"))),
        "bonus": bool(flag(cursor.child("IsBonusResource"))),
        "cover_version": flag(cursor.child("IsCover")),
        **details.warnings(),
        "c_line": rights_line([*cursor.children("CLine"), *details.children("CLine")]),
        "courtesy_line": courtesy_line(general),
        "recorded": event_date(cursor.child("CreationDate")),
        "mastered": event_date(cursor.child("MasteredDate")),
        "remastered": event_date(cursor.child("RemasteredDate") or details.child("RemasteredDate")),
        "first_published": event_date(details.child("OriginalResourceReleaseDate")),
        **remarks(general),
        "duration": seconds(cursor.child("Duration")) or None,
    }


def _immersive(
    cursor: Cursor, fields: dict[str, Any]
) -> tuple[ImmersiveEdition | None, StatedFile | None]:
    isrc = _isrc(cursor)
    if isrc is None:
        return None, None
    own_language(cursor)
    details = Details(cursor.children("SoundRecordingDetailsByTerritory"))
    copy = _common(cursor, details)
    different = [k for k, v in copy.items() if v != fields[k] and k != "duration"]
    if different:
        why = f"Held as an edition of the other recording, whose {', '.join(different)} count."
        cursor.note(Fate.CHANGED, why)
    for own in cursor.at("SoundRecordingId/ProprietaryId"):
        own.rebuilt(f"{isrc}_immersive")
        own.attribute("Namespace")
    for reference in cursor.children("ResourceReference"):
        reference.hold()
    for shown in details.children("DisplayArtistName"):
        shown.hold("LanguageAndScriptCode")
    p_line = rights_line(details.children("PLine"))
    technical = details.children("TechnicalSoundRecordingDetails")
    file = stated_file(technical, FIELD)
    details.hold_repeats()
    _hold_other_files(details, technical)
    return ImmersiveEdition(isrc=isrc, p_line=p_line if p_line != fields["p_line"] else None), file


def _hold_other_files(details: Details, technical: list[Cursor]) -> None:
    """A further set of details describes the same file under another reference."""
    for mine in technical[:1]:
        for other in details.other_children(mine.name):
            if mine.is_held and _coding(mine) == _coding(other):
                other.hold_all()


def _coding(technical: Cursor) -> list[Any]:
    return [c.canonical for c in technical.children() if not c.name.endswith("Reference")]


def _isrc(cursor: Cursor) -> Any:
    listed = cursor.at(f"{cursor.name}Id/ISRC")
    return identifier(next(iter(listed), None), "isrc")


def _languages(cursor: Cursor) -> dict[str, Any]:
    found = [x for c in cursor.children("LanguageOfPerformance") if (x := language(c))]
    return {"language": found[0] if found else None, "other_languages": tuple(found[1:])}
