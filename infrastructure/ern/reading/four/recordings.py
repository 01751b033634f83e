"""SoundRecording and Video of 4.x as the fields of a track."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from deadwax.application.imported import Fate, StatedFile
from deadwax.domain.target import ErnVersion
from deadwax.domain.tracks import EventDate, RelatedRecording
from deadwax.domain.vocabulary import RecordingKind
from deadwax.infrastructure.ern.four.shape import SHAPES
from deadwax.infrastructure.ern.reading.clips import preview
from deadwax.infrastructure.ern.reading.cursor import Cursor
from deadwax.infrastructure.ern.reading.files import stated_file
from deadwax.infrastructure.ern.reading.four.editions import editions, immersive_edition, isrc
from deadwax.infrastructure.ern.reading.four.parties import Parties
from deadwax.infrastructure.ern.reading.four.titles import titles
from deadwax.infrastructure.ern.reading.lines import rights_line, warnings
from deadwax.infrastructure.ern.reading.people import display_names
from deadwax.infrastructure.ern.reading.remarks import courtesy_line, version_types
from deadwax.infrastructure.ern.reading.values import (
    choice,
    event_date,
    everywhere,
    flag,
    identifier,
    language,
    own_language,
    proprietary_ids,
    seconds,
    term,
)

_BY_FORMAT = {
    format: (RecordingKind(kind), type)
    for kind, (type, format) in SHAPES[ErnVersion.V43].video_formats.items()
    if format is not None
}
_IMMERSIVE_OF = ("ResourceRelationshipType", "ResourceRelatedResourceReference")
_CLASSICAL = "ApplyClassicalProfileVariant"


@dataclass(frozen=True)
class Recording:
    """`fields` are arguments of a Track, but for its place; `files` name their fields within
    the track."""

    fields: dict[str, Any]
    files: tuple[StatedFile, ...]


def recording(cursor: Cursor, immersive: Cursor | None, parties: Parties) -> Recording:
    """`immersive` is the recording that is the immersive edition of this one, in 4.1."""
    own_language(cursor)
    if cursor.get(_CLASSICAL) in ("true", "1"):
        cursor.attribute(_CLASSICAL)  # written again with the variant of the profile
    found = editions(cursor)
    main, p_line = found.main, rights_line(found.main.children("PLine"))
    edition, other_file = immersive_edition(immersive or found.immersive, p_line)
    file = stated_file(found.details, "video" if cursor.name == "Video" else "audio")
    fields = {
        **_common(cursor, parties),
        "isrc": isrc(main),
        "ids": proprietary_ids(main.at("ResourceId/ProprietaryId")),
        "p_line": p_line,
        "c_line": rights_line([*main.children("CLine"), *cursor.children("CLine")]),
        "related": _related(cursor),
        **preview(found.details),
        "immersive": edition,
    }
    if immersive is not None:
        _hold_copy(immersive, fields, parties)
    return Recording(fields, tuple(f for f in (file, other_file) if f))


def _common(cursor: Cursor, parties: Parties) -> dict[str, Any]:
    """What does not differ between editions."""
    artists = parties.artists(cursor.children("DisplayArtist"))
    return {
        "kind": _kind(cursor),
        "iswc": identifier(next(iter(cursor.at("WorkId/ISWC")), None), "iswc"),
        **titles(cursor),
        "version_types": version_types(cursor),
        "artists": artists,
        "artist_names": display_names(cursor.children("DisplayArtistName"), artists),
        "contributors": parties.contributors(cursor.children("Contributor")),
        **_languages(cursor),
        "instrumental": flag(cursor.child("IsInstrumental")),
        "hidden": bool(flag(cursor.child("ContainsHiddenContent"))),
        "cover_version": flag(cursor.child("IsCover")),
        **warnings(cursor.children("ParentalWarningType")),
        "courtesy_line": courtesy_line(cursor),
        "recorded": event_date(cursor.child("CreationDate")),
        "mastered": event_date(cursor.child("MasteredDate")),
        "remastered": event_date(cursor.child("RemasteredDate")),
        "first_published": _first_published(cursor),
        "duration": seconds(cursor.child("Duration")) or None,
    }


def _kind(cursor: Cursor) -> RecordingKind | None:
    """From 4.3 on some kinds of video are a Type and a RecordingFormat."""
    stated = cursor.child("Type")
    for format in cursor.children("RecordingFormat"):
        if stated is not None and (found := _BY_FORMAT.get(format.raw.strip())):
            kind, type = found
            stated.rebuilt(type)
            format.hold()
            return kind
    return choice(stated, RecordingKind)


def _hold_copy(immersive: Cursor, fields: dict[str, Any], parties: Parties) -> None:
    """An immersive edition that is a recording of its own says again what the other says."""
    own_language(immersive)
    for reference in immersive.children("ResourceReference"):
        reference.hold()
    for related in immersive.children("RelatedResource"):
        for child in related.children(*_IMMERSIVE_OF):
            child.hold()
    _related(immersive)
    copy = _common(immersive, parties)
    different = [k for k, value in copy.items() if value != fields[k] and k != "duration"]
    if different:
        why = f"Held as an edition of the other recording, whose {', '.join(different)} count."
        immersive.note(Fate.CHANGED, why)


def _first_published(cursor: Cursor) -> EventDate | None:
    """Of a video the date stands in an element of its own."""
    found = everywhere(cursor.children("FirstPublicationDate"))
    return event_date((found.child("FulfillmentDate") or found) if found else None)


def _languages(cursor: Cursor) -> dict[str, Any]:
    found = [x for c in cursor.children("LanguageOfPerformance") if (x := language(c))]
    return {"language": found[0] if found else None, "other_languages": tuple(found[1:])}


def _related(cursor: Cursor) -> tuple[RelatedRecording, ...]:
    found = []
    for related in cursor.children("RelatedResource"):
        code = isrc(related)
        relationship = related.child("ResourceRelationshipType")
        if code and relationship and (kind := term(relationship)):
            found.append(RelatedRecording(relationship=kind, isrc=code))
    return tuple(found)
