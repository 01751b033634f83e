"""The ReleaseList: the release and, unless it is a simple single, one release per track."""

from __future__ import annotations

from itertools import groupby

from deadwax.application.messages import MessageSpec
from deadwax.infrastructure.ern import display
from deadwax.infrastructure.ern.contents_old import Contents, Recording, is_simple_single
from deadwax.infrastructure.ern.parties import LABEL, Parties
from deadwax.infrastructure.ern.xml import Element, maybe, tag

MAIN = "R0"


def release_list(spec: MessageSpec, contents: Contents, parties: Parties) -> Element:
    tracks = () if is_simple_single(spec.release) else contents.recordings
    return tag(
        "ReleaseList",
        _release(spec, contents, parties),
        *(_track_release(recording, spec) for recording in tracks),
    )


def _release(spec: MessageSpec, contents: Contents, parties: Parties) -> Element:
    release = spec.release
    return tag(
        "Release",
        tag("ReleaseReference", MAIN),
        tag("ReleaseType", release.type),
        tag(
            "ReleaseId",
            maybe("GRid", release.grid),
            tag("ICPN", release.icpn),
            maybe("CatalogNumber", release.catalogue_number, Namespace=spec.sender.dpid),
        ),
        *display.titles(release.title, release.version, release.titles),
        *display.artists(release.artists, parties),
        tag("ReleaseLabelReference", LABEL, **display.WORLD),
        display.p_line(release.p_line),
        display.c_line(release.c_line),
        tag("Duration", display.duration(sum(r.seconds for r in contents.recordings))),
        tag(
            "Genre",
            tag("GenreText", release.genre),
            maybe("SubGenre", release.sub_genre),
            **display.WORLD,
        ),
        tag("ReleaseDate", release.release_date, **display.DEFAULT),
        tag("OriginalReleaseDate", release.original_release_date, **display.DEFAULT),
        tag("ParentalWarningType", release.parental_warning),
        _resource_group(spec, contents),
    )


def _resource_group(spec: MessageSpec, contents: Contents) -> Element:
    """One Component per disc and the cover linked to the whole; a simple single has one group
    with one item to which the cover is linked (Release Profiles 8.1)."""
    cover = tag(
        "LinkedReleaseResourceReference", contents.cover.reference, LinkDescription="CoverArt"
    )
    if is_simple_single(spec.release):
        return tag("ResourceGroup", _item(contents.recordings[0], cover))
    discs = (
        tag(
            "ResourceGroup",
            tag("SequenceNumber", disc),
            *(_item(recording) for recording in recordings),
            ResourceGroupType="Component",
        )
        for disc, recordings in groupby(contents.recordings, key=lambda r: r.track.disc)
    )
    return tag("ResourceGroup", *discs, cover)


def _item(recording: Recording, cover: Element | None = None) -> Element:
    return tag(
        "ResourceGroupContentItem",
        tag("SequenceNumber", recording.track.number),
        tag("ReleaseResourceReference", recording.reference),
        cover,
    )


def _track_release(recording: Recording, spec: MessageSpec) -> Element:
    """Titles are those of the recording, and so not repeated (Release Profiles 9)."""
    track = recording.track
    id = f"{spec.release.icpn}_{track.isrc}"
    return tag(
        "TrackRelease",
        tag("ReleaseReference", recording.track_release),
        tag("ReleaseId", tag("ProprietaryId", id, Namespace=spec.sender.dpid)),
        tag("ReleaseResourceReference", recording.reference),
        tag("ReleaseLabelReference", LABEL, **display.WORLD),
        tag("Genre", tag("GenreText", track.genre), **display.WORLD),
    )
