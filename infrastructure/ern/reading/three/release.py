"""A NewReleaseMessage of 3.8.x as release metadata."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any

from deadwax.application.imported import StatedFile
from deadwax.domain.identifiers import Isrc
from deadwax.domain.tenant import Label
from deadwax.domain.texts import Language, Name
from deadwax.domain.tracks import RightsLine, Track
from deadwax.domain.vocabulary import Compilation, ReleaseType
from deadwax.infrastructure.ern.reading import visibility
from deadwax.infrastructure.ern.reading.cursor import Cursor
from deadwax.infrastructure.ern.reading.deals import Releases, read_deals
from deadwax.infrastructure.ern.reading.groups import MOTION_ART, Places, places
from deadwax.infrastructure.ern.reading.ids import catalogue_number, related_releases, release_ids
from deadwax.infrastructure.ern.reading.lines import genre, rights_line
from deadwax.infrastructure.ern.reading.people import display_names
from deadwax.infrastructure.ern.reading.profiles import old_profile
from deadwax.infrastructure.ern.reading.remarks import courtesy_line, remarks, version_types
from deadwax.infrastructure.ern.reading.result import ReleaseRead, release_read, total_length
from deadwax.infrastructure.ern.reading.three.parties import artists
from deadwax.infrastructure.ern.reading.three.recordings import recording, with_names
from deadwax.infrastructure.ern.reading.three.supplements import supplements
from deadwax.infrastructure.ern.reading.three.territories import Details, held_statements
from deadwax.infrastructure.ern.reading.three.titles import titles
from deadwax.infrastructure.ern.reading.three.track_releases import hold_track_release
from deadwax.infrastructure.ern.reading.values import (
    choice,
    day,
    flag,
    language_of,
    name,
    paragraph,
)

RECORDINGS = ("SoundRecording", "Video")
_INCENTIVES = "PreOrderIncentiveResourceList/DealResourceReference"


def read_release(message: Cursor) -> ReleaseRead:
    """The main release of the message, with its track releases; others stay unread."""
    releases = message.at("ReleaseList/Release")
    release = next((r for r in releases if r.get("IsMainRelease") in ("true", "1")), None)
    release = release or next(iter(releases), None)
    if release is None:
        return ReleaseRead()
    release.attribute("IsMainRelease")
    _hold_indicator(message)
    fields: dict[str, Any] = {"language": _language(message)}
    details = Details(release.children("ReleaseDetailsByTerritory"))
    label = _label(details)
    fields |= _fields(release, details) | old_profile(message)
    fields["label"] = label.name if label else None

    resources = {_reference(r): r for r in message.at("ResourceList/*")}
    recordings = {key: r for key, r in resources.items() if _is_recording(r)}
    where = places(details.child("ResourceGroup"), recordings)
    _hold_listed(release, resources, where)
    singles = {key: s for s in releases if s is not release for key in _primary(s)}
    held = held_statements(release, details.general)
    tracks, files = _tracks(where, recordings, singles, held)
    tracks = _with_c_lines(tracks, where, singles, fields["c_line"])
    isrcs = {item.reference: t.isrc for item, t in zip(where.items, tracks, strict=True)}
    tracks = _with_incentives(message, tracks, isrcs)
    total_length(release, tracks)
    fields |= {"tracks": tracks, "disc_titles": tuple(where.disc_titles)}

    linked = where.linked(resources, recordings)
    owners = {link: isrcs.get(to or "") for link, to in where.links.items()}
    attached = supplements(linked, owners, fields["icpn"] or fields["grid"])
    fields |= {"cover_id": attached.cover_id, "attachments": attached.attachments}

    recorded = {key: isrc for key, isrc in isrcs.items() if isrc}
    numbered = {_reference(s): recorded[key] for key, s in singles.items() if key in recorded}
    offered = read_deals(message, Releases(_reference(release), numbered, recorded))
    where.hold_instant(isrcs, {i.isrc for d in offered.deals for i in d.instant_gratification})
    fields["deals"] = offered.deals
    fields["visibility"] = visibility.of_deals(message, _reference(release))
    for reference in release.children("ReleaseReference"):
        reference.hold()
    details.hold_repeats()
    return release_read(release, fields, label, (*files, *attached.files), offered)


def _language(message: Cursor) -> Language | None:
    found = language_of(message)
    message.speaks(found)
    return found


def _hold_indicator(message: Cursor) -> None:
    """Whether it is an update shows when it is sent."""
    for indicator in message.children("UpdateIndicator"):
        indicator.hold()


def _label(details: Details) -> Label | None:
    """The first; others stay unread. 3.8.x gives labels no identifiers."""
    shown: Name | None = name(details.child("LabelName"))
    return Label(name=shown) if shown else None


def _fields(release: Cursor, details: Details) -> dict[str, Any]:
    general = details.general
    listed = artists(details.children("DisplayArtist"))
    ids = release.children("ReleaseId")
    return {
        **titles(release, details),
        **release_ids(ids),
        **details.warnings(),
        "type": _type(release),
        "catalogue_number": catalogue_number(ids),
        "version_types": version_types(general),
        "artists": listed,
        "artist_names": display_names(details.children("DisplayArtistName"), listed),
        "compilation": _compilation(details),
        **(genre(general) if general else {}),
        "p_line": rights_line([*release.children("PLine"), *details.children("PLine")][:1]),
        "c_line": rights_line([*release.children("CLine"), *details.children("CLine")][:1]),
        "courtesy_line": courtesy_line(general),
        "release_date": day(details.child("ReleaseDate") or release.child("GlobalReleaseDate")),
        "original_release_date": _original_date(release, details),
        "related": related_releases(details.children("RelatedRelease")),
        **remarks(general),
        "synopsis": paragraph(details.child("Synopsis")),
    }


def _original_date(release: Cursor, details: Details) -> Any:
    own, world = details.child("OriginalReleaseDate"), release.child("GlobalOriginalReleaseDate")
    if own is None and world is not None:
        world.changed("It is rebuilt as OriginalReleaseDate.")
    return day(own or world)


def _type(release: Cursor) -> ReleaseType | None:
    """The first that is a release of music; the others stay unread."""
    known = {t.value for t in ReleaseType}
    listed = release.children("ReleaseType")
    return choice(next((c for c in listed if c.raw.strip() in known), None), ReleaseType)


def _compilation(details: Details) -> Compilation | None:
    several = details.child("IsMultiArtistCompilation")
    if flag(several):
        return Compilation.MULTI_ARTIST
    if flag(details.child("IsSingleArtistCompilation")):
        if several is not None:
            several.hold()
        return Compilation.SINGLE_ARTIST
    if several is not None:
        several.rebuilt(None)
    return None


def _is_recording(resource: Cursor) -> bool:
    kind = resource.child("VideoType")
    is_art = kind is not None and kind.raw.strip() in MOTION_ART
    return resource.name in RECORDINGS and not is_art


def _tracks(
    where: Places,
    recordings: Mapping[str, Cursor],
    singles: Mapping[str, Cursor],
    main: AbstractSet[object],
) -> tuple[tuple[Track, ...], tuple[StatedFile, ...]]:
    editions = {to: recordings[link] for link, to in where.links.items() if link in recordings}
    tracks: list[Track] = []
    files: list[StatedFile] = []
    for i, place in enumerate(where.items):
        cursor, single = recordings[place.reference], singles.get(place.reference)
        read = recording(cursor, editions.get(place.reference))
        own = Details(single.children("ReleaseDetailsByTerritory")) if single else None
        fields = with_names(read, own.children("DisplayArtistName") if own else [])
        track = Track(disc=place.disc, number=place.number, **{**fields, **place.flags})
        if single is not None and own is not None:
            hold_track_release(single, own, track, cursor, read.details, main)
        tracks.append(track)
        files += [replace(file, field=f"tracks[{i}].{file.field}") for file in read.files]
    return tuple(tracks), tuple(files)


def _with_c_lines(
    tracks: Sequence[Track],
    where: Places,
    singles: Mapping[str, Cursor],
    shared: RightsLine | None,
) -> tuple[Track, ...]:
    """A recording may have none: then its track release has it, or repeats that of the
    release, which is `shared`."""
    found = []
    for place, track in zip(where.items, tracks, strict=True):
        single = singles.get(place.reference)
        line = rights_line(single.children("CLine")) if single else None
        is_own = track.c_line is None and line is not None and line != shared
        found.append(replace(track, c_line=line) if is_own else track)
    return tuple(found)


def _with_incentives(
    message: Cursor, tracks: Sequence[Track], isrcs: Mapping[str, Isrc | None]
) -> tuple[Track, ...]:
    """The deals list the tracks that come with a pre-order."""
    listed = set()
    for terms in message.at("DealList/ReleaseDeal/Deal/DealTerms"):
        for reference in terms.at(_INCENTIVES):
            if isrcs.get(reference.raw.strip()):
                listed.add(isrcs[reference.text])
    return tuple(replace(t, pre_order_incentive=True) if t.isrc in listed else t for t in tracks)


def _primary(single: Cursor) -> list[str]:
    """The recording of a track release."""
    listed = single.at("ReleaseResourceReferenceList/ReleaseResourceReference")
    first = [c.raw.strip() for c in listed if c.get("ReleaseResourceType") != "SecondaryResource"]
    return first[:1]


def _hold_listed(release: Cursor, resources: Mapping[str, Cursor], where: Places) -> None:
    """The list of resources is made again from those that have a place."""
    placed = {item.reference for item in where.items} | where.links.keys()
    for reference in release.at("ReleaseResourceReferenceList/ReleaseResourceReference"):
        if reference.raw.strip() in placed:
            reference.hold("ReleaseResourceType")


def _reference(cursor: Cursor) -> str:
    found = cursor.child("ResourceReference", "ReleaseReference")
    return found.raw.strip() if found else ""
