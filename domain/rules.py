"""What a release must have before any DSP may hear of it; one function per subject.

Nothing is filled in: what is missing is named, with the fix.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from deadwax.domain import profiles
from deadwax.domain.assets import DOLBY_ATMOS, AssetFacts
from deadwax.domain.deal_rules import deal_problems
from deadwax.domain.errors import Problem
from deadwax.domain.media_rules import media_problems
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.parties import Artist
from deadwax.domain.tracks import Track
from deadwax.domain.vocabulary import ArtistRole, ReleaseType

Assets = Mapping[str, AssetFacts]

_REQUIRED_OF_RELEASE = {
    "icpn": "Give the barcode (UPC or EAN) of the release.",
    "type": "Say whether it is an Album, an EP or a Single.",
    "label": "Name one of the tenant's labels.",
    "genre": "Give the main genre.",
    "p_line": "Give the year and owner of the recordings.",
    "c_line": "Give the year and owner of the artwork and texts.",
    "release_date": "Give the release date.",
    "original_release_date": "Give the date of the first release; the same if it is new.",
    "parental_warning": "Say whether the release has explicit content.",
    "language": "Give the language of the metadata.",
    "cover": "Upload the front cover and attach it.",
}
_REQUIRED_OF_TRACK = {
    "isrc": "Give the ISRC of the recording.",
    "title": "Give the title.",
    "language": "Give the language of performance; zxx for an instrumental.",
    "instrumental": "Say whether it is an instrumental.",
    "parental_warning": "Say whether the track has explicit content.",
    "p_line": "Give the year and owner of the recording.",
    "genre": "Give the genre of the track.",
    "file": "Upload the audio or video and attach it.",
}


def problems(release: ReleaseMetadata, assets: Assets) -> list[Problem]:
    """All that keeps `release` from being submitted; empty when it is complete.

    `assets` holds the facts of the tenant's assets by SHA-256.
    """
    return [*message_problems(release, assets), *media_problems(release, assets)]


def message_problems(release: ReleaseMetadata, assets: Assets) -> list[Problem]:
    """All that keeps a message from being made of `release`, whatever its files are like: those
    that are delivered may be others than were submitted."""
    return [
        *_missing(release, "", _REQUIRED_OF_RELEASE),
        *_artists(release.artists, "artists"),
        *_tracks(release),
        *profiles.problems(release),
        *_assets(release, assets),
        *_dates(release),
        *deal_problems(release),
    ]


def _missing(thing: object, prefix: str, required: Mapping[str, str]) -> Iterator[Problem]:
    for name, fix in required.items():
        if getattr(thing, name) is None:
            yield Problem(f"{name}_missing", prefix + name, f"{name} is missing.", fix)


def _artists(artists: tuple[Artist, ...], field: str) -> Iterator[Problem]:
    if not any(artist.role is ArtistRole.MAIN for artist in artists):
        yield Problem("main_artist_missing", field, "There is no MainArtist.", "Name at least one.")


def _tracks(release: ReleaseMetadata) -> Iterator[Problem]:
    if not release.tracks:
        yield Problem("tracks_missing", "tracks", "There are no tracks.", "Add the tracks.")
    if release.type is ReleaseType.SINGLE and len(release.tracks) > 6:
        yield Problem(
            "single_too_long",
            "type",
            f"A Single has {len(release.tracks)} tracks.",
            "Call it an EP or an Album.",
        )
    seen: dict[str, str] = {}
    for i, track in enumerate(release.tracks):
        at = f"tracks[{i}]."
        yield from _missing(track, at, _REQUIRED_OF_TRACK)
        yield from _artists(track.artists, at + "artists")
        if track.isrc and track.isrc in seen:
            yield Problem(
                "isrc_twice",
                at + "isrc",
                f"{track.isrc} is also the ISRC of {seen[track.isrc]}.",
                "Give every recording its own ISRC.",
            )
        elif track.isrc:
            seen[track.isrc] = f"tracks[{i}]"
    for i, track in enumerate(release.tracks):
        edition = track.immersive
        if edition is not None and edition.isrc in seen:
            yield Problem(
                "isrc_twice",
                f"tracks[{i}].immersive.isrc",
                f"{edition.isrc} is also the ISRC of {seen[edition.isrc]}.",
                "Give the immersive edition an ISRC of its own.",
            )
        elif edition is not None:
            seen[edition.isrc] = f"tracks[{i}].immersive"
    yield from _sequence(release)


def _sequence(release: ReleaseMetadata) -> Iterator[Problem]:
    discs: dict[int, list[int]] = {}
    for track in release.in_order():
        discs.setdefault(track.disc, []).append(track.number)
    numbers = sorted(discs)
    if numbers and numbers != list(range(1, len(numbers) + 1)):
        yield Problem(
            "disc_sequence", "tracks", f"Discs are numbered {numbers}.", "Number them from 1."
        )
    for disc, tracks in discs.items():
        if tracks != list(range(1, len(tracks) + 1)):
            yield Problem(
                "track_sequence",
                "tracks",
                f"Disc {disc} has tracks {tracks}.",
                "Number the tracks of a disc from 1, without gaps.",
            )


def _assets(release: ReleaseMetadata, assets: Assets) -> Iterator[Problem]:
    for file in release.files():
        facts = assets.get(file.sha256)
        if facts is None:
            said = f"There is no asset {file.sha256[:12]}…."
            yield Problem("asset_unknown", file.field, said, "Upload it first.")
        elif facts.kind is not file.kind:
            said = f"{facts.filename} is not {file.kind.value}."
            yield Problem("asset_kind", file.field, said, "Attach the right file.")
    for field in _without_file(release):
        said = "It has no file."
        yield Problem("file_missing", field, said, "Upload it and attach it, or leave it out.")
    for i, track in enumerate(release.tracks):
        yield from _preview(track, assets, f"tracks[{i}].")
        yield from _formats(track, assets, f"tracks[{i}].")


def _without_file(release: ReleaseMetadata) -> Iterator[str]:
    """What a draft, such as an imported one, may name before its file is there."""
    for i, track in enumerate(release.tracks):
        if track.immersive and track.immersive.audio is None:
            yield f"tracks[{i}].immersive.audio"
    for i, attachment in enumerate(release.attachments):
        if attachment.file is None:
            yield f"attachments[{i}].file"


def _preview(track: Track, assets: Assets, at: str) -> Iterator[Problem]:
    facts = assets.get(track.audio) if track.audio else None
    if not (track.preview_start is not None and facts and facts.audio):
        return
    lasts = facts.audio.duration_ms / 1000
    if track.preview_start >= lasts:
        yield Problem(
            "preview_after_end",
            f"{at}preview_start",
            f"The preview would start after the end ({lasts:.0f} s).",
            "Start it earlier.",
        )
    elif track.preview_length and track.preview_start + track.preview_length > lasts:
        yield Problem(
            "preview_after_end",
            f"{at}preview_length",
            f"The preview would last beyond the end ({lasts:.0f} s).",
            "Make it shorter, or start it earlier.",
        )


def _formats(track: Track, assets: Assets, at: str) -> Iterator[Problem]:
    """Dolby Atmos is the one immersive format that every version of ERN has a word for."""
    plain, edition = assets.get(track.audio or ""), track.immersive
    if plain and plain.audio and plain.audio.immersive:
        yield Problem(
            "immersive_as_track",
            f"{at}audio",
            f"{plain.filename} is an immersive master ({plain.audio.immersive}).",
            "Attach it as the immersive edition of the track, and the stereo file here.",
        )
    master = assets.get(edition.audio or "") if edition else None
    if master and master.audio and master.audio.immersive != DOLBY_ATMOS:
        yield Problem(
            "immersive_format_unknown",
            f"{at}immersive.audio",
            "It is no Dolby Atmos master:"
            f" {master.audio.immersive or 'no immersive format'} was found in the file.",
            "Upload a Dolby Atmos master, or leave the immersive edition out.",
        )


def _dates(release: ReleaseMetadata) -> Iterator[Problem]:
    first, now = release.original_release_date, release.release_date
    if first and now and first > now:
        yield Problem(
            "original_after_release",
            "original_release_date",
            f"The original release date {first} is after the release date {now}.",
            "Give the date of the very first release.",
        )
