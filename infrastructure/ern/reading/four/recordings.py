"""SoundRecording and Video of 4.x as the fields of a track.

Up to 4.2 identifiers, P line and technical details stand in the recording itself, from 4.3 on
in its editions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from deadwax.application.imported import StatedFile
from deadwax.domain.tracks import ImmersiveEdition, RelatedRecording
from deadwax.domain.vocabulary import RecordingKind
from deadwax.infrastructure.ern.reading.clips import preview
from deadwax.infrastructure.ern.reading.cursor import Cursor
from deadwax.infrastructure.ern.reading.files import stated_file
from deadwax.infrastructure.ern.reading.four.parties import Parties
from deadwax.infrastructure.ern.reading.four.titles import titles
from deadwax.infrastructure.ern.reading.lines import rights_line, warnings
from deadwax.infrastructure.ern.reading.people import display_names
from deadwax.infrastructure.ern.reading.values import (
    choice,
    event_date,
    everywhere,
    flag,
    identifier,
    language,
    name,
    own_language,
    proprietary_ids,
    seconds,
    term,
)

EDITIONS = ("SoundRecordingEdition", "VideoEdition")
_IMMERSIVE = "ImmersiveEdition"


@dataclass(frozen=True)
class Recording:
    """`fields` are arguments of a Track, but for its place; `immersive_file` has its field
    filled in when the track has its place too."""

    fields: dict[str, Any]
    hidden: bool
    file: StatedFile | None
    immersive_file: StatedFile | None


def recording(cursor: Cursor, parties: Parties) -> Recording:
    own_language(cursor)
    main, immersive = _editions(cursor)
    artists = parties.artists(cursor.children("DisplayArtist"))
    is_video = cursor.name == "Video"
    fields = {
        "kind": choice(cursor.child("Type"), RecordingKind),
        "isrc": _isrc(main),
        "iswc": identifier(next(iter(cursor.at("WorkId/ISWC")), None), "iswc"),
        "ids": proprietary_ids(main.at("ResourceId/ProprietaryId")),
        **titles(cursor),
        "version_types": _terms(cursor.children("VersionType")),
        "artists": artists,
        "artist_names": display_names(cursor.children("DisplayArtistName"), artists),
        "contributors": parties.contributors(cursor.children("Contributor")),
        **_languages(cursor),
        "instrumental": flag(cursor.child("IsInstrumental")),
        "cover_version": flag(cursor.child("IsCover")),
        **warnings(cursor.children("ParentalWarningType")),
        "p_line": rights_line(main.children("PLine")),
        "c_line": rights_line([*main.children("CLine"), *_own(cursor, main, "CLine")]),
        "courtesy_line": courtesy_line(cursor),
        "recorded": event_date(cursor.child("CreationDate")),
        "mastered": event_date(cursor.child("MasteredDate")),
        "remastered": event_date(cursor.child("RemasteredDate")),
        "first_published": event_date(everywhere(cursor.children("FirstPublicationDate"))),
        "related": _related(cursor),
        "duration": seconds(cursor.child("Duration")),
        **preview(main.children("TechnicalDetails")),
        "immersive": _immersive(immersive),
    }
    field = "video" if is_video else "audio"
    return Recording(
        fields=fields,
        hidden=bool(flag(cursor.child("ContainsHiddenContent"))),
        file=stated_file(main.children("TechnicalDetails"), field),
        immersive_file=stated_file(immersive.children("TechnicalDetails"), "immersive.audio")
        if immersive and fields["immersive"]
        else None,
    )


def courtesy_line(cursor: Cursor) -> Any:
    found = everywhere(cursor.children("CourtesyLine"))
    if found is not None:
        own_language(found)
    return name(found)


def _editions(cursor: Cursor) -> tuple[Cursor, Cursor | None]:
    """The edition that counts, and the immersive one; others stay unread."""
    listed = cursor.children(*EDITIONS)
    if not listed:
        return cursor, None
    flat = [e for e in listed if _type(e) != _IMMERSIVE]
    main = (flat or listed)[0]
    immersive = next((e for e in listed if flat and _type(e) == _IMMERSIVE), None)
    for edition in (main, immersive):
        if edition and (kind := edition.child("Type")):
            kind.rebuilt("NonImmersiveEdition" if edition is main else _IMMERSIVE)
    return main, immersive


def _type(edition: Cursor) -> str | None:
    kind = edition.child("Type")
    return kind.raw.strip() if kind else None


def _isrc(holder: Cursor) -> Any:
    return identifier(next(iter(holder.at("ResourceId/ISRC")), None), "isrc")


def _immersive(edition: Cursor | None) -> ImmersiveEdition | None:
    isrc = _isrc(edition) if edition else None
    if edition is None or isrc is None:
        return None
    return ImmersiveEdition(isrc=isrc, p_line=rights_line(edition.children("PLine")))


def _languages(cursor: Cursor) -> dict[str, Any]:
    found = [x for c in cursor.children("LanguageOfPerformance") if (x := language(c))]
    return {"language": found[0] if found else None, "other_languages": tuple(found[1:])}


def _related(cursor: Cursor) -> tuple[RelatedRecording, ...]:
    found = []
    for related in cursor.children("RelatedResource"):
        isrc = _isrc(related)
        relationship = related.child("ResourceRelationshipType")
        if isrc and relationship and (kind := term(relationship)):
            found.append(RelatedRecording(relationship=kind, isrc=isrc))
    return tuple(found)


def _terms(cursors: Sequence[Cursor]) -> tuple[Any, ...]:
    return tuple(found for c in cursors if (found := term(c)))


def _own(cursor: Cursor, main: Cursor, tag: str) -> list[Cursor]:
    return [] if main is cursor else cursor.children(tag)
