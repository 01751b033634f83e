"""Which codes a release lacks, which it bears, and putting new ones in their places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from deadwax.domain.code_range import CodeKind
from deadwax.domain.identifiers import Icpn, Isrc
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.tracks import Track

OF_RELEASE = "icpn"


def place(track: Track) -> str:
    return f"{track.disc}/{track.number}"


def lacking(release: ReleaseMetadata, kind: CodeKind) -> list[str]:
    """The places without a code of this kind: "icpn", or "<disc>/<number>" of tracks."""
    if kind is CodeKind.ICPN:
        return [] if release.icpn else [OF_RELEASE]
    return [place(track) for track in release.in_order() if not track.isrc]


def borne(release: ReleaseMetadata) -> Mapping[CodeKind, list[str]]:
    """The codes of the release and of its own recordings."""
    editions = (track.immersive for track in release.tracks if track.immersive)
    isrcs = [track.isrc for track in release.tracks if track.isrc]
    return {
        CodeKind.ISRC: [*isrcs, *(edition.isrc for edition in editions)],
        CodeKind.ICPN: [release.icpn] if release.icpn else [],
    }


def filled(release: ReleaseMetadata, codes: Mapping[str, str]) -> ReleaseMetadata:
    """The release with `codes` in the places named."""
    tracks = tuple(
        replace(track, isrc=Isrc(codes[place(track)])) if place(track) in codes else track
        for track in release.tracks
    )
    icpn = Icpn(codes[OF_RELEASE]) if OF_RELEASE in codes else release.icpn
    return replace(release, icpn=icpn, tracks=tracks)
