"""What the release profiles of DDEX ask of a message, as far as it is checked."""

from __future__ import annotations

from dataclasses import dataclass

from deadwax.infrastructure.ern.checks.names import names

_SOUND = frozenset({"SoundRecording"})
_VIDEO = frozenset({"Video"})
_FRONT = frozenset({"FrontCoverImage"})
_FRONT_OR_SCREEN = frozenset({"FrontCoverImage", "VideoScreenCapture"})


@dataclass(frozen=True)
class Profile:
    """`primary`: the resources that it plays. `covers`: one image of these types is needed.
    `tracks`: each primary resource has a track release. `single`: it plays exactly one.
    `isrc`: primary resources need an ISRC; where not, a ProprietaryId does."""

    primary: frozenset[str]
    covers: frozenset[str] = frozenset()
    tracks: bool = False
    single: bool = False
    isrc: bool = True


_AUDIO = Profile(_SOUND, covers=_FRONT, tracks=True)
_VIDEOS = Profile(_VIDEO, tracks=True)
_MIXED = Profile(_SOUND | _VIDEO, covers=_FRONT, tracks=True)
_RINGTONE = Profile(_SOUND | _VIDEO, isrc=False)
_LONG_FORM = Profile(_VIDEO, isrc=False)
_ONE_VIDEO = Profile(_VIDEO, covers=_FRONT_OR_SCREEN, single=True)

PROFILES: dict[str, Profile] = {
    # ERN 4.x: Release Profiles 2.1 and later
    "Audio": _AUDIO,
    "Video": _VIDEOS,
    "MixedMedia": _MIXED,
    "SimpleAudioSingle": Profile(_SOUND, covers=_FRONT, single=True),
    "SimpleVideoSingle": _ONE_VIDEO,
    "LongFormMusicalWorkVideo": _LONG_FORM,
    "DjMix": _AUDIO,
    # ERN 3.8.x: Release Profiles 1.3 and 1.4
    "AudioSingle": _AUDIO,
    "AudioAlbum": _AUDIO,
    "AudioAlbumMusicOnly": _AUDIO,
    "ClassicalAudioAlbum": _AUDIO,
    "VideoSingle": _VIDEOS,
    "VideoAlbum": _VIDEOS,
    "MixedMediaBundle": _MIXED,
    "DigitalBoxedSet": _MIXED,
    "LongformMusicVideo": _LONG_FORM,
    # Both
    "Ringtone": _RINGTONE,
}

UNCHECKED = names(
    """
    MidiRingtone SingleResourceRelease TVSeriesRelease FilmBundleRelease WallpaperRelease
    SingleResourceReleasewithCover AudioBook
    """
)
"""Profiles of 3.8.x that are known by name only."""

PREFIXES = ("CommonReleaseTypes/14/", "CommonReleaseTypes/13/")
"""What stands before the name in 3.8.x."""


def profile_of(stated: str) -> Profile | None:
    """By the value of ReleaseProfileVersionId. Of 3.8.x the name after the last slash counts."""
    return PROFILES.get(stated.rpartition("/")[2])
