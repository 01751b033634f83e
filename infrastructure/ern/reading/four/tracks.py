"""Tracks of a 4.x release: recordings at their places, with what their track releases add."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from deadwax.application.imported import Fate, StatedFile
from deadwax.domain.tenant import Label
from deadwax.domain.tracks import Track
from deadwax.infrastructure.ern.reading.cursor import Cursor
from deadwax.infrastructure.ern.reading.four.parties import Parties
from deadwax.infrastructure.ern.reading.four.recordings import recording
from deadwax.infrastructure.ern.reading.four.titles import same_titles
from deadwax.infrastructure.ern.reading.groups import Places
from deadwax.infrastructure.ern.reading.lines import genre
from deadwax.infrastructure.ern.reading.remarks import remarks


def read_tracks(
    places: Places, recordings: Mapping[str, Cursor], parties: Parties
) -> tuple[tuple[Track, ...], tuple[StatedFile, ...]]:
    """In their order, and the files that they name."""
    tracks, files = [], []
    editions = {to: recordings[link] for link, to in places.links.items() if link in recordings}
    for i, place in enumerate(places.items):
        cursor = recordings[place.reference]
        read = recording(cursor, editions.get(place.reference), parties)
        if (own := cursor.child("ResourceReference")) is not None:
            own.hold()
        tracks.append(Track(disc=place.disc, number=place.number, **{**read.fields, **place.flags}))
        files += [replace(file, field=f"tracks[{i}].{file.field}") for file in read.files]
    return tuple(tracks), tuple(files)


def read_track_releases(
    releases: Mapping[str, Cursor],
    places: Places,
    tracks: tuple[Track, ...],
    parties: Parties,
    label: Label | None,
    release_id: str | None,
) -> tuple[Track, ...]:
    """The tracks with genre, keywords and comment of their track releases (`releases` by the
    reference of the recording). What repeats the recording or the release is marked as held."""
    read: dict[str, dict[str, Any]] = {}
    found = []
    for place, track in zip(places.items, tracks, strict=True):
        reference, release = place.reference, releases.get(place.reference)
        if release is not None and reference not in read:
            read[reference] = _fields(release, track, release_id)
            parties.is_same(release.children("ReleaseLabelReference"), label)
        found.append(replace(track, **read.get(reference, {})))
    return tuple(found)


def _fields(release: Cursor, track: Track, release_id: str | None) -> dict[str, Any]:
    for pointer in release.children("ReleaseReference", "ReleaseResourceReference"):
        pointer.hold()
    _ids(release, track, release_id)
    same_titles(release, track.title, track.version)
    return {**genre(release), **remarks(release)}


def _ids(release: Cursor, track: Track, release_id: str | None) -> None:
    """A track release is identified by release and recording; that is made again."""
    for isrc in release.at("ReleaseId/ISRC"):
        isrc.rebuilt(track.isrc)
    expected = f"{release_id}_{track.isrc}" if release_id and track.isrc else None
    for own in release.at("ReleaseId/ProprietaryId"):
        own.rebuilt(expected)
        if own.raw.strip() == expected:
            own.attribute("Namespace")
        else:
            own.note(Fate.CHANGED, "It is rebuilt as the sender's.", "Namespace")
