"""A NewReleaseMessage of 4.x as release metadata."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from deadwax.domain.identifiers import Isrc
from deadwax.domain.texts import Language
from deadwax.domain.tracks import Track
from deadwax.domain.vocabulary import Compilation, ReleaseType
from deadwax.infrastructure.ern.reading import visibility
from deadwax.infrastructure.ern.reading.cursor import Cursor
from deadwax.infrastructure.ern.reading.deals import DealsRead, Releases, read_deals
from deadwax.infrastructure.ern.reading.four.parties import Parties
from deadwax.infrastructure.ern.reading.four.supplements import supplements
from deadwax.infrastructure.ern.reading.four.titles import titles
from deadwax.infrastructure.ern.reading.four.tracks import (
    read_track_releases,
    read_tracks,
)
from deadwax.infrastructure.ern.reading.groups import MOTION_ART, Places, places
from deadwax.infrastructure.ern.reading.ids import catalogue_number, related_releases, release_ids
from deadwax.infrastructure.ern.reading.lines import genre, rights_line, warnings
from deadwax.infrastructure.ern.reading.people import display_names
from deadwax.infrastructure.ern.reading.profiles import profile
from deadwax.infrastructure.ern.reading.remarks import courtesy_line, remarks, version_types
from deadwax.infrastructure.ern.reading.result import ReleaseRead, release_read, total_length
from deadwax.infrastructure.ern.reading.values import (
    choice,
    day,
    everywhere,
    flag,
    language_of,
    own_language,
    paragraph,
)

RECORDINGS = ("SoundRecording", "Video")
_COMPILATIONS = {
    "IsSingleArtistCompilation": Compilation.SINGLE_ARTIST,
    "IsCompilation": Compilation.SINGLE_ARTIST,  # up to 4.1.1
    "IsMultiArtistCompilation": Compilation.MULTI_ARTIST,
}


def read_release(message: Cursor) -> ReleaseRead:
    """The release of the message; a second one is no part of 4.x, and stays unread."""
    release = next(iter(message.at("ReleaseList/Release")), None)
    if release is None:
        return ReleaseRead()
    fields: dict[str, Any] = {"language": _language(message, release)}
    parties = Parties(message)
    resources = {_reference(r): r for r in message.at("ResourceList/*")}
    recordings = {key: r for key, r in resources.items() if _is_recording(r)}
    where = places(release.child("ResourceGroup"), recordings)
    label = parties.label(release.children("ReleaseLabelReference"))
    fields |= _fields(release, parties) | profile(message)
    fields |= {"label": label.name if label else None, "disc_titles": tuple(where.disc_titles)}

    tracks, files = read_tracks(where, recordings, parties)
    singles = {
        c.raw.strip(): single
        for single in message.at("ReleaseList/TrackRelease")
        for c in single.children("ReleaseResourceReference")
    }
    release_id = fields["icpn"] or fields["grid"]
    tracks = read_track_releases(singles, where, tracks, parties, label, release_id)
    fields["tracks"] = tracks = _with_genre(tracks, where, singles, fields)
    total_length(release, tracks)

    isrcs = {item.reference: t.isrc for item, t in zip(where.items, tracks, strict=True)}
    linked = where.linked(resources, recordings)
    attached = supplements(linked, _owners(where, isrcs), fields, parties)
    fields |= {"cover_id": attached.cover_id, "attachments": attached.attachments}

    offered = _deals(message, release, singles, isrcs)
    fields["deals"] = offered.deals
    where.hold_instant(isrcs, {i.isrc for d in offered.deals for i in d.instant_gratification})
    fields["visibility"] = visibility.of_composites(message, release) or visibility.of_deals(
        message, _reference(release)
    )
    for reference in release.children("ReleaseReference"):
        reference.hold()
    return release_read(release, fields, label, (*files, *attached.files), offered)


def _with_genre(
    tracks: Sequence[Track], where: Places, singles: Collection[str], release: Mapping[str, Any]
) -> tuple[Track, ...]:
    """A track without a release of its own is of the genre of the release."""
    genre, sub_genre = release.get("genre"), release.get("sub_genre")
    return tuple(
        track if place.reference in singles else replace(track, genre=genre, sub_genre=sub_genre)
        for place, track in zip(where.items, tracks, strict=True)
    )


def _owners(where: Places, isrcs: Mapping[str, Isrc | None]) -> dict[str, Isrc | None]:
    """The ISRC of the recording that each linked resource belongs to."""
    return {link: isrcs.get(to or "") for link, to in where.links.items()}


def _language(message: Cursor, release: Cursor) -> Language | None:
    """The release's own language counts; it is rebuilt as that of the message."""
    own, general = language_of(release), language_of(message)
    found = own or general
    if found != general:
        message.rebuilt(found, "LanguageAndScriptCode")
    message.speaks(found)
    return found


def _is_recording(resource: Cursor) -> bool:
    kind = resource.child("Type")
    is_art = kind is not None and kind.raw.strip() in MOTION_ART
    return resource.name in RECORDINGS and not is_art


def _fields(release: Cursor, parties: Parties) -> dict[str, Any]:
    artists = parties.artists(release.children("DisplayArtist"))
    synopsis = everywhere(release.children("Synopsis"))
    if synopsis is not None:
        own_language(synopsis)
    return {
        **titles(release),
        **release_ids(release.children("ReleaseId")),
        **warnings(release.children("ParentalWarningType")),
        "type": _type(release),
        "catalogue_number": catalogue_number(release.children("ReleaseId")),
        "version_types": version_types(release),
        "artists": artists,
        "artist_names": display_names(release.children("DisplayArtistName"), artists),
        "compilation": _compilation(release),
        **genre(release),
        "p_line": rights_line(release.children("PLine")),
        "c_line": rights_line(release.children("CLine")),
        "courtesy_line": courtesy_line(release),
        "release_date": day(everywhere(release.children("ReleaseDate"))),
        "original_release_date": day(everywhere(release.children("OriginalReleaseDate"))),
        "related": related_releases(release.children("RelatedRelease")),
        **remarks(release),
        "synopsis": paragraph(synopsis),
    }


def _type(release: Cursor) -> ReleaseType | None:
    """The first that is a release of music; the others stay unread."""
    known = {t.value for t in ReleaseType}
    listed = release.children("ReleaseType")
    return choice(next((c for c in listed if c.raw.strip() in known), None), ReleaseType)


def _compilation(release: Cursor) -> Compilation | None:
    for tag, kind in _COMPILATIONS.items():
        stated = release.child(tag)
        if flag(stated):
            return kind
        if stated is not None:
            stated.rebuilt(None)
    return None


def _deals(
    message: Cursor,
    release: Cursor,
    singles: Mapping[str, Cursor],
    isrcs: Mapping[str, Isrc | None],
) -> DealsRead:
    recorded = {key: isrc for key, isrc in isrcs.items() if isrc}
    tracks = {_reference(s): recorded[key] for key, s in singles.items() if key in recorded}
    return read_deals(message, Releases(_reference(release), tracks, recorded))


def _reference(cursor: Cursor) -> str:
    found = cursor.child("ResourceReference", "ReleaseReference")
    return found.raw.strip() if found else ""
