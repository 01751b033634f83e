"""Tracks of a 4.x release: recordings at their places, with what their track releases add."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from deadwax.application.imported import Fate, StatedFile
from deadwax.domain.identifiers import Icpn
from deadwax.domain.tenant import Label
from deadwax.domain.tracks import Track
from deadwax.infrastructure.ern.reading.cursor import Cursor
from deadwax.infrastructure.ern.reading.four.groups import Places
from deadwax.infrastructure.ern.reading.four.parties import Parties
from deadwax.infrastructure.ern.reading.four.recordings import recording
from deadwax.infrastructure.ern.reading.four.titles import same_titles
from deadwax.infrastructure.ern.reading.lines import genre
from deadwax.infrastructure.ern.reading.values import everywhere, name, own_language, worldwide


def read_tracks(
    places: Places, recordings: Mapping[str, Cursor], parties: Parties
) -> tuple[tuple[Track, ...], tuple[StatedFile, ...]]:
    """In their order, and the files that they name."""
    tracks, files = [], []
    for i, (reference, disc, number, flags) in enumerate(places.items):
        cursor = recordings[reference]
        read = recording(cursor, parties)
        if (own := cursor.child("ResourceReference")) is not None:
            own.hold()
        hidden = flags.pop("hidden") or read.hidden
        tracks.append(Track(disc=disc, number=number, hidden=hidden, **flags, **read.fields))
        files += [
            replace(file, field=f"tracks[{i}].{file.field}")
            for file in (read.file, read.immersive_file)
            if file is not None
        ]
    return tuple(tracks), tuple(files)


def read_track_releases(
    releases: Mapping[str, Cursor],
    places: Places,
    tracks: tuple[Track, ...],
    parties: Parties,
    label: Label | None,
    icpn: Icpn | None,
) -> tuple[Track, ...]:
    """The tracks with genre, keywords and comment of their track releases (`releases` by the
    reference of the recording). What repeats the recording or the release is marked as held."""
    read: dict[str, dict[str, Any]] = {}
    found = []
    for (reference, *_), track in zip(places.items, tracks, strict=True):
        release = releases.get(reference)
        if release is not None and reference not in read:
            read[reference] = _fields(release, track, icpn)
            parties.is_same(release.children("ReleaseLabelReference"), label)
        found.append(replace(track, **read.get(reference, {})))
    return tuple(found)


def _fields(release: Cursor, track: Track, icpn: Icpn | None) -> dict[str, Any]:
    for pointer in release.children("ReleaseReference", "ReleaseResourceReference"):
        pointer.hold()
    _ids(release, track, icpn)
    same_titles(release, track.title, track.version)
    return {**genre(release), **comments(release)}


def comments(holder: Cursor) -> dict[str, Any]:
    """`keywords` and `marketing_comment`."""
    keywords = []
    for cursor in holder.children("Keywords"):
        if (text := name(cursor)) is not None:
            worldwide(cursor)
            own_language(cursor)
            keywords.append(text)
    comment = everywhere(holder.children("MarketingComment"))
    if comment is not None:
        own_language(comment)
    return {"keywords": tuple(keywords), "marketing_comment": name(comment)}


def _ids(release: Cursor, track: Track, icpn: Icpn | None) -> None:
    """A track release is identified by release and recording; that is made again."""
    for isrc in release.at("ReleaseId/ISRC"):
        isrc.rebuilt(track.isrc)
    for own in release.at("ReleaseId/ProprietaryId"):
        own.rebuilt(f"{icpn}_{track.isrc}" if icpn else None)
        if own.raw.strip() == f"{icpn}_{track.isrc}":
            own.attribute("Namespace")
        else:
            own.note(Fate.CHANGED, "It is rebuilt as the sender's.", "Namespace")
